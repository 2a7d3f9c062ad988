// The mathematics of charts: scales, ticks, zoom and pan, merging and thinning, and the view that follows.
#include "ui/charts/candle_overlays.h"
#include "ui/charts/candle_view.h"
#include "ui/charts/chart_scale.h"

#include "ui/chart_fixtures.h"

#include <QDateTime>
#include <QTest>

#include <cmath>
#include <map>
#include <random>

using namespace qd;
using namespace qd::ui;
using market::Candle;
using market::Timeframe;

namespace {

constexpr double minuteMs = 60'000;
constexpr double dayMs = 86'400'000;

double ms(const QDateTime& t)
{
    return static_cast<double>(t.toMSecsSinceEpoch());
}
QDateTime utc(int y, int mo, int d, int h = 0, int mi = 0)
{
    return {{y, mo, d}, {h, mi}, QTimeZone::utc()};
}

/// The merging rule, written as plainly as can be.
std::map<double, Bar> mergedByHand(const std::vector<Candle>& candles, base::Millis length, const LinearScale& scale)
{
    std::map<double, Bar> bars;
    for (std::size_t i = 0; i < candles.size(); ++i) {
        const auto& c = candles[i];
        const auto start = static_cast<double>(c.start.value);
        const auto len = static_cast<double>(length.count());
        if (start + len <= scale.range().low || start >= scale.range().high) {
            continue;
        }
        const double column = std::floor(scale.pixel(start + len / 2));
        auto [it, isNew] =
            bars.try_emplace(column, Bar{column + 0.5, i, 0, c.start, c.open, c.high, c.low, c.close, 0, false});
        auto& bar = it->second;
        ++bar.count;
        bar.high = std::max(bar.high, c.high);
        bar.low = std::min(bar.low, c.low);
        bar.close = c.close;
        bar.volume += static_cast<double>(c.volume.value);
        bar.hasGap = bar.hasGap || c.hasGap;
    }
    return bars;
}

} // namespace

class ChartScaleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pixelAndValueAreInversesOnAnyScale();
    void aRangeWithoutWidthPutsItsValueInTheMiddle();
    void zoomKeepsThePointUnderThePointer();
    void zoomStopsAtItsLimits();
    void clampMovesAndNeverSqueezes();
    void niceStepsAreOneTwoOrFive();
    void niceTicksStandInTheRangeAndAreNotMoreThanAsked();
    void decimalsAreWhatAStepNeeds();
    void priceTicksAreRoundPricesOfTheInstrument_data();
    void priceTicksAreRoundPricesOfTheInstrument();
    void priceTicksOfANarrowRangeAreSingleTicks();
    void timeTicksGoFromSecondsToYears_data();
    void timeTicksGoFromSecondsToYears();
    void timeTicksStandOnTheWallClockOfTheZone();
    void timeTicksSurviveTheClockBeingPutForwardAndBack();
    void timeTicksNameTheDayAtMidnight();
    void candlesInViewAreThoseOfWhichAPartIsSeen();
    void candlesWiderThanAPixelAreNotMerged();
    void mergingEqualsBruteForce();
    void mergingKeepsGapsApart();
    void thinningKeepsFirstLastAndTheExtremesOfEachColumn();
    void thinningLeavesTwoPointsAColumnAlone();
    void overlaysGrownStepByStepEqualThoseComputedAtOnce();
    void overlaysAreUndefinedUntilWarm();
    void overlaysStartAnewForOtherCandles();
    void peekingChangesNothing();
    void theViewFollowsTheNewestCandleUntilPannedAway();
    void theViewNeverLeavesTheCandles();
    void theViewKeepsThePitchWhenTheWindowGrows();
    void fewCandlesStandAtTheRightEdgeInTheirUsualWidth();
};

