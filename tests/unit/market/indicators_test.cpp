// Indicators against TA-Lib's golden vectors; streaming equals batch and restart, bit for bit.
#include "base/state.h"
#include "market/indicators/channels.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"
#include "testkit/golden.h"

#include <QTest>

#include <algorithm>
#include <bit>
#include <functional>
#include <random>
#include <vector>

using namespace qd;
using namespace qd::market;
using testkit::goldenAgrees;
using testkit::goldenNumber;

namespace {

struct Bar {
    double high = 0;
    double low = 0;
    double close = 0;
    double volume = 0;
};

using Series = std::vector<std::optional<double>>;

std::vector<Bar> barsOf(const QJsonObject& entry)
{
    const auto inputs = entry.value(QLatin1String("inputs")).toObject();
    const auto column = [&](const char* name) { return inputs.value(QLatin1String(name)).toArray(); };
    std::vector<Bar> bars;
    for (int i = 0; i < column("close").size(); ++i) {
        const double close = column("close")[i].toDouble();
        bars.push_back({column("high").isEmpty() ? close : column("high")[i].toDouble(),
                        column("low").isEmpty() ? close : column("low")[i].toDouble(), close,
                        column("volume").isEmpty() ? 0 : column("volume")[i].toDouble()});
    }
    return bars;
}

std::vector<Bar> randomBars(std::uint64_t seed, std::size_t count)
{
    std::mt19937_64 random(seed);
    std::vector<Bar> bars;
    double close = 50'000;
    for (std::size_t i = 0; i < count; ++i) {
        close += static_cast<double>(random() % 401) - 200;
        bars.push_back({close + static_cast<double>(random() % 90), close - static_cast<double>(random() % 90), close,
                        static_cast<double>(random() % 5 == 0 ? 0 : random() % 1'000)});
    }
    return bars;
}

template <typename Indicator, typename Add, typename Read>
Series stream(Indicator indicator, const std::vector<Bar>& bars, Add add, Read read)
{
    Series out;
    for (const auto& bar : bars) {
        add(indicator, bar);
        out.push_back(read(indicator));
    }
    return out;
}

bool areSameBits(const Series& a, const Series& b)
{
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        return x.has_value() == y.has_value() &&
               (!x || std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y));
    });
}

// A restart after every bar changes no bit.
template <typename Indicator, typename Add, typename Read>
bool survivesRestarts(const Indicator& fresh, Add add, Read read)
{
    const auto bars = randomBars(21, 400);
    const auto wanted = stream(fresh, bars, add, read);
    Series got;
    auto indicator = fresh;
    for (const auto& bar : bars) {
        add(indicator, bar);
        base::StateWriter writer;
        writer(indicator);
        auto next = fresh;
        base::StateReader reader(writer.bytes());
        reader(next);
        if (!reader.isComplete()) {
            return false;
        }
        indicator = next;
        got.push_back(read(indicator));
    }
    return areSameBits(got, wanted) && wanted.back().has_value();
}

const auto addClose = [](auto& i, const Bar& b) { i.add(b.close); };
const auto addVolume = [](auto& i, const Bar& b) { i.add(b.volume); };
const auto addRange = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close); };
const auto addHighLow = [](auto& i, const Bar& b) { i.add(b.high, b.low); };
const auto addAll = [](auto& i, const Bar& b) { i.add(b.high, b.low, b.close, b.volume); };
const auto value = [](const auto& i) { return i.value(); };
const auto upper = [](const auto& i) { return i.value() ? std::optional(i.value()->upper) : std::nullopt; };
const auto lower = [](const auto& i) { return i.value() ? std::optional(i.value()->lower) : std::nullopt; };
const auto middle = [](const auto& i) { return i.value() ? std::optional(i.value()->middle) : std::nullopt; };
const auto deviation = [](const auto& i) { return i.value() ? std::optional(i.value()->deviation) : std::nullopt; };

} // namespace

class IndicatorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void indicatorsAgreeWithTaLib();
    void theRollingVwapAgreesWithTheGoldenVectors();
    void aRestartAfterEveryBarChangesNoBit();
    void theDonchianChannelIsTheExtremeOfItsWindow();
    void windowsForgetWhatLiesBeforeThem();
    void averagesForgetTheirSeed();
    void aFlatWindowHasBandsOfExactlyNoWidth();
    void resetMakesNew();
};

