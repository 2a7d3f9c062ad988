// Intervals that stand beside figures. Pure. Any thread. Source: STATISTICS.md §3.1, §3.3.
#pragma once

#include "statistics/measure.h"

#include <cstdint>
#include <span>

namespace qd::statistics {

struct Interval {
    double lower;
    double upper;
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// A figure with its standard error, its interval and the number of observations; each may be undefined on its own.
struct Estimate {
    Measure value = std::unexpected(Undefined::TooFew);
    Measure error = std::unexpected(Undefined::TooFew);
    Defined<Interval> interval = std::unexpected(Undefined::TooFew);
    std::uint64_t n = 0;
};

/// Wilson's interval of a share (§3.1): [0, 1] for n = 0; the end is exact where none or all were won.
/// Requires won ≤ n and 0 < confidence < 1.
[[nodiscard]] Interval wilson(std::uint64_t won, std::uint64_t n, double confidence = 0.95);

/// m ± t_{n−1}·s/√n (§3.3): where the observations look independent; the bootstrap otherwise. One observation: a value
/// without error.
[[nodiscard]] Estimate meanEstimate(std::span<const double> values, double confidence = 0.95);

/// value ± z·error, two-sided.
[[nodiscard]] Defined<Interval> normalInterval(const Measure& value, const Measure& error, double confidence = 0.95);

} // namespace qd::statistics
