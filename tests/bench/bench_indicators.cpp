#include "bench/bench.h"
#include "market/candle.h"
#include "market/indicators/candle_patterns.h"
#include "market/indicators/channels.h"
#include "market/indicators/directional_movement.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "market/indicators/realised_volatility.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <tuple>

namespace qd::bench {

namespace {

using namespace market;

struct Bar {
    base::UtcMs start;
    double open;
    double high;
    double low;
    double close;
    double volume;
};

std::vector<Bar> minutesOf(const std::vector<Tick>& ticks)
{
    std::vector<Bar> bars;
    for (const auto& tick : ticks) {
        const auto start = base::bucketStart(tick.time, length(Timeframe::M1));
        const auto price = static_cast<double>(tick.price.value);
        if (bars.empty() || bars.back().start != start) {
            bars.push_back({start, price, price, price, price, 0});
        }
        auto& bar = bars.back();
        bar.high = std::max(bar.high, price);
        bar.low = std::min(bar.low, price);
        bar.close = price;
        bar.volume += static_cast<double>(tick.size().value);
    }
    return bars;
}

/// One of each, with the lengths of TA-Lib's and of the strategies.
struct All {
    std::tuple<Sma, Sma, Ema, Ema, Rsi, Rsi, Roc, Macd, Bollinger, ZScore> ofCloses{
        Sma(14), Sma(50), Ema(12), Ema(26), Rsi(14), Rsi(2), Roc(10), Macd(12, 26, 9), Bollinger(20), ZScore(20)};
    std::tuple<RealisedVolatility, HistoricalVolatility> ofReturns{{48, barsPerYear(Timeframe::M1)},
                                                                   {48, barsPerYear(Timeframe::M1)}};
    std::tuple<TrueRange, Atr, DirectionalMovement, Stochastic, Stochastic, Keltner> ofRanges{
        TrueRange(), Atr(14), DirectionalMovement(14), Stochastic(14, 3, 3), Stochastic(5, 3, 3), Keltner()};
    std::tuple<Donchian, ParkinsonVolatility> ofHighLow{Donchian(20), {48, barsPerYear(Timeframe::M1)}};
    std::tuple<GarmanKlassVolatility, CandlePatternFinder> ofPrices{{48, barsPerYear(Timeframe::M1)},
                                                                    CandlePatternFinder()};
    Obv obv;
    SessionVwap session;
    RollingVwap rolling{20};

    /// Feeds all and reads all; the sum keeps the compiler from leaving any out.
    double add(const Bar& b)
    {
        double sum = 0;
        const auto read = [&sum](const auto& i) { sum += sumOf(i.value()); };
        const auto each = [](auto& indicators, auto f) { std::apply([&](auto&... i) { (f(i), ...); }, indicators); };
        each(ofCloses, [&](auto& i) { i.add(b.close), read(i); });
        each(ofReturns, [&](auto& i) { i.add(b.close), read(i); });
        each(ofRanges, [&](auto& i) { i.add(b.high, b.low, b.close), read(i); });
        each(ofHighLow, [&](auto& i) { i.add(b.high, b.low), read(i); });
        each(ofPrices, [&](auto& i) { i.add(b.open, b.high, b.low, b.close), read(i); });
        obv.add(b.close, b.volume);
        session.add(b.start, b.high, b.low, b.close, b.volume);
        rolling.add(b.high, b.low, b.close, b.volume);
        read(obv);
        read(session);
        read(rolling);
        return sum;
    }
    static constexpr int values = 41;

private:
    static double sumOf(const std::optional<double>& v) { return v.value_or(0); }
    static double sumOf(const std::optional<MacdLines>& v) { return v ? v->macd + v->signal + v->histogram : 0; }
    static double sumOf(const std::optional<Bands>& v)
    {
        return v ? v->lower + v->middle + v->upper + v->deviation : 0;
    }
    static double sumOf(const std::optional<Channel>& v) { return v ? v->lower + v->middle + v->upper : 0; }
    static double sumOf(const std::optional<StochasticLines>& v) { return v ? v->k + v->d : 0; }
    static double sumOf(const std::optional<DirectionalLines>& v)
    {
        return v ? v->plus + v->minus + v->adx.value_or(0) : 0;
    }
    static double sumOf(const CandlePatterns& v)
    {
        return v.engulfing.value_or(0) + v.doji.value_or(0) + v.hammer.value_or(0) + v.morningStar.value_or(0) +
               v.eveningStar.value_or(0);
    }
};

} // namespace

void benchIndicators(const std::string& tickFile)
{
    const auto bars = minutesOf(loadTicks(tickFile, std::numeric_limits<std::size_t>::max()));
    constexpr int repeats = 5; // the floor has its bars five times, too
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 3; ++round) {
        All all;
        double sum = 0;
        const auto start = std::chrono::steady_clock::now();
        for (int repeat = 0; repeat < repeats; ++repeat) {
            for (const auto& bar : bars) {
                sum += all.add(bar);
            }
        }
        best = std::min(best, secondsSince(start));
        if (!std::isfinite(sum)) {
            throw std::runtime_error("An indicator is not finite");
        }
    }
    std::printf("{\"bars\": %zu, \"values\": %d, \"ns_per_bar\": %.1f}\n", bars.size() * repeats, All::values,
                best / static_cast<double>(bars.size() * repeats) * 1e9);
}

} // namespace qd::bench
