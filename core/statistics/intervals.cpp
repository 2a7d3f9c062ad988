#include "statistics/intervals.h"

#include "statistics/distributions.h"
#include "statistics/normal.h"
#include "statistics/summary.h"

#include <cmath>

namespace qd::statistics {

Interval wilson(std::uint64_t won, std::uint64_t n, double confidence)
{
    if (n == 0) {
        return {0.0, 1.0};
    }
    const auto count = static_cast<double>(n);
    const double p = static_cast<double>(won) / count;
    const double z = normalQuantile(0.5 + confidence / 2.0);
    const double shrink = 1.0 + z * z / count;
    const double center = (p + z * z / (2.0 * count)) / shrink;
    const double half = z / shrink * std::sqrt(p * (1.0 - p) / count + z * z / (4.0 * count * count));
    return {won == 0 ? 0.0 : center - half, won == n ? 1.0 : center + half};
}

Estimate meanEstimate(std::span<const double> values, double confidence)
{
    Estimate estimate{.value = mean(values), .n = values.size()};
    const auto deviation = standardDeviation(values);
    if (!estimate.value || !deviation) {
        estimate.error = std::unexpected(deviation ? estimate.value.error() : deviation.error());
        estimate.interval = std::unexpected(estimate.error.error());
        return estimate;
    }
    const auto n = static_cast<double>(values.size());
    const double error = *deviation / std::sqrt(n);
    const double half = studentQuantile(0.5 + confidence / 2.0, n - 1.0) * error;
    estimate.error = error;
    estimate.interval = Interval{*estimate.value - half, *estimate.value + half};
    return estimate;
}

Defined<Interval> normalInterval(const Measure& value, const Measure& error, double confidence)
{
    const double z = normalQuantile(0.5 + confidence / 2.0);
    const auto lower = both(value, error, [&](double v, double e) { return v - z * e; });
    const auto upper = both(value, error, [&](double v, double e) { return v + z * e; });
    if (!lower || !upper) {
        return std::unexpected(lower ? upper.error() : lower.error());
    }
    return Interval{*lower, *upper};
}

} // namespace qd::statistics
