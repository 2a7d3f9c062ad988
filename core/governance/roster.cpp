#include "governance/roster.h"

#include <algorithm>
#include <array>

namespace qd::governance {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array stages{Stage::Paper, Stage::Candidate, Stage::Ready, Stage::Archived};

} // namespace

std::string_view name(Stage stage)
{
    switch (stage) {
    case Stage::Paper:
        return "paper";
    case Stage::Candidate:
        return "candidate";
    case Stage::Ready:
        return "ready";
    case Stage::Archived:
        return "archived";
    }
    return "";
}

Result<Stage> stageOf(std::string_view word)
{
    const auto found = std::ranges::find(stages, word, [](Stage stage) { return name(stage); });
    if (found == stages.end()) {
        return base::fail(ErrorCode::NotFound, std::string(word), "no such stage");
    }
    return *found;
}

std::string_view name(Actor actor)
{
    return actor == Actor::Operator ? "operator" : "policy";
}

const RosterRow* findRow(const Roster& roster, std::string_view strategy)
{
    const auto found = std::ranges::find(roster, strategy, &RosterRow::strategy);
    return found == roster.end() ? nullptr : &*found;
}

bool isOn(const RosterRow& row, std::optional<InstrumentId> instrument)
{
    if (!runs(row) || !row.whole.isOn) {
        return false;
    }
    const auto own = instrument ? row.instruments.find(*instrument) : row.instruments.end();
    return own == row.instruments.end() || own->second.isOn;
}

bool isStep(Stage from, Stage to)
{
    switch (to) {
    case Stage::Paper:
        return from != Stage::Paper;
    case Stage::Candidate:
        return from == Stage::Paper || from == Stage::Ready;
    case Stage::Ready:
        return from == Stage::Candidate;
    case Stage::Archived:
        return from != Stage::Archived;
    }
    return false;
}

Result<RosterRow> switched(RosterRow row, std::optional<InstrumentId> instrument, bool on, Actor by, UtcMs now)
{
    const auto subject = text(Subject{row.strategy, instrument});
    if (!runs(row)) {
        return base::fail(ErrorCode::Conflict, subject, "it is archived and does not run; revive it first");
    }
    Switch before = row.whole;
    if (instrument) {
        const auto own = row.instruments.find(*instrument);
        before = own == row.instruments.end() ? Switch{} : own->second;
    }
    if (before.isOn == on) {
        return base::fail(ErrorCode::Conflict, subject, on ? "it is on already" : "it is off already");
    }
    (instrument ? row.instruments[*instrument] : row.whole) = {on, by, now};
    return row;
}

Result<RosterRow> staged(RosterRow row, Stage to, UtcMs now)
{
    if (!isStep(row.stage, to)) {
        return base::fail(ErrorCode::Conflict, row.strategy,
                          "no step from " + std::string(name(row.stage)) + " to " + std::string(name(to)));
    }
    if (row.stage == Stage::Archived) {
        row.recordSince = now;
    }
    row.stage = to;
    row.stageSince = now;
    return row;
}

Result<RosterRow> reparametrised(RosterRow row, std::string hash, UtcMs now)
{
    if (!runs(row)) {
        return base::fail(ErrorCode::Conflict, row.strategy, "it is archived and does not run; revive it first");
    }
    if (row.parameterHash == hash) {
        return base::fail(ErrorCode::Conflict, row.strategy, "these are its parameters already");
    }
    row.parameterHash = std::move(hash);
    row.recordSince = now;
    row.stage = Stage::Paper;
    row.stageSince = now;
    return row;
}

} // namespace qd::governance
