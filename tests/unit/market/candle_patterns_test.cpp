// The five candle patterns at the edges of their rules. What holds for every indicator is in indicators_test, and that
// they equal TA-Lib's golden values is golden_check's to tell.
#include "market/indicators/candle_patterns.h"

#include <QTest>

#include <vector>

using namespace qd::market;

namespace {

struct Shape {
    double open;
    double high;
    double low;
    double close;
};

/// What is found at the last of `newest`, after ten white bars of body 10 and range 20 from 100 to 110.
CandlePatterns found(const std::vector<Shape>& newest, double penetration = 0.3)
{
    CandlePatternFinder finder(penetration);
    for (int i = 0; i < 10; ++i) {
        finder.add(100, 115, 95, 110);
    }
    for (const auto& bar : newest) {
        finder.add(bar.open, bar.high, bar.low, bar.close);
    }
    return finder.value();
}

} // namespace

class CandlePatternsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void engulfingCoversTheBodyBeforeWithAtLeastOneEndToSpare();
    void aDojiHasATenthOfTheRangeAndNoMore();
    void aHammerHangsLongUnderAShortBodyNearTheLow();
    void starsStandApartFromTheirFirstBody();
    void aStarClosesBeyondItsPenetration();
};

void CandlePatternsTest::engulfingCoversTheBodyBeforeWithAtLeastOneEndToSpare()
{
    const Shape black{110, 115, 95, 100};
    const Shape white{100, 115, 95, 110};
    const auto engulfing = [](const Shape& a, const Shape& b) { return *found({a, b}).engulfing; };
    QCOMPARE(engulfing(black, {99, 120, 90, 111}), 100);
    QCOMPARE(engulfing(black, {100, 120, 90, 111}), 80); // one end shared
    QCOMPARE(engulfing(black, {99, 120, 90, 110}), 80);
    QCOMPARE(engulfing(black, {100, 120, 90, 110}), 0); // both
    QCOMPARE(engulfing(black, {101, 120, 90, 111}), 0); // not covered
    QCOMPARE(engulfing(black, {99, 120, 90, 109}), 0);
    QCOMPARE(engulfing(white, {111, 120, 90, 99}), -100);
    QCOMPARE(engulfing(white, {110, 120, 90, 99}), -80);
    QCOMPARE(engulfing(white, {111, 120, 90, 100}), -80);
    QCOMPARE(engulfing(white, {110, 120, 90, 100}), 0);
    QCOMPARE(engulfing(white, {99, 120, 90, 111}), 0); // of the same colour
    QCOMPARE(engulfing(black, {111, 120, 90, 99}), 0);
    QCOMPARE(engulfing({105, 115, 95, 105}, {106, 120, 90, 104}), -100); // a body of nothing is white
}

void CandlePatternsTest::aDojiHasATenthOfTheRangeAndNoMore()
{
    QCOMPARE(*found({{100, 110, 90, 102}}).doji, 100); // 2 of 20
    QCOMPARE(*found({{102, 110, 90, 100}}).doji, 100);
    QCOMPARE(*found({{100, 110, 90, 102.01}}).doji, 0);
    QCOMPARE(*found({{100, 100, 100, 100}}).doji, 100);
    CandlePatternFinder flat;
    for (int i = 0; i < 30; ++i) {
        flat.add(0.1, 0.1, 0.1, 0.1);
    }
    QCOMPARE(*flat.value().doji, 100);
    QCOMPARE(*flat.value().hammer, 0);
    QCOMPARE(*flat.value().engulfing, 0);
    QCOMPARE(*flat.value().morningStar, 0);
}

