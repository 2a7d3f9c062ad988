// The window on a fake console: pages, keys, palette, switches, memory, tables, and that no word is cut at the two
// sizes.
#include "testkit/cut_words.h"
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/health/health_models.h"
#include "ui/main_window.h"
#include "ui/navigation_rail.h"
#include "ui/overview/attention_list.h"
#include "ui/overview/overview_models.h"
#include "ui/settings/policy_model.h"
#include "ui/status_strip.h"
#include "ui/top_strip.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/metric_tile.h"
#include "ui/widgets/paint.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/table_delegate.h"
#include "ui/widgets/toast.h"
#include "ui/widgets/toggle_switch.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

const base::UtcMs someTime{1'764'081'228'000};

/// Rows of two columns with a key, to try the table's own behaviour.
struct Pair {
    int key = 0;
    double value = 0;
};

class PairModel final : public RowModel<Pair> {
public:
    PairModel() : RowModel(columns()) {}

protected:
    [[nodiscard]] QVariant cell(const Pair& row, int column, int role) const override
    {
        if (role == SortRole) {
            return column == 0 ? QVariant(row.key) : QVariant(row.value);
        }
        if (role == Qt::DisplayRole) {
            return column == 0 ? QStringLiteral("row %1").arg(row.key) : format::signedDecimal(row.value, 1);
        }
        return {};
    }
    [[nodiscard]] bool isSame(const Pair& a, const Pair& b) const override { return a.key == b.key; }
    [[nodiscard]] bool isEqual(const Pair& a, const Pair& b) const override { return a.value == b.value; }

private:
    static std::vector<Column> columns()
    {
        return {{.title = QStringLiteral("Name"), .isStretched = true},
                {.title = QStringLiteral("Value"), .kind = CellKind::Figure, .alignment = Qt::AlignRight}};
    }
};

DataTable* tableOf(QWidget& page, const char* column)
{
    for (auto* table : page.findChildren<DataTable*>()) {
        const auto* model = table->proxy();
        for (int i = 0; i < model->columnCount(); ++i) {
            if (model->headerData(i, Qt::Horizontal).toString() == QLatin1String(column)) {
                return table;
            }
        }
    }
    return nullptr;
}

class Bench {
public:
    explicit Bench(const UiOptions& options = {})
    {
        testkit::fill(console, base::SystemClock().now());
        window = std::make_unique<MainWindow>(console, options);
        window->resize(1600, 1000);
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get())) {
            qFatal("no window on this display");
        }
        window->activateWindow(); // a display without a window manager gives the focus to nobody by itself
        if (!QTest::qWaitForWindowActive(window.get())) {
            qFatal("no focus on this display");
        }
    }
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class UiWindowTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void scatteredLettersDoNotFindWhatTakesSomethingAway();
    void everyModelKeepsQtsPromises();
    void whatHasNoRoomGivesWayAndComesBack();
    void rowsAreUpdatedInPlace();
    void aTableSortsOnlyWhenAskedAndGivesTheGivenOrderBack();
    void aRememberedSortIsDoneWhenTheFirstRowsCome();
    void aTableFiltersByWordsAndCopiesWhatIsShown();
    void theKeyboardReachesFilterCopyAndSwitch();

    void everyPageIsReachedByItsKeyAndByItsName();
    void hiddenPagesAreLeftAloneAndCatchUpWhenShown();
    void thePumpReportsEveryFrame();
    void aSwitchShowsPendingUntilItIsCommittedAndCanBeTakenBack();
    void aRefusedSwitchSaysWhyAndStaysWhereItWas();
    void aToggleAsksAndNeverMovesByItself();
    void thePaletteFindsAndActs();
    void thePaletteClosesOnEscapeAndGivesTheFocusBack();
    void attentionShowsInListRailAndPill();
    void aFigureThatChangesLeavesTheBoxThatIsPressed();
    void theStripsTellTheNewestEventAndTheFeed();
    void aPausedBackupIsNotAnnounced();
    void aSimulatedMarketIsNamedWhateverTheFeedAndItsMakingIsShown();
    void noticesOfHiddenPagesAreKept();

    void geometryPageColumnsAndChoicesAreRemembered();
    void aBrokenSettingsFileIsSetAside();
    void aGivenThemeIsNotRemembered();
    void theThemeChangesEverythingAtOnce();

    void noWordIsCut_data();
    void noWordIsCut();
    void theDeepestFallStaysInTheNarrowestRanking();
    void aRankingWithoutAnyIntervalSaysThatItIsByTrades();
    void anEmptyConsoleSaysWhatWouldBeHere();
    void anEqualSnapshotTouchesNoCell();
};

