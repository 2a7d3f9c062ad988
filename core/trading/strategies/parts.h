// What the strategies share: whole-number parameters, exits as multiples of ATR, holes in the candles and warm-up,
// turning points, and the frame of a rule that reads one timeframe. Pure. Any thread. Prices in ticks.
#pragma once

#include "market/indicators/volatility.h"
#include "market/indicators/window.h"
#include "trading/strategy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qd::trading {

/// A parameter that is a count: rounded to the nearest whole number.
[[nodiscard]] std::size_t countOf(const ParameterSet& parameters, std::string_view name);

/// Stop and target at so many ATR from `price`, rounded to whole ticks, at least one tick away and above zero. Empty
/// where that is not possible: no movement (ATR not over 0: STATISTICS.md §18), or a short so near to zero that no
/// target is left.
struct Bracket {
    market::Price stop;
    market::Price target;
};
[[nodiscard]] std::optional<Bracket> bracketOf(market::Side side, market::Price price, double atr, double stopAtr,
                                               double targetAtr);

/// "1.25" with that many decimals, whatever the locale.
[[nodiscard]] std::string figure(double value, int decimals);

[[nodiscard]] inline double real(market::Price price)
{
    return static_cast<double>(price.value);
}
[[nodiscard]] inline double real(market::Quantity size)
{
    return static_cast<double>(size.value);
}
[[nodiscard]] inline market::Side sideOf(int sign)
{
    return sign > 0 ? market::Side::Buy : market::Side::Sell;
}

/// Where a position is left: stop and target in ATR from its entry, and the longest holding time.
class Exits {
public:
    explicit Exits(const ParameterSet& p);

    /// Empty where there is no bracket.
    [[nodiscard]] std::optional<Signal> atMarket(market::Side side, market::Price close, double atr,
                                                 std::string why) const;
    /// By an order that rests `offsetAtr` on the better side of the close; the exits are measured from its price.
    [[nodiscard]] std::optional<Signal> byLimit(market::Side side, market::Price close, double atr, double offsetAtr,
                                                std::string why) const;

private:
    double stopAtr_;
    double targetAtr_;
    base::Millis timeLimit_;
};

/// `own`, then the length of ATR and the three exits, with these defaults.
[[nodiscard]] std::vector<Parameter> withExits(std::vector<Parameter> own, double atr, double stopAtr, double targetAtr,
                                               double timeLimitMinutes);
/// How far behind the close the order of a limit entry rests.
[[nodiscard]] Parameter limitOffset(double standard);

/// Averages that remember their seed have forgotten it after ten lengths: what is left is under 1e-8.
inline constexpr std::size_t lengthsToWarm = 10;

/// Follows the candles of one timeframe: holes in them (inside a gap they do not exist), and whether there were enough
/// to speak. A hole shorter than `tolerated` candles leaves averages usable; a longer one means that they speak of
/// another market: start anew.
class Listening {
public:
    Listening(market::Timeframe timeframe, std::size_t tolerated, std::size_t warmUp)
        : timeframe_(timeframe),
          tolerated_(tolerated),
          warmUp_(warmUp)
    {
    }

    [[nodiscard]] market::Timeframe timeframe() const { return timeframe_; }
    /// Counts a candle; true if so many are missing before it that its strategy must warm up again.
    [[nodiscard]] bool breaksAt(const market::Candle& candle)
    {
        const auto width = market::length(timeframe_);
        const bool breaks = candles_ > 0 && (candle.start - newest_) > width * static_cast<std::int64_t>(tolerated_);
        newest_ = candle.start;
        candles_ = breaks ? 1 : candles_ + (candles_ < warmUp_ ? 1U : 0U);
        return breaks;
    }
    [[nodiscard]] bool isWarm() const { return candles_ >= warmUp_; }
    /// "warming up: 37 of 210 candles of 5m, until about 2026-11-26T16:40:00.000Z"; empty when warm.
    [[nodiscard]] std::string silence() const;
    template <typename Archive>
    void state(Archive& a)
    {
        a(newest_, candles_);
    }

private:
    market::Timeframe timeframe_;
    std::size_t tolerated_;
    std::size_t warmUp_;
    base::UtcMs newest_;
    std::size_t candles_ = 0; // without a hole, counted up to the warm-up; 0 only before the first
};

