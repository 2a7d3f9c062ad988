// Answers about the noise null: a run of it, whose figures are kept through the store thread, and the newest of each
// strategy. On the desk's threads.
#pragma once

#include "console/queries.h"
#include "engines/engine_messages.h"
#include "engines/query_desk.h"

namespace qd::engines {

/// Whether it compares anything: strategy and runs have traded. What does not is not kept, and no sign-off goes by it.
[[nodiscard]] bool hasCompared(const trading::NullResult& result);
/// Runs, keeps what has compared, and answers the table as it then stands; what has not is in it all the same.
[[nodiscard]] base::Result<console::NullTable> runNullQuery(const DeskContext& context, const console::RunNull& query);
[[nodiscard]] base::Result<console::NullTable> nullTable(storage::Database& database);
/// Hands the results that have compared to the store's thread and waits until they are committed, or `stop` (Cancelled:
/// they may be kept all the same), or the store ends (Io).
[[nodiscard]] base::Result<void> keepThrough(StoreQueue& queue, std::vector<trading::NullResult> results,
                                             const std::stop_token& stop);

} // namespace qd::engines
