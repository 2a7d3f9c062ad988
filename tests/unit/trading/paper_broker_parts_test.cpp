// Targets in parts, funding at its settlement, exits by signal and by archiving, pauses and stale data: each rule at,
// before and after its edge. Prices in ticks of 0.01, sizes in lots of 0.001; 5'000 lots at 100.00 are 500 USDT.
#include "unit/trading/broker_bench.h"

#include <QTest>

using namespace qd;
using namespace qd::trading;
using base::Millis;
using base::Money;
using testkit::Bench;

namespace {

constexpr std::int64_t size = 5'000;

// A long of 5'000 lots entered at 100.00 by a quote, 1.0 s after the start, with stop 99.00 and target 102.00.
Bench longBench(Millis limit = Millis{3'600'000})
{
    Bench b;
    b.quote(0, 9'999, 10'000);
    b.sell(850, 9'999);
    b.order(850, Side::Buy, 9'900, 10'200, limit);
    b.sell(1'000, 9'999);
    return b;
}
Bench shortBench()
{
    Bench b;
    b.quote(0, 10'000, 10'001);
    b.buy(850, 10'000);
    b.order(850, Side::Sell, 10'100, 9'800);
    b.buy(1'000, 10'000);
    return b;
}

} // namespace

class PaperBrokerPartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPrintThroughTheTargetFillsAsMuchAsItTraded();
    void onceTradedThroughNothingStandsBeforeTheTarget();
    void theRestOfAPartlyFilledTargetLeavesAtTheStopAndOneTradeHoldsAllOfIt();
    void partsCountOnceHoweverTheyCome();
    void eachPartIsToldAndTheLastOneIsTheTrade();
    void aPartlyFilledPositionKeepsItsExcursions();
    void aPartialFillSurvivesSaveAndRestore();
    void fundingIsChargedAtTheFirstItemAtOrAfterItsSettlement();
    void aPositionThatIsNotOpenAtTheSettlementPaysNothing();
    void longPaysAPositiveRateAndShortReceivesIt();
    void theNewestRateOfASettlementCountsAndEachSettlementOnce();
    void aRateThatComesAfterItsSettlementIsChargedOnWhatWasOpenThen();
    void onlyTheRestOfAPositionPaysFunding();
    void fundingIsExactAndRoundedHalfToEven();
    void anOppositeSignalLeavesAtMarketAfterTheLatency();
    void anOppositeSignalOnDoubtfulDataLeavesNothing();
    void anArchivedStrategyLeavesAtTheNextQuoteOrTick();
    void archivingCancelsTheOrderOnItsWayAndDoesNothingToAnEmptyRow();
    void whilePausedNothingIsOrderedAndWhatIsOpenEnds();
    void aRemovedInstrumentTakesNoEntriesAndItsPositionRunsToItsOwnEnd();
    void aRemovedInstrumentIsIdleOnceNothingIsOrderedOrOpen();
    void pausedAndRemovedAreKeptApartInTheSavedState();
    void staleDataIsKeptWithItsReason();
};

void PaperBrokerPartsTest::aPrintThroughTheTargetFillsAsMuchAsItTraded()
{
    for (const auto traded : {1L, size - 1, size, size + 1}) {
        auto b = longBench();
        b.buy(2'000, 10'201, traded);
        QCOMPARE(b.trade().has_value(), traded >= size);
        if (traded < size) {
            QCOMPARE(b.position()->closedSize.value, traded);
            QCOMPARE(b.position()->rest().value, size - traded);
        } else {
            QCOMPARE(b.trade()->position.closedSize.value, 0);
            QCOMPARE(b.trade()->exit.price, base::Price{10'200});
        }
    }
}

void PaperBrokerPartsTest::onceTradedThroughNothingStandsBeforeTheTarget()
{
    auto b = longBench();
    b.buy(2'000, 10'200, 1'000); // eats of the queue only
    QCOMPARE(b.position()->closedSize.value, 0);
    b.buy(2'100, 10'205, 10);
    QCOMPARE(b.position()->closedSize.value, 10);
    b.buy(2'200, 10'200, 90); // no queue any more
    QCOMPARE(b.position()->closedSize.value, 100);
    b.buy(2'300, 10'199, 1'000'000); // short of it
    QCOMPARE(b.position()->closedSize.value, 100);
    b.buy(2'400, 10'200, size - 100);
    QCOMPARE(b.trade()->reason, ExitReason::Target);
}

void PaperBrokerPartsTest::theRestOfAPartlyFilledTargetLeavesAtTheStopAndOneTradeHoldsAllOfIt()
{
    auto b = longBench();
    b.buy(2'000, 10'201, 2'000);
    b.sell(3'000, 9'890, 1);
    const auto trade = *b.trade();
    QCOMPARE(trade.reason, ExitReason::Stop);
    QCOMPARE(trade.position.size.value, size);
    QCOMPARE(trade.position.closedSize.value, 2'000);
    // 2 coins at 102.00, 3 coins at 98.90, 5 coins bought at 100.00.
    QCOMPARE(trade.gross, Money{70'000'000}); // 204 + 296.7 − 500
    const Money entryFee{30'000'000};         // 0.06% of 500
    const Money partFee{4'080'000};           // 0.02% of 204: maker
    const Money stopFee{17'802'000};          // 0.06% of 296.7: taker
    QCOMPARE(trade.exit.fee, partFee + stopFee);
    QCOMPARE(trade.fees, entryFee + partFee + stopFee);
    QCOMPARE(trade.net, trade.gross - trade.fees);
    QVERIFY(exitTicksTimesLots(trade) == base::Int128{2'000} * 10'200 + base::Int128{3'000} * 9'890);
    QCOMPARE(b.trade()->exit.price, base::Price{9'890});
    b.order(3'000, Side::Buy, 9'800, 10'200);
    QCOMPARE(b.notTraded(), NotTraded::Cooldown); // from the last exit
}

void PaperBrokerPartsTest::partsCountOnceHoweverTheyCome()
{
    auto once = longBench();
    once.buy(2'000, 10'201, size);
    auto parts = longBench();
    for (int i = 0; i < 50; ++i) {
        QVERIFY(!parts.trade());
        parts.buy(2'000 + i, 10'201, size / 50);
    }
    QCOMPARE(parts.trade()->gross, once.trade()->gross);
    QCOMPARE(parts.trade()->fees, once.trade()->fees); // 0.02% of 10.20 is a whole number of 1e-8: no rounding in it
    QCOMPARE(parts.trade()->net, once.trade()->net);
    auto slow = longBench(Millis{600'000});
    slow.buy(2'000, 10'201, 10);
    slow.sell(590'000, 10'000, 1); // no patience for targets: they rest until the position ends
    slow.buy(590'001, 10'201, 20);
    QCOMPARE(slow.position()->closedSize.value, 30);
    slow.sell(601'000, 10'000, 1);
    QCOMPARE(slow.trade()->reason, ExitReason::TimeLimit);
    QCOMPARE(slow.trade()->position.closedSize.value, 30);
}

void PaperBrokerPartsTest::eachPartIsToldAndTheLastOneIsTheTrade()
{
    auto b = longBench();
    b.out.clear();
    b.buy(2'000, 10'201, 100);
    b.buy(2'001, 10'199, 100);
    b.buy(2'002, 10'201, 200);
    b.buy(2'003, 10'201, size);
    QCOMPARE(b.out.size(), std::size_t{3});
    QCOMPARE(std::get<OpenPosition>(b.out[0]).closedSize.value, 100);
    QCOMPARE(std::get<OpenPosition>(b.out[1]).closedSize.value, 300);
    QCOMPARE(std::get<ClosedTrade>(b.out[2]).exit.number.value, b.number);
}

void PaperBrokerPartsTest::aPartlyFilledPositionKeepsItsExcursions()
{
    auto b = longBench();
    b.buy(2'000, 10'300, 100); // the rest saw it
    QCOMPARE(b.position()->best, base::Price{10'300});
    b.sell(3'000, 9'890);
    QCOMPARE(b.trade()->position.best, base::Price{10'300});
    QCOMPARE(b.trade()->position.worst, base::Price{9'890});
}

void PaperBrokerPartsTest::aPartialFillSurvivesSaveAndRestore()
{
    auto b = longBench();
    b.funding(5'000, {1, -4}, 1'000);
    b.buy(2'000, 10'200, 2 * size + 123);
    b.buy(6'000, 10'100);
    QCOMPARE(b.position()->closedSize.value, 123);
    QVERIFY(b.position()->funding.value > 0);
    base::StateWriter writer;
    writer(b.broker);
    auto copy = longBench();
    base::StateReader reader(writer.bytes());
    reader(copy.broker);
    QVERIFY(reader.isComplete());
    copy.number = b.number;
    QCOMPARE(*copy.position(), *b.position());
    for (auto* each : {&b, &copy}) {
        each->buy(7'000, 10'200, 77);
        each->sell(8'000, 9'800);
    }
    QCOMPARE(b.trade()->position.closedSize.value, 200);
    QCOMPARE(*copy.trade(), *b.trade());
}

void PaperBrokerPartsTest::fundingIsChargedAtTheFirstItemAtOrAfterItsSettlement()
{
    for (const auto& [time, isCharged] : {std::pair{9'999, false}, std::pair{10'000, true}, std::pair{10'001, true}}) {
        auto byTick = longBench();
        byTick.funding(10'000, {1, -4}, 1'000);
        byTick.sell(time, 10'050);
        QCOMPARE(byTick.position()->funding.value != 0, isCharged);
        auto byQuote = longBench();
        byQuote.funding(10'000, {1, -4}, 1'000);
        byQuote.quote(time, 10'049, 10'051);
        QCOMPARE(byQuote.position()->funding.value != 0, isCharged);
        if (isCharged) { // 0.01% of 5 coins at 99.99, the newest print when the settlement was reached
            QCOMPARE(byTick.position()->funding, Money{4'999'500});
            QCOMPARE(byQuote.position()->funding, Money{4'999'500});
        }
    }
}

void PaperBrokerPartsTest::aPositionThatIsNotOpenAtTheSettlementPaysNothing()
{
    for (const auto& [exit, isCharged] : {std::pair{9'999, false}, std::pair{10'000, true}}) {
        auto b = longBench(); // leaves by the very item at the settlement: it was open then
        b.funding(10'000, {1, -4}, 1'000);
        b.sell(exit, 9'800);
        b.sell(10'001, 9'800);
        QCOMPARE(b.trade()->funding.value != 0, isCharged);
        QCOMPARE(b.trade()->net, b.trade()->gross - b.trade()->fees - b.trade()->funding);
    }
    for (const auto& [settlement, isCharged] : {std::pair{1'000, false}, std::pair{1'001, true}}) {
        Bench b; // enters at 1'000
        b.quote(0, 9'999, 10'000);
        b.sell(850, 9'999);
        b.funding(settlement, {1, -4}, 850);
        b.order(850, Side::Buy, 9'900, 10'200);
        b.sell(1'000, 9'999);
        b.sell(2'000, 9'999);
        QCOMPARE(b.position()->funding.value != 0, isCharged);
    }
}

void PaperBrokerPartsTest::longPaysAPositiveRateAndShortReceivesIt()
{
    for (const std::int64_t rate : {25, -25}) {
        auto up = longBench();
        auto down = shortBench();
        for (auto* b : {&up, &down}) {
            b->funding(10'000, {rate, -5}, 1'000);
            b->sell(9'000, 10'000);
            b->sell(10'000, 10'000);
        }
        QCOMPARE(up.position()->funding, Money{rate * 500'000}); // 0.025% of 500
        QCOMPARE(down.position()->funding, -up.position()->funding);
    }
}

void PaperBrokerPartsTest::theNewestRateOfASettlementCountsAndEachSettlementOnce()
{
    auto b = longBench();
    b.sell(1'500, 10'000);
    b.funding(20'000, {9, -4}, 1'500);
    b.funding(10'000, {5, -4}, 1'500); // told later, settles before
    b.funding(10'000, {1, -4}, 1'500);
    b.sell(10'000, 10'000);
    QCOMPARE(b.position()->funding, Money{5'000'000});
    b.funding(10'000, {7, -4}, 10'000); // settled already
    b.funding(9'000, {7, -4}, 10'000);
    b.sell(10'001, 10'000);
    QCOMPARE(b.position()->funding, Money{5'000'000});
    b.sell(20'000, 10'000);
    QCOMPARE(b.position()->funding, Money{50'000'000});
}

void PaperBrokerPartsTest::aRateThatComesAfterItsSettlementIsChargedOnWhatWasOpenThen()
{
    for (const auto& [settlement, isCharged] :
         {std::pair{1'000, false}, std::pair{1'001, true}, std::pair{5'000, true}}) {
        auto b = longBench(); // entered at 1'000
        b.sell(5'000, 10'000);
        b.funding(settlement, {1, -4}, 5'000);
        QCOMPARE(b.position()->funding, Money{isCharged ? 5'000'000 : 0});
        b.sell(6'000, 10'000);
        QCOMPARE(b.position()->funding, Money{isCharged ? 5'000'000 : 0});
    }
}

void PaperBrokerPartsTest::onlyTheRestOfAPositionPaysFunding()
{
    auto b = longBench();
    b.funding(10'000, {1, -4}, 1'000);
    b.buy(2'000, 10'201, 2'000);
    b.sell(3'000, 10'000);
    b.sell(10'000, 9'800);
    QCOMPARE(b.trade()->funding, Money{3'000'000}); // 0.01% of 300
    QCOMPARE(b.trade()->position.funding, b.trade()->funding);
}

void PaperBrokerPartsTest::fundingIsExactAndRoundedHalfToEven()
{
    const auto paid = [](std::int64_t worth, std::int64_t mantissa, int exponent) {
        return fundingOf(Side::Buy, {worth}, {mantissa, exponent}).value;
    };
    QCOMPARE(paid(50'000'000'000, 7'873'240'488'719'234, -20), 3'936'620); // BloFin's: 0.00007873240488719234
    QCOMPARE(paid(1, 5, -1), 0);
    QCOMPARE(paid(3, 5, -1), 2);
    QCOMPARE(paid(5, 5, -1), 2);
    QCOMPARE(paid(5, -5, -1), -2);
    QCOMPARE(paid(3, -5, -1), -2);
    QCOMPARE(paid(51, 1, -2), 1);
    QCOMPARE(paid(49, 1, -2), 0);
    QCOMPARE(paid(100, 0, 0), 0);
    QCOMPARE(paid(9'000'000'000'000'000'000, 999'999'999'999'999'999, -38), 0);
    QCOMPARE(paid(9'000'000'000'000'000'000, 999'999'999'999'999'999, -37), 1);
    QCOMPARE(paid(9'000'000'000'000'000'000, 1, -60), 0);
    QCOMPARE(paid(7, 3, 2), 2'100);
    QVERIFY(paid(9'000'000'000'000'000'000, 9, 18) > 0); // absurd rates stay at the edge
    for (const std::int64_t worth : {1, 3, 5, 12'345}) {
        QCOMPARE(fundingOf(Side::Sell, {worth}, {5, -1}), -fundingOf(Side::Buy, {worth}, {5, -1}));
    }
}

void PaperBrokerPartsTest::anOppositeSignalLeavesAtMarketAfterTheLatency()
{
    for (const auto& [after, isOut] : {std::pair{149, false}, std::pair{150, true}, std::pair{151, true}}) {
        for (const bool byQuote : {false, true}) {
            auto b = longBench();
            b.quote(2'000, 10'050, 10'052);
            b.sell(2'000, 10'050);
            b.order(2'000, Side::Sell, 10'500, 9'000);
            QCOMPARE(b.notTraded(), NotTraded::PositionOpen); // it opens nothing
            byQuote ? b.quote(2'000 + after, 10'060, 10'062) : b.buy(2'000 + after, 10'055);
            QCOMPARE(b.trade().has_value(), isOut);
            if (isOut) {
                QCOMPARE(b.trade()->reason, ExitReason::Signal);
                QCOMPARE(b.trade()->exit.price, base::Price{10'050}); // the bid in force when it arrived
                QCOMPARE(b.trade()->exit.fee, Money{30'150'000});     // taker
            }
        }
    }
    auto same = longBench(); // the same side again: nothing
    same.order(2'000, Side::Buy, 9'000, 10'500);
    same.sell(9'000, 10'000);
    QVERIFY(!same.trade());
    auto stop = longBench(); // the stop comes first
    stop.order(2'000, Side::Sell, 10'500, 9'000);
    stop.sell(2'200, 9'890);
    QCOMPARE(stop.trade()->reason, ExitReason::Stop);
}

void PaperBrokerPartsTest::anOppositeSignalOnDoubtfulDataLeavesNothing()
{
    for (const auto doubt : {NotTraded::Gap, NotTraded::StaleData}) {
        auto b = longBench();
        b.order(2'000, Side::Sell, 10'500, 9'000, Millis{1'000}, doubt);
        b.sell(3'000, 10'000);
        QVERIFY(b.position().has_value());
    }
}

void PaperBrokerPartsTest::anArchivedStrategyLeavesAtTheNextQuoteOrTick()
{
    auto byQuote = longBench();
    byQuote.broker.close(0);
    byQuote.quote(1'001, 10'050, 10'052);
    QCOMPARE(byQuote.trade()->reason, ExitReason::Archived);
    QCOMPARE(byQuote.trade()->exit.price, base::Price{10'050});
    auto byTick = longBench();
    byTick.broker.close(0);
    byTick.buy(1'001, 10'020);
    QCOMPARE(byTick.trade()->reason, ExitReason::Archived);
    QCOMPARE(byTick.trade()->exit.price, base::Price{9'999}); // as a market order: the bid in force
    auto crossed = longBench();
    crossed.broker.close(0);
    crossed.quote(1'001, 10'052, 10'050); // a crossed quote is none
    QVERIFY(!crossed.trade());
    crossed.sell(1'002, 10'010);
    QCOMPARE(crossed.trade()->reason, ExitReason::Archived);
    auto stopped = longBench();
    stopped.broker.close(0);
    stopped.sell(1'001, 9'850);
    QCOMPARE(stopped.trade()->reason, ExitReason::Stop);
    auto part = longBench();
    part.buy(1'001, 10'201, 100);
    part.broker.close(0);
    part.quote(1'002, 10'050, 10'052);
    QCOMPARE(part.trade()->reason, ExitReason::Archived);
    QCOMPARE(part.trade()->position.closedSize.value, 100);
}

void PaperBrokerPartsTest::archivingCancelsTheOrderOnItsWayAndDoesNothingToAnEmptyRow()
{
    Bench b;
    b.quote(0, 9'999, 10'000);
    b.sell(0, 9'999);
    b.broker.close(0); // nothing there
    b.order(0, Side::Buy, 9'900, 10'200);
    b.broker.close(0);
    b.sell(150, 9'999);
    QCOMPARE(b.notTraded(), NotTraded::Archived);
    QVERIFY(!b.position());
    b.order(150, Side::Buy, 9'900, 10'200);
    b.sell(300, 9'999);
    QVERIFY(b.position().has_value());
    b.sell(400, 9'999);
    QVERIFY(!b.trade());
}

void PaperBrokerPartsTest::whilePausedNothingIsOrderedAndWhatIsOpenEnds()
{
    auto b = longBench();
    b.broker.setPaused(true);
    b.order(1'000, Side::Sell, 10'500, 9'000); // not even an exit by signal
    QCOMPARE(b.notTraded(), NotTraded::Paused);
    b.sell(2'000, 9'999);
    QVERIFY(b.position().has_value());
    b.sell(3'000, 9'890);
    QCOMPARE(b.trade()->reason, ExitReason::Stop);
    b.order(400'000, Side::Buy, 9'800, 10'000);
    QCOMPARE(b.notTraded(), NotTraded::Paused);
    b.broker.setPaused(false);
    b.order(400'000, Side::Buy, 9'800, 10'000);
    b.sell(400'150, 9'890);
    QVERIFY(b.position().has_value());
}

void PaperBrokerPartsTest::aRemovedInstrumentTakesNoEntriesAndItsPositionRunsToItsOwnEnd()
{
    auto b = longBench();
    b.broker.setTakesEntries(false);
    QVERIFY(b.position().has_value());
    b.order(1'000, Side::Buy, 9'900, 11'000);
    QCOMPARE(b.notTraded(), NotTraded::PositionOpen);
    b.order(2'000, Side::Sell, 10'500, 9'000); // its own rule still ends it
    b.sell(2'200, 9'999);
    QCOMPARE(b.trade()->reason, ExitReason::Signal);
    b.order(400'000, Side::Buy, 9'800, 10'200);
    QCOMPARE(b.notTraded(), NotTraded::Removed);
    b.broker.setTakesEntries(true);
    b.order(400'000, Side::Buy, 9'800, 10'200);
    b.sell(400'150, 9'990);
    QVERIFY(b.position().has_value());
}

void PaperBrokerPartsTest::aRemovedInstrumentIsIdleOnceNothingIsOrderedOrOpen()
{
    Bench b;
    b.sell(0, 10'000);
    QVERIFY(b.broker.isIdle());
    b.order(0, Side::Buy, 9'900, 10'200);
    b.broker.setTakesEntries(false); // what is ordered already goes on
    QVERIFY(!b.broker.isIdle());
    b.sell(1'000, 10'000);
    QVERIFY(b.position().has_value());
    QVERIFY(!b.broker.isIdle());
    b.sell(2'000, 9'890);
    QCOMPARE(b.trade()->reason, ExitReason::Stop);
    QVERIFY(b.broker.isIdle());
}

void PaperBrokerPartsTest::pausedAndRemovedAreKeptApartInTheSavedState()
{
    for (const bool isPaused : {false, true}) {
        for (const bool takesEntries : {false, true}) {
            Bench b;
            b.sell(0, 10'000);
            b.broker.setPaused(isPaused);
            b.broker.setTakesEntries(takesEntries);
            base::StateWriter writer;
            writer(b.broker);
            const auto bytes = writer.take();
            Bench other;
            base::StateReader reader(bytes);
            reader(other.broker);
            QVERIFY(reader.isComplete());
            QCOMPARE(other.broker.takesEntries(), takesEntries);
            other.number = 1;
            other.order(0, Side::Buy, 9'900, 10'200);
            QCOMPARE(other.notTraded(), isPaused        ? std::optional(NotTraded::Paused)
                                        : !takesEntries ? std::optional(NotTraded::Removed)
                                                        : std::nullopt);
        }
    }
}

void PaperBrokerPartsTest::staleDataIsKeptWithItsReason()
{
    Bench b;
    b.sell(0, 10'000);
    b.order(0, Side::Buy, 9'900, 10'200, Millis{1'000}, NotTraded::StaleData);
    QCOMPARE(b.notTraded(), NotTraded::StaleData);
    b.sell(1'000, 10'000);
    QVERIFY(!b.position());
}

QTEST_GUILESS_MAIN(PaperBrokerPartsTest)
#include "paper_broker_parts_test.moc"