/// A condition that holds to one side (+1, −1) or not (0); it is worth a word only when it begins.
class Onset {
public:
    void now(int side)
    {
        begun_ = side != side_ ? side : 0;
        side_ = side;
    }
    [[nodiscard]] int begun() const { return begun_; }
    void reset() { *this = {}; }
    template <typename Archive>
    void state(Archive& a)
    {
        a(side_, begun_);
    }

private:
    int side_ = 0;
    int begun_ = 0;
};

/// Turning points: a low under all of the `wing` candles before it and not over any of the `wing` after it, a high
/// likewise. So one is known only `wing` candles later.
class TurningPoints {
public:
    explicit TurningPoints(std::size_t wing) : highs_(2 * wing + 1), lows_(2 * wing + 1) {}

    void add(double high, double low)
    {
        highs_.add(high);
        lows_.add(-low);
    }
    [[nodiscard]] std::optional<double> high() const { return peakOf(highs_); }
    [[nodiscard]] std::optional<double> low() const
    {
        const auto peak = peakOf(lows_);
        return peak ? std::optional(-*peak) : std::nullopt;
    }
    void reset()
    {
        highs_.clear();
        lows_.clear();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(highs_, lows_);
    }

private:
    [[nodiscard]] static std::optional<double> peakOf(const market::Window& window);

    market::Window highs_;
    market::Window lows_; // negative
};

/// The frame of a rule on closed candles of one timeframe. `Rule` has
///   void hear(const market::Candle&, std::optional<double> atr); // a closed candle, after ATR took it in
///   std::optional<Signal> speak(double atr, const OwnPosition*) const; // warm, and ATR over 0
///   void forget(); // a long hole: as new
///   template <typename Archive> void remember(Archive&); // names its state
template <typename Rule>
class CandleRule : public Strategy {
public:
    void onCandle(market::Timeframe /*the only one*/, const market::Candle& candle) final
    {
        if (listening_.breaksAt(candle)) {
            atr_.reset();
            rule().forget();
        }
        close_ = candle.close;
        atr_.add(real(candle.high), real(candle.low), real(candle.close));
        rule().hear(candle, atr_.value());
    }
    [[nodiscard]] std::optional<Signal> decide(const OwnPosition* own) const final
    {
        const auto atr = atr_.value();
        const bool canSpeak = listening_.isWarm() && atr && *atr > 0;
        return canSpeak ? static_cast<const Rule&>(*this).speak(*atr, own) : std::nullopt;
    }
    [[nodiscard]] std::string silence() const override { return listening_.silence(); }
    void save(base::StateWriter& a) const final { a(*this); }
    void restore(base::StateReader& a) final { a(*this); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(listening_, atr_, close_);
        rule().remember(a);
    }

protected:
    /// `average`: the longest that remembers its seed, beside ATR; `window`: the most candles that anything looks back.
    CandleRule(const ParameterSet& p, std::size_t average, std::size_t window)
        : CandleRule(p, market::Timeframe::M5, average, window)
    {
    }
    CandleRule(const ParameterSet& p, market::Timeframe timeframe, std::size_t average, std::size_t window)
        : exits_(p),
          listening_(timeframe, std::max(average, window),
                     std::max(window, lengthsToWarm * std::max(average, countOf(p, "atr")))),
          atr_(countOf(p, "atr"))
    {
    }
    [[nodiscard]] market::Price close() const { return close_; }

    Exits exits_;

private:
    [[nodiscard]] Rule& rule() { return static_cast<Rule&>(*this); }

    Listening listening_;
    market::Atr atr_;
    market::Price close_;
};

template <typename Rule>
[[nodiscard]] std::unique_ptr<Strategy> makeRule(const ParameterSet& p)
{
    return std::make_unique<Rule>(p);
}

} // namespace qd::trading
