#include "storage/job_store.h"

#include "storage/ledger_rows.h"

#include <algorithm>
#include <limits>
#include <set>

namespace qd::storage {

using base::ErrorCode;
using base::Millis;
using base::Result;
using base::UtcMs;

namespace {

constexpr const char* selectRuns =
    "SELECT id,job,trigger,state,staged,begun,ended,beat,awake,progress,phase,result FROM job_runs ";

Result<JobRow> jobOf(const Statement& row)
{
    return JobRow{.name = std::string(row.text(0)),
                  .title = std::string(row.text(1)),
                  .times = std::string(row.text(2)),
                  .command = std::string(row.text(3)),
                  .most = row.integer(4) > 0 ? std::optional(Millis{row.integer(4)}) : std::nullopt,
                  .isPaused = row.integer(5) != 0,
                  .anchor = {row.integer(6)},
                  .place = static_cast<int>(row.integer(7))};
}

std::optional<UtcMs> timeOf(const Statement& row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(UtcMs{row.integer(column)});
}

Result<JobRunRow> runOf(const Statement& row)
{
    const auto state = governance::jobStateNamed(row.text(3));
    if (!state) {
        return base::fail(ErrorCode::Damaged, "job_runs", "no such state: " + std::string(row.text(3)));
    }
    return JobRunRow{.id = row.integer(0),
                     .job = std::string(row.text(1)),
                     .trigger = std::string(row.text(2)),
                     .state = *state,
                     .staged = {row.integer(4)},
                     .begun = timeOf(row, 5),
                     .ended = timeOf(row, 6),
                     .beat = {row.integer(7)},
                     .awake = Millis{row.integer(8)},
                     .progress = row.isNull(9) ? std::nullopt : std::optional(row.real(9)),
                     .phase = std::string(row.text(10)),
                     .result = std::string(row.text(11))};
}

Result<JobLogLine> lineOf(const Statement& row)
{
    return JobLogLine{.run = row.integer(0),
                      .line = row.integer(1),
                      .time = {row.integer(2)},
                      .isError = row.integer(3) != 0,
                      .text = std::string(row.text(4))};
}

void bindTime(Statement& to, int index, const std::optional<UtcMs>& time)
{
    if (time) {
        to.bind(index, time->value);
    } else {
        to.bindNull(index);
    }
}

template <typename Rows, typename Put>
Result<void> each(const Rows& rows, Put put)
{
    for (const auto& row : rows) {
        if (Result<void> done = put(row); !done) {
            return done;
        }
    }
    return {};
}

} // namespace

Result<void> JobStore::write(const JobRecord& record)
{
    if (record.lost) {
        if (auto done = endLost(*record.lost); !done) {
            return done;
        }
    }
    const auto remove = [&](const std::string& name) -> Result<void> {
        auto statement = database_.prepare("DELETE FROM jobs WHERE name=?");
        if (!statement) {
            return std::unexpected(statement.error());
        }
        statement->bind(0, name);
        return statement->run();
    };
    auto done = each(record.jobs, [&](const JobRow& job) { return put(job); });
    done = done ? each(record.removed, remove) : done;
    done = done ? each(record.runs, [&](const JobRunRow& run) { return put(run); }) : done;
    done = done ? each(record.lines, [&](const JobLogLine& line) { return put(line); }) : done;
    std::set<std::string> ended;
    for (const auto& run : record.runs) {
        if (run.ended) {
            ended.insert(run.job);
        }
    }
    done = done ? each(ended, [&](const std::string& job) { return prune(job); }) : done;
    if (done && record.home) {
        auto statement = database_.prepare("INSERT OR REPLACE INTO feed_choices(name,value) VALUES('jobs.home',?)");
        done = statement ? statement->bind(0, *record.home).run() : std::unexpected(statement.error());
    }
    return done && record.journal ? JournalStore(database_).add(*record.journal) : done;
}

// The states that stateAfter() gives JobEvent::Lose.
Result<void> JobStore::endLost(UtcMs at)
{
    auto statement = database_.prepare(
        "UPDATE job_runs SET ended=CASE state WHEN 'running' THEN max(begun,beat) ELSE max(staged,?1) END,"
        "result=CASE state WHEN 'running' THEN 'the console ended while it ran' "
        "ELSE 'the console ended before it began' END,"
        "state=CASE state WHEN 'running' THEN 'orphaned' ELSE 'cancelled' END WHERE ended IS NULL");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, at.value);
    return statement->run();
}

Result<void> JobStore::put(const JobRow& job)
{
    auto statement = database_.prepare(
        "INSERT OR REPLACE INTO jobs(name,title,times,command,most,is_paused,anchor,place) VALUES(" + marks(8) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, job.name)
        .bind(1, job.title)
        .bind(2, job.times)
        .bind(3, job.command)
        .bind(4, job.most.value_or(Millis{0}).count())
        .bind(5, std::int64_t{job.isPaused})
        .bind(6, job.anchor.value)
        .bind(7, std::int64_t{job.place});
    return statement->run();
}

