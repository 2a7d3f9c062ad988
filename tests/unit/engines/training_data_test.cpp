// Rows of models from an archive in a real file: which source, gaps of the ledger, thinning, words where there is too
// little, the same rows again from a lineage and without what came later.
#include "engines/training_data.h"
#include "market/candle_builder.h"
#include "testkit/made_market.h"
#include "testkit/tape.h"

#include <QTest>

#include <set>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using base::UtcMs;
using learning::Family;
using learning::FeatureSource;
using market::Timeframe;
using testkit::addCandles;
using testkit::addMarket;
using testkit::good;
using testkit::madeCandles;
using testkit::Store;

namespace {

DataOrder orderOf(Family family, std::vector<market::Instrument> instruments)
{
    return {.rule = learning::standardRule(family), .instruments = std::move(instruments)};
}

base::Result<TrainingData> read(Store& store, const DataOrder& order)
{
    return readTrainingData(*store, order, {}, 0.05, {});
}

/// A tape of ticks without holes of its own, in the archive.
std::vector<market::StreamItem> addTicks(Store& store, base::InstrumentId id, std::size_t count)
{
    auto tape = testkit::randomTape(
        id, 7, count, {.price = 90'000, .meanGapMs = 4'000, .quoteShare = 0, .gapShare = 0, .lateShare = 0});
    std::vector<storage::NumberedTick> ticks;
    for (const auto& item : tape) {
        ticks.push_back({item.number, std::get<market::Tick>(item.what)});
    }
    store.write([&] { good(storage::TickArchiveWriter(*store).append(id, ticks)); });
    return tape;
}

market::Instrument instrumentOf(Store& store, base::InstrumentId id)
{
    const auto all = good(storage::InstrumentStore(*store).all());
    return *std::ranges::find(all, id, &market::Instrument::id);
}

} // namespace

class TrainingDataTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFinestSourceThatReachesFarEnoughIsTakenElseTheLongest()
    {
        Store store;
        const auto instrument = addMarket(store, "ONE-USDT", 40);
        const auto order = orderOf(Family::Direction, {instrument});
        QCOMPARE(good(chooseSource(*store, order)).source, FeatureSource::Candles5m);
        addCandles(store, instrument.id, madeCandles(29, {}, Timeframe::M1), Timeframe::M1);
        QCOMPARE(good(chooseSource(*store, order)).source, FeatureSource::Candles5m); // a day under what is enough
        Store longer;
        const auto other = addMarket(longer, "ONE-USDT", 40);
        addCandles(longer, other.id, madeCandles(30, {}, Timeframe::M1), Timeframe::M1);
        const auto choice = good(chooseSource(*longer, orderOf(Family::Direction, {other})));
        QCOMPARE(choice.source, FeatureSource::Candles1m);
        QCOMPARE(choice.why, std::string("1m candles: 30.0 days"));
    }

    void aFamilyThatNeedsTicksSaysThatThereAreNone()
    {
        Store store;
        const auto order = orderOf(Family::Fill, {addMarket(store, "ONE-USDT", 10)});
        const auto failed = read(store, order);
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QVERIFY2(failed.error().detail.find("nothing is archived") != std::string::npos, failed.error().detail.c_str());
    }

    void severalInstrumentsArePooledInTimeOrderAndThinnedToWhatIsAllowed()
    {
        Store store;
        auto order =
            orderOf(Family::Gbt5m, {addMarket(store, "ONE-USDT", 10), addMarket(store, "TWO-USDT", 10, {.seed = 2})});
        order.mostRows = 3'000;
        const auto data = good(read(store, order));
        QVERIFY(data.rows.size() <= order.mostRows);
        QVERIFY(data.rows.size() > order.mostRows / 2);
        QVERIFY(data.rule.stride > 1);
        // Thinned, and still of all hours and minutes, as the rows that are asked about.
        std::set<std::int64_t> moments; // 5m bars of the day
        for (const auto& tag : data.rows.tags) {
            moments.insert(tag.span.t0 % base::oneDay.count() / 300'000);
        }
        QVERIFY2(moments.size() > 280, std::to_string(moments.size()).c_str());
        QVERIFY(data.rows.losses.thinned > 0);
        QVERIFY(std::ranges::is_sorted(data.rows.tags, {}, [](const auto& tag) { return tag.span.t0; }));
        QVERIFY(std::ranges::any_of(data.rows.tags, [](const auto& tag) { return tag.series == 1; }));
        QCOMPARE(data.until, testkit::marketStart + 10 * base::oneDay);
    }

    void aGapFoundLaterCostsItsRowsAndOneThatTheExchangeFilledOnlyItsEnds()
    {
        Store store;
        const auto instrument = addMarket(store, "ONE-USDT", 10);
        const auto order = orderOf(Family::Direction, {instrument});
        const auto whole = good(read(store, order));
        const auto from = testkit::marketStart + 5 * base::oneDay;
        testkit::addGapRow(store, instrument.id, from, from + base::Millis{7'200'000}, false);
        const auto unmarked = good(read(store, order));
        QVERIFY(unmarked.rows.losses.gap > 0);
        QVERIFY(unmarked.rows.losses.labelGap > 0);
        QVERIFY(unmarked.rows.size() < whole.rows.size());
        for (const auto& tag : unmarked.rows.tags) { // no row looks across it, no label either
            QVERIFY(tag.span.t1 < from.value || tag.span.t0 >= from.value + 7'200'000);
        }
        Store filled;
        const auto other = addMarket(filled, "ONE-USDT", 10);
        testkit::addGapRow(filled, other.id, from, from + base::Millis{7'200'000}, true);
        const auto marked = good(read(filled, orderOf(Family::Direction, {other})));
        QVERIFY(marked.rows.losses.gap > 0);
        QCOMPARE(marked.rows.losses.warmUp, whole.rows.losses.warmUp);
    }

    void whereEveryRowTouchesAGapTheCountsAreTold()
    {
        Store store;
        const auto instrument = addMarket(store, "ONE-USDT", 12);
        for (int hour = 0; hour < 12 * 24; hour += 6) {
            const auto at = testkit::marketStart + base::Millis{3'600'000} * hour;
            testkit::addGapRow(store, instrument.id, at, at + base::Millis{60'000}, false);
        }
        const auto failed = read(store, orderOf(Family::Direction, {instrument}));
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QVERIFY2(failed.error().detail.find("0 rows") != std::string::npos, failed.error().detail.c_str());
        QVERIFY2(failed.error().detail.find("touch a gap") != std::string::npos, failed.error().detail.c_str());
    }

    void tooFewRowsAreToldWithWhatIsNeeded()
    {
        Store store;
        const auto failed = read(store, orderOf(Family::Direction, {addMarket(store, "ONE-USDT", 2)}));
        QCOMPARE(failed.error().code, ErrorCode::OutOfRange);
        QVERIFY2(failed.error().detail.find("500 are needed") != std::string::npos, failed.error().detail.c_str());
        QVERIFY2(failed.error().detail.find("lack warm-up") != std::string::npos, failed.error().detail.c_str());
    }

    void itIsCancelledBetweenTwoBlocks()
    {
        Store store;
        int asked = 0;
        const auto order = orderOf(Family::Direction, {addMarket(store, "ONE-USDT", 60)}); // several blocks
        const auto cancelled = readTrainingData(*store, order, {}, 0.05, [&](double fraction, const std::string& name) {
            ++asked;
            return fraction < 0 || name.empty();
        });
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
        QCOMPARE(asked, 1);
    }

    void rowsOfTicksAreThoseThatThePipelinesCandlesGive()
    {
        Store store;
        const auto id = store.add("ONE-USDT");
        const auto tape = addTicks(store, id, 120'000);
        auto order = orderOf(Family::Fill, {instrumentOf(store, id)});
        order.rule.limitNotional = {1}; // the least order: what trades at its price fills it soon
        const auto data = good(read(store, order));
        QCOMPARE(data.source, FeatureSource::Ticks);
        auto maker = good(learning::RowMaker::of(learning::FeatureSet::of(FeatureSource::Ticks), data.rule, 0,
                                                 order.instruments.front()));
        market::CandleBuilder builder(Timeframe::M1);
        std::vector<market::Candle> closed;
        for (const auto& item : tape) {
            const auto& tick = std::get<market::Tick>(item.what);
            closed.clear();
            builder.add(tick, closed);
            for (const auto& candle : closed) {
                maker.add(candle);
            }
            maker.add(tick);
        }
        QCOMPARE(data.rows.hash(), maker.finish().hash());
    }

    void eachRowIsTheSameWithoutWhatCameLater_data()
    {
        QTest::addColumn<bool>("ticks");
        QTest::newRow("candles") << false;
        QTest::newRow("ticks") << true;
    }
    void eachRowIsTheSameWithoutWhatCameLater()
    {
        QFETCH(bool, ticks);
        Store store;
        const auto id = store.add("ONE-USDT");
        if (ticks) {
            (void)addTicks(store, id, 80'000);
        } else {
            addCandles(store, id, madeCandles(8));
        }
        const auto order = orderOf(Family::StopHit, {instrumentOf(store, id)});
        const auto data = good(read(store, order));
        const auto remake = remakeFromArchive(*store, data, good(untoldGaps(*store)));
        QCOMPARE(remake.bars, data.rows.size());
        for (std::size_t i = 0; i < data.rows.size(); i += 97) {
            QCOMPARE(remake.truncated(i), remake.full(i));
        }
    }

    void aLineageGivesTheSameRowsAfterTheArchiveGrew_data() { eachRowIsTheSameWithoutWhatCameLater_data(); }
    void aLineageGivesTheSameRowsAfterTheArchiveGrew()
    {
        QFETCH(bool, ticks);
        Store store;
        const auto id = store.add("ONE-USDT");
        const auto candles = madeCandles(12);
        std::vector<market::StreamItem> tape;
        if (ticks) {
            tape = addTicks(store, id, 60'000);
        } else {
            addCandles(store, id, {candles.begin(), candles.begin() + 8 * 288});
        }
        const auto instrument = instrumentOf(store, id);
        const auto data = good(read(store, orderOf(Family::StopHit, {instrument})));
        learning::Lineage lineage{.rule = data.rule, .source = data.source, .instruments = {instrument.name}};
        lineage.from = data.rows.tags.front().span.t0;
        lineage.until = data.until.value;
        if (ticks) {
            std::vector<storage::NumberedTick> more;
            auto last = std::get<market::Tick>(tape.back().what);
            for (int i = 1; i <= 20'000; ++i) {
                last.id += 1;
                last.time = last.time + base::Millis{4'000};
                more.push_back({{tape.back().number.value + i}, last});
            }
            store.write([&] { good(storage::TickArchiveWriter(*store).append(id, more)); });
        } else {
            addCandles(store, id, {candles.begin() + 8 * 288, candles.end()});
        }
        const auto again = good(read(store, good(engines::orderOf(lineage, {instrument}))));
        QCOMPARE(again.rows.hash(), data.rows.hash());
        QCOMPARE(engines::orderOf(lineage, {}).error().code, ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TrainingDataTest)
#include "training_data_test.moc"
