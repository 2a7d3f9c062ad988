#include "governance/about_when.h"

#include "statistics/intervals.h"

#include <cmath>

namespace qd::governance {

namespace {

// The least n of 2…horizon for which `holds`, which once true stays true.
template <typename Holds>
std::optional<double> least(Holds holds)
{
    double under = 1;
    double over = 2;
    while (!holds(over)) {
        under = over;
        over *= 2;
        if (over > horizon) {
            return std::nullopt;
        }
    }
    while (over - under > 1) {
        const double middle = std::floor((under + over) / 2);
        (holds(middle) ? over : under) = middle;
    }
    return over;
}

double halfWidth(double t, double deviation, const statistics::SequenceOptions& options)
{
    return deviation *
           statistics::sequenceMargin(t, statistics::mixtureVariance(options.alpha, options.tightestAt), options.alpha);
}

} // namespace

std::optional<double> whenIntervalLeavesZeroOut(double mean, double deviation,
                                                const statistics::SequenceOptions& options)
{
    return least([&](double t) { return halfWidth(t, deviation, options) < std::abs(mean); });
}

std::optional<double> whenIntervalIsWithin(double margin, double mean, double deviation,
                                           const statistics::SequenceOptions& options)
{
    return least([&](double t) { return std::abs(mean) + halfWidth(t, deviation, options) < margin; });
}

std::optional<double> whenWinRateIsOver(double limit, double winRate, double confidence)
{
    if (!(winRate > limit)) {
        return std::nullopt;
    }
    return least([&](double n) {
        const auto trades = static_cast<std::uint64_t>(n);
        const auto won = static_cast<std::uint64_t>(std::floor(winRate * n));
        return statistics::wilson(won, trades, confidence).lower > limit;
    });
}

} // namespace qd::governance
