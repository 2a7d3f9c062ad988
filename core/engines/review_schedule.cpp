#include "engines/review_schedule.h"

#include <QDateTime>
#include <QTimeZone>

namespace qd::engines {

using base::UtcMs;

namespace {

QTimeZone zoneOf(const ReviewSchedule& schedule)
{
    const QTimeZone named(QByteArray::fromStdString(schedule.zone));
    return !schedule.zone.empty() && named.isValid() ? named : QTimeZone::systemTimeZone();
}

/// Of local time less UTC.
base::Millis offsetAt(const QTimeZone& zone, UtcMs time)
{
    return base::Millis{1'000LL * zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(time.value, Qt::UTC))};
}

/// `local` as if it were UTC: the moment at which the zone's clocks show it.
UtcMs momentOf(const QTimeZone& zone, UtcMs local)
{
    const auto before = offsetAt(zone, local - base::oneDay);
    const auto after = offsetAt(zone, local + base::oneDay);
    for (const auto offset : {before, after}) {
        if (offsetAt(zone, local - offset) == offset) {
            return local - offset;
        }
    }
    auto low = local - base::oneDay; // the clocks skip it: at the change
    auto high = local + base::oneDay;
    while ((high - low).count() > 1) {
        const auto middle = low + (high - low) / 2;
        (offsetAt(zone, middle) == before ? low : high) = middle;
    }
    return high;
}

UtcMs reviewOfDay(const ReviewSchedule& schedule, const QTimeZone& zone, std::int64_t localDay)
{
    return momentOf(zone, {localDay * base::oneDay.count() + schedule.minutes * 60'000LL});
}

} // namespace

UtcMs nextReview(const ReviewSchedule& schedule, UtcMs time)
{
    const auto zone = zoneOf(schedule);
    auto day = base::bucketStart(time + offsetAt(zone, time), base::oneDay).value / base::oneDay.count() - 1;
    while (reviewOfDay(schedule, zone, day) <= time) {
        ++day;
    }
    return reviewOfDay(schedule, zone, day);
}

UtcMs newestReview(const ReviewSchedule& schedule, UtcMs time)
{
    const auto zone = zoneOf(schedule);
    auto day = base::bucketStart(time + offsetAt(zone, time), base::oneDay).value / base::oneDay.count() + 1;
    while (reviewOfDay(schedule, zone, day) > time) {
        --day;
    }
    return reviewOfDay(schedule, zone, day);
}

bool isReviewDue(const ReviewSchedule& schedule, std::optional<UtcMs> held, UtcMs since, UtcMs now)
{
    return newestReview(schedule, now) > held.value_or(since);
}

} // namespace qd::engines