void UiWindowTest::scatteredLettersDoNotFindWhatTakesSomethingAway()
{
    PaletteModel palette;
    const QString action = QStringLiteral("Action");
    palette.setEntries({{action, QStringLiteral("Remove UNI-USDT"), {}, [] {}, true},
                        {action, QStringLiteral("Reconnect the feed"), {}, [] {}}});
    palette.setTyped(QStringLiteral("rem uni"));
    QCOMPARE(palette.rowCount(), 1); // each word is in its title
    palette.setTyped(QStringLiteral("undo"));
    QCOMPARE(palette.rowCount(), 0);
    palette.setTyped(QStringLiteral("rcnt")); // others are found as before
    QCOMPARE(palette.rowCount(), 1);
    QCOMPARE(palette.entry(0).title, QStringLiteral("Reconnect the feed"));
}

void UiWindowTest::whatHasNoRoomGivesWayAndComesBack()
{
    Theme theme;
    WindowMemory memory{QString()};
    PolicyModel model(nullptr);
    DataTable table(theme, memory, QStringLiteral("test.policy"), model);
    model.update(policyLines({}));
    table.resize(1'900, 400);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    const auto isHidden = [&](int column) { return table.view()->isColumnHidden(column); };
    const auto fit = [&](int width) {
        table.resize(width, 400);
        QCoreApplication::sendPostedEvents();
    };
    QVERIFY(!isHidden(PolicyModel::Standard) && !isHidden(PolicyModel::Range));
    fit(420);
    QVERIFY(isHidden(PolicyModel::Standard) && isHidden(PolicyModel::Range));
    QVERIFY(!isHidden(PolicyModel::Name) && !isHidden(PolicyModel::Value) && !isHidden(PolicyModel::Means));
    fit(1'900);
    QVERIFY(!isHidden(PolicyModel::Standard) && !isHidden(PolicyModel::Range));
}

void UiWindowTest::everyModelKeepsQtsPromises()
{
    Theme theme;
    WindowMemory memory{QString()};
    testkit::FakeConsole console;
    CommandDesk desk(console);
    Questions questions(console);
    const format::Zone zone = format::Zone::Utc;
    const PageContext context{console, theme, desk, questions, memory, zone, [] { return someTime; }};
    RosterModel roster(context, nullptr);
    RankingModel ranking(nullptr);
    ranking.setMinTrades(30);
    ServiceModel services(nullptr);
    NoticeModel notices(context, nullptr);
    PaletteModel palette;
    for (auto* model : std::initializer_list<QAbstractItemModel*>{&roster, &ranking, &services, &notices, &palette}) {
        new QAbstractItemModelTester(model, QAbstractItemModelTester::FailureReportingMode::QtTest, model);
    }
    auto paper = testkit::plausiblePaper(someTime);
    roster.update(paper.strategies);
    std::reverse(paper.strategies.begin(), paper.strategies.end());
    roster.update(paper.strategies);
    roster.update({});
    std::vector<RankedRow> ranked;
    for (const auto& row : paper.evaluations) {
        ranked.push_back({row, QStringLiteral("X")});
    }
    ranking.update(ranked);
    std::rotate(ranked.begin(), ranked.begin() + 2, ranked.end());
    ranked.erase(ranked.begin() + 1);
    ranking.update(ranked);
    QCOMPARE(ranking.rowCount(), 5);
    auto health = testkit::plausibleHealth(someTime);
    services.update(health.services);
    for (int i = 0; i < 501; ++i) {
        notices.add({0, someTime, console::Severity::Info, QString::number(i), {}});
    }
    QCOMPARE(notices.rowCount(), 500);
    QCOMPARE(notices.row(0).what, QStringLiteral("500"));
    palette.setEntries({{QStringLiteral("Page"), QStringLiteral("Markets"), {}, [] {}}});
    palette.setTyped(QStringLiteral("zzz"));
    QCOMPARE(palette.rowCount(), 0);
    for (const auto* model : std::initializer_list<const TableModel*>{&roster, &ranking, &services, &notices}) {
        for (int column = 0; column < model->columnCount(); ++column) {
            QVERIFY(!model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
        }
    }
}

void UiWindowTest::rowsAreUpdatedInPlace()
{
    PairModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.update({{1, 1}, {2, 2}, {3, 3}});
    QCOMPARE(inserted.size(), 3);
    const QPersistentModelIndex two = model.index(1, 0);
    model.update({{1, 1}, {2, 2.5}, {3, 3}});
    QCOMPARE(changes.size(), 1); // only the row that differs
    QCOMPARE(changes[0][0].toModelIndex().row(), 1);
    model.update({{3, 3}, {4, 4}, {2, 2.5}});
    QCOMPARE(removed.size(), 1);
    QCOMPARE(inserted.size(), 4);
    QCOMPARE(two.row(), 2); // it moved, and is still itself
    QCOMPARE(resets.size(), 0);
    std::mt19937 random(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<Pair> next;
        for (int key = 0; key < 12; ++key) {
            if (random() % 3 != 0) {
                next.push_back({key, static_cast<double>(random() % 4)});
            }
        }
        std::shuffle(next.begin(), next.end(), random);
        model.update(next);
        QCOMPARE(model.rowCount(), static_cast<int>(next.size()));
        for (std::size_t i = 0; i < next.size(); ++i) {
            QCOMPARE(model.row(static_cast<int>(i)).key, next[i].key);
            QCOMPARE(model.row(static_cast<int>(i)).value, next[i].value);
        }
    }
}

void UiWindowTest::aTableSortsOnlyWhenAskedAndGivesTheGivenOrderBack()
{
    Theme theme;
    WindowMemory memory{QString()};
    PairModel model;
    DataTable table(theme, memory, QStringLiteral("t"), model);
    model.update({{1, 5}, {2, -10}, {3, 7}});
    const auto shown = [&] {
        QList<int> keys;
        for (int row = 0; row < table.proxy()->rowCount(); ++row) {
            keys << table.proxy()->index(row, 0).data(SortRole).toInt();
        }
        return keys;
    };
    QCOMPARE(shown(), (QList<int>{1, 2, 3}));
    table.view()->sortByColumn(1, Qt::AscendingOrder);
    QCOMPARE(shown(), (QList<int>{2, 1, 3})); // by number, not by text
    model.update({{1, 5}, {2, 99}, {3, 7}});
    QCOMPARE(shown(), (QList<int>{2, 1, 3})); // nothing jumps
    table.view()->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    QCOMPARE(shown(), (QList<int>{1, 2, 3}));
}

void UiWindowTest::aRememberedSortIsDoneWhenTheFirstRowsCome()
{
    Theme theme;
    WindowMemory memory{QString()};
    PairModel model;
    {
        DataTable before(theme, memory, QStringLiteral("t"), model);
        before.view()->sortByColumn(1, Qt::DescendingOrder);
    }
    DataTable table(theme, memory, QStringLiteral("t"), model);
    model.update({{1, 5}, {2, -10}, {3, 7}});
    const auto first = [&] { return table.proxy()->index(0, 0).data(SortRole).toInt(); };
    QTRY_COMPARE_WITH_TIMEOUT(first(), 3, 30'000);
    model.update({{1, 99}, {2, -10}, {3, 7}, {4, 200}});
    QCoreApplication::processEvents();
    QCOMPARE(first(), 3); // nothing jumps afterwards
}

void UiWindowTest::aTableFiltersByWordsAndCopiesWhatIsShown()
{
    Theme theme;
    WindowMemory memory{QString()};
    PairModel model;
    DataTable table(theme, memory, QStringLiteral("t"), model);
    model.update({{1, 5}, {2, -1'000.5}, {12, 7}});
    auto* filter = static_cast<TableFilter*>(table.proxy());
    filter->setWords(QStringLiteral("ROW 2"));
    QCOMPARE(table.proxy()->rowCount(), 2);
    filter->setWords(QStringLiteral("row 5.0"));
    QCOMPARE(table.proxy()->rowCount(), 1);
    filter->setWords({});
    QCOMPARE(table.asTsv(), QStringLiteral("Name\tValue\nrow 1\t+5.0\nrow 2\t-1000.5\nrow 12\t+7.0\n"));
    table.selectRow(1);
    QCOMPARE(table.asTsv(), QStringLiteral("Name\tValue\nrow 2\t-1000.5\n"));
    QCOMPARE(table.asCsv(), QStringLiteral("Name,Value\nrow 2,-1000.5\n"));
    table.view()->setColumnHidden(0, true);
    QCOMPARE(table.asTsv(), QStringLiteral("Value\n-1000.5\n"));
}

void UiWindowTest::theKeyboardReachesFilterCopyAndSwitch()
{
    Bench bench;
    auto* table = tableOf(bench.window->page(0), "On");
    QVERIFY(table != nullptr);
    table->view()->setFocus();
    table->selectRow(1);
    QTest::keyClick(table->view(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("ema_crossover\ton")));
    QTest::keyClick(table->view(), Qt::Key_Space);
    QCOMPARE(bench.console.sent.size(), 1U);
    QCOMPARE(bench.console.newest<console::SetStrategyEnabled>()->strategy, std::string("ema_crossover"));
    QTest::keyClick(table->view(), Qt::Key_Slash);
    auto* box = table->findChild<QLineEdit*>();
    QVERIFY(box->hasFocus());
    QTest::keyClicks(box, QStringLiteral("break"));
    QCOMPARE(table->proxy()->rowCount(), 1);
    QTest::keyClick(box, Qt::Key_Escape);
    QCOMPARE(table->proxy()->rowCount(), 2);
    QVERIFY(table->view()->hasFocus());
}

void UiWindowTest::everyPageIsReachedByItsKeyAndByItsName()
{
    Bench bench;
    const auto names = MainWindow::pageNames();
    QCOMPARE(names.size(), 10);
    for (int i = 9; i >= 0; --i) {
        QTest::keyClick(bench.window.get(), static_cast<Qt::Key>(Qt::Key_0 + (i + 1) % 10), Qt::ControlModifier);
        QCOMPARE(bench.window->currentPage(), names[i]);
        QVERIFY(bench.window->page(i).isVisible());
        QVERIFY(bench.window->rail().button(i)->isChecked());
    }
    QVERIFY(bench.window->showPage(QStringLiteral("hEaLtH")));
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
    QVERIFY(!bench.window->showPage(QStringLiteral("Cellar")));
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
    QTest::mouseClick(bench.window->rail().button(1), Qt::LeftButton);
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Markets"));
    bench.window->rail().button(1)->setFocus();
    QTest::keyClick(bench.window->rail().button(1), Qt::Key_Down);
    QVERIFY(bench.window->rail().button(2)->hasFocus());
    QTest::keyClick(bench.window->rail().button(2), Qt::Key_Space);
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Strategies"));
}

void UiWindowTest::hiddenPagesAreLeftAloneAndCatchUpWhenShown()
{
    Bench bench;
    auto* tile = bench.window->page(0).findChild<MetricTile*>();
    QVERIFY(tile != nullptr);
    const QString before = tile->value();
    bench.window->showPage(QStringLiteral("Health"));
    auto paper = testkit::plausiblePaper(someTime);
    paper.equity = base::usdt(12'345);
    bench.console.paperBox.put(paper);
    bench.window->pump().pump();
    QCOMPARE(tile->value(), before);
    bench.window->showPage(QStringLiteral("Overview"));
    QCOMPARE(format::plain(tile->value()), QStringLiteral("12345.00"));
}

void UiWindowTest::thePumpReportsEveryFrame()
{
    testkit::FakeConsole console;
    SnapshotPump pump(console);
    QSignalSpy changed(&pump, &SnapshotPump::changed);
    pump.pump();
    QCOMPARE(console.frames, 1);
    QCOMPARE(console.lastGap, 0.0); // there was none before
    QCOMPARE(changed.size(), 0);    // nothing came
    console.storeBox.put(testkit::plausibleStore());
    pump.pump();
    QCOMPARE(console.frames, 2);
    QVERIFY(console.lastGap > 0);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][1].value<Changes>(), Changes(Change::Store));
    pump.pump();
    QCOMPARE(changed.size(), 1); // the same version is not told twice
}

void UiWindowTest::aSwitchShowsPendingUntilItIsCommittedAndCanBeTakenBack()
{
    Bench bench;
    auto* table = tableOf(bench.window->page(0), "On");
    const auto cell = table->proxy()->index(0, RosterModel::On);
    const auto state = [&] { return static_cast<paint::SwitchState>(cell.data(SwitchRole).toInt()); };
    QCOMPARE(state(), paint::SwitchState::On);
    QTest::mouseClick(table->view()->viewport(), Qt::LeftButton, {}, table->view()->visualRect(cell).center());
    QCOMPARE(bench.console.sent.size(), 1U);
    QCOMPARE(bench.console.newest<console::SetStrategyEnabled>()->enabled, false);
    QCOMPARE(state(), paint::SwitchState::Pending);
    QTest::mouseClick(table->view()->viewport(), Qt::LeftButton, {}, table->view()->visualRect(cell).center());
    QCOMPARE(bench.console.sent.size(), 1U); // one question at a time
    bench.console.events.emplace_back(console::CommandDone{99'999, std::nullopt});
    bench.window->pump().pump();
    QCOMPARE(state(), paint::SwitchState::Pending); // somebody else's answer

    auto paper = testkit::plausiblePaper(someTime);
    paper.strategies[0].isEnabled = false;
    bench.console.paperBox.put(paper);
    QVERIFY(bench.console.answer<console::SetStrategyEnabled>({7}));
    bench.window->pump().pump();
    QCOMPARE(state(), paint::SwitchState::Off);
    QVERIFY(bench.window->toast().isVisible());
    QVERIFY(bench.window->toast().text().startsWith(QStringLiteral("breakout switched off")));
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    QCOMPARE(state(), paint::SwitchState::Pending); // the journal is asked which decision that was
    const auto question = std::ranges::find_if(
        bench.console.asked, [](const auto& one) { return std::holds_alternative<console::AskJournal>(one.second); });
    QVERIFY(question != bench.console.asked.end());
    console::JournalPage page{.total = 1, .rows = {console::JournalRow{}}};
    page.rows[0].decision.id = 7;
    page.rows[0].decision.changes = {{governance::ChangeKind::Switch, "breakout", "on", "off"}};
    bench.console.answers.emplace_back(console::Answer{question->first, {}, page});
    bench.window->pump().pump();
    QCOMPARE(bench.console.sent.size(), 2U);
    QCOMPARE(bench.console.newest<console::UndoDecision>()->decision, std::int64_t{7});
    QCOMPARE(state(), paint::SwitchState::Pending);
    QVERIFY(bench.console.answer<console::UndoDecision>());
    bench.window->pump().pump();
    QVERIFY(bench.window->toast().text().startsWith(QStringLiteral("Taken back")));
    QVERIFY(!bench.window->toast().button()->isVisible()); // an undo is not undone from here
}

void UiWindowTest::aRefusedSwitchSaysWhyAndStaysWhereItWas()
{
    Bench bench;
    auto* table = tableOf(bench.window->page(0), "On");
    const auto cell = table->proxy()->index(1, RosterModel::On);
    Q_EMIT table->switched(1);
    QCOMPARE(static_cast<paint::SwitchState>(cell.data(SwitchRole).toInt()), paint::SwitchState::Pending);
    QVERIFY(bench.console.answer<console::SetStrategyEnabled>(
        base::Error{base::ErrorCode::DiskFull, "demo.db", "sqlite 13"}));
    bench.window->pump().pump();
    QCOMPARE(static_cast<paint::SwitchState>(cell.data(SwitchRole).toInt()), paint::SwitchState::On);
    QVERIFY(bench.window->toast().text().contains(QStringLiteral("disk is full")));
    QVERIFY(!bench.window->toast().text().contains(QStringLiteral("sqlite")));
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("sqlite 13")));
}

void UiWindowTest::aToggleAsksAndNeverMovesByItself()
{
    Theme theme;
    ToggleSwitch toggle(theme, QStringLiteral("breakout"));
    QSignalSpy asked(&toggle, &ToggleSwitch::asked);
    QTest::mouseClick(&toggle, Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toBool(), true);
    QVERIFY(!toggle.isOn());
    toggle.setPending(true);
    QCOMPARE(toggle.accessibleDescription(), QStringLiteral("pending"));
    QTest::keyClick(&toggle, Qt::Key_Space);
    QCOMPARE(asked.size(), 1); // not while pending
    toggle.setPending(false);
    toggle.setOn(true);
    QTest::keyClick(&toggle, Qt::Key_Space);
    QCOMPARE(asked.size(), 2);
    QCOMPARE(asked[1][0].toBool(), false);
    QCOMPARE(toggle.accessibleDescription(), QStringLiteral("on"));
}

void UiWindowTest::thePaletteFindsAndActs()
{
    Bench bench;
    auto& palette = bench.window->palettePanel();
    const auto run = [&](const QString& typed) {
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        QVERIFY(palette.isVisible());
        auto* line = palette.findChild<QLineEdit*>();
        QTRY_VERIFY(line->hasFocus());
        QTest::keyClicks(line, typed);
        QTest::keyClick(line, Qt::Key_Return);
        QVERIFY(!palette.isVisible());
    };
    run(QStringLiteral("health"));
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
    run(QStringLiteral("emacross")); // a name alone leads there and changes nothing
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Strategies"));
    QVERIFY(bench.console.newest<console::SetStrategyEnabled>() == nullptr);
    run(QStringLiteral("switch emacross off"));
    QCOMPARE(bench.console.newest<console::SetStrategyEnabled>()->strategy, std::string("ema_crossover"));
    QCOMPARE(bench.console.newest<console::SetStrategyEnabled>()->enabled, false);
    run(QStringLiteral("reconnect"));
    QVERIFY(bench.console.newest<console::ReconnectNow>() != nullptr);
    run(QStringLiteral("sol"));
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Markets"));
    QVERIFY(bench.console.newest<console::WatchChart>() != nullptr);
    QCOMPARE(bench.console.newest<console::WatchChart>()->instrument, base::InstrumentId{3});
    const QColor before = bench.window->palette().color(QPalette::Window);
    run(QStringLiteral("light theme"));
    QVERIFY(bench.window->palette().color(QPalette::Window) != before);
    run(QStringLiteral("back up now"));
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
    QVERIFY(bench.console.newest<console::BackUpNow>() != nullptr);
    QTest::keyClick(bench.window.get(), Qt::Key_Q, Qt::ControlModifier);
    QVERIFY(!bench.window->isVisible());
}

void UiWindowTest::thePaletteClosesOnEscapeAndGivesTheFocusBack()
{
    Bench bench;
    auto* view = tableOf(bench.window->page(0), "On")->view();
    view->setFocus();
    QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
    auto* line = bench.window->palettePanel().findChild<QLineEdit*>();
    QTRY_VERIFY(line->hasFocus());
    QTest::keyClick(line, Qt::Key_Down);
    QTest::keyClick(line, Qt::Key_Escape);
    QVERIFY(!bench.window->palettePanel().isVisible());
    QVERIFY(view->hasFocus());
    QVERIFY(bench.console.newest<console::SetStrategyEnabled>() == nullptr);
}

void UiWindowTest::attentionShowsInListRailAndPill()
{
    Bench bench;
    auto* list = bench.window->page(0).findChild<AttentionList*>();
    QVERIFY(list->items().empty());
    QCOMPARE(bench.window->rail().button(0)->count(), 0);
    auto health = testkit::plausibleHealth(someTime);
    health.probes[0].value = 91;
    health.label = console::HealthLabel::Poor;
    health.score = 48;
    bench.console.healthBox.put(health);
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(list->items().size(), 1U);
    QCOMPARE(bench.window->rail().button(0)->count(), 1);
    QCOMPARE(bench.window->rail().button(6)->count(), 1);
    QCOMPARE(bench.window->rail().button(1)->count(), 0);
    auto* pill = bench.window->findChild<TopStrip*>()->healthPill();
    QCOMPARE(pill->figure(), QStringLiteral("48"));
    QCOMPARE(pill->tone(), Meaning::Loss);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_J);
    QCOMPARE(list->focused(), 0);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space); // it has no switch: it leads to its page
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
    bench.console.healthBox.put(testkit::plausibleHealth(someTime));
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(bench.window->rail().button(0)->count(), 0);
}

void UiWindowTest::aFigureThatChangesLeavesTheBoxThatIsPressed()
{
    Bench bench;
    auto* list = bench.window->page(0).findChild<AttentionList*>();
    auto health = testkit::plausibleHealth(someTime);
    health.probes[0].value = 91;
    bench.console.healthBox.put(health);
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(list->items().size(), 1U);
    auto* open = list->findChild<QPushButton*>();
    const auto told = list->items().front().text;
    QTest::mousePress(open, Qt::LeftButton);
    health.probes[0].value = 96;
    bench.console.healthBox.put(health);
    bench.window->pump().pump();
    QVERIFY(list->items().front().text != told);
    const auto labels = list->findChildren<TextLabel*>();
    QVERIFY(
        std::ranges::any_of(labels, [&](const auto* label) { return label->text() == list->items().front().text; }));
    QCOMPARE(list->findChild<QPushButton*>(), open);
    QTest::mouseRelease(open, Qt::LeftButton);
    QCOMPARE(bench.window->currentPage(), QStringLiteral("Health"));
}

void UiWindowTest::theStripsTellTheNewestEventAndTheFeed()
{
    Bench bench;
    auto* status = bench.window->findChild<StatusStrip*>();
    auto* top = bench.window->findChild<TopStrip*>();
    QCOMPARE(top->feedPill()->label(), QStringLiteral("DEMO FEED"));
    QCOMPARE(top->feedPill()->tone(), Meaning::Warning);
    bench.console.events = {console::Notice{someTime, console::Severity::Warning, "older"},
                            console::TradeClosed{testkit::closedTrade(someTime)}};
    bench.window->pump().pump();
    QVERIFY2(status->lastEvent().endsWith(QStringLiteral("breakout closed ETH-USDT long")),
             qPrintable(status->lastEvent()));
    auto ingest = testkit::plausibleIngest(someTime);
    ingest.feed = console::FeedState::Offline;
    bench.console.ingestBox.put(ingest);
    bench.window->pump().pump();
    QCOMPARE(top->feedPill()->figure(), QStringLiteral("offline"));

    testkit::FakeConsole blofin;
    blofin.consoleInfo.feed = "blofin";
    MainWindow window(blofin, {});
    QCOMPARE(window.findChild<TopStrip*>()->feedPill()->label(), QString::fromUtf8("BLOFIN · PAPER"));
    QVERIFY(window.windowTitle().contains(QString::fromUtf8("BLOFIN · PAPER")));
}

void UiWindowTest::aPausedBackupIsNotAnnounced()
{
    Bench bench;
    auto* status = bench.window->findChild<StatusStrip*>();
    QVERIFY2(status->backup().startsWith(QStringLiteral("next ")), qPrintable(status->backup()));
    console::JobsSnapshot jobs{.state = console::EngineState::Running,
                               .jobs = {{.name = "backup", .title = "Backup", .isPaused = true}},
                               .day = std::make_shared<const std::vector<governance::JobRunRow>>()};
    bench.console.jobsBox.put(jobs);
    bench.window->pump().pump();
    QCOMPARE(status->backup(), QStringLiteral("paused"));
    jobs.jobs[0].isPaused = false;
    bench.console.jobsBox.put(jobs);
    bench.window->pump().pump();
    QVERIFY(status->backup().startsWith(QStringLiteral("next ")));
}

void UiWindowTest::aSimulatedMarketIsNamedWhateverTheFeedAndItsMakingIsShown()
{
    testkit::FakeConsole imported;
    imported.consoleInfo.feed = "imported";
    imported.consoleInfo.isSimulated = true;
    imported.storeBox.put(console::StoreSnapshot{.state = console::EngineState::Starting, .making = 0.434});
    MainWindow window(imported, {});
    QVERIFY(window.windowTitle().contains(QStringLiteral("SIMULATED")));
    QVERIFY(window.findChild<TopStrip*>()->feedPill()->label().contains(QStringLiteral("SIMULATED")));
    window.pump().pump();
    const auto pills = window.findChild<TopStrip*>()->findChildren<Pill*>();
    QVERIFY(std::any_of(pills.begin(), pills.end(), [](const Pill* pill) {
        return pill->label() == QStringLiteral("Store") && pill->figure().startsWith(QStringLiteral("making 43"));
    }));
}

void UiWindowTest::noticesOfHiddenPagesAreKept()
{
    Bench bench;
    bench.console.events = {console::Notice{someTime, console::Severity::Info, "while nobody looked"},
                            console::EngineFailed{"Store", "disk I/O", true}};
    bench.window->pump().pump();
    bench.window->showPage(QStringLiteral("Health"));
    auto* table = tableOf(bench.window->page(6), "Severity");
    QCOMPARE(table->proxy()->rowCount(), 2);
    QVERIFY(table->proxy()->index(0, NoticeModel::What).data().toString().startsWith(QStringLiteral("Store failed")));
    QCOMPARE(table->proxy()->index(1, NoticeModel::What).data().toString(), QStringLiteral("while nobody looked"));
}

void UiWindowTest::geometryPageColumnsAndChoicesAreRemembered()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("window.ini"));
    {
        Bench bench({.settingsFile = file});
        bench.window->resize(1320, 840);
        auto* header = tableOf(bench.window->page(0), "PF")->view()->horizontalHeader();
        header->resizeSection(2, 133);
        header->setSortIndicator(4, Qt::AscendingOrder);
        bench.window->showPage(QStringLiteral("Settings"));
        for (auto* button : bench.window->page(9).findChildren<PillButton*>()) {
            if (button->text() == QStringLiteral("Light") || button->text() == QStringLiteral("UTC") ||
                button->text() == QStringLiteral("Blue and orange")) {
                QTest::mouseClick(button, Qt::LeftButton);
            }
        }
        bench.window->close();
    }
    QVERIFY(QFile::exists(file));
    testkit::FakeConsole console;
    testkit::fill(console, someTime);
    MainWindow again(console, {.settingsFile = file});
    QCOMPARE(again.size(), QSize(1320, 840));
    QCOMPARE(again.currentPage(), QStringLiteral("Settings"));
    QVERIFY(again.palette().color(QPalette::Window).lightnessF() > 0.8F);
    again.showPage(QStringLiteral("Overview"));
    static_cast<void>(again.render({1320, 840}));
    auto* header = tableOf(again.page(0), "PF")->view()->horizontalHeader();
    QCOMPARE(header->sectionSize(2), 133);
    QCOMPARE(header->sortIndicatorSection(), 4);
    for (auto* button : again.page(9).findChildren<PillButton*>()) {
        if (button->text() == QStringLiteral("UTC") || button->text() == QStringLiteral("Blue and orange")) {
            QVERIFY(button->isChecked());
        }
    }
}

void UiWindowTest::aBrokenSettingsFileIsSetAside()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("window.ini"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[window\npage Overview\x00\x01 = = =\n]]]");
    file.close();
    WindowMemory memory(path);
    QVERIFY(!memory.value(QStringLiteral("window/page")).isValid());
    memory.setValue(QStringLiteral("window/page"), QStringLiteral("Health"));
    memory.flush();
    QVERIFY(QFile::exists(path + QStringLiteral(".corrupt")));
    QCOMPARE(WindowMemory(path).value(QStringLiteral("window/page")).toString(), QStringLiteral("Health"));
}

