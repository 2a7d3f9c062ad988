// What an exit was decided at, the result bands, and the calibration as an input of the pipeline.
#include "testkit/tape.h"
#include "trading/candle_pipeline.h"
#include "trading/execution_band.h"
#include "trading/trading_pipeline.h"
#include "unit/trading/broker_bench.h"

#include <QTest>

#include <random>

using namespace qd;
using namespace qd::trading;
using base::Millis;
using base::Money;
using base::RatePpm;
using testkit::Bench;
using testkit::coin;

namespace {

const market::Instrument instrument = testkit::instrumentOf(coin.value, "COIN-USDT");

base::PaperPolicy policy()
{
    auto out = base::defaultPaperPolicy();
    out.cooldown = Millis{0};
    return out;
}

Money worth(std::int64_t price, base::Quantity size)
{
    return *instrument.notional({price}, size);
}

/// A long of a bench with a quote 9'999/10'001, decided at its mid, entered at the ask.
Bench longBench(std::int64_t stop, std::int64_t target, Millis limit = Millis{3'600'000})
{
    Bench b(policy());
    b.buy(0, 10'000, 5'000);
    b.quote(10, 9'999, 10'001);
    b.order(10, Side::Buy, stop, target, limit);
    b.buy(200, 10'000, 5'000);
    return b;
}

std::vector<ClosedTrade> tradesOf(const LedgerEvents& events)
{
    std::vector<ClosedTrade> out;
    for (const auto& event : events) {
        if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
            out.push_back(*trade);
        }
    }
    return out;
}

} // namespace

class ExecutionBandTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aStopWasDecidedAtItsPriceAndATargetToo()
    {
        auto stopped = longBench(9'900, 10'200);
        stopped.sell(300, 9'880);
        QCOMPARE(stopped.trade()->reason, ExitReason::Stop);
        QVERIFY(stopped.trade()->exitDecisionHalfTicks == 2 * 9'900);

        auto reached = longBench(9'900, 10'200);
        reached.buy(300, 10'201, 100'000);
        QCOMPARE(reached.trade()->reason, ExitReason::Target);
        QVERIFY(reached.trade()->exitDecisionHalfTicks == 2 * 10'200);
    }

    void aTimeLimitWasDecidedAtTheMidInForceElseAtTheLastPrint()
    {
        auto quoted = longBench(9'000, 12'000, Millis{60'000});
        quoted.quote(500, 10'050, 10'053);
        quoted.buy(60'200, 10'060);
        QCOMPARE(quoted.trade()->reason, ExitReason::TimeLimit);
        QVERIFY(quoted.trade()->exitDecisionHalfTicks == 10'050 + 10'053);

        auto printed = longBench(9'000, 12'000, Millis{60'000});
        printed.sell(600, 10'040);
        printed.gap();
        printed.buy(60'200, 10'090);
        QVERIFY(printed.trade()->exitDecisionHalfTicks == 2 * 10'040);
    }

    void aSignalWasDecidedAtTheMidOfItsMomentWhateverCameAfter()
    {
        auto b = longBench(9'000, 12'000);
        b.quote(500, 10'020, 10'024);
        b.order(500, Side::Sell, 11'000, 9'500);
        b.quote(600, 10'100, 10'110); // on the way
        b.order(610, Side::Sell, 11'000, 9'500);
        b.buy(651, 10'110);
        QCOMPARE(b.trade()->reason, ExitReason::Signal);
        QVERIFY(b.trade()->exitDecisionHalfTicks == 10'020 + 10'024);
    }

    void anArchivingWasDecidedAtTheMidOfItsMoment()
    {
        auto b = longBench(9'000, 12'000);
        b.broker.close(0);
        b.quote(500, 10'020, 10'024);
        QCOMPARE(b.trade()->reason, ExitReason::Archived);
        QVERIFY(b.trade()->exitDecisionHalfTicks == 9'999 + 10'001);
    }

    void theOptimisticBandPaysTheDecisionPricesAndAStopItsOwn()
    {
        auto b = longBench(9'900, 10'200);
        b.sell(300, 9'880);
        const auto trade = *b.trade();
        const auto size = trade.position.size;
        const auto paid = worth(10'000, size); // the mid, not the ask
        const auto got = worth(9'900, size);   // the stop, not the print
        QCOMPARE(trade.optimistic, got - paid - paid * policy().takerFee - got * policy().takerFee);
        QVERIFY(trade.optimistic > trade.net);
    }

    void thePessimisticBandMakesMarketFillsWorseByTheStressOfTheirSide()
    {
        auto b = longBench(9'900, 10'200);
        b.broker.setCharge({{RatePpm{100}, RatePpm{1'000}}, {RatePpm{100}, RatePpm{2'000}}});
        b.sell(300, 9'880);
        const auto trade = *b.trade();
        const auto size = trade.position.size;
        const auto paid = worth(10'001 + 11, size); // 10.001 ticks, against us
        const auto got = worth(9'880 - 20, size);   // 19.76 ticks
        QCOMPARE(trade.pessimistic, got - paid - paid * policy().takerFee - got * policy().takerFee);
    }

    void whileNothingIsLearnedTheStressIsTheAssumedSlippage()
    {
        auto assumed = longBench(9'900, 10'200);
        assumed.sell(300, 9'880);
        auto told = longBench(9'900, 10'200);
        told.broker.setCharge(assumedCharge(policy().assumedSlippage));
        told.sell(300, 9'880);
        QCOMPARE(assumed.trade()->pessimistic, told.trade()->pessimistic);
        QVERIFY(assumed.trade()->pessimistic < assumed.trade()->net);
    }

    void whatRestedPaysTheTakersFeeInThePessimisticBandAndKeepsItsPrice()
    {
        Bench b(policy());
        b.buy(0, 10'000, 5'000);
        b.orderAt(0, Side::Buy, 9'990, 9'900, 10'100);
        b.sell(200, 9'989, 1'000'000); // fills the entry
        b.buy(300, 10'101, 1'000'000); // and the target
        const auto trade = *b.trade();
        QCOMPARE(trade.reason, ExitReason::Target);
        const auto paid = worth(9'990, trade.position.size);
        const auto got = worth(10'100, trade.position.size);
        QCOMPARE(trade.net, got - paid - paid * policy().makerFee - got * policy().makerFee);
        QCOMPARE(trade.optimistic, trade.net);
        QCOMPARE(trade.pessimistic, got - paid - paid * policy().takerFee - got * policy().takerFee);
    }

    void anEntryByLimitThatTookTheMarketIsNeverMadeWorseThanItsLimit()
    {
        Bench b(policy());
        b.buy(0, 10'000, 5'000);
        b.quote(10, 9'980, 9'982);
        b.orderAt(10, Side::Buy, 9'990, 9'900, 10'100);
        b.broker.setCharge(assumedCharge(RatePpm{5'000}));
        b.buy(200, 9'985); // arrives where the ask is under its limit
        b.buy(300, 10'101, 1'000'000);
        const auto trade = *b.trade();
        QCOMPARE(trade.position.entry.price, base::Price{9'982});
        const auto paid = worth(9'990, trade.position.size);
        const auto got = worth(10'100, trade.position.size);
        QCOMPARE(trade.pessimistic, got - paid - paid * policy().takerFee - got * policy().takerFee);
    }

    void onAnyTapeOptimisticIsAtLeastNetAndNetAtLeastPessimistic()
    {
        int trades = 0;
        int wider = 0;
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            const auto tape = testkit::randomTape(
                coin, seed, 3'000, {.price = seed % 2 == 0 ? 300 : 8'000, .volatility = 0.001, .gapShare = 0.002});
            Bench b(policy());
            std::mt19937_64 random(seed);
            for (const auto& item : tape) {
                b.number = item.number.value;
                if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    b.broker.onQuote(*quote, item.number, b.out);
                }
                const auto* tick = std::get_if<market::Tick>(&item.what);
                if (tick == nullptr) {
                    continue;
                }
                b.broker.onTick(*tick, item.number, b.out);
                if (random() % 12 == 0) {
                    const auto side = random() % 2 == 0 ? Side::Buy : Side::Sell;
                    const auto away = static_cast<std::int64_t>(2 + random() % 40) * (side == Side::Buy ? 1 : -1);
                    const auto price = tick->price.value;
                    if (random() % 2 == 0) {
                        b.order(tick->time.value, side, price - away, price + away, Millis{60'000});
                    } else {
                        b.orderAt(tick->time.value, side, price - away / 8, price - away, price + away);
                    }
                }
                if (random() % 200 == 0) {
                    const auto rate = [&random] { return RatePpm{static_cast<std::int64_t>(random() % 3'000)}; };
                    b.broker.setCharge({{rate(), rate()}, {rate(), rate()}});
                }
            }
            for (const auto& trade : tradesOf(b.out)) {
                ++trades;
                QVERIFY(trade.exitDecisionHalfTicks.has_value());
                QVERIFY(trade.optimistic >= trade.net);
                QVERIFY(trade.net >= trade.pessimistic);
                wider += trade.optimistic > trade.net && trade.net > trade.pessimistic ? 1 : 0;
                QCOMPARE(trade.net, trade.gross - trade.fees - trade.funding);
            }
        }
        QVERIFY2(trades > 500, std::to_string(trades).c_str());
        QVERIFY(wider > trades / 2);
    }

    void theTextOfAChargeComesBackAndNothingElseDoes()
    {
        const ExecutionCharge charge{{RatePpm{213}, RatePpm{450}}, {RatePpm{5}, RatePpm{100'000}}};
        QCOMPARE(textOf(charge), std::string("buy=2.13/4.50|sell=0.05/1000.00"));
        QVERIFY(executionCharge(textOf(charge)) == charge);
        for (const auto* wrong :
             {"", "buy=1.00/2.00", "buy=1.00/2.00|sell=1.00", "sell=1.00/2.00|buy=1.00/2.00", "buy=1/2|sell=1/2",
              "buy=-1.00/2.00|sell=1.00/2.00", "buy=1.0x/2.00|sell=1.00/2.00"}) {
            QVERIFY2(!executionCharge(wrong), wrong);
        }
        QCOMPARE(executionCharge("buy=3.00/2.00|sell=1.00/2.00").error().code, base::ErrorCode::OutOfRange);
        QCOMPARE(executionCharge("buy=3.00/1000.01|sell=1.00/2.00").error().code, base::ErrorCode::OutOfRange);
    }

    void aLearnedGainIsChargedAsNoCostAndStressIsAtLeastWhatIsApplied()
    {
        QVERIFY((chargeOf(-1.5, -0.2) == SideCharge{RatePpm{0}, RatePpm{0}}));
        QVERIFY((chargeOf(2.004, 1.0) == SideCharge{RatePpm{200}, RatePpm{200}}));
        QVERIFY((chargeOf(2.006, 9e9) == SideCharge{RatePpm{201}, RatePpm{100'000}}));
    }

    void aCalibrationIsInForceFromItsInputOnAndSurvivesARestart()
    {
        const auto tape = testkit::randomTape(coin, 7, 30'000, {.volatility = 0.0008});
        const RecordedInput input{{12'000}, InputKind::Calibration, "", true, "buy=30.00/90.00|sell=40.00/95.00"};
        const auto run = [&](bool isCalibrated, std::size_t restartAt) {
            TradingPipeline pipeline(policy());
            pipeline.addInstrument(instrument);
            LedgerEvents out;
            for (std::size_t i = 0; i < tape.size(); ++i) {
                if (isCalibrated && tape[i].number.value == input.number.value + 1) {
                    (void)pipeline.apply(coin, input).value();
                }
                if (i == restartAt) {
                    const auto bytes = pipeline.save(coin);
                    pipeline = TradingPipeline(policy());
                    pipeline.addInstrument(instrument);
                    (void)pipeline.restore(coin, bytes).value();
                }
                pipeline.feed(tape[i], out);
            }
            return tradesOf(out);
        };
        const auto plain = run(false, SIZE_MAX);
        const auto told = run(true, SIZE_MAX);
        QVERIFY(told == run(true, 20'000));
        QCOMPARE(told.size(), plain.size());
        int changed = 0;
        for (std::size_t i = 0; i < told.size(); ++i) {
            QCOMPARE(told[i].net, plain[i].net); // fills from ticks are never charged on top
            if (told[i].exit.number.value <= input.number.value) {
                QCOMPARE(told[i].pessimistic, plain[i].pessimistic);
            } else {
                changed += told[i].pessimistic < plain[i].pessimistic ? 1 : 0;
            }
        }
        QVERIFY(changed > 5);
        TradingPipeline refusing(policy());
        refusing.addInstrument(instrument);
        QVERIFY(!refusing.apply(coin, {{1}, InputKind::Calibration, "", true, "buy=a lot"}));
    }

    void onCandlesTheAppliedChargeIsPaid()
    {
        const auto run = [](const std::optional<ExecutionCharge>& charge) {
            CandlePipeline pipeline(instrument, policy(), market::Timeframe::M5, {"ema_crossover"});
            if (charge) {
                pipeline.setCharge(*charge);
            }
            LedgerEvents out;
            std::mt19937_64 random(11);
            std::int64_t price = 100'000;
            for (int i = 0; i < 6'000; ++i) {
                market::Candle candle{.start = {i * 300'000LL}, .open = {price}, .high = {price}, .low = {price}};
                for (int step = 0; step < 6; ++step) {
                    price += static_cast<std::int64_t>(random() % 401) - 200;
                    candle.high = std::max(candle.high, base::Price{price});
                    candle.low = std::min(candle.low, base::Price{price});
                }
                candle.close = {price};
                candle.volume = {1'000};
                candle.buyVolume = {500};
                candle.trades = 10;
                pipeline.feed(candle, out);
            }
            return tradesOf(out);
        };
        const auto assumed = run(std::nullopt);
        QVERIFY(assumed.size() > 10);
        QVERIFY(run(assumedCharge(policy().assumedSlippage)) == assumed);
        const auto free = run(assumedCharge(RatePpm{0}));
        const auto dear = run(ExecutionCharge{{RatePpm{2'000}, RatePpm{2'000}}, {RatePpm{0}, RatePpm{0}}});
        QCOMPARE(free.front().position.decision.number, dear.front().position.decision.number);
        const auto side = free.front().position.decision.side;
        const auto entered = free.front().position.entry.price;
        QCOMPARE(dear.front().position.entry.price,
                 side == Side::Buy ? slipped(Side::Buy, entered, RatePpm{2'000}) : entered);
        for (const auto& trade : dear) {
            QVERIFY(trade.exitDecisionHalfTicks.has_value());
            QVERIFY(trade.optimistic >= trade.net && trade.net >= trade.pessimistic);
        }
    }
};

QTEST_GUILESS_MAIN(ExecutionBandTest)
#include "execution_band_test.moc"
