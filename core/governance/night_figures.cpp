#include "governance/night_figures.h"

#include "governance/night_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace qd::governance {

namespace {

bool lacksNothing(const market::Gap& gap)
{
    return gap.measure == market::GapMeasure::Exact ||
           (gap.measure == market::GapMeasure::ByVolume && gap.missing && gap.missing->value == 0);
}

void join(NightGap& into, const NightLoss& loss)
{
    into.to = std::max(into.to, loss.gap.to);
    if (const auto at = std::ranges::lower_bound(into.instruments, loss.instrument);
        at == into.instruments.end() || *at != loss.instrument) {
        into.instruments.insert(at, loss.instrument);
    }
    into.found += loss.gap.found;
    if (lacksNothing(loss.gap)) {
        ++into.filled;
    } else if (loss.gap.measure == market::GapMeasure::ByVolume && loss.gap.missing) {
        ++into.lost;
    } else { // nothing is known to be missing
        ++into.open;
    }
}

void add(NightJob& job, const JobRunRow& run)
{
    const auto seconds = static_cast<double>(run.awake.count()) / 1'000;
    ++job.runs;
    job.seconds += seconds;
    job.longest = std::max(job.longest, seconds);
    job.failed += run.state == JobState::Failed ? 1 : 0;
    job.timedOut += run.state == JobState::TimedOut ? 1 : 0;
    job.orphaned += run.state == JobState::Orphaned ? 1 : 0;
    job.cancelled += run.state == JobState::Cancelled ? 1 : 0;
    if (isBad(run.state)) {
        job.trouble = run.result;
    }
}

} // namespace

std::vector<NightGap> nightGaps(std::span<const NightLoss> losses, UtcMs from, UtcMs to)
{
    std::vector<NightLoss> seen;
    for (auto loss : losses) {
        const bool isOfIt =
            loss.gap.from < to && (loss.gap.to > from || (loss.gap.to == from && loss.gap.from == from));
        if (isOfIt) {
            loss.gap.from = std::max(loss.gap.from, from);
            loss.gap.to = std::clamp(loss.gap.to, loss.gap.from, to);
            seen.push_back(std::move(loss));
        }
    }
    std::ranges::sort(seen, [](const NightLoss& a, const NightLoss& b) {
        return std::pair(a.gap.from, a.gap.to) < std::pair(b.gap.from, b.gap.to);
    });
    std::vector<NightGap> out;
    std::map<market::GapCause, std::size_t> newest; // of a cause, in `out`
    for (const auto& loss : seen) {
        const auto [known, isFirst] = newest.try_emplace(loss.gap.cause, out.size());
        const bool isAnother =
            !isFirst && loss.gap.from >= out[known->second].to && loss.gap.from > out[known->second].from;
        if (isFirst || isAnother) {
            known->second = out.size();
            out.push_back({.from = loss.gap.from,
                           .to = loss.gap.to,
                           .instruments = {},
                           .causes = {std::string(market::name(loss.gap.cause))}});
        }
        join(out[known->second], loss);
    }
    return out;
}

double secondsWithGaps(std::span<const NightGap> gaps)
{
    std::int64_t all = 0;
    std::int64_t reached = 0; // up to this moment
    for (const auto& gap : gaps) {
        const auto from = std::max(reached, gap.from.value);
        all += std::max<std::int64_t>(0, gap.to.value - from);
        reached = std::max(reached, gap.to.value);
    }
    return static_cast<double>(all) / 1'000;
}

