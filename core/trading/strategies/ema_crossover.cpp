// ema_crossover: the fast average crosses the slow one and stands clear of it by a fraction of ATR. Closed 1m candles.
// The side changes only beyond the least separation, so that averages which touch do not flutter. A candle that touches
// a gap makes no signal (the pipeline blocks it, NotTraded::Gap); a hole as long as the slow average starts all anew.
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

class EmaCrossover final : public Strategy {
public:
    explicit EmaCrossover(const ParameterSet& p)
        : fastLength_(countOf(p, "fast")),
          slowLength_(countOf(p, "slow")),
          separation_(p["min_separation_atr"]),
          stopAtr_(p["stop_atr"]),
          targetAtr_(p["target_atr"]),
          timeLimit_(static_cast<std::int64_t>(countOf(p, "time_limit_min")) * 60'000),
          warmUp_(10 * slowLength_),
          continuity_(slowLength_),
          fast_(fastLength_),
          slow_(slowLength_),
          atr_(countOf(p, "atr"))
    {
    }

    void onCandle(Timeframe timeframe, const Candle& candle) override
    {
        if (continuity_.breaksAt(timeframe, candle)) {
            fast_.reset();
            slow_.reset();
            atr_.reset();
            side_ = 0;
            candles_ = 0;
        }
        const auto close = static_cast<double>(candle.close.value);
        fast_.add(close);
        slow_.add(close);
        atr_.add(static_cast<double>(candle.high.value), static_cast<double>(candle.low.value), close);
        candles_ += candles_ < warmUp_ ? 1U : 0U;
        close_ = candle.close;
        hasCrossed_ = false;
        if (!fast_.value() || !slow_.value() || !atr_.value()) {
            return;
        }
        const double distance = *fast_.value() - *slow_.value();
        const double least = separation_ * *atr_.value();
        const int now = distance > least ? 1 : distance < -least ? -1 : side_;
        hasCrossed_ = side_ != 0 && now != side_;
        side_ = now;
    }

    [[nodiscard]] std::optional<Signal> decide() override
    {
        if (!hasCrossed_ || candles_ < warmUp_) {
            return std::nullopt;
        }
        const auto side = side_ > 0 ? Side::Buy : Side::Sell;
        const double atr = *atr_.value();
        const auto bracket = bracketOf(side, close_, atr, stopAtr_, targetAtr_);
        if (!bracket) {
            return std::nullopt;
        }
        const double distance = std::abs(*fast_.value() - *slow_.value()) / atr;
        return Signal{.side = side,
                      .stop = bracket->stop,
                      .target = bracket->target,
                      .timeLimit = timeLimit_,
                      .why = "EMA " + std::to_string(fastLength_) + " crossed " + (side_ > 0 ? "over" : "under") +
                             " EMA " + std::to_string(slowLength_) + " by " + figure(distance, 2) + " ATR (least " +
                             figure(separation_, 2) + ")"};
    }

    void save(base::StateWriter& a) const override { a(*this); }
    void restore(base::StateReader& a) override { a(*this); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(continuity_, fast_, slow_, atr_, candles_, close_, side_, hasCrossed_);
    }

private:
    std::size_t fastLength_;
    std::size_t slowLength_;
    double separation_;
    double stopAtr_;
    double targetAtr_;
    base::Millis timeLimit_;
    std::size_t warmUp_; // 10 slow lengths: what is left of the seed is under 1e-8

    Continuity continuity_;
    market::Ema fast_;
    market::Ema slow_;
    market::Atr atr_;
    std::size_t candles_ = 0;
    market::Price close_;
    int side_ = 0; // of the fast average; 0 until it first stood clear
    bool hasCrossed_ = false;
};

} // namespace

StrategyInfo emaCrossover()
{
    return {
        .name = "ema_crossover",
        .idea = "The fast average crosses the slow one and stands clear of it.",
        .timeframes = {Timeframe::M1},
        .parameters = {{"fast", "candles", 2, 200, 9, "length of the fast average"},
                       {"slow", "candles", 3, 400, 21, "length of the slow average"},
                       {"min_separation_atr", "ATR", 0, 5, 0.1, "least distance of the averages"},
                       {"atr", "candles", 2, 200, 14, "length of the average true range"},
                       {"stop_atr", "ATR", 0.1, 20, 1.5, "distance of the stop"},
                       {"target_atr", "ATR", 0.1, 40, 2.5, "distance of the target"},
                       {"time_limit_min", "min", 1, 10'080, 30, "longest holding time"}},
        .make = [](const ParameterSet& p) -> std::unique_ptr<Strategy> { return std::make_unique<EmaCrossover>(p); }};
}

} // namespace qd::trading
