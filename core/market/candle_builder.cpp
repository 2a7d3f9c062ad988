#include "market/candle_builder.h"

namespace qd::market {

void CandleBuilder::markGap()
{
    gapPending_ = true;
    open_.hasGap = true;
}

void CandleBuilder::markLate(UtcMs time)
{
    if (hasOpen_ && time >= open_.start) {
        open_.hasGap = true;
    }
}

void CandleBuilder::roll(const Tick& tick, std::vector<Candle>& closed)
{
    const auto width = length(timeframe_);
    const auto start = base::bucketStart(tick.time, width);
    if (hasOpen_) {
        if (start - openEnd_ > longestQuiet) {
            markGap();
        }
        closed.push_back(open_);
        if (!gapPending_) {
            const auto price = open_.close;
            for (auto flat = openEnd_; flat < start; flat = flat + width) {
                closed.push_back({.start = flat, .open = price, .high = price, .low = price, .close = price});
            }
        }
    }
    open_ = {.start = start, .open = tick.price, .high = tick.price, .low = tick.price, .close = tick.price};
    openEnd_ = start + width;
    hasOpen_ = true;
    fold(tick);
}

} // namespace qd::market
