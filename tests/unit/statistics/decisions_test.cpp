// Comparisons, tests that may be looked at, and execution figures, at the edges of STATISTICS.md §7–9, 16 (golden_check
// has the values).
#include "statistics/ab_test.h"
#include "statistics/bounded_sequence.h"
#include "statistics/execution_statistics.h"
#include "statistics/sequential.h"
#include "statistics/sharpe_comparison.h"
#include "statistics/summary.h"

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

bool near(const Measure& got, double want, double tolerance = 1e-12)
{
    return got && std::abs(*got - want) <= tolerance * std::max(1.0, std::abs(want));
}

Numbers noise(std::size_t n, std::uint64_t seed, double drift = 0.0)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(drift, 1.0);
    Numbers out;
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back(normal(random));
    }
    return out;
}

std::vector<Fill> fillsOf(std::size_t n, double bps)
{
    return std::vector<Fill>(n, Fill{1, 100.0, 100.0 * (1.0 + bps / 1e4), 1.0});
}

} // namespace

class DecisionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comparisonsNeedThirtyObservationsAndVariance();
    void comparisonsAreAntisymmetric();
    void anArmAgainstItselfDoesNotDiffer();
    void theBootstrapFindsADifferenceThatIsThere();
    void aSequenceOfOneObservationIsTheWholeLine();
    void theSequenceExcludesTheNullExactlyWherePIsUnderAlpha();
    void peekingAtTheSequenceSeldomAlarms();
    void theTwoBoundariesAreClose();
    void twoArmsNeedTwoObservationsEach();
    void theGateOpensAtItsLimits();
    void anUndefinedSplitTestIsLeftOut();
    void equivalenceIsStrictlyWithinTheMargin();
    void boundedSequencesCoverTheMean();
    void outcomesBeyondTheBoundsAreClippedAndCounted();
    void welchRefusesWhatHasNoVariance();
    void welchIsSymmetric();
    void aRatioTestNeedsFiveExpected();
    void aPeriodWithoutEventsChangesNothing();
    void theSequentialRatioFindsASkewedSplitAndSparesAFairOne();
    void slippageIsACostOnBothSides();
    void aFillWithoutDecisionPriceIsCountedAndNotUsed();
    void theStatusChangesAtTenAndThirtyFillsAndAfterThirtyDays();
    void theFadingMeanFollowsTheNewest();
    void shrinkageLiesBetweenThePriorAndTheMean();
    void openAndRejectedOrdersAreNotEligible();
    void openPositionsAreCountedApart();
};

void DecisionsTest::comparisonsNeedThirtyObservationsAndVariance()
{
    const auto x = noise(30, 1);
    const auto y = noise(30, 2);
    QVERIFY(memmelTest(x, y) && ledoitWolfTest(x, y) && ledoitWolfHacTest(x, y) && unpairedTest(x, y));
    const auto shortX = std::span(x).first(29);
    const auto shortY = std::span(y).first(29);
    QCOMPARE(memmelTest(shortX, shortY).error(), Undefined::TooFew);
    QCOMPARE(ledoitWolfTest(shortX, shortY).error(), Undefined::TooFew);
    QCOMPARE(ledoitWolfHacTest(shortX, shortY).error(), Undefined::TooFew);
    QCOMPARE(unpairedTest(x, shortY).error(), Undefined::TooFew);
    QCOMPARE(memmelTest(x, shortY).error(), Undefined::OutOfRange);
    const Numbers flat(30, 0.1);
    QCOMPARE(memmelTest(x, flat).error(), Undefined::NoVariance);
    QCOMPARE(ledoitWolfTest(flat, y).error(), Undefined::NoVariance);
    QCOMPARE(unpairedTest(flat, y).error(), Undefined::NoVariance);
    auto damaged = x;
    damaged[3] = hole;
    QCOMPARE(ledoitWolfHacTest(damaged, y).error(), Undefined::NotFinite);
    CircularResampler resampler(30, 5, 1);
    QCOMPARE(ledoitWolfBootstrap(flat, y, resamplesOf(resampler, 9)).error(), Undefined::NoVariance);
    QCOMPARE(ledoitWolfBootstrap(x, y, resamplesOf(resampler, 9), 0).error(), Undefined::OutOfRange);
    QCOMPARE(ledoitWolfBootstrap(x, y, resamplesOf(resampler, 9), 31).error(), Undefined::OutOfRange);
    CircularResampler wrong(31, 5, 1);
    QCOMPARE(ledoitWolfBootstrap(x, y, resamplesOf(wrong, 9)).error(), Undefined::OutOfRange);
    QCOMPARE(ledoitWolfBootstrap(x, y, resamplesOf(resampler, 0))->p.error(), Undefined::TooFew);
}

