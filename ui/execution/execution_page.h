// Execution: what fills really cost, where the money of past trades went, whether other stops would have helped, and
// every closed trade. Asks the desk when it is shown, when the filter changes, and again while it stays open. GUI
// thread; owned by the window.
#pragma once

#include "ui/execution/instrument_book.h"

#include <QTimer>

class QSplitter;
class QStackedWidget;

namespace qd::ui {

class Card;
class DataTable;
class ExecutionTiles;
class FillRateModel;
class PillButton;
class SlippageModel;
class StopLabCard;
class TextLabel;
class TradesCard;
class WaterfallChart;

class ExecutionPage final : public Page {
    Q_OBJECT
public:
    explicit ExecutionPage(const PageContext& context, QWidget* parent = nullptr);

    void restyle() override;
    void handle(const console::Event& event) override;
    /// A strategy, an instrument, or "strategy instrument": filters the closed trades.
    bool reveal(const QString& thing) override;
    [[nodiscard]] TradesCard* trades() { return trades_; }
    [[nodiscard]] StopLabCard* lab() { return lab_; }

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    Card* buildCosts();
    QWidget* buildWaterfall();
    QWidget* withHint(DataTable* rates); // of fill_predictor
    DataTable* buildTable(const QString& key, class TableModel& model, const QString& name, const QString& empty);
    void showCosts(int index);
    void keepSplitter(QSplitter* splitter, const QString& key, const QList<int>& first);
    void askExecution();
    void take(const console::Answer& answer);
    void showExecution();

    InstrumentBook book_;
    SlippageModel* slippage_;
    FillRateModel* fillRates_;
    ExecutionTiles* tiles_;
    StopLabCard* lab_;
    TradesCard* trades_;
    Card* costs_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    WaterfallChart* waterfall_ = nullptr;
    TextLabel* stopped_ = nullptr;
    std::vector<PillButton*> tabs_;
    std::vector<DataTable*> tables_; // of the tabs; null for the chart
    std::optional<console::Execution> execution_;
    std::optional<console::QueryId> asked_; // newest question; answers to others are stale
    QTimer again_;
    QStringList strategies_;
};

} // namespace qd::ui
