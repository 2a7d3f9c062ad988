// The store engine under faults: a full disk is said once, held through and left again by itself; an idle store looks
// after its file; a console that cannot own its database says why and changes nothing.
#include "engines/engine_host.h"
#include "engines/null_queries.h"
#include "engines/paper_engine.h"
#include "engines/store_engine.h"
#include "storage/database.h"
#include "storage/null_store.h"
#include "testkit/full_disk.h"
#include "testkit/tape.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <random>
#include <sys/stat.h>
#include <thread>

using namespace qd;
using namespace qd::engines;

namespace {

std::string bytesOf(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A store engine on a thread of its own, and the far ends of what it is linked to.
class Running {
public:
    explicit Running(const std::filesystem::path& file)
        : database(storage::Database::open(file, storage::Database::Mode::ReadWrite).value()),
          thread([this](const std::stop_token& stop) {
              StoreEngine(database, base::defaultPaperPolicy(),
                          {queue, screen, events, pulse, clock, acknowledged, failing,
                           [this](std::span<const StoreItem> burst) { committed += burst.size(); }},
                          0)
                  .run(stop);
          })
    {
    }
    ~Running() { end(); }

    void end()
    {
        queue.close();
        if (thread.joinable()) {
            thread.join();
        }
    }
    base::InstrumentId add(const char* name)
    {
        StoreInstruments ask{{{.name = name}}, {}};
        auto answer = ask.answer.get_future();
        (void)queue.push(std::move(ask));
        return answer.get().value()[0].id;
    }
    /// 2,000 ticks that do not compress.
    void push(base::InstrumentId id)
    {
        market::StreamBatch batch;
        for (int i = 0; i < 2'000; ++i) {
            ++number;
            batch.push_back({.instrument = id,
                             .number = {number},
                             .received = {},
                             .what = market::Tick{.id = number,
                                                  .time = {number},
                                                  .price = {static_cast<std::int64_t>(random() >> 16)},
                                                  .signedSize = static_cast<std::int64_t>(random() >> 16)}});
        }
        (void)queue.push(StoreTicks{std::make_shared<const market::StreamBatch>(std::move(batch)),
                                    std::chrono::steady_clock::now()});
        ++pushed;
    }

    storage::Database database;
    StoreQueue queue{64};
    base::Mailbox<console::StoreSnapshot> screen;
    EventLog events;
    Heartbeat pulse;
    base::SystemClock clock;
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<bool> failing{false};
    std::atomic<std::size_t> committed{0};
    std::size_t pushed = 0;
    std::int64_t number = 0;
    std::mt19937_64 random{7};
    std::jthread thread; // last: it uses all the others
};

std::vector<std::string> noticesOf(EventLog& events, console::Severity severity)
{
    std::vector<std::string> out;
    for (const auto& event : events.take()) {
        if (const auto* notice = std::get_if<console::Notice>(&event);
            notice != nullptr && notice->severity == severity) {
            out.push_back(notice->text);
        }
    }
    return out;
}

std::uint64_t ticksIn(const std::filesystem::path& file, base::InstrumentId id)
{
    auto reader = storage::Database::open(file, storage::Database::Mode::ReadOnly).value();
    return storage::TickArchive(reader).summary(id).value().ticks;
}

} // namespace

class StoreFaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anInstrumentThatCannotBeStoredIsAnAnswerAndNothingWaitsForIt()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("store.db")).toStdString();
        {
            Running before(file);
            (void)before.add("COIN-USDT");
        }
        {
            auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite).value();
            QVERIFY(database.run("UPDATE instruments SET tick_step='no number'").has_value());
        }
        Running running(file);
        StoreInstruments ask{{{.name = "GOLD-USDT"}, {.name = "COIN-USDT"}}, {}};
        auto answer = ask.answer.get_future();
        (void)running.queue.push(std::move(ask));
        const auto refused = answer.get();
        QVERIFY(!refused && refused.error().subject == "COIN-USDT");
        const auto other = running.add("SILVER-USDT"); // it goes on
        running.push(other);
        QTRY_VERIFY_WITH_TIMEOUT(running.committed >= 3, 60'000);
        QVERIFY(!running.failing);
    }
    void aFullDiskIsSaidOnceHeldThroughAndLeftByItself() { testkit::onASmallDisk("6m", outliveAFullDisk); }

    void anIdleStoreChecksPointsAndGivesFreePagesBack()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.db")).toStdString();
        {
            auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite).value();
            QVERIFY(database.run(
                "CREATE TABLE filler(x); INSERT INTO filler VALUES(randomblob(4000000)); DROP TABLE filler"));
            QVERIFY(database.number("PRAGMA freelist_count").value() > 900);
        }
        const auto before = std::filesystem::file_size(file);
        Running store(file);
        const auto id = store.add("BTC-USDT");
        for (int i = 0; i < 20; ++i) {
            store.push(id);
        }
        auto reader = storage::Database::open(file, storage::Database::Mode::ReadOnly).value();
        QTRY_COMPARE_WITH_TIMEOUT(reader.number("PRAGMA freelist_count").value_or(-1), 0, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::file_size(file) < before, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::file_size(file.string() + "-wal") < (1U << 20), 60'000);
        QCOMPARE(ticksIn(file, id), std::uint64_t{40'000});
    }

    void aConsoleThatCannotOwnItsDatabaseSaysWhyAndChangesNothing()
    {
        const QTemporaryDir folder;
        const std::filesystem::path dir = folder.path().toStdString();
        const auto file = databaseOf(dir, "ws://127.0.0.1:1");
        const HostOptions options{.dataDir = dir, .feed = "ws://127.0.0.1:1", .restUrl = "http://127.0.0.1:1"};
        const auto refusal = [&] {
            const auto host = EngineHost::start(options);
            return host ? std::string("it started") : base::sentence(host.error());
        };
        {
            auto first = storage::Database::open(file, storage::Database::Mode::ReadWrite).value();
            const auto why = refusal();
            QVERIFY2(why.find("another program is using it") != std::string::npos &&
                         why.find("process " + std::to_string(::getpid())) != std::string::npos,
                     why.c_str());
            QVERIFY(first.checkpoint());
        }
        QVERIFY(::chmod(file.c_str(), 0444) == 0);
        auto before = bytesOf(file);
        auto why = refusal();
        QVERIFY2(why.find("it cannot be written") != std::string::npos && why.find("read-only") != std::string::npos,
                 why.c_str());
        QVERIFY(bytesOf(file) == before);
        QVERIFY(::chmod(file.c_str(), 0644) == 0);
        {
            auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite).value();
            QVERIFY(database.run("PRAGMA user_version=9999"));
            QVERIFY(database.checkpoint());
        }
        before = bytesOf(file);
        why = refusal();
        QVERIFY2(why.find("it was written by a newer version") != std::string::npos &&
                     why.find("9999") != std::string::npos,
                 why.c_str());
        QVERIFY(bytesOf(file) == before);
        std::ofstream(file, std::ios::binary) << std::string(8'192, 'x');
        why = refusal();
        QVERIFY2(why.find("it is damaged") != std::string::npos, why.c_str());
        QCOMPARE(bytesOf(file), std::string(8'192, 'x'));
    }

    void tradingPausesWhileTheStoreCannotWriteAndThatIsRecorded()
    {
        StoreQueue storeQueue{64};
        PaperQueue paperQueue{64};
        PaperCommands commands{64};
        EventLog events;
        base::Mailbox<console::PaperSnapshot> screen;
        base::Mailbox<console::ChartSnapshot> chart;
        Heartbeat pulse;
        const base::SystemClock clock;
        std::atomic<std::uint64_t> acknowledged{UINT64_MAX};
        std::atomic<bool> failing{false};
        PaperEngine paper(
            {.pipeline = trading::TradingPipeline(base::defaultPaperPolicy())}, base::defaultPaperPolicy(),
            {paperQueue, commands, storeQueue, acknowledged, screen, chart, events, pulse, clock, failing}, 0);
        std::jthread thread([&] { paper.run(); });
        (void)paperQueue.push(PaperInstruments{{testkit::instrumentOf(3, "COIN-USDT")}, {}});
        std::vector<storage::SwitchInput> recorded;
        const auto hasRecorded = [&](std::size_t count) {
            for (auto& item : storeQueue.popAll(std::chrono::milliseconds(0))) {
                if (const auto* inputs = std::get_if<StoreInputs>(&item)) {
                    recorded.insert(recorded.end(), inputs->inputs.begin(), inputs->inputs.end());
                }
            }
            return recorded.size() >= count;
        };
        QTRY_VERIFY_WITH_TIMEOUT(screen.version() > 1, 30'000);
        QTest::qWait(100);
        QVERIFY(!hasRecorded(1));
        failing = true;
        QTRY_VERIFY_WITH_TIMEOUT(hasRecorded(1), 30'000);
        failing = false;
        QTRY_VERIFY_WITH_TIMEOUT(hasRecorded(2), 30'000);
        paperQueue.close();
        thread.join();
        QCOMPARE(recorded.size(), std::size_t{2});
        for (std::size_t i = 0; i < 2; ++i) {
            QVERIFY(recorded[i].kind == trading::InputKind::Trading && recorded[i].instrument.value == 3);
            QCOMPARE(recorded[i].enabled, i == 1);
        }
    }

private:
    static void outliveAFullDisk(const std::filesystem::path& folder)
    {
        const auto file = folder / "full.db";
        const auto filler = folder / "filler";
        Running store(file);
        const auto id = store.add("BTC-USDT");
        QTRY_COMPARE_WITH_TIMEOUT(store.committed.load(), std::size_t{1}, 30'000);
        {
            std::ofstream out(filler, std::ios::binary);
            const std::string chunk(4'096, 'x');
            while (out.write(chunk.data(), static_cast<std::streamsize>(chunk.size())).flush()) {
            }
        }
        std::filesystem::resize_file(filler, std::filesystem::file_size(filler) - 400'000);
        while (!store.failing && store.pushed < 200) {
            store.push(id);
            QTRY_VERIFY_WITH_TIMEOUT(store.committed == store.pushed + 1 || store.failing, 30'000);
        }
        QVERIFY(store.failing);
        QVERIFY(store.pulse.state == console::EngineState::Failed);
        store.push(id); // what comes meanwhile waits
        const trading::NullResult compared{.strategy = "momentum", .seeds = 20, .real = 0.001, .expectancies = {0.5F}};
        const auto told = keepThrough({store.queue, store.failing}, {compared}, {}); // who waits for it hears so
        QVERIFY(!told && told.error().detail.starts_with("the store does not write"));
        const auto retries = store.screen.version() + 3;
        QTRY_VERIFY_WITH_TIMEOUT(store.screen.version() >= retries, 30'000);
        QVERIFY(store.screen.get()->detail.find("disk is full") != std::string::npos);
        QCOMPARE(ticksIn(file, id), (store.committed - 1) * 2'000); // what was acknowledged is there, and no more
        const auto errors = noticesOf(store.events, console::Severity::Error);
        QCOMPARE(errors.size(), std::size_t{1});
        QVERIFY2(errors[0].find("the disk is full") != std::string::npos &&
                     errors[0].find("Trading pauses") != std::string::npos,
                 errors[0].c_str());

        std::filesystem::remove(filler);
        QTRY_VERIFY_WITH_TIMEOUT(!store.failing && store.committed == store.pushed + 2, 30'000); // and the null
        QVERIFY(store.pulse.state == console::EngineState::Running);
        store.end();
        const auto news = noticesOf(store.events, console::Severity::Info);
        QCOMPARE(news.size(), std::size_t{1});
        QVERIFY2(news[0].find("writes again") != std::string::npos, news[0].c_str());
        QCOMPARE(ticksIn(file, id), store.pushed * 2'000);
        QVERIFY(storage::TickArchive(store.database).verify().value().empty());
        QCOMPARE(storage::NullStore(store.database).newest().value().size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(StoreFaultsTest)
#include "store_faults_test.moc"
