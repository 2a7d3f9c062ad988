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

/// What a cell would make of a strategy's parameters: its stop and target in ATR, scaled as the cell's distances are to
/// those traded now, to two decimals and within their legal range.
struct LabSetting {
    std::string parameters; // ParameterSet::text()
    std::string former;
    double stop = 0; // ATR
    double target = 0;
    double formerStop = 0;
    double formerTarget = 0;
};
/// Empty where there is no such cell, no entry of the present parameters, or nothing that changes.
[[nodiscard]] std::optional<LabSetting> labSetting(const console::StopLab& lab, std::size_t cell,
                                                   const console::StrategyRow& row);

class StopLabCard final : public Card {
    Q_OBJECT
public:
    StopLabCard(const PageContext& context, QWidget* parent);

    void setStrategies(const QStringList& names);
    /// The roster as it is, for what applying a cell would change.
    void setRoster(std::shared_ptr<const console::PaperSnapshot> paper);
    void run();
    /// Asks for a reason, then makes the chosen cell, else the best one, the strategy's setting.
    void applyCell();
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
    [[nodiscard]] const console::StrategyRow* shownRow() const;
    [[nodiscard]] std::optional<std::size_t> chosenCell() const;

    const PageContext context_;
    QComboBox* strategy_;
    QPushButton* run_;
    QStackedWidget* stack_;
    EmptyState* empty_ = nullptr;
    TextLabel* failure_ = nullptr;
    ProgressCard* progress_ = nullptr;
    HeatMap* map_ = nullptr;
    TextLabel* verdict_ = nullptr;
    QPushButton* apply_ = nullptr;
    std::shared_ptr<const console::PaperSnapshot> paper_;
    std::vector<PillButton*> figures_;
    std::shared_ptr<const console::StopLab> lab_;
    QString asked_; // strategy of the run
    QString shown_; // and of the result
    std::optional<console::QueryId> running_;
};

} // namespace qd::ui
