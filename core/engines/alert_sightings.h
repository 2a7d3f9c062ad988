// What the rules of the alerts look at, out of what the service thread sees each second. Pure. Any thread.
#pragma once

#include "console/snapshots.h"
#include "engines/host_probes.h"
#include "engines/systemd_units.h"
#include "health/alert_rules.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

struct AlertSight {
    const console::HealthSnapshot& health;
    const HostFigures& host;
    const Measured<UnitFigures>& units;
    const console::IngestSnapshot* ingest = nullptr; // each null before its first
    const console::StoreSnapshot* store = nullptr;
    const console::PaperSnapshot* paper = nullptr;
    const console::GovernanceSnapshot* governance = nullptr;
    const console::LearningSnapshot* learning = nullptr;
    const console::JobsSnapshot* jobs = nullptr;
    base::UtcMs now{};
    std::string expected;            // health.expected_processes
    double clockLimit = 2;           // s
    double criticalTemperature = 95; // °C
};

/// Each job is a cause of its own, with the rule of one that has failed: "job calibration". Trainings and backups tell
/// themselves.
[[nodiscard]] std::vector<health::AlertRule> jobRules(const console::JobsSnapshot& jobs);
inline constexpr std::string_view jobRulePrefix = "job ";
/// One a rule of health/alert_catalogue.h but for that of the channels, and one a job.
[[nodiscard]] std::vector<health::Sighting> alertSightings(const AlertSight& sight);
/// This machine's clock against the exchange's; `limit` in seconds, either way. False while the offset is unknown.
[[nodiscard]] bool isClockOff(std::optional<base::Millis> offset, double limit);
[[nodiscard]] std::string clockText(base::Millis offset); // "this machine's clock is 3.2 s behind the exchange's"
/// The probes that are over their limits without an alert, because the load is expected; without times.
[[nodiscard]] std::vector<console::ExpectedLoad> expectedLoads(const AlertSight& sight);
/// "make 3.9 cores, rustc 0.5 cores"; where memory is short, with who holds it. Empty where nothing is busy.
[[nodiscard]] std::string suspectsOf(const HostFigures& host);
/// Half of what the busiest do, or more, is expected: what it makes hot or busy is no news.
[[nodiscard]] bool isLoadExpected(const HostFigures& host, std::string_view expected);

} // namespace qd::engines
