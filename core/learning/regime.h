// Where today's volatility stands in an instrument's own history, and whether a sample spans calm and storm. Pure. Any
// thread. Volatility as market/indicators/realised_volatility gives it. Source: STATISTICS.md §14.
#pragma once

#include "statistics/measure.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace qd::learning {

/// RV of the newest `window` returns at each close; none until warm.
[[nodiscard]] std::vector<std::optional<double>> realisedVolatilitySeries(std::span<const double> closes,
                                                                          std::size_t window, double barsPerYear);

/// 100 · (#{< x} + ½ #{= x})/n.
[[nodiscard]] statistics::Measure percentileRank(std::span<const double> reference, double x);

struct RegimeLimits {
    double low = 0.20;        // convergence.regime_low
    double high = 0.80;       // convergence.regime_high
    double leastShare = 0.05; // convergence.min_share
};

struct RegimeSpan {
    double lowEdge = 0; // quantile `low` of the reference
    double highEdge = 0;
    double shareLow = 0;  // of the sample at or under the low edge
    double shareHigh = 0; // at or over the high one
    double leastPercentile = 0;
    double greatestPercentile = 0;
    std::array<double, 5> quintileShares{};
    bool spans = false; // both shares reach the least one
};

/// TooFew where either side is empty, NotFinite where a value is none.
[[nodiscard]] statistics::Defined<RegimeSpan>
regimeSpan(std::span<const double> reference, std::span<const double> sample, const RegimeLimits& limits = {});

} // namespace qd::learning
