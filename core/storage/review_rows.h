// Proposals, what was held back and nights of sensitivity as bytes of a row, and back. Pure. Any thread. Damaged for
// bytes that were not made here.
#pragma once

#include "governance/review.h"
#include "governance/sensitivity.h"

#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

[[nodiscard]] std::string bytesOf(const governance::Proposal& proposal);
[[nodiscard]] base::Result<governance::Proposal> proposalOf(std::string_view bytes);
[[nodiscard]] std::string bytesOf(const std::vector<governance::Held>& held);
[[nodiscard]] base::Result<std::vector<governance::Held>> heldOf(std::string_view bytes);
/// The unchanged run first.
[[nodiscard]] std::string bytesOf(const governance::SensitivityNight& night);
/// Everything but the night's time.
[[nodiscard]] base::Result<governance::SensitivityNight> nightOf(std::string_view bytes);

} // namespace qd::storage
