// One training from rows to a version: honest ones with and without a signal, planted leaks, bad rows told in words,
// cancelled within a tree, and the same bytes again from a lineage.
#include "engines/retrain_run.h"
#include "testkit/made_market.h"
#include "trading/strategy_catalogue.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using learning::Family;
using testkit::addMarket;
using testkit::good;
using testkit::Store;

namespace {

constexpr int days = 24;

RetrainLimits fewRefits()
{
    auto limits = retrainLimits({});
    limits.audit.permutations = 19;
    limits.audit.permutationTrees = 20;
    return limits;
}

struct Made {
    Store store;
    market::Instrument instrument;
    RetrainTask task;
    TrainingData data;

    explicit Made(const testkit::MarketShape& shape = {}, Family family = Family::Direction)
        : instrument(addMarket(store, "ONE-USDT", days, shape)),
          task{.model = std::string(name(family)),
               .triesOf = "tries",
               .order = {.rule = learning::standardRule(family), .instruments = {instrument}},
               .reason = "a test",
               .limits = fewRefits(),
               .now = testkit::marketStart + base::oneDay * days},
          data(good(readTrainingData(*store, task.order, task.limits.regime, task.limits.regimeShare, {})))
    {
    }
    base::Result<Retrained> onRows(const OnStep& onStep = {})
    {
        return retrainOn(data, remakeFromArchive(*store, data, good(untoldGaps(*store))), task, onStep);
    }
};

learning::LeakLevel levelOf(const learning::Lineage& lineage, learning::Detector detector)
{
    return std::ranges::find(lineage.audit, detector, &learning::AuditFinding::detector)->level;
}

bool says(const base::Error& error, const char* words)
{
    return error.detail.find(words) != std::string::npos;
}

} // namespace

class RetrainRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aMarketWithATrendGivesACleanVersionWithASignal()
    {
        Made made;
        const auto trained = good(retrain(*made.store, made.task, {}));
        const auto& lineage = trained.version.lineage;
        QCOMPARE(lineage.verdict, learning::AuditVerdict::Clean);
        QVERIFY(lineage.hasSignal);
        QVERIFY2(lineage.pooled.quality > 0.53 && lineage.pooled.quality < 0.75,
                 std::to_string(lineage.pooled.quality).c_str());
        QCOMPARE(lineage.folds.size(), std::size_t{5});
        QCOMPARE(lineage.reason, std::string("a test"));
        QVERIFY(learning::servedTrees(trained.version).has_value());
        // 24 days are no reference for volatility
        QVERIFY(!lineage.spansRegimes && trained.regimeShares.empty());
        QVERIFY(trained.notes.find("regime-limited") != std::string::npos);
    }

    void aWalkHasNoSignal()
    {
        Made made({.trend = 0});
        QVERIFY(!good(made.onRows()).version.lineage.hasSignal);
    }

    void theSearchIsSixTriesOfItsModelAndOtherRowsAreOthers()
    {
        Made made;
        const auto tries = good(made.onRows()).tries;
        QCOMPARE(tries.size(), searchCandidates);
        std::set<std::string> hashes;
        for (const auto& row : tries) {
            hashes.insert(row.parameterHash);
            QCOMPARE(row.strategy, std::string("tries"));
            QCOMPARE(row.origin, std::string("search"));
            QVERIFY(row.from && row.to && *row.from < *row.to);
            // nothing that is judged later was looked at
            QVERIFY(row.to->value < made.data.rows.tags[made.data.rows.size() / 2].span.t0);
        }
        QCOMPARE(hashes.size(), searchCandidates);
        Made other({.seed = 9});
        QVERIFY(!hashes.contains(good(other.onRows()).tries.front().parameterHash));
    }

    void theSameRowsGiveTheSameBytesAlsoFromTheLineageAlone()
    {
        Made made;
        const auto first = good(made.onRows()).version;
        QCOMPARE(good(made.onRows()).version.bytes, first.bytes);
        const auto later = testkit::madeCandles(days + 3);
        testkit::addCandles(made.store, made.instrument.id, {later.begin() + days * 288, later.end()});
        const auto again = good(retrainedFrom(*made.store, first.lineage, {}));
        QCOMPARE(again.bytesHash, first.bytesHash);
        // A gap that is found later takes rows away: it says so, and makes nothing else of it.
        testkit::addGapRow(made.store, made.instrument.id, testkit::marketStart + base::oneDay * 10,
                           testkit::marketStart + base::oneDay * 11, false);
        QCOMPARE(retrainedFrom(*made.store, first.lineage, {}).error().code, ErrorCode::Conflict);
    }

    void theNextCloseAsAFeatureIsNeverRegistered()
    {
        Made made;
        auto& rows = made.data.rows;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows.values[i * rows.columns] = rows.labels[i]; // what comes, in the first column
        }
        const auto lineage = good(made.onRows()).version.lineage;
        QCOMPARE(lineage.verdict, learning::AuditVerdict::Quarantined);
        QCOMPARE(levelOf(lineage, learning::Detector::Truncation), learning::LeakLevel::Fail);
        QCOMPARE(levelOf(lineage, learning::Detector::SingleFeature), learning::LeakLevel::Fail);
        QCOMPARE(levelOf(lineage, learning::Detector::TooGood), learning::LeakLevel::Fail);
    }

    void aLeakInTheDataItselfWantsASignature()
    {
        Made made({.tellsAll = true});
        const auto lineage = good(made.onRows()).version.lineage;
        QCOMPARE(lineage.verdict, learning::AuditVerdict::WantsSignature);
        QCOMPARE(levelOf(lineage, learning::Detector::Truncation), learning::LeakLevel::Ok);
    }

    void rowsOfOneClassAreToldInWords()
    {
        Made made;
        std::ranges::fill(made.data.rows.labels, 1.0F);
        const auto failed = made.onRows();
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QCOMPARE(failed.error().subject, std::string("direction_predictor"));
        QVERIFY2(says(failed.error(), "one class only"), failed.error().detail.c_str());
    }

    void aColumnThatNeverChangesOrIsMissingIsNotedAndAllOfThemStopIt()
    {
        Made made;
        auto& rows = made.data.rows;
        const auto set = [&](std::size_t column, float value) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                rows.values[i * rows.columns + column] = value;
            }
        };
        set(0, 3);
        set(1, std::numeric_limits<float>::quiet_NaN());
        const auto trained = good(made.onRows());
        const auto wanted = "2 features never change: " + rows.names[0] + ", " + rows.names[1];
        QVERIFY2(trained.notes.find(wanted) != std::string::npos, trained.notes.c_str());
        for (std::size_t column = 0; column < rows.columns; ++column) {
            set(column, 1);
        }
        const auto failed = made.onRows();
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QVERIFY2(says(failed.error(), "ever changes"), failed.error().detail.c_str());
    }

    void anInfiniteValueIsToldInWords()
    {
        Made made;
        made.data.rows.values[5] = std::numeric_limits<float>::infinity();
        const auto failed = made.onRows();
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QCOMPARE(failed.error().subject, std::string("direction_predictor"));
    }

    void tooFewRowsToJudgeAreToldInWords()
    {
        Made made;
        std::vector<std::uint32_t> few(180);
        std::iota(few.begin(), few.end(), 0U);
        made.data.rows = made.data.rows.selected(few);
        const auto failed = made.onRows();
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QVERIFY2(says(failed.error(), "too few rows"), failed.error().detail.c_str());
    }

    void itEndsWithinOneTreeOfACancel_data()
    {
        QTest::addColumn<QString>("phase");
        for (const auto* phase : {"searching parameters", "fold", "permutations", "final fit"}) {
            QTest::newRow(phase) << QString::fromLatin1(phase);
        }
    }
    void itEndsWithinOneTreeOfACancel()
    {
        QFETCH(QString, phase);
        Made made;
        int after = 0;
        bool hasBegun = false;
        const auto cancelled = made.onRows([&](const RetrainStep& at) {
            after += hasBegun ? 1 : 0;
            hasBegun = hasBegun || at.phase == phase.toStdString();
            return !hasBegun;
        });
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
        QCOMPARE(after, 0);
    }

    void itTellsHowFarItIsAndNeverGoesBack()
    {
        Made made;
        double furthest = 0;
        bool hasTime = false;
        std::set<std::string> phases;
        (void)good(retrain(*made.store, made.task, [&](const RetrainStep& at) {
            const bool isForward = at.fraction >= furthest - 1e-9 && at.fraction <= 1;
            furthest = at.fraction;
            hasTime = hasTime || at.left.has_value();
            phases.insert(std::string(at.phase));
            return isForward;
        }));
        QVERIFY(furthest > 0.95);
        QVERIFY(hasTime);
        const std::set<std::string> wanted{"collecting rows", "searching parameters", "fold", "permutations",
                                           "final fit"};
        QCOMPARE(phases, wanted);
    }

    void aChampionIsJudgedOnRowsThatItHasNotSeen()
    {
        Made made;
        auto first = std::make_shared<learning::ModelVersion>(good(made.onRows()).version);
        made.task.champion = first;
        // It has seen all: there is nothing to compare on.
        const auto seen = good(made.onRows()).version.lineage;
        QVERIFY(std::isnan(seen.folds.back().championLoss));
        auto older = std::make_shared<learning::ModelVersion>(*first);
        older->lineage.to = made.data.rows.tags.front().span.t0;
        made.task.champion = older;
        const auto compared = good(made.onRows()).version.lineage;
        QVERIFY(std::isfinite(compared.folds.back().championLoss));
        older->lineage.source = learning::FeatureSource::Candles1m;
        const auto other = good(made.onRows());
        QVERIFY(std::isnan(other.version.lineage.folds.back().championLoss));
        QVERIFY(other.notes.find("looks at other features") != std::string::npos);
    }

    void theLabelOfTheStrategysModelIsItsOwnTradeWithItsOwnCosts()
    {
        const auto* info = trading::findStrategy(gbtStrategy);
        QVERIFY(info != nullptr);
        trading::ParameterSet parameters(info->name, info->parameters);
        auto set = parameters.setText("stop_atr=1.5|target_atr=4|time_limit_min=90|atr=20");
        QVERIFY2(set.has_value(), set ? "" : set.error().detail.c_str());
        base::PaperPolicy policy;
        policy.takerFee = {500};
        policy.latency = base::Millis{200};
        policy.assumedSlippage = {300};
        const auto assumed = labelRule(Family::Gbt5m, parameters, policy, {});
        QCOMPARE(assumed.stopAtr, 1.5);
        QCOMPARE(assumed.targetAtr, 4.0);
        QCOMPARE(assumed.atr, 20U);
        QCOMPARE(assumed.horizon, base::Millis(90 * 60'000));
        QCOMPARE(assumed.latency, base::Millis{200});
        QVERIFY(std::abs(assumed.roundTripCost - (2 * 0.0005 + 2 * 0.0003)) < 1e-12);
        trading::LearnedSlippage buy{.side = market::Side::Buy};
        buy.applied = 2; // basis points
        const auto learned = labelRule(Family::Gbt5m, parameters, policy, {buy});
        QVERIFY(std::abs(learned.roundTripCost - (2 * 0.0005 + 0.0002 + 0.0003)) < 1e-12);
        const auto fill = labelRule(Family::Fill, parameters, policy, {});
        QCOMPARE(fill.horizon, policy.limitPatience);
        QCOMPARE(fill.limitNotional, policy.notional); // as much as paper's own limit orders
    }

    void theLimitsAreThePolicys()
    {
        const auto limits =
            retrainLimits({{"leakage.max_auc", 0.71}, {"leakage.permutations", 49}, {"convergence.regime_low", 0.1}});
        QCOMPARE(limits.audit.leak.auc, 0.71);
        QCOMPARE(limits.audit.permutations, std::size_t{49});
        QCOMPARE(limits.regime.low, 0.1);
        QCOMPARE(limits.audit.leak.failSeparation, base::policyDefault("leakage.max_feature_auc"));
    }
};

QTEST_GUILESS_MAIN(RetrainRunTest)
#include "retrain_run_test.moc"
