// momentum: MACD crosses its signal line, and the rate of change agrees. Closed 5m candles. A position is left when
// MACD crosses back, whatever the rate of change. A hole as long as the slow average starts all anew.
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class Momentum final : public CandleRule<Momentum> {
public:
    explicit Momentum(const ParameterSet& p)
        : CandleRule(p, std::max({countOf(p, "fast"), countOf(p, "slow"), countOf(p, "signal")}),
                     countOf(p, "roc") + 1),
          rocLength_(countOf(p, "roc")),
          minRoc_(p["min_roc"]),
          macd_(countOf(p, "fast"), countOf(p, "slow"), countOf(p, "signal")),
          roc_(rocLength_)
    {
    }

    void hear(const market::Candle& candle, std::optional<double> /*atr*/)
    {
        macd_.add(real(candle.close));
        roc_.add(real(candle.close));
        const auto lines = macd_.value();
        const int now = !lines ? 0 : lines->histogram > 0 ? 1 : lines->histogram < 0 ? -1 : side_;
        crossed_ = side_ != 0 && now != side_ ? now : 0;
        side_ = now;
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* own) const
    {
        const auto roc = roc_.value();
        if (crossed_ == 0 || !roc) {
            return std::nullopt;
        }
        const auto side = sideOf(crossed_);
        const bool leaves = own != nullptr && own->side != side;
        if (!leaves && !(crossed_ * *roc > minRoc_)) {
            return std::nullopt;
        }
        return exits_.atMarket(side, close(), atr,
                               std::string("MACD crossed ") + (crossed_ > 0 ? "over" : "under") + " its signal line, " +
                                   figure(*roc, 2) + "% in " + std::to_string(rocLength_) + " candles");
    }

    void forget()
    {
        macd_.reset();
        roc_.reset();
        side_ = 0;
        crossed_ = 0;
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(macd_, roc_, side_, crossed_);
    }

private:
    std::size_t rocLength_;
    double minRoc_;
    market::Macd macd_;
    market::Roc roc_;
    int side_ = 0; // of MACD to its signal line
    int crossed_ = 0;
};

} // namespace

StrategyInfo momentum()
{
    return {.name = "momentum",
            .idea = "MACD crosses its signal line and the rate of change agrees; left when it crosses back.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits({{"fast", "candles", 2, 200, 12, "length of MACD's fast average"},
                                     {"slow", "candles", 3, 400, 26, "length of MACD's slow average"},
                                     {"signal", "candles", 2, 200, 9, "length of MACD's signal line"},
                                     {"roc", "candles", 1, 200, 12, "candles of the rate of change"},
                                     {"min_roc", "%", 0, 20, 0.1, "least rate of change to the signal's side"}},
                                    14, 2, 4, 360),
            .make = makeRule<Momentum>};
}

} // namespace qd::trading
