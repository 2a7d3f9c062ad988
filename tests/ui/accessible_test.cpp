// Walks over every page and names what a screen reader or a pointer that rests gets no answer from: controls without
// a name, figures without unit or explanation, columns of figures without help.
#include "testkit/fake_answers.h"
#include "testkit/fake_console.h"
#include "testkit/fake_execution.h"
#include "testkit/fake_governance.h"
#include "testkit/strict_log.h"
#include "ui/main_window.h"
#include "ui/markets/offer_model.h"
#include "ui/strategies/detail_pane.h"
#include "ui/watch/watch_pages.h"
#include "ui/widgets/data_table.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QtTest>

#include <span>

using namespace qd;
using namespace qd::ui;

namespace {

bool hasLetters(const QString& text)
{
    return std::ranges::any_of(text, [](QChar c) { return c.isLetter(); });
}

/// A tooltip or a name in words: its own, or that of the tile it lies in; a page's own name explains no figure.
bool isExplained(const QWidget* widget, const QWidget* page)
{
    for (; widget != nullptr && widget != page && qobject_cast<const Page*>(widget) == nullptr;
         widget = widget->parentWidget()) {
        if (!widget->toolTip().isEmpty() || hasLetters(widget->accessibleName())) {
            return true;
        }
    }
    return false;
}

QString place(const QWidget* widget, const QWidget* page)
{
    QStringList names;
    for (; widget != nullptr && widget != page; widget = widget->parentWidget()) {
        names.prepend(QString::fromLatin1(widget->metaObject()->className()).section(QStringLiteral("::"), -1));
    }
    return page->objectName() + QStringLiteral(": ") + names.join(QLatin1Char('/'));
}

void controls(const QWidget& page, QStringList& nameless)
{
    for (const auto* button : page.findChildren<QAbstractButton*>()) {
        const bool isOfQt = QLatin1String(button->metaObject()->className()) == QLatin1String("QTableCornerButton");
        if (!button->isVisible() || isOfQt) {
            continue;
        }
        if (button->accessibleName().isEmpty() && !hasLetters(button->text())) {
            nameless << place(button, &page) + QStringLiteral(" button without a name: ") + button->text();
        } else if (!hasLetters(button->text()) && button->toolTip().isEmpty() && button->accessibleName().isEmpty()) {
            nameless << place(button, &page) + QStringLiteral(" button of a sign without a tooltip: ") + button->text();
        }
    }
    const auto want = [&](const QWidget* widget, const char* what) {
        if (widget->isVisible() && widget->accessibleName().isEmpty()) {
            nameless << place(widget, &page) + QStringLiteral(" ") + QLatin1String(what);
        }
    };
    for (const auto* line : page.findChildren<QLineEdit*>()) {
        if (qobject_cast<QAbstractSpinBox*>(line->parentWidget()) == nullptr) {
            want(line, "line without a name");
        }
    }
    for (const auto* box : page.findChildren<QComboBox*>()) {
        want(box, "choice without a name");
    }
    for (const auto* spin : page.findChildren<QAbstractSpinBox*>()) {
        want(spin, "number without a name");
    }
    for (const auto* view : page.findChildren<QAbstractItemView*>()) {
        if (qobject_cast<const QHeaderView*>(view) == nullptr) {
            want(view, "table without a name");
        }
    }
}

void figures(const QWidget& page, QStringList& unexplained)
{
    static const QRegularExpression digit(QStringLiteral("[0-9]"));
    for (const auto* label : page.findChildren<QLabel*>()) {
        const bool isFigure =
            label->text().contains(digit) && !hasLetters(label->text()) && !label->text().contains(QLatin1Char('%'));
        if (label->isVisible() && isFigure && !isExplained(label, &page)) {
            unexplained << place(label, &page) + QStringLiteral(" figure without unit or tooltip: ") + label->text();
        }
    }
    for (auto* table : page.findChildren<DataTable*>()) {
        const auto* head = table->view()->horizontalHeader();
        const auto* model = table->proxy();
        for (int column = 0; table->isVisible() && column < model->columnCount(); ++column) {
            const auto alignment =
                model->rowCount() > 0 ? model->index(0, column).data(Qt::TextAlignmentRole).toInt() : 0;
            const auto title = model->headerData(column, Qt::Horizontal).toString();
            const auto help = model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString();
            if (!head->isSectionHidden(column) && (alignment & Qt::AlignRight) != 0 && help.isEmpty()) {
                unexplained << page.objectName() + QStringLiteral(": column without unit or explanation: ") +
                                   table->view()->accessibleName() + QStringLiteral(" › ") + title;
            }
        }
    }
}

/// Whether the help of a column of figures says what one of them is: a unit, a count, a scale, a time. The 95% of an
/// interval is none.
bool namesAUnit(QString help)
{
    static const QRegularExpression unit(
        QStringLiteral(
            "%|\\b(percent|USDT|coins|contracts|kB|s, m, h or d|m, h or d|a count|a ratio|a year|per year|0 to "
            "1|0 to 100|exchange time|the time|time of|its number|the unit|without unit)\\b"),
        QRegularExpression::CaseInsensitiveOption);
    return help.remove(QStringLiteral("95%")).contains(unit);
}

/// How many columns of figures these are; those whose help names no unit go to `found`.
int unitsOf(const QString& table, std::span<const Column> columns, QStringList& found)
{
    int figures = 0;
    for (const auto& column : columns) {
        const bool isFigure =
            column.kind == CellKind::Spark ||
            (column.kind == CellKind::Figure && column.alignment.testFlag(Qt::AlignRight)); // times stand on the left
        figures += isFigure ? 1 : 0;
        if (isFigure && !namesAUnit(column.help)) {
            found << table + QStringLiteral(" › ") + column.title + QStringLiteral(": ") + column.help;
        }
    }
    return figures;
}

std::vector<Column> columnsOf(const TableModel& model)
{
    std::vector<Column> out;
    for (int i = 0; i < model.columnCount(); ++i) {
        out.push_back(model.column(i));
    }
    return out;
}

class Bench {
public:
    Bench() : governor(console, filled(console, now), 1'412)
    {
        const auto ofRoster = console.onAsk;
        desk.emplace(console, now, 33'412);
        const auto ofExecution = console.onAsk;
        console.onAsk = [ofRoster, ofExecution](console::QueryId id, const console::Query& query) {
            const auto* trades = std::get_if<console::AskTrades>(&query);
            const bool isOfOneStrategy = trades != nullptr && !trades->filter.strategy.empty();
            const bool isOfExecution = std::holds_alternative<console::AskExecution>(query) ||
                                       std::holds_alternative<console::AskTrade>(query) ||
                                       std::holds_alternative<console::RunStopLab>(query);
            (isOfExecution || (trades != nullptr && !isOfOneStrategy) ? ofExecution : ofRoster)(id, query);
        };
        window = std::make_unique<MainWindow>(console, UiOptions{});
    }
    void settle() const
    {
        for (int i = 0; i < 3; ++i) { // questions are answered at the pull after they were asked
            static_cast<void>(window->render(QSize(1600, 1000)));
        }
    }
    const base::UtcMs now = base::SystemClock().now();
    testkit::FakeConsole console;
    testkit::FakeGovernor governor;
    std::optional<testkit::FakeDesk> desk;
    std::unique_ptr<MainWindow> window;

private:
    static base::UtcMs filled(testkit::FakeConsole& console, base::UtcMs at)
    {
        testkit::fill(console, at);
        return at;
    }
};

} // namespace

class AccessibleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }
    void everyControlHasANameAndEveryFigureAUnit_data();
    void everyControlHasANameAndEveryFigureAUnit();
    void soDoTheTabsOfAStrategy();
    void everyColumnOfFiguresNamesItsUnit();
    void theWalkSeesWhatIsWrong();
};

