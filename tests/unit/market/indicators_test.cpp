// Indicators: what holds for all of them (their list is indicator_list.h), and each rule at its edges. That they equal
// TA-Lib's golden values is golden_check's to tell.
#include "base/state.h"
#include "indicator_list.h"
#include "testkit/counted_allocations.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

using namespace qd;
using namespace qd::market;
using namespace qd::indicators;
using testkit::allocations;

namespace {

bool areSameBits(const Series& a, const Series& b)
{
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        return x.has_value() == y.has_value() &&
               (!x || std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y));
    });
}

/// Saved and restored after every bar.
template <typename Indicator, typename Add, typename Read>
Series streamWithRestarts(const Indicator& fresh, const Bars& bars, Add add, Read read)
{
    Series out;
    std::string saved;
    for (const auto& bar : bars) {
        auto indicator = fresh;
        if (!out.empty()) {
            base::StateReader reader(saved);
            reader(indicator);
            if (!reader.isComplete()) {
                return {};
            }
        }
        add(indicator, bar);
        out.push_back(read(indicator));
        base::StateWriter writer;
        writer(indicator);
        saved = writer.take();
    }
    return out;
}

Series from(const Series& series, std::size_t first)
{
    return {series.begin() + static_cast<std::ptrdiff_t>(std::min(first, series.size())), series.end()};
}

/// The last value after these closes.
template <typename Indicator>
auto after(Indicator indicator, const std::vector<double>& closes)
{
    for (const double close : closes) {
        indicator.add(close);
    }
    return indicator.value();
}

bool isNear(double got, double want)
{
    return std::abs(got - want) <= 1e-9 * std::max(1.0, std::abs(want));
}

} // namespace

class IndicatorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // what holds for all of them
    void streamingEqualsTheBatchBitForBit();
    void eachBeginsAtItsBarAndNotBefore();
    void aRestartAfterEveryBarChangesNoBit();
    void aDamagedStateIsNoDanger();
    void resetMakesNew();
    void noneAllocatesOnceItIsMade();
    void windowsForgetWhatLiesBeforeThem();
    void thePastOfTheOthersFades();
    void flatMarketsGiveNumbersOrNothing();
    void pricesOfAnySizeGiveNumbersOrNothing();
    // each at its edges
    void rsiIsAHundredWithoutLossesAndZeroWithoutChanges();
    void rocOfAPriceThatWasZeroIsZero();
    void macdSeedsBothAveragesAtTheSameBar();
    void stochasticOfNoRangeIsZero();
    void aFlatWindowHasBandsOfExactlyNoWidth();
    void zScoreOfAFlatWindowIsUndefined();
    void aTinyCoinHasBandsOfItsOwnWidth();
    void equalMovesBothWaysAreNoDirection();
    void adxKeepsItsValueWhileThereIsNoDirection();
    void obvStartsAtTheFirstVolumeAndIgnoresEqualCloses();
    void theSessionBeginsAtMidnightUtc();
    void withoutVolumeThereIsNoVwap();
    void pricesThatAreNotOverZeroHaveNoVolatility();
    void aYearHas365Days();
    void historicalVolatilityOfOneReturnIsUndefined();
};

void IndicatorsTest::streamingEqualsTheBatchBitForBit()
{
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        // 0 … 60 bars: before, at and after each first value; 600: long after.
        for (const std::size_t count : {0U, 1U, 2U, 13U, 14U, 15U, 27U, 28U, 33U, 34U, 48U, 60U, 600U}) {
            const auto bars = randomBars(seed, count);
            const auto compare = [&](const char* name, int, const auto& fresh, auto add, auto read, auto definition) {
                QVERIFY2(areSameBits(stream(fresh, bars, add, read), definition(bars)), name);
            };
            forEachWindowed(compare);
            forEachRecursive(compare);
            forEachOther(compare);
        }
    }
}

void IndicatorsTest::eachBeginsAtItsBarAndNotBefore()
{
    const auto bars = randomBars(4, 120, true);
    forEachIndicator([&](const char* name, int first, const auto& fresh, auto add, auto read) {
        QVERIFY2(!read(fresh), name);
        const auto series = stream(fresh, bars, add, read);
        for (int i = 0; i < static_cast<int>(series.size()); ++i) {
            QVERIFY2(series[static_cast<std::size_t>(i)].has_value() == (i >= first), name);
        }
    });
}

