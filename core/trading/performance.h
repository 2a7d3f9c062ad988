// Figures of a set of closed trades. Pure. Any thread. Money in 1e-8 USDT; shares as fractions. Empty means undefined.
// Source: PRODUCT.md, Sharpe, honestly; STATISTICS.md §1–3. The daily Sharpe needs an equity marked to market, which a
// set of closed trades is not: what stands here is the provisional figure, and only where its conditions hold.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "trading/closed_trade.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace qd::trading {

struct Performance {
    std::uint32_t trades = 0;
    std::uint32_t won = 0;                      // net over zero
    std::optional<double> winRate;              // break-even trades stay in the denominator
    statistics::Interval winInterval{0.0, 1.0}; // Wilson 95%
    std::optional<double> profitFactor;         // undefined without trades or without losses
    Money net;
    std::optional<double> maxDrawdown; // of capital + cumulated net, at exits; 0…1; undefined without trades
    std::optional<double> provisionalSharpe;
    friend bool operator==(const Performance&, const Performance&) = default;
};

struct PerformanceLimits {
    Money capital = base::usdt(1'000); // of the row or rows
    std::uint32_t sharpeMinTrades = 30;
};

/// `trades` in any order. Shadow trades count like the others: choose before.
[[nodiscard]] Performance performanceOf(std::span<const ClosedTrade> trades, const PerformanceLimits& limits);

/// What a closed trade is to the provisional Sharpe ratio; net in USDT.
struct HeldResult {
    UtcMs opened;
    UtcMs closed;
    double net = 0;
};
/// From how many clusters, over which span, it may be said.
struct ClusterLimits {
    std::size_t least = 30;
    base::Millis span = 7 * base::oneDay;
};
/// Mean/deviation of the PnL of clusters (chains of overlapping holding times) × √(clusters a day × 365). In any order.
[[nodiscard]] statistics::Measure provisionalSharpe(std::vector<HeldResult> trades, const ClusterLimits& limits = {});

} // namespace qd::trading
