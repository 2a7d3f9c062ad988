// Puts candles of any age where they belong in a series: into the block that spans them, which is written once, between
// blocks as blocks of their own, or behind the newest. Internal to storage; the writer's thread, within the caller's
// transaction.
#pragma once

#include "storage/series_writer.h"

namespace qd::storage {

class CandleInserter {
public:
    CandleInserter(Database& database, SeriesWriter<CandleRows>& writer) : table_(database), writer_(writer) {}
    /// Candles in growing start order; those whose start is there already are left out. Answers what was added.
    [[nodiscard]] base::Result<std::vector<market::Candle>> insert(const SeriesInfo& info,
                                                                   std::span<const market::Candle> candles);

private:
    using Candles = std::span<const market::Candle>;
    [[nodiscard]] base::Result<std::size_t> insertSome(const SeriesInfo& info, const std::vector<BlockHead>& heads,
                                                       Candles candles);
    [[nodiscard]] base::Result<void> merge(const SeriesInfo& info, const BlockHead& head, Candles candles);
    [[nodiscard]] base::Result<void> write(const SeriesInfo& info, const Scales& scales, Candles candles);

    BlockTable<CandleRows> table_;
    SeriesWriter<CandleRows>& writer_;
    std::vector<market::Candle> added_;
};

} // namespace qd::storage