void IndicatorsTest::aRestartAfterEveryBarChangesNoBit()
{
    const auto bars = randomBars(7, 300);
    forEachIndicator([&](const char* name, int, const auto& fresh, auto add, auto read) {
        QVERIFY2(areSameBits(streamWithRestarts(fresh, bars, add, read), stream(fresh, bars, add, read)), name);
    });
}

void IndicatorsTest::aDamagedStateIsNoDanger()
{
    // Cut off anywhere, or with any byte set: the reader may tell or not, but what follows stays within bounds.
    const auto bars = randomBars(8, 80);
    forEachIndicator([&](const char*, int, const auto& fresh, auto add, auto read) {
        auto indicator = fresh;
        for (const auto& bar : bars) {
            add(indicator, bar);
        }
        base::StateWriter writer;
        writer(indicator);
        const auto whole = writer.take();
        const auto goesOn = [&](const std::string& saved) {
            auto damaged = fresh;
            base::StateReader reader(saved);
            reader(damaged);
            for (const auto& bar : bars) {
                add(damaged, bar);
                (void)read(damaged);
            }
            return reader.isComplete();
        };
        QVERIFY(goesOn(whole));
        for (std::size_t i = 0; i < whole.size(); i += 1 + i / 40) {
            QVERIFY(!goesOn(whole.substr(0, i)));
            auto changed = whole;
            changed[i] = static_cast<char>(~changed[i]);
            (void)goesOn(changed);
        }
    });
}

void IndicatorsTest::resetMakesNew()
{
    const auto bars = randomBars(12, 300);
    forEachIndicator([&](const char* name, int, const auto& fresh, auto add, auto read) {
        auto used = fresh;
        for (std::size_t i = 0; i < 137; ++i) {
            add(used, bars[bars.size() - 1 - i]);
        }
        used.reset();
        QVERIFY2(!read(used), name);
        QVERIFY2(areSameBits(stream(used, bars, add, read), stream(fresh, bars, add, read)), name);
    });
}

void IndicatorsTest::noneAllocatesOnceItIsMade()
{
    const auto bars = randomBars(13, 500);
    forEachIndicator([&](const char* name, int, const auto& fresh, auto add, auto read) {
        auto indicator = fresh;
        // A copy has no room in reserve, so its own first run may still allocate; the one that was made may not.
        for (const auto& bar : bars) {
            add(indicator, bar);
        }
        const auto before = allocations;
        double sum = 0;
        for (int round = 0; round < 2; ++round) {
            for (const auto& bar : bars) {
                add(indicator, bar);
                sum += read(indicator).value_or(0);
            }
            indicator.reset();
        }
        QVERIFY(std::isfinite(sum));
        QVERIFY2(allocations == before, name);
    });
    const auto atRest = allocations;
    Donchian channel(300);
    Bollinger bands(300);
    Stochastic stochastic(300, 3, 3);
    RollingVwap vwap(300);
    RealisedVolatility realised(300, 1);
    CandlePatternFinder patterns;
    const auto made = allocations;
    QVERIFY(made > atRest);
    for (const auto& bar : bars) {
        addHighLow(channel, bar);
        addClose(bands, bar);
        addRange(stochastic, bar);
        addTraded(vwap, bar);
        addClose(realised, bar);
        addPrices(patterns, bar);
    }
    QCOMPARE(allocations, made);
    QVERIFY(channel.value() && bands.value() && stochastic.value() && vwap.value() && realised.value());
}

void IndicatorsTest::windowsForgetWhatLiesBeforeThem()
{
    // From its first bar on, a series that began at bar 200 has the very bits of the one that began at bar 0.
    const auto bars = randomBars(9, 500);
    const Bars later(bars.begin() + 200, bars.end());
    const auto compare = [&](const char* name, int first, const auto& fresh, auto add, auto read, auto...) {
        const auto all = from(stream(fresh, bars, add, read), 200 + static_cast<std::size_t>(first));
        const auto part = from(stream(fresh, later, add, read), static_cast<std::size_t>(first));
        QVERIFY2(areSameBits(all, part), name);
        QVERIFY2(all.size() > 200, name);
    };
    forEachWindowed(compare);
    forEachPattern(compare);
}

