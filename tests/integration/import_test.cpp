// Import of recorded files: whole or not at all, once only, bad rows named by their line, cancel keeps nothing.
#include "engines/file_import.h"
#include "engines/replay.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "testkit/recorded_trades.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <array>
#include <fstream>

namespace {

using namespace qd;

std::string write(const QTemporaryDir& dir, const char* name, const std::string& text)
{
    const auto path = dir.filePath(QString::fromLatin1(name)).toStdString();
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

const std::string header = "ts_ms,price,size,side\n";

engines::ImportOptions into(const QTemporaryDir& dir, std::string file)
{
    return {.database = dir.filePath(QStringLiteral("imported.db")).toStdString(),
            .file = std::move(file),
            .instrument = "LTC-USDT"};
}

struct Contents {
    std::vector<storage::NumberedTick> ticks;
    std::vector<market::Instrument> instruments;
};

Contents contentsOf(const QTemporaryDir& dir)
{
    Contents out;
    auto database = storage::Database::open(dir.filePath(QStringLiteral("imported.db")).toStdString(),
                                            storage::Database::Mode::ReadOnly);
    if (!database) {
        return out;
    }
    out.instruments = storage::InstrumentStore(*database).all().value();
    for (const auto& instrument : out.instruments) {
        const auto read =
            storage::TickArchive(*database).read(instrument.id, {}, [&](std::span<const storage::NumberedTick> ticks) {
                out.ticks.insert(out.ticks.end(), ticks.begin(), ticks.end());
                return true;
            });
        if (!read) {
            out.ticks.clear();
        }
    }
    return out;
}

} // namespace

class ImportTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFileIsStoredExactlyAndASecondImportAddsNothing()
    {
        const QTemporaryDir dir;
        const auto options =
            into(dir, write(dir, "a.csv", header + "1000,81.50,0.123,buy\n1000,81.50,0.123,buy\n1001,81.4,2,sell\n"));
        const auto first = engines::importFile(options, {});
        QVERIFY2(first, first ? "" : base::sentence(first.error()).c_str());
        QCOMPARE(first->rows, 3U);
        QVERIFY(!first->wasThere);
        const auto contents = contentsOf(dir);
        QCOMPARE(contents.ticks.size(), 3U); // equal rows are separate fills
        QCOMPARE(contents.ticks[0].tick.id, 1000LL << 20);
        QCOMPARE(contents.ticks[1].tick.id, (1000LL << 20) + 1);
        QCOMPARE(contents.instruments[0].priceText(contents.ticks[2].tick.price), std::string("81.4"));
        QCOMPARE(contents.instruments[0].sizeText(contents.ticks[2].tick.size()), std::string("2.000"));
        QVERIFY(contents.ticks[2].tick.aggressor() == market::Side::Sell);

        const auto second = engines::importFile(options, {});
        QVERIFY(second && second->wasThere);
        QCOMPARE(contentsOf(dir).ticks.size(), 3U);
    }

    void aBadRowIsNamedByItsLineAndNothingIsKept()
    {
        const QTemporaryDir dir;
        const auto outcome =
            engines::importFile(into(dir, write(dir, "a.csv", header + "1000,81.5,1,buy\n1001,81.5,1,bought\n")), {});
        QVERIFY(!outcome);
        QVERIFY(outcome.error().code == base::ErrorCode::Malformed);
        QVERIFY2(base::sentence(outcome.error()).find("line 3") != std::string::npos,
                 base::sentence(outcome.error()).c_str());
        const auto contents = contentsOf(dir);
        QVERIFY(contents.ticks.empty());
        QVERIFY(contents.instruments.empty());
    }

    void anotherSourceOverTheSameTimeIsRefused()
    {
        const QTemporaryDir dir;
        QVERIFY(engines::importFile(into(dir, write(dir, "a.csv", header + "1000,81.5,1,buy\n3000,81.5,1,buy\n")), {}));
        const auto overlapping = engines::importFile(into(dir, write(dir, "b.csv", header + "3000,82.5,1,buy\n")), {});
        QVERIFY(!overlapping && overlapping.error().code == base::ErrorCode::Conflict);
        const auto later = engines::importFile(into(dir, write(dir, "d.csv", header + "3001,82.55,1,buy\n")), {});
        QVERIFY2(later, later ? "" : base::sentence(later.error()).c_str());
        {
            auto database = storage::Database::open(dir.filePath(QStringLiteral("imported.db")).toStdString(),
                                                    storage::Database::Mode::ReadOnly);
            const auto gaps = storage::LedgerStore(*database).gaps().value();
            QCOMPARE(gaps.size(), 1U); // what lies between two files is not known
            QCOMPARE(gaps[0].from.value, 3000);
            QCOMPARE(gaps[0].to.value, 3001);
        }
        const auto contents = contentsOf(dir);
        QCOMPARE(contents.ticks.size(), 3U);
        QCOMPARE(contents.instruments[0].tick.decimals(), 2); // the finer of both files
        QCOMPARE(contents.instruments[0].priceText(contents.ticks[0].tick.price), std::string("81.50"));
        QCOMPARE(contents.instruments[0].priceText(contents.ticks[2].tick.price), std::string("82.55"));
    }

