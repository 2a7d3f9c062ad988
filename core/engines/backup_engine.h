// Makes backups, proves and rotates them, makes restores ready, carries out the retention of ticks and watches how the
// file grows. It says when either is due (`next`, `nextCare`); the scheduler gives it a turn. run() is its thread's
// body, at low priority: one thing at a time, stopped within some MB by its cancel or the console's end. It owns a
// read-only connection; rows and deletions go to the store. Fails: told in words, kept as a row; nothing is left half
// done.
#pragma once

#include "engines/backup_door.h"
#include "engines/engine_messages.h"
#include "storage/database.h"

#include <deque>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace qd::engines {

class BackupEngine {
public:
    struct Links {
        std::filesystem::path database;
        BackupDoor& door;
        StoreQueue& store;
        EventLog& events;
        base::Mailbox<console::CareSnapshot>& screen;
        Heartbeat& pulse;
        const base::Clock& clock;
        base::Millis firstLook{0}; // after the start, which is busy enough without it
    };
    explicit BackupEngine(Links links) : links_(std::move(links)) {}

    void run(const std::stop_token& stop);

private:
    void obey(std::chrono::milliseconds timeout, const std::stop_token& stop);
    /// While something runs: its cancel; all else is Busy.
    void obeyWhileBusy();
    void answer(console::CommandId id, const base::Result<void>& done);
    void look(storage::Database& database);
    void lookAtFolder();
    void take(BackupTurn& turn, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::string> careFor(storage::Database& database, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::string> backUp(const std::string& by, const std::stop_token& stop);
    void rotate(const std::stop_token& stop);
    [[nodiscard]] base::Result<void> stage(const std::string& file, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::string> retain(storage::Database& database, const std::stop_token& stop);
    /// The progress of what runs; false ends it.
    [[nodiscard]] bool goesOn(double share, const std::stop_token& stop);
    void begin(const std::string& phase);
    void end();
    [[nodiscard]] base::Result<std::int64_t> keep(StoreCare item, const std::stop_token& stop);
    void removeLeftovers() const;
    void publish(bool force);
    void fail(const std::string& doing, const base::Error& error);

    void beat();

    Links links_;
    storage::Database* database_ = nullptr; // in run()
    BackupTurn* turn_ = nullptr;            // that it works on
    console::CareSnapshot shown_;
    base::PolicyValues policy_;
    base::UtcMs started_;
    std::deque<BackupCommand> waiting_;
    bool isCancelled_ = false; // what runs
    bool isStopping_ = false;  // by the console's end rather than by the operator
    base::UtcMs nextStore_{INT64_MIN};
    SteadyTime looked_{};
    SteadyTime published_{};
    std::optional<base::UtcMs> dueSince_{}; // of a backup that is due at once, and held up
    std::string cleaned_;                   // the folder whose leftovers are gone
};

} // namespace qd::engines
