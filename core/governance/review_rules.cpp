#include "governance/review_rules.h"

#include "statistics/equity.h"
#include "statistics/sharpe.h"

#include <algorithm>
#include <cmath>

namespace qd::governance {

namespace {

base::Millis daysOf(std::size_t days)
{
    return base::oneDay * static_cast<std::int64_t>(days);
}

Figure expectancyFigure(const statistics::Estimate& estimate, double confidence)
{
    return {.name = "expectancy after costs",
            .unit = Unit::UsdtPerTrade,
            .value = estimate.value,
            .interval = estimate.interval,
            .confidence = confidence,
            .n = estimate.n,
            .of = "trades",
            .limit = 0.0};
}

Figure windowFigure(std::size_t days)
{
    return {.name = "window", .unit = Unit::Days, .value = static_cast<double>(days), .n = days};
}

} // namespace

const Evidence* evidenceOf(const ReviewInput& input, const Subject& subject)
{
    const auto* row = findRow(input.roster, subject.strategy);
    const auto found = std::ranges::find_if(input.evidence, [&](const Evidence& evidence) {
        return row != nullptr && evidence.subject == subject && evidence.parameterHash == row->parameterHash;
    });
    return found == input.evidence.end() ? nullptr : &*found;
}

Judgement judgeDisable(const Evidence& evidence, UtcMs now, const ReviewPolicy& policy)
{
    auto days = policy.windowDays;
    auto trades = tradesBetween(evidence.trades, now - daysOf(days), now);
    while (trades.size() < policy.minTrades && days < policy.maxWindowDays) {
        trades = tradesBetween(evidence.trades, now - daysOf(++days), now);
    }
    Judgement out;
    if (trades.size() < policy.minTrades) {
        out.figures = {countFigure("closed trades", trades.size(), static_cast<double>(policy.minTrades)),
                       windowFigure(days)};
        return out;
    }
    const auto estimate = expectancyOf(netsOf(trades), policy.confidence, policy.replicates,
                                       seedOf(evidence.subject, dayOf(now), "review"));
    out.holds = estimate.interval && estimate.interval->upper < 0;
    out.figures = {expectancyFigure(estimate, policy.confidence), windowFigure(days)};
    return out;
}

Judgement judgeReenable(const Evidence& evidence, UtcMs offSince, UtcMs now, const ReviewPolicy& policy)
{
    // What was open at the fall closes as part of the roster; only what began in shadow speaks for it.
    std::vector<double> nets;
    for (const auto& trade : tradesBetween(evidence.trades, offSince, now)) {
        if (trade.inShadow) {
            nets.push_back(trade.net);
        }
    }
    Judgement out;
    if (nets.size() < policy.reenableTrades) {
        out.figures = {countFigure("shadow trades since", nets.size(), static_cast<double>(policy.reenableTrades))};
        return out;
    }
    const auto estimate =
        expectancyOf(nets, policy.confidence, policy.replicates, seedOf(evidence.subject, dayOf(now), "review"));
    out.holds = estimate.interval && estimate.interval->lower > 0;
    out.figures = {expectancyFigure(estimate, policy.confidence),
                   windowFigure(static_cast<std::size_t>((now - offSince) / base::oneDay))};
    return out;
}

std::size_t fallsWith(const Subject& subject, std::span<const PastDecision> past, UtcMs recordSince, UtcMs now,
                      const ReviewPolicy& policy)
{
    const auto from = std::max(recordSince, now - daysOf(policy.fallsDays));
    return 1 + static_cast<std::size_t>(std::ranges::count_if(past, [&](const PastDecision& decision) {
               return decision.rule == Rule::Disable && !decision.isUndone && decision.subject == subject &&
                      decision.at >= from && decision.at <= now;
           }));
}

CandidateJudgement judgeCandidate(const Evidence& evidence, UtcMs now, const Policies& policies)
{
    const auto& policy = policies.review;
    const auto figures = evaluate(evidence, policy.evidenceDays, policies.figures, now);
    const auto breakEven = breakEvenRate(figures.trades);
    const auto& winRate = figures.trades.winRate;
    CandidateJudgement out;
    out.flags = tooGoodFlags(figures, policies.tooGood);
    const auto sharpe = figures.sharpe.daily();
    out.rank = sharpe.interval ? sharpe.interval->lower : 0;
    out.figures = {countFigure("closed trades", figures.trades.n, static_cast<double>(policy.candidateTrades)),
                   {.name = "win rate",
                    .unit = Unit::Share,
                    .value = winRate,
                    .interval = figures.trades.winInterval,
                    .confidence = 0.95,
                    .n = figures.trades.n,
                    .of = "trades",
                    .limit = policy.candidateWinRate},
                   {.name = "break-even rate", .unit = Unit::Share, .value = breakEven, .n = figures.trades.n},
                   {.name = "daily Sharpe ratio, a year",
                    .unit = Unit::Ratio,
                    .value = sharpe.annual,
                    .interval = sharpe.interval,
                    .confidence = 0.95,
                    .n = figures.days,
                    .of = "days",
                    .limit = policy.candidateSharpe}};
    // Without a losing trade there is no break-even rate to be over: it wins always, which tooGoodFlags() holds up.
    const bool isOverBreakEven = breakEven ? winRate && *winRate > *breakEven : figures.trades.losses == 0;
    out.holds = figures.days >= policy.evidenceDays && figures.trades.n >= policy.candidateTrades && winRate &&
                *winRate >= policy.candidateWinRate && isOverBreakEven && sharpe.annual &&
                *sharpe.annual >= policy.candidateSharpe;
    return out;
}

ConvergenceJudgement judgeNotConverged(const Evidence& evidence, const Policies& policies)
{
    const auto clock = daysOnTheClock(evidence);
    ConvergenceJudgement out;
    Figure days = countFigure("days with data on the clock", clock,
                              static_cast<double>(policies.review.archiveAfterDays), "days");
    out.figures = {days};
    if (clock < policies.review.archiveAfterDays) {
        return out;
    }
    const auto past = pastConvergence(evidence, policies.convergence);
    const auto tonight = convergenceOf(evidence.trades, policies.convergence);
    out.figures.push_back(
        countFigure("closed trades", evidence.trades.size(),
                    static_cast<double>(policies.convergence.windows * policies.convergence.windowTrades)));
    for (const auto& window : tonight.windows) {
        out.figures.push_back({.name = "expectancy of a window",
                               .unit = Unit::UsdtPerTrade,
                               .value = window.expectancy,
                               .n = window.trades,
                               .of = "trades",
                               .limit = 0.0});
    }
    out.lacksRegimes = past.everEarned && !past.everConverged;
    out.holds = !past.everConverged && !out.lacksRegimes;
    return out;
}

namespace {

// Its trades closed in (from, to], whatever the parameters.
struct After {
    std::size_t trades = 0;
    double net = 0;
};
After after(const ReviewInput& input, const Subject& subject, UtcMs from, UtcMs to)
{
    After out;
    for (const auto& evidence : input.evidence) {
        if (evidence.subject == subject) {
            for (const auto& trade : tradesBetween(evidence.trades, from + base::Millis{1}, to + base::Millis{1})) {
                ++out.trades;
                out.net += trade.net;
            }
        }
    }
    return out;
}

RecordAfter recordOver(Rule rule, std::size_t days, const ReviewInput& input)
{
    RecordAfter out{.days = days};
    const bool wantsGain = rule == Rule::Reenable || rule == Rule::Candidate;
    double net = 0;
    for (const auto& decision : input.past) {
        const auto end = decision.at + daysOf(days);
        if (decision.rule != rule || decision.isUndone || end > input.now) {
            continue;
        }
        const auto then = after(input, decision.subject, decision.at, end);
        if (then.trades == 0) {
            ++out.withoutTrades;
            continue;
        }
        ++out.decisions;
        out.right += (wantsGain ? then.net > 0 : then.net < 0) ? 1U : 0U;
        net += then.net;
    }
    if (out.decisions > 0) {
        out.meanNet = net / static_cast<double>(out.decisions);
    }
    return out;
}

// Sum of the daily PnL and capital of all that count, `changed` counted as `on`, over the newest days.
RosterResult resultOf(const ReviewInput& input, const Subject& changed, bool on, std::size_t days,
                      const ReviewPolicy& policy)
{
    std::vector<double> pnl(days, 0.0);
    double capital = 0;
    const auto end = dayOf(input.now); // the running day is not complete
    const auto add = [&](const Evidence& evidence, double sign) {
        capital += sign * evidence.capital;
        for (std::size_t i = 0; i < evidence.days.size(); ++i) {
            const auto age = end - 1 - (evidence.firstDay + static_cast<std::int64_t>(i));
            if (age >= 0 && age < static_cast<std::int64_t>(days)) {
                pnl[days - 1 - static_cast<std::size_t>(age)] += sign * evidence.days[i].pnl;
            }
        }
    };
    for (const auto& row : input.roster) {
        const bool isChanged = !changed.instrument && row.strategy == changed.strategy;
        const auto* whole = evidenceOf(input, {row.strategy, std::nullopt});
        if (whole == nullptr || !(isChanged ? on : isOn(row))) {
            continue;
        }
        add(*whole, 1);
        for (const auto& [instrument, own] : row.instruments) { // those switched off by themselves do not count
            const Subject part{row.strategy, instrument};
            const auto* evidence = evidenceOf(input, part);
            if (evidence != nullptr && !(part == changed ? on : own.isOn)) {
                add(*evidence, -1);
            }
        }
        if (changed.instrument && changed.strategy == row.strategy && !row.instruments.contains(*changed.instrument) &&
            !on) {
            if (const auto* evidence = evidenceOf(input, changed)) {
                add(*evidence, -1);
            }
        }
    }
    std::vector<double> equity{std::max(capital, policy.startEquity)};
    std::vector<double> returns;
    RosterResult out;
    for (const double day : pnl) {
        out.net += day;
        returns.push_back(day / equity.front());
        equity.push_back(equity.back() + day);
    }
    out.sharpe = statistics::scaled(statistics::sharpeRatio(returns), std::sqrt(statistics::daysPerYear));
    out.drawdown = statistics::drawdown(equity).maximum;
    return out;
}

} // namespace

RuleRecord recordAfter(Rule rule, const ReviewInput& input, const ReviewPolicy& policy)
{
    return {recordOver(rule, policy.recordShortDays, input), recordOver(rule, policy.recordLongDays, input)};
}

LookingBack lookingBack(const ReviewInput& input, const Subject& subject, bool on, const ReviewPolicy& policy)
{
    const auto* row = findRow(input.roster, subject.strategy);
    const bool isNow = row != nullptr && isOn(*row, subject.instrument);
    return {.days = policy.evidenceDays,
            .with = resultOf(input, subject, on, policy.evidenceDays, policy),
            .without = resultOf(input, subject, isNow, policy.evidenceDays, policy)};
}

} // namespace qd::governance
