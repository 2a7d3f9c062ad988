// The help: F1 leads to the subject, the search finds, links and pictures are there, and figures are those in force.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/command_palette.h"
#include "ui/help/help_pages.h"
#include "ui/help/help_view.h"
#include "ui/help/help_window.h"
#include "ui/main_window.h"
#include "ui/widgets/pill.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QScrollBar>
#include <QShortcut>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

const console::PolicyView defaults;

class Bench {
public:
    Bench()
    {
        testkit::fill(console, base::SystemClock().now());
        window = std::make_unique<MainWindow>(console, UiOptions{});
        window->resize(1600, 1000);
        window->show();
        window->activateWindow();
        if (!QTest::qWaitForWindowActive(window.get())) {
            qFatal("no focus on this display");
        }
    }
    /// The help window, once it has the focus.
    HelpWindow& help()
    {
        auto* found = window->helpWindow();
        // Not qWaitForWindowActive(): a window counts as active while the one that owns it is.
        if (found == nullptr || !QTest::qWaitFor([&] { return QApplication::activeWindow() == found; })) {
            qFatal("the help did not open");
        }
        return *found;
    }
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;
};

QList<QRegularExpressionMatch> all(const QString& pattern, const QString& text)
{
    QList<QRegularExpressionMatch> out;
    for (auto found = QRegularExpression(pattern).globalMatch(text); found.hasNext();) {
        out.append(found.next());
    }
    return out;
}

void type(QWidget& into, const QString& text)
{
    QTest::keyClicks(&into, text);
}

} // namespace

class HelpTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void f1OpensTheSubjectOfEachPage();
    void theQuestionMarkAndThePaletteLeadThereToo();
    void searchFindsSectionsWithEveryWordHeadingsFirst();
    void theListShowsWhatIsFoundAndThePageMarksIt();
    void theKeyboardAloneIsEnough();
    void backAndForwardGoOverPlacesThatWereSeen();
    void everyLinkLeadsSomewhere();
    void everyPictureIsThereAndAllAreSmall();
    void everyPlaceholderIsOfThePolicy();
    void figuresAreThoseInForce();
    void aPolicyThatChangesIsPrintedAtOnceWhereOneReads();
    void policyWordsHaveTheirUnit();
    void noPageIsWiderThanTheWindow();
    void theKeyboardPageNamesEveryShortcut();
    void slugsAreTheNamesOfHeadings();
};

void HelpTest::f1OpensTheSubjectOfEachPage()
{
    Bench bench;
    const QMap<QString, QString> subject{{QStringLiteral("Overview"), QStringLiteral("overview")},
                                         {QStringLiteral("Markets"), QStringLiteral("markets")},
                                         {QStringLiteral("Strategies"), QStringLiteral("strategies")},
                                         {QStringLiteral("Experiments"), QStringLiteral("experiments")},
                                         {QStringLiteral("Execution"), QStringLiteral("execution")},
                                         {QStringLiteral("Health"), QStringLiteral("health")},
                                         {QStringLiteral("Schedule"), QStringLiteral("schedule")},
                                         {QStringLiteral("Journal"), QStringLiteral("journal")},
                                         {QStringLiteral("Settings"), QStringLiteral("settings")}};
    const auto names = MainWindow::pageNames();
    for (const auto& name : names) {
        bench.window->showPage(name);
        bench.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(bench.window.get()));
        QTest::keyClick(bench.window.get(), Qt::Key_F1);
        // A page without a subject of its own leads to the beginning.
        const bool isThere = help::pageIds().contains(name.toLower());
        const auto wanted = subject.value(name, isThere ? name.toLower() : QStringLiteral("first-steps"));
        QCOMPARE(bench.help().currentPage(), wanted);
        QVERIFY(bench.help().view().toPlainText().startsWith(help::title(wanted)));
        bench.help().close();
    }
}

void HelpTest::theQuestionMarkAndThePaletteLeadThereToo()
{
    Bench bench;
    bench.window->showPage(QStringLiteral("Journal"));
    const auto pills = bench.window->findChildren<Pill*>();
    const auto mark =
        std::ranges::find_if(pills, [](const Pill* one) { return one->accessibleName() == QStringLiteral("Help"); });
    QVERIFY(mark != pills.end());
    (*mark)->click();
    QCOMPARE(bench.help().currentPage(), QStringLiteral("journal"));
    bench.help().close();
    bench.window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(bench.window.get()));
    QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
    auto& palette = bench.window->palettePanel();
    palette.model().setTyped(QStringLiteral("help gates"));
    QCOMPARE(palette.model().entry(0).title, QStringLiteral("Help: Gates to ready"));
    palette.model().entry(0).act();
    QCOMPARE(bench.help().currentPage(), QStringLiteral("gates"));
}

