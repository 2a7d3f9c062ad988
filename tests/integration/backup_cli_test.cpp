// backup and restore by the program itself: here, into a folder, on another machine, beside a writer; what each prints,
// its exit code (0 done, 1 failed, 2 wrong usage), and that a refusal changes nothing.
#include "storage/backup_store.h"
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "testkit/program.h"
#include "unit/storage/storage_testkit.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using testkit::good;
namespace fs = std::filesystem;

namespace {

testkit::Ended run(const QString& dataDir, const QStringList& words)
{
    return testkit::runProgram(words + QStringList{QStringLiteral("--data-dir"), dataDir});
}

/// A data directory with blofin.db: two blocks of ticks and two points of equity.
struct Machine {
    QTemporaryDir dir;
    [[nodiscard]] QString path(const char* name) const { return dir.filePath(QLatin1String(name)); }
    [[nodiscard]] fs::path database() const { return path("blofin.db").toStdString(); }
    void fill() const
    {
        testkit::Store store(database());
        const auto id = store.add("BTC-USDT");
        store.write([&] {
            storage::TickArchiveWriter writer(*store);
            good(writer.append(id, testkit::ticksFrom(1, 40'000)));
            good(store->run("INSERT INTO equity(time,equity) VALUES(1,2),(3,4)"));
        });
    }
    [[nodiscard]] std::int64_t number(const char* sql) const
    {
        auto reader = good(storage::Database::open(database(), storage::Database::Mode::ReadOnly));
        return good(reader.number(sql));
    }
};

} // namespace

class BackupCliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void verifySaysWhatIsDamagedAndWhatMendsIt()
    {
        const Machine here;
        here.fill();
        {
            auto writer = good(storage::Database::open(here.database(), storage::Database::Mode::ReadWrite));
            good(writer.run("UPDATE tick_blocks SET data=x'00' WHERE rowid=(SELECT min(rowid) FROM tick_blocks)"));
        }
        const auto verify = [&](const QStringList& more) {
            return run(here.dir.path(), QStringList{QStringLiteral("verify")} + more);
        };
        const auto found = verify({});
        QCOMPARE(found.code, 1);
        QVERIFY2(found.error.contains(QLatin1String("BTC-USDT")) &&
                     found.error.contains(QLatin1String("'quarterdeck verify --set-aside'")),
                 qPrintable(found.error));
        QVERIFY2(!found.error.contains(QLatin1String("restore")), qPrintable(found.error)); // not for a block
        QCOMPARE(verify({QStringLiteral("--json")}).json()[QStringLiteral("what_to_do")].toArray().size(), 1);
        const auto moved = verify({QStringLiteral("--set-aside")});
        QVERIFY2(moved.error.contains(QLatin1String("are set aside")), qPrintable(moved.error));
        QCOMPARE(verify({}).code, 0);
    }

    void verifyOfWhatIsNoDatabaseAdvisesABackupAndNotItself()
    {
        const Machine here;
        QFile file(here.path("blofin.db"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(10'000, 'x'));
        file.close();
        const auto found = run(here.dir.path(), {QStringLiteral("verify")});
        QCOMPARE(found.code, 1);
        QVERIFY2(found.error.contains(QLatin1String("'quarterdeck restore FILE'")) &&
                     !found.error.contains(QLatin1String("quarterdeck verify")) &&
                     !found.error.contains(QLatin1String("SELECT")),
                 qPrintable(found.error));
    }

    void aBackupIsMadeAndComesBackOnAnotherMachine()
    {
        const Machine here;
        here.fill();
        const auto added =
            run(here.dir.path(), {QStringLiteral("jobs"), QStringLiteral("add"), QStringLiteral("copy"),
                                  QStringLiteral("rsync a b"), QStringLiteral("--when"), QStringLiteral("every 6 h")});
        QVERIFY2(added.code == 0, qPrintable(added.error));
        const auto file = here.path("stick.bin");
        const auto made = run(here.dir.path(), {QStringLiteral("backup"), file, QStringLiteral("--json")});
        QVERIFY2(made.code == 0, qPrintable(made.error));
        const auto json = made.json();
        QCOMPARE(json.value(QStringLiteral("file")).toString(), file);
        QCOMPARE(json.value(QStringLiteral("bytes")).toInteger(), QFileInfo(file).size());
        QVERIFY(json.value(QStringLiteral("blocks")).toInteger() >= 2);
        QVERIFY(json.value(QStringLiteral("recorded")).toBool());
        QCOMPARE(here.number("SELECT count(*) FROM backups WHERE by='command line' AND proof<>'' AND error=''"), 1);

        const Machine there;
        const auto restored = run(there.dir.path(), {QStringLiteral("restore"), file, QStringLiteral("--json")});
        QVERIFY2(restored.code == 0, qPrintable(restored.error));
        QVERIFY(restored.json().value(QStringLiteral("proven")).toBool());
        QCOMPARE(restored.json().value(QStringLiteral("sha256")), json.value(QStringLiteral("sha256")));
        QCOMPARE(restored.json().value(QStringLiteral("kept")).toString(), QString());
        QCOMPARE(there.number("SELECT sum(equity) FROM equity"), 6); // under the name that the file carries
        QCOMPARE(there.number("SELECT count(*) FROM journal WHERE what LIKE 'The database was restored%'"), 1);
        // What it ran there it does not run here before somebody says so.
        QCOMPARE(here.number("SELECT count(*) FROM jobs WHERE name='copy' AND is_paused=0"), 1);
        QCOMPARE(there.number("SELECT count(*) FROM jobs WHERE name='copy' AND is_paused=1"), 1);
        QCOMPARE(there.number("SELECT count(*) FROM journal WHERE what LIKE '%1 outside command is paused%'"), 1);
        const auto verified = run(there.dir.path(), {QStringLiteral("verify")});
        QVERIFY2(verified.code == 0, qPrintable(verified.error));
    }

    void theOldDatabaseIsKeptAndTheSubcommandsStillFindTheirs()
    {
        const Machine here;
        here.fill();
        const auto made = run(here.dir.path(), {QStringLiteral("backup"), here.dir.path()});
        QVERIFY2(made.code == 0, qPrintable(made.error));
        const auto files = QDir(here.dir.path()).entryList({QStringLiteral("blofin-2*.db")}, QDir::Files);
        QCOMPARE(files.size(), 1);
        {
            testkit::Store store(here.database());
            store.write([&] { good(store->run("DELETE FROM equity")); });
        }
        const auto restored = run(here.dir.path(), {QStringLiteral("restore"), here.dir.filePath(files.front())});
        QVERIFY2(restored.code == 0, qPrintable(restored.error));
        QVERIFY(restored.out.contains(QStringLiteral("the one before is kept as ")));
        QCOMPARE(here.number("SELECT count(*) FROM equity"), 2);
        const auto kept = QDir(here.dir.path()).entryList({QStringLiteral("blofin.before-restore-*.db")}, QDir::Files);
        QCOMPARE(kept.size(), 1);
        auto old = good(
            storage::Database::open(here.dir.filePath(kept.front()).toStdString(), storage::Database::Mode::ReadOnly));
        QCOMPARE(good(old.number("SELECT count(*) FROM equity")), 0);
        // Traded on with and restored once more, it is kept as what it has become, and comes back as that.
        {
            testkit::Store store(here.database());
            store.write([&] { good(store->run("DELETE FROM equity WHERE time=1")); });
        }
        const auto twice = run(here.dir.path(),
                               {QStringLiteral("restore"), here.dir.filePath(files.front()), QStringLiteral("--json")});
        QVERIFY2(twice.code == 0, qPrintable(twice.error));
        QCOMPARE(here.number("SELECT count(*) FROM equity"), 2);
        const auto undone =
            run(here.dir.path(), {QStringLiteral("restore"), twice.json()[QStringLiteral("kept")].toString(),
                                  QStringLiteral("--feed"), QStringLiteral("blofin")});
        QVERIFY2(undone.code == 0, qPrintable(undone.error));
        QCOMPARE(here.number("SELECT count(*) FROM equity"), 1);
        const auto gaps = run(here.dir.path(), {QStringLiteral("gaps")}); // one database, whatever lies beside it
        QVERIFY2(gaps.code == 0, qPrintable(gaps.error));
    }

    void besideAWriterABackupWorksAndARestoreAsksToStopIt()
    {
        const Machine here;
        here.fill();
        testkit::Store console(here.database()); // holds the writer's lock as a console does
        const auto file = here.path("b.bak");
        const auto made = run(here.dir.path(), {QStringLiteral("backup"), file});
        QVERIFY2(made.code == 0, qPrintable(made.error));
        QVERIFY(made.out.contains(QStringLiteral("a console runs on this database")));
        const auto refused = run(here.dir.path(), {QStringLiteral("restore"), file});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.error.contains(QStringLiteral("stop the console first")), qPrintable(refused.error));
        QCOMPARE(refused.error.count(QLatin1Char('\n')), 1);
        QVERIFY(!QFileInfo::exists(here.path("blofin.db.restoring")));
    }

    void refusalsAndWrongUsage()
    {
        const Machine here;
        here.fill();
        for (const auto& words : {QStringList{QStringLiteral("backup")}, QStringList{QStringLiteral("restore")},
                                  QStringList{QStringLiteral("backup"), QStringLiteral("a"), QStringLiteral("b")}}) {
            const auto wrong = run(here.dir.path(), words);
            QCOMPARE(wrong.code, 2);
            QVERIFY(wrong.out.isEmpty());
        }
        const auto file = here.path("b.bak");
        QCOMPARE(run(here.dir.path(), {QStringLiteral("backup"), file}).code, 0);
        const auto again = run(here.dir.path(), {QStringLiteral("backup"), file});
        QCOMPARE(again.code, 1);
        QVERIFY(again.error.contains(QStringLiteral("overwrites nothing")));
        const auto nowhere = run(here.dir.path(), {QStringLiteral("backup"), QStringLiteral("/nowhere/b.db")});
        QCOMPARE(nowhere.code, 1);
        const auto foreign =
            run(here.dir.path(), {QStringLiteral("restore"), file, QStringLiteral("--feed"), QStringLiteral("demo")});
        QCOMPARE(foreign.code, 1);
        QVERIFY(foreign.error.contains(QStringLiteral("a backup of the feed blofin, not of demo")));
        const auto missing = run(here.dir.path(), {QStringLiteral("restore"), here.path("none.db")});
        QCOMPARE(missing.code, 1);
        QVERIFY(!QFileInfo::exists(here.path("demo.db")));
        QCOMPARE(here.number("SELECT count(*) FROM equity"), 2);
    }
};

QTEST_GUILESS_MAIN(BackupCliTest)
#include "backup_cli_test.moc"
