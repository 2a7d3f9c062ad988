#include "engines/governance_facts.h"

#include "storage/block_table.h"
#include "storage/policy_store.h"
#include "storage/review_store.h"
#include "storage/roster_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

/// Every strategy of the catalogue: as it was decided, else as it began.
Result<governance::Roster> rosterOf(storage::Database& database)
{
    auto saved = storage::RosterStore(database).rows();
    const auto parameters = storage::LedgerStore(database).parameters(); // of before there was a roster
    if (!saved || !parameters) {
        return std::unexpected(saved ? parameters.error() : saved.error());
    }
    governance::Roster roster;
    for (const auto& info : trading::strategyCatalogue()) {
        const auto found = std::ranges::find_if(
            *saved, [&](const storage::SavedRow& of) { return of.row.strategy == info.name; });
        auto row = found == saved->end() ? governance::RosterRow{.strategy = std::string(info.name)} : found->row;
        if (row.parameterHash.empty()) {
            trading::ParameterSet set(info.name, info.parameters);
            if (const auto text = parameters->find(row.strategy); text != parameters->end()) {
                (void)set.setText(text->second); // one that is not legal any more never came into force
            }
            row.parameterHash = set.hash();
        }
        roster.push_back(std::move(row));
    }
    return roster;
}

Result<std::vector<governance::Decision>> decisionsOf(storage::Database& database)
{
    const auto entries = storage::JournalStore(database).after(0);
    if (!entries) {
        return std::unexpected(entries.error());
    }
    std::vector<governance::Decision> out;
    for (const auto& entry : *entries) {
        out.push_back(storage::decisionOf(entry));
    }
    return out;
}

/// Those that were undone are told by the journal.
void markUndone(std::vector<governance::PastDecision>& past, const std::vector<governance::Decision>& decisions)
{
    for (auto& one : past) {
        const auto found = std::ranges::find(decisions, one.id, &governance::Decision::id);
        one.isUndone =
            found != decisions.end() && governance::isUndone(*found, std::span(std::next(found), decisions.end()));
    }
}

} // namespace

Result<GovernanceFacts> readFacts(storage::Database& database, EvidenceReader& evidence)
{
    const storage::ReadTransaction moment(database);
    if (!moment.begun()) {
        return std::unexpected(moment.begun().error());
    }
    if (auto read = evidence.refresh(database); !read) {
        return std::unexpected(read.error());
    }
    storage::ReviewStore reviews(database);
    auto values = storage::PolicyStore(database).values();
    auto texts = storage::PolicyStore(database).texts();
    auto roster = rosterOf(database);
    auto decisions = decisionsOf(database);
    auto past = reviews.pastDecisions();
    auto signs = reviews.signOffs();
    if (!values || !texts) {
        return std::unexpected(values ? texts.error() : values.error());
    }
    if (!roster || !decisions) {
        return std::unexpected(roster ? decisions.error() : roster.error());
    }
    if (!past || !signs) {
        return std::unexpected(past ? signs.error() : past.error());
    }
    markUndone(*past, *decisions);
    GovernanceFacts out{.policy = std::move(*values),
                        .texts = std::move(*texts),
                        .policies = {},
                        .input = {},
                        .decisions = std::move(*decisions)};
    out.policies = governance::policiesFrom(out.policy);
    out.input = {.now = evidence.now(),
                 .roster = std::move(*roster),
                 .evidence = {},
                 .past = std::move(*past),
                 .gapShare = evidence.gapShare(out.policies.review.windowDays),
                 .inExperiment = {},
                 .signOffs = std::move(*signs)};
    out.input.evidence = evidence.evidence(out.input.roster, out.policy);
    return out;
}

governance::ValueInForce valuesInForce(const GovernanceFacts& facts)
{
    return [&facts](const governance::Change& change) -> std::optional<std::string> {
        if (change.kind != governance::ChangeKind::Policy) {
            return governance::valueInForce(facts.input.roster, change);
        }
        if (const auto text = facts.texts.find(change.subject); text != facts.texts.end()) {
            return text->second;
        }
        const auto value = facts.policy.find(change.subject);
        return value == facts.policy.end() ? std::nullopt : std::optional(base::policyNumber(value->second));
    };
}

std::string evidenceText(const GovernanceFacts& facts, std::string_view strategy)
{
    const auto* row = governance::findRow(facts.input.roster, strategy);
    const auto found = std::ranges::find_if(facts.input.evidence, [&](const governance::Evidence& of) {
        return row != nullptr && of.subject == governance::Subject{std::string(strategy), {}} &&
               of.parameterHash == row->parameterHash;
    });
    if (found == facts.input.evidence.end()) {
        return "no evidence";
    }
    const auto days = facts.policies.review.evidenceDays;
    const auto figures = governance::evaluate(*found, days, facts.policies.figures, facts.input.now);
    const auto& trades = figures.trades;
    const governance::Figure winRate{.name = "win rate",
                                     .unit = governance::Unit::Share,
                                     .value = trades.winRate,
                                     .interval = trades.winInterval,
                                     .confidence = 0.95,
                                     .n = trades.n};
    const governance::Figure expectancy{.name = "expectancy after costs",
                                        .unit = governance::Unit::UsdtPerTrade,
                                        .value = trades.expectancy.value,
                                        .interval = trades.expectancy.interval,
                                        .confidence = 0.95,
                                        .n = trades.n};
    return "hash " + figures.parameterHash + ", newest " + std::to_string(days) +
           " days: " + governance::text(winRate) + "; " + governance::text(expectancy) + "; Sharpe " +
           governance::sharpeText(figures, facts.policies.figures) + " of " + std::to_string(figures.days) + " days";
}

Result<std::string> parametersOf(storage::Database& database, std::string_view strategy, std::string_view hash)
{
    const auto rows = storage::TrialsStore(database).of(strategy);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto row = std::ranges::find(*rows, hash, &trading::TrialRow::parameterHash);
    if (row != rows->end()) {
        return row->parameters;
    }
    if (const auto* info = trading::findStrategy(strategy)) {
        const trading::ParameterSet standard(info->name, info->parameters);
        if (standard.hash() == hash) {
            return standard.text();
        }
    }
    return base::fail(ErrorCode::NotFound, std::string(strategy),
                      "no parameters are known with the hash " + std::string(hash));
}

} // namespace qd::engines