void UiWindowTest::aGivenThemeIsNotRemembered()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("window.ini"));
    {
        testkit::FakeConsole console;
        MainWindow window(console, {.settingsFile = file, .theme = Mode::Light});
        QVERIFY(window.palette().color(QPalette::Window).lightnessF() > 0.8F);
    }
    testkit::FakeConsole console;
    MainWindow window(console, {.settingsFile = file});
    QVERIFY(window.palette().color(QPalette::Window).lightnessF() < 0.2F);
}

void UiWindowTest::theThemeChangesEverythingAtOnce()
{
    Bench bench;
    const auto dark = bench.window->render({1280, 800}).toImage();
    QTest::keyClick(bench.window.get(), Qt::Key_T, Qt::ControlModifier | Qt::ShiftModifier);
    const auto light = bench.window->render({1280, 800}).toImage();
    // Corners of every region: rail, strips, page, card.
    for (const auto at :
         {QPoint(4, 600), QPoint(900, 4), QPoint(600, 795), QPoint(184, 600), QPoint(230, 75), QPoint(700, 230)}) {
        QVERIFY(QColor(dark.pixel(at)).lightnessF() < 0.25F);
        QVERIFY2(QColor(light.pixel(at)).lightnessF() > 0.75F,
                 qPrintable(QStringLiteral("%1,%2").arg(at.x()).arg(at.y())));
    }
}

