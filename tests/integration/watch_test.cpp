// A window opened on data that a headless instance owns, from its first question on: the program itself runs headless,
// and what app does about it is clicked through. Watching fills tables and is told of a death or a standstill within
// 5 s; taking over, from the question or while watching, ends the other cleanly and leaves the data free.
#include "app/take_over.h"
#include "engines/http_socket.h"
#include "storage/journal_store.h"
#include "storage/writer_lock.h"
#include "testkit/made_ledger.h"
#include "testkit/strict_log.h"
#include "ui/watch/watch_band.h"
#include "ui/watch/watch_pane.h"
#include "ui/watch/watch_window.h"
#include "ui/widgets/data_table.h"

#include <QAbstractButton>
#include <QApplication>
#include <QMessageBox>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>

using namespace qd;
using app::OwnedChoice;
using testkit::good;

namespace {

constexpr int patience = 120'000; // ms
constexpr auto zone = ui::format::Zone::Utc;

/// Recorded files and a headless instance that owns them.
class Headless {
public:
    explicit Headless(const QStringList& more = {})
    {
        {
            const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
            testkit::MadeLedger ledger(file(), end, 25, 60);
            ledger.add("breakout", 6, [](int n) { return n % 3 == 0 ? 1.0 : -3.0; });
        }
        { // a free port, let go of again: the program that is given none would take the operator's
            const auto free = good(engines::listenAt("127.0.0.1", 0));
            port = engines::doorOf(free).port;
        }
        start(more.isEmpty() ? QStringList{QStringLiteral("--api-port"), QString::number(port)} : more);
    }
    ~Headless()
    {
        ::kill(static_cast<pid_t>(program.processId()), SIGCONT);
        program.terminate();
        if (!program.waitForFinished(patience)) {
            program.kill();
            program.waitForFinished();
        }
    }
    [[nodiscard]] std::filesystem::path file() const
    {
        return folder_.filePath(QStringLiteral("imported.db")).toStdString();
    }
    [[nodiscard]] engines::OwnerLine line() const { return engines::OwnerLine(file()); }
    [[nodiscard]] ui::UiOptions options() const
    {
        return {.settingsFile = folder_.filePath(QStringLiteral("window.ini")),
                .page = {},
                .theme = {},
                .size = {1280, 800}};
    }
    void stop(int signal) const { ::kill(static_cast<pid_t>(program.processId()), signal); }

    QProcess program;
    std::uint16_t port = 0;

private:
    void start(const QStringList& more)
    {
        program.start(QStringLiteral(QD_PROGRAM),
                      QStringList{QStringLiteral("run"), QStringLiteral("--headless"), QStringLiteral("--feed"),
                                  QStringLiteral("imported"), QStringLiteral("--data-dir"), folder_.path()} +
                          more);
        const auto isUp = [this] {
            const auto owner = line().owner();
            return owner && owner->isReady && (!owner->hasApi || owner->apiPort != 0);
        };
        if (!QTest::qWaitFor(isUp, patience)) {
            qFatal("no headless instance: %s", program.readAllStandardError().constData());
        }
    }
    QTemporaryDir folder_;
};

/// Does one thing after the other, each as soon as it can be done: a step is tried until it says true.
class Script : public QObject {
public:
    explicit Script(std::vector<std::function<bool()>> steps) : steps_(std::move(steps)) { later(); }
    [[nodiscard]] bool isDone() const { return next_ == steps_.size(); }

private:
    // A timer each: a click may run an event loop of its own, and one timer never fires within itself.
    void later()
    {
        QTimer::singleShot(20, this, [this] { step(); });
    }
    void step()
    {
        if (isDone()) {
            return;
        }
        const auto at = next_++; // in such a loop the next one is due
        later();
        if (!steps_[at]()) {
            next_ = at;
        }
    }
    std::vector<std::function<bool()>> steps_;
    std::size_t next_ = 0;
};

/// In the dialog that is open, the button with these words; null where there is none.
QAbstractButton* buttonOf(const char* words)
{
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (box == nullptr || !box->isVisible()) {
        return nullptr;
    }
    const auto all = box->buttons();
    for (auto* button : all) {
        if (QString(button->text()).remove(QLatin1Char('&')).contains(QLatin1String(words))) {
            return button;
        }
    }
    return nullptr;
}

std::function<bool()> clicks(const char* words)
{
    return [words] {
        auto* button = buttonOf(words);
        if (button == nullptr || !button->isEnabled()) {
            return false;
        }
        QTest::mouseClick(button, Qt::LeftButton);
        return true;
    };
}

ui::WatchWindow* watching()
{
    const auto all = QApplication::topLevelWidgets();
    for (auto* widget : all) {
        if (auto* window = qobject_cast<ui::WatchWindow*>(widget); window != nullptr && window->isVisible()) {
            return window;
        }
    }
    return nullptr;
}

ui::WatchPane& pageOf(const char* name)
{
    return watching()->pane(static_cast<int>(ui::WatchWindow::pageNames().indexOf(QLatin1String(name))));
}

std::function<bool()> shows(const char* page, const char* word)
{
    return [page, word] {
        auto* window = watching();
        if (window == nullptr) {
            return false;
        }
        if (!pageOf(page).isVisible()) {
            window->showPage(QLatin1String(page));
        }
        return pageOf(page).table()->asTsv().contains(QLatin1String(word));
    };
}

} // namespace

class WatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        testkit::StrictLog::install();
        QApplication::setQuitOnLastWindowClosed(false); // as the program does
    }
    void cleanup()
    {
        QD_VERIFY_QUIET();
        QVERIFY(watching() == nullptr);
    }

    void theQuestionSaysWhoOwnsItAndEnterWatches();
    void withoutAnApiItSaysSoAndWhatToDo();
    void watchingFillsTheTablesAndChangesNothing();
    void aStandstillAndADeathAreToldWithinFiveSeconds();
    void takingOverWhileWatchingEndsTheOtherCleanly();
    void takingOverFromTheQuestionEndsTheOtherCleanly();
    void theWaitSaysForWhomAndHowLong();
    void anOwnerThatDoesNotAnswerIsNotTakenOver();
    void aDatabaseThatCannotBeLockedIsToldAtOnce();
};

void WatchTest::theQuestionSaysWhoOwnsItAndEnterWatches()
{
    const Headless other;
    const auto owner = good(other.line().owner());
    QString text;
    Script script({[&] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (box == nullptr || !box->isVisible()) {
            return false;
        }
        text = box->text() + box->informativeText();
        QTest::keyClick(box, Qt::Key_Return);
        return true;
    }});
    QCOMPARE(app::chooseOnOwned(owner, zone, {}), OwnedChoice::Watch);
    QVERIFY(text.contains(QStringLiteral("a headless console, process %1").arg(other.program.processId())));
    QVERIFY(text.contains(QStringLiteral("http://127.0.0.1:%1").arg(other.port)));
    Script escape({[] {
        auto* box = QApplication::activeModalWidget();
        return box != nullptr && box->isVisible() && (QTest::keyClick(box, Qt::Key_Escape), true);
    }});
    QCOMPARE(app::chooseOnOwned(owner, zone, {}), OwnedChoice::Quit);
    std::stop_source stop;
    stop.request_stop();
    QCOMPARE(app::chooseOnOwned(owner, zone, stop.get_token()), OwnedChoice::Quit);
}

void WatchTest::withoutAnApiItSaysSoAndWhatToDo()
{
    const Headless other({QStringLiteral("--api-port"), QStringLiteral("0")});
    const auto owner = good(other.line().owner());
    QVERIFY(!owner.hasApi && owner.apiPort == 0);
    bool isDisabled = false;
    QString text;
    Script script({[&] {
                       auto* button = buttonOf("Watch");
                       if (button == nullptr) {
                           return false;
                       }
                       isDisabled = !button->isEnabled();
                       text = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())->informativeText();
                       return true;
                   },
                   clicks("Quit")});
    QCOMPARE(app::chooseOnOwned(owner, zone, {}), OwnedChoice::Quit);
    QVERIFY(isDisabled);
    QVERIFY2(text.contains(QLatin1String("without its HTTP API")) && text.contains(QLatin1String("--api-port 8888")),
             qPrintable(text));
}

