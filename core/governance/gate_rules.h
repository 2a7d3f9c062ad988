// Each gate to `ready` by itself. Pure. Any thread. Source: PRODUCT.md, Gates to `ready`.
#pragma once

#include "governance/gates.h"

#include <vector>

namespace qd::governance {

/// All twelve, in the order of Gate, without a word on deadlocks.
[[nodiscard]] std::vector<GateResult> judgeGates(const ReadyInput& input, const Policies& policies);

} // namespace qd::governance
