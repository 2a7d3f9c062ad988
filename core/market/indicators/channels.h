// Donchian channel and rolling volume-weighted average price, incremental. Pure; one thread at a time; prices in ticks.
// value() is empty until warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/window.h"

#include <cstdint>
#include <deque>
#include <optional>

namespace qd::market {

struct Channel {
    double lower = 0;
    double upper = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(lower, upper);
    }
};

/// Lowest low and highest high of the newest n bars, that of add() included: a breakout compares with value() before
/// it. O(1) amortised: two queues of the values that may still become the extreme.
class Donchian {
public:
    explicit Donchian(std::size_t n) : n_(n) {}

    void add(double high, double low)
    {
        while (!highs_.empty() && highs_.back().value <= high) {
            highs_.pop_back();
        }
        highs_.push_back({bars_, high});
        while (!lows_.empty() && lows_.back().value >= low) {
            lows_.pop_back();
        }
        lows_.push_back({bars_, low});
        ++bars_;
        if (highs_.front().bar + n_ < bars_) {
            highs_.pop_front();
        }
        if (lows_.front().bar + n_ < bars_) {
            lows_.pop_front();
        }
    }
    [[nodiscard]] std::optional<Channel> value() const
    {
        return bars_ < n_ ? std::nullopt : std::optional(Channel{lows_.front().value, highs_.front().value});
    }
    void reset() { *this = Donchian(n_); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, highs_, lows_);
    }

private:
    struct Extreme {
        std::uint64_t bar = 0;
        double value = 0;
        template <typename Archive>
        void state(Archive& a)
        {
            a(bar, value);
        }
    };
    std::uint64_t n_;
    std::uint64_t bars_ = 0;
    std::deque<Extreme> highs_;
    std::deque<Extreme> lows_;
};

/// Σ typical price · volume / Σ volume over the newest n bars, typical = (high + low + close)/3. Empty without volume.
class RollingVwap {
public:
    explicit RollingVwap(std::size_t n) : traded_(n), volume_(n) {}

    void add(double high, double low, double close, double volume)
    {
        traded_.add((high + low + close) / 3.0 * volume);
        volume_.add(volume);
    }
    [[nodiscard]] std::optional<double> value() const
    {
        double traded = 0;
        double volume = 0;
        traded_.forEach([&](double v) { traded += v; });
        volume_.forEach([&](double v) { volume += v; });
        return volume_.isFull() && volume != 0 ? std::optional(traded / volume) : std::nullopt;
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
