#include "market/candle_builder.h"

#include <algorithm>

namespace qd::market {

void CandleBuilder::markGap()
{
    gapPending_ = true;
    open_.hasGap = true;
}

void CandleBuilder::roll(const Tick& tick, std::vector<Candle>& closed)
{
    const auto width = length(timeframe_);
    const auto start = base::bucketStart(tick.time, width);
    if (hasOpen_) {
        closed.push_back(open_);
        if (!gapPending_) {
            for (auto flat = openEnd_; flat < start; flat = flat + width) {
                closed.push_back({.start = flat, .open = open_.close, .high = open_.close, .low = open_.close,
                                  .close = open_.close});
            }
        }
    }
    open_ = {.start = start, .open = tick.price, .high = tick.price, .low = tick.price, .close = tick.price};
    openEnd_ = start + width;
    hasOpen_ = true;
    fold(tick);
}

}  // namespace qd::market
