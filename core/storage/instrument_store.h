// The instruments of a database: what each is called, its present scales and contract. Reads on any connection, put()
// within the writer's transaction.
#pragma once

#include "market/instrument.h"
#include "storage/database.h"

#include <vector>

namespace qd::storage {

/// instruments: rows by id; scales as decimal text.
class InstrumentStore {
public:
    explicit InstrumentStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<std::vector<market::Instrument>> all();
    /// By name. A new name gets a new id; a known one keeps its id and takes the new scales (old blocks keep their
    /// own).
    [[nodiscard]] base::Result<market::Instrument> put(market::Instrument instrument);

private:
    Database& database_;
};

} // namespace qd::storage