void DecisionsTest::comparisonsAreAntisymmetric()
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto x = noise(80, seed, 0.1);
        const auto y = noise(80, seed + 100);
        const auto a = ledoitWolfHacTest(x, y);
        const auto b = ledoitWolfHacTest(y, x);
        QVERIFY(near(a->z, -*b->z, 1e-9) && near(a->p, *b->p, 1e-9) && near(a->error, *b->error, 1e-9));
        QVERIFY(near(memmelTest(x, y)->z, -*memmelTest(y, x)->z, 1e-9));
        QVERIFY(*a->p >= 0.0 && *a->p <= 1.0 && *a->error > 0.0);
    }
}

void DecisionsTest::anArmAgainstItselfDoesNotDiffer()
{
    const auto x = noise(60, 4);
    const auto test = ledoitWolfTest(x, x);
    QCOMPARE(test->difference, 0.0);
    QVERIFY(!test->z || near(test->p, 1.0)); // an error of 0, or of rounding
    QVERIFY(memmelTest(x, x).has_value());
}

void DecisionsTest::theBootstrapFindsADifferenceThatIsThere()
{
    const auto x = noise(120, 7, 0.8);
    const auto y = noise(120, 8, 0.0);
    CircularResampler resampler(120, defaultBlock, 3);
    QVERIFY(*ledoitWolfBootstrap(x, y, resamplesOf(resampler, 499))->p < 0.02);
    CircularResampler again(120, defaultBlock, 3);
    const auto none = noise(120, 9, 0.0);
    QVERIFY(*ledoitWolfBootstrap(none, y, resamplesOf(again, 499))->p > 0.02);
}

void DecisionsTest::aSequenceOfOneObservationIsTheWholeLine()
{
    const SequenceOptions options;
    QVERIFY(!confidenceSequence(Numbers{}, options).mean);
    const auto one = confidenceSequence(Numbers{1.0}, options);
    QVERIFY(near(one.mean, 1.0));
    QCOMPARE(one.interval.error(), Undefined::TooFew);
    QVERIFY(!one.p && !one.logEvidence);
    QVERIFY(confidenceSequence(Numbers{1.0, 2.0}, options).interval.has_value());
    QCOMPARE(confidenceSequence(Numbers{1.0, 1.0, 1.0}, options).interval.error(), Undefined::NoVariance);
    QCOMPARE(confidenceSequence(Numbers{1.0, hole, 2.0}, options).interval.error(), Undefined::NotFinite);
}

void DecisionsTest::theSequenceExcludesTheNullExactlyWherePIsUnderAlpha()
{
    std::mt19937_64 random(3);
    for (int i = 0; i < 500; ++i) {
        const auto values = noise(2 + random() % 200, random(), 0.3);
        const SequenceOptions options{.alpha = 0.05, .tightestAt = 50, .null = 0.1};
        const auto s = confidenceSequence(values, options);
        const bool isExcluded = s.interval->lower > options.null || s.interval->upper < options.null;
        QCOMPARE(isExcluded, *s.p < options.alpha);
    }
}

