// Candles of the days before the loopback exchange's market began, for clients that ask for history: a smooth walk by
// formula that ends at the first trade's price, the same each time it is asked. There are no trades behind them. Pure;
// any thread. Prices in ticks, volume in lots.
#pragma once

#include "market/candle.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace qd::exchange {

class LoopbackPast {
public:
    LoopbackPast() = default; // none
    /// The `days` before the minute of `first`, whose price is `price`.
    LoopbackPast(std::string_view instrument, base::UtcMs first, market::Price price, int days);
    /// The candle that begins at `start`, if all of it lies in the past.
    [[nodiscard]] std::optional<market::Candle> candle(base::UtcMs start, market::Timeframe timeframe) const;
    /// The newest that there is: candles end at or before this.
    [[nodiscard]] base::UtcMs end() const { return end_; }

private:
    [[nodiscard]] market::Price priceAt(std::int64_t minute) const;
    [[nodiscard]] market::Candle minuteAt(std::int64_t minute) const;

    std::uint64_t seed_ = 0;
    base::UtcMs begin_;
    base::UtcMs end_;
    double scale_ = 0; // price where the walk is at 0
};

} // namespace qd::exchange
