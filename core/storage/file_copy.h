// Files as wholes: copied, synced, renamed, and whether there is room for them. Any thread. Internal to storage.
#pragma once

#include "storage/database_proof.h"

#include <filesystem>

namespace qd::storage {

/// Overwrites `to`; on an error or a stop nothing of it is left. `isKept`: it is on its way to the disk, though not
/// synced.
[[nodiscard]] base::Result<void> copyFile(const std::filesystem::path& from, const std::filesystem::path& to,
                                          bool isKept, const KeepGoing& keepGoing);
[[nodiscard]] base::Result<void> syncFile(const std::filesystem::path& file);
/// Renames, and lets the new name survive a power cut.
[[nodiscard]] base::Result<void> renameFile(const std::filesystem::path& from, const std::filesystem::path& to);
/// NotFound where there is no such folder, DiskFull where it has not got so much free.
[[nodiscard]] base::Result<void> needRoom(const std::filesystem::path& folder, std::uint64_t bytes);
/// A database with all that SQLite and we lay beside it.
void removeDatabase(const std::filesystem::path& file);

} // namespace qd::storage
