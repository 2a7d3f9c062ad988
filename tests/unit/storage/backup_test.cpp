// Backups of real files: made while a writer commits all the time, proven; and each way in which one fails leaves
// nothing behind and says why.
#include "storage/backup.h"

#include "backup_testkit.h"
#include "storage/backup_store.h"
#include "storage/block_checksums.h"
#include "testkit/full_disk.h"

#include <atomic>
#include <fstream>
#include <thread>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
namespace fs = std::filesystem;

namespace {

/// As large as some steps of a copy.
void fatten(Store& store)
{
    good(store->run("CREATE TABLE ballast(x)"));
    for (int mb = 0; mb < 16; ++mb) {
        store.write([&] { good(store->run("INSERT INTO ballast VALUES(randomblob(1048576))")); });
    }
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
        const auto made = good(makeBackup({.database = store.file(), .file = file, .now = backupTime}));
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
        QCOMPARE(origin->made.value, backupTime.value);
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
        const auto made = makeBackup({.database = store.file(),
                                      .file = folder.path() / "b.db",
                                      .now = backupTime,
                                      .keepGoing = [&](double share) {
                                          // Between two steps of the copy somebody has committed for certain.
                                          while (share < 0.32 && commits < before + 2) {
                                              std::this_thread::yield();
                                          }
                                          before = commits;
                                          within += share < 0.32 ? 1 : 0;
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
        const auto checked = good(checkBlockChecksums(database));
        QVERIFY(checked.bad.empty() && checked.blocks >= 4);
        QVERIFY(ticks < good(TickArchive(*store).summary(id)).ticks);
    }

    void whatFailsLeavesNothing_data()
    {
        QTest::addColumn<double>("stopAt");
        QTest::newRow("while copying") << 0.01;
        QTest::newRow("while the copy ends") << 0.35;
        QTest::newRow("while restoring") << 0.45;
        QTest::newRow("while hashing what was restored") << 0.72;
        QTest::newRow("at its end") << 1.0;
    }
    void whatFailsLeavesNothing()
    {
        QFETCH(double, stopAt);
        Store store;
        fill(store);
        fatten(store);
        const Folder folder;
        const auto made = makeBackup({.database = store.file(),
                                      .file = folder.path() / "b.db",
                                      .now = backupTime,
                                      .keepGoing = [&](double share) { return share < stopAt; }});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Cancelled);
        QCOMPARE(folder.files(), std::vector<std::string>{});
        store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(5,6)")); }); // nobody holds it
    }

    void aFolderThatIsGoneIsSaid()
    {
        Store store;
        const auto made = makeBackup({.database = store.file(), .file = "/nowhere/at/all/b.db", .now = backupTime});
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::NotFound);
        QCOMPARE(made.error().subject, std::string("/nowhere/at/all"));
    }

    void nothingIsOverwritten()
    {
        Store store;
        const Folder folder;
        std::ofstream(folder.path() / "b.db") << "mine";
        const auto made = makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime});
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
        const auto made = makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime});
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
        const auto made =
            good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        QCOMPARE(made.restored.badBlocks.size(), std::size_t{1});
        QVERIFY(proofText(made.restored).find("1 blocks cannot be read, in the database too") != std::string::npos);
        store.write([&] { good(store->run("UPDATE tick_blocks SET count=count+1 WHERE id=3")); });
        const auto head =
            good(makeBackup({.database = store.file(), .file = folder.path() / "c.db", .now = backupTime}));
        QCOMPARE(head.restored.badBlocks.size(), std::size_t{2});
        QVERIFY(head.restored.badBlocks[1].detail.find("its head says 16385") != std::string::npos);
        // By one reading with the hash it is found as by a reading of its own.
        const auto own = good(checkBlockChecksums(*store));
        QCOMPARE(head.restored.blocks, own.blocks);
        QCOMPARE(head.restored.badBlocks.size(), own.bad.size());
        for (std::size_t i = 0; i < own.bad.size(); ++i) {
            QCOMPARE(head.restored.badBlocks[i].subject, own.bad[i].subject);
            QCOMPARE(head.restored.badBlocks[i].detail, own.bad[i].detail);
        }
    }

    void aFullDiskIsSaidBeforeAndWhileItIsWritten()
    {
        onASmallDisk("24m", [](const fs::path& folder) {
            Store store;
            fill(store);
            fatten(store);
            const auto made = makeBackup({.database = store.file(), .file = folder / "b.db", .now = backupTime});
            QVERIFY(!made);
            QCOMPARE(made.error().code, ErrorCode::DiskFull);
            QVERIFY2(made.error().detail.find("MB are needed") != std::string::npos, made.error().detail.c_str());
            QVERIFY(fs::is_empty(folder));
            // Room enough at first, which another takes while it is written.
            Store small;
            fill(small);
            const auto squeezed = makeBackup(
                {.database = small.file(), .file = folder / "c.db", .now = backupTime, .keepGoing = [&](double share) {
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

    void aDiskThatFillsUnderBothLosesNothingThatWasCommitted()
    {
        onASmallDisk("24m", [](const fs::path& folder) {
            Store store(folder / "ticks.db");
            fill(store);
            const auto id = good(InstrumentStore(*store).all()).front().id;
            std::int64_t next = 1 + 4 * 16'384;
            const auto commit = [&]() -> base::Result<void> {
                TickArchiveWriter writer(*store);
                good(store->begin());
                auto done = writer.append(id, ticksFrom(next, 16'384));
                done = done ? store->commit(true) : done;
                if (!done) {
                    store->rollback();
                    return done;
                }
                next += 16'384;
                return done;
            };
            base::Result<void> refused;
            const auto made = makeBackup(
                {.database = store.file(), .file = folder / "b.db", .now = backupTime, .keepGoing = [&](double) {
                     std::ofstream greedy(folder / "greedy", std::ios::app);
                     const std::string kb(1 << 10, 'x');
                     while (greedy << kb << std::flush) {
                     }
                     while (refused) { // what room the log still has ends too
                         refused = commit();
                     }
                     return true;
                 }});
            QVERIFY(!made);
            QCOMPARE(made.error().code, ErrorCode::DiskFull);
            QCOMPARE(refused.error().code, ErrorCode::DiskFull);
            QVERIFY(!fs::exists(folder / "b.db") && !fs::exists(folder / "b.db.part") &&
                    !fs::exists(folder / "b.db.scratch"));
            fs::remove(folder / "greedy");
            good(commit()); // both go on by themselves
            QCOMPARE(good(TickArchive(*store).summary(id)).ticks, static_cast<std::uint64_t>(next - 1));
            QVERIFY(good(TickArchive(*store).verify()).empty());
            good(makeBackup({.database = store.file(), .file = folder / "b.db", .now = backupTime}));
        });
    }

    /// A database that was itself restored from a backup is backed up as any other: the old seal goes.
    void aRestoredDatabaseIsBackedUpAnew()
    {
        Store store;
        fill(store);
        store.write([&] { good(store->run("INSERT INTO backup_origin VALUES(1,'other',5,7,'00')")); });
        const Folder folder;
        const auto made =
            good(makeBackup({.database = store.file(), .file = folder.path() / "b.db", .now = backupTime}));
        const auto origin = good(originOf(folder.path() / "b.db"));
        QCOMPARE(origin->hash, made.restored.proof.hash());
        QCOMPARE(origin->database, std::string("test"));
        good(stageRestore(folder.path() / "b.db", folder.path() / "r.db"));
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
        // One that is there is found behind any number of failures; one that went away is not.
        store.write([&] {
            BackupStore table(*store);
            auto failed = row;
            failed.proof.clear();
            failed.error = "no such folder";
            (void)good(table.add(row));
            (void)good(table.add(failed));
            (void)good(table.add(failed));
        });
        std::vector<std::int64_t> ids;
        std::ranges::transform(good(BackupStore(*store).newest(1)), std::back_inserter(ids), &health::BackupRow::id);
        QCOMPARE(ids, (std::vector<std::int64_t>{5, 3}));
    }
};

QTEST_GUILESS_MAIN(BackupTest)
#include "backup_test.moc"
