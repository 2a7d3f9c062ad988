// Brings a database's schema up to date by numbered steps (resources/sql), each in its own transaction, and says what
// version a database has. Writer's thread, on a connection that holds the writer's lock. Before it changes a database
// that holds anything it copies it to "<name>.before-migration-N.db". A failed step leaves the version before it.
#pragma once

#include "base/error.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;

namespace qd::storage {

struct Migration {
    int number = 0;
    std::string_view description;
    std::string_view sql;
};

/// Compiled in from resources/sql; numbers 1, 2, 3 …
[[nodiscard]] std::span<const Migration> embeddedMigrations();

inline constexpr int applicationId = 0x51444b31; // "QDK1", in the header of every database of ours

/// Of the main database; 0 for an empty one. Conflict: another program's. NewerDatabase: more steps than `known`.
[[nodiscard]] base::Result<int> schemaVersion(sqlite3* db, int known);
/// Applies what is missing. `file` names the backup.
[[nodiscard]] base::Result<void> migrate(sqlite3* db, const std::filesystem::path& file,
                                         std::span<const Migration> steps);
[[nodiscard]] std::filesystem::path backupBeforeMigration(const std::filesystem::path& file, int number);

} // namespace qd::storage
