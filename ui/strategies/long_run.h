// A long run over the archive for one strategy, one at a time: replay, noise null or look-ahead test, with progress and
// cancel; a replay shows its figures in a dialog. GUI thread; owned by the detail pane.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

#include <functional>

class QBoxLayout;
class QPushButton;

namespace qd::ui {

class ProgressCard;
class TextLabel;

class LongRun final : public QWidget {
    Q_OBJECT
public:
    explicit LongRun(const PageContext& context, QWidget* parent = nullptr);

    /// Whose buttons these are from now on; a run that is going stays the other's.
    void setStrategy(const QString& strategy);
    /// Other actions, before the buttons; progress and what is told have the whole width under both.
    void putFirst(QWidget* other);
    /// The others left of the buttons, not over them.
    void setBeside(bool isBeside);
    [[nodiscard]] bool isRunning() const { return query_.has_value(); }
    [[nodiscard]] QPushButton* replayButton() { return replay_; }
    [[nodiscard]] QPushButton* nullButton() { return null_; }
    [[nodiscard]] QPushButton* lookAheadButton() { return lookAhead_; }
    [[nodiscard]] const TextLabel* told() const { return told_; }

Q_SIGNALS:
    /// Its figures are stored.
    void nullDone();
    /// What a run found is kept, so that it may be signed off.
    void found();

private:
    void start(console::Query query, const QString& title, std::function<void(const console::Answer&)> done);
    void finish(const console::Answer& answer);
    void tell(const QString& words);
    void showLookAhead(const console::LookAheadFigures& figures);
    void showState();

    const PageContext context_;
    QPushButton* replay_;
    QPushButton* null_;
    QPushButton* lookAhead_;
    ProgressCard* progress_;
    TextLabel* told_;
    QBoxLayout* head_ = nullptr;
    QString strategy_;
    QString title_;
    std::optional<console::QueryId> query_;
    std::function<void(const console::Answer&)> done_;
};

} // namespace qd::ui
