#include "governance/job.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace qd::governance {

using base::Millis;
using base::Result;
using base::UtcMs;

namespace {

constexpr std::array stateNames{"staged", "queued",    "running",   "succeeded",
                                "failed", "timed out", "cancelled", "orphaned"};
constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr Millis minute{60'000};
constexpr Millis hour{3'600'000};
constexpr std::size_t longestName = 40;

std::string clockText(int minutes)
{
    std::array<char, 16> out{};
    (void)std::snprintf(out.data(), out.size(), "%02d:%02d", minutes / 60, minutes % 60);
    return out.data();
}

std::optional<int> wholeOf(std::string_view text)
{
    int value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end ? std::optional(value) : std::nullopt;
}

std::optional<int> clockOf(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto hours = wholeOf(text.substr(0, colon));
    const auto minutes = wholeOf(text.substr(colon + 1));
    const bool isLegal = hours && minutes && *hours >= 0 && *hours < 24 && *minutes >= 0 && *minutes < 60;
    return isLegal ? std::optional(*hours * 60 + *minutes) : std::nullopt;
}

std::unexpected<base::Error> malformed(std::string_view text)
{
    return base::fail(base::ErrorCode::Malformed, std::string(text),
                      "a job runs 'by hand', 'every 15 min', 'every 6 h', 'every 2 d', 'daily 20:00' or "
                      "'weekly Sat 03:00'");
}

Result<JobTimes> everyFrom(std::string_view text, std::string_view rest)
{
    const auto space = rest.find(' ');
    const auto count = wholeOf(rest.substr(0, space));
    const auto unit = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    const auto length = unit == "min" ? minute : unit == "h" ? hour : unit == "d" ? base::oneDay : Millis{0};
    if (!count || length.count() == 0) {
        return malformed(text);
    }
    const auto every = length * std::int64_t{*count};
    if (every < minute || every > base::oneDay * 366) {
        return base::fail(base::ErrorCode::OutOfRange, std::string(text), "from 1 min to 366 d");
    }
    return JobTimes{.kind = JobTimes::Kind::Every, .every = every};
}

} // namespace

std::string_view name(JobState state)
{
    return stateNames[static_cast<std::size_t>(state)];
}

std::optional<JobState> jobStateNamed(std::string_view name)
{
    const auto* found = std::ranges::find(stateNames, name);
    return found == stateNames.end() ? std::nullopt : std::optional(static_cast<JobState>(found - stateNames.begin()));
}

bool isOver(JobState state)
{
    return state >= JobState::Succeeded;
}

bool isBad(JobState state)
{
    return state == JobState::Failed || state == JobState::TimedOut || state == JobState::Orphaned;
}

std::optional<JobState> stateAfter(JobState state, JobEvent event)
{
    const bool isRunning = state == JobState::Running;
    const auto onlyOf = [](bool is, JobState next) { return is ? std::optional(next) : std::nullopt; };
    switch (event) {
    case JobEvent::Admit:
        return onlyOf(state == JobState::Staged, JobState::Queued);
    case JobEvent::Begin:
        return onlyOf(state == JobState::Queued, JobState::Running);
    case JobEvent::Succeed:
        return onlyOf(isRunning, JobState::Succeeded);
    case JobEvent::Fail:
        return onlyOf(isRunning, JobState::Failed);
    case JobEvent::TakeLong:
        return onlyOf(isRunning, JobState::TimedOut);
    case JobEvent::Cancel:
        return onlyOf(!isOver(state), JobState::Cancelled);
    case JobEvent::Lose: // what had not begun has lost nothing: it is due again
        return isOver(state) ? std::nullopt : std::optional(isRunning ? JobState::Orphaned : JobState::Cancelled);
    }
    return std::nullopt;
}

std::string text(const JobTimes& times)
{
    switch (times.kind) {
    case JobTimes::Kind::ByHand:
        return "by hand";
    case JobTimes::Kind::Every:
        if (times.every % base::oneDay == Millis{0}) {
            return "every " + std::to_string(times.every / base::oneDay) + " d";
        }
        return times.every % hour == Millis{0} ? "every " + std::to_string(times.every / hour) + " h"
                                               : "every " + std::to_string(times.every / minute) + " min";
    case JobTimes::Kind::Daily:
        return "daily " + clockText(times.minutes);
    case JobTimes::Kind::Weekly:
        return "weekly " + std::string(days[static_cast<std::size_t>(times.weekday - 1)]) + " " +
               clockText(times.minutes);
    case JobTimes::Kind::Own:
        break;
    }
    return times.words;
}

Result<JobTimes> jobTimesFrom(std::string_view text)
{
    if (text == "by hand") {
        return JobTimes{};
    }
    const auto space = text.find(' ');
    const auto first = text.substr(0, space);
    const auto rest = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    if (first == "every") {
        return everyFrom(text, rest);
    }
    if (first == "daily") {
        const auto minutes = clockOf(rest);
        return minutes ? Result<JobTimes>(JobTimes{.kind = JobTimes::Kind::Daily, .minutes = *minutes})
                       : malformed(text);
    }
    if (first == "weekly" && rest.size() > 4 && rest[3] == ' ') {
        const auto minutes = clockOf(rest.substr(4));
        const auto* day = std::ranges::find(days, rest.substr(0, 3));
        if (minutes && day != days.end()) {
            return JobTimes{.kind = JobTimes::Kind::Weekly,
                            .weekday = static_cast<int>(day - days.begin()) + 1,
                            .minutes = *minutes};
        }
    }
    return malformed(text);
}

JobDue dueOf(const JobTimes& times, UtcMs anchor, UtcMs now, const std::optional<JobMoments>& moments)
{
    switch (times.kind) {
    case JobTimes::Kind::Every: {
        const auto kept = std::min(anchor, now); // an interval has no moment of its own to come twice
        return {.isDue = now - kept >= times.every, .next = std::max(kept + times.every, now), .anchor = kept};
    }
    case JobTimes::Kind::Daily:
    case JobTimes::Kind::Weekly: {
        if (!moments) {
            return {.isDue = false, .next = {}, .anchor = anchor};
        }
        const auto period = times.kind == JobTimes::Kind::Daily ? base::oneDay : base::oneDay * 7;
        const auto kept = anchor - now > period ? now : anchor;
        const bool isDue = moments->newest > kept;
        return {.isDue = isDue, .next = isDue ? now : moments->next, .anchor = kept};
    }
    case JobTimes::Kind::ByHand:
    case JobTimes::Kind::Own:
        break;
    }
    return {.isDue = false, .next = {}, .anchor = anchor};
}

JobWatch watch(Millis sinceBeat, Millis sinceBegin, Millis heartbeat, std::optional<Millis> most)
{
    if (most && sinceBegin >= *most) {
        return JobWatch::TooLong;
    }
    return sinceBeat >= heartbeat ? JobWatch::Silent : JobWatch::Goes;
}

JobVerdict verdictOn(const CommandEnd& end)
{
    const auto saying = [&](std::string words) {
        return end.lastLine.empty() ? words : words + "; its last words: " + end.lastLine;
    };
    if (!end.hasStarted) {
        return {JobEvent::Fail, "it could not be started: " + end.why};
    }
    if (end.signal != 0) {
        return {JobEvent::Fail, saying("it died of signal " + std::to_string(end.signal))};
    }
    if (end.code != 0) {
        return {JobEvent::Fail, saying("it ended with code " + std::to_string(end.code))};
    }
    if (!end.hasSpoken) {
        return {JobEvent::Fail, "it ended without a word: nothing says that it did its work"};
    }
    return {JobEvent::Succeed, end.lastLine};
}

bool isJobName(std::string_view name)
{
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !name.empty() && name.size() <= longestName && isLetter(name.front()) &&
           std::ranges::all_of(name,
                               [&](char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

} // namespace qd::governance
