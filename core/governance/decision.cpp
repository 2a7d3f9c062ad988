#include "governance/decision.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace qd::governance {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array kinds{ChangeKind::Switch,     ChangeKind::Stage,  ChangeKind::Record,
                           ChangeKind::ModelStage, ChangeKind::Policy, ChangeKind::Experiment};

void append(std::string& out, std::string_view part)
{
    for (const char c : part) {
        switch (c) {
        case '\\':
            out += "\\\\";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        default:
            out += c;
        }
    }
}

// The parts of a line, unescaped; empty for a bad escape.
std::optional<std::vector<std::string>> partsOf(std::string_view line)
{
    std::vector<std::string> parts(1);
    bool isEscaped = false;
    for (const char c : line) {
        if (isEscaped) {
            if (!std::string_view("\\tn").contains(c)) {
                return std::nullopt;
            }
            parts.back() += c == 't' ? '\t' : c == 'n' ? '\n' : '\\';
            isEscaped = false;
        } else if (c == '\t') {
            parts.emplace_back();
        } else if (c == '\\') {
            isEscaped = true;
        } else {
            parts.back() += c;
        }
    }
    if (isEscaped) {
        return std::nullopt;
    }
    return parts;
}

bool isAboutTheSame(const Change& a, const Change& b)
{
    return a.kind == b.kind && a.subject == b.subject;
}

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && read == end ? std::optional(value) : std::nullopt;
}

std::string recordText(std::string_view hash, UtcMs since)
{
    return std::string(hash) + " " + std::to_string(since.value);
}

// The row and instrument of "breakout@7".
struct Place {
    std::string strategy;
    std::optional<InstrumentId> instrument;
};
Place placeOf(const Change& change)
{
    const auto at = change.subject.rfind('@');
    if (change.kind == ChangeKind::Switch && at != std::string::npos) {
        if (const auto id = wholeNumber(std::string_view(change.subject).substr(at + 1))) {
            return {change.subject.substr(0, at), InstrumentId{*id}};
        }
    }
    return {change.subject, std::nullopt};
}

Switch switchOf(const RosterRow& row, std::optional<InstrumentId> instrument)
{
    if (!instrument) {
        return row.whole;
    }
    const auto own = row.instruments.find(*instrument);
    return own == row.instruments.end() ? Switch{} : own->second;
}

// Sets what `change` says, with no question of steps: an undo goes back where no step leads.
Result<void> set(RosterRow& row, const Change& change, Actor by, UtcMs now)
{
    const auto malformed = [&] {
        return base::fail(ErrorCode::Malformed, change.subject, "no such value: " + change.after);
    };
    switch (change.kind) {
    case ChangeKind::Switch: {
        if (change.after != "on" && change.after != "off") {
            return malformed();
        }
        const auto instrument = placeOf(change).instrument;
        (instrument ? row.instruments[*instrument] : row.whole) = {change.after == "on", by, now};
        return {};
    }
    case ChangeKind::Stage: {
        const auto stage = stageOf(change.after);
        if (!stage) {
            return malformed();
        }
        row.stage = *stage;
        row.stageSince = now;
        return {};
    }
    case ChangeKind::Record: {
        const auto space = change.after.rfind(' ');
        const auto since =
            space == std::string::npos ? std::nullopt : wholeNumber(std::string_view(change.after).substr(space + 1));
        if (!since) {
            return malformed();
        }
        row.parameterHash = change.after.substr(0, space);
        row.recordSince = {*since};
        return {};
    }
    case ChangeKind::ModelStage:
    case ChangeKind::Policy:
    case ChangeKind::Experiment:
        break;
    }
    return base::fail(ErrorCode::Unsupported, change.subject, "the roster does not hold it");
}

} // namespace

std::string_view name(ChangeKind kind)
{
    switch (kind) {
    case ChangeKind::Switch:
        return "switch";
    case ChangeKind::Stage:
        return "stage";
    case ChangeKind::Record:
        return "record";
    case ChangeKind::ModelStage:
        return "model-stage";
    case ChangeKind::Policy:
        return "policy";
    case ChangeKind::Experiment:
        return "experiment";
    }
    return "";
}

std::string text(std::span<const Change> changes)
{
    std::string out;
    for (const auto& change : changes) {
        out.append(out.empty() ? "" : "; ").append(change.subject).append(": ");
        out.append(change.before.empty() ? "new" : change.before).append(" to ").append(change.after);
    }
    return out;
}

std::string encoded(std::span<const Change> changes)
{
    std::string out;
    for (const auto& change : changes) {
        out += out.empty() ? "" : "\n";
        out += name(change.kind);
        for (const auto* part : {&change.subject, &change.before, &change.after}) {
            out += '\t';
            append(out, *part);
        }
    }
    return out;
}

Result<std::vector<Change>> decoded(std::string_view text)
{
    std::vector<Change> changes;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto parts = partsOf(line);
        const auto kind = std::ranges::find(kinds, parts && parts->size() == 4 ? std::string_view((*parts)[0]) : "",
                                            [](ChangeKind k) { return name(k); });
        if (kind == kinds.end()) {
            return base::fail(ErrorCode::Malformed, "journal", "not a change: " + std::string(line.substr(0, 200)));
        }
        changes.push_back({*kind, std::move((*parts)[1]), std::move((*parts)[2]), std::move((*parts)[3])});
    }
    return changes;
}

