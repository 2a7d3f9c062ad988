#include "health/alert_catalogue.h"

#include <cmath>

namespace qd::health {

namespace {

constexpr double coolerBy = 3; // °C under the limit before it is well again
constexpr double lessBy = 0.9; // of the limit, likewise

base::Millis seconds(double value)
{
    return base::Millis{std::llround(value * 1'000)};
}

} // namespace

std::vector<AlertRule> alertRules(const base::PolicyValues& policy)
{
    const auto of = [&](std::string_view name) { return base::policyValue(policy, name); };
    const auto opens = seconds(of("alerts.open_s"));
    const auto clears = seconds(of("alerts.clear_s"));
    constexpr base::Millis soon{10'000};
    const auto rule = [](std::string id, std::string cause, std::string title, Telling telling, base::Millis opensAfter,
                         base::Millis clearsAfter) {
        return AlertRule{.id = std::move(id),
                         .cause = std::move(cause),
                         .title = std::move(title),
                         .telling = telling,
                         .opensAfter = opensAfter,
                         .clearsAfter = clearsAfter};
    };
    const auto above = [](AlertRule out, double limit, double well) {
        out.opens = limit;
        out.clears = well;
        return out;
    };
    const auto temperature = of("health.cpu_temp_c");
    const auto critical = of("health.cpu_temp_critical_c");
    const auto tickLag = of("health.tick_lag_ms");
    const auto writeLag = of("health.write_lag_ms");
    const auto memory = 100 * (1 - of("health.min_memory"));
    using enum Telling;
    std::vector<AlertRule> out;
    out.push_back(rule("store.failing", "store", "The store does not write", AtOnce, soon, soon));
    out.push_back(rule("disk.full", "disk", "The disk is full", AtOnce, soon, clears));
    out.push_back(rule("feed.dead", "feed", "The feed is dead", AtOnce, seconds(of("feed.dead_s")), soon));
    out.push_back(rule("engine.failed", "engines", "An engine has failed", AtOnce, soon, clears));
    out.push_back(
        above(rule("temperature.critical", "temperature", "The processor is critically hot", AtOnce, soon, clears),
              critical, critical - coolerBy));
    out.push_back(rule("job.failed", "jobs", "A job has failed", AtOnce, {}, {}));
    out.push_back(rule("backup.failed", "backup", "No backup could be made", AtOnce, soon, {}));
    out.push_back(rule("units.watched", "units", "A watched unit has failed", AtOnce, soon, soon));
    out.push_back(
        rule("channel.failing", "alerts", "Alerts cannot be delivered", AtOnce, base::Millis{11 * 60'000}, {}));
    out.push_back(above(rule("temperature.high", "temperature", "The processor is hot", Never, opens, clears),
                        temperature, temperature - coolerBy));
    out.push_back(above(rule("memory.short", "memory", "Memory is short", Never, opens, clears), memory, memory - 2));
    out.push_back(rule("memory.swapping", "memory", "The machine is swapping", Never, opens, clears));
    out.push_back(above(rule("cpu.busy", "cpu", "The processor is busy", Never, 5 * opens, clears), 90, 80));
    out.push_back(above(rule("disk.filling", "disk", "The disk is filling up", Never, opens, clears), 90, 88));
    out.push_back(rule("clock.off", "clock", "The clock is off", Never, opens, clears));
    out.push_back(
        above(rule("write.lag", "store", "The store lags", Never, opens, clears), writeLag, lessBy * writeLag));
    out.push_back(above(rule("tick.lag", "feed", "Ticks come late", Never, opens, clears), tickLag, lessBy * tickLag));
    out.push_back(above(rule("screen.stalls", "screen", "The screen stalls", Never, 5 * opens, clears),
                        screenStallLimit, lessBy * screenStallLimit));
    out.push_back(rule("units.failed", "units", "Units of this machine have failed", Never, opens, clears));
    out.push_back(rule("decisions.waiting", "decisions", "Decisions wait for you", OnceADay, {}, {}));
    auto night = rule("night.report", "night", "The night report is there", OnceADay, {}, {});
    night.isOfTheDay = true;
    out.push_back(std::move(night));
    auto overall = rule("health.critical", "health", "Health is critical", AtOnce, soon, soon);
    overall.isOverall = true;
    out.push_back(std::move(overall));
    return out;
}

} // namespace qd::health
