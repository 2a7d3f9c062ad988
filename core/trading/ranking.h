// Orders the evaluations: one row a (strategy, instrument). Pure. Any thread. Source: PRODUCT.md, Rankings. As long as
// no daily Sharpe exists, the interval whose lower end ranks is Wilson's of the win rate; ties by more trades, then
// strategy, then instrument.
#pragma once

#include "trading/performance.h"

#include <string>
#include <vector>

namespace qd::trading {

struct RankedRow {
    std::string strategy;
    InstrumentId instrument;
    Performance performance;
};

/// Best first. Trades in shadow are left out; a (strategy, instrument) without other trades has no row.
[[nodiscard]] std::vector<RankedRow> ranking(std::span<const ClosedTrade> trades, const PerformanceLimits& limits);

} // namespace qd::trading
