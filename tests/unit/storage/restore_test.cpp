// Restores of real files: staged, put in force here and elsewhere, over a kill at each step; and what is refused
// changes nothing.
#include "storage/restore.h"

#include "backup_testkit.h"
#include "storage/schema_migrator.h"

#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
namespace fs = std::filesystem;

namespace {

/// As if that restore had been staged at backupTime, which names what is kept.
void stagedAtBackupTime(const fs::path& database)
{
    const timespec then{.tv_sec = backupTime.value / 1'000, .tv_nsec = 0};
    const timespec both[]{then, then};
    QCOMPARE(::utimensat(AT_FDCWD, (database.string() + ".restoring").c_str(), both, 0), 0);
}

std::int64_t points(const fs::path& file)
{
    auto database = good(Database::open(file, Database::Mode::ReadOnly));
    return good(database.number("SELECT count(*) FROM equity"));
}

/// A database as a kill leaves it: the third point of equity lies in its log alone.
fs::path killedIn(const fs::path& folder)
{
    const auto file = folder / "killed.db";
    const auto away = folder / "away.db";
    {
        Store store(away);
        fill(store);
        good(store->checkpoint());
        store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(7,8)")); });
        fs::copy(away, file);
        fs::copy(away.string() + "-wal", file.string() + "-wal");
    }
    fs::remove(away);
    fs::remove(away.string() + ".lock");
    return file;
}

} // namespace

class RestoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRestoreIsStagedPutInForceAndKeepsTheOldOne()
    {
        Store store;
        fill(store);
        const auto before = proofOfFile(store.file());
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        store.write([&] { good(store->run("DELETE FROM equity; DELETE FROM tick_blocks WHERE id=1")); });
        const auto spoilt = proofOfFile(store.file());

        good(stageRestore(folder.path() / "b.db", store.file()));
        QVERIFY(isRestoreStaged(store.file()));
        QCOMPARE(difference(proofOfFile(store.file()), spoilt), std::string()); // not in force yet
        const auto busy = finishRestore(store.file());
        QVERIFY(!busy); // the console runs
        QCOMPARE(busy.error().code, ErrorCode::Busy);
        QVERIFY(isRestoreStaged(store.file()));

        store.close();
        stagedAtBackupTime(store.file());
        const auto kept = good(finishRestore(store.file()));
        QVERIFY(kept.has_value());
        QCOMPARE(kept->filename().string(), std::string("test.before-restore-20251126-080250.db"));
        QVERIFY(!isRestoreStaged(store.file()));
        QCOMPARE(difference(proofOfFile(store.file()), before), std::string());
        QCOMPARE(difference(proofOfFile(*kept), spoilt), std::string());
        QVERIFY(!good(finishRestore(store.file())).has_value()); // nothing more to do
        store.reopen();
        store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(5,6)")); });
    }

    void whatAKilledWriterLeftInItsLogStaysWithTheOldOne()
    {
        const Folder folder;
        const auto file = folder.path() / "demo.db";
        {
            Store store(file);
            fill(store);
            good(makeBackup({.database = file, .file = folder.path() / "b.bak", .now = backupTime}));
            good(stageRestore(folder.path() / "b.bak", file));
            store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(7,8)")); });
            fs::copy(file, folder.path() / "killed"); // as a kill would leave both
            fs::copy(file.string() + "-wal", folder.path() / "killed-wal");
        }
        fs::rename(folder.path() / "killed", file);
        fs::rename(folder.path() / "killed-wal", file.string() + "-wal");
        const auto kept = good(finishRestore(file));
        QVERIFY(kept.has_value());
        QVERIFY(!fs::exists(file.string() + "-wal"));
        QCOMPARE(points(*kept), 3);
        QCOMPARE(points(file), 2);
    }

