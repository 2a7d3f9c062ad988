// Answers about the noise null: a run of it, whose figures are kept through the store thread, and the newest of each
// strategy. On the desk's threads; the weekly job on the jobs thread.
#pragma once

#include "console/queries.h"
#include "engines/engine_messages.h"
#include "engines/job_board.h"
#include "engines/query_desk.h"
#include "engines/store_answer.h"

namespace qd::engines {

/// Whether it compares anything: strategy and runs have traded. What does not is not kept, and no sign-off goes by it.
[[nodiscard]] bool hasCompared(const trading::NullResult& result);
/// Runs, keeps what has compared, and answers the table as it then stands; what has not is in it all the same.
[[nodiscard]] base::Result<console::NullTable> runNullQuery(const DeskContext& context, const console::RunNull& query);
[[nodiscard]] base::Result<console::NullTable> nullTable(storage::Database& database);
/// Hands the results that have compared to the store, as keepAndWait().
[[nodiscard]] base::Result<void> keepThrough(const StoreLinks& store, std::vector<trading::NullResult> results,
                                             const std::stop_token& stop);
/// The job: the noise null of every strategy by null.runs seeds, kept through the store. Answers how many there were,
/// and how many of them compared nothing. `before`: the policy that the operator's changes are made to.
[[nodiscard]] base::Result<std::string> runNullJob(const std::filesystem::path& database,
                                                   const base::PaperPolicy& before, const StoreLinks& store,
                                                   const base::Clock& clock, JobRun& run);

} // namespace qd::engines
