// vwap_reversion: the close is stretched from the rolling VWAP by so many ATR, RSI says the same, and an order rests a
// little behind the close, back towards VWAP. Closed 5m candles; a word only when both begin to hold. A hole as long as
// VWAP's window starts all anew.
#include "market/indicators/oscillators.h"
#include "market/indicators/volume.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class VwapReversion final : public CandleRule<VwapReversion> {
public:
    explicit VwapReversion(const ParameterSet& p)
        : CandleRule(p, countOf(p, "rsi"), countOf(p, "vwap")),
          minStretch_(p["min_stretch_atr"]),
          margin_(p["rsi_margin"]),
          offset_(p["limit_offset_atr"]),
          vwap_(countOf(p, "vwap")),
          rsi_(countOf(p, "rsi"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        vwap_.add(real(candle.high), real(candle.low), real(candle.close), real(candle.volume));
        rsi_.add(real(candle.close));
        const double below = rsi_.value() ? 50 - *rsi_.value() : 0;
        const int side = below >= margin_ && below > 0 ? 1 : -below >= margin_ && below < 0 ? -1 : 0;
        const auto middle = side != 0 ? vwap_.value() : std::nullopt; // a long window: asked only where it matters
        stretch_ = middle && atr && *atr > 0 ? (real(candle.close) - *middle) / *atr : 0;
        stretched_.now(-side * stretch_ >= minStretch_ ? side : 0);
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = stretched_.begun();
        const auto rsi = rsi_.value();
        if (side == 0 || !rsi) {
            return std::nullopt;
        }
        return exits_.byLimit(sideOf(side), close(), atr, offset_,
                              "Close " + figure(std::abs(stretch_), 1) + " ATR " + (side > 0 ? "under" : "over") +
                                  " VWAP, RSI " + figure(*rsi, 0));
    }

    void forget()
    {
        vwap_.reset();
        rsi_.reset();
        stretched_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(vwap_, rsi_, stretch_, stretched_);
    }

private:
    double minStretch_;
    double margin_;
    double offset_;
    market::RollingVwap vwap_;
    market::Rsi rsi_;
    double stretch_ = 0; // of the close over VWAP, ATR
    Onset stretched_;    // and RSI with it, by the side of the way back
};

} // namespace

StrategyInfo vwapReversion()
{
    return {.name = "vwap_reversion",
            .idea = "Stretched far from the rolling VWAP with RSI extended as well: back towards it, by limit order.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits(
                {{"vwap", "candles", 2, 400, 48, "length of the rolling VWAP"},
                 {"min_stretch_atr", "ATR", 0.1, 20, 2, "least distance of the close from VWAP"},
                 {"rsi", "candles", 2, 200, 10, "length of RSI"},
                 {"rsi_margin", "points", 0, 50, 15, "least distance of RSI from 50, to the side of the stretch"},
                 limitOffset(0.05)},
                10, 2, 2, 120),
            .make = makeRule<VwapReversion>};
}

} // namespace qd::trading