void HelpTest::searchFindsSectionsWithEveryWordHeadingsFirst()
{
    const auto sensitivity = help::search(QStringLiteral("Sensitivity"), defaults);
    QVERIFY(sensitivity.size() > 1);
    QCOMPARE(sensitivity[0].section.page, QStringLiteral("gates"));
    QCOMPARE(sensitivity[0].section.heading, QStringLiteral("Sensitivity"));
    const auto page = help::search(QStringLiteral("journal"), defaults);
    QCOMPARE(page[0].section.page, QStringLiteral("journal"));
    QVERIFY(page[0].section.heading.isEmpty());
    const auto both = help::search(QStringLiteral("stop grid"), defaults);
    QVERIFY(!both.empty());
    for (const auto& hit : both) {
        const auto text = hit.section.pageTitle + hit.section.heading + hit.section.text;
        QVERIFY(text.contains(QLatin1String("stop"), Qt::CaseInsensitive));
        QVERIFY(text.contains(QLatin1String("grid"), Qt::CaseInsensitive));
    }
    QVERIFY(help::search(QStringLiteral("stop xylophone"), defaults).empty());
    QVERIFY(help::search(QStringLiteral("   "), defaults).empty());
    // What is found is shown about the word, without marks.
    const auto shown = help::search(QStringLiteral("deadlock"), defaults);
    QVERIFY(!shown.empty());
    for (const auto& hit : shown) {
        QVERIFY2(hit.around.contains(QLatin1String("deadlock"), Qt::CaseInsensitive), qPrintable(hit.around));
        QVERIFY2(!hit.around.contains(QLatin1Char('*')) && !hit.around.contains(QLatin1Char('[')),
                 qPrintable(hit.around));
    }
}

void HelpTest::theListShowsWhatIsFoundAndThePageMarksIt()
{
    Bench bench;
    bench.window->openHelp();
    auto& help = bench.help();
    QCOMPARE(help.list().count(), help::pageIds().size());
    type(help.searchLine(), QStringLiteral("slippage"));
    QCOMPARE(help.list().count(), static_cast<int>(help::search(QStringLiteral("slippage"), defaults).size()));
    QVERIFY(help.list().count() >= 2);
    QTest::keyClick(&help.searchLine(), Qt::Key_Return);
    QCOMPARE(help.currentPage(), QStringLiteral("execution"));
    QVERIFY(!help.view().extraSelections().isEmpty());
    for (const auto& mark : help.view().extraSelections()) {
        QCOMPARE(mark.cursor.selectedText().toLower(), QStringLiteral("slippage"));
    }
    type(help.searchLine(), QStringLiteral(" xylophone"));
    QCOMPARE(help.list().count(), 0);
    QTest::keyClick(&help.searchLine(), Qt::Key_Down); // nothing to choose: nothing happens
    QTest::keyClick(&help.searchLine(), Qt::Key_Return);
    QCOMPARE(help.currentPage(), QStringLiteral("execution"));
    help.searchLine().clear();
    QCOMPARE(help.list().count(), help::pageIds().size());
}

