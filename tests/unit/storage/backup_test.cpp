// Backups of real files: made while a writer commits all the time, proven, restored here and elsewhere; and each way in
// which one fails leaves nothing behind and says why.
#include "storage/backup.h"

#include "storage/backup_store.h"
#include "storage/file_copy.h"
#include "storage/schema_migrator.h"
#include "storage_testkit.h"

#include <QProcess>

#include <atomic>
#include <fstream>
#include <thread>

#include <sqlite3.h>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
namespace fs = std::filesystem;

namespace {

constexpr base::UtcMs now{1'764'144'170'000}; // 2025-11-26T08:02:50Z

struct Folder {
    QTemporaryDir dir;
    [[nodiscard]] fs::path path() const { return dir.path().toStdString(); }
    [[nodiscard]] std::vector<std::string> files() const
    {
        std::vector<std::string> out;
        for (const auto& entry : fs::directory_iterator(path())) {
            out.push_back(entry.path().filename().string());
        }
        std::ranges::sort(out);
        return out;
    }
};

/// Ticks of so many blocks, and some rows of tables.
void fill(Store& store, std::size_t blocks = 4)
{
    const auto id = store.add("BTC-USDT");
    TickArchiveWriter writer(*store);
    for (std::size_t i = 0; i < blocks; ++i) {
        store.write([&] { good(writer.append(id, ticksFrom(1 + static_cast<std::int64_t>(i * 16'384), 16'384))); });
    }
    store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(1,2),(3,4)")); });
}

/// As large as some steps of a copy.
void fatten(Store& store)
{
    good(store->run("CREATE TABLE ballast(x)"));
    for (int mb = 0; mb < 16; ++mb) {
        store.write([&] { good(store->run("INSERT INTO ballast VALUES(randomblob(1048576))")); });
    }
}

DatabaseProof proofOfFile(const fs::path& file)
{
    auto database = good(Database::open(file, Database::Mode::ReadOnly));
    return good(proofOf(database.handle()));
}

void run(const fs::path& file, const char* sql)
{
    sqlite3* db = nullptr;
    QCOMPARE(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    QCOMPARE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
}

void flipByte(const fs::path& file, std::streamoff at)
{
    std::fstream opened(file, std::ios::in | std::ios::out | std::ios::binary);
    opened.seekg(at);
    char c = 0;
    opened.get(c);
    opened.seekp(at);
    opened.put(static_cast<char>(c ^ 0x5a));
}

} // namespace

class BackupTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBackupIsOneProvenFileThatHoldsTheSame()
    {
        Store store;
        fill(store);
        const Folder folder;
        const auto file = folder.path() / "mine.db";
        const auto made = good(makeBackup({.database = store.file(), .file = file, .now = now}));
        QCOMPARE(folder.files(), std::vector<std::string>{"mine.db"});
        QCOMPARE(made.bytes, fs::file_size(file));
        QCOMPARE(made.pagesCopied, made.pages);
        QVERIFY(made.restored.blocks >= 4);
        QVERIFY(made.restored.badBlocks.empty());
        QVERIFY(proofText(made.restored).find("blocks restored and compared, sha256 ") != std::string::npos);
        QCOMPARE(difference(made.restored.proof, proofOfFile(store.file())), std::string());
        const auto origin = good(originOf(file));
        QVERIFY(origin.has_value());
        QCOMPARE(origin->database, std::string("test"));
        QCOMPARE(origin->made.value, now.value);
        QCOMPARE(origin->rows, made.restored.proof.rows());
        QCOMPARE(folder.files(), std::vector<std::string>{"mine.db"}); // looking at it lays nothing beside it
    }

    void whileAWriterCommitsAllTheTimeItCopiesOneMomentAndEachPageOnce()
    {
        Store store;
        fill(store);
        fatten(store);
        const auto id = good(InstrumentStore(*store).all()).front().id;
        std::atomic<bool> isDone = false;
        std::atomic<int> commits = 0;
        std::thread writer([&] {
            TickArchiveWriter archive(*store);
            std::int64_t next = 1 + 4 * 16'384;
            while (!isDone) {
                store.write([&] { good(archive.append(id, ticksFrom(next, 200))); });
                next += 200;
                ++commits;
            }
        });
        while (commits < 3) {
            std::this_thread::yield();
        }
        const Folder folder;
        int before = commits;
        int within = 0;
        const auto made = makeBackup(
            {.database = store.file(), .file = folder.path() / "b.db", .now = now, .keepGoing = [&](double share) {
                 // Between two steps of the copy somebody has committed for certain.
                 while (share < 0.2 && commits < before + 2) {
                     std::this_thread::yield();
                 }
                 before = commits;
                 within += share < 0.2 ? 1 : 0;
                 return true;
             }});
        isDone = true;
        writer.join();
        const auto& backup = good(made);
        QVERIFY2(within >= 3, "the copy was done in one step: make the database larger");
        QCOMPARE(backup.pagesCopied, backup.pages);
        // Restored elsewhere it is what the snapshot was: whole transactions of 200 ticks.
        const Folder elsewhere;
        const auto restored = good(restoreInto(folder.path() / "b.db", elsewhere.path() / "r.db"));
        QCOMPARE(restored.proof, backup.restored.proof);
        auto database = good(Database::open(elsewhere.path() / "r.db", Database::Mode::ReadOnly));
        const auto ticks = good(TickArchive(database).summary(id)).ticks;
        QVERIFY(ticks > 4 * 16'384);
        QCOMPARE((ticks - 4 * 16'384) % 200, std::uint64_t{0});
        QVERIFY(good(TickArchive(database).verify()).empty());
        QVERIFY(ticks < good(TickArchive(*store).summary(id)).ticks);
    }

    void whatFailsLeavesNothing_data()
    {
        QTest::addColumn<double>("stopAt");
        QTest::newRow("while copying") << 0.01;
        QTest::newRow("while hashing") << 0.3;
        QTest::newRow("while restoring") << 0.45;
        QTest::newRow("while reading blocks") << 0.72;
    }
    void whatFailsLeavesNothing()
    {
        QFETCH(double, stopAt);
        Store store;
        fill(store);
        fatten(store);
        const Folder folder;
        const auto made = makeBackup(
            {.database = store.file(), .file = folder.path() / "b.db", .now = now, .keepGoing = [&](double share) {
                 return share < stopAt;
             }});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Cancelled);
        QCOMPARE(folder.files(), std::vector<std::string>{});
        store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(5,6)")); }); // nobody holds it
    }

    void aFolderThatIsGoneIsSaid()
    {
        Store store;
        const auto made = makeBackup({.database = store.file(), .file = "/nowhere/at/all/b.db", .now = now});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::NotFound);
        QCOMPARE(made.error().subject, std::string("/nowhere/at/all"));
    }

    void nothingIsOverwritten()
    {
        Store store;
        const Folder folder;
        std::ofstream(folder.path() / "b.db") << "mine";
        const auto made = makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::AlreadyExists);
        QCOMPARE(fs::file_size(folder.path() / "b.db"), std::uintmax_t{4});
    }

    void aDamagedDatabaseIsNoBackup()
    {
        Store store;
        fill(store);
        store.close();
        flipByte(store.file(), 4'096 * 3 + 2); // the head of a page of a table
        const Folder folder;
        const auto made = makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Damaged);
        QCOMPARE(folder.files(), std::vector<std::string>{});
    }

    void aBlockThatCannotBeReadIsBackedUpAndSaid()
    {
        Store store;
        fill(store);
        store.write([&] { good(store->run("UPDATE tick_blocks SET data=zeroblob(length(data)) WHERE id=2")); });
        const Folder folder;
        const auto made = good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now}));
        QCOMPARE(made.restored.badBlocks.size(), std::size_t{1});
        QVERIFY(proofText(made.restored).find("1 blocks cannot be read, in the database too") != std::string::npos);
    }

    void aFullDiskIsSaidBeforeAndWhileItIsWritten()
    {
        onASmallDisk("aFullDiskIsSaidBeforeAndWhileItIsWritten", [] {
            const auto folder = fs::path(qEnvironmentVariable("QD_FULL_DISK").toStdString());
            Store store;
            fill(store);
            fatten(store);
            const auto made = makeBackup({.database = store.file(), .file = folder / "b.db", .now = now});
            QVERIFY(!made);
            QCOMPARE(made.error().code, ErrorCode::DiskFull);
            QVERIFY2(made.error().detail.find("MB are needed") != std::string::npos, made.error().detail.c_str());
            QVERIFY(fs::is_empty(folder));
            // Room enough at first, which another takes while it is written.
            Store small;
            fill(small);
            const auto squeezed = makeBackup(
                {.database = small.file(), .file = folder / "c.db", .now = now, .keepGoing = [&](double share) {
                     if (share > 0 && !fs::exists(folder / "greedy")) {
                         std::ofstream greedy(folder / "greedy");
                         const std::string mb(1 << 20, 'x');
                         while (greedy << mb << std::flush) {
                         }
                     }
                     return true;
                 }});
            QVERIFY(!squeezed);
            QCOMPARE(squeezed.error().code, ErrorCode::DiskFull);
            QCOMPARE(std::distance(fs::directory_iterator(folder), {}), std::ptrdiff_t{1}); // the greedy one's
        });
    }

    void aRestoreIsStagedPutInForceAndKeepsTheOldOne()
    {
        Store store;
        fill(store);
        const auto before = proofOfFile(store.file());
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now}));
        store.write([&] { good(store->run("DELETE FROM equity; DELETE FROM tick_blocks WHERE id=1")); });
        const auto spoilt = proofOfFile(store.file());

        good(stageRestore(folder.path() / "b.db", store.file()));
        QVERIFY(isRestoreStaged(store.file()));
        QCOMPARE(difference(proofOfFile(store.file()), spoilt), std::string()); // not in force yet
        const auto busy = finishRestore(store.file(), now);
        QVERIFY(!busy); // the console runs
        QCOMPARE(busy.error().code, ErrorCode::Busy);
        QVERIFY(isRestoreStaged(store.file()));

        store.close();
        const auto kept = good(finishRestore(store.file(), now));
        QVERIFY(kept.has_value());
        QCOMPARE(kept->filename().string(), std::string("test.before-restore-20251126-080250.db"));
        QVERIFY(!isRestoreStaged(store.file()));
        QCOMPARE(difference(proofOfFile(store.file()), before), std::string());
        QCOMPARE(difference(proofOfFile(*kept), spoilt), std::string());
        QVERIFY(!good(finishRestore(store.file(), now)).has_value()); // nothing more to do
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
            good(makeBackup({.database = file, .file = folder.path() / "b.bak", .now = now}));
            good(stageRestore(folder.path() / "b.bak", file));
            store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(7,8)")); });
            fs::copy(file, folder.path() / "killed"); // as a kill would leave both
            fs::copy(file.string() + "-wal", folder.path() / "killed-wal");
        }
        fs::rename(folder.path() / "killed", file);
        fs::rename(folder.path() / "killed-wal", file.string() + "-wal");
        const auto kept = good(finishRestore(file, now));
        QVERIFY(kept.has_value());
        QVERIFY(!fs::exists(file.string() + "-wal"));
        const auto points = [](const fs::path& of) {
            auto database = good(Database::open(of, Database::Mode::ReadOnly));
            return good(database.number("SELECT count(*) FROM equity"));
        };
        QCOMPARE(points(*kept), 3);
        QCOMPARE(points(file), 2);
    }

    void aSwapThatAKillCutShortIsCompleted()
    {
        Store store;
        fill(store);
        const auto before = proofOfFile(store.file());
        const Folder folder;
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now}));
        good(stageRestore(folder.path() / "b.db", store.file()));
        store.close();
        fs::rename(store.file(), store.file().parent_path() / "kept"); // and here it was killed
        QVERIFY(!good(finishRestore(store.file(), now)).has_value());
        QCOMPARE(difference(proofOfFile(store.file()), before), std::string());
    }

    void anotherMachineWantsTheFileAlone()
    {
        const Folder here;
        const Folder there;
        {
            Store store;
            fill(store);
            good(makeBackup({.database = store.file(), .file = here.path() / "b.db", .now = now}));
        }
        fs::copy(here.path() / "b.db", there.path() / "usb-stick.bin");
        const auto target = there.path() / "test.db";
        good(stageRestore(there.path() / "usb-stick.bin", target));
        QVERIFY(!good(finishRestore(target, now)).has_value());
        auto database = good(Database::open(target, Database::Mode::ReadWrite));
        QCOMPARE(good(database.number("SELECT count(*) FROM equity")), 2);
    }

    void aBackupThatWasChangedIsRefused()
    {
        Store store;
        fill(store);
        const Folder folder;
        const auto file = folder.path() / "b.db";
        good(makeBackup({.database = store.file(), .file = file, .now = now}));
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
        QVERIFY(!good(finishRestore(folder.path() / "demo.db", now)).has_value());
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
        good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = now}));
        good(stageRestore(folder.path() / "b.db", store.file()));
        const fs::path half = store.file().string() + ".restoring.part"; // of one that was killed
        std::ofstream(half) << "half";
        good(dropStagedRestore(store.file()));
        QVERIFY(!isRestoreStaged(store.file()));
        QVERIFY(!fs::exists(half));
        good(dropStagedRestore(store.file())); // twice is no harm
    }

    void theTableKeepsWhatBecameOfEach()
    {
        Store store;
        const health::BackupRow row{.began = {5},
                                    .took = base::Millis{70},
                                    .by = "you",
                                    .file = "/b/x.db",
                                    .bytes = 123,
                                    .proof = "all",
                                    .error = "",
                                    .removed = {}};
        store.write([&] {
            BackupStore table(*store);
            QCOMPARE(good(table.add(row)), 1);
            auto failed = row;
            failed.proof.clear();
            failed.error = "the disk is full";
            QCOMPARE(good(table.add(failed)), 2);
            good(table.markRemoved(1, {9}));
        });
        const auto rows = good(BackupStore(*store).newest());
        QCOMPARE(rows.size(), std::size_t{2});
        QVERIFY(!rows[0].isGood());
        QCOMPARE(rows[0].error, std::string("the disk is full"));
        QVERIFY(rows[1].isGood());
        QCOMPARE(rows[1].removed->value, 9);
        QCOMPARE(rows[1].bytes, std::uint64_t{123});
    }