    void aKillBetweenTheOldDatabaseAndItsLogPartsThemNot()
    {
        Store store;
        fill(store);
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        const auto file = killedIn(folder.path());
        good(stageRestore(folder.path() / "b.db", file));
        stagedAtBackupTime(file);
        const auto name = folder.path() / "killed.before-restore-20251126-080250.db";
        fs::rename(file.string() + "-wal", name.string() + "-wal"); // and here it was killed
        const auto kept = good(finishRestore(file));
        QVERIFY(kept.has_value());
        QCOMPARE(kept->string(), name.string());
        QCOMPARE(points(*kept), 3);
        QCOMPARE(points(file), 2);
    }

    void aDatabaseThatWasNotClosedInPeaceComesWithItsLog()
    {
        const Folder folder;
        const auto killed = killedIn(folder.path());
        const auto log = fs::file_size(killed.string() + "-wal");
        const auto target = folder.path() / "demo.db";
        good(stageRestore(killed, target));
        QVERIFY(!good(finishRestore(target)).has_value());
        QCOMPARE(points(target), 3);
        QCOMPARE(fs::file_size(killed.string() + "-wal"), log); // it is left as it was
        std::ofstream(killed.string() + "-wal", std::ios::trunc) << "no log at all, but some bytes";
        good(stageRestore(killed, target)); // as SQLite itself takes it
        QVERIFY(good(finishRestore(target)).has_value());
        QCOMPARE(points(target), 2);
    }

    void aLogThatLiesBesideABackupIsNoneOfIt()
    {
        const Folder folder;
        const auto killed = killedIn(folder.path());
        Store store;
        fill(store);
        const auto file = folder.path() / "b.db";
        good(makeBackup({.database = store.file(), .file = file, .now = backupTime}));
        fs::copy(killed.string() + "-wal", file.string() + "-wal");
        good(stageRestore(file, folder.path() / "demo.db"));
        QVERIFY(!good(finishRestore(folder.path() / "demo.db")).has_value());
        QCOMPARE(points(folder.path() / "demo.db"), 2);
    }

    void aDatabaseThatIsWrittenToIsNotTakenForABackup()
    {
        Store live; // a copy of it would be of no moment
        const Folder folder;
        const auto staged = stageRestore(live.file(), folder.path() / "demo.db");
        QVERIFY(!staged);
        QCOMPARE(staged.error().code, ErrorCode::Busy);
        QCOMPARE(folder.files(), std::vector<std::string>{});
        live.close();
        good(stageRestore(live.file(), folder.path() / "demo.db"));
    }

    void aBackupOfAPlaceElsewhereIsRefused()
    {
        Store store;
        fill(store);
        const Folder folder;
        const auto file = folder.path() / "b.db";
        good(makeBackup({.database = store.file(), .file = file, .now = backupTime}));
        for (const auto* name : {"../../elsewhere", "/etc/elsewhere", "", ".hidden"}) {
            run(file, (std::string("UPDATE backup_origin SET database='") + name + "'").c_str());
            const auto origin = originOf(file);
            QVERIFY2(!origin && origin.error().code == ErrorCode::Damaged, name);
        }
        run(file, "UPDATE backup_origin SET database='test'");
        QCOMPARE(good(originOf(file))->database, std::string("test"));
    }

    void aSwapThatAKillCutShortIsCompleted()
    {
        Store store;
        fill(store);
        const auto before = proofOfFile(store.file());
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        good(stageRestore(folder.path() / "b.db", store.file()));
        store.close();
        fs::rename(store.file(), store.file().parent_path() / "kept"); // and here it was killed
        QVERIFY(!good(finishRestore(store.file())).has_value());
        QCOMPARE(difference(proofOfFile(store.file()), before), std::string());
    }

