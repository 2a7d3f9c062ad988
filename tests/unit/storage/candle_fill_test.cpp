// Back-filled candles: what is missing is named, what is there is never changed, a day goes in whole, larger candles
// are derived from its minutes; and what the operator chose for the feed is kept.
#include "storage/candle_fill.h"
#include "storage/feed_choices.h"
#include "storage/gap_store.h"
#include "storage_testkit.h"

#include <map>

using namespace qd;
using namespace qd::testkit;
using market::Candle;
using market::Timeframe;

namespace {

constexpr std::int64_t day0 = 1'750'032'000'000; // a UTC midnight
constexpr std::int64_t minute = 60'000;
const base::UtcMs firstDay{day0};
const base::UtcMs never{INT64_MAX / 2};

Candle minuteAt(std::int64_t index, std::int64_t price = 0)
{
    const auto open = price != 0 ? price : 1'000 + index % 37;
    return {.start = {day0 + index * minute},
            .open = {open},
            .high = {open + 5},
            .low = {open - 4},
            .close = {open + 1},
            .volume = {10 + index % 7}};
}

std::vector<Candle> minutes(std::int64_t from, std::int64_t to)
{
    std::vector<Candle> out;
    for (auto i = from; i < to; ++i) {
        out.push_back(minuteAt(i));
    }
    return out;
}

Candle own(Candle candle)
{
    candle.open = {candle.open.value + 1};
    candle.trades = 3;
    candle.buyVolume = 4;
    return candle;
}

std::vector<Candle> allOf(Store& store, base::InstrumentId id, Timeframe timeframe = Timeframe::M1)
{
    return good(CandleStore(*store).read(id, timeframe, {}, 1'000'000));
}

} // namespace

class CandleFillTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDayOfMinutesGoesInAndIsNotMissingAnyMore()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        QCOMPARE(good(fill.missingDays(id, firstDay, firstDay + base::oneDay * 2)).size(), 3U);
        store.write([&] {
            const auto added = good(fill.fill(id, firstDay, minutes(0, 1'440), never, true));
            QCOMPARE(added[0].size(), 1'440U);
            QCOMPARE(added[1].size(), 288U);
            QCOMPARE(added[4].size(), 6U);
        });
        QCOMPARE(allOf(store, id), minutes(0, 1'440));
        const auto missing = good(fill.missingDays(id, firstDay, firstDay + base::oneDay * 2));
        QCOMPARE(missing, (std::vector{firstDay + base::oneDay * 2, firstDay + base::oneDay})); // newest first
    }

    void minutesThatTouchAGapAreMarkedAndNoOthers()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto other = store.add("ETH-USDT");
        CandleFill fill(*store);
        const auto at = [](std::int64_t index, std::int64_t ms) { return base::UtcMs{day0 + index * minute + ms}; };
        store.write([&] {
            GapStore gaps(*store);
            GapRow lost{.instrument = id, .number = {5}, .from = at(10, 59'999), .to = at(12, 0)};
            good(gaps.add(lost));
            GapRow unhurt{.instrument = id, .number = {6}, .from = at(20, 0), .to = at(22, 0)};
            unhurt.missing = market::Quantity{0};
            good(gaps.add(unhurt));
            good(gaps.add({.instrument = other, .number = {7}, .from = at(30, 0), .to = at(31, 0)}));
            good(fill.fill(id, firstDay, minutes(0, 60), at(60, 0), false));
        });
        const auto candles = allOf(store, id);
        QCOMPARE(candles.size(), 60U);
        for (std::size_t i = 0; i < candles.size(); ++i) {
            QCOMPARE(candles[i].hasGap, i >= 10 && i <= 12);
        }
        const auto larger = allOf(store, id, Timeframe::M5);
        QVERIFY(!larger[1].hasGap && larger[2].hasGap && !larger[3].hasGap && !larger[4].hasGap);
    }

    void aFillThatFailsLeavesNothingAndTheNextOneGoesIn()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        store.write([&] {
            good(store->run(
                "CREATE TRIGGER no_hours BEFORE INSERT ON candle_series WHEN NEW.timeframe='1h' BEGIN SELECT "
                "RAISE(ABORT,'no'); END"));
            QVERIFY(!fill.fill(id, firstDay, minutes(0, 1'440), never, true));
            good(store->run("DROP TRIGGER no_hours"));
        });
        QVERIFY(allOf(store, id).empty() && allOf(store, id, Timeframe::M5).empty());
        store.write([&] { QCOMPARE(good(fill.fill(id, firstDay, minutes(0, 1'440), never, true))[0].size(), 1'440U); });
        QCOMPARE(allOf(store, id), minutes(0, 1'440));
    }

    void aDayWithAllItsMinutesIsNotMissingThoughNobodyAskedForIt()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        store.write([&] { good(CandleStore(*store).append(id, Timeframe::M1, minutes(0, 1'439))); });
        QCOMPARE(good(fill.missingDays(id, firstDay, firstDay)), std::vector{firstDay});
        store.write([&] { good(CandleStore(*store).append(id, Timeframe::M1, minutes(1'439, 1'440))); });
        QVERIFY(good(fill.missingDays(id, firstDay, firstDay)).empty());
    }

    void aDayThatRestKnowsLessOfIsAskedOnceAndAPartOfADayAgain()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        store.write([&] { good(fill.fill(id, firstDay, minutes(100, 200), never, false)); });
        QCOMPARE(good(fill.missingDays(id, firstDay, firstDay)).size(), 1U);
        store.write([&] { good(fill.fill(id, firstDay, minutes(100, 200), never, true)); });
        QVERIFY(good(fill.missingDays(id, firstDay, firstDay)).empty());
    }

    void whatTheTicksMadeIsNeverChanged()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        std::vector<Candle> ours;
        for (std::int64_t i = 300; i < 420; ++i) {
            if (i < 350 || i >= 390) {
                ours.push_back(own(minuteAt(i)));
            }
        }
        store.write([&] { good(CandleStore(*store).append(id, Timeframe::M1, ours)); });
        store.write([&] { QCOMPARE(good(fill.fill(id, firstDay, minutes(0, 1'440), never, true))[0].size(), 1'360U); });
        const auto all = allOf(store, id);
        QCOMPARE(all.size(), 1'440U);
        for (std::int64_t i = 0; i < 1'440; ++i) {
            const bool isOurs = i >= 300 && i < 420 && (i < 350 || i >= 390);
            QCOMPARE(all[static_cast<std::size_t>(i)], isOurs ? own(minuteAt(i)) : minuteAt(i));
        }
    }

    void nothingOfTheMinuteOfUntilOrLaterIsTaken_data()
    {
        QTest::addColumn<qint64>("until");
        QTest::addColumn<int>("taken");
        QTest::newRow("under") << qint64{day0 + 100 * minute - 1} << 99;
        QTest::newRow("at") << qint64{day0 + 100 * minute} << 100;
        QTest::newRow("over") << qint64{day0 + 100 * minute + 1} << 100;
    }
    void nothingOfTheMinuteOfUntilOrLaterIsTaken()
    {
        QFETCH(qint64, until);
        QFETCH(int, taken);
        Store store;
        const auto id = store.add("BTC-USDT");
        store.write([&] { good(CandleFill(*store).fill(id, firstDay, minutes(0, 200), {until}, false)); });
        QCOMPARE(allOf(store, id).size(), static_cast<std::size_t>(taken));
        QCOMPARE(allOf(store, id, Timeframe::M5).size(), static_cast<std::size_t>(taken / 5));
        QCOMPARE(allOf(store, id, Timeframe::H1).size(), 1U); // of the hour that is over
    }

    void aLargerCandleIsMadeOfItsMinutes()
    {
        auto some = minutes(0, 10);
        some[1].high = {5'000};
        some[2].low = {3};
        some[7].hasGap = true;
        auto five = largerCandles(some, Timeframe::M5, {day0 + 10 * minute});
        QCOMPARE(five.size(), 2U);
        QCOMPARE(five[0].open, some[0].open);
        QCOMPARE(five[0].high, market::Price{5'000});
        QCOMPARE(five[0].low, market::Price{3});
        QCOMPARE(five[0].close, some[4].close);
        QCOMPARE(five[0].volume.value, 10 + 11 + 12 + 13 + 14);
        QVERIFY(!five[0].hasGap);
        QVERIFY(five[1].hasGap);
        QCOMPARE(five[0].trades, 0); // untold by REST

        for (auto& one : some) {
            one = own(one);
        }
        QCOMPARE(largerCandles(some, Timeframe::M5, {day0 + 10 * minute})[0].trades, 15);
        QCOMPARE(largerCandles(some, Timeframe::M5, {day0 + 10 * minute})[0].buyVolume, 20);
        some[3].trades = 0; // one that does not tell
        QCOMPARE(largerCandles(some, Timeframe::M5, {day0 + 10 * minute})[0].trades, 0);
        QCOMPARE(largerCandles(some, Timeframe::M5, {day0 + 10 * minute - 1}).size(), 1U);
    }

    void minutesThatTheExchangeLeftOutMarkNothingAndAnEmptyBucketHasNoCandle()
    {
        std::vector<Candle> some{minuteAt(1), minuteAt(3), minuteAt(12)};
        const auto five = largerCandles(some, Timeframe::M5, never);
        QCOMPARE(five.size(), 2U);
        QCOMPARE(five[0].start.value, day0);
        QVERIFY(!five[0].hasGap);
        QCOMPARE(five[1].start.value, day0 + 10 * minute);
    }

    // Against a map: days in any order, ours before, between and after, reopened now and then.
    void anyOrderOfDaysAndOwnCandlesGivesTheSameAsAMap()
    {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            std::mt19937_64 random(seed);
            Store store;
            const auto id = store.add("BTC-USDT");
            std::map<std::int64_t, Candle> model;
            std::int64_t live = 5 * 1'440; // the next of our own
            for (int step = 0; step < 40; ++step) {
                store.write([&] {
                    if (random() % 2 == 0) {
                        live += random() % 3 == 0 ? static_cast<std::int64_t>(random() % 900) : 0; // an outage
                        std::vector<Candle> ours;
                        for (auto n = random() % 400; n > 0; --n) {
                            ours.push_back(own(minuteAt(live++)));
                            model.emplace(ours.back().start.value, ours.back());
                        }
                        good(CandleStore(*store).append(id, Timeframe::M1, ours));
                        return;
                    }
                    const auto day = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(live / 1'440));
                    std::vector<Candle> page;
                    for (auto i = day * 1'440; i < (day + 1) * 1'440; ++i) {
                        if (random() % 16 != 0) {
                            page.push_back(minuteAt(i));
                            model.emplace(page.back().start.value, page.back());
                        }
                    }
                    good(CandleFill(*store).fill(id, {day0 + day * 1'440 * minute}, page, never, false));
                });
                if (random() % 8 == 0) {
                    store.reopen();
                }
            }
            std::vector<Candle> expected;
            for (const auto& [start, candle] : model) {
                expected.push_back(candle);
            }
            QCOMPARE(allOf(store, id), expected);
        }
    }

    void aRolledBackFillLeavesNothing()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        CandleFill fill(*store);
        store.write([&] { good(CandleStore(*store).append(id, Timeframe::M1, minutes(1'430, 1'450))); });
        good(store->begin());
        good(fill.fill(id, firstDay, minutes(0, 1'440), never, true));
        store->rollback();
        QCOMPARE(allOf(store, id).size(), 20U);
        QCOMPARE(good(fill.missingDays(id, firstDay, firstDay)).size(), 1U);
        store.write([&] { good(fill.fill(id, firstDay, minutes(0, 1'440), never, true)); });
        QCOMPARE(allOf(store, id).size(), 1'450U);
    }

    void theWantedInstrumentsAreKeptInTheirOrder()
    {
        Store store;
        FeedChoices choices(*store);
        QVERIFY(good(choices.wantedInstruments()).empty());
        const std::vector<std::string> wanted{"SOL-USDT", "BTC-USDT"};
        store.write([&] { good(choices.keepWantedInstruments({"ETH-USDT", "XRP-USDT", "BTC-USDT"})); });
        store.write([&] { good(choices.keepWantedInstruments(wanted)); });
        store.reopen();
        QCOMPARE(good(FeedChoices(*store).wantedInstruments()), wanted);
    }

    void aCancelledHistoryStaysCancelledUntilItIsTakenUp()
    {
        Store store;
        QVERIFY(!good(FeedChoices(*store).isHistoryCancelled()));
        store.write([&] { good(FeedChoices(*store).setHistoryCancelled(true)); });
        store.reopen();
        QVERIFY(good(FeedChoices(*store).isHistoryCancelled()));
        store.write([&] { good(FeedChoices(*store).setHistoryCancelled(false)); });
        QVERIFY(!good(FeedChoices(*store).isHistoryCancelled()));
    }
};

QTEST_GUILESS_MAIN(CandleFillTest)
#include "candle_fill_test.moc"
