// The scheduler on a real database, with clocks of the test's: what is due begins once, sleep is made up for once, a
// restart finds what was under way, and the operator's wishes are committed before they are answered.
#include "engines/scheduler.h"
#include "storage/policy_store.h"

#include <QTemporaryDir>
#include <QtTest>

#include <set>

namespace {

using namespace qd;
using namespace qd::engines;
using base::Millis;
using base::UtcMs;
using governance::JobState;
using governance::JobTimes;
using namespace std::chrono_literals;

constexpr int patience = 120'000; // of a slow machine

template <typename T>
T good(base::Result<T> result)
{
    if (!result) {
        qFatal("%s", base::sentence(result.error()).c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

class FakeClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return {ms.load()}; }
    std::atomic<std::int64_t> ms{1'764'000'000'000}; // Mon 2025-11-24 16:00 UTC
};

/// A scheduler with a store of its own, from start to end of a console.
class Rig {
public:
    Rig(const std::filesystem::path& file, std::vector<InsideJob> inside, FakeClock& clock,
        std::atomic<std::int64_t>& awake, const std::string& home)
        : database_(good(storage::Database::open(file, storage::Database::Mode::ReadWrite))),
          board(clock, [&awake] { return JobBoard::Awake{awake.load()}; }),
          scheduler_({.database = file,
                      .folder = file.parent_path(),
                      .board = board,
                      .door = door,
                      .store = store,
                      .events = events,
                      .screen = screen,
                      .pulse = pulse,
                      .clock = clock,
                      .inside = std::move(inside),
                      .toBackups = [this](console::CommandId id,
                                          const console::Command&) { events.push(console::CommandDone{id, notThere}); },
                      .waits = [this] { return std::string(isWaiting ? "ticks lag" : ""); },
                      .awake = [&awake] { return JobBoard::Awake{awake.load()}; },
                      .home = home})
    {
        writer_ = std::make_unique<base::WorkerThread>(
            "store", [this](const std::stop_token&) { write(); },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
        thread_ = std::make_unique<base::WorkerThread>(
            "jobs", [this](const std::stop_token& stop) { scheduler_.run(stop); },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
    }
    ~Rig() { end(); }
    void end()
    {
        thread_.reset();
        store.close();
        writer_.reset();
    }

    [[nodiscard]] std::optional<console::JobLine> job(const std::string& name) const
    {
        const auto shown = screen.get();
        if (shown) {
            for (const auto& line : shown->jobs) {
                if (line.name == name) {
                    return line;
                }
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<governance::JobRunRow> last(const std::string& name) const
    {
        const auto line = job(name);
        return line ? line->last : std::nullopt;
    }
    /// Its answer, once it is there.
    std::optional<base::Error> ask(console::Command command)
    {
        const auto id = ++lastId_;
        if (!door.push({id, std::move(command)})) {
            qFatal("the door is closed");
        }
        std::optional<base::Error> out;
        bool isAnswered = false;
        const bool isInTime = QTest::qWaitFor(
            [&] {
                for (const auto& event : events.take()) {
                    if (const auto* done = std::get_if<console::CommandDone>(&event);
                        done != nullptr && done->id == id) {
                        out = done->error;
                        isAnswered = true;
                    } else if (const auto* notice = std::get_if<console::Notice>(&event)) {
                        notices.insert(notice->text);
                    }
                }
                return isAnswered;
            },
            patience);
        if (!isInTime) {
            qFatal("no answer");
        }
        return out;
    }

private:
    storage::Database database_;

public:
    JobBoard board;
    JobDoor door{256};
    StoreQueue store{1'024};
    EventLog events;
    base::Mailbox<console::JobsSnapshot> screen;
    Heartbeat pulse;
    std::set<std::string> notices;
    std::atomic<bool> isWaiting{false};
    const base::Error notThere{base::ErrorCode::NotFound, "backups", "nothing runs"}; // the backup thread's answer

private:
    void write()
    {
        while (!store.isDone()) {
            for (auto& item : store.popAll(50ms)) {
                auto& jobs = std::get<StoreJobs>(item);
                good(database_.begin());
                good(storage::JobStore(database_).write(jobs.record));
                good(database_.commit(false));
                if (jobs.answer) {
                    jobs.answer->set_value({});
                }
            }
        }
    }
    Scheduler scheduler_;
    console::CommandId lastId_ = 0;
    std::unique_ptr<base::WorkerThread> writer_;
    std::unique_ptr<base::WorkerThread> thread_;
};

JobTimes everyHour()
{
    return {.kind = JobTimes::Kind::Every, .every = Millis{3'600'000}};
}

} // namespace

class SchedulerTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir dir_;
    FakeClock clock_;
    std::atomic<std::int64_t> awake_{1'000'000};
    std::atomic<int> runs_{0};
    std::string home_{"here"};

    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("j.db")).toStdString(); }
    [[nodiscard]] InsideJob counted(JobTimes times)
    {
        return {.name = "counted", .title = "Counted", .times = std::move(times), .work = [this](JobRun&, bool) {
                    return base::Result<std::string>("run " + std::to_string(++runs_));
                }};
    }
    std::unique_ptr<Rig> rig(std::vector<InsideJob> inside = {})
    {
        auto out = std::make_unique<Rig>(file(), std::move(inside), clock_, awake_, home_);
        if (!QTest::qWaitFor([&] { return out->screen.get() != nullptr; }, patience)) {
            qFatal("it does not start");
        }
        return out;
    }
    /// Awake.
    void pass(Millis time)
    {
        clock_.ms += time.count();
        awake_ += time.count();
    }
    [[nodiscard]] std::vector<governance::JobRunRow> kept(const std::string& name) const
    {
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        return good(storage::JobStore(database).runs(name, 100));
    }

private Q_SLOTS:
    void init()
    {
        for (const auto* end : {"", "-wal", "-shm"}) {
            std::filesystem::remove(file().string() + end);
        }
        clock_.ms = 1'764'000'000'000;
        runs_ = 0;
        home_ = "here";
    }

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

    void whatRanAtTheEndIsAnOrphanAtTheNextStart()
    {
        {
            auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(storage::JobStore(database).write({.runs = {{.id = 7,
                                                              .job = "counted",
                                                              .trigger = "by you",
                                                              .state = JobState::Running,
                                                              .staged = clock_.now(),
                                                              .begun = clock_.now(),
                                                              .beat = clock_.now()}}}));
        }
        clock_.ms += 3 * base::oneDay.count(); // the machine was off
        const auto it = rig({counted({})});
        QCOMPARE(it->last("counted")->state, JobState::Orphaned);
        QCOMPARE(kept("counted").front().state, JobState::Orphaned);
        QVERIFY(!it->ask(console::RunJob{"counted"})); // and it can run again
        QTRY_COMPARE_WITH_TIMEOUT(it->last("counted")->state, JobState::Succeeded, patience);
        QCOMPARE(it->last("counted")->id, 8);
        QVERIFY(
            std::ranges::any_of(it->notices, [](const auto& text) { return text.starts_with("Counted: orphaned"); }));
    }

    void aClosedConsoleCancelsWhatRuns()
    {
        std::atomic<bool> hasBegun{false};
        auto it = rig({{.name = "long", .title = "Long", .times = {}, .work = [&](JobRun& run, bool) {
                            hasBegun = true;
                            while (!run.token().stop_requested()) {
                                std::this_thread::sleep_for(1ms);
                            }
                            return base::Result<std::string>("stopped");
                        }}});
        QVERIFY(!it->ask(console::RunJob{"long"}));
        QTRY_VERIFY_WITH_TIMEOUT(hasBegun.load(), patience);
        it->end();
        QCOMPARE(kept("long").front().state, JobState::Cancelled);
    }

    void oneHeavyJobAtATimeAndNoneTwice()
    {
        std::atomic<int> now{0};
        std::atomic<int> most{0};
        std::atomic<bool> mayEnd{false};
        const auto work = [&](JobRun&, bool) {
            most = std::max(most.load(), ++now);
            while (!mayEnd) {
                std::this_thread::sleep_for(1ms);
            }
            --now;
            return base::Result<std::string>("done");
        };
        const auto it = rig({{.name = "a", .title = "A", .times = {}, .work = work},
                             {.name = "b", .title = "B", .times = {}, .work = work}});
        QVERIFY(!it->ask(console::RunJob{"a"}));
        QVERIFY(!it->ask(console::RunJob{"b"}));
        QTRY_VERIFY_WITH_TIMEOUT(it->job("a")->now && it->job("a")->now->state == JobState::Running, patience);
        QTRY_VERIFY_WITH_TIMEOUT(it->job("b")->now && it->job("b")->now->state == JobState::Queued, patience);
        QTRY_COMPARE_WITH_TIMEOUT(it->job("b")->now->phase, std::string("waits for A"), patience);
        const auto refused = it->ask(console::RunJob{"a"});
        QVERIFY(refused && refused->code == base::ErrorCode::Busy);
        mayEnd = true;
        QTRY_VERIFY_WITH_TIMEOUT(it->last("b").has_value(), patience);
        QCOMPARE(most.load(), 1);
    }

    void aSilentJobIsTimedOutCancelledAndTold()
    {
        std::atomic<bool> hasBegun{false};
        const auto it = rig({{.name = "hang", .title = "Hang", .times = {}, .work = [&](JobRun& run, bool) {
                                  hasBegun = true;
                                  while (!run.token().stop_requested()) {
                                      std::this_thread::sleep_for(1ms);
                                  }
                                  return base::Result<std::string>("late");
                              }}});
        QVERIFY(!it->ask(console::RunJob{"hang"}));
        QTRY_VERIFY_WITH_TIMEOUT(hasBegun.load(), patience);
        pass(Millis{60'000});
        QTRY_VERIFY_WITH_TIMEOUT(it->last("hang").has_value(), patience);
        QCOMPARE(it->last("hang")->state, JobState::TimedOut);
        QVERIFY(!it->ask(console::SetJobPaused{"hang", true}));
        QVERIFY(std::ranges::any_of(it->notices, [](const auto& text) { return text.starts_with("Hang: timed out"); }));
    }

    void aPausedJobWaitsAndARestartRemembers()
    {
        {
            const auto it = rig({counted(everyHour())});
            QVERIFY(!it->ask(console::SetJobPaused{"counted", true}));
            QVERIFY(it->job("counted")->isPaused);
            QVERIFY(!it->job("counted")->next);
        }
        pass(base::oneDay);
        const auto it = rig({counted(everyHour())});
        QVERIFY(it->job("counted")->isPaused);
        QVERIFY(!it->ask(console::SetJobPaused{"counted", false}));
        (void)it->ask(console::SetJobPaused{"counted", false});
        QCOMPARE(runs_.load(), 0); // what came while it was paused was not wished
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        const auto journal = good(storage::JournalStore(database).entries());
        QCOMPARE(journal.size(), 2U);
        QCOMPARE(journal.front().what, std::string("job counted resumed"));
    }

    void outsideCommandsComeRunAndGo()
    {
        {
            const auto it = rig();
            QVERIFY(!it->ask(console::AddJob{"copy", "echo 3 files", "every 6 h", Millis{60'000}}));
            QCOMPARE(it->job("copy")->times, std::string("every 6 h"));
            QVERIFY(!it->ask(console::RunJob{"copy"}));
            QTRY_VERIFY_WITH_TIMEOUT(it->last("copy").has_value(), patience);
            QCOMPARE(it->last("copy")->state, JobState::Succeeded);
            QVERIFY(!it->ask(console::AddJob{"copy", "exit 1", "daily 20:00"}));
            QVERIFY(!it->ask(console::RunJob{"copy"}));
            QTRY_COMPARE_WITH_TIMEOUT(it->last("copy")->state, JobState::Failed, patience);
        }
        const auto it = rig(); // a restart knows it
        QCOMPARE(it->job("copy")->command, std::string("exit 1"));
        QVERIFY(!it->ask(console::RemoveJob{"copy"}));
        QTRY_VERIFY_WITH_TIMEOUT(!it->job("copy"), patience);
        QCOMPARE(kept("copy").size(), 2U); // its runs stay
    }

    void aDatabaseFromElsewhereHasItsCommandsPausedAndSaysSo()
    {
        {
            const auto it = rig({counted(everyHour())});
            QVERIFY(!it->ask(console::AddJob{"copy", "echo it ran", "every 6 h"}));
            QVERIFY(!it->ask(console::AddJob{"off", "echo it ran", "every 6 h"}));
            QVERIFY(!it->ask(console::SetJobPaused{"off", true}));
        }
        {
            const auto it = rig({counted(everyHour())}); // at home nothing changes
            QVERIFY(!it->job("copy")->isPaused);
        }
        home_ = "another machine";
        pass(Millis{7 * 3'600'000}); // due
        {
            const auto it = rig({counted(everyHour())});
            QVERIFY(it->job("copy")->isPaused);
            QVERIFY(!it->job("counted")->isPaused); // the console's own go on
            QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"}));
            QVERIFY(!it->ask(console::AddJob{"y", "true", "by hand"})); // some rounds later
            QVERIFY(!it->last("copy"));
            QVERIFY(std::ranges::any_of(it->notices, [](const auto& text) {
                return text.find("another machine or folder") != std::string::npos &&
                       text.find(": copy.") != std::string::npos;
            }));
            QVERIFY(!it->ask(console::SetJobPaused{"copy", false, "it is mine here"}));
        }
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        const auto journal = good(storage::JournalStore(database).entries());
        const auto told =
            std::ranges::find(journal, std::string("outside commands paused: copy"), &storage::JournalEntry::what);
        QVERIFY(told != journal.end());
        QCOMPARE(told->by, std::string("policy"));
        const auto it = rig({counted(everyHour())}); // now it is at home here
        QVERIFY(!it->job("copy")->isPaused);
        QVERIFY(it->job("off")->isPaused);
    }

    void reasonsAreJournalled()
    {
        {
            const auto it = rig({counted(everyHour())});
            QVERIFY(!it->ask(console::SetJobPaused{"counted", true, "the disk is slow"}));
            QVERIFY(!it->ask(console::AddJob{"copy", "true", "by hand", {}, "off site"}));
            QVERIFY(!it->ask(console::RemoveJob{"copy", "not any more"}));
        }
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        const auto journal = good(storage::JournalStore(database).entries()); // newest first
        QCOMPARE(journal.size(), 3U);
        QCOMPARE(journal[0].why, std::string("not any more"));
        QCOMPARE(journal[1].why, std::string("off site"));
        QCOMPARE(journal[2].why, std::string("the disk is slow"));
    }

    void ofRunsOfNoNoteTheNewestIsKeptAndABadOneIsToldOnce()
    {
        const auto it = rig({{.name = "gap-check", .title = "Gap check", .times = {}}});
        const auto once = [&](bool isQuiet, const char* why) {
            auto run = it->board.begin("gap-check", "by the clock");
            if (isQuiet) {
                run.quiet();
            }
            *why == 0 ? run.succeed("nothing missing") : run.fail(why);
        };
        for (int i = 0; i < 5; ++i) {
            pass(Millis{60'000});
            once(true, "");
            QTRY_VERIFY_WITH_TIMEOUT(it->last("gap-check") && it->last("gap-check")->ended == clock_.now(), patience);
        }
        QTRY_COMPARE_WITH_TIMEOUT(kept("gap-check").size(), 1U, patience);
        once(false, "none answered");
        QTRY_COMPARE_WITH_TIMEOUT(it->last("gap-check")->state, JobState::Failed, patience);
        pass(Millis{60'000});
        once(true, "none answered still");
        QTRY_COMPARE_WITH_TIMEOUT(it->last("gap-check")->result, std::string("none answered still"), patience);
        QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"}));
        QCOMPARE(kept("gap-check").size(), 2U);
        const auto told =
            std::ranges::count_if(it->notices, [](const auto& text) { return text.starts_with("Gap check: failed"); });
        QCOMPARE(told, 1);
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
        init();
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

    void whatCannotBeIsRefused()
    {
        const auto it = rig({counted(everyHour()),
                             {.name = "own",
                              .title = "Own",
                              .times = {.kind = JobTimes::Kind::Own, .words = "x"},
                              .cannotRun = "it comes by itself",
                              .canPause = false}});
        const auto code = [&](console::Command command) {
            const auto error = it->ask(std::move(command));
            return error ? error->code : base::ErrorCode::Internal;
        };
        using base::ErrorCode;
        QCOMPARE(code(console::RunJob{"none"}), ErrorCode::NotFound);
        QCOMPARE(code(console::RunJob{"own"}), ErrorCode::Conflict);
        QCOMPARE(code(console::SetJobPaused{"own", true}), ErrorCode::Conflict);
        QCOMPARE(code(console::SetJobPaused{"none", true}), ErrorCode::NotFound);
        QCOMPARE(code(console::CancelJob{"counted"}), ErrorCode::NotFound);
        QCOMPARE(code(console::RemoveJob{"counted"}), ErrorCode::Conflict);
        QCOMPARE(code(console::AddJob{"counted", "true", "by hand"}), ErrorCode::Conflict);
        QCOMPARE(code(console::AddJob{"a b", "true", "by hand"}), ErrorCode::Malformed);
        QCOMPARE(code(console::AddJob{"a", "  ", "by hand"}), ErrorCode::Malformed);
        QCOMPARE(code(console::AddJob{"a", "true", "now and then"}), ErrorCode::Malformed);
        QCOMPARE(code(console::AddJob{"a", "true", "by hand", Millis{999}}), ErrorCode::OutOfRange);
    }

    void anEnginesJobIsAskedOf()
    {
        const auto it = rig({{.name = "calibration", .title = "C", .times = everyHour()}});
        pass(base::oneDay); // due, but that is the engine's to say
        QVERIFY(!it->ask(console::RunJob{"calibration"}));
        QVERIFY(it->board.takeWish("calibration"));
        auto run = it->board.begin("calibration", "by you");
        QTRY_VERIFY_WITH_TIMEOUT(it->job("calibration")->now.has_value(), patience);
        run.succeed("12 fills");
        run = {};
        QTRY_VERIFY_WITH_TIMEOUT(it->last("calibration").has_value(), patience);
        QCOMPARE(it->last("calibration")->result, std::string("12 fills"));
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

    void aBackupThatWasAskedForIsAnsweredAtItsEnd()
    {
        std::atomic<bool> mayEnd{false};
        std::atomic<bool> wasWished{false};
        const auto work = [&](JobRun&, bool isWished) {
            wasWished = isWished;
            while (!mayEnd) {
                std::this_thread::sleep_for(1ms);
            }
            return base::Result<std::string>(base::fail(base::ErrorCode::DiskFull, "backups", "no room"));
        };
        const auto it = rig({{.name = "backup", .title = "Backup", .times = {}, .work = work},
                             {.name = "long", .title = "Long", .times = {}, .work = work}});
        QVERIFY(!it->ask(console::RunJob{"long"}));
        QTRY_VERIFY_WITH_TIMEOUT(it->job("long")->now && it->job("long")->now->state == JobState::Running, patience);
        // In line behind another, and cancelled there: answered though the other still runs.
        QVERIFY(it->door.push({9'001, console::BackUpNow{}}));
        QTRY_VERIFY_WITH_TIMEOUT(it->job("backup")->now.has_value(), patience);
        QVERIFY(!it->ask(console::CancelBackup{}));
        QTRY_VERIFY_WITH_TIMEOUT(it->last("backup").has_value(), patience);
        QCOMPARE(it->last("backup")->state, JobState::Cancelled);
        const auto idle = it->ask(console::CancelBackup{}); // the backup thread's to answer
        QVERIFY(idle && idle->code == base::ErrorCode::NotFound);
        // Cancelled and wished again at once: what is behind it in line is another run.
        QVERIFY(it->door.push({9'002, console::BackUpNow{}}));
        QVERIFY(it->door.push({9'003, console::CancelBackup{}}));
        QVERIFY(!it->ask(console::RunJob{"backup"}));
        mayEnd = true;
        QTRY_COMPARE_WITH_TIMEOUT(it->last("backup")->state, JobState::Failed, patience);
        QTRY_VERIFY_WITH_TIMEOUT(!it->board.isUnderWay("backup"), patience);
        const auto failed = it->ask(console::BackUpNow{});
        QVERIFY(failed && failed->code == base::ErrorCode::DiskFull);
        QVERIFY(wasWished);
        QTRY_COMPARE_WITH_TIMEOUT(it->last("backup")->state, JobState::Failed, patience);
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

    void heavyJobsWaitForThoseOfOtherThreads()
    {
        const auto it = rig({counted({})});
        auto night = it->board.begin("sensitivity", "after the review", JobBoard::Load::Heavy);
        QVERIFY(!it->ask(console::RunJob{"counted"}));
        QTRY_VERIFY_WITH_TIMEOUT(it->job("counted")->now && it->job("counted")->now->state == JobState::Queued,
                                 patience);
        QVERIFY(!it->ask(console::AddJob{"x", "true", "by hand"})); // a round later
        QCOMPARE(runs_.load(), 0);
        QCOMPARE(it->board.heavyAtWork(), std::string("sensitivity"));
        night.succeed("1 candidate");
        night = {};
        QTRY_COMPARE_WITH_TIMEOUT(runs_.load(), 1, patience);
    }
};

QTEST_GUILESS_MAIN(SchedulerTest)
#include "scheduler_test.moc"
