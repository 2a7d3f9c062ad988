// Simple, exponential and Wilder's moving average, and MACD, incremental, in TA-Lib's convention (default
// compatibility, unstable period 0). Pure; one thread at a time; in the units of what is added. value() is empty until
// warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/window.h"

#include <algorithm>
#include <cstddef>
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
            value_ = window_.mean();
        }
    }
    [[nodiscard]] std::optional<double> value() const
    {
        return window_.isFull() ? std::optional(value_) : std::nullopt;
    }
    void reset() { window_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(window_, value_);
    }

private:
    Window window_;
    double value_ = 0;
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

/// Wilder's smoothing: seeded with the simple average of the first n values, then (a·(n − 1) + x)/n.
class WilderAverage {
public:
    explicit WilderAverage(std::size_t n) : n_(n) {}

    void add(double x)
    {
        const auto n = static_cast<double>(n_);
        if (count_ < n_) {
            ++count_;
            sum_ += x;
            value_ = sum_ / n;
            return;
        }
        value_ = (value_ * (n - 1.0) + x) / n;
    }
    [[nodiscard]] std::optional<double> value() const { return count_ == n_ ? std::optional(value_) : std::nullopt; }
    void reset() { *this = WilderAverage(n_); }
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

struct MacdLines {
    double macd;
    double signal;
    double histogram; // macd − signal
};

/// EMA(fast) − EMA(slow), and its EMA(signal). Both averages are seeded at the bar at which the slow one can be; all
/// three lines begin with the signal, at bar slow + signal − 1.
class Macd {
public:
    Macd(std::size_t fast, std::size_t slow, std::size_t signal)
        : lead_(std::max(fast, slow) - std::min(fast, slow)),
          fast_(std::min(fast, slow)),
          slow_(std::max(fast, slow)),
          signal_(signal)
    {
    }

    void add(double x)
    {
        slow_.add(x);
        if (passed_ < lead_) {
            ++passed_;
        } else {
            fast_.add(x);
        }
        if (const auto macd = line()) {
            signal_.add(*macd);
        }
    }
    [[nodiscard]] std::optional<MacdLines> value() const
    {
        const auto macd = line();
        const auto signal = signal_.value();
        return macd && signal ? std::optional(MacdLines{*macd, *signal, *macd - *signal}) : std::nullopt;
    }
    void reset()
    {
        passed_ = 0;
        fast_.reset();
        slow_.reset();
        signal_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(passed_, fast_, slow_, signal_);
    }

private:
    [[nodiscard]] std::optional<double> line() const
    {
        const auto fast = fast_.value();
        const auto slow = slow_.value();
        return fast && slow ? std::optional(*fast - *slow) : std::nullopt;
    }

    std::size_t lead_; // values that the slow average gets before the fast one begins
    std::size_t passed_ = 0;
    Ema fast_;
    Ema slow_;
    Ema signal_;
};

} // namespace qd::market
