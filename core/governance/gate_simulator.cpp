#include "governance/gate_simulator.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace qd::governance {

namespace {

// Mean and variance of what was added, and what the gate counts.
struct Running {
    double n = 0;
    double mean = 0;
    double squares = 0;
    std::uint64_t wins = 0;
    std::uint64_t losses = 0;

    void add(double x)
    {
        n += 1;
        const double before = x - mean;
        mean += before / n;
        squares += before * (x - mean);
        wins += x > 0 ? 1U : 0U;
        losses += x < 0 ? 1U : 0U;
    }
    double variance() const { return n > 1 ? squares / (n - 1) : 0; }
    double sharpe() const { return variance() > 0 ? mean / std::sqrt(variance()) : 0; }
};

struct Arms {
    Running a; // trades
    Running b;
    Running dayA;
    Running dayB;
    Running apart; // A − B a day
};

bool counts(const Running& arm, const ExperimentPolicy& gate)
{
    return arm.n >= static_cast<double>(gate.minTrades) && arm.wins >= gate.minWins && arm.losses >= gate.minLosses;
}

bool intervalSupportsB(const Arms& arms, const GateQuestion& question)
{
    const auto& gate = question.gate;
    if (question.design == Design::Paired) {
        const auto known =
            statistics::confidenceSequence(arms.apart.n, arms.apart.mean, std::sqrt(arms.apart.variance()),
                                           {.alpha = gate.alpha, .tightestAt = gate.tightestBlocks, .null = 0});
        return arms.apart.n >= static_cast<double>(gate.minBlocks) && known.interval && known.interval->upper < 0;
    }
    const auto known = statistics::twoArmSequence(
        {arms.a.n, arms.a.mean, arms.a.variance()}, {arms.b.n, arms.b.mean, arms.b.variance()},
        {.alpha = gate.alpha, .tightestAt = 2 * static_cast<double>(gate.minTrades), .null = 0});
    return known.interval && known.interval->upper < 0;
}

bool passes(const Arms& arms, const GateQuestion& question)
{
    const auto& gate = question.gate;
    const bool isOnOff = question.comparison == Comparison::OnOff; // off has no trades to count, and no Sharpe ratio
    if ((!isOnOff && !counts(arms.a, gate)) || !counts(arms.b, gate) || !(arms.b.mean > 0)) {
        return false;
    }
    if (isOnOff) {
        return !question.wantsInterval || intervalSupportsB(arms, question);
    }
    const bool daily = arms.dayB.n >= static_cast<double>(gate.sharpeDays);
    const bool isSharper = daily ? arms.dayB.sharpe() >= arms.dayA.sharpe() : arms.b.sharpe() >= arms.a.sharpe();
    return isSharper && (!question.wantsInterval || intervalSupportsB(arms, question));
}

// One experiment; the day of the look at which it passes.
std::optional<double> run(const GateQuestion& question, double shift, std::mt19937_64& random)
{
    const bool isOnOff = question.comparison == Comparison::OnOff;
    Arms arms;
    double owed = 0; // a rate of 2.5 trades a day is 2, 3, 2, 3 …
    std::size_t day = 0;
    for (std::size_t look = 0; look < question.looks; ++look) {
        const auto until = question.daysBeforeFirst + look * question.daysBetween;
        if (until > question.gate.maxDays) {
            break; // A stays: no later look counts
        }
        for (; day < until; ++day) {
            double sumA = 0;
            double sumB = 0;
            owed += tradesOfAnArm(question.tradesPerDay, question.design);
            const auto trades = static_cast<std::size_t>(owed);
            owed -= static_cast<double>(trades);
            for (std::size_t i = 0; i < trades; ++i) {
                const auto draw = [&] { return question.trades[random() % question.trades.size()]; };
                if (!isOnOff) {
                    const double a = draw();
                    arms.a.add(a);
                    sumA += a;
                }
                const double b = draw() + shift;
                arms.b.add(b);
                sumB += b;
            }
            arms.dayA.add(sumA);
            arms.dayB.add(sumB);
            arms.apart.add(sumA - sumB);
        }
        if (passes(arms, question)) {
            return static_cast<double>(day);
        }
    }
    return std::nullopt;
}

} // namespace

statistics::Defined<std::array<PassRate, 3>> simulateGate(const GateQuestion& question)
{
    const bool isOnOff = question.comparison == Comparison::OnOff;
    if (question.looks == 0 || question.runs == 0 || !(question.tradesPerDay > 0) ||
        (isOnOff && question.design == Design::Split)) {
        return std::unexpected(statistics::Undefined::OutOfRange);
    }
    if (question.trades.size() < question.gate.verdictTrades) {
        return std::unexpected(statistics::Undefined::TooFew);
    }
    const auto mean = statistics::mean(question.trades);
    if (!mean) {
        return std::unexpected(mean.error());
    }
    const double equal = isOnOff ? 0.0 : 1.0; // to what it is held against
    std::array<PassRate, 3> out{PassRate{"worse", equal - 0.5}, PassRate{"equal", equal},
                                PassRate{"better", equal + 1.0}};
    const double drawn = isOnOff ? *mean : std::abs(*mean);
    std::mt19937_64 random(question.seed);
    for (auto& candidate : out) {
        std::vector<double> days;
        for (std::size_t i = 0; i < question.runs; ++i) {
            if (const auto day = run(question, candidate.factor * std::abs(*mean) - drawn, random)) {
                days.push_back(*day);
            }
        }
        candidate.passed = days.size();
        candidate.runs = question.runs;
        candidate.interval = statistics::wilson(candidate.passed, candidate.runs);
        candidate.medianDays = statistics::quantile(days, 0.5);
    }
    return out;
}

} // namespace qd::governance
