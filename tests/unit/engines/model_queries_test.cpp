// Answers about models on a real database with trained versions: the registry, one version whole, which one made a
// trade, its bytes; and what is answered where something is missing or damaged.
#include "engines/model_queries.h"
#include "engines/offline_decisions.h"
#include "storage/ledger_store.h"
#include "storage/model_store.h"
#include "testkit/made_models.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <numeric>

using namespace qd;
using namespace qd::engines;
using namespace qd::testkit;
using base::ErrorCode;
using base::oneDay;
using base::UtcMs;
using governance::ModelStage;
using learning::Family;

namespace {

constexpr UtcMs today{20'000 * 86'400'000LL};

struct FixedClock final : base::Clock {
    UtcMs time = today;
    [[nodiscard]] UtcMs now() const override { return time; }
};

trading::ClosedTrade trade(base::InstrumentId instrument, const std::string& strategy, std::int64_t number, UtcMs at)
{
    trading::ClosedTrade out;
    auto& p = out.position;
    p.decision = {.instrument = instrument,
                  .strategy = strategy,
                  .parameterHash = "h",
                  .number = {number},
                  .time = at,
                  .stop = {90},
                  .target = {120}};
    p.size = {1'000};
    p.entry = {.time = at, .number = {number}, .price = {100}, .fee = {1}};
    p.timeLimit = at + oneDay;
    p.best = p.worst = {100};
    out.exit = {.time = at + base::Millis{1'000}, .number = {number + 1}, .price = {110}, .fee = {1}};
    out.gross = {1'000};
    out.net = {998};
    return out;
}

struct Floor {
    Store store;
    FixedClock clock;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    base::InstrumentId coin = store.add("BTC-USDT");
    base::InstrumentId gold = store.add("ETH-USDT");

    template <typename Question>
    auto ask(const Question& question)
    {
        return modelAnswer({.database = *store,
                            .policy = policy,
                            .clock = clock,
                            .stop = {},
                            .progress = [](double, const std::string&) {}},
                           question);
    }
    void add(const storage::AddedModel& model, ModelStage stage)
    {
        good(carryOutOffline(*store, {.decision = {.time = today, .changes = {addedAs(model, stage)}, .what = "made"},
                                      .models = {model}}));
    }
    void addTrained(Family family, std::uint64_t seed, std::uint32_t number, ModelStage stage)
    {
        auto version = std::make_shared<const learning::ModelVersion>(trainedVersion(family, seed));
        auto record = good(governance::recordOf(*version, number, today));
        record.knows = today;
        add({std::move(record), "as made", std::move(version), {0.1, 0.2, 0.3, 0.2, 0.2}}, stage);
    }
    void close(const std::string& strategy, std::int64_t number, UtcMs at, base::InstrumentId on)
    {
        store.write([&] { good(storage::LedgerStore(*store).apply(trade(on, strategy, number, at))); });
    }
};

} // namespace

class ModelQueriesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyModelThatCanBeTrainedIsListed()
    {
        Floor floor;
        const auto none = good(floor.ask(console::AskModels{}));
        QCOMPARE(none.families.size(), std::size_t{6}); // four pooled ones, a direction of each instrument
        QVERIFY(none.rows.empty());
        for (const auto& family : none.families) {
            QVERIFY(!family.purpose.empty());
            QVERIFY(family.due.isDue);
            QCOMPARE(family.due.why, std::string("no version yet"));
        }
        floor.addTrained(Family::Gbt5m, 1, 1, ModelStage::Champion);
        floor.addTrained(Family::Gbt5m, 2, 2, ModelStage::Challenger);
        floor.clock.time = today + oneDay * 20;
        for (std::int64_t n = 0; n < 3; ++n) {
            floor.close("ml_gbt_5m", 100 + n, today + oneDay, floor.coin);
        }
        floor.close("ml_gbt_5m~4b", 200, today + oneDay, floor.coin); // an arm's
        floor.close("ml_gbt_5m", 300, today - oneDay, floor.coin);    // it knew of it
        const auto some = good(floor.ask(console::AskModels{}));
        QCOMPARE(some.rows.size(), std::size_t{2});
        QCOMPARE(some.rows[0].record.name.number, 2U);
        QVERIFY(!some.rows[0].isExpired);
        QCOMPARE(some.rows[0].why, std::string("as made"));
        const auto& gbt =
            *std::ranges::find(some.families, governance::ModelKey{Family::Gbt5m}, &console::ModelFamily::key);
        QVERIFY(!gbt.due.isDue);
        QCOMPARE(gbt.due.trades, std::uint64_t{3});
        QVERIFY(gbt.due.why.contains("3 trades of 75"));
        QVERIFY(!gbt.hasConverged);
        // It expires by exchange time, as trading sees it, whatever the clock says.
        floor.clock.time = today + oneDay * 31;
        QVERIFY(!good(floor.ask(console::AskModels{})).rows[0].isExpired);
        floor.close("breakout", 400, today + oneDay * 31, floor.coin);
        QVERIFY(good(floor.ask(console::AskModels{})).rows[0].isExpired);
    }

    void aDriftOfWhatMattersToTheChampionMakesItsTrainingDue()
    {
        Floor floor;
        floor.addTrained(Family::Gbt5m, 1, 1, ModelStage::Champion);
        const auto importance = good(floor.ask(console::AskModel{"gbt_5m 1"})).importance;
        QVERIFY(importance.size() > 3);
        using Level = learning::DriftLevel;
        const auto isDueAfter = [&](std::vector<storage::ModelDrift::Feature> features) {
            good(floor.store->run("DELETE FROM model_drift"));
            good(storage::ModelStore(*floor.store).put(storage::ModelDrift{"gbt_5m 1", today, std::move(features)}));
            const auto models = good(floor.ask(console::AskModels{}));
            return std::ranges::find(models.families, governance::ModelKey{Family::Gbt5m}, &console::ModelFamily::key)
                ->due.isDue;
        };
        std::vector<storage::ModelDrift::Feature> features{{importance[0].feature, 1, 1, Level::Drift},
                                                           {importance[1].feature, 1, 1, Level::Drift},
                                                           {"no feature of it", 1, 1, Level::Drift}};
        QVERIFY(!isDueAfter(features));
        features.push_back({importance[2].feature, 0.2, 0.1, Level::Watch});
        QVERIFY(!isDueAfter(features));
        features.back().level = Level::Drift;
        QVERIFY(isDueAfter(features));
    }

    void oneVersionIsToldWhole()
    {
        Floor floor;
        floor.addTrained(Family::StopHit, 7, 1, ModelStage::Champion);
        storage::ModelStore models(*floor.store);
        using Level = learning::DriftLevel;
        good(models.put(storage::ModelDrift{"stop_hit_predictor 1", today, {{"a", 0.3, 0.2, Level::Drift}}}));
        good(models.put(storage::ModelDay{"stop_hit_predictor 1", today, 10, 6.0, "stop_hit_predictor 0", 7.0}));
        good(models.put(storage::ModelDay{"stop_hit_predictor 1", today + oneDay, 0, 0, "", std::nullopt}));
        floor.close("breakout", 5, today, floor.coin);
        good(models.put(storage::TradeModelRow{floor.coin.value, "breakout", 5, "stop_hit_predictor 1", "", 0, 0, {}}));
        const auto model = good(floor.ask(console::AskModel{"stop_hit_predictor 1"}));
        QCOMPARE(model.lineage.reason, std::string("by you: a test"));
        QVERIFY(!model.importance.empty());
        const auto shares = std::accumulate(model.importance.begin(), model.importance.end(), 0.0,
                                            [](double sum, const auto& f) { return sum + f.gain; });
        QVERIFY(std::abs(shares - 1) < 1e-9);
        QVERIFY(std::ranges::is_sorted(model.importance, std::ranges::greater{}, &console::FeatureImportance::gain));
        for (const auto& feature : model.importance) {
            QVERIFY(!feature.feature.empty() && !feature.meaning.empty());
        }
        // the distance that is asked about is a column of its own
        QVERIFY(std::ranges::find(model.importance, "distance", &console::FeatureImportance::feature) !=
                model.importance.end());
        QCOMPARE(model.regimeShares, (std::vector{0.1, 0.2, 0.3, 0.2, 0.2}));
        QCOMPARE(model.driftAt, std::optional(today));
        QCOMPARE(model.drift.size(), std::size_t{1});
        QCOMPARE(model.shadow.size(), std::size_t{1});
        QCOMPARE(model.shadow[0].loss, 0.6);
        QCOMPARE(model.shadow[0].champion, std::optional(0.7));
        QCOMPARE(model.trades, std::uint64_t{1});
        QCOMPARE(floor.ask(console::AskModel{"gbt_5m 1"}).error().code, ErrorCode::NotFound);
        QCOMPARE(floor.ask(console::AskModel{"gbt"}).error().code, ErrorCode::Malformed);
        good(floor.store->run("UPDATE models SET packed=x'00'"));
        QCOMPARE(floor.ask(console::AskModel{"stop_hit_predictor 1"}).error().code, ErrorCode::Damaged);
        QCOMPARE(good(floor.ask(console::AskModels{})).rows.size(), std::size_t{1});
    }

    void theModelOfATradeIsExplainedByItsKeptRow()
    {
        Floor floor;
        floor.addTrained(Family::Gbt5m, 1, 1, ModelStage::Champion);
        storage::ModelStore models(*floor.store);
        const auto version = good(models.version("gbt_5m 1"));
        const auto trees = good(learning::servedTrees(*version));
        std::vector<float> row(trees.features());
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i] = 0.01F * static_cast<float>(i) - 0.2F;
        }
        good(models.put(storage::TradeModelRow{floor.coin.value, "ml_gbt_5m", 70, "gbt_5m 1", version->bytesHash,
                                               trees.predict(row), 0.55, row}));
        using Level = learning::DriftLevel;
        storage::ModelDrift before{"gbt_5m 1", today, {}};
        for (int i = 0; i < 7; ++i) {
            before.features.push_back({"f" + std::to_string(i), 0.7 - 0.1 * i, 0.1, Level::Watch});
        }
        good(models.put(before));
        good(models.put(storage::ModelDrift{"gbt_5m 1", today + oneDay * 2, {{"late", 9, 1, Level::Drift}}}));
        floor.close("ml_gbt_5m", 70, today + oneDay, floor.coin);
        const auto made = good(floor.ask(console::AskTradeModel{floor.coin, "ml_gbt_5m", {70}}));
        QCOMPARE(made.version, std::string("gbt_5m 1"));
        QCOMPARE(made.prediction, static_cast<double>(trees.predict(row)));
        QCOMPARE(made.threshold, 0.55);
        QCOMPARE(made.from, UtcMs{version->lineage.from});
        QCOMPARE(made.to, UtcMs{version->lineage.to});
        const auto top = trees.topContributions(row, 5);
        QCOMPARE(made.top.size(), top.size());
        QCOMPARE(made.top[0].feature, learning::FeatureSet::of(version->lineage.source).infos()[top[0].feature].name);
        QCOMPARE(made.top[0].value, row[top[0].feature]);
        QCOMPARE(made.top[0].moved, top[0].value);
        QCOMPARE(made.drift.size(), std::size_t{5}); // as it stood then
        QCOMPARE(made.drift[0].feature, std::string("f0"));
        // no model decided this one
        QVERIFY(good(floor.ask(console::AskTradeModel{floor.coin, "ml_gbt_5m", {71}})).version.empty());
        // its bytes are lost: which one it was is known none the less
        good(floor.store->run("UPDATE models SET packed=x'00'"));
        const auto lost = good(floor.ask(console::AskTradeModel{floor.coin, "ml_gbt_5m", {70}}));
        QCOMPARE(lost.version, std::string("gbt_5m 1"));
        QVERIFY(lost.top.empty());
    }

    void itsBytesAreThoseThatWereMade()
    {
        Floor floor;
        const auto model = madeModel(Family::Gbt5m, 1, today);
        floor.add(model, ModelStage::Retired);
        QCOMPARE(good(floor.ask(console::AskModelBytes{"gbt_5m 1"})).bytes, learning::packed(*model.version));
        QCOMPARE(floor.ask(console::AskModelBytes{"gbt_5m 2"}).error().code, ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(ModelQueriesTest)
#include "model_queries_test.moc"