void IndicatorsTest::thePastOfTheOthersFades()
{
    const auto bars = randomBars(10, 2'000);
    const Bars later(bars.begin() + 500, bars.end());
    int remembering = 0;
    forEachRecursive([&](const char* name, int first, const auto& fresh, auto add, auto read, auto) {
        const auto all = from(stream(fresh, bars, add, read), 500);
        const auto part = stream(fresh, later, add, read);
        const auto difference = [&](std::size_t i) { return std::abs(*all[i] - *part[i]) / (1 + std::abs(*all[i])); };
        const auto at = static_cast<std::size_t>(first);
        remembering += difference(at) > 1e-6 ? 1 : 0;
        QVERIFY2(difference(at * 10 + 10) < 2e-3, name); // ten lengths, as STATISTICS.md asks
        QVERIFY2(difference(1'499) < 1e-12, name);
    });
    QVERIFY(remembering >= 10);
}

void IndicatorsTest::flatMarketsGiveNumbersOrNothing()
{
    for (const double price : {0.1, 100.0, 1e-7, 12'345'678.9}) {
        auto bars = constantBars(price, 200);
        forEachIndicator([&](const char* name, int first, const auto& fresh, auto add, auto read) {
            const auto series = stream(fresh, bars, add, read);
            for (const auto& v : series) {
                QVERIFY2(!v || std::isfinite(*v), name);
            }
            QVERIFY2(!series[static_cast<std::size_t>(std::max(first, 1) - 1)] || first == 0, name);
        });
        for (auto& bar : bars) {
            bar.volume = 0;
        }
        QVERIFY(!stream(RollingVwap(20), bars, addTraded, value).back());
        QVERIFY(!stream(SessionVwap(), bars, addTimed, value).back());
        QCOMPARE(*stream(Obv(), bars, addVolume, value).back(), 0.0);
        QCOMPARE(*stream(Atr(14), bars, addRange, value).back(), 0.0);
        QCOMPARE(*stream(Rsi(14), bars, addClose, value).back(), 0.0);
        QCOMPARE(*stream(DirectionalMovement(14), bars, addRange, adx).back(), 0.0);
        QCOMPARE(*stream(ParkinsonVolatility(20, 365), bars, addHighLow, value).back(), 0.0);
        QCOMPARE(*stream(GarmanKlassVolatility(20, 365), bars, addPrices, value).back(), 0.0);
        QCOMPARE(*stream(RealisedVolatility(20, 365), bars, addClose, value).back(), 0.0);
        QCOMPARE(*stream(HistoricalVolatility(20, 365), bars, addClose, value).back(), 0.0);
    }
}

void IndicatorsTest::pricesOfAnySizeGiveNumbersOrNothing()
{
    // From far under any coin to far over any figure (squares must fit), with crashes and spikes of ten orders of
    // magnitude.
    for (const double scale : {1e-300, 1e-12, 1.0, 1e12, 1e120}) {
        auto bars = randomBars(15, 400);
        for (std::size_t i = 0; i < bars.size(); ++i) {
            const double factor = scale * (i % 97 == 0 ? 1e10 : i % 89 == 0 ? 1e-10 : 1.0);
            auto& bar = bars[i];
            bar = {bar.start, bar.open * factor, bar.high * factor, bar.low * factor, bar.close * factor, bar.volume};
        }
        forEachIndicator([&](const char* name, int, const auto& fresh, auto add, auto read) {
            for (const auto& v : stream(fresh, bars, add, read)) {
                QVERIFY2(!v || std::isfinite(*v), name);
            }
        });
        for (const auto& v : stream(Rsi(14), bars, addClose, value)) {
            QVERIFY(!v || (*v >= 0 && *v <= 100));
        }
        for (const auto& v : stream(DirectionalMovement(14), bars, addRange, adx)) {
            QVERIFY(!v || (*v >= 0 && *v <= 100.0 + 1e-9));
        }
    }
}

void IndicatorsTest::rsiIsAHundredWithoutLossesAndZeroWithoutChanges()
{
    QCOMPARE(*after(Rsi(2), {1, 2, 3}), 100.0);
    QCOMPARE(*after(Rsi(2), {3, 2, 1}), 0.0);
    QCOMPARE(*after(Rsi(2), {5, 5, 5}), 0.0);
    QCOMPARE(*after(Rsi(2), {5, 6, 5}), 50.0);
    QVERIFY(!after(Rsi(2), {5, 6}));
    QCOMPARE(*after(Rsi(2), {5, 6, 5, 8}), 100.0 * 1.75 / 2.0); // (0.5 + 3)/2 against (0.5 + 0)/2
}

void IndicatorsTest::rocOfAPriceThatWasZeroIsZero()
{
    QCOMPARE(*after(Roc(2), {0, 7, 9}), 0.0);
    QCOMPARE(*after(Roc(2), {4, 7, 9}), 125.0);
    QCOMPARE(*after(Roc(2), {0, 4, 7, 2}), -50.0);
    QVERIFY(!after(Roc(2), {4, 7}));
}

void IndicatorsTest::macdSeedsBothAveragesAtTheSameBar()
{
    // Fast 2, slow 4: both seeded at the 4th value, from (3, 8) and (1, 2, 3, 8); signal 1 is the line itself.
    QVERIFY(!after(Macd(2, 4, 1), {1, 2, 3}));
    const auto first = after(Macd(2, 4, 1), {1, 2, 3, 8});
    QCOMPARE(first->macd, 5.5 - 3.5);
    QCOMPARE(first->signal, 2.0);
    QCOMPARE(first->histogram, 0.0);
    // With signal 2 the lines begin one bar later, the signal with the mean of two.
    QVERIFY(!after(Macd(2, 4, 2), {1, 2, 3, 8}));
    const auto second = after(Macd(2, 4, 2), {1, 2, 3, 8, 10});
    const double macd = (5.5 + 4.5 * 2 / 3) - (3.5 + 6.5 * 2 / 5);
    QVERIFY(isNear(second->macd, macd));
    QVERIFY(isNear(second->signal, (2 + macd) / 2));
    QVERIFY(isNear(second->histogram, macd - (2 + macd) / 2));
}

void IndicatorsTest::stochasticOfNoRangeIsZero()
{
    Stochastic stochastic(2, 1, 2);
    stochastic.add(5, 5, 5);
    stochastic.add(5, 5, 5);
    QVERIFY(!stochastic.value()); // %K alone is not shown
    stochastic.add(9, 5, 8);
    QCOMPARE(stochastic.value()->k, 75.0);
    QCOMPARE(stochastic.value()->d, 37.5);
    stochastic.add(9, 5, 9);
    QCOMPARE(stochastic.value()->k, 100.0);
}

void IndicatorsTest::aFlatWindowHasBandsOfExactlyNoWidth()
{
    for (const double price : {12'345.0, 0.1, 1e-7 / 3}) { // twenty times 0.1 is not 2
        Bollinger bands(20);
        bands.add(2 * price);
        for (int i = 0; i < 20; ++i) {
            QVERIFY(!bands.value() || bands.value()->deviation > 0);
            bands.add(price);
        }
        QCOMPARE(bands.value()->deviation, 0.0);
        QVERIFY(bands.value()->upper == price && bands.value()->lower == price && bands.value()->middle == price);
    }
}

void IndicatorsTest::zScoreOfAFlatWindowIsUndefined()
{
    QVERIFY(!after(ZScore(3), {0.1, 0.1, 0.1}));
    QVERIFY(isNear(*after(ZScore(3), {0.1, 0.1, 0.2}), std::sqrt(2.0)));
    QVERIFY(!after(ZScore(3), {0.2, 0.1, 0.1, 0.1}));
    QCOMPARE(*after(ZScore(2), {3, 1}), -1.0);
}

void IndicatorsTest::aTinyCoinHasBandsOfItsOwnWidth()
{
    // E[x²] − mean², cut off under 1e-14, would say that there is none.
    const auto bands = after(Bollinger(4), {0.0016, 0.00160001, 0.0016, 0.00160001});
    QVERIFY(std::abs(bands->deviation - 5e-9) < 1e-15);
}

void IndicatorsTest::equalMovesBothWaysAreNoDirection()
{
    DirectionalMovement movement(2);
    movement.add(10, 8, 9);
    movement.add(11, 7, 9); // one up, one down
    movement.add(12, 6, 9);
    QCOMPARE(movement.value()->plus, 0.0);
    QCOMPARE(movement.value()->minus, 0.0);
    movement.add(15, 5, 9); // three up, one down
    QVERIFY(movement.value()->plus > 0);
    QCOMPARE(movement.value()->minus, 0.0);
    movement.add(14, 6, 9); // inside
    const auto inside = *movement.value();
    movement.add(14, 5, 9); // one down
    QVERIFY(movement.value()->minus > 0 && movement.value()->plus < inside.plus);
}

void IndicatorsTest::adxKeepsItsValueWhileThereIsNoDirection()
{
    DirectionalMovement movement(1); // its sums are the newest values, so that DX can be undefined again
    movement.add(10, 8, 9);
    QVERIFY(!movement.value());
    movement.add(11, 8, 9);
    QCOMPARE(*movement.value()->adx, 100.0);
    movement.add(11, 8, 9);
    QCOMPARE(movement.value()->plus, 0.0);
    QCOMPARE(*movement.value()->adx, 100.0);

    DirectionalMovement undefined(2); // while ADX is being seeded an undefined DX counts 0
    for (int i = 0; i < 3; ++i) {
        undefined.add(10, 8, 9);
        QVERIFY(!undefined.value() || !undefined.value()->adx);
    }
    undefined.add(11, 8, 9); // 0 and 100
    QCOMPARE(*undefined.value()->adx, 50.0);
}

void IndicatorsTest::obvStartsAtTheFirstVolumeAndIgnoresEqualCloses()
{
    Obv obv;
    QVERIFY(!obv.value());
    obv.add(10, 3);
    QCOMPARE(*obv.value(), 3.0);
    obv.add(10, 100);
    QCOMPARE(*obv.value(), 3.0);
    obv.add(11, 4);
    QCOMPARE(*obv.value(), 7.0);
    obv.add(9, 20);
    QCOMPARE(*obv.value(), -13.0);
}

void IndicatorsTest::theSessionBeginsAtMidnightUtc()
{
    constexpr std::int64_t day = 86'400'000;
    for (const std::int64_t midnight : {20'000 * day, std::int64_t{0}, -3 * day}) {
        SessionVwap vwap;
        vwap.add({midnight - day}, 30, 30, 30, 5);
        vwap.add({midnight - 1}, 60, 60, 60, 5);
        QCOMPARE(*vwap.value(), 45.0);
        vwap.add({midnight}, 12, 9, 9, 2);
        QCOMPARE(*vwap.value(), 10.0);
        vwap.add({midnight + day - 1}, 20, 20, 20, 2);
        QCOMPARE(*vwap.value(), 15.0);
        vwap.add({midnight + day}, 7, 7, 7, 0);
        QVERIFY(!vwap.value());
        vwap.add({midnight + day + 1}, 8, 8, 8, 1);
        QCOMPARE(*vwap.value(), 8.0);
    }
}

void IndicatorsTest::withoutVolumeThereIsNoVwap()
{
    RollingVwap vwap(2);
    vwap.add(6, 3, 3, 1);
    QVERIFY(!vwap.value());
    vwap.add(9, 9, 9, 0);
    QCOMPARE(*vwap.value(), 4.0);
    vwap.add(9, 9, 9, 0);
    QVERIFY(!vwap.value());
    vwap.add(9, 9, 9, 3);
    QCOMPARE(*vwap.value(), 9.0);
}

void IndicatorsTest::pricesThatAreNotOverZeroHaveNoVolatility()
{
    for (const double bad : {0.0, -1.0}) {
        QVERIFY(!after(RealisedVolatility(2, 365), {1, 2, bad}));
        QVERIFY(!after(HistoricalVolatility(2, 365), {1, bad, 2}));
        QVERIFY(after(RealisedVolatility(2, 365), {bad, 1, 2, 3})); // the window has left it behind
        ParkinsonVolatility parkinson(1, 365);
        parkinson.add(2, bad);
        QVERIFY(!parkinson.value());
        parkinson.add(2, 1);
        QVERIFY(isNear(*parkinson.value(), std::sqrt(std::numbers::ln2 / 4 * 365)));
        GarmanKlassVolatility garmanKlass(1, 365);
        garmanKlass.add(1, 2, bad, 1);
        QVERIFY(!garmanKlass.value());
        garmanKlass.add(1, 2, 1, 1);
        QVERIFY(isNear(*garmanKlass.value(), std::sqrt(0.5 * std::numbers::ln2 * std::numbers::ln2 * 365)));
        garmanKlass.add(1, 2, 2, 4); // more body than range cannot be: never the root of less than nothing
        QCOMPARE(*garmanKlass.value(), 0.0);
    }
}

void IndicatorsTest::aYearHas365Days()
{
    QCOMPARE(barsPerYear(Timeframe::M1), 525'600.0);
    QCOMPARE(barsPerYear(Timeframe::M15), 35'040.0);
    QCOMPARE(barsPerYear(Timeframe::H4), 2'190.0);
}

void IndicatorsTest::historicalVolatilityOfOneReturnIsUndefined()
{
    QVERIFY(!after(HistoricalVolatility(1, 365), {1, 2, 3}));
    QVERIFY(isNear(*after(HistoricalVolatility(2, 100), {1, std::exp(1.0), 1}), std::sqrt(2.0) * 10));
    QVERIFY(isNear(*after(RealisedVolatility(1, 100), {1, std::exp(1.0)}), 10));
}

QTEST_GUILESS_MAIN(IndicatorsTest)
#include "indicators_test.moc"
