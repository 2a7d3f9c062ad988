// Figures of trades and of an equity, at every edge of STATISTICS.md §1–3, 5 (golden_check has the values).
#include "statistics/equity.h"
#include "statistics/normal.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"
#include "statistics/trade_statistics.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace qd::statistics;
using qd::base::Millis;
using qd::base::oneDay;
using qd::base::UtcMs;

namespace {

using Numbers = std::vector<double>;
constexpr double hole = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t day = 86'400'000;

bool near(const Measure& got, double want, double tolerance = 1e-12)
{
    return got && std::abs(*got - want) <= tolerance * std::max(1.0, std::abs(want));
}

Numbers noise(std::size_t n, std::uint64_t seed, double drift = 0.0)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(drift, 0.01);
    Numbers out;
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back(normal(random));
    }
    return out;
}

std::vector<EquitySample> samplesOf(std::initializer_list<std::pair<std::int64_t, double>> list)
{
    std::vector<EquitySample> out;
    for (const auto& [time, equity] : list) {
        out.push_back({{time}, equity});
    }
    return out;
}

} // namespace

class FiguresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noTradeHasNoFigures();
    void oneTradeHasAnExpectancyWithoutError();
    void withoutLossesTheProfitFactorSaysWhichKindOfNone();
    void theBreakEvenBandIsOpenAtItsEdges();
    void aBreakEvenTradeEndsBothStreaks();
    void damagedRowsAreLeftOutAndCounted();
    void tradeFiguresHoldTogetherOnAnyList();
    void noEdgeIsShownWhereTheIntervalHoldsZero();
    void exposureIsClippedToItsWindow();
    void overlappingPositionsAreInTheMarketOnce();
    void aSampleAtMidnightBelongsToTheNewDay();
    void theRunningDayIsNotUsed();
    void daysWithoutSamplesCarryTheLastValue();
    void aFlowUpToTheFirstSampleIsInItAlready();
    void anAbsurdTimeIsRefused();
    void aDepositIsNoReturn();
    void aDepositThatHidesRuinIsStillRuin();
    void drawdownCountsFromTheStart();
    void drawdownIsWhatASlowSearchFinds();
    void aHoleMakesEveryFigureUndefined();
    void constantGrowthHasNoSharpe();
    void returnsAndTheirEquityAgree();
    void ruinIsTotal();
    void growthBeyondAllBoundsIsUndefined();
    void clusteredTradesInflateTheNaiveFigure();
    void theProbabilityOfSkillGrowsWithTheRecord();
    void theTrackRecordIsJustLongEnough();
    void impossibleShapesHaveNoError();
    void moreTrialsDeflateMore();
    void theLoFactorIsRootTimeWithoutCorrelation();
};

void FiguresTest::noTradeHasNoFigures()
{
    const auto t = tradeStatistics({});
    QCOMPARE(t.n, std::uint64_t{0});
    QVERIFY((t.winInterval == Interval{0.0, 1.0}));
    for (const auto& measure : {t.winRate, t.profitFactor, t.averageWin, t.averageLoss, t.payoffRatio,
                                t.expectancy.value, t.expectancy.error, t.expectancyR, t.kelly}) {
        QCOMPARE(measure.error(), Undefined::NoTrades);
    }
    const auto onlyHoles = tradeStatistics(Numbers{hole, hole});
    QCOMPARE(onlyHoles.invalid, std::uint64_t{2});
    QCOMPARE(onlyHoles.winRate.error(), Undefined::NoTrades);
}

void FiguresTest::oneTradeHasAnExpectancyWithoutError()
{
    const auto win = tradeStatistics(Numbers{50.0});
    QVERIFY(near(win.winRate, 1.0) && near(win.expectancy.value, 50.0) && near(win.averageWin, 50.0));
    QCOMPARE(win.expectancy.error.error(), Undefined::TooFew);
    QCOMPARE(win.averageLoss.error(), Undefined::NoLosses);
    QCOMPARE(win.kelly.error(), Undefined::NoLosses);
    QVERIFY(win.winInterval.lower > 0.2 && win.winInterval.upper == 1.0);
    const auto loss = tradeStatistics(Numbers{-2.0});
    QVERIFY(near(loss.winRate, 0.0) && near(loss.profitFactor, 0.0) && near(loss.expectancyR, -1.0));
    QCOMPARE(loss.payoffRatio.error(), Undefined::NoWins);
    const auto two = tradeStatistics(Numbers{3.0, -1.0});
    QVERIFY(near(two.payoffRatio, 3.0) && near(two.kelly, 0.5 - 0.5 / 3.0) && near(two.expectancy.error, 2.0));
}