void WatchTest::watchingFillsTheTablesAndChangesNothing()
{
    const Headless other;
    const auto owner = good(other.line().owner());
    QString band;
    Script script({clicks("Watch"), shows("Status", "imported.db"), shows("Engines", "Store writer"),
                   shows("Strategies", "breakout"), shows("Evaluations", "breakout"), shows("Trades", "COIN-USDT"),
                   shows("Health", "CPU"), shows("Jobs", "review"), [&] {
                       band = watching()->band().words().what;
                       watching()->close();
                       return true;
                   }});
    QVERIFY(!app::meetOwner(other.line(), owner, other.options(), {}));
    QVERIFY(script.isDone());
    QVERIFY2(
        band.startsWith(QStringLiteral("Headless instance (process %1, version ").arg(other.program.processId())) &&
            band.contains(QLatin1String(", since ")) &&
            band.endsWith(QLatin1String("owns this data. You are watching; nothing can be changed here.")),
        qPrintable(band));
    QCOMPARE(other.program.state(), QProcess::Running); // it goes on
    auto reader = good(storage::Database::open(other.file(), storage::Database::Mode::ReadOnly));
    QVERIFY(good(storage::JournalStore(reader).after(0)).empty());
}

void WatchTest::aStandstillAndADeathAreToldWithinFiveSeconds()
{
    Headless other;
    const auto owner = good(other.line().owner());
    QElapsedTimer since;
    qint64 stood = 0;
    qint64 died = 0;
    QString engines;
    QString what;
    QString told;
    std::optional<storage::WriterLock> next;
    const auto opensIt = [] {
        QTest::mouseClick(watching()->band().button(), Qt::LeftButton); // "Open it here": no question
        return true;
    };
    Script script({shows("Engines", "running"),
                   [&] {
                       other.stop(SIGSTOP);
                       since.start();
                       return true;
                   },
                   [&] {
                       if (!watching()->band().words().isAlarm) {
                           return false;
                       }
                       stood = since.elapsed();
                       engines = pageOf("Engines").table()->asTsv();
                       return true;
                   },
                   [&] { return watching()->band().words().what.contains(QLatin1String("does not answer at all")); },
                   [&] {
                       other.stop(SIGCONT);
                       return true;
                   },
                   [&] { return !watching()->band().words().isAlarm; },
                   [&] {
                       other.program.kill();
                       since.restart();
                       return true;
                   },
                   [&] {
                       if (!watching()->band().words().isAlarm) {
                           return false;
                       }
                       died = since.elapsed();
                       return true;
                   },
                   [&] {
                       what = watching()->band().words().what;
                       return what.contains(QLatin1String("has ended"));
                   },
                   [&] { // somebody is quicker, and is not ended
                       next = good(storage::WriterLock::take(other.file()));
                       return opensIt();
                   },
                   [&] {
                       auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
                       if (box == nullptr || !box->isVisible()) {
                           return false;
                       }
                       told = box->text();
                       box->reject();
                       next.reset();
                       return true;
                   },
                   [] { return QApplication::activeModalWidget() == nullptr && watching() != nullptr; }, opensIt});
    QVERIFY(app::watch(other.line(), owner, other.options(), {}));
    QVERIFY2(stood <= 5'000, qPrintable(QString::number(stood)));
    QVERIFY2(died <= 5'000, qPrintable(QString::number(died)));
    QVERIFY2(told.contains(QLatin1String("Another console has this data")), qPrintable(told));
    QVERIFY2(engines.contains(QLatin1String("no answer")) && !engines.contains(QLatin1String("running")),
             qPrintable(engines));
    QVERIFY(storage::WriterLock::take(other.file()));
}

void WatchTest::takingOverWhileWatchingEndsTheOtherCleanly()
{
    Headless other;
    const auto owner = good(other.line().owner());
    bool stayed = false;
    Script script({clicks("Watch"), shows("Status", "imported.db"),
                   [] {
                       QTest::mouseClick(watching()->band().button(), Qt::LeftButton);
                       return true;
                   },
                   clicks("Go on watching"), // by mistake
                   [&] {
                       stayed = QApplication::activeModalWidget() == nullptr && watching() != nullptr;
                       return stayed;
                   },
                   [] {
                       QTest::mouseClick(watching()->band().button(), Qt::LeftButton);
                       return true;
                   },
                   clicks("Take over")});
    QVERIFY(app::meetOwner(other.line(), owner, other.options(), {}));
    QVERIFY(script.isDone() && stayed);
    QVERIFY(other.program.state() == QProcess::NotRunning || other.program.waitForFinished(patience));
    QVERIFY(other.program.exitStatus() == QProcess::NormalExit && other.program.exitCode() == 0);
    QVERIFY(storage::WriterLock::take(other.file()));
}

void WatchTest::takingOverFromTheQuestionEndsTheOtherCleanly()
{
    Headless other({QStringLiteral("--api-port"), QStringLiteral("0")}); // which needs no API
    const auto owner = good(other.line().owner());
    Script script({clicks("Take over")});
    QVERIFY(app::meetOwner(other.line(), owner, other.options(), {}));
    QVERIFY(other.program.state() == QProcess::NotRunning || other.program.waitForFinished(patience));
    QVERIFY(other.program.exitStatus() == QProcess::NormalExit && other.program.exitCode() == 0);
    QVERIFY(storage::WriterLock::take(other.file()));
    QCOMPARE(other.line().owner().error().code, base::ErrorCode::NotFound);
}

void WatchTest::theWaitSaysForWhomAndHowLong()
{
    const auto who = QStringLiteral("the headless instance (process 7)");
    QCOMPARE(app::waitingText(who, false, std::chrono::seconds(2)), QStringLiteral("Asking %1 to end … 2 s").arg(who));
    const auto waits = app::waitingText(who, true, std::chrono::seconds(11));
    QVERIFY2(waits.startsWith(QStringLiteral("Waiting for %1 to end … 11 s").arg(who)), qPrintable(waits));
    QVERIFY2(waits.contains(QStringLiteral("Cancel ends the waiting")), qPrintable(waits));
}

void WatchTest::anOwnerThatDoesNotAnswerIsNotTakenOver()
{
    Headless other;
    other.stop(SIGSTOP);
    QString told;
    Script script({[&] { // after the wait's own patience
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (box == nullptr || !box->isVisible()) {
            return false;
        }
        told = box->text();
        box->reject();
        return true;
    }});
    QVERIFY(!app::takeOver(other.line(), {}));
    QVERIFY(!told.isEmpty());
    QVERIFY(told.contains(QStringLiteral("hangs")));
    // What was given up is void: it goes on once it can.
    other.stop(SIGCONT);
    QVERIFY(QTest::qWaitFor([&] { return other.line().owner().has_value(); }, patience));
    QVERIFY(!other.program.waitForFinished(2'000));
    QCOMPARE(storage::WriterLock::take(other.file()).error().code, base::ErrorCode::Busy);
}

void WatchTest::aDatabaseThatCannotBeLockedIsToldAtOnce()
{
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath(QStringLiteral("x.db")).toStdString();
    std::filesystem::create_directory(file.string() + ".lock"); // no file to lock, whoever runs this
    QString told;
    Script script({[&] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (box == nullptr || !box->isVisible()) {
            return false;
        }
        told = box->text();
        box->reject();
        return true;
    }});
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!app::takeOver(engines::OwnerLine(file), {}));
    QVERIFY2(timer.elapsed() < 60'000, qPrintable(QString::number(timer.elapsed()))); // not its patience of 120 s
    QVERIFY2(told.contains(QLatin1String("could not be read or written")), qPrintable(told));
}

QTEST_MAIN(WatchTest)
#include "watch_test.moc"
