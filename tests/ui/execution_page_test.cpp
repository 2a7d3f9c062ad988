// Execution: what it asks of the desk, when, and what it makes of the answers.
#include "testkit/fake_answers.h"
#include "testkit/fake_console.h"
#include "testkit/fake_execution.h"
#include "ui/charts/candle_chart.h"
#include "ui/command_desk.h"
#include "ui/execution/execution_models.h"
#include "ui/execution/execution_page.h"
#include "ui/execution/execution_tiles.h"
#include "ui/execution/stop_lab_card.h"
#include "ui/execution/trade_detail.h"
#include "ui/execution/trade_figures.h"
#include "ui/execution/trades_card.h"
#include "ui/execution/waterfall_chart.h"
#include "ui/questions.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/metric_tile.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/progress_card.h"
#include "ui/window_memory.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using namespace qd::ui;
using Id = TradePagesModel::ColumnId;

namespace {

constexpr base::UtcMs fixed{1'764'060'300'000};
base::UtcMs fakeNow = fixed;

/// The page with all it needs and a desk behind it.
struct Shown {
    testkit::FakeConsole console;
    testkit::FakeDesk desk;
    Theme theme;
    CommandDesk commands{console};
    Questions questions{console};
    WindowMemory memory;
    format::Zone zone = format::Zone::Utc;
    ExecutionPage page;

    explicit Shown(std::size_t trades = 6'000, const QString& settings = {})
        : desk(console, fixed, trades),
          memory(settings),
          page({console, theme, commands, questions, memory, zone, [] { return fakeNow; }})
    {
        fakeNow = fixed;
        testkit::fill(console, fixed);
        page.resize(1400, 900);
    }
    void deliver()
    {
        page.deliver({console.ingestBox.get(), console.paperBox.get(), nullptr, nullptr, nullptr}, everything);
    }
    /// Shown, with every answer that leads to another question.
    void open()
    {
        deliver();
        page.show();
        pump();
    }
    void pump()
    {
        QCoreApplication::processEvents(); // views lay themselves out
        for (int i = 0; i < 20 && !console.answers.empty(); ++i) {
            questions.pull();
            QCoreApplication::processEvents();
        }
    }
    [[nodiscard]] TradePagesModel& model() { return page.trades()->model(); }
    [[nodiscard]] QTableView* view() { return page.trades()->table()->view(); }
    [[nodiscard]] QString cell(int row, int column)
    {
        return format::plain(model().index(row, column).data().toString());
    }
    template <typename Query>
    [[nodiscard]] std::vector<Query> asked() const
    {
        std::vector<Query> out;
        for (const auto& [id, query] : console.asked) {
            if (const auto* one = std::get_if<Query>(&query)) {
                out.push_back(*one);
            }
        }
        return out;
    }
    [[nodiscard]] QComboBox* choice(const char* name)
    {
        for (auto* box : page.findChildren<QComboBox*>()) {
            if (box->accessibleName() == QLatin1String(name)) {
                return box;
            }
        }
        return nullptr;
    }
    template <typename Button>
    [[nodiscard]] Button* button(const QString& text)
    {
        for (auto* one : page.findChildren<Button*>()) {
            if (one->text() == text) {
                return one;
            }
        }
        return nullptr;
    }
    void press(const QString& text)
    {
        auto* pill = button<PillButton>(text);
        QVERIFY2(pill != nullptr, qPrintable(text));
        pill->click();
    }
    [[nodiscard]] QStringList said()
    {
        QStringList out;
        for (const auto* label : page.findChildren<QLabel*>()) {
            if (label->isVisibleTo(&page)) {
                out << label->text();
            }
        }
        return out;
    }
    [[nodiscard]] bool says(const QString& text) { return said().join(QLatin1Char('\n')).contains(text); }
};

} // namespace

class ExecutionPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void aHiddenPageAsksNothing();
    void theFirstPageIsAskedForWhenItIsShown();
    void scrollingAsksForThePagesThatAreSeenAndNoOthers();
    void theModelKeepsItsPromisesWhileItPages();
    void aDraggedScrollBarDoesNotFloodTheDesk();
    void pagesThatAreFarAwayAreForgotten();
    void sortingAsksTheDesk();
    void aColumnThatCannotSortLeavesTheArrowWhereItWas();
    void theFilterAsksTheDeskAndTheWaterfall();
    void staleAnswersAreDropped();
    void rowsStayUntilTheNewOnesAreHere();
    void whatClosesMeanwhileComesInAtTheTop();
    void whatClosesMeanwhileMovesNothingThatIsLookedAt();
    void anErrorSaysWhyAndCanBeTriedAgain();
    void anEmptyPageSaysWhatWouldBeHere();
    void pricesHaveTheDecimalsOfTheirInstrument();
    void anInstrumentThatLeftIsLookedUpOnce();
    void marksTellWhatATradeIs();
    void slippageIsWhatTheFillWasWorseThanTheDecision();
    void exportWritesEveryTradeOnceInTheColumnsOfTheCommandLine();
    void exportThatFailsLeavesNoFile();
    void copyTakesOnlyRowsThatAreHere();
    void tilesSayWhatIsLearnedAndWhatIsSimulated();
    void theWaterfallAddsUp();
    void slippageThatIsAGainIsCalledOneAndWhyTheTableDiffersIsSaid();
    void slippageRowsShowWhyTheyHaveNoValue();
    void theStopLabRunsTellsProgressAndCanBeCancelled();
    void theStopLabShowsItsGridAndJudgesTheBestCell();
    void aCellIsScaledFromWhatIsTradedNow();
    void aCellIsAppliedWithAReasonAndCountsAllItsTries();
    void cellsUnderThirtyTradesAreGrey();
    void theGridIsReachedByKeyboard();
    void theDetailOpensOnItsCandlesAndSteps();
    void aDetailOfAnotherTradeIsStale();
    void theDetailStepsIntoPagesThatAreNotHereYet();
    void choicesAreRemembered();
    void revealFilters();
    void itRendersInBothThemesAndSmall();
};