void FiguresTest::withoutLossesTheProfitFactorSaysWhichKindOfNone()
{
    QCOMPARE(tradeStatistics(Numbers{1.0, 0.0}).profitFactor.error(), Undefined::NoLosses);
    QCOMPARE(tradeStatistics(Numbers{0.0, -0.0}).profitFactor.error(), Undefined::Flat);
    QCOMPARE(tradeStatistics(Numbers{4.0, 4.0}).expectancy.error.value(), 0.0);
    QVERIFY(near(tradeStatistics(Numbers{-1.0, -3.0}).profitFactor, 0.0));
}

void FiguresTest::theBreakEvenBandIsOpenAtItsEdges()
{
    const auto t = tradeStatistics(Numbers{5.0, std::nextafter(5.0, 6.0), -5.0, std::nextafter(-5.0, -6.0), 0.0}, 5.0);
    QCOMPARE(t.wins, std::uint64_t{1});
    QCOMPARE(t.losses, std::uint64_t{1});
    QCOMPARE(t.breakEven, std::uint64_t{3});
    QVERIFY(near(t.winRate, 0.2)); // break-even trades stay in the denominator
    QVERIFY(near(t.kelly, 0.0));   // and not in Kelly's
}

void FiguresTest::aBreakEvenTradeEndsBothStreaks()
{
    const auto t = tradeStatistics(Numbers{1, 1, 0, 1, -1, -1, 0, -1, -1, -1});
    QCOMPARE(t.longestWinStreak, std::uint64_t{2});
    QCOMPARE(t.longestLossStreak, std::uint64_t{3});
    const auto wins = tradeStatistics(Numbers(30, 1.0));
    QCOMPARE(wins.longestWinStreak, std::uint64_t{30});
    QCOMPARE(wins.longestLossStreak, std::uint64_t{0});
}

void FiguresTest::damagedRowsAreLeftOutAndCounted()
{
    const double infinite = std::numeric_limits<double>::infinity();
    const auto t = tradeStatistics(Numbers{1.0, hole, infinite, -infinite, -1.0});
    QCOMPARE(t.n, std::uint64_t{2});
    QCOMPARE(t.invalid, std::uint64_t{3});
    QVERIFY(near(t.expectancy.value, 0.0) && near(t.profitFactor, 1.0));
}

void FiguresTest::tradeFiguresHoldTogetherOnAnyList()
{
    std::mt19937_64 random(1);
    for (int run = 0; run < 500; ++run) {
        Numbers pnl;
        for (std::uint64_t n = random() % 60; n > 0; --n) {
            pnl.push_back(static_cast<double>(random() % 21) - 10.0);
        }
        const auto t = tradeStatistics(pnl);
        QCOMPARE(t.wins + t.losses + t.breakEven, t.n);
        QVERIFY(std::abs(t.grossProfit - t.grossLoss - t.net) < 1e-9);
        QCOMPARE(t.profitFactor.has_value(), t.losses > 0);
        QCOMPARE(t.kelly.has_value(), t.wins > 0 && t.losses > 0);
        QVERIFY(t.longestWinStreak <= t.wins && t.longestLossStreak <= t.losses);
        QVERIFY(!t.winRate || (t.winInterval.lower <= *t.winRate && *t.winRate <= t.winInterval.upper));
        QVERIFY(!t.kelly || (*clampedKelly(t.kelly) >= 0.0 && *clampedKelly(t.kelly) <= 1.0));
        QVERIFY(!t.kelly || (*t.kelly > 1e-12) == (t.net > 0.0)); // an edge is an edge in both
    }
}

