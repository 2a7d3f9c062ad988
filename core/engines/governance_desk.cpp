#include "engines/governance_desk.h"

#include "base/known_names.h"
#include "engines/gate_answers.h"
#include "storage/null_store.h"
#include "storage/review_store.h"

#include <algorithm>
#include <set>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::Actor;
using governance::Stage;

namespace {

constexpr std::size_t mostLetters = 10'000; // of a note or reason

std::string_view wordOf(console::GoodTest test)
{
    switch (test) {
    case console::GoodTest::LookAhead:
        return "look-ahead";
    case console::GoodTest::NoiseNull:
        return "noise-null";
    case console::GoodTest::Replay:
        return "replay";
    }
    return "";
}

/// What the test found; empty: it has not run.
const std::string& foundBy(const governance::TestsRun& run, console::GoodTest test)
{
    return test == console::GoodTest::LookAhead   ? run.lookAhead
           : test == console::GoodTest::NoiseNull ? run.noiseNull
                                                  : run.replay;
}

/// What was there to be opened when it was signed, of all three.
std::string seenText(const governance::TestsRun& run)
{
    std::string out;
    for (const auto test : {console::GoodTest::LookAhead, console::GoodTest::NoiseNull, console::GoodTest::Replay}) {
        const auto& found = foundBy(run, test);
        out.append("; ").append(wordOf(test)).append(": ").append(found.empty() ? "not run" : found);
    }
    return out;
}

Result<void> checkText(const std::string& text, const char* what, bool mayBeEmpty)
{
    if (text.size() > mostLetters) {
        return base::fail(ErrorCode::OutOfRange, what, "longer than 10,000 letters");
    }
    const bool isBlank = text.find_first_not_of(" \t\r\n") == std::string::npos;
    return isBlank && !mayBeEmpty ? base::fail(ErrorCode::OutOfRange, what, "it is empty; say why in a few words")
                                  : Result<void>{};
}

storage::JournalEntry journalRow(base::UtcMs now, std::string what, std::string why, std::string evidence)
{
    return {.id = 0,
            .time = now,
            .by = std::string(governance::name(Actor::Operator)),
            .what = std::move(what),
            .why = std::move(why),
            .evidence = std::move(evidence),
            .undo = {}};
}

} // namespace

GovernanceDesk::GovernanceDesk(storage::Database& database, Hands hands, const base::Clock& clock)
    : database_(database),
      hands_(std::move(hands)),
      clock_(clock)
{
}

Result<GovernanceFacts> GovernanceDesk::facts()
{
    return readFacts(database_, evidence_);
}

Result<governance::Review> GovernanceDesk::dryReview()
{
    const auto known = facts();
    return known ? Result<governance::Review>(reviewOf(known->input, known->policies)) : std::unexpected(known.error());
}

Result<void> GovernanceDesk::review(bool isNightly, std::vector<std::string>& failures)
{
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    storage::GovernanceRecord record;
    record.review = storage::ReviewRow{
        .heldAt = clock_.now(), .isNightly = isNightly, .review = reviewOf(known->input, known->policies)};
    if (auto kept = hands_.keep(std::move(record)); !kept) {
        return std::unexpected(kept.error());
    }
    // At most so many a night: one held by hand, however often, leaves them to the operator.
    return isNightly ? applyAutomatic(failures) : Result<void>{};
}

std::string GovernanceDesk::heldText()
{
    storage::ReviewStore store(database_);
    const auto newest = store.newest();
    const auto rows =
        newest && *newest ? store.proposalsOf((*newest)->id) : Result<std::vector<storage::ProposalRow>>();
    if (!newest || !*newest || !rows) {
        return "held";
    }
    if ((*newest)->review.abstains) {
        return "abstained: too much of its window is gap";
    }
    const auto applied = std::ranges::count(*rows, storage::ProposalState::Applied, &storage::ProposalRow::state);
    const auto count = rows->empty()       ? std::string("no proposal")
                       : rows->size() == 1 ? std::string("1 proposal")
                                           : std::to_string(rows->size()) + " proposals";
    return count + (applied > 0 ? "; " + std::to_string(applied) + " carried out by the policy" : std::string());
}

