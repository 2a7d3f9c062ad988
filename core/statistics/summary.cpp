#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

std::optional<double> mean(std::span<const double> values)
{
    if (values.empty()) {
        return std::nullopt;
    }
    double sum = 0;
    for (const double v : values) {
        sum += v;
    }
    return sum / static_cast<double>(values.size());
}

std::optional<double> standardDeviation(std::span<const double> values)
{
    if (values.size() < 2) {
        return std::nullopt;
    }
    const auto [least, most] = std::ranges::minmax(values);
    if (least == most) { // a rounded mean would leave a deviation of 1e-17 or so, and a ratio of 1e17 after it
        return 0.0;
    }
    const double center = *mean(values);
    double squares = 0;
    for (const double v : values) {
        squares += (v - center) * (v - center);
    }
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

} // namespace qd::statistics