void FiguresTest::noEdgeIsShownWhereTheIntervalHoldsZero()
{
    QVERIFY(!showsEdge(tradeStatistics({})));
    QVERIFY(!showsEdge(tradeStatistics(Numbers{5.0})));
    QVERIFY(!showsEdge(tradeStatistics(Numbers{5.0, -4.0, 3.0, -2.0})));
    Numbers good(40, 1.0);
    good.push_back(-1.0);
    QVERIFY(showsEdge(tradeStatistics(good)));
    QCOMPARE(continuousKelly(Numbers(9, 0.01)).error(), Undefined::NoVariance);
    QCOMPARE(continuousKelly(Numbers{0.01}).error(), Undefined::TooFew);
}

void FiguresTest::exposureIsClippedToItsWindow()
{
    const std::vector<Holding> held{{{-50}, UtcMs{50}, 10.0},
                                    {{90}, std::nullopt, 20.0},
                                    {{100}, UtcMs{200}, 5.0},
                                    {{-9}, UtcMs{0}, 5.0},
                                    {{60}, UtcMs{55}, 5.0}};
    const auto e = exposure(held, {0}, {100}, 100.0);
    QVERIFY(near(e.timeInMarket, 0.6) && near(e.averageOpenPositions, 0.6));
    QVERIFY(near(e.capitalExposure, (50.0 * 10.0 + 10.0 * 20.0) / (100.0 * 100.0)));
    QCOMPARE(exposure(held, {100}, {100}, 1.0).timeInMarket.error(), Undefined::OutOfRange);
    QCOMPARE(exposure(held, {101}, {100}, 1.0).averageOpenPositions.error(), Undefined::OutOfRange);
    QCOMPARE(exposure(held, {0}, {100}, 0.0).capitalExposure.error(), Undefined::OutOfRange);
    QVERIFY(near(exposure({}, {0}, {1}, 1.0).timeInMarket, 0.0));
}

void FiguresTest::overlappingPositionsAreInTheMarketOnce()
{
    const std::vector<Holding> held{
        {{30}, UtcMs{40}, 1.0}, {{0}, UtcMs{50}, 1.0}, {{45}, UtcMs{60}, 1.0}, {{60}, UtcMs{70}, 1.0}};
    const auto e = exposure(held, {0}, {100}, 1.0);
    QVERIFY(near(e.timeInMarket, 0.7) && near(e.averageOpenPositions, 0.85));
}

void FiguresTest::aSampleAtMidnightBelongsToTheNewDay()
{
    const auto series =
        dailySeries(samplesOf({{5, 100.0}, {day - 1, 101.0}, {day, 102.0}, {2 * day, 103.0}}), {}, {3 * day});
    QCOMPARE(series->equity, (Numbers{100.0, 101.0, 102.0, 103.0}));
    QVERIFY(series->carriedDays.empty());
    const auto early = dailySeries(samplesOf({{-1, 100.0}, {0, 101.0}}), {}, {day});
    QCOMPARE(early->firstDay, std::int64_t{-1});
    QCOMPARE(early->equity, (Numbers{100.0, 100.0, 101.0}));
}

void FiguresTest::theRunningDayIsNotUsed()
{
    const auto samples = samplesOf({{0, 100.0}, {day + 5, 110.0}});
    QCOMPARE(dailySeries(samples, {}, {day - 1})->equity, (Numbers{100.0}));
    QCOMPARE(dailySeries(samples, {}, {day})->equity, (Numbers{100.0, 100.0}));
    QCOMPARE(dailySeries(samples, {}, {2 * day - 1})->equity, (Numbers{100.0, 100.0}));
    QCOMPARE(dailySeries(samples, {}, {2 * day})->equity, (Numbers{100.0, 100.0, 110.0}));
    QCOMPARE(dailySeries(samples, {}, {-9 * day})->equity, (Numbers{100.0}));
    QCOMPARE(dailySeries({}, {}, {day}).error(), Undefined::TooFew);
}

