// The local times of a daily or weekly job around a moment, by the zone's rules as the nightly review has them
// (review_schedule.h). Pure but for the system's table of zones. Any thread.
#pragma once

#include "governance/job.h"

#include <optional>
#include <string>

namespace qd::engines {

/// `zone`: IANA name; empty or unknown: the machine's. Empty for jobs without a local time.
[[nodiscard]] std::optional<governance::JobMoments> momentsOf(const governance::JobTimes& times,
                                                              const std::string& zone, base::UtcMs now);

} // namespace qd::engines
