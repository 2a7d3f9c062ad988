// rsi_divergence: the price turns at a lower low than before, RSI at a higher one (the fall lost its force): long; the
// mirror at highs: short. Closed 5m candles; a turning point is known only `wing` candles after it. A hole as long as
// RSI starts all anew.
#include "market/indicators/oscillators.h"
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

/// Where the price turned last, and RSI there.
struct Turn {
    std::uint64_t known = 0; // count of the candle at which it was; 0: none yet
    double price = 0;
    double rsi = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(known, price, rsi);
    }
};

class RsiDivergence final : public CandleRule<RsiDivergence> {
public:
    explicit RsiDivergence(const ParameterSet& p)
        : CandleRule(p, countOf(p, "rsi"), countOf(p, "memory") + 2 * countOf(p, "wing") + 1),
          memory_(countOf(p, "memory")),
          minDivergence_(p["min_divergence"]),
          margin_(p["rsi_margin"]),
          turns_(countOf(p, "wing")),
          rsi_(countOf(p, "rsi")),
          rsiThen_(countOf(p, "wing") + 1)
    {
    }

    void hear(const market::Candle& candle, std::optional<double> /*atr*/)
    {
        ++count_;
        side_ = 0;
        turns_.add(real(candle.high), real(candle.low));
        rsi_.add(real(candle.close));
        if (!rsi_.value()) {
            return;
        }
        rsiThen_.add(*rsi_.value());
        if (!rsiThen_.isFull()) {
            return;
        }
        const double rsi = rsiThen_.oldest(); // at the candle that may be the turning point
        const bool isLong = turns_.low() && diverges(low_, {count_, *turns_.low(), rsi}, 1);
        const bool isShort = turns_.high() && diverges(high_, {count_, *turns_.high(), rsi}, -1);
        side_ = isLong == isShort ? 0 : isLong ? 1 : -1;
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        if (side_ == 0) {
            return std::nullopt;
        }
        const auto& turn = side_ > 0 ? low_ : high_;
        return exits_.atMarket(
            sideOf(side_), close(), atr,
            std::string(side_ > 0 ? "A lower low with RSI higher by " : "A higher high with RSI lower by ") +
                figure(divergence_, 1) + " (now " + figure(turn.rsi, 0) + ")");
    }

    void forget()
    {
        turns_.reset();
        rsi_.reset();
        rsiThen_.clear();
        low_ = high_ = {};
        side_ = 0;
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(count_, turns_, rsi_, rsiThen_, low_, high_, side_, divergence_);
    }

private:
    /// Does `now` diverge from the turn before it? `direction` is +1 at lows, −1 at highs. Keeps `now` as the last.
    bool diverges(Turn& last, const Turn& now, int direction)
    {
        const auto before = std::exchange(last, now);
        const double divergence = direction * (now.rsi - before.rsi);
        const bool is = before.known > 0 && now.known - before.known <= memory_ &&
                        direction * (before.price - now.price) > 0 && divergence >= minDivergence_ &&
                        direction * (50 - before.rsi) >= margin_;
        divergence_ = is ? divergence : divergence_;
        return is;
    }

    std::size_t memory_;
    double minDivergence_;
    double margin_;
    std::uint64_t count_ = 0; // candles heard
    TurningPoints turns_;
    market::Rsi rsi_;
    market::Window rsiThen_; // of the newest candles back to the one that may be a turning point
    Turn low_;
    Turn high_;
    int side_ = 0;
    double divergence_ = 0; // of the newest that diverged
};

} // namespace

StrategyInfo rsiDivergence()
{
    return {.name = "rsi_divergence",
            .idea = "Price makes a new extreme at a turning point and RSI does not follow.",
            .timeframes = {market::Timeframe::M5},
            .parameters = withExits(
                {{"rsi", "candles", 2, 200, 14, "length of RSI"},
                 {"wing", "candles", 1, 50, 3, "candles on both sides that a turning point stands out from"},
                 {"memory", "candles", 2, 1'000, 24, "most candles between the two turning points"},
                 {"min_divergence", "points", 0, 50, 3, "least difference of RSI against the price"},
                 {"rsi_margin", "points", 0, 50, 15, "least distance from 50 of RSI at the first turning point"}},
                14, 2, 4, 360),
            .make = makeRule<RsiDivergence>};
}

} // namespace qd::trading
