// The execution calibrator, the answers about execution and the stop lab, on databases; and the way of a calibration
// from the job into the ledger of a running console.
#include "engines/calibration_job.h"
#include "engines/engine_host.h"
#include "engines/execution_queries.h"
#include "engines/feed_database.h"
#include "engines/recovery.h"
#include "engines/replay.h"
#include "engines/stop_lab_run.h"
#include "storage/calibration_store.h"
#include "storage/trade_pages.h"
#include "storage/trials_store.h"
#include "testkit/tape.h"
#include "trading/candle_pipeline.h"
#include "trading/execution_model.h"
#include "trading/trade_costs.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace qd;
using namespace qd::engines;
using base::Millis;
using base::UtcMs;
using statistics::Calibration;
using storage::NumberedQuote;
using storage::NumberedTick;
using testkit::good;
using testkit::Store;
using trading::Side;

namespace {

const auto policy = base::defaultPaperPolicy();
const base::SystemClock clockOfNow;
constexpr std::int64_t start = 1'750'000'000'000;
constexpr std::int64_t mid = 1'000'000; // in ticks

/// A ledger and an archive by hand: a decision every ten seconds at a quote of known mid, and 100 ms later another
/// quote whose distance from it is the slippage that is to be found.
struct KnownTape {
    Store store;
    base::InstrumentId id = store.add("COIN-USDT");
    std::vector<double> slippages; // bps, of the entries

