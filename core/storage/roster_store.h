// The roster as it was decided: stage, record and parameters of each strategy that ever had others than it began with,
// and every switch that was ever thrown. Writes within the caller's transaction; reads work on any connection.
#pragma once

#include "governance/roster.h"
#include "storage/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

/// A row of the roster, and its parameters as ParameterSet::text().
struct SavedRow {
    governance::RosterRow row;
    std::string parameters;
    friend bool operator==(const SavedRow&, const SavedRow&) = default;
};

class RosterStore {
public:
    explicit RosterStore(Database& database) : database_(database) {}
    /// `reason` is kept with the switches that are other ones than before.
    [[nodiscard]] base::Result<void> put(const SavedRow& saved, std::string_view reason);
    /// By name. A strategy of which only switches are known has no parameters and no hash. Damaged for words that this
    /// version does not know.
    [[nodiscard]] base::Result<std::vector<SavedRow>> rows();

private:
    [[nodiscard]] base::Result<void> putSwitch(const std::string& strategy, std::int64_t instrument,
                                               const governance::Switch& state, std::string_view reason);
    Database& database_;
};

} // namespace qd::storage