std::vector<Change> inverse(std::span<const Change> changes)
{
    std::vector<Change> back;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        back.push_back({change->kind, change->subject, change->after, change->before});
    }
    return back;
}

std::vector<Change> takingBack(std::span<const Change> changes)
{
    auto back = inverse(changes);
    for (auto& change : back) {
        if (change.kind == ChangeKind::Stage && change.after == name(Stage::Ready)) {
            change.after = name(Stage::Candidate);
        }
    }
    std::erase_if(back, [](const Change& change) { return change.before == change.after; });
    return back;
}

bool isUndone(const Decision& decision, std::span<const Decision> later)
{
    return std::ranges::any_of(
        later, [&](const Decision& other) { return other.undoes == decision.id && !isUndone(other, later); });
}

Result<Decision> undoing(const Decision& past, std::span<const Decision> later, const ValueInForce& now, UtcMs at,
                         std::string why)
{
    const auto subject = "decision " + std::to_string(past.id);
    if (past.changes.empty()) {
        return base::fail(ErrorCode::Unsupported, subject, "it changed nothing that could be taken back");
    }
    if (isUndone(past, later)) {
        return base::fail(ErrorCode::Conflict, subject, "it was undone already");
    }
    const auto isNewVersion = [](const Change& c) { return c.kind == ChangeKind::ModelStage && c.before.empty(); };
    if (const auto added = std::ranges::find_if(past.changes, isNewVersion); added != past.changes.end()) {
        return base::fail(ErrorCode::Unsupported, subject,
                          added->subject + " stays in the registry; retire it, or promote another one, instead");
    }
    const auto back = inverse(past.changes);
    for (const auto& change : back) {
        const auto value = now(change);
        if (value == change.before) {
            continue;
        }
        std::string detail = change.subject + (value ? " is " + *value : " is no more") + ", not " + change.before;
        for (const auto& other : later) {
            if (other.id != past.id && other.time >= past.time &&
                std::ranges::any_of(other.changes, [&](const Change& c) { return isAboutTheSame(c, change); })) {
                detail += "; decision " + std::to_string(other.id) + " changed it since";
                break;
            }
        }
        return base::fail(ErrorCode::Conflict, subject, detail);
    }
    auto changes = takingBack(past.changes);
    if (changes.empty()) {
        return base::fail(ErrorCode::Conflict, subject, "to ready leads only the checklist: promote it");
    }
    return Decision{.id = 0,
                    .time = at,
                    .by = Actor::Operator,
                    .changes = std::move(changes),
                    .what = "undo of decision " + std::to_string(past.id) + ": " + past.what,
                    .why = std::move(why),
                    .evidence = "",
                    .undoes = past.id};
}

std::optional<std::string> valueInForce(const Roster& roster, const Change& change)
{
    const auto place = placeOf(change);
    const auto* row = findRow(roster, place.strategy);
    if (row == nullptr) {
        return std::nullopt;
    }
    switch (change.kind) {
    case ChangeKind::Switch:
        return switchOf(*row, place.instrument).isOn ? "on" : "off";
    case ChangeKind::Stage:
        return std::string(name(row->stage));
    case ChangeKind::Record:
        return recordText(row->parameterHash, row->recordSince);
    case ChangeKind::ModelStage:
    case ChangeKind::Policy:
    case ChangeKind::Experiment:
        break;
    }
    return std::nullopt;
}

Result<Roster> changed(Roster roster, std::span<const Change> changes, Actor by, UtcMs now)
{
    for (const auto& change : changes) {
        const auto value = valueInForce(roster, change);
        if (value != change.before) {
            return base::fail(value ? ErrorCode::Conflict : ErrorCode::NotFound, change.subject,
                              value ? "it is " + *value + ", not " + change.before : "not in the roster");
        }
        const auto row = std::ranges::find(roster, placeOf(change).strategy, &RosterRow::strategy);
        if (auto done = set(*row, change, by, now); !done) {
            return std::unexpected(done.error());
        }
    }
    return roster;
}

Change switchChange(const RosterRow& row, std::optional<InstrumentId> instrument, bool on)
{
    return {ChangeKind::Switch, instrument ? row.strategy + "@" + std::to_string(instrument->value) : row.strategy,
            switchOf(row, instrument).isOn ? "on" : "off", on ? "on" : "off"};
}

Change stageChange(const RosterRow& row, Stage to)
{
    return {ChangeKind::Stage, row.strategy, std::string(name(row.stage)), std::string(name(to))};
}

Change recordChange(const RosterRow& row, std::string_view hash, UtcMs since)
{
    return {ChangeKind::Record, row.strategy, recordText(row.parameterHash, row.recordSince), recordText(hash, since)};
}

std::vector<Change> changesBetween(const RosterRow& before, const RosterRow& after)
{
    std::vector<Change> changes;
    if (before.whole.isOn != after.whole.isOn) {
        changes.push_back(switchChange(before, {}, after.whole.isOn));
    }
    for (const auto& [instrument, own] : after.instruments) {
        if (switchOf(before, instrument).isOn != own.isOn) {
            changes.push_back(switchChange(before, instrument, own.isOn));
        }
    }
    if (before.stage != after.stage) {
        changes.push_back(stageChange(before, after.stage));
    }
    if (before.parameterHash != after.parameterHash || before.recordSince != after.recordSince) {
        changes.push_back(recordChange(before, after.parameterHash, after.recordSince));
    }
    return changes;
}

} // namespace qd::governance
