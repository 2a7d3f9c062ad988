// What the retrain thread and the scheduler leave in the store, beside decisions.
#include "engines/store_engine.h"

namespace qd::engines {

// What the tables refuse is an answer, not a failed write, which would be tried again for ever.
base::Result<void> StoreEngine::write(StoreLearning& item)
{
    auto written = storage::write(database_, item.record);
    const bool isRefused = !written && (written.error().code == base::ErrorCode::NotFound ||
                                        written.error().code == base::ErrorCode::Conflict);
    if (!written && !isRefused) {
        return std::unexpected(written.error());
    }
    answers_.emplace_back([&item, written] { item.answer.set_value(written); });
    return {};
}

base::Result<void> StoreEngine::write(StoreJobs& item)
{
    auto written = storage::JobStore(database_).write(item.record);
    if (written && item.answer) {
        answers_.emplace_back([answer = item.answer] { answer->set_value(base::Result<void>{}); });
    }
    return written;
}

base::Result<void> StoreEngine::write(StoreNight& item)
{
    auto written = storage::NightStore(database_).add(item.row);
    if (written) {
        answers_.emplace_back([&item] { item.answer.set_value(base::Result<void>{}); });
    }
    return written;
}

} // namespace qd::engines
