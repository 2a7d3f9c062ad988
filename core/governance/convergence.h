// Whether a strategy's result has settled: its newest windows of trades all earn, and its trades have seen calm and
// wild markets. Pure. Any thread. Source: PRODUCT.md, Gates to `ready`: convergence; STATISTICS.md §14.
#pragma once

#include "governance/evidence.h"

#include <span>
#include <vector>

namespace qd::governance {

/// Consecutive trades: at least so many, over at least so long.
struct TradeWindow {
    std::size_t trades = 0;
    UtcMs from; // the first one opened
    UtcMs to;   // the last one closed
    double expectancy = 0;
};

enum class Settling : std::uint8_t {
    Converged,
    TooFewTrades,        // not enough windows yet
    Losing,              // a window does not earn
    WaitingForReference, // too few trades whose instrument has the history to compare with
    WaitingForRegimes,   // calm or wild markets are missing
};

struct Convergence {
    Settling state = Settling::TooFewTrades;
    std::vector<TradeWindow> windows; // newest first, as many as there are, at most those that are asked for
    std::size_t marked = 0;           // trades with a regime
    double lowShare = 0;              // of them
    double highShare = 0;
};

/// Of `trades` by time of closing.
[[nodiscard]] Convergence convergenceOf(std::span<const TradeResult> trades, const ConvergencePolicy& policy);

/// Whether it earned in all windows at the end of any day of its record, and whether it converged then: archiving asks
/// for the best that was, not for tonight.
struct PastConvergence {
    bool everConverged = false;
    bool everEarned = false; // converged but for the regimes
};
[[nodiscard]] PastConvergence pastConvergence(const Evidence& evidence, const ConvergencePolicy& policy);

} // namespace qd::governance
