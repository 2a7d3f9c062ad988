// What the service thread leaves in the store of alerts and their channels.
#include "engines/store_engine.h"

namespace qd::engines {

base::Result<void> StoreEngine::write(StoreAlerts& item)
{
    storage::AlertStore store(database_);
    auto written = store.write(item.alerts);
    if (written) {
        written = store.write(item.channels);
    }
    if (written && item.health) {
        written = store.write(*item.health);
    }
    if (!written) {
        return written;
    }
    if (item.command != 0) {
        answers_.emplace_back(
            [this, id = item.command] { links_.events.push(console::CommandDone{id, std::nullopt}); });
    }
    return {};
}

} // namespace qd::engines
