// The time side of equity.h: what day a sample and a flow belong to.
#include "statistics/equity.h"

#include <algorithm>

namespace qd::statistics {

namespace {

constexpr std::int64_t mostDays = 200 * 365; // more is a damaged time, not a history

std::int64_t dayOf(base::UtcMs time)
{
    return base::bucketStart(time, base::oneDay).value / base::oneDay.count();
}

} // namespace

Defined<DailySeries> dailySeries(std::span<const EquitySample> samples, std::span<const Flow> flows, base::UtcMs now)
{
    if (samples.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    DailySeries series;
    series.firstDay = dayOf(samples.front().time);
    series.equity.push_back(samples.front().equity);
    series.flows.push_back(0.0);
    const std::int64_t complete = dayOf(now) - series.firstDay;
    if (complete > mostDays) {
        return std::unexpected(Undefined::OutOfRange);
    }
    auto sample = samples.begin();
    auto flow = std::ranges::upper_bound(flows, samples.front().time, {}, &Flow::time);
    for (std::int64_t day = 0; day < complete; ++day) {
        const base::UtcMs end{(series.firstDay + day + 1) * base::oneDay.count()};
        double close = series.equity.back();
        bool isCarried = true;
        for (; sample != samples.end() && sample->time < end; ++sample) {
            close = sample->equity;
            isCarried = false;
        }
        double booked = 0.0;
        for (; flow != flows.end() && flow->time < end; ++flow) {
            booked += flow->amount;
        }
        series.equity.push_back(close);
        series.flows.push_back(booked);
        if (isCarried) {
            series.carriedDays.push_back(static_cast<std::size_t>(day));
        }
    }
    return series;
}

} // namespace qd::statistics
