// The roster: stage and switch of each strategy, switches of its instruments, and which steps between stages there
// are. Plain values; a rule answers with the changed row or says why not. Pure. Any thread.
// Source: PRODUCT.md, Words: stage, enabled; The roster.
#pragma once

#include "base/error.h"
#include "governance/evidence.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class Stage : std::uint8_t { Paper, Candidate, Ready, Archived };
[[nodiscard]] std::string_view name(Stage stage); // "paper", "candidate" …
[[nodiscard]] base::Result<Stage> stageOf(std::string_view name);

enum class Actor : std::uint8_t { Operator, Policy };
[[nodiscard]] std::string_view name(Actor actor); // "operator", "policy": the journal's words

/// On, or in shadow: it runs and is scored, but does not count in the roster's equity.
struct Switch {
    bool isOn = true;
    Actor by = Actor::Operator;
    UtcMs since; // 0: since ever
    friend bool operator==(const Switch&, const Switch&) = default;
};

struct RosterRow {
    std::string strategy;
    Stage stage = Stage::Paper;
    UtcMs stageSince;
    Switch whole;                               // of the strategy
    std::map<InstrumentId, Switch> instruments; // those that were ever switched; the others are on
    std::string parameterHash;
    UtcMs recordSince;      // of this hash
    bool passedRed = false; // promoted against a red gate: marked for ever
    friend bool operator==(const RosterRow&, const RosterRow&) = default;
};
using Roster = std::vector<RosterRow>;

[[nodiscard]] const RosterRow* findRow(const Roster& roster, std::string_view strategy);

/// Whether its trades count in the roster's equity.
[[nodiscard]] bool isOn(const RosterRow& row, std::optional<InstrumentId> instrument = {});
/// An archived one does not run, one that is off does, in shadow.
[[nodiscard]] inline bool runs(const RosterRow& row)
{
    return row.stage != Stage::Archived;
}

/// paper → candidate → ready; back to paper from both, from ready to candidate when a promotion is taken back; archived
/// from any, and from there to paper.
[[nodiscard]] bool isStep(Stage from, Stage to);

/// Conflict where it is archived, or is so already.
[[nodiscard]] base::Result<RosterRow> switched(RosterRow row, std::optional<InstrumentId> instrument, bool on, Actor by,
                                               UtcMs now);
/// Conflict for what is no step. Revived from the archive the record starts anew at `now`: that counts as one more try.
[[nodiscard]] base::Result<RosterRow> staged(RosterRow row, Stage to, UtcMs now);
/// Another parameter hash: the record at zero, the stage paper, one more try. Conflict where it is archived or the hash
/// is the same.
[[nodiscard]] base::Result<RosterRow> reparametrised(RosterRow row, std::string hash, UtcMs now);

} // namespace qd::governance