    explicit KnownTape(int trades, double bps, std::int64_t charged = 0)
    {
        std::vector<NumberedTick> ticks;
        std::vector<NumberedQuote> quotes;
        std::vector<trading::ClosedTrade> closed;
        std::mt19937_64 random(5);
        std::int64_t number = 0;
        const auto quote = [&](std::int64_t time, std::int64_t bid, std::int64_t ask) {
            quotes.push_back({{++number}, {.time = {time}, .bid = {bid}, .ask = {ask}}});
        };
        const auto tick = [&](std::int64_t time) {
            ++number;
            ticks.push_back({{number}, {.id = number, .time = {time}, .price = {mid}, .signedSize = 5}});
        };
        for (int i = 0; i < trades; ++i) {
            const auto at = start + i * 10'000LL;
            const auto wide = static_cast<std::int64_t>(std::llround(
                static_cast<double>(mid) * 1e-4 * (bps + static_cast<double>(random() % 2'001) / 1'000.0 - 1.0)));
            quote(at, mid - 1, mid + 1);
            tick(at);
            const auto decided = number;
            quote(at + 100, mid - wide, mid + wide);
            quote(at + 200, mid - 1, mid + 1);
            tick(at + 5'000);
            tick(at + 5'300);
            slippages.push_back(static_cast<double>(wide) / static_cast<double>(mid) * 1e4);
            closed.push_back(tradeOf(i % 2 == 0 ? Side::Buy : Side::Sell, decided, at, charged));
        }
        store.write([&] {
            storage::TickArchiveWriter writer(*store);
            good(writer.append(id, ticks));
            good(writer.appendQuotes(id, quotes));
            storage::LedgerStore ledger(*store);
            for (const auto& trade : closed) {
                good(ledger.apply(trade));
            }
        });
    }
    [[nodiscard]] trading::ClosedTrade tradeOf(Side side, std::int64_t number, std::int64_t at,
                                               std::int64_t charged) const
    {
        trading::ClosedTrade trade;
        trade.position = {.decision = {.instrument = id,
                                       .strategy = "breakout",
                                       .parameterHash = "hash",
                                       .side = side,
                                       .number = {number},
                                       .time = {at},
                                       .decisionPriceHalfTicks = 2 * mid,
                                       .stop = {mid / 2},
                                       .target = {2 * mid}},
                          .size = {10},
                          .entry = {.time = {at + 150}, .number = {number + 2}, .price = {mid + charged}, .fee = {}},
                          .timeLimit = {at + 5'000},
                          .best = {mid},
                          .worst = {mid}};
        trade.exit = {.time = {at + 5'000}, .number = {number + 3}, .price = {mid - charged}, .fee = {}};
        trade.reason = trading::ExitReason::TimeLimit;
        trade.exitDecisionHalfTicks = 2 * mid;
        return trade;
    }
    [[nodiscard]] Calibrated calibrated(const base::PaperPolicy& by = policy)
    {
        ExecutionCalibrator calibrator(by);
        return good(calibrator.calibrate(*store, {start + 3'600'000}, {}));
    }
};

const trading::LearnedSlippage& rowOf(const std::vector<trading::LearnedSlippage>& rows,
                                      std::optional<base::InstrumentId> id, Side side)
{
    return *std::ranges::find_if(rows, [&](const auto& row) { return row.instrument == id && row.side == side; });
}

/// Two instruments' random archives, traded by the real pipeline.
struct TradedStore {
    Store store;
    std::vector<market::Instrument> instruments;
    std::map<base::InstrumentId, std::vector<market::StreamItem>> tapes;

    TradedStore() { fill(); }
    explicit TradedStore(const std::filesystem::path& file) : store(file) { fill(); }
    void fill()
    {
        for (const auto* name : {"COIN-USDT", "GEM-USDT"}) {
            const auto id = store.add(name);
            auto& tape = tapes[id];
            tape = testkit::randomTape(id, static_cast<std::uint64_t>(id.value) + 41, 50'000,
                                       {.gapShare = 0, .lateShare = 0});
            std::vector<NumberedTick> ticks;
            std::vector<NumberedQuote> quotes;
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
        instruments = good(storage::InstrumentStore(*store).all());
    }
    void trade() { (void)good(recover(*store, policy, {})); }
    [[nodiscard]] DeskContext context(std::stop_token stop = {})
    {
        return {.database = *store,
                .policy = policy,
                .clock = clockOfNow,
                .stop = std::move(stop),
                .progress = [this](double fraction, const std::string& phase) {
                    fractions.push_back(fraction);
                    phases.push_back(phase);
                }};
    }
    std::vector<double> fractions;
    std::vector<std::string> phases;
};

} // namespace

class ExecutionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTapeOfKnownSlippageIsFoundWithinTheIntervalOfItsMean()
    {
        KnownTape tape(120, 6.0);
        const auto calibrated = tape.calibrated();
        QCOMPARE(calibrated.measured, std::uint64_t{240});
        for (const auto side : {Side::Buy, Side::Sell}) {
            const auto& row = rowOf(calibrated.rows, tape.id, side);
            QVERIFY(row.status == Calibration::Calibrated);
            QCOMPARE(row.fills, std::uint64_t{120}); // an entry or an exit of each
            QCOMPARE(row.unusable, std::uint64_t{0});
        }
        // The exits of a time limit pay the narrow spread of their own moment: 0.01 bps. So the mean of both is 3.
        for (const auto side : {Side::Buy, Side::Sell}) {
            const auto& row = rowOf(calibrated.rows, tape.id, side);
            QVERIFY2(row.interval && row.interval->lower <= 3.0 && 3.0 <= row.interval->upper,
                     std::to_string(*row.mean).c_str());
        }
    }

    void theEntriesAloneMeasureTheQuoteThatWasInForceAfterTheLatency()
    {
        KnownTape tape(40, 6.0);
        tape.store.write([&] { good(tape.store->run("UPDATE trades SET reason='stop'")); }); // no market exits
        const auto calibrated = tape.calibrated();
        double sum = 0;
        std::vector<statistics::Fill> known;
        for (std::size_t i = 0; i < tape.slippages.size(); i += 2) {
            sum += tape.slippages[i];
        }
        const auto& row = rowOf(calibrated.rows, tape.id, Side::Buy);
        QCOMPARE(row.fills, std::uint64_t{20});
        QVERIFY(std::abs(sum / 20 - 6.0) < 0.5);
        QVERIFY(row.interval && row.interval->lower <= 6.0 && 6.0 <= row.interval->upper);
        QVERIFY(*row.median > 5.0 && *row.median < 7.0 && *row.p95 <= 7.01);
    }

    void whatTheBrokerChargedDoesNotMatter()
    {
        KnownTape honest(60, 4.0);
        KnownTape greedy(60, 4.0, 50'000); // every fill half a percent worse
        QVERIFY(honest.calibrated().rows == greedy.calibrated().rows);
        auto dearer = policy;
        dearer.takerFee = {5'000};
        dearer.makerFee = {4'000};
        dearer.cooldown = Millis{1};
        dearer.notional = base::usdt(77);
        QVERIFY(honest.calibrated(dearer).rows == honest.calibrated().rows);
        auto slower = policy;
        slower.latency = Millis{50}; // before the wide quote
        QVERIFY(honest.calibrated(slower).rows != honest.calibrated().rows);
    }

    void whatIsClosedLaterIsAddedToWhatWasMeasuredBefore()
    {
        TradedStore traded;
        traded.trade();
        ExecutionCalibrator whole(policy);
        const UtcMs when{start + 40 * 86'400'000LL};
        const auto wanted = good(whole.calibrate(*traded.store, when, {}));
        QVERIFY2(wanted.measured > 15, std::to_string(wanted.measured).c_str());
        QVERIFY(std::ranges::any_of(wanted.rows, [](const auto& row) { return row.fills >= 10; }));

        traded.store.write([&] { good(traded.store->run("CREATE TABLE kept AS SELECT * FROM trades ORDER BY id")); });
        traded.store.write([&] { good(traded.store->run("DELETE FROM trades")); });
        ExecutionCalibrator parts(policy);
        const auto count = good(traded.store->number("SELECT count(*) FROM kept"));
        std::uint64_t items = 0;
        for (std::int64_t from = 0; from < count; from += 7) {
            traded.store.write([&] {
                good(traded.store->run("INSERT INTO trades SELECT * FROM kept ORDER BY id LIMIT 7 OFFSET " +
                                       std::to_string(from)));
            });
            const auto got = good(parts.calibrate(*traded.store, when, {}));
            items += got.items;
            if (from + 7 >= count) {
                QCOMPARE(got.measured, wanted.measured);
                QVERIFY(got.rows == wanted.rows);
            }
        }
        QVERIFY(items > 0);
        QCOMPARE(good(parts.calibrate(*traded.store, when, {})).items, std::uint64_t{0}); // nothing new, nothing read
    }

    void anExitBySignalIsMeasuredFromItsSignal()
    {
        KnownTape tape(30, 6.0);
        // The same trades, left by a signal at the next decision's moment.
        tape.store.write([&] {
            good(tape.store->run("DELETE FROM trades WHERE side=-1"));
            good(tape.store->run("UPDATE trades SET reason='signal', exit_number=decided_number+9, "
                                 "exit_time=decided_time+10150"));
            good(tape.store->run(
                "INSERT INTO signals(instrument,strategy,decided_number,parameter_hash,side,decided_time,"
                "decided_half_ticks,stop,target,why,tick_step,lot_step,reason) SELECT instrument,strategy,"
                "decided_number+6,parameter_hash,-1,decided_time+10000,decided_half_ticks,stop,target,why,tick_step,"
                "lot_step,'position-open' FROM trades"));
        });
        const auto calibrated = tape.calibrated();
        const auto& sells = rowOf(calibrated.rows, tape.id, Side::Sell);
        QCOMPARE(sells.fills, std::uint64_t{15});
        QVERIFY(*sells.mean > 5.0); // the wide quote that came after each decision
    }

    void aCalibrationIsKeptOnceAndToldWhereItMoved()
    {
        KnownTape tape(120, 6.0);
        const auto calibrated = tape.calibrated();
        auto change = good(calibrationChange(*tape.store, calibrated, policy));
        QCOMPARE(change.rows.size(), std::size_t{4});
        QCOMPARE(change.charges.size(), std::size_t{1});
        QVERIFY(change.what.find("2 figures of 1 instrument") != std::string::npos);
        QVERIFY(change.evidence.find("COIN-USDT buy 5.00") != std::string::npos);
        const auto charge = change.charges.at(tape.id);
        tape.store.write([&] {
            good(storage::CalibrationStore(*tape.store).add({start}, change.rows));
            good(storage::LedgerStore(*tape.store)
                     .addInputs({{tape.id, {50}, "", true, trading::InputKind::Calibration, charge}}));
        });
        const auto stored = good(storage::CalibrationStore(*tape.store).newest());
        QVERIFY(stored.rows == calibrated.rows);
        QVERIFY(stored.time == UtcMs{start});
        const auto again = good(calibrationChange(*tape.store, calibrated, policy));
        QVERIFY(again.rows.empty() && again.charges.empty() && again.what.empty());

        auto moved = calibrated; // by 0.05 bps nothing is told, by more it is
        const auto at = std::ranges::find_if(moved.rows, [](const auto& row) { return row.instrument.has_value(); });
        const auto inForce = good(trading::executionCharge(charge)).of(at->side).applied;
        at->applied = static_cast<double>(inForce.value) / 100.0 + 0.05;
        QVERIFY(good(calibrationChange(*tape.store, moved, policy)).charges.empty());
        QCOMPARE(good(calibrationChange(*tape.store, moved, policy)).rows.size(), std::size_t{1});
        at->applied = static_cast<double>(inForce.value) / 100.0 + 0.06;
        QCOMPARE(good(calibrationChange(*tape.store, moved, policy)).charges.size(), std::size_t{1});
        // A learned interval that narrows moves the stress alone, which is all that paper on ticks charges.
        tape.store.write([&] {
            const auto wide = trading::ExecutionCharge{{good(trading::executionCharge(charge)).buy.applied, {5'000}},
                                                       {good(trading::executionCharge(charge)).sell.applied, {5'000}}};
            good(storage::LedgerStore(*tape.store)
                     .addInputs({{tape.id, {51}, "", true, trading::InputKind::Calibration, trading::textOf(wide)}}));
        });
        QCOMPARE(good(calibrationChange(*tape.store, calibrated, policy)).charges.at(tape.id), charge);
        tape.store.write([&] {
            good(storage::LedgerStore(*tape.store)
                     .addInputs({{tape.id, {52}, "", true, trading::InputKind::Calibration, charge}}));
        });
        moved = calibrated;
        moved.rows.back().status = Calibration::Stale;
        QCOMPARE(good(calibrationChange(*tape.store, moved, policy)).charges.size(), std::size_t{1});
    }

    void cancelledItGoesOnWhereItWas()
    {
        KnownTape tape(60, 4.0);
        ExecutionCalibrator calibrator(policy);
        std::stop_source stop;
        stop.request_stop();
        const auto cancelled = calibrator.calibrate(*tape.store, {start + 3'600'000}, stop.get_token());
        QVERIFY(!cancelled && cancelled.error().code == base::ErrorCode::Cancelled);
        QVERIFY(good(calibrator.calibrate(*tape.store, {start + 3'600'000}, {})).rows == tape.calibrated().rows);
    }

    void replayAndRestartGiveTheBandThatTheRecordedCalibrationMakes()
    {
        TradedStore traded;
        const auto id = traded.instruments.front().id;
        const std::string text = "buy=20.00/80.00|sell=10.00/70.00";
        traded.store.write([&] {
            good(storage::LedgerStore(*traded.store)
                     .addInputs({{id, {25'000}, "", true, trading::InputKind::Calibration, text}}));
        });
        traded.trade();
        const auto stored = good(storage::LedgerStore(*traded.store).trades());
        trading::TradingPipeline byHand(policy);
        byHand.addInstrument(traded.instruments.front());
        trading::LedgerEvents events;
        for (const auto& item : traded.tapes.at(id)) {
            if (item.number.value == 25'001) {
                good(byHand.apply(id, {{25'000}, trading::InputKind::Calibration, "", true, text}));
            }
            byHand.feed(item, events);
        }
        int compared = 0;
        int stressed = 0;
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                const auto& d = trade->position.decision;
                const auto same = std::ranges::find_if(stored, [&](const trading::ClosedTrade& other) {
                    return other.position.decision.instrument == id && other.position.decision.number == d.number &&
                           other.position.decision.strategy == d.strategy;
                });
                QVERIFY(same != stored.end() && *same == *trade);
                ++compared;
                stressed += trade->exit.number.value > 25'000 ? 1 : 0;
            }
        }
        QVERIFY(compared > 5 && stressed > 2);

        // On candles the newest calibration is what market orders are charged.
        ReplayOptions onCandles{.database = traded.store.file(), .instruments = {"COIN-USDT"}};
        onCandles.candles = market::Timeframe::M1;
        const auto charged = good(replay(onCandles, {}));
        const auto candles = good(storage::CandleStore(*traded.store).read(id, market::Timeframe::M1, {}, UINT32_MAX));
        trading::CandlePipeline pipeline(traded.instruments.front(), policy, market::Timeframe::M1, {});
        pipeline.setCharge(good(trading::executionCharge(text)));
        events.clear();
        for (const auto& candle : candles) {
            pipeline.feed(candle, events);
        }
        base::Money net;
        base::Money replayed;
        for (const auto& event : events) {
            const auto* trade = std::get_if<trading::ClosedTrade>(&event);
            net += trade != nullptr ? trade->net : base::Money{};
        }
        for (const auto& row : charged.rows) {
            for (const auto& trade : row.trades) {
                replayed += trade.net;
            }
        }
        QVERIFY(charged.trades > 3);
        QCOMPARE(replayed, net);
        traded.store.write([&] { good(traded.store->run("DELETE FROM switch_inputs")); });
        QVERIFY(good(replay(onCandles, {})).ledgerHash != charged.ledgerHash);
    }

    void theWaterfallOfAnyFilterAddsUpToItsNet()
    {
        TradedStore traded;
        traded.trade();
        const auto trades = good(storage::LedgerStore(*traded.store).trades());
        for (const auto& strategy : {std::string(), std::string("breakout"), std::string("reversal")}) {
            for (const auto reason : {std::optional<trading::ExitReason>(), std::optional(trading::ExitReason::Stop)}) {
                console::AskExecution query;
                query.filter.strategy = strategy;
                query.filter.reason = reason;
                const auto answer = good(executionOf(traded.context(), query));
                const auto& w = answer.waterfall;
                base::Money net;
                std::uint64_t count = 0;
                std::uint64_t stopped = 0;
                for (const auto& trade : trades) {
                    if ((strategy.empty() || trade.position.decision.strategy == strategy) &&
                        (!reason || trade.reason == *reason)) {
                        net += trade.net;
                        ++count;
                        stopped += trade.reason == trading::ExitReason::Stop ? 1 : 0;
                    }
                }
                QCOMPARE(w.net, net);
                QCOMPARE(w.gross - w.slippage - w.gapThroughStop - w.fees - w.funding, net);
                QCOMPARE(w.trades, count);
                QCOMPARE(w.stopped, stopped);
                QCOMPARE(w.left, std::uint64_t{0});
                QCOMPARE(answer.hold.closed, count);
            }
        }
        traded.store.write([&] { good(traded.store->run("UPDATE trades SET exit_half_ticks=NULL WHERE id%2=0")); });
        const auto older = good(executionOf(traded.context(), {})).waterfall;
        QVERIFY(older.left > 0);
        QCOMPARE(older.left + older.trades, std::uint64_t{trades.size()});
        QCOMPARE(older.gross - older.slippage - older.gapThroughStop - older.fees - older.funding, older.net);
    }

    void stoppedThenTargetAndFillRatesAreWhatTheTicksSay()
    {
        TradedStore traded;
        traded.trade();
        traded.store.write([&] { // one that took what was there, and paid for it
            good(traded.store->run("UPDATE trades SET entry_fee=3*entry_fee WHERE id=(SELECT min(id) FROM trades WHERE "
                                   "limit_price IS NOT NULL)"));
        });
        const auto trades = good(storage::LedgerStore(*traded.store).trades());
        const auto answer = good(executionOf(traded.context(), {}));
        const auto beyond = [&](base::InstrumentId id, UtcMs from, UtcMs to, base::Price level, bool isUp) {
            std::int64_t most = INT64_MIN;
            for (const auto& item : traded.tapes.at(id)) {
                const auto* tick = std::get_if<market::Tick>(&item.what);
                if (tick != nullptr && tick->time >= from && tick->time < to) {
                    most = std::max(most, (tick->price - level).value * (isUp ? 1 : -1));
                }
            }
            return most;
        };
        std::uint64_t reached = 0;
        for (const auto& trade : trades) {
            const auto& p = trade.position;
            reached += trade.reason == trading::ExitReason::Stop &&
                               beyond(p.decision.instrument, trade.exit.time + Millis{1}, p.timeLimit,
                                      p.decision.target, p.decision.side == Side::Buy) > 0
                           ? 1
                           : 0;
        }
        QCOMPARE(answer.waterfall.stoppedThenTarget, reached);
        QVERIFY(reached > 0);

        std::uint64_t orders = 0;
        std::uint64_t touched = 0;
        std::uint64_t through = 0;
        const auto count = [&](const trading::DecisionStamp& d) {
            const auto arrival = d.time + policy.latency;
            const auto by =
                beyond(d.instrument, arrival, arrival + policy.limitPatience, *d.limit, d.side == Side::Sell);
            ++orders;
            touched += by >= 0 ? 1 : 0;
            through += by > 0 ? 1 : 0;
        };
        std::uint64_t filled = 0;
        int took = 0;
        const auto countRested = [&](const trading::OpenPosition& position) {
            if (!position.decision.limit) {
                return;
            }
            const auto& instrument =
                *std::ranges::find(traded.instruments, position.decision.instrument, &market::Instrument::id);
            const auto asMaker = *instrument.notional(position.entry.price, position.size) * policy.makerFee;
            if (position.entry.fee != asMaker) { // the market was there already
                ++took;
                return;
            }
            count(position.decision);
            ++filled;
        };
        for (const auto& trade : trades) {
            countRested(trade.position);
        }
        for (const auto& signal : good(storage::LedgerStore(*traded.store).signals())) {
            if (signal.reason == trading::NotTraded::NotFilled) {
                count(signal.decision);
            }
        }
        for (const auto& position : good(storage::LedgerStore(*traded.store).openPositions())) {
            countRested(position);
        }
        QCOMPARE(took, 1);
        console::FillRateRow all;
        for (const auto& row : answer.fillRates) {
            all.orders += row.orders;
            all.touched += row.touched;
            all.through += row.through;
            all.filled += row.filled;
            QVERIFY(row.through <= row.touched && row.touched <= row.orders && row.filled <= row.touched);
            QVERIFY(!row.toBps || row.fromBps < *row.toBps);
        }
        QVERIFY2(orders > 5, std::to_string(orders).c_str());
        QCOMPARE(all.orders, orders);
        QCOMPARE(all.touched, touched);
        QCOMPARE(all.through, through);
        QCOMPARE(all.filled, filled);
    }

    void whatWasLearnedIsAnsweredWithWhenAndSince()
    {
        KnownTape tape(60, 4.0);
        const auto rows = tape.calibrated().rows;
        tape.store.write([&] { good(storage::CalibrationStore(*tape.store).add({start + 77}, rows)); });
        const DeskContext context{
            .database = *tape.store, .policy = policy, .clock = clockOfNow, .stop = {}, .progress = {}};
        const auto answer = good(executionOf(context, {}));
        QCOMPARE(answer.slippage.size(), std::size_t{4});
        QVERIFY(!answer.slippage[0].instrument && answer.slippage[0].side == Side::Buy);
        QVERIFY(answer.slippage[2].instrument == tape.id);
        QCOMPARE(answer.slippage[2].applied, rows[2].applied);
        QVERIFY(answer.slippage[2].mean == rows[2].mean);
        QVERIFY(answer.calibrated == UtcMs{start + 77});
        QVERIFY(answer.since == UtcMs{start});
    }

    void theStopLabCountsEveryEntryOnceAndJudgesTheBestOfTheOlderHalfOnTheNewer()
    {
        TradedStore traded;
        traded.trade();
        const auto trades = good(storage::LedgerStore(*traded.store).trades());
        const auto lab = good(runStopLab(traded.context(), {}));
        QCOMPARE(lab.entries + lab.leftOut, std::uint64_t{trades.size()});
        QCOMPARE(lab.cells.size(), std::size_t{80});
        QCOMPARE(lab.stops.size() * lab.targets.size(), std::size_t{80});
        for (const auto& cell : lab.cells) {
            QCOMPARE(std::uint64_t{cell.trades}, lab.entries);
        }
        QCOMPARE(std::uint64_t{lab.today.trades}, lab.entries);
        QVERIFY(lab.best && lab.nearest && *lab.nearest < lab.cells.size());
        const auto whole = static_cast<double>(lab.bestOnOlder.trades) * *lab.bestOnOlder.expectancy +
                           static_cast<double>(lab.bestOnNewer.trades) * *lab.bestOnNewer.expectancy;
        QCOMPARE(lab.bestOnOlder.trades + lab.bestOnNewer.trades, lab.cells[*lab.best].trades);
        QVERIFY(std::abs(whole / static_cast<double>(lab.entries) - *lab.cells[*lab.best].expectancy) < 1e-12);
        QVERIFY(lab.bestOnOlder.trades > 5 && lab.bestOnNewer.trades > 5);
        QVERIFY(lab.ticks > 0 && !traded.fractions.empty());
        QVERIFY(lab.stopNow > 0 && lab.targetNow > 0); // all of one set of parameters
        QVERIFY(lab.from < lab.to && lab.to <= trades.back().exit.time);
        QVERIFY(std::ranges::is_sorted(traded.fractions) && traded.fractions.back() <= 1.0);
        QVERIFY(std::ranges::find(traded.phases, "replaying GEM-USDT") != traded.phases.end());

        console::RunStopLab one;
        one.strategy = trades.front().position.decision.strategy;
        one.instrument = trades.front().position.decision.instrument;
        const auto own = std::ranges::count_if(trades, [&](const trading::ClosedTrade& trade) {
            return trade.position.decision.strategy == one.strategy &&
                   trade.position.decision.instrument == one.instrument;
        });
        const auto part = good(runStopLab(traded.context(), one));
        QCOMPARE(part.entries + part.leftOut, static_cast<std::uint64_t>(own));
        one.strategy = "nobody";
        const auto none = good(runStopLab(traded.context(), one));
        QVERIFY(none.entries == 0 && !none.best && !none.nearest && none.cells.size() == 80);

        std::stop_source stop;
        stop.request_stop();
        const auto cancelled = runStopLab(traded.context(stop.get_token()), {});
        QVERIFY(!cancelled && cancelled.error().code == base::ErrorCode::Cancelled);
    }

    void theStopLabLeavesOutWhatOtherParametersEnteredOn()
    {
        TradedStore traded;
        traded.trade();
        const auto trades = good(storage::LedgerStore(*traded.store).trades());
        std::map<std::string, int> of;
        for (const auto& trade : trades) {
            ++of[trade.position.decision.strategy];
        }
        console::RunStopLab query;
        query.strategy = std::ranges::max_element(of, {}, &std::pair<const std::string, int>::second)->first;
        const auto entriesOf = [&] {
            const auto lab = good(runStopLab(traded.context(), query));
            return lab.entries + lab.leftOut;
        };
        const auto all = entriesOf();
        QVERIFY(all > 10);
        const auto* info = trading::findStrategy(query.strategy);
        const auto others = [&](const char* text) { // the older half is of these
            trading::ParameterSet parameters(info->name, info->parameters);
            good(parameters.setText(text));
            traded.store.write([&] {
                good(storage::TrialsStore(*traded.store)
                         .add({.strategy = query.strategy,
                               .parameterHash = parameters.hash(),
                               .parameters = parameters.text()}));
                good(traded.store->run("UPDATE trades SET parameter_hash='" + parameters.hash() + "' WHERE strategy='" +
                                       query.strategy + "' AND entry_time<(SELECT avg(entry_time) FROM trades)"));
            });
            return static_cast<std::uint64_t>(
                good(traded.store->number("SELECT count(*) FROM trades WHERE strategy='" + query.strategy +
                                          "' AND parameter_hash='" + parameters.hash() + "'")));
        };
        const auto older = others("stop_atr=1.3|target_atr=3.1"); // the same entries with another stop
        QVERIFY(older > 2 && older < all);
        QCOMPARE(entriesOf(), all);
        QCOMPARE(others("atr=31"), older); // other ones
        QCOMPARE(entriesOf(), all - older);
    }

    void aRunningConsoleCalibratesRecordsTellsAndAnswers()
    {
        const QTemporaryDir folder;
        const std::filesystem::path data = folder.path().toStdString();
        {
            TradedStore traded(databaseOf(data, importedFeed));
            traded.trade();
        }
        auto host = good(EngineHost::start({.dataDir = data,
                                            .feed = importedFeed,
                                            .calibration = {std::chrono::milliseconds(0), std::chrono::hours(1)}}));
        const auto file = databaseOf(data, importedFeed);
        const auto inputs = [&] {
            auto reader = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
            return good(reader.number("SELECT count(*) FROM switch_inputs WHERE kind='calibration'"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(host->isReady() && inputs() > 0, 30'000);
        const auto execution = host->ask(console::AskExecution{});
        const auto lab = host->ask(console::RunStopLab{});
        std::map<console::QueryId, console::Answer> answers;
        const auto collect = [&] {
            for (auto& event : host->takeAnswers()) {
                if (auto* answer = std::get_if<console::Answer>(&event)) {
                    answers[answer->id] = std::move(*answer);
                }
            }
            return answers.size() == 2;
        };
        QTRY_VERIFY_WITH_TIMEOUT(collect(), 30'000);
        const auto* costs = std::get_if<console::Execution>(&answers[execution].value);
        const auto* cells = std::get_if<console::StopLab>(&answers[lab].value);
        QVERIFY(!answers[execution].error && costs != nullptr && costs->slippage.size() >= 4);
        QVERIFY(!answers[lab].error && cells != nullptr && cells->entries > 10);
        host->stop();
        host.reset();
        auto database = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
        const auto journal = good(storage::JournalStore(database).entries());
        QCOMPARE(journal.size(), std::size_t{1});
        QVERIFY(journal[0].by == "policy" && journal[0].what.starts_with("calibrated execution"));
        storage::LedgerStore ledger(database);
        for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
            const auto recorded = good(ledger.switchInputs(instrument.id));
            if (!recorded.empty()) {
                QCOMPARE(recorded.size(), std::size_t{1});
                QCOMPARE(recorded[0].number.value, std::int64_t{50'000}); // behind the newest item
                QVERIFY(trading::executionCharge(recorded[0].parameters).has_value());
            }
        }
    }
};

QTEST_GUILESS_MAIN(ExecutionTest)
#include "execution_test.moc"
