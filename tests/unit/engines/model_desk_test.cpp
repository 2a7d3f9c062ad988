// The desk of models on a real database, as the command line has it: promotions with and without a reason, signatures,
// files of other machines and all that is refused of them, retirements, undo, and two versions against each other in
// shadow.
#include "engines/experiment_evidence.h"
#include "engines/model_desk.h"
#include "engines/model_experiments.h"
#include "engines/offline_decisions.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "testkit/made_models.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <cmath>

using namespace qd;
using namespace qd::engines;
using namespace qd::testkit;
using base::ErrorCode;
using base::oneDay;
using base::UtcMs;
using console::ExperimentEnd;
using governance::Comparison;
using governance::Design;
using governance::ModelStage;
using learning::Detector;
using learning::Family;

namespace {

constexpr UtcMs today{20'000 * 86'400'000LL};

struct FixedClock final : base::Clock {
    UtcMs time = today;
    [[nodiscard]] UtcMs now() const override { return time; }
};

struct Floor {
    Store store;
    FixedClock clock;

    Floor() { (void)store.add("BTC-USDT"); }
    [[nodiscard]] ModelDesk desk() { return offlineModels(*store, clock); }
    [[nodiscard]] ExperimentDesk experiments() { return offlineExperiments(*store, clock); }
    void add(Family family, std::uint32_t number, ModelStage stage,
             const std::function<void(storage::AddedModel&)>& change = {})
    {
        auto model = madeModel(family, number, today, std::string(learning::name(family)) + std::to_string(number));
        model.record.knows = today;
        if (change) {
            change(model);
        }
        CarryOut order{.decision = {.time = clock.now(), .changes = {addedAs(model, stage)}, .what = "made"},
                       .models = {model}};
        good(carryOutOffline(*store, order));
    }
    [[nodiscard]] std::string stageOf(const std::string& version)
    {
        const auto found = good(storage::ModelStore(*store).find(version));
        return found ? std::string(governance::name(found->record.stage)) : "none";
    }
    [[nodiscard]] governance::Decision newest()
    {
        return storage::decisionOf(good(storage::JournalStore(*store).entries({}, 1)).front());
    }
    [[nodiscard]] std::int64_t decisions() { return good(store->number("SELECT count(*) FROM journal")); }
};

template <typename T>
ErrorCode codeOf(const base::Result<T>& result)
{
    return result ? ErrorCode::Internal : result.error().code;
}

} // namespace

class ModelDeskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPromotionThatNoExperimentWonWantsAReason()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Champion);
        floor.add(Family::Gbt5m, 2, ModelStage::Challenger);
        const auto before = floor.decisions();
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 2", ModelStage::Champion, " "})), ErrorCode::OutOfRange);
        QCOMPARE(floor.decisions(), before);
        good(floor.desk().setStage({"gbt_5m 2", ModelStage::Champion, "it knows the newest regime"}));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("champion"));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("shadow"));
        const auto journal = floor.newest();
        QCOMPARE(journal.why, std::string("it knows the newest regime"));
        QCOMPARE(journal.changes.size(), std::size_t{2});
        QVERIFY(journal.evidence.contains("AUC 0.56"));
        // roll back, with a reason too; a restart remembers
        good(floor.desk().setStage({"gbt_5m 1", ModelStage::Champion, "the new one is worse"}));
        floor.store.reopen();
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion"));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("shadow"));
    }

    void takingTheChampionOutOfServiceWantsAReasonOthersDoNot()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Champion);
        floor.add(Family::Gbt5m, 2, ModelStage::Shadow);
        good(floor.desk().setStage({"gbt_5m 2", ModelStage::Retired, ""}));
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 1", ModelStage::Retired, ""})), ErrorCode::OutOfRange);
        good(floor.desk().setStage({"gbt_5m 1", ModelStage::Retired, "it loses"}));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("retired"));
        QVERIFY(good(storage::ModelStore(*floor.store).version("gbt_5m 1"))); // its bytes are kept
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 9", ModelStage::Champion, "x"})), ErrorCode::NotFound);
        QCOMPARE(codeOf(floor.desk().setStage({"king 9", ModelStage::Champion, "x"})), ErrorCode::Malformed);
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 1", ModelStage::Champion, std::string(10'001, 'x')})),
                 ErrorCode::OutOfRange);
    }

    void aSignatureWantsAReasonAndCanBeTakenBack()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Quarantined, [](storage::AddedModel& model) {
            model.record.flags = model.record.signable = {Detector::TooGood};
            model.record.verdict = learning::AuditVerdict::WantsSignature;
        });
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 1", ModelStage::Champion, "now"})), ErrorCode::Conflict);
        QCOMPARE(codeOf(floor.desk().signOff({"gbt_5m 1", Detector::TooGood, ""})), ErrorCode::OutOfRange);
        QCOMPARE(codeOf(floor.desk().signOff({"gbt_5m 1", Detector::Overlap, "why"})), ErrorCode::NotFound);
        good(floor.desk().signOff({"gbt_5m 1", Detector::TooGood, "a calm month"}));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("challenger"));
        auto desk = offlineDesk(*floor.store, floor.clock);
        good(desk.undo({floor.newest().id, "it was not so calm"}));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("quarantined"));
        QVERIFY(good(storage::ModelStore(*floor.store).registry()).front().signedOff.empty());
    }

    void aPromotionIsUndoneUnlessSomethingChangedSince()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Champion);
        floor.add(Family::Gbt5m, 2, ModelStage::Challenger);
        const auto registered = floor.newest().id;
        good(floor.desk().setStage({"gbt_5m 2", ModelStage::Champion, "now"}));
        const auto promoted = floor.newest().id;
        auto desk = offlineDesk(*floor.store, floor.clock);
        good(desk.undo({promoted, "back"}));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion"));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("challenger"));
        QCOMPARE(codeOf(desk.undo({promoted, "again"})), ErrorCode::Conflict);
        QCOMPARE(codeOf(desk.undo({registered, "never trained"})), ErrorCode::Unsupported);
        good(floor.desk().setStage({"gbt_5m 2", ModelStage::Champion, "now"}));
        const auto again = floor.newest().id;
        good(floor.desk().setStage({"gbt_5m 1", ModelStage::Retired, ""}));
        QCOMPARE(codeOf(desk.undo({again, "back"})), ErrorCode::Conflict);
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("champion"));
    }

    void aFileOfAnotherMachineGetsTheStageThatItsAuditEarned()
    {
        Floor floor;
        const auto honest = trainedVersion(Family::Gbt5m, 1);
        QCOMPARE(codeOf(floor.desk().importVersion({learning::packed(honest), " "})), ErrorCode::OutOfRange);
        QCOMPARE(good(floor.desk().importVersion({learning::packed(honest), "from the big machine"})),
                 std::string("gbt_5m 1"));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion")); // the first honest one
        QCOMPARE(good(storage::ModelStore(*floor.store).version("gbt_5m 1"))->bytes, honest.bytes);
        // what was exported is what was imported
        QCOMPARE(good(storage::ModelStore(*floor.store).packed("gbt_5m 1")), learning::packed(honest));
        const auto second = trainedVersion(Family::Gbt5m, 2);
        QCOMPARE(good(floor.desk().importVersion({learning::packed(second), ""})), std::string("gbt_5m 2"));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("challenger"));
        auto leaky = trainedVersion(Family::Gbt5m, 3);
        leaky.lineage.audit = findings(Detector::TooGood); // though it calls itself clean
        QCOMPARE(good(floor.desk().importVersion({learning::packed(leaky), ""})), std::string("gbt_5m 3"));
        QCOMPARE(floor.stageOf("gbt_5m 3"), std::string("quarantined"));
        auto flat = trainedVersion(Family::Gbt5m, 4);
        flat.lineage.hasSignal = false;
        good(floor.desk().importVersion({learning::packed(flat), ""}));
        QCOMPARE(floor.stageOf("gbt_5m 4"), std::string("retired"));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion"));
    }

    void whatIsNoVersionForThisProgramIsRefusedInWords()
    {
        Floor floor;
        const auto honest = trainedVersion(Family::Gbt5m, 1);
        const auto bytes = learning::packed(honest);
        const auto refused = [&](const std::string& file) {
            const auto done = floor.desk().importVersion({file, "a test"});
            return done ? base::Error{} : done.error();
        };
        QCOMPARE(refused("").code, ErrorCode::Malformed);
        QCOMPARE(refused("PK\x03\x04 a foreign file").code, ErrorCode::Malformed);
        QCOMPARE(refused(bytes.substr(0, bytes.size() - 1)).code, ErrorCode::Malformed);
        auto flipped = bytes;
        flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 4);
        QCOMPARE(refused(flipped).code, ErrorCode::Malformed);
        auto other = honest;
        other.lineage.library = "0.9.9";
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::Unsupported);
        QVERIFY(refused(learning::packed(other)).detail.contains("0.9.9"));
        other = honest;
        other.lineage.featureHash = "another";
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::Unsupported);
        other = honest;
        other.bytes = "no trees at all";
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::Malformed); // not those of its hash
        other.bytesHash = base::sha256Hex(other.bytes);
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::Malformed);
        other = honest;
        other.lineage.rule.family = Family::Volatility; // its trees are a classification's
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::Malformed);
        const auto foreign = trainedVersion(Family::Direction, 5);
        other = foreign;
        other.lineage.instruments = {"DOGE-USDT"};
        QCOMPARE(refused(learning::packed(other)).code, ErrorCode::NotFound);
        QCOMPARE(floor.decisions(), std::int64_t{0});
        QVERIFY(good(storage::ModelStore(*floor.store).registry()).empty());
        good(floor.desk().importVersion({bytes, "it is tried"}));
        QCOMPARE(refused(bytes).code, ErrorCode::AlreadyExists);
        QCOMPARE(refused(bytes).subject, std::string("gbt_5m 1"));
        good(floor.desk().importVersion({learning::packed(foreign), "it is tried"}));
        QCOMPARE(floor.stageOf("direction_predictor@BTC-USDT 1"), std::string("champion"));
    }

    void whatIsTooOldRetiresInOneDecisionOfThePolicy()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Champion);
        floor.add(Family::Gbt5m, 2, ModelStage::Shadow);
        floor.add(Family::Fill, 1, ModelStage::Shadow);
        QVERIFY(good(floor.desk().retire()).empty());
        floor.clock.time = today + oneDay * 90 + base::Millis{1};
        const auto before = floor.decisions();
        QCOMPARE(good(floor.desk().retire()), (std::vector<std::string>{"gbt_5m 2", "fill_predictor 1"}));
        QCOMPARE(floor.decisions(), before + 1);
        QCOMPARE(floor.newest().by, governance::Actor::Policy);
        QVERIFY(floor.newest().evidence.starts_with("gbt_5m 2: AUC"));
        QVERIFY(floor.newest().evidence.find("; fill_predictor 1: ") != std::string::npos);
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion"));
        QVERIFY(good(floor.desk().retire()).empty());
        auto desk = offlineDesk(*floor.store, floor.clock);
        good(desk.undo({floor.newest().id, "not yet"}));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("shadow"));
    }

    void twoVersionsAreComparedInShadowAndTheBetterOneIsPromoted()
    {
        Floor floor;
        shadowFloor(floor);
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        // nothing of it changes under the experiment, and nothing else begins
        QCOMPARE(codeOf(floor.desk().setStage({"fill_predictor 2", ModelStage::Champion, "now"})), ErrorCode::Conflict);
        QCOMPARE(codeOf(floor.experiments().start(wish("fill_predictor 3"))), ErrorCode::Conflict);
        QVERIFY(floor.desk().setStage({"fill_predictor 3", ModelStage::Retired, ""}));
        addDays(floor, 13, -0.01);
        QCOMPARE(assessment(floor, id).verdict, statistics::Verdict::Collecting);
        QCOMPARE(codeOf(floor.experiments().end({id, ExperimentEnd::PromoteB, ""})), ErrorCode::Conflict);
        addDays(floor, 14, -0.01);
        tend(floor);
        const auto now = assessment(floor, id);
        QCOMPARE(now.verdict, statistics::Verdict::BBetter);
        QVERIFY(now.supportsB());
        QCOMPARE(now.blocks, std::size_t{14});
        good(floor.experiments().end({id, ExperimentEnd::PromoteB, ""}));
        QCOMPARE(floor.stageOf("fill_predictor 2"), std::string("champion"));
        QCOMPARE(floor.stageOf("fill_predictor 1"), std::string("shadow"));
        // to promote it again after a roll back wants no reason: it has won against that very champion
        good(floor.desk().setStage({"fill_predictor 1", ModelStage::Champion, "for a moment"}));
        good(floor.desk().setStage({"fill_predictor 2", ModelStage::Champion, ""}));
    }

    void aWorseOneIsStoppedForHarmAndTriedNoMore()
    {
        Floor floor;
        shadowFloor(floor);
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        addDays(floor, 15, 0.01);
        tend(floor);
        const auto ended = *good(storage::ExperimentStore(*floor.store).find(id));
        QVERIFY(ended.ended);
        QCOMPARE(ended.outcome, std::string(storage::outcomeKept));
        QCOMPARE(floor.stageOf("fill_predictor 1"), std::string("champion"));
        QCOMPARE(floor.stageOf("fill_predictor 2"), std::string("shadow")); // the challenger's place is free
    }

    void equalOnesStayUndecidedUntilTheTimeIsOver()
    {
        Floor floor;
        floor.store.write([&] { good(storage::PolicyStore(*floor.store).set("model.expiry_days", 365)); });
        shadowFloor(floor);
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        addDays(floor, 58, 0);
        tend(floor);
        QVERIFY(!good(storage::ExperimentStore(*floor.store).find(id))->ended);
        addDays(floor, 60, 0);
        tend(floor);
        QCOMPARE(good(storage::ExperimentStore(*floor.store).find(id))->outcome, std::string(storage::outcomeKept));
        QCOMPARE(floor.stageOf("fill_predictor 1"), std::string("champion"));
    }

    void anExperimentEndsWithTheAgeOfItsVersions()
    {
        Floor floor;
        shadowFloor(floor);
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        addDays(floor, 29, 0);
        floor.clock.time = today + oneDay * 30 + std::chrono::minutes(2);
        tend(floor);
        QVERIFY(!good(storage::ExperimentStore(*floor.store).find(id))->ended);
        floor.clock.time = today + oneDay * 31 + std::chrono::minutes(2);
        tend(floor);
        QCOMPARE(good(storage::ExperimentStore(*floor.store).find(id))->outcome, std::string(storage::outcomeStopped));
        QVERIFY(floor.newest().why.contains("fill_predictor 2 has expired"));
        QCOMPARE(floor.newest().by, governance::Actor::Policy);
        QCOMPARE(floor.stageOf("fill_predictor 1"), std::string("champion"));
    }

    void aVerdictOfNightsThatNobodySawComesBeforeTheAge()
    {
        Floor floor;
        shadowFloor(floor);
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        addDays(floor, 15, 0.01);
        floor.clock.time = today + oneDay * 40; // the console was away
        tend(floor);
        QCOMPARE(good(storage::ExperimentStore(*floor.store).find(id))->outcome, std::string(storage::outcomeKept));
        QVERIFY(!floor.newest().why.contains("expired"));
    }

    void whatCannotBeComparedIsRefused()
    {
        Floor floor;
        shadowFloor(floor);
        floor.add(Family::StopHit, 1, ModelStage::Shadow);
        floor.add(Family::Fill, 4, ModelStage::Quarantined, [](storage::AddedModel& model) {
            model.record.flags = {Detector::Overlap};
            model.record.verdict = learning::AuditVerdict::Quarantined;
        });
        floor.add(Family::Fill, 5, ModelStage::Shadow,
                  [](storage::AddedModel& model) { model.record.featureSet = "1m-1"; });
        auto desk = floor.experiments();
        QCOMPARE(codeOf(desk.start(wish("fill_predictor 9"))), ErrorCode::NotFound);
        QCOMPARE(codeOf(desk.start(wish("breakout"))), ErrorCode::Malformed);
        QCOMPARE(codeOf(desk.start(wish("fill_predictor 1"))), ErrorCode::Conflict);     // against itself
        QCOMPARE(codeOf(desk.start(wish("fill_predictor 4"))), ErrorCode::Conflict);     // quarantined
        QCOMPARE(codeOf(desk.start(wish("fill_predictor 5"))), ErrorCode::Conflict);     // of other features
        QCOMPARE(codeOf(desk.start(wish("stop_hit_predictor 1"))), ErrorCode::Conflict); // another family
        QCOMPARE(codeOf(desk.start({"stop_hit_predictor", Design::Paired, Comparison::Models, "stop_hit_predictor 1",
                                    "no champion"})),
                 ErrorCode::Conflict);
        QCOMPARE(codeOf(desk.start({"fill_predictor", Design::Split, Comparison::Models, "fill_predictor 2", "x"})),
                 ErrorCode::Conflict);
        floor.clock.time = today + oneDay * 31;
        QCOMPARE(codeOf(desk.start(wish("fill_predictor 2"))), ErrorCode::Conflict); // it has expired
    }

    void gbtIsComparedByTheTradesOfItsStrategy()
    {
        Floor floor;
        floor.add(Family::Gbt5m, 1, ModelStage::Champion);
        floor.add(Family::Gbt5m, 2, ModelStage::Challenger);
        const auto id = good(
            floor.experiments().start({"ml_gbt_5m", Design::Paired, Comparison::Models, "gbt_5m 2", "the newest"}));
        const auto begun = *good(storage::ExperimentStore(*floor.store).find(id));
        QCOMPARE(begun.plan.subject, std::string("ml_gbt_5m"));
        QCOMPARE(begun.plan.a, std::string("gbt_5m 1"));
        QCOMPARE(begun.plan.b, std::string("gbt_5m 2"));
        QVERIFY(!governance::isShadow(begun.plan));
        const auto arms = begun.arms();
        QCOMPARE(arms.size(), std::size_t{1});
        QCOMPARE(arms.front().model->version, std::string("gbt_5m 2"));
        QCOMPARE(comparedModels(good(readInForce(*floor.store)).experiments).size(), std::size_t{2});
        // a version trained meanwhile queues as the next challenger; the experiment goes on
        trainMeanwhile(floor, Family::Gbt5m, 3);
        QCOMPARE(floor.stageOf("gbt_5m 3"), std::string("shadow"));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("challenger"));
        QVERIFY(!good(storage::ExperimentStore(*floor.store).find(id))->ended);
        // nor may anybody else put another one in its place
        QCOMPARE(codeOf(floor.desk().setStage({"gbt_5m 3", ModelStage::Challenger, "now"})), ErrorCode::Conflict);
        floor.clock.time = today + oneDay * 3;
        good(floor.experiments().end({id, ExperimentEnd::Stop, "enough"}));
        QCOMPARE(floor.stageOf("gbt_5m 3"), std::string("challenger"));
        QCOMPARE(floor.stageOf("gbt_5m 2"), std::string("shadow"));
        QCOMPARE(floor.stageOf("gbt_5m 1"), std::string("champion"));
    }

    void whatWaitedIsTheChallengerWhenBLoses()
    {
        Floor floor;
        shadowFloor(floor); // 3 is in shadow already: it does not wait
        const auto id = good(floor.experiments().start(wish("fill_predictor 2")));
        trainMeanwhile(floor, Family::Fill, 4);
        QCOMPARE(floor.stageOf("fill_predictor 4"), std::string("shadow"));
        addDays(floor, 15, 0.01);
        tend(floor);
        QVERIFY(good(storage::ExperimentStore(*floor.store).find(id))->ended);
        QCOMPARE(floor.stageOf("fill_predictor 2"), std::string("shadow"));
        QCOMPARE(floor.stageOf("fill_predictor 3"), std::string("shadow"));
        QCOMPARE(floor.stageOf("fill_predictor 4"), std::string("challenger"));
    }

