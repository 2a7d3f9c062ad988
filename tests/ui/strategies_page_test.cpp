// Strategies: what the roster and the detail pane say, and what a click asks of the engines and of the query desk.
#include "testkit/fake_answers.h"
#include "trading/track_record.h"
#include "ui/charts/histogram.h"
#include "ui/charts/line_chart.h"
#include "ui/command_desk.h"
#include "ui/main_window.h"
#include "ui/questions.h"
#include "ui/strategies/detail_pane.h"
#include "ui/strategies/evidence_tab.h"
#include "ui/strategies/figure_block.h"
#include "ui/strategies/funnel_tab.h"
#include "ui/strategies/gates_tab.h"
#include "ui/strategies/long_run.h"
#include "ui/strategies/parameters_tab.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/strategies/replay_dialog.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/paint.h"
#include "ui/widgets/progress_card.h"
#include "ui/widgets/toast.h"
#include "ui/widgets/toggle_switch.h"
#include "ui/window_memory.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSplitter>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using namespace qd::ui;
using console::SetParameters;
using console::SetStrategyEnabled;

namespace {

constexpr base::UtcMs fixed{1'764'060'300'000};
base::UtcMs fakeNow = fixed;

QString text(const char* latin)
{
    return QString::fromLatin1(latin);
}

/// A page with all it needs, shown.
struct Shown {
    testkit::FakeConsole console;
    Theme theme;
    CommandDesk desk{console};
    Questions questions{console};
    WindowMemory memory;
    format::Zone zone = format::Zone::Utc;
    StrategiesPage page;

    explicit Shown(const QString& settings = {}, QSize size = {1380, 860})
        : memory(settings),
          page({console, theme, desk, questions, memory, zone, [] { return fakeNow; }})
    {
        fakeNow = fixed;
        page.resize(size);
        page.show();
    }
    void deliver(Changes changes = everything)
    {
        page.deliver({console.ingestBox.get(), console.paperBox.get(), nullptr, nullptr, nullptr}, changes);
    }
    /// The whole roster, and every question answered.
    void fill()
    {
        testkit::fill(console, fixed);
        console.paperBox.put(testkit::paperWithRoster(fixed));
        testkit::answerPlausibly(console, fixed);
        deliver();
        pull();
    }
    void pull()
    {
        QCoreApplication::sendPostedEvents();
        for (int i = 0; i < 5; ++i) { // an answer may lead to a question
            questions.pull();
        }
    }
    void done()
    {
        for (const auto& event : console.takeEvents()) {
            if (const auto* end = std::get_if<console::CommandDone>(&event)) {
                desk.answer(*end);
            }
        }
    }
    [[nodiscard]] QTableView* table(const char* name) const
    {
        for (auto* view : page.findChildren<QTableView*>()) {
            if (view->accessibleName() == text(name)) {
                return view;
            }
        }
        return nullptr;
    }
    [[nodiscard]] QTableView* roster() const { return table("Roster"); }
    [[nodiscard]] int rowOf(const char* strategy) const
    {
        const auto* model = roster()->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->index(row, StrategiesModel::Name).data().toString() == text(strategy)) {
                return row;
            }
        }
        return -1;
    }
    void click(QTableView* view, int row, int column, Qt::KeyboardModifiers with = {})
    {
        const auto index = view->model()->index(row, column);
        view->scrollTo(index);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, with, view->visualRect(index).center());
    }
    void choose(const char* strategy) { click(roster(), rowOf(strategy), StrategiesModel::Name); }
    [[nodiscard]] QAbstractButton* button(const QString& words) const
    {
        for (auto* one : page.findChildren<QAbstractButton*>()) {
            if (one->text() == words && one->isVisible()) {
                return one;
            }
        }
        return nullptr;
    }
    void press(const char* words)
    {
        QCoreApplication::sendPostedEvents(); // layouts of what has just been shown
        auto* one = button(QString::fromUtf8(words));
        QVERIFY2(one != nullptr, words);
        QTest::mouseClick(one, Qt::LeftButton);
    }
    /// Types the reason into the open dialog and presses its button.
    void give(const char* reason)
    {
        auto* dialog = page.window()->findChild<ReasonDialog*>();
        QVERIFY(dialog != nullptr);
        auto* edit = dialog->findChild<QLineEdit*>();
        QPushButton* go = nullptr;
        for (auto* one : dialog->findChildren<QPushButton*>()) {
            go = one->isDefault() ? one : go;
        }
        QVERIFY(go != nullptr && !go->isEnabled()); // nothing without a reason
        QTest::keyClicks(edit, text("  "));
        QVERIFY(!go->isEnabled());
        QTest::keyClicks(edit, text(reason));
        QTest::mouseClick(go, Qt::LeftButton);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    template <typename Kind>
    [[nodiscard]] int asked() const
    {
        return static_cast<int>(
            std::ranges::count_if(console.asked, [](const auto& q) { return std::holds_alternative<Kind>(q.second); }));
    }
    template <typename Kind>
    [[nodiscard]] const Kind& newestQuestion() const
    {
        for (auto it = console.asked.rbegin(); it != console.asked.rend(); ++it) {
            if (const auto* found = std::get_if<Kind>(&it->second)) {
                return *found;
            }
        }
        qFatal("not asked");
    }
    template <typename Kind>
    [[nodiscard]] console::QueryId idOf() const
    {
        for (const auto& [id, query] : console.asked) {
            if (std::holds_alternative<Kind>(query)) {
                return id;
            }
        }
        return 0;
    }
};

trading::Evaluation evaluation(std::uint32_t trades)
{
    testkit::Story story{"breakout", true, trades, trades / 2, 1.2, false, 1.3, 0.05, 0.001, 0.0005};
    return testkit::evaluationOf(story, std::nullopt, 1);
}

QString toneName(const ShownFigure& figure)
{
    return name(figure.tone);
}

} // namespace

class StrategiesPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void aSharpeNeedsThirtyTrades();
    void aProvisionalSharpeIsMarked();
    void figuresOfFewTradesAreGrey();
    void whatIsUndefinedIsADashWithItsReason();
    void greyBeginsWhereThePolicySays();
    void aDeflatedSharpeTellsItsTries();
    void theNullIsBeatenOrNot();
    void everyFigureHasATooltipWithItsNumberOfObservations();
    void aCurveBelongsToItsParameters();
    void theFunnelNeverGrows();
    void aHistogramKeepsEveryValue();

    void theRosterModelKeepsItsPromises();
    void theRosterShowsWhoSwitchedItOffAndSinceWhen();
    void aStrategyOfTheOptimisticBandIsMarked();
    void aSwitchIsPendingUntilItIsDoneAndIsTakenBackFromTheToast();
    void theSpaceKeySwitches();
    void manyAreSwitchedInOneDialogWithOneReason();
    void severalDecisionsAreTakenBackAndToldAsOne();
    void aColumnSortsAndWordsFilter();
    void rowsDoNotJumpWhenRanksChange();

    void theWindowOfDaysIsChosenAndRemembered();
    void figuresAreAskedAtMostEveryFiveSeconds();
    void aHiddenPageAsksNothing();
    void anAnswerOfAnotherWindowIsDropped();
    void aFailedQuestionIsToldAndAskedAgain();

    void eachTabAsksForWhatItShows();
    void theEquityComesInPages();
    void theAnswerOfAnotherStrategyIsDropped();
    void theFunnelCountsReasonsAndFiltersByThem();
    void instrumentsBeginWithThePooledRow();
    void aTradeLeadsToExecution();
    void shadowTradesComeWhenAsked();

    void parametersOutOfRangeAreRefusedWithTheRange();
    void applyAsksForAReasonAndSendsTheCommand();
    void formerParametersComeBackByUndo();
    void parametersThatTheEngineRefusesAreTold();
    void defaultsAndDiscardFillTheEditors();

    void aReplayShowsItsProgressAndItsResult();
    void aReplayIsCancelled();
    void aNullThatIsDoneIsShown();
    void whatAsksAModelHasNoNullOfItsOwn();
    void aLookAheadTestSaysWhatItFound();
    void whatARunToldHasTheWidthOfTheCard();
    void everyGateSaysOnWhichSideOfItsLimitItPasses();
    void aFailedRunSaysWhy();

    void anEmptyPageSaysWhatWouldBeHere();
    void aStrategyIsRevealedByName();
    void theDetailPaneStandsBelowInANarrowWindow();
    void theColumnsFitTheirTableWhenRowsHaveMoved();
    void everythingHasAnAccessibleName();
};

