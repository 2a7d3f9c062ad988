// Local times of jobs across the changes of the clocks.
#include "engines/job_times.h"

#include <QtTest>

namespace {

using namespace qd;
using engines::momentsOf;
using governance::JobTimes;

base::UtcMs at(const char* iso)
{
    const auto time = base::parseUtc(iso);
    if (!time) {
        qFatal("%s", iso);
    }
    return *time;
}

} // namespace

class JobTimesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void weeklyTimesFollowTheZone()
    {
        const JobTimes saturday{.kind = JobTimes::Kind::Weekly, .weekday = 6, .minutes = 150};
        const auto moments = momentsOf(saturday, "Europe/Berlin", at("2026-11-26T08:00:00Z")); // a Thursday
        QCOMPARE(moments->newest, at("2026-11-21T01:30:00Z"));
        QCOMPARE(moments->next, at("2026-11-28T01:30:00Z"));
        QCOMPARE(momentsOf(saturday, "Europe/Berlin", at("2026-11-28T01:30:00Z"))->newest, at("2026-11-28T01:30:00Z"));
        QCOMPARE(momentsOf(saturday, "Europe/Berlin", at("2026-11-28T01:29:59.999Z"))->newest,
                 at("2026-11-21T01:30:00Z"));
        const JobTimes sunday{.kind = JobTimes::Kind::Weekly, .weekday = 7, .minutes = 150};
        QCOMPARE(momentsOf(sunday, "Europe/Berlin", at("2026-03-28T00:00:00Z"))->next,
                 at("2026-03-29T01:00:00Z")); // 02:30 is skipped: at the end of what was skipped
        const auto doubled = momentsOf(sunday, "Europe/Berlin", at("2026-10-25T02:00:00Z")); // 02:30 came twice
        QCOMPARE(doubled->newest, at("2026-10-25T00:30:00Z"));                               // it counts once
        QCOMPARE(doubled->next, at("2026-11-01T01:30:00Z"));
        QVERIFY(!momentsOf({}, "", at("2026-11-28T01:30:00Z")));
    }

    void aDailyTimeThatIsSkippedRunsAtItsEndAndADoubledOneOnce()
    {
        const JobTimes daily{.kind = JobTimes::Kind::Daily, .minutes = 150}; // 02:30
        const auto zone = "Europe/Berlin";
        QCOMPARE(momentsOf(daily, zone, at("2026-03-29T00:59:59.999Z"))->newest, at("2026-03-28T01:30:00Z"));
        QCOMPARE(momentsOf(daily, zone, at("2026-03-29T01:00:00Z"))->newest, at("2026-03-29T01:00:00Z")); // 03:00
        QCOMPARE(momentsOf(daily, zone, at("2026-03-29T01:00:00Z"))->next, at("2026-03-30T00:30:00Z"));
        QCOMPARE(momentsOf(daily, zone, at("2026-10-25T00:30:00Z"))->newest, at("2026-10-25T00:30:00Z"));
        QCOMPARE(momentsOf(daily, zone, at("2026-10-25T00:30:00Z"))->next, at("2026-10-26T01:30:00Z"));
        QCOMPARE(momentsOf(daily, zone, at("2026-10-25T01:30:00Z"))->newest, at("2026-10-25T00:30:00Z")); // again 02:30
    }
};

QTEST_GUILESS_MAIN(JobTimesTest)
#include "job_times_test.moc"
