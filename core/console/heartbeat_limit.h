// The one limit of heartbeats, for whoever judges one: the engines' list and the window. Any thread.
#pragma once

#include "base/utc_time.h"

namespace qd::console {

/// Silent for so long is said: with a look each second, and half a second for a machine that is busy, nobody is
/// deceived for more than five.
inline constexpr base::Millis silentAfter{3'500};

} // namespace qd::console
