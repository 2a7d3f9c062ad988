// The tries: every parameter set of a strategy that could have been chosen. Rows are only ever added. Writes within the
// caller's transaction; reads work on any connection.
#pragma once

#include "storage/database.h"
#include "trading/ledger_page.h"

namespace qd::storage {

class TrialsStore {
public:
    explicit TrialsStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(const trading::TrialRow& row);
    /// Adds it unless that strategy tried that hash before: a known hash is no further try.
    [[nodiscard]] base::Result<void> addOnce(const trading::TrialRow& row);
    /// Newest first; of all strategies where the name is empty.
    [[nodiscard]] base::Result<std::vector<trading::TrialRow>> of(std::string_view strategy);

private:
    [[nodiscard]] base::Result<void> insert(const trading::TrialRow& row, std::string_view condition);
    Database& database_;
};

} // namespace qd::storage
