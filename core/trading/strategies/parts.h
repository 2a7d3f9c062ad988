// What the strategies share: whole-number parameters, stop and target as multiples of ATR, holes in the candles, and
// figures in sentences. Pure. Any thread. Prices in ticks.
#pragma once

#include "trading/strategy.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qd::trading {

/// A parameter that is a count: rounded to the nearest whole number.
[[nodiscard]] std::size_t countOf(const ParameterSet& parameters, std::string_view name);

/// Stop and target at so many ATR from `price`, rounded to whole ticks, at least one tick away and above zero. Empty
/// where that is not possible: no movement (ATR not over 0: STATISTICS.md §18), or a short so near to zero that no
/// target is left.
struct Bracket {
    market::Price stop;
    market::Price target;
};
[[nodiscard]] std::optional<Bracket> bracketOf(market::Side side, market::Price price, double atr, double stopAtr,
                                               double targetAtr);

/// "1.25" with that many decimals, whatever the locale.
[[nodiscard]] std::string figure(double value, int decimals);

/// Follows the candles of one timeframe and tells where some are missing (inside a gap they do not exist). A hole
/// shorter than `tolerated` candles leaves averages usable; a longer one means that they speak of another market: start
/// anew.
class Continuity {
public:
    explicit Continuity(std::size_t tolerated) : tolerated_(tolerated) {}

    /// True if so many candles are missing before this one that its strategy must warm up again.
    [[nodiscard]] bool breaksAt(market::Timeframe timeframe, const market::Candle& candle)
    {
        const auto width = market::length(timeframe);
        const bool breaks = hasPrevious_ && (candle.start - previous_) > width * static_cast<std::int64_t>(tolerated_);
        previous_ = candle.start;
        hasPrevious_ = true;
        return breaks;
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(previous_, hasPrevious_);
    }

private:
    std::size_t tolerated_;
    base::UtcMs previous_;
    bool hasPrevious_ = false;
};

} // namespace qd::trading
