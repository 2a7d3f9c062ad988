#include "engines/experiment_queries.h"

#include "statistics/equity.h"
#include "statistics/trade_statistics.h"

#include <algorithm>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using governance::Arm;
using governance::Comparison;

namespace {

constexpr std::size_t mostPoints = 300;
constexpr std::size_t mostLooks = 60;
constexpr std::size_t gateRuns = 500;

/// At most mostPoints of them, evenly, the last one always.
template <typename T>
std::vector<T> thinned(std::vector<T> all)
{
    if (all.size() <= mostPoints) {
        return all;
    }
    std::vector<T> out;
    for (std::size_t i = 1; i <= mostPoints; ++i) {
        out.push_back(all[i * all.size() / mostPoints - 1]);
    }
    return out;
}

console::ExperimentArm armRow(const storage::StoredExperiment& experiment, Arm arm,
                              std::span<const governance::TradeResult> all, UtcMs until)
{
    const auto& plan = experiment.plan;
    const bool isA = arm == Arm::A;
    console::ExperimentArm out{.name = isA ? "A" : "B",
                               .hash = isA ? plan.a : plan.b,
                               .parameters = isA ? experiment.parametersA : experiment.parametersB};
    const auto trades = governance::tradesBetween(all, plan.begins, until);
    const auto nets = governance::netsOf(trades);
    const auto figures = statistics::tradeStatistics(nets);
    out.trades = figures.n;
    out.won = figures.wins;
    out.net = figures.net;
    out.expectancy = figures.expectancy.value;
    out.winRate = figures.winRate;
    // As its gate compares it: daily from enough days on, before that a trade.
    const auto blocks = governance::blockSums(all, plan, until);
    const bool isDaily = plan.blockDays == 1 && blocks.size() >= plan.policy.sharpeDays;
    out.sharpe = statistics::sharpeRatio(isDaily ? blocks : nets);
    double sum = 0;
    for (const auto& trade : trades) {
        sum += trade.net;
        out.equity.emplace_back(trade.closed, sum);
    }
    out.equity = thinned(std::move(out.equity));
    return out;
}

Result<console::ExperimentRow> rowOf(storage::Database& database, GatePassRates& rates,
                                     const storage::StoredExperiment& experiment, UtcMs now)
{
    const auto plan = experiment.inForce();
    const auto until = experiment.ended.value_or(now);
    const auto seen = rates.books().observations(database, plan);
    const auto course = storage::ExperimentStore(database).course(plan.id);
    if (!seen || !course) {
        return std::unexpected(seen ? course.error() : seen.error());
    }
    console::ExperimentRow out{.plan = plan,
                               .assessment = assessedBy(experiment, *seen, now),
                               .created = experiment.created,
                               .ended = experiment.ended,
                               .outcome = experiment.outcome,
                               .why = experiment.ended ? experiment.why : experiment.reason};
    for (const auto& [arm, of] : {std::pair(Arm::A, &seen->a), std::pair(Arm::B, &seen->b)}) {
        if (arm == Arm::B || plan.comparison != Comparison::OnOff) { // off has no trades
            out.arms.push_back(armRow(experiment, arm, of->trades, until));
        }
    }
    for (const auto& point : *course) { // the screen prints B − A
        out.course.push_back({point.time, -point.mean, -point.high, -point.low});
    }
    out.course = thinned(std::move(out.course));
    const auto& reference = plan.comparison == Comparison::OnOff ? seen->b : seen->a;
    const auto trades = governance::tradesBetween(reference.trades, plan.begins, until);
    if (!experiment.ended && plan.begins < until) {
        const auto days =
            static_cast<double>((until - plan.begins).count()) / static_cast<double>(base::oneDay.count());
        // A's trades are half the strategy's where they are split.
        const auto all = static_cast<double>(trades.size()) / governance::tradesOfAnArm(1.0, plan.design);
        out.equalPassRate = rates.equalRate(plan, governance::netsOf(trades), all / days);
    }
    return out;
}

} // namespace

std::optional<double> GatePassRates::equalRate(const governance::ExperimentPlan& plan,
                                               const std::vector<double>& trades, double tradesPerDay)
{
    const auto [known, isNew] = known_.try_emplace({plan.id, trades.size() / 100});
    if (isNew || !known->second) { // too few trades then may be enough now
        const auto first = std::max<std::size_t>(plan.policy.minBlocks, 1);
        const auto looks = plan.policy.maxDays > first ? plan.policy.maxDays - first : 1;
        const auto rated = governance::simulateGate({.gate = plan.policy,
                                                     .wantsInterval = true,
                                                     .design = plan.design,
                                                     .comparison = plan.comparison,
                                                     .looks = std::min(looks, mostLooks),
                                                     .tradesPerDay = tradesPerDay,
                                                     .daysBeforeFirst = first,
                                                     .daysBetween = 1,
                                                     .trades = trades,
                                                     .runs = gateRuns,
                                                     .seed = static_cast<std::uint64_t>(plan.id)});
        if (rated) {
            known->second = (*rated)[1].rate();
        }
    }
    return known->second;
}

Result<console::Experiments> experimentsOf(storage::Database& database, GatePassRates& rates, UtcMs clock)
{
    const auto all = storage::ExperimentStore(database).all();
    const auto now = ledgerNow(database);
    if (!all || !now) {
        return std::unexpected(all ? now.error() : all.error());
    }
    console::Experiments out;
    for (const auto& experiment : *all) {
        auto row = rowOf(database, rates, experiment, now->value_or(clock));
        if (!row) {
            return std::unexpected(row.error());
        }
        out.rows.push_back(std::move(*row));
    }
    return out;
}

} // namespace qd::engines
