// Candles, histories, sequence guard and instruments: each rule at its edges.
#include "base/state.h"
#include "market/candle_builder.h"
#include "market/candle_history.h"
#include "market/instrument.h"
#include "market/sequence_guard.h"
#include "testkit/tape.h"

#include <QTest>

#include <limits>
#include <random>
#include <set>

using namespace qd;
using namespace qd::market;

namespace {

Tick tickAt(std::int64_t ms, std::int64_t price, std::int64_t signedSize = 1)
{
    return {.id = ms, .time = {ms}, .price = {price}, .signedSize = signedSize};
}

std::vector<Candle> feed(CandleBuilder& builder, const std::vector<Tick>& ticks)
{
    std::vector<Candle> closed;
    for (const auto& tick : ticks) {
        builder.add(tick, closed);
    }
    return closed;
}

} // namespace

class MarketTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCandleClosesWithTheFirstTickOfALaterBucket();
    void aCandleHoldsOpenHighLowCloseVolumesAndCount();
    void theFirstCandleOfAStreamIsMarked();
    void aBucketWithoutTradesIsFlat();
    void aBucketInsideAGapDoesNotExistAndItsNeighboursAreMarked();
    void aGapWithinOneBucketMarksThatCandleOnly();
    void aWeekOfSilenceIsAGap();
    void aTickThatStepsBackInTimeCountsInTheBucketInWork();
    void aLateTickMarksOnlyTheCandleInWork();
    void everyTimeframeTilesTime();
    void volumesOfAllTimeframesAgree();
    void aBuilderGoesOnExactlyFromItsSavedState();
    void aHistoryKeepsTheNewestAndItsRevisionGrows();
    void idsBeyondTheNewestAreAcceptedSeenOnesAreDuplicatesOthersLate();
    void theArchivesIdsCountAsSeen();
    void theWindowForgetsItsOldestIds();
    void theGuardAgreesWithASetOnRandomStreams();
    void notionalIsExactForTinyStepsAndLargeContracts();
    void notionalRoundsHalfToEvenAndReportsOverflow();
    void sizesAreTheLargestWithinTheTarget();
    void everyGapCauseAndTimeframeHasAName();
};

