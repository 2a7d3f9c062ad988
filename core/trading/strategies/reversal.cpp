// reversal: the price has just made the extreme of its range, and its close has come back from it by a fraction of ATR:
// an order rests a little behind the close, to the way back. Closed 5m candles; a word only when the bounce begins. A
// hole as long as the range starts all anew.
#include "market/indicators/rolling_extreme.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class Reversal final : public CandleRule<Reversal> {
public:
    explicit Reversal(const ParameterSet& p)
        : CandleRule(p, 1, countOf(p, "range") + countOf(p, "recent")),
          recent_(countOf(p, "recent")),
          minBounce_(p["min_bounce_atr"]),
          offset_(p["limit_offset_atr"]),
          high_(countOf(p, "range")),
          low_(countOf(p, "range"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        high_.add(real(candle.high));
        low_.add(real(candle.low));
        sinceHigh_ = real(candle.high) >= high_.value() ? 0 : std::min(sinceHigh_ + 1, recent_ + 1);
        sinceLow_ = real(candle.low) <= low_.value() ? 0 : std::min(sinceLow_ + 1, recent_ + 1);
        if (!high_.isFull() || !atr || !(*atr > 0)) {
            bounce_.now(0);
            return;
        }
        const double up = (real(candle.close) - low_.value()) / *atr;
        const double down = (high_.value() - real(candle.close)) / *atr;
        const bool isUp = sinceLow_ <= recent_ && up >= minBounce_;
        const bool isDown = sinceHigh_ <= recent_ && down >= minBounce_;
        bounce_.now(isUp == isDown ? 0 : isUp ? 1 : -1);
        bounced_ = isUp ? up : down;
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = bounce_.begun();
        if (side == 0) {
            return std::nullopt;
        }
        return exits_.byLimit(sideOf(side), close(), atr, offset_,
                              "Bounced " + figure(bounced_, 2) + " ATR off the range's " + (side > 0 ? "low" : "high"));
    }

    void forget()
    {
        high_.reset();
        low_.reset();
        sinceHigh_ = sinceLow_ = 0;
        bounce_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(high_, low_, sinceHigh_, sinceLow_, bounced_, bounce_);
    }

private:
    std::size_t recent_;
    double minBounce_;
    double offset_;
    market::RollingHigh high_;
    market::RollingLow low_;
    std::size_t sinceHigh_ = 0; // candles since the range's high was made, counted up to one more than is recent
    std::size_t sinceLow_ = 0;
    double bounced_ = 0; // ATR
    Onset bounce_;
};

} // namespace

StrategyInfo reversal()
{
    return {.name = "reversal",
            .idea = "A fresh extreme of the range, and a bounce off it by a fraction of ATR: with it, by limit order.",
            .timeframes = {market::Timeframe::M5},
            .parameters =
                withExits({{"range", "candles", 2, 400, 72, "candles of the range"},
                           {"recent", "candles", 0, 100, 3, "most candles since the extreme was made"},
                           {"min_bounce_atr", "ATR", 0, 10, 0.6, "least distance of the close from the extreme"},
                           limitOffset(0.1)},
                          10, 1.5, 2.5, 120),
            .make = makeRule<Reversal>};
}

} // namespace qd::trading
