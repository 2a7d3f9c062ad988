// A database that is written through gathered writes is the same to the byte as one that is written page by page,
// whatever is read, truncated and overwritten in between.
#include "storage/gathered_io.h"

#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

using namespace qd;

namespace {

namespace fs = std::filesystem;

class Connection {
public:
    Connection(const fs::path& file, const char* vfs)
    {
        if (sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) != SQLITE_OK) {
            qFatal("%s", sqlite3_errmsg(db_));
        }
    }
    ~Connection() { sqlite3_close(db_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    void run(const std::string& sql) const
    {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            qFatal("%s: %s", sql.c_str(), sqlite3_errmsg(db_));
        }
    }
    [[nodiscard]] std::string text(const std::string& sql) const
    {
        std::string out;
        sqlite3_exec(
            db_, sql.c_str(),
            [](void* to, int, char** row, char**) {
                *static_cast<std::string*>(to) = row[0] != nullptr ? row[0] : "";
                return 0;
            },
            &out, nullptr);
        return out;
    }

private:
    sqlite3* db_ = nullptr;
};

std::string bytesOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A small cache, so that pages go to the file at all times and come back from there.
void work(const Connection& db, std::uint32_t seed, const std::function<void()>& afterEach)
{
    db.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=8; PRAGMA auto_vacuum=INCREMENTAL;"
           "CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB); CREATE INDEX by_data ON t(data)");
    std::mt19937 random(seed);
    for (int i = 0; i < 300; ++i) {
        const auto id = std::to_string(1 + random() % 60);
        const auto size = std::to_string(random() % 20'000);
        switch (random() % 4) {
        case 0:
            db.run("DELETE FROM t WHERE id=" + id);
            break;
        case 1:
            db.run("PRAGMA incremental_vacuum(20)");
            break;
        default: // zeros and not chance, which would differ from one to the other
            db.run("INSERT OR REPLACE INTO t VALUES(" + id + ",zeroblob(" + size + "))");
        }
        afterEach();
    }
}

} // namespace

class GatheredIoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFileIsTheSameToTheByte()
    {
        QVERIFY(storage::gatheredIo() != nullptr);
        for (std::uint32_t seed = 1; seed <= 5; ++seed) {
            const QTemporaryDir dir;
            const fs::path gathered = dir.filePath(QStringLiteral("gathered.db")).toStdString();
            const fs::path plain = dir.filePath(QStringLiteral("plain.db")).toStdString();
            {
                const Connection one(gathered, storage::gatheredIo());
                const Connection other(plain, nullptr);
                std::vector<std::string> contents;
                work(other, seed,
                     [&] { contents.push_back(other.text("SELECT count(*)||' '||sum(length(data)) FROM t")); });
                std::size_t at = 0;
                work(one, seed, [&] {
                    QCOMPARE(one.text("SELECT count(*)||' '||sum(length(data)) FROM t"), contents[at]);
                    ++at;
                });
                // What is committed is in the file, for whoever opens it now.
                QCOMPARE(Connection(gathered, nullptr).text("SELECT count(*)||' '||sum(length(data)) FROM t"),
                         contents.back());
            }
            QVERIFY(fs::file_size(gathered) > 200'000);
            QVERIFY(bytesOf(gathered) == bytesOf(plain));
            QCOMPARE(Connection(gathered, nullptr).text("PRAGMA integrity_check"), std::string("ok"));
        }
    }

    /// As a backup does: more than what is gathered at once, by one connection from the first page to the last.
    void aBackupThroughItIsTheSame()
    {
        const QTemporaryDir dir;
        const fs::path source = dir.filePath(QStringLiteral("source.db")).toStdString();
        const fs::path copy = dir.filePath(QStringLiteral("copy.db")).toStdString();
        const Connection from(source, nullptr);
        from.run("CREATE TABLE t(data BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<60) "
                 "INSERT INTO t SELECT randomblob(50000) FROM n");
        {
            sqlite3* to = nullptr;
            sqlite3* of = nullptr;
            QCOMPARE(
                sqlite3_open_v2(copy.c_str(), &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, storage::gatheredIo()),
                SQLITE_OK);
            sqlite3_open(source.c_str(), &of);
            auto* backup = sqlite3_backup_init(to, "main", of, "main");
            while (sqlite3_backup_step(backup, 7) == SQLITE_OK) {
            }
            QCOMPARE(sqlite3_backup_finish(backup), SQLITE_OK);
            sqlite3_close(to);
            sqlite3_close(of);
        }
        QCOMPARE(fs::file_size(copy), fs::file_size(source));
        QCOMPARE(Connection(copy, nullptr).text("PRAGMA integrity_check"), std::string("ok"));
        from.run("ATTACH '" + copy.string() + "' AS copy");
        QCOMPARE(from.text("SELECT count(*) FROM main.t a JOIN copy.t b ON a.rowid=b.rowid AND a.data=b.data"),
                 std::string("60"));
    }
};

QTEST_GUILESS_MAIN(GatheredIoTest)
#include "gathered_io_test.moc"
