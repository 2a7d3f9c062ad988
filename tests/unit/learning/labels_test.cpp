// The labels of the five families: against the triple barrier and plain loops on the same candles, at their edges, on
// ticks, across gaps and at the end of the data.
#include "learning/labels.h"
#include "learning/triple_barrier.h"
#include "market/candle_builder.h"
#include "unit/learning/training_fixtures.h"

#include <QTest>

#include <map>

using namespace qd::learning;
using namespace qd::learning::fixtures;
using namespace qd::market;
using qd::base::UtcMs;

namespace {

const FeatureSet& fives = FeatureSet::of(FeatureSource::Candles5m);
const FeatureSet& minutes = FeatureSet::of(FeatureSource::Candles1m);

std::map<std::int64_t, std::size_t> indexOf(const std::vector<Candle>& candles)
{
    std::map<std::int64_t, std::size_t> out; // by the moment at which they close
    for (std::size_t i = 0; i < candles.size(); ++i) {
        out[(candles[i].start + length(Timeframe::M5)).value] = i;
    }
    return out;
}

double close(const Candle& candle)
{
    return static_cast<double>(candle.close.value);
}

/// Minutes without movement but for what a test writes into them.
std::vector<Candle> stillMinutes(std::size_t n)
{
    auto candles = market(Timeframe::M1, 700, 40);
    candles.reserve(n);
    while (candles.size() < n) {
        auto next = candles.back();
        next.start = next.start + length(Timeframe::M1);
        next.open = next.high = next.low = next.close;
        candles.push_back(next);
    }
    return candles;
}

struct TickFeed {
    RowMaker maker;
    CandleBuilder builder{Timeframe::M1};
    std::int64_t id = 0;
    std::vector<Candle> closed;

    void tick(std::int64_t time, std::int64_t price, std::int64_t size = 1)
    {
        const Tick t{.id = ++id, .time = {time}, .price = {price}, .signedSize = size};
        closed.clear();
        builder.add(t, closed);
        for (const auto& candle : closed) {
            maker.add(candle);
        }
        maker.add(t);
    }
    /// A tick each 20 s that goes to and fro by `swing`, from `from` to `to`.
    void idle(std::int64_t from, std::int64_t to, std::int64_t price, std::int64_t swing)
    {
        for (auto t = from; t < to; t += 20'000) {
            tick(t, price + (t / 20'000 % 2 == 0 ? swing : -swing));
        }
    }
};

} // namespace

class LabelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTradesLabelIsItsTripleBarrierForBothSides();
    void aShortsRowIsTheLongsMirrored();
    void directionIsTheCloseAtTheHorizon();
    void aPriceThatDidNotMoveHasNoDirection();
    void volatilityIsThatOfTheCandlesAhead();
    void aStopIsHitAtItsPriceAndNotBefore();
    void distancesTakeTurnsAndStandInTheLastColumn();
    void aLimitFillsThroughItsPriceAndNotAtIt();
    void aFillPredictorWantsMinutes();
    void labelsThatCrossAGapAreDroppedEarlyOutcomesToo();
    void labelsBeyondTheDataAreDroppedEarlyOutcomesToo();
    void labelsEndWhereTheyLookedLast();
    void thinningKeepsOneInSoMany();
    void onTicksAnEntryIsTheFirstPrintAfterTheLatency();
    void onTicksAStopPaysThePrintThatCrossesIt();
    void onTicksALimitIsFilledByTwiceItsSizeAtItsPrice();
    void aGapOfTheTicksDropsWhatIsOpen();
    void seriesAreMergedInTimeOrder();
    void theHashTellsEveryChange();
    void overlapCountsTheLabelsThatShareAMoment();
};

void LabelsTest::aTradesLabelIsItsTripleBarrierForBothSides()
{
    const auto candles = market(Timeframe::M5, 900, 1);
    auto rule = standardRule(Family::Gbt5m);
    rule.horizon = std::chrono::hours(2);
    const auto rows = rowsOf(fives, rule, candles);
    QVERIFY(rows.size() > 1200);
    std::vector<PriceBar> bars;
    Atr atr(14);
    std::vector<double> ranges;
    for (const auto& c : candles) {
        bars.push_back({static_cast<double>(c.high.value), static_cast<double>(c.low.value), close(c)});
        atr.add(bars.back().high, bars.back().low, bars.back().close);
        ranges.push_back(atr.value().value_or(0));
    }
    const auto at = indexOf(candles);
    std::size_t wins = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& tag = rows.tags[i];
        const auto bar = at.at(tag.span.t0);
        const auto outcome = tripleBarrier(
            bars, {.index = bar, .side = tag.side, .volatility = ranges[bar] / bars[bar].close, .horizon = 24},
            {.takeProfit = 3, .stopLoss = 2, .roundTripCost = rule.roundTripCost});
        QVERIFY(outcome.result.has_value());
        QCOMPARE(rows.labels[i], *outcome.result > 0 ? 1.0F : 0.0F);
        QCOMPARE(tag.span.t1, (candles[*outcome.endIndex].start + length(Timeframe::M5)).value - 1);
        QCOMPARE(tag.entry, bars[bar].close);
        wins += rows.labels[i] > 0 ? 1U : 0U;
    }
    QVERIFY(wins > 100 && wins < rows.size() - 100);
}