void UiWindowTest::noWordIsCut_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("isLight");
    QTest::addColumn<bool>("isTroubled");
    QTest::newRow("1600x1000 dark") << QSize(1600, 1000) << false << false;
    QTest::newRow("1280x800 dark") << QSize(1280, 800) << false << true;
    QTest::newRow("1600x1000 light") << QSize(1600, 1000) << true << true;
    QTest::newRow("1280x800 light") << QSize(1280, 800) << true << false;
}

void UiWindowTest::noWordIsCut()
{
    QFETCH(QSize, size);
    QFETCH(bool, isLight);
    QFETCH(bool, isTroubled);
    testkit::FakeConsole console;
    testkit::fill(console, base::SystemClock().now());
    if (isTroubled) {
        auto ingest = testkit::plausibleIngest(someTime);
        ingest.feed = console::FeedState::Offline;
        ingest.state = console::EngineState::Struggling;
        ingest.detail = "Connection refused by 127.0.0.1:40123.";
        ingest.malformed = {{"json", 3}};
        console.ingestBox.put(ingest);
    }
    MainWindow window(console, {.theme = isLight ? Mode::Light : Mode::Dark});
    for (const auto& page : MainWindow::pageNames()) {
        window.showPage(page);
        static_cast<void>(window.render(size));
        const auto picture = window.render(size);
        QCOMPARE(picture.size(), size * window.devicePixelRatio());
        const auto cut = testkit::cutWords(window);
        QVERIFY2(cut.isEmpty(), qPrintable(page + QStringLiteral(": ") + cut.join(QStringLiteral("; "))));
    }
}

