// The broker's rules, each at, under and over its edge. Prices in ticks of 0.01, sizes in lots of 0.001, 500 USDT a
// trade.
#include "unit/trading/broker_bench.h"

#include <QTest>

using namespace qd;
using namespace qd::trading;
using base::Millis;

namespace {

using testkit::Bench;
using testkit::coin;

// A long entered at 10'000 by a quote, 1.0 s after the start, with stop 9'900 and target 10'200; 150 ms of latency.
Bench longBench()
{
    Bench b;
    b.quote(0, 9'999, 10'000);
    b.sell(850, 9'999);
    b.order(850, Side::Buy, 9'900, 10'200);
    b.sell(1'000, 9'999);
    return b;
}
Bench shortBench()
{
    Bench b;
    b.quote(0, 10'000, 10'001);
    b.buy(850, 10'001);
    b.order(850, Side::Sell, 10'100, 9'800);
    b.buy(1'000, 10'001);
    return b;
}

} // namespace

class PaperBrokerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anOrderFillsAtTheFirstItemAtOrAfterItsArrivalNotBefore();
    void aBuyPaysTheHigherOfTheAskAndTheNewestBuyerPrintSinceThatQuote();
    void aSellGetsTheLowerOfTheBidAndTheNewestSellerPrintSinceThatQuote();
    void aPrintBeforeTheQuoteDoesNotCount();
    void withoutAQuoteTheWorseOfTheLastAndTheFirstPrintIsPaid();
    void anOrderThatFindsNoQuoteWaitsForAPrintAndALaterQuoteOnlyMakesItDearer();
    void aGapEndsTheQuoteAndCancelsTheOrderOnItsWay();
    void aCrossedQuoteIsNone();
    void aStopFillsAtThePrintThatCrossesItNotAtItsOwnPrice();
    void aStopFillsAtTheQuoteThatCrossesIt();
    void aStopAcrossAGapPaysForTheGapAndIsMarked();
    void aTargetFillsAtItsPriceWhenTheMarketTradesThrough();
    void aTargetAtItsPriceNeedsMoreThanTwiceTheSize();
    void whatTradedAtATargetCountsForThatPositionOnly();
    void thePrintOfTheEntryMayHitTheStopButNotTheTarget();
    void theTimeLimitExitsAtTheNextTickAsAMarketOrder();
    void stopBeforeTimeLimitBeforeTarget();
    void feesAreTakerButForTargets();
    void aPositionIsTheLargestWholeNumberOfLotsWithinTheNotional();
    void anInstrumentWhoseSmallestOrderIsTooDearIsNotTraded();
    void onlyOnePositionOrOrderARow();
    void theCooldownEndsAtItsEdge();
    void aSignalThatTouchesAGapIsKeptWithItsReason();
    void excursionsAreTheBestAndWorstPrintUntilTheExit();
    void rowsDoNotTouchEachOther();
};

void PaperBrokerTest::anOrderFillsAtTheFirstItemAtOrAfterItsArrivalNotBefore()
{
    const auto entered = [](std::int64_t after) {
        Bench b;
        b.quote(0, 99, 100);
        b.sell(1'000, 99);
        b.order(1'000, Side::Buy, 50, 150);
        b.sell(1'000 + after, 99);
        return b.position().has_value();
    };
    QVERIFY(!entered(149));
    QVERIFY(entered(150));
    QVERIFY(entered(151));

    Bench quoted; // a quote finds it due as well, and it pays what was in force before that quote
    quoted.quote(0, 99, 100);
    quoted.sell(1'000, 99);
    quoted.order(1'000, Side::Buy, 50, 150);
    quoted.quote(1'150, 79, 80);
    QCOMPARE(quoted.position()->entry.price, base::Price{100});
    QCOMPARE(quoted.position()->entry.number.value, 3);
    QCOMPARE(quoted.position()->entry.time.value, 1'150);
}

void PaperBrokerTest::aBuyPaysTheHigherOfTheAskAndTheNewestBuyerPrintSinceThatQuote()
{
    const auto paid = [](std::int64_t buyerPrint) {
        Bench b;
        b.quote(0, 99, 100);
        b.buy(500, buyerPrint);
        b.sell(900, 90); // a seller's print is nothing to a buyer
        b.order(900, Side::Buy, 50, 150);
        b.sell(1'100, 90);
        return b.position()->entry.price.value;
    };
    QCOMPARE(paid(99), 100);
    QCOMPARE(paid(100), 100);
    QCOMPARE(paid(101), 101);
}

void PaperBrokerTest::aSellGetsTheLowerOfTheBidAndTheNewestSellerPrintSinceThatQuote()
{
    const auto got = [](std::int64_t sellerPrint) {
        Bench b;
        b.quote(0, 99, 100);
        b.sell(500, sellerPrint);
        b.buy(900, 120);
        b.order(900, Side::Sell, 150, 50);
        b.buy(1'100, 120);
        return b.position()->entry.price.value;
    };
    QCOMPARE(got(100), 99);
    QCOMPARE(got(99), 99);
    QCOMPARE(got(98), 98);
}

void PaperBrokerTest::aPrintBeforeTheQuoteDoesNotCount()
{
    Bench b;
    b.buy(0, 130);
    b.quote(500, 99, 100);
    b.order(500, Side::Buy, 50, 150);
    b.sell(700, 99);
    QCOMPARE(b.position()->entry.price, base::Price{100});
}

void PaperBrokerTest::withoutAQuoteTheWorseOfTheLastAndTheFirstPrintIsPaid()
{
    const auto fill = [](Side side, std::int64_t last, std::int64_t first) {
        Bench b;
        side == Side::Buy ? b.buy(0, last) : b.sell(0, last);
        b.order(0, side, side == Side::Buy ? 50 : 150, side == Side::Buy ? 150 : 50);
        b.buy(200, first);
        return b.position()->entry.price.value;
    };
    QCOMPARE(fill(Side::Buy, 100, 99), 100);
    QCOMPARE(fill(Side::Buy, 100, 100), 100);
    QCOMPARE(fill(Side::Buy, 100, 101), 101);
    QCOMPARE(fill(Side::Sell, 100, 101), 100);
    QCOMPARE(fill(Side::Sell, 100, 99), 99);

    Bench noneOfThatSide; // no buyer was ever seen: the first print alone
    noneOfThatSide.sell(0, 100);
    noneOfThatSide.order(0, Side::Buy, 50, 150);
    noneOfThatSide.sell(150, 98);
    QCOMPARE(noneOfThatSide.position()->entry.price, base::Price{98});
}

void PaperBrokerTest::anOrderThatFindsNoQuoteWaitsForAPrintAndALaterQuoteOnlyMakesItDearer()
{
    for (const auto& [ask, wanted] : {std::pair{90, 100}, std::pair{105, 105}}) {
        Bench b;
        b.buy(0, 100);
        b.order(0, Side::Buy, 50, 150);
        b.quote(200, ask - 1, ask);
        QVERIFY(!b.position());
        b.sell(300, 95);
        QCOMPARE(b.position()->entry.price.value, wanted);
    }
}

void PaperBrokerTest::aGapEndsTheQuoteAndCancelsTheOrderOnItsWay()
{
    Bench b;
    b.quote(0, 99, 100);
    b.sell(0, 99);
    b.order(0, Side::Buy, 50, 150);
    b.gap();
    QCOMPARE(b.notTraded(), NotTraded::Gap);
    b.sell(200, 99);
    QVERIFY(!b.position());

    b.order(200, Side::Buy, 50, 150); // the quote of before the gap is no more: prints decide
    b.buy(400, 93);
    QCOMPARE(b.position()->entry.price, base::Price{93});
    QVERIFY(!b.position()->hasGap);
}

void PaperBrokerTest::aCrossedQuoteIsNone()
{
    for (const auto& [bid, ask, isNone] :
         {std::tuple{101, 100, true}, std::tuple{100, 100, false}, std::tuple{0, 100, true}}) {
        Bench b;
        b.sell(0, 97);
        b.quote(10, bid, ask);
        b.order(10, Side::Buy, 50, 150);
        b.buy(200, 96);
        QCOMPARE(b.position()->entry.price.value, isNone ? 96 : 100);
    }
}

void PaperBrokerTest::aStopFillsAtThePrintThatCrossesItNotAtItsOwnPrice()
{
    for (const auto& [print, isHit] : {std::pair{9'901, false}, std::pair{9'900, true}, std::pair{9'850, true}}) {
        auto b = longBench();
        b.sell(2'000, print);
        QCOMPARE(b.trade().has_value(), isHit);
        if (isHit) {
            QCOMPARE(b.trade()->reason, ExitReason::Stop);
            QCOMPARE(b.trade()->exit.price.value, print);
            QVERIFY(!b.position());
        }
    }
    for (const auto& [print, isHit] : {std::pair{10'099, false}, std::pair{10'100, true}, std::pair{10'150, true}}) {
        auto b = shortBench();
        b.buy(2'000, print);
        QCOMPARE(b.trade().has_value(), isHit);
        if (isHit) {
            QCOMPARE(b.trade()->exit.price.value, print);
        }
    }
}

void PaperBrokerTest::aStopFillsAtTheQuoteThatCrossesIt()
{
    for (const auto& [bid, isHit] : {std::pair{9'901, false}, std::pair{9'900, true}, std::pair{9'870, true}}) {
        auto b = longBench();
        b.quote(2'000, bid, bid + 400);
        QCOMPARE(b.trade().has_value(), isHit);
        if (isHit) {
            QCOMPARE(b.trade()->exit.price.value, bid);
            QCOMPARE(b.trade()->exit.number.value, b.number);
        }
    }
    for (const auto& [ask, isHit] : {std::pair{10'099, false}, std::pair{10'100, true}, std::pair{10'130, true}}) {
        auto b = shortBench();
        b.quote(2'000, ask - 400, ask);
        QCOMPARE(b.trade().has_value(), isHit);
        if (isHit) {
            QCOMPARE(b.trade()->exit.price.value, ask);
        }
    }
    auto target = longBench(); // a target needs a trade, a quote over it is none
    target.quote(2'000, 10'300, 10'301);
    QVERIFY(!target.trade());
}

void PaperBrokerTest::aStopAcrossAGapPaysForTheGapAndIsMarked()
{
    auto b = longBench();
    b.gap();
    QVERIFY(b.position()->hasGap);
    b.sell(900'000, 9'000);
    QCOMPARE(b.trade()->exit.price, base::Price{9'000});
    QVERIFY(b.trade()->position.hasGap);
    QVERIFY(!longBench().position()->hasGap);
}

void PaperBrokerTest::aTargetFillsAtItsPriceWhenTheMarketTradesThrough()
{
    for (const auto& [print, isHit] :
         {std::pair{10'199, false}, std::pair{10'200, false}, std::pair{10'201, true}, std::pair{10'900, true}}) {
        auto b = longBench();
        b.buy(2'000, print, 10'000);
        QCOMPARE(b.trade().has_value(), isHit);
        if (isHit) {
            QCOMPARE(b.trade()->reason, ExitReason::Target);
            QCOMPARE(b.trade()->exit.price, base::Price{10'200});
        }
    }
    for (const auto& [print, isHit] : {std::pair{9'801, false}, std::pair{9'800, false}, std::pair{9'799, true}}) {
        auto b = shortBench();
        b.sell(2'000, print, 9'998);
        QCOMPARE(b.trade().has_value(), isHit);
    }
}

void PaperBrokerTest::aTargetAtItsPriceNeedsMoreThanTwiceTheSize()
{
    const auto size = longBench().position()->size.value;
    for (const auto& [traded, filled] :
         {std::pair{2 * size - 1, 0L}, std::pair{2 * size, 0L}, std::pair{2 * size + 1, 1L},
          std::pair{3 * size - 1, size - 1}, std::pair{3 * size, size}}) {
        auto b = longBench();
        b.buy(2'000, 10'200, 7);
        b.buy(2'001, 10'199, 1'000'000); // elsewhere: does not count
        b.buy(2'002, 10'200, traded - 7);
        QCOMPARE(b.trade().has_value(), filled == size);
        if (filled == size) {
            QCOMPARE(b.trade()->exit.price, base::Price{10'200});
        } else {
            QCOMPARE(b.position()->closedSize.value, filled);
        }
    }
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    QCOMPARE(assumedQueue({most / 2 + 1}).value, most);
    QCOMPARE(assumedQueue({3}).value, 6);
}

void PaperBrokerTest::whatTradedAtATargetCountsForThatPositionOnly()
{
    auto b = longBench();
    const auto size = b.position()->size.value;
    b.buy(2'000, 10'200, 2 * size);
    b.sell(2'100, 9'900);
    QCOMPARE(b.trade()->reason, ExitReason::Stop);
    b.order(300'000, Side::Buy, 9'800, 10'200);
    b.sell(300'200, 9'999);
    QVERIFY(b.position().has_value());
    b.buy(300'300, 10'200, 2 * size);
    QVERIFY(b.position().has_value());
}

void PaperBrokerTest::thePrintOfTheEntryMayHitTheStopButNotTheTarget()
{
    const auto after = [](std::int64_t print) {
        Bench b;
        b.quote(0, 9'999, 10'000);
        b.sell(850, 9'999);
        b.order(850, Side::Buy, 9'900, 10'200);
        b.buy(1'000, print);
        return b;
    };
    const auto stopped = after(9'890);
    QCOMPARE(stopped.trade()->position.entry.price, base::Price{10'000});
    QCOMPARE(stopped.trade()->exit.price, base::Price{9'890});
    QCOMPARE(stopped.trade()->exit.number, stopped.trade()->position.entry.number);
    QVERIFY(!after(10'300).trade());
    QVERIFY(!after(9'901).trade());

    Bench byPrint; // without a quote that print is the entry itself, and hits nothing
    byPrint.sell(850, 10'000);
    byPrint.order(850, Side::Buy, 9'900, 10'200);
    byPrint.sell(1'000, 9'890);
    QVERIFY(byPrint.position() && !byPrint.trade());
    byPrint.sell(1'001, 9'890);
    QCOMPARE(byPrint.trade()->reason, ExitReason::Stop);
}

void PaperBrokerTest::theTimeLimitExitsAtTheNextTickAsAMarketOrder()
{
    for (const auto& [time, isOver] : {std::pair{60'999, false}, std::pair{61'000, true}, std::pair{90'000, true}}) {
        Bench b;
        b.quote(0, 9'999, 10'000);
        b.sell(850, 9'999);
        b.order(850, Side::Buy, 9'900, 10'200, Millis{60'000});
        b.sell(1'000, 9'999);
        QCOMPARE(b.position()->timeLimit.value, 61'000);
        b.quote(50'000, 10'050, 10'051);
        b.sell(50'001, 10'040);
        b.quote(time, 10'060, 10'061); // a quote does not end it
        QVERIFY(!b.trade());
        b.sell(time, 10'070);
        QCOMPARE(b.trade().has_value(), isOver);
        if (isOver) {
            QCOMPARE(b.trade()->reason, ExitReason::TimeLimit);
            QCOMPARE(b.trade()->exit.price, base::Price{10'060}); // the bid in force before that print
        }
    }
    auto b = longBench(); // without a quote: the lower of the last seller's print and this one
    b.gap();
    b.sell(2'000, 9'950);
    b.buy(4'000'000, 10'010);
    QCOMPARE(b.trade()->exit.price, base::Price{9'950});
}

void PaperBrokerTest::stopBeforeTimeLimitBeforeTarget()
{
    auto stop = longBench();
    stop.sell(4'000'000, 9'800);
    QCOMPARE(stop.trade()->reason, ExitReason::Stop);
    auto target = longBench();
    target.buy(4'000'000, 10'300);
    QCOMPARE(target.trade()->reason, ExitReason::TimeLimit);
    QVERIFY(target.trade()->exit.price < base::Price{10'200});
}

void PaperBrokerTest::feesAreTakerButForTargets()
{
    // 5 coins at 100.00 are 500 USDT: 0.06% taker in, 0.02% maker out at 102.00, 0.06% at the stop.
    auto target = longBench();
    target.buy(2'000, 10'250, 5'000);
    QCOMPARE(target.trade()->position.entry.fee, base::Money{30'000'000});
    QCOMPARE(target.trade()->exit.fee, base::Money{10'200'000});
    QCOMPARE(target.trade()->gross, base::usdt(10));
    QCOMPARE(target.trade()->net, base::Money{base::usdt(10).value - 40'200'000});
    auto stop = longBench();
    stop.sell(2'000, 9'800);
    QCOMPARE(stop.trade()->exit.fee, base::Money{29'400'000});
    QCOMPARE(stop.trade()->net, base::Money{-base::usdt(10).value - 59'400'000});
    auto out = shortBench();
    out.buy(2'000, 10'200);
    QCOMPARE(out.trade()->gross, base::Money{-999'800'000}); // 4.999 coins fit at 100.01, the print they were sized by
}

void PaperBrokerTest::aPositionIsTheLargestWholeNumberOfLotsWithinTheNotional()
{
    const auto instrument = testkit::instrumentOf(1, "COIN-USDT");
    for (const std::int64_t price : {1, 7, 99, 8'333, 10'001, 4'999'999}) {
        Bench b;
        b.sell(0, price);
        b.order(0, Side::Buy, 1, 2 * price + 2);
        b.sell(150, price);
        const auto size = b.position()->size;
        QVERIFY(*instrument.notional({price}, size) <= base::usdt(500));
        QVERIFY(*instrument.notional({price}, {size.value + 1}) > base::usdt(500));
    }
}

void PaperBrokerTest::anInstrumentWhoseSmallestOrderIsTooDearIsNotTraded()
{
    for (const auto& [price, trades] : {std::pair{50'000'000LL, true}, std::pair{50'000'001LL, false}}) {
        Bench b; // one lot of 0.001 at 500'000.00 is 500 USDT
        b.sell(0, price);
        b.order(0, Side::Buy, 1, 2 * price);
        QCOMPARE(b.notTraded(), trades ? std::nullopt : std::optional(NotTraded::TooSmall));
    }
}

void PaperBrokerTest::onlyOnePositionOrOrderARow()
{
    Bench b;
    b.sell(0, 10'000);
    b.order(0, Side::Buy, 9'900, 10'200);
    b.order(0, Side::Buy, 9'900, 10'200);
    QCOMPARE(b.notTraded(), NotTraded::OrderPending);
    b.sell(150, 10'000);
    b.order(150, Side::Sell, 10'100, 9'800);
    QCOMPARE(b.notTraded(), NotTraded::PositionOpen);
    QCOMPARE(std::get<UntradedSignal>(b.out.back()).decision.why, std::string("because"));
    QCOMPARE(std::get<UntradedSignal>(b.out.back()).decision.decisionPriceHalfTicks, 20'000);
}

void PaperBrokerTest::theCooldownEndsAtItsEdge()
{
    for (const auto& [after, isBlocked] :
         {std::pair{239'999, true}, std::pair{240'000, false}, std::pair{240'001, false}}) {
        auto b = longBench();
        b.sell(2'000, 9'890);
        QVERIFY(b.trade());
        b.sell(2'000 + after, 9'890);
        b.order(2'000 + after, Side::Buy, 9'800, 10'000);
        QCOMPARE(b.notTraded(), isBlocked ? std::optional(NotTraded::Cooldown) : std::nullopt);
    }
}

void PaperBrokerTest::aSignalThatTouchesAGapIsKeptWithItsReason()
{
    Bench b;
    b.sell(0, 10'000);
    b.order(0, Side::Buy, 9'900, 10'200, Millis{1'000}, NotTraded::Gap);
    QCOMPARE(b.notTraded(), NotTraded::Gap);
    b.sell(1'000, 10'000);
    QVERIFY(!b.position());
}

void PaperBrokerTest::excursionsAreTheBestAndWorstPrintUntilTheExit()
{
    auto b = longBench();
    b.buy(2'000, 10'150);
    b.sell(2'100, 9'910);
    b.buy(2'200, 10'020);
    QCOMPARE(b.position()->best, base::Price{10'150});
    QCOMPARE(b.position()->worst, base::Price{9'910});
    b.sell(2'300, 9'880);
    QCOMPARE(b.trade()->position.best, base::Price{10'150});
    QCOMPARE(b.trade()->position.worst, base::Price{9'880});

    auto target = longBench();
    target.buy(2'000, 10'500, 5'000); // filled at 102.00: what came after is not this trade's
    QCOMPARE(target.trade()->position.best, base::Price{10'200});

    auto down = shortBench();
    down.buy(2'000, 10'050);
    down.sell(2'100, 9'850);
    QCOMPARE(down.position()->best, base::Price{9'850});
    QCOMPARE(down.position()->worst, base::Price{10'050});
}

void PaperBrokerTest::rowsDoNotTouchEachOther()
{
    Bench b(base::defaultPaperPolicy(), 2);
    b.sell(0, 10'000);
    b.order(0, Side::Buy, 9'900, 10'200);
    b.broker.order(1,
                   {.side = Side::Sell, .stop = {10'100}, .target = {9'700}, .timeLimit = Millis{1'000'000}, .why = ""},
                   {1}, {0}, std::nullopt, b.out);
    b.sell(150, 10'000);
    b.sell(200, 9'890); // ends the long, not the short
    std::vector<OpenPosition> left;
    b.broker.appendPositions(left);
    QCOMPARE(left.size(), std::size_t{1});
    QCOMPARE(left.front().decision.side, Side::Sell);
    QCOMPARE(left.front().best, base::Price{9'890});
}

QTEST_GUILESS_MAIN(PaperBrokerTest)
#include "paper_broker_test.moc"
