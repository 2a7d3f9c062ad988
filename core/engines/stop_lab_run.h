// The stop lab over the ledger and the archive: past entries of a strategy under a grid of stops and targets
// (trading/stop_lab.h), the best cell chosen on the older half of the entries and judged on the newer. Any thread with
// its own connection; reads each instrument's ticks once. Progress by instrument and block; Cancelled when stopped.
#pragma once

#include "engines/query_desk.h"

namespace qd::engines {

[[nodiscard]] base::Result<console::StopLab> runStopLab(const DeskContext& context, const console::RunStopLab& query);

} // namespace qd::engines
