// Figures of a list of closed trades: net PnL in quote currency, in closing order. Pure. Any thread. A row that is NaN
// or infinite is left out and counted. Source: STATISTICS.md §1.
#pragma once

#include "base/utc_time.h"
#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstdint>
#include <optional>
#include <span>

namespace qd::statistics {

struct TradeStatistics {
    std::uint64_t n = 0;
    std::uint64_t invalid = 0; // rows left out: a mark of the data's quality
    std::uint64_t wins = 0;
    std::uint64_t losses = 0;
    std::uint64_t breakEven = 0;
    double net = 0;
    double grossProfit = 0;
    double grossLoss = 0;                                   // ≥ 0
    Measure winRate = std::unexpected(Undefined::NoTrades); // break-even trades stay in the denominator
    Interval winInterval{0.0, 1.0};                         // Wilson's
    Measure profitFactor = std::unexpected(Undefined::NoTrades);
    Measure averageWin = std::unexpected(Undefined::NoTrades);
    Measure averageLoss = std::unexpected(Undefined::NoTrades); // positive
    Measure payoffRatio = std::unexpected(Undefined::NoTrades);
    Estimate expectancy;                                        // a trade, with Student's interval
    Measure expectancyR = std::unexpected(Undefined::NoTrades); // in average losses
    Measure kelly = std::unexpected(Undefined::NoTrades);       // binary, as it comes; may be negative
    std::uint64_t longestWinStreak = 0;                         // a break-even trade ends both streaks
    std::uint64_t longestLossStreak = 0;
};

/// A win is over `breakEvenBand` ≥ 0, a loss under its negative.
[[nodiscard]] TradeStatistics tradeStatistics(std::span<const double> pnl, double breakEvenBand = 0,
                                              double confidence = 0.95);

/// What may be shown of Kelly's fraction: within [0, 1], and never as a size without the operator (§1).
[[nodiscard]] Measure clampedKelly(const Measure& kelly);
/// Whether the interval of the expectancy lies over 0; without it the words are "no edge shown" in place of a size.
[[nodiscard]] bool showsEdge(const TradeStatistics& statistics);

/// Kelly's leverage mean(r)/var(r), r = return of a trade on equity. Negative is to be taken as 0.
[[nodiscard]] Measure continuousKelly(std::span<const double> returns);

struct Holding {
    base::UtcMs opened;
    std::optional<base::UtcMs> closed; // empty: still open
    double notional = 0;
};

struct Exposure {
    Measure timeInMarket = std::unexpected(Undefined::OutOfRange); // share of the window under any position
    Measure averageOpenPositions = std::unexpected(Undefined::OutOfRange);
    Measure capitalExposure = std::unexpected(Undefined::OutOfRange); // Σ length·notional / (window·equity)
};

/// Over [from, to), holdings clipped to it. OutOfRange for an empty window; capital exposure also for equity ≤ 0.
[[nodiscard]] Exposure exposure(std::span<const Holding> holdings, base::UtcMs from, base::UtcMs to, double equity);

} // namespace qd::statistics
