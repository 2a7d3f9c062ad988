// Closed trades and untraded signals by filter, order and page: what tables of any length ask for. Read only; works on
// any connection, on its thread. Rows come at the instruments' present scales, else NotOnScale.
#pragma once

#include "storage/database.h"
#include "trading/ledger_page.h"

namespace qd::storage {

[[nodiscard]] base::Result<trading::TradesPage> tradesPage(Database& database, const trading::AskTrades& query);
[[nodiscard]] base::Result<trading::SignalsPage> signalsPage(Database& database, const trading::AskSignals& query);
/// NotFound where no such trade is stored.
[[nodiscard]] base::Result<trading::ClosedTrade> tradeOf(Database& database, base::InstrumentId instrument,
                                                         std::string_view strategy, base::StreamNumber decision);
/// All that pass the filter, by exit.
[[nodiscard]] base::Result<std::vector<trading::ClosedTrade>> tradesOf(Database& database,
                                                                       const trading::TradeFilter& filter);

/// Entries by limit: the trades that came of them, and the signals of those that nobody filled.
[[nodiscard]] base::Result<std::vector<trading::ClosedTrade>> limitTrades(Database& database);
[[nodiscard]] base::Result<std::vector<trading::UntradedSignal>> signalsNotFilled(Database& database);

/// In the order in which they were closed here: those whose row comes after `row`; `newest` is the last one's.
struct TradesSince {
    std::vector<trading::ClosedTrade> rows;
    std::int64_t newest = 0;
};
[[nodiscard]] base::Result<TradesSince> tradesAfter(Database& database, std::int64_t row);

} // namespace qd::storage
