#include "golden/topics.h"
#include "market/indicators/candle_patterns.h"
#include "market/indicators/channels.h"
#include "market/indicators/directional_movement.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "market/indicators/realised_volatility.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace Qt::StringLiterals;
using namespace qd::market;

namespace qd::golden {

namespace {

struct Bar {
    base::UtcMs start;
    double open = 0;
    double high = 0;
    double low = 0;
    double close = 0;
    double volume = 0;
};

/// The columns of a case; one that is not there, and null, is NaN.
std::vector<Bar> barsOf(const QJsonObject& entry)
{
    const auto inputs = entry.value("inputs"_L1).toObject();
    std::vector<Bar> bars(static_cast<std::size_t>(inputs.value("close"_L1).toArray().size()));
    const auto fill = [&](QLatin1StringView name, auto set) {
        const auto column = inputs.value(name).toArray();
        if (inputs.contains(name) && column.size() != static_cast<qsizetype>(bars.size())) {
            throw std::runtime_error("the columns of the input are not of one length");
        }
        for (std::size_t i = 0; i < bars.size(); ++i) {
            set(bars[i], column.at(static_cast<qsizetype>(i)));
        }
    };
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    fill("ts"_L1, [](Bar& bar, const QJsonValue& v) { bar.start = {v.toInteger()}; });
    fill("open"_L1, [](Bar& bar, const QJsonValue& v) { bar.open = v.toDouble(none); });
    fill("high"_L1, [](Bar& bar, const QJsonValue& v) { bar.high = v.toDouble(none); });
    fill("low"_L1, [](Bar& bar, const QJsonValue& v) { bar.low = v.toDouble(none); });
    fill("close"_L1, [](Bar& bar, const QJsonValue& v) { bar.close = v.toDouble(none); });
    fill("volume"_L1, [](Bar& bar, const QJsonValue& v) { bar.volume = v.toDouble(none); });
    return bars;
}

/// One value for each bar: add(indicator, bar), then read(indicator).
template <typename Indicator, typename Add, typename Read>
QJsonArray stream(Indicator indicator, const std::vector<Bar>& bars, Add add, Read read)
{
    QJsonArray series;
    for (const auto& bar : bars) {
        add(indicator, bar);
        series.append(number(read(indicator)));
    }
    return series;
}

const auto addClose = [](auto& i, const Bar& b) { i.add(b.close); };
const auto addHighLow = [](auto& i, const Bar& b) { i.add(b.high, b.low); };
const auto addRange = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close); };
const auto addPrices = [](auto& i, const Bar& b) { i.add(b.open, b.high, b.low, b.close); };
const auto addTraded = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close, b.volume); };

const auto value = [](const auto& i) { return i.value(); };
/// Reads one line of those that an indicator has.
template <typename Lines, typename Line>
auto line(Line Lines::* member)
{
    return [member](const auto& i) -> std::optional<double> {
        const auto lines = i.value();
        return lines ? std::optional<double>((*lines).*member) : std::nullopt;
    };
}

/// What a series is made of: the bars, the whole numbers at the end of its name, and the case's `params`.
struct Asked {
    const std::vector<Bar>& bars;
    std::vector<std::size_t> n;
    QJsonObject params;

    [[nodiscard]] double barsPerYear() const
    {
        const auto given = params.value("bars_per_year"_L1);
        if (!given.isDouble()) {
            throw std::runtime_error("there is no bars_per_year among the parameters");
        }
        return given.toDouble();
    }
    [[nodiscard]] Keltner keltner() const
    {
        const auto given = params.value("keltner"_L1).toObject();
        return Keltner(static_cast<std::size_t>(given.value("ema"_L1).toInt(20)),
                       static_cast<std::size_t>(given.value("atr"_L1).toInt(10)), given.value("mult"_L1).toDouble(2));
    }
    [[nodiscard]] Stochastic stochastic() const { return {n[0], n[1], n[2]}; }
};

struct Series {
    const char* stem; // the name without its numbers
    qsizetype numbers;
    QJsonArray (*make)(const Asked& a);
};

