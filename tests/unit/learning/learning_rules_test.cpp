// Splits, barriers, leakage detectors, drift, regime and classification at the edges of STATISTICS.md §10–15
// (golden_check has the values), and against second implementations on random input.
#include "learning/classification.h"
#include "learning/drift.h"
#include "learning/leakage.h"
#include "learning/regime.h"
#include "learning/splits.h"
#include "learning/triple_barrier.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>

using namespace qd::learning;
using qd::statistics::Undefined;

namespace {

constexpr double hole = std::numeric_limits<double>::quiet_NaN();

std::vector<LabelSpan> spansOf(std::size_t n, std::int64_t horizon)
{
    std::vector<LabelSpan> out;
    for (std::size_t i = 0; i < n; ++i) {
        const auto t = static_cast<std::int64_t>(i);
        out.push_back({t, t + horizon});
    }
    return out;
}

std::vector<double> noise(std::size_t n, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> out(n);
    std::ranges::generate(out, [&] { return normal(random); });
    return out;
}

std::vector<std::uint8_t> coins(std::size_t n, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> out(n);
    std::ranges::generate(out, [&] { return static_cast<std::uint8_t>(random() >> 63U); });
    return out;
}

bool meets(const LabelSpan& a, const LabelSpan& b)
{
    return a.t0 <= b.t1 && b.t0 <= a.t1;
}

const std::vector<PriceBar> calm(20, PriceBar{100.4, 99.6, 100.0});

} // namespace

class LearningRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // splits
    void noTrainLabelMeetsATestLabelInAnyFold();
    void purgingUsesTheLatestLabelEndNotTheLastOnes();
    void theEmbargoIsRoundedUp();
    void aFoldNeedsTwoFoldsAndARowForEach();
    void rowsOutOfOrderAreRefused();
    void walkForwardHasNoPartialFoldAndSaysWhyThereIsNone();
    void walkForwardOverTimesPurgesByLabelAndKeepsTimeOrder();
    void earlyStoppingValidatesOnTheEndOfTrainWithoutOverlap();
    // barriers
    void aBarrierIsTouchedAtItAndNotBefore();
    void stopComesFirstWhereOneBarReachesBoth();
    void aHorizonBeyondTheDataHasNoLabelEvenWhenTouched();
    void aShortMirrorsALong();
    void costsAreTakenOffOnce();
    // leakage
    void separationWarnsAndFailsAtItsLimits();
    void neighboursOfAnotherSeriesAreNotPaired();
    void aMissingFeatureIsLeftOutOfItsAuc();
    void truncationFindsARowThatKnowsTheFuture();
    void undefinedAgainstDefinedIsAMismatch();
    void blocksStayWholeInAPermutation();
    void permutedScoresAtLeastAsGoodCount();
    void overlapAgreesWithEveryPair();
    void aDuplicateIsBitEqualWithOneZeroAndOneNan();
    void tooGoodFlagsAreInclusiveAndWantTrades();
    // drift and regime
    void psiIsZeroForTheSameRowsAndGrowsWithAShift();
    void aConstantReferenceHasAMarkAndNoLevel();
    void driftAlarmsOnlyWherePsiAndKsAgree();
    void ksIsSymmetricAndOneForDisjointSamples();
    void fiveInAHundredAtBothEndsSpanAndFourDoNot();
    void aHoleInTheReferenceHasNoRegime();
    // classification
    void aucAgreesWithCountingAllPairs();
    void aucOfOneClassIsUndefined();
    void deLongCoversTheTruth();
    void overlapWidensEveryInterval();
    void aProbabilityAtTheThresholdIsClassOne();
    void theMajorityIsShownBesideTheAccuracy();
    void predictionsThatAreNoProbabilitiesAreRefused();
    void regressionIsJudgedAgainstTheMean();
};

