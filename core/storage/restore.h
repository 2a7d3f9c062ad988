// A backup put back: copied, checked against the proof that it carries, brought up to date, and only then named as the
// database; the old one is kept beside it under a dated name. Works on another machine: the file is all that is needed.
// Any thread; blocks for the length of the file. Errors leave what was there as it was.
#pragma once

#include "base/utc_time.h"
#include "storage/database_proof.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace qd::storage {

/// What a backup says of itself.
struct BackupOrigin {
    std::string database; // "blofin": the name of the file that it is a backup of, without .db
    base::UtcMs made;
    std::uint64_t rows = 0;
    std::string hash;
};

/// Empty for a database that was not made by a backup. NotFound, Damaged; Conflict: another program's; NewerDatabase.
[[nodiscard]] base::Result<std::optional<BackupOrigin>> originOf(const std::filesystem::path& file);

struct Restored {
    std::optional<BackupOrigin> origin;
    DatabaseProof proof;                // as it lies in the file, before it was brought up to date
    std::uint64_t blocks = 0;           // of the archive, that were read
    std::vector<base::Error> badBlocks; // that cannot be read; they could not be read in the database either
    std::uint64_t bytes = 0;
};

/// Scratch: it is removed at once, and its proof is compared by the caller, so that it need not reach the disk.
enum class CopyIs : std::uint8_t { Kept, Scratch };

/// Copies `backup` to `copy`, which is overwritten, and checks it as above; afterwards it can be opened as any database
/// of ours. A database that was not closed in peace comes with what is in its log. Damaged where its hash is not the
/// one that it carries. Without a carried one its structure and blocks alone are checked, and every row decoded; where
/// a hash is compared, each block's checksum is enough. Threads beside help, `keepGoing` is asked on the caller's.
/// DiskFull before anything is written, where the room can be seen to be missing; Busy while a process writes to it.
/// After an error there is no copy.
[[nodiscard]] base::Result<Restored> restoreInto(const std::filesystem::path& backup, const std::filesystem::path& copy,
                                                 const KeepGoing& keepGoing = {}, CopyIs purpose = CopyIs::Kept);

/// Removes such a copy, with all that lies beside it.
void removeCopy(const std::filesystem::path& copy);

/// restoreInto() a file beside `database`, synced; finishRestore() puts it in force.
[[nodiscard]] base::Result<Restored> stageRestore(const std::filesystem::path& backup,
                                                  const std::filesystem::path& database,
                                                  const KeepGoing& keepGoing = {});
[[nodiscard]] bool isRestoreStaged(const std::filesystem::path& database);
/// Also what a kill left of one that was being made ready.
[[nodiscard]] base::Result<void> dropStagedRestore(const std::filesystem::path& database);

/// Where a restore is staged: keeps the old database as "<name>.before-restore-<time of staging>.db" and puts the new
/// one in its place; answers the kept file, empty where there was none. Nothing is staged: an empty answer, nothing is
/// done. Busy while a process writes to the database. What a kill left half done is completed by the next call.
[[nodiscard]] base::Result<std::optional<std::filesystem::path>> finishRestore(const std::filesystem::path& database);

/// "20261126-082250"
[[nodiscard]] std::string fileStamp(base::UtcMs time);

} // namespace qd::storage
