// When a restore was last seen to work. Pure. Any thread. Source: PRODUCT.md, Health: last proven restore.
#pragma once

#include "health/backups.h"

namespace qd::health {

/// A try to restore the newest backup from where it lies: the weekly job.
struct RestoreTry {
    base::UtcMs at;
    bool isGood = false;
    std::string words; // what it said
};
/// A backup that nobody has restored for longer is only hoped for.
inline constexpr base::Millis proofLimit{14 * base::oneDay};
/// When a restore was last seen to work: at the newest good backup, which was restored before it counted, or at a try
/// since then. The score is that of the age under proofLimit, and 50 at most where the newest try came to nothing
/// since; empty where no folder is chosen, as for the backups themselves. No age before there is a good backup.
[[nodiscard]] BackupStanding restoreStanding(std::span<const BackupRow> newestFirst,
                                             const std::optional<RestoreTry>& newest, const BackupPolicy& policy,
                                             base::UtcMs now);

} // namespace qd::health
