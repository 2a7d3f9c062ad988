// Backups, their weekly proof and the care of the store as jobs of the scheduler: when each is due is the backup
// thread's rule, seen through its snapshot; the work is done on that thread, but for the proof, which needs nothing of
// it. Any thread; what is linked outlives the scheduler.
#pragma once

#include "engines/backup_door.h"
#include "engines/scheduler.h"

namespace qd::engines {

inline constexpr std::string_view restoreProofJob = "restore-proof";

/// `firstLook`: after the start no backup is begun by the clock for so long.
[[nodiscard]] std::vector<InsideJob> backupJobs(BackupDoor& door, const base::Mailbox<console::CareSnapshot>& care,
                                                const base::Clock& clock, base::Millis firstLook);

} // namespace qd::engines
