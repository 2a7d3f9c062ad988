#include "learning/regime.h"

#include "market/indicators/realised_volatility.h"
#include "statistics/summary.h"

#include <algorithm>

namespace qd::learning {

using statistics::Undefined;

std::vector<std::optional<double>> realisedVolatilitySeries(std::span<const double> closes, std::size_t window,
                                                            double barsPerYear)
{
    market::RealisedVolatility volatility(window, barsPerYear);
    std::vector<std::optional<double>> out;
    out.reserve(closes.size());
    for (const double close : closes) {
        volatility.add(close);
        out.push_back(volatility.value());
    }
    return out;
}

statistics::Measure percentileRank(std::span<const double> reference, double x)
{
    if (reference.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    double under = 0;
    double equal = 0;
    for (const double r : reference) {
        under += r < x ? 1 : 0;
        equal += r == x ? 1 : 0;
    }
    return 100.0 * (under + 0.5 * equal) / static_cast<double>(reference.size());
}

statistics::Defined<RegimeSpan> regimeSpan(std::span<const double> reference, std::span<const double> sample,
                                           const RegimeLimits& limits)
{
    if (reference.empty() || sample.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    if (!statistics::allFinite(reference) || !statistics::allFinite(sample)) {
        return std::unexpected(Undefined::NotFinite);
    }
    std::vector<double> sorted(reference.begin(), reference.end());
    std::ranges::sort(sorted);
    RegimeSpan out{.lowEdge = *statistics::quantileOfSorted(sorted, limits.low),
                   .highEdge = *statistics::quantileOfSorted(sorted, limits.high)};
    std::array<double, 4> edges{};
    for (std::size_t k = 0; k < edges.size(); ++k) {
        edges[k] = *statistics::quantileOfSorted(sorted, 0.2 * static_cast<double>(k + 1));
    }
    const double each = 1.0 / static_cast<double>(sample.size());
    std::array<std::size_t, 5> quintiles{};
    std::size_t low = 0;
    std::size_t high = 0;
    for (const double x : sample) {
        low += x <= out.lowEdge ? 1U : 0U;
        high += x >= out.highEdge ? 1U : 0U;
        ++quintiles[static_cast<std::size_t>(std::ranges::lower_bound(edges, x) - edges.begin())];
    }
    out.shareLow = static_cast<double>(low) * each;
    out.shareHigh = static_cast<double>(high) * each;
    std::ranges::transform(quintiles, out.quintileShares.begin(),
                           [&](std::size_t count) { return static_cast<double>(count) * each; });
    out.leastPercentile = *percentileRank(reference, *std::ranges::min_element(sample));
    out.greatestPercentile = *percentileRank(reference, *std::ranges::max_element(sample));
    // counts, so that a share of exactly the least one is not lost to rounding
    const double needed = limits.leastShare * static_cast<double>(sample.size());
    out.spans = static_cast<double>(low) >= needed && static_cast<double>(high) >= needed;
    return out;
}

} // namespace qd::learning
