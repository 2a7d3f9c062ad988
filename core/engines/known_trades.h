// Closed trades of the ledger in compact form, and the closes at midnight that they are marked by: read once, then only
// what is newer; anew where an instrument's scales are others. One object a connection and thread; read only, within
// the caller's ReadTransaction where what it reads has to agree with something else.
#pragma once

#include "storage/trade_book_reader.h"

#include <cstdint>
#include <map>

namespace qd::engines {

struct KnownTrades {
    storage::Instruments instruments;
    trading::TradeBook book;
    std::map<base::InstrumentId, trading::MidnightMarks> marks;
    base::UtcMs newestExit{INT64_MIN};
    base::UtcMs firstEntry{INT64_MAX};
    std::uint64_t readings = 0; // one more whenever it began anew

    /// `isStale`: what was read does not hold any more.
    [[nodiscard]] base::Result<void> refresh(storage::Database& database, storage::Arms arms, bool isStale = false);

private:
    void forget();
    std::int64_t newestRow_ = 0;
};

} // namespace qd::engines