Result<void> JobStore::put(const JobRunRow& run)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO job_runs(id,job,trigger,state,staged,begun,ended,beat,"
                                       "awake,progress,phase,result) VALUES(" +
                                       marks(12) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, run.id)
        .bind(1, run.job)
        .bind(2, run.trigger)
        .bind(3, governance::name(run.state))
        .bind(4, run.staged.value);
    bindTime(*statement, 5, run.begun);
    bindTime(*statement, 6, run.ended);
    statement->bind(7, run.beat.value).bind(8, run.awake.count());
    if (run.progress) {
        statement->bind(9, *run.progress);
    } else {
        statement->bindNull(9);
    }
    statement->bind(10, run.phase).bind(11, run.result);
    return statement->run();
}

Result<void> JobStore::put(const JobLogLine& line)
{
    auto statement =
        database_.prepare("INSERT OR REPLACE INTO job_log(run,line,time,is_error,text) VALUES(" + marks(5) + ")");
    auto old = database_.prepare("DELETE FROM job_log WHERE run=? AND line<=?");
    if (!statement || !old) {
        return std::unexpected(statement ? old.error() : statement.error());
    }
    if (line.line == 1) { // a run of no note gives its number to the next, and its log goes with it
        old->bind(0, line.run).bind(1, std::numeric_limits<std::int64_t>::max());
        if (auto done = old->run(); !done) {
            return done;
        }
    }
    statement->bind(0, line.run)
        .bind(1, line.line)
        .bind(2, line.time.value)
        .bind(3, std::int64_t{line.isError})
        .bind(4, line.text);
    if (auto done = statement->run(); !done || line.line <= keptLines) {
        return done;
    }
    old->bind(0, line.run).bind(1, line.line - keptLines);
    return old->run();
}

Result<void> JobStore::prune(std::string_view job)
{
    const auto drop = [&](const char* sql, std::size_t kept) -> Result<void> {
        auto statement = database_.prepare(sql);
        if (!statement) {
            return std::unexpected(statement.error());
        }
        statement->bind(0, job).bind(1, static_cast<std::int64_t>(kept));
        return statement->run();
    };
    const auto logs = drop("DELETE FROM job_log WHERE run IN (SELECT id FROM job_runs WHERE job=?1 AND id<=(SELECT id "
                           "FROM job_runs WHERE job=?1 ORDER BY id DESC LIMIT 1 OFFSET ?2))",
                           keptLogs);
    return logs ? drop("DELETE FROM job_runs WHERE job=?1 AND id<=(SELECT id FROM job_runs WHERE job=?1 ORDER BY id "
                       "DESC LIMIT 1 OFFSET ?2)",
                       keptRuns)
                : logs;
}

Result<std::vector<JobRow>> JobStore::jobs()
{
    auto rows =
        database_.prepare("SELECT name,title,times,command,most,is_paused,anchor,place FROM jobs ORDER BY place,name");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<JobRow>(rows, jobOf);
}

Result<std::string> JobStore::home()
{
    auto rows = database_.prepare("SELECT value FROM feed_choices WHERE name='jobs.home'");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto found = rows->step();
    return found ? Result<std::string>(*found ? std::string(rows->text(0)) : std::string())
                 : std::unexpected(found.error());
}

Result<std::vector<JobRunRow>> JobStore::runs(std::string_view job, std::size_t most)
{
    // Of all by time: a job whose runs are of no note keeps its number (JobRun::quiet()).
    auto rows = database_.prepare(
        std::string(selectRuns) +
        (job.empty() ? "WHERE ?1='' ORDER BY staged DESC,id DESC" : "WHERE job=?1 ORDER BY id DESC") + " LIMIT ?2");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, job).bind(1, static_cast<std::int64_t>(most));
    return collect<JobRunRow>(rows, runOf);
}

Result<std::vector<JobRunRow>> JobStore::runsSince(UtcMs from, std::size_t most)
{
    auto rows =
        database_.prepare(std::string(selectRuns) +
                          "WHERE staged>=?1 OR ended>=?1 OR ended IS NULL ORDER BY staged DESC,id DESC LIMIT ?2");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, from.value).bind(1, static_cast<std::int64_t>(most));
    auto out = collect<JobRunRow>(rows, runOf);
    if (out) {
        std::ranges::reverse(*out);
    }
    return out;
}

Result<JobRunRow> JobStore::run(std::int64_t id)
{
    auto rows = database_.prepare(std::string(selectRuns) + "WHERE id=?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, id);
    auto found = collect<JobRunRow>(rows, runOf);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (found->empty()) {
        return base::fail(ErrorCode::NotFound, "run " + std::to_string(id), "there is none of that number");
    }
    return std::move(found->front());
}

Result<std::vector<JobLogLine>> JobStore::log(std::int64_t run)
{
    auto rows = database_.prepare("SELECT run,line,time,is_error,text FROM job_log WHERE run=? ORDER BY line");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, run);
    return collect<JobLogLine>(rows, lineOf);
}

Result<std::int64_t> JobStore::newestRun()
{
    return database_.number("SELECT ifnull(max(id),0) FROM job_runs");
}

} // namespace qd::storage