constexpr Series momentum[]{
    {"sma", 1, [](const Asked& a) { return stream(Sma(a.n[0]), a.bars, addClose, value); }},
    {"ema", 1, [](const Asked& a) { return stream(Ema(a.n[0]), a.bars, addClose, value); }},
    {"rsi", 1, [](const Asked& a) { return stream(Rsi(a.n[0]), a.bars, addClose, value); }},
    {"roc", 1, [](const Asked& a) { return stream(Roc(a.n[0]), a.bars, addClose, value); }},
    {"macd", 0, [](const Asked& a) { return stream(Macd(12, 26, 9), a.bars, addClose, line(&MacdLines::macd)); }},
    {"macd_signal", 0,
     [](const Asked& a) { return stream(Macd(12, 26, 9), a.bars, addClose, line(&MacdLines::signal)); }},
    {"macd_hist", 0,
     [](const Asked& a) { return stream(Macd(12, 26, 9), a.bars, addClose, line(&MacdLines::histogram)); }},
    {"stoch_k", 3, [](const Asked& a) { return stream(a.stochastic(), a.bars, addRange, line(&StochasticLines::k)); }},
    {"stoch_d", 3, [](const Asked& a) { return stream(a.stochastic(), a.bars, addRange, line(&StochasticLines::d)); }},
    {"plus_di", 1,
     [](const Asked& a) {
         return stream(DirectionalMovement(a.n[0]), a.bars, addRange, line(&DirectionalLines::plus));
     }},
    {"minus_di", 1,
     [](const Asked& a) {
         return stream(DirectionalMovement(a.n[0]), a.bars, addRange, line(&DirectionalLines::minus));
     }},
    {"adx", 1,
     [](const Asked& a) {
         return stream(DirectionalMovement(a.n[0]), a.bars, addRange,
                       [](const auto& i) { return i.value() ? i.value()->adx : std::nullopt; });
     }},
};

constexpr Series ranges[]{
    {"bb_upper", 0, [](const Asked& a) { return stream(Bollinger(20), a.bars, addClose, line(&Bands::upper)); }},
    {"bb_middle", 0, [](const Asked& a) { return stream(Bollinger(20), a.bars, addClose, line(&Bands::middle)); }},
    {"bb_lower", 0, [](const Asked& a) { return stream(Bollinger(20), a.bars, addClose, line(&Bands::lower)); }},
    {"stddev", 1, [](const Asked& a) { return stream(Bollinger(a.n[0]), a.bars, addClose, line(&Bands::deviation)); }},
    {"zscore", 1, [](const Asked& a) { return stream(ZScore(a.n[0]), a.bars, addClose, value); }},
    {"trange", 0, [](const Asked& a) { return stream(TrueRange(), a.bars, addRange, value); }},
    {"atr", 1, [](const Asked& a) { return stream(Atr(a.n[0]), a.bars, addRange, value); }},
    {"donchian_upper", 1,
     [](const Asked& a) { return stream(Donchian(a.n[0]), a.bars, addHighLow, line(&Channel::upper)); }},
    {"donchian_middle", 1,
     [](const Asked& a) { return stream(Donchian(a.n[0]), a.bars, addHighLow, line(&Channel::middle)); }},
    {"donchian_lower", 1,
     [](const Asked& a) { return stream(Donchian(a.n[0]), a.bars, addHighLow, line(&Channel::lower)); }},
    {"keltner_upper", 0, [](const Asked& a) { return stream(a.keltner(), a.bars, addRange, line(&Channel::upper)); }},
    {"keltner_middle", 0, [](const Asked& a) { return stream(a.keltner(), a.bars, addRange, line(&Channel::middle)); }},
    {"keltner_lower", 0, [](const Asked& a) { return stream(a.keltner(), a.bars, addRange, line(&Channel::lower)); }},
    {"realised_vol", 1,
     [](const Asked& a) { return stream(RealisedVolatility(a.n[0], a.barsPerYear()), a.bars, addClose, value); }},
    {"historical_vol", 1,
     [](const Asked& a) { return stream(HistoricalVolatility(a.n[0], a.barsPerYear()), a.bars, addClose, value); }},
    {"parkinson", 1,
     [](const Asked& a) { return stream(ParkinsonVolatility(a.n[0], a.barsPerYear()), a.bars, addHighLow, value); }},
    {"garman_klass", 1,
     [](const Asked& a) { return stream(GarmanKlassVolatility(a.n[0], a.barsPerYear()), a.bars, addPrices, value); }},
};

