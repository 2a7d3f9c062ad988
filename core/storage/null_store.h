// null_runs: what each strategy does where there is nothing to find. Rows are only ever added; the newest of a strategy
// is in force. Writes within the caller's transaction on the writer's connection; reads work on any.
#pragma once

#include "storage/database.h"
#include "trading/null_result.h"

#include <vector>

namespace qd::storage {

class NullStore {
public:
    explicit NullStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(const trading::NullResult& result);
    /// The newest of each strategy, by name. Damaged where the expectancies are not what `runs` says.
    [[nodiscard]] base::Result<std::vector<trading::NullResult>> newest();

private:
    Database& database_;
};

} // namespace qd::storage