void StrategiesPageTest::aSharpeNeedsThirtyTrades()
{
    auto of = evaluation(29);
    QCOMPARE(shownFigure(&of, Figure::Sharpe).text, text("29/30"));
    QVERIFY(!shownFigure(&of, Figure::Sharpe).sort.isValid());
    of = evaluation(30);
    QCOMPARE(shownFigure(&of, Figure::Sharpe).text, text("1.20"));
    QCOMPARE(shownFigure(&of, Figure::Sharpe).below, format::decimal(-0.2, 1) + QChar(0x2026) + text("2.6"));
    of.sharpe.annual = std::unexpected(statistics::Undefined::NoVariance);
    QCOMPARE(shownFigure(&of, Figure::Sharpe).text, format::undefined());
    QVERIFY(shownFigure(&of, Figure::Sharpe).help.contains(text("all observations are equal")));
}

void StrategiesPageTest::aProvisionalSharpeIsMarked()
{
    auto of = evaluation(40);
    QVERIFY(!shownFigure(&of, Figure::Sharpe).below.contains(text("prov.")));
    of.sharpe.isProvisional = true;
    const auto shown = shownFigure(&of, Figure::Sharpe);
    QVERIFY(shown.below.startsWith(text("prov.")));
    QVERIFY(shown.belowTone == Meaning::Warning);
    QVERIFY(shown.help.contains(text("passes no gate")));
    QCOMPARE(shownFigure(&of, Figure::Deflated).text, format::undefined());
}

void StrategiesPageTest::figuresOfFewTradesAreGrey()
{
    for (const auto figure : {Figure::Won, Figure::ProfitFactor, Figure::Expectancy}) {
        auto of = evaluation(29);
        QCOMPARE(toneName(shownFigure(&of, figure)), QString(name(Meaning::TextFaint)));
        of = evaluation(30);
        QVERIFY(shownFigure(&of, figure).tone != Meaning::TextFaint);
    }
    auto of = evaluation(29);
    QCOMPARE(shownFigure(&of, Figure::Won).below,
             format::percentInterval(of.winInterval.lower, of.winInterval.upper)); // the interval is always there
    of = evaluation(100);
    of.sharpe.days = 89;
    QVERIFY(shownFigure(&of, Figure::Sharpe).tone == Meaning::TextMuted);
    of.sharpe.days = 90;
    QVERIFY(shownFigure(&of, Figure::Sharpe).tone == Meaning::Text);
}

void StrategiesPageTest::whatIsUndefinedIsADashWithItsReason()
{
    auto of = evaluation(0);
    for (const auto figure : {Figure::Won, Figure::ProfitFactor, Figure::Drawdown, Figure::Expectancy}) {
        const auto shown = shownFigure(&of, figure);
        QCOMPARE(shown.text, format::undefined());
        QVERIFY(shown.help.contains(text("no trade yet")));
        QVERIFY(!shown.sort.isValid());
    }
    QCOMPARE(shownHold(&of).text, format::undefined());
    auto losing = evaluation(100);
    losing.optimistic = losing.net = losing.pessimistic = base::Money{-100};
    QCOMPARE(shownFigure(&losing, Figure::Band).text, text("none"));
    QCOMPARE(shownFigure(&losing, Figure::Band).below, text("earns under no rule"));
    QVERIFY(shownFigure(&losing, Figure::Band).help.contains(text("None: it earns nothing even where")));
    QVERIFY(shownFigure(&of, Figure::Trades).help.contains(QRegularExpression(text("closed in shadow"))) ==
            (of.inShadow > 0));
    QCOMPARE(shownFigure(nullptr, Figure::Won).text, format::undefined());
    QVERIFY(!shownFigure(nullptr, Figure::Won).help.isEmpty());
}

void StrategiesPageTest::greyBeginsWhereThePolicySays()
{
    auto of = evaluation(100);
    QVERIFY(shownFigure(&of, Figure::Won).tone != Meaning::TextFaint);
    of.limits.greyTrades = 101;
    const auto won = shownFigure(&of, Figure::Won);
    QVERIFY(won.tone == Meaning::TextFaint && won.help.contains(text("under 101 trades")));
    of.limits.sharpeGreyDays = of.sharpe.days;
    QVERIFY(shownFigure(&of, Figure::Sharpe).tone == Meaning::Text);
    of.limits.sharpeGreyDays = of.sharpe.days + 1;
    QVERIFY(shownFigure(&of, Figure::Sharpe).tone == Meaning::TextMuted);
    of.sharpe.annual = std::unexpected(statistics::Undefined::TooFew);
    of.limits.sharpeMinTrades = 140;
    QCOMPARE(shownFigure(&of, Figure::Sharpe).text, text("100/140"));
    of.limits.sharpeMinTrades = 30;
    of.limits.sharpeDays = 30;
    of.limits.clusters = 20;
    of.sharpe.days = 9; // trades enough, but neither days nor clusters
    of.deflated = std::unexpected(statistics::Undefined::TooFew);
    const auto young = shownFigure(&of, Figure::Sharpe);
    QCOMPARE(young.text, text("9/30"));
    QCOMPARE(young.below, text("days"));
    QVERIFY(young.help.contains(text("9 of the 30 complete UTC days")) && young.help.contains(text("20 clusters")));
    QVERIFY(!young.sort.isValid());
    QVERIFY(shownFigure(&of, Figure::Deflated).help.contains(text("9 of the 30 complete UTC days")));
    of.growth = 0.31;
    of.calmar = 2.5;
    of.growthDays = 364;
    QVERIFY(shownFigure(&of, Figure::Drawdown).help.contains(text("Calmar) 2.50; extrapolated: under 365 days")));
    of.limits.growth.greyUnder = 364;
    QVERIFY(!shownFigure(&of, Figure::Net).help.contains(text("extrapolated")));
    QVERIFY(shownFigure(&of, Figure::Net).help.contains(text("CAGR")));

    const auto limits = trading::evaluationLimits({});
    trading::Choice choice{0.2, 13, 130, statistics::Standing::Shown, 0.2, 0.5};
    QCOMPARE(choiceNote(choice, limits), text("best by Sharpe: PBO 0.20, doubtful"));
    QVERIFY(choiceHelp(choice, limits, 15).contains(text("13 of 15 strategies were taken")));
    for (const auto& line : choiceHelp(choice, limits, 15).split(QLatin1Char('\n'))) {
        QVERIFY2(line.size() <= 130, qPrintable(line)); // a tooltip wraps nothing by itself
    }
    QVERIFY(choiceHelp(choice, limits, 15).contains(text("13 strategies")) &&
            choiceHelp(choice, limits, 15).contains(text("130 days")));
    choice.overfitting = 0.199;
    QVERIFY(choiceNote(choice, limits).endsWith(text("sound")));
    choice.overfitting = 0.5;
    QVERIFY(choiceNote(choice, limits).endsWith(text("doubtful")));
    choice.overfitting = 0.51;
    QVERIFY(choiceNote(choice, limits).endsWith(text("overfitted")));
    choice.standing = statistics::Standing::Grey;
    QVERIFY(choiceNote(choice, limits).endsWith(text("too little to judge")));
    choice.overfitting = std::unexpected(statistics::Undefined::TooFew);
    QCOMPARE(choiceNote(choice, limits), QStringLiteral("best by Sharpe: PBO —, too few days"));
    QVERIFY(choiceHelp(choice, limits, 15).contains(text("13 of 15 strategies were taken, over 130 days")));
    choice.strategies = 1;
    QCOMPARE(choiceNote(choice, limits), QStringLiteral("best by Sharpe: PBO —, too few strategies"));
    QVERIFY(choiceHelp(choice, limits, 15).startsWith(text("Undefined: 2 strategies are needed")));
}

