// Overview › Night, alone and in its window, on a console whose engines are the test's.
#include "governance/night_document.h"
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/command_desk.h"
#include "ui/main_window.h"
#include "ui/navigation_rail.h"
#include "ui/overview/night_pane.h"
#include "ui/overview/overview_page.h"
#include "ui/questions.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QClipboard>
#include <QListWidget>
#include <QPushButton>
#include <QStackedWidget>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

console::NightReport reportOf(const std::string& date)
{
    governance::NightDocument document{.title = "Night report", .span = "from then to " + date};
    document.headline = {"A quiet night on " + (date.empty() ? std::string("no day") : date)};
    document.sections = {{.title = "Trainings",
                          .lines = {{"<b>not bold</b>"}},
                          .table = {.heads = {"model"}, .isFigure = {false}, .rows = {{{"gbt_5m & co"}}}}}};
    return {.date = date, .isKept = !date.empty(), .figures = "{}", .document = std::move(document)};
}

/// What the query desk would answer.
struct Desk {
    testkit::FakeConsole console;
    std::vector<std::string> dates;
    std::vector<std::string> asked;
    std::optional<base::Error> error;
    const base::UtcMs now = base::SystemClock().now();

    explicit Desk(std::vector<std::string> kept) : dates(std::move(kept))
    {
        console.onAsk = [this](console::QueryId id, const console::Query& query) {
            if (std::holds_alternative<console::AskNights>(query)) {
                console::Nights rows;
                for (const auto& date : dates) {
                    rows.rows.push_back({.date = date, .from = now, .to = now, .headline = "quiet"});
                }
                console.answers.emplace_back(console::Answer{id, {}, rows});
            } else if (const auto* one = std::get_if<console::AskNight>(&query)) {
                asked.push_back(one->date);
                console.answers.emplace_back(console::Answer{id, error, reportOf(one->date)});
            }
        };
    }
    /// As the scheduler tells it after so many runs.
    [[nodiscard]] console::JobsSnapshot jobs(std::int64_t run) const
    {
        governance::JobRunRow last{.id = run, .job = "night", .state = governance::JobState::Succeeded};
        last.ended = now;
        console::JobsSnapshot out{.state = console::EngineState::Running, .revision = static_cast<std::uint64_t>(run)};
        out.jobs = {{.name = "night",
                     .title = "Night report",
                     .times = "daily 06:00",
                     .next = now + base::Millis{7'200'000},
                     .last = last}};
        out.day = std::make_shared<const std::vector<governance::JobRunRow>>();
        return out;
    }
};

/// The pane alone.
class Bench : public Desk {
public:
    explicit Bench(std::vector<std::string> kept)
        : Desk(std::move(kept)),
          questions_(console),
          memory_(QString()),
          commands_(console),
          pane_({console, theme_, commands_, questions_, memory_, zone_, [] { return base::SystemClock().now(); }})
    {
        pane_.follow(jobs(1));
        pane_.resize(1'000, 600);
        pane_.show();
        if (!QTest::qWaitForWindowExposed(&pane_)) {
            qFatal("no window on this display");
        }
        settle();
    }
    void settle()
    {
        for (int i = 0; i < 8; ++i) {
            questions_.pull();
            QCoreApplication::processEvents();
        }
    }
    [[nodiscard]] NightPane& pane() { return pane_; }
    void click(const char* name)
    {
        auto* button = pane_.findChild<QPushButton*>(QLatin1String(name));
        if (button == nullptr || !button->isVisible()) {
            qFatal("no button %s", name);
        }
        button->click();
        settle();
    }

private:
    Theme theme_;
    Questions questions_;
    WindowMemory memory_;
    CommandDesk commands_;
    format::Zone zone_ = format::Zone::Local;
    NightPane pane_;
};

QString contentOf(const QString& file)
{
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
}

} // namespace

class NightPaneTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }
    void beforeTheFirstItSaysWhenThatComesAndMakesOneOnDemand()
    {
        Bench bench({});
        QVERIFY(bench.pane().isVisible());
        QVERIFY(bench.pane().emptyText().startsWith(QStringLiteral("The next one comes")));
        QVERIFY(!bench.pane().findChild<QPushButton*>(QStringLiteral("copy"))->isVisible());
        auto buttons = bench.pane().findChildren<QPushButton*>();
        const auto first = std::ranges::find_if(buttons, [](const QPushButton* button) {
            return button->isVisible() && button->text() == QStringLiteral("Make one now");
        });
        QVERIFY(first != buttons.end());
        (*first)->click();
        bench.settle();
        QCOMPARE(bench.asked, (std::vector<std::string>{""}));
        QVERIFY(bench.pane().shownText().contains(QStringLiteral("A quiet night on no day")));
        QVERIFY(bench.pane().emptyText().isEmpty());
        QCOMPARE(bench.pane().nights()->count(), 1);
        QVERIFY(bench.pane().nights()->item(0)->text().startsWith(QStringLiteral("Now, not kept")));
    }

    void theNewestIsShownUntilAnotherIsChosen()
    {
        Bench bench({"2025-06-22", "2025-06-21"});
        QTRY_VERIFY(bench.pane().shownText().contains(QStringLiteral("on 2025-06-22")));
        QCOMPARE(bench.pane().nights()->count(), 2);
        bench.dates.insert(bench.dates.begin(), "2025-06-23"); // the morning's
        bench.pane().follow(bench.jobs(2));
        QTRY_VERIFY_WITH_TIMEOUT((bench.settle(), bench.pane().shownText().contains(QStringLiteral("on 2025-06-23"))),
                                 30'000);
        bench.pane().nights()->setCurrentRow(2);
        bench.settle();
        QVERIFY(bench.pane().shownText().contains(QStringLiteral("on 2025-06-21")));
        bench.dates.insert(bench.dates.begin(), "2025-06-24");
        bench.pane().follow(bench.jobs(3));
        QTRY_COMPARE_WITH_TIMEOUT((bench.settle(), bench.pane().nights()->count()), 4, 30'000);
        QVERIFY(bench.pane().shownText().contains(QStringLiteral("on 2025-06-21"))); // stays
        QCOMPARE(bench.pane().nights()->currentRow(), 3);
    }

    void whatItHoldsIsTextAndNeverMarkup()
    {
        Bench bench({"2025-06-22"});
        QTRY_VERIFY((bench.settle(), !bench.pane().shownText().isEmpty()));
        const auto plain = bench.pane().report()->toPlainText();
        QVERIFY(plain.contains(QStringLiteral("<b>not bold</b>")));
        QVERIFY(plain.contains(QStringLiteral("gbt_5m & co")));
    }

    void itIsCopiedAsTextAndSavedInEachForm()
    {
        Bench bench({"2025-06-22"});
        QTRY_VERIFY((bench.settle(), !bench.pane().shownText().isEmpty()));
        bench.click("copy");
        QCOMPARE(QApplication::clipboard()->text(), bench.pane().shownText());
        const QTemporaryDir dir;
        QString proposed;
        for (const auto& [name, words] : {std::pair{"a.html", "<!DOCTYPE html>"}, std::pair{"a.md", "# Night report"},
                                          std::pair{"a.txt", "Night report\n"}}) {
            const auto file = dir.filePath(QLatin1String(name));
            bench.pane().askFile = [&](const QString& of) {
                proposed = of;
                return file;
            };
            bench.click("save");
            QVERIFY2(contentOf(file).startsWith(QLatin1String(words)), name);
        }
        QCOMPARE(proposed, QStringLiteral("night-2025-06-22.html"));
        bench.pane().askFile = [&](const QString&) { return dir.filePath(QStringLiteral("bare")); };
        bench.click("save");
        QVERIFY(QFile::exists(dir.filePath(QStringLiteral("bare.html"))));
        bench.pane().askFile = [](const QString&) { return QString(); };
        bench.click("save");
    }

    void anErrorIsSaidAndTheButtonsComeBack()
    {
        Bench bench({"2025-06-22"});
        QTRY_VERIFY((bench.settle(), !bench.pane().shownText().isEmpty()));
        bench.error = base::Error{base::ErrorCode::Damaged, "night report", "its figures are no JSON object"};
        bench.click("make");
        QVERIFY(bench.pane().shownText().contains(QStringLiteral("on 2025-06-22")));
        QVERIFY(bench.pane().findChild<QPushButton*>(QStringLiteral("make"))->isEnabled());
    }

    void aStartShowsWhatIsNow()
    {
        Desk desk({"2025-06-22"});
        testkit::fill(desk.console, desk.now);
        const QTemporaryDir dir;
        const UiOptions options{.settingsFile = dir.filePath(QStringLiteral("ui.ini")),
                                .page = QStringLiteral("Overview"),
                                .size = {1280, 800}};
        for (int start = 0; start < 2; ++start) {
            MainWindow window(desk.console, options);
            window.show();
            auto* page = window.findChild<OverviewPage*>();
            QVERIFY(page->isVisible() && !page->night().isVisible());
            QVERIFY(page->reveal(QStringLiteral("Night")));
            QVERIFY(page->night().isVisible());
        }
    }

    void keysAndButtonsOfOverviewLeadThereAndBack()
    {
        Desk desk({"2025-06-22"});
        testkit::fill(desk.console, desk.now);
        desk.console.jobsBox.put(desk.jobs(1));
        MainWindow window(desk.console, UiOptions{.page = QStringLiteral("Overview"), .size = {1280, 800}});
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        auto* page = window.findChild<OverviewPage*>();
        QVERIFY(!page->night().isVisible());
        auto* button = page->findChild<PillButton*>(QStringLiteral("night"));
        QVERIFY(button != nullptr && button->isVisible());
        button->click();
        QTRY_VERIFY(page->night().isVisible());
        QVERIFY(!button->isChecked());
        QTRY_VERIFY_WITH_TIMEOUT(
            (window.pump().pump(), page->night().shownText().contains(QStringLiteral("on 2025-06-22"))), 30'000);
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        page->night().nights()->setFocus();
        QTest::keyClick(page->night().nights(), Qt::Key_Escape);
        QTRY_VERIFY(!page->night().isVisible());
        auto* rail = window.findChild<NavigationRail*>();
        QVERIFY(rail != nullptr);
        QTest::mouseClick(rail->button(0), Qt::LeftButton);
        rail->button(0)->setFocus(Qt::MouseFocusReason); // as a click leaves it
        QTest::keyClick(QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : &window, Qt::Key_N);
        QTRY_VERIFY(page->night().isVisible());
        page->night().nights()->setFocus();
        QTest::keyClick(page->night().nights(), Qt::Key_Escape);
        QTRY_VERIFY(!page->night().isVisible());
        QVERIFY(page->reveal(QStringLiteral("Night")));
        page->night().findChild<QPushButton*>(QStringLiteral("back"))->click();
        QVERIFY(!page->night().isVisible());
        QVERIFY(!page->reveal(QStringLiteral("No such thing")));
    }
};

QTEST_MAIN(NightPaneTest)
#include "night_pane_test.moc"
