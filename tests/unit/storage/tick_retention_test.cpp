// What may go of old ticks: by age at, under and over the edge; never what paper still needs; and what is left reads
// on.
#include "storage/tick_retention.h"

#include "storage/ledger_store.h"
#include "storage_testkit.h"

using namespace qd;
using namespace qd::testkit;
using health::OldTicks;

namespace {

constexpr std::int64_t perBlock = 16'384;
constexpr base::UtcMs midnight{1'750'032'000'000};

/// `days` full blocks, one a UTC day, ids and numbers from 1 on; then some ticks of the day after.
class Days {
public:
    explicit Days(int days)
    {
        id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        for (int day = 0; day <= days; ++day) {
            std::vector<NumberedTick> ticks;
            const auto count = day == days ? 100 : perBlock;
            for (std::int64_t i = 0; i < count; ++i) {
                const auto number = day * perBlock + i + 1;
                ticks.push_back({{number},
                                 {.id = number,
                                  .time = midnight + base::oneDay * day + base::Millis{i * 5'000},
                                  .price = {6'000'000 + i % 100},
                                  .signedSize = i % 2 == 0 ? 3 : -3}});
            }
            store.write([&] { good(writer.append(id, ticks)); });
        }
    }
    void saved(std::int64_t number)
    {
        store.write([&] { good(LedgerStore(*store).saveState(id, {number}, "state")); });
    }
    RetentionPlan plan(std::int64_t keepDays, base::UtcMs now = {INT64_MAX})
    {
        return good(planRetention(*store, {.way = OldTicks::Drop, .keepDays = keepDays, .now = now}));
    }
    Store store;
    base::InstrumentId id;
};

std::uint64_t ticksLeft(Store& store, base::InstrumentId id)
{
    return good(TickArchive(*store).summary(id)).ticks;
}

void dropAll(Store& store, const RetentionPlan& plan)
{
    for (const auto& piece : plan.goes) {
        store.write([&] { good(dropBlocks(*store, piece)); });
    }
}

} // namespace

class TickRetentionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wholeDaysGoByAge()
    {
        Days made(5); // blocks of the days 0…4, the newest tick on day 5
        made.saved(5 * perBlock + 100);
        const auto blocks = [&](std::int64_t keepDays) {
            const auto plan = made.plan(keepDays);
            return plan.preview.lines.empty() ? std::uint64_t{0} : plan.preview.lines.front().blocks;
        };
        QCOMPARE(blocks(6), std::uint64_t{0}); // over
        QCOMPARE(blocks(5), std::uint64_t{0}); // at: day 0 begins just there
        QCOMPARE(blocks(4), std::uint64_t{1}); // under
        QCOMPARE(blocks(2), std::uint64_t{3});
        QCOMPARE(blocks(0), std::uint64_t{0}); // for ever
        QVERIFY(
            good(planRetention(*made.store, {.way = OldTicks::Keep, .keepDays = 2, .now = {INT64_MAX}})).goes.empty());
    }

