// The registry in its tables: versions with bytes, stages moved by decisions in one transaction, what is damaged, a
// disk that is full when one is saved, a process that is killed; runs, days, drift and the models of trades.
#include "storage/decision_writer.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage_testkit.h"
#include "testkit/full_disk.h"
#include "testkit/made_models.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <sys/wait.h>
#include <unistd.h>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
using base::UtcMs;
using governance::ModelStage;
using learning::Detector;
using learning::Family;

namespace {

const governance::ModelKey gbt{Family::Gbt5m};

DecisionRows decision(std::vector<governance::Change> changes, std::vector<AddedModel> models = {}, UtcMs at = {9'000})
{
    return {.decision = {.time = at, .changes = std::move(changes), .what = "a decision", .why = "a test"},
            .models = std::move(models)};
}

governance::Change staged(const std::string& version, const std::string& before, const std::string& after)
{
    return {governance::ChangeKind::ModelStage, version, before, after};
}

/// In one transaction; nothing of it remains where it fails.
base::Result<std::int64_t> written(Store& store, const DecisionRows& rows)
{
    good(store->begin());
    auto id = writeDecision(*store, rows);
    if (id) {
        if (auto done = store->commit(true); !done) {
            store->rollback();
            return std::unexpected(done.error());
        }
    } else {
        store->rollback();
    }
    return id;
}

void register1(Store& store)
{
    const auto first = madeModel(Family::Gbt5m, 1);
    good(written(store, decision({addedAs(first, ModelStage::Champion)}, {first})));
}

std::vector<std::pair<std::uint32_t, ModelStage>> stagesOf(Store& store)
{
    std::vector<std::pair<std::uint32_t, ModelStage>> out;
    const auto registry = good(ModelStore(*store).registry());
    for (const auto& record : registry) {
        out.emplace_back(record.name.number, record.stage);
    }
    return out;
}

} // namespace

class ModelStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aVersionComesBackAsItWas()
    {
        Store store;
        auto model = madeModel(Family::Direction, 3, {5'000});
        model.record.flags = {Detector::TooGood, Detector::Overlap};
        model.record.signable = {Detector::TooGood};
        model.record.verdict = learning::AuditVerdict::Quarantined;
        good(written(store, decision({addedAs(model, ModelStage::Quarantined)}, {model}, {9'000})));
        store.reopen();
        ModelStore models(*store);
        const auto all = good(models.all());
        QCOMPARE(all.size(), std::size_t{1});
        const auto& got = all.front().record;
        QCOMPARE(got.name, model.record.name);
        QCOMPARE(got.stage, ModelStage::Quarantined);
        QCOMPARE(got.stageSince, UtcMs{9'000});
        QCOMPARE(got.trained, UtcMs{5'000});
        QCOMPARE(got.knows, model.record.knows);
        QCOMPARE(got.quality.value, model.record.quality.value);
        QVERIFY(got.quality.interval == model.record.quality.interval);
        QCOMPARE(got.quality.n, model.record.quality.n);
        QCOMPARE(got.flags, model.record.flags);
        QCOMPARE(got.signable, model.record.signable);
        QVERIFY(got.signedOff.empty());
        QCOMPARE(got.verdict, model.record.verdict);
        QCOMPARE(got.spansRegimes, true);
        QCOMPARE(got.bytesHash, model.record.bytesHash);
        QCOMPARE(got.featureSet, model.record.featureSet);
        QCOMPARE(got.rows, model.record.rows);
        QCOMPARE(all.front().why, model.why);
        QCOMPARE(all.front().regimeShares, model.regimeShares);
        const auto version = good(models.version("direction_predictor@BTC-USDT 3"));
        QCOMPARE(version->bytes, model.version->bytes);
        QCOMPARE(version->lineage.reason, model.version->lineage.reason);
        QCOMPARE(good(models.packed("direction_predictor@BTC-USDT 3")), learning::packed(*model.version));
        QCOMPARE(good(models.byHash(got.bytesHash)), std::optional(std::string("direction_predictor@BTC-USDT 3")));
        QVERIFY(!good(models.byHash("another")));
    }

    void anUndefinedQualityStaysUndefined()
    {
        Store store;
        auto model = madeModel(Family::Fill, 1);
        model.record.quality = {};
        good(written(store, decision({addedAs(model, ModelStage::Retired)}, {model})));
        const auto got = good(ModelStore(*store).registry()).front();
        QVERIFY(!got.quality.value && !got.quality.interval);
    }

    void aDecisionMovesStagesWithItsRowOfTheJournal()
    {
        Store store;
        register1(store);
        const auto second = madeModel(Family::Gbt5m, 2);
        good(written(store, decision({addedAs(second, ModelStage::Challenger)}, {second})));
        const auto id = good(written(
            store, decision({staged("gbt_5m 1", "champion", "shadow"), staged("gbt_5m 2", "challenger", "champion")})));
        QCOMPARE(stagesOf(store), (std::vector<std::pair<std::uint32_t, ModelStage>>{{2, ModelStage::Champion},
                                                                                     {1, ModelStage::Shadow}}));
        QCOMPARE(good(JournalStore(*store).entry(id)).changes.size(), std::size_t{2});
    }

    void aDecisionThatDoesNotFitWritesNothing()
    {
        Store store;
        register1(store);
        const auto journalled = good(store->number("SELECT count(*) FROM journal"));
        const auto second = madeModel(Family::Gbt5m, 2);
        // two champions; another `before`; a version that nobody brings; a number that is taken
        for (const auto& rows :
             {decision({addedAs(second, ModelStage::Champion)}, {second}),
              decision({addedAs(second, ModelStage::Challenger), staged("gbt_5m 1", "shadow", "retired")}, {second}),
              decision({addedAs(second, ModelStage::Challenger)}),
              decision({addedAs(madeModel(Family::Gbt5m, 1), ModelStage::Retired)}, {madeModel(Family::Gbt5m, 1)})}) {
            QVERIFY(!written(store, rows));
        }
        QCOMPARE(good(store->number("SELECT count(*) FROM journal")), journalled);
        QCOMPARE(stagesOf(store).size(), std::size_t{1});
        QCOMPARE(stagesOf(store).front().second, ModelStage::Champion);
    }

    void aSignatureIsKept()
    {
        Store store;
        auto model = madeModel(Family::Gbt5m, 1);
        model.record.flags = model.record.signable = {Detector::TooGood};
        model.record.verdict = learning::AuditVerdict::WantsSignature;
        good(written(store, decision({addedAs(model, ModelStage::Quarantined)}, {model})));
        const auto registry = good(ModelStore(*store).registry());
        const auto changes = good(governance::modelSignedOff(registry, {gbt, 1}, Detector::TooGood));
        good(written(store, decision(changes)));
        const auto got = good(ModelStore(*store).registry()).front();
        QCOMPARE(got.signedOff, std::set{Detector::TooGood});
        QCOMPARE(got.stage, ModelStage::Challenger);
        good(written(store, decision(governance::inverse(changes))));
        QVERIFY(good(ModelStore(*store).registry()).front().signedOff.empty());
    }

    void bytesThatAreDamagedAreToldAndTheOthersServe()
    {
        Store store;
        register1(store);
        const auto second = madeModel(Family::Gbt5m, 2);
        good(written(store, decision({addedAs(second, ModelStage::Challenger)}, {second})));
        ModelStore models(*store);
        // one byte of the body; cut short; a blob that is nothing; another version's bytes, whole
        const auto first = good(models.packed("gbt_5m 1"));
        auto flipped = good(models.packed("gbt_5m 2"));
        const auto cut = flipped.substr(0, flipped.size() / 2);
        flipped[flipped.size() - 9] = static_cast<char>(flipped[flipped.size() - 9] ^ 1);
        for (const auto& bytes : {flipped, cut, std::string("x"), std::string(), first}) {
            auto statement = good(store->prepare("UPDATE models SET packed=? WHERE number=2"));
            statement.bindBlob(0, bytes);
            good(statement.run());
            const auto got = models.version("gbt_5m 2");
            QVERIFY(!got);
            QCOMPARE(got.error().code, ErrorCode::Damaged);
            QCOMPARE(got.error().subject, std::string("gbt_5m 2"));
            QCOMPARE(good(models.registry()).size(), std::size_t{2});
            QCOMPARE(good(models.version("gbt_5m 1"))->bytes, std::string("trees 1"));
        }
        good(store->run("UPDATE models SET stage='king' WHERE number=2"));
        QCOMPARE(models.registry().error().code, ErrorCode::Damaged);
    }

    void whatIsNotThereIsSaid()
    {
        Store store;
        ModelStore models(*store);
        QCOMPARE(models.packed("gbt_5m 4").error().code, ErrorCode::NotFound);
        QCOMPARE(models.version("gbt_5m 4").error().code, ErrorCode::NotFound);
        QCOMPARE(models.packed("gbt").error().code, ErrorCode::Malformed);
        QVERIFY(!good(models.find("gbt_5m 4")));
    }

    void aFullDiskAtSavingKeepsTheChampion() { onASmallDisk("3m", saveWithoutRoom); }

    void aFileThatMayNotGrowAtSavingKeepsTheChampion()
    {
        Store store;
        register1(store);
        const auto refused = [&] {
            const SmallFiles limit(3'000'000);
            return promoteALargeOne(store);
        }();
        keptTheChampion(store, refused, ErrorCode::Io);
    }

    void aKillLeavesAllOfADecisionOrNothing()
    {
        Store store;
        register1(store);
        const auto file = store.file();
        store.close();
        const auto promoteIn = [&](bool commits) {
            const pid_t child = ::fork();
            if (child == 0) {
                auto database = good(Database::open(file, Database::Mode::ReadWrite));
                good(database.begin());
                auto second = madeModel(Family::Gbt5m, 2, {6'000}, std::string(300'000, 'b'));
                good(writeDecision(database, decision({staged("gbt_5m 1", "champion", "shadow"),
                                                       addedAs(second, ModelStage::Champion)},
                                                      {second})));
                if (commits) {
                    good(database.commit(true));
                }
                ::_exit(0); // as a kill: nothing is closed
            }
            int status = 0;
            ::waitpid(child, &status, 0);
        };
        promoteIn(false);
        store.reopen();
        QCOMPARE(stagesOf(store), (std::vector<std::pair<std::uint32_t, ModelStage>>{{1, ModelStage::Champion}}));
        store.close();
        promoteIn(true);
        store.reopen();
        QCOMPARE(stagesOf(store), (std::vector<std::pair<std::uint32_t, ModelStage>>{{2, ModelStage::Champion},
                                                                                     {1, ModelStage::Shadow}}));
        QCOMPARE(good(ModelStore(*store).version("gbt_5m 2"))->bytes.size(), std::size_t{300'000});
    }

    void runsAreKeptAndThoseOfADeadProgramEnd()
    {
        Store store;
        ModelStore models(*store);
        RetrainRun run{.model = "gbt_5m", .trigger = "by you: a test", .started = {100}};
        run.id = good(models.begin(run));
        run.ended = UtcMs{200};
        run.outcome = "challenger";
        run.version = "gbt_5m 2";
        run.why = "better in 5 of 6 folds";
        good(models.end(run));
        QCOMPARE(models.end(run).error().code, ErrorCode::NotFound); // it ended
        RetrainRun other{.model = "fill_predictor", .trigger = "drift", .started = {300}};
        other.id = good(models.begin(other));
        store.reopen();
        ModelStore again(*store);
        QCOMPARE(good(again.endAbandoned({250})), std::int64_t{1}); // a clock that was set back
        const auto runs = good(again.runs());
        QCOMPARE(runs.size(), std::size_t{2});
        QCOMPARE(runs[0].model, std::string("fill_predictor")); // newest first
        QCOMPARE(runs[0].ended, std::optional(UtcMs{300}));
        QCOMPARE(runs[0].outcome, std::string("failed"));
        QCOMPARE(runs[1], run);
        QCOMPARE(good(again.runs("gbt_5m")).size(), std::size_t{1});
        QCOMPARE(good(again.runs({}, 1)).size(), std::size_t{1});
        QCOMPARE(good(again.endAbandoned({400})), std::int64_t{0});
    }

    void daysInShadowAndDriftComeBack()
    {
        Store store;
        ModelStore models(*store);
        const ModelDay second{"gbt_5m 2", {172'800'000}, 100, 69.5, "gbt_5m 1", 70.25};
        const ModelDay first{"gbt_5m 2", {86'400'000}, 90, 60.5, "", std::nullopt};
        for (const auto& day : {second, first, ModelDay{"gbt_5m 3", {86'400'000}, 1, 1, "", std::nullopt}}) {
            good(models.put(day));
        }
        QCOMPARE(good(models.days("gbt_5m 2")), (std::vector{first, second}));
        auto more = second;
        more.rows = 120;
        good(models.put(more)); // the day goes on
        QCOMPARE(good(models.days("gbt_5m 2")), (std::vector{first, more}));

        using Level = learning::DriftLevel;
        const ModelDrift old{"gbt_5m 2", {1'000}, {{"a", 0.3, 0.2, Level::Drift}, {"b", 0.01, 0.1, Level::Stable}}};
        const ModelDrift newest{"gbt_5m 2",
                                {2'000},
                                {{"b", 0.15, 0.1, Level::Watch},
                                 {"c", 0.01, std::nullopt, Level::Stable},
                                 {"a", std::nullopt, std::nullopt, Level::Unknown}}};
        good(models.put(newest));
        good(models.put(old));
        QCOMPARE(good(models.newestDrift("gbt_5m 2")), std::optional(newest));
        QCOMPARE(good(models.driftAt("gbt_5m 2", {1'999})), std::optional(old));
        QCOMPARE(good(models.driftAt("gbt_5m 2", {2'000})), std::optional(newest));
        QVERIFY(!good(models.driftAt("gbt_5m 2", {999})));
        QVERIFY(!good(models.newestDrift("gbt_5m 9")));
        good(store->run("UPDATE model_drift SET level='wild' WHERE time=2000"));
        QCOMPARE(models.newestDrift("gbt_5m 2").error().code, ErrorCode::Damaged);
    }

    void theModelOfATradeComesBackToTheBit()
    {
        Store store;
        ModelStore models(*store);
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const TradeModelRow row{7, "ml_gbt_5m", 1'234, "gbt_5m 2", "hash", 0.625, 0.5, {0.1F, nan, -3.0F}};
        good(models.put(row));
        good(models.put(row)); // a crash may replay it
        const auto got = good(models.tradeModel(7, "ml_gbt_5m", 1'234));
        QVERIFY(got);
        QCOMPARE(got->version, row.version);
        QCOMPARE(got->hash, row.hash);
        QCOMPARE(got->prediction, 0.625);
        QCOMPARE(got->threshold, 0.5);
        QCOMPARE(got->row.size(), std::size_t{3});
        QVERIFY(got->row[0] == 0.1F && std::isnan(got->row[1]) && got->row[2] == -3.0F);
        QVERIFY(!good(models.tradeModel(7, "ml_gbt_5m", 1'235)));
        QCOMPARE(good(models.tradesOf("gbt_5m 2")), std::uint64_t{0}); // it is still open
        good(store->run("UPDATE trade_models SET row=x'0102'"));
        QCOMPARE(models.tradeModel(7, "ml_gbt_5m", 1'234).error().code, ErrorCode::Damaged);
    }

private:
    static void saveWithoutRoom(const std::filesystem::path& folder)
    {
        Store store(folder / "full.db");
        register1(store);
        keptTheChampion(store, promoteALargeOne(store), ErrorCode::DiskFull);
    }
    /// Bytes that do not compress, more than there is room for.
    static base::Result<std::int64_t> promoteALargeOne(Store& store)
    {
        std::string bytes;
        std::mt19937_64 random(3);
        while (bytes.size() < 4'000'000) {
            bytes += static_cast<char>(random());
        }
        const auto second = madeModel(Family::Gbt5m, 2, {6'000}, bytes);
        return written(
            store,
            decision({staged("gbt_5m 1", "champion", "shadow"), addedAs(second, ModelStage::Champion)}, {second}));
    }
    static void keptTheChampion(Store& store, const base::Result<std::int64_t>& refused, ErrorCode why)
    {
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, why);
        store.reopen();
        QCOMPARE(stagesOf(store), (std::vector<std::pair<std::uint32_t, ModelStage>>{{1, ModelStage::Champion}}));
        QCOMPARE(good(ModelStore(*store).version("gbt_5m 1"))->bytes, std::string("trees 1"));
        QCOMPARE(good(store->number("SELECT count(*) FROM journal")), std::int64_t{1});
        const auto small = madeModel(Family::Gbt5m, 2); // and with room it goes
        good(written(store, decision({addedAs(small, ModelStage::Challenger)}, {small})));
    }
};

QTEST_GUILESS_MAIN(ModelStoreTest)
#include "model_store_test.moc"
