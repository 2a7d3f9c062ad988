// Every line of every indicator, by name: how it is made, fed and read, its definition as a batch, and the bar at which
// it begins. What holds for all of them is tested on this list.
#pragma once

#include "indicator_definitions.h"
#include "market/indicators/candle_patterns.h"
#include "market/indicators/channels.h"
#include "market/indicators/directional_movement.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "market/indicators/realised_volatility.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"

#include <algorithm>
#include <optional>
#include <random>

namespace qd::indicators {

using definitions::Bar;
using definitions::Bars;
using definitions::Series;

inline const auto addClose = [](auto& i, const Bar& b) { i.add(b.close); };
inline const auto addHighLow = [](auto& i, const Bar& b) { i.add(b.high, b.low); };
inline const auto addRange = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close); };
inline const auto addPrices = [](auto& i, const Bar& b) { i.add(b.open, b.high, b.low, b.close); };
inline const auto addVolume = [](auto& i, const Bar& b) { i.add(b.close, b.volume); };
inline const auto addTraded = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close, b.volume); };
inline const auto addTimed = [](auto& i, const Bar& b) { i.add(b.start, b.high, b.low, b.close, b.volume); };

inline const auto value = [](const auto& i) { return i.value(); };
template <typename Lines, typename Line>
auto line(Line Lines::* member)
{
    return [member](const auto& i) -> std::optional<double> {
        const auto lines = i.value();
        return lines ? std::optional<double>((*lines).*member) : std::nullopt;
    };
}
inline const auto adx = [](const auto& i) { return i.value() ? i.value()->adx : std::nullopt; };
inline auto pattern(std::optional<int> market::CandlePatterns::* member)
{
    return [member](const auto& i) -> std::optional<double> { return i.value().*member; };
}

