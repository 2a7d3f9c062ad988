// One bar of one timeframe. Plain value; prices in ticks, volume in lots, times in exchange time.
#pragma once

#include "market/tick.h"

#include <array>
#include <string_view>

namespace qd::market {

enum class Timeframe : std::uint8_t { M1, M5, M15, H1, H4 };
inline constexpr std::array allTimeframes{Timeframe::M1, Timeframe::M5, Timeframe::M15, Timeframe::H1, Timeframe::H4};

[[nodiscard]] constexpr base::Millis length(Timeframe tf)
{
    constexpr std::array minutes{1, 5, 15, 60, 240};
    return base::Millis{minutes[static_cast<std::size_t>(tf)] * 60'000LL};
}
[[nodiscard]] constexpr std::string_view name(Timeframe tf)
{
    constexpr std::array<std::string_view, 5> names{"1m", "5m", "15m", "1h", "4h"};
    return names[static_cast<std::size_t>(tf)];
}

struct Candle {
    UtcMs start; // opens here; holds ticks with start ≤ time < start + length
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
    std::int64_t buyVolume = 0; // lots traded by aggressive buyers
    std::int32_t trades = 0;
    bool hasGap = false; // trades may be missing: a gap lies in it or touches it
    friend bool operator==(const Candle&, const Candle&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(start, open, high, low, close, volume, buyVolume, trades, hasGap);
    }
};

} // namespace qd::market
