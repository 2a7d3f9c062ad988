// SIGTERM in every phase of the program's life, sent to the program itself: it ends by itself with exit code 0 within a
// few seconds, what it leaves passes `verify`, and the next start runs. The quick phases in every run, all of them with
// QD_SIGTERM=all (`tests/run.sh --full`). Each says how long the end took.
#include "storage/job_store.h"
#include "storage/restore.h"
#include "storage/schema_migrator.h"
#include "testkit/program.h"
#include "testkit/service_rig.h"
#include "unit/storage/storage_testkit.h"

#include <QTcpServer>

#include <sqlite3.h>

#include <fstream>
#include <functional>
#include <thread>

using namespace qd;
using testkit::good;

namespace {

namespace fs = std::filesystem;

constexpr int patience = 120'000;  // until a phase is reached, ms
constexpr int endsWithin = 20'000; // a third of what systemd waits (TimeoutStopSec)

QString text(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

void run(const fs::path& file, const std::string& sql)
{
    sqlite3* db = nullptr;
    const bool isDone = sqlite3_open(file.c_str(), &db) == SQLITE_OK &&
                        sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    if (!isDone) {
        qFatal("%s: %s", sql.c_str(), sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}

/// So large that what copies it can be met at work.
void fatten(const fs::path& file, int mb)
{
    run(file, "CREATE TABLE fat(data BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
                  std::to_string(mb) + ") INSERT INTO fat SELECT randomblob(1000000) FROM n");
}

/// Looks every 2 ms, because some phases last only some tens.
bool comes(const std::function<bool()>& what)
{
    QElapsedTimer since;
    since.start();
    while (!what()) {
        if (since.hasExpired(patience)) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

bool hasFileLike(const fs::path& folder, const std::string& part)
{
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

/// The program on a folder of its own, and what hears it.
struct Life {
    fs::path folder;
    QStringList feed{QStringLiteral("--feed"), QStringLiteral("demo")};
    testkit::ServiceManager manager;
    std::unique_ptr<testkit::ServiceProgram> service;
    std::vector<std::unique_ptr<QProcess>> beside; // that ask it for something
    QTcpServer deaf;                               // takes connections and never says a word

    [[nodiscard]] fs::path file() const { return folder / "demo.db"; }
    [[nodiscard]] QStringList of(const QStringList& words) const
    {
        return words + QStringList{QStringLiteral("--data-dir"), text(folder)};
    }
    [[nodiscard]] QStringList headless(const QStringList& more = {}) const
    {
        return of({QStringLiteral("run"), QStringLiteral("--headless"), QStringLiteral("--api-port"),
                   QStringLiteral("0")}) +
               feed + more;
    }
    void start(const QStringList& arguments)
    {
        service = std::make_unique<testkit::ServiceProgram>(QStringLiteral(QD_PROGRAM), arguments, manager.name());
    }
    bool isReady() { return manager.hears("READY=1", patience); }
    /// Asks the running one by another program, which waits for the end of what it asked for.
    void ask(const QStringList& words)
    {
        beside.push_back(std::make_unique<QProcess>());
        beside.back()->start(QStringLiteral(QD_PROGRAM), of(words));
    }
    [[nodiscard]] bool isRunning(const char* job) const
    {
        auto reader = storage::Database::open(file(), storage::Database::Mode::ReadOnly);
        const auto runs = reader ? storage::JobStore(*reader).runs(job, 1)
                                 : base::Result<std::vector<governance::JobRunRow>>(std::unexpected(reader.error()));
        return runs && !runs->empty() && runs->front().state == governance::JobState::Running;
    }
};

struct Phase {
    const char* name;
    bool isQuick;
    /// Starts the program and waits until it is there; false if that never comes.
    std::function<bool(Life&)> reach;
    /// What has to hold afterwards, beside the sound database and the next start.
    std::function<void(const Life&)> check{};
    int signals = 1;
};

} // namespace

class SigtermTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void itEndsWellInEachPhase_data();
    void itEndsWellInEachPhase();

private:
    void addStart();
    void addWork();
    void addEnd();
    void copyMade(const Life& life) const { fs::copy_file(made_, life.file()); }

    const bool isAll_ = qEnvironmentVariable("QD_SIGTERM") == QLatin1String("all");
    QTemporaryDir dir_;
    fs::path made_; // a simulated database, closed in peace
    std::vector<Phase> phases_;
};

void SigtermTest::initTestCase()
{
    QStringList wish{
        QStringLiteral("simulate"), QStringLiteral("--data-dir"),    dir_.path(),         QStringLiteral("--feed"),
        QStringLiteral("demo"),     QStringLiteral("--days"),        QStringLiteral("2"), QStringLiteral("--ticks"),
        QStringLiteral("400000"),   QStringLiteral("--instruments"), QStringLiteral("3")};
    if (isAll_) { // enough for a training
        wish += {QStringLiteral("--candle-days"), QStringLiteral("90")};
    }
    const auto made = testkit::runProgram(wish);
    QVERIFY2(made.code == 0, qPrintable(made.error));
    made_ = dir_.filePath(QStringLiteral("demo.db")).toStdString();
    addStart();
    addWork();
    addEnd();
}

void SigtermTest::addStart()
{
    phases_.push_back({"an older database is brought up to date", false, [](Life& life) {
                           sqlite3* db = nullptr;
                           sqlite3_open(life.file().c_str(), &db);
                           good(storage::migrate(db, life.file(), storage::embeddedMigrations().first(12)));
                           sqlite3_close(db);
                           fatten(life.file(), 300); // is copied first
                           life.start(life.headless({QStringLiteral("--history"), QStringLiteral("0")}));
                           return comes([&] { return hasFileLike(life.folder, "before-migration"); });
                       }});
    phases_.push_back({"a restore is put in force", false,
                       [this](Life& life) {
                           copyMade(life);
                           fatten(life.file(), 50);
                           const auto backup = life.folder / "backup";
                           const auto kept = testkit::runProgram(life.of({QStringLiteral("backup"), text(backup)}));
                           if (kept.code != 0) {
                               return false;
                           }
                           run(life.file(), "DROP TABLE fat");
                           good(storage::stageRestore(backup, life.file()));
                           life.start(life.headless());
                           return comes([&] { return !storage::isRestoreStaged(life.file()); });
                       },
                       [](const Life& life) {
                           QVERIFY(hasFileLike(life.folder, "before-restore"));
                           auto reader = good(storage::Database::open(life.file(), storage::Database::Mode::ReadOnly));
                           QCOMPARE(good(reader.number("SELECT count(*) FROM fat")), 50);
                       }});
    phases_.push_back({"it has just begun to listen to signals", true, [](Life& life) {
                           life.start(life.headless({QStringLiteral("--history"), QStringLiteral("0")}));
                           life.service->program.setReadChannel(QProcess::StandardError);
                           return life.service->program.waitForReadyRead(patience);
                       }});
    phases_.push_back({"the past of the demo is made", true, [](Life& life) {
                           // Short: the start after it goes on with the same past, to its end.
                           life.start(life.headless({QStringLiteral("--history"), QStringLiteral("3")}));
                           return life.manager.hears("STATUS=making the simulated past", patience);
                       }});
    phases_.push_back({"it reads again what it had read before it was killed", true, [this](Life& life) {
                           copyMade(life);
                           run(life.file(), "DELETE FROM pipeline_states");
                           life.start(life.headless());
                           return life.manager.hears("STATUS=reading what is stored", patience);
                       }});
}

void SigtermTest::addWork()
{
    const auto connects = [](Life& life, const QString& address) {
        life.feed = QStringList{QStringLiteral("--feed"), QStringLiteral("ws://") + address,
                                QStringLiteral("--rest-url"), QStringLiteral("http://") + address};
        life.start(life.headless());
        return life.isReady();
    };
    phases_.push_back({"nobody answers at the exchange's address", false,
                       [connects](Life& life) { return connects(life, QStringLiteral("127.0.0.1:9")); }});
    phases_.push_back({"the exchange takes the connection and is silent", true, [connects](Life& life) {
                           return life.deaf.listen(QHostAddress::LocalHost) &&
                                  connects(life, QStringLiteral("127.0.0.1:%1").arg(life.deaf.serverPort()));
                       }});
    phases_.push_back({"it trades", true, [this](Life& life) {
                           copyMade(life);
                           life.start(life.headless());
                           return life.isReady() && life.manager.hears("WATCHDOG=1", patience);
                       }});
    phases_.push_back({"a backup is under way", false,
                       [this](Life& life) {
                           copyMade(life);
                           fatten(life.file(), 150);
                           fs::create_directories(life.folder / "kept");
                           const auto set = testkit::runProgram(life.of(
                               {QStringLiteral("policy"), QStringLiteral("set"), QStringLiteral("backup.folder"),
                                text(life.folder / "kept"), QStringLiteral("--reason"), QStringLiteral("test")}));
                           life.start(life.headless());
                           if (set.code != 0 || !life.isReady()) {
                               return false;
                           }
                           life.ask({QStringLiteral("jobs"), QStringLiteral("run"), QStringLiteral("backup")});
                           return comes([&] { return hasFileLike(life.folder / "kept", ".part"); });
                       },
                       [](const Life& life) { QVERIFY(fs::is_empty(life.folder / "kept")); }});
    const auto works = [this](const QStringList& words, const char* job) {
        return [this, words, job](Life& life) {
            copyMade(life);
            life.start(life.headless());
            if (!life.isReady()) {
                return false;
            }
            life.ask(words);
            return comes([&] { return life.isRunning(job); });
        };
    };
    phases_.push_back({"a model is trained", false,
                       works({QStringLiteral("retrain"), QStringLiteral("gbt_5m"), QStringLiteral("--reason"),
                              QStringLiteral("test")},
                             "retrain")});
    phases_.push_back({"the market is replayed, for the noise null", false,
                       works({QStringLiteral("jobs"), QStringLiteral("run"), QStringLiteral("null")}, "null")});
}

void SigtermTest::addEnd()
{
    phases_.push_back({"it is closing already",
                       true,
                       [this](Life& life) {
                           copyMade(life);
                           life.start(life.headless());
                           return life.isReady();
                       },
                       {},
                       6});
    phases_.push_back({"its window is open", false, [this](Life& life) {
                           copyMade(life);
                           qputenv("QT_QPA_PLATFORM", "offscreen");
                           life.start(life.of({QStringLiteral("--api-port"), QStringLiteral("0")}) + life.feed);
                           return comes([&] { return hasFileLike(life.folder, ".db-wal"); });
                       }});
}

void SigtermTest::itEndsWellInEachPhase_data()
{
    QTest::addColumn<int>("which");
    for (std::size_t i = 0; i < phases_.size(); ++i) {
        if (isAll_ || phases_[i].isQuick) {
            QTest::newRow(phases_[i].name) << static_cast<int>(i);
        }
    }
}

void SigtermTest::itEndsWellInEachPhase()
{
    QFETCH(int, which);
    const auto& phase = phases_[static_cast<std::size_t>(which)];
    const QTemporaryDir folder;
    QStringList feed;
    {
        Life life;
        life.folder = folder.path().toStdString();
        const bool isThere = phase.reach(life);
        QVERIFY2(isThere && life.service->program.state() == QProcess::Running,
                 life.service ? life.service->program.readAllStandardError().constData() : "it was not started");
        QElapsedTimer since;
        since.start();
        for (int i = 0; i < phase.signals; ++i) {
            life.service->tell(SIGTERM);
            std::this_thread::sleep_for(std::chrono::milliseconds(phase.signals > 1 ? 10 : 0));
        }
        const bool hasEnded = life.service->hasEnded(endsWithin);
        QVERIFY2(hasEnded, qPrintable(QStringLiteral("state %1, exit code %2: %3")
                                          .arg(life.service->program.state())
                                          .arg(life.service->program.exitCode())
                                          .arg(QString::fromUtf8(life.service->program.readAllStandardError()))));
        qInfo("ended after %lld ms", since.elapsed());
        for (const auto& asked : life.beside) { // who asked is told, and ends too
            QVERIFY(asked->waitForFinished(endsWithin));
        }
        if (phase.check) {
            phase.check(life);
        }
        const auto verified = testkit::runProgram(life.of({QStringLiteral("verify")}) + life.feed.first(2));
        QVERIFY2(verified.code == 0, qPrintable(verified.error));
        feed = life.feed;
    }
    Life next;
    next.folder = folder.path().toStdString();
    next.feed = feed;
    next.start(next.headless({QStringLiteral("--history"), QStringLiteral("1")}));
    QVERIFY2(next.isReady(), next.service->program.readAllStandardError().constData());
    QVERIFY2(next.service->endsCleanly(), next.service->program.readAllStandardError().constData());
}

QTEST_GUILESS_MAIN(SigtermTest)
#include "sigterm_test.moc"
