// ema_crossover: the fast average crosses the slow one and stands clear of it by a fraction of ATR. Closed 5m candles.
// The side changes only beyond the least separation, so that averages which touch do not flutter. A candle that touches
// a gap makes no signal (the pipeline blocks it, NotTraded::Gap); a hole as long as the slow average starts all anew.
#include "market/indicators/moving_averages.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class EmaCrossover final : public CandleRule<EmaCrossover> {
public:
    explicit EmaCrossover(const ParameterSet& p)
        : CandleRule(p, countOf(p, "slow"), countOf(p, "slow")),
          fastLength_(countOf(p, "fast")),
          slowLength_(countOf(p, "slow")),
          separation_(p["min_separation_atr"]),
          fast_(fastLength_),
          slow_(slowLength_)
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        fast_.add(real(candle.close));
        slow_.add(real(candle.close));
        hasCrossed_ = false;
        if (!fast_.value() || !slow_.value() || !atr) {
            return;
        }
        distance_ = *fast_.value() - *slow_.value();
        const double least = separation_ * *atr;
        const int now = distance_ > least ? 1 : distance_ < -least ? -1 : side_;
        hasCrossed_ = side_ != 0 && now != side_;
        side_ = now;
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        if (!hasCrossed_) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side_), close(), atr,
                               "EMA " + std::to_string(fastLength_) + " crossed " + (side_ > 0 ? "over" : "under") +
                                   " EMA " + std::to_string(slowLength_) + " by " +
                                   figure(std::abs(distance_) / atr, 2) + " ATR (least " + figure(separation_, 2) +
                                   ")");
    }

    void forget()
    {
        fast_.reset();
        slow_.reset();
        side_ = 0;
        hasCrossed_ = false;
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(fast_, slow_, distance_, side_, hasCrossed_);
    }

private:
    std::size_t fastLength_;
    std::size_t slowLength_;
    double separation_;
    market::Ema fast_;
    market::Ema slow_;
    double distance_ = 0; // of the averages
    int side_ = 0;        // of the fast average; 0 until it first stood clear
    bool hasCrossed_ = false;
};

} // namespace

StrategyInfo emaCrossover()
{
    return {.name = "ema_crossover",
            .idea = "The fast average crosses the slow one and stands clear of it.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits({{"fast", "candles", 2, 200, 9, "length of the fast average"},
                                     {"slow", "candles", 3, 400, 21, "length of the slow average"},
                                     {"min_separation_atr", "ATR", 0, 5, 0.1, "least distance of the averages"}},
                                    14, 1.5, 3, 120),
            .make = makeRule<EmaCrossover>};
}

} // namespace qd::trading
