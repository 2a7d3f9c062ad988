// When the nightly review is due, over changes of the clocks, sleep and restarts.
#include "engines/review_schedule.h"

#include <QTest>

using namespace qd;
using namespace qd::engines;
using base::UtcMs;

namespace {

UtcMs at(const char* text)
{
    return base::parseUtc(text).value();
}

const ReviewSchedule berlin{.minutes = 150, .zone = "Europe/Berlin"}; // 02:30

} // namespace

class ReviewScheduleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itIsALocalTimeOfEachDay()
    {
        const ReviewSchedule evening{.minutes = 1'200, .zone = "Europe/Berlin"};
        QCOMPARE(nextReview(evening, at("2026-01-10T12:00:00Z")), at("2026-01-10T19:00:00Z"));
        QCOMPARE(nextReview(evening, at("2026-07-10T12:00:00Z")), at("2026-07-10T18:00:00Z"));
        QCOMPARE(nextReview(evening, at("2026-07-10T18:00:00Z")), at("2026-07-11T18:00:00Z")); // at it: the next
        QCOMPARE(newestReview(evening, at("2026-07-10T18:00:00Z")), at("2026-07-10T18:00:00Z"));
        QCOMPARE(newestReview(evening, {at("2026-07-10T18:00:00Z").value - 1}), at("2026-07-09T18:00:00Z"));
        const ReviewSchedule early{.minutes = 0, .zone = "Pacific/Auckland"}; // the local day is ahead of UTC's
        QCOMPARE(nextReview(early, at("2026-07-10T11:59:00Z")), at("2026-07-10T12:00:00Z"));
        const ReviewSchedule late{.minutes = 1'439, .zone = "America/Los_Angeles"};
        QCOMPARE(nextReview(late, at("2026-07-10T06:58:00Z")), at("2026-07-10T06:59:00Z"));
    }

    void aSkippedHourRunsAtItsEndAndADoubledOneOnce()
    {
        // 2026-03-29: 02:00 to 03:00 does not exist; its end is 01:00 UTC.
        QCOMPARE(nextReview(berlin, at("2026-03-28T12:00:00Z")), at("2026-03-29T01:00:00Z"));
        QCOMPARE(nextReview(berlin, at("2026-03-29T01:00:00Z")), at("2026-03-30T00:30:00Z"));
        // 2026-10-25: 02:30 comes at 00:30 and at 01:30 UTC.
        QCOMPARE(nextReview(berlin, at("2026-10-24T12:00:00Z")), at("2026-10-25T00:30:00Z"));
        QCOMPARE(nextReview(berlin, at("2026-10-25T00:30:00Z")), at("2026-10-26T01:30:00Z"));
        int times = 0;
        for (auto now = at("2026-10-24T12:00:00Z"); now < at("2026-10-25T12:00:00Z"); now = nextReview(berlin, now)) {
            ++times;
        }
        QCOMPARE(times, 2); // of the night, and the step behind it
    }

    void oneIsCaughtUpOnceAndNotHeldTwice()
    {
        const auto since = at("2026-07-01T00:00:00Z");
        const auto night = at("2026-07-10T00:30:00Z");
        QVERIFY(!isReviewDue(berlin, night, since, at("2026-07-10T23:00:00Z")));
        QVERIFY(isReviewDue(berlin, night, since, at("2026-07-11T00:30:00Z")));              // at its time
        QVERIFY(!isReviewDue(berlin, night, since, {at("2026-07-11T00:30:00Z").value - 1})); // before
        QVERIFY(isReviewDue(berlin, night, since, at("2026-07-15T09:00:00Z")));              // after a sleep of days
        QVERIFY(!isReviewDue(berlin, at("2026-07-15T09:00:00Z"), since, at("2026-07-15T10:00:00Z"))); // once
    }

    void aLedgerThatIsYoungerThanTheNewestTimeHasNothingToReview()
    {
        QVERIFY(!isReviewDue(berlin, {}, at("2026-07-10T09:00:00Z"), at("2026-07-10T10:00:00Z")));
        QVERIFY(isReviewDue(berlin, {}, at("2026-07-09T09:00:00Z"), at("2026-07-10T10:00:00Z")));
    }
};

QTEST_GUILESS_MAIN(ReviewScheduleTest)
#include "review_schedule_test.moc"
