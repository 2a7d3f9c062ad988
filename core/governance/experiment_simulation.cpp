// simulateExperiment() of simulation.h.
#include "governance/simulated_trades.h"
#include "governance/simulation.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::governance {

namespace {

using statistics::Verdict;

constexpr std::int64_t firstDay = 20'454;
constexpr std::int64_t barsPerDay = 288;
constexpr base::Millis bar = base::oneDay / barsPerDay;

// A rule's results at one bar, one an instrument: they share a shock. Four of ten win, half as much again as is lost.
std::vector<double> resultsAt(const ExperimentSimulation& options, double edge, Dice& dice)
{
    constexpr double threshold = 0.2533471031357997; // of a normal: four of ten are over it
    constexpr double win = 4.5;
    constexpr double loss = 3;
    const double deviation = std::sqrt(13.0 / 12.0 * (0.4 * win * win + 0.6 * loss * loss));
    const double shared = std::sqrt(options.correlation) * dice.normal();
    std::vector<double> results;
    for (std::size_t i = 0; i < options.instruments; ++i) {
        const double z = shared + std::sqrt(1 - options.correlation) * dice.normal();
        results.push_back((z > threshold ? win : -loss) * dice.between(0.5, 1.5) + edge * deviation);
    }
    return results;
}

class Run {
public:
    Run(const ExperimentSimulation& options, const ExperimentPolicy& policy, std::int64_t id)
        : options_(options),
          plan_{.id = id,
                .subject = "x",
                .design = options.design,
                .a = "a",
                .b = "b",
                .begins = midnightOf(firstDay),
                .policy = policy},
          dice_(options.seed * 1'000'003 + static_cast<std::uint64_t>(id))
    {
    }

    Assessment make()
    {
        for (std::int64_t day = firstDay; day < firstDay + static_cast<std::int64_t>(options_.days); ++day) {
            for (std::int64_t b = 0; b < barsPerDay; ++b) {
                decide(midnightOf(day) + b * bar);
                if (last_.latch) {
                    return last_;
                }
            }
        }
        look(midnightOf(firstDay + static_cast<std::int64_t>(options_.days)));
        return last_;
    }

private:
    // Each rule signals by itself, on all instruments at once, as correlated ones do.
    void decide(UtcMs at)
    {
        const double chance = options_.decisionsPerDay / static_cast<double>(barsPerDay);
        const bool a = dice_.uniform() < chance;
        const bool b = dice_.uniform() < chance;
        const auto ofA = a ? resultsAt(options_, 0, dice_) : std::vector<double>{};
        const auto ofB = b ? resultsAt(options_, options_.edge, dice_) : std::vector<double>{};
        for (std::size_t i = 0; i < options_.instruments; ++i) {
            if (options_.design == Design::Split) {
                const auto arm = armOf(plan_.id, {static_cast<std::int64_t>(i)}, at);
                auto& asked = arm == Arm::A ? seen_.a : seen_.b;
                ++asked.asked[dayOf(at)];
                if (arm == Arm::A ? a : b) {
                    close(asked, at, (arm == Arm::A ? ofA : ofB)[i]);
                }
                continue;
            }
            if (a) {
                close(seen_.a, at, ofA[i]);
            }
            if (b) {
                close(seen_.b, at, ofB[i]);
            }
        }
    }

    void close(ArmEvidence& arm, UtcMs decided, double net)
    {
        if (last_.latch) {
            return;
        }
        const auto closed = decided + bar / 2;
        arm.trades.push_back({.opened = decided, .closed = closed, .net = net});
        look(closed + base::Millis{1});
    }

    void look(UtcMs now)
    {
        const auto& rule = plan_.policy;
        if (std::min(seen_.a.trades.size(), seen_.b.trades.size()) >= rule.verdictTrades) {
            last_ = assess(plan_, seen_, last_.latch, now);
        }
    }

    const ExperimentSimulation& options_;
    ExperimentPlan plan_;
    Dice dice_;
    Observations seen_;
    Assessment last_;
};

} // namespace

ExperimentReport simulateExperiment(const ExperimentSimulation& options, const ExperimentPolicy& policy)
{
    ExperimentReport out{.runs = options.runs};
    std::vector<double> days;
    for (std::size_t i = 0; i < options.runs; ++i) {
        const auto end = Run(options, policy, static_cast<std::int64_t>(i + 1)).make();
        switch (end.verdict) {
        case Verdict::ABetter:
            ++out.aBetter;
            break;
        case Verdict::BBetter:
            ++out.bBetter;
            days.push_back(static_cast<double>((end.latch->at - midnightOf(firstDay)).count()) /
                           static_cast<double>(base::oneDay.count()));
            break;
        case Verdict::Equivalent:
            ++out.equivalent;
            break;
        case Verdict::InvalidSrm:
            ++out.invalid;
            break;
        case Verdict::Collecting:
        case Verdict::Undecided:
            ++out.undecided;
            break;
        }
    }
    out.medianDayOfB = statistics::quantile(days, 0.5);
    return out;
}

} // namespace qd::governance
