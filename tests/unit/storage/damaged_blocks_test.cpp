// Blocks that cannot be read: named, left out, set aside with their bytes; everything else stays readable and writable.
#include "storage/gap_store.h"
#include "storage_testkit.h"

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;

namespace {

constexpr std::size_t full = 16'384;

const char* const damageSecondBlock =
    "UPDATE tick_blocks SET data=CAST(substr(data,1,20000)||x'00ff'||substr(data,20003) AS BLOB) WHERE first_key=16385";

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

} // namespace

class DamagedBlocksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDamagedBlockIsNamedAndTheOthersStayReadable()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto ticks = ticksFrom(1, full * 3 + 10);
        append(store, id, ticks, 20'000);
        auto damage =
            good(store->prepare("UPDATE tick_blocks SET data=CAST(substr(data,1,20000)||x'00ff'||substr(data,20003) "
                                "AS BLOB) WHERE first_key=16385"));
        good(damage.run());
        const auto bad = good(TickArchive(*store).verify());
        QCOMPARE(bad.size(), std::size_t{1});
        QCOMPARE(bad[0].code, ErrorCode::Damaged);
        QCOMPARE(bad[0].subject, std::string("BTC-USDT ticks block at 16385"));
        const auto last = readAll(*store, id, {ticks[full * 2 + 200].tick.time, {INT64_MAX}});
        QCOMPARE(last, std::vector(ticks.begin() + full * 2 + 200, ticks.end()));
        auto rest = std::vector(ticks.begin(), ticks.begin() + full); // the read goes on behind it and names it
        rest.insert(rest.end(), ticks.begin() + full * 2, ticks.end());
        TickArchive archive(*store);
        std::vector<NumberedTick> seen;
        const auto add = [&seen](std::span<const NumberedTick> span) {
            seen.insert(seen.end(), span.begin(), span.end());
            return true;
        };
        good(archive.read(id, {}, add));
        QCOMPARE(seen, rest);
        good(archive.read(id, {}, add)); // twice: named once
        QCOMPARE(archive.missing().size(), std::size_t{1});
        QCOMPARE(archive.missing()[0].name, std::string("BTC-USDT ticks block at 16385"));
        QCOMPARE(archive.missing()[0].rows, std::uint64_t{full});
        QVERIFY(!archive.missing()[0].isSetAside);
        QCOMPARE(archive.missing()[0].from, ticks[full].tick.time);
        QCOMPARE(archive.missing()[0].to, ticks[full * 2 - 1].tick.time);

        TickArchiveWriter writer(*store); // writing goes on
        store.write([&] { good(writer.append(id, ticksFrom(static_cast<std::int64_t>(full) * 3 + 11, 50))); });
        QCOMPARE(good(TickArchive(*store).verify()).size(), std::size_t{1});
    }

    void theStreamHasAGapMarkWhereABlockCannotBeRead()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto ticks = ticksFrom(1, full * 3 + 10);
        append(store, id, ticks, 20'000);
        good(store->run(damageSecondBlock));
        const auto expect = [&](bool isSetAside) {
            TickArchive archive(*store);
            std::vector<market::StreamItem> items;
            good(archive.readStream(id, {0}, [&](std::span<const market::StreamItem> span) {
                items.insert(items.end(), span.begin(), span.end());
                return true;
            }));
            QCOMPARE(items.size(), full * 2 + 10 + 1);
            QVERIFY(std::ranges::is_sorted(items, {}, [](const auto& item) { return item.number; }));
            const auto& mark = items[full];
            QCOMPARE(mark.number.value, static_cast<std::int64_t>(full) + 1);
            QCOMPARE(std::get<market::GapMark>(mark.what),
                     (market::GapMark{ticks[full].tick.time, market::GapCause::Disk}));
            QCOMPARE(std::get<market::Tick>(items[full + 1].what), ticks[full * 2].tick); // not late
            QCOMPARE(archive.missing().size(), std::size_t{1});
            QCOMPARE(archive.missing()[0].isSetAside, isSetAside);
        };
        expect(false);
        store.write([&] { QCOMPARE(good(TickArchive(*store).verifyAndSetAside()).size(), std::size_t{1}); });
        expect(true);
        QVERIFY(good(TickArchive(*store).verify()).empty());
        QCOMPARE(good(TickArchive(*store).setAside()).size(), std::size_t{1});
        QCOMPARE(good(GapStore(*store).all()), (std::vector{GapRow{id,
                                                                   {static_cast<std::int64_t>(full) + 1},
                                                                   ticks[full].tick.time,
                                                                   ticks[full * 2 - 1].tick.time,
                                                                   market::GapCause::Disk}}));
        QCOMPARE(good(TickArchive(*store).summary(id)).ticks, std::uint64_t{full * 2 + 10});
    }

    void aNumberOfADamagedBlockIsNeverGivenAgain()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        append(store, id, ticksFrom(1, full), full); // one block and no more
        good(store->run("UPDATE tick_blocks SET data=x'0102'"));
        QCOMPARE(good(TickArchive(*store).summary(id)).lastNumber.value, std::int64_t{full});
        store.write([&] { QCOMPARE(good(TickArchive(*store).verifyAndSetAside()).size(), std::size_t{1}); });
        const auto summary = good(TickArchive(*store).summary(id));
        QCOMPARE(summary.ticks, std::uint64_t{0});
        QCOMPARE(summary.lastNumber.value, std::int64_t{full});
        QVERIFY(readAll(*store, id).empty());
        append(store, id, ticksFrom(full + 1, 5), 5);
        QCOMPARE(readAll(*store, id), ticksFrom(full + 1, 5));
    }

    void aLateTickBesideADamagedBlockIsKept_data()
    {
        QTest::addColumn<qint64>("key");
        QTest::newRow("the first of the damaged block") << qint64{full + 1};
        QTest::newRow("within it") << qint64{full + 77};
        QTest::newRow("its last") << qint64{full * 2};
        QTest::newRow("before all blocks") << qint64{-5};
    }

    void aLateTickBesideADamagedBlockIsKept()
    {
        QFETCH(const qint64, key);
        Store store;
        const auto id = store.add("BTC-USDT");
        const auto ticks = ticksFrom(1, full * 3 + 10);
        append(store, id, ticks, 20'000);
        good(store->run(damageSecondBlock));
        const NumberedTick late{{99'999}, {.id = key, .time = {1'750'000'001'000}, .price = {5}, .signedSize = -3}};
        TickArchiveWriter writer(*store);
        store.write([&] { QVERIFY(good(writer.addLate(id, late))); });
        store.write([&] { QVERIFY(!good(writer.addLate(id, late))); }); // once
        auto want = std::vector(ticks.begin(), ticks.begin() + full);
        want.insert(want.end(), ticks.begin() + full * 2, ticks.end());
        want.insert(std::ranges::lower_bound(want, key, {}, [](const auto& t) { return t.tick.id; }), late);
        QCOMPARE(readAll(*store, id), want);
        QCOMPARE(good(TickArchive(*store).setAside()).size(), std::size_t(key > 0 ? 1 : 0));
        QCOMPARE(good(TickArchive(*store).verify()).size(), std::size_t(key > 0 ? 0 : 1));
        const auto items = readItems(*store, id);
        QVERIFY(std::holds_alternative<market::LateTick>(items.back().what));
    }

    void damagedQuotesAreLeftOutAndNamed()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        std::vector<NumberedQuote> quotes;
        for (std::int64_t i = 1; i <= 20; ++i) {
            quotes.push_back({{i}, {.time = {i * 1'000}, .bid = {10}, .ask = {12}, .bidSize = {1}, .askSize = {1}}});
        }
        store.write([&] { good(writer.appendQuotes(id, std::span(quotes).first(10))); });
        store.write([&] { good(writer.appendQuotes(id, std::span(quotes).subspan(10))); });
        good(store->run("UPDATE quote_tails SET data=x'01' WHERE first_key=1"));
        TickArchive archive(*store);
        std::size_t seen = 0;
        good(archive.readQuotes(id, {}, [&](auto span) { return (seen += span.size()) > 0; }));
        QCOMPARE(seen, std::size_t{10});
        QCOMPARE(archive.missing().at(0).name, std::string("BTC-USDT quotes tail at 1"));
        QCOMPARE(readItems(*store, id).size(), std::size_t{10}); // no gap: no trade is missing
    }

    void aHeadThatDoesNotFitItsRowsIsFound()
    {
        for (const char* sql : {"UPDATE tick_tails SET count=count+1", "UPDATE tick_tails SET max_time=max_time+1",
                                "UPDATE tick_tails SET last_key=last_key-1", "UPDATE tick_tails SET first_number=0"}) {
            Store store;
            const auto id = store.add("BTC-USDT");
            append(store, id, ticksFrom(1, 10), 10);
            QVERIFY(good(TickArchive(*store).verify()).empty());
            good(store->run(sql));
            QCOMPARE(good(TickArchive(*store).verify()).size(), std::size_t{1});
        }
    }

    void aDamagedTailIsSetAsideAndWritingGoesOn()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        append(store, id, ticksFrom(1, 200), 100);
        good(store->run("UPDATE tick_tails SET data=x'0102' WHERE first_key=101"));
        append(store, id, ticksFrom(201, 100), 100);
        const auto bad = good(TickArchive(*store).verify());
        QCOMPARE(bad.size(), std::size_t{0});
        const auto aside = good(TickArchive(*store).setAside());
        QCOMPARE(aside.size(), std::size_t{1});
        QCOMPARE(aside[0].name, std::string("BTC-USDT ticks tail at 101"));
        QCOMPARE(aside[0].rows, std::uint64_t{100});
        QVERIFY(aside[0].isSetAside && !aside[0].why.empty());
        QCOMPARE(count(*store, "tick_tails"), 2);
        QCOMPARE(good(store->number("SELECT count(*) FROM damaged_blocks WHERE data=x'0102'")), 1); // its bytes
        auto want = ticksFrom(1, 100);
        const auto after = ticksFrom(201, 100);
        want.insert(want.end(), after.begin(), after.end());
        QCOMPARE(readAll(*store, id).size(), want.size());
    }

    void twoDamagedTailsThatBeginAlikeAreBothKept()
    {
        Store store;
        const auto id = store.add("BTC-USDT");
        for (const char* damage : {"x'01'", "x'02'"}) {
            append(store, id, ticksFrom(1, 10), 10);
            good(store->run("UPDATE tick_tails SET data=" + std::string(damage)));
            append(store, id, ticksFrom(11, 1), 1); // sets aside what it cannot go on from
            QCOMPARE(readAll(*store, id), ticksFrom(11, 1));
            good(store->run("DELETE FROM tick_tails"));
        }
        QCOMPARE(count(*store, "damaged_blocks"), 2);
    }
};

QTEST_GUILESS_MAIN(DamagedBlocksTest)
#include "damaged_blocks_test.moc"
