// What execution is measured by: market orders on recorded tapes, what is learned of them, prices that were reached,
// and where a trade's money went.
#include "testkit/tape.h"
#include "trading/execution_band.h"
#include "trading/fill_meter.h"
#include "trading/learned_slippage.h"
#include "trading/price_watch.h"
#include "trading/trade_costs.h"
#include "unit/trading/broker_bench.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace qd;
using namespace qd::trading;
using base::Millis;
using base::RatePpm;
using statistics::Calibration;
using testkit::Bench;
using testkit::coin;

namespace {

const market::Instrument instrument = testkit::instrumentOf(coin.value, "COIN-USDT");
constexpr Millis latency{150};

/// Feeds a meter by hand, numbering what it is given.
struct Tape {
    FillMeter& meter;
    std::int64_t number = 0;

    void tick(std::int64_t time, std::int64_t price, std::int64_t signedSize)
    {
        ++number;
        feed(market::Tick{.id = number, .time = {time}, .price = {price}, .signedSize = signedSize});
    }
    void quote(std::int64_t time, std::int64_t bid, std::int64_t ask)
    {
        ++number;
        feed(market::Quote{.time = {time}, .bid = {bid}, .ask = {ask}});
    }
    void gap(std::int64_t time)
    {
        ++number;
        feed(market::GapMark{.from = {time}});
    }
    template <typename What>
    void feed(const What& what)
    {
        meter.feed({.instrument = coin, .number = {number}, .received = {}, .what = what});
    }
};

MeasuredOrder decidedAtItem(std::int64_t number, std::int64_t time, Side side = Side::Buy)
{
    return {.side = side, .number = base::StreamNumber{number}, .time = {time}};
}

std::vector<MeasuredFill> fillsOf(base::InstrumentId id, Side side, int count, double bps, std::uint64_t seed,
                                  double spread = 0.0)
{
    std::mt19937_64 random(seed);
    std::vector<MeasuredFill> out;
    for (int i = 0; i < count; ++i) {
        const auto noise = spread * (static_cast<double>(random() % 2'001) / 1'000.0 - 1.0);
        const auto cost = (bps + noise) * 1e-4 * (side == Side::Buy ? 1 : -1);
        out.push_back({id, side, {1'000 + i}, 100.0, 100.0 * (1 + cost), 1.0});
    }
    return out;
}

const statistics::SlippageOptions rules = slippageOptions({}); // 5 bps are assumed

const LearnedSlippage& rowOf(const std::vector<LearnedSlippage>& rows, std::optional<base::InstrumentId> id, Side side)
{
    return *std::ranges::find_if(rows, [&](const auto& row) { return row.instrument == id && row.side == side; });
}

} // namespace

class ExecutionMeasuresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBuyPaysTheAskInForceWhenItArrivesAndASellTheBid()
    {
        std::vector orders{decidedAtItem(2, 100), decidedAtItem(2, 100, Side::Sell)};
        FillMeter meter(orders, latency);
        Tape tape{meter};
        tape.tick(0, 1'000, 1);
        tape.quote(100, 998, 1'001); // the decision's
        tape.quote(200, 1'004, 1'008);
        tape.tick(249, 1'006, 1); // not yet; but it is dearer than no ask
        tape.tick(250, 1'020, 1); // it arrives here, and pays what was in force before
        QVERIFY(orders[0].paid == base::Price{1'008});
        QVERIFY(orders[1].paid == base::Price{1'004});
        QCOMPARE(orders[0].decisionHalfTicks, std::int64_t{998 + 1'001});
        QVERIFY(meter.isDone());
    }

    void aPrintSinceTheQuoteMakesItDearerAndOneWithoutAQuoteIsWaitedFor()
    {
        std::vector orders{decidedAtItem(1, 0)};
        FillMeter meter(orders, latency);
        Tape tape{meter};
        tape.quote(0, 998, 1'001);
        tape.tick(100, 1'005, 1);
        tape.tick(400, 990, 1);
        QVERIFY(orders[0].paid == base::Price{1'005});

        std::vector bare{decidedAtItem(1, 0)};
        FillMeter waits(bare, latency);
        Tape prints{waits};
        prints.tick(0, 1'000, 1);
        prints.quote(200, 1'010, 1'012); // it arrived without a quote: only a print ends the wait
        QVERIFY(!bare[0].paid);
        prints.tick(300, 1'007, -1);
        QVERIFY(bare[0].paid == base::Price{1'012});
        QCOMPARE(bare[0].decisionHalfTicks, std::int64_t{2'000});
    }

    void aGapOnTheWayAndTheEndOfTheTapeLeaveNoMeasure()
    {
        std::vector orders{decidedAtItem(1, 0), decidedAtItem(4, 900)};
        FillMeter meter(orders, latency);
        Tape tape{meter};
        tape.quote(0, 998, 1'001);
        tape.gap(50);
        tape.tick(800, 1'000, 1);
        tape.tick(900, 1'000, 1);
        QVERIFY(!orders[0].paid && !orders[1].paid);
        QVERIFY(!meter.isDone());
    }

    void aTimeThatDecidesTakesTheMidBeforeTheItemThatFindsItDue()
    {
        std::vector<MeasuredOrder> orders{{.side = Side::Sell, .number = {}, .time = {1'000}}};
        FillMeter meter(orders, latency);
        Tape tape{meter};
        tape.quote(0, 998, 1'002);
        tape.quote(1'000, 1'100, 1'102);
        tape.tick(1'150, 1'101, 1);
        QCOMPARE(orders[0].decisionHalfTicks, std::int64_t{2'000});
        QVERIFY(orders[0].paid == base::Price{1'100});
    }

    void theMeasureOfAnyTapeIsWhatTheBrokerPays()
    {
        // The broker is another implementation of the same rule: with its latency they agree on every entry.
        int compared = 0;
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            auto policy = base::defaultPaperPolicy();
            policy.cooldown = Millis{0};
            Bench bench(policy);
            const auto tape =
                testkit::randomTape(coin, seed, 4'000, {.meanGapMs = 90, .quoteShare = 0.3, .gapShare = 0.003});
            std::mt19937_64 random(seed);
            for (const auto& item : tape) {
                bench.number = item.number.value;
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    bench.broker.onTick(*tick, item.number, bench.out);
                    if (random() % 9 == 0) {
                        const auto up = random() % 2 == 0 ? 1 : -1;
                        bench.order(tick->time.value, up > 0 ? Side::Buy : Side::Sell, tick->price.value - 20 * up,
                                    tick->price.value + 20 * up, Millis{2'000});
                    }
                } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    bench.broker.onQuote(*quote, item.number, bench.out);
                } else if (std::holds_alternative<market::GapMark>(item.what)) {
                    bench.broker.onGap(bench.out);
                }
            }
            std::vector<ClosedTrade> trades;
            std::vector<MeasuredOrder> orders;
            for (const auto& event : bench.out) {
                if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                    const auto& d = trade->position.decision;
                    trades.push_back(*trade);
                    orders.push_back({.side = d.side, .number = d.number, .time = d.time});
                }
            }
            FillMeter meter(orders, policy.latency);
            for (const auto& item : tape) {
                meter.feed(item);
            }
            for (std::size_t i = 0; i < trades.size(); ++i) {
                ++compared;
                QVERIFY(orders[i].paid == trades[i].position.entry.price);
                QCOMPARE(orders[i].decisionHalfTicks, trades[i].position.decision.decisionPriceHalfTicks);
            }
        }
        QVERIFY2(compared > 300, std::to_string(compared).c_str());
    }

    void underTenFillsThePriorAloneIsApplied()
    {
        const auto nine = learnSlippage(fillsOf(coin, Side::Buy, 9, 12.0, 1), {coin}, rules, {2'000});
        QVERIFY(rowOf(nine, coin, Side::Buy).status == Calibration::Uncalibrated);
        QCOMPARE(rowOf(nine, coin, Side::Buy).applied, 5.0);
        QCOMPARE(rowOf(nine, coin, Side::Buy).stress, 5.0);
        QCOMPARE(rowOf(nine, coin, Side::Buy).fills, std::uint64_t{9});
        const auto ten = learnSlippage(fillsOf(coin, Side::Buy, 10, 12.0, 1), {coin}, rules, {2'000});
        QVERIFY(rowOf(ten, coin, Side::Buy).status == Calibration::Provisional);
        QVERIFY(rowOf(ten, coin, Side::Buy).applied > rowOf(ten, std::nullopt, Side::Buy).applied);
        QVERIFY(rowOf(ten, coin, Side::Sell).status == Calibration::Uncalibrated);
        const auto thirty = learnSlippage(fillsOf(coin, Side::Buy, 30, 12.0, 1), {coin}, rules, {2'000});
        QVERIFY(rowOf(thirty, coin, Side::Buy).status == Calibration::Calibrated);
    }

    void anInstrumentIsDrawnTowardsAllAndAllTowardsTheAssumption()
    {
        auto fills = fillsOf({1}, Side::Sell, 40, 2.0, 3);
        const auto more = fillsOf({2}, Side::Sell, 200, 8.0, 4);
        fills.insert(fills.end(), more.begin(), more.end());
        const auto rows = learnSlippage(fills, {{2}, {1}}, rules, {2'000});
        QCOMPARE(rows.size(), std::size_t{6});
        QVERIFY(!rows[0].instrument && !rows[1].instrument && rows[2].instrument == base::InstrumentId{1});
        const auto& all = rowOf(rows, std::nullopt, Side::Sell);
        const auto& first = rowOf(rows, base::InstrumentId{1}, Side::Sell);
        QCOMPARE(all.prior, 5.0);
        QCOMPARE(first.prior, all.applied);
        QVERIFY(first.applied > *first.mean && first.applied < all.applied);
        QVERIFY(first.stress >= first.applied);
    }

    void theIntervalOfTheUnshrunkMeanCoversAKnownSlippage()
    {
        int covered = 0;
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            const auto rows = learnSlippage(fillsOf(coin, Side::Buy, 60, 4.0, seed, 3.0), {coin}, rules, {2'000});
            const auto& row = rowOf(rows, coin, Side::Buy);
            covered += row.interval && row.interval->lower <= 4.0 && 4.0 <= row.interval->upper ? 1 : 0;
        }
        QVERIFY2(covered >= 88, std::to_string(covered).c_str()); // 95 of 100 wanted; 88 is three deviations under
    }

    void thePolicySaysHowMuchIsForgottenDrawnAndWanted()
    {
        const auto learned = [](const base::PolicyValues& policy) {
            auto fills = fillsOf(coin, Side::Buy, 20, 12.0, 1);
            for (auto& fill : fillsOf(coin, Side::Buy, 5, 2.0, 1)) {
                fill.time = {2'000 + fill.time.value};
                fills.push_back(fill);
            }
            const auto rows = learnSlippage(fills, {coin}, slippageOptions(policy), {5'000});
            return rowOf(rows, coin, Side::Buy);
        };
        const auto standard = learned({});
        QVERIFY(standard.status == Calibration::Provisional);
        QVERIFY(*learned({{"execution.half_life_fills", 2}}).mean < *standard.mean);    // the newest are cheap
        QVERIFY(learned({{"execution.prior_weight", 500}}).applied < standard.applied); // 5 bps are assumed
        QVERIFY(learned({{"execution.prior_fills", 26}}).status == Calibration::Uncalibrated);
        QVERIFY(learned({{"execution.prior_fills", 25}}).status == Calibration::Provisional);
        QVERIFY(learned({{"execution.min_fills", 25}}).status == Calibration::Calibrated);
        QVERIFY(learned({{"execution.min_fills", 26}}).status == Calibration::Provisional);
        QCOMPARE(slippageOptions({{"execution.stale_days", 3}}).staleAfter, 3 * base::oneDay);
        QCOMPARE(learned({{"execution.assumed_slippage", 0.01}, {"execution.prior_fills", 26}}).applied, 100.0);
    }

    void fillsWithoutDataAreCountedAndOldOnesAreStale()
    {
        auto fills = fillsOf(coin, Side::Buy, 40, 3.0, 5);
        fills.push_back({coin, Side::Buy, {5'000}, 100.0, std::nullopt, 1.0});
        const auto rows = learnSlippage(fills, {coin}, rules, base::UtcMs{1'039} + 30 * base::oneDay);
        QCOMPARE(rowOf(rows, coin, Side::Buy).unusable, std::uint64_t{1});
        QVERIFY(rowOf(rows, coin, Side::Buy).status == Calibration::Calibrated);
        const auto old = learnSlippage(fills, {coin}, rules, base::UtcMs{1'040} + 30 * base::oneDay);
        QVERIFY(rowOf(old, coin, Side::Buy).status == Calibration::Stale);
    }

    void theOrderOfFillsAndInstrumentsDoesNotMatter()
    {
        auto fills = fillsOf({1}, Side::Sell, 40, 2.0, 3, 1.0);
        const auto more = fillsOf({2}, Side::Buy, 50, 8.0, 4, 2.0);
        fills.insert(fills.end(), more.begin(), more.end());
        const auto rows = learnSlippage(fills, {{1}, {2}}, rules, {2'000});
        std::ranges::reverse(fills);
        QVERIFY(learnSlippage(fills, {{2}, {1}}, rules, {2'000}) == rows);
        const auto charges = chargesOf(rows);
        QCOMPARE(charges.size(), std::size_t{2});
        QVERIFY(charges.at({1}).sell == chargeOf(rowOf(rows, base::InstrumentId{1}, Side::Sell).applied,
                                                 rowOf(rows, base::InstrumentId{1}, Side::Sell).stress));
    }

    void aPriceIsTouchedAtItAndTradedThroughBeyondItWithinItsTimeOnly()
    {
        const auto answer = [](PriceWatch watch, const std::vector<std::pair<std::int64_t, std::int64_t>>& ticks) {
            std::vector watches{watch};
            PriceWatcher watcher(watches);
            for (const auto& [time, price] : ticks) {
                watcher.add({.id = 1, .time = {time}, .price = {price}, .signedSize = 1});
            }
            return watches[0];
        };
        const PriceWatch below{.from = {10}, .to = {20}, .level = {100}};
        QVERIFY(!answer(below, {{9, 90}, {10, 101}, {19, 101}, {20, 90}}).touched);
        const auto at = answer(below, {{10, 100}, {15, 103}});
        QVERIFY(at.touched && !at.through);
        const auto beyond = answer(below, {{19, 99}});
        QVERIFY(beyond.touched && beyond.through);
        const PriceWatch above{.from = {10}, .to = {20}, .level = {100}, .isFromBelow = true};
        QVERIFY(answer(above, {{10, 101}}).through && !answer(above, {{10, 99}}).touched);
    }

    void anyNumberOfWatchesEqualsLookingAtEveryTick()
    {
        int through = 0;
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            std::mt19937_64 random(seed);
            std::vector<market::Tick> ticks;
            for (const auto& item : testkit::randomTape(coin, seed, 3'000)) {
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    ticks.push_back(*tick);
                }
            }
            std::vector<PriceWatch> watches;
            for (int i = 0; i < 300; ++i) {
                const auto& at = ticks[random() % ticks.size()];
                const bool isUp = random() % 2 == 0;
                const auto away = static_cast<std::int64_t>(random() % 60);
                watches.push_back({.from = at.time + Millis{random() % 5'000},
                                   .to = at.time + Millis{5'000 + random() % 600'000},
                                   .level = {at.price.value + (isUp ? away : -away)},
                                   .isFromBelow = isUp});
            }
            auto wanted = watches;
            for (auto& watch : wanted) {
                for (const auto& tick : ticks) {
                    if (tick.time < watch.from || tick.time >= watch.to) {
                        continue;
                    }
                    const auto beyond = (tick.price - watch.level).value * (watch.isFromBelow ? 1 : -1);
                    watch.touched = watch.touched || beyond >= 0;
                    watch.through = watch.through || beyond > 0;
                }
            }
            PriceWatcher watcher(watches);
            for (const auto& tick : ticks) {
                watcher.add(tick);
            }
            for (std::size_t i = 0; i < watches.size(); ++i) {
                QCOMPARE(watches[i].touched, wanted[i].touched);
                QCOMPARE(watches[i].through, wanted[i].through);
                through += wanted[i].through ? 1 : 0;
            }
        }
        QVERIFY(through > 200);
    }

    void theStepsOfATradesCostsAreWhatTheySay()
    {
        auto policy = base::defaultPaperPolicy();
        Bench b(policy);
        b.buy(0, 10'000, 5'000);
        b.quote(10, 9'999, 10'001);
        b.order(10, Side::Buy, 9'900, 10'200);
        b.buy(200, 10'000, 5'000);
        b.sell(300, 9'880);
        const auto costs = costsOf(*b.trade(), instrument).value();
        const auto size = b.trade()->position.size;
        const auto worth = [&](std::int64_t ticks) { return *instrument.notional({ticks}, size); };
        QCOMPARE(costs.gross, worth(9'900) - worth(10'000));
        QCOMPARE(costs.slippage, worth(10'001) - worth(10'000));
        QCOMPARE(costs.gapThroughStop, worth(9'900) - worth(9'880));
        QCOMPARE(costs.fees, b.trade()->fees);
        auto old = *b.trade();
        old.exitDecisionHalfTicks.reset();
        QVERIFY(!costsOf(old, instrument));
    }

    // So the waterfall may show a gain where every market order costs.
    void aLimitOrderThatTakesABetterMarketIsAGainAgainstItsLimit()
    {
        Bench b;
        b.buy(0, 10'000, 5'000);
        b.quote(10, 9'999, 10'001);
        b.orderAt(10, Side::Buy, 10'010, 9'900, 10'200);
        b.buy(200, 10'000, 5'000);
        b.sell(300, 9'880);
        const auto trade = b.trade().value();
        QCOMPARE(trade.position.entry.price, base::Price{10'001});
        const auto costs = costsOf(trade, instrument).value();
        const auto worth = [&](std::int64_t ticks) { return *instrument.notional({ticks}, trade.position.size); };
        QCOMPARE(costs.gross, worth(9'900) - worth(10'010));
        QCOMPARE(costs.slippage, worth(10'001) - worth(10'010));
        QVERIFY(costs.slippage.value < 0);
        QCOMPARE(costs.gross - costs.slippage - costs.gapThroughStop - costs.fees - costs.funding, trade.net);
    }

    void theStepsAddUpToTheLastUnitOnAnyTape()
    {
        int trades = 0;
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            Bench b;
            std::mt19937_64 random(seed);
            for (const auto& item : testkit::randomTape(coin, seed, 4'000, {.price = 303, .volatility = 0.002})) {
                b.number = item.number.value;
                if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    b.broker.onQuote(*quote, item.number, b.out);
                }
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    b.broker.onTick(*tick, item.number, b.out);
                    const auto up = random() % 2 == 0 ? 1 : -1;
                    const auto away = up * static_cast<std::int64_t>(2 + random() % 8);
                    if (random() % 2 == 0) {
                        b.order(tick->time.value, up > 0 ? Side::Buy : Side::Sell, tick->price.value - away,
                                tick->price.value + away, Millis{30'000});
                    } else {
                        b.orderAt(tick->time.value, up > 0 ? Side::Buy : Side::Sell, tick->price.value - up,
                                  tick->price.value - away - up, tick->price.value + away);
                    }
                }
            }
            for (const auto& event : b.out) {
                if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                    ++trades;
                    const auto c = costsOf(*trade, instrument).value();
                    QCOMPARE(c.gross - c.slippage - c.gapThroughStop - c.fees - c.funding, c.net);
                    QCOMPARE(c.net, trade->net);
                    QVERIFY(c.gapThroughStop.value >= 0);
                    QVERIFY(c.gapThroughStop.value == 0 || trade->reason == ExitReason::Stop);
                    if (trade->reason == ExitReason::Target && trade->position.decision.limit) {
                        QVERIFY(c.slippage.value <= 1); // both rested, or took something better
                    }
                }
            }
        }
        QVERIFY(trades > 100);
    }
};

QTEST_GUILESS_MAIN(ExecutionMeasuresTest)
#include "execution_measures_test.moc"
