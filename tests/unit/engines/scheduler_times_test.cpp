// When the scheduler begins a job, with clocks of the test's: what is due begins once, and what sleep, a restart or a
// clock that was set has left out is made up for once.
#include "scheduler_rig.h"

using namespace qd::testkit;
using namespace qd;

class SchedulerTimesTest : public QObject, private SchedulerBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { clear(); }

    void anIntervalBeginsWhenItIsDue()
    {
        const auto it = rig({counted(everyHour())});
        QVERIFY(!it->last("counted")); // new: its times begin now
        pass(Millis{3'600'000});
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        QCOMPARE(it->last("counted")->state, JobState::Succeeded);
        QCOMPARE(it->last("counted")->result, std::string("run 1"));
        QCOMPARE(it->last("counted")->trigger, std::string("by the clock"));
        QTRY_COMPARE_WITH_TIMEOUT(it->job("counted")->next, clock_.now() + Millis{3'600'000}, patience);
    }

    void aTimeOfThePolicyIsFollowed()
    {
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).setText("display.zone", "UTC"));
        }
        auto daily = counted({.kind = JobTimes::Kind::Daily, .minutes = 360});
        daily.timePolicy = "night.time";
        auto it = rig({daily});
        QTRY_COMPARE_WITH_TIMEOUT(it->job("counted")->next, base::UtcMs{clock_.ms + 14 * 3'600'000}, patience); // 06:00
        it.reset();
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).set("night.time", 17 * 60));
        }
        it = rig({daily});
        QTRY_COMPARE_WITH_TIMEOUT(it->job("counted")->next, base::UtcMs{clock_.ms + 3'600'000}, patience); // 17:00
        QCOMPARE(it->job("counted")->times, std::string("daily 17:00"));
        pass(Millis{3'600'000});
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        QCOMPARE(runs_.load(), 1);
        it.reset();
        it = rig({daily}); // another start of the same day
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 1);
    }

    void threeDaysOfSleepAreMadeUpForOnce()
    {
        const auto it = rig({counted(everyHour())});
        clock_.ms += (base::oneDay * 3).count(); // the awake clock stood still
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        QVERIFY(it->last("counted")->trigger.find("late") != std::string::npos);
        (void)it->ask(console::SetJobPaused{"counted", false}); // some rounds more
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 1);
    }

    void aRestartAfterThreeDaysMakesUpForOnceToo()
    {
        rig({counted(everyHour())})->end();
        pass(base::oneDay * 3);
        const auto it = rig({counted(everyHour())});
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 1);
    }

    void aClockThatJumpsBothWaysRunsOnceEach()
    {
        const auto it = rig({counted({.kind = JobTimes::Kind::Daily, .minutes = 12 * 60})});
        clock_.ms += base::oneDay.count(); // forward over noon, wherever the machine is
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        clock_.ms -= base::oneDay.count(); // back; noon comes again
        (void)it->ask(console::SetJobPaused{"counted", false});
        pass(base::oneDay);
        (void)it->ask(console::SetJobPaused{"counted", false});
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 1);
        pass(base::oneDay);
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 2, patience);
    }

    void anIntervalAcrossAClockThatIsSet()
    {
        const auto it = rig({counted(everyHour())});
        clock_.ms -= base::oneDay.count(); // set back by a day: an hour from now, not in a day and an hour
        QTRY_COMPARE_WITH_TIMEOUT(it->job("counted")->next, clock_.now() + Millis{3'600'000}, patience);
        QCOMPARE(runs_.load(), 0);
        pass(Millis{3'600'000});
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && !it->job("counted")->now, patience);
        clock_.ms += (base::oneDay * 2).count(); // set forward: once
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 2, patience);
        QTRY_VERIFY_WITH_TIMEOUT(!it->job("counted")->now, patience);
        (void)it->ask(console::SetJobPaused{"counted", false}); // some rounds more
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 2);
    }

    void aClockThatWasPutBackRunsNoDailyTwiceAndAWeekOfSleepOnce()
    {
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).setText("display.zone", "UTC"));
        }
        clock_.ms = base::parseUtc("2025-11-24T11:59:00Z")->value;
        const auto it = rig({counted({.kind = JobTimes::Kind::Daily, .minutes = 12 * 60})});
        pass(Millis{60'000});
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && !it->job("counted")->now, patience);
        clock_.ms -= 5 * 60'000; // noon comes again
        (void)it->ask(console::SetJobPaused{"counted", false});
        pass(Millis{10 * 60'000});
        (void)it->ask(console::AddJob{"x", "true", "by hand"});
        (void)it->ask(console::AddJob{"y", "true", "by hand"});
        QCOMPARE(runs_.load(), 1);
        clock_.ms += (base::oneDay * 7).count(); // the machine slept
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 2, patience);
        (void)it->ask(console::RemoveJob{"x"});
        (void)it->ask(console::RemoveJob{"y"});
        QCOMPARE(runs_.load(), 2);
        QVERIFY(it->last("counted")->trigger.find("late") != std::string::npos);
    }

    void aSkippedHourRunsAtItsEndAndADoubledOneOnce()
    {
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).setText("display.zone", "Europe/Berlin"));
        }
        const auto daily = counted({.kind = JobTimes::Kind::Daily, .minutes = 150}); // 02:30
        const auto at = [&](const char* iso) {
            const auto to = base::parseUtc(iso)->value;
            awake_ += to - clock_.ms;
            clock_.ms = to;
        };
        const auto rounds = [&](Rig& it) {
            (void)it.ask(console::AddJob{"x", "true", "by hand"});
            (void)it.ask(console::AddJob{"y", "true", "by hand"});
        };
        clock_.ms = base::parseUtc("2026-03-29T00:30:00Z")->value; // 01:30 before the hour that is skipped
        {
            const auto it = rig({daily});
            at("2026-03-29T00:59:59.500Z");
            rounds(*it);
            QCOMPARE(runs_.load(), 0);
            at("2026-03-29T01:00:00Z"); // 03:00
            QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
            QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && !it->job("counted")->now, patience);
            at("2026-03-29T01:30:00Z");
            rounds(*it);
            QCOMPARE(runs_.load(), 1);
        }
        clear();
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).setText("display.zone", "Europe/Berlin"));
        }
        clock_.ms = base::parseUtc("2026-10-25T00:00:00Z")->value; // 02:00, and again in an hour
        const auto it = rig({daily});
        at("2026-10-25T00:30:00Z");
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && !it->job("counted")->now, patience);
        at("2026-10-25T01:30:00Z"); // 02:30 again
        rounds(*it);
        QCOMPARE(runs_.load(), 1);
        at("2026-10-26T01:30:00Z");
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 2, patience);
    }

    void aJobWithARuleOfItsOwnBeginsWhenThatSaysAndRestsAMinute()
    {
        std::atomic<std::int64_t> due{clock_.ms + 10'000};
        auto job = counted({.kind = JobTimes::Kind::Own, .words = "as it says"});
        job.next = [&] { return std::optional(UtcMs{due.load()}); };
        const auto it = rig({job});
        QTRY_VERIFY_WITH_TIMEOUT(it->job("counted")->next == UtcMs{due.load()}, patience);
        it->isWaiting = true; // ticks and trades come first
        pass(Millis{10'000});
        QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"})); // a round later
        QVERIFY(!it->ask(console::AddJob{"y", "true", "by hand"}));
        QCOMPARE(runs_.load(), 0);
        it->isWaiting = false;
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && !it->job("counted")->now, patience);
        pass(Millis{59'999}); // its rule still says that it is due
        QVERIFY(!it->ask(console::RemoveJob{"x"}));
        QVERIFY(!it->ask(console::RemoveJob{"y"}));
        QCOMPARE(runs_.load(), 1);
        pass(Millis{1});
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 2, patience);
    }

    void whatIsDueWaitsForTicksSaysSoAndBeginsAnHourLaterAllTheSame()
    {
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::PolicyStore(database).setText("display.zone", "UTC"));
        }
        constexpr Millis hour{3'600'000};
        const std::vector<std::string> names{"interval", "daily", "own"};
        std::atomic<std::int64_t> due{clock_.ms + hour.count()};
        auto interval = counted(everyHour());
        interval.name = names[0];
        auto daily = counted({.kind = JobTimes::Kind::Daily, .minutes = 17 * 60});
        daily.name = names[1];
        auto own = counted({.kind = JobTimes::Kind::Own, .words = "as it says"});
        own.name = names[2];
        own.next = [&] { return std::optional(UtcMs{due.load()}); };
        own.work = [&](JobRun&, bool) {
            due += base::oneDay.count();
            return base::Result<std::string>("run " + std::to_string(++runs_));
        };
        const auto it = rig({interval, daily, own});
        it->isWaiting = true;
        QCOMPARE(it->job("interval")->waits, std::string()); // it is not due
        pass(hour);
        for (const auto& name : names) {
            QTRY_COMPARE_WITH_TIMEOUT(it->job(name)->waits, std::string("ticks lag"), patience);
        }
        pass(hour - Millis{1});
        QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"})); // a round later
        QVERIFY(!it->ask(console::AddJob{"y", "true", "by hand"}));
        QCOMPARE(runs_.load(), 0);
        it->isStoreFailing = true; // nothing could be kept, however long it has waited
        pass(hour);
        QVERIFY(!it->ask(console::AddJob{"z", "true", "by hand"}));
        QVERIFY(!it->ask(console::AddJob{"zz", "true", "by hand"}));
        QCOMPARE(runs_.load(), 0);
        it->isStoreFailing = false;
        for (const auto& name : names) {
            QTRY_VERIFY_WITH_TIMEOUT(it->last(name) && !it->job(name)->now, patience);
            QCOMPARE(it->last(name)->trigger, std::string("by the clock, late: made up for once"));
            QTRY_COMPARE_WITH_TIMEOUT(it->job(name)->waits, std::string(), patience);
        }
        QCOMPARE(runs_.load(), 3);
    }

    void whatTheClockPutInLineAndWasCancelledThereComesAtItsNextTime()
    {
        const auto it = rig({counted(everyHour())});
        auto night = it->board.begin("sensitivity", "after the review", JobBoard::Load::Heavy);
        pass(Millis{3'600'000});
        QTRY_VERIFY_WITH_TIMEOUT(it->job("counted")->now && it->job("counted")->now->state == JobState::Queued,
                                 patience);
        QVERIFY(!it->ask(console::CancelJob{"counted"}));
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted") && it->last("counted")->state == JobState::Cancelled, patience);
        QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"})); // a round later
        QVERIFY(!it->board.isUnderWay("counted"));
        pass(Millis{3'600'000});
        QTRY_VERIFY_WITH_TIMEOUT(it->board.isUnderWay("counted"), patience);
        night.succeed("1 candidate");
        night = {};
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
    }
};

QTEST_GUILESS_MAIN(SchedulerTimesTest)
#include "scheduler_times_test.moc"
