// Answers the pages' question for a replay, with the figures of each strategy. On the desk's lab thread.
#pragma once

#include "console/queries.h"
#include "engines/query_desk.h"

namespace qd::engines {

[[nodiscard]] base::Result<console::ReplayFigures> runReplayQuery(const DeskContext& context,
                                                                  const console::RunReplay& query);

} // namespace qd::engines
