// The simulated past: the same history gives the same rows, whole or in pieces; the real pipeline traded it; what was
// wished comes out; nothing else is touched.
#include "engines/demo_past.h"
#include "engines/history_equity.h"
#include "engines/history_market.h"
#include "engines/ledger_view.h"
#include "engines/replay.h"
#include "engines/simulated_history.h"
#include "exchange/default_instruments.h"
#include "storage/ledger_store.h"
#include "testkit/stored_ledger.h"
#include "trading/trading_pipeline.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace qd;
using namespace qd::engines;
using testkit::good;
using testkit::storedHash;

namespace {

constexpr base::UtcMs until{1'764'028'800'000}; // 2025-11-25T00:00:00Z
const auto policy = base::defaultPaperPolicy();

storage::SimulatedHistory small(std::uint64_t seed = 7, std::size_t instruments = 2, int tickHours = 36,
                                int candleDays = 2)
{
    std::vector<std::string> names;
    for (const auto& instrument : exchange::defaultInstruments(instruments)) {
        names.push_back(instrument.name);
    }
    return historyOf(
        {.candlesOnly = candleDays * base::oneDay, .withTicks = base::Millis{tickHours * 3'600'000LL}, .rate = 0.3},
        seed, names, until);
}

/// Everything that a history leaves, as one text a kind.
struct Contents {
    std::string ticks;
    std::string quotes;
    std::string candles;
    std::string ledger;
    std::string equity;
    std::string inputs;
    std::uint64_t tickCount = 0;
    friend bool operator==(const Contents&, const Contents&) = default;
};

std::string text(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d)
{
    return std::to_string(a) + ' ' + std::to_string(b) + ' ' + std::to_string(c) + ' ' + std::to_string(d) + '\n';
}

Contents contentsOf(const std::filesystem::path& file)
{
    auto database = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
    Contents out;
    storage::TickArchive archive(database);
    storage::CandleStore candles(database);
    storage::LedgerStore ledger(database);
    for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
        good(archive.read(instrument.id, {}, [&](std::span<const storage::NumberedTick> rows) {
            for (const auto& [number, tick] : rows) {
                out.ticks +=
                    std::to_string(tick.id) + text(number.value, tick.time.value, tick.price.value, tick.signedSize);
            }
            out.tickCount += rows.size();
            return true;
        }));
        good(archive.readQuotes(instrument.id, {}, [&](std::span<const storage::NumberedQuote> rows) {
            for (const auto& [number, quote] : rows) {
                out.quotes += text(number.value, quote.time.value, quote.bid.value, quote.ask.value);
            }
            return true;
        }));
        for (const auto timeframe : market::allTimeframes) {
            for (const auto& candle : good(candles.read(instrument.id, timeframe, {}, SIZE_MAX))) {
                out.candles += text(candle.start.value, candle.open.value, candle.close.value, candle.volume.value);
            }
        }
        for (const auto& input : good(ledger.switchInputs(instrument.id))) {
            out.inputs += text(instrument.id.value, input.number.value, input.enabled, 0);
        }
    }
    out.ledger = storedHash(database);
    for (const auto& point : good(ledger.equity({INT64_MIN}))) {
        out.equity += text(point.time.value, point.equity.value, 0, 0);
    }
    return out;
}

struct Folder {
    QTemporaryDir dir;
    [[nodiscard]] std::filesystem::path file() const
    {
        return std::filesystem::path(dir.path().toStdString()) / "demo.db";
    }
};

SimulateOutcome made(const Folder& folder, const storage::SimulatedHistory& history)
{
    return good(simulate({.database = folder.file(), .history = history}, {}));
}

} // namespace

class SimulatedHistoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void howFarItIsIsSaidAndHowLongItTakesOnceItsPaceIsKnown()
    {
        const auto said = [](double fraction, std::int64_t spent) {
            return makingText(200 * base::oneDay, fraction, base::Millis{spent});
        };
        const std::string begins = "the 200 days behind the simulated market are being made: ";
        QCOMPARE(said(0, 0), begins + "0%");
        QCOMPARE(said(0.03125, 60'000), begins + "3%"); // too little done
        QCOMPARE(said(0.5, 2'999), begins + "50%");     // too soon
        QCOMPARE(said(0.5, 59'999), begins + "50%, under a minute left");
        QCOMPARE(said(0.5, 60'000), begins + "50%, about 1 min left");
        QCOMPARE(said(0.25, 40'000), begins + "25%, about 2 min left");
        QCOMPARE(said(1, 60'000), begins + "100%");
    }

    void theMarketTradesToItsVeryEnd()
    {
        auto instruments = exchange::defaultInstruments(1);
        std::vector<std::string> names;
        for (std::size_t i = 0; i < instruments.size(); ++i) {
            instruments[i].id = {static_cast<std::int64_t>(i) + 1};
            names.push_back(instruments[i].name);
        }
        constexpr std::int64_t hourMs = 3'600'000;
        const auto history = [&](std::uint64_t seed) { // the last step is of ten minutes
            return historyOf(
                {.candlesOnly = base::Millis{0}, .withTicks = base::Millis{6 * hourMs + 600'000}, .rate = 0.15}, seed,
                names, until);
        };
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            std::size_t all = 0;
            std::size_t late = 0; // in the last ten minutes
            HistoryMarket(history(seed), instruments).run([&](HistoryChunk chunk) {
                if (const auto* ticks = std::get_if<std::vector<storage::NumberedTick>>(&chunk.rows)) {
                    all += ticks->size();
                    late += static_cast<std::size_t>(std::ranges::count_if(
                        *ticks, [](const auto& row) { return row.tick.time > until - base::Millis{600'000}; }));
                }
                return true;
            });
            const auto share = static_cast<double>(late) / static_cast<double>(all);
            QVERIFY2(share > 600.0 / 22'200 / 10, qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(share)));
        }
    }

    void theSameHistoryGivesTheSameRowsAndAnotherSeedOthers()
    {
        const Folder first;
        const Folder second;
        const Folder other;
        const auto outcome = made(first, small());
        (void)made(second, small());
        (void)made(other, small(8));
        const auto contents = contentsOf(first.file());
        QVERIFY(contents == contentsOf(second.file()));
        QVERIFY(contents.ticks != contentsOf(other.file()).ticks);
        QVERIFY(contents.ledger != contentsOf(other.file()).ledger);
        QCOMPARE(outcome.ticks, contents.tickCount);
        QVERIFY2(outcome.trades > 20, std::to_string(outcome.trades).c_str());
        QVERIFY(!outcome.wasThere);
        QVERIFY(outcome.bytes > 0);
    }

    void itsLedgerIsWhatReplayMakesOfItsTicksAndEveryBlockIsWell()
    {
        const Folder folder;
        (void)made(folder, small());
        const auto replayed = good(replay({.database = folder.file(), .jobs = 2}, {}));
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
        QCOMPARE(replayed.ledgerHash, storedHash(database));
        QVERIFY(good(storage::TickArchive(database).verify()).empty());
        QVERIFY(good(storage::LedgerStore(database).gaps()).empty());
        const auto row = good(storage::SimulatedStore(database).get());
        QVERIFY(row && row->isComplete);
    }

    void aboutAsManyTicksComeOutAsWereWished()
    {
        for (const std::uint64_t wished : {3'000U, 60'000U, 400'000U}) {
            const Folder folder;
            auto history = small(3, 2, 48, 0);
            history.ticks = wished;
            const auto outcome = made(folder, history);
            const auto apart = std::abs(static_cast<double>(outcome.ticks) / static_cast<double>(wished) - 1);
            QVERIFY2(apart < 0.06, std::to_string(outcome.ticks).c_str());
        }
    }

    void pausesBringTheTradesDownToWhatWasWishedSpreadOverTimeAndInstruments()
    {
        const Folder natural;
        const Folder folder;
        auto history = small(5, 3, 96, 0);
        const auto all = made(natural, history).trades;
        history.trades = all / 2;
        const auto outcome = made(folder, history);
        const auto apart = static_cast<std::int64_t>(outcome.trades) - static_cast<std::int64_t>(history.trades);
        QVERIFY2(std::abs(apart) <= 3, std::to_string(apart).c_str());
        QCOMPARE(good(replay({.database = folder.file()}, {})).ledgerHash, contentsOf(folder.file()).ledger);
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
        std::map<std::int64_t, int> byInstrument;
        int late = 0;
        for (const auto& trade : good(storage::LedgerStore(database).trades())) {
            ++byInstrument[trade.position.decision.instrument.value];
            late += trade.exit.time > until - base::oneDay ? 1 : 0;
        }
        QCOMPARE(byInstrument.size(), 3U);
        for (const auto& [instrument, trades] : byInstrument) {
            QVERIFY(trades > static_cast<int>(history.trades) / 6);
        }
        QVERIFY2(late > static_cast<int>(history.trades) / 10, std::to_string(late).c_str());
        for (const auto& instrument : good(storage::InstrumentStore(database).all())) { // trading goes on
            const auto inputs = good(storage::LedgerStore(database).switchInputs(instrument.id));
            QVERIFY(!inputs.empty() && inputs.back().enabled);
        }
    }

    void moreTradesThanTheStrategiesFindChangeNothing()
    {
        const Folder natural;
        const Folder folder;
        auto history = small();
        const auto all = made(natural, history).trades;
        history.trades = 1'000'000;
        const auto outcome = made(folder, history);
        QCOMPARE(outcome.trades, all);
        QCOMPARE(contentsOf(folder.file()).ledger, contentsOf(natural.file()).ledger);
    }

    void candlesAloneReachToTheTicksWithoutAHoleAndTogetherTheyRunOn()
    {
        const Folder folder;
        const auto history = small(7, 2, 12, 3);
        (void)made(folder, history);
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
        storage::CandleStore store(database);
        for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
            for (const auto timeframe : market::allTimeframes) {
                const auto candles = good(store.read(instrument.id, timeframe, {}, SIZE_MAX));
                QVERIFY(!candles.empty());
                QVERIFY(candles.front().start - history.candlesFrom <= base::Millis{4 * 3'600'000});
                int gaps = 0;
                for (std::size_t i = 0; i < candles.size(); ++i) {
                    gaps += candles[i].hasGap ? 1 : 0;
                    QVERIFY(candles[i].low <= std::min(candles[i].open, candles[i].close));
                    QVERIFY(candles[i].high >= std::max(candles[i].open, candles[i].close));
                    if (i > 0) {
                        QCOMPARE(candles[i].start - candles[i - 1].start, market::length(timeframe));
                    }
                }
                QCOMPARE(gaps, 2); // the very first one, and the first of the ticks: before each nothing is known
                QVERIFY(until - candles.back().start <= 2 * market::length(timeframe));
            }
            const auto ticks = good(storage::TickArchive(database).summary(instrument.id));
            QVERIFY(history.ticksFrom <= ticks.firstTime && ticks.lastTime < until);
        }
    }

    void equityIsWhatTheLedgersOwnViewSays()
    {
        const Folder folder;
        const auto history = small(9, 2, 36, 0);
        (void)made(folder, history);
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
        storage::LedgerStore ledger(database);
        storage::CandleStore candles(database);
        std::multimap<base::UtcMs, trading::LedgerEvent> events;
        for (const auto& trade : good(ledger.trades())) {
            auto entered = trade.position;
            entered.closedSize = {};
            entered.closedWorth = {};
            entered.closedFees = {};
            entered.funding = {};
            events.emplace(trade.position.entry.time, entered);
            events.emplace(trade.exit.time, trade);
        }
        for (const auto& position : good(ledger.openPositions())) {
            events.emplace(position.entry.time, position);
        }
        LedgerView view(policy, {});
        std::map<base::UtcMs, std::map<base::InstrumentId, market::Price>> closes;
        for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
            view.setInstrument(instrument);
            for (const auto& candle : good(candles.read(instrument.id, market::Timeframe::M5, {}, SIZE_MAX))) {
                closes[candle.start + market::length(market::Timeframe::M5)][instrument.id] = candle.close;
            }
        }
        const auto points = good(ledger.equity({INT64_MIN}));
        QCOMPARE(points.size(), closes.size());
        auto next = events.begin();
        std::size_t i = 0;
        bool hasMoved = false;
        for (const auto& [time, prices] : closes) {
            for (; next != events.end() && next->first < time; ++next) {
                view.apply(next->second);
            }
            for (const auto& [instrument, price] : prices) {
                view.mark(instrument, price);
            }
            QCOMPARE(points[i].time, time);
            QCOMPARE(points[i].equity, view.equity());
            QCOMPARE(points[i].capital, view.capital());
            hasMoved = hasMoved || points[i].equity != points[i].capital;
            ++i;
        }
        QVERIFY(hasMoved);
    }

    void whatWasCutShortGoesOnToTheSameRows()
    {
        auto history = small(7, 2, 60, 2);
        history.trades = 60;
        const Folder whole;
        (void)made(whole, history);
        const auto wanted = contentsOf(whole.file());
        int cut = 0;
        for (const double at : {0.0, 0.1, 0.3, 0.5, 0.6, 0.8, 0.95}) {
            const Folder folder;
            std::stop_source stop;
            const auto outcome = simulate({.database = folder.file(),
                                           .history = history,
                                           .progress =
                                               [&](double fraction) {
                                                   if (fraction >= at) {
                                                       stop.request_stop();
                                                   }
                                               }},
                                          stop.get_token());
            if (!outcome) {
                ++cut;
                QVERIFY(outcome.error().code == base::ErrorCode::Cancelled);
                auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
                QVERIFY(!good(storage::SimulatedStore(database).get())->isComplete);
                QVERIFY(good(storage::TickArchive(database).verify()).empty());
            }
            const auto again = made(folder, history);
            QCOMPARE(again.wasThere, outcome.has_value());
            QVERIFY(contentsOf(folder.file()) == wanted);
        }
        QVERIFY2(cut >= 5, std::to_string(cut).c_str());
    }

    void aStopBeforeTheBeginLeavesARowThatTheNextCallCompletes()
    {
        const Folder folder;
        std::stop_source stop;
        stop.request_stop();
        const auto outcome = simulate({.database = folder.file(), .history = small()}, stop.get_token());
        QVERIFY(!outcome && outcome.error().code == base::ErrorCode::Cancelled);
        QVERIFY(!made(folder, small()).wasThere);
        const Folder whole;
        (void)made(whole, small());
        QVERIFY(contentsOf(folder.file()) == contentsOf(whole.file()));
    }

    void theSameAgainAddsNothingAndAnotherIsRefused()
    {
        const Folder folder;
        (void)made(folder, small());
        const auto before = contentsOf(folder.file());
        const auto again = made(folder, small());
        QVERIFY(again.wasThere);
        QCOMPARE(again.ticks, before.tickCount);
        QVERIFY(contentsOf(folder.file()) == before);
        auto other = small();
        other.trades = 5;
        for (const auto& wish : {small(8), small(7, 1), other}) {
            const auto refused = simulate({.database = folder.file(), .history = wish}, {});
            QVERIFY(!refused && refused.error().code == base::ErrorCode::Conflict);
        }
        QVERIFY(contentsOf(folder.file()) == before);
    }

    void aDatabaseOfAFeedIsLeftAlone()
    {
        const Folder folder;
        {
            auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadWrite));
            good(database.begin());
            const auto instrument = good(storage::InstrumentStore(database).put(exchange::defaultInstruments()[0]));
            const storage::NumberedTick tick{{1}, {.id = 1, .time = until, .price = {1}, .signedSize = 1}};
            good(storage::TickArchiveWriter(database).append(instrument.id, std::span(&tick, 1)));
            good(database.commit(true));
        }
        const auto refused = simulate({.database = folder.file(), .history = small()}, {});
        QVERIFY(!refused && refused.error().code == base::ErrorCode::Conflict);
        QCOMPARE(contentsOf(folder.file()).tickCount, 1U);
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadOnly));
        QVERIFY(!good(storage::SimulatedStore(database).get()));
    }

    void noDaysAtAllAndOneInstrumentAreEdgesLikeOthers()
    {
        const Folder none;
        const auto nothing = made(none, small(1, 3, 0, 0));
        QCOMPARE(nothing.ticks, 0U);
        QCOMPARE(nothing.trades, 0U);
        QVERIFY(made(none, small(1, 3, 0, 0)).wasThere);
        const Folder candlesOnly;
        QCOMPARE(made(candlesOnly, small(1, 1, 0, 1)).ticks, 0U);
        QVERIFY(!contentsOf(candlesOnly.file()).candles.empty());
        const Folder one;
        QVERIFY(made(one, small(1, 1, 24, 0)).ticks > 1'000);
        const Folder unknown;
        auto history = small();
        history.instruments = {"NOSUCH-USDT"};
        const auto refused = simulate({.database = unknown.file(), .history = history}, {});
        QVERIFY(!refused && refused.error().code == base::ErrorCode::NotFound);
    }

    void progressNeverGoesBackAndEndsAtOne()
    {
        const Folder folder;
        auto history = small();
        history.trades = 20;
        double last = 0;
        bool isGrowing = true;
        (void)good(simulate({.database = folder.file(),
                             .history = history,
                             .progress =
                                 [&](double fraction) {
                                     isGrowing = isGrowing && fraction >= last;
                                     last = fraction;
                                 }},
                            {}));
        QVERIFY(isGrowing);
        QCOMPARE(last, 1.0);
    }

    void candlesAndTicksMeetAtAFourHourBoundary()
    {
        const auto history = historyOf({.candlesOnly = 3 * base::oneDay, .withTicks = base::oneDay, .rate = 1}, 1,
                                       {"BTC-USDT"}, until + base::Millis{12'345'678});
        QCOMPARE(base::bucketStart(history.ticksFrom, base::Millis{4 * 3'600'000}), history.ticksFrom);
        QCOMPARE(base::bucketStart(history.candlesFrom, base::Millis{4 * 3'600'000}), history.candlesFrom);
        QVERIFY(history.until - history.ticksFrom >= base::oneDay);
        QCOMPARE(history.ticks, ticksAtRate({"BTC-USDT"}, history.until - history.ticksFrom, 1));
    }
};

QTEST_GUILESS_MAIN(SimulatedHistoryTest)
#include "simulated_history_test.moc"