void LabelsTest::aShortsRowIsTheLongsMirrored()
{
    const auto rows = rowsOf(fives, standardRule(Family::Gbt5m), market(Timeframe::M5, 400, 2));
    QVERIFY(rows.size() > 100);
    for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
        QCOMPARE(rows.tags[i].side, 1);
        QCOMPARE(rows.tags[i + 1].side, -1);
        QCOMPARE(rows.tags[i].span.t0, rows.tags[i + 1].span.t0);
        for (std::size_t c = 0; c < rows.columns; ++c) {
            const float want = fives.infos()[c].isDirected ? -rows.row(i)[c] : rows.row(i)[c];
            QVERIFY(rows.row(i + 1)[c] == want || std::isnan(want));
        }
    }
}

void LabelsTest::directionIsTheCloseAtTheHorizon()
{
    const auto candles = market(Timeframe::M5, 600, 3);
    const auto rows = rowsOf(fives, standardRule(Family::Direction), candles);
    const auto at = indexOf(candles);
    QVERIFY(rows.size() > 300);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto bar = at.at(rows.tags[i].span.t0);
        QCOMPARE(rows.labels[i], close(candles[bar + 12]) > close(candles[bar]) ? 1.0F : 0.0F);
    }
    QCOMPARE(rows.losses.labelEdge, 12U);
}

void LabelsTest::aPriceThatDidNotMoveHasNoDirection()
{
    auto candles = market(Timeframe::M5, 300, 4);
    for (std::size_t i = 280; i < candles.size(); ++i) {
        candles[i].open = candles[i].close = candles[279].close;
        candles[i].high = std::max(candles[i].high, candles[279].close);
        candles[i].low = std::min(candles[i].low, candles[279].close);
    }
    const auto rows = rowsOf(fives, standardRule(Family::Direction), candles);
    QVERIFY(rows.losses.undefined >= 8);
}