void DecisionsTest::peekingAtTheSequenceSeldomAlarms()
{
    const SequenceOptions options{.alpha = 0.05, .tightestAt = 200};
    int alarms = 0;
    for (std::uint64_t run = 0; run < 200; ++run) {
        const auto values = noise(400, run);
        bool isAlarm = false;
        for (std::size_t n = 30; n <= values.size() && !isAlarm; n += 10) {
            isAlarm = *confidenceSequence(std::span(values).first(n), options).p < options.alpha;
        }
        alarms += isAlarm ? 1 : 0;
    }
    QVERIFY2(alarms <= 20, qPrintable(QString::number(alarms))); // nominal: at most 10 of 200
}

void DecisionsTest::theTwoBoundariesAreClose()
{
    for (const double alpha : {0.001, 0.01, 0.05, 0.1}) {
        const double a = mixtureVariance(alpha, 100.0);
        const double b = mixtureVarianceExact(alpha, 100.0);
        QVERIFY(a > 0.0 && b > 0.0 && std::abs(a / b - 1.0) < 0.06);
        // the exact one is tightest where it says
        const double at = sequenceMargin(100.0, b, alpha);
        QVERIFY(at <= sequenceMargin(100.0, b * 1.05, alpha) && at <= sequenceMargin(100.0, b * 0.95, alpha));
    }
}

void DecisionsTest::twoArmsNeedTwoObservationsEach()
{
    const ArmMoments one{1, 0.5, 0.0};
    const ArmMoments two{2, 0.1, 0.3};
    QCOMPARE(twoArmSequence(one, two, {}).interval.error(), Undefined::TooFew);
    QVERIFY(twoArmSequence(two, two, {}).interval.has_value());
    QCOMPARE(mixtureTest(one, two, 0.1, {}).p.error(), Undefined::TooFew);
    QCOMPARE(mixtureTest(two, two, 0.0, {}).p.error(), Undefined::OutOfRange);
    const ArmMoments flat{20, 0.1, 0.0};
    QCOMPARE(mixtureTest(flat, flat, 0.1, {}).p.error(), Undefined::NoVariance);
    QCOMPARE(twoArmSequence(flat, flat, {}).interval.error(), Undefined::NoVariance);
}

void DecisionsTest::theGateOpensAtItsLimits()
{
    const GateLimits limits;
    const Interval good{0.1, 0.2};
    const auto with = [&](ArmCounts a) { return decide(a, {100, 50, 50}, good, 0.5, limits); };
    QCOMPARE(with({29, 15, 14}), Verdict::Collecting);
    QCOMPARE(with({30, 20, 10}), Verdict::ABetter);
    QCOMPARE(with({30, 21, 9}), Verdict::Collecting);
    QCOMPARE(with({30, 9, 21}), Verdict::Collecting);
    QCOMPARE(decide({30, 15, 15}, {29, 15, 14}, good, 0.5, limits), Verdict::Collecting);
    QCOMPARE(decide({30, 15, 15}, {30, 15, 15}, std::unexpected(Undefined::TooFew), 0.5, limits), Verdict::Collecting);
    QCOMPARE(decide({0, 0, 0}, {0, 0, 0}, good, 0.000999, limits), Verdict::InvalidSrm);
    QCOMPARE(decide({30, 15, 15}, {30, 15, 15}, Interval{-0.2, -0.1}, 0.5, limits), Verdict::BBetter);
    QCOMPARE(decide({30, 15, 15}, {30, 15, 15}, Interval{-0.2, 0.0}, 0.5, limits), Verdict::Undecided);
}

void DecisionsTest::anUndefinedSplitTestIsLeftOut()
{
    QCOMPARE(decide({30, 15, 15}, {30, 15, 15}, Interval{0.1, 0.2}, std::unexpected(Undefined::TooFew), {}),
             Verdict::ABetter);
    QCOMPARE(decide({30, 15, 15}, {30, 15, 15}, Interval{0.1, 0.2}, 0.001, {}), Verdict::ABetter);
}