void CandlePatternsTest::aHammerHangsLongUnderAShortBodyNearTheLow()
{
    // The bar before has its low at 95; a fifth of the mean range of the five before it is 4: 99 is near.
    const Shape before{100, 115, 95, 110};
    const auto hammer = [&](const Shape& bar) { return *found({before, bar}).hammer; };
    QCOMPARE(hammer({99, 102, 92, 101}), 100);  // body 2, lower 7, upper 1
    QCOMPARE(hammer({101, 102, 92, 99}), 100);  // the colour does not matter
    QCOMPARE(hammer({99.01, 102, 92, 101}), 0); // too high
    QCOMPARE(hammer({99, 103, 92, 101}), 0);    // upper shadow of 2, a tenth of the range
    QCOMPARE(hammer({99, 102.9, 92, 101}), 100);
    QCOMPARE(hammer({99, 102, 97, 101}), 0); // lower shadow no longer than the body
    QCOMPARE(hammer({99, 102, 96.9, 101}), 100);
    QCOMPARE(hammer({90, 100.5, 70, 100}), 0); // body as long as the mean
    QCOMPARE(hammer({90, 100.5, 70, 99.9}), 100);
    // Near is told by the five bars before the bar before: neither by that bar itself nor by ten of them.
    const auto hammerAfter = [](std::vector<Shape> bars, const Shape& bar) {
        bars.push_back(bar);
        return *found(bars).hammer;
    };
    const Shape tall{100, 155, 95, 110};
    QCOMPARE(hammerAfter({tall}, {99, 102, 92, 101}), 100);
    QCOMPARE(hammerAfter({tall}, {99.01, 102, 92, 101}), 0);
    const Shape wide{100, 120, 90, 110};
    QCOMPARE(hammerAfter({wide, wide, wide, wide, wide, before}, {101, 104, 92, 103}), 100); // 95 + 30/5
    QCOMPARE(hammerAfter({wide, wide, wide, wide, wide, before}, {101.01, 104, 92, 103}), 0);
}

void CandlePatternsTest::starsStandApartFromTheirFirstBody()
{
    const Shape longBlack{120, 122, 98, 100};
    const Shape star{97, 99, 94, 96};
    const Shape white{98, 113, 97, 112};
    const auto morning = [](const Shape& a, const Shape& b, const Shape& c) { return *found({a, b, c}).morningStar; };
    QCOMPARE(morning(longBlack, star, white), 100);
    QCOMPARE(morning(longBlack, {99.9, 101, 94, 96}, white), 100);
    QCOMPARE(morning(longBlack, {100, 101, 94, 96}, white), 0);   // no gap under the first body
    QCOMPARE(morning({110, 122, 98, 100}, star, white), 0);       // first body as long as the mean
    QCOMPARE(morning(longBlack, {99, 99, 70, 87.9}, white), 0);   // second body longer than the mean (11)
    QCOMPARE(morning(longBlack, {99, 99, 70, 88}, white), 100);   // as long as it
    QCOMPARE(morning({100, 122, 98, 120}, star, white), 0);       // first is white
    QCOMPARE(morning(longBlack, star, {112, 113, 97, 98}), 0);    // last is black
    QCOMPARE(morning(longBlack, star, {101.9, 113, 97, 112}), 0); // last body as long as the mean (10.1)
    QCOMPARE(*found({longBlack, star, white}).eveningStar, 0);

    const auto evening = [](const Shape& a, const Shape& b, const Shape& c) { return *found({a, b, c}).eveningStar; };
    const Shape longWhite{100, 122, 98, 120};
    QCOMPARE(evening(longWhite, {123, 125, 120, 124}, {121, 122, 106, 107}), -100);
    QCOMPARE(evening(longWhite, {120.1, 125, 120, 124}, {121, 122, 106, 107}), -100);
    QCOMPARE(evening(longWhite, {120, 125, 120, 124}, {121, 122, 106, 107}), 0);
    QCOMPARE(evening(longWhite, {123, 125, 120, 124}, {107, 122, 106, 121}), 0);
    QCOMPARE(evening(longBlack, {123, 125, 120, 124}, {121, 122, 106, 107}), 0);
}

void CandlePatternsTest::aStarClosesBeyondItsPenetration()
{
    // The first body goes from 120 down to 100: three tenths of it back is 106.
    const Shape longBlack{120, 122, 98, 100};
    const Shape star{97, 99, 94, 96};
    QCOMPARE(*found({longBlack, star, {90, 113, 89, 106}}).morningStar, 0);
    QCOMPARE(*found({longBlack, star, {90, 113, 89, 106.1}}).morningStar, 100);
    QCOMPARE(*found({longBlack, star, {90, 113, 89, 110}}, 0.5).morningStar, 0);
    QCOMPARE(*found({longBlack, star, {90, 113, 89, 110.1}}, 0.5).morningStar, 100);
    const Shape longWhite{100, 122, 98, 120};
    const Shape high{123, 125, 120, 124};
    QCOMPARE(*found({longWhite, high, {130, 131, 106, 114}}).eveningStar, 0);
    QCOMPARE(*found({longWhite, high, {130, 131, 106, 113.9}}).eveningStar, -100);
}

QTEST_GUILESS_MAIN(CandlePatternsTest)
#include "candle_patterns_test.moc"
