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
    /// By name. A new name gets a new id; a known one keeps its id and takes the new scales, but never coarser ones
    /// than it had: what is stored already must stay whole numbers of steps. The answer holds the scales that are in
    /// force, and minSize in their lots. Old blocks keep their own scales.
    [[nodiscard]] base::Result<market::Instrument> put(market::Instrument instrument);

private:
    [[nodiscard]] base::Result<void> refine(market::Instrument& instrument);
    Database& database_;
};

} // namespace qd::storage