void UiWindowTest::theDeepestFallStaysInTheNarrowestRanking()
{
    testkit::FakeConsole console;
    testkit::fill(console, base::SystemClock().now());
    auto paper = *console.paperBox.get();
    for (auto& row : paper.evaluations) {
        row.strategy += "_of_several_timeframes_confirmed";
    }
    console.paperBox.put(std::move(paper));
    MainWindow window(console, {});
    static_cast<void>(window.render({1280, 800}));
    static_cast<void>(window.render({1280, 800}));
    auto* view = tableOf(window.page(0), "Max DD")->view();
    QVERIFY(!view->isColumnHidden(RankingModel::Drawdown));
    QVERIFY(view->isColumnHidden(RankingModel::ProfitFactor)); // which gives way before it
    QCOMPARE(view->horizontalScrollBar()->maximum(), 0);
}

void UiWindowTest::aRankingWithoutAnyIntervalSaysThatItIsByTrades()
{
    testkit::FakeConsole console;
    testkit::fill(console, base::SystemClock().now());
    const auto says = [&console] {
        MainWindow window(console, {});
        static_cast<void>(window.render({1280, 800}));
        const auto labels = window.page(0).findChildren<QLabel*>();
        return std::ranges::any_of(
            labels, [](const auto* label) { return label->text().startsWith(QLatin1String("by trades")); });
    };
    QVERIFY(!says());
    auto paper = *console.paperBox.get();
    for (auto& row : paper.evaluations) {
        row.sharpeLow.reset();
        row.sharpeHigh.reset();
    }
    console.paperBox.put(std::move(paper));
    QVERIFY(says());
}

