// One night of sensitivity: a candidate's parameters and their joint changes, replayed on the archive's ticks and
// quotes through the pipeline; and archive days that were unseen when they were chosen, replayed the same way. The
// stream is decoded once for all of them; what a strategy has to hear first is fed before the days that count. Any
// thread with a connection of its own; blocks for seconds to minutes, until done or cancelled (Cancelled). NotFound
// where the days hold no ticks. Source: PRODUCT.md, Gates to `ready`: sensitivity.
#pragma once

#include "base/policy.h"
#include "governance/sensitivity.h"
#include "storage/review_store.h"

#include <functional>
#include <span>
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
    std::vector<base::InstrumentId> only{}; // empty: all on which the strategy runs
};

/// `progress`: share of the ticks, and the instrument in work.
[[nodiscard]] base::Result<governance::SensitivityNight>
runSensitivity(storage::Database& database, const SensitivityTask& task, const std::stop_token& stop,
               const std::function<void(double fraction, const std::string& instrument)>& progress);

/// What the unchanged parameters gave on these UTC days of the task's range: net by day of exit over `capital`, 0
/// without a trade; no day on which no tick was heard. A trade counts if it was entered on one of them, too: what began
/// on a day that was seen is no news.
[[nodiscard]] base::Result<std::vector<storage::UnseenDay>>
runUnseenDays(storage::Database& database, const SensitivityTask& task, std::span<const std::int64_t> days,
              double capital, const std::stop_token& stop,
              const std::function<void(double fraction, const std::string& instrument)>& progress);

} // namespace qd::engines
