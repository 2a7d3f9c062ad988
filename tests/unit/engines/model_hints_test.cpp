// What the models in service say of an instrument: the same as the served model fed candle by candle; nothing where
// none serves or a gap is near; the share of stops that are hit falls with their distance.
#include "engines/model_hints.h"
#include "engines/offline_decisions.h"
#include "engines/regime_history.h"
#include "learning/regime.h"
#include "learning/served_model.h"
#include "storage/candle_fill.h"
#include "storage/policy_store.h"
#include "testkit/made_market.h"

#include <QTest>

#include <cmath>

using namespace qd;
using namespace qd::engines;
using learning::Family;
using testkit::good;

namespace {

constexpr int days = 24;

struct Bench {
    testkit::Store store;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    testkit::FixedClock clock;
    RetrainDesk desk;
    market::Instrument instrument;

    explicit Bench(int ofDays = days)
        : clock(testkit::marketStart + base::oneDay * ofDays),
          desk(offlineRetraining(*store, policy, clock)),
          instrument(testkit::addMarket(store, "ONE-USDT", ofDays))
    {
        store.write([&] { good(storage::PolicyStore(*store).set("leakage.permutations", 19)); });
    }
    console::ModelHints hints()
    {
        return good(modelAnswer({.database = *store, .policy = policy, .clock = clock, .stop = {}, .progress = {}},
                                console::AskModelHints{}));
    }
};

} // namespace

class ModelHintsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutAModelInServiceThereIsNothingToSay()
    {
        Bench bench;
        const auto hints = bench.hints();
        QVERIFY(hints.rows.empty() && hints.versions.empty());
        QVERIFY(hints.stopDistance > 0 && hints.fillDistance > 0); // the strategies' own
        QVERIFY(good(predictedHits(*bench.store, {}, {0.01})).empty());
    }

    void theyAreWhatTheServedModelSaysOfTheNewestCandle()
    {
        Bench bench;
        const auto direction = bench.desk.train({Family::Direction, "ONE-USDT"}, "test", {});
        const auto volatility = bench.desk.train({Family::Volatility, {}}, "test", {});
        QCOMPARE(direction.outcome.what, std::string("first champion"));
        QCOMPARE(volatility.outcome.what, std::string("first champion"));
        auto served = good(learning::ServedModel::of(*direction.version));
        auto forecast = good(learning::ServedModel::of(*volatility.version));
        for (const auto& candle : testkit::madeCandles(days)) {
            (void)served.add(candle);
            (void)forecast.add(candle);
        }
        const auto hints = bench.hints();
        QCOMPARE(hints.versions.size(), std::size_t{2});
        QCOMPARE(hints.rows.size(), std::size_t{1});
        const auto& hint = hints.rows.front();
        QCOMPARE(hint.at, bench.clock.now());
        QCOMPARE(static_cast<float>(*hint.rises), *served.predict());
        QVERIFY(std::abs(*hint.volatility - std::exp(static_cast<double>(*forecast.predict()))) < 1e-12);
        QVERIFY(!hint.volatilityPercentile); // 24 days are no history
        QVERIFY(!hint.stopHit && !hint.fills);
        // A gap that was found in the newest hours: nothing may be said.
        testkit::addGapRow(bench.store, bench.instrument.id, bench.clock.now() - base::Millis{7'200'000},
                           bench.clock.now() - base::Millis{7'100'000}, false);
        QVERIFY(bench.hints().rows.empty());
    }

    // What was imported in one timeframe has no hourly candles: these are made of it.
    void aForecastHasItsPercentileOnCandlesOfOneTimeframe()
    {
        Bench bench(32); // 30 days of hours whose day before is known, and a little more
        bench.store.write(
            [&] { good(storage::PolicyStore(*bench.store).set("leakage.over_yesterday_r2", 0.5)); }); // made up
        const auto ended = bench.desk.train({Family::Volatility, {}}, "test", {});
        QVERIFY2(ended.outcome.what == "first champion", (ended.outcome.what + ": " + ended.outcome.why).c_str());
        const auto hints = bench.hints();
        QCOMPARE(hints.rows.size(), std::size_t{1});
        const auto& hint = hints.rows.front();
        QVERIFY(hint.volatility && hint.volatilityPercentile);
        RegimeHistory hours;
        const auto candles = testkit::madeCandles(32);
        for (const auto& hour : storage::largerCandles(candles, RegimeHistory::timeframe, bench.clock.now())) {
            hours.add(hour);
        }
        const auto all = hours.volatilities(*hours.begin(), hours.end());
        QVERIFY(all.size() >= 720);
        QCOMPARE(*hint.volatilityPercentile, *learning::percentileRank(all, *hint.volatility));
    }

    void fewerStopsAreHitTheFartherTheyAre()
    {
        Bench bench;
        QCOMPARE(bench.desk.train({Family::StopHit, {}}, "test", {}).outcome.what, std::string("first champion"));
        QVERIFY(bench.hints().rows.front().stopHit.has_value());
        const auto hits = good(predictedHits(*bench.store, bench.instrument.id, {0.0005, 0.005}));
        QCOMPARE(hits.size(), std::size_t{2});
        QVERIFY(*hits[0] > *hits[1]);
        QVERIFY(*hits[0] < 1 && *hits[1] > 0);
        QVERIFY(good(predictedHits(*bench.store, base::InstrumentId{99}, {0.01})).empty());
    }
};

QTEST_GUILESS_MAIN(ModelHintsTest)
#include "model_hints_test.moc"