void ExecutionPageTest::aHiddenPageAsksNothing()
{
    Shown shown;
    shown.deliver();
    QVERIFY(shown.console.asked.empty());
}

void ExecutionPageTest::theFirstPageIsAskedForWhenItIsShown()
{
    Shown shown;
    shown.open();
    const auto asked = shown.asked<console::AskTrades>();
    QVERIFY(!asked.empty());
    QCOMPARE(asked.front().offset, 0U);
    QCOMPARE(asked.front().limit, TradePagesModel::pageSize);
    QVERIFY(asked.front().isDescending);
    QVERIFY(!asked.front().filter.withShadow);
    QCOMPARE(shown.asked<console::AskExecution>().size(), 1U);
    QCOMPARE(static_cast<std::size_t>(shown.model().rowCount()), shown.desk.passing({}).size());
    QCOMPARE(shown.cell(0, Id::Strategy), QStringLiteral("mtf_trend_align"));
    shown.page.hide();
    shown.page.show();
    QCOMPARE(shown.asked<console::AskTrades>().size(), asked.size());
}

void ExecutionPageTest::scrollingAsksForThePagesThatAreSeenAndNoOthers()
{
    Shown shown(33'412);
    shown.open();
    const auto before = shown.asked<console::AskTrades>().size();
    QVERIFY(before <= 2);
    const int row = 20'050;
    QVERIFY(!shown.model().isLoaded(row));
    QCOMPARE(shown.cell(row, Id::Closed), QStringLiteral("…"));
    shown.view()->scrollTo(shown.view()->model()->index(row, 0), QAbstractItemView::PositionAtTop);
    shown.pump();
    QVERIFY(shown.model().isLoaded(row));
    const auto asked = shown.asked<console::AskTrades>();
    QVERIFY(asked.size() <= before + 3);
    QCOMPARE(asked[before].offset, 20'000U);
    const auto expected = shown.desk.passing({})[static_cast<std::size_t>(row)];
    QCOMPARE(shown.model().trade(row)->position.decision.number, expected.position.decision.number);
}

void ExecutionPageTest::theModelKeepsItsPromisesWhileItPages()
{
    Shown shown(1'000);
    const QAbstractItemModelTester tester(&shown.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    shown.open();
    shown.view()->scrollToBottom();
    shown.pump();
    shown.choice("Result")->setCurrentIndex(1);
    shown.pump();
    QVERIFY(shown.model().rowCount() > 0);
    QVERIFY(shown.model().rowCount() < 1'000);
    shown.choice("Result")->setCurrentIndex(0);
    shown.pump();
    QCOMPARE(static_cast<std::size_t>(shown.model().rowCount()), shown.desk.passing({}).size());
}

void ExecutionPageTest::aDraggedScrollBarDoesNotFloodTheDesk()
{
    Shown shown;
    shown.open();
    shown.desk.holds = true;
    const auto before = shown.console.asked.size();
    auto* bar = shown.view()->verticalScrollBar();
    for (int i = 1; i <= 100; ++i) {
        bar->setValue(bar->maximum() * i / 100);
    }
    QVERIFY(shown.console.asked.size() <= before + 3);
    shown.desk.holds = false;
    shown.desk.answerAll();
    shown.pump(); // the newest wish is asked for as soon as there is room
    QVERIFY(shown.model().isLoaded(shown.model().rowCount() - 1));
}

void ExecutionPageTest::pagesThatAreFarAwayAreForgotten()
{
    Shown shown(11'000);
    shown.open();
    for (int row = 0; row < shown.model().rowCount(); row += static_cast<int>(TradePagesModel::pageSize)) {
        shown.view()->scrollTo(shown.view()->model()->index(row, 0), QAbstractItemView::PositionAtTop);
        shown.pump();
        QVERIFY(shown.model().isLoaded(row));
    }
    QCOMPARE(shown.model().pagesHeld(), TradePagesModel::pagesKept);
    QVERIFY(!shown.model().isLoaded(0));
}

void ExecutionPageTest::sortingAsksTheDesk()
{
    Shown shown;
    shown.open();
    shown.view()->horizontalHeader()->setSortIndicator(Id::Net, Qt::AscendingOrder);
    shown.pump();
    const auto newest = shown.asked<console::AskTrades>().back();
    QVERIFY(newest.order == console::TradeOrder::Net);
    QVERIFY(!newest.isDescending);
    const auto* first = shown.model().trade(0);
    const auto* second = shown.model().trade(1);
    QVERIFY(first != nullptr && second != nullptr);
    QVERIFY(first->net <= second->net);
    const auto all = shown.desk.passing({});
    QCOMPARE(first->net, std::ranges::min(all, {}, &trading::ClosedTrade::net).net);
    shown.view()->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    shown.pump();
    QVERIFY(shown.asked<console::AskTrades>().back().order == console::TradeOrder::Exit);
    QVERIFY(shown.asked<console::AskTrades>().back().isDescending);
}

void ExecutionPageTest::aColumnThatCannotSortLeavesTheArrowWhereItWas()
{
    Shown shown;
    shown.open();
    auto* header = shown.view()->horizontalHeader();
    header->setSortIndicator(Id::Strategy, Qt::AscendingOrder);
    shown.pump();
    const auto before = shown.asked<console::AskTrades>().size();
    header->setSortIndicator(Id::Entry, Qt::DescendingOrder);
    QCOMPARE(header->sortIndicatorSection(), static_cast<int>(Id::Strategy));
    QCOMPARE(shown.asked<console::AskTrades>().size(), before);
}

void ExecutionPageTest::theFilterAsksTheDeskAndTheWaterfall()
{
    Shown shown;
    shown.open();
    shown.choice("Strategy")->setCurrentText(QStringLiteral("breakout"));
    shown.choice("Instrument")->setCurrentText(QStringLiteral("ETH-USDT"));
    shown.choice("Exit by")->setCurrentText(QStringLiteral("By stop"));
    shown.choice("Result")->setCurrentText(QStringLiteral("Lost"));
    shown.choice("Closed within")->setCurrentText(QStringLiteral("30 days"));
    shown.press(QStringLiteral("Shadow"));
    shown.pump();
    const auto filter = shown.asked<console::AskTrades>().back().filter;
    QCOMPARE(filter.strategy, std::string("breakout"));
    QCOMPARE(filter.instrument, base::InstrumentId{2});
    QCOMPARE(filter.reason, trading::ExitReason::Stop);
    QVERIFY(filter.result == console::TradeResult::Lost);
    QVERIFY(filter.withShadow);
    QCOMPARE(filter.from, base::bucketStart(fixed, base::Millis{60'000}) - 30 * base::oneDay);
    QVERIFY(shown.asked<console::AskExecution>().back().filter == filter);
    QCOMPARE(static_cast<std::size_t>(shown.model().rowCount()), shown.desk.passing(filter).size());
    shown.press(QStringLiteral("Clear"));
    shown.pump();
    QVERIFY(shown.asked<console::AskTrades>().back().filter == console::TradeFilter{});
    QVERIFY(shown.asked<console::AskExecution>().back().filter == console::TradeFilter{});
}

void ExecutionPageTest::staleAnswersAreDropped()
{
    Shown shown;
    shown.open();
    shown.desk.holds = true;
    shown.choice("Result")->setCurrentIndex(1); // won
    shown.choice("Result")->setCurrentIndex(2); // lost
    auto waiting = std::exchange(shown.desk.waiting, {});
    shown.desk.holds = false;
    std::ranges::reverse(waiting); // the newer answer comes first, the older one last
    for (const auto& [id, query] : waiting) {
        shown.desk.answer(id, query);
    }
    shown.pump();
    console::TradeFilter lost;
    lost.result = console::TradeResult::Lost;
    QCOMPARE(static_cast<std::size_t>(shown.model().rowCount()), shown.desk.passing(lost).size());
    QVERIFY(shown.model().trade(0)->net.value < 0);
    const auto* chart = shown.page.findChild<WaterfallChart*>();
    QVERIFY(chart->steps().back().value.value < 0);
    QVERIFY(!shown.console.cancelled.empty()); // what is not wanted any more does not keep the desk busy
}

void ExecutionPageTest::rowsStayUntilTheNewOnesAreHere()
{
    Shown shown;
    shown.open();
    const auto before = shown.cell(0, Id::Closed);
    shown.desk.holds = true;
    shown.model().renew();
    QCOMPARE(shown.cell(0, Id::Closed), before);
    QVERIFY(shown.model().rowCount() > 0);
}

void ExecutionPageTest::whatClosesMeanwhileComesInAtTheTop()
{
    Shown shown;
    shown.open();
    shown.view()->selectRow(0);
    const auto chosen = shown.model().trade(0)->position.decision.number;
    auto trade = shown.desk.trades().front();
    trade.position.decision.number = {9'999'999};
    trade.exit.time = fixed;
    shown.desk.close(trade);
    const int rows = shown.model().rowCount();
    shown.page.handle(console::TradeClosed{trade});
    QTRY_VERIFY_WITH_TIMEOUT((shown.pump(), shown.model().rowCount() == rows + 1), 30'000);
    QCOMPARE(shown.model().trade(0)->position.decision.number, base::StreamNumber{9'999'999});
    const auto row = shown.view()->selectionModel()->selectedRows().front().row();
    QCOMPARE(shown.model().trade(row)->position.decision.number, chosen);
}

void ExecutionPageTest::whatClosesMeanwhileMovesNothingThatIsLookedAt()
{
    Shown shown;
    shown.open();
    shown.view()->verticalScrollBar()->setValue(500);
    shown.pump();
    auto trade = shown.desk.trades().front();
    trade.position.decision.number = {9'999'999};
    shown.desk.close(trade);
    const int rows = shown.model().rowCount();
    shown.page.handle(console::TradeClosed{trade});
    QTRY_VERIFY_WITH_TIMEOUT(shown.button<PillButton>(QStringLiteral("1 newer")) != nullptr, 30'000);
    shown.pump();
    QCOMPARE(shown.model().rowCount(), rows);
    auto other = trade;
    other.position.inShadow = true; // does not pass the filter
    shown.page.handle(console::TradeClosed{other});
    shown.press(QStringLiteral("1 newer"));
    shown.pump();
    QCOMPARE(shown.model().rowCount(), rows + 1);
}

void ExecutionPageTest::anErrorSaysWhyAndCanBeTriedAgain()
{
    Shown shown;
    shown.desk.failure = base::Error{base::ErrorCode::Damaged, "demo.db", "checksum"};
    shown.open();
    QCOMPARE(shown.model().rowCount(), 0);
    QVERIFY(shown.says(format::sentence(*shown.desk.failure)));
    shown.page.hide();
    const auto asked = shown.asked<console::AskTrades>().size();
    shown.page.show();
    QCOMPARE(shown.asked<console::AskTrades>().size(), asked + 1); // coming back asks again
    shown.pump();
    shown.desk.failure.reset();
    shown.press(QStringLiteral("Try again"));
    shown.pump();
    QVERIFY(shown.model().rowCount() > 0);
    QVERIFY(!shown.button<PillButton>(QStringLiteral("Try again"))->isVisible());
}

void ExecutionPageTest::anEmptyPageSaysWhatWouldBeHere()
{
    Shown shown(0);
    shown.open();
    QVERIFY(shown.says(QStringLiteral("No trade has ended yet")));
    QVERIFY(shown.says(QStringLiteral("Would other stops have helped?")));
    QVERIFY(shown.button<QPushButton>(QStringLiteral("Run the stop lab")) != nullptr);
    shown.choice("Result")->setCurrentIndex(1);
    shown.pump();
    QVERIFY(shown.says(QStringLiteral("No closed trade passes this filter")));
    shown.page.grab();
}

void ExecutionPageTest::pricesHaveTheDecimalsOfTheirInstrument()
{
    Shown shown;
    shown.open();
    shown.choice("Instrument")->setCurrentText(QStringLiteral("SHIB-USDT"));
    shown.pump();
    QVERIFY(QRegularExpression(QStringLiteral("^0\\.0000\\d{4}$")).match(shown.cell(0, Id::Entry)).hasMatch());
    shown.choice("Instrument")->setCurrentText(QStringLiteral("BTC-USDT"));
    shown.pump();
    QVERIFY(QRegularExpression(QStringLiteral("^\\d{5}\\.\\d$")).match(shown.cell(0, Id::Exit)).hasMatch());
}

void ExecutionPageTest::anInstrumentThatLeftIsLookedUpOnce()
{
    Shown shown;
    auto ingest = testkit::plausibleIngest(fixed);
    std::erase_if(ingest.instruments, [](const auto& row) { return row.instrument.name == "ETH-USDT"; });
    shown.console.ingestBox.put(ingest);
    shown.open();
    const auto asked = shown.asked<console::AskTrade>();
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked.front().instrument, base::InstrumentId{2});
    for (int row = 0; row < 12; ++row) {
        QVERIFY(shown.cell(row, Id::Instrument).endsWith(QStringLiteral("-USDT")));
        QVERIFY(!shown.cell(row, Id::Entry).isEmpty());
    }
}

void ExecutionPageTest::marksTellWhatATradeIs()
{
    auto trade = testkit::closedTrade(fixed);
    trade.optimistic = trade.net;
    QVERIFY(marksOf(trade).isEmpty());
    trade.position.onCandles = true;
    trade.position.inShadow = true;
    trade.position.hasGap = true;
    QCOMPARE(marksOf(trade).join(QLatin1Char(' ')), QStringLiteral("candles shadow gap"));
    trade.net = {0};
    trade.optimistic = {1};
    QVERIFY(livesOnlyInOptimism(trade)); // at the edge: nothing was earned
    trade.net = {1};
    QVERIFY(!livesOnlyInOptimism(trade));
    trade.net = {-1};
    trade.optimistic = {0};
    QVERIFY(!livesOnlyInOptimism(trade));
}

void ExecutionPageTest::slippageIsWhatTheFillWasWorseThanTheDecision()
{
    auto trade = testkit::closedTrade(fixed); // long, 3109.80 to 3129.10 in ticks of 0.01
    trade.position.decision.decisionPriceHalfTicks = 2 * 310'980 - 1;
    QVERIFY(std::abs(*entrySlippage(trade.position) - 1.0 / (2 * 310'980 - 1)) < 1e-15);
    QVERIFY(!exitSlippage(trade));
    QVERIFY(!slippageOf(trade)); // one side alone is not the trade's
    trade.exitDecisionHalfTicks = 2 * 312'910 + 4;
    QVERIFY(std::abs(*exitSlippage(trade) - 4.0 / (2 * 312'910 + 4)) < 1e-15);
    trade.position.decision.side = market::Side::Sell;
    QVERIFY(*entrySlippage(trade.position) < 0);
    QVERIFY(*exitSlippage(trade) < 0);
    QVERIFY(priceReturn(trade) < 0);
    const auto eth = testkit::instrument(2, "ETH-USDT", 2);
    QCOMPARE(format::plain(halfTickText(eth, 2 * 310'980 - 1)), QStringLiteral("3109.795"));
    QCOMPARE(format::plain(halfTickText(eth, 2 * 310'980)), QStringLiteral("3109.80"));
}

void ExecutionPageTest::exportWritesEveryTradeOnceInTheColumnsOfTheCommandLine()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("trades.csv"));
    Shown shown(3'500);
    shown.open();
    shown.choice("Result")->setCurrentIndex(1);
    shown.pump();
    shown.desk.holds = true;
    shown.page.trades()->exportTo(path);
    QVERIFY(shown.says(QStringLiteral("writing 0 of")));
    auto late = shown.desk.trades().back(); // closes meanwhile, with an earlier time: the pages shift
    late.position.decision.number = {42};
    late.net = {1};
    shown.desk.holds = false;
    shown.desk.answerAll();
    shown.questions.pull();
    shown.desk.close(late);
    shown.pump();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QVERIFY(lines.front().startsWith(QStringLiteral("instrument,strategy,parameter_hash,side,decision_number")));
    const QSet<QString> unique(lines.begin(), lines.end());
    QCOMPARE(unique.size(), lines.size());
    console::TradeFilter won;
    won.result = console::TradeResult::Won;
    const auto all = static_cast<qsizetype>(shown.desk.passing(won).size());
    QVERIFY(lines.size() - 1 == all || lines.size() - 1 == all - 1); // the late one may be in it or not
    QVERIFY(shown.says(QStringLiteral("trades written")));
    QVERIFY(shown.button<PillButton>(QStringLiteral("Export CSV…")) != nullptr);
}

void ExecutionPageTest::exportThatFailsLeavesNoFile()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("trades.csv"));
    Shown shown(3'500);
    shown.open();
    shown.desk.holds = true;
    shown.page.trades()->exportTo(path);
    shown.press(QStringLiteral("Stop export"));
    shown.desk.holds = false;
    shown.desk.answerAll();
    shown.pump();
    QVERIFY(!QFile::exists(path));
    QVERIFY(shown.says(QStringLiteral("no file was written")));
    shown.page.trades()->exportTo(folder.filePath(QStringLiteral("no/such/folder.csv")));
    QVERIFY(shown.says(QStringLiteral("export: ")));
}

void ExecutionPageTest::copyTakesOnlyRowsThatAreHere()
{
    Shown shown;
    shown.open();
    shown.view()->clearSelection();
    const auto lines = shown.page.trades()->table()->asTsv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QVERIFY(lines.size() > 1);
    QVERIFY(lines.size() <= 1 + 2 * static_cast<int>(TradePagesModel::pageSize));
    QVERIFY(!lines.back().startsWith(QStringLiteral("…")));
    shown.view()->selectRow(3);
    QTest::keyClick(shown.view(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts).size(), 2);
}

void ExecutionPageTest::tilesSayWhatIsLearnedAndWhatIsSimulated()
{
    Shown shown;
    shown.open();
    QMap<QString, MetricTile*> tiles;
    for (auto* tile : shown.page.findChildren<MetricTile*>()) {
        tiles[tile->titleLabel()->text()] = tile;
    }
    const auto value = [&](const char* name) { return format::plain(tiles[QLatin1String(name)]->value()); };
    QCOMPARE(value("Slippage a side"), QStringLiteral("0.052%"));
    QVERIFY(tiles[QStringLiteral("Slippage a side")]->context().contains(QStringLiteral("assumed 0.050%")));
    QCOMPARE(value("Fill rate, simulated"), QStringLiteral("61%"));
    QCOMPARE(tiles[QStringLiteral("Fill rate, simulated")]->context(), QStringLiteral("through 50% · touched 78%"));
    QCOMPARE(value("Fees a side"), QStringLiteral("0.06%"));
    QCOMPARE(value("Fills learned from"), QStringLiteral("33412"));
    QVERIFY(tiles.contains(QStringLiteral("Hold time, simulated")));
    // One side without a value leaves the whole undefined, with its reason.
    auto rows = shown.desk.execution({}).slippage;
    rows[0].mean = std::unexpected(statistics::Undefined::TooFew);
    QVERIFY(!pooledCost(rows)->mean);
    rows.erase(rows.begin());
    QVERIFY(!pooledCost(rows));
}

void ExecutionPageTest::theWaterfallAddsUp()
{
    const console::Waterfall w{.trades = 10,
                               .left = 2,
                               .gross = base::usdt(100),
                               .slippage = base::usdt(30),
                               .gapThroughStop = base::usdt(25),
                               .fees = base::usdt(60),
                               .funding = base::usdt(-5),
                               .net = base::usdt(-10),
                               .stopped = 8,
                               .stoppedThenTarget = 2};
    const auto steps = waterfallSteps(w);
    QCOMPARE(steps.size(), 6U);
    for (std::size_t i = 1; i + 1 < steps.size(); ++i) {
        QCOMPARE(steps[i].from, steps[i - 1].to);
    }
    QCOMPARE(steps[4].to, w.net); // the last cost ends where net stands
    QVERIFY(steps[3].help.contains(QStringLiteral("54.5% of all costs")));
    QVERIFY(format::plain(steps[3].help).contains(QStringLiteral("-60.00 USDT")));
    const Theme theme;
    WaterfallChart chart(theme);
    chart.resize(500, 200);
    chart.setWaterfall(w);
    QVERIFY(chart.csv().contains(QStringLiteral("\"Fees\",-60.00000000")));
    QVERIFY(chart.barRect(4).width() > 1);
    QVERIFY(chart.barRect(3).left() < chart.barRect(2).left());
    QCOMPARE(chart.helpAt(chart.barRect(3).center()), steps[3].help);
    chart.grab();
    chart.setWaterfall(console::Waterfall{});
    QVERIFY(chart.steps().empty());
    chart.grab();
}

void ExecutionPageTest::slippageThatIsAGainIsCalledOneAndWhyTheTableDiffersIsSaid()
{
    console::Execution gained;
    gained.waterfall.trades = 10;
    gained.waterfall.gross = base::usdt(100);
    gained.waterfall.slippage = base::usdt(-47);
    gained.waterfall.fees = base::usdt(60);
    gained.waterfall.net = base::usdt(87);
    const auto steps = waterfallSteps(gained.waterfall);
    const auto help = format::plain(steps[1].help);
    QVERIFY2(help.contains(QStringLiteral("+47.00 USDT, a gain, set against the costs")), qPrintable(help));
    QVERIFY(help.contains(QStringLiteral("market orders only")));
    QCOMPARE(steps[1].to, base::usdt(147));
    Shown shown;
    shown.open();
    const auto said = QStringLiteral("better than decided");
    QVERIFY(!shown.says(said));
    shown.desk.holds = true;
    shown.choice("Result")->setCurrentIndex(1);
    QVERIFY(!shown.desk.waiting.empty());
    for (const auto& [id, query] : shown.desk.waiting) {
        if (std::holds_alternative<console::AskExecution>(query)) {
            shown.console.answers.emplace_back(console::Answer{id, {}, gained});
        }
    }
    shown.pump();
    QVERIFY(shown.says(said));
}

void ExecutionPageTest::slippageRowsShowWhyTheyHaveNoValue()
{
    Shown shown;
    shown.open();
    shown.press(QStringLiteral("Slippage, %"));
    auto* model = shown.page.findChild<SlippageModel*>();
    QCOMPARE(model->rowCount(), 26);
    QCOMPARE(model->index(0, SlippageModel::Instrument).data().toString(), QStringLiteral("All"));
    QCOMPARE(model->index(0, SlippageModel::Status).data().toString(), QStringLiteral("CALIBRATED"));
    console::SlippageRow bare;
    bare.instrument = base::InstrumentId{3};
    bare.prior = 5;
    bare.applied = 5;
    model->update({bare});
    const auto mean = model->index(0, SlippageModel::Mean);
    QCOMPARE(mean.data().toString(), format::undefined());
    QVERIFY(mean.data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("undefined: ")));
    QCOMPARE(model->index(0, SlippageModel::Applied).data().toString(), QStringLiteral("0.050"));
    QVERIFY(model->index(0, SlippageModel::Status).data(Qt::ToolTipRole).toString().contains(QStringLiteral("10")));
}

void ExecutionPageTest::theStopLabRunsTellsProgressAndCanBeCancelled()
{
    Shown shown;
    shown.open();
    shown.desk.labRuns = true;
    auto* lab = shown.page.lab();
    shown.choice("Strategy of the stop lab")->setCurrentText(QStringLiteral("breakout"));
    shown.button<QPushButton>(QStringLiteral("Run the stop lab"))->click();
    shown.pump();
    const auto asked = shown.asked<console::RunStopLab>();
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked.front().strategy, std::string("breakout"));
    QVERIFY(lab->isRunning());
    auto* progress = lab->findChild<ProgressCard*>();
    QVERIFY(progress->isVisible());
    QCOMPARE(progress->share(), 0.41);
    QVERIFY(shown.says(QStringLiteral("replaying ETH-USDT")));
    lab->run(); // one at a time
    QCOMPARE(shown.asked<console::RunStopLab>().size(), 1U);
    progress->findChild<QPushButton*>()->click();
    const auto id = shown.console.asked.back().first;
    QVERIFY(std::ranges::find(shown.console.cancelled, id) != shown.console.cancelled.end());
    shown.console.answers.emplace_back(
        console::Answer{id, base::Error{base::ErrorCode::Cancelled, "stop lab", "cancelled"}, {}});
    shown.pump();
    QVERIFY(!lab->isRunning());
    QVERIFY(shown.says(QStringLiteral("Would other stops have helped?")));
}

void ExecutionPageTest::theStopLabShowsItsGridAndJudgesTheBestCell()
{
    Shown shown;
    shown.open();
    shown.page.lab()->run();
    shown.pump();
    const auto* map = shown.page.lab()->map();
    QVERIFY(map->isVisible());
    QVERIFY(shown.page.lab()->verdict().contains(QStringLiteral("stop 1.4%, target 2.5%")));
    QVERIFY(shown.page.lab()->verdict().contains(QStringLiteral("still lost")));
    QVERIFY(map->csv().contains(QStringLiteral("0.025,0.014,")));
    auto lab = shown.desk.stopLab();
    lab.bestOnNewer = lab.todayOnNewer; // at the edge: no better
    QVERIFY(labVerdict(lab).contains(QStringLiteral("stops are not the cause")));
    // It says what the cell was chosen by, not another figure.
    QVERIFY(
        labVerdict(lab).contains(format::signedPercent(*lab.bestOnOlder.expectancy, 3) + QStringLiteral(" a trade")));
    lab.bestOnNewer.expectancy = 0.0001;
    QVERIFY(labVerdict(lab).contains(QStringLiteral("It did better there")));
    lab.bestOnNewer.trades = 29;
    QVERIFY(labVerdict(lab).contains(QStringLiteral("Too few trades")));
    lab.best.reset();
    QVERIFY(labVerdict(lab).startsWith(QStringLiteral("No cell has enough trades")));
    // Nothing to replay is said, not drawn.
    const auto id = (shown.page.lab()->run(), shown.console.asked.back().first);
    shown.pump();
    shown.desk.holds = true;
    shown.page.lab()->run();
    console::StopLab none;
    none.leftOut = 7;
    shown.console.answers.emplace_back(console::Answer{shown.console.asked.back().first, {}, none});
    shown.pump();
    QVERIFY(shown.says(QStringLiteral("7 were left out")));
    QVERIFY(id > 0);
}

void ExecutionPageTest::aCellIsScaledFromWhatIsTradedNow()
{
    Shown shown;
    auto lab = shown.desk.stopLab();
    lab.stopNow = 0;
    auto row = testkit::strategy("breakout", "", true, 1, 1, 1);
    const auto* info = trading::findStrategy("breakout");
    const trading::ParameterSet standard(info->name, info->parameters);
    row.parameters = {standard.values().begin(), standard.values().end()};
    row.parameters["stop_atr"] = 2;
    row.parameters["target_atr"] = 4;
    QVERIFY(!labSetting(lab, 45, row)); // no entry of the present parameters
    lab.stopNow = 0.007;
    lab.targetNow = 0.025;
    const auto setting = labSetting(lab, 45, row); // stop 1.4%, target 2.5%
    QVERIFY(setting.has_value());
    QCOMPARE(setting->stop, 4.0);
    QCOMPARE(setting->target, 4.0);
    QCOMPARE(setting->formerStop, 2.0);
    QVERIFY(setting->parameters != setting->former);
    lab.stopNow = 0.00001; // over what is legal: the most there is
    QCOMPARE(labSetting(lab, 45, row)->stop, 20.0);
    lab.stopNow = 0.014;
    QVERIFY(!labSetting(lab, 45, row)); // nothing would change
    QVERIFY(!labSetting(lab, lab.cells.size(), row));
    row.name = "nobody";
    QVERIFY(!labSetting(lab, 0, row));
}

void ExecutionPageTest::aCellIsAppliedWithAReasonAndCountsAllItsTries()
{
    Shown shown;
    auto paper = testkit::paperWithRoster(fixed);
    shown.console.paperBox.put(std::move(paper));
    shown.open();
    auto* lab = shown.page.lab();
    lab->run(); // all strategies
    shown.pump();
    auto* apply = shown.button<QPushButton>(QStringLiteral("Apply a cell…"));
    QVERIFY(apply != nullptr && !apply->isEnabled());
    QVERIFY(apply->toolTip().contains(QStringLiteral("one strategy")));
    shown.choice("Strategy of the stop lab")->setCurrentText(QStringLiteral("breakout"));
    lab->run();
    shown.pump();
    QVERIFY(apply->isEnabled());
    apply->click();
    auto* dialog = lab->findChild<ReasonDialog*>();
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->accessibleDescription().contains(QStringLiteral("80 tries")));
    dialog->findChild<QLineEdit*>()->setText(QStringLiteral("wider stops"));
    for (auto* button : dialog->findChildren<QPushButton*>()) {
        if (button->text() == QStringLiteral("Apply")) {
            button->click();
        }
    }
    const auto* sent = shown.console.newest<console::SetParameters>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->strategy, std::string("breakout"));
    QCOMPARE(sent->origin, std::string("stop-lab"));
    QCOMPARE(sent->tries, 80U);
    QCOMPARE(sent->reason, std::string("wider stops"));
    QVERIFY(sent->from && sent->to && *sent->from < *sent->to);
    QVERIFY(sent->parameters.contains("stop_atr="));
    QVERIFY(shown.commands.areParametersPending(QStringLiteral("breakout")));
}

void ExecutionPageTest::cellsUnderThirtyTradesAreGrey()
{
    Shown shown;
    auto lab = shown.desk.stopLab();
    lab.cells[0].trades = 29;
    lab.cells[1].trades = 30;
    QVERIFY(!cellStrength(lab, 0, LabFigure::ProfitFactor));
    QVERIFY(cellStrength(lab, 1, LabFigure::ProfitFactor));
    lab.cells[1].profitFactor = 1.0;
    QCOMPARE(*cellStrength(lab, 1, LabFigure::ProfitFactor), 0.0);
    lab.cells[1].profitFactor = 0.5;
    lab.cells[2].profitFactor = 1.5;
    QVERIFY(*cellStrength(lab, 1, LabFigure::ProfitFactor) < 0);
    QVERIFY(*cellStrength(lab, 2, LabFigure::ProfitFactor) > 0);
    Theme theme;
    const auto green = cellColor(lab, 2, LabFigure::ProfitFactor, theme);
    theme.setBlueOrange(true);
    QVERIFY(cellColor(lab, 2, LabFigure::ProfitFactor, theme) != green);
    lab.cells[3].profitFactor = std::unexpected(statistics::Undefined::NoLosses);
    QCOMPARE(cellText(lab.cells[3], LabFigure::ProfitFactor), format::undefined());
    QVERIFY(!cellStrength(lab, 3, LabFigure::ProfitFactor));
    // What is written on a cell can be read, in either theme.
    for (const auto mode : {Mode::Dark, Mode::Light}) {
        theme.setMode(mode);
        for (std::size_t cell = 0; cell < lab.cells.size(); ++cell) {
            for (const auto figure : {LabFigure::ProfitFactor, LabFigure::Expectancy, LabFigure::WinRate}) {
                if (cellStrength(lab, cell, figure)) {
                    QVERIFY(contrast(cellColor(lab, cell, figure, theme), theme.color(Meaning::Text)) >= 4.5);
                }
            }
        }
    }
}

void ExecutionPageTest::theGridIsReachedByKeyboard()
{
    Shown shown;
    shown.open();
    shown.page.lab()->run();
    shown.pump();
    auto* map = shown.page.lab()->map();
    QCOMPARE(map->current(), std::optional<std::size_t>(11)); // today's
    map->setFocus();
    QTest::keyClick(map, Qt::Key_Right);
    QTest::keyClick(map, Qt::Key_Down);
    QCOMPARE(map->current(), std::optional<std::size_t>(22));
    QVERIFY(map->accessibleDescription().contains(QStringLiteral("target 1.5%, stop 0.8%")));
    for (int i = 0; i < 20; ++i) {
        QTest::keyClick(map, Qt::Key_Left);
        QTest::keyClick(map, Qt::Key_Up);
    }
    QCOMPARE(map->current(), std::optional<std::size_t>(0));
    const auto at = map->cellRect(45).center();
    QCOMPARE(map->cellAt(at), std::optional<std::size_t>(45));
    QVERIFY(map->cellHelp(45).contains(QStringLiteral("best on the older half")));
    shown.press(QStringLiteral("Win rate, %"));
    map->grab();
    shown.press(QStringLiteral("Trades"));
    map->grab();
}

void ExecutionPageTest::theDetailOpensOnItsCandlesAndSteps()
{
    Shown shown;
    shown.open();
    shown.view()->setCurrentIndex(shown.view()->model()->index(0, 0));
    QTest::keyClick(shown.view(), Qt::Key_Return);
    shown.pump();
    auto* detail = shown.page.trades()->detail();
    QVERIFY(detail != nullptr && detail->isVisible());
    const auto first = *shown.model().trade(0);
    QCOMPARE(detail->story()->closed->position.decision.number, first.position.decision.number);
    QVERIFY(!detail->chart()->scene().isEmpty());
    QCOMPARE(detail->chart()->scene().marks.size(), 2U);
    QVERIFY(detail->chart()->scene().levels.size() >= 4);
    const auto view = detail->chart()->view();
    QVERIFY(view.low <= static_cast<double>(first.position.entry.time.value));
    QVERIFY(view.high >= static_cast<double>(first.exit.time.value));
    const auto text = detail->text();
    QVERIFY(text.contains(QStringLiteral("Parameters: 9f31c2a47be05d18")));
    QVERIFY(text.contains(QString::fromStdString(first.position.decision.why)));
    QVERIFY(text.contains(QStringLiteral("Why it ended: ") + word(first.reason)));
    QTest::keyClick(detail, Qt::Key_J);
    shown.pump();
    QCOMPARE(detail->story()->closed->position.decision.number, shown.model().trade(1)->position.decision.number);
    QCOMPARE(shown.view()->currentIndex().row(), 1);
    QTest::keyClick(detail, Qt::Key_PageUp);
    shown.pump();
    QCOMPARE(detail->story()->closed->position.decision.number, first.position.decision.number);
    QTest::keyClick(detail, Qt::Key_K); // there is none before the first
    QCOMPARE(shown.view()->currentIndex().row(), 0);
    QTest::keyClick(detail, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), text);
    detail->grab();
}

void ExecutionPageTest::aDetailOfAnotherTradeIsStale()
{
    Shown shown;
    shown.open();
    shown.desk.holds = true;
    Q_EMIT shown.page.trades()->table()->opened(0);
    Q_EMIT shown.page.trades()->table()->opened(5);
    auto waiting = std::exchange(shown.desk.waiting, {});
    std::ranges::reverse(waiting);
    for (const auto& [id, query] : waiting) {
        shown.desk.answer(id, query);
    }
    shown.pump();
    auto* detail = shown.page.trades()->detail();
    QCOMPARE(detail->story()->closed->position.decision.number, shown.model().trade(5)->position.decision.number);
    QCOMPARE(detail->chart()->scene().marks.front().time, shown.model().trade(5)->position.entry.time);
}

void ExecutionPageTest::theDetailStepsIntoPagesThatAreNotHereYet()
{
    Shown shown;
    shown.open();
    const int row = 3 * static_cast<int>(TradePagesModel::pageSize) - 1; // the last of its page
    shown.view()->scrollTo(shown.view()->model()->index(row - 100, 0), QAbstractItemView::PositionAtTop);
    shown.pump();
    Q_EMIT shown.page.trades()->table()->opened(row);
    shown.pump();
    shown.model().renew(); // only what is looked at comes anew
    shown.questions.pull();
    QVERIFY(!shown.model().isLoaded(row + 1));
    auto* detail = shown.page.trades()->detail();
    QTest::keyClick(detail, Qt::Key_J);
    shown.pump();
    QCOMPARE(detail->story()->closed->position.decision.number,
             shown.desk.passing({})[static_cast<std::size_t>(row) + 1].position.decision.number);
}

void ExecutionPageTest::choicesAreRemembered()
{
    const QTemporaryDir folder;
    const auto settings = folder.filePath(QStringLiteral("window.ini"));
    {
        Shown shown(500, settings);
        shown.open();
        shown.choice("Instrument")->setCurrentText(QStringLiteral("SOL-USDT"));
        shown.choice("Strategy")->setCurrentText(QStringLiteral("breakout"));
        shown.view()->horizontalHeader()->setSortIndicator(Id::Net, Qt::DescendingOrder);
        shown.press(QStringLiteral("Slippage, %"));
        shown.page.lab()->run();
        shown.pump();
        shown.press(QStringLiteral("Expectancy, %"));
    }
    Shown again(500, settings);
    again.open();
    const auto asked = again.asked<console::AskTrades>().back();
    QCOMPARE(asked.filter.instrument, base::InstrumentId{3});
    QCOMPARE(asked.filter.strategy, std::string("breakout"));
    QVERIFY(asked.order == console::TradeOrder::Net);
    QVERIFY(asked.isDescending);
    QVERIFY(again.button<PillButton>(QStringLiteral("Slippage, %"))->isChecked());
    QVERIFY(again.button<PillButton>(QStringLiteral("Expectancy, %"))->isChecked());
}

void ExecutionPageTest::revealFilters()
{
    Shown shown;
    shown.open();
    QVERIFY(shown.page.reveal(QStringLiteral("breakout ETH-USDT")));
    shown.pump();
    const auto asked = shown.asked<console::AskTrades>().back();
    QCOMPARE(asked.filter.strategy, std::string("breakout"));
    QCOMPARE(asked.filter.instrument, base::InstrumentId{2});
    QVERIFY(!shown.page.reveal(QStringLiteral("nothing_of_the_kind")));
}

void ExecutionPageTest::itRendersInBothThemesAndSmall()
{
    Shown shown;
    shown.open();
    shown.page.lab()->run();
    shown.pump();
    for (const auto mode : {Mode::Dark, Mode::Light}) {
        shown.theme.setMode(mode);
        shown.page.restyle();
        for (const QSize size : {QSize(1440, 930), QSize(1100, 730)}) {
            shown.page.resize(size);
            QVERIFY(shown.page.minimumSizeHint().width() <= size.width());
            QVERIFY(shown.page.minimumSizeHint().height() <= size.height());
            QVERIFY(!shown.page.grab().isNull());
        }
    }
}

QTEST_MAIN(ExecutionPageTest)
#include "execution_page_test.moc"
