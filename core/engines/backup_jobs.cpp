#include "engines/backup_jobs.h"

#include "storage/backup.h"

#include <algorithm>
#include <thread>

namespace qd::engines {

using base::ErrorCode;
using base::Millis;
using base::Result;
using base::UtcMs;
using governance::JobTimes;
using Care = base::Mailbox<console::CareSnapshot>;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto patience = 20ms;

JobTimes own(std::string words)
{
    return {.kind = JobTimes::Kind::Own, .words = std::move(words)};
}

/// Done by the backup thread, which beats for the run; so this waits for however long it takes.
Result<std::string> byItsThread(BackupDoor& door, BackupTurn::Work work, bool isWished, JobRun& run)
{
    auto turn = std::make_shared<BackupTurn>(BackupTurn{.work = work, .by = isWished ? "you" : "schedule", .run = run});
    auto done = turn->end.get_future();
    if (!door.send(std::move(turn))) { // who drops it breaks its promise, so that nobody waits for ever
        return base::fail(ErrorCode::Cancelled, "backups", "the console is closing, or they cannot be made");
    }
    try {
        return done.get();
    } catch (const std::future_error&) {
        return base::fail(ErrorCode::Io, "backups", "their thread ended before it was done");
    }
}

/// The newest backup that should be in the folder.
const health::BackupRow* newestOf(const console::CareSnapshot& care)
{
    const auto found = std::ranges::find_if(care.backups, [](const auto& row) { return row.isGood() && !row.removed; });
    return found == care.backups.end() ? nullptr : &*found;
}

/// Restored into a scratch file beside it, as a restore would, and compared with the hash that it carries.
Result<std::string> prove(const Care& care, JobRun& run)
{
    while (!care.get() && !run.token().stop_requested()) { // not before leftovers of an earlier start are gone
        run.beat();
        std::this_thread::sleep_for(patience);
    }
    const auto seen = care.get();
    const auto* row = seen ? newestOf(*seen) : nullptr;
    if (row == nullptr) {
        return base::fail(ErrorCode::Cancelled, "backups",
                          seen ? "there is no backup to prove yet" : "it was cancelled");
    }
    const fs::path scratch = row->file + ".scratch";
    const auto restored = storage::restoreInto(row->file, scratch, [&run](double share) {
        run.progress(share, "restoring into a scratch file");
        return !run.token().stop_requested();
    });
    storage::removeCopy(scratch);
    if (!restored) {
        auto error = restored.error();
        error.subject = row->file; // not the scratch file, which is gone
        return std::unexpected(std::move(error));
    }
    return "restored and equal; " + fs::path(row->file).filename().string() + ": " + storage::proofText(*restored);
}

std::string whyNoBackup(const console::CareSnapshot* care)
{
    if (care == nullptr) {
        return "the backup thread has not looked yet";
    }
    if (care->state == console::EngineState::Failed) {
        return care->detail;
    }
    return care->policy.folder.empty() ? "no folder is chosen for them (policy backup.folder)" : std::string();
}

std::string whenBackup(const console::CareSnapshot* care)
{
    if (care == nullptr || care->policy.folder.empty()) {
        return "no folder is chosen";
    }
    return governance::text(JobTimes{.kind = JobTimes::Kind::Every, .every = care->policy.every});
}

} // namespace

std::vector<InsideJob> backupJobs(BackupDoor& door, const Care& care, const base::Clock& clock, Millis firstLook)
{
    const auto notBefore = clock.now() + firstLook;
    const auto work = [&door](BackupTurn::Work what) {
        return [&door, what](JobRun& run, bool isWished) { return byItsThread(door, what, isWished, run); };
    };
    std::vector<InsideJob> out;
    out.push_back({.name = "backup",
                   .title = "Backup",
                   .times = own("by backup.every_hours"),
                   .work = work(BackupTurn::Work::BackUp),
                   .next = [&care, &clock, notBefore, firstLook]() -> std::optional<UtcMs> {
                       const auto seen = care.get();
                       if (!seen || seen->state != console::EngineState::Running || !seen->next) {
                           return std::nullopt;
                       }
                       const bool isEarly = notBefore - clock.now() <= firstLook; // else the clock was set back
                       return isEarly ? std::max(*seen->next, notBefore) : *seen->next;
                   },
                   .when = [&care] { return whenBackup(care.get().get()); },
                   .refuses = [&care] { return whyNoBackup(care.get().get()); }});
    out.push_back({.name = "store-care",
                   .title = "Store care, old ticks",
                   .times = own("every 1 h"),
                   .work = work(BackupTurn::Work::Care),
                   .next = [&care]() -> std::optional<UtcMs> {
                       const auto seen = care.get();
                       return seen && seen->state == console::EngineState::Running ? seen->nextCare : std::nullopt;
                   }});
    out.push_back({.name = std::string(restoreProofJob),
                   .title = "Proven restore",
                   .times = {.kind = JobTimes::Kind::Weekly, .weekday = 7, .minutes = 240},
                   .work = [&care](JobRun& run, bool) { return prove(care, run); }});
    return out;
}

} // namespace qd::engines
