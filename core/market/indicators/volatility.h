// Average true range (Wilder) and Bollinger bands, incremental, in TA-Lib's convention. Pure; one thread at a time; in
// ticks of the instrument. value() is empty until warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/window.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace qd::market {

/// True range needs a previous close, so the first value is the mean of bars 2 … n + 1; then (a·(n − 1) + TR)/n.
class Atr {
public:
    explicit Atr(std::size_t n) : n_(n) {}

    void add(double high, double low, double close)
    {
        if (bars_ > 0) {
            const double range =
                std::max({high - low, std::abs(high - previousClose_), std::abs(low - previousClose_)});
            const auto n = static_cast<double>(n_);
            if (bars_ <= n_) {
                sum_ += range;
                value_ = sum_ / n;
            } else {
                value_ = (value_ * (n - 1.0) + range) / n;
            }
        }
        previousClose_ = close;
        bars_ += bars_ <= n_ ? 1U : 0U;
    }
    [[nodiscard]] std::optional<double> value() const { return bars_ > n_ ? std::optional(value_) : std::nullopt; }
    void reset() { *this = Atr(n_); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, previousClose_, sum_, value_);
    }

private:
    std::size_t n_;
    std::size_t bars_ = 0; // seen, counted up to n + 1
    double previousClose_ = 0;
    double sum_ = 0;
    double value_ = 0;
};

struct Bands {
    double lower;
    double middle;
    double upper;
    double deviation; // population standard deviation, two-pass: exact zero on a flat window
};

class Bollinger {
public:
    explicit Bollinger(std::size_t n, double width = 2.0) : window_(n), width_(width) {}

    void add(double x) { window_.add(x); }
    [[nodiscard]] std::optional<Bands> value() const
    {
        if (!window_.isFull()) {
            return std::nullopt;
        }
        const auto n = static_cast<double>(window_.size());
        double sum = 0;
        window_.forEach([&](double v) { sum += v; });
        const double mean = sum / n;
        double squares = 0;
        window_.forEach([&](double v) { squares += (v - mean) * (v - mean); });
        const double deviation = std::sqrt(squares / n);
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

} // namespace qd::market