void LearningRulesTest::noTrainLabelMeetsATestLabelInAnyFold()
{
    std::mt19937_64 random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<LabelSpan> spans;
        std::int64_t t = 0;
        for (int i = 0; i < 60; ++i) {
            t += static_cast<std::int64_t>(random() % 4);
            spans.push_back({t, t + static_cast<std::int64_t>(random() % 15)});
        }
        const auto folds = purgedKFold(spans, 2 + random() % 6, random() % 5);
        QVERIFY(folds);
        for (const auto& fold : *folds) {
            QCOMPARE(fold.train.size() + fold.purged.size() + fold.embargoed.size() + fold.test.size(), spans.size());
            for (const auto row : fold.train) {
                for (auto i = fold.test.begin; i < fold.test.end; ++i) {
                    QVERIFY(!meets(spans[row], spans[i]));
                }
            }
        }
    }
}

void LearningRulesTest::purgingUsesTheLatestLabelEndNotTheLastOnes()
{
    auto spans = spansOf(12, 0);
    spans[2].t1 = 8; // in the first fold of three, and longer than the fold's last label
    const auto folds = purgedKFold(spans, 3, 0);
    QVERIFY(folds);
    QCOMPARE((*folds)[0].testLabelEnd, 8);
    QCOMPARE((*folds)[0].purged, (Rows{4, 5, 6, 7, 8}));
}

void LearningRulesTest::theEmbargoIsRoundedUp()
{
    QCOMPARE(embargoRows(0.01, 100), 1U);
    QCOMPARE(embargoRows(0.01, 101), 2U);
    QCOMPARE(embargoRows(0, 101), 0U);
}

void LearningRulesTest::aFoldNeedsTwoFoldsAndARowForEach()
{
    const auto spans = spansOf(3, 0);
    QVERIFY(!purgedKFold(spans, 1, 0));
    QVERIFY(purgedKFold(spans, 3, 0));
    QVERIFY(!purgedKFold(spans, 4, 0));
}

void LearningRulesTest::rowsOutOfOrderAreRefused()
{
    auto spans = spansOf(6, 2);
    std::swap(spans[1], spans[4]);
    QCOMPARE(purgedKFold(spans, 2, 0).error().code, qd::base::ErrorCode::Malformed);
    spans = spansOf(6, 2);
    spans[3].t1 = 2;
    QCOMPARE(purgedKFold(spans, 2, 0).error().code, qd::base::ErrorCode::Malformed);
}

void LearningRulesTest::walkForwardHasNoPartialFoldAndSaysWhyThereIsNone()
{
    WalkForwardPlan plan{.train = 10, .test = 5, .step = 5, .labelHorizon = 2, .embargo = 1};
    QCOMPARE(walkForward(18, plan).folds.size(), 1U);
    const auto none = walkForward(17, plan);
    QVERIFY(none.folds.empty());
    QVERIFY(none.whyNone.find("18 bars") != std::string::npos);
    plan.step = 0;
    QVERIFY(walkForward(100, plan).folds.empty());
    QVERIFY(!walkForward(100, plan).whyNone.empty());
}

void LearningRulesTest::walkForwardOverTimesPurgesByLabelAndKeepsTimeOrder()
{
    std::vector<LabelSpan> spans; // two instruments in each bar of 300, some bars missing, labels of their own length
    std::mt19937_64 random(3);
    for (std::int64_t bar = 0; bar < 400; ++bar) {
        for (int instrument = 0; instrument < 2; ++instrument) {
            if (random() % 5 != 0) {
                spans.push_back({bar * 300, bar * 300 + 300 * static_cast<std::int64_t>(random() % 20)});
            }
        }
    }
    const WalkForwardPlan plan{
        .train = 100, .test = 50, .step = 50, .labelHorizon = 3, .embargo = 2, .window = TrainWindow::Expanding};
    const auto out = walkForwardRows(spans, 300, plan);
    QVERIFY(out.folds.size() >= 4);
    std::size_t purged = 0;
    for (const auto& fold : out.folds) {
        purged += fold.purged;
        QVERIFY(std::ranges::is_sorted(fold.train));
        QCOMPARE(spans[fold.test.front()].t0 >= fold.testStart, true);
        QCOMPARE(spans[fold.test.back()].t0 < fold.testEnd, true);
        for (const auto row : fold.train) {
            QVERIFY(spans[row].t1 < fold.testStart);
        }
    }
    QVERIFY(purged > 0); // labels longer than the gap were there
    QVERIFY(walkForwardRows({}, 300, plan).folds.empty());
}

