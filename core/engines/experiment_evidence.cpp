#include "engines/experiment_evidence.h"

#include "storage/model_store.h"
#include "trading/arm.h"

#include <algorithm>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using governance::Arm;
using governance::Comparison;
using governance::Design;

namespace {

// Days on which both versions predicted the same rows.
Result<governance::Observations> shadowOf(storage::Database& database, const governance::ExperimentPlan& plan)
{
    const auto days = storage::ModelStore(database).days(plan.b);
    if (!days) {
        return std::unexpected(days.error());
    }
    governance::Observations out;
    for (const auto& day : *days) {
        if (day.champion == plan.a && day.championLoss && day.rows > 0) {
            const auto rows = static_cast<double>(day.rows);
            out.shadow.push_back({governance::dayOf(day.day), day.rows, *day.championLoss / rows, day.loss / rows});
        }
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

// The rows behind the newest one that is known: by number, so that the rest of the ledger is not passed over again.
Result<void> ExperimentBooks::read(storage::Database& database, Book& book, const std::string& name,
                                   const std::string& hash, UtcMs from)
{
    auto rows = database.prepare("SELECT id,entry_time,exit_time,net,in_shadow FROM trades WHERE id>?1 AND " +
                                 std::string(book.newestRow > 0 ? "+strategy" : "strategy") +
                                 "=?2 AND (?3='' OR parameter_hash=?3) AND exit_time>=?4 ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, book.newestRow).bind(1, name).bind(2, hash).bind(3, from.value);
    while (true) {
        const auto has = rows->step();
        if (!has) {
            return std::unexpected(has.error());
        }
        if (!*has) {
            break;
        }
        book.newestRow = rows->integer(0);
        book.trades.push_back({.opened = {rows->integer(1)},
                               .closed = {rows->integer(2)},
                               .net = base::toUsdt({rows->integer(3)}),
                               .inShadow = rows->integer(4) != 0,
                               .regime = {}});
    }
    std::ranges::stable_sort(book.trades, {}, &governance::TradeResult::closed);
    return {};
}

Result<governance::Observations> ExperimentBooks::observations(storage::Database& database,
                                                               const governance::ExperimentPlan& plan)
{
    if (governance::isShadow(plan)) {
        return shadowOf(database, plan);
    }
    governance::Observations out;
    const bool isOfModels = plan.comparison == Comparison::Models; // then both have the parameters in force
    for (const auto& [arm, hash, to] : {std::tuple(Arm::A, &plan.a, &out.a), std::tuple(Arm::B, &plan.b, &out.b)}) {
        const auto name = bookOf(plan, arm);
        auto& book = books_[{plan.id, arm}];
        if (!name.empty()) {
            if (auto done = read(database, book, name, isOfModels ? std::string() : *hash, plan.begins); !done) {
                book = {}; // half of it may be there
                return std::unexpected(done.error());
            }
        }
        to->trades = book.trades;
        if (plan.design == Design::Split) {
            auto asked = storage::ExperimentStore(database).asked(name);
            if (!asked) {
                return std::unexpected(asked.error());
            }
            to->asked = std::move(*asked);
        }
    }
    return out;
}

Result<governance::Observations> observationsOf(storage::Database& database, const governance::ExperimentPlan& plan)
{
    return ExperimentBooks().observations(database, plan);
}

Result<governance::Assessment> assessed(storage::Database& database, const storage::StoredExperiment& experiment,
                                        UtcMs now)
{
    const auto seen = observationsOf(database, experiment.plan);
    if (!seen) {
        return std::unexpected(seen.error());
    }
    return assessedBy(experiment, *seen, now);
}

governance::Assessment assessedBy(const storage::StoredExperiment& experiment, const governance::Observations& seen,
                                  UtcMs now)
{
    const auto plan = experiment.inForce();
    return experiment.ended ? governance::assess(plan, seen, experiment.latch, *experiment.ended)
                            : governance::assessBetweenLooks(plan, seen, experiment.latch, now);
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
