// The newest closed candles of one timeframe, oldest first, at most `depth`. Plain container; one thread at a time.
#pragma once

#include "market/candle.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

namespace qd::market {

class CandleHistory {
public:
    explicit CandleHistory(std::size_t depth = 0) : depth_(depth) {}

    /// Requires candle.start later than that of the newest.
    void add(const Candle& candle)
    {
        ++revision_;
        if (depth_ == 0) {
            return;
        }
        if (candles_.size() >= 2 * depth_) { // dropped in halves, so that adding stays O(1) and the rest contiguous
            candles_.erase(candles_.begin(), candles_.end() - static_cast<std::ptrdiff_t>(depth_ - 1));
        }
        candles_.push_back(candle);
    }
    /// Candles in growing start order, of any time; where one is there already it stays.
    void fillIn(std::span<const Candle> candles)
    {
        if (depth_ == 0 || candles.empty()) {
            return;
        }
        std::vector<Candle> merged;
        const auto own = all();
        merged.reserve(own.size() + candles.size());
        std::ranges::set_union(own, candles, std::back_inserter(merged), {}, &Candle::start, &Candle::start);
        const auto kept = std::min(depth_, merged.size());
        candles_.assign(merged.end() - static_cast<std::ptrdiff_t>(kept), merged.end());
        ++revision_;
    }
    [[nodiscard]] std::span<const Candle> all() const
    {
        const auto kept = std::min(depth_, candles_.size());
        return std::span(candles_).last(kept);
    }
    /// Grows with every add().
    [[nodiscard]] std::uint64_t revision() const { return revision_; }

private:
    std::size_t depth_;
    std::vector<Candle> candles_;
    std::uint64_t revision_ = 0;
};

} // namespace qd::market
