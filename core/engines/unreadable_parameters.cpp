#include "engines/unreadable_parameters.h"

#include "storage/decision_writer.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <optional>

namespace qd::engines {

using base::Result;
using governance::Stage;
using storage::DecisionRows;
using storage::SavedRow;

namespace {

/// What is written of a row that cannot go on as it is; empty for one that can.
std::optional<DecisionRows> fallOf(const SavedRow& saved, base::UtcMs now)
{
    const auto* info = trading::findStrategy(saved.row.strategy);
    if (info == nullptr || saved.parameters.empty()) {
        return std::nullopt;
    }
    trading::ParameterSet parameters(info->name, info->parameters);
    const auto legal = parameters.setText(saved.parameters);
    const auto hash = parameters.hash();
    if (legal && hash == saved.row.parameterHash) {
        return std::nullopt;
    }
    auto row = saved.row;
    row.parameterHash = hash;
    row.recordSince = now;
    if (row.stage != Stage::Archived) {
        row.stage = Stage::Paper;
        row.stageSince = now;
    }
    return DecisionRows{
        .decision = {.id = 0,
                     .time = now,
                     .by = governance::Actor::Policy,
                     .changes = governance::changesBetween(saved.row, row),
                     .what = row.strategy + " begins anew with " +
                             (legal ? "the parameters as this version reads them" : "its default parameters"),
                     .why = legal ? "this version has other parameters than the one that kept them"
                                  : "this version cannot read its parameters: " + legal.error().detail,
                     .evidence = "they were " + saved.parameters + ", hash " + saved.row.parameterHash,
                     .undoes = {}},
        .roster = {{row, parameters.text()}},
        .trial = trading::TrialRow{.time = now,
                                   .strategy = row.strategy,
                                   .parameterHash = hash,
                                   .parameters = parameters.text(),
                                   .origin = "version"}};
}

Result<std::vector<std::string>> write(storage::Database& database, const std::vector<SavedRow>& saved,
                                       const std::vector<storage::StoredExperiment>& running, base::UtcMs now)
{
    std::vector<std::string> told;
    for (const auto& row : saved) {
        auto fall = fallOf(row, now);
        if (!fall) {
            continue;
        }
        const auto& decision = fall->decision;
        const auto on = std::ranges::find(running, row.row.strategy, [](const auto& one) { return one.plan.subject; });
        if (on != running.end()) {
            fall->experiment =
                storage::ExperimentStep{.ended = storage::ExperimentStep::End{
                                            on->plan.id, now, std::string(storage::outcomeStopped), decision.why}};
        }
        if (auto written = storage::writeDecision(database, *fall); !written) {
            return std::unexpected(written.error());
        }
        told.push_back(decision.what + ": " + decision.why + ".");
    }
    return told;
}

} // namespace

Result<std::vector<std::string>> settleUnreadable(storage::Database& database, base::UtcMs now)
{
    const auto saved = storage::RosterStore(database).rows();
    const auto running = storage::ExperimentStore(database).running();
    if (!saved || !running) {
        return std::unexpected(saved ? running.error() : saved.error());
    }
    if (std::ranges::none_of(*saved, [now](const SavedRow& row) { return fallOf(row, now).has_value(); })) {
        return std::vector<std::string>{};
    }
    if (auto begun = database.begin(); !begun) {
        return std::unexpected(begun.error());
    }
    auto told = write(database, *saved, *running, now);
    if (told) {
        if (auto committed = database.commit(true); !committed) {
            told = std::unexpected(committed.error());
        }
    }
    if (!told) {
        database.rollback();
    }
    return told;
}

} // namespace qd::engines
