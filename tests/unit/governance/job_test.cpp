// The rules of recurring work, at each of their edges.
#include "governance/job.h"

#include <QtTest>

#include <array>

namespace {

using namespace qd;
using namespace qd::governance;
using base::Millis;
using base::UtcMs;

constexpr std::array states{JobState::Staged, JobState::Queued,   JobState::Running,   JobState::Succeeded,
                            JobState::Failed, JobState::TimedOut, JobState::Cancelled, JobState::Orphaned};
constexpr std::array events{JobEvent::Admit,    JobEvent::Begin,  JobEvent::Succeed, JobEvent::Fail,
                            JobEvent::TakeLong, JobEvent::Cancel, JobEvent::Lose};
constexpr UtcMs start{1'764'000'000'000};
constexpr Millis quarter{15 * 60'000};
const JobTimes everyQuarter{.kind = JobTimes::Kind::Every, .every = quarter};
const JobTimes daily{.kind = JobTimes::Kind::Daily, .minutes = 1'200};
const JobTimes weekly{.kind = JobTimes::Kind::Weekly, .weekday = 6, .minutes = 180};

/// A daily job's moments if it is due at `start` and each 24 h before and after.
JobMoments momentsAt(UtcMs now, Millis period = base::oneDay)
{
    const auto offset = Millis{start.value % period.count()};
    const auto newest = base::bucketStart(now - offset, period) + offset;
    return {newest, newest + period};
}

} // namespace

class JobTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theStatesFollowEachOther()
    {
        using S = JobState;
        using E = JobEvent;
        QCOMPARE(stateAfter(S::Staged, E::Admit), S::Queued);
        QCOMPARE(stateAfter(S::Queued, E::Begin), S::Running);
        QCOMPARE(stateAfter(S::Running, E::Succeed), S::Succeeded);
        QCOMPARE(stateAfter(S::Running, E::Fail), S::Failed);
        QCOMPARE(stateAfter(S::Running, E::TakeLong), S::TimedOut);
        QCOMPARE(stateAfter(S::Running, E::Lose), S::Orphaned);
        for (const auto open : {S::Staged, S::Queued, S::Running}) {
            QCOMPARE(stateAfter(open, E::Cancel), S::Cancelled);
        }
        QCOMPARE(stateAfter(S::Staged, E::Lose), S::Cancelled); // it lost nothing
        QCOMPARE(stateAfter(S::Queued, E::Lose), S::Cancelled);
    }

    void nothingElseFollows()
    {
        int allowed = 0;
        for (const auto state : states) {
            for (const auto event : events) {
                const auto next = stateAfter(state, event);
                allowed += next ? 1 : 0;
                QVERIFY(!next || !isOver(state)); // what is over stays
                QVERIFY(!next || *next != state);
            }
        }
        QCOMPARE(allowed, 11);                                   // those of theStatesFollowEachOther()
        QVERIFY(!stateAfter(JobState::Staged, JobEvent::Begin)); // not without its turn
        QVERIFY(!stateAfter(JobState::Queued, JobEvent::Succeed));
        QVERIFY(!stateAfter(JobState::Queued, JobEvent::TakeLong)); // who waits is not silent
    }

    void badEndsAreThoseThatNobodyWished()
    {
        for (const auto state : states) {
            const bool isBadOne =
                state == JobState::Failed || state == JobState::TimedOut || state == JobState::Orphaned;
            QCOMPARE(isBad(state), isBadOne);
            QCOMPARE(jobStateNamed(name(state)), state);
        }
        QCOMPARE(jobStateNamed("asleep"), std::nullopt);
    }

    void timesAreReadAsTheyArePrinted_data()
    {
        QTest::addColumn<QString>("text");
        for (const auto* text : {"by hand", "every 1 min", "every 15 min", "every 6 h", "every 14 d", "daily 00:00",
                                 "daily 23:59", "weekly Mon 00:00", "weekly Sun 03:00", "every 366 d"}) {
            QTest::newRow(text) << text;
        }
    }
    void timesAreReadAsTheyArePrinted()
    {
        QFETCH(QString, text);
        const auto read = jobTimesFrom(text.toStdString());
        QVERIFY(read.has_value());
        QCOMPARE(QString::fromStdString(governance::text(*read)), text);
    }

    void wrongTimesAreRefused()
    {
        for (const auto* text : {"", "every", "every 15", "every min", "every x min", "every 1 week", "daily",
                                 "daily 8", "daily 24:00", "daily 20:60", "daily -1:00", "weekly 03:00",
                                 "weekly Sam 03:00", "weekly Sat 3", "hourly", "every 15 min "}) {
            const auto read = jobTimesFrom(text);
            QVERIFY2(!read && read.error().code == base::ErrorCode::Malformed, text);
        }
        for (const auto* text : {"every 0 min", "every -5 min", "every 367 d"}) {
            const auto read = jobTimesFrom(text);
            QVERIFY2(!read && read.error().code == base::ErrorCode::OutOfRange, text);
        }
    }

    void anIntervalIsDueAtItsEnd()
    {
        QVERIFY(!dueOf(everyQuarter, start, start + quarter - Millis{1}, {}).isDue);
        QVERIFY(dueOf(everyQuarter, start, start + quarter, {}).isDue);
        QCOMPARE(dueOf(everyQuarter, start, start + Millis{1}, {}).next, start + quarter);
    }

    void threeDaysOfSleepAreMadeUpForOnce()
    {
        const auto woken = start + base::oneDay * 3;
        for (const auto& [times, moments] : {std::pair{everyQuarter, std::optional<JobMoments>()},
                                             std::pair{daily, std::optional(momentsAt(woken))}}) {
            const auto due = dueOf(times, start, woken, moments);
            QVERIFY(due.isDue);
            QCOMPARE(due.next, woken);
            const auto after = dueOf(times, woken, woken, moments); // it has begun: that settles all of them
            QVERIFY(!after.isDue);
            QVERIFY(after.next > woken);
        }
    }

    void aLocalTimeIsDueFromItsMomentOn()
    {
        const auto before = start - Millis{1};
        QVERIFY(!dueOf(daily, start - base::oneDay, before, momentsAt(before)).isDue);
        QVERIFY(dueOf(daily, start - base::oneDay, start, momentsAt(start)).isDue);
        QVERIFY(!dueOf(daily, start, start, momentsAt(start)).isDue); // held on the moment itself
        QVERIFY(!dueOf(daily, start, start, {}).isDue);               // without its moments nothing is known
    }

    void aClockThatGoesForwardRunsOnce()
    {
        const auto jumped = start + base::oneDay * 40;
        const auto due = dueOf(weekly, start, jumped, momentsAt(jumped, base::oneDay * 7));
        QVERIFY(due.isDue);
        QVERIFY(!dueOf(weekly, jumped, jumped, momentsAt(jumped, base::oneDay * 7)).isDue);
    }

    void aClockThatGoesBackRunsNothingTwice()
    {
        const auto back = start - Millis{5'000}; // it ran at `start`, then the clock was set back
        const auto due = dueOf(daily, start, back, momentsAt(back));
        QVERIFY(!due.isDue);
        QCOMPARE(due.anchor, start);
        QVERIFY(!dueOf(daily, start, start, momentsAt(start)).isDue); // the moment comes a second time
        const auto interval = dueOf(everyQuarter, start, back, {});
        QVERIFY(!interval.isDue);
        QCOMPARE(interval.next, back + quarter); // and waits no longer than one interval
    }

    void aClockThatWasFarAheadBeginsAnew()
    {
        const auto ahead = start + base::oneDay * 400;
        QCOMPARE(dueOf(daily, start + base::oneDay, start, momentsAt(start)).anchor, start + base::oneDay); // at
        QCOMPARE(dueOf(daily, start + base::oneDay + Millis{1}, start, momentsAt(start)).anchor, start);    // over
        const auto due = dueOf(daily, ahead, start, momentsAt(start));
        QVERIFY(!due.isDue);
        QCOMPARE(due.anchor, start);
        const auto tomorrow = start + base::oneDay;
        QVERIFY(dueOf(daily, due.anchor, tomorrow, momentsAt(tomorrow)).isDue);
        QCOMPARE(dueOf(everyQuarter, ahead, start, {}).anchor, start);
    }

    void whatIsByHandIsNeverDue()
    {
        QVERIFY(!dueOf({}, {0}, start, {}).isDue);
        QCOMPARE(dueOf({}, {0}, start, {}).next, std::nullopt);
        const JobTimes own{.kind = JobTimes::Kind::Own, .words = "when it likes"};
        QVERIFY(!dueOf(own, {0}, start, {}).isDue);
        QCOMPARE(text(own), "when it likes");
    }

    void silenceAndLengthAreSeenAtTheirLimits()
    {
        const Millis beat{60'000};
        const Millis most{600'000};
        QCOMPARE(watch(beat - Millis{1}, beat, beat, most), JobWatch::Goes);
        QCOMPARE(watch(beat, beat, beat, most), JobWatch::Silent);
        QCOMPARE(watch(Millis{0}, most - Millis{1}, beat, most), JobWatch::Goes);
        QCOMPARE(watch(Millis{0}, most, beat, most), JobWatch::TooLong);
        QCOMPARE(watch(Millis{0}, most * 100, beat, {}), JobWatch::Goes);
    }

    void anOutsideCommandHasToSaySomethingAndEndWell()
    {
        const CommandEnd good{.hasStarted = true, .hasSpoken = true, .lastLine = "12 files"};
        QCOMPARE(verdictOn(good).event, JobEvent::Succeed);
        QCOMPARE(verdictOn(good).words, "12 files");
        auto silent = good;
        silent.hasSpoken = false;
        silent.lastLine.clear();
        QCOMPARE(verdictOn(silent).event, JobEvent::Fail);
        QVERIFY(verdictOn(silent).words.find("without a word") != std::string::npos);
        auto bad = good;
        bad.code = 1;
        QCOMPARE(verdictOn(bad).event, JobEvent::Fail);
        QVERIFY(verdictOn(bad).words.find("12 files") != std::string::npos);
        auto dead = good;
        dead.signal = 11;
        QVERIFY(verdictOn(dead).words.find("signal 11") != std::string::npos);
        QCOMPARE(verdictOn({.why = "no such file"}).event, JobEvent::Fail);
    }

    void namesOfJobs()
    {
        QVERIFY(isJobName("copy-to_nas2"));
        QVERIFY(isJobName(std::string(40, 'a')));
        QVERIFY(!isJobName(std::string(41, 'a')));
        for (const auto* name : {"", "2nd", "a b", "-x", "ä", "a/b"}) {
            QVERIFY2(!isJobName(name), name);
        }
    }
};

QTEST_GUILESS_MAIN(JobTest)
#include "job_test.moc"