void StrategiesPageTest::aDeflatedSharpeTellsItsTries()
{
    auto of = evaluation(100);
    auto shown = shownFigure(&of, Figure::Deflated);
    QCOMPARE(shown.text, text("0.91"));
    QCOMPARE(shown.below, text("PSR 0.98"));
    QVERIFY(shown.help.contains(text("Deflated 0.91")) && shown.help.contains(text("5.0 tries")));
    QVERIFY(shown.tone == Meaning::TextMuted); // 61 days
    of.sharpe.days = 120;
    QVERIFY(shownFigure(&of, Figure::Deflated).tone == Meaning::Text);
    of.tries = 4;
    QVERIFY(shownFigure(&of, Figure::Deflated).tone == Meaning::TextMuted);
    of.tries = 1;
    shown = shownFigure(&of, Figure::Deflated);
    QCOMPARE(shown.text, format::undefined());
    QVERIFY(shown.help.contains(text("one try")));
}

void StrategiesPageTest::theNullIsBeatenOrNot()
{
    auto of = evaluation(100);
    of.null->p95 = 0.0009;
    QCOMPARE(shownFigure(&of, Figure::Null).below, text("above"));
    of.null->p95 = *of.null->real; // at the edge is not over it
    QCOMPARE(shownFigure(&of, Figure::Null).below, text("below"));
    QVERIFY(shownFigure(&of, Figure::Null).belowTone == Meaning::Warning);
    of.null.reset();
    QCOMPARE(shownFigure(&of, Figure::Null).text, format::undefined());
    QVERIFY(shownFigure(&of, Figure::Null).help.contains(text("Run noise null")));
}

void StrategiesPageTest::everyFigureHasATooltipWithItsNumberOfObservations()
{
    const auto of = evaluation(118);
    for (const auto figure : {Figure::Equity, Figure::Won, Figure::ProfitFactor, Figure::Drawdown, Figure::Expectancy,
                              Figure::Band, Figure::Net}) {
        QVERIFY2(shownFigure(&of, figure).help.contains(text("118")), qPrintable(columnOf(figure).title));
        QVERIFY(!columnOf(figure).help.isEmpty());
    }
    QVERIFY(shownFigure(&of, Figure::Sharpe).help.contains(text("n = 61 complete UTC days")));
    QVERIFY(shownFigure(&of, Figure::Null).help.contains(text("200 runs")));
}

void StrategiesPageTest::aCurveBelongsToItsParameters()
{
    auto trades = testkit::plausibleTrades("breakout", fixed, 10); // newest first; the oldest two have another hash
    const auto records = equityRecords(trades);
    QCOMPARE(records.size(), 2U);
    QCOMPARE(records[0].parameterHash, std::string("17aa03c9be21f460"));
    QCOMPARE(records[0].points.size(), 3U); // a zero, and two trades
    QCOMPARE(records[1].points.size(), 9U);
    for (const auto& record : records) {
        QCOMPARE(record.points.front().second, 0.0);
        QVERIFY(std::ranges::is_sorted(record.points, {}, [](const auto& p) { return p.first; }));
    }
    base::Money sum;
    for (int i = 0; i < 8; ++i) {
        sum += trades[static_cast<std::size_t>(i)].net;
    }
    QCOMPARE(records[1].points.back().second, base::toUsdt(sum));
    QVERIFY(equityRecords({}).empty());
}

void StrategiesPageTest::theFunnelNeverGrows()
{
    auto row = testkit::strategy("breakout", "", true, 90, 40, 1);
    row.signals = 130;
    row.blocked = 35;
    row.open = 3;
    const auto steps = funnelOf(row, 5);
    QCOMPARE(steps.size(), 5U);
    QCOMPARE(steps[0].count, 130U);
    QCOMPARE(steps[1].count, 30U); // 5 of the 35 were ordered, and waited in vain
    QCOMPARE(steps[2].count, 100U);
    QCOMPARE(steps[3].count, 93U);
    QCOMPARE(steps[4].count, 90U);
    row.signals = 10; // of a record that began anew while older positions closed
    const auto small = funnelOf(row, 50);
    for (std::size_t i = 1; i < small.size(); ++i) {
        QVERIFY(small[i].count <= small[0].count);
    }
}

void StrategiesPageTest::aHistogramKeepsEveryValue()
{
    const std::vector<float> values{0, 0.5F, 1, 1, 2};
    const auto counts = histogramOf(values, {0, 2}, 4);
    QCOMPARE(counts, (std::vector<int>{1, 1, 2, 1})); // the upper end is inside
    Histogram chart;
    chart.setTitle(text("Null"));
    chart.setValues({1, 2, std::numeric_limits<float>::quiet_NaN()}, {{3, text("real 3"), &ChartColors::gain, true}});
    QCOMPARE(chart.csv(), text("run,value\n1,1\n2,2\n"));
    QVERIFY(chart.accessibleDescription().contains(text("real 3")));
    chart.resize(300, 140);
    QTest::keyClick(&chart, Qt::Key_Plus);
    QCOMPARE(chart.bins(), Histogram::usualBins * 5 / 4 + 1);
    QTest::mouseDClick(&chart, Qt::LeftButton);
    QCOMPARE(chart.bins(), Histogram::usualBins);
    chart.grab();
}

void StrategiesPageTest::theRosterModelKeepsItsPromises()
{
    Shown shown;
    auto& model = shown.page.roster();
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    shown.fill();
    QCOMPARE(model.rowCount(), 13);
    auto paper = testkit::paperWithRoster(fixed);
    paper.strategies.erase(paper.strategies.begin() + 2);
    paper.strategies[0].isEnabled = false;
    shown.console.paperBox.put(paper);
    shown.deliver();
    QCOMPARE(model.rowCount(), 12);
}

