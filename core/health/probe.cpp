#include "health/probe.h"

#include <array>
#include <cmath>
#include <numeric>

namespace qd::health {

std::optional<double> piecewiseLinear(double value, std::span<const Corner> corners)
{
    if (std::isnan(value)) {
        return std::nullopt;
    }
    if (value <= corners.front().value) {
        return corners.front().score;
    }
    for (std::size_t i = 1; i < corners.size(); ++i) {
        const auto& left = corners[i - 1];
        const auto& right = corners[i];
        if (value <= right.value) {
            return left.score + (right.score - left.score) * ((value - left.value) / (right.value - left.value));
        }
    }
    return corners.back().score;
}

std::optional<double> probeScore(double value, double limit)
{
    if (!(limit > 0)) {
        return std::nullopt;
    }
    const std::array corners{Corner{limit / 2, 100}, Corner{limit, 50}, Corner{2 * limit, 0}};
    return piecewiseLinear(value, corners);
}

std::optional<double> trendPerHour(std::span<const double> before, std::span<const double> after, double hours)
{
    if (before.empty() || after.empty() || !(hours > 0)) {
        return std::nullopt;
    }
    const auto mean = [](std::span<const double> values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    return (mean(after) - mean(before)) / hours;
}

} // namespace qd::health
