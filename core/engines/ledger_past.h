// What the ledger's view needs of all that lies in the database, read once at a start. The trades are there in compact
// form only until the view has taken them in.
#pragma once

#include "storage/trade_book_reader.h"

#include <map>
#include <string>
#include <vector>

namespace qd::engines {

/// Newest trades of each instrument that a chart is given the marks of.
inline constexpr std::size_t chartedTrades = 600;
/// Newest trades that are shown whole.
inline constexpr std::size_t recentTrades = 200;

struct LedgerPast {
    trading::TradeBook book;
    std::map<base::InstrumentId, trading::MidnightMarks> midnights;
    std::map<trading::RowKey, std::string> hashes;              // in force
    std::map<trading::RowKey, base::StreamNumber> hashesSince;  // where recorded parameters put them in force
    std::map<trading::RowKey, base::StreamNumber> newestClosed; // decisions
    std::vector<trading::ClosedTrade> recent;                   // newest last, ≤ recentTrades
    std::vector<trading::ClosedTrade> charted;                  // newest last of each instrument, ≤ chartedTrades each
    std::vector<trading::OpenPosition> positions;
    std::map<std::string, std::uint64_t> untraded; // signals of each strategy
    std::vector<storage::SavedEquity> equity;      // by time
};

[[nodiscard]] base::Result<LedgerPast> readLedgerPast(storage::Database& database,
                                                      const std::vector<market::Instrument>& instruments);

} // namespace qd::engines