void StrategiesPageTest::theRosterShowsWhoSwitchedItOffAndSinceWhen()
{
    console::StrategyRow row;
    row.isEnabled = true;
    QVERIFY(StrategiesModel::offText(row, fixed, format::Zone::Utc).isEmpty());
    row.isEnabled = false;
    row.enabledBy = "operator";
    row.enabledSince = fixed - base::Millis{60'000};
    QVERIFY(StrategiesModel::offText(row, fixed, format::Zone::Utc).startsWith(text("off by you since ")));
    row.enabledBy = "policy";
    row.enabledSince = {};
    QCOMPARE(StrategiesModel::offText(row, fixed, format::Zone::Utc), text("off by policy"));

    Shown shown;
    shown.fill();
    const auto below = shown.roster()->model()->index(shown.rowOf("candle_patterns"), 0).data(BelowRole).toString();
    QVERIFY(below.startsWith(text("off by policy since")));
    const auto silent = shown.roster()->model()->index(shown.rowOf("ml_gbt_5m"), 0).data(BelowRole).toString();
    QCOMPARE(silent, text("no model"));
}

void StrategiesPageTest::aStrategyOfTheOptimisticBandIsMarked()
{
    Shown shown;
    shown.fill(); // support_resistance earns at decision prices only
    const auto markOf = [&](const char* strategy) {
        return shown.roster()->model()->index(shown.rowOf(strategy), StrategiesModel::ProfitFactor);
    };
    QCOMPARE(markOf("support_resistance").data(BelowRole).toString(), text("opt. only"));
    QVERIFY(markOf("support_resistance").data(BelowToneRole).value<Meaning>() == Meaning::Warning);
    QVERIFY(!markOf("breakout").data(BelowRole).isValid());      // it earns
    QVERIFY(!markOf("ema_crossover").data(BelowRole).isValid()); // it loses in every band
}

void StrategiesPageTest::aSwitchIsPendingUntilItIsDoneAndIsTakenBackFromTheToast()
{
    testkit::FakeConsole console;
    testkit::fill(console, fixed);
    console.paperBox.put(testkit::paperWithRoster(fixed));
    testkit::answerPlausibly(console, fixed);
    MainWindow window(console, {.page = text("Strategies"), .size = {1600, 1000}});
    window.show();
    for (int i = 0; i < 3; ++i) { // the figures bring the rows into their order
        window.pump().pump();
    }
    QTableView* view = nullptr;
    for (auto* one : window.page(2).findChildren<QTableView*>()) {
        view = one->accessibleName() == text("Roster") ? one : view;
    }
    QVERIFY(view != nullptr);
    const auto stateOf = [view](int row) {
        return static_cast<paint::SwitchState>(view->model()->index(row, StrategiesModel::On).data(SwitchRole).toInt());
    };
    const auto name = view->model()->index(0, 0).data().toString();
    QVERIFY(stateOf(0) == paint::SwitchState::On);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {},
                      view->visualRect(view->model()->index(0, StrategiesModel::On)).center());
    const auto* sent = console.newest<SetStrategyEnabled>();
    QVERIFY(sent != nullptr);
    QCOMPARE(format::text(sent->strategy), name);
    QVERIFY(!sent->enabled);
    QVERIFY(stateOf(0) == paint::SwitchState::Pending);

    auto paper = testkit::paperWithRoster(fixed);
    for (auto& row : paper.strategies) {
        row.isEnabled = row.isEnabled && format::text(row.name) != name;
    }
    console.paperBox.put(paper);
    QVERIFY(console.answer<SetStrategyEnabled>({3}));
    window.pump().pump();
    QVERIFY(stateOf(0) == paint::SwitchState::Off);
    QVERIFY(window.toast().text().contains(text("switched off")));
    QTest::mouseClick(window.toast().button(), Qt::LeftButton);
    QVERIFY(stateOf(0) == paint::SwitchState::Pending); // the journal is asked which decision it was
    const auto question = std::ranges::find_if(
        console.asked, [](const auto& one) { return std::holds_alternative<console::AskJournal>(one.second); });
    QVERIFY(question != console.asked.end());
    console::JournalPage journal{.total = 1, .rows = {console::JournalRow{}}};
    journal.rows[0].decision.id = 3;
    journal.rows[0].decision.changes = {{governance::ChangeKind::Switch, name.toStdString(), "on", "off"}};
    console.answers.emplace_back(console::Answer{question->first, {}, journal});
    window.pump().pump();
    QCOMPARE(console.newest<console::UndoDecision>()->decision, std::int64_t{3});
    QVERIFY(stateOf(0) == paint::SwitchState::Pending);
    QVERIFY(console.answer<console::UndoDecision>());
    console.paperBox.put(testkit::paperWithRoster(fixed));
    window.pump().pump();
    QVERIFY(stateOf(0) == paint::SwitchState::On);
}

void StrategiesPageTest::theSpaceKeySwitches()
{
    Shown shown;
    shown.fill();
    shown.choose("ema_crossover");
    QTest::keyClick(shown.roster(), Qt::Key_Space);
    QCOMPARE(shown.console.newest<SetStrategyEnabled>()->strategy, std::string("ema_crossover"));
    QVERIFY(shown.console.newest<SetStrategyEnabled>()->enabled);
    QTest::keyClick(shown.roster(), Qt::Key_Space); // pending: asked once
    QCOMPARE(shown.console.sent.size(), 1U);
}

void StrategiesPageTest::manyAreSwitchedInOneDialogWithOneReason()
{
    Shown shown;
    shown.fill();
    QSignalSpy finished(&shown.desk, &CommandDesk::finished);
    shown.choose("breakout");
    shown.click(shown.roster(), shown.rowOf("momentum"), 0, Qt::ControlModifier);
    shown.click(shown.roster(), shown.rowOf("ema_crossover"), 0, Qt::ControlModifier); // is off already
    shown.press("Disable…");
    QVERIFY(shown.console.sent.empty());
    shown.give("costs more than it earns");
    QCOMPARE(shown.console.sent.size(), 1U); // one decision
    const auto& one = std::get<console::SetStrategiesEnabled>(shown.console.sent.front().second);
    QVERIFY(!one.enabled);
    QCOMPARE(one.reason, std::string("costs more than it earns"));
    QCOMPARE(one.strategies.size(), std::size_t{2});
    for (const auto& name : one.strategies) {
        QVERIFY(shown.desk.isPending(format::text(name)));
    }
    shown.console.events.emplace_back(console::CommandDone{shown.console.sent.front().first, {}, {17}});
    shown.done();
    QCOMPARE(finished.size(), 1);
    const auto request = finished.first().first().value<Request>();
    QVERIFY(request.what.contains(text("breakout")) && request.what.contains(text("momentum switched off")));
    QSignalSpy wished(&shown.desk, &CommandDesk::journalUndoWished);
    shown.desk.takeBack(request);
    QCOMPARE(wished.size(), 1);
    QVERIFY(shown.desk.isPending(text("breakout"))); // while the journal is asked
    shown.desk.undoFound(wished.first().first().value<Request>(), {{17, text("disabled many")}});
    QCOMPARE(shown.console.newest<console::UndoDecision>()->decision, std::int64_t{17});
    QVERIFY(shown.desk.isPending(text("breakout")));
    shown.console.answer<console::UndoDecision>();
    shown.done();
    QVERIFY(!shown.desk.isPending(text("breakout")));
}

void StrategiesPageTest::severalDecisionsAreTakenBackAndToldAsOne()
{
    Shown shown;
    shown.fill();
    QSignalSpy failed(&shown.desk, &CommandDesk::failed);
    QSignalSpy wished(&shown.desk, &CommandDesk::journalUndoWished);
    Request request;
    request.what = text("2 proposals applied");
    request.isJournalled = true;
    request.decisions = {4, 5};
    shown.desk.takeBack(request);
    shown.desk.undoFound(wished.first().first().value<Request>(), {{4, text("a")}, {5, text("b")}});
    QCOMPARE(shown.console.sent.size(), 2U);
    shown.desk.answer({shown.console.sent[0].first, base::Error{base::ErrorCode::Conflict, "decision 4", "no"}});
    QCOMPARE(failed.size(), 0);
    shown.desk.answer({shown.console.sent[1].first, {}});
    QCOMPARE(failed.size(), 1);
    QVERIFY(failed.first().first().value<Request>().what.contains(text("1 refused")));
    shown.desk.takeBack(request);
    shown.desk.undoFound(wished.last().first().value<Request>(), {}); // nothing was found
    QCOMPARE(shown.desk.pendingCount(), std::size_t{0});
}

