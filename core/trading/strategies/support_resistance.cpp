// support_resistance: where the market turned at one price three times, it may turn again. The newest candle reaches
// down into a cluster of earlier lows and closes above it: long; the mirror at earlier highs: short. Closed 5m candles.
// A hole as long as the memory starts all anew.
#include "trading/strategies/catalogue_entries.h"
#include "trading/strategies/parts.h"

namespace qd::trading {

namespace {

/// The turning points of the newest candles, oldest first.
class Memory {
public:
    Memory(std::size_t candles, std::size_t wing) : candles_(candles)
    {
        points_.reserve(candles / (wing + 1) + 2); // they cannot lie closer
    }

    void add(std::uint64_t now, double price) { points_.push_back({now, price}); }
    void forgetBefore(std::uint64_t now)
    {
        const auto kept = std::ranges::find_if(points_, [&](const Point& p) { return p.known + candles_ > now; });
        points_.erase(points_.begin(), kept);
    }
    struct Cluster {
        std::size_t touches = 0;
        double mean = 0;
    };
    [[nodiscard]] Cluster around(double price, double tolerance) const
    {
        Cluster out;
        double sum = 0;
        for (const auto& point : points_) {
            if (std::abs(point.price - price) <= tolerance) {
                sum += point.price;
                ++out.touches;
            }
        }
        out.mean = out.touches > 0 ? sum / static_cast<double>(out.touches) : price;
        return out;
    }
    void clear() { points_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(points_);
    }

private:
    struct Point {
        std::uint64_t known = 0; // count of the candle at which it was
        double price = 0;
        template <typename Archive>
        void state(Archive& a)
        {
            a(known, price);
        }
    };
    std::size_t candles_;
    std::vector<Point> points_;
};

class SupportResistance final : public CandleRule<SupportResistance> {
public:
    explicit SupportResistance(const ParameterSet& p)
        : CandleRule(p, 1, countOf(p, "memory") + 2 * countOf(p, "wing") + 1),
          minTouches_(countOf(p, "min_touches")),
          tolerance_(p["tolerance_atr"]),
          minBounce_(p["min_bounce_atr"]),
          turns_(countOf(p, "wing")),
          lows_(countOf(p, "memory"), countOf(p, "wing")),
          highs_(countOf(p, "memory"), countOf(p, "wing"))
    {
    }

    void hear(const market::Candle& candle, std::optional<double> atr)
    {
        ++count_;
        lows_.forgetBefore(count_);
        highs_.forgetBefore(count_);
        int side = 0;
        if (atr && *atr > 0) {
            const auto support = lows_.around(real(candle.low), tolerance_ * *atr);
            const auto resistance = highs_.around(real(candle.high), tolerance_ * *atr);
            const bool bounced =
                support.touches >= minTouches_ && real(candle.close) - support.mean >= minBounce_ * *atr;
            const bool repelled =
                resistance.touches >= minTouches_ && resistance.mean - real(candle.close) >= minBounce_ * *atr;
            side = bounced && !repelled ? 1 : repelled && !bounced ? -1 : 0;
            touches_ = side > 0 ? support.touches : resistance.touches;
        }
        bounce_.now(side);
        turns_.add(real(candle.high), real(candle.low));
        if (const auto low = turns_.low()) {
            lows_.add(count_, *low);
        }
        if (const auto high = turns_.high()) {
            highs_.add(count_, *high);
        }
    }

    [[nodiscard]] std::optional<Signal> speak(double atr, const OwnPosition* /*own*/) const
    {
        const int side = bounce_.begun();
        if (side == 0) {
            return std::nullopt;
        }
        return exits_.atMarket(sideOf(side), close(), atr,
                               std::string("Bounced off ") + (side > 0 ? "a support" : "a resistance") + " touched " +
                                   std::to_string(touches_) + " times");
    }

    void forget()
    {
        turns_.reset();
        lows_.clear();
        highs_.clear();
        bounce_.reset();
    }
    template <typename Archive>
    void remember(Archive& a)
    {
        a(count_, turns_, lows_, highs_, bounce_, touches_);
    }

private:
    std::size_t minTouches_;
    double tolerance_;
    double minBounce_;
    std::uint64_t count_ = 0; // candles heard
    TurningPoints turns_;
    Memory lows_;
    Memory highs_;
    Onset bounce_;
    std::size_t touches_ = 0;
};

} // namespace

StrategyInfo supportResistance()
{
    return {.name = "support_resistance",
            .idea = "The price comes back to where it turned three times before, and bounces.",
            .timeframes = {market::Timeframe::M5},
            .parameters =
                withExits({{"memory", "candles", 10, 1'000, 144, "how long a turning point counts"},
                           {"wing", "candles", 1, 50, 4, "candles on both sides that a turning point stands out from"},
                           {"min_touches", "touches", 2, 20, 3, "least earlier turning points at the level"},
                           {"tolerance_atr", "ATR", 0.01, 5, 0.3, "how far they may lie from the candle's extreme"},
                           {"min_bounce_atr", "ATR", 0, 10, 0.5, "least distance of the close from the level"}},
                          10, 1.5, 2.5, 120),
            .make = makeRule<SupportResistance>};
}

} // namespace qd::trading
