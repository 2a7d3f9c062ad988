// The file: one writer, migrations with a backup, refusal of what is newer or strange, read-only files, a full disk,
// and writers that are killed.
#include "storage/schema_migrator.h"
#include "storage/sqlite_errors.h"
#include "storage_testkit.h"
#include "testkit/full_disk.h"

#include <QFile>

#include <sqlite3.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;

namespace {

std::string bytesOf(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Raw { // a plain connection, to make files that Database would not
    explicit Raw(const std::filesystem::path& file) { sqlite3_open(file.c_str(), &db); }
    ~Raw() { sqlite3_close(db); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    void run(const char* sql) const
    {
        if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
            qFatal("%s: %s", sql, sqlite3_errmsg(db));
        }
    }
    sqlite3* db = nullptr;
};

std::int64_t numberOf(const std::filesystem::path& file, const char* sql)
{
    const Raw raw(file);
    std::int64_t value = -1;
    sqlite3_exec(
        raw.db, sql,
        [](void* out, int, char** row, char**) {
            *static_cast<std::int64_t*>(out) = std::stoll(row[0]);
            return 0;
        },
        &value, nullptr);
    return value;
}

ErrorCode failureOf(const std::filesystem::path& file, Database::Mode mode = Database::Mode::ReadWrite)
{
    const auto opened = Database::open(file, mode);
    return opened ? ErrorCode::Internal : opened.error().code;
}

/// What a killed writer had been told is committed, and what is there.
struct Crash {
    std::int64_t acknowledged = 0;
    bool wasKilled = false;
};

/// Commits ticks in small steps and tells `pipe` the newest id after each commit, until it is killed.
[[noreturn]] void writeUntilKilled(const std::filesystem::path& file, int pipe, std::int64_t from)
{
    auto database = good(Database::open(file, Database::Mode::ReadWrite));
    TickArchiveWriter writer(database);
    for (std::int64_t next = from;; next += 400) {
        good(database.begin());
        good(writer.append({1}, ticksFrom(next, 400)));
        good(database.commit(next % 800 == 1));
        const std::int64_t last = next + 399;
        if (::write(pipe, &last, sizeof last) != sizeof last) {
            ::_exit(1);
        }
    }
}

Crash crashAfter(const std::filesystem::path& file, std::int64_t from, std::int64_t acknowledgements)
{
    int ends[2];
    if (::pipe(ends) != 0) {
        qFatal("pipe");
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        writeUntilKilled(file, ends[1], from);
    }
    ::close(ends[1]);
    Crash crash;
    std::int64_t last = 0;
    for (std::int64_t i = 0; i < acknowledgements && ::read(ends[0], &last, sizeof last) == sizeof last; ++i) {
        crash.acknowledged = last;
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &last, sizeof last) == sizeof last) { // what it said before it died counts
        crash.acknowledged = last;
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    crash.wasKilled = WIFSIGNALED(status);
    return crash;
}

} // namespace

class DatabaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFreshFileHasTheSchemaAndSettings()
    {
        Store store;
        const auto known = static_cast<std::int64_t>(embeddedMigrations().size());
        QCOMPARE(good(store->number("PRAGMA user_version")), known);
        QCOMPARE(good(store->number("PRAGMA application_id")), std::int64_t{applicationId});
        QCOMPARE(good(store->number("PRAGMA page_size")), 4'096);
        QCOMPARE(good(store->number("PRAGMA auto_vacuum")), 2);
        QCOMPARE(good(store->number("SELECT count(*) FROM schema_migrations WHERE length(description)>5")), known);
        QCOMPARE(good(store->number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'")), 1);
        const auto folder = store.file().parent_path();
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            QVERIFY2(entry.path().string().find("before-migration") == std::string::npos, "nothing to back up");
        }
    }

    void migrationsAreNumberedFromOneWithoutHoles()
    {
        int expected = 0;
        for (const auto& step : embeddedMigrations()) {
            QCOMPARE(step.number, ++expected);
            QVERIFY(!step.description.empty() && !step.sql.empty());
        }
    }

    void anOlderDatabaseIsBackedUpAndMigrated()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("old.db")).toStdString();
        {
            const Raw raw(file);
            good(migrate(raw.db, file, embeddedMigrations().first(2)));
            raw.run("INSERT INTO equity VALUES(1,2)");
        }
        QCOMPARE(failureOf(file, Database::Mode::ReadOnly), ErrorCode::Unsupported); // a reader changes nothing
        {
            auto database = good(Database::open(file, Database::Mode::ReadWrite));
            QCOMPARE(good(database.number("SELECT equity FROM equity")), 2);
            QCOMPARE(good(database.number("SELECT count(*) FROM journal")), 0);
        }
        const auto backup = backupBeforeMigration(file, 3);
        QCOMPARE(backup.filename().string(), std::string("old.before-migration-3.db"));
        QCOMPARE(numberOf(backup, "PRAGMA user_version"), 2);
        QCOMPARE(numberOf(backup, "SELECT equity FROM equity"), 2);
    }

