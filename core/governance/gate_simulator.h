// How often a gate passes a worse, an equal and a better candidate at a planned number of looks: told before the gate
// is saved. Seeded, so the same question has the same answer. Pure. Any thread; a second or so: not the GUI's. Source:
// PRODUCT.md, Experiments: the gate simulator.
#pragma once

#include "governance/experiment.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace qd::governance {

/// Trades a day of one arm, of so many of the strategy.
[[nodiscard]] inline double tradesOfAnArm(double tradesPerDay, Design design)
{
    return design == Design::Split ? tradesPerDay / 2 : tradesPerDay;
}

struct GateQuestion {
    ExperimentPolicy gate;
    bool wantsInterval = true; // promotion also wants the interval over zero
    Design design = Design::Paired;
    Comparison comparison = Comparison::Parameters; // models trade like parameters
    std::size_t looks = 1;                          // planned nights on which the operator looks
    double tradesPerDay = 10;                       // of the strategy; in a split an arm gets half of them
    std::size_t daysBeforeFirst = 10;
    std::size_t daysBetween = 1;
    std::vector<double> trades; // net results of the incumbent, USDT; drawn from with replacement
    std::size_t runs = 2'000;
    std::uint64_t seed = 1;
};

struct PassRate {
    std::string_view name; // "worse", "equal", "better"
    double factor = 1;     // its expectancy, in the incumbent's average (without its sign)
    std::uint64_t passed = 0;
    std::uint64_t runs = 0;
    statistics::Interval interval{0, 1};                                             // Wilson's, of the rate
    statistics::Measure medianDays = std::unexpected(statistics::Undefined::TooFew); // of those that passed

    [[nodiscard]] double rate() const
    {
        return runs == 0 ? 0 : static_cast<double>(passed) / static_cast<double>(runs);
    }
};

/// Half as good, as good and twice as good as the incumbent; where that one loses, worse and better by half and once
/// its average. On against off: off earns nothing, so on that loses half that average, earns nothing, and earns it.
/// TooFew under ab.verdict_trades trades to draw from; OutOfRange without looks, runs or trades a day, and for on/off
/// that is split (there is no such experiment).
[[nodiscard]] statistics::Defined<std::array<PassRate, 3>> simulateGate(const GateQuestion& question);

} // namespace qd::governance
