#include "engines/governance_facts.h"

#include "storage/block_table.h"
#include "storage/review_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

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

Result<GovernanceFacts> readStanding(storage::Database& database, EvidenceReader& evidence)
{
    const storage::ReadTransaction moment(database);
    if (!moment.begun()) {
        return std::unexpected(moment.begun().error());
    }
    if (auto read = evidence.refresh(database); !read) {
        return std::unexpected(read.error());
    }
    storage::ReviewStore reviews(database);
    auto inForce = readInForce(database);
    auto past = reviews.pastDecisions();
    auto signs = reviews.signOffs();
    const auto experiments = storage::ExperimentStore(database).running();
    if (!inForce || !experiments) {
        return std::unexpected(inForce ? experiments.error() : inForce.error());
    }
    if (!past || !signs) {
        return std::unexpected(past ? signs.error() : past.error());
    }
    markUndone(*past, evidence.journal());
    GovernanceFacts out{.inForce = std::move(*inForce), .policy = {}, .policies = {}, .input = {}, .decisions = {}};
    out.policy = out.inForce.policy.numbers;
    out.policies = governance::policiesFrom(out.policy);
    out.decisions = evidence.journal();
    out.input.now = evidence.now();
    out.input.roster = out.inForce.roster;
    out.input.past = std::move(*past);
    out.input.gapShare = evidence.gapShare(out.policies.review.windowDays);
    out.input.signOffs = std::move(*signs);
    for (const auto& experiment : *experiments) {
        out.input.inExperiment.insert(experiment.plan.subject);
    }
    return out;
}

Result<GovernanceFacts> readFacts(storage::Database& database, EvidenceReader& evidence)
{
    auto facts = readStanding(database, evidence);
    if (facts) {
        facts->input.evidence = evidence.evidence(facts->input.roster, facts->policy);
    }
    return facts;
}

governance::ValueInForce valuesInForce(const GovernanceFacts& facts)
{
    return [&facts](const governance::Change& change) -> std::optional<std::string> {
        if (change.kind == governance::ChangeKind::ModelStage) {
            return governance::modelInForce(facts.inForce.models, change);
        }
        if (change.kind != governance::ChangeKind::Policy) {
            return governance::valueInForce(facts.input.roster, change);
        }
        return policyInForce(facts.inForce.policy, change.subject);
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
