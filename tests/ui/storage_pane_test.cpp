// Health › Storage: what it says of backups and the file, its buttons and what they send, and the preview of retention
// before it is saved.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/command_desk.h"
#include "ui/health/health_page.h"
#include "ui/health/storage_pane.h"
#include "ui/main_window.h"
#include "ui/questions.h"
#include "ui/settings/policy_save_dialog.h"
#include "ui/widgets/progress_card.h"
#include "ui/window_memory.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace qd;
using namespace qd::ui;

namespace {

const base::UtcMs fixed{1'764'060'300'000};

struct Shown {
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;

    explicit Shown(QSize size = {1600, 1000})
    {
        testkit::fill(console, fixed);
        window = std::make_unique<MainWindow>(
            console, UiOptions{.settingsFile = {}, .page = QStringLiteral("Health"), .theme = {}, .size = size});
        window->show();
        QVERIFY(page().reveal(QStringLiteral("Storage")));
        update([](auto&) {});
    }
    [[nodiscard]] HealthPage& page() const { return static_cast<HealthPage&>(window->page(6)); }
    [[nodiscard]] StoragePane& pane() const { return page().storage(); }
    template <typename Change>
    void update(Change change)
    {
        auto health = *console.healthBox.get();
        auto care = *health.care;
        change(care);
        health.care = std::make_shared<const console::CareSnapshot>(std::move(care));
        console.healthBox.put(std::move(health));
        window->pump().pump();
        QCoreApplication::sendPostedEvents();
    }
};

} // namespace

class StoragePaneTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }

    void itSaysHowBackupsAndTheFileStand()
    {
        Shown shown;
        auto store = *shown.console.storeBox.get();
        store.longestReader = base::Millis{95'000};
        store.walBytes = 7'000'000;
        shown.console.storeBox.put(std::move(store));
        shown.update([](auto& care) { care.next = base::SystemClock().now() + base::Millis{4 * 3'600'000LL}; });
        const auto facts = shown.pane().facts();
        for (const auto* part : {"Last backup, restored and compared", "They go to /mnt/backups",
                                 "Next: ", "newest 8, one a day of 7 days, and one a week of 4 weeks",
                                 "7.0 MB in the write-ahead", "A reader has held the log back",
                                 "It grows by 3.9 MB a day", "more than 10 years", "2.1 MB in it are free"}) {
            QVERIFY2(facts.contains(QString::fromUtf8(part)), qPrintable(QString::fromUtf8(part) + " | " + facts));
        }
        QCOMPARE(shown.pane().note(), QStringLiteral("2 backups"));
        shown.update([](auto& care) { care.folderTrouble = "there is no such folder"; });
        QVERIFY(shown.pane().facts().contains(QStringLiteral("cannot be used: there is no such folder")));
    }

    void aBackupIsAskedForShowsItsProgressAndIsCancelled()
    {
        Shown shown;
        QTest::mouseClick(shown.pane().backUpButton(), Qt::LeftButton);
        QVERIFY(shown.console.newest<console::BackUpNow>() != nullptr);
        QVERIFY(!shown.pane().progress()->isVisible());
        shown.update([](auto& care) {
            care.isBusy = true;
            care.phase = "backing up";
            care.done = 0.4;
        });
        QVERIFY(shown.pane().progress()->isVisible());
        QCOMPARE(shown.pane().progress()->share(), 0.4);
        QVERIFY(!shown.pane().backUpButton()->isEnabled());
        QVERIFY(!shown.pane().restoreButton()->isEnabled());
        Q_EMIT shown.pane().progress()->cancelled();
        QVERIFY(shown.console.newest<console::CancelBackup>() != nullptr);
        shown.update([](auto& care) { care.isBusy = false; });
        QVERIFY(!shown.pane().progress()->isVisible());
        QVERIFY(shown.pane().backUpButton()->isEnabled());
    }

    void withoutAFolderOneIsChosenFirst()
    {
        Shown shown;
        shown.update([](auto& care) { care.policy.folder.clear(); });
        QCOMPARE(shown.pane().backUpButton()->text(), QStringLiteral("Back up now…"));
        shown.pane().askFolder = [] { return QString(); };
        QTest::mouseClick(shown.pane().backUpButton(), Qt::LeftButton);
        QVERIFY(shown.console.newest<console::SetPolicy>() == nullptr);
        shown.pane().askFolder = [] { return QStringLiteral("/mnt/other"); };
        QTest::mouseClick(shown.pane().folderButton(), Qt::LeftButton);
        const auto* sent = shown.console.newest<console::SetPolicy>();
        QVERIFY(sent != nullptr);
        QCOMPARE(sent->values.at("backup.folder"), std::string("/mnt/other"));
        QVERIFY(shown.console.newest<console::BackUpNow>() == nullptr); // it is made as soon as there is a place
    }

    void aRestoreIsMadeReadyAndThenPutInForceOrLeft()
    {
        Shown shown;
        shown.pane().askFile = [] { return QString(); };
        QTest::mouseClick(shown.pane().restoreButton(), Qt::LeftButton);
        QVERIFY(shown.console.newest<console::StageRestore>() == nullptr);
        shown.pane().askFile = [] { return QStringLiteral("/mnt/backups/b.db"); };
        QTest::mouseClick(shown.pane().restoreButton(), Qt::LeftButton);
        QCOMPARE(shown.console.newest<console::StageRestore>()->file, std::string("/mnt/backups/b.db"));
        QVERIFY(!shown.pane().restartButton()->isVisible());
        shown.update([](auto& care) { care.staged = "/mnt/backups/b.db, made 2025-11-25T06:00:00.000Z"; });
        QVERIFY(shown.pane().restartButton()->isVisible());
        QVERIFY(shown.pane().facts().contains(QStringLiteral("Checked and ready: /mnt/backups/b.db")));
        QVERIFY(!shown.pane().restoreButton()->isEnabled());
        QSignalSpy wished(shown.window.get(), &MainWindow::feedWished);
        QTest::mouseClick(shown.pane().restartButton(), Qt::LeftButton);
        QCOMPARE(wished.size(), 1);
        QCOMPARE(wished.front().front().toString(), QStringLiteral("demo"));
        QTest::mouseClick(shown.pane().dropButton(), Qt::LeftButton);
        QVERIFY(shown.console.newest<console::DropRestore>() != nullptr);
    }

    void nothingOfItIsCutInASmallWindow()
    {
        Shown shown(QSize(1280, 800));
        shown.update([](auto& care) { care.staged = "/mnt/backups/b.db"; });
        for (auto* button : {shown.pane().backUpButton(), shown.pane().restoreButton(), shown.pane().folderButton(),
                             shown.pane().restartButton(), shown.pane().dropButton()}) {
            QVERIFY(button->width() >= button->sizeHint().width());
            QVERIFY(!button->visibleRegion().isEmpty());
        }
    }

    void theRetentionIsPreviewedBeforeItIsSaved()
    {
        testkit::FakeConsole console;
        std::optional<console::AskRetention> asked;
        console::QueryId id = 0;
        console.onAsk = [&](console::QueryId query, const console::Query& what) {
            if (const auto* retention = std::get_if<console::AskRetention>(&what)) {
                asked = *retention;
                id = query;
            }
        };
        const Theme theme;
        CommandDesk desk(console);
        Questions questions(console);
        WindowMemory memory({});
        const format::Zone zone = format::Zone::Utc;
        const PageContext context{console, theme, desk, questions, memory, zone, [] { return fixed; }};
        auto* dialog =
            new PolicySaveDialog(context, {}, testkit::plausiblePaper(fixed), {{"ticks.keep_days", "30"}}, nullptr);
        dialog->show();
        QVERIFY(asked.has_value());
        QCOMPARE(asked->keepDays, 30.0);
        QVERIFY(asked->thin);
        QVERIFY(!dialog->saveButton()->isEnabled());
        health::RetentionPreview preview;
        preview.rule = {.way = health::OldTicks::Thin, .keepDays = 30, .now = fixed};
        preview.ticks = 1'234'567;
        preview.bytes = 2'500'000;
        preview.lines.push_back({.instrument = {1}, .name = "BTC-USDT", .kept = "3 old blocks stay: because"});
        console.answers.emplace_back(console::Answer{id, {}, preview});
        questions.pull();
        const auto words = dialog->retentionText();
        QVERIFY2(words.contains(QStringLiteral("ticks and 0 quotes older than 30 days, and free 2.5 MB")),
                 qPrintable(words));
        QVERIFY(words.contains(QStringLiteral("cannot be taken back")));
        QVERIFY(words.contains(QStringLiteral("BTC-USDT: 3 old blocks stay: because.")));
        delete dialog;
    }

    void theWordsOfARetentionThatDeletesNothing()
    {
        QVERIFY(retentionWords({}).contains(QStringLiteral("kept for ever")));
        health::RetentionPreview none;
        none.rule = {.way = health::OldTicks::Drop, .keepDays = 90, .now = fixed};
        QVERIFY(retentionWords(none).contains(QStringLiteral("Nothing is older than 90 days")));
        none.ticks = 5;
        QVERIFY(retentionWords(none).contains(QStringLiteral("missing ones are not made")));
    }
};

QTEST_MAIN(StoragePaneTest)
#include "storage_pane_test.moc"