void FiguresTest::daysWithoutSamplesCarryTheLastValue()
{
    const auto series = dailySeries(samplesOf({{0, 100.0}, {3 * day, 110.0}}), {}, {5 * day});
    QCOMPARE(series->equity, (Numbers{100.0, 100.0, 100.0, 100.0, 110.0, 110.0}));
    QCOMPARE(series->carriedDays, (std::vector<std::size_t>{1, 2, 4}));
}

void FiguresTest::aFlowUpToTheFirstSampleIsInItAlready()
{
    const std::vector<Flow> flows{{{-5}, 1.0},      {{5}, 2.0},    {{6}, 4.0},
                                  {{day - 1}, 8.0}, {{day}, 16.0}, {{9 * day}, 32.0}};
    const auto series = dailySeries(samplesOf({{5, 100.0}}), flows, {2 * day});
    QCOMPARE(series->flows, (Numbers{0.0, 12.0, 16.0}));
}

void FiguresTest::anAbsurdTimeIsRefused()
{
    QCOMPARE(dailySeries(samplesOf({{0, 1.0}}), {}, {std::numeric_limits<std::int64_t>::max()}).error(),
             Undefined::OutOfRange);
}

void FiguresTest::aDepositIsNoReturn()
{
    const auto s = equityStatistics(Numbers{100.0, 150.0, 75.0}, Numbers{0.0, 50.0, 0.0});
    QVERIFY(near(s.totalReturn, -0.5) && near(s.drawdown.maximum, 0.5));
    QCOMPARE(*s.drawdown.peak, std::size_t{1});
    QCOMPARE(equityStatistics(Numbers{100.0, 150.0}, Numbers{0.0}).mean.error(), Undefined::OutOfRange);
}

void FiguresTest::aDepositThatHidesRuinIsStillRuin()
{
    const auto s = equityStatistics(Numbers{100.0, 40.0, 80.0}, Numbers{0.0, 45.0, 0.0});
    QVERIFY(*s.drawdown.isRuined);
    QCOMPARE(s.n, std::size_t{1});
    QCOMPARE(s.sharpe.error(), Undefined::Ruined);
    QVERIFY(near(s.totalReturn, -1.0));
}

void FiguresTest::drawdownCountsFromTheStart()
{
    const auto d = drawdown(Numbers{1000.0, 900.0, 950.0, 1000.0, 1000.0});
    QVERIFY(near(d.maximum, 0.1) && near(d.current, 0.0));
    QVERIFY(d.peak == 0U && d.trough == 1U && d.recovery == 3U && *d.longestUnderwater == 2U);
    const auto up = drawdown(Numbers{1.0, 1.0, 2.0});
    QVERIFY(near(up.maximum, 0.0) && !up.peak && !up.trough && !up.recovery && *up.longestUnderwater == 0U);
    QCOMPARE(drawdown({}).maximum.error(), Undefined::TooFew);
}

void FiguresTest::drawdownIsWhatASlowSearchFinds()
{
    std::mt19937_64 random(5);
    for (int run = 0; run < 300; ++run) {
        Numbers equity;
        for (std::uint64_t n = 1 + random() % 40; n > 0; --n) {
            equity.push_back(1.0 + static_cast<double>(random() % 8));
        }
        double deepest = 0.0;
        for (std::size_t i = 0; i < equity.size(); ++i) {
            for (std::size_t j = i; j < equity.size(); ++j) {
                deepest = std::max(deepest, 1.0 - equity[j] / equity[i]);
            }
        }
        const auto d = drawdown(equity);
        QCOMPARE(*d.maximum, deepest);
        QCOMPARE(d.trough.has_value(), deepest > 0.0);
        if (d.trough) {
            QCOMPARE(1.0 - equity[*d.trough] / equity[*d.peak], deepest);
            QVERIFY(*d.peak < *d.trough);
            QVERIFY(!d.recovery || (*d.recovery > *d.trough && equity[*d.recovery] >= equity[*d.peak]));
        }
    }
}

