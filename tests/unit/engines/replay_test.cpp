// Replay and recovery on a database: recorded inputs of every kind, today's switches, and candles.
#include "engines/recovery.h"
#include "engines/replay.h"
#include "testkit/tape.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <map>
#include <set>

using namespace qd;
using namespace qd::engines;
using testkit::good;
using testkit::Store;
using trading::InputKind;

namespace {

const auto policy = base::defaultPaperPolicy();

struct Archive {
    Store store;
    market::Instrument instrument;
    std::vector<market::StreamItem> tape;

    explicit Archive(std::uint64_t seed = 42)
    {
        const auto id = store.add("COIN-USDT");
        instrument = good(storage::InstrumentStore(*store).all()).front();
        tape = testkit::randomTape(id, seed, 50'000, {.gapShare = 0, .lateShare = 0});
        std::vector<storage::NumberedTick> ticks;
        std::vector<storage::NumberedQuote> quotes;
        for (const auto& item : tape) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                ticks.push_back({item.number, *tick});
            } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                quotes.push_back({item.number, *quote});
            }
        }
        store.write([&] {
            storage::TickArchiveWriter writer(*store);
            good(writer.append(id, ticks));
            good(writer.appendQuotes(id, quotes));
        });
    }
    [[nodiscard]] storage::SwitchInput input(std::int64_t number, InputKind kind, std::string strategy,
                                             bool enabled) const
    {
        return {instrument.id, {number}, std::move(strategy), enabled, kind};
    }
    /// Switched off and on again, paused for a while, archived twice.
    void throwSwitches()
    {
        const std::vector inputs{
            input(9'000, InputKind::Strategy, "breakout", false), input(21'000, InputKind::Strategy, "breakout", true),
            input(24'000, InputKind::Trading, "", false),         input(28'000, InputKind::Trading, "", true),
            input(33'000, InputKind::CloseAll, "breakout", true), input(41'000, InputKind::CloseAll, "reversal", true)};
        store.write([&] { good(storage::LedgerStore(*store).addInputs(inputs)); });
    }
    /// Another stop, another length (it warms up anew), and back.
    void setParameters()
    {
        std::vector inputs{input(12'000, InputKind::Parameters, "breakout", true),
                           input(20'000, InputKind::Parameters, "reversal", true),
                           input(30'000, InputKind::Parameters, "breakout", true)};
        inputs[0].parameters = "stop_atr=1";
        inputs[1].parameters = "range=20";
        inputs[2].parameters = "stop_atr=1.5|min_volume=0.5";
        store.write([&] { good(storage::LedgerStore(*store).addInputs(inputs)); });
    }
    [[nodiscard]] ReplayResult run(ReplayOptions options = {})
    {
        options.database = store.file();
        return good(replay(options, {}));
    }
    /// The tape through a pipeline, each recorded input before the first item behind its number.
    [[nodiscard]] std::string hashByHand(const std::vector<storage::SwitchInput>& inputs)
    {
        trading::TradingPipeline pipeline(policy);
        pipeline.addInstrument(instrument);
        trading::LedgerEvents events;
        for (const auto& item : tape) {
            for (const auto& one : inputs) {
                if (one.number.value == item.number.value - 1) {
                    (void)pipeline.apply(instrument.id, one.recorded());
                }
            }
            pipeline.feed(item, events);
        }
        std::vector<trading::ClosedTrade> trades;
        std::vector<trading::UntradedSignal> signals;
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                trades.push_back(*trade);
            } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
                signals.push_back(*signal);
            }
        }
        return trading::ledgerHash(trades, signals, {{instrument.id, instrument}});
    }
};

} // namespace

class ReplayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordedInputsOfEveryKindAreAppliedAtTheirNumbers()
    {
        Archive archive;
        const auto plain = archive.run().ledgerHash;
        QCOMPARE(plain, archive.hashByHand({}));
        archive.throwSwitches();
        const auto inputs = good(storage::LedgerStore(*archive.store).switchInputs(archive.instrument.id));
        QCOMPARE(inputs.size(), std::size_t{6});
        QCOMPARE(inputs[2].kind, InputKind::Trading);
        QCOMPARE(inputs[4].kind, InputKind::CloseAll);
        const auto recorded = archive.run().ledgerHash;
        QCOMPARE(recorded, archive.hashByHand(inputs));
        QVERIFY(recorded != plain);
    }

    void currentUsesTheSwitchesOfTodayAndNoRecordedInput()
    {
        Archive archive;
        const auto plain = archive.run().ledgerHash;
        archive.throwSwitches();
        QCOMPARE(archive.run({.current = true}).ledgerHash, plain); // nothing is switched off today
        archive.store.write([&] {
            good(storage::LedgerStore(*archive.store).addSwitch({"breakout", false, {1}, "operator", "test"}, {}));
        });
        const auto today = archive.run({.current = true});
        QCOMPARE(today.ledgerHash, archive.hashByHand({archive.input(0, InputKind::Strategy, "breakout", false)}));
        for (const auto& row : today.rows) {
            for (const auto& trade : row.trades) {
                QCOMPARE(trade.position.inShadow, row.strategy == "breakout");
            }
        }
    }

    void recordedParametersAreReplayedAndCurrentOnesHoldFromTheFirstItem()
    {
        Archive archive;
        const auto plain = archive.run().ledgerHash;
        archive.setParameters();
        const auto inputs = good(storage::LedgerStore(*archive.store).switchInputs(archive.instrument.id));
        const auto recorded = archive.run();
        QCOMPARE(recorded.ledgerHash, archive.hashByHand(inputs));
        QVERIFY(recorded.ledgerHash != plain);
        std::map<std::string, std::set<std::string>> hashes;
        for (const auto& row : recorded.rows) {
            for (const auto& trade : row.trades) {
                hashes[row.strategy].insert(trade.position.decision.parameterHash);
            }
        }
        QCOMPARE(hashes["breakout"].size(), std::size_t{2}); // it is not warm before the first set
        const auto* info = trading::findStrategy("breakout");
        QVERIFY(!hashes["breakout"].contains(trading::ParameterSet(info->name, info->parameters).hash()));

        auto first = inputs; // the newest of each, before the first item
        std::erase_if(first, [](const auto& one) { return one.number.value == 12'000; });
        for (auto& one : first) {
            one.number = {0};
        }
        QCOMPARE(archive.run({.current = true}).ledgerHash, archive.hashByHand(first));

        auto illegal = archive.input(31'000, InputKind::Parameters, "breakout", true);
        illegal.parameters = "stop_atr=1000";
        archive.store.write([&] { good(storage::LedgerStore(*archive.store).addInputs({illegal})); });
        const auto refused = replay({.database = archive.store.file()}, {});
        QVERIFY(!refused && refused.error().code == base::ErrorCode::OutOfRange);
    }

    void aGapThatIsOpenIsTakenUpHoweverManyCameAfterIt()
    {
        Archive archive;
        constexpr base::UtcMs begin{1'750'000'000'000};
        archive.store.write([&] {
            for (std::int64_t i = 0; i < 260; ++i) {
                const auto from = begin + base::Millis{60'000} * i;
                const bool isOpen = i == 3 || i == 57 || i == 250;
                good(storage::LedgerStore(*archive.store)
                         .addGap({.instrument = archive.instrument.id,
                                  .number = {60'000 + i},
                                  .from = from,
                                  .to = from + base::Millis{5'000},
                                  .measure = isOpen ? market::GapMeasure::Open : market::GapMeasure::Unknown,
                                  .isMarked = false}));
            }
        });
        const auto gaps = good(recover(*archive.store, policy, {})).streams.at(0).gaps;
        QCOMPARE(gaps.size(), std::size_t{202}); // the newest 200, and two older ones that are open
        QCOMPARE(std::ranges::count(gaps, market::GapMeasure::Open, &storage::GapRow::measure), 3);
        QCOMPARE(gaps.front().number.value, 60'003);
        QCOMPARE(gaps.back().number.value, 60'259);
    }

    void aRecoveryInTheMiddleOfSwitchesGivesTheLedgerOfTheReplay()
    {
        for (const std::size_t saved : {8'999, 9'000, 9'001, 19'999, 20'000, 26'000, 30'000, 33'000, 49'000}) {
            Archive archive;
            archive.throwSwitches();
            archive.setParameters();
            const auto wanted = archive.run();
            storage::LedgerStore ledger(*archive.store);
            const auto inputs = good(ledger.switchInputs(archive.instrument.id));
            trading::TradingPipeline pipeline(policy); // until the crash
            pipeline.addInstrument(archive.instrument);
            trading::LedgerEvents events;
            const auto applyAt = [&](std::int64_t number) {
                for (const auto& one : inputs) {
                    if (one.number.value == number) {
                        (void)pipeline.apply(archive.instrument.id, one.recorded());
                    }
                }
            };
            for (std::size_t i = 0; i < saved; ++i) {
                pipeline.feed(archive.tape[i], events);
                if (i + 1 < saved || saved % 2 == 0) { // the newest one was thrown before the state was saved, or after
                    applyAt(archive.tape[i].number.value);
                }
            }
            archive.store.write([&] {
                for (const auto& event : events) {
                    good(ledger.apply(event));
                }
                good(ledger.saveState(archive.instrument.id, pipeline.fed(archive.instrument.id),
                                      pipeline.save(archive.instrument.id)));
            });
            const auto recovered = good(recover(*archive.store, policy, {}));
            QCOMPARE(recovered.replayedItems, archive.tape.size() - saved);
            QCOMPARE(trading::ledgerHash(good(ledger.trades()), good(ledger.signals()),
                                         {{archive.instrument.id, archive.instrument}}),
                     wanted.ledgerHash);
            auto open = recovered.paper.pipeline.openPositions();
            auto stored = recovered.paper.past.positions;
            const auto byStrategy = [](const trading::OpenPosition& p) { return p.decision.strategy; };
            std::ranges::sort(open, {}, byStrategy);
            std::ranges::sort(stored, {}, byStrategy);
            QCOMPARE(stored.size(), open.size());
            for (std::size_t i = 0; i < open.size(); ++i) {
                QCOMPARE(stored[i].decision, open[i].decision);
                QCOMPARE(stored[i].size, open[i].size); // a limit entry may be filled in part
                QCOMPARE(stored[i].closedSize, open[i].closedSize);
            }
        }
    }

    void aStateThatCannotBeReadIsBegunAnewBehindWhatItCovered()
    {
        for (const std::int64_t covered : {10'000, 26'000, 50'000}) { // switched off; within the pause; all there is
            Archive archive;
            archive.throwSwitches();
            const auto id = archive.instrument.id;
            storage::LedgerStore ledger(*archive.store);
            archive.store.write([&] {
                good(ledger.addInputs({archive.input(9'500, InputKind::Strategy, "reversal", false)}));
                good(ledger.saveState(id, {covered}, "of a version before"));
            });
            const auto recovered = good(recover(*archive.store, policy, {}));
            QCOMPARE(recovered.replayedItems, archive.tape.size() - static_cast<std::size_t>(covered));
            QCOMPARE(recovered.paper.pipeline.fed(id).value, std::int64_t{50'000});
            QCOMPARE(good(ledger.loadState(id))->first.value, std::int64_t{50'000});
            std::size_t after = 0;
            std::size_t whileOff = 0;
            for (const auto& trade : good(ledger.trades())) { // history is not traded again, a pause and a switch hold
                const auto& decision = trade.position.decision;
                QVERIFY(decision.number.value > covered);
                QVERIFY(decision.number.value <= 24'000 || decision.number.value > 28'000);
                const bool isOff = decision.strategy == "reversal";
                QVERIFY(!isOff || trade.position.inShadow);
                whileOff += isOff ? 1 : 0;
                ++after;
            }
            QVERIFY(covered == 50'000 || after > 0);
            QVERIFY(covered != 10'000 || whileOff > 0);
            QCOMPARE(good(recover(*archive.store, policy, {})).replayedItems, std::uint64_t{0});
        }
    }

    void severalInstrumentsGiveTheSameOnOneThreadAndOnMany()
    {
        Archive archive;
        std::vector<trading::ClosedTrade> trades;
        for (int i = 1; i <= 4; ++i) {
            const auto id = archive.store.add("COIN" + std::to_string(i) + "-USDT");
            std::vector<storage::NumberedTick> ticks;
            for (const auto& item : testkit::randomTape(id, 50U + static_cast<unsigned>(i), 15'000,
                                                        {.quoteShare = 0, .gapShare = 0, .lateShare = 0})) {
                ticks.push_back({item.number, std::get<market::Tick>(item.what)});
            }
            archive.store.write([&] { good(storage::TickArchiveWriter(*archive.store).append(id, ticks)); });
        }
        const auto one = archive.run({.jobs = 1});
        QVERIFY(one.trades > 20 && one.untraded > 0);
        for (const unsigned jobs : {2U, 3U, 8U}) {
            const auto many = archive.run({.jobs = jobs});
            QCOMPARE(many.ledgerHash, one.ledgerHash);
            QCOMPARE(many.ticks, one.ticks);
            QCOMPARE(many.rows.size(), one.rows.size());
            for (std::size_t i = 0; i < one.rows.size(); ++i) {
                QVERIFY(many.rows[i].trades == one.rows[i].trades);
            }
        }
        // Figures are those of the trades, kept or not.
        const auto light = archive.run({.jobs = 2, .keepsTrades = false});
        QCOMPARE(light.ledgerHash, one.ledgerHash);
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < one.rows.size(); ++i) {
            QVERIFY(light.rows[i].trades.empty());
            base::Money net;
            std::uint64_t won = 0;
            for (const auto& trade : one.rows[i].trades) {
                net += trade.net;
                won += trade.net.value > 0 ? 1 : 0;
            }
            QCOMPARE(light.rows[i].figures.net, net);
            QCOMPARE(light.rows[i].figures.won, won);
            QCOMPARE(light.rows[i].figures.trades, one.rows[i].trades.size());
            count += light.rows[i].figures.trades;
        }
        QCOMPARE(light.trades, count);
    }

    void oneInstrumentThatCannotBeReplayedEndsAllWithItsError()
    {
        Archive archive;
        for (int i = 1; i <= 4; ++i) {
            const auto id = archive.store.add("COIN" + std::to_string(i) + "-USDT");
            std::vector<storage::NumberedTick> ticks;
            for (const auto& item : testkit::randomTape(id, 50U + static_cast<unsigned>(i), 5'000,
                                                        {.quoteShare = 0, .gapShare = 0, .lateShare = 0})) {
                ticks.push_back({item.number, std::get<market::Tick>(item.what)});
            }
            archive.store.write([&] {
                good(storage::TickArchiveWriter(*archive.store).append(id, ticks));
                if (i == 2) {
                    good(storage::LedgerStore(*archive.store)
                             .addInputs({{id, {100}, "breakout", true, InputKind::Parameters, "no_such_parameter=1"}}));
                }
            });
        }
        for (const unsigned jobs : {1U, 2U, 5U}) {
            const auto ended = replay({.database = archive.store.file(), .jobs = jobs}, {});
            QVERIFY2(!ended, std::to_string(jobs).c_str()); // no figures of the others as if they were all
            QVERIFY2(base::sentence(ended.error()).find("no_such_parameter") != std::string::npos,
                     base::sentence(ended.error()).c_str());
        }
    }

    void aKeptLedgerHoldsWhatTheHashIsOf()
    {
        Archive archive;
        const auto file = archive.store.file().parent_path() / "ledger.db";
        const auto done = archive.run({.ledger = file});
        testkit::Store kept(file);
        storage::LedgerStore ledger(*kept);
        const auto instruments = good(storage::InstrumentStore(*kept).all());
        QCOMPARE(instruments.size(), std::size_t{1});
        const auto trades = good(ledger.trades());
        const auto signals = good(ledger.signals());
        QVERIFY(trades.size() > 5 && !signals.empty());
        QCOMPARE(trading::ledgerHash(trades, signals, {{instruments[0].id, instruments[0]}}), done.ledgerHash);
        const auto again = replay({.database = archive.store.file(), .ledger = file}, {});
        QVERIFY(!again && again.error().code == base::ErrorCode::Conflict); // and it is still there
        QCOMPARE(good(ledger.counts()).trades, trades.size());
    }

    void aLedgerThatCannotBeWrittenIsTold()
    {
        Archive archive;
        const auto folder = archive.store.file().parent_path() / "none";
        const auto done = replay({.database = archive.store.file(), .ledger = folder / "ledger.db"}, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, storage::Database::create(folder / "ledger.db").error().code);
        QVERIFY(!std::filesystem::exists(folder));
    }

    void aCancelledReplayLeavesNothing()
    {
        Archive archive;
        const auto file = archive.store.file().parent_path() / "ledger.db";
        std::stop_source stop;
        int told = 0;
        ReplayOptions options{.database = archive.store.file(), .ledger = file};
        options.progress = [&](const ReplayProgress& now) {
            QVERIFY(now.fraction > 0 && now.fraction < 1 && now.ticks > 0);
            ++told;
            stop.request_stop();
        };
        const auto done = replay(options, stop.get_token());
        QVERIFY(!done && done.error().code == base::ErrorCode::Cancelled);
        QCOMPARE(told, 1);
        for (const auto* suffix : {"", ".part", "-wal", "-shm", ".lock"}) {
            QVERIFY(!std::filesystem::exists(file.string() + suffix));
        }
    }

    void progressGrowsToTheEndAndCountsTicks()
    {
        Archive archive;
        ReplayProgress last;
        ReplayOptions options;
        options.progress = [&](const ReplayProgress& now) {
            QVERIFY(now.fraction >= last.fraction && now.ticks >= last.ticks && now.seconds >= last.seconds);
            last = now;
        };
        const auto done = archive.run(options);
        QCOMPARE(last.fraction, 1.0);
        QCOMPARE(last.ticks, done.ticks);
    }

    void candlesOfTheStoreAreReplayedAndMarked()
    {
        Archive archive;
        ReplayOptions onCandles;
        onCandles.candles = market::Timeframe::M1;
        onCandles.database = archive.store.file();
        const auto none = replay(onCandles, {});
        QVERIFY(!none);
        QCOMPARE(none.error().code, base::ErrorCode::NotFound);
        (void)good(recover(*archive.store, policy, {})); // the pipeline makes the candles
        const auto once = archive.run(onCandles);
        QVERIFY(once.ticks > 900 && once.trades > 5);
        for (const auto& row : once.rows) {
            for (const auto& trade : row.trades) {
                QVERIFY(trade.position.onCandles);
            }
        }
        onCandles.jobs = 2;
        QCOMPARE(archive.run(onCandles).ledgerHash, once.ledgerHash);
        onCandles.candles = market::Timeframe::H1;
        QVERIFY(!archive.run(onCandles).leftOut.empty());
        onCandles.instruments = {"OTHER"};
        onCandles.database = archive.store.file();
        QCOMPARE(replay(onCandles, {}).error().code, base::ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "replay_test.moc"