void HelpTest::theKeyboardAloneIsEnough()
{
    Bench bench;
    QTest::keyClick(bench.window.get(), Qt::Key_F1);
    auto& help = bench.help();
    QCOMPARE(QApplication::focusWidget(), &help.searchLine());
    const auto first = help.currentPage();
    QTest::keyClick(&help.searchLine(), Qt::Key_Down); // from the page that is shown to the next in the list
    QTest::keyClick(&help.searchLine(), Qt::Key_Return);
    const auto second = help.currentPage();
    QCOMPARE(help::pageIds().indexOf(second), help::pageIds().indexOf(first) + 1);
    QTest::keyClick(&help, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(help.currentPage(), first);
    QTest::keyClick(&help, Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(help.currentPage(), second);
    help.view().setFocus();
    QTest::keyClick(&help.view(), Qt::Key_Slash);
    QCOMPARE(QApplication::focusWidget(), &help.searchLine());
    type(help.searchLine(), QStringLiteral("a/b")); // a slash is typed where one types
    QCOMPARE(help.searchLine().text(), QStringLiteral("a/b"));
    QTest::keyClick(&help.searchLine(), Qt::Key_Escape);
    QVERIFY(help.searchLine().text().isEmpty());
    QVERIFY(help.isVisible());
    QTest::keyClick(&help.searchLine(), Qt::Key_Escape);
    QVERIFY(!help.isVisible());
}

void HelpTest::backAndForwardGoOverPlacesThatWereSeen()
{
    Bench bench;
    bench.window->openHelp(QStringLiteral("overview"));
    auto& help = bench.help();
    help.resize(760, 430);
    QCoreApplication::processEvents();
    Q_EMIT help.view().linkAsked(QStringLiteral("gates.md#sensitivity"));
    QCOMPARE(help.currentPage(), QStringLiteral("gates"));
    const int at = help.view().verticalScrollBar()->value();
    QVERIFY(at > 0); // the section, not the page's top
    Q_EMIT help.view().linkAsked(QStringLiteral("review.md"));
    QCOMPARE(help.view().verticalScrollBar()->value(), 0);
    help.back();
    QCOMPARE(help.currentPage(), QStringLiteral("gates"));
    QCOMPARE(help.view().verticalScrollBar()->value(), at); // as it was left
    help.back();
    QCOMPARE(help.currentPage(), QStringLiteral("overview"));
    help.back(); // the first stays
    QCOMPARE(help.currentPage(), QStringLiteral("overview"));
    help.forward();
    QCOMPARE(help.currentPage(), QStringLiteral("gates"));
    Q_EMIT help.view().linkAsked(QStringLiteral("health.md")); // another way forward
    help.forward();
    QCOMPARE(help.currentPage(), QStringLiteral("health"));
    Q_EMIT help.view().linkAsked(QStringLiteral("nowhere.md"));
    QCOMPARE(help.currentPage(), QStringLiteral("health"));
}

void HelpTest::everyLinkLeadsSomewhere()
{
    const Theme theme;
    HelpView view(theme);
    const auto ids = help::pageIds();
    QVERIFY(ids.size() >= 15);
    int links = 0;
    for (const auto& id : ids) {
        for (const auto& match : all(QStringLiteral(R"((!?)\[[^\]]*\]\(([^)]*)\))"), help::source(id))) {
            const auto target = match.captured(2);
            if (!match.captured(1).isEmpty()) {
                continue; // a picture
            }
            ++links;
            const auto page = target.section(QStringLiteral(".md"), 0, 0);
            QVERIFY2(ids.contains(page), qPrintable(id + QStringLiteral(" → ") + target));
            const auto section = target.section(QLatin1Char('#'), 1);
            view.showPage(help::source(page));
            QVERIFY2(section.isEmpty() || view.showSection(section), qPrintable(id + QStringLiteral(" → ") + target));
        }
    }
    QVERIFY(links >= 15);
}

void HelpTest::everyPictureIsThereAndAllAreSmall()
{
    QStringList named;
    for (const auto& id : help::pageIds()) {
        for (const auto& match : all(QStringLiteral(R"(!\[([^\]]*)\]\(([^)]*)\))"), help::source(id))) {
            QVERIFY2(!match.captured(1).isEmpty(), qPrintable(id + QStringLiteral(": a picture without words")));
            const QImage picture(QStringLiteral(":/quarterdeck/help/") + match.captured(2));
            QVERIFY2(!picture.isNull(), qPrintable(id + QStringLiteral(": ") + match.captured(2)));
            named << match.captured(2);
        }
    }
    qint64 bytes = 0;
    const auto files = QDir(QStringLiteral(":/quarterdeck/help")).entryInfoList({QStringLiteral("*.png")});
    for (const auto& file : files) {
        QVERIFY2(named.contains(file.fileName()), qPrintable(file.fileName() + QStringLiteral(" is shown nowhere")));
        bytes += file.size();
    }
    QVERIFY2(bytes <= 220'000, qPrintable(QString::number(bytes))); // seven pages of 640 pixels at about 27 kB
}

void HelpTest::everyPlaceholderIsOfThePolicy()
{
    int found = 0;
    for (const auto& id : help::pageIds()) {
        const auto source = help::source(id);
        found += static_cast<int>(source.count(QLatin1String("{{")));
        QVERIFY2(!help::filled(source, defaults).contains(QLatin1String("{{")), qPrintable(id));
        QVERIFY2(source.startsWith(QLatin1String("# ")), qPrintable(id));
    }
    QVERIFY(found > 40);
    QCOMPARE(help::filled(QStringLiteral("a {{no.such}} b {{sharpe.min_trades}}"), defaults),
             QStringLiteral("a {{no.such}} b 30"));
}

void HelpTest::figuresAreThoseInForce()
{
    console::PolicyView own;
    own.numbers["prune.min_trades"] = 77;
    own.numbers["review.time"] = 425;
    const auto page = help::filled(help::source(QStringLiteral("review")), own);
    QVERIFY(page.contains(QLatin1String("77 closed trades")));
    QVERIFY(page.contains(QLatin1String("07:05 local time")));
    QVERIFY(!help::search(QStringLiteral("77 closed"), own).empty()); // the search sees what the page shows
    QVERIFY(help::search(QStringLiteral("77 closed"), defaults).empty());
}

void HelpTest::aPolicyThatChangesIsPrintedAtOnceWhereOneReads()
{
    Bench bench;
    bench.window->openHelp(QStringLiteral("review"));
    auto& help = bench.help();
    auto own = std::make_shared<console::PolicyView>();
    own->numbers["prune.min_trades"] = 78;
    QVERIFY(!help.view().toPlainText().contains(QLatin1String("78 closed trades")));
    help.setPolicy(own);
    QVERIFY(help.view().toPlainText().contains(QLatin1String("78 closed trades")));
    QCOMPARE(help.currentPage(), QStringLiteral("review"));
}

void HelpTest::policyWordsHaveTheirUnit()
{
    console::PolicyView policy;
    policy.numbers["fees.taker"] = 0.0006;
    policy.numbers["review.time"] = 0;
    policy.numbers["review.auto_apply"] = 1;
    policy.numbers["paper.start_equity"] = 10'000;
    policy.texts["health.watched_units"] = "";
    policy.texts["health.expected_processes"] = "make,cc1plus";
    QCOMPARE(help::policyWord(QStringLiteral("fees.taker"), policy), QStringLiteral("0.06%"));
    QCOMPARE(help::policyWord(QStringLiteral("librarian.min_win_rate"), policy), QStringLiteral("60%"));
    QCOMPARE(help::policyWord(QStringLiteral("review.time"), policy), QStringLiteral("00:00"));
    QCOMPARE(help::policyWord(QStringLiteral("review.auto_apply"), policy), QStringLiteral("on"));
    QCOMPARE(help::policyWord(QStringLiteral("paper.start_equity"), policy), format::grouped(QStringLiteral("10000")));
    QCOMPARE(help::policyWord(QStringLiteral("health.watched_units"), policy), QStringLiteral("none"));
    QCOMPARE(help::policyWord(QStringLiteral("health.expected_processes"), policy), QStringLiteral("make,cc1plus"));
    QCOMPARE(help::policyWord(QStringLiteral("no.such"), policy), QString());
}

void HelpTest::noPageIsWiderThanTheWindow()
{
    Bench bench;
    bench.window->openHelp();
    auto& help = bench.help();
    for (const auto& size : {QSize(1040, 760), QSize(720, 420)}) {
        help.resize(size);
        for (const auto& id : help::pageIds()) {
            help.open(id);
            QCoreApplication::processEvents();
            QVERIFY2(help.view().horizontalScrollBar()->maximum() == 0,
                     qPrintable(QStringLiteral("%1 at %2").arg(id).arg(size.width())));
        }
    }
}

void HelpTest::theKeyboardPageNamesEveryShortcut()
{
    Bench bench;
    const auto page = help::source(QStringLiteral("keyboard"));
    int found = 0;
    const auto shortcuts = bench.window->findChildren<QShortcut*>(QString(), Qt::FindDirectChildrenOnly);
    for (const auto* shortcut : shortcuts) {
        auto key = shortcut->key().toString();
        if (key.startsWith(QLatin1String("Ctrl+")) && key.size() == 6 && key.back().isDigit()) {
            key = key.back() == QLatin1Char('0') ? key : QStringLiteral("Ctrl+1 … Ctrl+9");
        }
        QVERIFY2(page.contains(key), qPrintable(key));
        ++found;
    }
    QVERIFY(found >= 16);
}

void HelpTest::slugsAreTheNamesOfHeadings()
{
    QCOMPARE(help::slug(QStringLiteral("Needs you, on Overview")), QStringLiteral("needs-you-on-overview"));
    QCOMPARE(help::slug(QStringLiteral("Too good?")), QStringLiteral("too-good"));
}

QTEST_MAIN(HelpTest)
#include "help_test.moc"