void LearningRulesTest::earlyStoppingValidatesOnTheEndOfTrainWithoutOverlap()
{
    const auto spans = spansOf(100, 4);
    Rows train(80);
    std::iota(train.begin(), train.end(), 0U);
    const auto split = earlyStoppingSplit(spans, train, 0.2);
    QCOMPARE(split.validation.front(), 64U);
    QCOMPARE(split.validation.size(), 16U);
    QCOMPARE(split.fit.back(), 59U); // 60…63 look into the slice
    QVERIFY(earlyStoppingSplit(spans, train, 0).validation.empty());
    QVERIFY(earlyStoppingSplit(spans, train, 1).fit.empty());
}

void LearningRulesTest::aBarrierIsTouchedAtItAndNotBefore()
{
    auto bars = calm;
    const BarrierEvent event{.index = 0, .side = 1, .volatility = 0.02, .horizon = 5};
    const double target = 100.0 * (1.0 + 0.02);
    bars[3].high = std::nextafter(target, 0.0);
    QCOMPARE(tripleBarrier(bars, event, {}).label, 0); // under
    bars[3].high = target;
    const auto at = tripleBarrier(bars, event, {});
    QCOMPARE(at.label, 1); // at
    QCOMPARE(at.endIndex, 3U);
    QCOMPARE(tripleBarrier(bars, event, {.price = BarrierPrice::Close}).label, 0); // a close is asked for
}

void LearningRulesTest::stopComesFirstWhereOneBarReachesBoth()
{
    auto bars = calm;
    bars[2] = {103, 97, 102};
    const auto outcome = tripleBarrier(bars, {.index = 0, .side = 1, .volatility = 0.02, .horizon = 5}, {});
    QCOMPARE(outcome.label, -1);
    QVERIFY(outcome.isAmbiguous);
    const std::vector<BarrierOutcome> both{outcome,
                                           tripleBarrier(bars, {.index = 5, .volatility = 0.02, .horizon = 5}, {})};
    QCOMPARE(ambiguousShare(both).value(), 0.5);
    QVERIFY(!ambiguousShare({}));
}

void LearningRulesTest::aHorizonBeyondTheDataHasNoLabelEvenWhenTouched()
{
    auto bars = calm;
    bars[16].high = 110;
    const BarrierEvent event{.index = 15, .side = 1, .volatility = 0.02, .horizon = 4};
    QCOMPARE(tripleBarrier(bars, event, {}).label, 1); // 19 is the last bar
    const auto beyond = tripleBarrier(bars, {.index = 15, .side = 1, .volatility = 0.02, .horizon = 5}, {});
    QVERIFY(!beyond.label && !beyond.endIndex && !beyond.result);
    QCOMPARE(beyond.reason, BarrierReason::Incomplete);
}

void LearningRulesTest::aShortMirrorsALong()
{
    auto up = calm;
    auto down = calm;
    up[4].high = 102;
    down[4].low = 98;
    const auto longOne = tripleBarrier(up, {.index = 0, .side = 1, .volatility = 0.02, .horizon = 6}, {});
    const auto shortOne = tripleBarrier(down, {.index = 0, .side = -1, .volatility = 0.02, .horizon = 6}, {});
    QCOMPARE(longOne.label, 1);
    QCOMPARE(shortOne.label, 1);
    QVERIFY(std::abs(*longOne.result - *shortOne.result) < 1e-12);
}

void LearningRulesTest::costsAreTakenOffOnce()
{
    const auto free = tripleBarrier(calm, {.index = 0, .volatility = 0.02, .horizon = 6}, {});
    const auto dear = tripleBarrier(calm, {.index = 0, .volatility = 0.02, .horizon = 6}, {.roundTripCost = 0.001});
    QVERIFY(std::abs(*free.result - *dear.result - 0.001) < 1e-15);
}

