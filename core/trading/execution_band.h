// A closed trade's result under other rules of execution than the one that made it (PRODUCT.md, A band, not a point).
// Pure. Any thread. Money in 1e-8 USDT.
// - Optimistic: each market fill at the better of what it was decided at and what it got; a stop at its own price.
// - Pessimistic: each market fill made worse by its side's stress figure, an entry by limit never beyond its limit; and
//   what rested pays the taker's fee.
// Fees go with what the fills are worth; funding and sizes stay. Whatever the trade: optimistic ≥ net ≥ pessimistic.
#pragma once

#include "base/policy.h"
#include "market/instrument.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"

namespace qd::trading {

/// Fills in trade.optimistic and trade.pessimistic. Where the decision price of the exit is not known, the optimistic
/// exit is the one that was made.
void setBand(ClosedTrade& trade, const market::Instrument& instrument, const base::PaperPolicy& policy,
             const ExecutionCharge& charge);

/// Whether its entry rested as a limit order. One by limit that met a market which was there already paid the taker's
/// fee.
[[nodiscard]] bool entryRested(const OpenPosition& position, const market::Instrument& instrument,
                               const base::PaperPolicy& policy);

/// What was paid or got at `halfTicks`/2 ticks, to 1e-8 USDT.
[[nodiscard]] Money worthOfHalfTicks(const market::Instrument& instrument, std::int64_t halfTicks, Quantity size);

} // namespace qd::trading
