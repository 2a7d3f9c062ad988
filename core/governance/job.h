// Rules of recurring work: which state a run is in and what may follow, when a job is due, when a run has been silent
// for too long, and how an outside command's end is judged. Pure. Any thread. Times UTC; ages in awake time, so that a
// machine that slept ends no run. Source: PRODUCT.md, Jobs.
#pragma once

#include "base/error.h"
#include "base/utc_time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qd::governance {

enum class JobState : std::uint8_t { Staged, Queued, Running, Succeeded, Failed, TimedOut, Cancelled, Orphaned };
[[nodiscard]] std::string_view name(JobState state); // "timed out"
[[nodiscard]] std::optional<JobState> jobStateNamed(std::string_view name);
[[nodiscard]] bool isOver(JobState state);
/// It ended as it should not: what Health counts and the operator is told.
[[nodiscard]] bool isBad(JobState state);

enum class JobEvent : std::uint8_t {
    Admit,    // it may run, and waits for its turn
    Begin,    // its turn has come
    Succeed,  // it says so
    Fail,     // it says so, or its process does
    TakeLong, // silent, or at work, for longer than it may; its thread is alive
    Cancel,   // the operator, or the console closes
    Lose,     // nobody works on it any more, and nobody said how it ended
};
/// Empty where the event cannot happen in that state: what is over stays as it is.
[[nodiscard]] std::optional<JobState> stateAfter(JobState state, JobEvent event);

/// One run of a job, as it is kept.
struct JobRunRow {
    std::int64_t id = 0;
    std::string job;
    std::string trigger; // "by the clock", "by you"
    JobState state = JobState::Staged;
    base::UtcMs staged;
    std::optional<base::UtcMs> begun{};
    std::optional<base::UtcMs> ended{};
    base::UtcMs beat;                 // the newest sign of life that was kept
    base::Millis awake{0};            // that it took, without sleep
    std::optional<double> progress{}; // 0…1
    std::string phase{};
    std::string result{}; // or why it ended as it did
    friend bool operator==(const JobRunRow&, const JobRunRow&) = default;
};
struct JobLogLine {
    std::int64_t run = 0;
    std::int64_t line = 0; // from 1
    base::UtcMs time;
    bool isError = false;
    std::string text;
    friend bool operator==(const JobLogLine&, const JobLogLine&) = default;
};

/// When a job is due by itself.
struct JobTimes {
    enum class Kind : std::uint8_t {
        ByHand, // only when it is asked for
        Every,  // so long after it last began
        Daily,  // at a local time
        Weekly, // on a day of the week at a local time
        Own,    // an engine decides; `words` says when
    };
    Kind kind = Kind::ByHand;
    base::Millis every{0};
    int weekday = 1; // 1 is Monday
    int minutes = 0; // of the local day
    std::string words{};
    friend bool operator==(const JobTimes&, const JobTimes&) = default;
};
/// "by hand", "every 15 min", "every 6 h", "daily 20:00", "weekly Sat 03:00".
[[nodiscard]] std::string text(const JobTimes& times);
/// What text() prints, not of Own. OutOfRange under a minute and over 366 days.
[[nodiscard]] base::Result<JobTimes> jobTimesFrom(std::string_view text);

/// The local times of a Daily or Weekly job around now.
struct JobMoments {
    base::UtcMs newest; // at or before now
    base::UtcMs next;   // after now
};
struct JobDue {
    bool isDue = false;
    std::optional<base::UtcMs> next; // empty: not by itself
    base::UtcMs anchor;              // as it is to be kept
};
/// `anchor`: its times until then are settled, by a run or by its making. However many were missed, one run makes up
/// for all. A clock that went back runs nothing twice; one that went back by more than a period begins the count anew.
[[nodiscard]] JobDue dueOf(const JobTimes& times, base::UtcMs anchor, base::UtcMs now,
                           const std::optional<JobMoments>& moments);

enum class JobWatch : std::uint8_t { Goes, Silent, TooLong };
/// Of a run: at `heartbeat` of silence it is silent, at `most` of running it has taken too long. Awake time.
[[nodiscard]] JobWatch watch(base::Millis sinceBeat, base::Millis sinceBegin, base::Millis heartbeat,
                             std::optional<base::Millis> most);

/// How an outside command ended.
struct CommandEnd {
    bool hasStarted = false;
    int signal = 0; // that killed it; 0: none
    int code = 0;
    bool hasSpoken = false; // a line of output
    std::string lastLine{};
    std::string why{}; // it could not be started
};
struct JobVerdict {
    JobEvent event = JobEvent::Fail;
    std::string words; // the result, or the reason
};
/// Failed where it could not start, died, answered another code than 0, or said nothing at all.
[[nodiscard]] JobVerdict verdictOn(const CommandEnd& end);

/// A name that a job may have: letters, digits, '-', '_', at most 40, beginning with a letter.
[[nodiscard]] bool isJobName(std::string_view name);

} // namespace qd::governance
