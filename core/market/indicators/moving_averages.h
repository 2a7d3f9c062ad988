// Simple and exponential moving average, incremental, in TA-Lib's convention (default compatibility, unstable period
// 0). Pure; one thread at a time; in the units of what is added. value() is empty until warm. Source: STATISTICS.md
// §18.
#pragma once

#include "market/indicators/window.h"

#include <cstdint>
#include <optional>

namespace qd::market {

/// Mean of the newest n values; the first after n.
class Sma {
public:
    explicit Sma(std::size_t n) : window_(n) {}

    void add(double x)
    {
        window_.add(x);
        if (window_.isFull()) {
            double sum = 0;
            window_.forEach([&](double v) { sum += v; });
            value_ = sum / static_cast<double>(window_.size());
        }
    }
    [[nodiscard]] std::optional<double> value() const { return value_; }
    void reset()
    {
        window_.clear();
        value_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(window_, value_);
    }

private:
    Window window_;
    std::optional<double> value_;
};

/// Seeded with the simple average of the first n values, then e += (x − e) · 2/(n + 1).
class Ema {
public:
    explicit Ema(std::size_t n) : n_(n) {}

    void add(double x)
    {
        if (count_ < n_) {
            ++count_;
            sum_ += x;
            value_ = sum_ / static_cast<double>(n_);
            return;
        }
        value_ += (x - value_) * 2.0 / (static_cast<double>(n_) + 1.0);
    }
    [[nodiscard]] std::optional<double> value() const { return count_ == n_ ? std::optional(value_) : std::nullopt; }
    void reset() { *this = Ema(n_); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(count_, sum_, value_);
    }

private:
    std::size_t n_;
    std::size_t count_ = 0;
    double sum_ = 0;
    double value_ = 0;
};

} // namespace qd::market
