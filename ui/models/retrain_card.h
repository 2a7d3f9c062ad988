// What trains now, what waits, and what came of the newest trainings; and the way to ask for one. GUI thread; owned by
// the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

class QPushButton;

namespace qd::ui {

class DataTable;
class OutcomesModel;
class PillButton;
class ProgressCard;
class TextLabel;

/// Asks which model and why, and says what will happen. Of `wished` a single one is chosen at first; of none the first
/// that is due; of several only why: all of them will train.
void askRetrain(const PageContext& context, const console::Models& models, const QStringList& wished, QWidget* window);

class RetrainCard final : public QWidget {
    Q_OBJECT
public:
    explicit RetrainCard(const PageContext& context, QWidget* parent = nullptr);
    void show(const console::LearningSnapshot& learning);
    using QWidget::show;
    void restyle();
    [[nodiscard]] ProgressCard* progress() { return progress_; }
    [[nodiscard]] QPushButton* retrainButton() { return retrain_; }
    [[nodiscard]] OutcomesModel& outcomes() { return *outcomes_; }
    [[nodiscard]] QString queue() const;

Q_SIGNALS:
    void retrainWished();
    /// A version, or a model, of an outcome.
    void opened(const QString& thing);

private:
    const PageContext context_;
    QString running_;
    QStringList waiting_;
    ProgressCard* progress_;
    TextLabel* queue_;
    PillButton* clear_;
    TextLabel* title_;
    OutcomesModel* outcomes_;
    DataTable* table_;
    QPushButton* retrain_;
};

} // namespace qd::ui
