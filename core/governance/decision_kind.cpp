#include "governance/decision_kind.h"

#include <algorithm>
#include <array>
#include <utility>

namespace qd::governance {

std::string_view name(DecisionKind kind)
{
    static constexpr std::array<std::string_view, static_cast<std::size_t>(lastDecisionKind) + 1> names{
        "switch",    "stage",    "parameters",  "model",     "policy", "experiment", "sign-off",
        "dismissal", "position", "instruments", "execution", "note",   "other"};
    return names[static_cast<std::size_t>(kind)];
}

DecisionKind kindOf(const Decision& decision)
{
    static constexpr std::array<std::pair<std::string_view, DecisionKind>, 8> words{
        {{"note: ", DecisionKind::Note}, // first: the rest of a note is the operator's
         {"experiment ", DecisionKind::Experiment},
         {"signed off: ", DecisionKind::SignOff},
         {"dismissed: ", DecisionKind::Dismissal},
         {"parameters of ", DecisionKind::Parameters},
         {"closed ", DecisionKind::Position},
         {"instruments: ", DecisionKind::Instruments},
         {"calibrated execution", DecisionKind::Execution}}};
    for (const auto& [begins, kind] : words) {
        if (decision.what.starts_with(begins)) {
            return kind;
        }
    }
    static constexpr std::array<std::pair<ChangeKind, DecisionKind>, 6> changed{
        {{ChangeKind::Experiment, DecisionKind::Experiment},
         {ChangeKind::ModelStage, DecisionKind::Model},
         {ChangeKind::Policy, DecisionKind::Policy},
         {ChangeKind::Stage, DecisionKind::Stage},
         {ChangeKind::Switch, DecisionKind::Switch},
         {ChangeKind::Record, DecisionKind::Parameters}}};
    for (const auto& [change, kind] : changed) {
        if (std::ranges::find(decision.changes, change, &Change::kind) != decision.changes.end()) {
            return kind;
        }
    }
    return DecisionKind::Other;
}

} // namespace qd::governance