void ChartScaleTest::pixelAndValueAreInversesOnAnyScale()
{
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> value(-1e6, 1e6);
    std::uniform_real_distribution<double> pixel(0, 4000);
    for (int i = 0; i < 2000; ++i) {
        const double low = value(random);
        const double span = std::pow(10, value(random) / 4e5) + 1e-6;
        const double a = pixel(random);
        const double b = a + (i % 2 == 0 ? 1 : -1) * (1 + pixel(random));
        const LinearScale scale({low, low + span}, a, b);
        const double v = low + span * pixel(random) / 4000;
        QVERIFY(std::abs(scale.value(scale.pixel(v)) - v) <= 1e-9 * (std::abs(v) + span));
        QVERIFY(std::abs(scale.pixel(low) - a) < 1e-6);
        QVERIFY(std::abs(scale.pixel(low + span) - b) < 1e-3);
    }
}

void ChartScaleTest::aRangeWithoutWidthPutsItsValueInTheMiddle()
{
    const LinearScale scale({100, 100}, 300, 100);
    QCOMPARE(scale.pixel(100), 200.0);
    QCOMPARE(scale.range(), (Range{99.5, 100.5}));
    const LinearScale reversed({5, 4}, 0, 10); // an impossible range is taken as its low end
    QCOMPARE(reversed.pixel(5), 5.0);
}

void ChartScaleTest::zoomKeepsThePointUnderThePointer()
{
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> share(0, 1);
    for (int i = 0; i < 500; ++i) {
        const Range range{1000 * share(random), 1000 + 1000 * share(random)};
        const double at = range.low + share(random) * range.span();
        const double factor = 0.2 + 3 * share(random);
        const auto zoomed = zoomedAbout(range, at, factor, 1e-3, 1e9);
        QVERIFY(std::abs(zoomed.span() - range.span() * factor) < 1e-6);
        const double before = LinearScale(range, 0, 800).pixel(at);
        const double after = LinearScale(zoomed, 0, 800).pixel(at);
        QVERIFY(std::abs(before - after) < 1e-6);
    }
}

void ChartScaleTest::zoomStopsAtItsLimits()
{
    QCOMPARE(zoomedAbout({0, 100}, 50, 0.01, 10, 200).span(), 10.0);
    QCOMPARE(zoomedAbout({0, 100}, 50, 0.1, 10, 200).span(), 10.0);
    QCOMPARE(zoomedAbout({0, 100}, 50, 0.11, 10, 200).span(), 11.0);
    QCOMPARE(zoomedAbout({0, 100}, 50, 2, 10, 200).span(), 200.0);
    QCOMPARE(zoomedAbout({0, 100}, 50, 9, 10, 200).span(), 200.0);
    QCOMPARE(zoomedAbout({7, 7}, 7, 2, 1, 9), (Range{7, 7}));
}

void ChartScaleTest::clampMovesAndNeverSqueezes()
{
    const Range bounds{0, 100};
    QCOMPARE(clampedInto({10, 30}, bounds), (Range{10, 30}));
    QCOMPARE(clampedInto({0, 20}, bounds), (Range{0, 20}));
    QCOMPARE(clampedInto({-5, 15}, bounds), (Range{0, 20}));
    QCOMPARE(clampedInto({90, 110}, bounds), (Range{80, 100}));
    QCOMPARE(clampedInto({-50, 150}, bounds), bounds);
    QCOMPARE(clampedInto({20, 120}, bounds), bounds);
}

void ChartScaleTest::niceStepsAreOneTwoOrFive()
{
    QCOMPARE(niceStep(100, 10), 10.0);
    QCOMPARE(niceStep(101, 10), 20.0);
    QCOMPARE(niceStep(100, 5), 20.0);
    QCOMPARE(niceStep(100, 4), 50.0);
    QCOMPARE(niceStep(6, 1), 10.0);
    QCOMPARE(niceStep(0, 5), 1.0);
    QCOMPARE(niceStep(std::nan(""), 5), 1.0);
    QVERIFY(std::abs(niceStep(0.00012, 5) - 0.00005) < 1e-12);
}