void LearningRulesTest::separationWarnsAndFailsAtItsLimits()
{
    // 10 ones over 10 zeros: an AUC of k/100 by hand
    std::vector<std::uint8_t> label;
    std::vector<double> feature;
    for (int i = 0; i < 10; ++i) {
        label.push_back(0);
        feature.push_back(i);
    }
    for (int i = 0; i < 10; ++i) {
        label.push_back(1);
        feature.push_back(5.5); // over 6 zeros, under 4
    }
    const auto leak = featureLeak(feature, label);
    QCOMPARE(leak.auc.value(), 0.6);
    QCOMPARE(leak.level, LeakLevel::Warn);
    QCOMPARE(featureLeak(feature, label, {.warnSeparation = 0.6000001}).level, LeakLevel::Ok);
    QCOMPARE(featureLeak(feature, label, {.failSeparation = 0.6}).level, LeakLevel::Fail);
    std::ranges::for_each(feature, [](double& v) { v = -v; });
    QCOMPARE(featureLeak(feature, label).level, LeakLevel::Warn); // the other way round separates as well
}

void LearningRulesTest::neighboursOfAnotherSeriesAreNotPaired()
{
    const auto feature = noise(400, 1);
    std::vector<std::uint8_t> label;
    for (std::size_t i = 0; i < feature.size(); ++i) { // the label is the sign of the row before in the whole table
        label.push_back(i > 0 && feature[i - 1] > 0 ? 1 : 0);
    }
    std::vector<std::uint32_t> alternating(feature.size());
    for (std::size_t i = 0; i < alternating.size(); ++i) {
        alternating[i] = i % 2;
    }
    QVERIFY(featureLeak(feature, label).aucOlder.value() > 0.99);
    QVERIFY(!featureLeak(feature, label, {}, alternating).aucOlder); // no neighbours of one series at all
}

void LearningRulesTest::aMissingFeatureIsLeftOutOfItsAuc()
{
    const std::vector<double> feature{1, hole, 2, 3, hole, 4};
    const std::vector<std::uint8_t> label{0, 1, 0, 1, 0, 1};
    QCOMPARE(featureLeak(feature, label).auc.value(), 1.0);
    QCOMPARE(featureLeak(std::vector<double>(6, hole), label).auc.error(), Undefined::TooFew);
}

void LearningRulesTest::truncationFindsARowThatKnowsTheFuture()
{
    const auto x = noise(300, 2);
    const auto trailing = [&](std::size_t i) { return std::vector<double>{x[i], i > 0 ? x[i - 1] : hole}; };
    const auto centred = [&](std::size_t end) {
        return [&x, end](std::size_t i) { return std::vector<double>{x[i], i + 1 < end ? x[i + 1] : hole}; };
    };
    const auto honest = truncationTest(x.size(), trailing, trailing, 60, 1e-9, 1);
    QVERIFY(honest.points >= 50);
    QCOMPARE(honest.mismatches, 0U);
    const auto caught =
        truncationTest(x.size(), centred(x.size()), [&](std::size_t i) { return centred(i + 1)(i); }, 60, 1e-9, 1);
    QVERIFY(caught.mismatches >= 50);
    QCOMPARE(caught.column, 1U);
}

void LearningRulesTest::undefinedAgainstDefinedIsAMismatch()
{
    const std::vector<double> full{1, hole, 3, 4, 5};
    const std::vector<double> prefix{1, hole, hole, 4 * (1 + 0.9e-9), 5 * (1 + 1.1e-9)};
    const auto found = compareTruncated(full, prefix);
    QCOMPARE(found.mismatches, 2U);
    QCOMPARE(found.first, 2U);
}

void LearningRulesTest::blocksStayWholeInAPermutation()
{
    const auto order = blockPermutation(103, 10, 9);
    QCOMPARE((std::set<std::uint32_t>(order.begin(), order.end()).size()), 103U);
    std::size_t breaks = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i] != order[i - 1] + 1) {
            QCOMPARE(order[i] % 10, 0U);
            ++breaks;
        }
    }
    QVERIFY(breaks > 5);
    QVERIFY(order == blockPermutation(103, 10, 9));
    QVERIFY(order != blockPermutation(103, 10, 10));
}

void LearningRulesTest::permutedScoresAtLeastAsGoodCount()
{
    const std::vector<double> nulls{0.5, 0.52, 0.54, 0.56};
    QCOMPARE(permutationP(0.54, nulls), 0.6); // (1 + 2)/5: a tie counts
    std::vector<double> many(99, 0.5);
    QCOMPARE(permutationFinding(0.6, many)->hasSignal, true);
    QCOMPARE(permutationFinding(0.6, many)->leaks, false);
    QCOMPARE(permutationFinding(0.5, many)->hasSignal, false);
    std::ranges::fill(many, 0.531);
    QCOMPARE(permutationFinding(0.6, many)->leaks, true);
    QVERIFY(!permutationFinding(0.6, {}));
}

