// Jobs and their runs on a real file: what is kept, what a restart finds, and what is let go.
#include "storage/job_store.h"

#include <QTemporaryDir>
#include <QtTest>

namespace {

using namespace qd;
using namespace qd::storage;
using base::Millis;
using base::UtcMs;
using governance::JobState;

constexpr UtcMs now{1'764'000'000'000};

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

JobRunRow runOf(std::int64_t id, const std::string& job, JobState state)
{
    JobRunRow out{.id = id, .job = job, .trigger = "by the clock", .state = state, .staged = now, .beat = now};
    if (state >= JobState::Running) {
        out.begun = now + Millis{10};
        out.beat = now + Millis{500};
    }
    if (governance::isOver(state)) {
        out.ended = now + Millis{1'000};
        out.awake = Millis{990};
        out.result = "done";
    }
    return out;
}

} // namespace

class JobStoreTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir dir_;
    std::optional<Database> database_;

    void write(const JobRecord& record)
    {
        good(database_->begin());
        good(JobStore(*database_).write(record));
        good(database_->commit(false));
    }
    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("j.db")).toStdString(); }

private Q_SLOTS:
    void init()
    {
        database_.reset();
        std::filesystem::remove(file());
        database_ = good(Database::open(file(), Database::Mode::ReadWrite));
    }

    void rowsComeBackAsTheyWere()
    {
        const JobRow job{.name = "copy",
                         .title = "Copy to the NAS",
                         .times = "daily 20:00",
                         .command = "rsync -v a b",
                         .most = Millis{600'000},
                         .isPaused = true,
                         .anchor = now,
                         .place = 7};
        auto run = runOf(3, "copy", JobState::Failed);
        run.progress = 0.5;
        run.phase = "half";
        const JobLogLine line{.run = 3, .line = 1, .time = now, .isError = true, .text = "no route"};
        write({.jobs = {job}, .runs = {run}, .lines = {line}});
        JobStore store(*database_);
        QVERIFY(good(store.jobs()) == std::vector{job});
        QVERIFY(good(store.runs("copy", 10)) == std::vector{run});
        QVERIFY(good(store.run(3)) == run);
        QVERIFY(good(store.log(3)) == std::vector{line});
        QCOMPARE(good(store.newestRun()), 3);
        QVERIFY(good(store.runs("other", 10)).empty());
        QCOMPARE(store.run(4).error().code, base::ErrorCode::NotFound);
    }

    void aRestartEndsWhatWasUnderWay()
    {
        write({.runs = {runOf(1, "a", JobState::Running), runOf(2, "b", JobState::Queued),
                        runOf(3, "c", JobState::Staged), runOf(4, "d", JobState::Succeeded)}});
        database_.reset();
        database_ = good(Database::open(file(), Database::Mode::ReadWrite));
        write({.lost = now + Millis{60'000}});
        JobStore store(*database_);
        QCOMPARE(good(store.run(1)).state, JobState::Orphaned);
        QCOMPARE(good(store.run(1)).ended, now + Millis{500}); // its newest sign of life
        QCOMPARE(good(store.run(2)).state, JobState::Cancelled);
        QCOMPARE(good(store.run(3)).state, JobState::Cancelled);
        QCOMPARE(good(store.run(3)).ended, now + Millis{60'000});
        QCOMPARE(good(store.run(4)).state, JobState::Succeeded);
        QCOMPARE(good(store.run(4)).result, std::string("done"));
    }

    void aRemovedJobKeepsItsRuns()
    {
        write({.jobs = {{.name = "a", .title = "A", .times = "by hand", .anchor = now}},
               .runs = {runOf(1, "a", JobState::Succeeded)}});
        write({.removed = {"a"}});
        QVERIFY(good(JobStore(*database_).jobs()).empty());
        QCOMPARE(good(JobStore(*database_).runs("a", 10)).size(), 1U);
    }

    void aLogKeepsItsNewestLines()
    {
        JobRecord record;
        for (std::int64_t i = 1; i <= JobStore::keptLines + 1; ++i) {
            record.lines.push_back({.run = 1, .line = i, .time = now, .text = std::to_string(i)});
        }
        auto last = record.lines.back();
        record.lines.pop_back();
        write(record); // at the limit
        QCOMPARE(good(JobStore(*database_).log(1)).front().line, 1);
        write({.lines = {last}}); // over it
        const auto log = good(JobStore(*database_).log(1));
        QCOMPARE(log.size(), static_cast<std::size_t>(JobStore::keptLines));
        QCOMPARE(log.front().line, 2);
        QCOMPARE(log.back().text, std::to_string(JobStore::keptLines + 1));
    }

    // A run of no note gives its number to the next: what the former wrote is not the log of the latter.
    void aNumberThatIsUsedAgainBeginsAnEmptyLog()
    {
        const auto lineOf = [](std::int64_t run, std::int64_t line, const std::string& text) {
            return JobLogLine{.run = run, .line = line, .time = now, .text = text};
        };
        write({.runs = {runOf(1, "a", JobState::Running), runOf(2, "a", JobState::Running)},
               .lines = {lineOf(1, 1, "another's"), lineOf(2, 1, "old"), lineOf(2, 2, "old"), lineOf(2, 3, "old")}});
        write({.lines = {lineOf(2, 1, "new")}});
        QVERIFY(good(JobStore(*database_).log(2)) == std::vector{lineOf(2, 1, "new")});
        QVERIFY(good(JobStore(*database_).log(1)) == std::vector{lineOf(1, 1, "another's")});
        write({.lines = {lineOf(2, 2, "newer")}}); // only its first line begins it anew
        QCOMPARE(good(JobStore(*database_).log(2)).size(), 2U);
    }

    void oldRunsAndLogsGo()
    {
        JobRecord record;
        constexpr auto runs = static_cast<std::int64_t>(JobStore::keptRuns);
        for (std::int64_t i = 1; i <= runs; ++i) {
            record.runs.push_back(runOf(i, "a", JobState::Succeeded));
            record.lines.push_back({.run = i, .line = 1, .time = now, .text = "x"});
        }
        record.runs.push_back(runOf(runs + 1, "b", JobState::Succeeded)); // another's do not count
        write(record);
        JobStore store(*database_);
        QCOMPARE(good(store.runs("a", 10'000)).size(), JobStore::keptRuns);
        QCOMPARE(good(database_->number("SELECT count(*) FROM job_log")),
                 static_cast<std::int64_t>(JobStore::keptLogs));
        write({.runs = {runOf(runs + 2, "a", JobState::Succeeded)}});
        QCOMPARE(good(store.runs("a", 10'000)).size(), JobStore::keptRuns);
        QCOMPARE(store.run(1).error().code, base::ErrorCode::NotFound);
    }

    void aDayShowsWhatWasUnderWayInIt()
    {
        auto before = runOf(1, "a", JobState::Succeeded);
        before.staged = now - base::oneDay;
        before.ended = now - Millis{1};
        auto into = runOf(2, "a", JobState::Succeeded);
        into.staged = now - base::oneDay;
        into.ended = now;
        auto open = runOf(3, "a", JobState::Running);
        open.staged = now - base::oneDay;
        write({.runs = {before, into, open, runOf(4, "a", JobState::Failed)}});
        const auto seen = good(JobStore(*database_).runsSince(now, 100));
        QCOMPARE(seen.size(), 3U);
        QCOMPARE(seen.front().id, 2);
        QCOMPARE(seen.back().id, 4);
    }
};

QTEST_GUILESS_MAIN(JobStoreTest)
#include "job_store_test.moc"
