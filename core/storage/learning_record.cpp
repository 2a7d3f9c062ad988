#include "storage/learning_record.h"

#include "storage/trials_store.h"

namespace qd::storage {

using base::Result;

Result<std::int64_t> write(Database& database, const LearningRecord& record)
{
    ModelStore store(database);
    if (record.abandoned) {
        if (const auto ended = store.endAbandoned(*record.abandoned); !ended) {
            return ended;
        }
    }
    Result<std::int64_t> id = record.begins ? store.begin(*record.begins) : Result<std::int64_t>(0);
    Result<void> done = id ? Result<void>{} : std::unexpected(id.error());
    if (done && record.ends) {
        done = store.end(*record.ends);
    }
    for (std::size_t i = 0; done && i < record.days.size(); ++i) {
        done = store.put(record.days[i]);
    }
    for (std::size_t i = 0; done && i < record.drifts.size(); ++i) {
        done = store.put(record.drifts[i]);
    }
    TrialsStore trials(database);
    for (std::size_t i = 0; done && i < record.tries.size(); ++i) {
        done = trials.addOnce(record.tries[i]);
    }
    return done ? id : std::unexpected(done.error());
}

} // namespace qd::storage
