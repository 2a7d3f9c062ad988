// A decision: what changed from what to what, by whom, why, on which evidence, and so how to undo it. One is one row of
// the journal, which is only ever added to: an undo is a decision of its own. Pure. Any thread.
// Source: PRODUCT.md, Words: decision.
#pragma once

#include "governance/roster.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class ChangeKind : std::uint8_t { Switch, Stage, Record, ModelStage, Policy, Experiment };
[[nodiscard]] std::string_view name(ChangeKind kind); // "switch", "stage" …

/// One thing that had the value `before` and has `after`, both as the text that restores it.
struct Change {
    ChangeKind kind = ChangeKind::Switch;
    std::string subject; // "breakout", "breakout@7" (instrument), "prune.min_trades", "experiment 4"
    std::string before;  // "on", "off"; a stage; parameter hash and start of the record; a number
    std::string after;
    friend bool operator==(const Change&, const Change&) = default;
};

struct Decision {
    std::int64_t id = 0; // given by the journal
    UtcMs time;
    Actor by = Actor::Operator;
    std::vector<Change> changes; // empty: nothing that could be undone (a note)
    std::string what;            // for the reader
    std::string why;
    std::string evidence; // of that moment
    std::optional<std::int64_t> undoes;
    friend bool operator==(const Decision&, const Decision&) = default;
};

/// "breakout: on to off; breakout: candidate to paper".
[[nodiscard]] std::string text(std::span<const Change> changes);
/// The same for the journal's column of undo: a line a change, tabs between its four parts.
[[nodiscard]] std::string encoded(std::span<const Change> changes);
/// Malformed for what encoded() cannot have made.
[[nodiscard]] base::Result<std::vector<Change>> decoded(std::string_view text);
/// What takes them back, the last first.
[[nodiscard]] std::vector<Change> inverse(std::span<const Change> changes);

/// What an undo of them changes, newest first: the inverse, but instead of to `ready` to `candidate`, since only its
/// checklist leads there.
[[nodiscard]] std::vector<Change> takingBack(std::span<const Change> changes);

/// The value in force of what a change is about; empty if it exists no more.
using ValueInForce = std::function<std::optional<std::string>(const Change&)>;

/// The decision that takes `past` back. Unsupported where it changed nothing; Conflict where it was undone already, or
/// where something else changed the same since: the detail names the decision of `later` that did, as far as one did.
/// Conflict too where takingBack() leaves nothing to change.
[[nodiscard]] base::Result<Decision> undoing(const Decision& past, std::span<const Decision> later,
                                             const ValueInForce& now, UtcMs at, std::string why);
/// Whether one of `later` undid it and was not itself undone.
[[nodiscard]] bool isUndone(const Decision& decision, std::span<const Decision> later);

/// What the roster has of these; empty for a subject that is not its.
[[nodiscard]] std::optional<std::string> valueInForce(const Roster& roster, const Change& change);
/// All of them or none. Conflict where one does not find its `before` in force: nothing is half done.
[[nodiscard]] base::Result<Roster> changed(Roster roster, std::span<const Change> changes, Actor by, UtcMs now);

/// Values as texts.
[[nodiscard]] Change switchChange(const RosterRow& row, std::optional<InstrumentId> instrument, bool on);
[[nodiscard]] Change stageChange(const RosterRow& row, Stage to);
/// What leads from one state of a row to another, as the steps of roster.h make them: switches, stage, record. The mark
/// of a promotion against a red gate is none of them: it is never taken back.
[[nodiscard]] std::vector<Change> changesBetween(const RosterRow& before, const RosterRow& after);
/// Another record: other parameters, or the same from `since` on.
[[nodiscard]] Change recordChange(const RosterRow& row, std::string_view hash, UtcMs since);

} // namespace qd::governance
