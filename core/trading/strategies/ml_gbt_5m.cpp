// ml_gbt_5m: a trained model's probability that an entry with these exits earns, for a long and for a short, over its
// threshold. Closed 5m candles; a word only when it begins. Without a model that answers it stays silent, and silence()
// says why.
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

#include <utility>

namespace qd::trading {

namespace {

constexpr std::string_view family = "gbt_5m";
constexpr std::size_t lookBack = 108; // nine hours of 5m candles: the longest of any feature

class MlGbt5m final : public CandleRule<MlGbt5m> {
public:
    explicit MlGbt5m(const ParameterSet& p) : CandleRule(p, 1, lookBack), threshold_(p["threshold"]) {}

    void useModel(std::shared_ptr<const ModelAtHand> model) override { model_ = std::move(model); }
    [[nodiscard]] bool asksModel() const override { return true; }

    void hear(const market::Candle& /*candle*/, std::optional<double> /*atr*/)
    {
        int side = 0;
        if (model_ && model_->predictor) {
            const float forLong = ask(market::Side::Buy);
            const float forShort = ask(market::Side::Sell);
            probability_ = std::max(forLong, forShort);
            side = !(static_cast<double>(probability_) > threshold_) ? 0
                   : forLong > forShort                              ? 1
                   : forShort > forLong                              ? -1
                                                                     : 0;
        }
        sure_.now(side);
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = sure_.begun();
        if (side == 0 || !model_) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close(), atr,
                               model_->name.version + ": probability " + figure(static_cast<double>(probability_), 3) +
                                   " over " + figure(threshold_, 3));
    }

    [[nodiscard]] std::optional<AskedModel> asked() const override
    {
        const int side = sure_.begun();
        return side != 0 ? std::optional(AskedModel{probability_, threshold_, sideOf(side)}) : std::nullopt;
    }

    [[nodiscard]] std::string silence() const override
    {
        if (!model_ || !model_->predictor) {
            return silenceOf(model_.get(), family);
        }
        auto why = CandleRule::silence();
        return why.empty() ? silenceOf(model_.get(), family) : why;
    }

    void forget() { sure_.reset(); }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(probability_, sure_);
    }

private:
    [[nodiscard]] float ask(market::Side side) const
    {
        const auto row = model_->rows->row(model_->predictor->rowSet(), side);
        return row.empty() ? 0.0F : model_->predictor->predict(row);
    }

    double threshold_;
    std::shared_ptr<const ModelAtHand> model_;
    float probability_ = 0; // of the likelier side
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
            .asksModel = true,
            .model = family};
}

} // namespace qd::trading
