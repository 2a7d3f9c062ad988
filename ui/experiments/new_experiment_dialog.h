// A new experiment: which strategy, which design, what against what, the parameters of B, and, before it may be
// created, how often its gate passes a worse, an equal and a better candidate. GUI thread; deletes itself when it is
// closed.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QDialog>

class QComboBox;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace qd::ui {

class GateRates;
class ParameterForm;
class PillButton;
class TextLabel;

class NewExperimentDialog final : public QDialog {
    Q_OBJECT
public:
    /// `strategy` is chosen at first; empty: the first that runs.
    NewExperimentDialog(const PageContext& context, std::shared_ptr<const console::PaperSnapshot> paper,
                        const QString& strategy, QWidget* parent);
    [[nodiscard]] ParameterForm& form() { return *form_; }
    [[nodiscard]] QPushButton* createButton() { return go_; }
    [[nodiscard]] QLineEdit* reason() { return reason_; }
    [[nodiscard]] QString told() const;
    [[nodiscard]] QString gateText() const;
    void setComparison(governance::Comparison comparison);
    void setDesign(governance::Design design);
    /// Models against models, with this version as B.
    void setChallenger(const QString& version);
    [[nodiscard]] QComboBox* challengers() { return challengers_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* choices(const QString& title, const std::vector<std::pair<QString, QString>>& texts,
                     std::vector<PillButton*>& into, const std::function<void(int)>& chosen);
    void choose();
    void simulate();
    void takeModels(const console::Answer& answer);
    [[nodiscard]] bool asksModel() const;
    void showState();
    void create();
    [[nodiscard]] const console::StrategyRow* row() const;

    const PageContext context_;
    std::shared_ptr<const console::PaperSnapshot> paper_;
    governance::Design design_ = governance::Design::Paired;
    governance::Comparison comparison_ = governance::Comparison::Parameters;
    QComboBox* strategy_;
    std::vector<PillButton*> designs_;
    std::vector<PillButton*> comparisons_;
    ParameterForm* form_;
    QWidget* modelLine_ = nullptr;
    QComboBox* challengers_; // versions that may be B; data: their names
    QString champion_;       // A; empty: none serves
    QString wished_;         // B, before the versions are known
    QScrollArea* area_;
    TextLabel* told_;
    GateRates* gate_;
    QLineEdit* reason_;
    QPushButton* go_;
    trading::ParameterSet inForce_;
};

} // namespace qd::ui
