// The funding rates that were recorded, each an item of its instrument's stream. One object a connection, on that
// connection's thread; writes belong to the caller's transaction.
#pragma once

#include "market/tick.h"
#include "storage/database.h"

#include <vector>

namespace qd::storage {

struct NumberedFunding {
    base::StreamNumber number;
    market::FundingRate rate;
    friend bool operator==(const NumberedFunding&, const NumberedFunding&) = default;
};

class FundingStore {
public:
    explicit FundingStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(base::InstrumentId instrument, const NumberedFunding& funding);
    /// By number, those after `after`.
    [[nodiscard]] base::Result<std::vector<NumberedFunding>> read(base::InstrumentId instrument,
                                                                  base::StreamNumber after);

private:
    Database& database_;
};

} // namespace qd::storage
