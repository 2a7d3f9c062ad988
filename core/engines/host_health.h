// From figures of the machine to probes and the score; shared by the service thread and the command line. Pure. Any
// thread.
#pragma once

#include "console/snapshots.h"
#include "engines/host_probes.h"
#include "health/health_score.h"

#include <QJsonArray>

#include <string>
#include <string_view>
#include <vector>

namespace qd::engines {

// Names of probes that others look for.
inline constexpr std::string_view temperatureProbe = "CPU temperature";
inline constexpr std::string_view tickLagProbe = "Tick lag";
inline constexpr std::string_view writeLagProbe = "Write lag";

[[nodiscard]] console::ProbeRow probeRow(std::string name, std::optional<double> value, double limit, std::string unit,
                                         std::string note);
[[nodiscard]] std::string figureText(double value, int decimals);

/// Temperature, load, memory and disk under the policy's limits.
void addHostProbes(const HostFigures& figures, const base::PolicyValues& policy, std::vector<console::ProbeRow>& probes,
                   std::vector<health::Reading>& readings, std::vector<std::string>& failures);
/// Score, label, cap, parts, and what would raise it most.
void assess(console::HealthSnapshot& out, const std::vector<health::Reading>& readings,
            const std::vector<std::string>& failures);
/// Which probe over its limit lets a training wait, in words: ticks and trades come first. Empty: none does.
[[nodiscard]] std::string trainingWaits(const console::HealthSnapshot& health);
/// The parts of the score as `quarterdeck health --json` and the API tell them.
[[nodiscard]] QJsonArray partsJson(const console::HealthSnapshot& health);
/// One line of JSON: what `quarterdeck health --json` prints.
[[nodiscard]] std::string healthJson(const console::HealthSnapshot& health, base::UtcMs measured);

} // namespace qd::engines