constexpr Series volumes[]{
    {"obv", 0,
     [](const Asked& a) {
         return stream(Obv(), a.bars, [](auto& i, const Bar& b) { i.add(b.close, b.volume); }, value);
     }},
    {"vwap_session", 0,
     [](const Asked& a) {
         return stream(
             SessionVwap(), a.bars, [](auto& i, const Bar& b) { i.add(b.start, b.high, b.low, b.close, b.volume); },
             value);
     }},
    {"vwap_rolling", 1, [](const Asked& a) { return stream(RollingVwap(a.n[0]), a.bars, addTraded, value); }},
};

const Series& seriesOf(QStringView stem, qsizetype numbers)
{
    for (const auto family :
         {std::span<const Series>(momentum), std::span<const Series>(ranges), std::span<const Series>(volumes)}) {
        for (const auto& series : family) {
            if (stem == QLatin1StringView(series.stem) && numbers == series.numbers) {
                return series;
            }
        }
    }
    throw std::runtime_error("there is no series " + stem.toString().toStdString() + " with " +
                             std::to_string(numbers) + " numbers");
}

/// "stoch_k_14_3_3" asks for stoch_k with 14, 3 and 3.
QJsonArray seriesNamed(const QString& name, const std::vector<Bar>& bars, const QJsonObject& params)
{
    static const QRegularExpression shape(u"^([a-z_]+?)((?:_[0-9]+)*)$"_s);
    const auto match = shape.match(name);
    Asked asked{.bars = bars, .n = {}, .params = params};
    for (const auto& part : match.captured(2).split(u'_', Qt::SkipEmptyParts)) {
        asked.n.push_back(part.toULongLong());
        if (asked.n.back() == 0) {
            throw std::runtime_error("a window of no bars is asked for: " + name.toStdString());
        }
    }
    return seriesOf(match.capturedView(1), static_cast<qsizetype>(asked.n.size())).make(asked);
}

QJsonObject indicators(const QJsonObject& entry)
{
    const auto bars = barsOf(entry);
    const auto params = entry.value("params"_L1).toObject();
    QJsonObject expected;
    for (const auto& name : entry.value("expected"_L1).toObject().keys()) {
        expected.insert(name, seriesNamed(name, bars, params));
    }
    return expected;
}

constexpr std::pair<const char*, std::optional<int> CandlePatterns::*> patterns[]{
    {"engulfing", &CandlePatterns::engulfing},
    {"doji", &CandlePatterns::doji},
    {"hammer", &CandlePatterns::hammer},
    {"morning_star", &CandlePatterns::morningStar},
    {"evening_star", &CandlePatterns::eveningStar},
};

QJsonObject candlePatterns(const QJsonObject& entry)
{
    const auto bars = barsOf(entry);
    const CandlePatternFinder finder(entry.value("params"_L1).toObject().value("penetration"_L1).toDouble(0.3));
    QJsonObject expected;
    for (const auto& name : entry.value("expected"_L1).toObject().keys()) {
        const auto* pattern =
            std::ranges::find_if(patterns, [&](const auto& p) { return name == QLatin1StringView(p.first); });
        if (pattern == std::end(patterns)) {
            throw std::runtime_error("there is no pattern " + name.toStdString());
        }
        expected.insert(name, stream(finder, bars, addPrices, [&](const auto& i) -> std::optional<double> {
                            return i.value().*pattern->second;
                        }));
    }
    return expected;
}

constexpr Topic topics[]{
    {"indicators_talib", indicators},
    {"indicators_extra", indicators},
    {"candle_patterns_talib", candlePatterns},
};

} // namespace

std::span<const Topic> indicatorTopics()
{
    return topics;
}

} // namespace qd::golden
