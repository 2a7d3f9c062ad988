// Back-filled candles: which UTC days of an instrument's minutes are missing, and a day's minutes from REST put where
// nothing lies yet, the larger timeframes derived from them. What is there already (candles of the archive's own ticks,
// imported ones) is never changed. One object a connection and thread; writes within the caller's transaction.
#pragma once

#include "storage/candle_store.h"

#include <array>
#include <optional>
#include <vector>

namespace qd::storage {

/// Candles by timeframe, oldest first.
using CandlesByTimeframe = std::array<std::vector<market::Candle>, market::allTimeframes.size()>;

/// Of `minutes` (oldest first), the candle of the larger `timeframe` for each of its buckets that ends at or before
/// `until` and holds any minute. It is marked if one of its minutes is; trades and buyers' volume are 0, which means
/// untold, where one of its minutes tells none. Minutes that the exchange left out had no trade: they mark nothing.
/// Pure.
[[nodiscard]] std::vector<market::Candle> largerCandles(std::span<const market::Candle> minutes,
                                                        market::Timeframe timeframe, UtcMs until);

class CandleFill {
public:
    explicit CandleFill(Database& database) : database_(database) { candles_.emplace(database); }

    /// The days from that of `from` to that of `to`, newest first, that REST was not yet asked for whole and that do
    /// not have all their 1,440 minutes.
    [[nodiscard]] base::Result<std::vector<UtcMs>> missingDays(InstrumentId instrument, UtcMs from, UtcMs to);
    /// REST's closed minutes of the day that begins at `day`, oldest first; what lies at or after `until` is left out.
    /// isWhole: REST has no more of this day, so it is not asked for again. Minutes that touch a gap are marked.
    /// Answers what was added; after an error nothing was.
    [[nodiscard]] base::Result<CandlesByTimeframe>
    fill(InstrumentId instrument, UtcMs day, std::span<const market::Candle> minutes, UtcMs until, bool isWhole);

private:
    [[nodiscard]] base::Result<CandlesByTimeframe>
    put(InstrumentId instrument, UtcMs day, std::span<const market::Candle> minutes, UtcMs until, bool isWhole);

    Database& database_;
    std::optional<CandleStore> candles_; // made anew where what it remembers of the tails was taken back
};

} // namespace qd::storage
