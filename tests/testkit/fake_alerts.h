// Alerts, channels and the probes beside the seven gauges, as they may be on an ordinary day; for pictures and tests of
// the window.
#pragma once

#include "console/snapshots.h"

namespace qd::testkit {

inline console::AlertsView plausibleAlerts(base::UtcMs now)
{
    const auto ago = [now](int minutes) { return now - base::Millis{60'000LL * minutes}; };
    console::AlertsView out;
    health::Alert memory{.id = 14,
                         .cause = "memory",
                         .rule = "memory.short",
                         .title = "Memory is short",
                         .detail = "8.9% available",
                         .suspects = "quarterdeck 1.9 cores, quarterdeck 1.9 GB, Xorg 0.4 GB",
                         .telling = health::Telling::Never,
                         .opened = ago(45)};
    health::Alert backup{.id = 12,
                         .cause = "backup",
                         .rule = "backup.failed",
                         .title = "There is no newer backup",
                         .detail = "the folder cannot be used: there is no such folder",
                         .telling = health::Telling::AtOnce,
                         .opened = ago(330),
                         .told = ago(330),
                         .toldBy = "desktop, webhook",
                         .acknowledged = ago(320)};
    health::Alert feed{.id = 13,
                       .cause = "feed",
                       .rule = "feed.dead",
                       .title = "The feed is dead",
                       .detail = "Connection refused by 127.0.0.1:40123.",
                       .telling = health::Telling::AtOnce,
                       .opened = ago(187),
                       .told = ago(187),
                       .toldBy = "desktop, webhook",
                       .cleared = ago(181),
                       .isEndTold = true};
    health::Alert heat{.id = 11,
                       .cause = "temperature",
                       .rule = "temperature.high",
                       .title = "The processor is hot",
                       .detail = "86.2 °C",
                       .suspects = "rustc 3.7 cores, cc1plus 0.2 core",
                       .telling = health::Telling::Never,
                       .opened = ago(1'610),
                       .cleared = ago(1'580)};
    out.open = {backup, memory};
    out.waiting = {memory.id};
    out.past = {feed, heat};
    out.channels = {{.name = "desktop", .isOn = true, .tried = ago(187), .succeeded = true, .proven = ago(600)},
                    {.name = "heartbeat",
                     .isOn = true,
                     .tried = ago(3),
                     .succeeded = false,
                     .detail = "Host hc.example.org not found",
                     .proven = {}},
                    {.name = "webhook", .isOn = true, .tried = ago(187), .succeeded = true, .proven = ago(600)}};
    return out;
}

/// That health with alerts, all of its probes, trends, and a hot hour that an emulator made.
inline console::HealthSnapshot withAlerts(console::HealthSnapshot health, base::UtcMs now)
{
    health.alerts = std::make_shared<const console::AlertsView>(plausibleAlerts(now));
    health.probes.push_back({"Screen stall", 17, 100, "ms", "longest of the last minute", 100});
    health.probes.push_back({"Failed units", {}, 1, "", "not available here: no systemd answers", {}});
    health.probes.push_back({"Backup", 5.6, 12, "h", "restored and compared 5 h ago; the next in 24 min", 100});
    health.probes.push_back({"Proven restore", 0.2, 14, "days", "when the newest backup was made, 5 h ago", 100});
    health.probes.push_back({"Heartbeats", 0.4, 4, "s", "slowest: Governor", 100});
    double trend = -0.2;
    for (auto& probe : health.probes) {
        if (probe.value) {
            probe.trend = trend * probe.limit;
            trend += 0.1;
        }
    }
    health.expected = {{"CPU temperature", now - base::Millis{26'000'000}, now - base::Millis{22'000'000}, 87.4,
                        "qemu-system-x86 3.5 cores"}};
    return health;
}

} // namespace qd::testkit