std::vector<NightJob> nightJobs(std::span<const JobRunRow> runs, const std::map<std::string, std::string>& titles,
                                std::string_view self, UtcMs from, UtcMs to)
{
    std::vector<const JobRunRow*> byTime;
    for (const auto& run : runs) {
        byTime.push_back(&run);
    }
    std::ranges::stable_sort(byTime, {}, [](const JobRunRow* run) { return run->id; });
    std::map<std::string, NightJob> jobs;
    for (const auto* run : byTime) {
        const bool isUnderWay = (!run->ended || *run->ended >= to) && run->staged < to && run->job != self;
        const bool isOfIt = run->ended && *run->ended >= from && *run->ended < to;
        if (!isUnderWay && !isOfIt) {
            continue;
        }
        auto& job = jobs[run->job];
        job.isUnderWay = job.isUnderWay || isUnderWay;
        if (isOfIt) {
            add(job, *run);
        }
    }
    std::vector<NightJob> out;
    for (auto& [name, job] : jobs) {
        const auto title = titles.find(name);
        job.name = name;
        job.title = title == titles.end() ? name : title->second;
        out.push_back(std::move(job));
    }
    std::ranges::sort(out, {}, &NightJob::title);
    return out;
}

std::string headline(const NightFigures& night)
{
    std::uint64_t bad = 0;
    for (const auto& job : night.jobs) {
        bad += job.bad();
    }
    const auto fresh = static_cast<std::uint64_t>(std::ranges::count(night.alerts, true, &NightAlert::isNew));
    std::string out;
    const auto say = [&](const std::string& words) { out += (out.empty() ? "" : ", ") + words; };
    if (!night.gaps.empty()) {
        say(counted(night.gaps.size(), "interruption", "interruptions") + " (" + spanText(secondsWithGaps(night.gaps)) +
            ")");
    }
    if (bad > 0) {
        say(counted(bad, "run of a job went wrong", "runs of jobs went wrong"));
    }
    if (fresh > 0) {
        say(counted(fresh, "alert", "alerts"));
    }
    if (night.backups.failed > 0) {
        say(counted(night.backups.failed, "backup failed", "backups failed"));
    }
    const bool isQuiet = out.empty();
    if (!night.proposals.empty()) {
        say(counted(night.proposals.size(), "proposal", "proposals"));
    }
    const auto ended = static_cast<std::uint64_t>(
        std::ranges::count_if(night.retrains, [](const NightRetrain& run) { return run.ended.has_value(); }));
    if (ended > 0) {
        say(counted(ended, "training ended", "trainings ended"));
    }
    if (night.retrains.size() > ended) {
        say(counted(night.retrains.size() - ended, "training is under way", "trainings are under way"));
    }
    return isQuiet ? "A quiet night: no gap, no alert, nothing failed" + (out.empty() ? out : "; " + out) : out;
}

std::string numberText(double value, int decimals)
{
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%.*f", decimals, value);
    return out.data();
}

std::string spanText(double seconds)
{
    constexpr double minute = 60;
    if (seconds < 10) {
        return seconds == 0 ? "0 s" : numberText(seconds, 1) + " s";
    }
    const auto whole = std::llround(seconds);
    if (seconds < 2 * minute) {
        return std::to_string(whole) + " s";
    }
    if (whole < 3'600) {
        return std::to_string(whole / 60) + " min" + (whole % 60 == 0 ? "" : " " + std::to_string(whole % 60) + " s");
    }
    const auto minutes = std::llround(seconds / minute);
    if (minutes < 48 * 60) {
        return std::to_string(minutes / 60) + " h" +
               (minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + " min");
    }
    const auto hours = minutes / 60;
    return std::to_string(hours / 24) + " d" + (hours % 24 == 0 ? "" : " " + std::to_string(hours % 24) + " h");
}

std::string bytesText(double bytes)
{
    const auto size = std::abs(bytes);
    return size >= 1e9   ? numberText(bytes / 1e9, 2) + " GB"
           : size >= 1e6 ? numberText(bytes / 1e6, 1) + " MB"
           : size >= 1e3 ? numberText(bytes / 1e3, 0) + " kB"
                         : numberText(bytes, 0) + " B";
}

std::string growthText(double bytes)
{
    return (bytes > 0 ? "+" : "") + bytesText(bytes);
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many)
{
    return (n == 0 ? std::string("no") : std::to_string(n)) + " " + std::string(n > 1 ? many : one);
}

} // namespace qd::governance
