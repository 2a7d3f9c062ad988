#include "governance/experiment.h"

#include "governance/model_registry.h"
#include "trading/arm.h"

#include <algorithm>
#include <cmath>

namespace qd::governance {

using base::ErrorCode;
using base::Result;
using statistics::Verdict;

std::string_view name(Design design)
{
    return design == Design::Paired ? "paired" : "split";
}

std::string_view name(Comparison comparison)
{
    switch (comparison) {
    case Comparison::Models:
        return "model against model";
    case Comparison::Parameters:
        return "parameters against parameters";
    case Comparison::OnOff:
        return "on against off";
    }
    return "";
}

std::string_view sentence(Advice advice)
{
    switch (advice) {
    case Advice::Wait:
        return "Wait: the data do not say yet.";
    case Advice::PromoteB:
        return "Promote B: its gates are passed and the interval lies on its side.";
    case Advice::KeepA:
        return "Keep A.";
    case Advice::StopForHarm:
        return "Stop: B does harm.";
    case Advice::StopInvalid:
        return "Stop: the split between the arms is not what was planned, so no comparison holds.";
    }
    return "";
}

Result<ExperimentPlan> planned(ExperimentPlan wish, base::Millis timeLimit, UtcMs now, const RosterRow* row,
                               std::span<const ExperimentPlan> running)
{
    const auto refuse = [&](std::string why) { return base::fail(ErrorCode::Conflict, wish.subject, std::move(why)); };
    if (wish.a == wish.b) {
        return refuse("both arms are the same: they would never differ");
    }
    if (row != nullptr && !runs(*row)) {
        return refuse("it is archived and does not run; revive it first");
    }
    if (wish.comparison == Comparison::OnOff && wish.design == Design::Split) {
        return refuse("off trades nothing, so it cannot be split; pair it");
    }
    const auto other = std::ranges::find(running, wish.subject, &ExperimentPlan::subject);
    if (other != running.end()) {
        return refuse("experiment " + std::to_string(other->id) + " runs on it already");
    }
    const auto today = base::bucketStart(now, base::oneDay);
    wish.begins = today == now ? now : today + base::oneDay;
    const auto limit = std::max<std::int64_t>(timeLimit.count(), 1);
    wish.blockDays = static_cast<std::size_t>((limit + base::oneDay.count() - 1) / base::oneDay.count());
    return wish;
}

bool isShadow(const ExperimentPlan& plan)
{
    return plan.comparison == Comparison::Models && modelKey(plan.subject).has_value();
}

Arm armOf(std::int64_t experiment, InstrumentId instrument, UtcMs decisionBar)
{
    return trading::takesA(experiment, instrument, decisionBar) ? Arm::A : Arm::B;
}

std::vector<double> blockSums(std::span<const TradeResult> trades, const ExperimentPlan& plan, UtcMs now)
{
    const auto block = base::oneDay * static_cast<std::int64_t>(plan.blockDays);
    const auto complete = now < plan.begins ? 0 : (now - plan.begins) / block;
    std::vector<double> sums(static_cast<std::size_t>(complete), 0.0);
    for (const auto& trade : tradesBetween(trades, plan.begins, plan.begins + complete * block)) {
        sums[static_cast<std::size_t>((trade.closed - plan.begins) / block)] += trade.net;
    }
    return sums;
}

bool Assessment::gatesPass() const
{
    return !gates.empty() && std::ranges::all_of(gates, &PromotionGate::isPassed);
}

Result<void> mayPromoteB(const Assessment& assessment, std::string_view reason)
{
    if (assessment.verdict == Verdict::InvalidSrm) {
        return base::fail(ErrorCode::Conflict, "experiment",
                          "the split is not what was planned; nothing may come of it");
    }
    if (!assessment.gatesPass()) {
        std::string red;
        for (const auto& gate : assessment.gates) {
            if (!gate.isPassed) {
                red.append(red.empty() ? "" : ", ").append(gate.name);
            }
        }
        return base::fail(ErrorCode::Conflict, "experiment", "not passed: " + red);
    }
    if (!assessment.supportsB() && reason.find_first_not_of(" \t\n") == std::string_view::npos) {
        return base::fail(ErrorCode::Conflict, "experiment", "the interval does not support it: that wants a reason");
    }
    return {};
}

std::vector<Change> promotionChanges(const ExperimentPlan& plan, const RosterRow& row)
{
    switch (plan.comparison) {
    case Comparison::Parameters: {
        std::vector<Change> changes{recordChange(row, plan.b, plan.begins)};
        if (row.stage != Stage::Paper) {
            changes.push_back(stageChange(row, Stage::Paper));
        }
        return changes;
    }
    case Comparison::OnOff:
        return row.whole.isOn ? std::vector<Change>{} : std::vector{switchChange(row, {}, true)};
    case Comparison::Models:
        break;
    }
    return {};
}

IncumbentResult incumbentResult(const ExperimentPlan& plan, const Assessment& assessment)
{
    const auto& interval = assessment.difference.interval;
    IncumbentResult out{.state = GateState::Waiting,
                        .figure = {.name = plan.design == Design::Paired ? "B less A, lower end, a block"
                                                                         : "B less A, lower end, a trade",
                                   .unit = plan.design == Design::Paired ? Unit::Usdt : Unit::UsdtPerTrade,
                                   .confidence = 1 - plan.policy.alpha,
                                   .n = assessment.blocks,
                                   .of = "days",
                                   .limit = 0.0},
                        .daysLeft = assessment.moreDays,
                        .note = std::string(sentence(assessment.advice))};
    if (interval) {
        out.figure.value = -interval->upper;
        out.figure.interval = statistics::Interval{-interval->upper, -interval->lower};
    }
    if (assessment.advice == Advice::PromoteB) {
        out.state = GateState::Passed;
    } else if (assessment.advice != Advice::Wait) {
        out.state = GateState::Failed;
    }
    return out;
}

} // namespace qd::governance
