// ml_gbt_5m: a trained model's probability that an entry with these exits earns, for a long and for a short, over its
// threshold. Closed 5m candles; a word only when it begins. Without a model it stays silent, and silence() says so.
#include "trading/candle_features.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

#include <utility>

namespace qd::trading {

namespace {

class MlGbt5m final : public CandleRule<MlGbt5m> {
public:
    explicit MlGbt5m(const ParameterSet& p)
        : CandleRule(p, CandleFeatures::longestAverage, CandleFeatures::longestWindow),
          threshold_(p["threshold"])
    {
    }

    void usePredictor(std::shared_ptr<const Predictor> predictor) override { predictor_ = std::move(predictor); }

    void hear(const market::Candle& candle, std::optional<double> /*atr*/)
    {
        features_.add(candle);
        int side = 0;
        if (predictor_) {
            const double forLong = ask(market::Side::Buy);
            const double forShort = ask(market::Side::Sell);
            probability_ = std::max(forLong, forShort);
            side = !(probability_ > threshold_) ? 0 : forLong > forShort ? 1 : forShort > forLong ? -1 : 0;
        }
        sure_.now(side);
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = sure_.begun();
        if (side == 0 || !predictor_) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close(), atr,
                               predictor_->version() + ": probability " + figure(probability_, 3) + " over " +
                                   figure(threshold_, 3));
    }

    [[nodiscard]] std::string silence() const override
    {
        return predictor_ ? CandleRule::silence() : std::string("no model: it needs a trained gbt_5m");
    }

    void forget()
    {
        features_.reset();
        sure_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(features_, probability_, sure_);
    }

private:
    [[nodiscard]] double ask(market::Side side) const
    {
        const auto row = features_.row(side);
        return row ? predictor_->probability(*row) : 0;
    }

    double threshold_;
    std::shared_ptr<const Predictor> predictor_;
    CandleFeatures features_;
    double probability_ = 0; // of the likelier side
    Onset sure_;
};

} // namespace

StrategyInfo mlGbt5m()
{
    return {.name = "ml_gbt_5m",
            .idea = "A gradient-boosted model's probability that an entry earns is over its threshold.",
            .timeframes = {market::Timeframe::M5},
            .parameters =
                withExits({{"threshold", "probability", 0, 1, 0.55, "the probability must be over it"}}, 14, 2, 3, 240),
            .make = makeRule<MlGbt5m>,
            .asksModel = true};
}

} // namespace qd::trading