private:
    /// Runs this test again with a file system of 24 MB of its own, where it does `work`.
    static void onASmallDisk(const char* test, const std::function<void()>& work)
    {
        if (qEnvironmentVariableIsSet("QD_FULL_DISK")) {
            work();
            return;
        }
        QProcess inner;
        QTemporaryDir folder;
        const auto script =
            QStringLiteral("mount -t tmpfs -o size=24m none '%1' || exit 77; QD_FULL_DISK='%1' exec '%2' %3")
                .arg(folder.path(), QCoreApplication::applicationFilePath(), QString::fromLatin1(test));
        inner.start(QStringLiteral("unshare"),
                    {QStringLiteral("-rm"), QStringLiteral("sh"), QStringLiteral("-c"), script});
        if (!inner.waitForStarted() || !inner.waitForFinished(120'000)) {
            QSKIP("no unshare: a full disk cannot be made here");
        }
        const auto said = inner.readAllStandardOutput() + inner.readAllStandardError();
        if (inner.exitCode() == 77 || said.contains("unshare failed") || said.contains("Operation not permitted")) {
            QSKIP("no file system of one's own is allowed here: a full disk cannot be made");
        }
        const auto passed = QByteArray("PASS   : BackupTest::") + test;
        QVERIFY2(inner.exitCode() == 0 && said.contains(passed), said.constData());
    }
};

QTEST_GUILESS_MAIN(BackupTest)
#include "backup_test.moc"
