#include "governance/gate_rules.h"

#include "governance/about_when.h"
#include "statistics/sequential.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qd::governance {

using statistics::Measure;

namespace {

// What several gates share, computed once.
struct Context {
    const ReadyInput& in;
    const Policies& policies;
    Evaluation figures;          // of the whole record
    std::vector<double> returns; // daily
    std::optional<double> perDay;
};

GateState stateOf(bool isPassed)
{
    return isPassed ? GateState::Passed : GateState::Failed;
}

std::optional<double> atLeastZero(std::optional<double> days)
{
    return days ? std::optional(std::max(*days, 0.0)) : days;
}

std::uint64_t closed(const Context& c)
{
    return c.figures.trades.n;
}

std::optional<double> daysForTrades(const Context& c, std::optional<double> wanted)
{
    if (!wanted || !c.perDay || !(*c.perDay > 0)) {
        return std::nullopt;
    }
    return std::max((*wanted - static_cast<double>(closed(c))) / *c.perDay, 0.0);
}

/// Without a closed trade nothing is passed: that nothing fell, or looks too good, says nothing yet.
GateResult waitsForTrades(const Context& c, GateResult of)
{
    if (closed(c) == 0 && of.state != GateState::Failed) {
        of.state = GateState::Waiting;
        of.note = "waits for trades";
    }
    return of;
}

std::optional<double> untilDay(const Context& c, std::size_t wanted)
{
    const auto has = runningDays(c.in.evidence);
    return has >= wanted ? 0.0 : static_cast<double>(wanted - has);
}

GateResult trades(const Context& c)
{
    const auto wanted = static_cast<double>(c.policies.ready.minTrades);
    const bool has = closed(c) >= c.policies.ready.minTrades;
    return {.gate = Gate::Trades,
            .state = has ? GateState::Passed : GateState::Waiting,
            .figure = countFigure("closed trades", closed(c), wanted),
            .beside = {},
            .daysLeft = daysForTrades(c, wanted),
            .note = {}};
}

GateResult winRate(const Context& c)
{
    const auto& rate = c.figures.trades.winRate;
    const auto breakEven = breakEvenRate(c.figures.trades);
    const double limit = std::max(c.policies.ready.winRate, breakEven.value_or(0));
    const auto interval = statistics::wilson(c.figures.trades.wins, closed(c), c.policies.ready.confidence);
    GateResult out{.gate = Gate::WinRate,
                   .figure = {.name = "win rate, lower end",
                              .unit = Unit::Share,
                              .value = rate ? Measure(interval.lower) : rate,
                              .interval = interval,
                              .confidence = c.policies.ready.confidence,
                              .n = closed(c),
                              .limit = limit},
                   .beside = {{.name = "break-even rate", .unit = Unit::Share, .value = breakEven, .n = closed(c)}},
                   .daysLeft = {},
                   .note = {}};
    if (closed(c) < c.policies.ready.minTrades || !rate) {
        out.note = "waits for trades";
        out.daysLeft = daysForTrades(c, static_cast<double>(c.policies.ready.minTrades));
        return out;
    }
    out.state = stateOf(interval.lower > limit);
    out.daysLeft = daysForTrades(c, whenWinRateIsOver(limit, *rate, c.policies.ready.confidence));
    return out;
}

GateResult sharpe(const Context& c)
{
    const auto daily = c.figures.sharpe.daily();
    GateResult out{.gate = Gate::Sharpe,
                   .figure = {.name = "daily Sharpe ratio, a year",
                              .unit = Unit::Ratio,
                              .value = daily.annual,
                              .interval = daily.interval,
                              .confidence = 0.95,
                              .n = c.figures.days,
                              .of = "days",
                              .limit = c.policies.ready.sharpe},
                   .beside = {},
                   .daysLeft = untilDay(c, c.policies.figures.sharpe.sharpeDays),
                   .note = {}};
    if (!daily.annual) {
        out.note = sharpeText(c.figures, c.policies.figures);
        return out;
    }
    out.state = stateOf(*daily.annual >= c.policies.ready.sharpe);
    return out;
}

GateResult expectancy(const Context& c)
{
    const auto& estimate = c.figures.trades.expectancy;
    GateResult out{.gate = Gate::Expectancy,
                   .figure = {.name = "expectancy after costs",
                              .unit = Unit::UsdtPerTrade,
                              .value = estimate.value,
                              .interval = estimate.interval,
                              .confidence = 0.95,
                              .n = closed(c),
                              .limit = std::max(c.in.nullExpectancy.value_or(0), 0.0)},
                   .beside = {},
                   .daysLeft = {},
                   .note = {}};
    if (closed(c) < c.policies.ready.minTrades || !estimate.value) {
        out.note = "waits for trades";
        out.daysLeft = daysForTrades(c, static_cast<double>(c.policies.ready.minTrades));
    } else if (*estimate.value <= 0) {
        out.state = GateState::Failed;
    } else if (!c.in.nullExpectancy) {
        out.note = "waits for the noise null";
    } else {
        out.state = stateOf(*estimate.value > *out.figure.limit);
    }
    if (const auto* info = trading::findStrategy(c.in.row.strategy); info != nullptr && info->asksModel) {
        out.note.append(out.note.empty() ? "" : "; ").append("against 0: its model's audit is its noise null");
    }
    return out;
}

// Probability that the true ratio is over `benchmark`, and the days until it reaches `limit`.
GateResult probability(const Context& c, Gate gate, std::span<const double> returns, double benchmark, double limit)
{
    const auto sample = statistics::sharpeSample(returns);
    GateResult out{.gate = gate,
                   .figure = {.name = std::string(name(gate)),
                              .unit = Unit::Probability,
                              .value = sample ? statistics::probabilisticSharpe(*sample, benchmark)
                                              : Measure(std::unexpected(sample.error())),
                              .n = returns.size(),
                              .of = "days",
                              .limit = limit},
                   .beside = {},
                   .daysLeft = untilDay(c, c.policies.figures.psrDays),
                   .note = {}};
    if (c.figures.days < c.policies.figures.psrDays || !out.figure.value) {
        out.note = "waits for complete days";
        return out;
    }
    out.state = stateOf(*out.figure.value >= limit);
    const auto length = statistics::minimumTrackRecord(*sample, benchmark, limit);
    out.daysLeft = length ? atLeastZero(std::ceil(*length) - static_cast<double>(returns.size())) : std::nullopt;
    return out;
}

GateResult psr(const Context& c)
{
    return probability(c, Gate::Psr, c.returns, 0, c.policies.ready.minPsr);
}

GateResult dsr(const Context& c)
{
    std::vector<double> all = c.in.unseenReturns.value_or(std::vector<double>{});
    const auto unseen = all.size();
    all.insert(all.end(), c.returns.begin(), c.returns.end());
    const auto& trials = c.in.trials;
    const auto& [tries, spread] = trials.deflation;
    const double best = spread ? statistics::expectedBestSharpe(*spread, tries) : 0;
    auto out = probability(c, Gate::Dsr, all, best, c.policies.ready.minDsr);
    out.beside = {
        {.name = "tries", .unit = Unit::Count, .value = trials.tries},
        {.name = "best of as many without skill, a year", .unit = Unit::Ratio, .value = best * std::sqrt(365.0)},
        {.name = "archive days among them", // beside the running ones
         .unit = Unit::Days,
         .value = static_cast<double>(unseen)}};
    if (tries >= 2 && !spread) { // never deflated by nothing
        out.state = GateState::Waiting;
        out.note = "waits for the spread of the tries";
    }
    const auto* info = trading::findStrategy(c.in.row.strategy);
    if (info != nullptr && info->asksModel) { // then no archive day is replayed
        out.note.append(out.note.empty() ? "" : "; ").append("running days alone: its model learned from the archive");
    } else if (!c.in.unseenReturns && (c.in.row.stage == Stage::Paper || c.in.row.stage == Stage::Candidate)) {
        out.note.append(out.note.empty() ? "" : "; ").append("the archive's unseen days are replayed in the ");
        out.note.append(c.in.row.stage == Stage::Candidate ? "coming night" : "first night of candidacy");
        out.note.append(info != nullptr && !info->model.empty() ? ", unless its parameters ask a model" : "");
    }
    return out;
}

GateResult drawdown(const Context& c)
{
    GateResult out{.gate = Gate::Drawdown,
                   .figure = {.name = "deepest drawdown",
                              .unit = Unit::Share,
                              .value = c.figures.drawdown,
                              .n = c.figures.days,
                              .of = "days",
                              .limit = c.policies.ready.maxDrawdown},
                   .beside = {},
                   .daysLeft = {},
                   .note = {}};
    if (c.figures.days > 0 && c.figures.drawdown) {
        out.state = stateOf(*c.figures.drawdown <= c.policies.ready.maxDrawdown);
    }
    return waitsForTrades(c, std::move(out));
}

GateResult days(const Context& c)
{
    const auto has = c.figures.days;
    return {.gate = Gate::Days,
            .state = has >= c.policies.ready.minDays ? GateState::Passed : GateState::Waiting,
            .figure = countFigure("complete days", has, static_cast<double>(c.policies.ready.minDays), "days"),
            .beside = {},
            .daysLeft = untilDay(c, c.policies.ready.minDays),
            .note = {}};
}

GateResult notTooGood(const Context& c)
{
    const auto newest = evaluate(c.in.evidence, c.policies.review.evidenceDays, c.policies.figures, c.in.now);
    auto flags = tooGoodFlags(newest, c.policies.tooGood);
    for (const auto flag : tooGoodFlags(c.figures, c.policies.tooGood)) {
        if (std::ranges::find(flags, flag) == flags.end()) {
            flags.push_back(flag);
        }
    }
    GateResult out{.gate = Gate::NotTooGood,
                   .figure = countFigure("flags", flags.size(), 0, "flags"),
                   .beside = {},
                   .daysLeft = {},
                   .note = {}};
    for (const auto flag : flags) {
        out.note.append(out.note.empty() ? "too good to be true: " : ", ").append(name(flag));
    }
    if (flags.empty() || c.in.signOffs.areComplete()) {
        out.state = GateState::Passed;
        out.note += flags.empty() ? "" : "; signed off";
    } else {
        out.state = GateState::Failed;
    }
    return waitsForTrades(c, std::move(out));
}

std::optional<double> daysUntilWindows(const Context& c)
{
    if (!c.perDay || !(*c.perDay > 0)) {
        return std::nullopt;
    }
    const auto& rule = c.policies.convergence;
    const double span = static_cast<double>(rule.windowSpan.count()) / static_cast<double>(base::oneDay.count());
    const double one = std::max(static_cast<double>(rule.windowTrades) / *c.perDay, span);
    return std::max(one * static_cast<double>(rule.windows) - static_cast<double>(runningDays(c.in.evidence)), 0.0);
}

GateResult convergence(const Context& c)
{
    const auto& rule = c.policies.convergence;
    const auto found = convergenceOf(c.in.evidence.trades, rule);
    const auto earning = static_cast<std::uint64_t>(
        std::ranges::count_if(found.windows, [](const TradeWindow& w) { return w.expectancy > 0; }));
    GateResult out{.gate = Gate::Convergence,
                   .figure = countFigure("windows that earn", earning, static_cast<double>(rule.windows), "windows"),
                   .beside = {{.name = "trades in calm markets",
                               .unit = Unit::Share,
                               .value = found.lowShare,
                               .n = found.marked,
                               .limit = rule.minShare},
                              {.name = "trades in wild markets",
                               .unit = Unit::Share,
                               .value = found.highShare,
                               .n = found.marked,
                               .limit = rule.minShare}},
                   .daysLeft = {},
                   .note = {}};
    switch (found.state) {
    case Settling::Converged:
        out.state = GateState::Passed;
        break;
    case Settling::Losing:
        out.state = GateState::Failed;
        break;
    case Settling::TooFewTrades:
        out.note = "waits for trades";
        out.daysLeft = daysUntilWindows(c);
        break;
    case Settling::WaitingForReference:
        out.note = "waiting for reference";
        break;
    case Settling::WaitingForRegimes:
        out.note = "waits for calm or wild markets";
        break;
    }
    return out;
}

GateResult sensitivity(const Context& c)
{
    const auto& rule = c.policies.sensitivity;
    const auto found = judgeSensitivity(c.in.sensitivity, rule);
    GateResult out{
        .gate = Gate::Sensitivity,
        .state = found.state == SensitivityState::Waiting ? GateState::Waiting
                                                          : stateOf(found.state == SensitivityState::Passed),
        .figure = {.name = "changed runs that earn",
                   .unit = Unit::Share,
                   .n = found.runs,
                   .of = "runs",
                   .limit = rule.minPass},
        .beside = {{.name = "their median expectancy",
                    .unit = Unit::UsdtPerTrade,
                    .value = found.medianExpectancy,
                    .n = found.runs,
                    .of = "runs",
                    .limit = found.unchanged ? std::optional(rule.minExpectancy * *found.unchanged) : std::nullopt}},
        .daysLeft = static_cast<double>(rule.days - found.nights),
        .note = {}};
    if (found.runs > 0) {
        out.figure.value = found.share();
    }
    if (c.in.row.stage == Stage::Paper) {
        out.note = "begins with candidacy";
    } else if (found.state == SensitivityState::Waiting) {
        out.note = "night " + std::to_string(found.nights) + " of " + std::to_string(rule.days);
    }
    return out;
}

// Without an incumbent: the strategy's own daily PnL, as blocks, against zero.
GateResult incumbent(const Context& c)
{
    GateResult out{.gate = Gate::Incumbent, .figure = {}, .beside = {}, .daysLeft = {}, .note = {}};
    if (c.in.incumbent) {
        out.state = c.in.incumbent->state;
        out.figure = c.in.incumbent->figure;
        out.daysLeft = c.in.incumbent->daysLeft;
        out.note = c.in.incumbent->note;
        return out;
    }
    const auto& rule = c.policies.experiment;
    std::vector<double> blocks;
    for (const auto& day : c.in.evidence.days) {
        if (day.use != DayUse::NotRunning) {
            blocks.push_back(day.pnl);
        }
    }
    const statistics::SequenceOptions options{.alpha = rule.alpha, .tightestAt = rule.tightestBlocks, .null = 0};
    const auto known = statistics::confidenceSequence(blocks, options);
    out.figure = {.name = "PnL against zero, lower end",
                  .unit = Unit::UsdtPerDay,
                  .value = known.interval ? Measure(known.interval->lower)
                                          : Measure(std::unexpected(known.interval.error())),
                  .interval = known.interval,
                  .confidence = 1 - rule.alpha,
                  .n = blocks.size(),
                  .of = "days",
                  .limit = 0.0};
    if (closed(c) < rule.minTrades || c.figures.trades.wins < rule.minWins ||
        c.figures.trades.losses < rule.minLosses || blocks.size() < rule.minBlocks || !known.interval) {
        out.note = "waits for " + std::to_string(rule.minTrades) + " trades, " + std::to_string(rule.minWins) +
                   " wins, " + std::to_string(rule.minLosses) + " losses and " + std::to_string(rule.minBlocks) +
                   " days";
        if (const auto left = daysForTrades(c, static_cast<double>(rule.minTrades))) {
            out.daysLeft = std::max(*left, static_cast<double>(rule.minBlocks) - static_cast<double>(blocks.size()));
        }
        return out;
    }
    out.state = known.interval->lower > 0   ? GateState::Passed
                : known.interval->upper < 0 ? GateState::Failed
                                            : GateState::Waiting;
    if (out.state == GateState::Waiting && *known.mean > 0) {
        const auto when = whenIntervalLeavesZeroOut(*known.mean, *statistics::standardDeviation(blocks), options);
        out.daysLeft = when ? atLeastZero(*when - static_cast<double>(blocks.size())) : std::nullopt;
    }
    return out;
}

} // namespace

std::vector<GateResult> judgeGates(const ReadyInput& input, const Policies& policies)
{
    const Context c{.in = input,
                    .policies = policies,
                    .figures = evaluate(input.evidence, SIZE_MAX, policies.figures, input.now),
                    .returns = dailyReturns(input.evidence),
                    .perDay = tradesPerDay(input.evidence, policies.review.evidenceDays)};
    std::vector<GateResult> out{trades(c),   winRate(c), sharpe(c),     expectancy(c),  psr(c),         dsr(c),
                                drawdown(c), days(c),    notTooGood(c), convergence(c), sensitivity(c), incumbent(c)};
    for (auto& gate : out) { // its time is over: it is the figure that is missing, and of that no day is known
        if (gate.state != GateState::Passed && gate.daysLeft && *gate.daysLeft <= 0) {
            gate.daysLeft.reset();
        }
    }
    return out;
}

} // namespace qd::governance
