// The main job end to end over a real socket and a real SQLite file: recorded trades, played by the loopback exchange
// at full speed, reach the archive complete and in order; the strategies trade on them; replay gives the same
// ledger.
#include "engines/engine_host.h"
#include "engines/replay.h"
#include "exchange/csv_trades.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "testkit/exchange_thread.h"
#include "testkit/recorded_trades.h"
#include "testkit/stored_ledger.h"
#include "trading/trading_pipeline.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>

namespace {

using namespace qd;

struct Recording {
    const char* instrument;
    const char* file;
};

constexpr std::array recordings{Recording{"BTC-USDT", "data/trades_binance-spot_BTCUSDT_20240808-09.csv.gz"},
                                Recording{"ETH-USDT", "data/trades_binance-spot_ETHUSDT_20240808-09.csv.gz"},
                                Recording{"LTC-USDT", "data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz"}};

exchange::RecordedTrades recorded(const Recording& recording, std::int64_t id)
{
    const auto path = testkit::sharedFile(recording.file);
    const auto summary = exchange::CsvTradesReader(path).inspect();
    exchange::RecordedTrades out{path, {}};
    if (summary) {
        out.instrument.id = {id};
        out.instrument.name = recording.instrument;
        out.instrument.tick = base::Scale::ofDecimals(summary->priceDecimals);
        out.instrument.lot = base::Scale::ofDecimals(summary->sizeDecimals);
    }
    return out;
}

/// What a data folder's database holds of an instrument's ticks.
std::vector<storage::NumberedTick> archived(storage::Database& database, base::InstrumentId instrument)
{
    std::vector<storage::NumberedTick> out;
    const auto read =
        storage::TickArchive(database).read(instrument, {}, [&](std::span<const storage::NumberedTick> ticks) {
            out.insert(out.end(), ticks.begin(), ticks.end());
            return true;
        });
    return read ? out : std::vector<storage::NumberedTick>{};
}

struct Folder {
    QTemporaryDir dir;
    std::filesystem::path path() const { return dir.path().toStdString(); }
};

engines::HostOptions optionsFor(const Folder& folder, const testkit::ExchangeThread& exchange)
{
    return {.dataDir = folder.path(), .feed = exchange.webSocket(), .restUrl = exchange.rest(), .version = "test"};
}

storage::Database openReadOnly(const std::filesystem::path& file)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadOnly);
    if (!database) {
        throw std::runtime_error(base::sentence(database.error()));
    }
    return std::move(*database);
}

base::UtcMs utc(const char* text)
{
    return base::parseUtc(text).value();
}

} // namespace

class MainJobTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        for (const auto& recording : recordings) {
            if (testkit::sharedFile(recording.file).empty()) {
                QSKIP("the recorded trades (QD_SHARED) are not there");
            }
        }
        std::vector<exchange::RecordedTrades> tapes;
        for (const auto& recording : recordings) {
            tapes.push_back(recorded(recording, static_cast<std::int64_t>(tapes.size()) + 1));
            expected_ +=
                testkit::readTrades(tapes.back().path, tapes.back().instrument.tick, tapes.back().instrument.lot)
                    .size();
        }
        testkit::ExchangeThread exchange({.recorded = tapes, .speed = 0});
        QCOMPARE(exchange.error(), std::string());
        auto options = optionsFor(folder_, exchange);
        database_ = engines::databaseOf(options.dataDir, options.feed);
        auto host = engines::EngineHost::start(options);
        QVERIFY2(host, host ? "" : base::sentence(host.error()).c_str());
        QTRY_VERIFY_WITH_TIMEOUT(exchange.isFinished(), 120'000);
        QTRY_VERIFY_WITH_TIMEOUT((*host)->ingest().get()->ticks == expected_, 60'000);
        shown_ = (*host)->ingest().get();
        // Quiet now: what is shown and what is stored must meet.
        QTRY_VERIFY_WITH_TIMEOUT((*host)->paper().get()->closedTotal >= 50, 60'000);
        (*host)->stop();
        paper_ = (*host)->paper().get();
    }

    void everyTradeReachesTheArchiveOnceAndInOrder()
    {
        QCOMPARE(shown_->duplicates, 0U);
        QVERIFY(shown_->malformed.empty());
        auto database = openReadOnly(database_);
        const auto instruments = storage::InstrumentStore(database).all().value();
        QCOMPARE(instruments.size(), recordings.size());
        for (const auto& recording : recordings) {
            const auto at =
                std::ranges::find(instruments, std::string(recording.instrument), &market::Instrument::name);
            QVERIFY(at != instruments.end());
            const auto ticks = archived(database, at->id);
            const auto wanted = testkit::readTrades(testkit::sharedFile(recording.file), at->tick, at->lot);
            QCOMPARE(ticks.size(), wanted.size());
            for (std::size_t i = 0; i < ticks.size(); ++i) {
                QCOMPARE(ticks[i].tick.time, wanted[i].time);
                QCOMPARE(ticks[i].tick.price, wanted[i].price);
                QCOMPARE(ticks[i].tick.signedSize, wanted[i].signedSize);
                QVERIFY(i == 0 || (ticks[i - 1].tick.id < ticks[i].tick.id && ticks[i - 1].number < ticks[i].number));
            }
        }
        QVERIFY(storage::TickArchive(database).verify().value().empty());
    }

    void theStrategiesTradedAndNothingIsShownThatIsNotStored()
    {
        auto database = openReadOnly(database_);
        storage::LedgerStore ledger(database);
        const auto trades = ledger.trades().value();
        QVERIFY2(trades.size() >= 50, std::to_string(trades.size()).c_str());
        QVERIFY(paper_->closedTotal >= 50);
        QCOMPARE(static_cast<std::size_t>(paper_->closedTotal), trades.size());
        std::map<std::string, int> byStrategy;
        for (const auto& trade : trades) {
            ++byStrategy[trade.position.decision.strategy];
        }
        QVERIFY(byStrategy["ema_crossover"] > 0);
        QVERIFY(byStrategy["breakout"] > 0);
    }

    void replayGivesTheLiveLedgerTwiceAndOnAnyNumberOfThreads()
    {
        auto database = openReadOnly(database_);
        const auto live = testkit::storedHash(database);
        engines::ReplayOptions options{.database = database_};
        for (const unsigned jobs : {1U, 1U, 2U, 3U}) {
            options.jobs = jobs;
            const auto result = engines::replay(options, {});
            QVERIFY2(result, result ? "" : base::sentence(result.error()).c_str());
            QCOMPARE(result->ledgerHash, live);
            QVERIFY(result->trades >= 50);
            QCOMPARE(result->ticks, expected_);
        }
    }

    void replayOfAnotherStrategySetIsAnotherLedger()
    {
        auto database = openReadOnly(database_);
        engines::ReplayOptions options{.database = database_, .strategies = {"breakout"}};
        const auto result = engines::replay(options, {});
        QVERIFY(result);
        QVERIFY(result->ledgerHash != testkit::storedHash(database));
        options.strategies = {"no_such_strategy"};
        QVERIFY(engines::replay(options, {}).error().code == base::ErrorCode::NotFound);
    }

    void storedCandlesOfTheGapFreeRunEqualThoseOfAFewLines()
    {
        auto database = openReadOnly(database_);
        const auto instruments = storage::InstrumentStore(database).all().value();
        const auto ltc = *std::ranges::find(instruments, std::string("LTC-USDT"), &market::Instrument::name);
        const auto from = utc("2025-06-22T02:14:00Z");
        const auto to = utc("2025-06-22T16:47:00Z");
        struct Bar {
            std::int64_t open, high, low, close, volume = 0;
        };
        std::map<std::int64_t, Bar> wanted;
        for (const auto& tick : testkit::readTrades(testkit::sharedFile(recordings[2].file), ltc.tick, ltc.lot)) {
            if (tick.time < from || to <= tick.time) {
                continue;
            }
            const auto price = tick.price.value;
            auto& bar =
                wanted.try_emplace(tick.time.value / 60'000 * 60'000, Bar{price, price, price, price}).first->second;
            bar.high = std::max(bar.high, price);
            bar.low = std::min(bar.low, price);
            bar.close = price;
            bar.volume += tick.size().value;
        }
        storage::CandleStore store(database);
        const auto candles = store.read(ltc.id, market::Timeframe::M1, {from, to - base::Millis{1}}, SIZE_MAX).value();
        QCOMPARE(candles.size(), static_cast<std::size_t>((to - from).count() / 60'000));
        std::int64_t close = 0;
        for (const auto& candle : candles) {
            const auto bar = wanted.find(candle.start.value);
            if (bar == wanted.end()) {
                QCOMPARE(candle.volume.value, 0); // a minute without trades is flat
                QCOMPARE(candle.close.value, close);
                QCOMPARE(candle.high.value, close);
            } else {
                QCOMPARE(candle.open.value, bar->second.open);
                QCOMPARE(candle.high.value, bar->second.high);
                QCOMPARE(candle.low.value, bar->second.low);
                QCOMPARE(candle.close.value, bar->second.close);
                QCOMPARE(candle.volume.value, bar->second.volume);
            }
            QVERIFY(!candle.hasGap);
            close = candle.close.value;
        }
    }

    void aRestartKeepsPositionsAndFiguresAndAddsNothing()
    {
        if (!paper_) {
            QSKIP("nothing was run");
        }
        std::vector<trading::OpenPosition> before;
        std::uint64_t trades = 0;
        {
            auto database = openReadOnly(database_);
            before = storage::LedgerStore(database).openPositions().value();
            trades = storage::LedgerStore(database).trades().value().size();
        }
        auto tape = recorded(recordings[0], 1);
        testkit::ExchangeThread exchange({.recorded = {tape}, .speed = 0});
        // The same data folder under the name of the first run's feed, at an exchange that has nothing new.
        auto options = optionsFor(folder_, exchange);
        std::filesystem::rename(database_, engines::databaseOf(options.dataDir, options.feed));
        database_ = engines::databaseOf(options.dataDir, options.feed);
        auto host = engines::EngineHost::start(options);
        QVERIFY(host);
        QTRY_VERIFY_WITH_TIMEOUT(exchange.isFinished(), 60'000);
        QTRY_COMPARE_WITH_TIMEOUT((*host)->ingest().get()->duplicates, 19'904U, 60'000);
        const auto shown = (*host)->paper().get();
        QCOMPARE(shown->closedTotal, trades);
        QCOMPARE(shown->positions.size(), before.size());
        QCOMPARE(shown->equity, paper_->equity); // marked at the newest tick, before and after
        for (const auto& row : shown->positions) {
            QVERIFY(std::ranges::find(before, row.position) != before.end());
        }
        (*host)->stop();
        auto database = openReadOnly(database_);
        QCOMPARE(storage::LedgerStore(database).openPositions().value().size(), before.size());
        QCOMPARE(archived(database, {1}).size(), 19'904U);
    }

private:
    Folder folder_;
    std::filesystem::path database_;
    std::uint64_t expected_ = 0;
    std::shared_ptr<const console::IngestSnapshot> shown_;
    std::shared_ptr<const console::PaperSnapshot> paper_;
};

QTEST_GUILESS_MAIN(MainJobTest)
#include "main_job_test.moc"