void StrategiesPageTest::aColumnSortsAndWordsFilter()
{
    Shown shown;
    shown.fill();
    auto* view = shown.roster();
    view->sortByColumn(StrategiesModel::Trades, Qt::DescendingOrder);
    QCOMPARE(view->model()->index(0, 0).data().toString(), text("candle_patterns"));
    view->sortByColumn(StrategiesModel::Sharpe, Qt::AscendingOrder);
    QVERIFY(!view->model()->index(0, StrategiesModel::Sharpe).data(SortRole).isValid()); // the undefined is least
    QTest::keyClicks(view, text("/"));
    auto* box = QApplication::focusWidget();
    QVERIFY(qobject_cast<QLineEdit*>(box) != nullptr || box == nullptr);
    for (auto* edit : shown.page.findChildren<QLineEdit*>()) {
        if (edit->accessibleName() == text("Filter") && edit->isVisible()) {
            edit->setText(text("reversion off"));
        }
    }
    QCOMPARE(view->model()->rowCount(), 2);
}

void StrategiesPageTest::rowsDoNotJumpWhenRanksChange()
{
    Shown shown;
    shown.fill();
    const auto first = shown.roster()->model()->index(0, 0).data().toString();
    QCOMPARE(first, text("mtf_trend_align"));
    shown.console.onAsk = [&](console::QueryId id, const console::Query& query) {
        if (std::holds_alternative<console::AskEvaluations>(query)) {
            auto figures = testkit::plausibleEvaluations(fixed, 30);
            std::ranges::reverse(figures.strategies);
            console::Answer answer;
            answer.id = id;
            answer.value = figures;
            shown.console.answers.emplace_back(answer);
        }
    };
    fakeNow = fixed + base::Millis{6'000};
    auto paper = testkit::paperWithRoster(fixed);
    ++paper.closedTotal;
    shown.console.paperBox.put(paper);
    shown.deliver();
    shown.pull();
    QCOMPARE(shown.asked<console::AskEvaluations>(), 2);
    QCOMPARE(shown.roster()->model()->index(0, 0).data().toString(), first);
}

void StrategiesPageTest::theWindowOfDaysIsChosenAndRemembered()
{
    const QTemporaryDir folder;
    const auto settings = folder.filePath(QStringLiteral("window.ini"));
    {
        Shown shown(settings);
        shown.fill();
        QCOMPARE(shown.newestQuestion<console::AskEvaluations>().days, 30U);
        shown.press("All");
        QCOMPARE(shown.newestQuestion<console::AskEvaluations>().days, 0U);
        shown.press("7 d");
        QCOMPARE(shown.newestQuestion<console::AskEvaluations>().days, 7U);
        shown.pull();
        QVERIFY(shown.newestQuestion<console::AskTrades>().filter.from == windowStart(7, fixed));
        shown.choose("breakout");
        shown.press("Funnel");
    }
    Shown again(settings);
    again.fill();
    QCOMPARE(again.newestQuestion<console::AskEvaluations>().days, 7U);
    QCOMPARE(again.page.detail().strategy(), text("breakout"));
    QCOMPARE(again.asked<console::AskSignals>(), 1);
    QVERIFY(!windowStart(0, fixed));
}

void StrategiesPageTest::figuresAreAskedAtMostEveryFiveSeconds()
{
    Shown shown;
    shown.fill();
    QCOMPARE(shown.asked<console::AskEvaluations>(), 1);
    const auto close = [&](std::uint32_t total, std::int64_t after) {
        auto paper = testkit::paperWithRoster(fixed);
        paper.closedTotal = total;
        shown.console.paperBox.put(paper);
        fakeNow = fixed + base::Millis{after};
        shown.deliver();
        shown.pull();
    };
    close(412, 20'000); // nothing closed
    QCOMPARE(shown.asked<console::AskEvaluations>(), 1);
    close(413, 20'001);
    QCOMPARE(shown.asked<console::AskEvaluations>(), 2);
    close(414, 25'000);
    QCOMPARE(shown.asked<console::AskEvaluations>(), 2);
    close(414, 25'001);
    QCOMPARE(shown.asked<console::AskEvaluations>(), 3);
}

void StrategiesPageTest::aHiddenPageAsksNothing()
{
    Shown shown;
    shown.page.hide();
    shown.fill();
    QVERIFY(shown.console.asked.empty());
    shown.page.show();
    QCOMPARE(shown.asked<console::AskEvaluations>(), 1);
}

void StrategiesPageTest::anAnswerOfAnotherWindowIsDropped()
{
    Shown shown;
    testkit::fill(shown.console, fixed);
    shown.console.paperBox.put(testkit::paperWithRoster(fixed));
    shown.deliver();
    const auto first = shown.idOf<console::AskEvaluations>();
    shown.press("7 d");
    console::Answer answer;
    answer.id = first;
    answer.value = testkit::plausibleEvaluations(fixed, 30);
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QCOMPARE(shown.roster()->model()->index(0, StrategiesModel::Won).data().toString(), format::undefined());
}

void StrategiesPageTest::aFailedQuestionIsToldAndAskedAgain()
{
    Shown shown;
    testkit::fill(shown.console, fixed);
    shown.console.paperBox.put(testkit::paperWithRoster(fixed));
    shown.deliver();
    console::Answer answer;
    answer.id = shown.idOf<console::AskEvaluations>();
    answer.error = base::Error{base::ErrorCode::Damaged, "the ledger", ""};
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QStringList said;
    for (const auto* label : shown.page.findChildren<QLabel*>()) {
        said << label->text();
    }
    QVERIFY(said.join(QLatin1Char('\n')).contains(text("The ledger is damaged")));
    fakeNow = fixed + base::Millis{5'000};
    shown.deliver();
    QCOMPARE(shown.asked<console::AskEvaluations>(), 2);
}

void StrategiesPageTest::eachTabAsksForWhatItShows()
{
    Shown shown;
    shown.fill();
    QCOMPARE(shown.asked<console::AskTrades>(), 1); // the equity curve
    QVERIFY(!shown.page.findChild<LineChart*>()->isEmpty());
    QVERIFY(!shown.page.findChild<Histogram*>()->isEmpty());
    QCOMPARE(shown.page.findChild<Histogram*>()->marks().size(), 3U);
    QCOMPARE(shown.asked<console::AskSignals>(), 0);
    shown.press("Funnel");
    QCOMPARE(shown.asked<console::AskSignals>(), 1);
    shown.press("Evidence");
    shown.press("Funnel"); // known already
    QCOMPARE(shown.asked<console::AskSignals>(), 1);
    shown.press("Parameters");
    QCOMPARE(shown.asked<console::AskTrials>(), 1);
    shown.press("Trades");
    QCOMPARE(shown.asked<console::AskTrades>(), 2);
    QCOMPARE(shown.newestQuestion<console::AskTrades>().limit, 200U);
    shown.choose("breakout");
    QCOMPARE(shown.asked<console::AskTrades>(), 3);
    QCOMPARE(shown.newestQuestion<console::AskTrades>().filter.strategy, std::string("breakout"));
}

void StrategiesPageTest::theEquityComesInPages()
{
    Shown shown;
    shown.fill();
    const int before = shown.asked<console::AskTrades>();
    shown.choose("candle_patterns"); // 1 510 trades
    shown.pull();
    QCOMPARE(shown.asked<console::AskTrades>(), before + 2);
    QCOMPARE(shown.newestQuestion<console::AskTrades>().offset, 1'000U);
    const auto lines = shown.page.findChild<LineChart*>()->csv().count(QLatin1Char('\n'));
    QCOMPARE(lines, 1 + 1 + 1'208); // head, zero, and the trades of the parameters in force
}

void StrategiesPageTest::theAnswerOfAnotherStrategyIsDropped()
{
    Shown shown;
    shown.fill();
    shown.press("Funnel");
    shown.console.onAsk = nullptr;
    shown.choose("momentum");
    const auto late = shown.console.asked.back().first;
    shown.choose("breakout");
    console::Answer answer;
    answer.id = late;
    answer.value = testkit::plausibleSignals("momentum", fixed);
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QCOMPARE(shown.table("Signals that did not trade")->model()->rowCount(), 0);
}

void StrategiesPageTest::theFunnelCountsReasonsAndFiltersByThem()
{
    Shown shown;
    shown.fill();
    shown.press("Funnel");
    shown.pull();
    auto* reasons = shown.table("Reasons");
    auto* log = shown.table("Signals that did not trade");
    QCOMPARE(reasons->model()->rowCount(), 5);
    QCOMPARE(reasons->model()->index(0, ReasonsModel::Reason).data().toString(), text("cooldown"));
    QCOMPARE(reasons->model()->index(0, ReasonsModel::Count).data().toString(), text("19"));
    QCOMPARE(log->model()->rowCount(), 35);
    shown.click(reasons, 0, 0);
    QCOMPARE(log->model()->rowCount(), 19);
    const auto* bars = shown.page.findChild<FunnelBars*>();
    QCOMPARE(bars->steps().front().count, 118U + 41U);
    shown.choose("breakout"); // another strategy: the log is whole again
    shown.pull();
    QCOMPARE(log->model()->rowCount(), 35);
}

void StrategiesPageTest::instrumentsBeginWithThePooledRow()
{
    Shown shown;
    shown.fill();
    shown.press("Instruments");
    auto* view = shown.table("Instruments of the strategy");
    QCOMPARE(view->model()->rowCount(), 13); // all of the feed: each has its switch
    QCOMPARE(view->model()->index(0, 0).data().toString(), text("All pooled"));
    QCOMPARE(view->model()->index(1, 0).data().toString(), text("BTC-USDT"));
    QSignalSpy leads(&shown.page, &Page::wantsPage);
    shown.click(view, 1, 0);
    QTest::keyClick(view, Qt::Key_Return);
    QCOMPARE(leads.size(), 1);
    QCOMPARE(leads.first().at(1).toString(), text("BTC-USDT"));
    QTest::keyClick(view, Qt::Key_Up);
    QTest::keyClick(view, Qt::Key_Return); // all instruments lead nowhere
    QCOMPARE(leads.size(), 1);
}

void StrategiesPageTest::aTradeLeadsToExecution()
{
    Shown shown;
    shown.fill();
    shown.press("Trades");
    shown.pull();
    auto* view = shown.table("Trades of the strategy");
    QCOMPARE(view->model()->rowCount(), 118);
    QSignalSpy leads(&shown.page, &Page::wantsPage);
    const auto at = view->visualRect(view->model()->index(0, 0)).center();
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, at);
    QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(leads.size(), 1);
    QCOMPARE(leads.first().at(0).toString(), text("Execution"));
    QCOMPARE(leads.first().at(1).toString(), text("mtf_trend_align BTC-USDT"));
}

void StrategiesPageTest::shadowTradesComeWhenAsked()
{
    Shown shown;
    shown.fill();
    shown.choose("rsi_divergence");
    shown.press("Trades");
    shown.pull();
    auto* view = shown.table("Trades of the strategy");
    QCOMPARE(view->model()->rowCount(), 0);
    shown.press("With shadow");
    shown.pull();
    QVERIFY(shown.newestQuestion<console::AskTrades>().filter.withShadow);
    QCOMPARE(view->model()->rowCount(), 200);
    QCOMPARE(view->model()->index(0, StrategyTradesModel::Instrument).data(MutedRole).toString(), text("in shadow"));
}

void StrategiesPageTest::parametersOutOfRangeAreRefusedWithTheRange()
{
    const trading::Parameter share{"stop_atr", "ATR", 0.5, 10, 2, "distance of the stop"};
    QVERIFY(typedParameter(share, text("0.5")).has_value());
    QVERIFY(typedParameter(share, text(" 10 ")).has_value());
    QCOMPARE(typedParameter(share, text("2,5")).value_or(0), 2.5);
    QCOMPARE(typedParameter(share, text("0.49")).error(), text("stop_atr: from 0.5 to 10 ATR"));
    QVERIFY(!typedParameter(share, text("10.01")));
    QVERIFY(!typedParameter(share, text("nan")));
    QVERIFY(!typedParameter(share, text("")));
    const trading::Parameter length{"slow", "candles", 2, 400, 21, "slow average"};
    QVERIFY(typedParameter(length, text("21")).has_value());
    QVERIFY(!typedParameter(length, text("21.5")));

    Shown shown;
    shown.fill();
    shown.choose("ema_crossover");
    shown.press("Parameters");
    auto& tab = shown.page.detail().parameters();
    auto* edit = tab.editor("stop_atr");
    QVERIFY(edit != nullptr);
    QVERIFY(!tab.applyButton()->isEnabled()); // nothing differs
    edit->setText(text("1000"));
    QVERIFY(!tab.applyButton()->isEnabled());
    QVERIFY2(tab.told().contains(text("stop_atr: from ")), qPrintable(tab.told()));
}

void StrategiesPageTest::applyAsksForAReasonAndSendsTheCommand()
{
    Shown shown;
    shown.fill();
    shown.choose("ema_crossover");
    shown.press("Parameters");
    shown.pull();
    auto& tab = shown.page.detail().parameters();
    tab.editor("stop_atr")->setText(text("2.75"));
    QVERIFY(tab.told().contains(text("New hash")));
    QTest::mouseClick(tab.applyButton(), Qt::LeftButton);
    QVERIFY(shown.console.sent.empty());
    const auto* dialog = shown.page.window()->findChild<ReasonDialog*>();
    QVERIFY(dialog->accessibleDescription().contains(text("starts at zero")));
    QVERIFY(dialog->accessibleDescription().contains(text("one more try (2 known)")));
    QVERIFY(dialog->accessibleDescription().contains(QString::fromUtf8("→ 2.75")));
    shown.give("wider stop");
    const auto* sent = shown.console.newest<SetParameters>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->strategy, std::string("ema_crossover"));
    QCOMPARE(sent->reason, std::string("wider stop"));
    trading::ParameterSet set("ema_crossover", trading::findStrategy("ema_crossover")->parameters);
    QVERIFY(set.setText(sent->parameters).has_value());
    QCOMPARE(set["stop_atr"], 2.75);
    QVERIFY(tab.told().contains(text("Pending")));
    QVERIFY(!tab.applyButton()->isEnabled());
    QVERIFY(tab.editor("stop_atr")->isReadOnly());
    shown.desk.setParameters({"ema_crossover", "x", "again"}); // ignored while pending
    QCOMPARE(shown.console.sent.size(), 1U);
}

void StrategiesPageTest::formerParametersComeBackByUndo()
{
    Shown shown;
    shown.fill();
    QSignalSpy finished(&shown.desk, &CommandDesk::finished);
    shown.desk.setParameters({"ema_crossover", "stop_atr=2.75", "wider"});
    QVERIFY(shown.desk.areParametersPending(text("ema_crossover")));
    QVERIFY(!shown.desk.isPending(text("ema_crossover"))); // its switch is not
    shown.console.answer<SetParameters>({9});
    shown.done();
    QVERIFY(!shown.desk.areParametersPending(text("ema_crossover")));
    const auto request = finished.first().first().value<Request>();
    QSignalSpy wished(&shown.desk, &CommandDesk::journalUndoWished);
    shown.desk.takeBack(request);
    QVERIFY(shown.desk.areParametersPending(text("ema_crossover")));
    shown.desk.undoFound(wished.first().first().value<Request>(), {{9, text("parameters")}});
    QVERIFY(shown.desk.areParametersPending(text("ema_crossover")));
    QCOMPARE(shown.console.newest<console::UndoDecision>()->decision, std::int64_t{9}); // record and hash come back
    shown.console.answer<console::UndoDecision>();
    shown.done();
    QVERIFY(!finished.last().first().value<Request>().canBeTakenBack()); // what was taken back is not taken back again
}

void StrategiesPageTest::parametersThatTheEngineRefusesAreTold()
{
    Shown shown;
    shown.fill();
    shown.choose("ema_crossover");
    shown.press("Parameters");
    auto& tab = shown.page.detail().parameters();
    tab.editor("stop_atr")->setText(text("2.75"));
    QTest::mouseClick(tab.applyButton(), Qt::LeftButton);
    shown.give("wider stop");
    shown.console.answer<SetParameters>(
        base::Error{base::ErrorCode::OutOfRange, "stop_atr", "2.75 is not in 0.1 to 2"});
    shown.done();
    QVERIFY(tab.told().contains(text("0.1 to 2")));
    QCOMPARE(tab.editor("stop_atr")->text(), text("2.75")); // what was typed stays
}

void StrategiesPageTest::defaultsAndDiscardFillTheEditors()
{
    Shown shown;
    testkit::fill(shown.console, fixed);
    auto paper = testkit::paperWithRoster(fixed);
    for (auto& row : paper.strategies) {
        if (row.name == "ema_crossover") {
            row.parameters["stop_atr"] = 3.5;
        }
    }
    shown.console.paperBox.put(paper);
    shown.deliver();
    shown.choose("ema_crossover");
    shown.press("Parameters");
    auto* edit = shown.page.detail().parameters().editor("stop_atr");
    const auto standard = edit->text() == text("3.5") ? QString() : edit->text();
    QCOMPARE(standard, QString());
    shown.press("Defaults");
    QVERIFY(edit->text() != text("3.5"));
    QVERIFY(shown.page.detail().parameters().applyButton()->isEnabled());
    shown.press("Discard");
    QCOMPARE(edit->text(), text("3.5"));
    QVERIFY(!shown.page.detail().parameters().applyButton()->isEnabled());
}

void StrategiesPageTest::aReplayShowsItsProgressAndItsResult()
{
    Shown shown;
    shown.fill();
    shown.choose("breakout");
    auto& run = shown.page.detail().run();
    QTest::mouseClick(run.replayButton(), Qt::LeftButton);
    const auto& asked = shown.newestQuestion<console::RunReplay>();
    QCOMPARE(asked.strategies, std::vector<std::string>{"breakout"});
    QCOMPARE(asked.days, 30U);
    QVERIFY(asked.current);
    const auto id = shown.idOf<console::RunReplay>();
    QVERIFY(run.isRunning() && !run.replayButton()->isEnabled() && !run.nullButton()->isEnabled());
    shown.console.answers.emplace_back(console::QueryProgress{id, 0.42, "replaying BTC-USDT"});
    shown.pull();
    QCOMPARE(shown.page.findChild<ProgressCard*>()->share(), 0.42);
    QVERIFY(shown.page.findChild<ProgressCard*>()->isVisible());
    shown.choose("momentum"); // the run stays breakout's
    console::ReplayFigures figures;
    figures.strategies = {testkit::evaluationOf(testkit::storyOf("breakout"), std::nullopt, 1)};
    figures.strategies.front().growthDays = 9; // its Sharpe ratio is of clusters
    figures.ticks = 2'470'000;
    figures.trades = 61;
    figures.seconds = 7.4;
    figures.ledgerHash = "5f1c0a9be2d47733aa";
    console::Answer answer;
    answer.id = id;
    answer.value = figures;
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QVERIFY(!run.isRunning() && run.replayButton()->isEnabled());
    QVERIFY(!shown.page.findChild<ProgressCard*>()->isVisible());
    const auto* dialog = shown.page.window()->findChild<ReplayDialog*>();
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->accessibleName(), text("Replay of breakout"));
    QStringList values;
    for (const auto* block : dialog->findChildren<FigureBlock*>()) {
        values << block->value();
    }
    QVERIFY(values.contains(text("61")) && values.contains(text("55.7%")));
    QStringList read;
    QString ledgerHelp;
    for (const auto* label : dialog->findChildren<QLabel*>()) {
        read << label->text();
        ledgerHelp = label->text().startsWith(text("Ledger 5f1c")) ? label->toolTip() : ledgerHelp;
    }
    QVERIFY(read.join(QLatin1Char('\n')).contains(text("The newest 30 days of the archive")));
    QVERIFY(read.join(QLatin1Char('\n')).contains(text("it is 9 complete days")));
    QVERIFY(ledgerHelp.startsWith(text("SHA-256")) && ledgerHelp.endsWith(text("5f1c0a9be2d47733aa")));
    const auto copied = ReplayDialog::text(text("breakout"), figures);
    QVERIFY(copied.contains(text("ledger_hash\t5f1c0a9be2d47733aa")));
}

void StrategiesPageTest::aReplayIsCancelled()
{
    Shown shown;
    shown.fill();
    auto& run = shown.page.detail().run();
    QTest::mouseClick(run.replayButton(), Qt::LeftButton);
    const auto id = shown.idOf<console::RunReplay>();
    shown.press("Cancel");
    QCOMPARE(shown.console.cancelled, std::vector<console::QueryId>{id});
    QVERIFY(run.isRunning()); // until it has ended
    console::Answer answer;
    answer.id = id;
    answer.error = base::Error{base::ErrorCode::Cancelled, "replay", ""};
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QVERIFY(!run.isRunning());
    QVERIFY(shown.page.window()->findChild<ReplayDialog*>() == nullptr);
    QStringList said;
    for (const auto* label : run.findChildren<QLabel*>()) {
        said << label->text();
    }
    QVERIFY(said.join(QLatin1Char('\n')).contains(text("cancelled")));
}

void StrategiesPageTest::aNullThatIsDoneIsShown()
{
    Shown shown;
    shown.fill();
    shown.choose("momentum"); // has none yet
    QVERIFY(shown.page.findChild<Histogram*>()->isEmpty());
    QTest::mouseClick(shown.page.detail().run().nullButton(), Qt::LeftButton);
    QCOMPARE(shown.newestQuestion<console::RunNull>().seeds, 200U);
    shown.console.onAsk = [&](console::QueryId id, const console::Query& query) {
        if (std::holds_alternative<console::AskNull>(query)) {
            auto table = testkit::plausibleNull(fixed);
            table.rows.front().strategy = "momentum";
            console::Answer answer;
            answer.id = id;
            answer.value = table;
            shown.console.answers.emplace_back(answer);
        }
    };
    console::Answer answer;
    answer.id = shown.idOf<console::RunNull>();
    answer.value = console::NullTable{};
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QVERIFY(!shown.page.findChild<Histogram*>()->isEmpty());
}

void StrategiesPageTest::whatAsksAModelHasNoNullOfItsOwn()
{
    Shown shown;
    shown.fill();
    shown.choose("ml_gbt_5m");
    auto& run = shown.page.detail().run();
    QVERIFY(!run.nullButton()->isEnabled());
    QVERIFY(run.nullButton()->toolTip().startsWith(text("A null has no model")));
    QVERIFY(run.lookAheadButton()->isEnabled() && run.replayButton()->isEnabled());
    auto of = evaluation(100);
    of.strategy = "ml_gbt_5m";
    of.null.reset();
    QVERIFY(shownFigure(&of, Figure::Null).help.contains(text("a null has no model")));
    shown.choose("momentum");
    QVERIFY(run.nullButton()->isEnabled());
}

void StrategiesPageTest::aLookAheadTestSaysWhatItFound()
{
    Shown shown;
    shown.fill();
    shown.choose("momentum");
    auto& run = shown.page.detail().run();
    const auto said = [&](console::LookAheadFigures figures) {
        QTest::mouseClick(run.lookAheadButton(), Qt::LeftButton);
        console::Answer answer;
        for (const auto& [id, query] : shown.console.asked) { // the newest
            if (std::holds_alternative<console::RunLookAhead>(query)) {
                answer.id = id;
            }
        }
        figures.strategy = shown.newestQuestion<console::RunLookAhead>().strategy;
        answer.value = std::move(figures);
        shown.console.answers.emplace_back(answer);
        shown.pull();
        QStringList out;
        for (const auto* label : run.findChildren<QLabel*>()) {
            out << label->text();
        }
        return out.join(QLatin1Char('\n'));
    };
    QVERIFY(!run.lookAheadButton()->toolTip().isEmpty());
    QVERIFY(said({.days = 14, .cuts = 50, .trades = 61}).contains(text("momentum has not seen the future")));
    QVERIFY(said({.days = 14, .cuts = 50}).contains(text("has shown nothing")));
    QVERIFY(said({.days = 14, .cuts = 50, .trades = 61, .mismatch = "on ETH-USDT"})
                .contains(text("has seen the future: on ETH-USDT")));
    QVERIFY(said({.days = 14, .cuts = 50, .trades = 61, .notKept = "the disk is full"})
                .contains(text("It does not count for a sign-off: the disk is full.")));
    QVERIFY(!said({.days = 14, .cuts = 50, .trades = 61}).contains(text("sign-off")));
    QVERIFY(said({.days = 14, .cuts = 50, .mismatch = "on ETH-USDT", .notKept = "the disk is full"})
                .contains(text("An earlier result still counts")));
}

void StrategiesPageTest::whatARunToldHasTheWidthOfTheCard()
{
    for (const auto size : {QSize(1424, 908), QSize(1104, 708)}) { // the page in windows of 1600x1000 and 1280x800
        Shown shown({}, size);
        shown.fill();
        shown.choose("momentum");
        auto& run = shown.page.detail().run();
        QVERIFY(!run.told()->isVisible()); // nothing to tell takes no room
        QTest::mouseClick(run.lookAheadButton(), Qt::LeftButton);
        QCoreApplication::sendPostedEvents();
        QVERIFY(shown.page.findChild<ProgressCard*>()->width() * 2 >= shown.page.detail().width());
        console::Answer answer;
        answer.id = shown.idOf<console::RunLookAhead>();
        answer.value = console::LookAheadFigures{.strategy = "momentum",
                                                 .days = 14,
                                                 .cuts = 50,
                                                 .trades = 47'248,
                                                 .mismatch = {},
                                                 .notKept = "the parameters have changed while it ran"};
        shown.console.answers.emplace_back(answer);
        shown.pull();
        QCoreApplication::sendPostedEvents();
        QVERIFY(run.told()->isVisible());
        QVERIFY(run.told()->width() * 2 >= shown.page.detail().width());
        QVERIFY(run.told()->y() >= run.lookAheadButton()->geometry().bottom());
    }
}

void StrategiesPageTest::everyGateSaysOnWhichSideOfItsLimitItPasses()
{
    governance::Checklist list;
    for (int gate = 0; gate <= static_cast<int>(governance::Gate::Incumbent); ++gate) {
        list.gates.push_back(
            {.gate = static_cast<governance::Gate>(gate), .figure = governance::countFigure("things", 3, 30)});
    }
    for (const auto& line : gateLines(list)) {
        QVERIFY2(line.help.contains(QRegularExpression(text("(at least|at most|over) 30"))), qPrintable(line.title));
        QVERIFY2(line.help.contains(text("things 3")), qPrintable(line.help)); // and the figure as it stands
    }
}

void StrategiesPageTest::aFailedRunSaysWhy()
{
    Shown shown;
    shown.fill();
    shown.choose("momentum");
    auto& run = shown.page.detail().run();
    QTest::mouseClick(run.nullButton(), Qt::LeftButton);
    console::Answer answer;
    answer.id = shown.idOf<console::RunNull>();
    answer.error = base::Error{base::ErrorCode::Damaged, "block 12 of BTC-USDT", "checksum"};
    shown.console.answers.emplace_back(answer);
    shown.pull();
    QStringList said;
    for (const auto* label : run.findChildren<QLabel*>()) {
        said << label->text();
    }
    QVERIFY(said.join(QLatin1Char('\n')).contains(text("Block 12 of BTC-USDT is damaged")));
    QVERIFY(run.nullButton()->isEnabled());
}

void StrategiesPageTest::anEmptyPageSaysWhatWouldBeHere()
{
    Shown shown;
    console::PaperSnapshot paper;
    paper.curve = std::make_shared<const std::vector<console::EquityPoint>>();
    shown.console.paperBox.put(paper);
    shown.deliver();
    QStringList said;
    for (const auto* label : shown.page.findChildren<QLabel*>()) {
        said << label->text();
    }
    QVERIFY(said.join(QLatin1Char('\n')).contains(text("as soon as the paper engine has started")));
    QVERIFY(!shown.page.detail().isVisible());
    shown.page.grab();

    testkit::answerPlausibly(shown.console, fixed);
    shown.console.paperBox.put(testkit::paperWithRoster(fixed));
    shown.deliver();
    shown.pull();
    shown.choose("rsi_divergence"); // shadow trades only
    shown.pull();
    QVERIFY(shown.page.findChild<LineChart*>()->isEmpty());
    shown.page.grab();
}

void StrategiesPageTest::aStrategyIsRevealedByName()
{
    Shown shown;
    shown.fill();
    QVERIFY(shown.page.reveal(text("bb_squeeze")));
    QCOMPARE(shown.page.detail().strategy(), text("bb_squeeze"));
    QVERIFY(!shown.page.reveal(text("nothing_of_that_name")));
    QCOMPARE(shown.page.detail().strategy(), text("bb_squeeze"));
}

void StrategiesPageTest::theDetailPaneStandsBelowInANarrowWindow()
{
    Shown shown({}, {1'070, 660});
    shown.fill();
    QCoreApplication::sendPostedEvents();
    const auto* splitter = shown.page.findChild<QSplitter*>();
    QVERIFY(splitter->orientation() == Qt::Vertical);
    QVERIFY(shown.page.detail().height() > 200);
    shown.page.resize(1'380, 860);
    QVERIFY(splitter->orientation() == Qt::Horizontal);
}

void StrategiesPageTest::theColumnsFitTheirTableWhenRowsHaveMoved()
{
    for (const QSize size : {QSize(1'400, 860), QSize(1'080, 670)}) {
        Shown shown({}, size);
        shown.fill(); // the figures bring the rows into another order
        shown.pull();
        const auto* view = shown.roster();
        QVERIFY2(view->horizontalHeader()->length() <= view->viewport()->width(),
                 qPrintable(QString::number(size.width())));
        QVERIFY(view->columnWidth(StrategiesModel::Name) >= 140);
    }
}

void StrategiesPageTest::everythingHasAnAccessibleName()
{
    Shown shown;
    shown.fill();
    for (const char* tab : {"Evidence", "Funnel", "Instruments", "Trades", "Parameters"}) {
        shown.press(tab);
        shown.pull();
        for (const auto* widget : shown.page.findChildren<QWidget*>()) {
            const bool isPart = qobject_cast<const QAbstractButton*>(widget) == nullptr &&
                                qobject_cast<const QLineEdit*>(widget) == nullptr &&
                                qobject_cast<const QTableView*>(widget) == nullptr;
            if (isPart || !widget->isVisible()) {
                continue;
            }
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool isNamed = !widget->accessibleName().isEmpty() ||
                                 (button != nullptr && !button->text().isEmpty()) ||
                                 qobject_cast<const QTableView*>(widget->parentWidget()) != nullptr;
            QVERIFY2(isNamed, widget->metaObject()->className());
        }
    }
}

QTEST_MAIN(StrategiesPageTest)
#include "strategies_page_test.moc"
