// breakout: a close beyond the Donchian channel of the candles before it, on more volume than their average. Closed 5m
// candles. A candle that touches a gap makes no signal (the pipeline blocks it, NotTraded::Gap); a hole as long as the
// channel starts all anew.
#include "market/indicators/channels.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/volatility.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

#include <algorithm>

namespace qd::trading {

namespace {

using market::Candle;
using market::Side;
using market::Timeframe;

class Breakout final : public Strategy {
public:
    explicit Breakout(const ParameterSet& p)
        : channelLength_(countOf(p, "channel")),
          volumeFactor_(p["min_volume"]),
          stopAtr_(p["stop_atr"]),
          targetAtr_(p["target_atr"]),
          timeLimit_(static_cast<std::int64_t>(countOf(p, "time_limit_min")) * 60'000),
          warmUp_(10 * countOf(p, "atr")),
          continuity_(channelLength_),
          channel_(channelLength_),
          volume_(channelLength_),
          atr_(countOf(p, "atr"))
    {
    }

    void onCandle(Timeframe timeframe, const Candle& candle) override
    {
        if (continuity_.breaksAt(timeframe, candle)) {
            channel_.reset();
            volume_.reset();
            atr_.reset();
            candles_ = 0;
        }
        before_ = channel_.value();
        averageVolume_ = volume_.value();
        close_ = candle.close;
        closeVolume_ = static_cast<double>(candle.volume.value);
        const auto high = static_cast<double>(candle.high.value);
        const auto low = static_cast<double>(candle.low.value);
        channel_.add(high, low);
        volume_.add(closeVolume_);
        atr_.add(high, low, static_cast<double>(candle.close.value));
        candles_ += candles_ < warmUp_ ? 1U : 0U;
    }

    [[nodiscard]] std::optional<Signal> decide() override
    {
        if (candles_ < warmUp_ || !before_ || !averageVolume_ || !atr_.value()) {
            return std::nullopt;
        }
        const auto close = static_cast<double>(close_.value);
        const bool isOver = close > before_->upper;
        const bool isUnder = close < before_->lower;
        if ((!isOver && !isUnder) || !(closeVolume_ > volumeFactor_ * *averageVolume_)) {
            return std::nullopt;
        }
        const auto side = isOver ? Side::Buy : Side::Sell;
        const double atr = *atr_.value();
        const auto bracket = bracketOf(side, close_, atr, stopAtr_, targetAtr_);
        if (!bracket) {
            return std::nullopt;
        }
        const double beyond = (isOver ? close - before_->upper : before_->lower - close) / atr;
        const auto volume =
            *averageVolume_ > 0 ? figure(closeVolume_ / *averageVolume_, 1) + "× average" : "above average";
        return Signal{.side = side,
                      .stop = bracket->stop,
                      .target = bracket->target,
                      .timeLimit = timeLimit_,
                      .why = "Close " + figure(beyond, 2) + " ATR " + (isOver ? "over" : "under") + " the " +
                             std::to_string(channelLength_) + "-candle channel, volume " + volume};
    }

    void save(base::StateWriter& a) const override { a(*this); }
    void restore(base::StateReader& a) override { a(*this); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(continuity_, channel_, volume_, atr_, candles_, before_, averageVolume_, close_, closeVolume_);
    }

private:
    std::size_t channelLength_;
    double volumeFactor_;
    double stopAtr_;
    double targetAtr_;
    base::Millis timeLimit_;
    std::size_t warmUp_; // 10 lengths of ATR, the one average here that remembers its seed

    Continuity continuity_;
    market::Donchian channel_;
    market::Sma volume_;
    market::Atr atr_;
    std::size_t candles_ = 0;

    std::optional<market::Channel> before_; // of the candles before the newest
    std::optional<double> averageVolume_;   // of the candles before the newest
    market::Price close_;
    double closeVolume_ = 0;
};

} // namespace

StrategyInfo breakout()
{
    return {.name = "breakout",
            .idea = "Close beyond the previous channel, with volume.",
            .timeframes = {Timeframe::M5},
            .parameters = {{"channel", "candles", 2, 400, 20, "length of the channel and of the average volume"},
                           {"min_volume", "averages", 0, 20, 1, "least volume of the candle that breaks out"},
                           {"atr", "candles", 2, 200, 10, "length of the average true range"},
                           {"stop_atr", "ATR", 0.1, 20, 1.5, "distance of the stop"},
                           {"target_atr", "ATR", 0.1, 40, 3, "distance of the target"},
                           {"time_limit_min", "min", 1, 10'080, 120, "longest holding time"}},
            .make = [](const ParameterSet& p) -> std::unique_ptr<Strategy> { return std::make_unique<Breakout>(p); }};
}

} // namespace qd::trading
