// Jobs, their runs, and the log of each run. Bounded: the newest 5,000 runs of a job, of 200 of them the log, of a log
// the newest 1,000 lines. Writes within the caller's transaction on the writer's connection; reads work on any.
#pragma once

#include "governance/job.h"
#include "storage/database.h"
#include "storage/journal_store.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

struct JobRow {
    std::string name;
    std::string title;
    std::string times;   // governance::text(JobTimes)
    std::string command; // empty: one of the console's own
    std::optional<base::Millis> most{};
    bool isPaused = false;
    base::UtcMs anchor;
    int place = 0; // in the list
    friend bool operator==(const JobRow&, const JobRow&) = default;
};

using governance::JobLogLine;
using governance::JobRunRow;

/// What is written together.
struct JobRecord {
    std::optional<base::UtcMs> lost{};  // runs of a program that ended before they did: orphaned, or cancelled
    std::vector<JobRow> jobs{};         // new, or other than before
    std::vector<std::string> removed{}; // their runs stay
    std::vector<JobRunRow> runs{};
    std::vector<JobLogLine> lines{};
    std::optional<JournalEntry> journal{};
    std::optional<std::string> home{}; // of the database
    [[nodiscard]] bool isEmpty() const
    {
        return !lost && jobs.empty() && removed.empty() && runs.empty() && lines.empty() && !journal && !home;
    }
};

class JobStore {
public:
    static constexpr std::size_t keptRuns = 5'000; // of a job
    static constexpr std::size_t keptLogs = 200;   // of its newest runs
    static constexpr std::int64_t keptLines = 1'000;

    explicit JobStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> write(const JobRecord& record);
    [[nodiscard]] base::Result<std::vector<JobRow>> jobs(); // by place, then name
    /// Where the database was when its jobs last ran, as the scheduler names it; empty: not known.
    [[nodiscard]] base::Result<std::string> home();
    /// Newest first; `job` empty: of all.
    [[nodiscard]] base::Result<std::vector<JobRunRow>> runs(std::string_view job, std::size_t most);
    /// Those that were under way at or after `from`, oldest first.
    [[nodiscard]] base::Result<std::vector<JobRunRow>> runsSince(base::UtcMs from, std::size_t most);
    /// NotFound.
    [[nodiscard]] base::Result<JobRunRow> run(std::int64_t id);
    [[nodiscard]] base::Result<std::vector<JobLogLine>> log(std::int64_t run);
    [[nodiscard]] base::Result<std::int64_t> newestRun(); // its id; 0 without one

private:
    [[nodiscard]] base::Result<void> endLost(base::UtcMs at);
    [[nodiscard]] base::Result<void> put(const JobRow& job);
    [[nodiscard]] base::Result<void> put(const JobRunRow& run);
    [[nodiscard]] base::Result<void> put(const JobLogLine& line);
    [[nodiscard]] base::Result<void> prune(std::string_view job);
    Database& database_;
};

} // namespace qd::storage
