// What is known of one strategy over the window: its equity, the older records dashed, the figures with interval and n,
// the band of execution, and its expectancy beside the noise null. GUI thread; owned by the detail pane. Money in USDT.
#pragma once

#include "ui/page.h"
#include "ui/strategies/roster_model.h"

class QBoxLayout;

namespace qd::ui {

class FigureBlock;
class Histogram;
class LineChart;
class TextLabel;

/// Net after each trade of one parameter hash, cumulated from zero.
struct EquityRecord {
    std::string parameterHash;
    std::vector<std::pair<base::UtcMs, double>> points; // by exit
};
/// By hash, in the order of their first exits. `trades` in any order.
[[nodiscard]] std::vector<EquityRecord> equityRecords(std::vector<trading::ClosedTrade> trades);

class EvidenceTab final : public QWidget {
    Q_OBJECT
public:
    explicit EvidenceTab(const PageContext& context, QWidget* parent = nullptr);

    /// Without figures: not computed yet. `null` may be missing.
    void show(const StrategyEntry& entry, const console::NullRow* null);
    using QWidget::show;
    /// Those of the window; `total` may be more than came.
    void setTrades(const std::vector<trading::ClosedTrade>& trades, std::uint64_t total);
    void clearTrades();
    void restyle();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildFigures();
    void showBand(const trading::Evaluation* of);
    void showNull(const StrategyEntry& entry, const console::NullRow* null);
    void showEquity();

    const PageContext context_;
    QBoxLayout* layout_;
    LineChart* equity_;
    TextLabel* equityNote_;
    Histogram* null_;
    TextLabel* nullNote_;
    FigureBlock* won_ = nullptr;
    FigureBlock* sharpe_ = nullptr;
    FigureBlock* deflated_ = nullptr;
    FigureBlock* hold_ = nullptr;
    FigureBlock* optimistic_ = nullptr;
    FigureBlock* calibrated_ = nullptr;
    FigureBlock* pessimistic_ = nullptr;
    FigureBlock* expectancy_ = nullptr;
    std::string hash_; // in force
    std::vector<EquityRecord> records_;
    std::uint64_t total_ = 0;
    std::uint64_t inShadow_ = 0;
};

} // namespace qd::ui