void LearningRulesTest::overlapAgreesWithEveryPair()
{
    std::mt19937_64 random(8);
    for (int round = 0; round < 100; ++round) {
        const auto some = [&] {
            std::vector<LabelSpan> out(random() % 20);
            for (auto& span : out) {
                span.t0 = static_cast<std::int64_t>(random() % 100);
                span.t1 = span.t0 + static_cast<std::int64_t>(random() % 10);
            }
            return out;
        };
        const auto train = some();
        const auto test = some();
        Rows want;
        for (std::uint32_t i = 0; i < train.size(); ++i) {
            if (std::ranges::any_of(test, [&](const LabelSpan& span) { return meets(train[i], span); })) {
                want.push_back(i);
            }
        }
        QCOMPARE(overlappingRows(train, test), want);
    }
}

void LearningRulesTest::aDuplicateIsBitEqualWithOneZeroAndOneNan()
{
    const float nan1 = std::numeric_limits<float>::quiet_NaN();
    const float nan2 = std::copysign(nan1, -1.0F);
    const std::vector<float> train{1, nan1, -0.0F, 4};
    const std::vector<float> test{1, nan2, 0.0F, 4, 0.0F, std::nextafter(4.0F, 5.0F)};
    const auto found = duplicateRows({train, 2}, std::vector<float>{0, 1}, {test, 2}, std::vector<float>{1, 1, 1});
    QCOMPARE(found.test, (Rows{0, 1}));
    QCOMPARE(found.conflicting, (Rows{0}));
    QCOMPARE(found.share, 2.0 / 3.0);
}

void LearningRulesTest::tooGoodFlagsAreInclusiveAndWantTrades()
{
    using Flags = std::vector<TooGood>;
    QCOMPARE(tooGoodToBeTrue({.auc = 0.75}), (Flags{TooGood::Auc}));
    QCOMPARE(tooGoodToBeTrue({.auc = 0.7499999}), Flags());
    QCOMPARE(tooGoodToBeTrue({.profitFactor = 9, .trades = 29}), Flags());
    QCOMPARE(tooGoodToBeTrue({.profitFactor = 4, .trades = 30}), (Flags{TooGood::ProfitFactor}));
    QCOMPARE(tooGoodToBeTrue({.winRate = 0.9, .payoff = 0.99, .trades = 30}), Flags());
    QCOMPARE(tooGoodToBeTrue({.drawdown = 0.005, .growth = 0.5}), Flags()); // under it, not at it
    QCOMPARE(tooGoodToBeTrue({.drawdown = 0.0049, .growth = 0.5}), (Flags{TooGood::Drawdown}));
}

namespace {

constexpr DriftLimits driftRules{.watch = 0.10,
                                 .alarm = 0.25,
                                 .ksAlarm = 0.10,
                                 .floor = 1e-4,
                                 .rows = {100, 50},
                                 .rowsPerBin = 10,
                                 .important = 10,
                                 .drifted = 3};

} // namespace

void LearningRulesTest::psiIsZeroForTheSameRowsAndGrowsWithAShift()
{
    const auto reference = noise(2000, 4);
    const auto kept = psiReference(reference);
    QCOMPARE(psi(kept, reference, driftRules).value.value(), 0.0);
    double before = 0;
    for (const double shift : {0.2, 0.5, 1.0}) {
        auto moved = noise(2000, 5);
        std::ranges::for_each(moved, [&](double& v) { v += shift; });
        const double value = psi(kept, moved, driftRules).value.value();
        QVERIFY(value > before);
        before = value;
    }
    QCOMPARE(psi(kept, {}, driftRules).value.error(), Undefined::TooFew);
}

void LearningRulesTest::aConstantReferenceHasAMarkAndNoLevel()
{
    const std::vector<double> flat(200, 3.0);
    const auto index = psi(psiReference(flat), noise(200, 1), driftRules);
    QVERIFY(index.isReferenceConstant);
    QCOMPARE(driftLevel(index, ksTest(flat, noise(200, 1)), driftRules), DriftLevel::Unknown);
}

