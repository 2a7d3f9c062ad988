// Doctor: every rule at, under and over its edge, a check that throws, a folder with nothing, with a database, with one
// of a newer program. Support: a ZIP that a stranger may read.
#include "engines/data_folder.h"
#include "engines/doctor.h"
#include "engines/owner_socket.h"
#include "engines/support_archive.h"
#include "storage/backup_store.h"
#include "storage/database.h"
#include "storage/policy_store.h"
#include "unit/storage/storage_testkit.h"

#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <stdexcept>

#include <sys/stat.h>

using namespace qd;
using namespace qd::engines;
using testkit::good;

namespace {

constexpr std::uint64_t mb = 1'000'000;
constexpr std::uint64_t gb = 1'000 * mb;

class Folder {
public:
    [[nodiscard]] std::filesystem::path path(const char* name) const
    {
        return folder_.filePath(QLatin1String(name)).toStdString();
    }
    [[nodiscard]] DoctorOptions options() const
    {
        return {.dataDir = folder_.path().toStdString(),
                .database = path("demo.db"),
                .feed = "demo",
                .apiPort = 1, // nobody's
                .asksNetwork = false,
                .now = base::SystemClock().now()};
    }
    void makeDatabase() const { good(storage::Database::open(path("demo.db"), storage::Database::Mode::ReadWrite)); }
    void write(const char* name, const QByteArray& text, QFile::Permissions may) const
    {
        QFile file(folder_.filePath(QLatin1String(name)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        QVERIFY(file.setPermissions(may));
    }

private:
    QTemporaryDir folder_;
};

constexpr auto mine = QFile::ReadOwner | QFile::WriteOwner;

DoctorRow rowOf(const std::vector<DoctorRow>& rows, const std::string& check)
{
    const auto found = std::ranges::find(rows, check, &DoctorRow::check);
    return found == rows.end() ? DoctorRow{.check = "none", .finding = Finding::Fail} : *found;
}

Finding findingOf(const Folder& folder, const std::string& check)
{
    return rowOf(examine(doctorChecks(folder.options())), check).finding;
}

} // namespace

class DoctorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rulesAtTheirEdges();
    void limitsAreThoseInForce();
    void locksAreReadOfTheKernelsList();
    void aCheckThatThrowsIsARow();
    void everyRowSaysWhyAndWhatToDo();
    void anEmptyFolderIsNoFailure();
    void aDatabaseIsLookedAt();
    void aNewerDatabaseAndADamagedOneAreSaid();
    void filesThatOthersMayReadAreSaid();
    void aNewDataFolderIsItsUsersAlone();
    void secretsAreTakenOut_data();
    void secretsAreTakenOut();
    void theArchiveHoldsNoSecret();
    void theLogIsOfTheServiceAndOfAWindow();
};

void DoctorTest::rulesAtTheirEdges()
{
    QCOMPARE(judgeFree(200 * mb - 1, 100 * gb).finding, Finding::Fail);
    QCOMPARE(judgeFree(200 * mb, 100 * gb).finding, Finding::Warn);
    QCOMPARE(judgeFree(2 * gb - 1, 30 * gb).finding, Finding::Warn);
    QCOMPARE(judgeFree(2 * gb, 30 * gb).finding, Finding::Ok);
    QCOMPARE(judgeFree(5 * gb - 1, 100 * gb).finding, Finding::Warn); // under 5%
    QCOMPARE(judgeFree(5 * gb, 100 * gb).finding, Finding::Ok);
    QCOMPARE(judgeMemory(gb - 1, 10 * gb).finding, Finding::Warn);
    QCOMPARE(judgeMemory(gb, 10 * gb).finding, Finding::Ok);
    QCOMPARE(judgeLog(256 * mb).finding, Finding::Ok);
    QCOMPARE(judgeLog(256 * mb + 1).finding, Finding::Warn);
    QCOMPARE(judgeTemperature(84.9, "", {}).finding, Finding::Ok);
    QCOMPARE(judgeTemperature(85, "", {}).finding, Finding::Warn);
    QCOMPARE(judgeTemperature(94.9, "", {}).finding, Finding::Warn);
    QCOMPARE(judgeTemperature(95, "", {}).finding, Finding::Fail);
    QCOMPARE(judgeSecret("k", 0100600).finding, Finding::Ok);
    QCOMPARE(judgeSecret("k", 0100640).finding, Finding::Fail);
    QCOMPARE(judgeSecret("k", 0100601).finding, Finding::Fail);
    QCOMPARE(judgeSecret("k", 0120600).finding, Finding::Fail); // a link
    QCOMPARE(judgeOffset(base::Millis{2'000}, {}).finding, Finding::Ok);
    QCOMPARE(judgeOffset(base::Millis{2'001}, {}).finding, Finding::Fail);
    QCOMPARE(judgeOffset(base::Millis{-2'001}, {}).finding, Finding::Fail);
    QCOMPARE(judgeGaps(10, {}).finding, Finding::Ok);
    QCOMPARE(judgeGaps(11, {}).finding, Finding::Warn);
    QCOMPARE(judgeGaps(1, {}).what, std::string("1 interruption in the last 24 h"));
}

void DoctorTest::limitsAreThoseInForce()
{
    const Folder folder;
    QVERIFY(limitsInForce(folder.options()).empty()); // no database: the defaults
    {
        auto database = good(storage::Database::open(folder.path("demo.db"), storage::Database::Mode::ReadWrite));
        storage::PolicyStore store(database);
        good(store.set("health.cpu_temp_c", 70));
        good(store.set("health.cpu_temp_critical_c", 80));
        good(store.set("health.clock_s", 5));
        good(store.set("health.gaps_a_day", 2));
    }
    const auto policy = limitsInForce(folder.options());
    QCOMPARE(judgeTemperature(69.9, "", policy).finding, Finding::Ok);
    QCOMPARE(judgeTemperature(70, "", policy).finding, Finding::Warn);
    QCOMPARE(judgeTemperature(79.9, "", policy).finding, Finding::Warn);
    QCOMPARE(judgeTemperature(80, "", policy).finding, Finding::Fail);
    QCOMPARE(judgeOffset(base::Millis{5'000}, policy).finding, Finding::Ok);
    QCOMPARE(judgeOffset(base::Millis{5'001}, policy).finding, Finding::Fail);
    QCOMPARE(judgeGaps(2, policy).finding, Finding::Ok);
    QCOMPARE(judgeGaps(3, policy).finding, Finding::Warn);
    folder.write("demo.db", "no database", mine);
    QVERIFY(limitsInForce(folder.options()).empty()); // cannot be read: the defaults
}

void DoctorTest::locksAreReadOfTheKernelsList()
{
    const std::string locks = "1: POSIX  ADVISORY  READ  1200 fe:01:77 128 128\n"
                              "2: FLOCK  ADVISORY  WRITE 4711 fe:01:77 0 EOF\n"
                              "2: -> FLOCK  ADVISORY  WRITE 4712 fe:01:77 0 EOF\n"
                              "3: FLOCK  ADVISORY  READ  4713 fe:01:78 0 EOF\n"
                              "nonsense\n\n";
    QCOMPARE(lockHolder(locks, 77), std::optional(4711));
    QCOMPARE(lockHolder(locks, 7), std::optional<int>());  // the end of a number is another number
    QCOMPARE(lockHolder(locks, 78), std::optional<int>()); // a reader's
    QCOMPARE(lockHolder("", 77), std::optional<int>());
}

void DoctorTest::aCheckThatThrowsIsARow()
{
    const std::vector<DoctorCheck> checks{
        {"one", "why", []() -> DoctorRow { throw std::runtime_error("the sky fell"); }},
        {"two", "because", [] { return judgeGaps(0, {}); }}};
    const auto rows = examine(checks);
    QCOMPARE(rows.size(), std::size_t{2});
    QVERIFY(rows[0].finding == Finding::Fail && rows[0].what.contains("the sky fell") && !rows[0].todo.empty());
    QVERIFY(rows[1].check == "two" && rows[1].finding == Finding::Ok && rows[1].why == "because");
}

void DoctorTest::everyRowSaysWhyAndWhatToDo()
{
    const Folder folder;
    folder.makeDatabase();
    const auto rows = examine(doctorChecks(folder.options()));
    QVERIFY(rows.size() >= 20);
    for (const auto& row : rows) {
        QVERIFY2(!row.check.empty() && !row.what.empty() && !row.why.empty(), row.check.c_str());
        const bool isWell = row.finding == Finding::Ok || row.finding == Finding::Skip;
        QVERIFY2(isWell == row.todo.empty(), row.check.c_str());
    }
    const auto text = doctorText(rows);
    QCOMPARE(std::ranges::count(text, '\n') >= static_cast<std::ptrdiff_t>(rows.size()), true);
}

void DoctorTest::anEmptyFolderIsNoFailure()
{
    const Folder folder;
    auto options = folder.options();
    for (const auto& where : {options.dataDir, options.dataDir / "not" / "there"}) {
        options.dataDir = where;
        options.database = where / "demo.db";
        for (const auto& row : examine(doctorChecks(options))) {
            const bool isOfTheMachine =
                row.check == "disk space" || row.check == "service" || row.check == "temperature";
            QVERIFY2(isOfTheMachine || row.finding != Finding::Fail, (row.check + ": " + row.what).c_str());
        }
    }
    QVERIFY(!std::filesystem::exists(folder.path("not"))); // it changed nothing
    QVERIFY(!std::filesystem::exists(folder.path("demo.db.lock")));
}

void DoctorTest::aDatabaseIsLookedAt()
{
    const Folder folder;
    folder.makeDatabase();
    auto rows = examine(doctorChecks(folder.options()));
    QCOMPARE(rowOf(rows, "database").finding, Finding::Ok);
    QCOMPARE(rowOf(rows, "database pages").finding, Finding::Ok);
    QCOMPARE(rowOf(rows, "owner").finding, Finding::Ok);
    QCOMPARE(rowOf(rows, "engines").finding, Finding::Skip);
    QCOMPARE(rowOf(rows, "backups").finding, Finding::Warn); // no folder is chosen
    QCOMPARE(rowOf(rows, "exchange").finding, Finding::Skip);
    auto writer = good(storage::Database::open(folder.path("demo.db"), storage::Database::Mode::ReadWrite));
    QVERIFY(rowOf(examine(doctorChecks(folder.options())), "owner").what.contains(std::to_string(::getpid())));
    good(writer.begin());
    good(storage::PolicyStore(writer).setText("backup.folder", folder.options().dataDir.string()));
    good(writer.commit(true));
    rows = examine(doctorChecks(folder.options()));
    QCOMPARE(rowOf(rows, "backups").finding, Finding::Fail); // chosen, and there is none
    const auto made = "'quarterdeck backup " + folder.options().dataDir.string() + "'";
    QVERIFY2(rowOf(rows, "backups").todo.contains(made), rowOf(rows, "backups").todo.c_str());
    {
        const auto socket = good(OwnerSocket::open(folder.path("demo.db"), [](const QJsonObject&, const auto&) {
            return QJsonObject{{QStringLiteral("process"), 7}};
        }));
        const auto todo = rowOf(examine(doctorChecks(folder.options())), "backups").todo;
        QVERIFY2(todo.contains("'quarterdeck jobs run backup'"), todo.c_str()); // a console does it
    }
    good(writer.begin());
    const auto backup = [&](base::Millis ago) {
        return health::BackupRow{.id = 0,
                                 .began = folder.options().now - ago,
                                 .by = "schedule",
                                 .file = "/x",
                                 .bytes = 1,
                                 .proof = "all",
                                 .error = {}};
    };
    good(storage::BackupStore(writer).add(backup(base::Millis{3'600'000})));
    good(writer.commit(true));
    QCOMPARE(findingOf(folder, "backups"), Finding::Ok);
    good(writer.begin());
    good(storage::PolicyStore(writer).setText("backup.folder", "/no/such/folder"));
    good(writer.commit(true));
    QCOMPARE(findingOf(folder, "backups"), Finding::Fail);
}

void DoctorTest::aNewerDatabaseAndADamagedOneAreSaid()
{
    const Folder folder;
    folder.makeDatabase();
    {
        auto writer = good(storage::Database::open(folder.path("demo.db"), storage::Database::Mode::ReadWrite));
        good(writer.run("PRAGMA user_version=9999"));
    }
    QCOMPARE(findingOf(folder, "database"), Finding::Fail);
    const Folder other;
    other.write("demo.db", QByteArray(8'192, 'x'), mine);
    QCOMPARE(findingOf(other, "database"), Finding::Fail);
}

void DoctorTest::filesThatOthersMayReadAreSaid()
{
    const Folder folder;
    QCOMPARE(findingOf(folder, "API token"), Finding::Skip);
    folder.write("api-token", "0123456789abcdef", mine);
    QCOMPARE(findingOf(folder, "API token"), Finding::Ok);
    folder.write("api-token", "0123456789abcdef", mine | QFile::ReadOther);
    QCOMPARE(findingOf(folder, "API token"), Finding::Fail);
}

void DoctorTest::aNewDataFolderIsItsUsersAlone()
{
    const Folder folder;
    const auto modeOf = [](const std::filesystem::path& path) { return std::filesystem::status(path).permissions(); };
    using enum std::filesystem::perms;
    const auto before = ::umask(0); // the widest that anybody has
    const auto made = makeDataDir(folder.path("above") / "data");
    ::umask(before);
    QVERIFY(made);
    QCOMPARE(modeOf(folder.path("above") / "data"), owner_all);
    std::filesystem::permissions(folder.path("above") / "data", owner_all | group_read | group_exec);
    QVERIFY(makeDataDir(folder.path("above") / "data"));
    QCOMPARE(modeOf(folder.path("above") / "data"), owner_all | group_read | group_exec); // the operator's own choice
    folder.write("file", "x", mine);
    QCOMPARE(makeDataDir(folder.path("file") / "data").error().code, base::ErrorCode::Io);
}

void DoctorTest::secretsAreTakenOut_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("left");
    const auto row = [](const char* text, const char* left) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(left);
    };
    row("the token is s3cr3t-t0ken!", "the token is (hidden)!");
    row("/home/ann/data of ann-marie", "~/data of (user)-marie");
    row("Authorization: Bearer abc.def", "Authorization: Bearer (hidden)");
    row("https://hooks.example.com/T0/B1/xyz?k=v now", "https://hooks.example.com/(hidden) now");
    row("https://ann:pw@example.com", "https://example.com");
    row("wss://u:p@feed.example.com/ws", "wss://feed.example.com/(hidden)");
    row("see https://openapi.blofin.com/api/v1/market", "see https://openapi.blofin.com/api/v1/market");
    row("on http://127.0.0.1:8888/metrics", "on http://127.0.0.1:8888/metrics");
    row("http://127.0.0.1:8888/x?token=1", "http://127.0.0.1:8888/(hidden)");
    row("-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY----- end", "(hidden) end");
    row("-----BEGIN PRIVATE KEY-----\nMC4 and no end", "(hidden)");
    row("0123456789012345678901234567890123456789", "(hidden)");                               // 40 digits
    row("012345678901234567890123456789012345678", "012345678901234567890123456789012345678"); // 39
    row("nothing of it", "nothing of it");
}

void DoctorTest::secretsAreTakenOut()
{
    QFETCH(QString, text);
    QFETCH(QString, left);
    const Secrets secrets{.words = {"s3cr3t-t0ken"}, .home = "/home/ann", .user = "ann"};
    QCOMPARE(QString::fromStdString(redacted(text.toStdString(), secrets)), left);
    QVERIFY(isSecretName("alerts.webhook_secret") && isSecretName("alerts.heartbeat_url") && isSecretName("API_TOKEN"));
    QVERIFY(!isSecretName("prune.min_trades") && !isSecretName("backup.folder"));
}

void DoctorTest::theArchiveHoldsNoSecret()
{
    const Folder folder;
    folder.makeDatabase();
    const QByteArray token = "feedfacefeedfacefeedface";
    const QByteArray secret = "5ecre70fa1ert5";
    folder.write("api-token", token, mine);
    folder.write("alerts-secret", secret + " \n", mine);
    {
        auto writer = good(storage::Database::open(folder.path("demo.db"), storage::Database::Mode::ReadWrite));
        good(writer.begin());
        good(storage::PolicyStore(writer).setText("backup.folder", "/mnt/" + token.toStdString()));
        good(storage::PolicyStore(writer).setText("health.watched_units", secret.toStdString() + ".service"));
        good(writer.commit(true));
    }
    const auto files = supportFiles(folder.options(), "test");
    const auto zip = folder.path("help.zip");
    good(writeZip(zip, files, folder.options().now));
    QCOMPARE(writeZip(zip, files, folder.options().now).error().code, base::ErrorCode::AlreadyExists);
    QVERIFY(!std::filesystem::exists(zip.string() + ".part"));
    QCOMPARE(QFileInfo(QString::fromStdString(zip.string())).permissions() & (QFile::ReadOther | QFile::ReadGroup),
             QFile::Permissions());
    QProcess python; // another reader of ZIP files than our writer
    python.start(QStringLiteral("python3"),
                 {QStringLiteral("-c"),
                  QStringLiteral("import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n"
                                 "for n in z.namelist(): print('==',n); print(z.read(n).decode())"),
                  QString::fromStdString(zip.string())});
    if (!python.waitForStarted()) {
        QSKIP("python3 is not installed");
    }
    QVERIFY(python.waitForFinished(60'000));
    const auto text = python.readAllStandardOutput();
    QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
    for (const char* part : {"README.txt", "version.txt", "doctor.txt", "owner.txt", "log.txt", "policy.txt",
                             "schema.sql", "tables.txt", "prune.min_trades=30", "CREATE TABLE journal",
                             "backup.folder=/mnt/(hidden)", "health.watched_units=(hidden).service"}) {
        QVERIFY2(text.contains(part), part);
    }
    QVERIFY(!text.contains(token) && !text.contains(secret));
    QVERIFY(!writeZip(folder.path("no") / "such" / "help.zip", files, folder.options().now));
}

void DoctorTest::theLogIsOfTheServiceAndOfAWindow()
{
    const Folder folder;
    const auto path = qgetenv("PATH");
    qputenv("PATH", QByteArray::fromStdString(folder.options().dataDir.string()) + ':' + path);
    const auto logOf = [&](const QByteArray& script) {
        folder.write("journalctl", "#!/bin/sh\n" + script, mine | QFile::ExeOwner);
        for (const auto& file : supportFiles(folder.options(), "test")) {
            if (file.name == "log.txt") {
                return file.text;
            }
        }
        return std::string();
    };
    const auto asked = logOf("echo \"$@\"\n");
    const auto none = logOf("exit 1\n");
    qputenv("PATH", path);
    // By the program's name, which a window that the desktop started has too; and what systemd says of the service.
    QVERIFY2(asked.contains("_COMM=quarterdeck + _SYSTEMD_USER_UNIT=quarterdeck.service + USER_UNIT="), asked.c_str());
    QVERIFY2(none.contains("The journal has no log of a console"), none.c_str());
}

QTEST_GUILESS_MAIN(DoctorTest)
#include "doctor_test.moc"
