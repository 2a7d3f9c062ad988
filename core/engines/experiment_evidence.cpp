#include "engines/experiment_evidence.h"

#include "storage/trade_pages.h"
#include "trading/arm.h"

#include <algorithm>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using governance::Arm;
using governance::Comparison;
using governance::Design;

namespace {

Result<std::vector<governance::TradeResult>> tradesOf(storage::Database& database, const std::string& book,
                                                      const std::string& hash, UtcMs from)
{
    std::vector<governance::TradeResult> out;
    if (book.empty()) {
        return out;
    }
    const auto rows =
        storage::tradesOf(database, {.strategy = book, .withShadow = true, .parameterHash = hash, .from = from});
    if (!rows) {
        return std::unexpected(rows.error());
    }
    out.reserve(rows->size());
    for (const auto& trade : *rows) {
        out.push_back(governance::tradeResult(trade));
    }
    return out;
}

} // namespace

Result<std::optional<UtcMs>> ledgerNow(storage::Database& database)
{
    const auto newest = database.number("SELECT max(t) FROM (SELECT max(time) t FROM equity UNION ALL SELECT "
                                        "max(exit_time) FROM trades UNION ALL SELECT max(entry_time) FROM positions)");
    if (!newest) {
        return std::unexpected(newest.error());
    }
    return *newest > 0 ? std::optional(UtcMs{*newest}) : std::nullopt;
}

std::string bookOf(const governance::ExperimentPlan& plan, Arm arm)
{
    if (plan.comparison == Comparison::OnOff) {
        return arm == Arm::A ? std::string() : plan.subject;
    }
    if (arm == Arm::A && plan.design == Design::Paired) {
        return plan.subject;
    }
    return trading::ledgerName({plan.subject, plan.id, arm == Arm::A ? 'a' : 'b'});
}

Result<governance::Observations> observationsOf(storage::Database& database, const governance::ExperimentPlan& plan)
{
    governance::Observations out;
    for (const auto& [arm, hash, to] : {std::tuple(Arm::A, &plan.a, &out.a), std::tuple(Arm::B, &plan.b, &out.b)}) {
        const auto book = bookOf(plan, arm);
        auto trades = tradesOf(database, book, *hash, plan.begins);
        if (!trades) {
            return std::unexpected(trades.error());
        }
        to->trades = std::move(*trades);
        if (plan.design == Design::Split) {
            auto asked = storage::ExperimentStore(database).asked(book);
            if (!asked) {
                return std::unexpected(asked.error());
            }
            to->asked = std::move(*asked);
        }
    }
    return out;
}

Result<governance::Assessment> assessed(storage::Database& database, const storage::StoredExperiment& experiment,
                                        UtcMs now)
{
    const auto seen = observationsOf(database, experiment.plan);
    if (!seen) {
        return std::unexpected(seen.error());
    }
    return governance::assess(experiment.inForce(), *seen, experiment.latch, experiment.ended.value_or(now));
}

Result<std::vector<console::ExperimentLine>> runningLines(storage::Database& database, UtcMs clock)
{
    const auto running = storage::ExperimentStore(database).running();
    const auto now = ledgerNow(database);
    if (!running || !now) {
        return std::unexpected(running ? now.error() : running.error());
    }
    std::vector<console::ExperimentLine> out;
    for (const auto& experiment : *running) {
        const auto assessment = assessed(database, experiment, now->value_or(clock));
        if (!assessment) {
            return std::unexpected(assessment.error());
        }
        out.push_back({experiment.plan.id, experiment.plan.subject, assessment->verdict, assessment->advice,
                       assessment->moreDays});
    }
    return out;
}

std::map<std::string, std::set<std::int64_t>> experimentDays(std::span<const storage::StoredExperiment> experiments,
                                                             UtcMs now)
{
    std::map<std::string, std::set<std::int64_t>> out;
    for (const auto& experiment : experiments) {
        const auto end = experiment.ended.value_or(now);
        if (experiment.plan.begins <= end) {
            auto& days = out[experiment.plan.subject];
            for (auto day = governance::dayOf(experiment.plan.begins); day <= governance::dayOf(end); ++day) {
                days.insert(day);
            }
        }
    }
    return out;
}

Result<std::optional<governance::IncumbentResult>> incumbentOf(storage::Database& database,
                                                               const governance::RosterRow& row, UtcMs now)
{
    const auto all = storage::ExperimentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    // Its parameters were a challenger's, and won; or they are the challenger of nothing, and the strategy itself is
    // on trial against staying off.
    const auto concerns = [&](const storage::StoredExperiment& one) {
        return one.plan.subject == row.strategy && one.plan.b == row.parameterHash &&
               (one.outcome == storage::outcomePromoted || (!one.ended && one.plan.comparison == Comparison::OnOff));
    };
    const auto found = std::ranges::find_if(*all, concerns);
    if (found == all->end()) {
        return std::nullopt;
    }
    const auto assessment = assessed(database, *found, now);
    if (!assessment) {
        return std::unexpected(assessment.error());
    }
    return governance::incumbentResult(found->plan, *assessment);
}

} // namespace qd::engines
