// Begins jobs when they are due (an interval, a local time, or asked for), one heavy one at a time, looks after every
// run on the board, and keeps jobs, runs and logs through the store. run() is its thread's body; it owns a read-only
// connection. Jobs that an engine runs by itself are only listed, paused and asked for. What was missed while the
// machine or the console slept is made up for once. Fails: told in words, once, and tried again.
#pragma once

#include "base/worker_thread.h"
#include "engines/engine_messages.h"
#include "engines/job_board.h"
#include "engines/job_keeper.h"
#include "storage/database.h"
#include "storage/policy_store.h"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>

namespace qd::engines {

struct JobCommand {
    console::CommandId id = 0;
    console::Command command;
};
using JobDoor = base::BoundedQueue<JobCommand>;

/// One of the console's own.
struct InsideJob {
    std::string name;
    std::string title;
    governance::JobTimes times;
    std::optional<base::Millis> most{};
    /// On a thread of its own; what it answers is the run's result. Empty: an engine runs it by itself.
    std::function<base::Result<std::string>(JobRun& run, bool isWished)> work{};
    /// Asks that engine for a run; empty: JobBoard::wish() does.
    std::function<base::Result<void>()> ask{};
    std::function<std::optional<base::UtcMs>()> next{}; // of one whose times are its own
    std::function<std::string()> when{};                // in words, where policy decides
    std::function<std::string()> refuses{};             // why it cannot be asked for just now; empty: it can
    std::string cannotRun{};                            // why never
    bool canPause = true;                               // else it always is on
    std::string timePolicy{}; // that says the minutes of a Daily or Weekly one; empty: `times` does
};

class Scheduler {
public:
    struct Links {
        std::filesystem::path database;
        std::filesystem::path folder; // where outside commands run
        JobBoard& board;
        JobDoor& door;
        StoreQueue& store;
        EventLog& events;
        base::Mailbox<console::JobsSnapshot>& screen;
        Heartbeat& pulse;
        const base::Clock& clock;
        std::vector<InsideJob> inside;
        std::function<void(console::CommandId, console::Command)> toBackups{}; // CancelBackup, where it is no job's
        std::function<std::string()> waits{}; // why ours begin by the clock up to an hour later; empty: they do not
        const std::atomic<bool>* storeIsFailing = nullptr; // then none begins by the clock: nothing could be kept
        std::function<void()> observe{}; // each round: what runs elsewhere and is told by looking at it
        JobBoard::AwakeClock awake = JobBoard::awakeNow;
        std::string home{}; // where this database is at home; one that comes from elsewhere has its commands paused
    };
    explicit Scheduler(Links links) : links_(std::move(links)) {}

    void run(const std::stop_token& stop);

private:
    struct Job {
        storage::JobRow row;
        governance::JobTimes times;
        const InsideJob* inside = nullptr; // null: an outside command
        std::optional<governance::JobRunRow> last{};
        std::optional<base::UtcMs> next{};
        std::optional<base::UtcMs> begun{};         // by this console
        std::optional<JobBoard::Awake> heldSince{}; // is due, and held back
        bool isStale = false;                       // to be kept
        [[nodiscard]] bool isEngines() const { return inside != nullptr && !inside->work; }
        [[nodiscard]] std::string whyNot() const; // be asked for
    };
    struct Waiting { // in line
        std::uint64_t key = 0;
        std::string name;
        bool isWished = false;
        std::optional<console::CommandId> asker{}; // is told when it ends
    };
    [[nodiscard]] base::Result<void> recall(storage::Database& database);
    [[nodiscard]] base::Result<void> listInside(storage::JobStore& store, std::vector<storage::JobRow> kept);
    [[nodiscard]] base::Result<void> pauseForeign(storage::JobStore& store);
    void readPolicy(storage::Database& database);
    void returnMemory();
    void readTimes(storage::PolicyStore& policy);
    void followTimes(Job& job);
    void round(storage::Database& database);
    void noticeSleep();
    void tend(Job& job);
    void tendOwn(Job& job, base::UtcMs now);
    [[nodiscard]] bool mayBegin(Job& job, bool isDue);
    [[nodiscard]] std::string whyHeldBack(const Job& job) const;
    void stageLate(Job& job, base::UtcMs due, base::UtcMs now);
    void flush(JobBoard::Awake old);
    void tellBad(const governance::JobRunRow& run);
    void noteEnds(const storage::JobRecord& record);
    void publish(bool force);
    void fail(const std::string& doing, const base::Error& error);
    [[nodiscard]] Job* find(const std::string& name);
    // scheduler_line.cpp
    void stage(Job& job, const std::string& trigger, Waiting place);
    void advance();
    void tellWaiting();
    void begin(Job& job, JobRun run, const Waiting& place);
    void work(JobRun run, const Waiting& place, const std::string& command, const InsideJob* inside);
    void answerLine(bool isEnd);
    // scheduler_commands.cpp
    void obey(std::chrono::milliseconds timeout);
    [[nodiscard]] base::Result<void> carryOut(const console::RunJob& wish);
    [[nodiscard]] base::Result<void> carryOut(const console::BackUpNow& wish, console::CommandId id);
    [[nodiscard]] base::Result<void> want(const std::string& name, Waiting place);
    [[nodiscard]] base::Result<void> carryOut(const console::CancelJob& wish);
    [[nodiscard]] base::Result<void> carryOut(const console::SetJobPaused& wish);
    [[nodiscard]] base::Result<void> carryOut(const console::AddJob& wish);
    [[nodiscard]] base::Result<void> carryOut(const console::RemoveJob& wish);
    void passOver(Job& job);
    void cancelBackup(console::CommandId id);
    void journal(const std::string& what, const std::string& why, const std::string& evidence,
                 const std::string& by = "operator");
    void settle(bool isEnd);

    struct Answer {
        console::CommandId id = 0;
        std::future<base::Result<void>> committed;
    };
    Links links_;
    std::vector<Job> jobs_; // as they are listed
    std::optional<JobKeeper> keeper_;
    storage::JobRecord record_; // to be kept with the next flush
    std::deque<Waiting> line_;  // of heavy jobs that wait
    std::unique_ptr<base::WorkerThread> lane_;
    std::atomic<bool> isLaneBusy_{false};
    std::vector<console::CommandId> unanswered_; // of this round
    std::vector<Answer> answers_;
    std::deque<governance::JobRunRow> day_;
    base::Millis heartbeat_{60'000};
    std::string zone_;
    std::map<std::string, int> minutes_; // by policy, of those that the jobs name
    std::optional<JobBoard::Awake> policyRead_;
    std::optional<JobBoard::Awake> returned_; // free memory to the system; none: it is due
    std::optional<std::pair<base::UtcMs, JobBoard::Awake>> seenAt_;
    std::shared_ptr<const console::JobsSnapshot> shown_;
    std::uint64_t revision_ = 0;
    std::string failure_;
};

/// A new or changed outside command as a row, or why it is none: Malformed, OutOfRange, Conflict.
[[nodiscard]] base::Result<storage::JobRow> outsideJob(const console::AddJob& wish, base::UtcMs now);

} // namespace qd::engines
