// The way of the operator's wishes about backups, and of the scheduler's turns, to the backup thread. Any thread;
// nobody waits.
#pragma once

#include "base/channels.h"
#include "base/error.h"
#include "console/commands.h"
#include "engines/job_board.h"

#include <chrono>
#include <future>
#include <memory>
#include <vector>

namespace qd::engines {

/// A run of a job that is the backup thread's work. Who made it waits for `end`, so that `run` lives as long.
struct BackupTurn {
    enum class Work : std::uint8_t { BackUp, Care };
    Work work = Work::BackUp;
    std::string by; // "schedule", "you"
    JobRun& run;
    std::promise<base::Result<std::string>> end{};
};

struct BackupCommand {
    console::CommandId id = 0;
    console::Command command{};         // CancelBackup, StageRestore or DropRestore
    std::shared_ptr<BackupTurn> turn{}; // then there is no command
};

class BackupDoor {
public:
    /// Busy for too many that wait, and when the thread has ended.
    [[nodiscard]] base::Result<void> send(console::CommandId id, console::Command command)
    {
        return send(BackupCommand{.id = id, .command = std::move(command)});
    }
    [[nodiscard]] base::Result<void> send(std::shared_ptr<BackupTurn> turn)
    {
        return send(BackupCommand{.turn = std::move(turn)});
    }
    [[nodiscard]] std::vector<BackupCommand> popAll(std::chrono::milliseconds timeout)
    {
        return waiting_.popAll(timeout);
    }
    void close() { waiting_.close(); }

private:
    [[nodiscard]] base::Result<void> send(BackupCommand command)
    {
        if (waiting_.size() >= most || !waiting_.push(std::move(command))) {
            return base::fail(base::ErrorCode::Busy, "backups",
                              "too many wishes wait, or the console is closing; try again in a moment");
        }
        return {};
    }
    static constexpr std::size_t most = 100;
    base::BoundedQueue<BackupCommand> waiting_{most + 64}; // so that a push never waits
};

} // namespace qd::engines
