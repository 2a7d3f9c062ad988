// Answers about execution: what was learned, fill rates, hold time and the cost waterfall, from the ledger and the
// archive. Any thread with its own connection. The archive is read once for each instrument that has a stop or a limit
// order to be asked about.
#pragma once

#include "engines/query_desk.h"

namespace qd::engines {

[[nodiscard]] base::Result<console::Execution> executionOf(const DeskContext& context,
                                                           const console::AskExecution& query);

} // namespace qd::engines
