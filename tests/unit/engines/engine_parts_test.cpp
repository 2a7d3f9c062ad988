// The parts of the engines that are rules: meters, the ledger as it is shown, the event log.
#include "engines/engine_messages.h"
#include "engines/ledger_view.h"
#include "engines/meters.h"
#include "testkit/roster.h"
#include "testkit/tape.h"
#include "trading/strategy_catalogue.h"

#include <QTest>

namespace {

using namespace qd;
using base::Money;
using base::usdt;
using base::UtcMs;

constexpr UtcMs noon{1'750'075'200'000}; // 2025-06-16T12:00:00Z
constexpr base::Millis minute{60'000};

trading::OpenPosition position(std::int64_t number, UtcMs time, std::int64_t price,
                               const char* strategy = "ema_crossover")
{
    trading::OpenPosition out;
    out.decision.instrument = {1};
    out.decision.strategy = strategy;
    out.decision.number = {number};
    out.decision.time = time;
    out.size = {1'000}; // lots of 0.001: one coin
    out.entry = {.time = time, .number = {number + 1}, .price = {price}, .fee = usdt(1)};
    return out;
}

trading::ClosedTrade closed(const trading::OpenPosition& open, UtcMs exit, Money net)
{
    trading::ClosedTrade trade{.position = open};
    trade.exit = {.time = exit, .number = {open.entry.number.value + 5}, .price = open.entry.price, .fee = usdt(1)};
    trade.net = net;
    return trade;
}

engines::LedgerView view()
{
    base::PaperPolicy policy;
    policy.rowCapital = usdt(1); // all rows together stay under the least capital
    engines::LedgerView out(policy, {});
    out.setInstrument(testkit::instrumentOf(1, "BTC-USDT"));
    return out;
}

} // namespace

class EnginePartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rateIsOverTheLastFiveWholeSeconds()
    {
        engines::RateMeter meter;
        for (int second = 0; second < 10; ++second) {
            meter.add({noon.value + second * 1000}, 100);
        }
        QCOMPARE(meter.perSecond({noon.value + 10'000}), 100.0);
        QCOMPARE(meter.perSecond({noon.value + 13'000}), 40.0); // three empty seconds since
        QCOMPARE(meter.perSecond({noon.value + 60'000}), 0.0);
        QCOMPARE(meter.history({noon.value + 60'000}).size(), 60U);
    }

    void rateGoesOnWhenTheClockIsSetBack()
    {
        engines::RateMeter meter;
        meter.add({noon.value}, 5);
        meter.add({noon.value - 3'600'000}, 5);
        QCOMPARE(meter.perSecond({noon.value + 1'000}), 2.0);
    }

    void lagQuantilesAreWithinATenthAndForgetAfterFiveMinutes()
    {
        engines::LagMeter meter;
        QVERIFY(!meter.quantile(noon, 0.5));
        for (int i = 1; i <= 1000; ++i) {
            meter.add(noon, i);
        }
        QVERIFY(std::abs(*meter.quantile(noon, 0.5) - 500) < 55);
        QVERIFY(std::abs(*meter.quantile(noon, 0.99) - 990) < 105);
        QVERIFY(meter.quantile({noon.value + 280'000}, 0.5));
        QVERIFY(!meter.quantile({noon.value + 310'000}, 0.5));
    }

    void anOpenPositionIsMarkedToTheLastPriceAfterItsEntryFee()
    {
        auto ledger = view();
        ledger.apply(position(10, noon, 100'00));
        ledger.mark({1}, {103'00});
        QCOMPARE(ledger.equity(), usdt(10'000) + usdt(3) - usdt(1));
        const auto snapshot = ledger.snapshot(noon);
        QCOMPARE(snapshot.positions.size(), 1U);
        QCOMPARE(snapshot.positions[0].unrealised, usdt(2));
        QVERIFY(std::abs(snapshot.positions[0].unrealisedFraction - 0.02) < 1e-12);
        QCOMPARE(snapshot.strategies.size(), trading::strategyCatalogue().size());
    }

    void aShortGainsWhenThePriceFalls()
    {
        auto ledger = view();
        auto sold = position(10, noon, 100'00);
        sold.decision.side = market::Side::Sell;
        ledger.apply(sold);
        ledger.mark({1}, {97'00});
        QCOMPARE(ledger.equity(), usdt(10'000) + usdt(3) - usdt(1));
    }

    void aTradeToldTwiceCountsOnce()
    {
        auto ledger = view();
        const auto open = position(10, noon, 100'00);
        const auto trade = closed(open, noon + minute, usdt(7));
        ledger.apply(open);
        ledger.apply(trade);
        ledger.apply(open); // as after a crash, when the pipeline replays what was committed
        ledger.apply(trade);
        const auto snapshot = ledger.snapshot(noon + minute);
        QCOMPARE(snapshot.closedTotal, 1U);
        QCOMPARE(snapshot.equity, usdt(10'007));
        QVERIFY(snapshot.positions.empty());
    }

    void shadowTradesAreListedButDoNotCountInEquity()
    {
        auto ledger = view();
        auto open = position(10, noon, 100'00);
        open.inShadow = true;
        ledger.apply(open);
        ledger.mark({1}, {50'00});
        QCOMPARE(ledger.equity(), usdt(10'000));
        ledger.apply(closed(open, noon + minute, usdt(-500)));
        const auto snapshot = ledger.snapshot(noon + minute);
        QCOMPARE(snapshot.equity, usdt(10'000));
        QCOMPARE(snapshot.closedToday, 0U);
        QVERIFY(snapshot.evaluations.empty());
        QCOMPARE(snapshot.recent.size(), 1U);
    }

    void todayCountsFromMidnightUtc()
    {
        auto ledger = view();
        const auto midnight = base::bucketStart(noon, base::oneDay);
        ledger.apply(closed(position(1, midnight - minute - minute, 100'00), midnight - base::Millis{1}, usdt(100)));
        QVERIFY(ledger.sampleEquity(midnight - minute));
        QVERIFY(ledger.sampleEquity(midnight + minute));
        ledger.apply(closed(position(9, midnight, 100'00), midnight, usdt(80)));
        const auto snapshot = ledger.snapshot(noon);
        QCOMPARE(snapshot.closedToday, 1U); // at midnight counts, a millisecond before does not
        QCOMPARE(snapshot.wonToday, 1U);
        QCOMPARE(snapshot.today, usdt(10'180) - usdt(10'100));
    }

    void equityIsSampledOnceAMinuteAndDrawdownFollowsThePeak()
    {
        auto ledger = view();
        QVERIFY(ledger.sampleEquity(noon));
        QVERIFY(!ledger.sampleEquity(noon + base::Millis{59'999}));
        ledger.apply(closed(position(10, noon, 100'00), noon + minute, usdt(-1'000)));
        QVERIFY(ledger.sampleEquity(noon + minute));
        const auto snapshot = ledger.snapshot(noon + minute);
        QCOMPARE(snapshot.curve->size(), 2U);
        QVERIFY(std::abs(snapshot.drawdown - 0.1) < 1e-12);
        ledger.apply(closed(position(20, noon, 100'00), noon + minute, usdt(500)));
        const auto after = ledger.snapshot(noon + minute);
        QVERIFY(std::abs(after.drawdown - 0.05) < 1e-12);
        QVERIFY(std::abs(after.maxDrawdown - 0.1) < 1e-12);
    }

    void profitFactorIsUndefinedWithoutALoss()
    {
        auto ledger = view();
        ledger.apply(closed(position(10, noon, 100'00), noon, usdt(10)));
        QVERIFY(!ledger.snapshot(noon).profitFactor);
        ledger.apply(closed(position(20, noon, 100'00), noon, usdt(-5)));
        QCOMPARE(ledger.snapshot(noon).profitFactor.value(), 2.0);
    }

    void tradeMarksCarryEntryAndExitByTime()
    {
        auto ledger = view();
        ledger.apply(closed(position(10, noon, 100'00), noon + minute, usdt(1)));
        ledger.apply(position(20, noon + base::Millis{30'000}, 101'00));
        const auto marks = ledger.tradeMarks({1}, 100);
        QCOMPARE(marks.size(), 3U);
        QVERIFY(marks[0].isEntry && marks[1].isEntry && !marks[2].isEntry);
        QVERIFY(marks[2].side == market::Side::Sell);
        QVERIFY(ledger.tradeMarks({2}, 100).empty());
    }

    void aSwitchIsShownWithItsTimeAndAuthor()
    {
        auto ledger = view();
        testkit::throwSwitch(ledger, "breakout", false, noon);
        const auto rows = ledger.snapshot(noon).strategies;
        for (const auto& row : rows) {
            QCOMPARE(row.isEnabled, row.name != "breakout");
            QVERIFY(row.name != "breakout" || (row.enabledSince == noon && row.enabledBy == "operator"));
        }
    }

    void theEventLogKeepsTheNewestForOneWhoDoesNotCome()
    {
        engines::EventLog log;
        for (std::uint64_t i = 1; i <= 10'001; ++i) {
            log.push(console::CommandDone{i, std::nullopt});
        }
        const auto events = log.take();
        QCOMPARE(events.size(), 10'000U);
        QCOMPARE(std::get<console::CommandDone>(events.front()).id, 2U);
        QVERIFY(log.take().empty());
    }
};

QTEST_APPLESS_MAIN(EnginePartsTest)
#include "engine_parts_test.moc"