    void aPreviewNamesWhatItWouldFreeAndDropsNothing()
    {
        Days made(5);
        made.saved(5 * perBlock + 100);
        const auto before = ticksLeft(made.store, made.id);
        const auto plan = made.plan(2);
        QCOMPARE(plan.preview.ticks, std::uint64_t{3 * perBlock});
        QVERIFY(plan.preview.bytes > 0);
        const auto& line = plan.preview.lines.front();
        QCOMPARE(line.name, std::string("BTC-USDT"));
        QVERIFY(line.kept.empty());
        QCOMPARE(line.until.value, (midnight + base::oneDay * 2).value + (perBlock - 1) * 5'000);
        QCOMPARE(ticksLeft(made.store, made.id), before);
        dropAll(made.store, plan);
        QCOMPARE(ticksLeft(made.store, made.id), before - 3 * perBlock);
        QCOMPARE(readAll(*made.store, made.id).front().tick.id, 3 * perBlock + 1);
        QVERIFY(good(TickArchive(*made.store).verify()).empty());
        QVERIFY(made.plan(2).goes.empty()); // once
    }

    void whatPaperHasNotTradedOnStays()
    {
        Days made(5);
        QVERIFY(made.plan(2).goes.empty()); // there is no saved state: a start begins with the first tick
        QVERIFY(made.plan(2).preview.lines.front().kept.find("3 old blocks stay") == 0);
        made.saved(2 * perBlock - 1); // the last tick of the second block is still to come
        QCOMPARE(made.plan(2).preview.lines.front().blocks, std::uint64_t{1});
        made.saved(2 * perBlock);
        QCOMPARE(made.plan(2).preview.lines.front().blocks, std::uint64_t{2});
        QVERIFY(made.plan(2).preview.lines.front().kept.find("1 old blocks stay: paper trading") == 0);
    }

    void whatAnOpenPositionBeganInStays()
    {
        Days made(5);
        made.saved(5 * perBlock + 100);
        const auto decidedAt = [&](std::int64_t number) {
            made.store.write([&] {
                good(made.store->run("DELETE FROM positions"));
                trading::OpenPosition position;
                position.decision = {.instrument = made.id, .strategy = "breakout"};
                position.decision.number = {number};
                good(LedgerStore(*made.store).apply(position));
            });
            return made.plan(2).preview.lines.front();
        };
        QCOMPARE(decidedAt(perBlock).blocks, std::uint64_t{0}); // in the first block
        QVERIFY(decidedAt(perBlock).kept.find("the open position of breakout") != std::string::npos);
        QCOMPARE(decidedAt(perBlock + 1).blocks, std::uint64_t{1});
        QCOMPARE(decidedAt(4 * perBlock).blocks, std::uint64_t{3});
    }

    void whatBecameNeededSinceThePlanStays()
    {
        Days made(5);
        made.saved(5 * perBlock + 100);
        const auto plan = made.plan(2);
        made.saved(perBlock); // as if an older state had been restored
        dropAll(made.store, plan);
        QCOMPARE(ticksLeft(made.store, made.id), std::uint64_t{4 * perBlock + 100});
        made.saved(5 * perBlock + 100); // the number of a row that went is given again
        const auto again = made.plan(2);
        QCOMPARE(again.goes.front().ticks.size(), std::size_t{2});
        const auto reused = std::to_string(again.goes.front().ticks.front());
        made.store.write([&] {
            good(made.store->run("UPDATE tick_blocks SET max_time=" + std::to_string(again.goes.front().before.value) +
                                 " WHERE id=" + reused));
        });
        dropAll(made.store, again);
        QCOMPARE(good(made.store->number("SELECT count(*) FROM tick_blocks WHERE id=" + reused)), 1);
        QCOMPARE(good(made.store->number("SELECT count(*) FROM tick_blocks")), 3);
    }

    void theNewestBlockStaysHoweverOldItIs()
    {
        Days made(3);
        Store& store = made.store;
        made.saved(3 * perBlock + 100);
        const auto other = store.add("ETH-USDT"); // still trades, years later
        store.write([&] {
            TickArchiveWriter writer(*store);
            auto late = ticksFrom(1, 10);
            for (auto& tick : late) {
                tick.tick.time = midnight + base::oneDay * 2'000;
            }
            good(writer.append(other, late));
        });
        const auto plan = made.plan(2);
        QCOMPARE(plan.preview.lines.front().blocks, std::uint64_t{2});
        dropAll(store, plan);
        QCOMPARE(good(TickArchive(*store).summary(made.id)).lastNumber.value, 3 * perBlock + 100);
    }

    void aClockSetAheadDeletesNothingMore()
    {
        Days made(5);
        made.saved(5 * perBlock + 100);
        QCOMPARE(made.plan(4, midnight + base::oneDay * 5'000).preview.ticks, made.plan(4).preview.ticks);
        QCOMPARE(made.plan(4, midnight + base::oneDay * 2).preview.ticks, std::uint64_t{0}); // set back: less
    }

    void theWriterGoesOnBehindWhatWasDropped()
    {
        Days made(3);
        made.saved(3 * perBlock + 100);
        TickArchiveWriter writer(*made.store);
        made.store.write([&] {
            good(writer.append(
                made.id,
                std::vector{NumberedTick{
                    {3 * perBlock + 101},
                    {.id = 3 * perBlock + 101, .time = midnight + base::oneDay * 4, .price = {1}, .signedSize = 1}}}));
        });
        dropAll(made.store, made.plan(1));
        made.store.write([&] {
            good(writer.append(
                made.id,
                std::vector{NumberedTick{
                    {3 * perBlock + 102},
                    {.id = 3 * perBlock + 102, .time = midnight + base::oneDay * 4, .price = {2}, .signedSize = 1}}}));
        });
        QCOMPARE(readItems(*made.store, made.id, 3 * perBlock).size(), std::size_t{102});
        QVERIFY(good(TickArchive(*made.store).verify()).empty());
    }

    void theMinutesWithoutACandleAreMadeFromTheirTicks()
    {
        Days made(2);
        const auto minutes = good(unkeptMinutes(*made.store, made.id, midnight + base::oneDay));
        QCOMPARE(minutes.size(), std::size_t{1'366}); // 16,384 ticks, twelve a minute
        QCOMPARE(minutes.front().start.value, (midnight + base::oneDay).value);
        QCOMPARE(minutes.front().trades, 12);
        QCOMPARE(minutes.front().volume.value, 36);
        QCOMPARE(minutes.back().trades, 4);
        made.store.write([&] { good(CandleStore(*made.store).append(made.id, market::Timeframe::M1, minutes)); });
        QVERIFY(good(unkeptMinutes(*made.store, made.id, midnight + base::oneDay)).empty());
    }

    void growthIsThatOfWholeDays()
    {
        Days made(4);
        const auto figures = good(storeFigures(*made.store));
        QCOMPARE(figures.pageBytes, std::uint64_t{4'096});
        QVERIFY(figures.pages > 10);
        // Four blocks in four days: about a quarter of the file a day.
        const auto share = figures.bytesPerDay / static_cast<double>((figures.pages - figures.freePages) * 4'096);
        QVERIFY2(share > 0.24 && share < 0.26, qPrintable(QString::number(share)));
        Store empty;
        QCOMPARE(good(storeFigures(*empty)).bytesPerDay, 0.0);
        const auto before = good(storeFigures(*empty)).freePages;
        good(empty->run("CREATE TABLE filler(x); INSERT INTO filler VALUES(zeroblob(409600)); DROP TABLE filler"));
        QVERIFY(good(storeFigures(*empty)).freePages >= before + 100);
    }
};

QTEST_GUILESS_MAIN(TickRetentionTest)
#include "tick_retention_test.moc"
