#include "engines/health_engine.h"

#include "base/policy.h"
#include "engines/alert_sightings.h"
#include "engines/backup_jobs.h"
#include "engines/host_health.h"
#include "health/alert_catalogue.h"
#include "health/probe.h"
#include "health/restore_proof.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

namespace qd::engines {

using console::EngineState;

namespace {

constexpr base::Millis historyEvery{30'000};
constexpr double failedJobsLimit = 1;
constexpr double failedUnitsLimit = 1;
constexpr base::Millis episodeEnds{600'000}; // an expected load that was away for so long is another one
constexpr std::chrono::seconds unitsEvery{30};
constexpr base::Millis trendSpan{3'600'000};
constexpr base::Millis trendMean{300'000}; // at each end

console::ServiceRow serviceOf(const console::HistoryProgress& history)
{
    console::ServiceRow out{.name = "Candle history",
                            .state = EngineState::Running,
                            .uptime = {},
                            .sinceBeat = {},
                            .restarts = 0,
                            .detail = std::to_string(history.done) + " of " + std::to_string(history.total) +
                                      " days of " + std::to_string(history.instruments.size()) + " instruments"};
    if (history.state == console::HistoryState::Waiting) {
        out.state = EngineState::Struggling;
        out.detail += ", waits and asks again: " + history.detail;
    } else if (history.state == console::HistoryState::Cancelled) {
        out.state = EngineState::Idle;
        out.detail += ", cancelled";
    } else if (history.left) {
        out.detail += ", about " + std::to_string(history.left->count() / 60'000 + 1) + " min left";
    }
    return out;
}

} // namespace

base::Millis awakeTime()
{
    return std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

HealthEngine::HealthEngine(Links links)
    : links_(std::move(links)),
      probes_(links_.dataDir),
      history_(std::make_shared<const console::ProbeHistory>())
{
}

void HealthEngine::run(const std::stop_token& stop)
{
    links_.pulse.start(links_.clock.now());
    links_.pulse.state = EngineState::Running;
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        try {
            look();
        } catch (...) {
            links_.alerts.close();
            throw;
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    }
    links_.alerts.close();
    links_.pulse.state = EngineState::Stopped;
}

// The value in force once paper has told of it.
double HealthEngine::limit(std::string_view name) const
{
    const auto paper = links_.paper.get();
    return paper && paper->policy ? base::policyValue(paper->policy->numbers, name) : base::policyDefault(name);
}

void HealthEngine::look()
{
    links_.pulse.beat(links_.clock.now());
    console::HealthSnapshot out;
    std::vector<health::Reading> readings;
    std::vector<std::string> failures;
    const auto host = probes_.measure(std::chrono::steady_clock::now());
    const auto paper = links_.paper.get();
    addHostProbes(host, paper && paper->policy ? paper->policy->numbers : base::PolicyValues(), out.probes, readings,
                  failures);
    probePipeline(out, readings, failures);
    probeUnits(out, readings);
    probeJobs(out, readings);
    probeStoreCare(out, readings);
    listServices(out);
    probeHeartbeats(out, readings);
    assess(out, readings, failures);
    addTrends(out);
    remember(out);
    out.history = history_;
    lookAtAlerts(out, host);
    links_.screen.put(std::move(out));
}

// Asked twice a minute: systemd answers over a bus.
void HealthEngine::probeUnits(console::HealthSnapshot& out, std::vector<health::Reading>& readings)
{
    const auto now = std::chrono::steady_clock::now();
    if (unitsAt_ == SteadyTime{} || now - unitsAt_ >= unitsEvery) {
        unitsAt_ = now;
        const auto paper = links_.paper.get();
        const auto texts = paper && paper->policy ? paper->policy->texts : std::map<std::string, std::string>();
        const auto watched = texts.find("health.watched_units");
        units_ = systemd_.measure(watched == texts.end() ? std::string() : watched->second);
    }
    std::optional<double> failed;
    if (units_.value) {
        std::set<std::string> all(units_.value->failed.begin(), units_.value->failed.end());
        all.insert(units_.value->watchedFailed.begin(), units_.value->watchedFailed.end());
        failed = static_cast<double>(all.size());
    }
    auto probe = probeRow("Failed units", failed, failedUnitsLimit, "", units_.note);
    readings.push_back({health::Part::Jobs, probe.score});
    out.probes.push_back(std::move(probe));
}

void HealthEngine::probePipeline(console::HealthSnapshot& out, std::vector<health::Reading>& readings,
                                 std::vector<std::string>& failures)
{
    const auto ingest = links_.ingest.get();
    const auto paper = links_.paper.get();
    const auto store = links_.store.get();
    const auto add = [&](console::ProbeRow probe, health::Part part) {
        readings.push_back({part, probe.score});
        out.probes.push_back(std::move(probe));
    };
    const auto lag = paper ? paper->tickLagP99 : std::nullopt;
    const auto lagLimit = limit("health.tick_lag_ms");
    add(probeRow(std::string(tickLagProbe), lag, lagLimit, "ms",
                 lag ? "p99 over 5 min, limit " + figureText(lagLimit, 0) : "no tick of about now in the last 5 min"),
        health::Part::Feed);
    const auto writeLimit = limit("health.write_lag_ms");
    const bool isWriting = store && store->detail.empty() && store->state == EngineState::Running;
    add(probeRow(std::string(writeLagProbe), isWriting ? std::optional(store->writeLagMs) : std::nullopt, writeLimit,
                 "ms", isWriting ? "worst of 5 s, limit " + figureText(writeLimit, 0) : "the store does not write"),
        health::Part::WriteLag);
    add(probeRow("Gaps today", ingest ? std::optional(static_cast<double>(ingest->gapsToday)) : std::nullopt,
                 limit("health.gaps_a_day"), "", "interruptions since 00:00 UTC"),
        health::Part::Feed);
    if (const auto frames = links_.frames.worst()) {
        // A screen that waits is a machine with too much to do, whatever the load says.
        add(probeRow("Screen stall", frames->gapMs, health::screenStallLimit, "ms", "longest of the last minute"),
            health::Part::Cpu);
    }
    if (store && !store->detail.empty()) {
        failures.push_back("the store does not write: " + store->detail);
    }
    const auto now = links_.clock.now();
    if (ingest && ingest->state == EngineState::Idle) {
        // Recorded files: there is no feed that could be well or ill.
    } else if (ingest && ingest->feed != console::FeedState::Online && ingest->feed != console::FeedState::CatchingUp) {
        const auto started = links_.pulse.startedMs.load();
        const auto dead = static_cast<std::int64_t>(limit("feed.dead_s") * 1000);
        const auto heard = std::max(ingest->newestTick.value, started);
        if (now.value - heard > dead) {
            failures.emplace_back("the feed is dead");
        }
        readings.push_back({health::Part::Feed, 25.0});
    } else if (ingest) {
        readings.push_back({health::Part::Feed, 100.0});
    }
    const auto clockOff = limit("health.clock_s");
    if (ingest && isClockOff(ingest->clockOffset, clockOff)) {
        failures.push_back(clockText(*ingest->clockOffset));
    } else if (paper && paper->tickLagP50 && *paper->tickLagP50 > clockOff * 1'000) {
        failures.push_back("ticks are more than " + base::policyNumber(clockOff) +
                           " s old when they come: clock or line is off");
    }
}

// Jobs whose newest run ended as it should not; one that was paused counts no more.
void HealthEngine::probeJobs(console::HealthSnapshot& out, std::vector<health::Reading>& readings)
{
    const auto jobs = links_.jobs.get();
    if (!jobs) {
        return;
    }
    std::size_t failed = 0;
    std::string names;
    for (const auto& job : jobs->jobs) {
        if (!job.isPaused && job.last && governance::isBad(job.last->state)) {
            ++failed;
            names += (names.empty() ? "" : ", ") + job.title;
        }
    }
    if (!jobs->detail.empty() && failed == 0) {
        failed = 1; // the scheduler itself
        names = jobs->detail;
    }
    auto probe = probeRow("Failed jobs", static_cast<double>(failed), failedJobsLimit, "",
                          failed == 0 ? "of " + std::to_string(jobs->jobs.size()) : names);
    readings.push_back({health::Part::Jobs, probe.score});
    out.probes.push_back(std::move(probe));
}

// A score of its own: that of the rule of backups, not of the age alone.
void HealthEngine::probeStoreCare(console::HealthSnapshot& out, std::vector<health::Reading>& readings)
{
    out.care = links_.care.get();
    if (!out.care) {
        return;
    }
    constexpr double hour = 3'600'000;
    const auto& standing = out.care->standing;
    console::ProbeRow probe{.name = "Backup",
                            .value = {},
                            .limit = 2 * static_cast<double>(out.care->policy.every.count()) / hour,
                            .unit = "h",
                            .note = standing.note,
                            .score = standing.score};
    if (standing.age) {
        probe.value = static_cast<double>(standing.age->count()) / hour;
    }
    if (!out.care->policy.folder.empty() && !out.care->folderTrouble.empty()) {
        probe.note = "the folder cannot be used: " + out.care->folderTrouble;
        probe.score = std::min(50.0, probe.score.value_or(50));
    }
    if (const auto& next = out.care->next) {
        const auto minutes = std::max<std::int64_t>(0, (*next - links_.clock.now()).count() / 60'000);
        probe.note += minutes == 0    ? "; the next is due"
                      : minutes < 120 ? "; the next in " + std::to_string(minutes) + " min"
                                      : "; the next in " + std::to_string(minutes / 60) + " h";
    }
    readings.push_back({health::Part::Backup, probe.score});
    out.probes.push_back(std::move(probe));
    probeRestore(out, readings);
}

// When a restore was last seen to work: the job's newest run seen so far that says something about it; one that was
// cancelled or left by a dead console does not.
void HealthEngine::probeRestore(console::HealthSnapshot& out, std::vector<health::Reading>& readings)
{
    const auto jobs = links_.jobs.get();
    const auto job = jobs ? std::ranges::find(jobs->jobs, restoreProofJob, &console::JobLine::name)
                          : std::vector<console::JobLine>::const_iterator();
    if (jobs && job != jobs->jobs.end() && job->last && job->last->ended) {
        const auto& run = *job->last;
        using governance::JobState;
        if (run.state == JobState::Succeeded || run.state == JobState::Failed || run.state == JobState::TimedOut) {
            restoreTry_ = {*run.ended, run.state == JobState::Succeeded, run.result};
        }
    }
    constexpr auto day = static_cast<double>(base::oneDay.count());
    const auto standing = health::restoreStanding(out.care->backups, restoreTry_, out.care->policy, links_.clock.now());
    console::ProbeRow probe{.name = "Proven restore",
                            .value = {},
                            .limit = static_cast<double>(health::proofLimit.count()) / day,
                            .unit = "days",
                            .note = standing.note,
                            .score = standing.score};
    if (standing.age) {
        probe.value = static_cast<double>(standing.age->count()) / day;
    }
    readings.push_back({health::Part::Backup, probe.score});
    out.probes.push_back(std::move(probe));
}

void HealthEngine::listServices(console::HealthSnapshot& out) const
{
    out.services = serviceRows(links_.pulses, links_.clock.now());
    const auto ingest = links_.ingest.get();
    if (ingest && ingest->history && ingest->history->state != console::HistoryState::Done) {
        out.services.push_back(serviceOf(*ingest->history));
    }
}

// The slowest of those that run; one that has failed has no beat at all.
void HealthEngine::probeHeartbeats(console::HealthSnapshot& out, std::vector<health::Reading>& readings)
{
    const console::ServiceRow* slowest = nullptr;
    const console::ServiceRow* failed = nullptr;
    for (const auto& service : out.services) {
        if (service.state == EngineState::Failed) {
            failed = &service;
        }
        if (service.sinceBeat && (service.state == EngineState::Running || service.state == EngineState::Struggling) &&
            (slowest == nullptr || *service.sinceBeat > *slowest->sinceBeat)) {
            slowest = &service;
        }
    }
    std::optional<double> seconds;
    if (slowest != nullptr) {
        seconds = static_cast<double>(slowest->sinceBeat->count()) / 1'000;
    }
    auto probe = probeRow("Heartbeats", seconds, static_cast<double>(silentAfter.count()) / 1'000, "s",
                          slowest != nullptr ? "slowest: " + slowest->name : "no engine runs yet");
    if (failed != nullptr) {
        probe.score = 0;
        probe.note = failed->name + " has failed";
    }
    readings.push_back({health::Part::Feed, probe.score});
    out.probes.push_back(std::move(probe));
}

void HealthEngine::remember(const console::HealthSnapshot& seen)
{
    const auto now = links_.clock.now();
    // A clock that was set back must not end the history.
    isNewPoint_ = history_->empty() || now - remembered_ >= historyEvery || now < remembered_;
    if (!isNewPoint_) {
        return;
    }
    remembered_ = now;
    auto probes = *history_;
    for (auto& [name, points] : probes) {
        std::erase_if(points, [now](const auto& point) { return point.time > now || now - point.time > base::oneDay; });
    }
    for (const auto& probe : seen.probes) {
        if (probe.value) {
            probes[probe.name].push_back({now, *probe.value});
        }
    }
    history_ = std::make_shared<const console::ProbeHistory>(std::move(probes));
}

// Of an hour, from its first minutes to its last.
void HealthEngine::addTrends(console::HealthSnapshot& out) const
{
    const auto now = links_.clock.now();
    for (auto& probe : out.probes) {
        const auto points = history_->find(probe.name);
        if (!probe.value || points == history_->end()) {
            continue;
        }
        std::vector<double> before;
        std::vector<double> after;
        for (const auto& point : points->second) {
            const auto age = now - point.time;
            if (age <= trendMean) {
                after.push_back(point.value);
            } else if (age >= trendSpan && age <= trendSpan + trendMean) {
                before.push_back(point.value);
            }
        }
        probe.trend = health::trendPerHour(before, after, 1);
    }
}

// One episode a probe: its first and last moment, and its worst.
void HealthEngine::rememberExpected(std::vector<console::ExpectedLoad> seen)
{
    const auto now = links_.clock.now();
    std::erase_if(expected_, [now](const auto& load) { return load.to > now || now - load.to > base::oneDay; });
    for (auto& load : seen) {
        load.from = load.to = now;
        const auto known = std::ranges::find(expected_, load.probe, &console::ExpectedLoad::probe);
        if (known == expected_.end()) {
            expected_.push_back(std::move(load));
        } else if (now - known->to > episodeEnds) {
            *known = std::move(load);
        } else {
            known->to = now;
            if (load.value > known->value) {
                known->value = load.value;
                known->processes = std::move(load.processes);
            }
        }
    }
}

void HealthEngine::lookAtAlerts(console::HealthSnapshot& out, const HostFigures& host)
{
    const auto ingest = links_.ingest.get();
    const auto paper = links_.paper.get();
    const auto store = links_.store.get();
    const auto governance = links_.governance.get();
    const auto learning = links_.learning.get();
    const auto jobs = links_.jobs.get();
    AlertInputs inputs;
    if (jobs) {
        inputs.jobs = jobRules(*jobs);
    }
    inputs.isPolicyKnown = paper && paper->policy;
    if (inputs.isPolicyKnown) {
        inputs.numbers = paper->policy->numbers;
        inputs.texts = paper->policy->texts;
    }
    for (const auto& text : base::policyTexts()) {
        inputs.texts.try_emplace(std::string(text.name), text.standard);
    }
    const AlertSight sight{.health = out,
                           .host = host,
                           .units = units_,
                           .ingest = ingest.get(),
                           .store = store.get(),
                           .paper = paper.get(),
                           .governance = governance.get(),
                           .learning = learning.get(),
                           .jobs = jobs.get(),
                           .now = links_.clock.now(),
                           .expected = inputs.texts["health.expected_processes"],
                           .clockLimit = limit("health.clock_s"),
                           .criticalTemperature = limit("health.cpu_temp_critical_c")};
    inputs.seen = alertSightings(sight);
    inputs.suspects = suspectsOf(host);
    rememberExpected(expectedLoads(sight));
    out.expected = expected_;
    links_.alerts.look({links_.clock.now(), links_.awake()}, std::move(inputs));
    out.alerts = links_.alerts.view();
    recall(links_.alerts.takeHistory());
    if (const auto now = links_.clock.now(); isNewPoint_) {
        storage::HealthNow kept{.time = now, .json = healthJson(out, now)};
        for (const auto& probe : out.probes) {
            if (probe.value) {
                kept.values.push_back({now, probe.name, *probe.value});
            }
        }
        links_.alerts.keepHealth(std::move(kept));
    }
}

// What was measured before this start comes before what is known already.
void HealthEngine::recall(const std::vector<storage::ProbeValue>& before)
{
    if (before.empty()) {
        return;
    }
    console::ProbeHistory whole;
    for (const auto& value : before) {
        whole[value.probe].push_back({value.time, value.value});
    }
    for (const auto& [probe, points] : *history_) {
        auto& all = whole[probe];
        std::erase_if(all, [&](const auto& point) { return !points.empty() && point.time >= points.front().time; });
        all.insert(all.end(), points.begin(), points.end());
    }
    history_ = std::make_shared<const console::ProbeHistory>(std::move(whole));
}

} // namespace qd::engines