    void aFailedMigrationLeavesTheVersionBefore()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.db")).toStdString();
        const Raw raw(file);
        const std::array steps{Migration{1, "one", "CREATE TABLE a(x)"},
                               Migration{2, "two", "CREATE TABLE b(x); CREATE TABLE a(x)"}};
        QVERIFY(!migrate(raw.db, file, steps));
        QCOMPARE(good(schemaVersion(raw.db, 2)), 1);
        raw.run("CREATE TABLE b(x)"); // nothing of step 2 is there
        raw.run("DROP TABLE b");
        const std::array mended{steps[0], Migration{2, "two", "CREATE TABLE b(x)"}};
        good(migrate(raw.db, file, mended));
        QCOMPARE(good(schemaVersion(raw.db, 2)), 2);
        good(migrate(raw.db, file, mended)); // nothing left to do
    }

    void aNewerDatabaseIsRefusedAndNotTouched()
    {
        Store store;
        good(store->run("PRAGMA user_version=9999"));
        good(store->checkpoint());
        store.close();
        const auto before = bytesOf(store.file());
        QCOMPARE(failureOf(store.file()), ErrorCode::NewerDatabase);
        QCOMPARE(failureOf(store.file(), Database::Mode::ReadOnly), ErrorCode::NewerDatabase);
        QVERIFY(bytesOf(store.file()) == before);
    }

    void anotherProgramsDatabaseIsRefused()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("other.db")).toStdString();
        {
            const Raw raw(file);
            raw.run("CREATE TABLE notes(x)");
        }
        const auto before = bytesOf(file);
        QCOMPARE(failureOf(file), ErrorCode::Conflict);
        QVERIFY(bytesOf(file) == before);
    }

    void whatIsNoDatabaseIsDamaged()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("text.db")).toStdString();
        std::ofstream(file) << std::string(10'000, 'x');
        QCOMPARE(failureOf(file), ErrorCode::Damaged);
        QCOMPARE(failureOf(file, Database::Mode::ReadOnly), ErrorCode::Damaged);
        QCOMPARE(bytesOf(file), std::string(10'000, 'x'));
        const auto told = Database::open(file, Database::Mode::ReadOnly).error();
        QCOMPARE(told.subject, file.string());
        QVERIFY2(told.detail.find("it is no database") != std::string::npos, told.detail.c_str());
        QVERIFY2(told.detail.find("PRAGMA") == std::string::npos, told.detail.c_str()); // no words of SQL
        QVERIFY(base::sentence(told).ends_with("'quarterdeck verify' says what is damaged and how to mend it."));
    }

    void ofAFolderThatCannotBeWrittenTheReaderIsToldToCopy()
    {
        if (::geteuid() == 0) {
            QSKIP("root may write in every folder");
        }
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("kept.db")).toStdString();
        {
            const Store made(file);
        }
        const auto all = std::filesystem::perms::owner_all;
        std::filesystem::permissions(folder.path().toStdString(), all & ~std::filesystem::perms::owner_write);
        const auto opened = Database::open(file, Database::Mode::ReadOnly);
        std::filesystem::permissions(folder.path().toStdString(), all);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::ReadOnly);
        QVERIFY2(opened.error().detail.find("into a folder of your own") != std::string::npos,
                 opened.error().detail.c_str());
    }

    void aReaderWantsTheFileToExistAndAWriterItsFolder()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("none.db")).toStdString();
        QCOMPARE(failureOf(file, Database::Mode::ReadOnly), ErrorCode::NotFound);
        QVERIFY(!std::filesystem::exists(file));
        QCOMPARE(failureOf(file / "deeper" / "x.db"), ErrorCode::NotFound);
    }

    void aFileMarkedReadOnlyIsRefusedForWriting()
    {
        Store store;
        store.close();
        std::filesystem::permissions(store.file(), std::filesystem::perms::owner_read);
        QCOMPARE(failureOf(store.file()), ErrorCode::ReadOnly);
        QVERIFY(Database::open(store.file(), Database::Mode::ReadOnly).has_value());
    }

    void aReaderCannotWrite()
    {
        Store store;
        auto reader = good(Database::open(store.file(), Database::Mode::ReadOnly));
        QCOMPARE(reader.run("INSERT INTO equity(time,equity) VALUES(1,1)").error().code, ErrorCode::ReadOnly);
    }

    void theSecondWriterIsToldWhoTheFirstIs()
    {
        Store store;
        const auto second = Database::open(store.file(), Database::Mode::ReadWrite);
        QCOMPARE(second.error().code, ErrorCode::Busy);
        QVERIFY(second.error().detail.find(std::to_string(::getpid())) != std::string::npos);
        QVERIFY(Database::open(store.file(), Database::Mode::ReadOnly).has_value());
        store.close();
        QVERIFY(Database::open(store.file(), Database::Mode::ReadWrite).has_value()); // closed again at once
        store.reopen();
    }

    void aLockFileLeftBehindIsNoObstacle()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.db")).toStdString();
        std::ofstream(file.string() + ".lock") << "999999999\n";
        auto database = good(Database::open(file, Database::Mode::ReadWrite));
        QCOMPARE(bytesOf(file.string() + ".lock"), std::to_string(::getpid()) + "\n");
    }

    void aFileMadeInOneGoIsThereWholeOrNotAtAll()
    {
        const QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "made.db";
        const auto part = file.string() + ".part";
        std::ofstream(part) << "what a killed process left";
        {
            auto database = good(Database::create(file));
            QVERIFY(std::filesystem::exists(part) && !std::filesystem::exists(file));
            QCOMPARE(Database::create(file).error().code, ErrorCode::Busy); // somebody makes it just now
            QVERIFY(std::filesystem::exists(part));
        } // not finished
        QVERIFY(std::filesystem::is_empty(file.parent_path()));
        {
            auto database = good(Database::create(file));
            good(database.begin());
            good(database.run("INSERT INTO equity(time,equity) VALUES(1,2)"));
            database.rollback();
            good(database.begin());
            for (int i = 1; i <= 100'000; ++i) { // more than the cache holds
                good(database.run("INSERT INTO equity(time,equity) VALUES(" + std::to_string(i) + ",7)"));
            }
            good(database.commit(false));
            good(database.finish());
        }
        QVERIFY(std::filesystem::exists(file) && !std::filesystem::exists(part));
        QCOMPARE(numberOf(file, "SELECT count(*) FROM equity WHERE equity=7"), std::int64_t{100'000});
        QCOMPARE(numberOf(file, "PRAGMA page_size"), std::int64_t{4096});
        QCOMPARE(numberOf(file, "PRAGMA auto_vacuum"), std::int64_t{2});
        const auto bytes = bytesOf(file);
        QCOMPARE(Database::create(file).error().code, ErrorCode::Conflict);
        QCOMPARE(bytesOf(file), bytes);
        Store later(file); // as any other: current schema, write-ahead log
        QCOMPARE(good(later->number("SELECT max(number) FROM schema_migrations")),
                 std::int64_t{embeddedMigrations().back().number});
        QCOMPARE(Database::create(file.parent_path() / "none" / "made.db").error().code,
                 failureOf(file.parent_path() / "none" / "made.db"));
    }

    void aViewIsBoundWithoutACopy()
    {
        Store store;
        auto statement = good(store->prepare("SELECT ?,length(?)"));
        const std::string text = "words that lie elsewhere";
        QVERIFY(good(statement.bindView(0, text).bindView(1, {}).step()));
        QCOMPARE(statement.text(0), std::string_view(text));
        QCOMPARE(statement.integer(1), std::int64_t{0}); // empty, not NULL
        QVERIFY(!statement.isNull(1));
    }

    void transactionsCommitDurablyOrNotAndRollBack()
    {
        Store store;
        for (const bool durable : {false, true}) {
            good(store->begin());
            good(store->run("INSERT INTO equity(time,equity) VALUES(" + std::to_string(durable ? 1 : 0) + ",7)"));
            good(store->commit(durable));
        }
        good(store->begin());
        good(store->run("DELETE FROM equity"));
        store->rollback();
        store->rollback(); // once more does nothing
        QCOMPARE(good(store->number("SELECT count(*) FROM equity")), 2);
        QVERIFY(store->walBytes() > 0);
        good(store->checkpoint());
        QCOMPARE(store->walBytes(), 0U);
        QVERIFY(store->fileBytes() >= 4'096 * 10);
    }

    void aCheckpointDoesNotWaitForReaders()
    {
        Store store;
        auto reader = good(Database::open(store.file(), Database::Mode::ReadOnly));
        good(reader.run("BEGIN"));
        QCOMPARE(good(reader.number("SELECT count(*) FROM equity")), 0);
        good(store->run("INSERT INTO equity(time,equity) VALUES(1,1)"));
        good(store->checkpoint());
        QCOMPARE(good(reader.number("SELECT count(*) FROM equity")), 0);
        good(reader.run("COMMIT"));
        QCOMPARE(good(reader.number("SELECT count(*) FROM equity")), 1);
    }

    void statementsBindAndReadEveryType()
    {
        Store store;
        good(store->run("CREATE TEMP TABLE t(a,b,c,d,e)"));
        auto in = good(store->prepare("INSERT INTO t VALUES(?,?,?,?,?)"));
        using namespace std::string_view_literals;
        good(in.bind(0, std::int64_t{INT64_MIN}).bind(1, 0.5).bind(2, "a\0b"sv).bindBlob(3, ""sv).bindNull(4).run());
        auto out = good(store->prepare("SELECT a,b,c,d,e,typeof(d) FROM t"));
        QVERIFY(good(out.step()));
        QCOMPARE(out.integer(0), std::int64_t{INT64_MIN});
        QCOMPARE(out.real(1), 0.5);
        QVERIFY(out.text(2) == "a\0b"sv);
        QVERIFY(out.blob(3).empty() && out.text(5) == "blob"sv && !out.isNull(3));
        QVERIFY(out.isNull(4));
        QVERIFY(!good(out.step()));
        QCOMPARE(in.bind(9, std::int64_t{1}).run().error().code, ErrorCode::Internal); // there is no parameter 9
        QCOMPARE(store->prepare("SELEKT").error().code, ErrorCode::Internal);
        QCOMPARE(good(store->number("SELECT a FROM t WHERE 0")), 0);
    }

    void aWriterKilledAtAnyMomentLosesNothingThatWasAcknowledged()
    {
        Store store;
        store.add("BTC-USDT");
        store.close();
        std::mt19937_64 random(20'251'125);
        std::int64_t next = 1;
        for (int round = 0; round < 6; ++round) {
            const auto crash = crashAfter(store.file(), next, 5 + static_cast<std::int64_t>(random() % 80));
            QVERIFY(crash.wasKilled && crash.acknowledged >= next);
            store.reopen(); // the dead writer's lock is no obstacle
            QVERIFY(good(TickArchive(*store).verify()).empty());
            QVERIFY(good(store->number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'")) == 1);
            const auto summary = good(TickArchive(*store).summary({1}));
            QVERIFY(summary.lastId >= crash.acknowledged);
            QCOMPARE(summary.lastId % 400, 0); // whole transactions only
            QCOMPARE(summary.ticks, static_cast<std::uint64_t>(summary.lastId));
            next = summary.lastId + 1;
            store.close();
        }
    }

    void aWriterKilledWhileItMadeTheFileIsNoObstacle()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.db")).toStdString();
        const pid_t child = ::fork();
        if (child == 0) { // leaves a page and the journal that takes it back
            sqlite3* db = nullptr;
            sqlite3_open(file.c_str(), &db);
            sqlite3_exec(db, "PRAGMA cache_size=1;BEGIN;CREATE TABLE x(y);INSERT INTO x VALUES(randomblob(900000))",
                         nullptr, nullptr, nullptr);
            sqlite3_db_cacheflush(db);
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QVERIFY(std::filesystem::file_size(file) > 0);
        QVERIFY(std::filesystem::file_size(file.string() + "-journal") > 0);
        auto database = good(Database::open(file, Database::Mode::ReadWrite));
        QCOMPARE(good(database.number("PRAGMA auto_vacuum")), 2);
        QCOMPARE(good(database.number("PRAGMA user_version")), embeddedMigrations().back().number);
    }

    void aFullDiskIsToldAndNothingCommittedIsLost() { onASmallDisk("2m", fillTheDisk); }
    void aDiskThatIsFullBeforeTheBackupStopsTheMigration() { onASmallDisk("2m", migrateWithoutRoom); }

private:
    /// An older database of 1.2 MB: its copy does not fit beside it.
    static void migrateWithoutRoom(const std::filesystem::path& folder)
    {
        const auto file = folder / "old.db";
        {
            const Raw raw(file);
            good(migrate(raw.db, file, embeddedMigrations().first(2)));
            raw.run("CREATE TABLE big(x); INSERT INTO big VALUES(randomblob(1200000)); INSERT INTO equity VALUES(1,2)");
        }
        const auto opened = Database::open(file, Database::Mode::ReadWrite);
        QVERIFY(!opened);
        const auto why = base::sentence(opened.error());
        QCOMPARE(opened.error().code, ErrorCode::DiskFull);
        QCOMPARE(opened.error().subject, backupBeforeMigration(file, 3).string());
        QVERIFY2(why.find("copying the backup before a migration") != std::string::npos &&
                     why.find("the database is as it was") != std::string::npos,
                 why.c_str());
        QCOMPARE(numberOf(file, "PRAGMA user_version"), 2);
        QCOMPARE(numberOf(file, "SELECT equity+length(x) FROM equity,big"), 1'200'002);
        for (const auto& entry : std::filesystem::directory_iterator(folder)) { // no half backup
            QVERIFY2(entry.path().string().find("before-migration") == std::string::npos, entry.path().c_str());
        }
    }

    static void fillTheDisk(const std::filesystem::path& folder)
    {
        Store store(folder / "full.db");
        const auto id = store.add("BTC-USDT");
        TickArchiveWriter writer(*store);
        std::int64_t next = 1;
        std::optional<base::Error> error;
        while (!error && next < 5'000'000) {
            good(store->begin());
            auto done = writer.append(id, ticksFrom(next, 5'000));
            done = done ? store->commit(true) : done;
            if (!done) {
                error = done.error();
                store->rollback();
                good(writer.reload());
            } else {
                next += 5'000;
            }
        }
        QVERIFY(error.has_value());
        QCOMPARE(error->code, ErrorCode::DiskFull);
        QCOMPARE(good(TickArchive(*store).summary(id)).ticks, static_cast<std::uint64_t>(next - 1));
        QVERIFY(good(TickArchive(*store).verify()).empty());
        QCOMPARE(failureOf(store.file().parent_path() / "new.db"), ErrorCode::DiskFull);
    }
};

QTEST_GUILESS_MAIN(DatabaseTest)
#include "database_test.moc"
