// Where every run of a job is told while it goes on: who works holds a JobRun and speaks through it; the scheduler
// looks after them, keeps them, and ends those that fell silent. A job never runs twice at a time. Any thread; nobody
// waits for anything but the board's own mutex. The board outlives all that it handed out.
#pragma once

#include "base/utc_time.h"
#include "governance/job.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

class JobBoard;

/// Of the thread that works. One that goes without having told its end leaves its run orphaned. A default one speaks to
/// nobody, so that who works need not ask whether anybody listens.
class JobRun {
public:
    JobRun() = default;
    JobRun(JobRun&& other) noexcept;
    JobRun& operator=(JobRun&& other) noexcept;
    ~JobRun();

    void beat();
    void progress(double fraction, std::string phase = {});
    void say(std::string line, bool isError = false); // a line of its log; a sign of life, too
    /// It is of no note: the next run of this job takes its place in what is kept, and a bad end is not told again.
    void quiet();
    /// Stopped when the run was cancelled or has timed out, or by stop().
    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    void stop() { stop_.request_stop(); }
    /// Why the board ended it where it was silent or took too long; empty: it did not.
    [[nodiscard]] std::optional<std::string> whyTimedOut() const;

    // The end; what comes after the first one, or after a time-out, changes nothing.
    void succeed(std::string result);
    void fail(std::string why);
    void cancel(std::string why);

private:
    friend class JobBoard;
    JobRun(JobBoard& board, std::uint64_t key, std::stop_source stop)
        : board_(&board),
          key_(key),
          stop_(std::move(stop))
    {
    }
    JobBoard* board_ = nullptr;
    std::uint64_t key_ = 0;
    std::stop_source stop_;
};

class JobBoard {
public:
    using Awake = std::chrono::milliseconds; // of a clock that stands still while the machine sleeps
    using AwakeClock = std::function<Awake()>;

    explicit JobBoard(const base::Clock& clock, AwakeClock awake = awakeNow);
    [[nodiscard]] static Awake awakeNow(); // CLOCK_MONOTONIC

    enum class Load : std::uint8_t { Light, Heavy }; // of heavy ones one runs at a time
    /// A run of an engine's own, which begins at once. It speaks to nobody if the job is under way already.
    [[nodiscard]] JobRun begin(const std::string& job, std::string trigger, Load load = Load::Light);
    /// A heavy run that waits; 0 if the job is under way already.
    [[nodiscard]] std::uint64_t stage(const std::string& job, std::string trigger);
    void admit(std::uint64_t key);
    /// What a run in line waits for, in words; they go when it begins or ends.
    void waitsFor(std::uint64_t key, const std::string& words);
    /// Empty if it was cancelled meanwhile.
    [[nodiscard]] std::optional<JobRun> start(std::uint64_t key);

    /// A run that was staged, and has neither begun nor ended.
    [[nodiscard]] bool isWaiting(std::uint64_t key) const;
    /// It waits or runs, or its run is over and who worked has not come back yet.
    [[nodiscard]] bool isUnderWay(const std::string& job) const;
    /// The heavy job that is at work, whether or not its run is over; empty: none.
    [[nodiscard]] std::string heavyAtWork() const;
    /// False if it is not under way.
    bool cancel(const std::string& job, const std::string& why);
    void cancelAll(const std::string& why);
    /// Ends what was silent for `heartbeat`, or ran longer than `most` says.
    void lookAfter(base::Millis heartbeat,
                   const std::function<std::optional<base::Millis>(const std::string& job)>& most);
    void sayToAll(const std::string& line);

    /// "Run now" of jobs that an engine runs by itself.
    void wish(const std::string& job);
    [[nodiscard]] bool takeWish(const std::string& job);
    void setPaused(const std::string& job, bool isPaused);
    [[nodiscard]] bool isPaused(const std::string& job) const;

    struct Seen {
        std::uint64_t key = 0;
        governance::JobRunRow row;                 // without an id
        std::vector<governance::JobLogLine> lines; // new ones
        bool isQuiet = false;                      // JobRun::quiet()
    };
    /// What changed since the last call; of signs of life alone only what is `old` enough. One caller.
    [[nodiscard]] std::vector<Seen> takeChanges(Awake old = Awake{2'000});
    /// All that are under way, with their age since the last sign of life.
    [[nodiscard]] std::vector<std::pair<std::uint64_t, governance::JobRunRow>> underWay() const;

private:
    friend class JobRun;
    struct Run {
        governance::JobRunRow row;
        Awake begun{0};
        Awake beat{0};
        Awake told{0}; // takeChanges()
        std::vector<governance::JobLogLine> lines;
        std::int64_t lineCount = 0;
        std::stop_source stop;
        bool isHeld = false; // somebody works on it
        bool isHeavy = true;
        bool hasMoved = true;
        bool isStirred = false; // signs of life
        bool isQuiet = false;
    };
    [[nodiscard]] std::uint64_t add(const std::string& job, std::string trigger); // locked
    bool apply(Run& run, governance::JobEvent event, const std::string& words);   // locked
    void say(Run& run, std::string line, bool isError);                           // locked
    void with(std::uint64_t key, const std::function<void(Run&)>& act);
    void release(std::uint64_t key);
    [[nodiscard]] bool isOpen(const std::string& job) const; // locked

    const base::Clock& clock_;
    const AwakeClock awake_;
    mutable std::mutex mutex_; // of all below
    std::uint64_t lastKey_ = 0;
    std::map<std::uint64_t, Run> runs_;
    std::set<std::string> wishes_;
    std::set<std::string> paused_;
};

/// Of a board that may be missing.
[[nodiscard]] inline JobRun beginJob(JobBoard* board, const std::string& job, std::string trigger,
                                     JobBoard::Load load = JobBoard::Load::Light)
{
    return board != nullptr ? board->begin(job, std::move(trigger), load) : JobRun();
}

} // namespace qd::engines
