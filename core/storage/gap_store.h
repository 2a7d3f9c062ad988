// The gap ledger: where trades may be missing, why, and what became of it. One row a stream number of an instrument;
// the same again replaces. Writes within the writer's transaction, reads on any connection.
#pragma once

#include "market/gap.h"
#include "storage/tick_archive.h"

namespace qd::storage {

struct GapRow {
    InstrumentId instrument;
    StreamNumber number;
    UtcMs from;
    UtcMs to;
    market::GapCause cause = market::GapCause::Socket;
    std::int64_t found = 0;                  // trades that REST gave back
    std::optional<market::Quantity> missing; // lots
    market::GapMeasure measure = market::GapMeasure::Open;
    bool isMarked = true; // a GapMark of the stream, which replay reads back
    friend bool operator==(const GapRow&, const GapRow&) = default;
};
[[nodiscard]] GapRow gapRow(InstrumentId instrument, const market::Gap& gap);
[[nodiscard]] market::Gap gapOf(const GapRow& row);

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
[[nodiscard]] base::Result<market::GapMeasure> gapMeasureOf(std::string_view name);

} // namespace qd::storage
