// Instruments come and go while the engines run, and the history of their candles comes from REST: on an exchange of
// our own, through sockets, with a database, restarts and a replay.
#include "engines/engine_host.h"
#include "engines/replay.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_past.h"
#include "storage/candle_store.h"
#include "storage/feed_choices.h"
#include "storage/instrument_store.h"
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"
#include "storage/trials_store.h"
#include "testkit/answered.h"
#include "testkit/exchange_thread.h"
#include "testkit/stored_ledger.h"
#include "trading/trading_pipeline.h"

#include <QTemporaryDir>
#include <QTest>

namespace {

using namespace qd;
using console::ChangeInstruments;

constexpr int patience = 60'000;
const std::string eth = "ETH-USDT";

/// Engines on an exchange, with what a person would look at.
class Rig {
public:
    Rig(const testkit::ExchangeThread& exchange, const QTemporaryDir& dir)
        : options{.dataDir = dir.path().toStdString(),
                  .feed = exchange.webSocket(),
                  .restUrl = exchange.rest(),
                  .historyDays = 0,
                  .version = "test"}
    {
    }
    void start() { host = std::move(engines::EngineHost::start(options).value()); }
    void stop()
    {
        host->stop();
        host.reset();
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(options.dataDir, options.feed); }
    [[nodiscard]] const console::InstrumentRow* row(const std::string& name)
    {
        shown = host->ingest().get();
        for (std::size_t i = 0; shown && i < shown->instruments.size(); ++i) {
            if (shown->instruments[i].instrument.name == name) {
                return &shown->instruments[i];
            }
        }
        return nullptr;
    }
    [[nodiscard]] std::vector<std::string> names()
    {
        std::vector<std::string> out;
        (void)row("");
        for (std::size_t i = 0; shown && i < shown->instruments.size(); ++i) {
            out.push_back(shown->instruments[i].instrument.name);
        }
        std::ranges::sort(out);
        return out;
    }
    [[nodiscard]] std::size_t openOn(const std::string& name)
    {
        const auto* found = row(name);
        const auto paper = host->paper().get();
        return found == nullptr || !paper
                   ? 0
                   : static_cast<std::size_t>(std::ranges::count_if(paper->positions, [&](const auto& position) {
                         return position.position.decision.instrument == found->instrument.id;
                     }));
    }
    /// Sends it and waits for the answer: nothing, or the error.
    [[nodiscard]] std::optional<base::Error> done(console::Command command)
    {
        return testkit::answered(*host, std::move(command), patience);
    }
    [[nodiscard]] bool isOn(const std::string& name)
    {
        const auto* found = row(name);
        return found != nullptr && found->ticks > 20;
    }

    engines::HostOptions options;
    std::unique_ptr<engines::EngineHost> host;
    std::shared_ptr<const console::IngestSnapshot> shown;
};

/// Four instruments whose market runs much faster than the clock.
exchange::LoopbackOptions fastMarket()
{
    exchange::LoopbackOptions market;
    market.instruments = exchange::defaultInstruments(4); // BTC ETH SOL XRP
    market.history = base::Millis{6 * 3'600'000};
    market.speed = 300;
    return market;
}

} // namespace

class InstrumentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRemovedInstrumentLeavesOnceItsPositionsHaveEndedAndReplayGivesTheSameLedger()
    {
        const QTemporaryDir dir;
        testkit::ExchangeThread exchange(fastMarket());
        Rig rig(exchange, dir);
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.openOn(eth) > 0, patience);
        QVERIFY(!rig.done(ChangeInstruments{{}, {eth}, "test"}));
        const auto isLeavingOrGone = [&] {
            const auto* row = rig.row(eth);
            return row == nullptr || row->isLeaving;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isLeavingOrGone(), patience);
        {
            auto database = storage::Database::open(rig.file(), storage::Database::Mode::ReadOnly);
            const std::vector<std::string> kept{"BTC-USDT", "SOL-USDT", "XRP-USDT"};
            auto wanted = storage::FeedChoices(*database).wantedInstruments().value();
            std::ranges::sort(wanted);
            QCOMPARE(wanted, kept); // answered means committed
        }
        QTRY_VERIFY_WITH_TIMEOUT(rig.row(eth) == nullptr, 4 * patience);
        QCOMPARE(rig.names(), (std::vector<std::string>{"BTC-USDT", "SOL-USDT", "XRP-USDT"}));

        // Once more, and away again: what came in between is traded.
        QVERIFY(!rig.done(ChangeInstruments{{eth}, {}, "test"}));
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn(eth), patience);
        QVERIFY(!rig.row(eth)->isLeaving);
        QVERIFY(!rig.done(ChangeInstruments{{}, {"XRP-USDT"}, "test"}));
        rig.stop();

        auto database = storage::Database::open(rig.file(), storage::Database::Mode::ReadOnly);
        const auto instruments = storage::InstrumentStore(*database).all().value();
        const auto id = std::ranges::find(instruments, eth, &market::Instrument::name)->id;
        const auto inputs = storage::LedgerStore(*database).switchInputs(id).value();
        QCOMPARE(inputs.size(), 2U);
        QCOMPARE(inputs[0].kind, trading::InputKind::Entries);
        QVERIFY(!inputs[0].enabled && inputs[1].enabled);
        const auto removedAt = inputs[0].number;
        const auto trades = storage::LedgerStore(*database).trades().value();
        for (const auto& trade : trades) {
            const auto& decision = trade.position.decision;
            if (decision.instrument == id) {
                QVERIFY(decision.number <= removedAt || inputs[1].number < decision.number);
            }
        }
        const auto journal = storage::JournalStore(*database).entries().value();
        QCOMPARE(journal.size(), 3U);
        QCOMPARE(journal[2].what, std::string("instruments: removed ETH-USDT"));
        QCOMPARE(journal[2].undo, std::string("instruments: add ETH-USDT"));
        const auto gaps = storage::LedgerStore(*database).gaps().value();
        QVERIFY(std::ranges::any_of(
            gaps, [&](const auto& gap) { return gap.instrument == id && gap.cause == market::GapCause::Stopped; }));
        const auto replayed = engines::replay({.database = rig.file(), .jobs = 2}, {});
        QVERIFY(replayed);
        QVERIFY(replayed->trades > 0);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(rig.file()));
    }

    void changedParametersHoldForALaterInstrumentAndOverARestartAndReplayGivesTheSameLedger()
    {
        const QTemporaryDir dir;
        testkit::ExchangeThread exchange(fastMarket());
        Rig rig(exchange, dir);
        rig.options.instruments = {"BTC-USDT", eth};
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn(eth), patience);
        const auto refused = rig.done(console::SetParameters{"reversal", "stop_atr=1000", "test"});
        QVERIFY(refused && refused->code == base::ErrorCode::OutOfRange);
        QCOMPARE(rig.done(console::SetParameters{"nobody", "", "test"})->code, base::ErrorCode::NotFound);
        const auto* info = trading::findStrategy("reversal");
        trading::ParameterSet wanted(info->name, info->parameters);
        const auto before = wanted.hash();
        QVERIFY(wanted.set("stop_atr", 2.5).has_value());
        QVERIFY(!rig.done(console::SetParameters{"reversal", "stop_atr=2.5", "wider, a test"}));
        QVERIFY(!rig.done(console::SetParameters{"reversal", "stop_atr=2.5", "the same again"})); // is no change
        QVERIFY(!rig.done(console::SetStrategyEnabled{"breakout", false, "test"}));
        QVERIFY(!rig.done(ChangeInstruments{{"SOL-USDT"}, {}, "test"}));
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn("SOL-USDT"), patience);
        const auto shownHash = [&] {
            const auto paper = rig.host->paper().get();
            const auto found = paper ? std::ranges::find(paper->strategies, "reversal", &console::StrategyRow::name)
                                     : std::vector<console::StrategyRow>::const_iterator{};
            return paper && found != paper->strategies.end() ? found->parameterHash : std::string();
        };
        QCOMPARE(shownHash(), wanted.hash());
        rig.stop();

        auto database = storage::Database::open(rig.file(), storage::Database::Mode::ReadOnly);
        const auto instruments = storage::InstrumentStore(*database).all().value();
        storage::LedgerStore ledger(*database);
        for (const auto& instrument : instruments) {
            std::map<trading::InputKind, storage::SwitchInput> byKind;
            const auto inputs = ledger.switchInputs(instrument.id).value();
            for (const auto& input : inputs) {
                byKind[input.kind] = input;
            }
            QCOMPARE(byKind[trading::InputKind::Parameters].parameters, wanted.text());
            QCOMPARE(byKind[trading::InputKind::Strategy].strategy, std::string("breakout"));
            QVERIFY(!byKind[trading::InputKind::Strategy].enabled);
            QCOMPARE(byKind[trading::InputKind::Parameters].number.value == 0, instrument.name == "SOL-USDT");
        }
        const auto tries = storage::TrialsStore(*database).of("reversal").value();
        QVERIFY(!tries.empty());
        QCOMPARE(tries.front().parameterHash, wanted.hash());
        QCOMPARE(tries.front().origin, std::string("edit"));
        const auto journal = storage::JournalStore(*database).entries().value(); // newest first
        QCOMPARE(journal.size(), 3U);
        QCOMPARE(journal[2].why, std::string("wider, a test"));
        QCOMPARE(journal[2].changes.size(), 1U);
        QCOMPARE(journal[2].changes[0].kind, governance::ChangeKind::Record);
        QCOMPARE(journal[2].changes[0].before, before + " 0");
        QVERIFY(journal[2].changes[0].after.starts_with(wanted.hash() + " "));
        QVERIFY(wanted.hash() != before);
        const auto replayed = engines::replay({.database = rig.file(), .jobs = 2}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(rig.file()));
        rig.start();
        QTRY_COMPARE_WITH_TIMEOUT(shownHash(), wanted.hash(), patience);
        rig.stop();
    }

    void theListIsKeptOverARestartAndTheCommandLineOverridesIt()
    {
        const QTemporaryDir dir;
        testkit::ExchangeThread exchange(fastMarket());
        Rig rig(exchange, dir);
        rig.options.instruments = {"BTC-USDT", "SOL-USDT"};
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn("SOL-USDT"), patience);
        QVERIFY(rig.shown->isListGiven);
        QVERIFY(!rig.done(ChangeInstruments{{"XRP-USDT"}, {"BTC-USDT"}, "test"})); // for this run only
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn("XRP-USDT"), patience);
        rig.stop();
        rig.options.instruments = {};
        rig.start();
        QTRY_COMPARE_WITH_TIMEOUT(rig.names().size(), 4U, patience); // all that it offers
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn("XRP-USDT"), patience);
        QVERIFY(!rig.done(ChangeInstruments{{}, {"BTC-USDT", "XRP-USDT"}, "test"}));
        rig.stop();
        rig.start(); // those with a position are leaving still
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn("SOL-USDT"), patience);
        for (const auto& row : rig.shown->instruments) {
            QCOMPARE(row.isLeaving, row.instrument.name == "BTC-USDT" || row.instrument.name == "XRP-USDT");
        }
        QTRY_COMPARE_WITH_TIMEOUT(rig.names(), (std::vector<std::string>{eth, "SOL-USDT"}), 4 * patience);
        rig.stop();
        const auto replayed = engines::replay({.database = rig.file()}, {});
        QVERIFY(replayed);
        QCOMPARE(replayed->ledgerHash, testkit::storedHash(rig.file()));
    }

    void whatCannotBeDoneIsRefusedAndChangesNothing()
    {
        const QTemporaryDir dir;
        testkit::ExchangeThread exchange(fastMarket());
        Rig rig(exchange, dir);
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn(eth), patience);
        const auto refused = [&](ChangeInstruments wish) {
            const auto error = rig.done(std::move(wish));
            return error ? error->code : base::ErrorCode::Internal;
        };
        QCOMPARE(refused({{"NONE-USDT"}, {}, "test"}), base::ErrorCode::NotFound);
        QCOMPARE(refused({{}, {"NONE-USDT"}, "test"}), base::ErrorCode::NotFound);
        QCOMPARE(refused({{}, rig.names(), "test"}), base::ErrorCode::OutOfRange);
        QCOMPARE(rig.names().size(), 4U);
        rig.stop();
        auto database = storage::Database::open(rig.file(), storage::Database::Mode::ReadOnly);
        QVERIFY(storage::FeedChoices(*database).wantedInstruments().value().empty());
        QVERIFY(storage::JournalStore(*database).entries().value().empty());
    }

    void theOfferIsTheExchangesByTurnover()
    {
        const QTemporaryDir dir;
        auto market = fastMarket();
        market.instruments = exchange::defaultInstruments();
        testkit::ExchangeThread exchange(market);
        Rig rig(exchange, dir);
        rig.options.instruments = {"BTC-USDT", eth};
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn(eth), patience);
        QVERIFY(!rig.host->ingest().get()->offer);
        QVERIFY(!rig.done(console::AskOffer{}));
        QTRY_VERIFY_WITH_TIMEOUT(rig.host->ingest().get()->offer && !rig.host->ingest().get()->offer->isAsking,
                                 patience);
        const auto offer = rig.host->ingest().get()->offer;
        QCOMPARE(offer->error, std::string());
        QCOMPARE(offer->instruments.size(), 20U);
        for (std::size_t i = 1; i < 20; ++i) {
            QVERIFY(offer->instruments[i].turnover24h.value_or(-1) <=
                    offer->instruments[i - 1].turnover24h.value_or(-1));
            QVERIFY(offer->instruments[i].isDefault);
        }
        rig.stop();
    }

    void theHistoryComesFromRestThroughFaultsAndARestartAsksNoMore()
    {
        constexpr int days = 3;
        const QTemporaryDir dir;
        exchange::LoopbackOptions market;
        market.instruments = exchange::defaultInstruments(2);
        market.pastDays = days + 2;
        market.rate = 20;
        market.faults[exchange::Fault::Short].chance = 0.3;
        market.faults[exchange::Fault::Rest500].chance = 0.05;
        testkit::ExchangeThread exchange(market);
        Rig rig(exchange, dir);
        rig.options.historyDays = days;
        rig.start();
        const auto isDone = [&] {
            const auto shown = rig.host->ingest().get();
            return shown && shown->history && shown->history->state == console::HistoryState::Done;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isDone(), 4 * patience);
        QVERIFY(rig.row(eth) != nullptr);
        const auto id = rig.row(eth)->instrument.id;
        (void)rig.host->send(console::WatchChart{id, market::Timeframe::H1});
        QTRY_VERIFY_WITH_TIMEOUT(rig.host->chart().get() && rig.host->chart().get()->instrument == id &&
                                     rig.host->chart().get()->timeframe == market::Timeframe::H1 &&
                                     rig.host->chart().get()->closed->size() >= days * 24,
                                 patience);
        rig.stop();
        market::Tick first;
        {
            auto database = storage::Database::open(rig.file(), storage::Database::Mode::ReadOnly);
            (void)storage::TickArchive(*database).read(id, {}, [&](auto ticks) {
                first = ticks.front().tick;
                return false;
            });
            const exchange::LoopbackPast past(eth, first.time, first.price, days + 2);
            const auto today = base::bucketStart(first.time, base::oneDay);
            storage::CandleStore candles(*database);
            for (const auto timeframe : market::allTimeframes) {
                auto start = today - base::oneDay * days;
                const auto stored =
                    candles.read(id, timeframe, {start, past.end() - market::length(timeframe)}, 1'000'000).value();
                QVERIFY(stored.size() >= static_cast<std::size_t>(base::oneDay * days / market::length(timeframe)));
                for (const auto& candle : stored) {
                    QCOMPARE(candle, *past.candle(start, timeframe));
                    start = start + market::length(timeframe);
                }
            }
        }
        const auto today = base::bucketStart(base::SystemClock().now(), base::oneDay);
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(isDone(), 4 * patience);
        if (base::bucketStart(base::SystemClock().now(), base::oneDay) == today) { // else yesterday is asked too
            QVERIFY(rig.host->ingest().get()->history->total == 2U);               // today of each, once more
        }
        rig.stop();
    }

    void aCancelledHistoryStaysSoOverARestart()
    {
        const QTemporaryDir dir;
        exchange::LoopbackOptions market;
        market.instruments = exchange::defaultInstruments(2);
        market.pastDays = 400;
        market.rate = 20;
        testkit::ExchangeThread exchange(market);
        Rig rig(exchange, dir);
        rig.options.historyDays = 400;
        rig.start();
        const auto history = [&] {
            const auto shown = rig.host->ingest().get();
            return shown ? shown->history : nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(history() && history()->done > 3, patience);
        QVERIFY(!rig.done(console::SetHistoryCancelled{true}));
        QTRY_COMPARE_WITH_TIMEOUT(history()->state, console::HistoryState::Cancelled, patience);
        rig.stop();
        rig.start();
        QTRY_VERIFY_WITH_TIMEOUT(rig.isOn(eth) && history(), patience);
        QCOMPARE(history()->state, console::HistoryState::Cancelled);
        QVERIFY(!rig.done(console::SetHistoryCancelled{false}));
        QTRY_VERIFY_WITH_TIMEOUT(history()->state == console::HistoryState::Running && history()->done > 1, patience);
        rig.stop();
    }
};

QTEST_GUILESS_MAIN(InstrumentsTest)
#include "instruments_test.moc"
