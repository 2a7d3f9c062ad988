// mtf_momentum_confirm: the price moved by so many ATR within some 5m candles, and it moves the same way on 15m and 1h.
// Closed candles of each timeframe only; a word only when the momentum on 5m begins. A hole as long as the lookback
// starts its timeframe anew. With direction_filter the direction predictor of its instrument has to agree.
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

#include <array>

namespace qd::trading {

namespace {

using market::Timeframe;

constexpr std::string_view family = "direction_predictor";
constexpr float even = 0.5F; // over it: the close ahead is rather higher

/// How many ATR the close moved within `lookback` candles of one timeframe.
class Pace {
public:
    Pace(Timeframe timeframe, std::size_t lookback, std::size_t atr)
        : listening_(timeframe, std::max(lookback, atr), std::max(lookback + 1, lengthsToWarm * atr)),
          closes_(lookback + 1),
          atr_(atr)
    {
    }

    void add(const market::Candle& candle)
    {
        if (listening_.breaksAt(candle)) {
            closes_.clear();
            atr_.reset();
        }
        closes_.add(real(candle.close));
        atr_.add(real(candle.high), real(candle.low), real(candle.close));
    }
    /// 0 while it is not known, or nothing moves.
    [[nodiscard]] double value() const
    {
        const auto atr = atr_.value();
        return closes_.isFull() && atr && *atr > 0 ? (closes_.newest() - closes_.oldest()) / *atr : 0;
    }
    [[nodiscard]] std::optional<double> atr() const { return atr_.value(); }
    [[nodiscard]] const Listening& listening() const { return listening_; }
    template <typename Archive>
    void state(Archive& a)
    {
        a(listening_, closes_, atr_);
    }

private:
    Listening listening_;
    market::Window closes_;
    market::Atr atr_;
};

class MtfMomentumConfirm final : public Strategy {
public:
    explicit MtfMomentumConfirm(const ParameterSet& p)
        : exits_(p),
          least_(p["min_momentum_atr"]),
          confirm_(p["confirm_atr"]),
          asksModel_(p["direction_filter"] != 0),
          paces_{paceOf(Timeframe::M5, p), paceOf(Timeframe::M15, p), paceOf(Timeframe::H1, p)}
    {
    }

    void useModel(std::shared_ptr<const ModelAtHand> model) override { model_ = std::move(model); }
    [[nodiscard]] bool asksModel() const override { return asksModel_; }

    void onCandle(Timeframe timeframe, const market::Candle& candle) override
    {
        if (timeframe != Timeframe::M5) {
            paces_[timeframe == Timeframe::M15 ? 1 : 2].add(candle);
            return;
        }
        paces_[0].add(candle);
        close_ = candle.close;
        const double pace = paces_[0].value();
        moving_.now(pace >= least_ ? 1 : pace <= -least_ ? -1 : 0);
        up_.reset();
        if (asksModel_ && moving_.begun() != 0 && model_ && model_->predictor) {
            const auto row = model_->rows->row(model_->predictor->rowSet(), market::Side::Buy);
            up_ = row.empty() ? std::nullopt : std::optional(model_->predictor->predict(row));
        }
    }

    [[nodiscard]] std::optional<Signal> decide(const OwnPosition* /*own*/) const override
    {
        const int side = moving_.begun();
        const auto atr = paces_[0].atr();
        const bool isWarm = std::ranges::all_of(paces_, [](const Pace& p) { return p.listening().isWarm(); });
        if (side == 0 || !isWarm || !atr || side * paces_[1].value() < confirm_ ||
            side * paces_[2].value() < confirm_) {
            return std::nullopt;
        }
        if (asksModel_ && !(up_ && (side > 0 ? *up_ > even : *up_ < even))) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close_, *atr,
                               "Momentum " + figure(paces_[0].value(), 1) + " ATR on 5m, " +
                                   figure(paces_[1].value(), 1) + " on 15m, " + figure(paces_[2].value(), 1) +
                                   " on 1h" + byModel());
    }

    [[nodiscard]] std::optional<AskedModel> asked() const override
    {
        return up_ ? std::optional(AskedModel{*up_, even, market::Side::Buy}) : std::nullopt;
    }

    [[nodiscard]] std::string silence() const override
    {
        for (auto pace = paces_.rbegin(); pace != paces_.rend(); ++pace) { // the largest takes longest
            if (auto why = pace->listening().silence(); !why.empty()) {
                return why;
            }
        }
        return asksModel_ ? silenceOf(model_.get(), family) : std::string();
    }
    void save(base::StateWriter& a) const override { a(*this); }
    void restore(base::StateReader& a) override { a(*this); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(paces_[0], paces_[1], paces_[2], close_, moving_, up_);
    }

private:
    static Pace paceOf(Timeframe timeframe, const ParameterSet& p)
    {
        return {timeframe, countOf(p, "lookback"), countOf(p, "atr")};
    }

    [[nodiscard]] std::string byModel() const
    {
        return up_ && model_ ? "; " + model_->name.version + ": higher with " + figure(static_cast<double>(*up_), 3)
                             : std::string();
    }

    Exits exits_;
    double least_;
    double confirm_;
    bool asksModel_;
    std::shared_ptr<const ModelAtHand> model_;
    std::optional<float> up_;   // what it answered when the momentum began
    std::array<Pace, 3> paces_; // 5m, 15m, 1h
    market::Price close_;
    Onset moving_;
};

} // namespace

StrategyInfo mtfMomentumConfirm()
{
    return {.name = "mtf_momentum_confirm",
            .idea = "Momentum on 5m, confirmed on 15m and 1h.",
            .timeframes = {Timeframe::M5, Timeframe::M15, Timeframe::H1},
            .parameters =
                withExits({{"lookback", "candles", 1, 200, 12, "candles over which a move counts, on each timeframe"},
                           {"min_momentum_atr", "ATR", 0.1, 20, 3, "least move on 5m"},
                           {"confirm_atr", "ATR", 0, 20, 1, "least move to the same side on 15m and on 1h"},
                           {"direction_filter", "switch", 0, 1, 0,
                            "1: the direction predictor of the instrument has to agree", true}},
                          14, 2, 4, 360),
            .make = makeRule<MtfMomentumConfirm>,
            .model = family};
}

} // namespace qd::trading
