#include "health/probe.h"

#include <array>
#include <cmath>

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

} // namespace qd::health
