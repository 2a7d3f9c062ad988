// What the tests of backups and of restores share: folders, a small database, and what a file holds.
#pragma once

#include "storage/backup.h"
#include "storage_testkit.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace qd::testkit {

inline constexpr base::UtcMs backupTime{1'764'144'170'000}; // 2025-11-26T08:02:50Z

struct Folder {
    QTemporaryDir dir;
    [[nodiscard]] std::filesystem::path path() const { return dir.path().toStdString(); }
    [[nodiscard]] std::vector<std::string> files() const
    {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(path())) {
            out.push_back(entry.path().filename().string());
        }
        std::ranges::sort(out);
        return out;
    }
};

/// Ticks of so many blocks, and some rows of tables.
inline void fill(Store& store, std::size_t blocks = 4)
{
    const auto id = store.add("BTC-USDT");
    TickArchiveWriter writer(*store);
    for (std::size_t i = 0; i < blocks; ++i) {
        store.write([&] { good(writer.append(id, ticksFrom(1 + static_cast<std::int64_t>(i * 16'384), 16'384))); });
    }
    store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(1,2),(3,4)")); });
}

inline DatabaseProof proofOfFile(const std::filesystem::path& file)
{
    auto database = good(Database::open(file, Database::Mode::ReadOnly));
    return good(proofOf(database.handle()));
}

inline void run(const std::filesystem::path& file, const char* sql)
{
    sqlite3* db = nullptr;
    QCOMPARE(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    QCOMPARE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
}

} // namespace qd::testkit
