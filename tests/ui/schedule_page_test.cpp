// Schedule through the window, on a console whose engines are the test's.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/attention.h"
#include "ui/main_window.h"
#include "ui/schedule/command_dialog.h"
#include "ui/schedule/day_strip.h"
#include "ui/schedule/schedule_models.h"
#include "ui/schedule/schedule_page.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/paint.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QtTest>

using namespace qd;
using namespace qd::ui;
using governance::JobRunRow;
using governance::JobState;

namespace {

class Bench {
public:
    Bench() : now(base::SystemClock().now())
    {
        testkit::fill(console, now);
        console.onAsk = [this](console::QueryId id, const console::Query& query) {
            if (isSilent) {
                return;
            }
            if (const auto* runs = std::get_if<console::AskJobRuns>(&query)) {
                console::JobRuns rows;
                for (auto row = all.rbegin(); row != all.rend(); ++row) {
                    if (row->job == runs->job) {
                        rows.rows.push_back(*row);
                    }
                }
                console.answers.emplace_back(console::Answer{id, {}, rows});
            } else if (const auto* log = std::get_if<console::AskJobLog>(&query)) {
                console.answers.emplace_back(
                    console::Answer{id,
                                    {},
                                    console::JobLog{{},
                                                    {{log->run, 1, now, false, "begins, by you"},
                                                     {log->run, 2, now, true, "failed: no route"}}}});
            }
        };
        all = {run(1, "review", JobState::Succeeded, "held"), run(2, "copy", JobState::Succeeded, "3 files"),
               run(3, "copy", JobState::Failed, "it ended with code 1")};
        publish();
        window =
            std::make_unique<MainWindow>(console, UiOptions{.page = QStringLiteral("Schedule"), .size = {1600, 1000}});
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get())) {
            qFatal("no window on this display");
        }
        page = window->findChild<SchedulePage*>();
        settle();
    }
    [[nodiscard]] JobRunRow run(std::int64_t id, const std::string& job, JobState state,
                                const std::string& result) const
    {
        const auto begun = now - base::Millis{3'600'000} + base::Millis{id * 1'000};
        JobRunRow out{.id = id,
                      .job = job,
                      .trigger = "by the clock",
                      .state = state,
                      .staged = begun,
                      .begun = begun,
                      .beat = begun,
                      .result = result};
        if (governance::isOver(state)) {
            out.ended = begun + base::Millis{3'200};
            out.awake = base::Millis{3'200};
        }
        return out;
    }
    void publish()
    {
        console::JobsSnapshot out{.state = console::EngineState::Running, .revision = ++revision};
        out.jobs = {{.name = "review",
                     .title = "Nightly review",
                     .times = "daily 20:00",
                     .canPause = canPause,
                     .waits = waits,
                     .next = now + base::Millis{7'200'000},
                     .last = all[0]},
                    {.name = "copy",
                     .title = "copy",
                     .times = "every 6 h",
                     .command = "rsync a b",
                     .isPaused = isPaused,
                     .next = now + base::Millis{600'000},
                     .last = all[2]}};
        for (int i = 0; i < more; ++i) {
            out.jobs.push_back({.name = "job" + std::to_string(i), .title = "Job", .times = "every 6 h"});
        }
        if (all.size() > 3) {
            out.jobs[1].now = all[3];
        }
        out.day = std::make_shared<const std::vector<JobRunRow>>(all);
        console.jobsBox.put(std::move(out));
    }
    void settle() const
    {
        for (int i = 0; i < 8; ++i) {
            window->pump().pump();
            QCoreApplication::sendPostedEvents();
        }
    }
    [[nodiscard]] QString shown(const std::string& job, int column) const
    {
        auto& model = page->jobs();
        return model.index(model.rowOf(job), column).data().toString();
    }
    [[nodiscard]] QPushButton* button(const char* name) const
    {
        return page->findChild<QPushButton*>(QLatin1String(name));
    }

    testkit::FakeConsole console;
    base::UtcMs now;
    std::vector<JobRunRow> all;
    bool isPaused = false;
    bool canPause = true;
    bool isSilent = false;
    std::string waits; // why the review is not begun
    int more = 0;
    std::uint64_t revision = 0;
    std::unique_ptr<MainWindow> window;
    SchedulePage* page = nullptr;
};

} // namespace

class SchedulePageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theHoursAtTheEndsOfTheDayAreWhole()
    {
        const Bench bench;
        const auto* strip = bench.page->findChild<DayStrip*>();
        QVERIFY(strip != nullptr);
        constexpr double wide = 34;
        const double end = strip->width();
        QCOMPARE(strip->wordsAt(end, wide).right(), end); // not under its line, but whole
        QCOMPARE(strip->wordsAt(0, wide).left(), 0.0);
        QCOMPARE(strip->wordsAt(end / 2, wide).center().x(), end / 2);
        QCOMPARE(strip->wordsAt(end / 2, wide).width(), wide);
    }
    void jobsAreListedWithTheirResults()
    {
        Bench bench;
        const QAbstractItemModelTester tester(&bench.page->jobs());
        QCOMPARE(bench.page->jobs().rowCount(), 2);
        QCOMPARE(bench.shown("review", JobsModel::Result), QStringLiteral("held"));
        QCOMPARE(bench.shown("copy", JobsModel::Result), QStringLiteral("Failed"));
        QVERIFY(bench.shown("copy", JobsModel::Next).startsWith(QStringLiteral("in ")));
        QCOMPARE(bench.page->waiting(), 1);
    }

    void runNowIsAskedForAndShownOnceItRuns()
    {
        Bench bench;
        QVERIFY(bench.page->reveal(QStringLiteral("copy")));
        bench.settle();
        QTest::mouseClick(bench.button("run"), Qt::LeftButton);
        QVERIFY(bench.console.newest<console::RunJob>() != nullptr);
        QCOMPARE(bench.console.newest<console::RunJob>()->name, std::string("copy"));
        const auto asked = bench.console.sent.size();
        QTest::mouseClick(bench.button("run"), Qt::LeftButton); // not twice while it is pending
        QCOMPARE(bench.console.sent.size(), asked);
        QVERIFY(bench.console.answer<console::RunJob>());
        bench.all.push_back(bench.run(4, "copy", JobState::Running, ""));
        bench.publish();
        bench.settle();
        QCOMPARE(bench.shown("copy", JobsModel::Result), QStringLiteral("Running"));
        QCOMPARE(bench.button("run")->text(), QStringLiteral("Cancel"));
        QTest::mouseClick(bench.button("run"), Qt::LeftButton);
        QVERIFY(bench.console.newest<console::CancelJob>() != nullptr);
    }

    void pauseIsShownWhenItIsCommitted()
    {
        Bench bench;
        QVERIFY(bench.page->reveal(QStringLiteral("copy")));
        bench.settle();
        QTest::mouseClick(bench.button("pause"), Qt::LeftButton);
        const auto* wish = bench.console.newest<console::SetJobPaused>();
        QVERIFY(wish != nullptr && wish->paused && wish->name == "copy");
        QCOMPARE(bench.button("pause")->text(), QStringLiteral("Pause")); // not before it is so
        QVERIFY(bench.console.answer<console::SetJobPaused>());
        bench.isPaused = true;
        bench.publish();
        bench.settle();
        QCOMPARE(bench.button("pause")->text(), QStringLiteral("Resume"));
        QCOMPARE(bench.shown("copy", JobsModel::Next), QStringLiteral("paused"));
        QCOMPARE(bench.page->waiting(), 0);
    }

    void whatWaitsSaysForWhatAndWhatIsAlwaysOnLooksOn()
    {
        Bench bench;
        auto waiting = bench.run(4, "copy", JobState::Queued, "");
        waiting.begun.reset();
        waiting.phase = "waits for Backup";
        bench.all.push_back(waiting);
        bench.publish();
        bench.settle();
        QCOMPARE(bench.shown("copy", JobsModel::Result), QStringLiteral("Waits for Backup"));
        auto& model = bench.page->jobs();
        const auto tip = [&] { return model.index(model.rowOf("review"), JobsModel::Next).data(Qt::ToolTipRole); };
        QVERIFY2(!bench.shown("review", JobsModel::Next).contains(tip().toString()), qPrintable(tip().toString()));
        QVERIFY(QRegularExpression(QStringLiteral("\\d\\d:\\d\\d:\\d\\d$")).match(tip().toString()).hasMatch());
        bench.waits = "ticks lag";
        bench.publish();
        bench.settle();
        QCOMPARE(tip().toString(), QStringLiteral("waits: ticks lag"));
        const auto state = [&] { return model.index(model.rowOf("review"), JobsModel::On).data(SwitchRole).toInt(); };
        QCOMPARE(state(), static_cast<int>(paint::SwitchState::On));
        bench.canPause = false;
        bench.publish();
        bench.settle();
        QCOMPARE(state(), static_cast<int>(paint::SwitchState::Locked));
        const auto knobRight = [&](paint::SwitchState of) { // where the knob is drawn
            QImage image(60, 32, QImage::Format_RGB32);
            image.fill(Qt::black);
            QPainter painter(&image);
            const Theme theme;
            paint::toggle(painter, QRectF(0, 0, 60, 32), of, theme);
            painter.end();
            return image.pixelColor(44, 16).lightness() > image.pixelColor(16, 16).lightness();
        };
        QVERIFY(knobRight(paint::SwitchState::On) && knobRight(paint::SwitchState::Locked));
        QVERIFY(!knobRight(paint::SwitchState::Off) && !knobRight(paint::SwitchState::Disabled));
    }

    void allJobsShowWithoutScrollingInAWindowOf1280x800()
    {
        Bench bench;
        bench.more = 12;
        bench.publish();
        bench.settle();
        for (const QSize size : {QSize(1600, 1000), QSize(1280, 800)}) {
            bench.window->resize(size);
            bench.settle();
            auto* view = bench.page->findChild<QTableView*>(QString(), Qt::FindChildrenRecursively);
            for (auto* one : bench.page->findChildren<QTableView*>()) {
                view = one->accessibleName() == QStringLiteral("Jobs") ? one : view;
            }
            QCOMPARE(view->model()->rowCount(), 14);
            QTRY_COMPARE(view->verticalScrollBar()->maximum(), 0);
            const int bottom = view->rowViewportPosition(13) + view->rowHeight(13);
            QVERIFY2(bottom <= view->viewport()->height(), qPrintable(QString::number(bottom)));
        }
    }

    void nothingIsSaidToBeMissingBeforeTheDatabaseHasAnswered()
    {
        Bench bench;
        bench.isSilent = true; // answers do not come
        QVERIFY(bench.page->reveal(QStringLiteral("copy")));
        bench.settle();
        const auto says = [&](const QString& text) {
            const auto labels = bench.page->findChildren<QLabel*>();
            return std::ranges::any_of(labels,
                                       [&](const auto* label) { return label->isVisible() && label->text() == text; });
        };
        QVERIFY(says(QStringLiteral("Reading…")));
        QVERIFY(!says(QStringLiteral("It has not run yet.")));
        bench.isSilent = false;
        bench.all.clear();
        bench.all = {bench.run(1, "review", JobState::Succeeded, "2 proposals"), {}, {}};
        QVERIFY(bench.page->reveal(QStringLiteral("review")));
        bench.settle();
        QVERIFY(bench.page->reveal(QStringLiteral("copy")));
        QTRY_VERIFY((bench.settle(), says(QStringLiteral("It has not run yet."))));
    }

    void theLogOfARunIsOpened()
    {
        Bench bench;
        QVERIFY(bench.page->reveal(QStringLiteral("copy")));
        bench.settle();
        QTRY_COMPARE(bench.page->runs().rowCount(), 2);
        QVERIFY(bench.page->reveal(QStringLiteral("2")));
        bench.settle();
        QTRY_COMPARE(bench.page->log().rowCount(), 2);
        QCOMPARE(bench.page->log().row(0).run, 2);
        QCOMPARE(bench.page->log().index(1, JobLogModel::Text).data(ToneRole).value<Meaning>(), Meaning::Loss);
    }

    void aCommandWhoseNameIsTakenIsRefusedInTheDialog()
    {
        Bench bench;
        bench.button("add")->click();
        auto* dialog = bench.window->findChild<CommandDialog*>();
        QVERIFY(dialog != nullptr && dialog->isVisible());
        const auto line = [&](const char* name) { return dialog->findChild<QLineEdit*>(QLatin1String(name)); };
        auto* add = dialog->findChild<QPushButton*>(QStringLiteral("accept"));
        const auto says = [&](const QString& text) {
            const auto labels = dialog->findChildren<QLabel*>();
            return std::ranges::any_of(labels, [&](const auto* label) { return label->text().contains(text); });
        };
        const auto sent = [&] {
            return std::ranges::count_if(bench.console.sent, [](const auto& command) {
                return std::holds_alternative<console::AddJob>(command.second);
            });
        };
        line("command")->setText(QStringLiteral("rsync x y"));
        for (const auto* taken : {"copy", " copy ", "review"}) { // an outside command, and one of the console's own
            line("name")->setText(QString::fromLatin1(taken));
            QVERIFY2(!add->isEnabled() && says(QStringLiteral("There is a job")), taken);
        }
        line("name")->setText(QStringLiteral("copy2"));
        QVERIFY(add->isEnabled() && !says(QStringLiteral("There is a job")));
        bench.more = 1; // job0 comes while the dialog is open
        line("name")->setText(QStringLiteral("job0"));
        QVERIFY(add->isEnabled());
        bench.publish();
        bench.settle();
        dialog->accept();
        QVERIFY(dialog->isVisible() && says(QStringLiteral("There is a job")));
        QCOMPARE(sent(), 0);
        line("name")->setText(QStringLiteral("copy2"));
        dialog->accept();
        QCOMPARE(sent(), 1);
    }

    void aFailedJobNeedsTheOperator()
    {
        Bench bench;
        const auto items = attention({.jobs = bench.console.jobsBox.get()});
        QCOMPARE(items.size(), 1U);
        QCOMPARE(items.front().page, QStringLiteral("Schedule"));
        QCOMPARE(items.front().thing, QStringLiteral("copy"));
        QVERIFY(items.front().title.contains(QStringLiteral("failed")));
        bench.isPaused = true;
        bench.publish();
        QVERIFY(attention({.jobs = bench.console.jobsBox.get()}).empty());
    }
};

QTEST_MAIN(SchedulePageTest)

#include "schedule_page_test.moc"
