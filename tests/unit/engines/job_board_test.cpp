// Runs on the board: who may begin one, how each ends, and what silence, sleep and a lost thread make of it.
#include "engines/backup_jobs.h"
#include "engines/job_board.h"
#include "engines/job_keeper.h"
#include "engines/outside_command.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <signal.h>
#include <thread>

namespace {

using namespace qd;
using namespace qd::engines;
using base::Millis;
using governance::JobState;
using namespace std::chrono_literals;

class FakeClock final : public base::Clock {
public:
    [[nodiscard]] base::UtcMs now() const override { return {ms.load()}; }
    std::atomic<std::int64_t> ms{1'764'000'000'000};
};

const auto unlimited = [](const std::string&) { return std::optional<Millis>(); };
constexpr Millis minute{60'000};

/// Or a corpse that nobody has buried yet.
bool isGone(int pid)
{
    QFile state(QStringLiteral("/proc/%1/stat").arg(pid));
    return !state.open(QIODevice::ReadOnly) || state.readAll().contains(") Z ");
}

} // namespace

class JobBoardTest : public QObject {
    Q_OBJECT
private:
    FakeClock clock_;
    std::atomic<std::int64_t> awake_{5'000'000};
    std::unique_ptr<JobBoard> board_;

    /// The only run that changed.
    governance::JobRunRow only()
    {
        auto seen = board_->takeChanges(JobBoard::Awake{0});
        if (seen.size() != 1) {
            qFatal("%zu runs changed", seen.size());
        }
        return seen.front().row;
    }

private Q_SLOTS:
    void init()
    {
        board_ = std::make_unique<JobBoard>(clock_, [this] { return JobBoard::Awake{awake_.load()}; });
    }

