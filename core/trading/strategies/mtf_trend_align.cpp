// mtf_trend_align: the averages point the same way on 5m, 15m and 1h; the entry is the end of a pullback on 5m, where
// RSI crosses back. A position is left when the 5m averages turn against it. Closed candles of each timeframe only. A
// hole as long as the slow average starts its timeframe anew.
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

#include <array>

namespace qd::trading {

namespace {

using market::Timeframe;

/// To which side the averages of one timeframe point.
class Trend {
public:
    Trend(Timeframe timeframe, std::size_t fast, std::size_t slow, std::size_t longest)
        : listening_(timeframe, longest, lengthsToWarm * longest),
          fast_(fast),
          slow_(slow)
    {
    }

    /// True: its timeframe began anew.
    bool add(const market::Candle& candle)
    {
        const bool breaks = listening_.breaksAt(candle);
        if (breaks) {
            fast_.reset();
            slow_.reset();
        }
        fast_.add(real(candle.close));
        slow_.add(real(candle.close));
        return breaks;
    }
    [[nodiscard]] int side() const
    {
        if (!fast_.value() || !slow_.value()) {
            return 0;
        }
        return *fast_.value() > *slow_.value() ? 1 : *fast_.value() < *slow_.value() ? -1 : 0;
    }
    [[nodiscard]] const Listening& listening() const { return listening_; }
    template <typename Archive>
    void state(Archive& a)
    {
        a(listening_, fast_, slow_);
    }

private:
    Listening listening_;
    market::Ema fast_;
    market::Ema slow_;
};

class MtfTrendAlign final : public Strategy {
public:
    explicit MtfTrendAlign(const ParameterSet& p)
        : exits_(p),
          depth_(p["pullback"]),
          trends_{trendOf(Timeframe::M5, p), trendOf(Timeframe::M15, p), trendOf(Timeframe::H1, p)},
          rsi_(countOf(p, "rsi")),
          atr_(countOf(p, "atr"))
    {
    }

    void onCandle(Timeframe timeframe, const market::Candle& candle) override
    {
        if (timeframe != Timeframe::M5) {
            (void)trends_[timeframe == Timeframe::M15 ? 1 : 2].add(candle);
            return;
        }
        auto& trend = trends_[0];
        const int before = trend.side();
        if (trend.add(candle)) {
            rsi_.reset();
            atr_.reset();
            rsiBefore_.reset();
        } else {
            rsiBefore_ = rsi_.value();
        }
        turned_ = trend.side() != before ? trend.side() : 0;
        rsi_.add(real(candle.close));
        atr_.add(real(candle.high), real(candle.low), real(candle.close));
        close_ = candle.close;
    }

    [[nodiscard]] std::optional<Signal> decide(const OwnPosition* own) const override
    {
        const auto atr = atr_.value();
        const auto rsi = rsi_.value();
        if (!std::ranges::all_of(trends_, [](const Trend& t) { return t.listening().isWarm(); }) || !atr || !rsi ||
            !rsiBefore_) {
            return std::nullopt;
        }
        if (own != nullptr && turned_ != 0 && sideOf(turned_) != own->side) {
            return exits_.atMarket(sideOf(turned_), close_, *atr, "The 5m averages turned against the position");
        }
        const int side = trends_[0].side();
        const bool isAligned = side != 0 && trends_[1].side() == side && trends_[2].side() == side;
        const double edge = 50 - side * depth_;
        if (!isAligned || !(side * (*rsiBefore_ - edge) < 0) || side * (*rsi - edge) < 0) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close_, *atr,
                               std::string("Trend ") + (side > 0 ? "up" : "down") +
                                   " on 5m, 15m and 1h; pullback over, RSI " + figure(*rsiBefore_, 0) + " to " +
                                   figure(*rsi, 0));
    }

    [[nodiscard]] std::string silence() const override
    {
        for (auto trend = trends_.rbegin(); trend != trends_.rend(); ++trend) { // the largest takes longest
            if (auto why = trend->listening().silence(); !why.empty()) {
                return why;
            }
        }
        return {};
    }
    void save(base::StateWriter& a) const override { a(*this); }
    void restore(base::StateReader& a) override { a(*this); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(trends_[0], trends_[1], trends_[2], rsi_, rsiBefore_, atr_, close_, turned_);
    }

private:
    static Trend trendOf(Timeframe timeframe, const ParameterSet& p)
    {
        const auto fast = countOf(p, "fast");
        const auto slow = countOf(p, "slow");
        const auto own = timeframe == Timeframe::M5 ? std::max(countOf(p, "rsi"), countOf(p, "atr")) : fast;
        return {timeframe, fast, slow, std::max({fast, slow, own})};
    }

    Exits exits_;
    double depth_;
    std::array<Trend, 3> trends_; // 5m, 15m, 1h
    market::Rsi rsi_;
    std::optional<double> rsiBefore_;
    market::Atr atr_;
    market::Price close_;
    int turned_ = 0; // the 5m averages, with the newest candle
};

} // namespace

StrategyInfo mtfTrendAlign()
{
    return {.name = "mtf_trend_align",
            .idea = "The trend agrees on 5m, 15m and 1h; entry where a pullback on 5m ends.",
            .timeframes = {Timeframe::M5, Timeframe::M15, Timeframe::H1},
            .parameters = withExits({{"fast", "candles", 2, 200, 9, "length of the fast average, on each timeframe"},
                                     {"slow", "candles", 3, 400, 21, "length of the slow average, on each timeframe"},
                                     {"rsi", "candles", 2, 200, 7, "length of RSI on 5m"},
                                     {"pullback", "points", 0, 40, 5, "how far RSI falls behind 50 in a pullback"}},
                                    14, 2, 4, 480),
            .make = makeRule<MtfTrendAlign>};
}

} // namespace qd::trading
