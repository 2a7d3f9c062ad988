// Entries by limit order: when they rest, take, fill, fill in part and give up, at each edge; and on random tapes
// against the rule written down once more.
#include "broker_bench.h"

#include <QTest>

#include <random>

using namespace qd;
using namespace qd::testkit;

namespace {

// Price steps of 0.01, lots of 0.001, 500 USDT: at 1000 (10.00) an order is 50 coins, 50'000 lots.
constexpr std::int64_t lots = 50'000;
constexpr std::int64_t queue = 2 * lots;
constexpr std::int64_t placed = 1'000; // ms; the order arrives at 1'150 and rests until 61'150

/// A long entry at 1000, stop 900, target 1100, decided at `placed` while the market stands at 1010.
Bench resting(const base::PaperPolicy& policy = base::defaultPaperPolicy())
{
    Bench bench(policy);
    bench.buy(placed, 1'010);
    bench.orderAt(placed, Side::Buy, 1'000, 900, 1'100);
    return bench;
}

std::int64_t feeOf(std::int64_t price, std::int64_t size, std::int64_t ppm)
{
    const auto worth = price * size * 1'000; // 0.01 × 0.001 in 1e-8
    return worth / 1'000'000 * ppm;
}

} // namespace

class LimitEntryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPrintThroughItsPriceFillsItAtItsPriceWithTheMakersFee()
    {
        auto bench = resting();
        bench.sell(1'150, 999, lots);
        const auto position = bench.position();
        QVERIFY(position);
        QCOMPARE(position->entry.price.value, 1'000);
        QCOMPARE(position->size.value, lots);
        QCOMPARE(position->entry.fee.value, feeOf(1'000, lots, 200));
        QCOMPARE(position->entry.time.value, 1'150);
        QCOMPARE(position->timeLimit.value, 1'150 + 3'600'000);
        QVERIFY(position->decision.limit == base::Price{1'000});
    }

    void nothingFillsItBeforeItArrives()
    {
        auto bench = resting();
        bench.sell(1'149, 999, lots);
        QVERIFY(!bench.position());
        bench.sell(1'150, 1'001, lots);
        QVERIFY(!bench.position());
        bench.sell(1'151, 999, lots);
        QVERIFY(bench.position());
    }

    void atItsPriceTheQueueBeforeItFillsFirst()
    {
        auto bench = resting();
        bench.sell(1'150, 1'000, queue);
        QVERIFY(!bench.position());
        bench.sell(1'151, 1'000, 1);
        QCOMPARE(bench.position()->size.value, 1);
        auto other = resting();
        other.sell(1'150, 1'000, queue + lots + 1);
        QCOMPARE(other.position()->size.value, lots);
        QVERIFY(!other.notTraded());
    }

    void itFillsInPartsAndThePositionGrows()
    {
        auto bench = resting();
        bench.sell(1'150, 999, 10'000);
        QCOMPARE(bench.position()->size.value, 10'000);
        bench.sell(1'160, 1'000, 5'000); // a print beyond it left no queue
        bench.buy(1'170, 1'001, 5'000);
        QCOMPARE(bench.position()->size.value, 15'000);
        bench.sell(1'180, 998, 100'000);
        const auto position = bench.position();
        QCOMPARE(position->size.value, lots);
        QCOMPARE(position->entry.fee.value, feeOf(1'000, lots, 200));
        QCOMPARE(position->entry.time.value, 1'150);
        QCOMPARE(position->worst.value, 998);
        bench.sell(1'190, 990, 1);
        bench.buy(1'200, 1'101, 10'000'000);
        QCOMPARE(bench.trade()->gross.value, 100 * lots * 1'000);
        QCOMPARE(bench.trade()->position.worst.value, 990);
    }

    void patienceEndsAtTheFirstTickAtOrAfterIt()
    {
        auto bench = resting();
        bench.sell(61'149, 1'000, queue); // still in time, but the queue stood before it
        QVERIFY(!bench.position());
        bench.sell(61'150, 999, lots);
        QVERIFY(!bench.position());
        QVERIFY(bench.notTraded() == NotTraded::NotFilled);
        auto just = resting();
        just.sell(61'149, 999, lots);
        QVERIFY(just.position());
        auto asked = resting(base::PaperPolicy{.limitPatience = Millis{10'000}});
        asked.sell(11'150, 999, lots);
        QVERIFY(asked.notTraded() == NotTraded::NotFilled);
        // Nothing is open: the next order goes, without a cooldown.
        asked.orderAt(11'150, Side::Buy, 990, 900, 1'100);
        QVERIFY(asked.notTraded() == NotTraded::NotFilled); // still the old one
        asked.sell(11'300, 980, lots);
        QVERIFY(asked.position());
    }

    void whatIsFilledStaysWhenPatienceEnds()
    {
        auto bench = resting();
        bench.sell(1'150, 999, 10'000);
        bench.sell(61'150, 999, lots);
        QCOMPARE(bench.position()->size.value, 10'000);
        bench.sell(61'160, 999, lots);
        QCOMPARE(bench.position()->size.value, 10'000);
        for (const auto& event : bench.out) {
            QVERIFY(!std::holds_alternative<UntradedSignal>(event));
        }
    }

    void aMarketThatIsThereAlreadyIsTakenAtItsPriceWithTheTakersFee()
    {
        Bench bench;
        bench.buy(placed, 1'010);
        bench.quote(placed, 998, 1'001);
        bench.orderAt(placed, Side::Buy, 1'000, 900, 1'100);
        bench.quote(1'100, 997, 1'000); // in force at the arrival: an ask at the limit
        bench.quote(1'200, 1'005, 1'006);
        QCOMPARE(bench.position()->entry.price.value, 1'000);
        QCOMPARE(bench.position()->entry.fee.value, feeOf(1'000, lots, 600));
        QCOMPARE(bench.position()->size.value, lots);

        Bench under;
        under.buy(placed, 1'010);
        under.quote(placed, 990, 992);
        under.orderAt(placed, Side::Buy, 1'000, 900, 1'100);
        under.sell(1'150, 1'020, 1);
        QCOMPARE(under.position()->entry.price.value, 992);
        QCOMPARE(under.position()->entry.fee.value, feeOf(992, lots, 600));

        Bench over; // a tick over the limit: it rests
        over.buy(placed, 1'010);
        over.quote(placed, 998, 1'001);
        over.orderAt(placed, Side::Buy, 1'000, 900, 1'100);
        over.buy(1'150, 1'001, lots);
        QVERIFY(!over.position());
        over.quote(1'200, 990, 992); // later quotes fill nothing; prints do
        QVERIFY(!over.position());
        over.sell(1'300, 999, lots);
        QCOMPARE(over.position()->entry.price.value, 1'000);
    }

    void aBuyersPrintSinceTheQuoteMayKeepItFromTaking()
    {
        Bench bench;
        bench.buy(placed, 1'010);
        bench.quote(placed, 998, 999);
        bench.buy(placed + 10, 1'003);
        bench.orderAt(placed + 10, Side::Buy, 1'000, 900, 1'100);
        bench.buy(2'000, 1'004);
        QVERIFY(!bench.position());
    }

    void aShortIsTheMirror()
    {
        Bench bench;
        bench.sell(placed, 990);
        bench.orderAt(placed, Side::Sell, 1'000, 1'100, 900);
        bench.buy(1'150, 1'000, queue);
        QVERIFY(!bench.position());
        bench.buy(1'151, 1'001, 20'000);
        QCOMPARE(bench.position()->size.value, 20'000);
        QCOMPARE(bench.position()->entry.price.value, 1'000);
        Bench there;
        there.sell(placed, 990);
        there.quote(placed, 1'004, 1'005);
        there.orderAt(placed, Side::Sell, 1'000, 1'100, 900);
        there.sell(1'150, 1'003);
        QCOMPARE(there.position()->entry.price.value, 1'004);
    }

    void aPrintThroughLimitAndStopEntersAndStops()
    {
        auto bench = resting();
        bench.sell(1'150, 901, lots);
        QVERIFY(bench.position() && !bench.trade());
        auto crash = resting();
        crash.sell(1'150, 900, lots);
        const auto trade = crash.trade();
        QVERIFY(trade && trade->reason == ExitReason::Stop);
        QCOMPARE(trade->position.entry.price.value, 1'000);
        QCOMPARE(trade->exit.price.value, 900);
    }

    void theFirstPartThatLeavesEndsTheEntry()
    {
        auto bench = resting();
        bench.sell(1'150, 999, 10'000);
        bench.buy(1'160, 1'101, 4'000); // the target, in part
        QCOMPARE(bench.position()->closedSize.value, 4'000);
        bench.sell(1'170, 999, lots);
        QCOMPARE(bench.position()->size.value, 10'000);
        auto stopped = resting();
        stopped.sell(1'150, 999, 10'000);
        stopped.sell(1'160, 900, 1);
        QCOMPARE(stopped.trade()->position.size.value, 10'001); // it went through the limit first
        stopped.sell(1'170, 999, lots);
        QVERIFY(!stopped.position());
    }

    void aGapEndsItAndKeepsWhatIsFilled()
    {
        auto bench = resting();
        bench.sell(1'150, 1'001);
        bench.gap();
        QVERIFY(bench.notTraded() == NotTraded::Gap);
        bench.sell(1'200, 999, lots);
        QVERIFY(!bench.position());
        auto part = resting();
        part.sell(1'150, 999, 10'000);
        part.gap();
        part.sell(1'200, 999, lots);
        QCOMPARE(part.position()->size.value, 10'000);
        QVERIFY(part.position()->hasGap);
    }

    void archivingCancelsWhatRestsAndClosesWhatIsFilled()
    {
        auto bench = resting();
        bench.broker.close(0);
        bench.sell(1'150, 999, lots);
        QVERIFY(bench.notTraded() == NotTraded::Archived && !bench.position());
        auto part = resting();
        part.sell(1'150, 999, 10'000);
        part.broker.close(0);
        part.sell(1'160, 999, lots);
        QVERIFY(part.trade() && part.trade()->reason == ExitReason::Archived);
        QCOMPARE(part.trade()->position.size.value, 10'000);
    }

    void whileItRestsNoOtherOrderIsMade()
    {
        auto bench = resting();
        bench.order(placed, Side::Sell, 1'100, 900);
        QVERIFY(bench.notTraded() == NotTraded::OrderPending);
        bench.sell(1'150, 999, 10'000);
        bench.order(1'150, Side::Buy, 900, 1'100);
        QVERIFY(bench.notTraded() == NotTraded::PositionOpen);
        bench.order(1'150, Side::Sell, 1'100, 900); // the other side leaves
        bench.sell(1'300, 1'005, lots);
        QVERIFY(bench.trade() && bench.trade()->reason == ExitReason::Signal);
        bench.sell(1'310, 999, lots);
        QVERIFY(!bench.position());
    }

    void itsSizeIsThatOfItsPrice()
    {
        auto policy = base::defaultPaperPolicy();
        policy.notional = base::Money{1'000 * 1'000}; // 0.01 USDT: one lot at 1000, none at 1001
        auto bench = resting(policy);
        bench.sell(1'150, 999, lots);
        QCOMPARE(bench.position()->size.value, 1);
        Bench tooSmall(policy);
        tooSmall.sell(placed, 990);
        tooSmall.orderAt(placed, Side::Sell, 1'001, 1'100, 900);
        QVERIFY(tooSmall.notTraded() == NotTraded::TooSmall);
    }

    void onRandomTapesEveryFillIsWhatTheRuleSays();
};

void LimitEntryTest::onRandomTapesEveryFillIsWhatTheRuleSays()
{
    int full = 0;
    int partial = 0;
    int given = 0;
    int taken = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        std::mt19937_64 random(seed);
        const auto tape = randomTape(coin, seed, 400, {.meanGapMs = 400, .gapShare = 0, .lateShare = 0});
        Bench bench;
        std::optional<std::size_t> from;
        const auto side = random() % 2 == 0 ? Side::Buy : Side::Sell;
        std::int64_t limit = 0;
        UtcMs decided;
        MarketView view;
        std::int64_t size = 0;
        std::int64_t left = 0;
        std::int64_t stands = 0;
        std::int64_t price = 0;
        bool rests = false;
        bool isOver = false;
        for (std::size_t i = 0; i < tape.size(); ++i) {
            const auto* tick = std::get_if<market::Tick>(&tape[i].what);
            const auto* quote = std::get_if<market::Quote>(&tape[i].what);
            const auto time = tick ? tick->time : quote->time;
            // The rule once more: what the order does on this item.
            if (from && !isOver && time >= decided + Millis{150}) {
                const auto byQuote = rests ? std::nullopt : priceByQuote(side, view);
                const bool takes = byQuote && (side == Side::Buy ? byQuote->value <= limit : byQuote->value >= limit);
                rests = true;
                if (takes) {
                    price = byQuote->value;
                    left = 0;
                    isOver = true;
                } else if (tick && time >= decided + Millis{60'150}) {
                    isOver = true;
                } else if (tick) {
                    const auto beyond = side == Side::Buy ? limit - tick->price.value : tick->price.value - limit;
                    auto traded = beyond < 0 ? 0 : tick->size().value;
                    if (beyond > 0) {
                        stands = 0;
                    } else if (beyond == 0) {
                        const auto eaten = std::min(traded, stands);
                        stands -= eaten;
                        traded -= eaten;
                    }
                    left -= std::min(left, traded);
                    price = limit;
                    isOver = left == 0;
                }
            }
            if (tick) {
                view.add(*tick);
                bench.tick(time.value, tick->price.value, tick->signedSize);
            } else {
                view.add(*quote);
                bench.quote(time.value, quote->bid.value, quote->ask.value);
            }
            if (i == 40) {
                from = i;
                decided = time;
                limit = view.last.value + (side == Side::Buy ? -1 : 1) * static_cast<std::int64_t>(random() % 12) +
                        (side == Side::Buy ? 3 : -3);
                size = instrumentOf(coin.value, "COIN-USDT").sizeFor(base::usdt(500), {limit}).value;
                left = size;
                stands = 2 * size;
                bench.orderAt(time.value, side, limit, side == Side::Buy ? 1 : 1'000'000,
                              side == Side::Buy ? 1'000'000 : 1);
            }
            const auto position = bench.position();
            QCOMPARE(position.has_value(), from && size - left > 0);
            if (position) {
                QCOMPARE(position->size.value, size - left);
                QCOMPARE(position->entry.price.value, price);
            }
            QCOMPARE(bench.notTraded().has_value(), isOver && left == size);
        }
        full += left == 0 && price == limit ? 1 : 0;
        taken += left == 0 && price != limit ? 1 : 0;
        partial += left > 0 && left < size ? 1 : 0;
        given += left == size ? 1 : 0;
    }
    qInfo("%d full, %d in part, %d taken, %d given up", full, partial, taken, given);
    QVERIFY(full > 20 && partial > 5 && given > 20 && taken > 20);
}

QTEST_GUILESS_MAIN(LimitEntryTest)
#include "limit_entry_test.moc"