void DecisionsTest::equivalenceIsStrictlyWithinTheMargin()
{
    const auto with = [](double lower, double upper) {
        return decide({30, 15, 15}, {30, 15, 15}, Interval{lower, upper}, 0.5, {.margin = 0.01});
    };
    QCOMPARE(with(-0.009, 0.009), Verdict::Equivalent);
    QCOMPARE(with(-0.01, 0.009), Verdict::Undecided);
    QCOMPARE(with(-0.009, 0.01), Verdict::Undecided);
    QCOMPARE(with(0.0, 0.0), Verdict::Equivalent);
    for (int i = 0; i <= static_cast<int>(Verdict::Undecided); ++i) {
        QVERIFY(!name(static_cast<Verdict>(i)).empty());
    }
}

void DecisionsTest::boundedSequencesCoverTheMean()
{
    int missed = 0;
    for (std::uint64_t run = 0; run < 100; ++run) {
        PluginBernstein plugin({-1.0, 3.0}, 0.05);
        StitchedBernstein stitched({-1.0, 3.0}, 0.05);
        std::mt19937_64 random(run);
        bool isMissed = false;
        for (int n = 0; n < 400; ++n) {
            const double outcome = random() % 4 == 0 ? 3.0 : -1.0; // mean 0
            plugin.add(outcome);
            stitched.add(outcome);
            for (const auto& state : {plugin.state(), stitched.state()}) {
                QVERIFY(state.interval.lower >= -1.0 && state.interval.upper <= 3.0);
                QVERIFY(state.running.lower >= state.interval.lower && state.running.upper <= state.interval.upper);
                isMissed |= state.interval.lower > 0.0 || state.interval.upper < 0.0;
            }
        }
        missed += isMissed ? 1 : 0;
    }
    QVERIFY2(missed <= 15, qPrintable(QString::number(missed)));
    const auto nothing = PluginBernstein({-1.0, 3.0}, 0.05).state();
    QVERIFY((nothing.interval == Interval{-1.0, 3.0}) && nothing.center == 1.0);
}

void DecisionsTest::outcomesBeyondTheBoundsAreClippedAndCounted()
{
    PluginBernstein clipped({0.0, 1.0}, 0.05);
    PluginBernstein plain({0.0, 1.0}, 0.05);
    for (const double outcome : {7.0, -3.0, 0.5, 1.0, 0.0}) {
        clipped.add(outcome);
        plain.add(std::clamp(outcome, 0.0, 1.0));
    }
    QCOMPARE(clipped.clipped(), std::uint64_t{2});
    QCOMPARE(plain.clipped(), std::uint64_t{0});
    QVERIFY(clipped.state().interval == plain.state().interval);
    clipped.add(hole);
    QCOMPARE(clipped.clipped(), std::uint64_t{3});
    QVERIFY(std::isfinite(clipped.state().center));
}

void DecisionsTest::welchRefusesWhatHasNoVariance()
{
    QCOMPARE(welchTest({1, 0.5, 0.0}, {9, 0.5, 1.0}).p.error(), Undefined::TooFew);
    QCOMPARE(welchTest({9, 0.5, 0.0}, {9, 0.1, 0.0}).p.error(), Undefined::NoVariance);
    const auto one = welchTest({9, 0.5, 0.0}, {9, 0.1, 1.0}); // one arm's variance is enough
    QVERIFY(near(one.df, 8.0) && near(one.error, 1.0 / 3.0));
    QVERIFY(near(welchTest({2, 1.0, 1.0}, {2, 1.0, 1.0}).p, 1.0));
}

void DecisionsTest::welchIsSymmetric()
{
    const ArmMoments a{12, 0.4, 2.0};
    const ArmMoments b{30, 0.1, 0.5};
    const auto ab = welchTest(a, b);
    const auto ba = welchTest(b, a);
    QVERIFY(near(ab.p, *ba.p) && near(ab.df, *ba.df) && near(ab.t, -*ba.t));
    QCOMPARE(ab.interval->lower, -ba.interval->upper);
    QVERIFY((*ab.p < 0.05) == (ab.interval->lower > 0.0 || ab.interval->upper < 0.0));
}

