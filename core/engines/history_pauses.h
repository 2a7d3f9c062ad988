// Where trading pauses in a simulated history so that about as many trades are closed as were wished, spread over its
// time and its instruments. A dry run of the real pipeline over the archived ticks finds the stream numbers; the pauses
// are recorded inputs like an operator's, so that the ledger made with them replays to itself. Pauses can only make
// trades fewer. Writes nothing; the connection's thread.
#pragma once

#include "base/policy.h"
#include "market/instrument.h"
#include "storage/ledger_store.h"
#include "storage/simulated_store.h"

#include <functional>
#include <stop_token>
#include <vector>

namespace qd::engines {

/// What is to be recorded, of all instruments; the last input of each ends its last pause. Cancelled if `stop` comes
/// first.
[[nodiscard]] base::Result<std::vector<storage::SwitchInput>>
planPauses(storage::Database& database, const std::vector<market::Instrument>& instruments,
           const storage::SimulatedHistory& history, const base::PaperPolicy& policy, const std::stop_token& stop,
           const std::function<void(double fraction)>& progress);

} // namespace qd::engines
