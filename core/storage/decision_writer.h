// Writes a decision as a whole, within the caller's transaction: its row of the journal, the rows of the roster, the
// policy, the try and the recorded inputs that it changes. The one way in which those are written, by the store's
// engine and by the command line alike. The writer's connection.
#pragma once

#include "governance/decision.h"
#include "storage/experiment_store.h"
#include "storage/ledger_store.h"
#include "storage/model_store.h"
#include "storage/roster_store.h"
#include "trading/ledger_page.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

struct DecisionRows {
    governance::Decision decision;
    std::vector<SavedRow> roster{}; // those that it changed, as they are now
    std::map<std::string, double> numbers{};
    std::map<std::string, std::string> texts{};
    std::vector<SwitchInput> inputs{};
    std::optional<trading::TrialRow> trial{};
    std::optional<ExperimentStep> experiment{};
    std::vector<AddedModel> models{}; // new ones; stages of those that are there are among the decision's changes
    bool isTryAnyway = false;         // the try counts though its hash was tried before: a record that starts anew
};

/// The decision's id in the journal.
[[nodiscard]] base::Result<std::int64_t> writeDecision(Database& database, const DecisionRows& rows);

} // namespace qd::storage
