// The ledger as the operator sees it: a fold of committed ledger events into positions, figures, ranking and equity.
// Pure; paper's thread. The same events in the same order give the same view, live or after a restart.
#pragma once

#include "console/snapshots.h"
#include "trading/closed_trade.h"
#include "trading/performance.h"
#include "trading/strategy.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace qd::engines {

class LedgerView {
public:
    /// Knows every strategy of the catalogue from the start.
    LedgerView(base::Money startEquity, const trading::PerformanceLimits& limits);

    void addInstrument(const market::Instrument& instrument) { instruments_[instrument.id] = instrument; }
    void apply(const trading::LedgerEvent& event);
    void setSwitch(const std::string& strategy, bool enabled, base::UtcMs since, std::string by);
    /// Of a strategy of the catalogue.
    void setParameters(const std::string& strategy, const trading::ParameterSet& parameters);
    /// The newest trade price, for what is open.
    void mark(base::InstrumentId instrument, market::Price last) { marks_[instrument] = last; }
    /// Adds the present equity to the curve, at most one point a minute of exchange time. True if one was added.
    bool sampleEquity(base::UtcMs time);
    /// A saved point; in growing time.
    void restoreEquity(base::UtcMs time, base::Money equity);

    [[nodiscard]] base::Money equity() const;
    [[nodiscard]] const std::vector<console::EquityPoint>& curve() const { return curve_; }
    /// Everything but the engine's own state and speed.
    [[nodiscard]] console::PaperSnapshot snapshot(base::UtcMs now);
    /// Entries and exits of an instrument, by time, the newest `most`.
    [[nodiscard]] std::vector<console::TradeMark> tradeMarks(base::InstrumentId instrument, std::size_t most) const;

private:
    using RowKey = std::pair<std::string, base::InstrumentId>;
    struct Row {
        std::vector<trading::ClosedTrade> trades; // not in shadow
        bool isStale = true;
        console::EvaluationRow figures;
    };

    [[nodiscard]] console::PositionRow positionRow(const trading::OpenPosition& position) const;
    [[nodiscard]] std::vector<console::EvaluationRow> evaluations();
    void evaluate(Row& row) const;
    void addEquityFigures(console::PaperSnapshot& out, base::UtcMs now);
    void addTradeFigures(console::PaperSnapshot& out, base::UtcMs now);
    void sumTrades(base::UtcMs now);
    void close(const trading::ClosedTrade& trade);
    void follow(base::UtcMs time, base::Money equity);

    base::Money start_;
    trading::PerformanceLimits limits_;
    std::map<base::InstrumentId, market::Instrument> instruments_;
    std::map<base::InstrumentId, market::Price> marks_;
    std::map<std::string, console::StrategyRow> strategies_;
    std::map<RowKey, Row> rows_;
    std::map<RowKey, trading::OpenPosition> open_;
    std::vector<trading::ClosedTrade> closed_; // all, by arrival
    std::set<std::tuple<std::string, base::InstrumentId, base::StreamNumber>> seen_;
    base::Money realised_;
    /// Sums over closed trades, made anew only when a trade closed or the minute changed.
    struct TradeFigures {
        base::UtcMs minute{-1};
        std::size_t closed = 0;
        std::uint32_t today = 0;
        std::uint32_t wonToday = 0;
        std::optional<double> profitFactor;
    };
    TradeFigures figures_;
    std::vector<console::EquityPoint> curve_;
    std::shared_ptr<const std::vector<console::EquityPoint>> sharedCurve_; // the copy that snapshots share
    base::Money peak_;
    double maxDrawdown_ = 0;
};

} // namespace qd::engines
