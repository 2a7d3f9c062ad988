// SQLite's result codes as the house's errors. Any thread; `db` belongs to the caller.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

struct sqlite3;

namespace qd::storage {

/// What `code` (an extended result code) of `db` means; subject is the file, detail holds SQLite's words and `doing`;
/// of damage, words of our own.
[[nodiscard]] base::Error sqliteError(sqlite3* db, int code, std::string_view doing);
/// What a failed system call on `file` means (errno).
[[nodiscard]] base::Error systemError(int number, std::string file, std::string_view doing);

} // namespace qd::storage
