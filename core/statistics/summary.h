// Mean and spread of a series. Pure. Any thread. Source: STATISTICS.md §1, §2.
#pragma once

#include <optional>
#include <span>

namespace qd::statistics {

/// Empty for an empty series.
[[nodiscard]] std::optional<double> mean(std::span<const double> values);
/// Sample standard deviation (n − 1), two-pass; empty under two values, exactly 0 where all are equal.
[[nodiscard]] std::optional<double> standardDeviation(std::span<const double> values);

} // namespace qd::statistics
