// breakout: a close beyond the Donchian channel of the candles before it, on more volume than their average. Closed 5m
// candles. A candle that touches a gap makes no signal (the pipeline blocks it, NotTraded::Gap); a hole as long as the
// channel starts all anew.
#include "market/indicators/channels.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class Breakout final : public CandleRule<Breakout> {
public:
    explicit Breakout(const ParameterSet& p)
        : CandleRule(p, 1, countOf(p, "channel")),
          length_(countOf(p, "channel")),
          volumeFactor_(p["min_volume"]),
          channel_(length_),
          volumes_(length_)
    {
    }

    void hear(const market::Candle& candle, std::optional<double> /*atr*/)
    {
        before_ = channel_.value();
        const double price = real(candle.close);
        const bool isOut = before_ && (price > before_->upper || price < before_->lower);
        usual_ = isOut && volumes_.isFull() ? std::optional(volumes_.mean()) : std::nullopt;
        volume_ = real(candle.volume);
        channel_.add(real(candle.high), real(candle.low));
        volumes_.add(volume_);
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        if (!before_ || !usual_ || !(volume_ > volumeFactor_ * *usual_)) {
            return std::nullopt;
        }
        const double over = real(close()) - before_->upper;
        const double under = before_->lower - real(close());
        if (!(over > 0) && !(under > 0)) {
            return std::nullopt;
        }
        const auto volume = *usual_ > 0 ? figure(volume_ / *usual_, 1) + "× average" : std::string("above average");
        return exits_.atMarket(over > 0 ? market::Side::Buy : market::Side::Sell, close(), atr,
                               "Close " + figure(std::max(over, under) / atr, 2) + " ATR " +
                                   (over > 0 ? "over" : "under") + " the " + std::to_string(length_) +
                                   "-candle channel, volume " + volume);
    }

    void forget()
    {
        channel_.reset();
        volumes_.clear();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(channel_, volumes_, before_, usual_, volume_);
    }

private:
    std::size_t length_;
    double volumeFactor_;
    market::Donchian channel_;
    market::Window volumes_;
    std::optional<market::Channel> before_; // of the candles before the newest
    std::optional<double> usual_;           // average volume of these, where the newest closed outside
    double volume_ = 0;                     // of the newest
};

} // namespace

StrategyInfo breakout()
{
    return {.name = "breakout",
            .idea = "Close beyond the previous channel, with volume.",
            .timeframes = {market::Timeframe::M5},
            .parameters =
                withExits({{"channel", "candles", 2, 400, 20, "length of the channel and of the average volume"},
                           {"min_volume", "averages", 0, 20, 1, "least volume of the candle that breaks out"}},
                          10, 1.5, 3, 120),
            .make = makeRule<Breakout>};
}

} // namespace qd::trading
