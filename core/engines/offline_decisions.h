// Decisions of the command line, while no console owns the database: checked, recorded and journalled like paper's own,
// in one transaction. The writer's connection and its thread.
#pragma once

#include "engines/experiments.h"
#include "engines/governance_desk.h"
#include "engines/model_desk.h"
#include "engines/retrain_desk.h"
#include "storage/database.h"

#include <map>
#include <string>

namespace qd::engines {

/// The id of its row in the journal. Conflict where a change does not find its `before` in force: nothing is written.
[[nodiscard]] base::Result<std::int64_t> carryOutOffline(storage::Database& database, const CarryOut& order);
/// A desk whose decisions are carried out at once.
[[nodiscard]] GovernanceDesk offlineDesk(storage::Database& database, const base::Clock& clock);
[[nodiscard]] ExperimentDesk offlineExperiments(storage::Database& database, const base::Clock& clock);
[[nodiscard]] ModelDesk offlineModels(storage::Database& database, const base::Clock& clock);
/// `standard` outlives it.
[[nodiscard]] RetrainDesk offlineRetraining(storage::Database& database, const base::PaperPolicy& standard,
                                            const base::Clock& clock);

/// The decision that throws a switch. NotFound, or Conflict where it is so already.
[[nodiscard]] base::Result<CarryOut> switchDecision(const GovernanceFacts& facts, std::string_view strategy,
                                                    std::optional<base::InstrumentId> instrument, bool on,
                                                    std::string reason, base::UtcMs now);
/// The decision that sets values of the policy, as typed. OutOfRange names the legal range; all or none. Conflict where
/// all are in force already.
[[nodiscard]] base::Result<CarryOut> policyDecision(const GovernanceFacts& facts,
                                                    const std::map<std::string, std::string>& values,
                                                    std::string reason, base::UtcMs now);

} // namespace qd::engines
