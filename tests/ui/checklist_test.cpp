// The first steps on Overview: each line's state, its button, and that the list stays until it is put away.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/health/health_page.h"
#include "ui/health/storage_pane.h"
#include "ui/main_window.h"
#include "ui/overview/checklist_card.h"
#include "ui/overview/overview_page.h"

#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace qd;
using namespace qd::ui;

namespace {

const base::UtcMs fixed{1'764'060'300'000};

Snapshots snapshotsOf(console::IngestSnapshot ingest, std::optional<double> disk = 30)
{
    Snapshots out;
    out.ingest = std::make_shared<const console::IngestSnapshot>(std::move(ingest));
    console::HealthSnapshot health;
    health.probes.push_back({.name = "Disk", .value = disk, .limit = 90, .unit = "%", .note = "72.4 GB free"});
    out.health = std::make_shared<const console::HealthSnapshot>(std::move(health));
    return out;
}

Check lineOf(CheckLine which, const Snapshots& snapshots)
{
    return checklist(snapshots)[static_cast<std::size_t>(which)];
}

Check backupLineOf(const console::CareSnapshot& care)
{
    console::HealthSnapshot health;
    health.care = std::make_shared<const console::CareSnapshot>(care);
    Snapshots snapshots;
    snapshots.health = std::make_shared<const console::HealthSnapshot>(std::move(health));
    return lineOf(CheckLine::Backups, snapshots);
}

struct Shown {
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;

    explicit Shown(const QString& settings = {}, QSize size = {1600, 1000})
    {
        testkit::fill(console, fixed);
        auto ingest = *console.ingestBox.get();
        ingest.clockOffset = base::Millis{120};
        console.ingestBox.put(std::move(ingest));
        setProven(false);
        window = std::make_unique<MainWindow>(
            console,
            UiOptions{.settingsFile = settings, .page = QStringLiteral("Overview"), .theme = {}, .size = size});
        window->show();
        window->pump().pump();
        QCoreApplication::sendPostedEvents(); // what the window's height shows or hides is laid out
    }
    void clearBackupFolder()
    {
        auto health = *console.healthBox.get();
        auto care = *health.care;
        care.policy.folder.clear();
        health.care = std::make_shared<const console::CareSnapshot>(care);
        console.healthBox.put(std::move(health));
        window->pump().pump();
    }
    /// A test of the desktop has arrived, or not.
    void setProven(bool isProven)
    {
        auto health = *console.healthBox.get();
        console::AlertsView alerts;
        alerts.channels.push_back({.name = "desktop", .isOn = true});
        if (isProven) {
            alerts.channels[0].proven = fixed;
        }
        health.alerts = std::make_shared<const console::AlertsView>(alerts);
        console.healthBox.put(std::move(health));
    }
    [[nodiscard]] ChecklistCard& card() { return static_cast<OverviewPage&>(window->page(0)).checklist(); }
    [[nodiscard]] QPushButton* button(const QString& text)
    {
        for (auto* one : card().findChildren<QPushButton*>()) {
            if (one->text() == text && one->isVisible()) {
                return one;
            }
        }
        return nullptr;
    }
};

} // namespace

class ChecklistTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }

    void theFeedIsDoneOnceTicksArrive()
    {
        console::IngestSnapshot ingest;
        ingest.state = console::EngineState::Starting;
        QCOMPARE(lineOf(CheckLine::Feed, snapshotsOf(ingest)).state, CheckState::Waiting);
        ingest.feed = console::FeedState::Subscribing;
        QCOMPARE(lineOf(CheckLine::Feed, snapshotsOf(ingest)).state, CheckState::Waiting);
        ingest.state = console::EngineState::Running;
        ingest.feed = console::FeedState::Online;
        QCOMPARE(lineOf(CheckLine::Feed, snapshotsOf(ingest)).state, CheckState::Waiting); // no instrument yet
        ingest.instruments.resize(2);
        QCOMPARE(lineOf(CheckLine::Feed, snapshotsOf(ingest)).state, CheckState::Ok);
        ingest.feed = console::FeedState::Silent;
        QCOMPARE(lineOf(CheckLine::Feed, snapshotsOf(ingest)).state, CheckState::Waiting);
        ingest.feed = console::FeedState::Offline;
        ingest.state = console::EngineState::Struggling;
        ingest.detail = "HTTP 403";
        const auto offline = lineOf(CheckLine::Feed, snapshotsOf(ingest));
        QCOMPARE(offline.state, CheckState::ToDo);
        QCOMPARE(offline.act, CheckAct::Reconnect);
        QVERIFY(offline.reason.contains(QStringLiteral("HTTP 403")));
        QCOMPARE(lineOf(CheckLine::Feed, {}).state, CheckState::Waiting);
    }

    void theDiskIsDoneUnderItsLimit_data()
    {
        QTest::addColumn<double>("used");
        QTest::addColumn<int>("state");
        QTest::newRow("under") << 89.9 << static_cast<int>(CheckState::Ok);
        QTest::newRow("at") << 90.0 << static_cast<int>(CheckState::ToDo);
        QTest::newRow("over") << 99.0 << static_cast<int>(CheckState::ToDo);
    }
    void theDiskIsDoneUnderItsLimit()
    {
        QFETCH(double, used);
        QFETCH(int, state);
        QCOMPARE(static_cast<int>(lineOf(CheckLine::Disk, snapshotsOf({}, used)).state), state);
        QCOMPARE(lineOf(CheckLine::Disk, snapshotsOf({}, std::nullopt)).state, CheckState::Waiting);
    }

    void theClockIsDoneWithinItsLimit_data()
    {
        QTest::addColumn<qint64>("offset");
        QTest::addColumn<int>("state");
        QTest::newRow("at") << qint64{2'000} << static_cast<int>(CheckState::Ok);
        QTest::newRow("over") << qint64{2'001} << static_cast<int>(CheckState::ToDo);
        QTest::newRow("at, ahead") << qint64{-2'000} << static_cast<int>(CheckState::Ok);
        QTest::newRow("over, ahead") << qint64{-2'001} << static_cast<int>(CheckState::ToDo);
    }
    void theClockIsDoneWithinItsLimit()
    {
        QFETCH(qint64, offset);
        QFETCH(int, state);
        console::IngestSnapshot ingest;
        QCOMPARE(lineOf(CheckLine::Clock, snapshotsOf(ingest)).state, CheckState::Waiting);
        ingest.clockOffset = base::Millis{offset};
        const auto line = lineOf(CheckLine::Clock, snapshotsOf(ingest));
        QCOMPARE(static_cast<int>(line.state), state);
        if (line.state == CheckState::ToDo) {
            QVERIFY(line.reason.contains(offset > 0 ? QStringLiteral("behind") : QStringLiteral("ahead")));
        }
        auto loose = snapshotsOf(ingest);
        console::PaperSnapshot paper;
        paper.policy = std::make_shared<const console::PolicyView>(
            console::PolicyView{.numbers = {{"health.clock_s", 3}}, .texts = {}});
        loose.paper = std::make_shared<const console::PaperSnapshot>(std::move(paper));
        QCOMPARE(lineOf(CheckLine::Clock, loose).state, CheckState::Ok); // the limit in force is 3 s
        ingest.state = console::EngineState::Idle;                       // recorded files
        QCOMPARE(lineOf(CheckLine::Clock, snapshotsOf(ingest)).state, CheckState::Ok);
    }

    void thePlaceForBackupsIsDoneWithTheFirstThatIsProven()
    {
        QCOMPARE(lineOf(CheckLine::Backups, {}).state, CheckState::Waiting);
        auto care = testkit::plausibleCare(fixed);
        QCOMPARE(backupLineOf(care).state, CheckState::Ok);
        care.isOnDatabasesDisk = true;
        QCOMPARE(backupLineOf(care).state, CheckState::Ok);
        QVERIFY(backupLineOf(care).reason.contains(QStringLiteral("own disk")));

        auto none = care;
        none.policy.folder.clear();
        QCOMPARE(backupLineOf(none).state, CheckState::ToDo);
        QCOMPARE(backupLineOf(none).act, CheckAct::OpenStorage);
        auto gone = care;
        gone.folderTrouble = "there is no such folder";
        QCOMPARE(backupLineOf(gone).state, CheckState::ToDo);
        QVERIFY(backupLineOf(gone).reason.contains(QStringLiteral("there is no such folder")));
        auto first = care;
        first.backups.clear();
        QCOMPARE(backupLineOf(first).state, CheckState::Waiting);
        auto failed = care;
        failed.backups.erase(failed.backups.begin());
        QCOMPARE(backupLineOf(failed).state, CheckState::ToDo);
        QVERIFY(backupLineOf(failed).reason.contains(QStringLiteral("the disk is full")));
        failed.backups.front().error = health::cancelledBackup; // no failure: the one before counts
        QCOMPARE(backupLineOf(failed).state, CheckState::Ok);
    }

    void thePlaceForBackupsLeadsToStorage()
    {
        Shown shown;
        shown.clearBackupFolder();
        QTest::mouseClick(shown.button(QStringLiteral("Open Storage")), Qt::LeftButton);
        auto& page = static_cast<HealthPage&>(shown.window->page(6));
        QVERIFY(page.isVisible());
        QVERIFY(page.storage().isVisible());
    }

    void theListStaysUntilAllIsDoneAndItIsPutAwayAndThatIsRemembered()
    {
        const QTemporaryDir dir;
        const auto settings = dir.filePath(QStringLiteral("window.ini"));
        {
            Shown shown(settings);
            QVERIFY(shown.card().isVisible());
            QVERIFY(shown.button(QStringLiteral("Put this list away")) == nullptr);
            QTest::mouseClick(shown.button(QStringLiteral("Send a test…")), Qt::LeftButton);
            QCOMPARE(shown.window->currentPage(), QStringLiteral("Health")); // where it is done
            shown.setProven(true);
            shown.window->pump().pump();
            QVERIFY(shown.window->showPage(QStringLiteral("Overview")));
            shown.window->pump().pump();
            QVERIFY(shown.button(QStringLiteral("Send a test…")) == nullptr);
            for (const auto& check : shown.card().checks()) {
                QVERIFY2(check.state == CheckState::Ok, qPrintable(check.title + check.reason));
            }
        }
        {
            Shown shown(settings); // what was done stays done
            shown.setProven(true);
            shown.window->pump().pump();
            QTest::mouseClick(shown.button(QStringLiteral("Put this list away")), Qt::LeftButton);
            QVERIFY(!shown.card().isVisible());
        }
        Shown shown(settings);
        QVERIFY(!shown.card().isVisible());
        shown.card().setPutAway(false); // from the palette
        QVERIFY(shown.card().isVisible());
    }

    void everyOpenStepIsListedInASmallWindow()
    {
        Shown shown({}, QSize(1280, 800));
        shown.clearBackupFolder();
        int open = 0;
        for (const auto& check : shown.card().checks()) {
            const auto labels = shown.card().findChildren<QLabel*>();
            const bool isListed = std::ranges::any_of(
                labels, [&](const auto* label) { return label->isVisible() && label->text() == check.title; });
            QCOMPARE(isListed, check.state != CheckState::Ok);
            open += isListed ? 1 : 0;
        }
        QVERIFY(open >= 2); // the place for backups, and the test of the alerts
    }

    void noWordOfItIsCutInASmallWindow()
    {
        for (const auto size : {QSize(1280, 800), QSize(1600, 1000)}) {
            Shown shown({}, size);
            QTest::qWait(1); // layouts
            QCOMPARE(shown.window->size(), size);
            for (auto* label : shown.card().findChildren<QLabel*>()) {
                if (label->isVisible() && label->wordWrap()) {
                    QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
                }
            }
            QVERIFY(shown.card().geometry().bottom() <= shown.window->page(0).height());
        }
    }
};

QTEST_MAIN(ChecklistTest)
#include "checklist_test.moc"
