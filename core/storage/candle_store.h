// Closed candles, in blocks of 4,096 like the ticks: those the pipeline made, and imported or back-filled ones. Prices
// and sizes come back at the instrument's present scales, or not at all (NotOnScale). One object a connection and
// thread.
#pragma once

#include "market/candle.h"
#include "storage/tick_archive.h"

namespace qd::storage {

class CandleStore {
public:
    explicit CandleStore(Database& database);
    ~CandleStore();
    /// Within the caller's transaction; candles in growing start order, later ones only (an equal or earlier start that
    /// is there already is skipped, so that a replay after a crash adds nothing).
    [[nodiscard]] base::Result<void> append(InstrumentId instrument, market::Timeframe timeframe,
                                            std::span<const market::Candle> candles);
    /// Within the caller's transaction; candles in growing start order, wherever they belong. Those whose start is
    /// there already are left out. Answers what was added.
    [[nodiscard]] base::Result<std::vector<market::Candle>> fillIn(InstrumentId instrument, market::Timeframe timeframe,
                                                                   std::span<const market::Candle> candles);
    /// Oldest first; at most `limit`, the newest of the range.
    [[nodiscard]] base::Result<std::vector<market::Candle>> read(InstrumentId instrument, market::Timeframe timeframe,
                                                                 TimeRange range, std::size_t limit);
    /// All of the range, oldest first, a block at a time: memory does not grow with it. `take` may swap another vector
    /// in, and answers false to stop early.
    [[nodiscard]] base::Result<void> scan(InstrumentId instrument, market::Timeframe timeframe, TimeRange range,
                                          const std::function<bool(std::vector<market::Candle>&)>& take);
    /// How many candles the blocks of the range hold; none of them is read.
    [[nodiscard]] base::Result<std::uint64_t> count(InstrumentId instrument, market::Timeframe timeframe,
                                                    TimeRange range);
    /// Blocks that the reads so far had to leave out because they are damaged.
    [[nodiscard]] const std::vector<MissingBlock>& missing() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::storage
