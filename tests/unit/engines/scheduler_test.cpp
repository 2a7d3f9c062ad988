// The scheduler on a real database: runs one after the other, a restart finds what was under way, and the operator's
// wishes are committed before they are answered. When jobs are due is scheduler_times_test's.
#include "scheduler_rig.h"

using namespace qd::testkit;
using namespace qd;

class SchedulerTest : public QObject, private SchedulerBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { clear(); }

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

    // A run of no note gives its number to the next one, which is a run of its own time.
    void aRunThatTakesANumberComesAtTheEndOfTheDay()
    {
        const auto it = rig({counted({}), {.name = "gap-check", .title = "Gap check", .times = {}}});
        const auto check = [&] {
            auto run = it->board.begin("gap-check", "by the clock");
            run.quiet();
            run.succeed("nothing missing");
        };
        check();
        QTRY_VERIFY_WITH_TIMEOUT(it->last("gap-check").has_value(), patience);
        QVERIFY(!it->ask(console::RunJob{"counted"}));
        QTRY_VERIFY_WITH_TIMEOUT(it->last("counted").has_value(), patience);
        pass(Millis{60'000});
        check();
        QTRY_COMPARE_WITH_TIMEOUT(it->last("gap-check")->ended, clock_.now(), patience);
        const auto day = it->screen.get()->day;
        QCOMPARE(day->size(), 2U);
        QCOMPARE(day->front().job, std::string("counted"));
        QCOMPARE(day->back().job, std::string("gap-check"));
        QVERIFY(day->back().id < day->front().id); // the number of the first check
        QCOMPARE(day->back().staged, clock_.now());
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
