// volume_mean_reversion: stretched from the rolling VWAP while volatility is low and volume ordinary: nobody pushes, so
// an order rests a little behind the close, back towards VWAP. Closed 5m candles; a word only when all this begins. A
// hole as long as VWAP's window starts all anew.
#include "market/indicators/volume.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class VolumeMeanReversion final : public CandleRule<VolumeMeanReversion> {
public:
    explicit VolumeMeanReversion(const ParameterSet& p)
        : CandleRule(p, 1, countOf(p, "vwap") + 1),
          minStretch_(p["min_stretch_atr"]),
          maxVolatility_(p["max_volatility"]),
          maxVolume_(p["max_volume"]),
          offset_(p["limit_offset_atr"]),
          vwap_(countOf(p, "vwap")),
          ranges_(countOf(p, "vwap")),
          volumes_(countOf(p, "vwap"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        vwap_.add(real(candle.high), real(candle.low), real(candle.close), real(candle.volume));
        range_.add(real(candle.high), real(candle.low), real(candle.close));
        if (range_.value()) {
            ranges_.add(*range_.value());
        }
        const auto middle = vwap_.value();
        stretch_ = middle && atr && *atr > 0 ? (real(candle.close) - *middle) / *atr : 0;
        const int side = stretch_ >= minStretch_ ? -1 : stretch_ <= -minStretch_ ? 1 : 0;
        calm_.now(side != 0 && isCalm(*atr, real(candle.volume)) ? side : 0);
        volumes_.add(real(candle.volume));
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = calm_.begun();
        if (side == 0) {
            return std::nullopt;
        }
        return exits_.byLimit(sideOf(side), close(), atr, offset_,
                              "Close " + figure(std::abs(stretch_), 1) + " ATR " + (side > 0 ? "under" : "over") +
                                  " VWAP in a calm market with ordinary volume");
    }

    void forget()
    {
        vwap_.reset();
        range_.reset();
        ranges_.clear();
        volumes_.clear();
        calm_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(vwap_, range_, ranges_, volumes_, stretch_, calm_);
    }

private:
    /// Asked only where the close is stretched: the means of long windows cost more than the rest.
    [[nodiscard]] bool isCalm(double atr, double volume) const
    {
        if (!ranges_.isFull() || !volumes_.isFull() || !(atr <= maxVolatility_ * ranges_.mean())) {
            return false;
        }
        const double usual = volumes_.mean(); // before this candle
        return volume <= maxVolume_ * usual && volume * maxVolume_ >= usual;
    }

    double minStretch_;
    double maxVolatility_;
    double maxVolume_;
    double offset_;
    market::RollingVwap vwap_;
    market::TrueRange range_;
    market::Window ranges_; // true ranges
    market::Window volumes_;
    double stretch_ = 0; // of the close over VWAP, ATR
    Onset calm_;         // stretched in calm, by the side of the way back
};

} // namespace

StrategyInfo volumeMeanReversion()
{
    return {.name = "volume_mean_reversion",
            .idea = "Stretched from VWAP while volatility is low and volume ordinary: back towards it, by limit order.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits(
                {{"vwap", "candles", 2, 400, 96, "length of VWAP and of what is usual"},
                 {"min_stretch_atr", "ATR", 0.1, 20, 2, "least distance of the close from VWAP"},
                 {"max_volatility", "of the usual", 0.1, 10, 0.9, "ATR at most this share of the usual true range"},
                 {"max_volume", "×", 1, 20, 1.5, "volume at most so many times the usual, and at least its inverse"},
                 limitOffset(0.05)},
                10, 2, 2, 120),
            .make = makeRule<VolumeMeanReversion>};
}

} // namespace qd::trading