private:
    static console::StartExperiment wish(const std::string& version)
    {
        return {"fill_predictor", Design::Paired, Comparison::Models, version, "to see"};
    }
    /// An honest version a minute after `today`, as a training or an import brings it.
    static void trainMeanwhile(Floor& floor, Family family, std::uint32_t number)
    {
        auto next = madeModel(family, number, today);
        next.record.knows = today;
        const auto inForce = good(readInForce(*floor.store));
        const auto admission =
            governance::admitted(inForce.models, next.record, true, comparedModels(inForce.experiments));
        good(carryOutOffline(
            *floor.store,
            {.decision = {.time = today + std::chrono::minutes(1), .changes = admission.changes, .what = "trained"},
             .models = {next}}));
    }
    static void shadowFloor(Floor& floor)
    {
        floor.add(Family::Fill, 1, ModelStage::Champion);
        floor.add(Family::Fill, 2, ModelStage::Challenger);
        floor.add(Family::Fill, 3, ModelStage::Shadow);
    }
    /// The clock stands at the end of the n-th day; on each, B's mean loss is that much more than A's, and some noise.
    static void addDays(Floor& floor, int days, double more)
    {
        floor.store.write([&] {
            for (int day = 0; day < days; ++day) {
                const double noise = 0.002 * std::sin(1.7 * day);
                good(storage::ModelStore(*floor.store)
                         .put(storage::ModelDay{"fill_predictor 2", today + oneDay * day, 200,
                                                200 * (0.65 + more + noise), "fill_predictor 1", 200 * 0.65}));
            }
        });
        // A midnight is looked at when it settled, and a day of predictions once all its labels are known.
        floor.clock.time = today + oneDay * (days + 1) + std::chrono::minutes(2);
    }
    static void tend(Floor& floor)
    {
        std::vector<std::string> told;
        good(floor.experiments().tend(told));
    }
    static governance::Assessment assessment(Floor& floor, std::int64_t id)
    {
        const auto experiment = *good(storage::ExperimentStore(*floor.store).find(id));
        return good(assessed(*floor.store, experiment, floor.clock.now()));
    }
};

QTEST_GUILESS_MAIN(ModelDeskTest)
#include "model_desk_test.moc"
