// What was learned of execution, newest rows last: one row an instrument and side whenever its figures changed. Writes
// within the caller's transaction; reads work on any connection.
#pragma once

#include "storage/database.h"
#include "trading/learned_slippage.h"

#include <optional>
#include <vector>

namespace qd::storage {

struct Calibrations {
    std::vector<trading::LearnedSlippage>
        rows;                        // the newest of each: those of all instruments first, then by id, buys first
    std::optional<base::UtcMs> time; // of the newest
};

class CalibrationStore {
public:
    explicit CalibrationStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(base::UtcMs time, const std::vector<trading::LearnedSlippage>& rows);
    [[nodiscard]] base::Result<Calibrations> newest();

private:
    Database& database_;
};

} // namespace qd::storage
