// The backup thread in its host: what it is linked with, and its door.
#include "engines/at_exit.h"
#include "engines/backup_engine.h"
#include "engines/host_impl.h"

namespace qd::engines {

using namespace std::chrono_literals;

void EngineHost::Impl::runBackups(const std::stop_token& stop)
{
    backupPulse.state = console::EngineState::Starting;
    const AtExit closed([this] {
        backupDoor.close();
        for (const auto& command : backupDoor.popAll(0ms)) {
            if (command.turn) {
                continue; // dropped, which tells its waiter
            }
            refuse(command.id, base::ErrorCode::Cancelled, "backups", "they have ended");
        }
    });
    if (!waitUntilReady(stop)) {
        backupPulse.state = console::EngineState::Stopped;
        return;
    }
    BackupEngine({.database = databaseOf(options.dataDir, options.feed),
                  .door = backupDoor,
                  .store = storeQueue,
                  .events = events,
                  .screen = careScreen,
                  .pulse = backupPulse,
                  .clock = clock,
                  .firstLook = options.firstBackup})
        .run(stop);
}

void EngineHost::Impl::sendToBackups(console::CommandId id, console::Command command)
{
    if (auto sent = backupDoor.send(id, std::move(command)); !sent) {
        events.push(console::CommandDone{id, sent.error()});
    }
}

} // namespace qd::engines