Result<std::optional<GovernanceDesk::Newest>> GovernanceDesk::newest()
{
    storage::ReviewStore store(database_);
    auto review = store.newest();
    if (!review) {
        return std::unexpected(review.error());
    }
    if (!*review) {
        return std::optional<Newest>();
    }
    auto known = facts();
    auto rows = store.proposalsOf((*review)->id);
    if (!known || !rows) {
        return std::unexpected(known ? rows.error() : known.error());
    }
    Newest out{.review = std::move(**review), .rows = std::move(*rows), .facts = std::move(*known)};
    std::ranges::transform(out.rows, std::back_inserter(out.review.review.proposals), &storage::ProposalRow::proposal);
    // Switched on after the review it is for the nights to come.
    out.isSetSince = std::ranges::any_of(out.facts.decisions, [&](const governance::Decision& decision) {
        return decision.time > out.review.heldAt && std::ranges::any_of(decision.changes, [](const auto& change) {
                   return change.kind == governance::ChangeKind::Policy && change.subject == "review.auto_apply";
               });
    });
    return std::optional(std::move(out));
}

Result<std::size_t> GovernanceDesk::carryOutChosen(const Newest& of, const std::vector<governance::Proposal>& chosen,
                                                   std::vector<std::string>& failures,
                                                   const std::function<bool()>& goesOn)
{
    std::size_t done = 0;
    for (const auto& proposal : chosen) {
        if (goesOn && !goesOn()) {
            return base::fail(ErrorCode::Cancelled, "archive", "it was cancelled");
        }
        const auto row = std::ranges::find_if(of.rows, [&](const storage::ProposalRow& one) {
            return one.proposal.rule == proposal.rule && one.proposal.subject == proposal.subject;
        });
        if (row == of.rows.end() || row->state != storage::ProposalState::Open) {
            continue;
        }
        if (const auto applied = applyOne(*row, Actor::Policy, "review.auto_apply is on"); applied) {
            ++done;
        } else if (applied.error().code == ErrorCode::Cancelled) { // the console closes: the next start goes on
            return std::unexpected(applied.error());
        } else {
            failures.push_back(base::sentence(applied.error()));
        }
    }
    return done;
}

Result<void> GovernanceDesk::applyAutomatic(std::vector<std::string>& failures)
{
    const auto of = newest();
    if (!of) {
        return std::unexpected(of.error());
    }
    if (!*of || !(*of)->review.isNightly || (*of)->isSetSince) {
        return {};
    }
    // The same ones whenever it is asked: what was carried out already has its place among them.
    const auto chosen = governance::automatic((*of)->review.review, (*of)->facts.policies.review);
    const auto done = carryOutChosen(**of, chosen, failures);
    return done ? Result<void>() : std::unexpected(done.error());
}

Result<std::string> GovernanceDesk::archiveStale(std::vector<std::string>& failures,
                                                 const std::function<bool()>& goesOn)
{
    if (goesOn && !goesOn()) {
        return base::fail(ErrorCode::Cancelled, "archive", "it was cancelled");
    }
    const auto of = newest();
    if (!of) {
        return std::unexpected(of.error());
    }
    if (!*of) {
        return "no review was held yet that could propose it";
    }
    const auto waiting = std::ranges::count_if((*of)->rows, [](const storage::ProposalRow& row) {
        return row.proposal.rule == governance::Rule::NotConverged && row.state == storage::ProposalState::Open;
    });
    if (waiting == 0) {
        return "nothing to archive";
    }
    const auto& policy = (*of)->facts.policies.review;
    if (!policy.autoApply || (*of)->isSetSince) {
        return std::to_string(waiting) + " to archive: yours to decide; review.auto_apply " +
               (policy.autoApply ? "was set after the review" : "is off");
    }
    const auto done =
        carryOutChosen(**of, governance::automaticArchive((*of)->review.review, policy), failures, goesOn);
    if (!done) {
        return std::unexpected(done.error());
    }
    const auto left = waiting - static_cast<std::ptrdiff_t>(*done);
    return std::to_string(*done) + " archived" +
           (left > 0 ? "; " + std::to_string(left) + " more wait for the next review, or for you" : std::string());
}