void IndicatorsTest::indicatorsAgreeWithTaLib()
{
    GOLDEN(cases, "indicators_talib");
    const std::vector<std::pair<const char*, std::function<Series(const std::vector<Bar>&)>>> all{
        {"sma_14", [](const auto& bars) { return stream(Sma(14), bars, addClose, value); }},
        {"sma_50", [](const auto& bars) { return stream(Sma(50), bars, addClose, value); }},
        {"ema_12", [](const auto& bars) { return stream(Ema(12), bars, addClose, value); }},
        {"ema_26", [](const auto& bars) { return stream(Ema(26), bars, addClose, value); }},
        {"atr_14", [](const auto& bars) { return stream(Atr(14), bars, addRange, value); }},
        {"bb_upper", [](const auto& bars) { return stream(Bollinger(20), bars, addClose, upper); }},
        {"bb_middle", [](const auto& bars) { return stream(Bollinger(20), bars, addClose, middle); }},
        {"bb_lower", [](const auto& bars) { return stream(Bollinger(20), bars, addClose, lower); }},
        {"stddev_20", [](const auto& bars) { return stream(Bollinger(20), bars, addClose, deviation); }},
        {"donchian_upper_20", [](const auto& bars) { return stream(Donchian(20), bars, addHighLow, upper); }},
        {"donchian_lower_20", [](const auto& bars) { return stream(Donchian(20), bars, addHighLow, lower); }},
    };
    int compared = 0;
    for (const auto& entryValue : cases) {
        const auto entry = entryValue.toObject();
        const auto bars = barsOf(entry);
        const auto expected = entry.value(QLatin1String("expected")).toObject();
        const auto tolerances = entry.value(QLatin1String("per_series_tolerance")).toObject();
        for (const auto& [name, run] : all) {
            if (!expected.contains(QLatin1String(name))) {
                continue;
            }
            const auto want = expected.value(QLatin1String(name)).toArray();
            const auto tolerance = tolerances.value(QLatin1String(name)).toObject();
            const auto got = run(bars);
            QCOMPARE(static_cast<qsizetype>(got.size()), want.size());
            for (int i = 0; i < want.size(); ++i) {
                QVERIFY2(goldenAgrees(got[static_cast<std::size_t>(i)], goldenNumber(want[i]),
                                      tolerance.value(QLatin1String("abs")).toDouble(1e-12), 1e-9),
                         qPrintable(entry.value(QLatin1String("name")).toString() + QLatin1String(" ") +
                                    QLatin1String(name) + QLatin1String(" bar ") + QString::number(i)));
                ++compared;
            }
        }
    }
    QVERIFY(compared > 5'000);
}

void IndicatorsTest::theRollingVwapAgreesWithTheGoldenVectors()
{
    GOLDEN(cases, "indicators_extra");
    for (const auto* name : {"btc_perp_15m", "thin_1m", "flat_zero_volume"}) {
        const auto entry = cases.value(QLatin1String(name)).toObject();
        const auto want =
            entry.value(QLatin1String("expected")).toObject().value(QLatin1String("vwap_rolling_20")).toArray();
        const auto got = stream(RollingVwap(20), barsOf(entry), addAll, value);
        QVERIFY(!want.isEmpty());
        QCOMPARE(static_cast<qsizetype>(got.size()), want.size());
        for (int i = 0; i < want.size(); ++i) {
            QVERIFY2(goldenAgrees(got[static_cast<std::size_t>(i)], goldenNumber(want[i]), 1e-9, 1e-9), name);
        }
    }
}

void IndicatorsTest::aRestartAfterEveryBarChangesNoBit()
{
    QVERIFY(survivesRestarts(Sma(20), addVolume, value));
    QVERIFY(survivesRestarts(Ema(21), addClose, value));
    QVERIFY(survivesRestarts(Atr(14), addRange, value));
    QVERIFY(survivesRestarts(Bollinger(20), addClose, upper));
    QVERIFY(survivesRestarts(Donchian(20), addHighLow, upper));
    QVERIFY(survivesRestarts(Donchian(20), addHighLow, lower));
    QVERIFY(survivesRestarts(RollingVwap(20), addAll, value));
}

void IndicatorsTest::theDonchianChannelIsTheExtremeOfItsWindow()
{
    for (const std::size_t n : {1U, 2U, 20U}) {
        const auto bars = randomBars(5, 600);
        const auto highs = stream(Donchian(n), bars, addHighLow, upper);
        const auto lows = stream(Donchian(n), bars, addHighLow, lower);
        for (std::size_t i = 0; i < bars.size(); ++i) {
            QCOMPARE(highs[i].has_value(), i + 1 >= n);
            if (i + 1 >= n) {
                const auto first = bars.begin() + static_cast<std::ptrdiff_t>(i + 1 - n);
                const auto last = bars.begin() + static_cast<std::ptrdiff_t>(i + 1);
                QCOMPARE(*highs[i],
                         std::max_element(first, last, [](auto& a, auto& b) { return a.high < b.high; })->high);
                QCOMPARE(*lows[i], std::min_element(first, last, [](auto& a, auto& b) { return a.low < b.low; })->low);
            }
        }
    }
}

void IndicatorsTest::windowsForgetWhatLiesBeforeThem()
{
    // From bar 100 + n on, a series that began at bar 100 has the very bits of the one that began at bar 0.
    const auto bars = randomBars(9, 500);
    const std::vector<Bar> later(bars.begin() + 100, bars.end());
    const auto agree = [&](const auto& fresh, auto add, auto read) {
        auto all = stream(fresh, bars, add, read);
        auto part = stream(fresh, later, add, read);
        all.erase(all.begin(), all.begin() + 120);
        part.erase(part.begin(), part.begin() + 20);
        return areSameBits(all, part);
    };
    QVERIFY(agree(Sma(20), addClose, value));
    QVERIFY(agree(Bollinger(20), addClose, lower));
    QVERIFY(agree(Donchian(20), addHighLow, upper));
    QVERIFY(agree(RollingVwap(20), addAll, value));
}

void IndicatorsTest::averagesForgetTheirSeed()
{
    const auto bars = randomBars(10, 900);
    const std::vector<Bar> later(bars.begin() + 300, bars.end());
    const auto differ = [&](const auto& fresh, auto add, std::size_t after) {
        const auto all = stream(fresh, bars, add, value);
        const auto part = stream(fresh, later, add, value);
        return std::abs(*all[300 + after] - *part[after]);
    };
    // Ten lengths after the start, what is left of the seed is lost in the price.
    QVERIFY(differ(Ema(21), addClose, 30) > 1e-3);
    QVERIFY(differ(Ema(21), addClose, 210) < 1e-3);
    QVERIFY(differ(Atr(14), addRange, 20) > 1e-6);
    QVERIFY(differ(Atr(14), addRange, 420) < 1e-9);
}

void IndicatorsTest::aFlatWindowHasBandsOfExactlyNoWidth()
{
    Bollinger bands(20);
    for (int i = 0; i < 20; ++i) {
        bands.add(12'345.0);
    }
    QCOMPARE(bands.value()->deviation, 0.0);
    QCOMPARE(bands.value()->upper, bands.value()->lower);
    RollingVwap vwap(3);
    for (int i = 0; i < 3; ++i) {
        vwap.add(2, 1, 1, 0);
    }
    QVERIFY(!vwap.value());
}

void IndicatorsTest::resetMakesNew()
{
    const auto bars = randomBars(12, 100);
    const auto isNew = [&](auto indicator, auto add, auto read) {
        auto used = indicator;
        (void)stream(used, bars, add, read);
        for (const auto& bar : bars) {
            add(used, bar);
        }
        used.reset();
        return areSameBits(stream(used, bars, add, read), stream(indicator, bars, add, read));
    };
    QVERIFY(isNew(Sma(20), addClose, value));
    QVERIFY(isNew(Ema(9), addClose, value));
    QVERIFY(isNew(Atr(14), addRange, value));
    QVERIFY(isNew(Bollinger(20), addClose, upper));
    QVERIFY(isNew(Donchian(20), addHighLow, upper));
    QVERIFY(isNew(RollingVwap(20), addAll, value));
}

QTEST_GUILESS_MAIN(IndicatorsTest)
#include "indicators_test.moc"
