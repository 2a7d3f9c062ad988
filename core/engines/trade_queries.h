// Answers about single trades, from the ledger and the candle store. Any thread with its own connection.
#pragma once

#include "console/queries.h"
#include "storage/database.h"

namespace qd::engines {

/// The trade on candles of the smallest timeframe of which at most 400 hold its time and as much again on both sides.
[[nodiscard]] base::Result<console::TradeDetail> tradeDetail(storage::Database& database,
                                                             const console::AskTrade& query);

} // namespace qd::engines
