// Donchian and Keltner channels, incremental. Pure; one thread at a time; prices in ticks. value() is empty until warm.
// Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/moving_averages.h"
#include "market/indicators/rolling_extreme.h"
#include "market/indicators/volatility.h"

#include <cstddef>
#include <optional>

namespace qd::market {

struct Channel {
    double lower = 0;
    double middle = 0;
    double upper = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(lower, middle, upper);
    }
};

/// Lowest low and highest high of the newest n bars, that of add() included: a breakout compares with value() before
/// it. The middle is their mean.
class Donchian {
public:
    explicit Donchian(std::size_t n) : high_(n), low_(n) {}

    void add(double high, double low)
    {
        high_.add(high);
        low_.add(low);
    }
    [[nodiscard]] std::optional<Channel> value() const
    {
        if (!high_.isFull()) {
            return std::nullopt;
        }
        return Channel{low_.value(), (high_.value() + low_.value()) / 2.0, high_.value()};
    }
    void reset()
    {
        high_.reset();
        low_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(high_, low_);
    }

private:
    RollingHigh high_;
    RollingLow low_;
};

/// EMA of the close, and `width` ATR to both sides of it.
class Keltner {
public:
    explicit Keltner(std::size_t ema = 20, std::size_t atr = 10, double width = 2.0)
        : middle_(ema),
          range_(atr),
          width_(width)
    {
    }

    void add(double high, double low, double close)
    {
        middle_.add(close);
        range_.add(high, low, close);
    }
    [[nodiscard]] std::optional<Channel> value() const
    {
        const auto middle = middle_.value();
        const auto range = range_.value();
        if (!middle || !range) {
            return std::nullopt;
        }
        return Channel{*middle - width_ * *range, *middle, *middle + width_ * *range};
    }
    void reset()
    {
        middle_.reset();
        range_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(middle_, range_);
    }

private:
    Ema middle_;
    Atr range_;
    double width_;
};

} // namespace qd::market