void LearningRulesTest::driftAlarmsOnlyWherePsiAndKsAgree()
{
    const auto reference = noise(1000, 6);
    auto far = noise(1000, 7);
    std::ranges::for_each(far, [](double& v) { v += 1; });
    const auto kept = psiReference(reference);
    const auto moved = psi(kept, far, driftRules);
    const auto level = [&](std::span<const double> current, std::span<const double> seen) {
        return driftLevel(psi(kept, current, driftRules), ksTest(reference, seen), driftRules);
    };
    QCOMPARE(driftLevel(moved, ksTest(reference, far), driftRules), DriftLevel::Drift);
    QCOMPARE(level(far, reference), DriftLevel::Watch); // D does not agree
    const auto same = noise(1000, 8);
    QCOMPARE(level(same, same), DriftLevel::Stable);
    const auto newest = [&](std::size_t rows) { return std::span(far).first(rows); };
    QCOMPARE(level(newest(49), newest(49)), DriftLevel::Unknown);
    QCOMPARE(level(newest(50), far), DriftLevel::Watch); // grey: too few rows to call it drift
    QCOMPARE(level(newest(99), far), DriftLevel::Watch);
    QCOMPARE(level(newest(100), far), DriftLevel::Drift);
    auto wide = driftRules;
    wide.rowsPerBin = 20; // ten bins: 200 rows
    QCOMPARE(driftLevel(psi(kept, newest(199), wide), ksTest(reference, far), wide), DriftLevel::Watch);
    QCOMPARE(driftLevel(psi(kept, newest(200), wide), ksTest(reference, far), wide), DriftLevel::Drift);
}

void LearningRulesTest::ksIsSymmetricAndOneForDisjointSamples()
{
    const auto x = noise(120, 1);
    const auto y = noise(80, 2);
    QCOMPARE(ksTest(x, y).distance.value(), ksTest(y, x).distance.value());
    QCOMPARE(ksTest(std::vector<double>{1, 2, hole}, std::vector<double>{5, 6}).distance.value(), 1.0);
    QVERIFY(!ksTest({}, x).distance);
}

void LearningRulesTest::fiveInAHundredAtBothEndsSpanAndFourDoNot()
{
    std::vector<double> reference(1001);
    std::iota(reference.begin(), reference.end(), 0.0); // q20 is 200, q80 is 800
    std::vector<double> sample(100, 500.0);
    std::fill_n(sample.begin(), 5, 200.0);
    std::fill_n(sample.rbegin(), 5, 800.0);
    QVERIFY(regimeSpan(reference, sample)->spans);
    sample[0] = 201;
    QVERIFY(!regimeSpan(reference, sample)->spans);
}

void LearningRulesTest::aHoleInTheReferenceHasNoRegime()
{
    QCOMPARE(regimeSpan(std::vector<double>{1, hole}, std::vector<double>{1}).error(), Undefined::NotFinite);
    QCOMPARE(regimeSpan(std::vector<double>{1}, {}).error(), Undefined::TooFew);
    QVERIFY(!percentileRank({}, 1));
}

void LearningRulesTest::aucAgreesWithCountingAllPairs()
{
    std::mt19937_64 random(12);
    for (int round = 0; round < 50; ++round) {
        const auto n = 5 + random() % 60;
        std::vector<double> score(n);
        std::ranges::generate(score, [&] { return static_cast<double>(random() % 9); });
        const auto label = coins(n, random());
        double wins = 0;
        double pairs = 0;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                if (label[i] != 0 && label[j] == 0) {
                    wins += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                    ++pairs;
                }
            }
        }
        const auto got = areaUnderCurve(score, label);
        QCOMPARE(got.has_value(), pairs > 0);
        QVERIFY(!got || std::abs(*got - wins / pairs) < 1e-12);
    }
}

void LearningRulesTest::aucOfOneClassIsUndefined()
{
    QCOMPARE(areaUnderCurve(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1}).error(), Undefined::Flat);
    QVERIFY(!aucEstimate(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1}).interval);
}

