// The gap ledger: where trades may be missing, and why. One row a stream number of an instrument; the same again
// replaces. Writes within the writer's transaction, reads on any connection.
#pragma once

#include "storage/tick_archive.h"

namespace qd::storage {

struct GapRow {
    InstrumentId instrument;
    StreamNumber number;
    UtcMs from;
    UtcMs to;
    market::GapCause cause = market::GapCause::Socket;
    friend bool operator==(const GapRow&, const GapRow&) = default;
};

class GapStore {
public:
    explicit GapStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(const GapRow& gap);
    /// Those that meet the range, by time.
    [[nodiscard]] base::Result<std::vector<GapRow>> all(TimeRange range = {});

private:
    Database& database_;
};

/// Of market::name(); Damaged for a word that is none of them.
[[nodiscard]] base::Result<market::GapCause> gapCauseOf(std::string_view name);

} // namespace qd::storage
