// From a name to a row of `retrain_runs` in a real file, without a console: first champion, challenger, kept the old
// one, quarantined, failed, cancelled; when one is due; and what versions predict in shadow.
#include "engines/model_watch.h"
#include "engines/offline_decisions.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "storage/trials_store.h"
#include "testkit/made_market.h"
#include "testkit/tape.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <numeric>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using governance::ModelKey;
using governance::ModelStage;
using learning::Family;
using testkit::addMarket;
using testkit::FixedClock;
using testkit::good;
using testkit::Store;

namespace {

constexpr int days = 24;
const ModelKey key{Family::Direction, "ONE-USDT"};
const std::string model = "direction_predictor@ONE-USDT";

struct Bench {
    Store store;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    FixedClock clock{testkit::marketStart + base::oneDay * days};
    RetrainDesk desk;

    explicit Bench(const testkit::MarketShape& shape = {}, int marketDays = days)
        : desk(offlineRetraining(*store, policy, clock))
    {
        (void)addMarket(store, "ONE-USDT", marketDays, shape);
        store.write([&] { good(storage::PolicyStore(*store).set("leakage.permutations", 19)); });
    }
    RetrainEnd train(const OnStep& onStep = {}) { return desk.train(key, "a test", onStep); }
    governance::ModelRegistry registry() { return good(storage::ModelStore(*store).registry()); }
    storage::RetrainRun newestRun() { return good(storage::ModelStore(*store).runs(model)).front(); }
    /// So many days in all after those at the beginning; what is there already is left alone.
    void grow(int more)
    {
        const auto candles = testkit::madeCandles(days + more);
        testkit::addCandles(store, {1}, {candles.begin() + days * 288, candles.end()});
        clock.set(testkit::marketStart + base::oneDay * (days + more));
    }
};

bool says(const std::string& text, const char* words)
{
    return text.find(words) != std::string::npos;
}

} // namespace

class RetrainDeskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // drift.drifted of the drift.important features with most gain.
    void soManyOfTheImportantFeaturesHaveToDrift()
    {
        Bench bench;
        QCOMPARE(bench.train().outcome.what, std::string("first champion"));
        const auto version = good(storage::ModelStore(*bench.store).version(model + " 1"));
        const auto trees = good(learning::servedTrees(*version));
        std::vector<std::size_t> byGain(trees.features());
        std::iota(byGain.begin(), byGain.end(), std::size_t{0});
        std::ranges::stable_sort(byGain, std::greater{}, [&](std::size_t i) { return trees.totalGain()[i]; });
        QVERIFY(byGain.size() > 4 && trees.totalGain()[byGain[4]] > 0);
        const learning::DriftLimits limits{.important = 4, .drifted = 2};
        const auto drifted = [&](std::vector<std::size_t> inAlarm) { return hasDrifted(trees, inAlarm, limits); };
        QVERIFY(!drifted({}));
        QVERIFY(!drifted({byGain[0]}));                                      // under
        QVERIFY(drifted({byGain[0], byGain[1]}));                            // at
        QVERIFY(drifted({byGain[0], byGain[1], byGain[2]}));                 // over
        QVERIFY(drifted({byGain[2], byGain[3]}));                            // the last important one counts
        QVERIFY(!drifted({byGain[3], byGain[4]}));                           // the one behind it does not
        QVERIFY(!hasDrifted(trees, byGain, {.important = 1, .drifted = 2})); // more than there are to drift
    }

    void theFirstHonestVersionIsChampionAndALaterOneChallenger()
    {
        Bench bench;
        const auto first = bench.train();
        QVERIFY2(!first.outcome.isFailure, first.outcome.why.c_str());
        QCOMPARE(first.outcome.what, std::string("first champion"));
        QCOMPARE(first.outcome.version, model + " 1");
        QCOMPARE(bench.registry().size(), std::size_t{1});
        QCOMPARE(bench.registry().front().stage, ModelStage::Champion);
        const auto run = bench.newestRun();
        QCOMPARE(run.outcome, std::string("first champion"));
        QCOMPARE(run.version, model + " 1");
        QCOMPARE(run.trigger, std::string("a test"));
        QVERIFY(run.ended.has_value());
        QCOMPARE(good(storage::TrialsStore(*bench.store).of(model)).size(), searchCandidates);
        const auto journal = good(storage::JournalStore(*bench.store).entries());
        QVERIFY2(says(journal.front().what, "trained direction_predictor@ONE-USDT 1"), journal.front().what.c_str());
        const auto stored = good(storage::ModelStore(*bench.store).version(model + " 1"));
        QCOMPARE(stored->bytes, first.version->bytes);

        bench.grow(8);
        const auto second = bench.train();
        QCOMPARE(second.outcome.what, std::string("challenger"));
        const auto registry = bench.registry();
        QCOMPARE(governance::champion(registry, key)->name.number, 1U);
        QCOMPARE(governance::challenger(registry, key)->name.number, 2U);
    }

    void withoutASignalTheOldOneIsKept()
    {
        Bench bench({.trend = 0});
        const auto end = bench.train();
        QVERIFY(!end.outcome.isFailure);
        QCOMPARE(end.outcome.what, std::string("no signal")); // there is no old one yet
        QVERIFY2(says(end.outcome.why, "no signal, and none served before"), end.outcome.why.c_str());
        QVERIFY(governance::champion(bench.registry(), key) == nullptr);
        good(bench.store->run("UPDATE models SET stage='champion'")); // the operator made it one all the same
        const auto again = bench.train();
        QCOMPARE(again.outcome.what, std::string("kept the old one"));
        QVERIFY2(says(again.outcome.why, "kept the old one: no signal"), again.outcome.why.c_str());
    }

    void aLeakIsQuarantinedWithItsFindingsInWords()
    {
        Bench bench({.tellsAll = true});
        const auto end = bench.train();
        QCOMPARE(end.outcome.what, std::string("quarantined"));
        QVERIFY2(says(end.outcome.why, "too good"), end.outcome.why.c_str());
        QCOMPARE(bench.registry().front().stage, ModelStage::Quarantined);
    }

    void tooFewRowsFailInWordsAndTheChampionGoesOnServing()
    {
        Bench bench;
        QCOMPARE(bench.train().outcome.what, std::string("first champion"));
        for (int hour = 0; hour < days * 24; hour += 6) { // now every row touches a gap
            const auto at = testkit::marketStart + base::Millis{3'600'000} * hour;
            testkit::addGapRow(bench.store, {1}, at, at + base::Millis{60'000}, false);
        }
        const auto end = bench.train();
        QVERIFY(end.outcome.isFailure);
        QCOMPARE(end.outcome.what, std::string("failed"));
        QVERIFY2(says(end.outcome.why, "touch a gap"), end.outcome.why.c_str());
        QCOMPARE(bench.newestRun().outcome, std::string("failed"));
        QCOMPARE(governance::champion(bench.registry(), key)->name.number, 1U);
    }

    void aCancelledRunLeavesItsRowAndNothingElse()
    {
        Bench bench;
        const auto end = bench.train([](const RetrainStep& at) { return at.phase != "fold" || at.tree < 3; });
        QCOMPARE(end.outcome.what, std::string("cancelled"));
        QCOMPARE(bench.newestRun().outcome, std::string("cancelled"));
        QVERIFY(bench.registry().empty());
        QVERIFY(good(storage::JournalStore(*bench.store).entries()).empty());
    }

    void aFullDiskAtSavingFailsInWordsAndTheChampionGoesOnServing()
    {
        Bench bench;
        QCOMPARE(bench.train().outcome.what, std::string("first champion"));
        const auto pages = good(bench.store->number("PRAGMA page_count"));
        const auto end = bench.train([&](const RetrainStep& at) {
            if (at.phase == "saving") { // no page more from here on
                good(bench.store->run("PRAGMA max_page_count=" + std::to_string(pages)));
            }
            return true;
        });
        good(bench.store->run("PRAGMA max_page_count=1000000000"));
        QVERIFY2(end.outcome.isFailure, end.outcome.why.c_str());
        QCOMPARE(end.error->code, ErrorCode::DiskFull);
        QVERIFY2(says(end.outcome.why, "the disk is full"), end.outcome.why.c_str());
        const auto registry = bench.registry();
        QCOMPARE(registry.size(), std::size_t{1});
        QCOMPARE(governance::champion(registry, key)->name.number, 1U);
        QCOMPARE(bench.train().outcome.what, std::string("challenger")); // once there is room again
    }

    void oneIsDueAtOnceWithoutAVersionThenByDaysAndTrades()
    {
        Bench bench;
        QVERIFY(good(bench.desk.due(key, false)).isDue);
        QVERIFY(!good(bench.desk.due({Family::Fill, {}}, false)).isDue); // no ticks: it waits
        QCOMPARE(bench.train().outcome.what, std::string("first champion"));
        QVERIFY(!good(bench.desk.due(key, false)).isDue);
        const auto trained = bench.clock.now();
        bench.clock.set(trained + base::oneDay * 20);
        QVERIFY(!good(bench.desk.due(key, false)).isDue); // the days are over, the trades are not
        QVERIFY(good(bench.desk.due(key, true)).isDue);   // but its features have drifted
    }

    void afterAFailureItWaitsForADay()
    {
        Bench bench;
        QCOMPARE(bench.train([](const RetrainStep&) { return false; }).outcome.what, std::string("cancelled"));
        const auto failed = bench.clock.now();
        bench.clock.set(failed + base::oneDay - base::Millis{1});
        const auto waits = good(bench.desk.due(key, false));
        QVERIFY(!waits.isDue);
        QCOMPARE(waits.next, std::optional(failed + base::oneDay));
        bench.clock.set(failed + base::oneDay);
        QVERIFY(good(bench.desk.due(key, false)).isDue);
    }

    void aNameMeansAModelAFamilyOrAll()
    {
        const std::vector instruments{testkit::instrumentOf(1, "ONE-USDT"), testkit::instrumentOf(2, "TWO-USDT")};
        QCOMPARE(good(modelsNamed("gbt_5m", instruments)).size(), std::size_t{1});
        QCOMPARE(good(modelsNamed("direction_predictor", instruments)).size(), std::size_t{2});
        QCOMPARE(good(modelsNamed(model, instruments)).front(), key);
        QCOMPARE(good(modelsNamed("all", instruments)).size(), std::size_t{6});
        const auto unknown = modelsNamed("breakout", instruments);
        QCOMPARE(unknown.error().code, ErrorCode::NotFound);
        QVERIFY(says(unknown.error().detail, "volatility_forecaster"));
    }

    void versionsAreLookedAtOnRowsThatTheyHaveNotSeenByDay()
    {
        Bench bench;
        QCOMPARE(bench.train().outcome.what, std::string("first champion"));
        ModelWatch watch(*bench.store);
        const auto nothing = good(watch.look(bench.clock.now(), {}, {}));
        QVERIFY(nothing.days.empty() && nothing.drifts.empty()); // nothing new yet
        bench.grow(8);
        const auto knows = bench.registry().front().knows;
        const auto looked = good(watch.look(bench.clock.now(), {}, {}));
        QVERIFY(looked.days.size() >= 8);
        for (const auto& day : looked.days) {
            QVERIFY(day.day + base::oneDay > knows);
            QVERIFY(day.rows > 0 && day.rows <= 96); // one a quarter of an hour
            QVERIFY(day.loss / static_cast<double>(day.rows) > 0.5 && day.loss / static_cast<double>(day.rows) < 1.0);
            QVERIFY(day.champion.empty());
        }
        QCOMPARE(looked.drifts.size(), std::size_t{1});
        QVERIFY(!looked.drifts.front().features.empty());
        bench.store.write([&] { good(storage::write(*bench.store, {.days = looked.days, .drifts = looked.drifts})); });
        // Again: the newest days alone, with the same figures.
        const auto again = good(watch.look(bench.clock.now(), {}, {}));
        QVERIFY(again.days.size() <= 3);
        QCOMPARE(again.days.back(), looked.days.back());
        QVERIFY(again.drifts.empty()); // once a day

        // Its rows are labelled by another latency: the champion answers them all the same.
        bench.store.write([&] { good(storage::PolicyStore(*bench.store).set("paper.latency_ms", 900)); });
        QCOMPARE(bench.train().outcome.what, std::string("challenger"));
        bench.grow(10);
        const auto both = good(watch.look(bench.clock.now(), {}, {}));
        const auto beside = std::ranges::find(both.days, model + " 2", &storage::ModelDay::version);
        QVERIFY(beside != both.days.end());
        QCOMPARE(beside->champion, model + " 1");
        QVERIFY(beside->championLoss.has_value());
    }
};

QTEST_GUILESS_MAIN(RetrainDeskTest)
#include "retrain_desk_test.moc"
