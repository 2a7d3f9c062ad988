// What the operator chose for this feed and a restart keeps: the wanted instruments, whether candles are back-filled.
// Reads on any connection, writes within the writer's transaction.
#pragma once

#include "storage/database.h"

#include <string>
#include <vector>

namespace qd::storage {

class FeedChoices {
public:
    explicit FeedChoices(Database& database) : database_(database) {}
    /// By name, in the operator's order. Empty: never chosen, the feed's defaults hold.
    [[nodiscard]] base::Result<std::vector<std::string>> wantedInstruments();
    /// Replaces the list.
    [[nodiscard]] base::Result<void> keepWantedInstruments(const std::vector<std::string>& names);
    [[nodiscard]] base::Result<bool> isHistoryCancelled();
    [[nodiscard]] base::Result<void> setHistoryCancelled(bool isCancelled);

private:
    Database& database_;
};

} // namespace qd::storage