void FiguresTest::aHoleMakesEveryFigureUndefined()
{
    const auto s = equityStatistics(Numbers{100.0, hole, 101.0});
    QCOMPARE(s.n, std::size_t{2});
    for (const auto& measure : {s.mean, s.deviation, s.sharpe, s.sharpeAnnual, s.sortino, s.volatilityAnnual,
                                s.totalReturn, s.cagr, s.calmar, s.drawdown.maximum, s.drawdown.current}) {
        QCOMPARE(measure.error(), Undefined::NotFinite);
    }
    QVERIFY(!s.drawdown.isRuined && !s.drawdown.longestUnderwater);
    QCOMPARE(equityStatistics({}).mean.error(), Undefined::TooFew);
}

void FiguresTest::constantGrowthHasNoSharpe()
{
    const auto s = equityStatistics(Numbers{1.0, 2.0, 4.0, 8.0});
    QCOMPARE(s.sharpe.error(), Undefined::NoVariance);
    QCOMPARE(s.sortino.error(), Undefined::NoDownside);
    QCOMPARE(s.calmar.error(), Undefined::NoDrawdown);
    QVERIFY(near(s.volatilityAnnual, 0.0));
    QCOMPARE(equityStatistics(Numbers{1.0, 2.0}).sharpe.error(), Undefined::TooFew);
    QCOMPARE(sharpeRatio(Numbers(40, 0.1)).error(), Undefined::NoVariance); // though its rounded mean is not 0.1
    QVERIFY(near(sortinoRatio(Numbers{-0.1, 0.1}), 0.0));
    QCOMPARE(sortinoRatio(Numbers{0.1}).error(), Undefined::TooFew);
}

void FiguresTest::returnsAndTheirEquityAgree()
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto returns = noise(100, seed);
        Numbers equity{5'000.0};
        for (const double r : returns) {
            equity.push_back(equity.back() * (1.0 + r));
        }
        const auto a = returnStatistics(returns);
        const auto b = equityStatistics(equity);
        QVERIFY(near(a.sharpe, *b.sharpe, 1e-9) && near(a.calmar, *b.calmar, 1e-9));
        QVERIFY(near(a.drawdown.maximum, *b.drawdown.maximum, 1e-9));
        QVERIFY(a.drawdown.trough == b.drawdown.trough && a.drawdown.peak == b.drawdown.peak);
    }
}

void FiguresTest::ruinIsTotal()
{
    const auto s = returnStatistics(Numbers{0.1, -1.0, 0.5});
    QVERIFY(*s.drawdown.isRuined && near(s.cagr, -1.0) && near(s.drawdown.current, 1.0));
    QCOMPARE(s.n, std::size_t{2});
    QVERIFY(s.drawdown.peak == 1U && s.drawdown.trough == 2U);
    const auto atOnce = equityStatistics(Numbers{0.0, 5.0});
    QVERIFY(*atOnce.drawdown.isRuined && !atOnce.drawdown.peak && atOnce.n == 0U);
    QCOMPARE(returnsOf(Numbers{0.0, 5.0}, {}).error(), Undefined::Ruined);
}

void FiguresTest::growthBeyondAllBoundsIsUndefined()
{
    const auto s = equityStatistics(Numbers{1.0, 1e9});
    QCOMPARE(s.cagr.error(), Undefined::NotFinite);
    QCOMPARE(s.calmar.error(), Undefined::NotFinite);
    QVERIFY(near(s.totalReturn, 1e9 - 1.0));
}

void FiguresTest::clusteredTradesInflateTheNaiveFigure()
{
    std::vector<DatedReturn> clustered;
    for (std::size_t i = 0; const double r : noise(60, 4, 0.001)) {
        for (int k = 0; k < 10; ++k) { // ten copies of one bet a day
            clustered.push_back({static_cast<std::int64_t>(i), r});
        }
        ++i;
    }
    const auto c = tradeClustering(clustered, 60);
    QVERIFY(near(c.varianceRatio, 10.0, 0.02) && near(c.inflation, std::sqrt(10.0), 0.02));
    QVERIFY(near(c.effectiveTradesPerDay, 1.0, 0.02));
    QCOMPARE(tradeClustering(clustered, 59).naiveAnnual.error(), Undefined::OutOfRange);
    QCOMPARE(tradeClustering({}, 59).naiveAnnual.error(), Undefined::TooFew);
    QVERIFY(!tradeClustering(clustered, 0).naiveAnnual);
}