void LearningRulesTest::deLongCoversTheTruth()
{
    // ones are N(1, 1) and zeros N(0, 1): AUC = Φ(1/√2)
    const double truth = 0.5 * std::erfc(-0.5);
    int covered = 0;
    constexpr int rounds = 300;
    for (int round = 0; round < rounds; ++round) {
        auto score = noise(200, 1000 + static_cast<std::uint64_t>(round));
        const auto label = coins(200, 5000 + static_cast<std::uint64_t>(round));
        for (std::size_t i = 0; i < score.size(); ++i) {
            score[i] += label[i];
        }
        const auto estimate = aucEstimate(score, label);
        covered += estimate.interval->lower <= truth && truth <= estimate.interval->upper ? 1 : 0;
    }
    QVERIFY(covered > rounds * 91 / 100 && covered < rounds * 99 / 100);
}

void LearningRulesTest::overlapWidensEveryInterval()
{
    auto p = noise(400, 3);
    std::ranges::for_each(p, [](double& v) { v = 1 / (1 + std::exp(-v)); });
    const auto y = coins(400, 4);
    const auto alone = classMetrics(p, y);
    const auto shared = classMetrics(p, y, {.overlap = 4});
    QVERIFY(alone && shared);
    QCOMPARE(*alone->auc.value, *shared->auc.value);
    QVERIFY(std::abs(*shared->auc.error / *alone->auc.error - 2) < 1e-9);
    QVERIFY(std::abs(*shared->logLoss.error / *alone->logLoss.error - 2) < 1e-9);
    QVERIFY(shared->accuracy.interval->upper - shared->accuracy.interval->lower >
            1.8 * (alone->accuracy.interval->upper - alone->accuracy.interval->lower));
}

void LearningRulesTest::aProbabilityAtTheThresholdIsClassOne()
{
    const auto m = classMetrics(std::vector<double>{0.5, std::nextafter(0.5, 0.0)}, std::vector<std::uint8_t>{1, 1});
    QCOMPARE(m->truePositives, 1U);
    QCOMPARE(m->falseNegatives, 1U);
}

void LearningRulesTest::theMajorityIsShownBesideTheAccuracy()
{
    const auto m = classMetrics(std::vector<double>(10, 0.1), std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1, 1, 1});
    QCOMPARE(m->majority.value(), 0.7);
    QCOMPARE(m->accuracy.value.value(), 0.7);
    QVERIFY(!m->precision); // nothing was called
}

void LearningRulesTest::predictionsThatAreNoProbabilitiesAreRefused()
{
    const std::vector<std::uint8_t> y{0, 1};
    QCOMPARE(classMetrics(std::vector<double>{0.5, hole}, y).error(), Undefined::NotFinite);
    QCOMPARE(classMetrics(std::vector<double>{0.5, 1.5}, y).error(), Undefined::OutOfRange);
    QCOMPARE(classMetrics(std::vector<double>{0.5}, y).error(), Undefined::OutOfRange);
    QCOMPARE(classMetrics({}, {}).error(), Undefined::TooFew);
}

void LearningRulesTest::regressionIsJudgedAgainstTheMean()
{
    const auto real = noise(300, 1);
    QCOMPARE(regressionMetrics(real, real)->r2.value.value(), 1.0);
    const double mean = std::accumulate(real.begin(), real.end(), 0.0) / 300;
    QVERIFY(std::abs(*regressionMetrics(std::vector<double>(300, mean), real)->r2.value) < 1e-12);
    QVERIFY(!regressionMetrics(real, std::vector<double>(300, 2.0))->r2.value);
    auto near = real;
    for (std::size_t i = 0; i < near.size(); ++i) {
        near[i] += i % 3 == 0 ? 0.5 : -0.1;
    }
    const auto alone = regressionMetrics(near, real)->r2;
    const auto shared = regressionMetrics(near, real, 0.95, 4)->r2;
    QVERIFY(alone.interval->lower < *alone.value && *alone.value < alone.interval->upper && alone.interval->upper < 1);
    QVERIFY(std::abs(*shared.error / *alone.error - 2) < 1e-9);
}

QTEST_GUILESS_MAIN(LearningRulesTest)
#include "learning_rules_test.moc"
