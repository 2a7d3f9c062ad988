// The stored ledger as what an experiment observed: trades of its arms, and how often they were asked. Read only; any
// connection, on its thread. Times are exchange time. ms: not the GUI's. Source: PRODUCT.md, Experiments.
#pragma once

#include "console/snapshots.h"
#include "governance/experiment.h"
#include "storage/experiment_store.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace qd::engines {

/// The newest time of the ledger; empty before anything was traded on.
[[nodiscard]] base::Result<std::optional<base::UtcMs>> ledgerNow(storage::Database& database);

/// The name in the ledger of arm `letter`: a paired A, and on, are the strategy itself; empty for off.
[[nodiscard]] std::string bookOf(const governance::ExperimentPlan& plan, governance::Arm arm);

/// What was read before is kept: asking again reads only what is newer. One object a connection and thread.
class ExperimentBooks {
public:
    [[nodiscard]] base::Result<governance::Observations> observations(storage::Database& database,
                                                                      const governance::ExperimentPlan& plan);

private:
    struct Book {
        std::int64_t newestRow = 0;
        std::vector<governance::TradeResult> trades; // by closing
    };
    [[nodiscard]] static base::Result<void> read(storage::Database& database, Book& book, const std::string& name,
                                                 const std::string& hash, base::UtcMs from);
    std::map<std::pair<std::int64_t, governance::Arm>, Book> books_; // by experiment
};
[[nodiscard]] base::Result<governance::Observations> observationsOf(storage::Database& database,
                                                                    const governance::ExperimentPlan& plan);
/// As its data stand at `now`, or stood at its end.
[[nodiscard]] base::Result<governance::Assessment>
assessed(storage::Database& database, const storage::StoredExperiment& experiment, base::UtcMs now);
/// The same of what was seen already. Of one that has ended as of then: no look can take that back.
[[nodiscard]] governance::Assessment assessedBy(const storage::StoredExperiment& experiment,
                                                const governance::Observations& seen, base::UtcMs now);

/// Those that run, as the list of what waits shows them.
[[nodiscard]] base::Result<std::vector<console::ExperimentLine>> runningLines(storage::Database& database,
                                                                              base::UtcMs clock);

/// UTC days on which an experiment ran, by strategy, up to `now`.
[[nodiscard]] std::map<std::string, std::set<std::int64_t>>
experimentDays(std::span<const storage::StoredExperiment> experiments, base::UtcMs now);

/// What the gate `against the incumbent` knows of the parameters in force: from the experiment that brought them, else
/// from the one that runs on the strategy now; empty where neither is.
[[nodiscard]] base::Result<std::optional<governance::IncumbentResult>>
incumbentOf(storage::Database& database, const governance::RosterRow& row, base::UtcMs now);

} // namespace qd::engines
