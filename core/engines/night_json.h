// A night's figures as JSON, as they are kept and as `quarterdeck night --json` prints them; and back. Pure. Any
// thread. A field that is missing is as in a night without it, so that rows of other versions can be read.
#pragma once

#include "governance/night_figures.h"

#include <string>
#include <string_view>

namespace qd::engines {

[[nodiscard]] std::string nightJson(const governance::NightFigures& night);
/// Damaged for what is no object.
[[nodiscard]] base::Result<governance::NightFigures> nightFrom(std::string_view json);

} // namespace qd::engines
