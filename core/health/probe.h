// From a measured value to a score of 0…100. Pure. Any thread.
// Source: PRODUCT.md, Health; STATISTICS.md §17.
#pragma once

#include <optional>
#include <span>

namespace qd::health {

/// A corner of a map from value to score.
struct Corner {
    double value;
    double score;
};

/// The score at `value` on the line through `corners`, constant beyond both ends. Empty if `value` is NaN.
/// Requires: at least one corner, values growing.
[[nodiscard]] std::optional<double> piecewiseLinear(double value, std::span<const Corner> corners);

/// 100 up to half the limit, 50 at the limit, 0 from twice the limit, linear between. Empty if `value` is NaN or the
/// limit is not positive: a probe without a limit says nothing about health.
[[nodiscard]] std::optional<double> probeScore(double value, double limit);

/// Change an hour between the mean of `before` and that of `after`, which lie `hours` apart. Empty where one is empty.
[[nodiscard]] std::optional<double> trendPerHour(std::span<const double> before, std::span<const double> after,
                                                 double hours);

} // namespace qd::health