void AccessibleTest::everyControlHasANameAndEveryFigureAUnit_data()
{
    QTest::addColumn<QString>("page");
    const auto names = MainWindow::pageNames();
    for (const auto& name : names) {
        QTest::newRow(qPrintable(name)) << name;
    }
}

void AccessibleTest::everyControlHasANameAndEveryFigureAUnit()
{
    QFETCH(QString, page);
    Bench bench;
    bench.window->setObjectName(page);
    bench.window->showPage(page);
    bench.settle();
    QStringList found;
    controls(*bench.window, found); // rail and strips, too
    figures(*bench.window, found);
    QVERIFY2(found.isEmpty(), qPrintable(QLatin1Char('\n') + found.join(QLatin1Char('\n'))));
}

void AccessibleTest::soDoTheTabsOfAStrategy()
{
    Bench bench;
    bench.window->setObjectName(QStringLiteral("Strategies"));
    bench.window->showPage(QStringLiteral("Strategies"));
    bench.settle();
    auto* detail = bench.window->findChild<DetailPane*>();
    QStringList found;
    for (int tab = 0; tab <= DetailPane::Parameters; ++tab) {
        detail->showTab(tab);
        bench.settle();
        controls(*detail, found);
        figures(*detail, found);
    }
    QVERIFY2(found.isEmpty(), qPrintable(QLatin1Char('\n') + found.join(QLatin1Char('\n'))));
}

// Hidden columns too, of this window, of its dialog of instruments, and of the window that watches.
void AccessibleTest::everyColumnOfFiguresNamesItsUnit()
{
    QVERIFY(!namesAUnit({}) && !namesAUnit(QStringLiteral("With its 95% interval.")));
    QVERIFY(namesAUnit(QStringLiteral("USDT, with its 95% interval.")));
    Bench bench;
    QStringList found;
    int figures = 0;
    for (const auto& page : MainWindow::pageNames()) {
        bench.window->showPage(page);
        bench.settle();
    }
    for (auto* table : bench.window->findChildren<DataTable*>()) {
        const auto* model = qobject_cast<const TableModel*>(table->proxy()->sourceModel());
        QVERIFY(model != nullptr);
        figures += unitsOf(table->view()->accessibleName(), columnsOf(*model), found);
    }
    figures += unitsOf(QStringLiteral("Offer"), columnsOf(OfferModel(nullptr)), found);
    for (const auto& page : watchPages()) {
        figures += unitsOf(page.name, page.columns, found);
    }
    QVERIFY2(found.isEmpty(), qPrintable(QLatin1Char('\n') + found.join(QLatin1Char('\n'))));
    QVERIFY2(figures >= 90, qPrintable(QString::number(figures))); // else it did not look everywhere
}

void AccessibleTest::theWalkSeesWhatIsWrong()
{
    QWidget page;
    page.setAttribute(Qt::WA_DontShowOnScreen);
    auto* line = new QLineEdit(&page);
    auto* figure = new QLabel(QStringLiteral("12.5"), &page);
    new QLabel(QStringLiteral("12.5 ms"), &page); // says its unit
    page.show();
    QStringList found;
    controls(page, found);
    figures(page, found);
    QCOMPARE(found.size(), 2);
    line->setAccessibleName(QStringLiteral("Name"));
    figure->setToolTip(QStringLiteral("Milliseconds"));
    found.clear();
    controls(page, found);
    figures(page, found);
    QVERIFY2(found.isEmpty(), qPrintable(found.join(QLatin1Char('\n'))));
}

QTEST_MAIN(AccessibleTest)
#include "accessible_test.moc"
