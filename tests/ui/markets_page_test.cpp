// Markets: what its tables say, and what a click asks of the engines.
#include "testkit/fake_console.h"
#include "testkit/fake_execution.h"
#include "ui/chart_fixtures.h"
#include "ui/charts/candle_chart.h"
#include "ui/command_desk.h"
#include "ui/execution/trade_detail.h"
#include "ui/markets/chart_panel.h"
#include "ui/markets/markets_models.h"
#include "ui/markets/markets_page.h"
#include "ui/questions.h"
#include "ui/widgets/data_table.h"
#include "ui/window_memory.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QRegularExpression>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

using namespace qd;
using namespace qd::ui;
using console::WatchChart;

namespace {

constexpr base::UtcMs fixed{1'764'060'300'000};
base::UtcMs fakeNow = fixed;

/// A page with all it needs, shown; `settings` may hold what was chosen before.
struct Shown {
    testkit::FakeConsole console;
    Theme theme;
    CommandDesk desk{console};
    Questions questions{console};
    WindowMemory memory;
    format::Zone zone = format::Zone::Utc;
    MarketsPage page;

    explicit Shown(const QString& settings = {})
        : memory(settings),
          page({console, theme, desk, questions, memory, zone, [] { return fakeNow; }})
    {
        fakeNow = fixed;
        page.resize(1100, 720);
        page.show();
    }
    void deliver(Changes changes = everything)
    {
        page.deliver({console.ingestBox.get(), console.paperBox.get(), console.chartBox.get(), nullptr, nullptr},
                     changes);
    }
    void fill()
    {
        testkit::fill(console, fixed);
        console.onWatch = nullptr; // the test says which chart comes
        auto chart = testkit::plausibleChart(fixed);
        chart.instrument = {2};
        console.chartBox.put(chart);
        deliver();
    }
    [[nodiscard]] QLineEdit* filter()
    {
        for (auto* edit : page.findChildren<QLineEdit*>()) {
            if (edit->accessibleName() == QLatin1String("Filter instruments")) {
                return edit;
            }
        }
        return nullptr;
    }
    [[nodiscard]] QTableView* table(const char* name)
    {
        for (auto* view : page.findChildren<QTableView*>()) {
            if (view->accessibleName() == QLatin1String(name)) {
                return view;
            }
        }
        return nullptr;
    }
    [[nodiscard]] CandleChart* chart() { return page.findChild<CandleChart*>(); }
    [[nodiscard]] std::size_t watched() const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            console.sent, [](const auto& s) { return std::holds_alternative<WatchChart>(s.second); }));
    }
    void click(QTableView* view, int row, bool twice = false)
    {
        const auto at = view->visualRect(view->model()->index(row, 0)).center();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, at);
        if (twice) {
            QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, at);
        }
    }
    void press(const QString& text)
    {
        for (auto* button : page.findChildren<PillButton*>()) {
            if (button->text() == text) {
                QTest::mouseClick(button, Qt::LeftButton);
                return;
            }
        }
        QFAIL(qPrintable(QStringLiteral("no button ") + text));
    }
};

QString textOf(const QAbstractItemModel& model, int row, int column)
{
    return format::plain(model.index(row, column).data().toString());
}

PositionEntry entryOf(market::Side side)
{
    PositionEntry entry;
    entry.instrument = test::instrumentOf(2, "ETH-USDT", {1, -1});
    entry.of.position = testkit::position("breakout", 2, side, 31'184, fixed - base::Millis{38 * 60'000});
    entry.of.position.size = {12'000};
    entry.of.last = market::Price{31'312};
    entry.of.unrealised = {410'000'000};
    entry.of.unrealisedFraction = 0.0041;
    entry.now = fixed;
    return entry;
}

} // namespace

class MarketsPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void theInstrumentsModelKeepsItsPromisesWhileRowsComeChangeAndGo();
    void anInstrumentShowsItsOwnDecimalsAndASign();
    void whatIsUndefinedIsADash();
    void thePositionsModelKeepsItsPromises();
    void aPositionIsToldInCoinsWithContractsInTheTooltip();
    void pricesOfEightDecimalsAreWhole();
    void aPositionsHeldTimeGrowsByWholeSteps();
    void theTradesModelKeepsItsPromises();
    void sizesAreExactInCoins();

    void theFirstInstrumentIsWatchedAtOnce();
    void aClickOnAnInstrumentAsksForItsChart();
    void aTimeframeButtonAsksForThatChart();
    void theSameChoiceTwiceAsksOnce();
    void choicesAreRememberedAndRevealLeadsToAnInstrument();
    void aDoubleClickOnAPositionShowsItsInstrument();
    void aPositionOpensItsDetailOnTheChartThatComes();
    void aPositionThatClosesBecomesAClosedTradeInItsDetail();
    void aClosedTradeOpensItsDetail();
    void theTradesButtonTellsHowManyAreOnTheChart();
    void theChartShowsOnlyWhatWasAskedFor();
    void aChartThatDoesNotComeIsAskedForAgain();
    void aHiddenPageCatchesUpWhenItIsShown();
    void theFilterKeepsTheChart();
    void overlaysAreSwitchedAndRemembered();
    void theWheelZoomsTheChartOnThePage();
    void theLedgerHasTwoSides();
    void anEmptyPageSaysWhatWouldBeHere();
};

void MarketsPageTest::theInstrumentsModelKeepsItsPromisesWhileRowsComeChangeAndGo()
{
    InstrumentsModel model(nullptr);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    auto rows = testkit::plausibleIngest(fixed).instruments;
    model.update(rows);
    QCOMPARE(model.rowCount(), 12);
    rows[3].last = market::Price{6'200};
    std::swap(rows[0], rows[5]);
    rows.erase(rows.begin() + 7);
    model.update(rows);
    QCOMPARE(model.rowCount(), 11);
    QCOMPARE(textOf(model, 3, InstrumentsModel::Last), QStringLiteral("0.6200"));
    QCOMPARE(model.rowOf(rows[0].instrument.id), 0);
    QCOMPARE(model.rowOf(QStringLiteral("XRP-USDT")), 3);
    QCOMPARE(model.rowOf(QStringLiteral("NONE-USDT")), -1);
    model.update({});
    QCOMPARE(model.rowCount(), 0);
}

void MarketsPageTest::anInstrumentShowsItsOwnDecimalsAndASign()
{
    InstrumentsModel model(nullptr);
    model.update(testkit::plausibleIngest(fixed).instruments);
    QCOMPARE(textOf(model, 0, InstrumentsModel::Last), QStringLiteral("64120.4"));
    QCOMPARE(textOf(model, 4, InstrumentsModel::Last), QStringLiteral("0.00001847"));
    QCOMPARE(textOf(model, 0, InstrumentsModel::Change), QStringLiteral("+1.2%"));
    QCOMPARE(textOf(model, 2, InstrumentsModel::Change), QStringLiteral("-0.4%"));
    const auto toneAt = [&](int row, int column) { return model.index(row, column).data(ToneRole).value<Meaning>(); };
    QCOMPARE(toneAt(0, InstrumentsModel::Change), Meaning::Gain);
    QCOMPARE(toneAt(2, InstrumentsModel::Change), Meaning::Loss);
    QCOMPARE(toneAt(0, InstrumentsModel::Name), Meaning::Gain);
    QVERIFY(model.index(0, InstrumentsModel::Last).data(Qt::ToolTipRole).toString().contains(QStringLiteral("bid")));
}

void MarketsPageTest::whatIsUndefinedIsADash()
{
    InstrumentsModel model(nullptr);
    console::InstrumentRow row;
    row.instrument = test::instrumentOf(1, "ETH-USDT", {1, -1});
    model.update({row});
    QCOMPARE(model.index(0, InstrumentsModel::Last).data().toString(), format::undefined());
    QCOMPARE(model.index(0, InstrumentsModel::Change).data().toString(), format::undefined());
    QVERIFY(!model.index(0, InstrumentsModel::Change).data(SortRole).isValid());
    QCOMPARE(model.index(0, InstrumentsModel::Name).data(ToneRole).value<Meaning>(), Meaning::TextFaint);
}

void MarketsPageTest::thePositionsModelKeepsItsPromises()
{
    const auto zone = format::Zone::Utc;
    PositionsModel model(zone, nullptr);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    auto other = entryOf(market::Side::Sell);
    other.of.position.decision.strategy = "ema_crossover";
    other.of.position.inShadow = true;
    model.update({entryOf(market::Side::Buy), other});
    QCOMPARE(textOf(model, 0, PositionsModel::Side), QStringLiteral("Long"));
    QCOMPARE(textOf(model, 1, PositionsModel::Side), QStringLiteral("Short"));
    QCOMPARE(textOf(model, 0, PositionsModel::Unrealised), QStringLiteral("+0.41%"));
    QCOMPARE(textOf(model, 0, PositionsModel::StopTarget), QStringLiteral("3078.4 / 3178.4"));
    QVERIFY(!model.index(0, PositionsModel::Strategy).data(MutedRole).isValid());
    QVERIFY(model.index(1, PositionsModel::Strategy).data(MutedRole).toString().contains(QStringLiteral("shadow")));
    auto unknown = entryOf(market::Side::Buy);
    unknown.of.last.reset();
    model.update({unknown});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, PositionsModel::Unrealised).data().toString(), format::undefined());
    model.update({});
}

