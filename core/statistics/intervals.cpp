#include "statistics/intervals.h"

#include "statistics/normal.h"

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

} // namespace qd::statistics
