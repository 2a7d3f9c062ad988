// What the database holds as a strategy's parameters and this version cannot read, or reads as other ones. Such a
// strategy falls to paper with what can be run (its defaults, or the others) and a new record, as for any other change
// of parameters; an experiment on it ends. Before any engine runs; the writer's connection, outside a transaction.
#pragma once

#include "base/utc_time.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace qd::engines {

/// Each a decision of the policy in the journal. What fell and why, a sentence each; nothing where all is as it was.
[[nodiscard]] base::Result<std::vector<std::string>> settleUnreadable(storage::Database& database, base::UtcMs now);

} // namespace qd::engines