    void aRunGoesFromStagedToSucceeded()
    {
        const auto key = board_->stage("a", "by you");
        QCOMPARE(only().state, JobState::Staged);
        board_->admit(key);
        QCOMPARE(only().state, JobState::Queued);
        auto run = board_->start(key);
        QVERIFY(run);
        QCOMPARE(only().state, JobState::Running);
        awake_ += 1'500;
        run->progress(0.5, "half");
        QCOMPARE(*only().progress, 0.5);
        run->succeed("12 rows");
        run.reset();
        const auto end = only();
        QCOMPARE(end.state, JobState::Succeeded);
        QCOMPARE(end.result, std::string("12 rows"));
        QCOMPARE(end.awake, Millis{1'500});
        QVERIFY(!board_->isUnderWay("a"));
        QVERIFY(board_->takeChanges(JobBoard::Awake{0}).empty()); // told once
    }

    void nothingRunsTwiceAtATime()
    {
        auto first = board_->begin("a", "by the clock");
        QVERIFY(board_->isUnderWay("a"));
        QCOMPARE(board_->stage("a", "by you"), 0U);
        auto second = board_->begin("a", "by you");
        second.fail("nobody hears it");
        QCOMPARE(only().state, JobState::Running);
        first.succeed("");
        QVERIFY(board_->isUnderWay("a")); // who worked has not come back
        QCOMPARE(board_->stage("a", "by you"), 0U);
        first = {};
        QVERIFY(board_->stage("a", "by you") != 0);
    }

    void whatIsSilentTimesOutAndIsCancelled()
    {
        auto run = board_->begin("a", "by the clock");
        awake_ += minute.count() - 1;
        board_->lookAfter(minute, unlimited);
        QCOMPARE(only().state, JobState::Running);
        awake_ += 1;
        board_->lookAfter(minute, unlimited);
        QCOMPARE(only().state, JobState::TimedOut);
        QVERIFY(run.token().stop_requested()); // its thread is alive, and told
        run.succeed("after all");
        QVERIFY(board_->takeChanges(JobBoard::Awake{0}).empty()); // too late
        QVERIFY(board_->isUnderWay("a"));                         // and holds its place until it comes back
    }

    void aBeatKeepsItAlive()
    {
        auto run = board_->begin("a", "by the clock");
        for (int i = 0; i < 5; ++i) {
            awake_ += minute.count() - 1;
            run.beat();
            board_->lookAfter(minute, unlimited);
        }
        QCOMPARE(only().state, JobState::Running);
        awake_ += 1;
        board_->lookAfter(minute, [](const std::string&) { return std::optional(minute * 5 - Millis{4}); });
        QCOMPARE(only().state, JobState::TimedOut); // but no longer than it may take
        run.cancel("");
    }

    void sleepAndAClockThatIsSetEndNothing()
    {
        auto run = board_->begin("a", "by the clock");
        clock_.ms += (base::oneDay * 3).count(); // asleep: the awake clock stood still
        board_->lookAfter(minute, unlimited);
        QCOMPARE(only().state, JobState::Running);
        clock_.ms -= (base::oneDay * 30).count(); // set back
        board_->lookAfter(minute, unlimited);
        awake_ += 250;
        run.succeed("");
        const auto end = only();
        QCOMPARE(end.state, JobState::Succeeded);
        QCOMPARE(end.awake, Millis{250});
        QVERIFY(*end.ended >= *end.begun); // whatever the clock says
    }

    void aThreadThatGoesWithoutAWordLeavesAnOrphan()
    {
        std::thread([run = board_->begin("a", "by the clock")]() mutable { run.say("so far so good"); }).join();
        const auto seen = board_->takeChanges(JobBoard::Awake{0});
        QCOMPARE(seen.size(), 1U);
        QCOMPARE(seen.front().row.state, JobState::Orphaned);
        QCOMPARE(seen.front().lines.size(), 3U);
        QVERIFY(seen.front().lines.back().isError);
        QVERIFY(!board_->isUnderWay("a"));
    }

    void anExceptionOnTheWayIsNoSilentEnd()
    {
        try {
            const auto run = board_->begin("a", "by the clock");
            throw std::runtime_error("out of everything");
        } catch (const std::runtime_error&) {
            QCOMPARE(only().state, JobState::Orphaned);
        }
    }

    void whatWaitsAndWhatRunsCanBeCancelled()
    {
        const auto key = board_->stage("a", "by you");
        board_->admit(key);
        QVERIFY(board_->cancel("a", "by you"));
        QVERIFY(!board_->start(key));
        QCOMPARE(only().state, JobState::Cancelled);
        auto run = board_->begin("b", "by you");
        QVERIFY(board_->cancel("b", "by you"));
        QVERIFY(run.token().stop_requested());
        QVERIFY(!board_->cancel("b", "by you"));
        run = {};
        QCOMPARE(only().state, JobState::Cancelled); // and not orphaned
        QVERIFY(!board_->cancel("c", "by you"));
    }

    void wishesAreTakenOnceAndPausesLast()
    {
        board_->wish("a");
        QVERIFY(board_->takeWish("a"));
        QVERIFY(!board_->takeWish("a"));
        board_->setPaused("a", true);
        QVERIFY(board_->isPaused("a"));
        QVERIFY(!board_->isPaused("b"));
        board_->setPaused("a", false);
        QVERIFY(!board_->isPaused("a"));
    }

    void whatIsKeptIsNumberedOnce()
    {
        JobKeeper keeper(41);
        auto run = board_->begin("a", "by you");
        storage::JobRecord first;
        keeper.collect(*board_, first, JobBoard::Awake{0});
        QCOMPARE(first.runs.front().id, 42);
        QCOMPARE(first.lines.front().run, 42);
        run.say("more");
        run.fail("no");
        run = {};
        storage::JobRecord second;
        keeper.collect(*board_, second, JobBoard::Awake{0});
        QCOMPARE(second.runs.front().id, 42);
        QCOMPARE(second.lines.front().line, 2); // goes on after those kept
        auto next = board_->begin("a", "by you");
        storage::JobRecord third;
        keeper.collect(*board_, third, JobBoard::Awake{0});
        QCOMPARE(third.runs.front().id, 43);
        next.cancel("");
    }

    void aRunOfNoNoteGivesItsNumberToTheNext()
    {
        JobKeeper keeper(41);
        const auto once = [&](bool isQuiet, bool isBad) {
            auto run = board_->begin("gap-check", "by the clock");
            if (isQuiet) {
                run.quiet();
            }
            isBad ? run.fail("no answer") : run.succeed("nothing missing");
            run = {};
            storage::JobRecord record;
            keeper.collect(*board_, record, JobBoard::Awake{0});
            return record.runs.back();
        };
        QCOMPARE(once(true, false).id, 42);
        auto other = board_->begin("a", "by you"); // another job takes no part in it
        storage::JobRecord record;
        keeper.collect(*board_, record, JobBoard::Awake{0});
        QCOMPARE(record.runs.front().id, 43);
        other.cancel("");
        const auto second = once(true, false);
        QCOMPARE(second.id, 42);
        QVERIFY(keeper.isQuiet(second));
        const auto failed = once(false, true); // of note: it stays
        QCOMPARE(failed.id, 42);
        QVERIFY(!keeper.isQuiet(failed));
        const auto again = once(true, true);
        QCOMPARE(again.id, 44);
        QVERIFY(keeper.isQuiet(again));
        QCOMPARE(once(false, false).id, 44);
        QCOMPARE(once(false, false).id, 45);
    }

    void whatWaitsSaysForWhatAndForgetsItWhenItBegins()
    {
        const auto key = board_->stage("a", "by you");
        board_->admit(key);
        board_->waitsFor(key, "waits for Backup");
        QCOMPARE(only().phase, std::string("waits for Backup"));
        board_->waitsFor(key, "waits for Backup"); // nothing new
        QVERIFY(board_->takeChanges(JobBoard::Awake{0}).empty());
        auto run = board_->start(key);
        QVERIFY(only().phase.empty());
        board_->waitsFor(key, "waits for nothing");
        QVERIFY(board_->underWay().front().second.phase.empty());
        run->succeed("done");
    }

    void whatACommandLeavesRunningEndsWithIt()
    {
        QTemporaryDir dir;
        auto run = board_->begin("a", "by you");
        runOutside(run, "sleep 1000 >/dev/null 2>&1 & echo $! > child; echo done", dir.path().toStdString());
        QCOMPARE(only().state, JobState::Succeeded);
        QFile child(dir.filePath(QStringLiteral("child")));
        QVERIFY(child.open(QIODevice::ReadOnly));
        const auto pid = child.readAll().trimmed().toInt();
        QVERIFY(pid > 0);
        QTRY_VERIFY_WITH_TIMEOUT(isGone(pid), 60'000);
    }

    void whatIgnoresTheAskingIsKilledWithTheRest()
    {
        QTemporaryDir dir;
        auto run = board_->begin("a", "by you");
        std::jthread worker([&] { // the shell goes when asked; what it started does not
            runOutside(run, "sh -c 'trap \"\" TERM; echo $$ > child; while :; do sleep 1; done' & wait",
                       dir.path().toStdString());
            run = {};
        });
        QFile child(dir.filePath(QStringLiteral("child")));
        QTRY_VERIFY_WITH_TIMEOUT(child.exists() && child.size() > 1, 60'000);
        QVERIFY(board_->cancel("a", "by you"));
        worker.join();
        QCOMPARE(only().state, JobState::Cancelled);
        QVERIFY(child.open(QIODevice::ReadOnly));
        const auto pid = child.readAll().trimmed().toInt();
        QVERIFY(pid > 0);
        QTRY_VERIFY_WITH_TIMEOUT(isGone(pid), 60'000);
    }

    void aBackupTurnThatIsDroppedEndsItsRunInsteadOfWaitingForEver()
    {
        BackupDoor door;
        const base::Mailbox<console::CareSnapshot> care;
        const auto jobs = backupJobs(door, care, clock_, Millis{0});
        const auto backup = std::ranges::find(jobs, std::string("backup"), &InsideJob::name);
        QVERIFY(backup != jobs.end());
        auto run = board_->begin("backup", "by you");
        std::optional<base::Result<std::string>> end;
        std::jthread worker([&] { end = backup->work(run, true); });
        bool isTaken = false;
        QTRY_VERIFY_WITH_TIMEOUT((isTaken = isTaken || !door.popAll(10ms).empty()),
                                 60'000); // and thrown away, as a thread that dies does
        worker.join();
        QVERIFY(end && !*end);
        QCOMPARE(end->error().code, base::ErrorCode::Io);
        QVERIFY(end->error().detail.find("ended before it was done") != std::string::npos);
        door.close(); // now there is nobody to take it
        const auto refused = backup->work(run, true);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, base::ErrorCode::Cancelled);
    }

    void anOutsideCommandSpeaksAndSucceeds()
    {
        QTemporaryDir dir;
        auto run = board_->begin("a", "by you");
        runOutside(run, "echo one; echo two >&2; printf three", dir.path().toStdString());
        const auto seen = board_->takeChanges(JobBoard::Awake{0});
        QCOMPARE(seen.front().row.state, JobState::Succeeded);
        QCOMPARE(seen.front().row.result, std::string("three"));
        QStringList said;
        for (const auto& line : seen.front().lines) {
            said << QString::fromStdString(line.text);
        }
        for (const auto* line : {"one", "two", "three"}) {
            QVERIFY2(said.contains(QLatin1String(line)), line);
        }
    }

    void anOutsideCommandThatDiesOrIsSilentFails_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("words");
        QTest::newRow("at once") << "exit 3" << "code 3";
        QTest::newRow("not there") << "/no/such/program" << "code 127";
        QTest::newRow("killed") << "echo hello; kill -9 $$" << "signal 9";
        QTest::newRow("silent") << "true" << "without a word";
        QTest::newRow("blank lines are no words") << "echo; echo ' '" << "without a word";
    }
    void anOutsideCommandThatDiesOrIsSilentFails()
    {
        QFETCH(QString, command);
        QFETCH(QString, words);
        QTemporaryDir dir;
        auto run = board_->begin("a", "by you");
        runOutside(run, command.toStdString(), dir.path().toStdString());
        const auto end = only();
        QCOMPARE(end.state, JobState::Failed);
        QVERIFY2(QString::fromStdString(end.result).contains(words), end.result.c_str());
    }

    void anOutsideCommandThatHangsIsEndedWithAllItStarted()
    {
        QTemporaryDir dir;
        auto run = board_->begin("a", "by you");
        std::jthread worker([&] {
            runOutside(run, "sleep 1000 & echo $! > child; trap '' TERM; echo began; wait; sleep 1000",
                       dir.path().toStdString());
            run = {};
        });
        QFile child(dir.filePath(QStringLiteral("child")));
        QTRY_VERIFY_WITH_TIMEOUT(child.exists() && child.size() > 1, 60'000);
        awake_ += minute.count();
        board_->lookAfter(minute, unlimited);
        worker.join();
        QCOMPARE(only().state, JobState::TimedOut);
        QVERIFY(child.open(QIODevice::ReadOnly));
        const auto pid = child.readAll().trimmed().toInt();
        QVERIFY(pid > 0);
        QTRY_VERIFY_WITH_TIMEOUT(isGone(pid), 60'000);
    }
};

QTEST_GUILESS_MAIN(JobBoardTest)
#include "job_board_test.moc"
