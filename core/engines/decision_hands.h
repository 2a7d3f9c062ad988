// How decisions on evidence get into the database: through paper and store while the console runs, at once for the
// command line. Both hands wait until it is committed.
#pragma once

#include "engines/engine_messages.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <stop_token>
#include <vector>

namespace qd::engines {

struct DecisionHands {
    std::function<base::Result<std::int64_t>(CarryOut decision)> carryOut; // the id of its row in the journal
    std::function<base::Result<std::int64_t>(storage::GovernanceRecord record)> keep; // likewise; 0 without one
};

/// What a command came to: its rows in the journal, and what of it was refused, if anything was.
struct Done {
    std::vector<std::int64_t> decisions;
    std::optional<base::Error> error;
};
[[nodiscard]] inline Done doneBy(const base::Result<std::int64_t>& decision)
{
    if (!decision) {
        return {{}, decision.error()};
    }
    return *decision == 0 ? Done{} : Done{{*decision}, {}};
}

/// What another thread promised, unless it ends first; once the console closes, it has a second more for what it has
/// begun. Who waits is not hung: `pulse`, if any, beats meanwhile.
[[nodiscard]] inline base::Result<std::int64_t> awaited(std::future<base::Result<std::int64_t>> answer,
                                                        const char* from, const std::stop_token& stop, Heartbeat* pulse,
                                                        const base::Clock& clock)
{
    using namespace std::chrono_literals;
    while (answer.wait_for(20ms) != std::future_status::ready) {
        if (pulse != nullptr) {
            pulse->beat(clock.now());
        }
        if (stop.stop_requested() && answer.wait_for(1s) != std::future_status::ready) {
            return base::fail(base::ErrorCode::Cancelled, from, "the console is closing");
        }
    }
    try {
        return answer.get();
    } catch (const std::future_error&) { // dropped unanswered
        return base::fail(base::ErrorCode::Io, from, "it ended before it was done; nothing was changed");
    }
}

/// Whether it was done, for who does not want the id.
[[nodiscard]] inline base::Result<void> outcome(const base::Result<std::int64_t>& done)
{
    return done ? base::Result<void>{} : std::unexpected(done.error());
}

} // namespace qd::engines
