// Backups as rules and values: when one is due, which go when there are too many, and how well the last one stands.
// Pure. Any thread. Days and weeks are of UTC. Source: PRODUCT.md, What is kept.
#pragma once

#include "base/utc_time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qd::health {

/// The error of one that the operator cancelled: no failure.
inline constexpr const char* cancelledBackup = "cancelled";

/// A row of the table of backups: one that was made and proven, or one that came to nothing.
struct BackupRow {
    std::int64_t id = 0; // given when it is kept
    base::UtcMs began;
    base::Millis took{0};
    std::string by;   // "schedule", "you", "command line"
    std::string file; // where it went, or was to go
    std::uint64_t bytes = 0;
    std::string proof;                    // what was restored and compared, in words; empty: it is not proven
    std::string error;                    // why there is none, in words; empty where it is proven
    std::optional<base::UtcMs> removed{}; // rotated away
    friend bool operator==(const BackupRow&, const BackupRow&) = default;
    [[nodiscard]] bool isGood() const { return error.empty() && !proof.empty(); }
    [[nodiscard]] bool isCancelled() const { return error == cancelledBackup; }
};

/// From policy.
struct BackupPolicy {
    std::string folder; // empty: none is made by itself
    base::Millis every{6 * 3'600'000};
    std::size_t keepRecent = 8;
    std::size_t keepDaily = 7;
    std::size_t keepWeekly = 4;
    friend bool operator==(const BackupPolicy&, const BackupPolicy&) = default;
};

/// What failed is tried again after this, or after `every` if that is sooner.
inline constexpr base::Millis backupRetry{15 * 60'000};

/// When the next one by schedule is due; `rows` newest first, of this database. Empty: never, no folder is chosen.
/// Backups into other folders and by hand count too. A newest row from the future (the clock was set back) is due at
/// once: the row that is made then has the present time. One of the schedule that was cancelled is left out; one that
/// was asked for and cancelled changes nothing.
[[nodiscard]] std::optional<base::UtcMs> nextBackup(std::span<const BackupRow> rows, const BackupPolicy& policy,
                                                    base::UtcMs now);

/// Leaves out the oldest rows over that number, but none that is there to be restored or rotated: a disk that is away
/// for days fills the table with failures.
void shorten(std::vector<BackupRow>& newestFirst, std::size_t most);

/// Ids of those to remove, oldest first. Kept are the newest `keepRecent`, the newest of each of the `keepDaily` newest
/// days that have one, and likewise of weeks (from Monday on). Only good ones that lie in the folder and were not made
/// by the command line are looked at; the newest good one is always kept. `rows` in any order.
[[nodiscard]] std::vector<std::int64_t> rotated(std::span<const BackupRow> rows, const BackupPolicy& policy);

/// How backups stand, for the health score: 100 while the newest good one is younger than `every`, 50 at twice that, 0
/// at four times; 50 at most where the newest attempt failed; 0 where a folder is chosen and there is none after twice
/// `every` of running. Empty: no folder is chosen, or the first is not due yet.
struct BackupStanding {
    std::optional<base::Millis> age; // of the newest good one
    std::optional<double> score;
    std::string note; // in words
};
[[nodiscard]] BackupStanding backupStanding(std::span<const BackupRow> newestFirst, const BackupPolicy& policy,
                                            base::UtcMs now, base::UtcMs started);

/// The share of a day's growth that a disk has room for, in days; empty where nothing grows.
[[nodiscard]] std::optional<double> daysUntilFull(std::uint64_t freeBytes, double bytesPerDay);

} // namespace qd::health
