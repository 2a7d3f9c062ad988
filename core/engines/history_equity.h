// Equity over the time of a simulated history, which no paper engine lived through: the capital of all rows, what was
// won and lost, and what is open, marked at the closes of five-minute candles, as the ledger view counts it. Trades and
// positions count as they ended: what left in parts before is marked until then. Shadow does not count. Within the
// caller's transaction.
#pragma once

#include "base/policy.h"
#include "market/instrument.h"
#include "storage/simulated_store.h"

#include <stop_token>
#include <vector>

namespace qd::engines {

/// One point each five minutes from the first tick to the last whole candle. Cancelled if `stop` comes first.
[[nodiscard]] base::Result<void> addHistoryEquity(storage::Database& database,
                                                  const std::vector<market::Instrument>& instruments,
                                                  const storage::SimulatedHistory& history,
                                                  const base::PaperPolicy& policy, const std::stop_token& stop);

} // namespace qd::engines