    void filesInAnyOrderOfTimeGiveTheSameArchive()
    {
        const std::array<std::string, 3> texts{header + "1000,81.5,1,buy\n1000,81.6,1,sell\n1999,81.5,1,buy\n",
                                               header + "2000,82.5,1,buy\n2500,82.4,2,sell\n",
                                               header + "5000,83.5,1,buy\n"};
        std::vector<storage::NumberedTick> first;
        std::vector<storage::GapRow> marks;
        std::array<int, 3> order{0, 1, 2};
        do {
            const QTemporaryDir dir;
            for (const int which : order) {
                const auto name = "f" + std::to_string(which) + ".csv";
                const auto outcome = engines::importFile(
                    into(dir, write(dir, name.c_str(), texts[static_cast<std::size_t>(which)])), {});
                QVERIFY2(outcome, outcome ? "" : base::sentence(outcome.error()).c_str());
            }
            const auto ticks = contentsOf(dir).ticks;
            QCOMPARE(ticks.size(), 6U);
            QVERIFY(std::ranges::is_sorted(ticks, {}, [](const auto& t) { return t.number; }));
            QVERIFY(std::ranges::is_sorted(ticks, {}, [](const auto& t) { return t.tick.id; }));
            first = first.empty() ? ticks : first;
            QVERIFY(ticks == first);
            auto database = storage::Database::open(dir.filePath(QStringLiteral("imported.db")).toStdString(),
                                                    storage::Database::Mode::ReadOnly);
            const auto gaps = storage::LedgerStore(*database).gaps().value();
            QCOMPARE(gaps.size(), 2U); // what lies between the files
            QVERIFY(gaps[0].from.value == 1999 && gaps[0].to.value == 2000);
            QVERIFY(gaps[1].from.value == 2500 && gaps[1].to.value == 5000);
            marks = marks.empty() ? gaps : marks;
            QVERIFY(gaps == marks);
            const auto within = engines::importFile(into(dir, write(dir, "x.csv", header + "2200,82.5,1,buy\n")), {});
            QVERIFY(!within && within.error().code == base::ErrorCode::Conflict);
        } while (std::ranges::next_permutation(order).found);
    }