void UiWindowTest::anEmptyConsoleSaysWhatWouldBeHere()
{
    testkit::FakeConsole console;
    MainWindow window(console, {});
    for (const auto& page : MainWindow::pageNames()) {
        window.showPage(page);
        static_cast<void>(window.render({1280, 800}));
        int words = 0;
        for (auto* label : window.findChildren<QLabel*>()) {
            words += label->isVisible() && label->text().size() > 30 ? 1 : 0;
        }
        QVERIFY2(words > 0 || page == QStringLiteral("Overview"), qPrintable(page));
    }
}

void UiWindowTest::anEqualSnapshotTouchesNoCell()
{
    Bench bench;
    std::vector<std::unique_ptr<QSignalSpy>> spies;
    for (auto* table : bench.window->page(0).findChildren<DataTable*>()) {
        spies.push_back(std::make_unique<QSignalSpy>(table->proxy(), &QAbstractItemModel::dataChanged));
    }
    QCOMPARE(spies.size(), 2U);
    bench.console.paperBox.put(*bench.console.paperBox.get());
    bench.window->pump().pump();
    for (const auto& spy : spies) {
        QCOMPARE(spy->size(), 0);
    }
    auto paper = *bench.console.paperBox.get();
    paper.strategies[1].signals += 1;
    paper.evaluations[3].trades += 1;
    bench.console.paperBox.put(paper);
    bench.window->pump().pump();
    for (const auto& spy : spies) {
        QCOMPARE(spy->size(), 1);
    }
}

QTEST_MAIN(UiWindowTest)
#include "ui_window_test.moc"
