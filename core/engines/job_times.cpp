#include "engines/job_times.h"

#include "engines/review_schedule.h"

#include <QDateTime>
#include <QTimeZone>

namespace qd::engines {

using base::UtcMs;
using governance::JobTimes;

namespace {

int weekdayOf(const std::string& zone, UtcMs time)
{
    const QTimeZone named(QByteArray::fromStdString(zone));
    const auto used = !zone.empty() && named.isValid() ? named : QTimeZone::systemTimeZone();
    return QDateTime::fromMSecsSinceEpoch(time.value, used).date().dayOfWeek();
}

} // namespace

std::optional<governance::JobMoments> momentsOf(const JobTimes& times, const std::string& zone, UtcMs now)
{
    const bool isWeekly = times.kind == JobTimes::Kind::Weekly;
    if (!isWeekly && times.kind != JobTimes::Kind::Daily) {
        return std::nullopt;
    }
    const ReviewSchedule schedule{.minutes = times.minutes, .zone = zone};
    auto newest = newestReview(schedule, now);
    auto next = nextReview(schedule, now);
    while (isWeekly && weekdayOf(zone, newest) != times.weekday) {
        newest = newestReview(schedule, newest - base::Millis{1});
    }
    while (isWeekly && weekdayOf(zone, next) != times.weekday) {
        next = nextReview(schedule, next);
    }
    return governance::JobMoments{newest, next};
}

} // namespace qd::engines