void MarketTest::aCandleClosesWithTheFirstTickOfALaterBucket()
{
    for (const auto& [ms, closes] : {std::pair{119'999, false}, std::pair{120'000, true}, std::pair{120'001, true}}) {
        CandleBuilder builder(Timeframe::M1);
        const auto closed = feed(builder, {tickAt(60'000, 10), tickAt(ms, 11)});
        QCOMPARE(closed.size(), closes ? std::size_t{1} : std::size_t{0});
        QCOMPARE(builder.forming()->start.value, closes ? 120'000 : 60'000);
        QCOMPARE(builder.closesAt().value, closes ? 180'000 : 120'000);
    }
    CandleBuilder empty(Timeframe::M1);
    QVERIFY(!empty.forming());
    QVERIFY(empty.closesAt() < base::UtcMs{0});
}

void MarketTest::aCandleHoldsOpenHighLowCloseVolumesAndCount()
{
    CandleBuilder builder(Timeframe::M1);
    const auto closed = feed(builder, {tickAt(0, 1), tickAt(60'000, 10, 5), tickAt(60'001, 14, -3),
                                       tickAt(80'000, 8, 2), tickAt(119'999, 12, -1), tickAt(120'000, 99)});
    QCOMPARE(closed.size(), std::size_t{2});
    const Candle wanted{.start = {60'000},
                        .open = {10},
                        .high = {14},
                        .low = {8},
                        .close = {12},
                        .volume = {11},
                        .buyVolume = 7,
                        .trades = 4};
    QVERIFY(closed[1] == wanted);
}

void MarketTest::theFirstCandleOfAStreamIsMarked()
{
    CandleBuilder builder(Timeframe::M1);
    const auto closed = feed(builder, {tickAt(0, 1), tickAt(60'000, 1), tickAt(120'000, 1)});
    QVERIFY(closed[0].hasGap);
    QVERIFY(!closed[1].hasGap);
}

void MarketTest::aBucketWithoutTradesIsFlat()
{
    CandleBuilder builder(Timeframe::M1);
    const auto closed = feed(builder, {tickAt(0, 5), tickAt(60'000, 7), tickAt(240'000, 9)});
    QCOMPARE(closed.size(), std::size_t{4});
    const Candle flat{.start = {120'000}, .open = {7}, .high = {7}, .low = {7}, .close = {7}};
    QVERIFY(closed[2] == flat);
    QCOMPARE(closed[3].start.value, 180'000);
    QCOMPARE(builder.forming()->open, Price{9});
}

void MarketTest::aBucketInsideAGapDoesNotExistAndItsNeighboursAreMarked()
{
    CandleBuilder builder(Timeframe::M1);
    std::vector<Candle> closed = feed(builder, {tickAt(0, 5), tickAt(60'000, 7)});
    builder.markGap();
    for (const auto& candle : feed(builder, {tickAt(240'000, 9), tickAt(300'000, 9), tickAt(360'000, 9)})) {
        closed.push_back(candle);
    }
    QCOMPARE(closed.size(), std::size_t{4});
    QCOMPARE(closed[1].start.value, 60'000);
    QVERIFY(closed[1].hasGap);
    QCOMPARE(closed[2].start.value, 240'000);
    QVERIFY(closed[2].hasGap);
    QVERIFY(!closed[3].hasGap);
}

void MarketTest::aGapWithinOneBucketMarksThatCandleOnly()
{
    CandleBuilder builder(Timeframe::M5);
    (void)feed(builder, {tickAt(0, 5), tickAt(300'000, 7)});
    builder.markGap();
    const auto closed = feed(builder, {tickAt(400'000, 9), tickAt(600'000, 9), tickAt(900'000, 9)});
    QCOMPARE(closed.size(), std::size_t{2});
    QVERIFY(closed[0].hasGap);
    QVERIFY(!closed[1].hasGap);
}

void MarketTest::aWeekOfSilenceIsAGap()
{
    const auto week = CandleBuilder::longestQuiet.count();
    for (const auto& [silence, isGap] : {std::pair{week, false}, std::pair{week + 60'000, true}}) {
        CandleBuilder builder(Timeframe::M1);
        const auto closed = feed(builder, {tickAt(0, 5), tickAt(60'000, 5), tickAt(120'000 + silence, 6)});
        QCOMPARE(closed.size(), isGap ? std::size_t{2} : std::size_t{2 + 7 * 1'440});
        QCOMPARE(closed[1].hasGap, isGap);
        QCOMPARE(builder.forming()->hasGap, isGap);
    }
    CandleBuilder builder(Timeframe::M1); // a faulty clock does not fill the memory
    QCOMPARE(feed(builder, {tickAt(0, 5), tickAt(4'000'000'000'000, 5)}).size(), std::size_t{1});
}

void MarketTest::aTickThatStepsBackInTimeCountsInTheBucketInWork()
{
    CandleBuilder builder(Timeframe::M1);
    const auto closed = feed(builder, {tickAt(0, 5), tickAt(60'000, 7), tickAt(59'999, 3), tickAt(120'000, 8)});
    QCOMPARE(closed.size(), std::size_t{2});
    QCOMPARE(closed[1].low, Price{3});
    QCOMPARE(closed[1].trades, 2);
}

void MarketTest::aLateTickMarksOnlyTheCandleInWork()
{
    for (const auto& [ms, isMarked] : {std::pair{59'999, false}, std::pair{60'000, true}, std::pair{60'001, true}}) {
        CandleBuilder builder(Timeframe::M1);
        (void)feed(builder, {tickAt(0, 5), tickAt(70'000, 7)});
        builder.markLate({ms});
        QCOMPARE(builder.forming()->hasGap, isMarked);
        const auto closed = feed(builder, {tickAt(120'000, 7), tickAt(180'000, 7)});
        QCOMPARE(closed[0].hasGap, isMarked);
        QVERIFY(!closed[1].hasGap);
    }
    CandleBuilder empty(Timeframe::M1);
    empty.markLate({0});
    QVERIFY(!empty.forming());
}

void MarketTest::everyTimeframeTilesTime()
{
    // A candle each, one behind the other without overlap, whatever the times of the ticks; holes only at gaps.
    for (const auto timeframe : allTimeframes) {
        CandleBuilder builder(timeframe);
        std::vector<Candle> closed;
        std::mt19937_64 random(3);
        std::int64_t time = -50'000'000'000; // before 1970 too
        for (int i = 0; i < 3'000; ++i) {
            time += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length(timeframe).count()) * 2);
            if (random() % 50 == 0) {
                builder.markGap();
            }
            builder.add(tickAt(time, 100), closed);
        }
        QVERIFY(closed.size() > 2'000);
        for (std::size_t i = 1; i < closed.size(); ++i) {
            const auto end = closed[i - 1].start + length(timeframe);
            QVERIFY(closed[i].start == end || (closed[i].start > end && closed[i].hasGap && closed[i - 1].hasGap));
            QCOMPARE(base::bucketStart(closed[i].start, length(timeframe)), closed[i].start);
        }
    }
}

void MarketTest::volumesOfAllTimeframesAgree()
{
    const auto tape = testkit::randomTape({1}, 8, 30'000, {.quoteShare = 0, .gapShare = 0, .lateShare = 0});
    std::int64_t wanted = 0;
    for (const auto& item : tape) {
        wanted += std::get<Tick>(item.what).size().value;
    }
    for (const auto timeframe : allTimeframes) {
        CandleBuilder builder(timeframe);
        std::vector<Candle> closed;
        for (const auto& item : tape) {
            builder.add(std::get<Tick>(item.what), closed);
        }
        std::int64_t volume = builder.forming()->volume.value;
        std::int64_t trades = builder.forming()->trades;
        for (const auto& candle : closed) {
            volume += candle.volume.value;
            trades += candle.trades;
        }
        QCOMPARE(volume, wanted);
        QCOMPARE(trades, static_cast<std::int64_t>(tape.size()));
    }
}

void MarketTest::aBuilderGoesOnExactlyFromItsSavedState()
{
    CandleBuilder whole(Timeframe::M1);
    auto parts = whole;
    std::vector<Candle> wanted;
    std::vector<Candle> got;
    std::mt19937_64 random(4);
    std::int64_t time = 0;
    for (int i = 0; i < 2'000; ++i) {
        time += static_cast<std::int64_t>(random() % 40'000);
        const auto tick =
            tickAt(time, 100 + static_cast<std::int64_t>(random() % 50), static_cast<std::int64_t>(random() % 9) - 4);
        if (random() % 40 == 0) {
            whole.markGap();
            parts.markGap();
        }
        whole.add(tick, wanted);
        parts.add(tick, got);
        base::StateWriter writer;
        writer(parts);
        CandleBuilder next(Timeframe::M1);
        base::StateReader reader(writer.bytes());
        reader(next);
        QVERIFY(reader.isComplete());
        parts = next;
    }
    QVERIFY(got == wanted);
    QVERIFY(parts.forming() == whole.forming());
}

void MarketTest::aHistoryKeepsTheNewestAndItsRevisionGrows()
{
    CandleHistory none;
    none.add({});
    QVERIFY(none.all().empty());
    QCOMPARE(none.revision(), std::uint64_t{1});
    for (const std::size_t depth : {1U, 2U, 7U}) {
        CandleHistory history(depth);
        for (std::int64_t i = 1; i <= 50; ++i) {
            history.add({.start = {i}});
            const auto all = history.all();
            QCOMPARE(all.size(), std::min(depth, static_cast<std::size_t>(i)));
            for (std::size_t k = 0; k < all.size(); ++k) {
                QCOMPARE(all[k].start.value, i - static_cast<std::int64_t>(all.size() - 1 - k));
            }
        }
    }
}

void MarketTest::idsBeyondTheNewestAreAcceptedSeenOnesAreDuplicatesOthersLate()
{
    SequenceGuard guard;
    QVERIFY(!guard.newest());
    QCOMPARE(guard.see(10), Sequence::Accept);
    QCOMPARE(guard.see(10), Sequence::Duplicate);
    QCOMPARE(guard.see(9), Sequence::Late);
    QCOMPARE(guard.see(9), Sequence::Duplicate);
    QCOMPARE(guard.see(11), Sequence::Accept);
    QCOMPARE(guard.see(500), Sequence::Accept); // holes are the exchange's own
    QCOMPARE(guard.see(499), Sequence::Late);
    QCOMPARE(guard.see(11), Sequence::Duplicate);
    QCOMPARE(*guard.newest(), 500);
    QCOMPARE(SequenceGuard().see(-5), Sequence::Accept);
}

void MarketTest::theArchivesIdsCountAsSeen()
{
    SequenceGuard guard(100);
    QCOMPARE(*guard.newest(), 100);
    QCOMPARE(guard.see(99), Sequence::Duplicate);
    QCOMPARE(guard.see(100), Sequence::Duplicate);
    QCOMPARE(guard.see(103), Sequence::Accept);
    QCOMPARE(guard.see(101), Sequence::Late);
    QCOMPARE(guard.see(100), Sequence::Duplicate);
}

void MarketTest::theWindowForgetsItsOldestIds()
{
    SequenceGuard guard;
    const auto window = static_cast<std::int64_t>(SequenceGuard::window);
    for (std::int64_t id = 0; id <= window; ++id) { // one more than it holds
        QCOMPARE(guard.see(id), Sequence::Accept);
    }
    QCOMPARE(guard.see(1), Sequence::Duplicate);
    QCOMPARE(guard.see(window), Sequence::Duplicate);
    QCOMPARE(guard.see(0), Sequence::Late); // forgotten: the archive has the last word
}

void MarketTest::theGuardAgreesWithASetOnRandomStreams()
{
    std::mt19937_64 random(6);
    SequenceGuard guard(1'000);
    std::set<std::int64_t> seen;
    std::int64_t newest = 1'000;
    for (int i = 0; i < 20'000; ++i) {
        const auto id = newest - 400 + static_cast<std::int64_t>(random() % 410);
        const auto wanted = id > newest                        ? Sequence::Accept
                            : id <= 1'000 || seen.contains(id) ? Sequence::Duplicate
                                                               : Sequence::Late;
        QCOMPARE(guard.see(id), wanted);
        seen.insert(id);
        newest = std::max(newest, id);
    }
    QVERIFY(newest > 2'000);
}

void MarketTest::notionalIsExactForTinyStepsAndLargeContracts()
{
    Instrument shib = testkit::instrumentOf(1, "SHIB-USDT", 9, 1);
    shib.contractValue = {1, 6}; // a contract of 1e6 coins
    // 0.000012345 × 0.1 contract × 1e6 coins = 1.2345 USDT
    QCOMPARE(shib.notional({12'345}, {1})->value, 123'450'000);
    QCOMPARE(shib.notional({1}, {1})->value, 10'000);
    Instrument btc = testkit::instrumentOf(2, "BTC-USDT", 1, 1);
    btc.contractValue = {1, -3};
    QCOMPARE(btc.notional({1'000'005}, {3})->value, 3'000'015'000); // 100000.5 × 0.3 × 0.001
    QCOMPARE(btc.notional({-1'000'005}, {3})->value, -3'000'015'000);
    QCOMPARE(btc.notional({0}, {3})->value, 0);
}

void MarketTest::notionalRoundsHalfToEvenAndReportsOverflow()
{
    const auto fine = testkit::instrumentOf(1, "FINE", 5, 4); // steps of 1e-9 USDT: ten to a unit of money
    QCOMPARE(fine.notional({4}, {1})->value, 0);
    QCOMPARE(fine.notional({5}, {1})->value, 0); // half, to the even 0
    QCOMPARE(fine.notional({6}, {1})->value, 1);
    QCOMPARE(fine.notional({15}, {1})->value, 2); // half, to the even 2
    QCOMPARE(fine.notional({25}, {1})->value, 2);
    QCOMPARE(fine.notional({-15}, {1})->value, -2);
    const auto whole = testkit::instrumentOf(2, "WHOLE", 0, 0);
    const auto most = std::numeric_limits<std::int64_t>::max() / base::moneyUnitsPerUsdt;
    QVERIFY(whole.notional({most}, {1}).has_value());
    QCOMPARE(whole.notional({most + 1}, {1}).error().code, base::ErrorCode::Overflow);
    QCOMPARE(whole.notional({INT64_MAX}, {INT64_MAX}).error().code, base::ErrorCode::Overflow);
}

void MarketTest::sizesAreTheLargestWithinTheTarget()
{
    std::mt19937_64 random(11);
    for (int i = 0; i < 500; ++i) {
        auto instrument =
            testkit::instrumentOf(1, "COIN", static_cast<int>(random() % 10), static_cast<int>(random() % 4));
        instrument.contractValue = {1, static_cast<int>(random() % 10) - 4};
        const Price price{static_cast<std::int64_t>(1 + random() % 10'000'000)};
        const auto size = instrument.sizeFor(base::usdt(500), price);
        const auto next = instrument.notional(price, {size.value + 1});
        QVERIFY(!next || *next > base::usdt(500));
        const auto worth = instrument.notional(price, size);
        QVERIFY(size == instrument.minSize || (worth && *worth <= base::usdt(500)));
    }
    auto dear = testkit::instrumentOf(1, "DEAR");
    dear.minSize = {40};
    QCOMPARE(dear.sizeFor(base::usdt(500), {50'000'000}), Quantity{40}); // even the least is worth more
}

void MarketTest::everyGapCauseAndTimeframeHasAName()
{
    std::set<std::string> names;
    for (int cause = 0; cause <= static_cast<int>(GapCause::Clock); ++cause) {
        names.insert(name(static_cast<GapCause>(cause)));
    }
    QCOMPARE(names.size(), std::size_t{9});
    QVERIFY(!names.contains("?"));
    QCOMPARE(length(Timeframe::H4).count(), 14'400'000);
    QCOMPARE(std::string(name(Timeframe::H4)), std::string("4h"));
}

QTEST_GUILESS_MAIN(MarketTest)
#include "market_test.moc"
