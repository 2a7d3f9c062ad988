#include "governance/gates.h"

#include "governance/gate_rules.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qd::governance {

using base::ErrorCode;
using base::Result;

std::string_view name(Gate gate)
{
    switch (gate) {
    case Gate::Trades:
        return "trades";
    case Gate::WinRate:
        return "win rate";
    case Gate::Sharpe:
        return "daily Sharpe";
    case Gate::Expectancy:
        return "expectancy";
    case Gate::Psr:
        return "probabilistic Sharpe";
    case Gate::Dsr:
        return "deflated Sharpe";
    case Gate::Drawdown:
        return "drawdown";
    case Gate::Days:
        return "days";
    case Gate::NotTooGood:
        return "not too good to be true";
    case Gate::Convergence:
        return "convergence";
    case Gate::Sensitivity:
        return "sensitivity";
    case Gate::Incumbent:
        return "against the incumbent";
    }
    return "";
}

std::string_view name(GateState state)
{
    switch (state) {
    case GateState::Waiting:
        return "waiting";
    case GateState::Failed:
        return "failed";
    case GateState::Passed:
        return "passed";
    }
    return "";
}

bool Checklist::isPassed() const
{
    return !gates.empty() &&
           std::ranges::all_of(gates, [](const GateResult& g) { return g.state == GateState::Passed; });
}

std::string Checklist::red() const
{
    std::string out;
    for (const auto& gate : gates) {
        if (gate.state != GateState::Passed) {
            out.append(out.empty() ? "" : ", ").append(name(gate.gate));
        }
    }
    return out;
}

namespace {

/// What makes a strategy trade that asks a model and has none, as the end of a sentence; empty for any other.
std::string wantsModel(const ReadyInput& input)
{
    const auto* info = trading::findStrategy(input.row.strategy);
    const auto& days = input.evidence.days;
    const bool hasNone = input.evidence.trades.empty() && !days.empty() && days.back().use == DayUse::NoModel;
    return info != nullptr && hasNone
               ? "; without a model it makes no trade: train " + std::string(info->model) + " on Models"
               : std::string();
}

} // namespace

Checklist checklistOf(const ReadyInput& input, const Policies& policies)
{
    Checklist out{judgeGates(input, policies)};
    const auto rate = tradesPerDay(input.evidence, policies.review.evidenceDays);
    for (const auto& lock : rate ? deadlocksAt(*rate, policies) : std::vector<Deadlock>{}) {
        auto& gate = out.gates[static_cast<std::size_t>(lock.gate)];
        if (gate.state != GateState::Passed) {
            gate.isDeadlock = true;
            gate.note = (std::isfinite(lock.needsDays) ? "in about " + text(std::ceil(lock.needsDays), Unit::Days)
                                                       : std::string("never")) +
                        " at the present rate; " + std::string(lock.because) + " after " +
                        text(lock.hasDays, Unit::Days) + (lock.gate == Gate::Trades ? wantsModel(input) : "");
        }
    }
    return out;
}

std::vector<Deadlock> deadlocksAt(double tradesPerDay, const Policies& policies)
{
    const auto daysFor = [&](double trades) {
        return tradesPerDay > 0 ? trades / tradesPerDay : std::numeric_limits<double>::infinity();
    };
    const double span =
        static_cast<double>(policies.convergence.windowSpan.count()) / static_cast<double>(base::oneDay.count());
    const std::vector all{Deadlock{Gate::Trades, daysFor(static_cast<double>(policies.review.candidateTrades)),
                                   static_cast<double>(policies.review.evidenceDays), "the window of a candidate ends"},
                          Deadlock{Gate::Convergence,
                                   static_cast<double>(policies.convergence.windows) *
                                       std::max(daysFor(static_cast<double>(policies.convergence.windowTrades)), span),
                                   static_cast<double>(policies.review.archiveAfterDays),
                                   "what has not converged is archived"},
                          Deadlock{Gate::Incumbent, daysFor(static_cast<double>(policies.experiment.minTrades)),
                                   static_cast<double>(policies.experiment.maxDays), "an experiment ends"}};
    std::vector<Deadlock> locked;
    std::ranges::copy_if(all, std::back_inserter(locked), [](const Deadlock& d) { return d.needsDays > d.hasDays; });
    return locked;
}

Result<RosterRow> promoted(const RosterRow& row, const Checklist& checklist, std::string_view reason, UtcMs now)
{
    auto next = staged(row, Stage::Ready, now);
    if (!next) {
        return next;
    }
    if (!checklist.isPassed()) {
        if (reason.find_first_not_of(" \t\n") == std::string_view::npos) {
            return base::fail(ErrorCode::Conflict, row.strategy, "red gates want a reason: " + checklist.red());
        }
        next->passedRed = true;
    }
    return next;
}

} // namespace qd::governance
