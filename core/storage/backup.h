// One backup of a database that others write to meanwhile: a snapshot is copied, restored into a scratch file as a
// restore would, compared with the snapshot table by table, and only then sealed and given its name. Any thread, with
// connections of its own and some threads beside; blocks for some seconds a GB. What fails leaves no file.
#pragma once

#include "base/utc_time.h"
#include "storage/restore.h"

namespace qd::storage {

struct BackupWish {
    std::filesystem::path database;
    std::filesystem::path file; // must not exist: AlreadyExists
    base::UtcMs now;
    KeepGoing keepGoing{}; // on the caller's thread; false: Cancelled
};

struct MadeBackup {
    std::uint64_t bytes = 0;
    Restored restored;             // what came out of the scratch file; equal to the snapshot
    std::uint64_t pages = 0;       // of the snapshot
    std::uint64_t pagesCopied = 0; // more than `pages` if the copy had to begin again
    double copySeconds = 0;        // until all was copied; the rest is its proof, and that it is on the disk
};

/// "23 tables, 33,412 rows and 1,512 blocks restored and compared, sha256 3fa2…", and what could not be read.
[[nodiscard]] std::string proofText(const Restored& restored);

/// NotFound: the folder is gone, or the database. DiskFull also before anything is written. ReadOnly, Damaged, Io.
[[nodiscard]] base::Result<MadeBackup> makeBackup(const BackupWish& wish);

/// "<folder>/<database>-20261126-082250.db"
[[nodiscard]] std::filesystem::path backupFile(const std::filesystem::path& folder,
                                               const std::filesystem::path& database, base::UtcMs now);

} // namespace qd::storage