void DecisionsTest::aRatioTestNeedsFiveExpected()
{
    QVERIFY(ratioTest(Numbers{10, 0}, Numbers{1, 1}).p.has_value()); // 5 expected each
    const auto few = ratioTest(Numbers{9, 0}, Numbers{1, 1});
    QCOMPARE(few.p.error(), Undefined::TooFew);
    QVERIFY(!few.isAlarm);
    QCOMPARE(ratioTest(Numbers{9}, Numbers{1}).p.error(), Undefined::OutOfRange);
    QCOMPARE(ratioTest(Numbers{9, 9}, Numbers{1}).p.error(), Undefined::OutOfRange);
    QVERIFY(near(ratioTest(Numbers{50, 50}, Numbers{2, 2}).p, 1.0));
    QVERIFY(ratioTest(Numbers{600, 400}, Numbers{1, 1}).isAlarm);
}

void DecisionsTest::aPeriodWithoutEventsChangesNothing()
{
    SequentialRatioTest test(Numbers{1.0, 1.0});
    test.add(Numbers{60, 40});
    const double before = test.logBayesFactor();
    test.add(Numbers{0, 0});
    test.add(Numbers{});
    QCOMPARE(test.logBayesFactor(), before);
}

void DecisionsTest::theSequentialRatioFindsASkewedSplitAndSparesAFairOne()
{
    SequentialRatioTest fair(Numbers{3.0, 1.0});
    SequentialRatioTest skewed(Numbers{3.0, 1.0});
    double last = 1.0;
    for (int period = 0; period < 200; ++period) {
        fair.add(Numbers{75, 25});
        skewed.add(Numbers{70, 30});
        QVERIFY(skewed.p() <= last); // the least that was seen
        last = skewed.p();
    }
    QCOMPARE(fair.p(), 1.0);
    QVERIFY(skewed.p() < 0.001);
}

void DecisionsTest::slippageIsACostOnBothSides()
{
    QVERIFY(near(slippageBps({1, 100.0, 100.05, 1.0}), 5.0, 1e-9));
    QVERIFY(near(slippageBps({-1, 100.0, 99.95, 1.0}), 5.0, 1e-9));
    QVERIFY(near(slippageBps({1, 100.0, 99.95, 1.0}), -5.0, 1e-9));
    QVERIFY(!slippageBps({1, hole, 100.0, 1.0}) && !slippageBps({1, 0.0, 100.0, 1.0}) &&
            !slippageBps({1, 100.0, hole, 1.0}));
}

namespace {

constexpr SlippageOptions slippageRules{.halfLifeFills = 20,
                                        .priorBps = 2,
                                        .priorStrength = 20,
                                        .provisionalFrom = 10,
                                        .calibratedFrom = 30,
                                        .staleAfter = 30 * oneDay};

} // namespace

void DecisionsTest::aFillWithoutDecisionPriceIsCountedAndNotUsed()
{
    auto fills = fillsOf(12, 3.0);
    fills.push_back({1, hole, 100.0, 1.0});
    const auto s = slippageStatistics(fills, slippageRules);
    QCOMPARE(s.n, std::uint64_t{12});
    QCOMPARE(s.unusable, std::uint64_t{1});
    QCOMPARE(s.eachBps.size(), std::size_t{13});
    QVERIFY(near(s.mean, 3.0, 1e-9) && near(s.weightedMean, 3.0, 1e-9) && near(s.p95, 3.0, 1e-9));
    QVERIFY(near(s.fading.deviation, 0.0) && s.fading.interval->lower == s.fading.interval->upper);
    const auto empty = slippageStatistics({}, slippageRules);
    QVERIFY(!empty.mean && !empty.weightedMean && !empty.median && !empty.fading.interval);
    QCOMPARE(empty.shrunk, 2.0);
}

