// What an engine's heartbeat says of it at this moment, asked by whoever shows it: nothing is shown as running because
// it once said so. Any thread.
#pragma once

#include "engines/engine_messages.h"

#include <string>

namespace qd::engines {

/// Silent for so long is said, so that with a look each second nobody is deceived for more than five.
inline constexpr base::Millis silentAfter{4'000};

/// Running, but without a beat for so long, is struggling, and the detail says for how long.
[[nodiscard]] console::ServiceRow serviceRow(std::string name, const Heartbeat& pulse, base::UtcMs now);

} // namespace qd::engines
