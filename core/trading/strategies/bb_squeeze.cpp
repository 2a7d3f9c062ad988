// bb_squeeze: Bollinger's bands lay inside the Keltner channel for some candles (the market held its breath), then a
// close leaves the band of the candle before it, on volume. Closed 5m candles. A hole as long as the bands starts all
// anew.
#include "market/indicators/moving_averages.h"
#include "market/indicators/volatility.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

class BbSqueeze final : public CandleRule<BbSqueeze> {
public:
    explicit BbSqueeze(const ParameterSet& p)
        : CandleRule(p, countOf(p, "length"), countOf(p, "length")),
          minSqueeze_(countOf(p, "min_squeeze")),
          keltnerWidth_(p["keltner_width"]),
          minVolume_(p["min_volume"]),
          bands_(countOf(p, "length"), p["band_width"]),
          middle_(countOf(p, "length")),
          volumes_(countOf(p, "length"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        held_ = squeezed_;
        upper_ = nextUpper_;
        lower_ = nextLower_;
        const double price = real(candle.close);
        const bool isOut = held_ >= minSqueeze_ && volumes_.isFull() && (price > upper_ || price < lower_);
        const double usual = isOut ? volumes_.mean() : 0; // a window: asked only where it matters
        side_ = isOut && real(candle.volume) > minVolume_ * usual ? (price > upper_ ? 1 : -1) : 0;
        volumes_.add(real(candle.volume));
        bands_.add(real(candle.close));
        middle_.add(real(candle.close));
        const auto bands = bands_.value();
        const auto middle = middle_.value();
        if (!bands || !middle || !atr) {
            return;
        }
        nextUpper_ = bands->upper;
        nextLower_ = bands->lower;
        const double width = keltnerWidth_ * *atr;
        const bool isInside = bands->upper < *middle + width && bands->lower > *middle - width;
        squeezed_ = isInside ? squeezed_ + (squeezed_ < mostCounted ? 1U : 0U) : 0;
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        if (side_ == 0) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side_), close(), atr,
                               std::string("Left the ") + (side_ > 0 ? "upper" : "lower") + " band after " +
                                   std::to_string(held_) + (held_ == mostCounted ? " or more" : "") +
                                   " candles of squeeze");
    }

    void forget()
    {
        bands_.reset();
        middle_.reset();
        volumes_.clear();
        squeezed_ = held_ = 0;
        side_ = 0;
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(bands_, middle_, volumes_, squeezed_, held_, upper_, lower_, nextUpper_, nextLower_, side_);
    }

private:
    static constexpr std::size_t mostCounted = 100; // the most that min_squeeze may ask for

    std::size_t minSqueeze_;
    double keltnerWidth_;
    double minVolume_;
    market::Bollinger bands_;
    market::Ema middle_; // of the Keltner channel
    market::Window volumes_;
    std::size_t squeezed_ = 0; // candles in a row, the newest included
    std::size_t held_ = 0;     // the same before the newest
    double upper_ = 0;         // band before the newest candle
    double lower_ = 0;
    double nextUpper_ = 0; // with it
    double nextLower_ = 0;
    int side_ = 0; // to which the newest broke out
};

} // namespace

StrategyInfo bbSqueeze()
{
    return {.name = "bb_squeeze",
            .idea = "Bollinger's bands lay inside the Keltner channel, then the close breaks out with volume.",
            .timeframes = {market::Timeframe::M5},
            .parameters =
                withExits({{"length", "candles", 2, 400, 20, "length of both channels and of the average volume"},
                           {"band_width", "deviations", 0.5, 6, 2, "half width of Bollinger's bands"},
                           {"keltner_width", "ATR", 0.1, 10, 1.5, "half width of the Keltner channel"},
                           {"min_squeeze", "bars", 1, 100, 3, "least candles of squeeze before the break"},
                           {"min_volume", "averages", 0, 20, 1.2, "least volume of the candle that breaks out"}},
                          10, 2, 4, 240),
            .make = makeRule<BbSqueeze>};
}

} // namespace qd::trading