void DecisionsTest::theStatusChangesAtTenAndThirtyFillsAndAfterThirtyDays()
{
    const auto at = [](std::size_t n, Millis age = Millis{0}) {
        return slippageStatistics(fillsOf(n, 8.0), slippageRules, age);
    };
    QCOMPARE(at(9).calibration, Calibration::Uncalibrated);
    QCOMPARE(at(10).calibration, Calibration::Provisional);
    QCOMPARE(at(29).calibration, Calibration::Provisional);
    QCOMPARE(at(30).calibration, Calibration::Calibrated);
    QCOMPARE(at(30, 30 * oneDay).calibration, Calibration::Calibrated);
    QCOMPARE(at(30, 30 * oneDay + Millis{1}).calibration, Calibration::Stale);
    QCOMPARE(at(9, 31 * oneDay).calibration, Calibration::Uncalibrated);
    QCOMPARE(at(9).toCharge, 2.0); // the prior alone
    QCOMPARE(at(10).toCharge, at(10).shrunk);
    QVERIFY(at(9).shrunk > 2.0);
    QCOMPARE(name(Calibration::Stale), std::string_view("STALE"));
}

void DecisionsTest::theFadingMeanFollowsTheNewest()
{
    const auto risen = fadingMean(Numbers{0, 0, 0, 0, 10}, 1.0);
    const auto fallen = fadingMean(Numbers{10, 0, 0, 0, 0}, 1.0);
    QVERIFY(near(risen.mean, 10.0 / 1.9375) && near(fallen.mean, 10.0 / 16.0 / 1.9375));
    const auto level = fadingMean(noise(50, 1), 1e12); // never forgets: the plain figures
    QVERIFY(near(level.effective, 50.0, 1e-6) && near(level.mean, *mean(noise(50, 1)), 1e-6));
    QVERIFY(near(level.deviation, *standardDeviation(noise(50, 1)), 1e-6));
    QVERIFY(near(fadingMean(Numbers{3.0}, 20.0).mean, 3.0) && !fadingMean(Numbers{3.0}, 20.0).error);
    QVERIFY(!fadingMean(Numbers{3.0, hole}, 20.0).mean);
}

void DecisionsTest::shrinkageLiesBetweenThePriorAndTheMean()
{
    std::mt19937_64 random(17);
    for (int i = 0; i < 200; ++i) {
        const auto fading = fadingMean(noise(1 + random() % 100, random(), 5.0), 20.0);
        const double shrunk = shrunkMean(fading, 2.0, 20.0);
        QVERIFY(shrunk >= std::min(2.0, *fading.mean) && shrunk <= std::max(2.0, *fading.mean));
    }
    QCOMPARE(shrunkMean({}, 2.0, 20.0), 2.0);
}

void DecisionsTest::openAndRejectedOrdersAreNotEligible()
{
    const std::vector<LimitOrder> orders{{OrderState::Open, 1.0, 0.4},      {OrderState::Rejected, 1.0, 0.0},
                                         {OrderState::Filled, 1.0, 1.0},    {OrderState::Partial, 1.0, 0.5},
                                         {OrderState::Cancelled, 1.0, 0.0}, {OrderState::Expired, 1.0, 0.0}};
    const auto rate = fillRate(orders);
    QCOMPARE(rate.eligible, std::uint64_t{4});
    QVERIFY(near(rate.fullRate, 0.25) && near(rate.anyRate, 0.5) && near(rate.quantityRate, 0.375));
    QVERIFY(rate.fullInterval.lower > 0.0 && rate.fullInterval.upper < 1.0);
    const auto none = fillRate(std::span(orders).first(2));
    QVERIFY(!none.fullRate && !none.anyRate && !none.quantityRate);
    QVERIFY((none.fullInterval == Interval{0.0, 1.0}));
}

void DecisionsTest::openPositionsAreCountedApart()
{
    const std::vector<Held> held{{{0}, UtcMs{3'000}}, {{0}, std::nullopt}, {{1'000}, UtcMs{2'000}}};
    const auto hold = holdTime(held);
    QVERIFY(hold.closed == 2U && hold.open == 1U);
    QVERIFY(near(hold.mean, 2.0) && near(hold.median, 2.0) && near(hold.p90, 2.8) && near(hold.longest, 3.0));
    QCOMPARE(holdTime(std::span(held).subspan(1, 1)).mean.error(), Undefined::NoTrades);
    QCOMPARE(holdTime({}).open, std::uint64_t{0});
}

QTEST_GUILESS_MAIN(DecisionsTest)
#include "decisions_test.moc"
