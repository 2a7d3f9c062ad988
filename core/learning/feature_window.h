// The newest candles of one timeframe as sums from which every feature of any window is read in O(1). The sums are
// whole numbers (returns in 2^-40, squares in 2^-50): they are exact, so a figure depends on its window alone and never
// on what was added and taken away before. Pure; one thread at a time. Prices in ticks, volume in lots.
#pragma once

#include "base/int128.h"
#include "learning/features.h"
#include "market/indicators/rolling_extreme.h"

#include <array>
#include <cstdint>
#include <vector>

namespace qd::learning {

class FeatureWindow {
public:
    /// For the specs of `set` in `timeframe`; others are not kept.
    FeatureWindow(const FeatureSet& set, market::Timeframe timeframe);

    /// The next candle. A return beyond e-fold (a close that is no price, too) counts as e-fold.
    void add(const market::Candle& candle);
    /// Every window of the set is full.
    [[nodiscard]] bool isWarm() const { return bars_ >= needed_; }
    /// NaN where it is undefined (nothing moved or was traded). Requires isWarm() and a spec of the set.
    [[nodiscard]] double value(const FeatureSpec& spec) const;
    [[nodiscard]] std::size_t needed() const { return needed_; }
    void reset();

    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, sums_, newest_, previousReturn_, longVolatility_);
        for (auto& extreme : highs_) {
            a(extreme);
        }
        for (auto& extreme : lows_) {
            a(extreme);
        }
        if constexpr (Archive::isReading) { // a damaged state must not reach beyond the ring
            if (sums_.size() != mask_ + 1) {
                sums_.assign(mask_ + 1, Sums());
                reset();
            }
        }
    }

private:
    // Running totals that wrap; the difference of two is a window's sum.
    struct Sums {
        std::uint64_t returns = 0;  // 2^-40
        std::uint64_t way = 0;      // |return|, 2^-40
        std::uint64_t squares = 0;  // 2^-50
        std::uint64_t products = 0; // with the return before, 2^-50
        std::uint64_t ranges2 = 0;  // ln²(high/low), 2^-50
        std::uint64_t closes = 0;
        std::uint64_t ranges = 0;
        std::uint64_t volume = 0;
        std::uint64_t directed = 0; // volume, with the sign of the candle's return
        std::uint64_t flow = 0;     // bought less sold
        std::uint64_t trades = 0;
        std::array<std::uint64_t, 2> closes2{}; // low and high half of 128 bits
        std::array<std::uint64_t, 2> traded{};  // (high + low + close) · volume
        template <typename Archive>
        void state(Archive& a)
        {
            a(returns, way, squares, products, ranges2, closes, ranges, volume, directed, flow, trades, closes2[0],
              closes2[1], traded[0], traded[1]);
        }
    };
    using Field = std::uint64_t Sums::*;
    using WideField = std::array<std::uint64_t, 2> Sums::*;

    [[nodiscard]] const Sums& at(std::size_t back) const { return sums_[(bars_ - back) & mask_]; }
    [[nodiscard]] double sum(Field field, std::size_t n) const
    {
        return static_cast<double>(static_cast<std::int64_t>(at(0).*field - at(n).*field));
    }
    [[nodiscard]] base::Int128 wideSum(WideField field, std::size_t n) const;
    [[nodiscard]] double volatility(std::size_t n) const;
    struct Moments {
        double mean;
        double deviation;
    };
    [[nodiscard]] Moments closesOf(std::size_t n) const;
    struct Extremes {
        double high;
        double low;
    };
    [[nodiscard]] Extremes channelOf(std::size_t n) const;
    [[nodiscard]] double priceValue(const FeatureSpec& spec) const;
    [[nodiscard]] double volumeValue(const FeatureSpec& spec) const;

    std::size_t longest_;
    std::size_t needed_ = 1; // candles: the longest look-back of a feature
    std::size_t mask_;
    std::vector<std::size_t> channels_; // windows with a highest and a lowest
    std::uint64_t bars_ = 0;
    std::vector<Sums> sums_; // a ring
    std::vector<market::RollingHigh> highs_;
    std::vector<market::RollingLow> lows_;
    market::Candle newest_;
    double previousReturn_ = 0;
    double longVolatility_ = 0; // over the longest window; of the newest candle
};

} // namespace qd::learning
