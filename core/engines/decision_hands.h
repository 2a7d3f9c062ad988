// How decisions on evidence get into the database: through paper and store while the console runs, at once for the
// command line. Both hands wait until it is committed.
#pragma once

#include "engines/engine_messages.h"

#include <cstdint>
#include <functional>

namespace qd::engines {

struct DecisionHands {
    std::function<base::Result<std::int64_t>(CarryOut decision)> carryOut; // the id of its row in the journal
    std::function<base::Result<std::int64_t>(storage::GovernanceRecord record)> keep; // likewise; 0 without one
};

/// Whether it was done, for who does not want the id.
[[nodiscard]] inline base::Result<void> outcome(const base::Result<std::int64_t>& done)
{
    return done ? base::Result<void>{} : std::unexpected(done.error());
}

} // namespace qd::engines
