#include "engines/restore_at_start.h"

#include "base/log.h"
#include "storage/database.h"
#include "storage/journal_store.h"
#include "storage/restore.h"

namespace qd::engines {

using base::Result;

namespace {

// `told` gets what was done to its outside commands: what they did once may be wrong to do again.
Result<void> journal(const std::filesystem::path& file, std::string& told, base::UtcMs now)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    if (auto begun = database->begin(); !begun) {
        return begun;
    }
    constexpr const char* ofCommands = "SELECT count(*) FROM jobs WHERE command<>'' AND is_paused=0";
    const auto commands = database->number(ofCommands);
    auto done = commands ? database->run("UPDATE jobs SET is_paused=1 WHERE command<>''")
                         : Result<void>(std::unexpected(commands.error()));
    auto words = told;
    if (done && *commands > 0) {
        words += "; " + std::to_string(*commands) + (*commands == 1 ? " outside command is" : " outside commands are") +
                 " paused until resumed on Schedule";
    }
    done = done ? storage::JournalStore(*database).add({.time = now,
                                                        .by = "operator",
                                                        .what = words,
                                                        .why = "a restore was asked for",
                                                        .evidence = "",
                                                        .undo = ""})
                : done;
    // From now on it is a database of its own: what it was a backup of would not be true of a copy of it.
    done = done ? database->run("DELETE FROM backup_origin") : done;
    done = done ? database->commit(true) : done;
    if (!done) {
        database->rollback();
        return done;
    }
    told = std::move(words);
    return done;
}

} // namespace

Result<RestoreTold> restoreAtStart(const std::filesystem::path& database, base::UtcMs now)
{
    RestoreTold out;
    if (!storage::isRestoreStaged(database)) {
        return out;
    }
    const auto kept = storage::finishRestore(database);
    if (!kept) {
        return std::unexpected(kept.error());
    }
    out.kept = kept->value_or(std::filesystem::path());
    const auto origin = storage::originOf(database);
    out.sentence = "The database was restored from a backup";
    out.sentence += origin && *origin ? " of " + base::isoText((*origin)->made) : std::string();
    out.sentence += out.kept.empty() ? std::string() : "; the one before is kept as " + out.kept.string();
    if (auto told = journal(database, out.sentence, now); !told) { // it is in force all the same
        base::log(base::LogLevel::Warning, "backups",
                  "the restore could not be journalled, nor its outside commands be paused: " +
                      base::sentence(told.error()));
        out.sentence += "; its outside commands, if it has any, are NOT paused: see Schedule";
    }
    base::log(base::LogLevel::Info, "backups", out.sentence);
    return out;
}

} // namespace qd::engines
