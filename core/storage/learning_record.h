// What retraining and shadow predictions leave beside a decision: the beginning or end of a run, days, drift, tries.
// The writer's connection; within the caller's transaction.
#pragma once

#include "storage/model_store.h"
#include "trading/ledger_page.h"

#include <optional>
#include <vector>

namespace qd::storage {

struct LearningRecord {
    std::optional<base::UtcMs> abandoned{}; // runs of a program that ended before they did end then
    std::optional<RetrainRun> begins{};
    std::optional<RetrainRun> ends{};
    std::vector<ModelDay> days{};
    std::vector<ModelDrift> drifts{};
    std::vector<trading::TrialRow> tries{};
};

/// The id of the run that begins; 0 where none does. All or, on an error, whatever the caller's rollback leaves.
[[nodiscard]] base::Result<std::int64_t> write(Database& database, const LearningRecord& record);

} // namespace qd::storage