void LabelsTest::volatilityIsThatOfTheCandlesAhead()
{
    const auto candles = market(Timeframe::M5, 600, 5);
    const auto rows = rowsOf(fives, standardRule(Family::Volatility), candles);
    const auto at = indexOf(candles);
    QVERIFY(rows.size() > 300);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto bar = at.at(rows.tags[i].span.t0);
        double squares = 0;
        for (std::size_t k = 1; k <= 12; ++k) {
            squares += std::pow(std::log(close(candles[bar + k]) / close(candles[bar + k - 1])), 2);
        }
        QVERIFY(std::abs(rows.labels[i] - 0.5 * std::log(squares / 12 * 105'120)) < 1e-5);
        double day = 0;
        for (std::size_t k = 0; bar >= 288 && k < 288; ++k) {
            day += std::pow(std::log(close(candles[bar - k]) / close(candles[bar - k - 1])), 2);
        }
        QVERIFY(bar < 288 ? std::isnan(rows.tags[i].volatility)
                          : std::abs(rows.tags[i].volatility / std::sqrt(day / 288 * 105'120) - 1) < 1e-5);
    }
}

void LabelsTest::aStopIsHitAtItsPriceAndNotBefore()
{
    for (const int offset : {-1, 0, 1}) { // of the low, in ticks, from the stop
        auto candles = stillMinutes(1000);
        auto rule = standardRule(Family::StopHit);
        rule.horizon = std::chrono::minutes(10);
        rule.distances = {1};
        const auto before = rowsOf(minutes, rule, candles);
        // the ATR at the row that is asked about, from the candles alone
        const std::size_t asked = 720; // minutes; closes a 5m candle
        Atr atr(14);
        for (std::size_t i = 0; i + 5 <= asked; i += 5) {
            double high = 0;
            double low = 1e18;
            for (std::size_t k = i; k < i + 5; ++k) {
                high = std::max(high, static_cast<double>(candles[k].high.value));
                low = std::min(low, static_cast<double>(candles[k].low.value));
            }
            atr.add(high, low, close(candles[i + 4]));
        }
        const double stop = close(candles[asked - 1]) - *atr.value();
        candles[asked + 3].low = {static_cast<std::int64_t>(std::floor(stop)) + offset};
        const auto rows = rowsOf(minutes, rule, candles);
        const auto t0 = candles[asked].start.value;
        bool isFound = false;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows.tags[i].span.t0 == t0 && rows.tags[i].side == 1) {
                QCOMPARE(rows.labels[i], offset <= 0 ? 1.0F : 0.0F);
                isFound = true;
            }
        }
        QVERIFY(isFound && before.size() > 0);
    }
}

void LabelsTest::distancesTakeTurnsAndStandInTheLastColumn()
{
    const auto rule = standardRule(Family::StopHit);
    const auto rows = rowsOf(fives, rule, market(Timeframe::M5, 500, 6));
    QCOMPARE(rows.columns, fives.size() + 1);
    QCOMPARE(rows.names.back(), std::string("distance"));
    std::map<float, std::size_t> seen;
    std::map<float, double> hit;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const float distance = rows.row(i).back();
        ++seen[distance];
        hit[distance] += rows.labels[i];
    }
    QCOMPARE(seen.size(), 5U);
    QVERIFY(hit[0.5F] / static_cast<double>(seen[0.5F]) >
            hit[3] / static_cast<double>(seen[3])); // nearer stops go first
}

void LabelsTest::aLimitFillsThroughItsPriceAndNotAtIt()
{
    for (const int offset : {-1, 0, 1}) {
        auto candles = stillMinutes(1000);
        auto rule = standardRule(Family::Fill);
        rule.distances = {0};
        candles[720].low = {candles[719].close.value + offset};
        candles[720].high = std::max(candles[720].high, candles[720].low);
        const auto rows = rowsOf(minutes, rule, candles);
        bool isFound = false;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows.tags[i].span.t0 == candles[720].start.value && rows.tags[i].side == 1) {
                QCOMPARE(rows.labels[i], offset < 0 ? 1.0F : 0.0F);
                isFound = true;
            }
        }
        QVERIFY(isFound);
    }
}

void LabelsTest::aFillPredictorWantsMinutes()
{
    QCOMPARE(RowMaker::of(fives, standardRule(Family::Fill), 0).error().code, qd::base::ErrorCode::Unsupported);
    QVERIFY(RowMaker::of(minutes, standardRule(Family::Fill), 0));
    auto rule = standardRule(Family::StopHit);
    rule.distances.clear();
    QVERIFY(!RowMaker::of(fives, rule, 0));
}

void LabelsTest::labelsThatCrossAGapAreDroppedEarlyOutcomesToo()
{
    auto rule = standardRule(Family::Gbt5m);
    rule.horizon = std::chrono::hours(2);
    auto candles = market(Timeframe::M5, 600, 7);
    const auto whole = rowsOf(fives, rule, candles);
    candles[300].hasGap = true;
    const auto rows = rowsOf(fives, rule, candles);
    QCOMPARE(rows.losses.labelGap, 48U); // 24 bars, both sides
    const auto gap = candles[300].start.value;
    for (const auto& tag : rows.tags) {
        QVERIFY(tag.span.t0 + 7'200'000 <= gap || tag.span.t0 > gap);
    }
    QVERIFY(rows.size() < whole.size());
    candles.erase(candles.begin() + 300);
    QCOMPARE(rowsOf(fives, rule, candles).losses.labelGap, 48U);
}

void LabelsTest::labelsBeyondTheDataAreDroppedEarlyOutcomesToo()
{
    auto rule = standardRule(Family::Gbt5m);
    rule.horizon = std::chrono::hours(2);
    const auto candles = market(Timeframe::M5, 600, 8);
    const auto rows = rowsOf(fives, rule, candles);
    QCOMPARE(rows.losses.labelEdge, 48U);
    const auto end = (candles.back().start + length(Timeframe::M5)).value;
    QCOMPARE(rows.tags.back().span.t0, end - 7'200'000);
}

