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

} // namespace qd::storage
