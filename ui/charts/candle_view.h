// Which span of time a candle chart shows: follows the newest candle until it is panned away, zooms about a point,
// never leaves the candles. Pure; GUI thread. Times in ms since 1970 UTC, widths in pixels.
#pragma once

#include "ui/charts/chart_scale.h"

namespace qd::ui {

class CandleView {
public:
    static constexpr double standardPitch = 7; // pixels a candle after reset()
    static constexpr double fewestCandles = 8; // what zooming in leaves

    /// From the start of the oldest candle to the end of the newest. Moves the view only while it follows.
    void setData(Range data, base::Millis length);
    /// Of the plot. Candles keep their pitch: the view grows or shrinks on the left.
    void setWidth(double pixels);

    void reset();
    /// Every candle, whatever its width, and this share of the span free on the right.
    void showAll(double free = 0);
    /// From this moment to the newest candle, which it follows.
    void showSince(double from, double free = 0);
    [[nodiscard]] bool isAllShown() const { return isAll_; }
    void zoom(double at, double factor);
    void pan(double ms);
    void toOldest();
    void toNewest();

    [[nodiscard]] Range range() const { return range_; }
    [[nodiscard]] bool isFollowing() const { return isFollowing_; }

private:
    [[nodiscard]] double room(double span) const; // empty space to the right of the newest candle
    [[nodiscard]] Range bounds(double span) const;
    [[nodiscard]] double standardSpan() const;
    void settle(Range wished);

    Range data_;
    Range range_;
    double length_ = 60'000;
    double width_ = 800;
    bool isFollowing_ = true;
    double free_ = 0;
    bool isAll_ = false; // since showAll() nothing moved it
};

} // namespace qd::ui
