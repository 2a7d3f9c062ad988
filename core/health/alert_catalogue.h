// The rules of the alerts, with the policy's limits in force. Pure. Any thread. Adding one: a line here, and a sighting
// of that name each second (engines/alert_sightings.h). Source: PRODUCT.md, Health: told at once, once a day, never.
#pragma once

#include "base/policy.h"
#include "health/alert_rules.h"

namespace qd::health {

/// How long the screen may wait for its next picture, in ms. From there on it is red, and an alert if it lasts.
inline constexpr double screenStallLimit = 100;

/// Gravest first.
[[nodiscard]] std::vector<AlertRule> alertRules(const base::PolicyValues& policy);

} // namespace qd::health
