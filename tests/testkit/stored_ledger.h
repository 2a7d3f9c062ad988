// The ledger that a database keeps, as one hash: what a replay, and a start after a kill, have to give again. One
// thread.
#pragma once

#include "storage/ledger_store.h"
#include "trading/trading_pipeline.h"
#include "unit/storage/storage_testkit.h"

#include <map>

namespace qd::testkit {

inline std::string storedHash(storage::Database& database)
{
    std::map<base::InstrumentId, market::Instrument> byId;
    for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
        byId.emplace(instrument.id, instrument);
    }
    storage::LedgerStore ledger(database);
    return trading::ledgerHash(good(ledger.trades()), good(ledger.signals()), byId);
}

/// Of a file that another connection may be writing.
inline std::string storedHash(const std::filesystem::path& file)
{
    auto database = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
    return storedHash(database);
}

} // namespace qd::testkit
