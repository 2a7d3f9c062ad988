// The registry of models: names, the steps between stages, what a fresh version becomes, signatures, retirements,
// expiry, convergence, and when training is due; each at, under and over its edge.
#include "governance/model_registry.h"
#include "governance/policies.h"

#include <QTest>

using namespace qd;
using namespace qd::governance;
using base::ErrorCode;
using base::oneDay;
using base::UtcMs;
using learning::AuditVerdict;
using learning::Detector;
using learning::Family;

namespace {

constexpr UtcMs noon{1'000 * 86'400'000LL};
const ModelKey gbt{Family::Gbt5m};
const ModelPolicy policy = policiesFrom({}).models;

ModelRecord version(std::uint32_t number, ModelStage stage, UtcMs trained = noon)
{
    return {.name = {gbt, number},
            .stage = stage,
            .stageSince = trained,
            .trained = trained,
            .knows = trained,
            .quality = {.value = 0.56, .interval = statistics::Interval{0.54, 0.58}, .n = 1'000},
            .verdict = AuditVerdict::Clean,
            .spansRegimes = true,
            .bytesHash = "hash " + std::to_string(number)};
}

ModelRecord flagged(std::uint32_t number, std::set<Detector> flags, std::set<Detector> signable)
{
    auto out = version(number, ModelStage::Quarantined);
    out.flags = std::move(flags);
    out.signable = std::move(signable);
    out.verdict = out.flags == out.signable ? AuditVerdict::WantsSignature : AuditVerdict::Quarantined;
    return out;
}

Change staged(const std::string& subject, const std::string& before, const std::string& after)
{
    return {ChangeKind::ModelStage, subject, before, after};
}

template <typename T>
T good(base::Result<T> result)
{
    if (!result) {
        qFatal("%s", base::sentence(result.error()).c_str());
    }
    return std::move(*result);
}

template <typename T>
ErrorCode codeOf(const base::Result<T>& result)
{
    return result ? ErrorCode::Internal : result.error().code;
}

ModelStage stageOf(const ModelRegistry& registry, std::uint32_t number)
{
    return findModel(registry, {gbt, number})->stage;
}

} // namespace

class ModelRegistryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesComeBackAsTheyWere()
    {
        const ModelKey direction{Family::Direction, "BTC-USDT"};
        QCOMPARE(text(gbt), std::string("gbt_5m"));
        QCOMPARE(text(direction), std::string("direction_predictor@BTC-USDT"));
        for (const auto& key :
             {gbt, direction, ModelKey{Family::Volatility}, ModelKey{Family::StopHit}, ModelKey{Family::Fill}}) {
            QCOMPARE(good(modelKey(text(key))), key);
            const VersionName name{key, 12};
            QCOMPARE(good(versionOf(versionName(key, 12))), name);
        }
        for (const auto stage : {ModelStage::Challenger, ModelStage::Champion, ModelStage::Shadow,
                                 ModelStage::Quarantined, ModelStage::Retired}) {
            QCOMPARE(good(modelStageOf(name(stage))), stage);
        }
    }

    void whatIsNoNameIsRefused()
    {
        for (const auto* text : {"", "gbt", "gbt_5m@BTC-USDT", "direction_predictor", "direction_predictor@",
                                 "direction_predictor@A B", "gbt_5m@"}) {
            QVERIFY2(codeOf(modelKey(text)) == ErrorCode::Malformed, text);
        }
        for (const auto* text :
             {"gbt_5m", "gbt_5m ", "gbt_5m 0", "gbt_5m -1", "gbt_5m 12x", "gbt_5m 4294967296", "gbt_5m 12: too good"}) {
            QVERIFY2(codeOf(versionOf(text)) == ErrorCode::Malformed, text);
        }
        QCOMPARE(codeOf(modelStageOf("king")), ErrorCode::Malformed);
        QCOMPARE(codeOf(modelSubject("gbt_5m 12: charm")), ErrorCode::Malformed);
        QCOMPARE(good(modelSubject("gbt_5m 12: too good")).flag, std::optional(Detector::TooGood));
    }

    void numbersGoOnFromTheNewest()
    {
        QCOMPARE(nextNumber({}, gbt), 1U);
        QCOMPARE(nextNumber({version(7, ModelStage::Retired), version(3, ModelStage::Champion)}, gbt), 8U);
        QCOMPARE(nextNumber({version(7, ModelStage::Retired)}, {Family::Fill}), 1U);
    }

    void theFirstHonestVersionServesAtOnce()
    {
        const auto first = admitted({}, version(1, ModelStage::Challenger), true);
        QCOMPARE(first.outcome, TrainingOutcome::FirstChampion);
        QCOMPARE(first.changes, std::vector{staged("gbt_5m 1", "", "champion")});
        // quarantined and retired ones before it were not honest ones
        const ModelRegistry bad{flagged(2, {Detector::TooGood}, {Detector::TooGood}), version(1, ModelStage::Retired)};
        QCOMPARE(admitted(bad, version(3, ModelStage::Challenger), true).outcome, TrainingOutcome::FirstChampion);
        // another model's champion is no champion here
        auto other = version(1, ModelStage::Champion);
        other.name.key = {Family::Fill};
        QCOMPARE(admitted({other}, version(1, ModelStage::Challenger), true).outcome, TrainingOutcome::FirstChampion);
    }

    void oneThatFollowsIsAChallengerAndTheOneBeforeItShadow()
    {
        const ModelRegistry registry{version(2, ModelStage::Challenger), version(1, ModelStage::Champion)};
        const auto next = admitted(registry, version(3, ModelStage::Challenger), true);
        QCOMPARE(next.outcome, TrainingOutcome::Challenger);
        QCOMPARE(next.changes,
                 (std::vector{staged("gbt_5m 2", "challenger", "shadow"), staged("gbt_5m 3", "", "challenger")}));
        // what the operator took out of service is not replaced behind his back
        const ModelRegistry withdrawn{version(1, ModelStage::Shadow)};
        QCOMPARE(admitted(withdrawn, version(2, ModelStage::Challenger), true).outcome, TrainingOutcome::Challenger);
    }

    void nobodyTakesThePlaceOfAChallengerThatIsBeingTried()
    {
        const ModelRegistry registry{version(2, ModelStage::Challenger), version(1, ModelStage::Champion)};
        const std::vector<VersionName> compared{{gbt, 1}, {gbt, 2}};
        const auto next = admitted(registry, version(3, ModelStage::Challenger), true, compared);
        QCOMPARE(next.outcome, TrainingOutcome::Waits);
        QCOMPARE(next.changes, std::vector{staged("gbt_5m 3", "", "shadow")});
        QVERIFY(sentence(next.outcome).contains("experiment"));
        // one that is tried without being the challenger has no such place
        const std::vector<VersionName> others{{gbt, 1}, {gbt, 7}};
        QCOMPARE(admitted(registry, version(3, ModelStage::Challenger), true, others).outcome,
                 TrainingOutcome::Challenger);
        // nor does a signature displace it
        ModelRegistry withFlagged{flagged(3, {Detector::TooGood}, {Detector::TooGood})};
        withFlagged.insert(withFlagged.end(), registry.begin(), registry.end());
        const auto changes = good(modelSignedOff(withFlagged, {gbt, 3}, Detector::TooGood, compared));
        QCOMPARE(changes.back(), staged("gbt_5m 3", "quarantined", "shadow"));
        QCOMPARE(changes.size(), std::size_t{2});
    }

    void theNextChallengerIsTheNewestThatWaited()
    {
        ModelRegistry registry{version(5, ModelStage::Shadow), version(4, ModelStage::Shadow),
                               version(3, ModelStage::Shadow), version(2, ModelStage::Challenger)};
        const auto next = [&](base::Millis later = {}) {
            const auto* record = nextChallenger(registry, gbt, noon, policy, noon + oneDay + later);
            return record == nullptr ? 0U : record->name.number;
        };
        QCOMPARE(next(), 0U); // all were there when it began
        registry[1].stageSince = registry[2].stageSince = noon + oneDay;
        QCOMPARE(next(), 4U);
        QCOMPARE(next(policy.expiry), 0U); // expired meanwhile
    }

    void withoutASignalTheOldOneIsKept()
    {
        for (const auto& registry : {ModelRegistry{}, ModelRegistry{version(1, ModelStage::Champion)}}) {
            const auto kept = admitted(registry, version(2, ModelStage::Challenger), false);
            QCOMPARE(kept.outcome, TrainingOutcome::KeptOld);
            QCOMPARE(kept.changes, std::vector{staged("gbt_5m 2", "", "retired")});
        }
    }

    void whatIsFlaggedIsQuarantinedThoughItIsTheFirst()
    {
        for (const bool hasSignal : {true, false}) {
            auto fresh = flagged(1, {Detector::TooGood}, {Detector::TooGood});
            fresh.stage = ModelStage::Challenger;
            const auto out = admitted({}, fresh, hasSignal);
            QCOMPARE(out.outcome, TrainingOutcome::Quarantined);
            QCOMPARE(out.changes, std::vector{staged("gbt_5m 1", "", "quarantined")});
        }
        auto unaudited = version(1, ModelStage::Challenger);
        unaudited.verdict = AuditVerdict::Quarantined; // an audit that lacks findings
        QCOMPARE(admitted({}, unaudited, true).outcome, TrainingOutcome::Quarantined);
    }

    void promotionMovesTheOneThatServed()
    {
        ModelRegistry registry{version(3, ModelStage::Challenger), version(2, ModelStage::Shadow),
                               version(1, ModelStage::Champion)};
        const auto changes = good(modelStaged(registry, {gbt, 3}, ModelStage::Champion, policy, noon));
        QCOMPARE(changes,
                 (std::vector{staged("gbt_5m 1", "champion", "shadow"), staged("gbt_5m 3", "challenger", "champion")}));
        registry = good(changedModels(registry, {}, changes, noon + oneDay));
        QCOMPARE(champion(registry, gbt)->name.number, 3U);
        QCOMPARE(stageOf(registry, 1), ModelStage::Shadow);
        QCOMPARE(findModel(registry, {gbt, 1})->stageSince, noon + oneDay);
        QCOMPARE(findModel(registry, {gbt, 2})->stageSince, noon);
        // and back again
        const auto back = good(modelStaged(registry, {gbt, 1}, ModelStage::Champion, policy, noon + oneDay));
        registry = good(changedModels(registry, {}, back, noon + oneDay * 2));
        QCOMPARE(champion(registry, gbt)->name.number, 1U);
        QCOMPARE(stageOf(registry, 3), ModelStage::Shadow);
        // an undo is the inverse
        registry = good(changedModels(registry, {}, inverse(back), noon + oneDay * 3));
        QCOMPARE(champion(registry, gbt)->name.number, 3U);
    }

    void whatIsNoStepIsRefused()
    {
        const ModelRegistry registry{version(2, ModelStage::Retired), version(1, ModelStage::Champion)};
        const auto to = [&](std::uint32_t number, ModelStage stage) {
            return codeOf(modelStaged(registry, {gbt, number}, stage, policy, noon));
        };
        QCOMPARE(to(9, ModelStage::Champion), ErrorCode::NotFound);
        QCOMPARE(to(1, ModelStage::Champion), ErrorCode::Conflict);
        QCOMPARE(to(1, ModelStage::Quarantined), ErrorCode::Conflict);
        QVERIFY(modelStaged(registry, {gbt, 2}, ModelStage::Champion, policy, noon)); // its bytes are there
        QVERIFY(modelStaged(registry, {gbt, 1}, ModelStage::Retired, policy, noon));
    }

    void anExpiredOneIsNotPromoted()
    {
        const ModelRegistry registry{version(1, ModelStage::Shadow)};
        const auto at = [&](base::Millis age) {
            return modelStaged(registry, {gbt, 1}, ModelStage::Champion, policy, noon + age);
        };
        QVERIFY(at(policy.expiry - base::Millis{1}));
        QVERIFY(at(policy.expiry));
        QCOMPARE(codeOf(at(policy.expiry + base::Millis{1})), ErrorCode::Conflict);
        QVERIFY(!isExpired(registry[0], policy, noon + policy.expiry));
        QVERIFY(isExpired(registry[0], policy, noon + policy.expiry + base::Millis{1}));
        QVERIFY(modelStaged(registry, {gbt, 1}, ModelStage::Retired, policy, noon + policy.expiry * 2));
    }

    void whatIsFlaggedServesOnlyAfterItsLastSignature()
    {
        ModelRegistry registry{
            flagged(2, {Detector::TooGood, Detector::Permutation}, {Detector::TooGood, Detector::Permutation}),
            version(1, ModelStage::Challenger)};
        QCOMPARE(codeOf(modelStaged(registry, {gbt, 2}, ModelStage::Champion, policy, noon)), ErrorCode::Conflict);
        QCOMPARE(codeOf(modelStaged(registry, {gbt, 2}, ModelStage::Shadow, policy, noon)), ErrorCode::Conflict);
        const auto first = good(modelSignedOff(registry, {gbt, 2}, Detector::TooGood));
        QCOMPARE(first, std::vector{staged("gbt_5m 2: too good", "flagged", "signed off")});
        registry = good(changedModels(registry, {}, first, noon));
        QCOMPARE(stageOf(registry, 2), ModelStage::Quarantined);
        QCOMPARE(codeOf(modelStaged(registry, {gbt, 2}, ModelStage::Champion, policy, noon)), ErrorCode::Conflict);
        QCOMPARE(codeOf(modelSignedOff(registry, {gbt, 2}, Detector::TooGood)), ErrorCode::Conflict);
        const auto last = good(modelSignedOff(registry, {gbt, 2}, Detector::Permutation));
        QCOMPARE(last.size(), std::size_t{3});
        registry = good(changedModels(registry, {}, last, noon));
        QCOMPARE(stageOf(registry, 2), ModelStage::Challenger);
        QCOMPARE(stageOf(registry, 1), ModelStage::Shadow);
        // taking the first signature back would leave a challenger with an open flag
        QCOMPARE(codeOf(changedModels(registry, {}, inverse(first), noon)), ErrorCode::Conflict);
        registry = good(changedModels(registry, {}, inverse(last), noon));
        QCOMPARE(stageOf(registry, 2), ModelStage::Quarantined);
        QCOMPARE(stageOf(registry, 1), ModelStage::Challenger);
        QVERIFY(changedModels(registry, {}, inverse(first), noon));
    }

    void whatCanNeverBeSignedOffIsNot()
    {
        const ModelRegistry registry{
            flagged(1, {Detector::TooGood, Detector::Truncation, Detector::Overlap}, {Detector::TooGood})};
        for (const auto never : {Detector::Truncation, Detector::Overlap}) {
            QCOMPARE(codeOf(modelSignedOff(registry, {gbt, 1}, never)), ErrorCode::Unsupported);
        }
        QCOMPARE(codeOf(modelSignedOff(registry, {gbt, 1}, Detector::Permutation)), ErrorCode::NotFound);
        QCOMPARE(codeOf(modelSignedOff(registry, {gbt, 4}, Detector::TooGood)), ErrorCode::NotFound);
        const auto some =
            good(changedModels(registry, {}, good(modelSignedOff(registry, {gbt, 1}, Detector::TooGood)), noon));
        QCOMPARE(stageOf(some, 1), ModelStage::Quarantined);
        // not even by a change made by hand
        QCOMPARE(codeOf(changedModels(registry, {}, std::vector{staged("gbt_5m 1: overlap", "flagged", "signed off")},
                                      noon)),
                 ErrorCode::Unsupported);
        QCOMPARE(codeOf(changedModels(registry, {}, std::vector{staged("gbt_5m 1", "quarantined", "champion")}, noon)),
                 ErrorCode::Conflict);
    }

    void changesAreAllDoneOrNone()
    {
        const ModelRegistry registry{version(2, ModelStage::Shadow), version(1, ModelStage::Champion)};
        const auto result = [&](std::vector<Change> changes, std::vector<ModelRecord> added = {}) {
            return codeOf(changedModels(registry, added, changes, noon));
        };
        QCOMPARE(result({staged("gbt_5m 1", "challenger", "shadow")}), ErrorCode::Conflict); // another `before`
        QCOMPARE(result({staged("gbt_5m 2", "shadow", "champion")}), ErrorCode::Conflict);   // two champions
        QCOMPARE(result({staged("gbt_5m 5", "shadow", "champion")}), ErrorCode::NotFound);
        QCOMPARE(result({staged("gbt_5m 3", "", "challenger")}), ErrorCode::NotFound); // no record of it
        QCOMPARE(result({staged("gbt_5m 2", "", "challenger")}, {version(2, ModelStage::Challenger)}),
                 ErrorCode::Conflict);
        QCOMPARE(result({staged("gbt_5m 2", "shadow", "king")}), ErrorCode::Malformed);
        const auto grown = good(changedModels(
            registry, std::vector{version(3, ModelStage::Retired)},
            std::vector{staged("gbt_5m 3", "", "challenger"), Change{ChangeKind::Policy, "paper.notional", "1", "2"}},
            noon + oneDay));
        QCOMPARE(grown.size(), std::size_t{3});
        QCOMPARE(grown.front().name.number, 3U); // newest first
        QCOMPARE(grown.front().stage, ModelStage::Challenger);
        QCOMPARE(grown.front().stageSince, noon + oneDay);
    }

    void theNewestFewStayAndTheOthersRetire()
    {
        ModelRegistry registry;
        for (std::uint32_t n = 8; n >= 1; --n) {
            registry.push_back(version(n, n == 1 ? ModelStage::Champion : ModelStage::Shadow));
        }
        registry[0].stage = ModelStage::Retired;                      // 8: does not count
        const auto changes = retirements(registry, policy, {}, noon); // 7, 6, 5, 4, 3 stay; 2 goes; 1 serves
        QCOMPARE(changes, std::vector{staged("gbt_5m 2", "shadow", "retired")});
        const std::vector<VersionName> compared{{gbt, 2}};
        QVERIFY(retirements(registry, policy, compared, noon).empty());
        registry.erase(registry.begin() + 1); // 7: now there are five and the champion
        QVERIFY(retirements(registry, policy, {}, noon).empty());
    }

    void theOldRetireButTheChampion()
    {
        const ModelRegistry registry{version(2, ModelStage::Shadow), version(1, ModelStage::Champion)};
        const auto at = [&](base::Millis age) { return retirements(registry, policy, {}, noon + age).size(); };
        QCOMPARE(at(policy.retireAfter - base::Millis{1}), std::size_t{0});
        QCOMPARE(at(policy.retireAfter), std::size_t{0});
        QCOMPARE(at(policy.retireAfter + base::Millis{1}), std::size_t{1});
    }

    void convergedMeansThatTheNewestOverlapAboveChance()
    {
        const auto with = [](std::vector<statistics::Interval> intervals) {
            ModelRegistry out;
            for (std::size_t i = 0; i < intervals.size(); ++i) {
                out.push_back(version(static_cast<std::uint32_t>(intervals.size() - i), ModelStage::Shadow));
                out.back().quality.interval = intervals[i];
            }
            return out;
        };
        QVERIFY(hasConverged(with({{0.52, 0.56}, {0.54, 0.58}, {0.55, 0.60}}), gbt, policy));
        QVERIFY(!hasConverged(with({{0.52, 0.56}, {0.54, 0.58}}), gbt, policy));              // two only
        QVERIFY(hasConverged(with({{0.52, 0.55}, {0.54, 0.58}, {0.55, 0.60}}), gbt, policy)); // they touch
        QVERIFY(!hasConverged(with({{0.52, 0.549}, {0.54, 0.58}, {0.55, 0.60}}), gbt, policy));
        QVERIFY(!hasConverged(with({{0.50, 0.56}, {0.54, 0.58}, {0.55, 0.60}}), gbt, policy)); // not above 0.5
        QVERIFY(hasConverged(with({{0.501, 0.56}, {0.54, 0.58}, {0.55, 0.60}}), gbt, policy));
        // what lies before the newest three says nothing
        QVERIFY(hasConverged(with({{0.52, 0.56}, {0.54, 0.58}, {0.55, 0.60}, {0.40, 0.45}}), gbt, policy));
        auto regression = with({{0.1, 0.3}, {0.2, 0.4}, {0.2, 0.3}});
        for (auto& record : regression) {
            record.name.key = {Family::Volatility};
        }
        QVERIFY(hasConverged(regression, {Family::Volatility}, policy)); // R²: above 0
        regression[0].quality.interval->lower = 0;
        QVERIFY(!hasConverged(regression, {Family::Volatility}, policy));
    }

    void trainingIsDueAfterItsDaysAndTrades()
    {
        const ModelRegistry registry{version(12, ModelStage::Champion)};
        const auto due = [&](base::Millis age, std::uint64_t trades, bool hasDrifted = false) {
            return retrainDue(registry, gbt, trades, hasDrifted, policy, noon + age);
        };
        const auto days = policy.retrainEvery;
        const auto trades = policy.retrainTrades;
        QVERIFY(retrainDue({}, gbt, 0, false, policy, noon).isDue);
        QCOMPARE(retrainDue({}, gbt, 0, false, policy, noon).why, std::string("no version yet"));
        QVERIFY(due(days, trades).isDue);
        QVERIFY(!due(days - base::Millis{1}, trades).isDue);
        QVERIFY(!due(days, trades - 1).isDue);
        QCOMPARE(due(days, 118).why, std::string("14 days and 118 trades since version 12"));
        QCOMPARE(due(days, 1).why, std::string("1 trade of 75 since version 12"));
        QCOMPARE(due(oneDay * 3, 80).why, std::string("3 days of 14 since version 12"));
        QCOMPARE(due(oneDay * 3, 5).why, std::string("3 days of 14 and 5 trades of 75 since version 12"));
        QCOMPARE(due(oneDay * 3, 5).next, std::optional(noon + days));
        QVERIFY(!due(days, 5).next);
        QVERIFY(due(oneDay, 0, true).isDue);
        // a newer version has answered the drift, whatever became of it
        const ModelRegistry answered{version(13, ModelStage::Retired), version(12, ModelStage::Champion)};
        QVERIFY(!retrainDue(answered, gbt, 0, true, policy, noon + oneDay).isDue);
        QCOMPARE(due(oneDay / 2, 0).days, 0.5);
    }

    void whereNoneServesNoTradesAreWaitedFor()
    {
        const auto days = policy.retrainEvery;
        const ModelRegistry kept{version(1, ModelStage::Retired)};
        const auto due = [&](base::Millis age) { return retrainDue(kept, gbt, 0, false, policy, noon + age); };
        QVERIFY(due(days).isDue && !due(days - base::Millis{1}).isDue);
        QCOMPARE(due(days).why, std::string("14 days since version 1, and none serves"));
        QCOMPARE(due(oneDay * 3).why, std::string("3 days of 14 since version 1, and none serves"));
        QCOMPARE(due(oneDay * 3).next, std::optional(noon + days));
        // an expired champion answers nobody: no trades come of it either
        ModelRegistry old{version(1, ModelStage::Champion)};
        old[0].knows = noon - policy.expiry;
        QVERIFY(retrainDue(old, gbt, 0, false, policy, noon + days).isDue);
    }

    void thePolicyIsTheTables()
    {
        QCOMPARE(policy.expiry, oneDay * 30);
        QCOMPARE(policy.keepVersions, std::size_t{5});
        QCOMPARE(policy.retireAfter, oneDay * 90);
        QCOMPARE(policy.convergedVersions, std::size_t{3});
        QCOMPARE(policy.retrainTrades, std::size_t{75});
        QCOMPARE(policy.retrainEvery, oneDay * 14);
        QCOMPARE(policiesFrom({{"model.expiry_days", 7}}).models.expiry, oneDay * 7);
    }

    void aVersionsRecordIsItsLineages()
    {
        learning::ModelVersion made;
        made.bytesHash = "abc";
        made.lineage.rule.family = Family::Direction;
        made.lineage.instruments = {"ETH-USDT"};
        made.lineage.to = 77;
        made.lineage.rows = 5;
        made.lineage.featureSet = "5m-1";
        made.lineage.pooled = {.testRows = 40, .quality = 0.6, .qualityLow = 0.55, .qualityHigh = 0.65};
        made.lineage.verdict = AuditVerdict::Quarantined;
        made.lineage.audit = {
            {.detector = Detector::TooGood, .level = learning::LeakLevel::Fail},
            {.detector = Detector::Overlap, .level = learning::LeakLevel::Fail, .canBeSignedOff = false},
            {.detector = Detector::Permutation, .level = learning::LeakLevel::Fail, .isRun = false},
            {.detector = Detector::Truncation, .level = learning::LeakLevel::Warn}};
        const auto record = good(recordOf(made, 4, noon));
        QCOMPARE(versionName(record.name.key, record.name.number), std::string("direction_predictor@ETH-USDT 4"));
        QCOMPARE(record.flags, (std::set{Detector::TooGood, Detector::Overlap, Detector::Permutation}));
        QCOMPARE(record.signable, std::set{Detector::TooGood});
        QCOMPARE(record.knows, UtcMs{77});
        QCOMPARE(record.quality.interval,
                 (statistics::Defined<statistics::Interval>(statistics::Interval{0.55, 0.65})));
        made.lineage.instruments.push_back("BTC-USDT");
        QCOMPARE(codeOf(recordOf(made, 4, noon)), ErrorCode::Malformed);
    }

    void aNewVersionIsNotTakenBackByAnUndo()
    {
        const Decision past{.id = 4, .time = noon, .changes = {staged("gbt_5m 3", "", "champion")}};
        const auto undo = undoing(past, {}, [](const Change& c) { return std::optional(c.before); }, noon, "why");
        QCOMPARE(codeOf(undo), ErrorCode::Unsupported);
        QVERIFY(undo.error().detail.contains("gbt_5m 3"));
        QCOMPARE(text(past.changes), std::string("gbt_5m 3: new to champion"));
    }
};

QTEST_GUILESS_MAIN(ModelRegistryTest)
#include "model_registry_test.moc"