    void anotherMachineWantsTheFileAlone()
    {
        const Folder here;
        const Folder there;
        {
            Store store;
            fill(store);
            good(makeBackup({.database = store.file(), .file = here.path() / "b.db", .now = backupTime}));
        }
        fs::copy(here.path() / "b.db", there.path() / "usb-stick.bin");
        const auto target = there.path() / "test.db";
        good(stageRestore(there.path() / "usb-stick.bin", target));
        QVERIFY(!good(finishRestore(target)).has_value());
        auto database = good(Database::open(target, Database::Mode::ReadWrite));
        QCOMPARE(good(database.number("SELECT count(*) FROM equity")), 2);
    }

    void aBackupThatWasChangedIsRefused()
    {
        Store store;
        fill(store);
        const Folder folder;
        const auto file = folder.path() / "b.db";
        good(makeBackup({.database = store.file(), .file = file, .now = backupTime}));
        run(file, "UPDATE equity SET equity=99 WHERE time=1");
        const auto staged = stageRestore(file, folder.path() / "demo.db");
        QVERIFY(!staged);
        QCOMPARE(staged.error().code, ErrorCode::Damaged);
        QVERIFY(staged.error().detail.find("not what was backed up") != std::string::npos);
        QCOMPARE(folder.files(), std::vector<std::string>{"b.db"});
        QVERIFY(!isRestoreStaged(folder.path() / "demo.db"));
    }

    void whatIsNoBackupOfOursIsRefused()
    {
        const Folder folder;
        const auto refused = [&](const fs::path& file) {
            const auto staged = stageRestore(file, folder.path() / "demo.db");
            return staged ? ErrorCode::Internal : staged.error().code;
        };
        QCOMPARE(refused(folder.path() / "gone.db"), ErrorCode::NotFound);
        std::ofstream(folder.path() / "text.db") << std::string(10'000, 'x');
        QCOMPARE(refused(folder.path() / "text.db"), ErrorCode::Damaged);
        run(folder.path() / "other.db", "PRAGMA application_id=7; CREATE TABLE x(y)");
        QCOMPARE(refused(folder.path() / "other.db"), ErrorCode::Conflict);
        {
            const Store store(folder.path() / "newer.db");
        }
        run(folder.path() / "newer.db", "PRAGMA user_version=9999");
        QCOMPARE(refused(folder.path() / "newer.db"), ErrorCode::NewerDatabase);
        QVERIFY(!fs::exists(folder.path() / "demo.db"));
        QVERIFY(!isRestoreStaged(folder.path() / "demo.db"));
    }

    void anOlderBackupIsBroughtUpToDate()
    {
        const Folder folder;
        const auto file = folder.path() / "old.db";
        sqlite3* db = nullptr;
        QCOMPARE(sqlite3_open(file.c_str(), &db), SQLITE_OK);
        good(migrate(db, file, embeddedMigrations().first(5)));
        QCOMPARE(sqlite3_exec(db, "INSERT INTO equity VALUES(1,2)", nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(db);
        const auto restored = good(stageRestore(file, folder.path() / "demo.db"));
        QVERIFY(!restored.origin.has_value()); // it carries no proof; structure and blocks were checked
        QVERIFY(!good(finishRestore(folder.path() / "demo.db")).has_value());
        auto database = good(Database::open(folder.path() / "demo.db", Database::Mode::ReadOnly));
        QCOMPARE(good(database.number("SELECT count(*) FROM equity")), 1);
        for (const auto& name : folder.files()) {
            QVERIFY2(name.find("before-migration") == std::string::npos, name.c_str());
        }
    }

    void aStagedRestoreCanBeDropped()
    {
        Store store;
        fill(store);
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        good(stageRestore(folder.path() / "b.db", store.file()));
        const fs::path half = store.file().string() + ".restoring.part"; // of one that was killed
        std::ofstream(half) << "half";
        good(dropStagedRestore(store.file()));
        QVERIFY(!isRestoreStaged(store.file()));
        QVERIFY(!fs::exists(half));
        good(dropStagedRestore(store.file())); // twice is no harm
    }
};

QTEST_GUILESS_MAIN(RestoreTest)
#include "restore_test.moc"