void LabelsTest::labelsEndWhereTheyLookedLast()
{
    const auto rows = rowsOf(fives, standardRule(Family::Direction), market(Timeframe::M5, 400, 9));
    for (const auto& tag : rows.tags) {
        QCOMPARE(tag.span.t1 - tag.span.t0, 3'600'000 - 1); // the moment before the next row may begin
    }
    const auto trades = rowsOf(fives, standardRule(Family::Gbt5m), market(Timeframe::M5, 400, 9));
    std::size_t early = 0;
    for (const auto& tag : trades.tags) {
        QVERIFY(tag.span.t1 > tag.span.t0 && tag.span.t1 < tag.span.t0 + 4 * 3'600'000);
        early += tag.span.t1 + 1 < tag.span.t0 + 4 * 3'600'000 ? 1U : 0U;
    }
    QVERIFY(early > trades.size() / 4);
}

void LabelsTest::thinningKeepsOneInSoMany()
{
    auto rule = standardRule(Family::Direction);
    const auto candles = market(Timeframe::M5, 600, 10);
    const auto all = rowsOf(fives, rule, candles);
    rule.stride = 6;
    const auto some = rowsOf(fives, rule, candles);
    QVERIFY(some.size() * 6 <= all.size() + 6 && some.size() * 6 + 6 >= all.size());
    for (const auto& tag : some.tags) {
        QCOMPARE(tag.span.t0 % 1'800'000, 0);
    }
}

namespace {

constexpr std::int64_t hour = 3'600'000;

/// Twelve hours of ticks to and fro by 50 around a million, so that features are warm at the whole hour `at`.
TickFeed warmFeed(const LabelRule& rule, std::int64_t at, std::optional<qd::market::Instrument> instrument = {})
{
    TickFeed feed{need(RowMaker::of(FeatureSet::of(FeatureSource::Ticks), rule, 0, std::move(instrument)))};
    feed.idle(at - 12 * hour, at, 1'000'000, 50);
    return feed;
}

float labelAt(const TrainingRows& rows, std::int64_t t0, int side)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows.tags[i].span.t0 == t0 && rows.tags[i].side == side) {
            return rows.labels[i];
        }
    }
    return -1;
}

} // namespace