void MarketsPageTest::pricesOfEightDecimalsAreWhole()
{
    Shown shown;
    shown.fill();
    const auto& listed = shown.console.ingestBox.get()->instruments;
    const auto small = std::ranges::find_if(listed, [](const auto& row) { return row.instrument.name == "SHIB-USDT"; });
    QVERIFY(small != listed.end());
    auto paper = *shown.console.paperBox.get();
    QVERIFY(!paper.positions.empty());
    auto& row = paper.positions.front();
    row.position.decision.instrument = small->instrument.id;
    row.position.size = {27'027'027};
    row.position.entry.price = {1'847};
    row.last = base::Price{1'851};
    row.position.decision.stop = {1'801};
    row.position.decision.target = {1'902};
    shown.console.paperBox.put(std::move(paper));
    shown.deliver();
    QCoreApplication::processEvents();
    auto* view = shown.table("Open positions");
    QVERIFY(view->model()->rowCount() > 0);
    bool isSeen = false;
    for (int at = 0; at < view->model()->rowCount(); ++at) {
        for (const int column :
             {PositionsModel::Entry, PositionsModel::Last, PositionsModel::StopTarget, PositionsModel::Size}) {
            const auto index = view->model()->index(at, column);
            isSeen = isSeen || index.data().toString().contains(QLatin1String("0.00001801 / 0.00001902"));
            if (!view->isColumnHidden(column)) {
                QVERIFY(view->columnWidth(column) >= view->itemDelegate()->sizeHint({}, index).width());
            }
        }
    }
    QVERIFY(isSeen);
}

void MarketsPageTest::aPositionIsToldInCoinsWithContractsInTheTooltip()
{
    const auto zone = format::Zone::Utc;
    PositionsModel model(zone, nullptr);
    model.update({entryOf(market::Side::Buy)});
    QCOMPARE(textOf(model, 0, PositionsModel::Size), QStringLiteral("1.2")); // 1,200.0 contracts of 0.001
    const auto help = format::plain(model.index(0, PositionsModel::Size).data(Qt::ToolTipRole).toString());
    QCOMPARE(help, QStringLiteral("1.2 ETH, 1200.0 contracts of 0.001 ETH"));
}

void MarketsPageTest::aPositionsHeldTimeGrowsByWholeSteps()
{
    const auto zone = format::Zone::Utc;
    PositionsModel model(zone, nullptr);
    auto entry = entryOf(market::Side::Buy);
    model.update({entry});
    QCOMPARE(textOf(model, 0, PositionsModel::Held), QStringLiteral("38 m"));
    int changes = 0;
    connect(&model, &QAbstractItemModel::dataChanged, this, [&] { ++changes; });
    entry.now = fixed + base::Millis{30'000};
    model.update({entry});
    QCOMPARE(changes, 0);
    entry.now = fixed + base::Millis{60'000};
    model.update({entry});
    QCOMPARE(changes, 1);
    QCOMPARE(textOf(model, 0, PositionsModel::Held), QStringLiteral("39 m"));
    entry.now = entry.of.position.entry.time - base::Millis{5'000}; // a clock behind the exchange: never negative
    model.update({entry});
    QVERIFY(!textOf(model, 0, PositionsModel::Held).contains(QLatin1Char('-')));
}

void MarketsPageTest::theTradesModelKeepsItsPromises()
{
    const auto zone = format::Zone::Utc;
    TradesModel model(zone, [] { return fixed; }, nullptr);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const TradeEntry first{testkit::closedTrade(fixed), testkit::instrument(2, "ETH-USDT", 2)};
    auto second = first;
    second.of.position.decision.number = {77};
    second.of.net = {-100'000'000};
    model.update({first});
    model.update({second, first});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(textOf(model, 0, TradesModel::Net), QStringLiteral("-1.00"));
    QCOMPARE(textOf(model, 1, TradesModel::Net), QStringLiteral("+3.09"));
    QCOMPARE(textOf(model, 1, TradesModel::Reason), QStringLiteral("target"));
    QVERIFY(model.index(1, TradesModel::Net).data(Qt::ToolTipRole).toString().contains(QStringLiteral("fees")));
}

void MarketsPageTest::sizesAreExactInCoins()
{
    auto shib = test::instrumentOf(5, "SHIB-USDT", {1, -9});
    shib.contractValue = {1, 6};
    QCOMPARE(format::plain(coinsText(shib, {15})), QStringLiteral("1500000"));
    auto coin = test::instrumentOf(1, "BTC-USDT", {1, -1});
    coin.contractValue = {1, 0};
    QCOMPARE(coinsText(coin, {15}), QStringLiteral("1.5"));
    QCOMPARE(sizeHelp(coin, {15}), QStringLiteral("1.5 BTC"));
}

void MarketsPageTest::theFirstInstrumentIsWatchedAtOnce()
{
    Shown shown;
    QCOMPARE(shown.watched(), 0U);
    shown.fill();
    QCOMPARE(shown.watched(), 1U);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{1});
    QCOMPARE(shown.console.newest<WatchChart>()->timeframe, market::Timeframe::M5);
}

void MarketsPageTest::aClickOnAnInstrumentAsksForItsChart()
{
    Shown shown;
    shown.fill();
    shown.click(shown.table("Instruments"), 1);
    QCOMPARE(shown.watched(), 2U);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{2});
    QTest::keyClick(shown.table("Instruments"), Qt::Key_Down);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{3});
}

void MarketsPageTest::aTimeframeButtonAsksForThatChart()
{
    Shown shown;
    shown.fill();
    for (const auto tf :
         {market::Timeframe::M1, market::Timeframe::M15, market::Timeframe::H1, market::Timeframe::H4}) {
        shown.press(format::text(market::name(tf)));
        QCOMPARE(shown.console.newest<WatchChart>()->timeframe, tf);
        QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{1});
    }
}

void MarketsPageTest::theSameChoiceTwiceAsksOnce()
{
    Shown shown;
    shown.fill();
    const auto before = shown.watched();
    shown.click(shown.table("Instruments"), 0);
    shown.press(QStringLiteral("5m"));
    shown.deliver();
    QCOMPARE(shown.watched(), before);
}

void MarketsPageTest::choicesAreRememberedAndRevealLeadsToAnInstrument()
{
    const QTemporaryDir folder;
    const auto settings = folder.filePath(QStringLiteral("window.ini"));
    {
        Shown shown(settings);
        shown.fill();
        QVERIFY(shown.page.reveal(QStringLiteral("SOL-USDT")));
        QVERIFY(!shown.page.reveal(QStringLiteral("NONE-USDT")));
        shown.press(QStringLiteral("1h"));
        shown.press(QStringLiteral("Bollinger"));
    }
    Shown again(settings);
    again.fill();
    QCOMPARE(again.console.newest<WatchChart>()->instrument, base::InstrumentId{3});
    QCOMPARE(again.console.newest<WatchChart>()->timeframe, market::Timeframe::H1);
    QVERIFY(again.chart()->scene().shown.bollinger);
}

void MarketsPageTest::aDoubleClickOnAPositionShowsItsInstrument()
{
    Shown shown;
    shown.fill();
    shown.filter()->setText(QStringLiteral("btc"));
    shown.click(shown.table("Open positions"), 1, true);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{2});
}

void MarketsPageTest::aPositionOpensItsDetailOnTheChartThatComes()
{
    Shown shown;
    shown.fill(); // the chart that is there is of instrument 2
    shown.click(shown.table("Open positions"), 0, true);
    auto* detail = shown.page.detail();
    QVERIFY(detail != nullptr && detail->isVisible());
    QCOMPARE(detail->story()->position.decision.instrument, base::InstrumentId{1});
    QVERIFY(detail->chart()->scene().isEmpty());
    QVERIFY(detail->text().contains(QStringLiteral("20-bar high broken")));
    auto chart = testkit::plausibleChart(fixed, {{1}, market::Timeframe::M5}, 641'204);
    shown.console.chartBox.put(chart);
    shown.deliver(Change::Chart);
    QVERIFY(!detail->chart()->scene().isEmpty());
    QCOMPARE(detail->chart()->scene().marks.size(), 1U); // its own entry, not all of the instrument's
    QTest::keyClick(detail, Qt::Key_J);
    QCOMPARE(detail->story()->position.decision.instrument, base::InstrumentId{2});
}

void MarketsPageTest::aPositionThatClosesBecomesAClosedTradeInItsDetail()
{
    Shown shown;
    testkit::FakeDesk desk(shown.console, fixed, 0);
    shown.fill();
    shown.click(shown.table("Open positions"), 1, true);
    auto paper = testkit::plausiblePaper(fixed);
    auto trade = testkit::closedTrade(fixed);
    trade.position = paper.positions[1].position;
    paper.positions.erase(paper.positions.begin() + 1);
    paper.recent = {trade};
    shown.console.paperBox.put(paper);
    fakeNow = fixed + base::Millis{999};
    shown.deliver(Change::Paper);
    QVERIFY(!shown.page.detail()->story()->closed); // once a second will do
    fakeNow = fixed + base::Millis{1'000};
    shown.deliver(Change::Paper);
    QVERIFY(shown.page.detail()->story()->closed);
    QVERIFY(shown.page.detail()->text().contains(QStringLiteral("Why it ended: target")));
}

void MarketsPageTest::aClosedTradeOpensItsDetail()
{
    Shown shown;
    testkit::fill(shown.console, fixed);
    auto paper = testkit::plausiblePaper(fixed);
    paper.recent = {testkit::closedTrade(fixed)};
    shown.console.paperBox.put(paper);
    shown.deliver();
    shown.press(QStringLiteral("Closed 412"));
    shown.click(shown.table("Closed trades"), 0, true);
    QVERIFY(shown.page.detail()->story()->closed);
    QVERIFY(std::ranges::any_of(shown.console.asked,
                                [](const auto& one) { return std::holds_alternative<console::AskTrade>(one.second); }));
    QVERIFY(shown.page.detail()->text().contains(QStringLiteral("3129.10")));
}

void MarketsPageTest::theTradesButtonTellsHowManyAreOnTheChart()
{
    Shown shown;
    shown.fill();
    shown.click(shown.table("Instruments"), 1);
    shown.deliver(Change::Chart);
    for (const auto* button : shown.page.findChildren<PillButton*>()) {
        if (button->text() == QLatin1String("Trades")) {
            QVERIFY(button->toolTip().contains(QStringLiteral("4 are on this chart")));
            return;
        }
    }
    QFAIL("no such button");
}

void MarketsPageTest::theChartShowsOnlyWhatWasAskedFor()
{
    Shown shown;
    shown.fill(); // the chart that came is of instrument 2
    QVERIFY(shown.chart()->scene().isEmpty());
    shown.click(shown.table("Instruments"), 1);
    shown.deliver(Change::Chart);
    QVERIFY(!shown.chart()->scene().isEmpty());
    shown.press(QStringLiteral("1h"));
    QVERIFY(shown.chart()->scene().isEmpty());
    shown.deliver(Change::Chart); // still that of 5 m
    QVERIFY(shown.chart()->scene().isEmpty());
}

void MarketsPageTest::aChartThatDoesNotComeIsAskedForAgain()
{
    Shown shown;
    shown.fill();
    const auto before = shown.watched();
    fakeNow = fixed + base::Millis{2'999};
    shown.deliver(Change::Chart);
    QCOMPARE(shown.watched(), before);
    fakeNow = fixed + base::Millis{3'000};
    shown.deliver(Change::Chart);
    QCOMPARE(shown.watched(), before + 1);
    shown.deliver(Change::Chart);
    QCOMPARE(shown.watched(), before + 1);
}

void MarketsPageTest::aHiddenPageCatchesUpWhenItIsShown()
{
    Shown shown;
    shown.page.hide();
    shown.fill();
    QCOMPARE(shown.table("Instruments")->model()->rowCount(), 0);
    shown.page.show();
    QCOMPARE(shown.table("Instruments")->model()->rowCount(), 12);
    QCOMPARE(shown.table("Open positions")->model()->rowCount(), 3);
}

void MarketsPageTest::theFilterKeepsTheChart()
{
    Shown shown;
    shown.fill();
    const auto before = shown.watched();
    auto* filter = shown.filter();
    filter->setText(QStringLiteral("eth"));
    QCOMPARE(shown.table("Instruments")->model()->rowCount(), 1);
    QCOMPARE(shown.watched(), before);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{1});
    shown.click(shown.table("Instruments"), 0);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{2});
    filter->setText(QStringLiteral("sol"));
    QTest::keyClick(filter, Qt::Key_Return);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{3});
    QTest::keyClick(filter, Qt::Key_Escape);
    QCOMPARE(shown.console.newest<WatchChart>()->instrument, base::InstrumentId{3});
    QCOMPARE(shown.table("Instruments")->model()->rowCount(), 12);
    QVERIFY(filter->text().isEmpty());
}

void MarketsPageTest::overlaysAreSwitchedAndRemembered()
{
    Shown shown;
    shown.fill();
    const auto before = shown.chart()->scene().shown;
    QVERIFY(before.ema && before.trades && !before.bollinger && !before.vwap);
    shown.press(QStringLiteral("EMA 26"));
    shown.press(QStringLiteral("VWAP"));
    shown.press(QStringLiteral("Trades"));
    const auto after = shown.chart()->scene().shown;
    QVERIFY(!after.ema && !after.trades && after.vwap);
    QCOMPARE(shown.memory.value(QStringLiteral("markets/ema")).toBool(), false);
    QCOMPARE(shown.memory.value(QStringLiteral("markets/vwap")).toBool(), true);
}

void MarketsPageTest::theWheelZoomsTheChartOnThePage()
{
    Shown shown;
    shown.fill();
    shown.click(shown.table("Instruments"), 1);
    shown.deliver(Change::Chart);
    auto* chart = shown.chart();
    const double span = chart->view().span();
    const QPointF at = QRectF(chart->rect()).center();
    QWheelEvent event(at, chart->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(chart, &event);
    QVERIFY(chart->view().span() < span * 0.8);
}

void MarketsPageTest::theLedgerHasTwoSides()
{
    Shown shown;
    testkit::fill(shown.console, fixed);
    auto paper = testkit::plausiblePaper(fixed);
    paper.recent = {testkit::closedTrade(fixed)};
    shown.console.paperBox.put(paper);
    shown.deliver();
    QVERIFY(shown.table("Open positions")->isVisible());
    shown.press(QStringLiteral("Closed 412"));
    QVERIFY(!shown.table("Open positions")->isVisible());
    auto* trades = shown.table("Closed trades");
    QVERIFY(trades->isVisible());
    QCOMPARE(trades->model()->rowCount(), 1);
    QCOMPARE(trades->model()->index(0, TradesModel::Instrument).data().toString(), QStringLiteral("ETH-USDT"));
    shown.press(QStringLiteral("Open 3"));
    QVERIFY(shown.table("Open positions")->isVisible());
}

void MarketsPageTest::anEmptyPageSaysWhatWouldBeHere()
{
    Shown shown;
    shown.console.ingestBox.put(console::IngestSnapshot{});
    console::PaperSnapshot paper;
    paper.curve = std::make_shared<const std::vector<console::EquityPoint>>();
    shown.console.paperBox.put(paper);
    shown.deliver();
    QCOMPARE(shown.watched(), 0U);
    QStringList said;
    for (const auto* label : shown.page.findChildren<QLabel*>()) {
        said << label->text();
    }
    const auto all = said.join(QLatin1Char('\n'));
    QVERIFY(all.contains(QStringLiteral("as soon as the feed is connected")));
    QVERIFY(all.contains(QStringLiteral("No position is open")));
    QVERIFY(all.contains(QStringLiteral("No trade has ended yet")));
    QVERIFY(all.contains(QStringLiteral("No instrument")));
    shown.page.grab();
}

QTEST_MAIN(MarketsPageTest)
#include "markets_page_test.moc"
