// The table of backups: what was made and proven, rotated away, or came to nothing. Writes within the caller's
// transaction; reads work on any connection.
#pragma once

#include "health/backups.h"
#include "storage/database.h"

#include <vector>

namespace qd::storage {

class BackupStore {
public:
    explicit BackupStore(Database& database) : database_(database) {}
    /// The id that it was given.
    [[nodiscard]] base::Result<std::int64_t> add(const health::BackupRow& row);
    [[nodiscard]] base::Result<void> markRemoved(std::int64_t id, base::UtcMs when);
    /// Newest first: so many, and of the older ones those that are there to be restored or rotated.
    [[nodiscard]] base::Result<std::vector<health::BackupRow>> newest(std::size_t limit = 1'000);

private:
    Database& database_;
};

} // namespace qd::storage
