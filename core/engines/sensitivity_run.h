// One night of sensitivity: a candidate's parameters and their joint changes, replayed on the archive's ticks and
// quotes through the pipeline. The stream is decoded once for all of them; what a strategy has to hear first is fed
// before the days that count. Any thread with a connection of its own; blocks for seconds to minutes, until done or
// cancelled (Cancelled). NotFound where the days hold no ticks. Source: PRODUCT.md, Gates to `ready`: sensitivity.
#pragma once

#include "base/policy.h"
#include "governance/sensitivity.h"
#include "storage/database.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

struct SensitivityTask {
    std::string strategy;
    trading::ParameterSet parameters; // in force
    std::vector<governance::Perturbation> changes;
    base::UtcMs from; // trades that are entered from here on count
    base::UtcMs to;
    base::PaperPolicy policy;
};

/// `progress`: share of the ticks, and the instrument in work.
[[nodiscard]] base::Result<governance::SensitivityNight>
runSensitivity(storage::Database& database, const SensitivityTask& task, const std::stop_token& stop,
               const std::function<void(double fraction, const std::string& instrument)>& progress);

} // namespace qd::engines