void FiguresTest::theProbabilityOfSkillGrowsWithTheRecord()
{
    double last = 0.0;
    for (const std::size_t n : {2, 10, 30, 100, 1'000}) {
        const auto p = probabilisticSharpe({.sharpe = 0.1, .n = n});
        QVERIFY(p && *p > last && *p < 1.0);
        last = *p;
    }
    QVERIFY(near(probabilisticSharpe({.sharpe = 0.1, .n = 50}, 0.1), 0.5));
    QCOMPARE(probabilisticSharpe({.sharpe = 0.1, .n = 1}).error(), Undefined::TooFew);
    QCOMPARE(sharpeSample(Numbers(9, 0.1)).error(), Undefined::NoVariance);
    QCOMPARE(sharpeSample(Numbers{0.1}).error(), Undefined::TooFew);
    QVERIFY(sharpeEstimate(noise(2, 1)).interval.has_value() ||
            sharpeEstimate(noise(2, 1)).error.error() == Undefined::Shape);
    QVERIFY(!annualised(sharpeEstimate({})).value);
}

void FiguresTest::theTrackRecordIsJustLongEnough()
{
    std::mt19937_64 random(13);
    std::uniform_real_distribution<double> ratio(0.02, 0.4);
    for (int i = 0; i < 200; ++i) {
        SharpeSample sample{.sharpe = ratio(random), .skewness = -0.5, .kurtosis = 6.0};
        const auto length = minimumTrackRecord(sample);
        sample.n = static_cast<std::size_t>(std::ceil(*length));
        QVERIFY(*probabilisticSharpe(sample) >= 0.95 - 1e-12);
        sample.n -= 1;
        QVERIFY(sample.n < 2 || *probabilisticSharpe(sample) < 0.95);
    }
    QCOMPARE(minimumTrackRecord({.sharpe = 0.1}, 0.1).error(), Undefined::Never);
    QCOMPARE(minimumTrackRecord({.sharpe = -0.1}).error(), Undefined::Never);
}

void FiguresTest::impossibleShapesHaveNoError()
{
    const SharpeSample sample{.sharpe = 1.0, .skewness = 3.0, .kurtosis = 3.0, .n = 50}; // 1 − 3 + ½ < 0
    QCOMPARE(mertensError(sample).error(), Undefined::Shape);
    QCOMPARE(probabilisticSharpe(sample).error(), Undefined::Shape);
    QCOMPARE(minimumTrackRecord(sample).error(), Undefined::Shape);
}

void FiguresTest::moreTrialsDeflateMore()
{
    QCOMPARE(expectedBestSharpe(0.1, 1.0), 0.0);
    QCOMPARE(expectedBestSharpe(0.1, 1.999), 0.0);
    QVERIFY(expectedBestSharpe(0.1, 2.0) > 0.0);
    double last = 1.0;
    for (const double trials : {1.0, 2.0, 3.5, 10.0, 1'000.0, 1e9}) {
        const auto p = deflatedSharpe({.sharpe = 0.15, .n = 365}, 0.05, trials);
        QVERIFY(*p < last);
        last = *p;
    }
    QCOMPARE(effectiveTrials(1.0, 50.0), 1.0);
    QCOMPARE(effectiveTrials(0.0, 50.0), 50.0);
}

void FiguresTest::theLoFactorIsRootTimeWithoutCorrelation()
{
    QVERIFY(near(loFactor({}), std::sqrt(365.0)) && near(loFactor(Numbers{0.5}, 1), 1.0));
    QVERIFY(*loFactor(Numbers{0.2}) < std::sqrt(365.0) && *loFactor(Numbers{-0.2}) > std::sqrt(365.0));
    QCOMPARE(loFactor(Numbers{-0.4, -0.2}).error(), Undefined::Shape);
    QCOMPARE(loFactor(Numbers{hole}).error(), Undefined::NotFinite);
}

QTEST_GUILESS_MAIN(FiguresTest)
#include "figures_test.moc"
