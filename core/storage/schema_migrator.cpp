#include "storage/schema_migrator.h"

#include "storage/sqlite_errors.h"

#include <memory>
#include <sqlite3.h>
#include <system_error>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using OwnedDatabase = std::unique_ptr<sqlite3, CloseDatabase>;

Result<void> execute(sqlite3* db, const std::string& sql)
{
    if (const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) {
        return std::unexpected(sqliteError(db, sqlite3_extended_errcode(db), sql));
    }
    return {};
}

Result<std::int64_t> number(sqlite3* db, const char* sql)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK) {
        return std::unexpected(sqliteError(db, sqlite3_extended_errcode(db), sql));
    }
    const int code = sqlite3_step(statement);
    const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return std::unexpected(sqliteError(db, sqlite3_extended_errcode(db), sql));
    }
    return value;
}

/// One step of all pages: a backup in several steps starts over whenever somebody commits in between.
Result<void> backUp(sqlite3* db, const std::filesystem::path& target)
{
    const auto temporary = target.string() + ".part";
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
    const int openCode = sqlite3_open_v2(temporary.c_str(), &opened, flags, nullptr);
    OwnedDatabase copy(opened);
    if (openCode != SQLITE_OK) {
        return std::unexpected(sqliteError(copy.get(), openCode, "opening the backup before a migration"));
    }
    sqlite3_backup* backup = sqlite3_backup_init(copy.get(), "main", db, "main");
    if (backup == nullptr) {
        return std::unexpected(
            sqliteError(copy.get(), sqlite3_extended_errcode(copy.get()), "starting the backup before a migration"));
    }
    sqlite3_backup_step(backup, -1);
    if (const int code = sqlite3_backup_finish(backup); code != SQLITE_OK) {
        auto error = sqliteError(copy.get(), code, "copying the backup before a migration");
        copy.reset();
        std::filesystem::remove(temporary, ignored);
        std::filesystem::remove(temporary + "-journal", ignored);
        error.subject = target.string();
        error.detail += "; the database is as it was";
        return std::unexpected(std::move(error));
    }
    copy.reset();
    std::error_code renamed;
    std::filesystem::rename(temporary, target, renamed);
    if (renamed) {
        return std::unexpected(systemError(renamed.value(), target.string(), "naming the backup before a migration"));
    }
    return {};
}

Result<void> apply(sqlite3* db, const Migration& step)
{
    const auto stamp = "PRAGMA user_version=" + std::to_string(step.number) +
                       ";PRAGMA application_id=" + std::to_string(applicationId) +
                       ";INSERT INTO schema_migrations VALUES(" + std::to_string(step.number) + ",'" +
                       std::string(step.description) + "',CAST((julianday('now')-2440587.5)*86400000 AS INTEGER));";
    if (auto begun = execute(db, "BEGIN IMMEDIATE"); !begun) {
        return begun;
    }
    const auto steps = {
        std::string("CREATE TABLE IF NOT EXISTS schema_migrations("
                    "number INTEGER PRIMARY KEY, description TEXT NOT NULL, applied_at INTEGER NOT NULL)"),
        std::string(step.sql), stamp, std::string("COMMIT")};
    for (const auto& sql : steps) {
        if (auto done = execute(db, sql); !done) {
            if (sqlite3_get_autocommit(db) == 0) {
                sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
            }
            done.error().detail = "migration " + std::to_string(step.number) + ": " + done.error().detail;
            return done;
        }
    }
    return {};
}

} // namespace

Result<int> schemaVersion(sqlite3* db, int known)
{
    const auto version = number(db, "PRAGMA user_version");
    const auto id = number(db, "PRAGMA application_id");
    const auto tables = number(db, "SELECT count(*) FROM sqlite_schema");
    for (const auto* value : {&version, &id, &tables}) {
        if (!*value) {
            return std::unexpected(value->error());
        }
    }
    const std::string file = sqlite3_db_filename(db, "main");
    if (*id != applicationId && (*id != 0 || *tables != 0)) {
        return base::fail(ErrorCode::Conflict, file,
                          "a database of another program: application id " + std::to_string(*id));
    }
    if (*version > known) {
        return base::fail(ErrorCode::NewerDatabase, file,
                          "schema " + std::to_string(*version) + ", this program knows " + std::to_string(known));
    }
    return static_cast<int>(*version);
}

std::filesystem::path backupBeforeMigration(const std::filesystem::path& file, int step)
{
    return file.parent_path() / (file.stem().string() + ".before-migration-" + std::to_string(step) + ".db");
}

Result<void> migrate(sqlite3* db, const std::filesystem::path& file, std::span<const Migration> steps)
{
    const auto version = schemaVersion(db, steps.empty() ? 0 : steps.back().number);
    if (!version) {
        return std::unexpected(version.error());
    }
    bool isSafe = *version == 0; // nothing to lose, or backed up
    for (const auto& step : steps) {
        if (step.number <= *version) {
            continue;
        }
        if (!isSafe) {
            if (auto copied = backUp(db, backupBeforeMigration(file, step.number)); !copied) {
                return copied;
            }
            isSafe = true;
        }
        if (auto applied = apply(db, step); !applied) {
            return applied;
        }
    }
    return {};
}

} // namespace qd::storage
