// What every decision is looked at with, as it was at one moment of the database: roster, policy, evidence, past
// decisions. Read only. ms, and a second or two the first time: not the GUI's.
#pragma once

#include "engines/evidence_reader.h"
#include "engines/in_force.h"
#include "governance/gates.h"
#include "governance/review.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace qd::engines {

struct GovernanceFacts {
    InForce inForce;           // roster, parameters, policy
    base::PolicyValues policy; // its numbers
    governance::Policies policies;
    governance::ReviewInput input;               // `now` is exchange time
    std::vector<governance::Decision> decisions; // the journal, oldest first
};

/// One moment for all that is read, but no evidence, which takes its time on a large ledger.
[[nodiscard]] base::Result<GovernanceFacts> readStanding(storage::Database& database, EvidenceReader& evidence);
/// With the evidence of the roster.
[[nodiscard]] base::Result<GovernanceFacts> readFacts(storage::Database& database, EvidenceReader& evidence);

/// The value in force of what a change is about: of the roster, the policy, or a model.
[[nodiscard]] governance::ValueInForce valuesInForce(const GovernanceFacts& facts);

/// The figures of a strategy at this moment, as the journal keeps them.
[[nodiscard]] std::string evidenceText(const GovernanceFacts& facts, std::string_view strategy);

/// The parameters behind a hash, as text: those of a try, or the catalogue's own. NotFound where neither knows it.
[[nodiscard]] base::Result<std::string> parametersOf(storage::Database& database, std::string_view strategy,
                                                     std::string_view hash);

} // namespace qd::engines
