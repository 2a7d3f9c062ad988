#include "engines/alert_sightings.h"

#include "engines/host_health.h"
#include "engines/night_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>

namespace qd::engines {

using health::Sighting;

namespace {

/// Longer than any step of an engine that works: the list of services says it sooner.
constexpr base::Millis hungAfter{60'000};
constexpr double swappingPages = 100; // a second, in and out
constexpr std::uint64_t fullBytes = 16'000'000;
constexpr base::Millis nightIsNewsAfter{5'000};
constexpr base::Millis nightIsNewsUntil{20 * 3'600'000};
constexpr double shortOfMemory = 0.85; // of all: from here on its holders are named, too

std::string figure(double value, const char* unit)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f%s%s", value, *unit == '%' ? "" : " ", unit);
    return text.data();
}

std::string joined(const std::vector<std::string>& texts)
{
    std::string out;
    for (const auto& text : texts) {
        out += (out.empty() ? "" : ", ") + text;
    }
    return out;
}

std::optional<double> yes(bool is)
{
    return is ? 1.0 : 0.0;
}

/// Processes of one name as one, "3 cc1plus", the greatest first.
template <typename Of>
std::vector<std::pair<std::string, double>> byName(const std::vector<ProcessLoad>& processes, const Of& of)
{
    struct Group {
        int count = 0;
        double sum = 0;
    };
    std::map<std::string, Group> groups;
    for (const auto& process : processes) {
        auto& group = groups[process.name];
        ++group.count;
        group.sum += of(process);
    }
    std::vector<std::pair<std::string, double>> out;
    for (const auto& [name, group] : groups) {
        out.emplace_back(group.count > 1 ? std::to_string(group.count) + " " + name : name, group.sum);
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &std::pair<std::string, double>::second);
    return out;
}

bool tellsItself(const console::JobLine& job)
{
    return job.name == "retrain" || job.name == "backup";
}

class Sights {
public:
    explicit Sights(const AlertSight& sight) : sight_(sight) {}

    std::vector<Sighting> all()
    {
        host();
        pipeline();
        work();
        const bool isKnown = sight_.health.label != console::HealthLabel::Unknown;
        const auto& health = sight_.health;
        add("health.critical", isKnown ? yes(health.label == console::HealthLabel::Critical) : std::nullopt,
            health.cap.empty() ? health.raise : health.cap);
        return std::move(out_);
    }

private:
    void add(std::string rule, std::optional<double> value, std::string detail)
    {
        out_.push_back({std::move(rule), value, std::move(detail)});
    }

    void host()
    {
        const auto& host = sight_.host;
        const bool isExpected = isLoadExpected(host, sight_.expected);
        const auto& temperature = host.cpuTemperature.value;
        const auto degrees = temperature ? figure(*temperature, "°C") : std::string();
        add("temperature.critical", temperature, degrees);
        add("temperature.high", isExpected && temperature ? std::optional(0.0) : temperature, degrees);
        std::optional<double> load;
        if (host.cpuLoad.value) {
            load = isExpected ? 0 : 100 * *host.cpuLoad.value;
        }
        add("cpu.busy", load, load ? figure(*load, "% of all cores") : "");
        std::optional<double> used;
        if (host.memory.value) {
            used = 100 * host.memory.value->usedFraction();
        }
        add("memory.short", used, used ? figure(100 - *used, "% available") : "");
        const auto& swap = host.swap.value;
        add("memory.swapping", swap ? yes(swap->pagesPerSecond > swappingPages) : std::nullopt,
            swap ? figure(swap->pagesPerSecond, "pages/s") : "");
        std::optional<double> disk;
        if (host.disk.value) {
            disk = 100 * host.disk.value->usedFraction();
        }
        add("disk.filling", disk, disk ? figure(*disk, "% used") : "");
        add("disk.full", host.disk.value ? yes(host.disk.value->freeBytes < fullBytes) : std::nullopt,
            host.disk.value ? figure(static_cast<double>(host.disk.value->freeBytes) / 1e6, "MB free") : "");
        const auto& units = sight_.units.value;
        add("units.failed", units ? yes(!units->failed.empty()) : std::nullopt,
            units ? joined(units->failed) : sight_.units.note);
        add("units.watched", units && units->watched > 0 ? yes(!units->watchedFailed.empty()) : std::nullopt,
            units ? joined(units->watchedFailed) : std::string());
    }

    void pipeline()
    {
        const auto* ingest = sight_.ingest;
        const bool hasFeed = ingest != nullptr && ingest->state != console::EngineState::Idle;
        const bool isOn =
            hasFeed && (ingest->feed == console::FeedState::Online || ingest->feed == console::FeedState::CatchingUp);
        add("feed.dead", hasFeed ? yes(!isOn) : std::nullopt,
            hasFeed && !ingest->detail.empty() ? ingest->detail : "no tick comes");
        const auto* store = sight_.store;
        add("store.failing", store != nullptr ? yes(!store->detail.empty()) : std::nullopt,
            store != nullptr ? store->detail : std::string());
        for (const auto& [rule, name] : {std::pair{"tick.lag", tickLagProbe}, std::pair{"write.lag", writeLagProbe},
                                         std::pair{"screen.stalls", std::string_view("Screen stall")}}) {
            const auto probe = std::ranges::find(sight_.health.probes, name, &console::ProbeRow::name);
            const auto value = probe == sight_.health.probes.end() ? std::nullopt : probe->value;
            add(rule, value, value ? figure(*value, "ms") : "");
        }
        const auto* paper = sight_.paper;
        const auto offset = ingest != nullptr ? ingest->clockOffset : std::optional<base::Millis>();
        if (isClockOff(offset, sight_.clockLimit)) {
            add("clock.off", yes(true), clockText(*offset));
        } else if (paper != nullptr && paper->tickLagP50) {
            const double seconds = *paper->tickLagP50 / 1'000;
            add("clock.off", yes(seconds > sight_.clockLimit),
                "ticks are " + figure(seconds, "s") + " old when they come: clock or line is off");
        } else {
            add("clock.off", offset.has_value() ? yes(false) : std::nullopt, "");
        }
        std::vector<std::string> failed;
        for (const auto& service : sight_.health.services) {
            const bool isHung =
                service.sinceBeat && *service.sinceBeat > hungAfter &&
                (service.state == console::EngineState::Running || service.state == console::EngineState::Struggling);
            if (service.state == console::EngineState::Failed || isHung) {
                failed.push_back(service.name + (isHung ? " does not answer" : ""));
            }
        }
        add("engine.failed", yes(!failed.empty()), joined(failed));
    }

    void trainings()
    {
        if (sight_.learning == nullptr) {
            add("job.failed", std::nullopt, {});
            return;
        }
        std::vector<std::string> failed;
        std::set<std::string> seen; // the newest of each model counts
        for (const auto& outcome : sight_.learning->outcomes) {
            if (seen.insert(outcome.model).second && outcome.isFailure && outcome.what != "cancelled") {
                failed.push_back("training of " + outcome.model + ": " + outcome.why);
            }
        }
        // One that hangs has no outcome yet; its run says that it gives no sign of life.
        if (const auto lost = failed.empty() ? lostRun("retrain") : std::string(); !lost.empty()) {
            failed.push_back("retraining is " + lost);
        }
        add("job.failed", yes(!failed.empty()), joined(failed));
    }

    /// "orphaned: ...", where the newest run of that job ended without telling of it itself; else empty.
    [[nodiscard]] std::string lostRun(const std::string& name) const
    {
        const auto* job = lineOf(name);
        if (job == nullptr || job->isPaused || !job->last) {
            return {};
        }
        const auto state = job->last->state;
        const bool isLost = state == governance::JobState::TimedOut || state == governance::JobState::Orphaned;
        return isLost ? std::string(governance::name(state)) + ": " + job->last->result : std::string();
    }

    /// Null: no such job, or the jobs are not known.
    [[nodiscard]] const console::JobLine* lineOf(const std::string& name) const
    {
        if (sight_.jobs == nullptr) {
            return nullptr;
        }
        const auto job = std::ranges::find(sight_.jobs->jobs, name, &console::JobLine::name);
        return job == sight_.jobs->jobs.end() ? nullptr : &*job;
    }

    void backups()
    {
        const auto& care = sight_.health.care;
        if (!care) {
            add("backup.failed", std::nullopt, {});
            return;
        }
        const auto newest = std::ranges::find_if(care->backups, [](const auto& row) { return !row.isCancelled(); });
        std::string why;
        if (!care->policy.folder.empty() && !care->folderTrouble.empty()) {
            why = "the folder cannot be used: " + care->folderTrouble + "; " + newestBackup(*care) +
                  "; make it usable, or choose another on Health › Storage";
        } else if (newest != care->backups.end() && !newest->error.empty()) {
            why = newest->error + "; " + newestBackup(*care) + "; it is tried again by itself, and by Back up now";
        }
        // The rows know nothing of one that hung, or whose thread went; one that came after it does.
        const auto* job = lineOf("backup");
        const bool isKnown = job != nullptr && job->last && job->last->begun;
        const bool isMended =
            isKnown && newest != care->backups.end() && newest->isGood() && newest->began >= *job->last->begun;
        if (const auto lost = why.empty() && !isMended ? lostRun("backup") : std::string(); !lost.empty()) {
            why = "the backup is " + lost + "; " + newestBackup(*care);
        }
        add("backup.failed", yes(!why.empty()), why);
    }

    /// Since when there is none. A time and no age: the words of an alert are not told anew each minute.
    static std::string newestBackup(const console::CareSnapshot& care)
    {
        const auto good = std::ranges::find_if(care.backups, &health::BackupRow::isGood);
        return good == care.backups.end() ? "there is no backup yet" : "the newest is of " + base::isoText(good->began);
    }

    // A new report ends the news of the one before: it is none in its first seconds.
    void night()
    {
        const auto* jobs = sight_.jobs;
        const auto found = jobs != nullptr ? std::ranges::find(jobs->jobs, nightJobName, &console::JobLine::name)
                                           : std::vector<console::JobLine>::const_iterator();
        if (jobs == nullptr || found == jobs->jobs.end() || !found->last || !found->last->ended) {
            add("night.report", std::nullopt, {});
            return;
        }
        const auto age = sight_.now - *found->last->ended;
        const bool isNews =
            found->last->state == governance::JobState::Succeeded && age >= nightIsNewsAfter && age < nightIsNewsUntil;
        add("night.report", yes(isNews), found->last->result);
    }

    void jobs()
    {
        if (sight_.jobs == nullptr) {
            return;
        }
        for (const auto& job : sight_.jobs->jobs) {
            if (!tellsItself(job)) {
                const bool isBad = !job.isPaused && job.last && governance::isBad(job.last->state);
                add(std::string(jobRulePrefix) + job.name, yes(isBad),
                    isBad ? std::string(governance::name(job.last->state)) + ": " + job.last->result : std::string());
            }
        }
    }

    void work()
    {
        jobs();
        trainings();
        night();
        backups();
        if (sight_.governance == nullptr) {
            add("decisions.waiting", std::nullopt, {});
            return;
        }
        const auto& of = *sight_.governance;
        const auto proposals = static_cast<std::size_t>(
            std::ranges::count(of.proposals, console::ProposalState::Open, &console::ProposalRow::state));
        const auto verdicts = static_cast<std::size_t>(std::ranges::count_if(
            of.experiments, [](const auto& line) { return line.advice != governance::Advice::Wait; }));
        const auto quarantined = sight_.learning != nullptr ? sight_.learning->quarantined : 0;
        std::vector<std::string> told;
        for (const auto& [count, one, many] :
             {std::tuple{proposals, " proposal", " proposals"}, std::tuple{verdicts, " verdict", " verdicts"},
              std::tuple{quarantined, " quarantined model", " quarantined models"}}) {
            if (count > 0) {
                told.push_back(std::to_string(count) + (count == 1 ? one : many));
            }
        }
        add("decisions.waiting", yes(!told.empty()), joined(told));
    }

    const AlertSight& sight_;
    std::vector<Sighting> out_;
};

} // namespace

bool isClockOff(std::optional<base::Millis> offset, double limit)
{
    return offset && std::abs(static_cast<double>(offset->count())) > limit * 1'000;
}

std::string clockText(base::Millis offset)
{
    return "this machine's clock is " + figure(std::abs(static_cast<double>(offset.count())) / 1'000, "s") +
           (offset.count() > 0 ? " behind" : " ahead of") + " the exchange's";
}

std::vector<health::AlertRule> jobRules(const console::JobsSnapshot& jobs)
{
    std::vector<health::AlertRule> out;
    for (const auto& job : jobs.jobs) {
        if (!tellsItself(job)) {
            const auto id = std::string(jobRulePrefix) + job.name;
            out.push_back(
                {.id = id, .cause = id, .title = "Job failed: " + job.title, .telling = health::Telling::AtOnce});
        }
    }
    return out;
}

std::vector<Sighting> alertSightings(const AlertSight& sight)
{
    return Sights(sight).all();
}

std::vector<console::ExpectedLoad> expectedLoads(const AlertSight& sight)
{
    std::vector<console::ExpectedLoad> out;
    if (!isLoadExpected(sight.host, sight.expected)) {
        return out;
    }
    for (const auto& probe : sight.health.probes) {
        const bool isTemperature = probe.name == temperatureProbe;
        const bool isOver = probe.value && probe.limit > 0 && *probe.value >= probe.limit;
        const bool isCritical = isTemperature && probe.value && *probe.value >= sight.criticalTemperature;
        if (isOver && !isCritical && (isTemperature || probe.name == "CPU")) {
            out.push_back({.probe = probe.name,
                           .from = {},
                           .to = {},
                           .value = *probe.value,
                           .processes = suspectsOf(sight.host)});
        }
    }
    return out;
}

std::string suspectsOf(const HostFigures& host)
{
    std::vector<std::string> out;
    for (const auto& [name, cores] : byName(host.busiest, [](const auto& process) { return process.cores; })) {
        if (cores >= 0.1) {
            out.push_back(name + " " + figure(cores, cores < 1.05 ? "core" : "cores"));
        }
    }
    if (host.memory.value && host.memory.value->usedFraction() >= shortOfMemory) {
        constexpr double gigabyte = 1e9;
        const auto held = byName(
            host.hungriest, [](const auto& process) { return static_cast<double>(process.memoryBytes) / gigabyte; });
        for (const auto& [name, bytes] : held) {
            out.push_back(name + " " + figure(bytes, "GB"));
        }
    }
    return joined(out);
}

bool isLoadExpected(const HostFigures& host, std::string_view expected)
{
    double all = 0;
    double known = 0;
    for (const auto& process : host.busiest) {
        all += process.cores;
        known += health::isExpectedProcess(process.name, expected) ? process.cores : 0;
    }
    return all > 0 && known >= all / 2;
}

} // namespace qd::engines