Result<std::vector<storage::ProposalRow>> GovernanceDesk::openProposals(std::span<const std::int64_t> wanted)
{
    storage::ReviewStore store(database_);
    const auto newest = store.newest();
    if (!newest) {
        return std::unexpected(newest.error());
    }
    const auto rows = *newest ? store.proposalsOf((*newest)->id) : Result<std::vector<storage::ProposalRow>>{};
    if (!rows) {
        return rows;
    }
    std::vector<storage::ProposalRow> out;
    for (const auto id : wanted) {
        const auto row = std::ranges::find(*rows, id, &storage::ProposalRow::id);
        if (row == rows->end()) {
            return base::fail(ErrorCode::NotFound, "proposal " + std::to_string(id),
                              "it is not of the newest review; a proposal lasts until the next one");
        }
        out.push_back(*row);
    }
    return out;
}

Result<std::int64_t> GovernanceDesk::applyOne(const storage::ProposalRow& row, Actor by, const std::string& reason)
{
    if (row.state != storage::ProposalState::Open) {
        return base::fail(ErrorCode::Conflict, governance::text(row.proposal.subject),
                          "its proposal is " + std::string(storage::name(row.state)) + " already");
    }
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto anew = governance::recomputed(row.proposal, known->input, known->policies);
    if (!anew) {
        storage::GovernanceRecord gone;
        gone.ends.push_back({row.id, storage::ProposalState::Gone, anew.error().detail});
        const auto kept = hands_.keep(std::move(gone));
        return std::unexpected(kept ? anew.error() : kept.error());
    }
    return hands_.carryOut({.decision = governance::decisionOf(*anew, by, reason, clock_.now()), .proposal = row.id});
}

Result<Applied> GovernanceDesk::apply(std::span<const std::int64_t> proposals, const std::string& reason)
{
    if (auto legal = checkText(reason, "reason", true); !legal) {
        return std::unexpected(legal.error());
    }
    const auto rows = openProposals(proposals);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    Applied out;
    std::optional<base::Error> only;
    std::string applied;
    std::string refused;
    for (const auto& row : *rows) {
        if (const auto done = applyOne(row, Actor::Operator, reason); done) {
            out.decisions.push_back(*done);
            applied.append(applied.empty() ? "" : "; ").append(governance::text(row.proposal.changes));
        } else {
            only = done.error();
            refused.append(refused.empty() ? "" : "; ").append(done.error().subject).append(": ");
            refused.append(done.error().detail);
        }
    }
    if (!only) {
        return out;
    }
    if (rows->size() == 1) {
        return std::unexpected(*only);
    }
    const auto counted = std::to_string(out.decisions.size()) + " of " + std::to_string(rows->size());
    if (out.decisions.empty()) {
        return base::fail(only->code, "proposals", counted + " were applied; " + refused);
    }
    out.refused =
        base::Error{only->code, "proposals", counted + " were applied (" + applied + "); not applied: " + refused};
    return out;
}

Result<std::int64_t> GovernanceDesk::dismiss(std::span<const std::int64_t> proposals, const std::string& reason)
{
    if (auto legal = checkText(reason, "reason", false); !legal) {
        return std::unexpected(legal.error());
    }
    const auto rows = openProposals(proposals);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    for (const auto& row : *rows) {
        if (row.state != storage::ProposalState::Open) {
            return base::fail(ErrorCode::Conflict, governance::text(row.proposal.subject),
                              "its proposal is " + std::string(storage::name(row.state)) + " already");
        }
    }
    if (rows->empty()) {
        return 0;
    }
    // One decision, so one record: all of them or none.
    storage::GovernanceRecord record;
    std::string what;
    std::string evidence;
    for (const auto& row : *rows) {
        what.append(what.empty() ? "dismissed: " : "; ").append(governance::name(row.proposal.rule)).append(" ");
        what.append(governance::text(row.proposal.subject)).append(": ").append(governance::text(row.proposal.changes));
        evidence.append(evidence.empty() ? "" : "\n").append(governance::reasonText(row.proposal));
        record.ends.push_back({row.id, storage::ProposalState::Dismissed, reason});
    }
    record.journal = journalRow(clock_.now(), std::move(what), reason, std::move(evidence));
    return hands_.keep(std::move(record));
}

