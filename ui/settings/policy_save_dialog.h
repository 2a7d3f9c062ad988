// Before values of the policy are saved: what changes, which deadlocks come of it at the present rate of trades, and,
// where the rules of experiments change, how often their gate passes a worse, an equal and a better candidate; where
// the retention of ticks does, what it would free. Then a reason. GUI thread; deletes itself when it is closed.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QDialog>

class QLineEdit;
class QPushButton;
class QSpinBox;

namespace qd::ui {

class GateRates;
class TextLabel;

class PolicySaveDialog final : public QDialog {
    Q_OBJECT
public:
    /// `edited`: legal values by name.
    PolicySaveDialog(const PageContext& context, const console::PolicyView& view, const console::PaperSnapshot& paper,
                     std::map<std::string, std::string> edited, QWidget* parent);
    [[nodiscard]] QString deadlockText() const;
    [[nodiscard]] QString gateText() const;
    /// What the retention of ticks would free; empty where that does not change.
    [[nodiscard]] QString retentionText() const;
    [[nodiscard]] QPushButton* saveButton() { return go_; }
    /// Planned nights of looking, of the simulated gate.
    [[nodiscard]] QSpinBox* looksBox() { return looks_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void takeRates(const console::Answer& answer);
    void simulate();
    void previewRetention();
    void showState();
    void save();

    const PageContext context_;
    const std::map<std::string, std::string> edited_;
    base::PolicyValues before_;
    base::PolicyValues after_;
    std::optional<base::UtcMs> since_;
    const bool isOfExperiments_;
    TextLabel* deadlocks_;
    TextLabel* retention_;
    bool isRetentionKnown_ = true; // it is no part of what changes, or was told
    GateRates* gate_;
    QWidget* looksLine_;
    QSpinBox* looks_;
    std::string busiest_; // whose trades are drawn from; empty: nobody traded, or it is not known yet
    QLineEdit* reason_;
    QPushButton* go_;
};

/// What a retention of ticks would do, in sentences.
[[nodiscard]] QString retentionWords(const health::RetentionPreview& preview);

/// Deadlocks that the values bring and that were none before, by strategy; `tradesPerDay` of each.
[[nodiscard]] QStringList newDeadlocks(const std::map<std::string, double>& tradesPerDay,
                                       const base::PolicyValues& before, const base::PolicyValues& after);

} // namespace qd::ui
