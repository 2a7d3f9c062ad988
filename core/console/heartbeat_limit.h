// The one limit of heartbeats, for whoever judges one: the engines' list and the window. Any thread.
#pragma once

#include "base/utc_time.h"

namespace qd::console {

/// Silent for so long is said, so that with a look each second nobody is deceived for more than five.
inline constexpr base::Millis silentAfter{4'000};

} // namespace qd::console