// The row as it will be; `evidence` gets what the journal is to say of it.
Result<governance::RosterRow> GovernanceDesk::staged(const GovernanceFacts& facts, const governance::RosterRow& row,
                                                     const console::SetStage& wish, std::string& evidence)
{
    const auto now = clock_.now();
    evidence = evidenceText(facts, row.strategy);
    if (wish.to == Stage::Ready) {
        const auto input = readyInput(database_, facts, evidence_, row.strategy);
        if (!input) {
            return std::unexpected(input.error());
        }
        const auto checklist = checklistOf(*input, facts.policies);
        const auto red = checklist.red();
        evidence += red.empty() ? "; all gates passed" : "; red gates: " + red;
        return governance::promoted(row, checklist, wish.reason, now);
    }
    if (wish.to == Stage::Candidate && row.stage == Stage::Paper) {
        const auto gates = gatesOf(database_, facts, evidence_, {row.strategy}, {});
        if (!gates) {
            return std::unexpected(gates.error());
        }
        const auto& own = gates->rows.front();
        if (!own.flags.empty() && !own.signOffs.areComplete()) {
            return base::fail(ErrorCode::Conflict, row.strategy, std::string(sentence(governance::Hold::TooGood)));
        }
    }
    return governance::staged(row, wish.to, now);
}

Result<void> GovernanceDesk::addParameters(CarryOut& decision)
{
    for (const auto& change : decision.decision.changes) {
        if (change.kind == governance::ChangeKind::Record) {
            const auto hash = change.after.substr(0, change.after.rfind(' '));
            auto text = parametersOf(database_, change.subject, hash);
            if (!text) {
                return std::unexpected(text.error());
            }
            decision.parameters[hash] = std::move(*text);
        }
    }
    return {};
}

Result<std::int64_t> GovernanceDesk::setStage(const console::SetStage& wish)
{
    if (auto legal = checkText(wish.reason, "reason", true); !legal) {
        return std::unexpected(legal.error());
    }
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto* row = governance::findRow(known->input.roster, wish.strategy);
    if (row == nullptr) {
        return base::fail(ErrorCode::NotFound, wish.strategy,
                          base::unknownAmong("no strategy of that name in the roster", wish.strategy,
                                             known->input.roster, &governance::RosterRow::strategy));
    }
    std::string evidence;
    const auto next = staged(*known, *row, wish, evidence);
    if (!next) {
        return std::unexpected(next.error());
    }
    CarryOut decision;
    decision.decision = {.id = 0,
                         .time = clock_.now(),
                         .by = Actor::Operator,
                         .changes = governance::changesBetween(*row, *next),
                         .what = {},
                         .why = wish.reason,
                         .evidence = std::move(evidence),
                         .undoes = {}};
    decision.decision.what = "stage of " + governance::text(decision.decision.changes);
    if (next->passedRed && !row->passedRed) {
        decision.redReason = wish.reason;
    }
    if (auto added = addParameters(decision); !added) {
        return std::unexpected(added.error());
    }
    if (row->stage == Stage::Archived) { // a new record is one more try
        decision.trial = trading::TrialRow{.time = clock_.now(),
                                           .strategy = wish.strategy,
                                           .parameterHash = row->parameterHash,
                                           .parameters = decision.parameters[row->parameterHash],
                                           .origin = "revival"};
    }
    return hands_.carryOut(std::move(decision));
}

Result<std::int64_t> GovernanceDesk::archive(const console::ArchiveStrategies& wish)
{
    if (auto legal = checkText(wish.reason, "reason", false); !legal) {
        return std::unexpected(legal.error());
    }
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    CarryOut decision;
    auto& of = decision.decision;
    of.time = clock_.now();
    of.why = wish.reason;
    const std::set<std::string> each(wish.strategies.begin(), wish.strategies.end());
    for (const auto& strategy : each) {
        const auto* row = governance::findRow(known->input.roster, strategy);
        const auto next = row != nullptr
                              ? governance::staged(*row, Stage::Archived, of.time)
                              : base::fail(ErrorCode::NotFound, strategy,
                                           base::unknownAmong("no strategy of that name in the roster", strategy,
                                                              known->input.roster, &governance::RosterRow::strategy));
        if (!next) {
            return std::unexpected(next.error());
        }
        const auto changes = governance::changesBetween(*row, *next);
        of.changes.insert(of.changes.end(), changes.begin(), changes.end());
        of.evidence.append(of.evidence.empty() ? "" : "; ").append(strategy).append(": ");
        of.evidence.append(evidenceText(*known, strategy));
    }
    if (of.changes.empty()) {
        return base::fail(ErrorCode::OutOfRange, "archive", "no strategy is named");
    }
    of.what = "stage of " + governance::text(of.changes);
    return hands_.carryOut(std::move(decision));
}