/// A walk in whole ticks over several days, some bars without volume.
inline Bars randomBars(std::uint64_t seed, std::size_t count, bool isAlwaysTraded = false)
{
    constexpr std::int64_t quarter = 15 * 60'000;
    std::mt19937_64 random(seed);
    const auto below = [&random](std::uint64_t n) { return static_cast<double>(random() % n); };
    Bars bars;
    double close = 50'000;
    for (std::size_t i = 0; i < count; ++i) {
        const double open = close + below(41) - 20;
        close += below(401) - 200;
        bars.push_back({.start = {1'750'000'000'000 / quarter * quarter + static_cast<std::int64_t>(i) * quarter},
                        .open = open,
                        .high = std::max(open, close) + below(90),
                        .low = std::min(open, close) - below(90),
                        .close = close,
                        .volume = !isAlwaysTraded && random() % 5 == 0 ? 0 : 1 + below(1'000)});
    }
    return bars;
}

inline Bars constantBars(double price, std::size_t count)
{
    return Bars(count, Bar{{}, price, price, price, price, 7});
}

/// One object through all bars.
template <typename Indicator, typename Add, typename Read>
Series stream(Indicator indicator, const Bars& bars, Add add, Read read)
{
    Series out;
    for (const auto& bar : bars) {
        add(indicator, bar);
        out.push_back(read(indicator));
    }
    return out;
}

/// visit(name, first bar with a value, new indicator, add, read, definition): definition(bars) is the whole series.
/// Windows forget what lies before them, bit for bit.
template <typename Visit>
void forEachWindowed(Visit visit)
{
    using namespace market;
    namespace d = definitions;
    constexpr double year = 35'040;
    visit("sma 14", 13, Sma(14), addClose, value, [](const Bars& b) { return d::sma(d::closes(b), 14); });
    visit("sma 1", 0, Sma(1), addClose, value, [](const Bars& b) { return d::closes(b); });
    visit("roc 10", 10, Roc(10), addClose, value, [](const Bars& b) { return d::roc(b, 10); });
    visit("stochastic k", 17, Stochastic(14, 3, 3), addRange, line(&StochasticLines::k),
          [](const Bars& b) { return d::stochastic(b, 14, 3, 3).k; });
    visit("stochastic d", 17, Stochastic(14, 3, 3), addRange, line(&StochasticLines::d),
          [](const Bars& b) { return d::stochastic(b, 14, 3, 3).d; });
    visit("bollinger middle", 19, Bollinger(20), addClose, line(&Bands::middle),
          [](const Bars& b) { return d::sma(d::closes(b), 20); });
    visit("bollinger deviation", 19, Bollinger(20), addClose, line(&Bands::deviation),
          [](const Bars& b) { return d::deviation(d::closes(b), 20); });
    visit("bollinger upper", 19, Bollinger(20, 3), addClose, line(&Bands::upper), [](const Bars& b) {
        return d::ofWindows(d::closes(b), 20, [](const auto& w) { return d::meanOf(w) + 3 * d::deviationOf(w); });
    });
    visit("bollinger lower", 19, Bollinger(20, 3), addClose, line(&Bands::lower), [](const Bars& b) {
        return d::ofWindows(d::closes(b), 20, [](const auto& w) { return d::meanOf(w) - 3 * d::deviationOf(w); });
    });
    visit("z-score 20", 19, ZScore(20), addClose, value, [](const Bars& b) { return d::zScore(b, 20); });
    visit("donchian upper", 19, Donchian(20), addHighLow, line(&Channel::upper),
          [](const Bars& b) { return d::highest(b, 20); });
    visit("donchian lower", 19, Donchian(20), addHighLow, line(&Channel::lower),
          [](const Bars& b) { return d::lowest(b, 20); });
    visit("donchian middle", 1, Donchian(2), addHighLow, line(&Channel::middle), [](const Bars& b) {
        return d::ofBoth(d::highest(b, 2), d::lowest(b, 2), [](double h, double l) { return (h + l) / 2; });
    });
    visit("rolling vwap", 19, RollingVwap(20), addTraded, value, [](const Bars& b) { return d::rollingVwap(b, 20); });
    visit("realised volatility", 48, RealisedVolatility(48, year), addClose, value,
          [](const Bars& b) { return d::realised(b, 48, year); });
    visit("historical volatility", 48, HistoricalVolatility(48, year), addClose, value,
          [](const Bars& b) { return d::historical(b, 48, year); });
    visit("parkinson", 47, ParkinsonVolatility(48, year), addHighLow, value,
          [](const Bars& b) { return d::parkinson(b, 48, year); });
    visit("garman-klass", 47, GarmanKlassVolatility(48, year), addPrices, value,
          [](const Bars& b) { return d::garmanKlass(b, 48, year); });
}

/// The same for those whose past fades but is never forgotten.
template <typename Visit>
void forEachRecursive(Visit visit)
{
    using namespace market;
    namespace d = definitions;
    visit("ema 21", 20, Ema(21), addClose, value, [](const Bars& b) { return d::ema(d::closes(b), 21); });
    visit("ema 1", 0, Ema(1), addClose, value, [](const Bars& b) { return d::ema(d::closes(b), 1); });
    visit("wilder 14", 13, WilderAverage(14), addClose, value,
          [](const Bars& b) { return d::wilder(d::closes(b), 14); });
    visit("rsi 14", 14, Rsi(14), addClose, value, [](const Bars& b) { return d::rsi(b, 14); });
    visit("rsi 2", 2, Rsi(2), addClose, value, [](const Bars& b) { return d::rsi(b, 2); });
    visit("macd", 33, Macd(12, 26, 9), addClose, line(&MacdLines::macd),
          [](const Bars& b) { return d::macd(d::closes(b), 12, 26, 9).macd; });
    visit("macd signal", 33, Macd(12, 26, 9), addClose, line(&MacdLines::signal),
          [](const Bars& b) { return d::macd(d::closes(b), 12, 26, 9).signal; });
    visit("macd histogram", 33, Macd(26, 12, 9), addClose, line(&MacdLines::histogram),
          [](const Bars& b) { return d::macd(d::closes(b), 12, 26, 9).histogram; });
    visit("atr 14", 14, Atr(14), addRange, value, [](const Bars& b) { return d::atr(b, 14); });
    visit("atr 1", 1, Atr(1), addRange, value, [](const Bars& b) { return d::trueRange(b); });
    visit("plus di", 14, DirectionalMovement(14), addRange, line(&DirectionalLines::plus),
          [](const Bars& b) { return d::directional(b, 14).plus; });
    visit("minus di", 14, DirectionalMovement(14), addRange, line(&DirectionalLines::minus),
          [](const Bars& b) { return d::directional(b, 14).minus; });
    visit("adx", 27, DirectionalMovement(14), addRange, adx, [](const Bars& b) { return d::directional(b, 14).adx; });
    visit("keltner middle", 19, Keltner(), addRange, line(&Channel::middle),
          [](const Bars& b) { return d::ema(d::closes(b), 20); });
    visit("keltner upper", 19, Keltner(20, 10, 2), addRange, line(&Channel::upper), [](const Bars& b) {
        return d::ofBoth(d::ema(d::closes(b), 20), d::atr(b, 10), [](double m, double r) { return m + 2 * r; });
    });
    visit("keltner lower", 30, Keltner(5, 30, 1.5), addRange, line(&Channel::lower), [](const Bars& b) {
        return d::ofBoth(d::ema(d::closes(b), 5), d::atr(b, 30), [](double m, double r) { return m - 1.5 * r; });
    });
}

/// The others: of no window, or without a definition as a batch.
template <typename Visit>
void forEachOther(Visit visit)
{
    using namespace market;
    namespace d = definitions;
    visit("true range", 1, TrueRange(), addRange, value, [](const Bars& b) { return d::trueRange(b); });
    visit("obv", 0, Obv(), addVolume, value, [](const Bars& b) { return d::obv(b); });
    visit("session vwap", 0, SessionVwap(), addTimed, value, [](const Bars& b) { return d::sessionVwap(b); });
}

template <typename Visit>
void forEachPattern(Visit visit)
{
    using market::CandlePatterns;
    const market::CandlePatternFinder fresh;
    visit("engulfing", 2, fresh, addPrices, pattern(&CandlePatterns::engulfing));
    visit("doji", 10, fresh, addPrices, pattern(&CandlePatterns::doji));
    visit("hammer", 11, fresh, addPrices, pattern(&CandlePatterns::hammer));
    visit("morning star", 12, fresh, addPrices, pattern(&CandlePatterns::morningStar));
    visit("evening star", 12, fresh, addPrices, pattern(&CandlePatterns::eveningStar));
}

/// visit(name, first, fresh, add, read) for all that there are.
template <typename Visit>
void forEachIndicator(Visit visit)
{
    const auto withoutDefinition = [&](auto name, int first, const auto& fresh, auto add, auto read, auto) {
        visit(name, first, fresh, add, read);
    };
    forEachWindowed(withoutDefinition);
    forEachRecursive(withoutDefinition);
    forEachOther(withoutDefinition);
    forEachPattern(visit);
}

} // namespace qd::indicators
