// The charts as they are painted and as they answer to mouse, wheel and keys.
#include "ui/charts/candle_chart.h"
#include "ui/charts/chart_export.h"
#include "ui/charts/line_chart.h"

#include "ui/chart_fixtures.h"

#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QImage>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QValueAxis>
#include <QWheelEvent>

#include <cmath>
#include <set>

using namespace qd;
using namespace qd::ui;
using market::Candle;
using market::Timeframe;

namespace {

constexpr QSize size{900, 500};
const auto eth = test::instrumentOf(1, "ETH-USDT", {1, -1});

double ms(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

/// A scene over candles that the caller keeps.
struct Painted {
    CandleOverlays overlays;
    CandleScene scene;
    std::optional<CandleGeometry> at;
    QImage image{size, QImage::Format_RGB32};

    explicit Painted(const std::vector<Candle>& candles, OverlayChoice shown = {false, false, false, true},
                     std::vector<console::TradeMark> const* marks = nullptr)
    {
        overlays.follow(candles);
        scene.instrument = eth;
        scene.closed = candles;
        scene.overlays = overlays.points();
        scene.shown = shown;
        if (marks != nullptr) {
            scene.marks = *marks;
        }
    }
    void paint(Range view)
    {
        image.fill(scene.colors.surface);
        QPainter p(&image);
        at.emplace(geometryOf(scene, size, view));
        paintStill(p, scene, *at);
        paintLive(p, scene, *at);
        paintLegend(p, scene, *at, std::nullopt);
        paintCrosshair(p, scene, *at, at->plot.center());
    }
    /// Does the upright line at x, within the plot and the volume, hold this colour?
    [[nodiscard]] bool columnHolds(int x, const QColor& color) const
    {
        for (int y = static_cast<int>(at->plot.top()); y < image.height(); ++y) {
            if (image.pixel(x, y) == color.rgb()) {
                return true;
            }
        }
        return false;
    }
};

Range viewOf(const std::vector<Candle>& candles, base::Millis length)
{
    return {ms(candles.front().start), ms(candles.back().start + length)};
}

Candle flat(base::UtcMs start, std::int64_t price)
{
    Candle candle;
    candle.start = start;
    candle.open = candle.high = candle.low = candle.close = {price};
    return candle;
}

std::shared_ptr<const console::ChartSnapshot> shared(console::ChartSnapshot snapshot)
{
    return std::make_shared<const console::ChartSnapshot>(std::move(snapshot));
}

void turnWheel(QWidget* widget, QPointF at, int steps, Qt::KeyboardModifiers keys = Qt::NoModifier)
{
    QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, 120 * steps}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(widget, &event);
}

double timeAt(const CandleChart& chart, double x)
{
    return chart.laidOut().time.value(x);
}

} // namespace

class ChartTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLegendOfANarrowChartIsShorterRatherThanCut()
    {
        auto candles = test::walk(200, Timeframe::M5);
        candles.back().hasGap = true;
        Painted painted(candles, {true, true, true, false});
        const auto& colors = painted.scene.colors;
        for (const int width : {820, 1'400}) {
            QImage strip(width, 22, QImage::Format_RGB32);
            strip.fill(colors.surface);
            QPainter p(&strip);
            const auto at =
                geometryOf(painted.scene, QSizeF(width, 400), viewOf(candles, market::length(Timeframe::M5)));
            paintLegend(p, painted.scene, at, std::nullopt);
            p.end();
            const auto last = colors.second; // VWAP's, at the very end
            const auto holds = [&](int x) {
                for (int y = 0; y < strip.height(); ++y) {
                    const QColor seen(strip.pixel(x, y));
                    if (std::abs(seen.red() - last.red()) + std::abs(seen.green() - last.green()) +
                            std::abs(seen.blue() - last.blue()) <
                        60) {
                        return true;
                    }
                }
                return false;
            };
            int columns = 0;
            for (int x = 0; x < width; ++x) {
                columns += holds(x) ? 1 : 0;
            }
            QVERIFY2(columns > 20, qPrintable(QString::number(width)));
        }
    }

    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void oneTwoAndManyCandlesArePaintedWithoutADivisionByNothing_data();
    void oneTwoAndManyCandlesArePaintedWithoutADivisionByNothing();
    void aFlatPriceIsAThinLineInTheMiddle();
    void risingAndFallingCandlesHaveTheirColours();
    void missingCandlesLeaveTheirColumnsEmpty();
    void overlaysAreBrokenAtAGap();
    void aCandleThatAGapTouchesIsMarked();
    void manyCandlesBecomeOneBarAColumn();
    void entriesStandUnderTheirCandleAndExitsAboveIt();
    void marksInShadowAreHollow();
    void marksOfOneCandleAreStacked();
    void theCandleUnderThePointerIsFoundAndNoneInAGap();
    void volumesAreShortenedByUnit();

    void aNewPricePaintsNothingThatIsClosedAgain();
    void aNewExtremeOfTheFormingCandleMovesTheScale();
    void aChartThatWasEmptyFirstShowsTheFirstCandlesThatCome();
    void theNewestCandleIsFollowedUntilTheChartIsPannedAway();
    void theWheelZoomsAboutThePointer();
    void shiftAndWheelPan();
    void draggingPansAndADoubleClickResets();
    void keysMoveZoomAndGoToTheEnds();
    void anotherInstrumentResetsTheView();
    void theCsvHasEveryCandleWithExactPrices();
    void markTextsTellPriceAndTime();
    void copyPutsThePictureOnTheClipboard();
    void withoutCandlesTheChartSaysWhatWouldBeHere();

    void theLineIsEmptyUntilTwoPointsAreThere();
    void theLineFindsTheNearestPoint();
    void theLineIsBrokenWherePointsAreFarApart();
    void theLineKeepsItsLimitInSight();
    void aFlatLineHasAScale();
    void theLineZoomsAndResets();
    void theLineShowsTheAskedRange();
    void theCsvOfTheLineHasEveryPoint();
    void aFileThatCannotBeWrittenIsTold();
};

