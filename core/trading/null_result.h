// A strategy beside its noise null (trading/noise_null.h): what is kept and shown. Plain value; any thread.
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qd::trading {

struct NullResult {
    std::string strategy;
    std::string parameterHash;
    base::UtcMs time; // when it was made
    base::UtcMs from; // the span
    base::UtcMs to;
    std::string way; // "ticks", "candles 1m"
    std::uint32_t instruments = 0;
    std::uint32_t seeds = 0;
    std::uint64_t trades = 0;   // of the real run
    std::optional<double> real; // expectancy: mean net, share of the notional; empty: it did not trade
    // Of the runs' expectancies; without a meaning where there are none.
    double median = 0;
    double p95 = 0;
    double share = 0;                // of runs that did better than the real one
    std::vector<float> expectancies; // of the runs that traded, in growing order
};

} // namespace qd::trading
