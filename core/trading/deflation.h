// What a Sharpe ratio is worth after so many tries: how many independent ones they are, and how far the best of them
// would get by luck. Pure. Any thread. Everything a day. Source: PRODUCT.md, Tries are counted; STATISTICS.md §5.
#pragma once

#include "statistics/measure.h"
#include "statistics/sharpe.h"

#include <cstdint>
#include <span>
#include <vector>

namespace qd::trading {

/// Daily returns of one try.
struct TryReturns {
    std::int64_t firstDay = 0;
    std::vector<double> returns;
};

struct Deflation {
    double tries = 1;                                                            // N_eff
    statistics::Measure spread = std::unexpected(statistics::Undefined::TooFew); // s
};

/// `tries` were made; of `known` the returns are known. Those of which nothing is known count as independent.
/// A pair that has not `leastDays` days in common says nothing of the correlation.
[[nodiscard]] Deflation deflationOf(std::span<const TryReturns> known, std::uint32_t tries, std::size_t leastDays);

/// The probability that the true ratio of `chosen` beats the best of so many tries without skill.
[[nodiscard]] statistics::Measure deflated(const statistics::Defined<statistics::SharpeSample>& chosen,
                                           const Deflation& deflation);

} // namespace qd::trading
