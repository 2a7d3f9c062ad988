// What a replay is made with: the lines of its hash, its ledger's file, and reading ahead.
#include "engines/read_ahead.h"
#include "engines/replay_ledger.h"
#include "storage/ledger_store.h"
#include "testkit/tape.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <map>
#include <random>

using namespace qd;
using namespace qd::engines;
using testkit::good;

namespace {

/// All runs in the file, some in memory, all of them there: the same lines, in the same order.
void spoolAndCompare(std::size_t mostHeld)
{
    std::mt19937_64 random(17);
    std::vector<trading::ClosedTrade> trades;
    std::vector<trading::UntradedSignal> signals;
    std::map<base::InstrumentId, market::Instrument> instruments;
    Spool spool(mostHeld);
    std::vector<Spool::Lines> lines;
    for (std::int64_t id = 1; id <= 3; ++id) { // names in another order than their ids
        const auto& instrument =
            instruments.emplace(base::InstrumentId{id}, testkit::instrumentOf(id, "C" + std::to_string(9 - id)))
                .first->second;
        SpoolWriter writer(spool, instrument);
        for (int i = 0; i < (id == 2 ? 30'000 : 50); ++i) {
            trading::DecisionStamp decision{.instrument = {id},
                                            .strategy = random() % 2 == 0 ? "momentum" : "breakout",
                                            .number = {static_cast<std::int64_t>(random() % 20'000)},
                                            .why = std::string(random() % 300, 'x')};
            if (random() % 3 == 0) {
                trades.emplace_back().position.decision = decision;
                good(writer.add(trades.back()));
            } else {
                signals.push_back({std::move(decision)});
                good(writer.add(signals.back()));
            }
        }
        lines.push_back(good(writer.finish()));
    }
    QVERIFY(lines[1].runs.size() > 3);
    QCOMPARE(good(spool.hash(lines)), trading::ledgerHash(trades, signals, instruments));
    std::vector<Spool::Lines> none;
    QCOMPARE(good(spool.hash(none)), trading::ledgerHash({}, {}, {}));
}

} // namespace

class ReplayLedgerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSpoolOfManyRunsGivesTheHashOfTheLedger()
    {
        for (const std::size_t held : {std::size_t{0}, std::size_t{3'000'000}, std::size_t{1} << 30U}) {
            spoolAndCompare(held);
        }
    }

    void aKeptLedgerHoldsEveryRowWhateverTheBursts()
    {
        const testkit::Store archive;
        const auto instrument = testkit::instrumentOf(7, "COIN-USDT");
        for (const int count : {0, 1, 7, 8, 9, 255, 256, 257, 3'000}) { // around what one statement, one burst takes
            const auto file = archive.file().parent_path() / ("ledger" + std::to_string(count) + ".db");
            std::vector<trading::ClosedTrade> trades;
            std::vector<trading::UntradedSignal> signals;
            {
                ReplayLedger ledger;
                good(ledger.open(file, {instrument}));
                LedgerSink sink(ledger, instrument, false);
                trading::LedgerEvents events;
                for (int i = 0; i < count; ++i) {
                    trading::DecisionStamp decision{.instrument = instrument.id,
                                                    .strategy = i % 2 == 0 ? "momentum" : "breakout",
                                                    .parameterHash = "0123456789abcdef",
                                                    .number = {i},
                                                    .why = std::string(static_cast<std::size_t>(i % 90), 'x')};
                    if (i % 3 == 0) {
                        signals.push_back({decision, trading::NotTraded::Cooldown});
                        events.emplace_back(signals.back());
                    } else {
                        trades.emplace_back().position.decision = decision;
                        trades.back().net = trades.back().optimistic = trades.back().pessimistic = {i};
                        events.emplace_back(trades.back());
                        events.emplace_back(trades.back().position); // no row
                    }
                    if (i % 100 == 99) {
                        good(sink.take(events));
                    }
                }
                good(sink.take(events));
                good(sink.finish());
                QVERIFY(!std::filesystem::exists(file)); // before it is whole
                ledger.end();
                good(ledger.close());
            }
            testkit::Store kept(file);
            storage::LedgerStore stored(*kept);
            auto storedTrades = good(stored.trades());
            QCOMPARE(storedTrades.size(), trades.size());
            std::ranges::sort(storedTrades, {}, [](const auto& t) { return t.position.decision.number; });
            for (std::size_t i = 0; i < trades.size(); ++i) {
                trades[i].position.decision.instrument = storedTrades[i].position.decision.instrument;
                QVERIFY(storedTrades[i] == trades[i]);
            }
            QCOMPARE(good(stored.signals()).size(), signals.size());
        }
    }

    void whatIsReadAheadKeepsItsOrderAndEndsEarly()
    {
        const auto numbers = [](int spans) {
            return [spans](const ReadAhead<int>::Take& take) -> base::Result<void> {
                std::vector<int> rows;
                for (int i = 0; i < spans; ++i) {
                    rows.assign({2 * i, 2 * i + 1});
                    if (!take(rows)) {
                        return {};
                    }
                }
                return base::fail(base::ErrorCode::Damaged, "the end", "");
            };
        };
        std::vector<int> seen;
        const auto all = ReadAhead<int>::run(numbers(1'000), [&](std::span<const int> rows) {
            seen.insert(seen.end(), rows.begin(), rows.end());
            return true;
        });
        QVERIFY(!all && all.error().code == base::ErrorCode::Damaged); // what the reader answers, after all its rows
        QCOMPARE(seen.size(), std::size_t{2'000});
        QVERIFY(std::ranges::is_sorted(seen));
        int worked = 0;
        good(ReadAhead<int>::run(numbers(1'000'000), [&](std::span<const int>) { return ++worked < 3; }));
        QCOMPARE(worked, 3);
        QVERIFY_THROWS_EXCEPTION(std::runtime_error,
                                 (void)ReadAhead<int>::run(numbers(100), [](std::span<const int>) -> bool {
                                     throw std::runtime_error("work");
                                 }));
        QVERIFY_THROWS_EXCEPTION(
            std::runtime_error,
            (void)ReadAhead<int>::run([](const auto&) -> base::Result<void> { throw std::runtime_error("read"); },
                                      [](auto) { return true; }));
    }
};

QTEST_GUILESS_MAIN(ReplayLedgerTest)
#include "replay_ledger_test.moc"
