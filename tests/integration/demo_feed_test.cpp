// The console's engines on the demo feed: the past is caught up, a switch acts at once and survives a restart, a cut
// line becomes a gap row, what is stored replays to the same ledger, and stopping leaves a clean database.
#include "engines/engine_host.h"
#include "engines/replay.h"
#include "exchange/default_instruments.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "storage/simulated_store.h"
#include "storage/trials_store.h"
#include "testkit/exchange_thread.h"
#include "testkit/stored_ledger.h"
#include "trading/strategy_catalogue.h"
#include "trading/trading_pipeline.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

namespace {

using namespace qd;
using namespace std::chrono_literals;

constexpr int patience = 60'000;

class Demo {
public:
    explicit Demo(const QTemporaryDir& dir)
    {
        options.dataDir = dir.path().toStdString();
        options.instruments = {"BTC-USDT", "ETH-USDT", "SHIB-USDT"};
        options.demoHistory = {// the first strategies are warm after 8.3 h
                               .candlesOnly = base::oneDay,
                               .withTicks = base::Millis{20 * 3'600'000},
                               .rate = 0.5};
        options.version = "test";
    }
    void start()
    {
        auto started = engines::EngineHost::start(options);
        if (!started) {
            throw std::runtime_error(base::sentence(started.error()));
        }
        host = std::move(*started);
    }
    [[nodiscard]] bool isCaughtUp() const
    {
        const auto ingest = host->ingest().get();
        return ingest && ingest->newestTick.value > base::SystemClock().now().value - 20'000;
    }
    [[nodiscard]] bool isSwitched(const std::string& strategy, bool enabled) const
    {
        const auto paper = host->paper().get();
        return paper && std::ranges::any_of(paper->strategies, [&](const auto& row) {
                   return row.name == strategy && row.isEnabled == enabled;
               });
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(options.dataDir, options.feed); }

    engines::HostOptions options;
    std::unique_ptr<engines::EngineHost> host;
};

} // namespace

class DemoFeedTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void thePastIsCaughtUpTradedOnAndReplaysToTheSameLedger()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->paper().get()->closedTotal > 5, patience);
        demo.host->stop();
        QVERIFY(demo.host->store().get()->detail.empty());
        const auto replayed = engines::replay({.database = demo.file(), .jobs = 2}, {});
        QVERIFY2(replayed, replayed ? "" : base::sentence(replayed.error()).c_str());
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(demo.file()));
        auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
        QVERIFY(storage::TickArchive(*database).verify().value().empty());
    }

    void theMadePastIsThereOnceAndTheMarketGoesOnFromItWithoutAGap()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.start();
        QVERIFY(demo.host->info().isSimulated);
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->isReady(), patience);
        int tradedSince = 0;
        base::UtcMs until;
        {
            auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
            const auto row = storage::SimulatedStore(*database).get().value();
            QVERIFY(row && row->isComplete);
            QVERIFY(!storage::LedgerStore(*database).equity({INT64_MIN}).value().empty());
            until = row->until;
        }
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        const auto ticksBefore = demo.host->ingest().get()->ticks;
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->ingest().get()->ticks > ticksBefore, patience); // live
        QVERIFY(demo.host->paper().get()->closedTotal > 0);
        QVERIFY(!demo.host->paper().get()->curve->empty());
        const auto question = demo.host->ask(console::AskEvaluations{.days = 0});
        std::optional<console::Answer> answer;
        const auto isAnswered = [&] {
            for (const auto& event : demo.host->takeAnswers()) {
                if (const auto* one = std::get_if<console::Answer>(&event); one != nullptr && one->id == question) {
                    answer = *one;
                }
            }
            return answer.has_value();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(), patience);
        QVERIFY(!answer->error);
        const auto& figures = std::get<console::Evaluations>(answer->value);
        QVERIFY(figures.roster.trades > 0 && !figures.rows.empty());
        QCOMPARE(figures.roster.capital, demo.host->paper().get()->startEquity);
        demo.host->stop();
        {
            auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
            QVERIFY(storage::LedgerStore(*database).gaps().value().empty());
            const auto instruments = storage::InstrumentStore(*database).all().value();
            for (const auto& instrument : instruments) {
                std::int64_t last = 0;
                bool isContiguous = true;
                bool isAfter = false;
                const auto read = storage::TickArchive(*database).read(instrument.id, {}, [&](auto span) {
                    for (const auto& tick : span) {
                        isContiguous = isContiguous && (last == 0 || tick.tick.id == last + 1);
                        isAfter = isAfter || tick.tick.time >= until;
                        last = tick.tick.id;
                    }
                    return true;
                });
                QVERIFY(read && isContiguous);
                tradedSince += isAfter ? 1 : 0;
            }
            QVERIFY(tradedSince > 0);
        }
        demo.start(); // and not again
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->isReady(), patience);
        demo.host->stop();
        {
            auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
            const auto tries = storage::TrialsStore(*database).of({}).value(); // what runs by default is a try, once
            QCOMPARE(tries.size(), trading::strategyCatalogue().size());
            QVERIFY(std::ranges::all_of(tries, [](const auto& row) { return row.origin == "default"; }));
        }
        for (const auto& event : demo.host->takeEvents()) {
            const auto* notice = std::get_if<console::Notice>(&event);
            QVERIFY(notice == nullptr || notice->text.find("past of the simulated market") == std::string::npos);
        }
        const auto replayed = engines::replay({.database = demo.file()}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(demo.file()));
    }

    void aWindowClosedWhileThePastIsMadeIsNoFailureAndTheNextStartGoesOn()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.options.demoHistory.withTicks = 5 * base::oneDay;
        demo.start();
        // On a machine so fast that it is made before we look, nothing is cut.
        QTRY_VERIFY_WITH_TIMEOUT(
            demo.host->isReady() || (demo.host->store().get() && demo.host->store().get()->making > 0.2), patience);
        demo.host->stop();
        for (const auto& event : demo.host->takeEvents()) {
            QVERIFY(!std::holds_alternative<console::EngineFailed>(event));
        }
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        demo.host->stop();
        auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
        const auto row = storage::SimulatedStore(*database).get().value();
        QVERIFY(row && row->isComplete);
        QVERIFY(storage::LedgerStore(*database).gaps().value().empty());
        const auto replayed = engines::replay({.database = demo.file()}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(demo.file()));
    }

    void anInstrumentThatTheDemoDoesNotHaveIsLeftOut()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.options.instruments = {"NOSUCH-USDT", "BTC-USDT"};
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        demo.host->stop();
        auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
        const auto instruments = storage::InstrumentStore(*database).all().value();
        QCOMPARE(instruments.size(), 1U);
    }

    void withoutAPastTheDemoBeginsNow()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.options.demoHistory = {.candlesOnly = base::Millis{0}, .withTicks = base::Millis{0}};
        const auto before = base::SystemClock().now();
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->ingest().get() && demo.host->ingest().get()->ticks > 0, patience);
        demo.host->stop();
        auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
        QVERIFY(!storage::SimulatedStore(*database).get().value());
        const auto instruments = storage::InstrumentStore(*database).all().value();
        for (const auto& instrument : instruments) {
            const auto summary = storage::TickArchive(*database).summary(instrument.id).value();
            QVERIFY(summary.ticks == 0 || summary.firstTime >= before - base::Millis{1'000});
        }
    }

    void aSwitchIsAnsweredWhenCommittedActsAtOnceAndSurvivesARestart()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        const auto id = demo.host->send(console::SetStrategyEnabled{"breakout", false, "test"});
        bool isDone = false;
        QTRY_VERIFY_WITH_TIMEOUT(([&] {
                                     for (const auto& event : demo.host->takeEvents()) {
                                         const auto* done = std::get_if<console::CommandDone>(&event);
                                         isDone = isDone || (done != nullptr && done->id == id && !done->error);
                                     }
                                     return isDone;
                                 }()),
                                 patience);
        {
            auto database = storage::Database::open(demo.file(), storage::Database::Mode::ReadOnly);
            const auto switches = storage::LedgerStore(*database).switches().value();
            QCOMPARE(switches.size(), 1U); // answered means committed
            QCOMPARE(switches[0].strategy, std::string("breakout"));
            QVERIFY(!switches[0].enabled);
        }
        QTRY_VERIFY_WITH_TIMEOUT(demo.isSwitched("breakout", false), patience);
        const auto unknown = demo.host->send(console::SetStrategyEnabled{"no_such", false, ""});
        bool isRefused = false;
        QTRY_VERIFY_WITH_TIMEOUT(([&] {
                                     for (const auto& event : demo.host->takeEvents()) {
                                         const auto* done = std::get_if<console::CommandDone>(&event);
                                         isRefused =
                                             isRefused || (done != nullptr && done->id == unknown && done->error);
                                     }
                                     return isRefused;
                                 }()),
                                 patience);
        demo.host->stop();
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isSwitched("breakout", false), patience);
        QTRY_VERIFY_WITH_TIMEOUT(demo.host->ingest().get() && demo.host->ingest().get()->ticks > 0, patience);
        demo.host->stop();
        const auto replayed = engines::replay({.database = demo.file()}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(demo.file()));
    }

    void aSwitchHoldsForAnInstrumentThatComesLater()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.options.instruments = {"BTC-USDT"};
        demo.start();
        QTRY_VERIFY_WITH_TIMEOUT(demo.isCaughtUp(), patience);
        (void)demo.host->send(console::SetStrategyEnabled{"breakout", false, "test"});
        QTRY_VERIFY_WITH_TIMEOUT(demo.isSwitched("breakout", false), patience);
        demo.host->stop();
        // ETH joins, with a past of its own: an exchange that has only that one.
        exchange::LoopbackOptions market;
        const auto& defaults = exchange::defaultInstruments();
        market.instruments = {defaults[1]};
        market.history = base::Millis{20 * 3'600'000};
        testkit::ExchangeThread exchange(market);
        auto options = demo.options;
        options.instruments = {"ETH-USDT"};
        options.feed = exchange.webSocket();
        options.restUrl = exchange.rest();
        std::filesystem::rename(demo.file(), engines::databaseOf(options.dataDir, options.feed));
        auto host = std::move(engines::EngineHost::start(options).value());
        QTRY_VERIFY_WITH_TIMEOUT(host->ingest().get() &&
                                     host->ingest().get()->newestTick.value > base::SystemClock().now().value - 20'000,
                                 patience);
        host->stop();
        const auto file = engines::databaseOf(options.dataDir, options.feed);
        auto database = storage::Database::open(file, storage::Database::Mode::ReadOnly);
        const auto trades = storage::LedgerStore(*database).trades().value();
        const auto instruments = storage::InstrumentStore(*database).all().value();
        const auto eth = std::ranges::find(instruments, std::string("ETH-USDT"), &market::Instrument::name)->id;
        int shadows = 0;
        for (const auto& trade : trades) {
            if (trade.position.decision.instrument == eth && trade.position.decision.strategy == "breakout") {
                QVERIFY(trade.position.inShadow);
                ++shadows;
            }
        }
        QVERIFY(shadows > 0);
        const auto replayed = engines::replay({.database = file}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(file));
    }

    void aSecondConsoleOnTheSameDataIsToldWhoHasIt()
    {
        const QTemporaryDir dir;
        Demo demo(dir);
        demo.start();
        const auto second = engines::EngineHost::start(demo.options);
        QVERIFY(!second);
        QVERIFY(second.error().code == base::ErrorCode::Busy);
        demo.host->stop();
    }

    void aCutLineIsReconnectedAndItsLossIsARowOfTheGapLedger_data()
    {
        QTest::addColumn<bool>("byHand");
        QTest::newRow("by the exchange") << false;
        QTest::newRow("by the operator's wish") << true;
    }
    void aCutLineIsReconnectedAndItsLossIsARowOfTheGapLedger()
    {
        QFETCH(bool, byHand);
        const QTemporaryDir dir;
        exchange::LoopbackOptions market;
        market.history = base::Millis{600'000};
        market.speed = 200; // so that trades are made while the line is cut
        testkit::ExchangeThread exchange(market);
        QCOMPARE(exchange.error(), std::string());
        engines::HostOptions options{.dataDir = dir.path().toStdString(),
                                     .feed = exchange.webSocket(),
                                     .restUrl = exchange.rest(),
                                     .instruments = {"BTC-USDT", "ETH-USDT"},
                                     .version = "test"};
        auto host = std::move(engines::EngineHost::start(options).value());
        const auto ticks = [&] { return host->ingest().get() ? host->ingest().get()->ticks : 0; };
        QTRY_VERIFY_WITH_TIMEOUT(ticks() > 200, patience);
        if (byHand) {
            (void)host->send(console::ReconnectNow{});
        } else {
            exchange.dropClients();
        }
        QTRY_VERIFY_WITH_TIMEOUT(host->ingest().get()->reconnects == 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(host->ingest().get()->feed == console::FeedState::Online ||
                                     host->ingest().get()->feed == console::FeedState::CatchingUp,
                                 patience);
        const auto before = ticks();
        QTRY_VERIFY_WITH_TIMEOUT(ticks() > before + 5, patience);
        host->stop();
        auto database = storage::Database::open(engines::databaseOf(options.dataDir, options.feed),
                                                storage::Database::Mode::ReadOnly);
        const auto gaps = storage::LedgerStore(*database).gaps().value();
        QVERIFY(!gaps.empty());
        for (const auto& gap : gaps) {
            QVERIFY(gap.cause == market::GapCause::Socket);
            QVERIFY(gap.from <= gap.to);
        }
        const auto shown = host->ingest().get();
        QCOMPARE(shown->gapsToday, 1U); // one interruption, whatever it cost each instrument
        for (const auto& row : shown->instruments) {
            std::int64_t last = 0;
            const auto read = storage::TickArchive(*database).read(row.instrument.id, {}, [&](auto span) {
                for (const auto& tick : span) {
                    if (tick.tick.id <= last) {
                        return false;
                    }
                    last = tick.tick.id;
                }
                return true;
            });
            QVERIFY(read && last > 0);
        }
    }

    void anAddressThatDoesNotAnswerIsToldAndTheEnginesStopAtOnce()
    {
        const QTemporaryDir dir;
        engines::HostOptions options{.dataDir = dir.path().toStdString(),
                                     .feed = "ws://127.0.0.1:9/ws/public",
                                     .restUrl = "http://127.0.0.1:9",
                                     .version = "test"};
        auto host = std::move(engines::EngineHost::start(options).value());
        QTRY_VERIFY_WITH_TIMEOUT(host->ingest().get() && !host->ingest().get()->detail.empty(), patience);
        QVERIFY(host->ingest().get()->feed == console::FeedState::Offline ||
                host->ingest().get()->feed == console::FeedState::Connecting);
        host->stop();
    }
};

QTEST_GUILESS_MAIN(DemoFeedTest)
#include "demo_feed_test.moc"
