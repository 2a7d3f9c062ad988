#include "engines/health_engine.h"

#include "base/policy.h"
#include "engines/pulses.h"
#include "health/probe.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace qd::engines {

using console::EngineState;

namespace {

constexpr std::size_t historyMost = 24 * 60 * 2; // a point each 30 s for a day
constexpr base::Millis historyEvery{30'000};
constexpr double limitPercent = 90; // of the processor
constexpr double diskLimitPercent = 90;
constexpr double gapsLimit = 10; // a day

std::string gigabytes(std::uint64_t bytes)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / 1e9);
    return text.data();
}

std::string fixed(double value, int decimals)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

console::ProbeRow row(std::string name, std::optional<double> value, double limit, std::string unit, std::string note)
{
    console::ProbeRow out{.name = std::move(name),
                          .value = value,
                          .limit = limit,
                          .unit = std::move(unit),
                          .note = std::move(note),
                          .score = {}};
    if (value) {
        out.score = health::probeScore(*value, limit);
    }
    return out;
}

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

console::HealthLabel labelOf(health::Label label)
{
    return static_cast<console::HealthLabel>(label);
}
static_assert(static_cast<int>(health::Label::Unknown) == static_cast<int>(console::HealthLabel::Unknown) &&
              static_cast<int>(health::Label::Excellent) == static_cast<int>(console::HealthLabel::Excellent));

} // namespace

HealthEngine::HealthEngine(Links links)
    : links_(std::move(links)),
      probes_(links_.dataDir),
      history_(std::make_shared<const std::vector<console::HealthPoint>>())
{
}

void HealthEngine::run(const std::stop_token& stop)
{
    links_.pulse.start(links_.clock.now());
    links_.pulse.state = EngineState::Running;
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        look();
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    }
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
    probeHost(out, readings, failures);
    probePipeline(out, readings, failures);
    probeStoreCare(out, readings);
    listServices(out);
    const auto assessed = health::assessHost(readings, failures);
    out.score = assessed.score;
    out.label = labelOf(assessed.label);
    out.cap = assessed.cap;
    out.raise = health::explanation(assessed);
    remember(out);
    out.history = history_;
    links_.screen.put(std::move(out));
}

void HealthEngine::probeHost(console::HealthSnapshot& out, std::vector<health::Reading>& readings,
                             std::vector<std::string>& failures)
{
    const auto figures = probes_.measure(std::chrono::steady_clock::now());
    const auto add = [&](console::ProbeRow probe, health::Part part) {
        readings.push_back({part, probe.score});
        out.probes.push_back(std::move(probe));
    };
    add(row("CPU temperature", figures.cpuTemperature.value, limit("health.cpu_temp_c"), "°C",
            figures.cpuTemperature.note),
        health::Part::Temperature);
    std::optional<double> load;
    if (figures.cpuLoad.value) {
        load = *figures.cpuLoad.value * 100;
    }
    add(row("CPU", load, limitPercent, "%",
            figures.loadAverage.value
                ? "load " + fixed(*figures.loadAverage.value, 2) + " on " + std::to_string(figures.cores) + " cores"
                : figures.cpuLoad.note),
        health::Part::Cpu);
    std::optional<double> memory;
    std::string memoryNote = figures.memory.note;
    if (const auto& seen = figures.memory.value) {
        memory = seen->usedFraction() * 100;
        memoryNote = gigabytes(seen->totalBytes - seen->availableBytes) + " of " + gigabytes(seen->totalBytes) + " GB";
    }
    add(row("Memory", memory, 100 * (1 - limit("health.min_memory")), "%", memoryNote), health::Part::Memory);
    std::optional<double> disk;
    std::string diskNote = figures.disk.note;
    if (const auto& seen = figures.disk.value) {
        disk = seen->usedFraction() * 100;
        diskNote = gigabytes(seen->freeBytes) + " GB free";
        if (seen->freeBytes < 16'000'000) {
            failures.emplace_back("the disk is full");
        }
    }
    add(row("Disk", disk, diskLimitPercent, "%", diskNote), health::Part::Disk);
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
    add(row("Tick lag", lag, lagLimit, "ms",
            lag ? "p99 over 5 min, limit " + fixed(lagLimit, 0) : "no tick of about now in the last 5 min"),
        health::Part::Feed);
    const auto writeLimit = limit("health.write_lag_ms");
    const bool isWriting = store && store->detail.empty() && store->state == EngineState::Running;
    add(row("Write lag", isWriting ? std::optional(store->writeLagMs) : std::nullopt, writeLimit, "ms",
            isWriting ? "worst of 5 s, limit " + fixed(writeLimit, 0) : "the store does not write"),
        health::Part::WriteLag);
    add(row("Gaps today", ingest ? std::optional(static_cast<double>(ingest->gapsToday)) : std::nullopt, gapsLimit, "",
            "interruptions"),
        health::Part::Feed);
    if (const auto frames = links_.frames.worst()) {
        // A screen that waits is a machine with too much to do, whatever the load says.
        add(row("Screen stall", frames->gapMs, 100, "ms", "longest of the last minute"), health::Part::Cpu);
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
    if (paper && paper->tickLagP50 && *paper->tickLagP50 > clockOff * 1'000) {
        failures.push_back("ticks are more than " + base::policyNumber(clockOff) +
                           " s old when they come: clock or line is off");
    }
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
    readings.push_back({health::Part::Backup, probe.score});
    out.probes.push_back(std::move(probe));
}

void HealthEngine::listServices(console::HealthSnapshot& out) const
{
    const auto now = links_.clock.now();
    for (const auto& [name, pulse, words] : links_.pulses) {
        if (name == "Demo exchange" && !links_.isDemo) {
            continue;
        }
        auto service = serviceRow(name, *pulse, now);
        if (const auto said = words != nullptr ? words->get() : nullptr; said && service.detail.empty()) {
            service.detail = *said;
        }
        out.services.push_back(std::move(service));
    }
    const auto ingest = links_.ingest.get();
    if (ingest && ingest->history && ingest->history->state != console::HistoryState::Done) {
        out.services.push_back(serviceOf(*ingest->history));
    }
}

void HealthEngine::remember(const console::HealthSnapshot& seen)
{
    const auto now = links_.clock.now();
    if (!history_->empty() && now - remembered_ < historyEvery) {
        return;
    }
    remembered_ = now;
    const auto valueOf = [&](std::string_view name) -> std::optional<double> {
        for (const auto& probe : seen.probes) {
            if (probe.name == name) {
                return probe.value;
            }
        }
        return std::nullopt;
    };
    auto grown = *history_;
    if (grown.size() >= historyMost) {
        grown.erase(grown.begin());
    }
    grown.push_back({.time = now,
                     .cpuTemperature = valueOf("CPU temperature"),
                     .cpuLoad = valueOf("CPU").value_or(0) / 100,
                     .memory = valueOf("Memory").value_or(0) / 100});
    history_ = std::make_shared<const std::vector<console::HealthPoint>>(std::move(grown));
}

} // namespace qd::engines
