// candle_patterns: engulfing, hammer, morning and evening star (STATISTICS.md §19), where they mean something: bullish
// ones near the bottom of the range, bearish ones near its top, and only while the market moves enough to pay for a
// trade. Closed 5m candles. A hole as long as the range starts all anew.
#include "market/indicators/candle_patterns.h"
#include "market/indicators/channels.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class CandlePatternRule final : public CandleRule<CandlePatternRule> {
public:
    explicit CandlePatternRule(const ParameterSet& p)
        : CandleRule(p, 1, countOf(p, "range")),
          location_(p["location"]),
          minAtr_(p["min_atr"] / 100.0),
          range_(countOf(p, "range"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> /*atr*/)
    {
        finder_.add(real(candle.open), real(candle.high), real(candle.low), real(candle.close));
        range_.add(real(candle.high), real(candle.low));
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const auto range = range_.value();
        const auto [side, pattern] = newest();
        const double price = real(close());
        if (side == 0 || !range || !(range->upper > range->lower) || !(atr >= minAtr_ * price)) {
            return std::nullopt;
        }
        const double from = side > 0 ? price - range->lower : range->upper - price;
        const double share = from / (range->upper - range->lower);
        if (!(share <= location_)) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close(), atr,
                               std::string(pattern) + " at " + figure(100.0 * share, 0) + "% of the range from its " +
                                   (side > 0 ? "bottom" : "top"));
    }

    void forget()
    {
        finder_.reset();
        range_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(finder_, range_);
    }

private:
    /// The rarest pattern of the newest candle; side 0: none.
    [[nodiscard]] std::pair<int, const char*> newest() const
    {
        const auto found = finder_.value();
        if (found.morningStar.value_or(0) > 0) {
            return {1, "Morning star"};
        }
        if (found.eveningStar.value_or(0) < 0) {
            return {-1, "Evening star"};
        }
        if (found.hammer.value_or(0) > 0) {
            return {1, "Hammer"};
        }
        const int engulfing = found.engulfing.value_or(0);
        return {engulfing > 0 ? 1 : engulfing < 0 ? -1 : 0, engulfing > 0 ? "Bullish engulfing" : "Bearish engulfing"};
    }

    double location_;
    double minAtr_; // share of the price
    market::CandlePatternFinder finder_;
    market::Donchian range_;
};

} // namespace

StrategyInfo candlePatterns()
{
    return {.name = "candle_patterns",
            .idea = "Engulfing, hammer or star at the right end of the range, while the market moves.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits({{"range", "candles", 2, 400, 48, "candles of the range"},
                                     {"location", "of the range", 0, 1, 0.3, "most distance from the range's end"},
                                     {"min_atr", "%", 0, 20, 0.1, "least ATR, of the price"}},
                                    10, 1.5, 2.5, 90),
            .make = makeRule<CandlePatternRule>};
}

} // namespace qd::trading