void LabelsTest::onTicksAnEntryIsTheFirstPrintAfterTheLatency()
{
    auto rule = standardRule(Family::Gbt5m);
    rule.horizon = std::chrono::minutes(30);
    rule.roundTripCost = 0;
    rule.targetAtr = 1000; // only the time limit ends it
    rule.stopAtr = 1000;
    const std::int64_t at = start + 12 * hour;
    for (const bool isBefore : {true, false}) {
        auto feed = warmFeed(rule, at);
        feed.tick(at + 10, 1'000'000);                     // closes the candle and decides
        feed.tick(at + (isBefore ? 149 : 150), 1'000'010); // the entry, if it is not too early
        feed.tick(at + 400, 999'990);                      // else this
        feed.idle(at + 20'000, at + hour, 1'000'000, 0);   // ends between the two
        const auto label = labelAt(feed.maker.finish(), at, 1);
        QCOMPARE(label, isBefore ? 1.0F : 0.0F);
    }
}

void LabelsTest::onTicksAStopPaysThePrintThatCrossesIt()
{
    auto rule = standardRule(Family::StopHit);
    rule.horizon = std::chrono::minutes(30);
    rule.distances = {1}; // ATR is about 100
    const std::int64_t at = start + 12 * hour;
    for (const std::int64_t depth : {90, 400}) {
        auto feed = warmFeed(rule, at);
        feed.tick(at + 10, 1'000'000);
        feed.tick(at + 200, 1'000'000);
        feed.tick(at + 60'000, 1'000'000 - depth);
        feed.idle(at + 80'000, at + hour, 1'000'000, 0);
        const auto rows = feed.maker.finish();
        QCOMPARE(labelAt(rows, at, 1), depth > 200 ? 1.0F : 0.0F);
        QCOMPARE(labelAt(rows, at, -1), 0.0F);
    }
}

void LabelsTest::onTicksALimitIsFilledByTwiceItsSizeAtItsPrice()
{
    auto rule = standardRule(Family::Fill);
    rule.distances = {0};
    rule.limitNotional = {1'050'000'000}; // 10.5 USDT, at a price of about one: ten contracts of a coin, five of two
    const std::int64_t at = start + 12 * hour;
    struct Case {
        std::int64_t coins; // in a contract; 0: the instrument is not known
        std::int64_t size;
        bool isFilled;
    };
    for (const auto& [coins, size, isFilled] :
         {Case{1, 20, false}, Case{1, 21, true}, Case{2, 10, false}, Case{2, 11, true}, Case{0, 1'000, false}}) {
        qd::market::Instrument instrument;
        instrument.tick = qd::base::Scale::ofDecimals(6);
        instrument.contractValue = {coins, 0};
        auto feed = warmFeed(rule, at, coins > 0 ? std::optional(instrument) : std::nullopt);
        const auto limit = 1'000'000 + (((at - 20'000) / 20'000) % 2 == 0 ? 50 : -50); // the newest close
        feed.tick(at + 10, limit + 100);
        feed.tick(at + 1'000, limit, size);
        feed.tick(at + 2'000, limit + 5);
        feed.idle(at + 60'000, at + hour, limit + 100, 0);
        QCOMPARE(labelAt(feed.maker.finish(), at, 1), isFilled ? 1.0F : 0.0F);
    }
}

void LabelsTest::aGapOfTheTicksDropsWhatIsOpen()
{
    auto rule = standardRule(Family::StopHit);
    const std::int64_t at = start + 12 * hour;
    auto feed = warmFeed(rule, at);
    feed.tick(at + 10, 1'000'000);
    feed.maker.markGap();
    feed.idle(at + 20'000, at + 3 * hour, 1'000'000, 0);
    const auto rows = feed.maker.finish();
    QCOMPARE(labelAt(rows, at, 1), -1.0F);
    QVERIFY(rows.losses.labelGap >= 2);
}

void LabelsTest::seriesAreMergedInTimeOrder()
{
    const auto rule = standardRule(Family::Gbt5m);
    auto rows = rowsOf(fives, rule, market(Timeframe::M5, 400, 11), 0);
    const auto other = rowsOf(fives, rule, market(Timeframe::M5, 400, 12), 1);
    const auto n = rows.size() + other.size();
    const auto losses = rows.losses.warmUp + other.losses.warmUp;
    rows.merge(other);
    QCOMPARE(rows.size(), n);
    QCOMPARE(rows.losses.warmUp, losses);
    for (std::size_t i = 1; i < n; ++i) {
        const auto& a = rows.tags[i - 1];
        const auto& b = rows.tags[i];
        QVERIFY(std::tuple(a.span.t0, a.series, -a.side) < std::tuple(b.span.t0, b.series, -b.side));
    }
    QVERIFY(sentence(rows.losses, n).find("lack warm-up") != std::string::npos);
}

void LabelsTest::theHashTellsEveryChange()
{
    const auto rows = rowsOf(fives, standardRule(Family::Direction), market(Timeframe::M5, 300, 13));
    auto other = rows;
    QCOMPARE(other.hash(), rows.hash());
    other.labels[5] = 1 - other.labels[5];
    QVERIFY(other.hash() != rows.hash());
    other = rows;
    other.values[7] = std::nextafter(other.values[7], 9.0F);
    QVERIFY(other.hash() != rows.hash());
    other = rows;
    ++other.tags[3].span.t1;
    QVERIFY(other.hash() != rows.hash());
    other = rows;
    other.names[0] = "x";
    QVERIFY(other.hash() != rows.hash());
}

void LabelsTest::overlapCountsTheLabelsThatShareAMoment()
{
    TrainingRows rows{.columns = 1, .names = {"x"}};
    for (std::int64_t i = 0; i < 100; ++i) {
        rows.append(std::vector<float>{0}, 0, {.span = {i, i + 3}});
    }
    QVERIFY(rows.overlap() > 3.9 && rows.overlap() <= 4);
    for (auto& tag : rows.tags) {
        tag.span.t1 = tag.span.t0;
    }
    QCOMPARE(rows.overlap(), 1.0);
    QCOMPARE(TrainingRows{}.overlap(), 1.0);
}

QTEST_GUILESS_MAIN(LabelsTest)
#include "labels_test.moc"
