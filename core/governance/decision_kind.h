// What a row of the journal is about, for the reader and his filter. Pure. Any thread.
#pragma once

#include "governance/decision.h"

#include <cstdint>
#include <string_view>

namespace qd::governance {

enum class DecisionKind : std::uint8_t {
    Switch,
    Stage,
    Parameters,
    Model,
    Policy,
    Experiment,
    SignOff,
    Dismissal,
    Position,
    Instruments,
    Execution,
    Note,
    Other
};
inline constexpr auto lastDecisionKind = DecisionKind::Other;
[[nodiscard]] std::string_view name(DecisionKind kind); // "switch", "sign-off" …

/// By what it says of itself, else by what it changed: an experiment's end may change a record, and is an experiment's.
[[nodiscard]] DecisionKind kindOf(const Decision& decision);

} // namespace qd::governance
