#include "trading/deflation.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::trading {

using statistics::Measure;
using statistics::Undefined;

namespace {

Measure correlationOf(const TryReturns& a, const TryReturns& b, std::size_t leastDays)
{
    const auto lastOf = [](const TryReturns& t) { return t.firstDay + static_cast<std::int64_t>(t.returns.size()); };
    const auto first = std::max(a.firstDay, b.firstDay);
    const auto last = std::min(lastOf(a), lastOf(b));
    if (last - first < static_cast<std::int64_t>(std::max<std::size_t>(leastDays, 2))) {
        return std::unexpected(Undefined::TooFew);
    }
    const auto common = [&](const TryReturns& t) {
        return std::span(t.returns).subspan(static_cast<std::size_t>(first - t.firstDay),
                                            static_cast<std::size_t>(last - first));
    };
    return statistics::correlation(common(a), common(b));
}

} // namespace

Deflation deflationOf(std::span<const TryReturns> known, std::uint32_t tries, std::size_t leastDays)
{
    Deflation out{.tries = static_cast<double>(std::max(tries, 1U))};
    std::vector<double> ratios;
    double squaredErrors = 0;
    for (const auto& one : known) {
        const auto sample =
            one.returns.size() < leastDays ? std::unexpected(Undefined::TooFew) : statistics::sharpeSample(one.returns);
        const auto error = sample ? statistics::mertensError(*sample) : Measure(std::unexpected(sample.error()));
        if (error) {
            ratios.push_back(sample->sharpe);
            squaredErrors += *error * *error;
        }
    }
    if (ratios.empty()) {
        return out;
    }
    const double rootMeanSquare = std::sqrt(squaredErrors / static_cast<double>(ratios.size()));
    const auto spread = statistics::standardDeviation(ratios);
    out.spread = spread ? std::min(*spread, rootMeanSquare) : rootMeanSquare;

    double sum = 0;
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
        for (std::size_t j = i + 1; j < known.size(); ++j) {
            if (const auto rho = correlationOf(known[i], known[j], leastDays)) {
                sum += *rho;
                ++pairs;
            }
        }
    }
    // Tries against each other are worth no more than independent ones.
    const double mean = pairs > 0 ? std::clamp(sum / static_cast<double>(pairs), 0.0, 1.0) : 0.0;
    out.tries = std::max(1.0, statistics::effectiveTrials(mean, out.tries));
    return out;
}

Measure deflated(const statistics::Defined<statistics::SharpeSample>& chosen, const Deflation& deflation)
{
    if (!chosen) {
        return std::unexpected(chosen.error());
    }
    if (!deflation.spread) {
        return deflation.spread;
    }
    return statistics::deflatedSharpe(*chosen, *deflation.spread, deflation.tries);
}

} // namespace qd::trading
