// The lines over the candles: EMA 26, Bollinger 20/2 and VWAP of the last 60 candles, from the same indicators as the
// strategies use (market/indicators). Kept between calls: a candle that was appended costs one step, not all of them.
// Pure; one thread at a time. In ticks of the instrument; NaN until warm.
#pragma once

#include "market/candle.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"

#include <optional>
#include <span>
#include <vector>

namespace qd::ui {

inline constexpr std::size_t emaLength = 26;
inline constexpr std::size_t bandLength = 20;
inline constexpr double bandWidth = 2;
inline constexpr std::size_t vwapLength = 60;

/// The values at one candle.
struct OverlayPoint {
    double ema;
    double lower;
    double middle;
    double upper;
    double vwap;
};

class CandleOverlays {
public:
    /// One point for each of `closed`, by index. Takes up where it stopped if `closed` goes on from the last call's.
    void follow(std::span<const market::Candle> closed);
    [[nodiscard]] std::span<const OverlayPoint> points() const { return points_; }
    /// What the forming candle would give if it closed now.
    [[nodiscard]] OverlayPoint peek(const market::Candle& forming) const;

private:
    struct Indicators {
        market::Ema ema{emaLength};
        market::Bollinger bands{bandLength, bandWidth};
        market::RollingVwap vwap{vwapLength};
        OverlayPoint add(const market::Candle& candle);
    };
    Indicators indicators_;
    std::vector<OverlayPoint> points_;
    std::optional<market::Candle> first_;
    std::optional<market::Candle> last_; // that points_ covers
};

} // namespace qd::ui
