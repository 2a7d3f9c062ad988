// The archive on real files: what goes in comes out, in order and exactly; late ticks, quotes and gaps in the stream;
// damage is found and kept apart.
#include "storage/funding_store.h"
#include "storage/gap_store.h"
#include "storage_testkit.h"

#include <QFile>

#include <set>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;

namespace {

constexpr std::size_t full = 16'384;

std::int64_t count(Database& database, const char* table)
{
    return good(database.number(std::string("SELECT count(*) FROM ") + table));
}

void append(Store& store, base::InstrumentId id, std::span<const NumberedTick> ticks, std::size_t step)
{
    TickArchiveWriter writer(*store);
    store.write([&] {
        for (std::size_t i = 0; i < ticks.size(); i += step) {
            good(writer.append(id, ticks.subspan(i, std::min(step, ticks.size() - i))));
        }
    });
}

NumberedQuote quoteAt(std::int64_t number)
{
    return {{number},
            {.time = {number * 1'000},
             .bid = {100 + number % 7},
             .ask = {103 + number % 5},
             .bidSize = {number % 11},
             .askSize = {4}}};
}

} // namespace

class TickArchiveTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wholeDaysLieBetweenTheOldestAndTheNewestTickAndMeetABlock()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        QVERIFY(good(TickArchive(*store).wholeDays(id)).empty());
        std::int64_t number = 0;
        const auto add = [&](std::int64_t at, bool seals) { // each block by itself
            ++number;
            const NumberedTick tick{{number}, {.id = number, .time = {at}, .price = {100}, .signedSize = 1}};
            TickArchiveWriter writer(*store);
            store.write([&] {
                good(writer.append(id, std::span(&tick, 1)));
                if (seals) {
                    good(writer.seal());
                }
            });
        };
        const auto day = base::oneDay.count();
        add(day * 100 + 1, true); // its first day is not whole
        add(day * 101, true);
        add(day * 103 + 5, true); // on 102 there is nothing
        add(day * 104, true);
        const auto whole = [&] { return good(TickArchive(*store).wholeDays(id)); };
        QCOMPARE(whole(), (std::set<std::int64_t>{101, 103}));
        add(day * 105 - 1, false);
        QCOMPARE(whole(), (std::set<std::int64_t>{101, 103})); // 104 may go on
        add(day * 105, false);
        QCOMPARE(whole(), (std::set<std::int64_t>{101, 103, 104}));
    }

    void aTailFoldsIntoABlockWhenItIsFullAndNotBefore_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("step");
        QTest::addColumn<int>("blocks");
        QTest::addColumn<bool>("hasTail");
        for (const int step : {1, 7, 500, 100'000}) {
            QTest::addRow("under, by %d", step) << int(full) - 1 << step << 0 << true;
            QTest::addRow("at, by %d", step) << int(full) << step << 1 << false;
            QTest::addRow("over, by %d", step) << int(full) + 1 << step << 1 << true;
        }
        QTest::addRow("many, by 1000") << 50'000 << 1'000 << 3 << true;
    }
    void aTailFoldsIntoABlockWhenItIsFullAndNotBefore()
    {
        QFETCH(int, rows);
        QFETCH(int, step);
        QFETCH(int, blocks);
        QFETCH(bool, hasTail);
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto ticks = ticksFrom(1, static_cast<std::size_t>(rows));
        append(store, id, ticks, static_cast<std::size_t>(step));

        QCOMPARE(count(*store, "tick_blocks"), blocks);
        QCOMPARE(count(*store, "tick_tails") > 0, hasTail);
        QVERIFY2(count(*store, "tick_tails") <= 64, "small appends are merged");
        QCOMPARE(readAll(*store, id), ticks);
        QVERIFY(good(TickArchive(*store).verify()).empty());
        store.reopen();
        QCOMPARE(readAll(*store, id), ticks);
    }

    void aNewWriterGoesOnWhereTheOldOneStopped()
    {
        Store store;
        const auto id = store.add("ETH-USDT");
        const auto ticks = ticksFrom(10, 40'000);
        for (std::size_t i = 0; i < ticks.size(); i += 3'000) { // a new writer object each
            append(store, id, std::span(ticks).subspan(i, std::min<std::size_t>(3'000, ticks.size() - i)), 900);
        }
        QCOMPARE(readAll(*store, id), ticks);
        QCOMPARE(count(*store, "tick_blocks"), 2);
    }

    void aRolledBackTransactionLeavesNoTraceEvenWithoutReload()
    {
        Store store;
        const auto id = store.add("ETH-USDT");
        const auto ticks = ticksFrom(1, 20'000);
        TickArchiveWriter writer(*store);
        store.write([&] { good(writer.append(id, std::span(ticks).first(100))); });
        good(store->begin());
        good(writer.append(id, std::span(ticks).subspan(100)));
        store->rollback();
        QCOMPARE(readAll(*store, id).size(), std::size_t{100});
        store.write([&] { good(writer.append(id, std::span(ticks).subspan(100))); });
        QCOMPARE(readAll(*store, id), ticks);
    }

    void sealLeavesNoTail()
    {
        Store store;
        const auto id = store.add("A");
        const auto other = store.add("B");
        append(store, id, ticksFrom(1, 50), 5);
        append(store, other, ticksFrom(1, 70), 5);
        TickArchiveWriter writer(*store);
        store.write([&] { good(writer.seal()); });
        QCOMPARE(count(*store, "tick_tails"), 0);
        QCOMPARE(count(*store, "tick_blocks"), 2);
        QCOMPARE(readAll(*store, other), ticksFrom(1, 70));
        store.write([&] { good(writer.append(id, ticksFrom(51, 10))); });
        QCOMPARE(readAll(*store, id).size(), std::size_t{60});
    }

    void aRangeTouchesOnlyItsBlocks()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto ticks = ticksFrom(1, full * 6 + 100);
        append(store, id, ticks, 10'000);

        const auto at = [&](std::size_t i) { return ticks[i].tick.time; };
        const auto within = [&](TimeRange range, std::uint64_t blocks) {
            TickArchive archive(*store);
            std::vector<NumberedTick> got;
            good(archive.read(id, range, [&](std::span<const NumberedTick> part) {
                got.insert(got.end(), part.begin(), part.end());
                return true;
            }));
            std::vector<NumberedTick> want;
            std::ranges::copy_if(ticks, std::back_inserter(want), [&](const NumberedTick& t) {
                return t.tick.time >= range.from && t.tick.time <= range.to;
            });
            QCOMPARE(got, want);
            QCOMPARE(archive.blocksDecoded(), blocks);
        };
        within({at(full * 2 + 10), at(full * 2 + 20)}, 1);
        within({at(full * 2 + 10), at(full * 4 + 20)}, 3);
        within({at(full * 6 + 50), {INT64_MAX}}, 1); // the tail
        within({{0}, {1}}, 0);

        TickArchive archive(*store);
        int spans = 0;
        good(archive.read(id, {}, [&](auto) { return ++spans < 2; })); // stops early
        QCOMPARE(archive.blocksDecoded(), 2U);
    }

    void manyTradesInOneMillisecondKeepTheirIdsAndOrder()
    {
        Store store;
        const auto id = store.add("SHIB-USDT", 9, 0);
        std::vector<NumberedTick> ticks;
        for (std::int64_t i = 1; i <= 735; ++i) {
            ticks.push_back({{i},
                             {.id = 5'000 + i,
                              .time = {1'750'000'000'123},
                              .price = {12'345 + i % 3},
                              .signedSize = -i * 1'000'000}});
        }
        append(store, id, ticks, 100);
        const auto ids = readAll(*store, id, {{1'750'000'000'123}, {1'750'000'000'123}});
        QCOMPARE(ids, ticks);
        std::set<std::int64_t> unique;
        std::ranges::for_each(ids, [&](const auto& t) { unique.insert(t.tick.id); });
        QCOMPARE(unique.size(), std::size_t{735});
        QCOMPARE(good(InstrumentStore(*store).all())[0].priceText({12'345}), std::string("0.000012345"));
    }

    void aLateTickGoesWhereItBelongs_data()
    {
        QTest::addColumn<qint64>("lateId");
        QTest::newRow("before everything") << qint64{1};
        QTest::newRow("into the first block") << qint64{501};
        QTest::newRow("between two blocks") << qint64(10 + 2 * full - 1);
        QTest::newRow("into the middle block") << qint64(10 + 3 * full + 1);
        QTest::newRow("into the last block") << qint64(10 + 5 * full + 1);
        QTest::newRow("into the tail's first piece") << qint64(10 + 6 * full + 1);
        QTest::newRow("into the tail's last piece") << qint64(10 + 6 * full + 1'997);
    }
    void aLateTickGoesWhereItBelongs()
    {
        QFETCH(qint64, lateId);
        Store store;
        const auto id = store.add("BTC-USDT");
        auto ticks = ticksFrom(10, full * 3 + 1'000); // ids are spread to even ones, so that odd ones are free
        for (auto& tick : ticks) {
            tick.tick.id = 10 + 2 * (tick.tick.id - 10);
        }
        append(store, id, ticks, 300);
        const NumberedTick late{{1'000'000},
                                {.id = lateId, .time = {1'750'000'000'000}, .price = {7}, .signedSize = 1}};
        TickArchiveWriter writer(*store);
        store.write([&] {
            QVERIFY(good(writer.addLate(id, late)));
            QVERIFY(!good(writer.addLate(id, late))); // it is there already
            QVERIFY(!good(writer.addLate(id, ticks[20])));
            QVERIFY(!good(writer.addLate(id, ticks.back())));
        });
        auto want = ticks;
        want.insert(std::ranges::lower_bound(want, lateId, {}, [](const auto& t) { return t.tick.id; }), late);
        QCOMPARE(readAll(*store, id), want);
        QVERIFY(good(TickArchive(*store).verify()).empty());
        QCOMPARE(good(TickArchive(*store).summary(id)).ticks, want.size());
        QCOMPARE(good(TickArchive(*store).summary(id)).lastNumber.value, 1'000'000);
        QVERIFY2(good(store->number("SELECT max(count) FROM tick_blocks")) <= std::int64_t(full),
                 "a full block is split");
        // In the stream it comes last, as a late tick.
        const auto items = readItems(*store, id);
        QCOMPARE(items.size(), want.size());
        QCOMPARE(std::get<market::LateTick>(items.back().what).tick, late.tick);
        QVERIFY(std::ranges::all_of(std::span(items).first(items.size() - 1),
                                    [](const auto& item) { return std::holds_alternative<market::Tick>(item.what); }));
        store.write([&] { good(writer.append(id, ticksFrom(1'000'001, 5))); }); // and it goes on
        QCOMPARE(readAll(*store, id).size(), want.size() + 5);
    }

    void appendSendsOldTicksTheWayOfLateOnes()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        auto ticks = ticksFrom(1, 100);
        append(store, id, ticks, 100);
        append(store, id, std::span(ticks).subspan(90), 10); // again: nothing doubles
        QCOMPARE(readAll(*store, id), ticks);
    }

    void randomLateTicksKeepOrderAndTheStreamsNumbers()
    {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            std::mt19937_64 random(seed);
            Store store;
            const auto id = store.add("BTC-USDT");
            auto all = ticksFrom(1, full + full / 2, seed);
            std::vector<NumberedTick> arrival; // some arrive up to 20,000 later than their ids say
            std::vector<std::pair<std::size_t, NumberedTick>> held;
            for (std::size_t i = 0; i < all.size(); ++i) {
                std::erase_if(held, [&](const auto& h) { return h.first <= i && (arrival.push_back(h.second), true); });
                if (random() % 1'500 == 0) {
                    held.emplace_back(i + 1 + random() % 20'000, all[i]);
                } else {
                    arrival.push_back(all[i]);
                }
            }
            std::ranges::for_each(held, [&](const auto& h) { arrival.push_back(h.second); });
            for (std::size_t i = 0; i < arrival.size(); ++i) {
                arrival[i].number = {static_cast<std::int64_t>(i) + 1};
            }
            append(store, id, arrival, 1 + random() % 400);

            auto byId = arrival;
            std::ranges::sort(byId, {}, [](const auto& t) { return t.tick.id; });
            QCOMPARE(readAll(*store, id), byId);
            QVERIFY(good(TickArchive(*store).verify()).empty());
            const auto after = static_cast<std::int64_t>(random() % arrival.size());
            const auto items = readItems(*store, id, after);
            QCOMPARE(items.size(), arrival.size() - static_cast<std::size_t>(after));
            std::int64_t newest = 0;
            for (std::size_t i = 0; i < arrival.size(); ++i) {
                const auto& tick = arrival[i].tick;
                if (arrival[i].number.value > after) {
                    const auto& item = items[i - static_cast<std::size_t>(after)];
                    QCOMPARE(item.number.value, arrival[i].number.value);
                    if (tick.id < newest) {
                        QCOMPARE(std::get<market::LateTick>(item.what).tick, tick);
                    } else {
                        QCOMPARE(std::get<market::Tick>(item.what), tick);
                    }
                }
                newest = std::max(newest, tick.id);
            }
        }
    }

    void theStreamMergesTicksQuotesAndGapsByNumber()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        std::mt19937_64 random(3);
        std::vector<market::StreamItem> want;
        std::vector<NumberedTick> ticks;
        std::vector<NumberedQuote> quotes;
        for (std::int64_t number = 1; number <= 60'000; ++number) {
            market::StreamItem item{.instrument = id, .number = {number}, .received = {}, .what = {}};
            if (const auto kind = random() % 1'000; kind < 5) {
                const auto cause = static_cast<market::GapCause>(random() % 9);
                item.what = market::GapMark{{number * 10}, cause};
                good(GapStore(*store).add({id, {number}, {number * 10}, {number * 10 + 5}, cause}));
            } else if (kind < 400) {
                quotes.push_back(quoteAt(number));
                item.what = quotes.back().quote;
            } else {
                ticks.push_back(
                    {{number}, {.id = number * 3, .time = {number * 10}, .price = {number % 50}, .signedSize = -5}});
                item.what = ticks.back().tick;
            }
            want.push_back(item);
        }
        TickArchiveWriter writer(*store);
        store.write([&] {
            good(writer.append(id, ticks));
            good(writer.appendQuotes(id, quotes));
            good(writer.appendQuotes(id, std::span(quotes).last(3))); // again: nothing doubles
        });
        const auto same = [](const market::StreamItem& a, const market::StreamItem& b) {
            return a.instrument == b.instrument && a.number == b.number && a.what == b.what;
        };
        for (const std::int64_t after : {0, 1, 16'384, 33'000, 59'999, 60'000, 70'000}) {
            const auto items = readItems(*store, id, after);
            const auto rest = std::span(want).subspan(static_cast<std::size_t>(std::min<std::int64_t>(after, 60'000)));
            QCOMPARE(items.size(), rest.size());
            QVERIFY(std::ranges::equal(items, rest, same));
        }
        std::size_t largest = 0;
        good(TickArchive(*store).readStream(id, {0}, [&](auto items) {
            largest = std::max(largest, items.size());
            return true;
        }));
        QVERIFY(largest <= 4'096);
        std::vector<NumberedQuote> back;
        good(TickArchive(*store).readQuotes(id, {}, [&](std::span<const NumberedQuote> part) {
            back.insert(back.end(), part.begin(), part.end());
            return true;
        }));
        QCOMPARE(back, quotes);
    }

    void aFundingRateStandsAtItsNumberBetweenTheOthers()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto other = store.add("ETH-USDT");
        TickArchiveWriter writer(*store);
        const std::array<NumberedTick, 2> ticks{{{{2}, {.id = 7, .time = {20}, .price = {5}, .signedSize = 1}},
                                                 {{5}, {.id = 8, .time = {50}, .price = {5}, .signedSize = 1}}}};
        store.write([&] {
            good(writer.append(id, ticks));
            good(writer.appendQuotes(id, std::array{quoteAt(3)}));
        });
        good(GapStore(*store).add({.instrument = id, .number = {4}, .from = {20}, .to = {50}}));
        const market::FundingRate rate{.settlement = {28'800'000}, .rate = {-25, -6}};
        FundingStore fundings(*store);
        good(fundings.add(id, {{1}, rate}));
        good(fundings.add(id, {{6}, {.settlement = {57'600'000}, .rate = {1, -4}}}));
        good(fundings.add(other, {{9}, rate}));
        const auto items = readItems(*store, id);
        QCOMPARE(items.size(), std::size_t{6});
        for (std::size_t i = 0; i < items.size(); ++i) {
            QCOMPARE(items[i].number.value, static_cast<std::int64_t>(i) + 1);
        }
        QVERIFY(std::get<market::FundingRate>(items[0].what) == rate);
        QVERIFY(std::holds_alternative<market::GapMark>(items[3].what));
        QVERIFY(std::get<market::FundingRate>(items[5].what).rate == (base::Decimal{1, -4}));
        QCOMPARE(readItems(*store, id, 5).size(), std::size_t{1});
        QCOMPARE(readItems(*store, id, 6).size(), std::size_t{0});
        QCOMPARE(good(TickArchive(*store).summary(id)).lastNumber.value, 6);
    }

    void aGapThatWasFoundLaterIsNoMarkOfTheStreamButKeepsItsNumber()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        store.write([&] { good(writer.appendQuotes(id, std::array{quoteAt(2), quoteAt(4)})); });
        good(GapStore(*store).add({.instrument = id, .number = {9}, .from = {1}, .to = {2}, .isMarked = false}));
        QCOMPARE(readItems(*store, id).size(), std::size_t{2});
        QCOMPARE(good(TickArchive(*store).summary(id)).lastNumber.value, 9);
    }

    void quotesAndGapsAloneMakeAStreamToo()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        store.write([&] { good(writer.appendQuotes(id, std::array{quoteAt(2), quoteAt(4)})); });
        good(GapStore(*store).add({id, {3}, {1}, {2}, market::GapCause::Sleep}));
        const auto items = readItems(*store, id);
        QCOMPARE(items.size(), std::size_t{3});
        QCOMPARE(items[1].number.value, 3);
        QCOMPARE(std::get<market::GapMark>(items[1].what).cause, market::GapCause::Sleep);
        QCOMPARE(good(TickArchive(*store).summary(id)).lastNumber.value, 4);
        QVERIFY(readItems(*store, id, 4).empty());
    }

    void aFinerScaleIsConvertedOnReadingAndACoarserOneIsNotTaken()
    {
        Store store;
        const auto id = store.add("BTC-USDT", 1, 3);
        const auto old = ticksFrom(1, 100);
        append(store, id, old, 10);
        QCOMPARE(store.add("BTC-USDT", 2, 3).value, id.value); // the same id, ten times finer prices
        auto fresh = ticksFrom(101, 100);
        append(store, id, fresh, 10);
        auto want = old;
        for (auto& tick : want) {
            tick.tick.price.value *= 10;
        }
        want.insert(want.end(), fresh.begin(), fresh.end());
        QCOMPARE(readAll(*store, id), want);
        QCOMPARE(count(*store, "tick_blocks"), 1); // the old scale's

        const NumberedTick late{{9'999}, {.id = 0, .time = {5}, .price = {123'456'789}, .signedSize = 1}};
        TickArchiveWriter writer(*store);
        store.write([&] { QVERIFY(good(writer.addLate(id, late))); }); // the old block takes the new scale
        want.insert(want.begin(), late);
        QCOMPARE(readAll(*store, id), want);

        store.add("BTC-USDT", 0, 3);
        QCOMPARE(readAll(*store, id), want);
        good(store->run("UPDATE instruments SET tick_step='1'")); // as no program of ours would
        const auto read = TickArchive(*store).read(id, {}, [](auto) { return true; });
        QCOMPARE(read.error().code, ErrorCode::NotOnScale);
        QCOMPARE(read.error().subject, std::string("BTC-USDT ticks block at 0"));
        QVERIFY(good(TickArchive(*store).verify()).empty()); // nothing is damaged
    }

    void aHoleTakesWholeBlocksAndOnlyWhereNothingLies()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        for (const std::int64_t from : {1, 50'001}) {
            append(store, id, ticksFrom(from, 100), 100);
            store.write([&] { good(writer.seal()); });
        }
        append(store, id, ticksFrom(90'001, 100), 100); // a tail
        const auto early = ticksFrom(101, full + 5);
        const auto numbers = [&](std::int64_t first, std::int64_t last) {
            return good(TickArchive(*store).numbersBetween(id, first, last));
        };
        const auto last = early.back().tick.id;
        QCOMPARE(numbers(101, last)->first, std::int64_t{101});
        QCOMPARE(numbers(101, last)->last, std::int64_t{50'000});
        QVERIFY(!numbers(100, last) && !numbers(101, 50'001) && !numbers(90'050, 90'060));
        QCOMPARE(numbers(90'101, 90'102)->last, INT64_MAX);
        store.write([&] { good(writer.insertIntoHole(id, early)); });
        QCOMPARE(count(*store, "tick_blocks"), 4); // a full one and one of five rows
        QVERIFY(good(TickArchive(*store).verify()).empty());
        const auto items = readItems(*store, id);
        QCOMPARE(items.size(), full + 305);
        QVERIFY(std::ranges::all_of(items,
                                    [](const auto& item) { return std::holds_alternative<market::Tick>(item.what); }));
        QVERIFY(
            std::ranges::is_sorted(items, {}, [](const auto& item) { return std::get<market::Tick>(item.what).id; }));
        for (const std::int64_t from : {101, 50'100, 90'100}) { // taken, at the end of a block, at the end of the tail
            QCOMPARE(writer.insertIntoHole(id, ticksFrom(from, 2)).error().code, ErrorCode::Conflict);
        }
        store.write([&] { good(writer.append(id, ticksFrom(90'101, 3))); });
        QCOMPARE(readAll(*store, id).size(), full + 308);
    }

    void verifyTellsItsProgressAndCanBeStopped()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        append(store, id, ticksFrom(1, full * 3), 20'000);
        std::vector<double> seen;
        good(TickArchive(*store).verify([&](double f) {
            seen.push_back(f);
            return true;
        }));
        QCOMPARE(seen.size(), std::size_t{3});
        QVERIFY(std::ranges::is_sorted(seen));
        QCOMPARE(TickArchive(*store).verify([](double) { return false; }).error().code, ErrorCode::Cancelled);
    }

    void theSummaryIsThatOfTheTicks()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        QCOMPARE(good(TickArchive(*store).summary(id)).ticks, 0U);
        const auto ticks = ticksFrom(5, full + 100);
        append(store, id, ticks, 1'000);
        const auto summary = good(TickArchive(*store).summary(id));
        QCOMPARE(summary.ticks, ticks.size());
        QCOMPARE(summary.firstId, 5);
        QCOMPARE(summary.lastId, ticks.back().tick.id);
        QCOMPARE(summary.firstTime, ticks.front().tick.time);
        QCOMPARE(summary.lastTime, ticks.back().tick.time);
        QCOMPARE(summary.lastNumber, ticks.back().number);
        QCOMPARE(summary.blocks, 1U);
        QVERIFY(summary.bytes > 0);
    }

    void anUnknownInstrumentIsNotFound()
    {
        Store store;
        TickArchiveWriter writer(*store);
        QCOMPARE(writer.append({7}, ticksFrom(1, 1)).error().code, ErrorCode::NotFound);
        QCOMPARE(TickArchive(*store).read({7}, {}, [](auto) { return true; }).error().code, ErrorCode::NotFound);
    }

    void aReaderSeesOneStateWhileTheWriterGoesOn()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        append(store, id, ticksFrom(1, full - 1), full);
        auto reader = good(Database::open(store.file(), Database::Mode::ReadOnly));
        std::size_t seen = 0;
        bool isFirst = true;
        good(TickArchive(reader).read(id, {}, [&](std::span<const NumberedTick> part) {
            seen += part.size();
            if (isFirst) { // the tail becomes a block in between
                append(store, id, ticksFrom(static_cast<std::int64_t>(full), 100), 100);
                isFirst = false;
            }
            return true;
        }));
        QCOMPARE(seen, full - 1);
        QCOMPARE(readAll(reader, id).size(), full + 99);
    }
};

QTEST_GUILESS_MAIN(TickArchiveTest)
#include "tick_archive_test.moc"