    void aLateRowThatIsFinerThanAllBeforeItChangesNothingButTheScales()
    {
        const QTemporaryDir dir;
        std::string rows = header;
        for (int i = 0; i < 60'000; ++i) { // over a megabyte: the first rows do not reach the last one
            rows += std::to_string(1'000'000 + i) + ",81.5,1,buy\n";
        }
        rows += "2000000,81.575,0.25,sell\n";
        const auto outcome = engines::importFile(into(dir, write(dir, "a.csv", rows)), {});
        QVERIFY2(outcome, outcome ? "" : base::sentence(outcome.error()).c_str());
        QCOMPARE(outcome->rows, 60'001U);
        QCOMPARE(outcome->last.value, 2'000'000);
        const auto contents = contentsOf(dir);
        QCOMPARE(contents.ticks.size(), 60'001U);
        QCOMPARE(contents.instruments[0].tick.decimals(), 3);
        QCOMPARE(contents.instruments[0].priceText(contents.ticks[0].tick.price), std::string("81.500"));
        QCOMPARE(contents.instruments[0].priceText(contents.ticks.back().tick.price), std::string("81.575"));
        QCOMPARE(contents.instruments[0].sizeText(contents.ticks.back().tick.size()), std::string("0.25"));
        QVERIFY(engines::importFile(into(dir, write(dir, "a.csv", rows)), {})->wasThere);
    }

    void anEarlierFileIsRefusedWhereLaterTicksWereNumberedFromOneOrTraded()
    {
        const QTemporaryDir dir;
        const auto earlier = into(dir, write(dir, "a.csv", header + "500,82.5,1,buy\n"));
        {
            auto database = storage::Database::open(earlier.database, storage::Database::Mode::ReadWrite).value();
            market::Instrument instrument{.name = "LTC-USDT"};
            QVERIFY(database.begin());
            const auto id = storage::InstrumentStore(database).put(instrument).value().id;
            const storage::NumberedTick old{{1}, {.id = 1000LL << 20, .time = {1000}, .price = {80}, .signedSize = 1}};
            QVERIFY(storage::TickArchiveWriter(database).append(id, std::span(&old, 1)));
            QVERIFY(database.commit(false));
        }
        const auto numbers = engines::importFile(earlier, {});
        QVERIFY(!numbers && numbers.error().detail.find("stream numbers") != std::string::npos);
        {
            auto database = storage::Database::open(earlier.database, storage::Database::Mode::ReadWrite).value();
            QVERIFY(storage::LedgerStore(database).saveState({1}, {1}, "state"));
        }
        const auto traded = engines::importFile(earlier, {});
        QVERIFY(!traded && traded.error().detail.find("paper trading has run") != std::string::npos);
        QCOMPARE(contentsOf(dir).ticks.size(), 1U);
    }

    void aCancelKeepsNothing()
    {
        const QTemporaryDir dir;
        std::string rows = header;
        for (int i = 0; i < 200'000; ++i) {
            rows += std::to_string(1'000'000 + i) + ",81.5,1,buy\n";
        }
        auto options = into(dir, write(dir, "a.csv", rows));
        std::stop_source source;
        options.progress = [&](double fraction) {
            if (fraction > 0.7) {
                source.request_stop();
            }
        };
        const auto outcome = engines::importFile(options, source.get_token());
        QVERIFY(!outcome && outcome.error().code == base::ErrorCode::Cancelled);
        QVERIFY(contentsOf(dir).ticks.empty());
    }

    void candlesAreImportedOnceAndInTheirTimeframe()
    {
        const QTemporaryDir dir;
        auto options = into(
            dir, write(dir, "c.csv",
                       "ts_ms,open,high,low,close,volume\n60000,81.5,82,81,81.7,10.5\n120000,81.7,81.7,81.7,81.7,0\n"));
        options.candles = market::Timeframe::M1;
        QVERIFY(engines::importFile(options, {}));
        QVERIFY(engines::importFile(options, {})->wasThere);
        auto database = storage::Database::open(options.database, storage::Database::Mode::ReadOnly);
        storage::CandleStore store(*database);
        const auto candles = store.read({1}, market::Timeframe::M1, {}, 100).value();
        QCOMPARE(candles.size(), 2U);
        QCOMPARE(candles[0].volume.value, 105);
        QCOMPARE(candles[0].high.value, 820);
    }

    void contractsNeedAKnownContractValue()
    {
        const QTemporaryDir dir;
        auto options = into(dir, write(dir, "a.csv", header + "1000,81.5,1,buy\n"));
        options.sizes = engines::SizeUnit::Contracts;
        options.instrument = "NOSUCH-USDT";
        QVERIFY(engines::importFile(options, {}).error().code == base::ErrorCode::Unsupported);
        options.instrument = "SHIB-USDT";
        const auto outcome = engines::importFile(options, {});
        QVERIFY(outcome);
        QCOMPARE(base::toText(outcome->instrument.contractValue), std::string("1000000"));
    }

    void recordedTradesReplayTheSameOnAnyNumberOfThreads()
    {
        const auto file = testkit::sharedFile("data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
        if (file.empty()) {
            QSKIP("the recorded trades (QD_SHARED) are not there");
        }
        const QTemporaryDir dir;
        const auto options = into(dir, file);
        QVERIFY(engines::importFile(options, {}));
        const engines::ReplayOptions replay{.database = options.database};
        const auto once = engines::replay(replay, {});
        auto onTwo = replay;
        onTwo.jobs = 2;
        const auto twice = engines::replay(onTwo, {});
        QVERIFY(once && twice);
        QVERIFY2(once->trades >= 50, std::to_string(once->trades).c_str());
        QCOMPARE(once->ledgerHash, twice->ledgerHash);
        QCOMPARE(once->ticks, 152'763U);
    }
};

QTEST_GUILESS_MAIN(ImportTest)
#include "import_test.moc"
