// What can be done with a version: the primary button is what the evidence supports, all else asks why; the rest is in
// a menu. GUI thread; owned by the detail.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

class QMenu;
class QPushButton;
class QToolButton;

namespace qd::ui {

/// The strategy that decides by models of this family; empty: none does, so two versions are compared in shadow.
[[nodiscard]] QString strategyOf(learning::Family family);
/// The running experiment in which this version is B; null: none.
[[nodiscard]] const console::ExperimentRow* experimentOf(const std::vector<console::ExperimentRow>& rows,
                                                         const governance::ModelRecord& record);

class ModelActions final : public QWidget {
    Q_OBJECT
public:
    explicit ModelActions(const PageContext& context, QWidget* parent = nullptr);
    /// `champion`: the name of the one that serves now; empty: none. `experiment` may be null.
    void show(const console::ModelDetail& detail, const QString& champion, const console::ExperimentRow* experiment);
    using QWidget::show;
    void setStage(governance::ModelStage to);
    void exportModel();
    void importModel();

    [[nodiscard]] QPushButton* experimentButton() { return experiment_; }
    [[nodiscard]] QPushButton* promoteButton() { return promote_; }
    [[nodiscard]] QPushButton* signOffButton() { return signOff_; }
    [[nodiscard]] QMenu* menu() const;
    /// Where to write to, and what to read; tests put their own.
    std::function<QString(const QString& proposed)> askSave;
    std::function<QString()> askOpen;

Q_SIGNALS:
    void experimentWished(const QString& version);
    void auditWished();
    void told(const QString& sentence, bool isBad);

private:
    void showState();
    void fillMenu();
    void promote();
    void startExperiment();
    void write(const QString& path, const console::ModelBytes& bytes);
    [[nodiscard]] QString version() const;
    [[nodiscard]] bool isFormer() const;
    [[nodiscard]] QString consequences(governance::ModelStage to) const;

    const PageContext context_;
    std::optional<console::ModelDetail> detail_;
    QString champion_;
    std::optional<console::ExperimentRow> running_;
    QPushButton* experiment_;
    QPushButton* promote_;
    QPushButton* signOff_;
    QToolButton* menu_;
};

} // namespace qd::ui
