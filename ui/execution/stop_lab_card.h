// The stop lab: choose a strategy, run, and see past entries under other stops and targets, with what the best cell of
// the older half did on the newer one. GUI thread; owned by the Execution page. Remembers strategy and figure; a result
// stays until the next run.
#pragma once

#include "ui/execution/heat_map.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

class QComboBox;
class QPushButton;
class QStackedWidget;

namespace qd::ui {

class EmptyState;
class PillButton;
class ProgressCard;

/// What the best cell of the older half came to on the newer: two sentences.
[[nodiscard]] QString labVerdict(const console::StopLab& lab);

class StopLabCard final : public Card {
    Q_OBJECT
public:
    StopLabCard(const PageContext& context, QWidget* parent);

    void setStrategies(const QStringList& names);
    void run();
    void cancel();
    [[nodiscard]] bool isRunning() const { return running_.has_value(); }
    [[nodiscard]] HeatMap* map() { return map_; }
    [[nodiscard]] QString verdict() const { return verdict_->text(); }

private:
    QWidget* buildResult();
    QWidget* buildStart();
    void chooseFigure(int figure);
    void showProgress(double fraction, const QString& phase);
    void take(const console::Answer& answer);
    void showLab(std::shared_ptr<const console::StopLab> lab);
    void showFailure(const QString& sentence);
    void showIdle();

    const PageContext context_;
    QComboBox* strategy_;
    QPushButton* run_;
    QStackedWidget* stack_;
    EmptyState* empty_ = nullptr;
    TextLabel* failure_ = nullptr;
    ProgressCard* progress_ = nullptr;
    HeatMap* map_ = nullptr;
    TextLabel* verdict_ = nullptr;
    std::vector<PillButton*> figures_;
    std::shared_ptr<const console::StopLab> lab_;
    QString asked_; // strategy of the run
    QString shown_; // and of the result
    std::optional<console::QueryId> running_;
};

} // namespace qd::ui
