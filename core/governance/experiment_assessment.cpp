// assess(): the inference of experiment.h.
#include "governance/about_when.h"
#include "governance/experiment.h"
#include "statistics/ab_test.h"
#include "statistics/equity.h"
#include "statistics/summary.h"
#include "statistics/trade_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace qd::governance {

using statistics::Measure;
using statistics::TradeStatistics;
using statistics::Verdict;

namespace {

struct ArmFigures {
    std::span<const TradeResult> trades;
    std::vector<double> nets;
    TradeStatistics figures;
    std::vector<double> blocks;
};

ArmFigures figuresOf(const ArmEvidence& arm, const ExperimentPlan& plan, UtcMs now)
{
    const auto trades = tradesBetween(arm.trades, plan.begins, now);
    auto nets = netsOf(trades);
    auto figures = statistics::tradeStatistics(nets);
    return {trades, std::move(nets), figures, blockSums(trades, plan, now)};
}

statistics::ArmCounts countsOf(const TradeStatistics& figures)
{
    return {figures.n, figures.wins, figures.losses};
}

// What a split compares: trades, but those that are held at the same time move together and are worth fewer. A cluster
// is a chain of overlapping holding times, within a UTC day.
struct Clusters {
    statistics::ArmMoments moments; // n trades; the variance is never less than if they were independent
    statistics::ArmCounts counts;   // of clusters
};

std::vector<std::span<const TradeResult>> chainsOf(const std::vector<TradeResult>& byOpening)
{
    std::vector<std::span<const TradeResult>> chains;
    const std::span all(byOpening);
    for (std::size_t i = 0; i < all.size();) {
        auto end = all[i].closed;
        auto next = i + 1;
        for (; next < all.size() && all[next].opened <= end && dayOf(all[next].opened) == dayOf(all[i].opened);
             ++next) {
            end = std::max(end, all[next].closed);
        }
        chains.push_back(all.subspan(i, next - i));
        i = next;
    }
    return chains;
}

Clusters clustersOf(std::span<const TradeResult> trades)
{
    std::vector<TradeResult> byOpening(trades.begin(), trades.end());
    std::ranges::stable_sort(byOpening, {}, &TradeResult::opened);
    const auto nets = netsOf(byOpening);
    const auto n = static_cast<double>(nets.size());
    Clusters out{{n, statistics::mean(nets).value_or(0), statistics::variance(nets).value_or(0)}, {}};
    statistics::CompensatedSum squares;
    for (const auto chain : chainsOf(byOpening)) {
        double sum = 0;
        for (const auto& trade : chain) {
            sum += trade.net;
        }
        ++out.counts.n;
        out.counts.wins += sum > 0 ? 1U : 0U;
        out.counts.losses += sum < 0 ? 1U : 0U;
        const double apart = sum - out.moments.mean * static_cast<double>(chain.size());
        squares.add(apart * apart);
    }
    if (out.counts.n > 1) {
        const auto clusters = static_cast<double>(out.counts.n);
        out.moments.variance = std::max(out.moments.variance, squares.value() / n * clusters / (clusters - 1));
    }
    return out;
}

statistics::SequenceOptions optionsOf(const ExperimentPlan& plan)
{
    const auto& rule = plan.policy;
    return {.alpha = rule.alpha,
            .tightestAt = plan.design == Design::Paired ? rule.tightestBlocks : 2 * static_cast<double>(rule.minTrades),
            .null = 0};
}

std::vector<double> differences(const ArmFigures& a, const ArmFigures& b)
{
    std::vector<double> out;
    out.reserve(a.blocks.size());
    for (std::size_t i = 0; i < a.blocks.size(); ++i) {
        out.push_back(a.blocks[i] - b.blocks[i]);
    }
    return out;
}

// The sequential test, by decision bars, a complete day a period.
Measure sampleRatio(const ExperimentPlan& plan, const Observations& seen, UtcMs now)
{
    if (plan.design != Design::Split) {
        return std::unexpected(statistics::Undefined::OutOfRange); // both arms take every decision
    }
    std::set<std::int64_t> days;
    for (const auto* arm : {&seen.a, &seen.b}) {
        for (const auto& [day, bars] : arm->asked) {
            if (day >= dayOf(plan.begins) && day < dayOf(now)) {
                days.insert(day);
            }
        }
    }
    if (days.empty()) {
        return std::unexpected(statistics::Undefined::TooFew);
    }
    const std::array weights{0.5, 0.5};
    statistics::SequentialRatioTest test(weights);
    const auto on = [](const ArmEvidence& arm, std::int64_t day) {
        const auto found = arm.asked.find(day);
        return found == arm.asked.end() ? 0.0 : static_cast<double>(found->second);
    };
    for (const auto day : days) {
        test.add(std::array{on(seen.a, day), on(seen.b, day)});
    }
    return test.p();
}

// ab.margin average losses of A; a block has as many as A's mean trades a block.
double marginOf(const ExperimentPlan& plan, const ArmFigures& reference)
{
    const double loss = reference.figures.averageLoss.value_or(0);
    if (plan.design == Design::Split) {
        return plan.policy.margin * loss;
    }
    const auto blocks = static_cast<double>(std::max<std::size_t>(reference.blocks.size(), 1));
    return plan.policy.margin * loss * static_cast<double>(reference.figures.n) / blocks;
}

// Daily from enough days on, before that a trade; not annualised.
Measure sharpeOf(const ArmFigures& arm, bool daily)
{
    return statistics::sharpeRatio(daily ? std::span<const double>(arm.blocks) : std::span<const double>(arm.nets));
}

void addCounts(std::vector<PromotionGate>& gates, std::array<std::string_view, 3> names, const ArmFigures& arm,
               const ExperimentPolicy& rule)
{
    const std::array<std::uint64_t, 3> has{arm.figures.n, arm.figures.wins, arm.figures.losses};
    const std::array<std::uint64_t, 3> wants{rule.minTrades, rule.minWins, rule.minLosses};
    for (std::size_t i = 0; i < has.size(); ++i) {
        gates.push_back({names[i], has[i] >= wants[i], countFigure(names[i], has[i], static_cast<double>(wants[i]))});
    }
}

std::vector<PromotionGate> promotionGates(const ExperimentPlan& plan, const ArmFigures& a, const ArmFigures& b)
{
    std::vector<PromotionGate> gates;
    const bool isOnOff = plan.comparison == Comparison::OnOff;
    if (!isOnOff) {
        addCounts(gates, {"trades of A", "wins of A", "losses of A"}, a, plan.policy);
    }
    addCounts(gates, {"trades of B", "wins of B", "losses of B"}, b, plan.policy);
    const auto& expectancy = b.figures.expectancy;
    gates.push_back({"expectancy of B",
                     expectancy.value && *expectancy.value > 0,
                     {.name = "expectancy of B",
                      .unit = Unit::UsdtPerTrade,
                      .value = expectancy.value,
                      .interval = expectancy.interval,
                      .confidence = 0.95,
                      .n = b.figures.n,
                      .limit = 0.0}});
    if (isOnOff) {
        return gates;
    }
    const bool daily = plan.blockDays == 1 && a.blocks.size() >= plan.policy.sharpeDays;
    const auto ofA = sharpeOf(a, daily);
    const auto ofB = sharpeOf(b, daily);
    gates.push_back({"Sharpe ratio of B",
                     ofA && ofB && *ofB >= *ofA,
                     {.name = daily ? "daily Sharpe ratio of B, a day" : "Sharpe ratio of B, a trade",
                      .unit = Unit::Ratio,
                      .value = ofB,
                      .n = daily ? b.blocks.size() : b.figures.n,
                      .of = daily ? "days" : "trades",
                      .limit = ofA ? std::optional(*ofA) : std::nullopt}});
    return gates;
}

// What the approximation behind the interval needs is counted in what it is made of: blocks, or clusters of trades.
Verdict verdictOf(const ExperimentPlan& plan, const statistics::ArmCounts& a, const statistics::ArmCounts& b,
                  const Assessment& now)
{
    const auto& rule = plan.policy;
    const bool hasBlocks = plan.design == Design::Split || now.blocks >= rule.minBlocks;
    const auto interval =
        hasBlocks ? now.difference.interval
                  : statistics::Defined<statistics::Interval>(std::unexpected(statistics::Undefined::TooFew));
    // Off has no trades: the counts apply to on alone.
    return statistics::decide(plan.comparison == Comparison::OnOff ? b : a, b, interval, now.srmP,
                              {.least = rule.verdictTrades,
                               .leastWinsAndLosses = std::min(rule.minWins, rule.minLosses),
                               .margin = now.margin,
                               .srmP = rule.srmP});
}

bool isVerdict(Verdict verdict)
{
    return verdict == Verdict::ABetter || verdict == Verdict::BBetter || verdict == Verdict::Equivalent ||
           verdict == Verdict::InvalidSrm;
}

Advice adviceOf(const Assessment& now)
{
    switch (now.verdict) {
    case Verdict::InvalidSrm:
        return Advice::StopInvalid;
    case Verdict::ABetter:
        return Advice::StopForHarm;
    case Verdict::Equivalent:
        return Advice::KeepA;
    case Verdict::BBetter:
        if (now.gatesPass()) {
            return Advice::PromoteB;
        }
        break;
    case Verdict::Collecting:
    case Verdict::Undecided:
        break;
    }
    return now.isOver ? Advice::KeepA : Advice::Wait;
}

// At the present mean and deviation: until zero is left out or the interval lies within the margin, whichever is first.
void sayWhen(Assessment& out, const ExperimentPlan& plan, const ArmFigures& a, const ArmFigures& b, double total,
             const Measure& deviation, double daysPassed)
{
    if (!out.difference.mean || !deviation || !(*deviation > 0) || out.latch || !(total > 0) || !(daysPassed > 0)) {
        return;
    }
    const auto options = optionsOf(plan);
    const auto apart = whenIntervalLeavesZeroOut(*out.difference.mean, *deviation, options);
    const auto same = whenIntervalIsWithin(out.margin, *out.difference.mean, *deviation, options);
    if (!apart && !same) {
        return;
    }
    const double wanted = std::min(apart.value_or(horizon), same.value_or(horizon));
    const double perDay = total / daysPassed;
    double days = std::max(wanted - total, 0.0) / perDay;
    const auto least = std::min(plan.comparison == Comparison::OnOff ? b.figures.n : a.figures.n, b.figures.n);
    const double tradesPerDay = static_cast<double>(least) / daysPassed;
    if (least < plan.policy.verdictTrades && tradesPerDay > 0) {
        days = std::max(days, static_cast<double>(plan.policy.verdictTrades - least) / tradesPerDay);
    }
    out.moreDays = std::max(std::ceil(days), 1.0); // a verdict falls at a midnight
    out.moreTrades = std::ceil(days * tradesPerDay);
}

// Complete days alone, and not the newest of them: the labels of its last rows are not known before they are resolved.
// The loss is better the less it is, so A's advantage is B's loss less A's.
std::vector<ShadowLoss> completeDays(const ExperimentPlan& plan, const Observations& seen, UtcMs now)
{
    std::vector<ShadowLoss> out;
    for (const auto& day : seen.shadow) {
        if (day.rows > 0 && day.day >= dayOf(plan.begins) && day.day < dayOf(now - base::oneDay)) {
            out.push_back(day);
        }
    }
    return out;
}

// The latch before, and whether this look may make one.
struct Past {
    const std::optional<Latch>& latch;
    bool mayLatch;
};

void conclude(Assessment& out, const ExperimentPlan& plan, const Past& past, UtcMs now)
{
    out.latch = past.latch;
    // A split that is wrong takes every verdict with it, a latched one too; nothing else does.
    const bool isRevoked = out.latch && out.tonight == Verdict::InvalidSrm && out.latch->verdict != out.tonight;
    if (past.mayLatch && (isRevoked || (!out.latch && isVerdict(out.tonight)))) {
        out.latch = Latch{out.tonight, now};
    }
    if (isRevoked) { // shown at once
        out.verdict = out.tonight;
    } else if (out.latch) {
        out.verdict = out.latch->verdict;
    } else {
        out.verdict = isVerdict(out.tonight) ? Verdict::Undecided : out.tonight;
    }
    const double passed = static_cast<double>((now - plan.begins).count()) / static_cast<double>(base::oneDay.count());
    out.isOver = passed >= static_cast<double>(plan.policy.maxDays);
    out.advice = adviceOf(out);
}

// §8.2 on the daily mean difference of loss. There is no margin within which losses are the same: equal versions stay
// undecided until the time is over, and A stays.
Assessment assessShadow(const ExperimentPlan& plan, const Observations& seen, const Past& past, UtcMs now)
{
    const auto days = completeDays(plan, seen, now);
    std::vector<double> apart;
    double lossA = 0;
    double lossB = 0;
    for (const auto& day : days) {
        apart.push_back(day.b - day.a);
        lossA += day.a / static_cast<double>(days.size());
        lossB += day.b / static_cast<double>(days.size());
    }
    Assessment out{.at = now};
    out.blocks = days.size();
    out.difference = statistics::confidenceSequence(apart, optionsOf(plan));
    const auto least = plan.policy.minBlocks;
    out.gates.push_back({"days in shadow", days.size() >= least,
                         countFigure("days in shadow", days.size(), static_cast<double>(least), "days")});
    out.gates.push_back({"loss of B",
                         !days.empty() && lossB <= lossA,
                         {.name = "mean daily loss of B",
                          .unit = Unit::Ratio,
                          .value = days.empty() ? Measure(std::unexpected(statistics::Undefined::TooFew)) : lossB,
                          .n = days.size(),
                          .of = "days",
                          .limit = days.empty() ? std::nullopt : std::optional(lossA)}});
    const statistics::ArmCounts counts{days.size(), days.size(), days.size()};
    out.tonight = statistics::decide(counts, counts, out.difference.interval, out.srmP,
                                     {.least = least, .leastWinsAndLosses = 0, .margin = 0, .srmP = plan.policy.srmP});
    conclude(out, plan, past, now);
    if (out.difference.mean && !out.latch && !days.empty()) {
        if (const auto deviation = statistics::standardDeviation(apart); deviation && *deviation > 0) {
            if (const auto all = whenIntervalLeavesZeroOut(*out.difference.mean, *deviation, optionsOf(plan))) {
                const auto left = std::max(*all, static_cast<double>(least)) - static_cast<double>(days.size());
                out.moreDays = std::max(std::ceil(left), 1.0);
            }
        }
    }
    return out;
}

Assessment assessTrades(const ExperimentPlan& plan, const Observations& seen, const Past& past, UtcMs now)
{
    const auto a = figuresOf(seen.a, plan, now);
    const auto b = figuresOf(seen.b, plan, now);
    Assessment out{.at = now};
    out.blocks = b.blocks.size();
    out.margin = marginOf(plan, plan.comparison == Comparison::OnOff ? b : a);
    out.srmP = sampleRatio(plan, seen, now);
    out.gates = promotionGates(plan, a, b);
    Measure deviation = std::unexpected(statistics::Undefined::TooFew);
    double total = 0;
    auto countsA = countsOf(a.figures);
    auto countsB = countsOf(b.figures);
    if (plan.design == Design::Paired) {
        const auto apart = differences(a, b);
        total = static_cast<double>(apart.size());
        deviation = statistics::standardDeviation(apart);
        out.difference = statistics::confidenceSequence(apart, optionsOf(plan));
    } else {
        const auto ofA = clustersOf(a.trades);
        const auto ofB = clustersOf(b.trades);
        countsA = ofA.counts;
        countsB = ofB.counts;
        const auto both = statistics::twoArmSequence(ofA.moments, ofB.moments, optionsOf(plan));
        total = both.total;
        deviation = statistics::measureOf(std::sqrt(both.scaledVariance));
        out.difference = both;
    }
    out.tonight = verdictOf(plan, countsA, countsB, out);
    conclude(out, plan, past, now);
    const double passed = static_cast<double>((now - plan.begins).count()) / static_cast<double>(base::oneDay.count());
    sayWhen(out, plan, a, b, total, deviation, passed);
    return out;
}

Assessment assessAny(const ExperimentPlan& plan, const Observations& seen, const Past& past, UtcMs now)
{
    return isShadow(plan) ? assessShadow(plan, seen, past, now) : assessTrades(plan, seen, past, now);
}

} // namespace

Assessment assess(const ExperimentPlan& plan, const Observations& seen, const std::optional<Latch>& past, UtcMs now)
{
    return assessAny(plan, seen, {.latch = past, .mayLatch = true}, now);
}

Assessment assessBetweenLooks(const ExperimentPlan& plan, const Observations& seen, const std::optional<Latch>& past,
                              UtcMs now)
{
    return assessAny(plan, seen, {.latch = past, .mayLatch = false}, now);
}

} // namespace qd::governance
