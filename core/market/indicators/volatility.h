// True range, average true range (Wilder), Bollinger bands and z-score, incremental, in TA-Lib's convention with exact
// tests for zero and two-pass deviations. Pure; one thread at a time; in ticks of the instrument. value() is empty
// until warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/moving_averages.h"
#include "market/indicators/window.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace qd::market {

/// The bar's range, widened to the close before it; none at the first bar.
class TrueRange {
public:
    void add(double high, double low, double close)
    {
        if (bars_ > 0) {
            value_ = std::max({high - low, std::abs(high - previous_), std::abs(low - previous_)});
        }
        previous_ = close;
        bars_ += bars_ < 2 ? 1U : 0U;
    }
    [[nodiscard]] std::optional<double> value() const { return bars_ > 1 ? std::optional(value_) : std::nullopt; }
    void reset() { *this = TrueRange(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, previous_, value_);
    }

private:
    std::uint32_t bars_ = 0; // seen, counted up to 2
    double previous_ = 0;    // close
    double value_ = 0;
};

/// Wilder's average of the true range; it begins at the second bar, so the first value is that of bar n + 1.
class Atr {
public:
    explicit Atr(std::size_t n) : average_(n) {}

    void add(double high, double low, double close)
    {
        range_.add(high, low, close);
        if (range_.value()) {
            average_.add(*range_.value());
        }
    }
    [[nodiscard]] std::optional<double> value() const { return average_.value(); }
    void reset()
    {
        range_.reset();
        average_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(range_, average_);
    }

private:
    TrueRange range_;
    WilderAverage average_;
};

struct Bands {
    double lower;
    double middle;
    double upper;
    double deviation; // population standard deviation; exactly 0 on a flat window
};

/// The simple average of n values, and `width` standard deviations to both sides of it.
class Bollinger {
public:
    explicit Bollinger(std::size_t n, double width = 2.0) : window_(n), width_(width) {}

    void add(double x) { window_.add(x); }
    [[nodiscard]] std::optional<Bands> value() const
    {
        if (!window_.isFull()) {
            return std::nullopt;
        }
        const double mean = window_.mean();
        const double deviation = std::sqrt(window_.squaresAround(mean) / static_cast<double>(window_.size()));
        return Bands{mean - width_ * deviation, mean, mean + width_ * deviation, deviation};
    }
    void reset() { window_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(window_);
    }

private:
    Window window_;
    double width_;
};

/// (newest − mean)/population standard deviation of n values. A flat window has none.
class ZScore {
public:
    explicit ZScore(std::size_t n) : window_(n) {}

    void add(double x) { window_.add(x); }
    [[nodiscard]] std::optional<double> value() const
    {
        if (!window_.isFull()) {
            return std::nullopt;
        }
        const double mean = window_.mean();
        const double deviation = std::sqrt(window_.squaresAround(mean) / static_cast<double>(window_.size()));
        return deviation == 0 ? std::nullopt : ifFinite((window_.newest() - mean) / deviation);
    }
    void reset() { window_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(window_);
    }

private:
    Window window_;
};

} // namespace qd::market
