// On-balance volume, and the volume-weighted average price of a session or of the newest n bars, incremental. Pure; one
// thread at a time; prices in ticks, volume in lots. value() is empty until warm. Source: STATISTICS.md §18.
#pragma once

#include "base/utc_time.h"
#include "market/indicators/window.h"

#include <cstddef>
#include <optional>

namespace qd::market {

/// Begins at the first bar's volume; plus volume where the close rose, minus where it fell.
class Obv {
public:
    void add(double close, double volume)
    {
        if (!hasBars_ || close > close_) {
            value_ += volume;
        } else if (close < close_) {
            value_ -= volume;
        }
        close_ = close;
        hasBars_ = true;
    }
    [[nodiscard]] std::optional<double> value() const { return hasBars_ ? std::optional(value_) : std::nullopt; }
    void reset() { *this = Obv(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(value_, close_, hasBars_);
    }

private:
    double value_ = 0;
    double close_ = 0; // of the bar before
    bool hasBars_ = false;
};

[[nodiscard]] constexpr double typicalPrice(double high, double low, double close)
{
    return (high + low + close) / 3.0;
}

/// Σ typical price · volume / Σ volume since 00:00 UTC of the newest bar's day. Empty while nothing was traded.
class SessionVwap {
public:
    void add(base::UtcMs start, double high, double low, double close, double volume)
    {
        const auto day = base::bucketStart(start, base::oneDay);
        if (day != day_) {
            *this = {};
            day_ = day;
        }
        traded_ += typicalPrice(high, low, close) * volume;
        volume_ += volume;
    }
    [[nodiscard]] std::optional<double> value() const
    {
        return volume_ != 0 ? std::optional(traded_ / volume_) : std::nullopt;
    }
    void reset() { *this = {}; }
    template <typename Archive>
    void state(Archive& a)
    {
        a(day_, traded_, volume_);
    }

private:
    base::UtcMs day_;
    double traded_ = 0;
    double volume_ = 0;
};

/// Σ typical price · volume / Σ volume over the newest n bars. Empty where nothing was traded in them.
class RollingVwap {
public:
    explicit RollingVwap(std::size_t n) : traded_(n), volume_(n) {}

    void add(double high, double low, double close, double volume)
    {
        traded_.add(typicalPrice(high, low, close) * volume);
        volume_.add(volume);
    }
    [[nodiscard]] std::optional<double> value() const
    {
        const double volume = volume_.sum();
        return volume_.isFull() && volume != 0 ? std::optional(traded_.sum() / volume) : std::nullopt;
    }
    void reset()
    {
        traded_.clear();
        volume_.clear();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(traded_, volume_);
    }

private:
    Window traded_;
    Window volume_;
};

} // namespace qd::market