void ChartScaleTest::niceTicksStandInTheRangeAndAreNotMoreThanAsked()
{
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> value(-1000, 1000);
    for (int i = 0; i < 500; ++i) {
        const double low = value(random);
        const Range range{low, low + std::abs(value(random)) + 0.01};
        const int most = 2 + i % 9;
        const auto ticks = niceTicks(range, most);
        QVERIFY(static_cast<int>(ticks.size()) <= most + 1);
        QVERIFY(!ticks.empty() || most < 4);
        for (const double tick : ticks) {
            QVERIFY(tick >= range.low - 1e-6 && tick <= range.high + 1e-6);
        }
    }
    QCOMPARE(niceTicks({0, 10}, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
}

void ChartScaleTest::decimalsAreWhatAStepNeeds()
{
    QCOMPARE(decimalsOf(1), 0);
    QCOMPARE(decimalsOf(20), 0);
    QCOMPARE(decimalsOf(0.5), 1);
    QCOMPARE(decimalsOf(0.25), 2);
    QCOMPARE(decimalsOf(0.00002), 5);
}

void ChartScaleTest::priceTicksAreRoundPricesOfTheInstrument_data()
{
    QTest::addColumn<qlonglong>("mantissa");
    QTest::addColumn<int>("exponent");
    QTest::newRow("0.1") << 1LL << -1;
    QTest::newRow("0.5") << 5LL << -1;
    QTest::newRow("0.05") << 5LL << -2;
    QTest::newRow("0.25") << 25LL << -2;
    QTest::newRow("1e-9") << 1LL << -9;
    QTest::newRow("2") << 2LL << 0;
    QTest::newRow("3, which divides no round price") << 3LL << 0;
}

void ChartScaleTest::priceTicksAreRoundPricesOfTheInstrument()
{
    QFETCH(qlonglong, mantissa);
    QFETCH(int, exponent);
    const auto scale = *base::Scale::ofStep({mantissa, exponent});
    std::mt19937_64 random(9);
    std::uniform_int_distribution<std::int64_t> price(1, 10'000'000);
    for (int i = 0; i < 300; ++i) {
        const auto low = static_cast<double>(price(random)) + 0.3;
        const Range range{low, low + static_cast<double>(price(random) % (i + 2)) + 1.5};
        const int most = 2 + i % 8;
        const auto ticks = priceTicks(range, most, scale);
        QVERIFY(static_cast<int>(ticks.size()) <= most + 1);
        for (std::size_t k = 0; k < ticks.size(); ++k) {
            QVERIFY(range.holds(static_cast<double>(ticks[k])));
            // The distance is 1, 2 or 5 × 10^k in the currency: leading digit of step × mantissa.
            if (k > 0 && mantissa != 3) {
                auto distance = (ticks[k] - ticks[k - 1]) * mantissa;
                while (distance % 10 == 0) {
                    distance /= 10;
                }
                QVERIFY2(distance == 1 || distance == 2 || distance == 5, qPrintable(QString::number(distance)));
            }
        }
    }
}

void ChartScaleTest::priceTicksOfANarrowRangeAreSingleTicks()
{
    const auto scale = *base::Scale::ofStep({1, -1});
    QCOMPARE(priceTicks({99.5, 102.5}, 8, scale), (std::vector<std::int64_t>{100, 101, 102}));
    QCOMPARE(priceTicks({100, 102}, 8, scale), (std::vector<std::int64_t>{100, 101, 102}));
    QCOMPARE(priceTicks({100.2, 100.7}, 8, scale), (std::vector<std::int64_t>{}));
}

void ChartScaleTest::timeTicksGoFromSecondsToYears_data()
{
    QTest::addColumn<double>("span");
    QTest::addColumn<double>("step"); // smallest distance in ms
    QTest::addColumn<QString>("text");
    QTest::newRow("10 s") << 10e3 << 2e3 << QStringLiteral("10:00:02");
    QTest::newRow("5 min") << 5 * minuteMs << minuteMs << QStringLiteral("10:01");
    QTest::newRow("1 h") << 60 * minuteMs << 15 * minuteMs << QStringLiteral("10:15");
    QTest::newRow("10 h") << 600 * minuteMs << 120 * minuteMs << QStringLiteral("12:00");
    QTest::newRow("1 d") << dayMs << 360 * minuteMs << QStringLiteral("12:00");
    QTest::newRow("5 d") << 5 * dayMs << dayMs << QStringLiteral("22 Jun");
    QTest::newRow("8 d") << 8 * dayMs << 2 * dayMs << QStringLiteral("23 Jun");
    QTest::newRow("40 d") << 40 * dayMs << 14 * dayMs << QStringLiteral("23 Jun");
    QTest::newRow("1 y") << 365 * dayMs << 89 * dayMs << QStringLiteral("Jul 2025");
    QTest::newRow("6 y") << 6 * 365.0 * dayMs << 730 * dayMs << QStringLiteral("2026");
    QTest::newRow("900 y") << 900 * 365.0 * dayMs << 73'000 * dayMs << QStringLiteral("2200");
}

void ChartScaleTest::timeTicksGoFromSecondsToYears()
{
    QFETCH(double, span);
    QFETCH(double, step);
    QFETCH(QString, text);
    const double from = ms(utc(2025, 6, 21, 10));
    const auto ticks = timeTicks({from + 1, from + span}, 5, QTimeZone::utc());
    QVERIFY(!ticks.empty());
    QVERIFY(ticks.size() <= 7);
    QCOMPARE(ticks.front().text, text);
    for (std::size_t i = 1; i < ticks.size(); ++i) {
        QVERIFY(static_cast<double>((ticks[i].time - ticks[i - 1].time).count()) >= step);
    }
    QCOMPARE(timeTicks({5, 5}, 5, QTimeZone::utc()).size(), 0U);
}

void ChartScaleTest::timeTicksStandOnTheWallClockOfTheZone()
{
    const QTimeZone kolkata("Asia/Kolkata"); // +05:30
    if (!kolkata.isValid()) {
        QSKIP("no time zone data on this machine");
    }
    const double from = ms(utc(2025, 6, 21, 10));
    for (const auto& tick : timeTicks({from, from + 6 * 60 * minuteMs}, 6, kolkata)) {
        QCOMPARE(QDateTime::fromMSecsSinceEpoch(tick.time.value, kolkata).time().minute(), 0);
    }
}

void ChartScaleTest::timeTicksSurviveTheClockBeingPutForwardAndBack()
{
    const QTimeZone berlin("Europe/Berlin");
    if (!berlin.isValid()) {
        QSKIP("no time zone data on this machine");
    }
    // 30 March 2025: 02:00 does not exist. 26 October 2025: 02:00–03:00 comes twice.
    for (const auto& day : {utc(2025, 3, 29, 22), utc(2025, 10, 25, 21)}) {
        const auto ticks = timeTicks({ms(day), ms(day) + 9 * 60 * minuteMs}, 9, berlin);
        QVERIFY(ticks.size() >= 8);
        for (std::size_t i = 1; i < ticks.size(); ++i) {
            QVERIFY(ticks[i - 1].time < ticks[i].time);
            QVERIFY(ticks[i].text != ticks[i - 1].text);
        }
    }
}

void ChartScaleTest::timeTicksNameTheDayAtMidnight()
{
    const double from = ms(utc(2025, 6, 21, 22));
    const auto ticks = timeTicks({from, from + 4 * 60 * minuteMs}, 4, QTimeZone::utc());
    const std::vector<QString> expected{QStringLiteral("22:00"), QStringLiteral("23:00"), QStringLiteral("22 Jun"),
                                        QStringLiteral("01:00"), QStringLiteral("02:00")};
    QCOMPARE(ticks.size(), expected.size());
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        QCOMPARE(ticks[i].text, expected[i]);
        QCOMPARE(ticks[i].isDay, i == 2);
    }
}

void ChartScaleTest::candlesInViewAreThoseOfWhichAPartIsSeen()
{
    const auto candles = test::walk(10, Timeframe::M1);
    const auto length = market::length(Timeframe::M1);
    const auto start = static_cast<double>(candles[3].start.value);
    using Pair = std::pair<std::size_t, std::size_t>;
    QCOMPARE(candlesIn(candles, length, {start, start + minuteMs}), (Pair{3, 4}));
    QCOMPARE(candlesIn(candles, length, {start - 1, start + minuteMs}), (Pair{2, 4}));
    QCOMPARE(candlesIn(candles, length, {start, start + minuteMs + 1}), (Pair{3, 5}));
    QCOMPARE(candlesIn(candles, length, {0, 1}), (Pair{0, 0}));
    QCOMPARE(candlesIn(candles, length, {1e15, 2e15}), (Pair{10, 10}));
    QCOMPARE(candlesIn({}, length, {0, 1}), (Pair{0, 0}));
}

void ChartScaleTest::candlesWiderThanAPixelAreNotMerged()
{
    const auto candles = test::walk(100, Timeframe::M1);
    const auto low = static_cast<double>(candles.front().start.value);
    const Range range{low, low + 100 * minuteMs};
    QCOMPARE(barsOf(candles, market::length(Timeframe::M1), LinearScale(range, 0, 101)).size(), 100U);
    QCOMPARE(barsOf(candles, market::length(Timeframe::M1), LinearScale(range, 0, 100)).size(), 100U); // exactly one
    QCOMPARE(barsOf(candles, market::length(Timeframe::M1), LinearScale(range, 0, 50)).size(), 50U);
    QCOMPARE(barsOf({}, market::length(Timeframe::M1), LinearScale(range, 0, 50)).size(), 0U);
}

void ChartScaleTest::mergingEqualsBruteForce()
{
    const auto length = market::length(Timeframe::M5);
    std::mt19937_64 random(21);
    for (int round = 0; round < 40; ++round) {
        auto candles = test::walk(3000, Timeframe::M5, 31'000, static_cast<unsigned>(round));
        std::erase_if(candles, [&](const Candle&) { return random() % 10 == 0; }); // holes in time
        for (auto& candle : candles) {
            candle.hasGap = random() % 50 == 0;
        }
        const auto first = static_cast<double>(candles.front().start.value);
        const Range view{first + static_cast<double>(random() % 100'000'000),
                         first + 5e8 + static_cast<double>(random() % 300'000'000)};
        const LinearScale scale(view, 10, 10 + 200 + static_cast<double>(random() % 900));
        const auto bars = barsOf(candles, length, scale);
        const auto byHand = mergedByHand(candles, length, scale);
        QCOMPARE(bars.size(), byHand.size());
        std::size_t i = 0;
        for (const auto& [column, expected] : byHand) {
            const auto& bar = bars[i++];
            QCOMPARE(bar.first, expected.first);
            QCOMPARE(bar.count, expected.count);
            QVERIFY(bar.open == expected.open && bar.high == expected.high && bar.low == expected.low);
            QVERIFY(bar.close == expected.close && bar.hasGap == expected.hasGap && bar.start == expected.start);
            QCOMPARE(bar.volume, expected.volume);
            if (static_cast<double>(length.count()) * scale.pixelsPerUnit() < 1) {
                QCOMPARE(bar.x, expected.x);
            }
        }
    }
}

void ChartScaleTest::mergingKeepsGapsApart()
{
    auto candles = test::walk(1000, Timeframe::M1);
    const auto low = static_cast<double>(candles.front().start.value);
    candles.erase(candles.begin() + 400, candles.begin() + 600);
    const LinearScale scale({low, low + 1000 * minuteMs}, 0, 100);
    for (const auto& bar : barsOf(candles, market::length(Timeframe::M1), scale)) {
        QVERIFY2(bar.x < 41 || bar.x > 59, "a bar stands where nothing was traded");
    }
}

void ChartScaleTest::thinningKeepsFirstLastAndTheExtremesOfEachColumn()
{
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> value(0, 1);
    for (int round = 0; round < 50; ++round) {
        std::vector<LinePoint> points;
        for (double x = 0; x < 100; x += value(random) * 0.2) {
            points.push_back({x, std::floor(value(random) * 50)});
        }
        const auto few = thinned(points, 1);
        QVERIFY(few.size() <= 2 * 100 + 2);
        QCOMPARE(few.front(), points.front());
        QCOMPARE(few.back(), points.back());
        QVERIFY(std::ranges::is_sorted(few, {}, &LinePoint::x));
        std::map<int, std::pair<double, double>> all;
        std::map<int, std::pair<double, double>> kept;
        const auto gather = [](auto& into, const auto& from) {
            for (const auto& p : from) {
                const auto [it, isNew] = into.try_emplace(static_cast<int>(p.x), p.y, p.y);
                it->second = {std::min(it->second.first, p.y), std::max(it->second.second, p.y)};
            }
        };
        gather(all, points);
        gather(kept, few);
        QCOMPARE(kept, all);
    }
}

void ChartScaleTest::thinningLeavesTwoPointsAColumnAlone()
{
    const std::vector<LinePoint> points{{0.1, 5}, {0.9, 5}, {1.2, 3}, {1.4, 9}, {7, 1}};
    QCOMPARE(thinned(points, 1), points);
    QCOMPARE(thinned({}, 1), std::vector<LinePoint>{});
    const std::vector<LinePoint> one{{3, 4}};
    QCOMPARE(thinned(one, 1), one);
    const std::vector<LinePoint> same{{0.1, 2}, {0.1, 2}};
    QCOMPARE(thinned(same, 1), same);
}

void ChartScaleTest::overlaysGrownStepByStepEqualThoseComputedAtOnce()
{
    const auto candles = test::walk(400, Timeframe::M5);
    CandleOverlays grown;
    for (std::size_t n = 0; n <= candles.size(); n += 1 + n % 3) {
        grown.follow(std::span(candles).first(n));
    }
    grown.follow(candles);
    CandleOverlays atOnce;
    atOnce.follow(candles);
    QCOMPARE(grown.points().size(), candles.size());
    for (std::size_t i = 60; i < candles.size(); ++i) {
        QCOMPARE(grown.points()[i].ema, atOnce.points()[i].ema);
        QCOMPARE(grown.points()[i].upper, atOnce.points()[i].upper);
        QCOMPARE(grown.points()[i].vwap, atOnce.points()[i].vwap);
    }
}

void ChartScaleTest::overlaysAreUndefinedUntilWarm()
{
    const auto candles = test::walk(70, Timeframe::M5);
    CandleOverlays overlays;
    overlays.follow(candles);
    const auto points = overlays.points();
    QVERIFY(std::isnan(points[emaLength - 2].ema) && !std::isnan(points[emaLength - 1].ema));
    QVERIFY(std::isnan(points[bandLength - 2].middle) && !std::isnan(points[bandLength - 1].middle));
    QVERIFY(std::isnan(points[vwapLength - 2].vwap) && !std::isnan(points[vwapLength - 1].vwap));
    double sum = 0;
    for (std::size_t i = 0; i < bandLength; ++i) {
        sum += static_cast<double>(candles[i].close.value);
    }
    QVERIFY(std::abs(points[bandLength - 1].middle - sum / bandLength) < 1e-6);
}

void ChartScaleTest::overlaysStartAnewForOtherCandles()
{
    const auto first = test::walk(100, Timeframe::M5, 31'000, 1);
    const auto second = test::walk(120, Timeframe::M5, 900, 2);
    CandleOverlays overlays;
    overlays.follow(first);
    overlays.follow(second);
    CandleOverlays fresh;
    fresh.follow(second);
    QCOMPARE(overlays.points().back().ema, fresh.points().back().ema);
    overlays.follow({});
    QVERIFY(overlays.points().empty());
    overlays.follow(second);
    QCOMPARE(overlays.points().size(), second.size());
}

void ChartScaleTest::peekingChangesNothing()
{
    const auto candles = test::walk(101, Timeframe::M5);
    CandleOverlays overlays;
    overlays.follow(std::span(candles).first(100));
    const auto peeked = overlays.peek(candles[100]);
    QCOMPARE(overlays.peek(candles[100]).ema, peeked.ema);
    overlays.follow(candles);
    QCOMPARE(overlays.points().back().ema, peeked.ema);
    QCOMPARE(overlays.points().back().vwap, peeked.vwap);
}

void ChartScaleTest::theViewFollowsTheNewestCandleUntilPannedAway()
{
    CandleView view;
    view.setWidth(700);
    view.setData({0, 1000 * minuteMs}, base::Millis{60'000});
    view.reset();
    QCOMPARE(view.range().span(), 100 * minuteMs);
    QVERIFY(view.isFollowing());
    const double ahead = view.range().high - 1000 * minuteMs;
    QVERIFY(ahead > 0);
    view.setData({0, 1001 * minuteMs}, base::Millis{60'000});
    QCOMPARE(view.range().high, 1001 * minuteMs + ahead);

    view.pan(-20 * minuteMs);
    QVERIFY(!view.isFollowing());
    const auto left = view.range();
    view.setData({0, 1002 * minuteMs}, base::Millis{60'000});
    QCOMPARE(view.range(), left);
    view.pan(1e9);
    QVERIFY(view.isFollowing());
    view.toOldest();
    QVERIFY(!view.isFollowing());
    view.toNewest();
    QVERIFY(view.isFollowing());
    QVERIFY(view.range().holds(1002 * minuteMs));
}

void ChartScaleTest::theViewNeverLeavesTheCandles()
{
    CandleView view;
    view.setWidth(700);
    view.setData({0, 1000 * minuteMs}, base::Millis{60'000});
    view.reset();
    std::mt19937_64 random(31);
    std::uniform_real_distribution<double> share(-1, 1);
    for (int i = 0; i < 2000; ++i) {
        const auto range = view.range();
        if (i % 3 == 0) {
            view.zoom(range.low + std::abs(share(random)) * range.span(), std::pow(2, share(random)));
        } else {
            view.pan(share(random) * 3 * range.span());
        }
        const auto now = view.range();
        QVERIFY(now.span() >= CandleView::fewestCandles * minuteMs - 1e-6);
        QVERIFY(now.low >= -minuteMs - 1e-6);
        QVERIFY(now.high <= 1000 * minuteMs + std::max(2 * minuteMs, 0.02 * now.span()) + 1e-6);
    }
}

void ChartScaleTest::theViewKeepsThePitchWhenTheWindowGrows()
{
    CandleView view;
    view.setWidth(700);
    view.setData({0, 1000 * minuteMs}, base::Millis{60'000});
    view.reset();
    view.setWidth(1400);
    QCOMPARE(view.range().span(), 200 * minuteMs);
    QVERIFY(view.isFollowing());
    view.setWidth(0);
    QCOMPARE(view.range().span(), 200 * minuteMs);
}

void ChartScaleTest::fewCandlesStandAtTheRightEdgeInTheirUsualWidth()
{
    CandleView view;
    view.setWidth(700);
    view.setData({0, 3 * minuteMs}, base::Millis{60'000});
    view.reset();
    QCOMPARE(view.range().span(), 100 * minuteMs);
    QVERIFY(view.range().low < 0);
    QVERIFY(view.range().high > 3 * minuteMs && view.range().high < 8 * minuteMs);
}

QTEST_GUILESS_MAIN(ChartScaleTest)
#include "chart_scale_test.moc"