void ChartTest::oneTwoAndManyCandlesArePaintedWithoutADivisionByNothing_data()
{
    QTest::addColumn<int>("count");
    for (const int count : {1, 2, 3, 19, 20, 26, 61, 5'000}) {
        QTest::newRow(qPrintable(QString::number(count))) << count;
    }
}

void ChartTest::oneTwoAndManyCandlesArePaintedWithoutADivisionByNothing()
{
    QFETCH(int, count);
    const auto candles = test::walk(static_cast<std::size_t>(count), Timeframe::M5);
    Painted painted(candles, {true, true, true, true});
    painted.paint(viewOf(candles, painted.scene.length()));
    QVERIFY(std::isfinite(painted.at->price.pixel(31'000)));
    QVERIFY(!painted.at->priceTicks.empty());
    int coloured = 0;
    for (int x = 0; x < size.width(); ++x) {
        coloured +=
            painted.columnHolds(x, painted.scene.colors.gain) || painted.columnHolds(x, painted.scene.colors.loss) ? 1
                                                                                                                   : 0;
    }
    QVERIFY(coloured >= std::min(count, 300));
}

void ChartTest::aFlatPriceIsAThinLineInTheMiddle()
{
    std::vector<Candle> candles;
    for (int i = 0; i < 10; ++i) {
        candles.push_back(flat(test::chartStart + base::Millis{i * 300'000}, 500));
    }
    Painted painted(candles);
    painted.paint(viewOf(candles, painted.scene.length()));
    const auto middle = static_cast<int>(std::round(painted.at->plot.center().y()));
    QCOMPARE(static_cast<int>(std::round(painted.at->price.pixel(500))), middle);
    const int x = static_cast<int>(painted.at->bars[3].x) + 2;
    QCOMPARE(QColor(painted.image.pixel(x, middle)), painted.scene.colors.gain);
    QVERIFY(painted.image.pixel(x, middle - 2) != painted.scene.colors.gain.rgb());
}

void ChartTest::risingAndFallingCandlesHaveTheirColours()
{
    std::vector<Candle> candles{flat(test::chartStart, 100), flat(test::chartStart + base::Millis{300'000}, 100)};
    candles[0].close = candles[0].high = {110};
    candles[1].open = candles[1].high = {110};
    Painted painted(candles);
    painted.paint(viewOf(candles, painted.scene.length()));
    const auto y = static_cast<int>(painted.at->price.pixel(107));
    QCOMPARE(QColor(painted.image.pixel(static_cast<int>(painted.at->bars[0].x), y)), painted.scene.colors.gain);
    QCOMPARE(QColor(painted.image.pixel(static_cast<int>(painted.at->bars[1].x), y)), painted.scene.colors.loss);
}

void ChartTest::missingCandlesLeaveTheirColumnsEmpty()
{
    auto candles = test::walk(100, Timeframe::M5);
    const auto view = viewOf(candles, market::length(Timeframe::M5));
    const auto from = candles[40].start;
    const auto to = candles[60].start;
    candles.erase(candles.begin() + 40, candles.begin() + 60);
    Painted painted(candles, {true, true, true, true});
    painted.paint(view);
    const auto& colors = painted.scene.colors;
    const auto first = static_cast<int>(painted.at->time.pixel(ms(from))) + 1;
    const auto last = static_cast<int>(painted.at->time.pixel(ms(to))) - 1;
    QVERIFY(last - first > 100);
    const std::set<QRgb> expected{colors.surface.rgb(),
                                  colors.tint(colors.hairline, 0.6).rgb()}; // nothing but the grid
    for (int x = first; x < last; ++x) {
        if (std::abs(x - static_cast<int>(painted.at->plot.center().x())) < 2) {
            continue; // the crosshair
        }
        for (auto y = static_cast<int>(painted.at->plot.top()); y < static_cast<int>(painted.at->volume.bottom());
             ++y) {
            if (y != static_cast<int>(std::floor(painted.at->plot.center().y()))) {
                QVERIFY2(expected.contains(painted.image.pixel(x, y)),
                         qPrintable(QStringLiteral("%1 %2").arg(x).arg(y)));
            }
        }
    }
    QVERIFY(painted.columnHolds(static_cast<int>(painted.at->bars[39].x), colors.gain) ||
            painted.columnHolds(static_cast<int>(painted.at->bars[39].x), colors.loss));
}

void ChartTest::overlaysAreBrokenAtAGap()
{
    auto candles = test::walk(3'000, Timeframe::M5);
    const auto view = viewOf(candles, market::length(Timeframe::M5));
    candles.erase(candles.begin() + 1'000, candles.begin() + 2'000);
    Painted painted(candles, {true, true, true, true});
    painted.paint(view); // merged: three candles a column
    for (const auto& bar : painted.at->bars) {
        QVERIFY(bar.count >= 1 && bar.count <= 5);
    }
    const auto middle = static_cast<int>(painted.at->plot.center().x()) + 5;
    QVERIFY(!painted.columnHolds(middle, painted.scene.colors.warning));
    QVERIFY(painted.columnHolds(100, painted.scene.colors.warning));
}

void ChartTest::aCandleThatAGapTouchesIsMarked()
{
    auto candles = test::walk(50, Timeframe::M5);
    candles[20].hasGap = true;
    Painted painted(candles);
    painted.paint(viewOf(candles, painted.scene.length()));
    QVERIFY(painted.columnHolds(static_cast<int>(painted.at->bars[20].x), painted.scene.colors.warning));
    QVERIFY(!painted.columnHolds(static_cast<int>(painted.at->bars[23].x), painted.scene.colors.warning));
}

void ChartTest::manyCandlesBecomeOneBarAColumn()
{
    const auto candles = test::walk(100'000, Timeframe::M1);
    Painted painted(candles, {true, true, true, true});
    painted.scene.timeframe = Timeframe::M1;
    painted.paint(viewOf(candles, painted.scene.length()));
    QVERIFY(static_cast<double>(painted.at->bars.size()) <= painted.at->plot.width() + 1);
    std::size_t count = 0;
    for (const auto& bar : painted.at->bars) {
        count += bar.count;
    }
    QCOMPARE(count, candles.size());
}

void ChartTest::entriesStandUnderTheirCandleAndExitsAboveIt()
{
    const auto candles = test::walk(60, Timeframe::M5);
    const std::vector<console::TradeMark> marks{
        {candles[20].start + base::Millis{10'000}, candles[20].close, market::Side::Buy, true, false, "in"},
        {candles[30].start + base::Millis{10'000}, candles[30].close, market::Side::Sell, false, false, "out"}};
    Painted painted(candles, {false, false, false, true}, &marks);
    painted.paint(viewOf(candles, painted.scene.length()));
    const auto places = markPlaces(painted.scene, *painted.at);
    QCOMPARE(places.size(), 2U);
    QVERIFY(places[0].tip.y() > painted.at->price.pixel(static_cast<double>(candles[20].low.value)));
    QVERIFY(places[1].tip.y() < painted.at->price.pixel(static_cast<double>(candles[30].high.value)));
    QCOMPARE(QColor(painted.image.pixel((places[0].tip + QPointF(0, 6)).toPoint())), painted.scene.colors.focus);
    QCOMPARE(QColor(painted.image.pixel((places[1].tip - QPointF(0, 6)).toPoint())), painted.scene.colors.second);
    painted.scene.shown.trades = false;
    QVERIFY(markPlaces(painted.scene, *painted.at).empty());
}

void ChartTest::marksInShadowAreHollow()
{
    const auto candles = test::walk(60, Timeframe::M5);
    const std::vector<console::TradeMark> marks{
        {candles[20].start, candles[20].close, market::Side::Buy, true, true, "in shadow"}};
    Painted painted(candles, {false, false, false, true}, &marks);
    painted.paint(viewOf(candles, painted.scene.length()));
    const auto tip = markPlaces(painted.scene, *painted.at).front().tip;
    QCOMPARE(QColor(painted.image.pixel((tip + QPointF(0, 6)).toPoint())), painted.scene.colors.surface);
}

void ChartTest::marksOfOneCandleAreStacked()
{
    const auto candles = test::walk(60, Timeframe::M5);
    std::vector<console::TradeMark> marks;
    for (int i = 0; i < 3; ++i) {
        marks.push_back({candles[20].start + base::Millis{i}, candles[20].close, market::Side::Buy, true, false, "in"});
    }
    Painted painted(candles, {false, false, false, true}, &marks);
    painted.paint(viewOf(candles, painted.scene.length()));
    const auto places = markPlaces(painted.scene, *painted.at);
    QCOMPARE(places.size(), 3U);
    QVERIFY(places[0].tip.y() + 8 < places[1].tip.y() && places[1].tip.y() + 8 < places[2].tip.y());
}

void ChartTest::theCandleUnderThePointerIsFoundAndNoneInAGap()
{
    auto candles = test::walk(10, Timeframe::M5);
    const auto view = viewOf(candles, market::length(Timeframe::M5));
    const auto missing = ms(candles[5].start);
    candles.erase(candles.begin() + 5);
    Painted painted(candles);
    painted.scene.forming = flat(candles.back().start + painted.scene.length(), candles.back().close.value);
    const auto at = geometryOf(painted.scene, size, {view.low, view.high + 600'000});
    const auto x = [&](double time) { return at.time.pixel(time); };
    QCOMPARE(candleAt(painted.scene, at, x(ms(candles[3].start) + 1)), std::optional<std::size_t>(3));
    QCOMPARE(candleAt(painted.scene, at, x(ms(candles[3].start) + 299'999)), std::optional<std::size_t>(3));
    QCOMPARE(candleAt(painted.scene, at, x(missing + 100'000)), std::optional<std::size_t>());
    QCOMPARE(candleAt(painted.scene, at, x(view.low - 1'000)), std::optional<std::size_t>());
    QCOMPARE(candleAt(painted.scene, at, x(ms(painted.scene.forming->start) + 5)), std::optional<std::size_t>(9));
    QCOMPARE(candleAt(painted.scene, at, x(ms(painted.scene.forming->start) + 301'000)), std::optional<std::size_t>());
}

void ChartTest::volumesAreShortenedByUnit()
{
    QCOMPARE(compact(0), QStringLiteral("0"));
    QCOMPARE(compact(0.0653), QStringLiteral("0.0653"));
    QCOMPARE(compact(999), QStringLiteral("999"));
    QVERIFY(compact(12'400).startsWith(QStringLiteral("12.4")) && compact(12'400).endsWith(QLatin1Char('k')));
    QVERIFY(compact(1'530'000).startsWith(QStringLiteral("1.53")) && compact(1'530'000).endsWith(QLatin1Char('M')));
}

void ChartTest::aNewPricePaintsNothingThatIsClosedAgain()
{
    CandleChart chart;
    chart.resize(size);
    auto snapshot = test::chartOf(test::walk(400, Timeframe::M5), Timeframe::M5);
    auto forming = snapshot.closed->back();
    forming.start = forming.start + market::length(Timeframe::M5);
    snapshot.forming = forming;
    chart.setSnapshot(shared(snapshot), eth);
    const auto first = chart.grab().toImage();
    const int painted = chart.stillPaints();
    forming.close = forming.close == forming.low ? forming.high : forming.low;
    snapshot.forming = forming;
    snapshot.last = forming.close;
    chart.setSnapshot(shared(snapshot), eth);
    const auto second = chart.grab().toImage();
    QVERIFY(first != second);
    QTest::mouseMove(&chart, {300, 200});
    QMouseEvent move(QEvent::MouseMove, QPointF(300, 200), QPointF(300, 200), Qt::NoButton, Qt::NoButton,
                     Qt::NoModifier);
    QCoreApplication::sendEvent(&chart, &move);
    QVERIFY(chart.grab().toImage() != second);
    QCOMPARE(chart.stillPaints(), painted);
}

void ChartTest::aNewExtremeOfTheFormingCandleMovesTheScale()
{
    CandleChart chart;
    chart.resize(size);
    auto snapshot = test::chartOf(test::walk(400, Timeframe::M5), Timeframe::M5);
    auto forming = snapshot.closed->back();
    forming.start = forming.start + market::length(Timeframe::M5);
    snapshot.forming = forming;
    chart.setSnapshot(shared(snapshot), eth);
    chart.grab();
    const int painted = chart.stillPaints();
    const auto before = chart.laidOut().price.range();
    forming.high = {forming.high.value * 2};
    snapshot.forming = forming;
    chart.setSnapshot(shared(snapshot), eth);
    chart.grab();
    QCOMPARE(chart.stillPaints(), painted + 1);
    QVERIFY(chart.laidOut().price.range().high > before.high);
}

void ChartTest::aChartThatWasEmptyFirstShowsTheFirstCandlesThatCome()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf({}, Timeframe::M5)), eth);
    chart.grab();
    const auto snapshot = test::chartOf(test::walk(3, Timeframe::M5), Timeframe::M5);
    chart.setSnapshot(shared(snapshot), eth);
    const auto time = chart.laidOut().time.range();
    for (const auto& candle : *snapshot.closed) {
        QVERIFY(time.holds(static_cast<double>(candle.start.value)));
    }
}

void ChartTest::theNewestCandleIsFollowedUntilTheChartIsPannedAway()
{
    CandleChart chart;
    chart.resize(size);
    const auto candles = test::walk(402, Timeframe::M5);
    const auto first = [&](std::size_t n) {
        return shared(
            test::chartOf({candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(n)}, Timeframe::M5));
    };
    chart.setSnapshot(first(400), eth);
    const auto before = chart.view();
    QVERIFY(before.holds(ms(candles[399].start)));
    chart.setSnapshot(first(401), eth);
    QCOMPARE(chart.view().low - before.low, 300'000.0);
    chart.setFocus();
    QTest::keyClick(&chart, Qt::Key_Left);
    QVERIFY(!chart.isFollowing());
    const auto away = chart.view();
    chart.setSnapshot(first(402), eth);
    QCOMPARE(chart.view(), away);
    QTest::keyClick(&chart, Qt::Key_End);
    QVERIFY(chart.isFollowing() && chart.view().holds(ms(candles[401].start)));
}

void ChartTest::theWheelZoomsAboutThePointer()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf(test::walk(2'000, Timeframe::M5), Timeframe::M5)), eth);
    const double x = 300;
    const double under = timeAt(chart, x);
    const double span = chart.view().span();
    turnWheel(&chart, {x, 200}, 2);
    QVERIFY(chart.view().span() < span);
    QVERIFY(std::abs(timeAt(chart, x) - under) < 1);
    turnWheel(&chart, {x, 200}, -4);
    QVERIFY(chart.view().span() > span);
}

void ChartTest::shiftAndWheelPan()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf(test::walk(2'000, Timeframe::M5), Timeframe::M5)), eth);
    const auto before = chart.view();
    turnWheel(&chart, {300, 200}, 1, Qt::ShiftModifier);
    QVERIFY(chart.view().low < before.low);
    QVERIFY(std::abs(chart.view().span() - before.span()) < 1);
}

void ChartTest::draggingPansAndADoubleClickResets()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf(test::walk(2'000, Timeframe::M5), Timeframe::M5)), eth);
    const auto before = chart.view();
    const double under = timeAt(chart, 200);
    QTest::mousePress(&chart, Qt::LeftButton, {}, {200, 200});
    QMouseEvent move(QEvent::MouseMove, QPointF(350, 200), QPointF(350, 200), Qt::NoButton, Qt::LeftButton,
                     Qt::NoModifier);
    QCoreApplication::sendEvent(&chart, &move);
    QTest::mouseRelease(&chart, Qt::LeftButton, {}, {350, 200});
    QVERIFY(std::abs(timeAt(chart, 350) - under) < 2); // the candle stays under the hand
    QVERIFY(!chart.isFollowing());
    QTest::mouseDClick(&chart, Qt::LeftButton, {}, {350, 200});
    QCOMPARE(chart.view(), before);
    QVERIFY(chart.isFollowing());
}

void ChartTest::keysMoveZoomAndGoToTheEnds()
{
    CandleChart chart;
    chart.resize(size);
    const auto candles = test::walk(2'000, Timeframe::M5);
    chart.setSnapshot(shared(test::chartOf(candles, Timeframe::M5)), eth);
    const auto before = chart.view();
    QTest::keyClick(&chart, Qt::Key_Plus);
    QVERIFY(chart.view().span() < before.span());
    QVERIFY(chart.isFollowing());
    QTest::keyClick(&chart, Qt::Key_Minus);
    QVERIFY(std::abs(chart.view().span() - before.span()) < 1);
    QTest::keyClick(&chart, Qt::Key_Left);
    QVERIFY(chart.view().low < before.low);
    QTest::keyClick(&chart, Qt::Key_Right);
    QVERIFY(std::abs(chart.view().low - before.low) < 1);
    QTest::keyClick(&chart, Qt::Key_Home);
    QVERIFY(chart.view().holds(ms(candles.front().start)));
    QTest::keyClick(&chart, Qt::Key_End);
    QVERIFY(chart.view().holds(ms(candles.back().start)));
}

void ChartTest::anotherInstrumentResetsTheView()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf(test::walk(2'000, Timeframe::M5), Timeframe::M5)), eth);
    QTest::keyClick(&chart, Qt::Key_Home);
    const auto other = test::instrumentOf(2, "BTC-USDT", {1, -1});
    chart.setSnapshot(shared(test::chartOf(test::walk(2'000, Timeframe::M5, 600'000, 3), Timeframe::M5, {2})), other);
    QVERIFY(chart.isFollowing());
    QTest::keyClick(&chart, Qt::Key_Home);
    const auto hours = test::walk(500, Timeframe::H1);
    chart.setSnapshot(shared(test::chartOf(hours, Timeframe::H1, {2})), other);
    QVERIFY(chart.isFollowing());
    QVERIFY(chart.view().span() > 50 * 3'600'000.0);
}

void ChartTest::theCsvHasEveryCandleWithExactPrices()
{
    CandleChart chart;
    auto candles = test::walk(30, Timeframe::M5);
    candles[1].open = {31'005};
    auto snapshot = test::chartOf(candles, Timeframe::M5);
    snapshot.forming = flat(candles.back().start + market::length(Timeframe::M5), 31'000);
    chart.setShown({.ema = true, .bollinger = false, .vwap = false, .trades = true});
    chart.setSnapshot(shared(snapshot), eth);
    const auto lines = chart.csv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 32);
    QCOMPARE(lines.front(), QStringLiteral("time,open,high,low,close,volume,trades,has_gap,closed,ema26"));
    QCOMPARE(lines[2].section(QLatin1Char(','), 1, 1), QStringLiteral("3100.5"));
    QCOMPARE(lines[1].count(QLatin1Char(',')), 9);
    QVERIFY(lines[1].endsWith(QLatin1Char(','))); // the average is not warm yet: empty, not 0
    QVERIFY(!lines[30].endsWith(QLatin1Char(',')));
    QCOMPARE(lines[31].section(QLatin1Char(','), 8, 8), QStringLiteral("0"));
}

void ChartTest::markTextsTellPriceAndTime()
{
    CandleChart chart;
    chart.resize(size);
    const auto candles = test::walk(60, Timeframe::M5);
    auto snapshot = test::chartOf(candles, Timeframe::M5);
    snapshot.marks = std::make_shared<const std::vector<console::TradeMark>>(std::vector<console::TradeMark>{
        {candles[50].start, {31'182}, market::Side::Buy, true, true, "ema_crossover long, entry"}});
    chart.setSnapshot(shared(snapshot), eth);
    const auto tip = markPlaces(chart.scene(), chart.laidOut()).front().tip;
    const auto text = chart.markTextAt(tip + QPointF(1, 4));
    QVERIFY(text.contains(QStringLiteral("ema_crossover long, entry")));
    QVERIFY(text.contains(QStringLiteral("118.2 USDT")));
    QVERIFY(text.contains(QStringLiteral("shadow")));
    QCOMPARE(chart.markTextAt(tip + QPointF(40, 40)), QString());
}

void ChartTest::copyPutsThePictureOnTheClipboard()
{
    CandleChart chart;
    chart.resize(size);
    chart.setSnapshot(shared(test::chartOf(test::walk(60, Timeframe::M5), Timeframe::M5)), eth);
    QGuiApplication::clipboard()->clear();
    QTest::keyClick(&chart, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->pixmap().size(), size);
}

void ChartTest::withoutCandlesTheChartSaysWhatWouldBeHere()
{
    CandleChart chart;
    chart.resize(size);
    const auto nothing = chart.grab().toImage();
    chart.setEmptyText(QStringLiteral("No candle yet"));
    QVERIFY(chart.grab().toImage() != nothing);
    chart.setSnapshot(shared(test::chartOf({}, Timeframe::M5)), eth);
    QTest::keyClick(&chart, Qt::Key_Left);
    turnWheel(&chart, {100, 100}, 1);
    QTest::mouseClick(&chart, Qt::LeftButton, {}, {50, 50});
    QVERIFY(chart.csv().startsWith(QStringLiteral("time,")));
    chart.setSnapshot(nullptr, eth);
    QVERIFY(chart.scene().isEmpty());
    auto snapshot = test::chartOf({}, Timeframe::M5);
    snapshot.forming = flat(test::chartStart, 31'000);
    chart.setSnapshot(shared(snapshot), eth); // the very first candle is still forming
    QVERIFY(chart.view().holds(ms(test::chartStart)));
    chart.grab();
}

namespace {

LineChart::Series seriesOf(const std::vector<double>& values, std::int64_t stepMs = 60'000)
{
    LineChart::Series series;
    auto time = test::chartStart;
    for (const double value : values) {
        series.emplace_back(time, value);
        time = time + base::Millis{stepMs};
    }
    return series;
}

std::size_t visibleLines(const LineChart& chart)
{
    std::size_t count = 0;
    for (const auto* one : chart.chart()->series()) {
        count += one->type() == QAbstractSeries::SeriesTypeLine && one->isVisible() ? 1 : 0;
    }
    return count;
}

Range rangeOf(const LineChart& chart, Qt::Orientation orientation)
{
    const auto* axis = qobject_cast<QValueAxis*>(chart.chart()->axes(orientation).constFirst());
    return {axis->min(), axis->max()};
}

} // namespace

void ChartTest::theLineIsEmptyUntilTwoPointsAreThere()
{
    LineChart chart;
    chart.resize(size);
    chart.setEmptyText(QStringLiteral("Nothing yet"));
    QVERIFY(chart.isEmpty());
    chart.setSeries(seriesOf({5}));
    QVERIFY(chart.isEmpty());
    QCOMPARE(chart.pointAt(100), std::nullopt);
    chart.grab();
    chart.setSeries({{test::chartStart, 5}, {test::chartStart, 6}}); // two at one moment make no line
    QVERIFY(chart.isEmpty());
    chart.setSeries(seriesOf({5, 6}));
    QVERIFY(!chart.isEmpty());
    chart.grab();
    chart.setSeries({});
    QVERIFY(chart.isEmpty());
    chart.grab();
}

void ChartTest::theLineFindsTheNearestPoint()
{
    LineChart chart;
    chart.resize(size);
    const auto series = seriesOf({1, 2, 3, 4, 5});
    chart.setSeries(series);
    chart.grab();
    const auto plot = chart.chart()->plotArea();
    QCOMPARE(chart.pointAt(plot.left()), series[0]);
    QCOMPARE(chart.pointAt(plot.right()), series[4]);
    QCOMPARE(chart.pointAt(plot.center().x() + plot.width() / 10), series[2]);
    QCOMPARE(chart.pointAt(plot.center().x() + plot.width() / 6), series[3]);
    QCOMPARE(chart.pointAt(-500), series[0]);
}

void ChartTest::theLineIsBrokenWherePointsAreFarApart()
{
    LineChart chart;
    chart.resize(size);
    auto series = seriesOf(std::vector<double>(100, 3.5));
    chart.setSeries(series, base::Millis{60'000});
    QCOMPARE(visibleLines(chart), 1U);
    series.erase(series.begin() + 30);
    chart.setSeries(series, base::Millis{120'000}); // at the edge: still joined
    QCOMPARE(visibleLines(chart), 1U);
    chart.setSeries(series, base::Millis{119'999});
    QCOMPARE(visibleLines(chart), 2U);
    chart.setSeries(series);
    QCOMPARE(visibleLines(chart), 1U);
}

void ChartTest::theLineKeepsItsLimitInSight()
{
    LineChart chart;
    chart.resize(size);
    chart.setSeries(seriesOf({60, 61, 62}));
    QVERIFY(rangeOf(chart, Qt::Vertical).high < 85);
    chart.setLimit(85, QStringLiteral("limit 85"));
    QVERIFY(rangeOf(chart, Qt::Vertical).holds(85));
    QVERIFY(rangeOf(chart, Qt::Vertical).holds(60));
    const auto with = chart.grab().toImage();
    chart.clearLimit();
    QVERIFY(rangeOf(chart, Qt::Vertical).high < 85);
    QVERIFY(chart.grab().toImage() != with);
}

void ChartTest::aFlatLineHasAScale()
{
    for (const double value : {0.0, 5.0, -3.0, 10'000.0}) {
        LineChart chart;
        chart.resize(size);
        chart.setSeries(seriesOf({value, value, value}));
        const auto range = rangeOf(chart, Qt::Vertical);
        QVERIFY(range.low < value && value < range.high);
        chart.grab();
    }
}

void ChartTest::theLineZoomsAndResets()
{
    LineChart chart;
    chart.resize(size);
    chart.setSeries(seriesOf(std::vector<double>(1'000, 1)));
    chart.grab();
    const auto whole = rangeOf(chart, Qt::Horizontal);
    turnWheel(chart.viewport(), chart.chart()->plotArea().center(), 3);
    const auto zoomed = rangeOf(chart, Qt::Horizontal);
    QVERIFY(zoomed.span() < whole.span() * 0.6);
    QVERIFY(zoomed.low > whole.low && zoomed.high < whole.high);
    QTest::keyClick(&chart, Qt::Key_End);
    QCOMPARE(rangeOf(chart, Qt::Horizontal).high, whole.high);
    QTest::mouseDClick(chart.viewport(), Qt::LeftButton, {}, {300, 200});
    QCOMPARE(rangeOf(chart, Qt::Horizontal), whole);
    turnWheel(chart.viewport(), {300, 200}, -5);
    QCOMPARE(rangeOf(chart, Qt::Horizontal), whole);
}

void ChartTest::theLineShowsTheAskedRange()
{
    LineChart chart;
    chart.resize(size);
    const auto series = seriesOf({1, 2, 3, 100});
    chart.setSeries(series);
    chart.setTimeRange(series[0].first, series[1].first);
    QCOMPARE(rangeOf(chart, Qt::Horizontal), (Range{ms(series[0].first), ms(series[1].first)}));
    QVERIFY(rangeOf(chart, Qt::Vertical).high < 50); // of what is seen
    chart.clearTimeRange();
    QCOMPARE(rangeOf(chart, Qt::Horizontal).high, ms(series[3].first));
}

void ChartTest::theCsvOfTheLineHasEveryPoint()
{
    LineChart chart;
    chart.setTitle(QStringLiteral("Paper equity"));
    chart.setSeries(seriesOf({1.5, 0.1}));
    QCOMPARE(chart.csv(),
             QStringLiteral("time,Paper equity\n2025-06-21T10:00:00.000Z,1.5\n2025-06-21T10:01:00.000Z,0.1\n"));
}

void ChartTest::aFileThatCannotBeWrittenIsTold()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("candles.csv"));
    QCOMPARE(writeCsv(path, QStringLiteral("a,b\n")), QString());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("a,b\n"));
    QVERIFY(!writeCsv(folder.filePath(QStringLiteral("missing/candles.csv")), QStringLiteral("a")).isEmpty());
}

QTEST_MAIN(ChartTest)
#include "chart_test.moc"
