// The exchange inside the application: a loopback exchange with a simulated market on a thread of its own, so that the
// engines meet it through sockets like any other. runDemoExchange() is that thread's body.
#pragma once

#include "engines/engine_messages.h"
#include "engines/ingest_engine.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

struct DemoOptions {
    std::uint64_t seed = 1;
    std::vector<std::string> instruments; // names of defaults; empty: all 20
    std::vector<StreamEnd> streams;       // where an earlier run ended: the market goes on from these prices
    /// Where a simulated history ends: the market goes on from there, at full speed until it is now.
    std::optional<base::UtcMs> historyEnd;
};

/// Answers once by `ready`: the address, or why there is none. Returns after `stop`.
void runDemoExchange(const DemoOptions& options, Heartbeat& pulse, const base::Clock& clock,
                     const std::stop_token& stop, const std::function<void(base::Result<FeedAddress>)>& ready);

} // namespace qd::engines
