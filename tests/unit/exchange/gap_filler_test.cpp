// The rules about gaps, each at, under and over its edge: what is lost, what is filled, what is quiet, whose clock is
// off.
#include "exchange/gap_filler.h"

#include <QTest>

#include <random>

namespace {

using namespace qd;
using namespace qd::exchange;
using market::Gap;
using market::GapCause;
using market::GapMeasure;
using market::Tick;

constexpr std::int64_t noon = 1'764'072'000'000; // a whole minute

Tick tickAt(std::int64_t id, std::int64_t time, std::int64_t lots = 1)
{
    return {.id = id, .time = {time}, .price = {100}, .signedSize = lots};
}

std::vector<Tick> ticks(std::int64_t first, std::int64_t last, std::int64_t firstTime = noon)
{
    std::vector<Tick> out;
    for (auto id = first; id <= last; ++id) {
        out.push_back(tickAt(id, firstTime + id - first));
    }
    return out;
}

RestCandle bar(std::int64_t minute, std::int64_t lots, bool isClosed = true)
{
    RestCandle out;
    out.candle.start = {noon + minute * 60'000};
    out.candle.volume = {lots};
    out.isClosed = isClosed;
    return out;
}

/// A stream that saw the ids of `seen`, and its book.
struct Stream {
    explicit Stream(std::initializer_list<std::pair<std::int64_t, std::int64_t>> seen)
    {
        for (const auto& [first, last] : seen) {
            for (auto id = first; id <= last; ++id) {
                (void)guard.see(id);
            }
        }
        book.begin(seen.begin()->first, {noon}, true);
    }
    GapBook::NewNumber numbers()
    {
        return [this] { return base::StreamNumber{++number}; };
    }
    GapBook::Outcome rest(std::span<const Tick> trades, std::int64_t now = 0)
    {
        return book.takeTrades(trades, guard, {now}, numbers());
    }
    GapBook::Outcome candles(std::vector<RestCandle> bars, std::int64_t completeUntil, bool isAll = false)
    {
        return book.takeCandles(bars, isAll, minutes, {noon + completeUntil}, numbers());
    }
    market::SequenceGuard guard;
    MinuteLots minutes;
    GapBook book;
    std::int64_t number = 0;
};

Gap socketGap(std::int64_t from, std::int64_t to)
{
    return {.number = {900}, .from = {noon + from}, .to = {noon + to}, .cause = GapCause::Socket};
}

} // namespace

class GapFillerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void contractsAreCountedInTheMinuteOfTheirTradeWhateverTheOrder()
    {
        MinuteLots lots;
        lots.add({noon}, 1);
        lots.add({noon + 59'999}, 2);
        lots.add({noon + 60'000}, 4);
        lots.add({noon + 59'999}, 8); // late
        lots.add({noon + 60'001}, 16);
        lots.add({noon + 180'000}, 32);
        lots.add({noon + 60'002}, 64);
        QCOMPARE(lots.of({noon}), 11);
        QCOMPARE(lots.of({noon + 60'000}), 84);
        QCOMPARE(lots.of({noon + 120'000}), 0);
        QCOMPARE(lots.of({noon + 180'000}), 32);
        QCOMPARE(lots.of({noon - 60'000}), 0);
    }

    void minutesOfContractsAreThoseOfAPlainMapForAnyOrder()
    {
        std::mt19937_64 random(5);
        MinuteLots lots;
        std::map<std::int64_t, std::int64_t> plain;
        for (int i = 0; i < 20'000; ++i) {
            const auto time = noon + i * 40 + static_cast<std::int64_t>(random() % 200'000) - 100'000;
            const auto size = static_cast<std::int64_t>(random() % 9) + 1;
            lots.add({time}, size);
            plain[base::bucketStart({time}, oneMinute).value] += size;
        }
        for (const auto& [minute, size] : plain) {
            QCOMPARE(lots.of({minute}), size);
        }
    }

    void minutesThatAreForgottenAreNotCompared()
    {
        Stream s({{1, 10}});
        for (std::int64_t minute = 0; minute <= static_cast<std::int64_t>(MinuteLots::kept) + 1; ++minute) {
            s.minutes.add({noon + minute * 60'000}, 5);
        }
        QCOMPARE(s.minutes.knownFrom().value, noon + 60'000);
        const auto last = (static_cast<std::int64_t>(MinuteLots::kept) + 1) * 60'000;
        QVERIFY(s.candles({bar(0, 5), bar(1, 5), bar(2, 5), bar(3, 5, false)}, last).rows.empty());
    }

    void aLivelyInstrumentMayBeQuietForTheFloorAndARareOneForTenMedians()
    {
        const auto silenceOf = [](std::int64_t gap, int count) {
            ArrivalGaps arrivals(base::Millis{30'000});
            for (int i = 0; i < count; ++i) {
                arrivals.add({noon + i * gap});
            }
            return arrivals.silence().count();
        };
        QCOMPARE(silenceOf(100, 0), 30'000);
        QCOMPARE(silenceOf(100, 1), 30'000);
        QCOMPARE(silenceOf(100, 1'000), 30'000);
        QCOMPARE(silenceOf(2'999, 200), 30'000);
        QCOMPARE(silenceOf(3'000, 200), 30'000); // at the edge
        QCOMPARE(silenceOf(3'001, 200), 30'010); // over
        QCOMPARE(silenceOf(20'000, 100), 200'000);
        QCOMPARE(silenceOf(20'000, 2), 200'000); // one time between two
    }

    void theMedianIsTheOneOfASortedListAndOnlyOfTheLastHour()
    {
        std::mt19937_64 random(11);
        for (int round = 0; round < 20; ++round) {
            ArrivalGaps arrivals(base::Millis{30'000});
            std::vector<std::int64_t> gaps;
            auto time = noon;
            arrivals.add({time});
            for (int i = 0; i < 300; ++i) {
                gaps.push_back(static_cast<std::int64_t>(random() % 10'000) + 1);
                time += gaps.back();
                if (time >= noon + 3'540'000) {
                    gaps.pop_back();
                    break;
                }
                arrivals.add({time});
            }
            std::ranges::sort(gaps);
            QCOMPARE(arrivals.silence().count(), std::max<std::int64_t>(30'000, 10 * gaps[gaps.size() / 2]));
        }
        ArrivalGaps arrivals(base::Millis{30'000});
        for (int i = 0; i < 10; ++i) {
            arrivals.add({noon + i * 100'000});
        }
        QCOMPARE(arrivals.silence().count(), 1'000'000);
        for (int i = 0; i < 5; ++i) { // an hour and a half later: only these count
            arrivals.add({noon + 7'000'000 + i * 5'000});
        }
        QCOMPARE(arrivals.silence().count(), 50'000);
    }

    void quietStalledAndFrozenAreToldByWhatRestKnows()
    {
        const auto newer = tickAt(11, noon);
        const auto judge = [](QuietStream ours, std::vector<Tick> rest) { return judgeSilence(ours, rest); };
        QCOMPARE(judge({10, {100}, false}, {}), Silence::Quiet);
        QCOMPARE(judge({10, {100}, false}, {tickAt(10, noon)}), Silence::Quiet); // at
        QCOMPARE(judge({12, {100}, false}, {newer}), Silence::Quiet);            // under
        QCOMPARE(judge({10, {100}, false}, {newer}), Silence::Stalled);          // over, the same price
        QCOMPARE(judge({10, {99}, false}, {newer}), Silence::Frozen);            // nothing ticks and the price moved
        QCOMPARE(judge({10, {99}, true}, {newer}), Silence::Stalled);            // others tick
    }

    void aGapThatRestFillsWhollyIsExact()
    {
        Stream s({{1, 100}, {151, 151}});
        s.book.open(socketGap(0, 60'000), 100, 151);
        const auto trades = ticks(91, 151);
        const auto out = s.rest(trades);
        QCOMPARE(out.fills.size(), 50U);
        QCOMPARE(out.fills.front().id, 101);
        QCOMPARE(out.fills.back().id, 150);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].found, 50);
        QCOMPARE(out.rows[0].measure, GapMeasure::Exact);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{0}));
        QVERIFY(s.rest(trades, 10'000).fills.empty()); // nothing twice
        QVERIFY(!s.book.waitsForMinutes());
    }

    void aGapThatRestFillsInPartWaitsForItsMinutesAndIsMeasuredByVolume()
    {
        Stream s({{1, 100}, {251, 251}});
        s.book.open(socketGap(10'000, 65'000), 100, 251);
        auto out = s.rest(ticks(152, 251));
        QCOMPARE(out.fills.size(), 99U); // 51 are out of REST's reach
        QCOMPARE(out.rows.back().measure, GapMeasure::Open);
        QVERIFY(s.book.waitsForMinutes());
        s.minutes.add({noon + 1}, 500);
        s.minutes.add({noon + 60'001}, 300);
        out = s.candles({bar(0, 540), bar(1, 300, false)}, 119'999);
        QVERIFY(out.rows.empty()); // its second minute is not closed, and ours not complete
        out = s.candles({bar(0, 540), bar(1, 311), bar(2, 1, false)}, 119'999);
        QVERIFY(out.rows.empty()); // closed there, but ours may still come
        out = s.candles({bar(0, 540), bar(1, 311), bar(2, 1, false)}, 120'000);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].measure, GapMeasure::ByVolume);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{51}));
        QCOMPARE(out.rows[0].found, 99);
        QVERIFY(s.candles({bar(0, 540), bar(1, 311), bar(2, 1, false)}, 121'000).rows.empty()); // nothing new to tell
    }

    void aLateTickAfterTheMeasureCorrectsIt()
    {
        Stream s({{1, 100}, {120, 120}});
        s.book.open(socketGap(10'000, 20'000), 100, 120);
        s.minutes.add({noon}, 90);
        QCOMPARE(s.candles({bar(0, 100)}, 60'000).rows[0].missing, std::optional(market::Quantity{10}));
        s.minutes.add({noon + 15'000}, 4);
        const auto out = s.candles({bar(0, 100), bar(1, 0)}, 60'000);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{6}));
    }

    void aLateTickAfterTheMeasureCorrectsItWithoutAnotherComparison()
    {
        Stream s({{1, 100}, {120, 120}});
        s.book.open(socketGap(10'000, 20'000), 100, 120);
        s.minutes.add({noon}, 90);
        QVERIFY(s.book.noteLate(tickAt(105, noon + 12'000, 5)).rows.empty()); // before the measure: nothing to correct
        s.minutes.add({noon + 12'000}, 5);
        QCOMPARE(s.candles({bar(0, 100)}, 60'000).rows[0].missing, std::optional(market::Quantity{5}));
        const auto out = s.book.noteLate(tickAt(106, noon + 15'000, 4));
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{1}));
        QVERIFY(s.book.noteLate(tickAt(300, noon + 65'000, 1)).rows.empty()); // of another minute
        QCOMPARE(s.book.noteLate(tickAt(107, noon + 16'000, 3)).rows[0].missing, std::optional(market::Quantity{0}));
        s.minutes.add({noon + 15'000}, 7);
        QVERIFY(s.candles({bar(0, 100), bar(1, 0)}, 60'000).rows.size() <= 1); // what was corrected stays so
    }

    void aTradeThatRestGivesAfterTheMeasureCorrectsItToo()
    {
        Stream s({{1, 100}, {120, 120}});
        s.book.open(socketGap(10'000, 20'000), 100, 120);
        s.minutes.add({noon}, 90);
        QCOMPARE(s.candles({bar(0, 100)}, 60'000).rows[0].missing, std::optional(market::Quantity{10}));
        const std::vector trades{tickAt(110, noon + 15'000, 6), tickAt(120, noon + 20'000)};
        const auto out = s.rest(trades);
        QCOMPARE(out.fills.size(), 1U);
        QCOMPARE(out.rows.back().missing, std::optional(market::Quantity{4}));
        QCOMPARE(out.rows.back().found, 1);
    }

    void aGapWhoseIdsAllComeLateOverTheSocketIsExactToo()
    {
        Stream s({{1, 10}, {13, 13}});
        s.book.open(socketGap(0, 1'000), 10, 13);
        QVERIFY(s.book.noteLate(tickAt(11, noon + 10)).rows.empty());
        QVERIFY(s.book.noteLate(tickAt(9, noon + 5)).rows.empty()); // not of this gap
        QCOMPARE(s.book.noteLate(tickAt(12, noon + 20)).rows[0].measure, GapMeasure::Exact);
    }

    void aTradeThatOnlyRestKnowsIsALossAfterTheGraceAndNotBefore()
    {
        Stream s({{1, 100}, {102, 200}});
        const auto trades = ticks(96, 200);
        QVERIFY(s.rest(trades, 1'000).fills.empty());
        QVERIFY(s.book.sweep(s.guard, {2'999}, s.numbers()).fills.empty()); // under
        const auto out = s.book.sweep(s.guard, {3'000}, s.numbers());       // at
        QCOMPARE(out.fills.size(), 1U);
        QCOMPARE(out.fills[0].id, 101);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].cause, GapCause::Exchange);
        QCOMPARE(out.rows[0].found, 1);
        QCOMPARE(out.rows[0].measure, GapMeasure::Exact);
        QVERIFY(!out.rows[0].isMarked); // paper's stream has no mark of it
        QCOMPARE(out.rows[0].from, trades[5].time);
    }

    void aTradeThatCameLateWithinTheGraceIsNoLoss()
    {
        Stream s({{1, 100}, {102, 200}});
        QVERIFY(s.rest(ticks(96, 200), 1'000).fills.empty());
        (void)s.guard.see(101);
        QVERIFY(s.book.sweep(s.guard, {9'000}, s.numbers()).rows.empty());
    }

    void holesThatTheExchangeHasItselfAreNoLoss()
    {
        Stream s({{1, 100}, {110, 110}, {120, 200}});
        auto trades = ticks(96, 100);
        trades.push_back(tickAt(110, noon + 20));
        for (const auto& tick : ticks(120, 200, noon + 30)) {
            trades.push_back(tick);
        }
        QVERIFY(s.rest(trades, 1'000).rows.empty());
        const auto out = s.book.sweep(s.guard, {9'000}, s.numbers());
        QVERIFY(out.fills.empty() && out.rows.empty());
    }

    void aLossBesideAHoleIsMeasuredByVolume()
    {
        Stream s({{1, 100}, {105, 200}});
        std::vector<Tick> trades{tickAt(100, noon), tickAt(102, noon + 2), tickAt(105, noon + 5)};
        (void)s.rest(trades, 0);
        auto out = s.book.sweep(s.guard, {2'000}, s.numbers());
        QCOMPARE(out.rows[0].measure, GapMeasure::Open); // 101, 103 and 104 may be the exchange's holes, or not
        s.minutes.add({noon}, 70);
        out = s.candles({bar(0, 70)}, 60'000);
        QCOMPARE(out.rows[0].measure, GapMeasure::ByVolume);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{0}));
    }

    void aGapOfTheMinuteInWhichWeCameIsUnknownAndOneThatReachesTheNextIsMeasuredFromThere()
    {
        for (const std::int64_t end : {59'999, 60'000}) { // the last moment of that minute, the first of the next
            Stream s({{50, 100}, {200, 300}});
            s.book = GapBook();
            s.book.begin(50, {noon + 30'000}, false);
            s.book.open({.number = {7}, .from = {noon + 40'000}, .to = {noon + end}}, 100, 200);
            s.minutes.add({noon + 70'000}, 8);
            const auto out = s.candles({bar(0, 500), bar(1, 10), bar(2, 1, false)}, 120'000);
            const auto row = std::ranges::find(out.rows, 7, [](const auto& gap) { return gap.number.value; });
            QVERIFY(row != out.rows.end());
            QCOMPARE(row->measure, end < 60'000 ? GapMeasure::Unknown : GapMeasure::ByVolume);
            QCOMPARE(row->missing, end < 60'000 ? std::nullopt : std::optional(market::Quantity{2}));
        }
    }

    void whatLiesBeforeOurBeginningIsNotMissed()
    {
        Stream s({{50, 100}});
        (void)s.rest(ticks(1, 100), 0);
        QVERIFY(s.book.sweep(s.guard, {9'000}, s.numbers()).fills.empty());
        GapBook fresh;
        fresh.begin(50, {noon + 30'000}, false);
        QCOMPARE(fresh.wantedFrom().value, noon + 60'000); // half a minute cannot be compared
        MinuteLots none;
        const auto out =
            fresh.takeCandles(std::vector{bar(0, 99), bar(1, 0)}, true, none, {noon + 120'000}, s.numbers());
        QVERIFY(out.rows.empty());
    }

    void aTradeBeyondOursIsOverdueAfterTheGrace()
    {
        Stream s({{1, 100}});
        (void)s.rest(ticks(95, 103), 1'000);
        QVERIFY(!s.book.overdue(100, {2'999}));
        QCOMPARE(s.book.overdue(100, {3'000})->id, 103);
        QVERIFY(!s.book.overdue(103, {9'000}));
    }

    void aMinuteThatLacksContractsWithoutAnyGapBecomesARowOfItsOwn()
    {
        Stream s({{1, 100}});
        s.minutes.add({noon}, 100);
        s.minutes.add({noon + 60'000}, 95);
        const auto out = s.candles({bar(0, 100), bar(1, 100), bar(2, 7, false)}, 120'000);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].cause, GapCause::Exchange);
        QCOMPARE(out.rows[0].from.value, noon + 60'000);
        QCOMPARE(out.rows[0].to.value, noon + 119'999);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{5}));
        QVERIFY(!out.rows[0].isMarked);
    }

    void aTradeThatTheExchangeCountsInTheNextMinuteIsNoLoss()
    {
        Stream s({{1, 100}});
        s.minutes.add({noon}, 100);
        s.minutes.add({noon + 60'000}, 95);
        QVERIFY(s.candles({bar(0, 95), bar(1, 100), bar(2, 7, false)}, 120'000).rows.empty());
        const auto out = s.candles({bar(0, 95), bar(1, 101), bar(2, 7, false)}, 120'000); // over: one is lost
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{1}));
    }

    void aMinuteIsChargedToOneGapSoThatTheRowsAddUp()
    {
        Stream s({{1, 10}, {20, 20}, {30, 30}});
        s.book.open(socketGap(1'000, 2'000), 10, 20);
        auto second = socketGap(3'000, 70'000);
        second.number = {901};
        s.book.open(second, 20, 30);
        s.minutes.add({noon}, 40);
        const auto out = s.candles({bar(0, 100), bar(1, 9)}, 120'000);
        QCOMPARE(out.rows.size(), 2U);
        QCOMPARE(out.rows[0].missing->value + out.rows[1].missing->value, 69);
    }

    void aMinuteThatRestSkipsHadNoTradesAndOneThatItNoLongerHasIsUnknown()
    {
        Stream s({{1, 10}, {20, 20}});
        s.book.open(socketGap(1'000, 130'000), 10, 20);
        QVERIFY(s.candles({bar(0, 5), bar(3, 9, false)}, 180'000).rows[0].missing == market::Quantity{5});
        Stream old({{1, 10}, {20, 20}});
        old.book.open(socketGap(1'000, 130'000), 10, 20);
        QVERIFY(
            old.candles({bar(1, 5), bar(2, 5), bar(3, 9, false)}, 180'000).rows.empty()); // older ones may be asked for
        const auto out = old.candles({bar(1, 5), bar(2, 5), bar(3, 9, false)}, 180'000, true);
        QCOMPARE(out.rows[0].measure, GapMeasure::Unknown);
        QVERIFY(!out.rows[0].missing);
    }

    void aGapOfAnEarlierRunIsMeasuredByItsMinutes()
    {
        Stream s({{1, 10}});
        Gap gap = socketGap(-120'000 + 500, -60'000);
        s.book.resume(gap);
        QCOMPARE(s.book.wantedFrom().value, noon - 120'000);
        s.minutes.add({noon - 119'000}, 3);
        const auto out = s.candles({bar(-2, 10), bar(-1, 4), bar(0, 0, false)}, 0);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{11}));
    }

    void whatAnEarlierRunChargedIsNotChargedAgain()
    {
        Stream s({{1, 10}});
        auto within = socketGap(1'000, 2'000); // one minute: how much of it is known
        within.measure = GapMeasure::ByVolume;
        within.missing = market::Quantity{4};
        s.book.resume(within);
        auto across = socketGap(61'000, 130'000); // two: it is not
        across.measure = GapMeasure::ByVolume;
        across.missing = market::Quantity{9};
        s.book.resume(across);
        const auto out = s.candles({bar(0, 10), bar(1, 6), bar(2, 3), bar(3, 2), bar(4, 0, false)}, 240'000);
        QCOMPARE(out.rows.size(), 2U);
        QCOMPARE(out.rows[0].from.value, noon);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{6}));
        QCOMPARE(out.rows[1].from.value, noon + 180'000);
        QCOMPARE(out.rows[1].missing, std::optional(market::Quantity{2}));
    }

    void minutesBetweenAnEarlierGapAndOurBeginningAreNotCompared()
    {
        Stream s({{1, 10}});
        s.book.resume(socketGap(-300'000, -299'000));
        const auto out = s.candles({bar(-5, 3), bar(-4, 8), bar(-1, 8), bar(0, 0), bar(1, 0, false)}, 60'000);
        QCOMPARE(out.rows.size(), 1U);
        QCOMPARE(out.rows[0].missing, std::optional(market::Quantity{3}));
    }

    void lossesAndFillsAddUpToTheExchangesContractsMinuteByMinute()
    {
        std::mt19937_64 random(23);
        for (int round = 0; round < 30; ++round) {
            Stream s({{1, 1}});
            std::map<std::int64_t, std::int64_t> exchange;
            std::map<std::int64_t, std::int64_t> held;
            std::map<std::int64_t, Gap> rows;
            std::deque<Tick> newest;
            const auto apply = [&](const GapBook::Outcome& out) {
                for (const auto& tick : out.fills) {
                    s.minutes.add(tick.time, tick.size().value);
                    held[base::bucketStart(tick.time, oneMinute).value] += tick.size().value;
                }
                for (const auto& row : out.rows) {
                    rows[row.number.value] = row;
                }
            };
            auto time = noon;
            for (std::int64_t id = 2; id < 4'000; ++id) {
                time += static_cast<std::int64_t>(random() % 200);
                const auto tick = tickAt(id, time, static_cast<std::int64_t>(random() % 5) + 1);
                exchange[base::bucketStart(tick.time, oneMinute).value] += tick.size().value;
                newest.push_back(tick);
                if (newest.size() > 100) {
                    newest.pop_front();
                }
                if (random() % 50 != 0) { // one in fifty is lost
                    (void)s.guard.see(id);
                    s.minutes.add(tick.time, tick.size().value);
                    held[base::bucketStart(tick.time, oneMinute).value] += tick.size().value;
                }
                if (random() % 300 == 0) { // and REST is asked now and then
                    apply(s.rest(std::vector(newest.begin(), newest.end()), time));
                }
                apply(s.book.sweep(s.guard, {time}, s.numbers()));
            }
            std::vector<RestCandle> bars;
            for (const auto& [minute, lots] : exchange) {
                bars.push_back(bar((minute - noon) / 60'000, lots));
            }
            apply(s.book.takeCandles(bars, true, s.minutes, {time}, s.numbers()));
            std::int64_t missing = 0;
            for (const auto& [number, row] : rows) {
                QVERIFY(row.missing);
                missing += row.missing->value;
            }
            std::int64_t lacking = 0;
            for (const auto& [minute, lots] : exchange) {
                if (minute + 60'000 <= time) {
                    lacking += lots - held[minute];
                }
            }
            QCOMPARE(missing, lacking);
            QVERIFY(lacking > 0);
        }
    }

    void theClocksOffsetIsKnownOnceThreeWindowsAgree()
    {
        ClockWatch watch;
        const auto feed = [&](int from, int to, std::int64_t offset) {
            for (int s = from; s < to; ++s) {
                watch.see({noon + s * 1'000 + offset - (s % 7) * 20}, {noon + s * 1'000}); // delays of up to 120 ms
            }
        };
        feed(0, 30, 2'500);
        QVERIFY(!watch.offset());
        feed(30, 31, 2'500);
        QVERIFY(watch.offset());
        QVERIFY(std::abs(watch.offset()->count() - 2'500) <= 20);
        QVERIFY(!watch.isRecorded());
    }

    void aFeedAtAnotherPaceSaysNothingOfTheClockAndRecordedTimesNeither()
    {
        ClockWatch hurried;
        for (int s = 0; s < 120; ++s) {
            hurried.see({noon + s * 2'000}, {noon + s * 1'000});
        }
        QVERIFY(!hurried.offset());
        ClockWatch recorded;
        for (int s = 0; s < 120; ++s) {
            recorded.see({noon - 86'400'000 + s * 1'000}, {noon + s * 1'000});
        }
        QVERIFY(!recorded.offset());
        QVERIFY(recorded.isRecorded());
        ClockWatch nearly;
        for (int s = 0; s < 120; ++s) {
            nearly.see({noon - 86'399'999 + s * 1'000}, {noon + s * 1'000});
        }
        QCOMPARE(nearly.offset(), std::optional(base::Millis{-86'399'999}));
    }

    void theFutureBeginsAMinuteBeyondOurClockAndAllThatWasSeen()
    {
        QCOMPARE(FutureGate::limit({noon}, base::Millis{0}, {0}).value, noon + 60'000);
        QCOMPARE(FutureGate::limit({noon}, base::Millis{5'000}, {0}).value, noon + 65'000);
        QCOMPARE(FutureGate::limit({noon}, base::Millis{-5'000}, {0}).value, noon + 60'000);
        QCOMPARE(FutureGate::limit({noon}, base::Millis{0}, {noon + 7}).value, noon + 60'007);
    }

    void oneOrTwoTicksOfTheFutureAreRefusedAndThreeThatAgreeAreBelieved()
    {
        FutureGate gate;
        QVERIFY(!gate.admits({noon}));
        QVERIFY(!gate.admits({noon + 60'000})); // at: agrees
        QVERIFY(gate.admits({noon + 60'001}));
        QVERIFY(!gate.admits({noon}));
        QVERIFY(!gate.admits({noon + 1}));
        QVERIFY(!gate.admits({noon + 60'002})); // over: does not agree
        QVERIFY(!gate.admits({noon + 60'003}));
        QVERIFY(gate.admits({noon + 60'004}));
    }

    void aSleepIsToldFromAClockThatWasSet()
    {
        const auto after = [](std::int64_t wall, std::int64_t steady, std::int64_t boot) {
            SleepWatch watch;
            const auto first = watch.see({noon}, base::Millis{1'000}, base::Millis{9'000});
            const auto jump = watch.see({noon + wall}, base::Millis{1'000 + steady}, base::Millis{9'000 + boot});
            return std::tuple(first.slept.count() + first.clockSet.count(), jump.slept.count(), jump.clockSet.count());
        };
        using Seen = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
        QCOMPARE(after(33, 33, 33), Seen(0, 0, 0));
        QCOMPARE(after(20'000, 20'000, 20'000), Seen(0, 0, 0)); // only busy
        QCOMPARE(after(5'032, 33, 5'032), Seen(0, 0, 0));       // under
        QCOMPARE(after(5'033, 33, 5'033), Seen(0, 5'000, 0));   // at
        QCOMPARE(after(3'600'000, 33, 3'600'000), Seen(0, 3'599'967, 0));
        QCOMPARE(after(2'032, 33, 33), Seen(0, 0, 0));
        QCOMPARE(after(2'033, 33, 33), Seen(0, 0, 2'000));
        QCOMPARE(after(-1'967, 33, 33), Seen(0, 0, -2'000));
        QCOMPARE(after(3'610'000, 33, 3'600'000), Seen(0, 3'599'967, 10'000)); // both
    }

    void theGuardTellsWhatItHoldsAndWhatItCannotTell()
    {
        market::SequenceGuard guard;
        QCOMPARE(guard.holds(1), std::optional(false));
        constexpr auto window = static_cast<std::int64_t>(market::SequenceGuard::window);
        for (std::int64_t id = 0; id <= window + 1; ++id) {
            (void)guard.see(2 * id);
        }
        QCOMPARE(guard.holds(2 * window + 3), std::optional(false)); // beyond
        QCOMPARE(guard.holds(2 * window), std::optional(true));
        QCOMPARE(guard.holds(2 * window + 1), std::optional(false)); // a hole
        QCOMPARE(guard.holds(4), std::optional(true));               // the oldest of the window
        QCOMPARE(guard.holds(5), std::optional(false));
        QVERIFY(!guard.holds(3)); // older than the window
        market::SequenceGuard restarted(100);
        QCOMPARE(restarted.holds(100), std::optional(true));
        QCOMPARE(restarted.holds(101), std::optional(false));
    }
};

QTEST_GUILESS_MAIN(GapFillerTest)
#include "gap_filler_test.moc"