Result<std::int64_t> GovernanceDesk::undo(const console::UndoDecision& wish)
{
    if (auto legal = checkText(wish.reason, "reason", true); !legal) {
        return std::unexpected(legal.error());
    }
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto past = std::ranges::find(known->decisions, wish.decision, &governance::Decision::id);
    if (past == known->decisions.end()) {
        return base::fail(ErrorCode::NotFound, "decision " + std::to_string(wish.decision),
                          "the journal has no such row");
    }
    const std::span later(std::next(past), known->decisions.end());
    auto undoing = governance::undoing(*past, later, valuesInForce(*known), clock_.now(), wish.reason);
    if (!undoing) {
        return std::unexpected(undoing.error());
    }
    std::set<std::string> told;
    for (const auto& change : undoing->changes) {
        const auto of = change.subject.substr(0, change.subject.find('@')); // a switch may be of one instrument
        if (governance::findRow(known->input.roster, of) != nullptr && told.insert(of).second) {
            undoing->evidence.append(undoing->evidence.empty() ? "" : "; ").append(of).append(": ");
            undoing->evidence.append(evidenceText(*known, of));
        }
    }
    if (told.empty() && !past->evidence.empty()) { // of a policy or a model: what it was decided on
        undoing->evidence = past->undoes ? past->evidence : "it was decided on: " + past->evidence;
    }
    CarryOut decision{.decision = std::move(*undoing)};
    if (auto added = addParameters(decision); !added) {
        return std::unexpected(added.error());
    }
    return hands_.carryOut(std::move(decision));
}

Result<std::int64_t> GovernanceDesk::signOff(const console::SignOff& wish)
{
    if (auto legal = checkText(wish.reason, "reason", false); !legal) {
        return std::unexpected(legal.error());
    }
    const auto known = facts();
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto* row = governance::findRow(known->input.roster, wish.strategy);
    if (row == nullptr) {
        return base::fail(ErrorCode::NotFound, wish.strategy,
                          base::unknownAmong("no strategy of that name in the roster", wish.strategy,
                                             known->input.roster, &governance::RosterRow::strategy));
    }
    const auto now = clock_.now();
    const std::string test(wordOf(wish.test));
    const auto nulls = storage::NullStore(database_).newest();
    if (!nulls) {
        return std::unexpected(nulls.error());
    }
    const auto run = testsRunOf(database_, wish.strategy, row->parameterHash, *nulls);
    if (!run) {
        return std::unexpected(run.error());
    }
    const auto& found = foundBy(*run, wish.test);
    if (found.empty()) {
        return base::fail(ErrorCode::Conflict, wish.strategy,
                          "the " + test +
                              " of these parameters has not run, so nobody can have opened it: run it on "
                              "Strategies, under " +
                              wish.strategy);
    }
    if (found.starts_with(governance::failedTest)) {
        return base::fail(ErrorCode::Conflict, wish.strategy, "the " + test + " " + found);
    }
    storage::GovernanceRecord record;
    record.journal =
        journalRow(now, "signed off: " + test + " of " + wish.strategy + ", parameters " + row->parameterHash,
                   wish.reason, evidenceText(*known, wish.strategy) + seenText(*run));
    record.signOff = storage::SignOffRow{row->parameterHash, test, now, wish.strategy, wish.reason};
    return hands_.keep(std::move(record));
}

Result<std::int64_t> GovernanceDesk::note(const console::AddNote& note)
{
    if (auto legal = checkText(note.text, "note", false); !legal) {
        return std::unexpected(legal.error());
    }
    storage::GovernanceRecord record;
    record.journal = journalRow(clock_.now(), "note: " + note.text, {}, {});
    return hands_.keep(std::move(record));
}

} // namespace qd::engines
