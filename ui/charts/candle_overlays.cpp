#include "ui/charts/candle_overlays.h"

#include <limits>

namespace qd::ui {

OverlayPoint CandleOverlays::Indicators::add(const market::Candle& candle)
{
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const auto high = static_cast<double>(candle.high.value);
    const auto low = static_cast<double>(candle.low.value);
    const auto close = static_cast<double>(candle.close.value);
    ema.add(close);
    bands.add(close);
    vwap.add(high, low, close, static_cast<double>(candle.volume.value));
    const auto band = bands.value().value_or(market::Bands{none, none, none, none});
    return {ema.value().value_or(none), band.lower, band.middle, band.upper, vwap.value().value_or(none)};
}

void CandleOverlays::follow(std::span<const market::Candle> closed)
{
    const bool goesOn =
        last_ && closed.size() >= points_.size() && closed.front() == first_ && closed[points_.size() - 1] == last_;
    if (!goesOn) {
        indicators_ = {};
        points_.clear();
    }
    points_.reserve(closed.size());
    for (const auto& candle : closed.subspan(points_.size())) {
        points_.push_back(indicators_.add(candle));
    }
    first_ = closed.empty() ? std::nullopt : std::optional(closed.front());
    last_ = closed.empty() ? std::nullopt : std::optional(closed.back());
}

OverlayPoint CandleOverlays::peek(const market::Candle& forming) const
{
    auto copy = indicators_;
    return copy.add(forming);
}

} // namespace qd::ui
