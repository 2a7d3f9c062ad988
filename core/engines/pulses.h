// What an engine's heartbeat says of it at this moment, asked by whoever shows it: nothing is shown as running because
// it once said so. Any thread.
#pragma once

#include "console/heartbeat_limit.h"
#include "engines/engine_messages.h"

#include <span>
#include <string>
#include <vector>

namespace qd::engines {

using console::silentAfter;

/// An engine of the host, for whoever shows or judges it. The host's list of them is the only one.
struct EnginePulse {
    std::string name;
    const Heartbeat* pulse = nullptr;
    const base::Mailbox<std::string>* words = nullptr; // what it does, where it says so
};

/// Running, but without a beat for so long, is struggling, and the detail says for how long.
[[nodiscard]] console::ServiceRow serviceRow(std::string name, const Heartbeat& pulse, base::UtcMs now);
/// In their order; of one that has nothing wrong, what it does.
[[nodiscard]] std::vector<console::ServiceRow> serviceRows(std::span<const EnginePulse> pulses, base::UtcMs now);

} // namespace qd::engines
