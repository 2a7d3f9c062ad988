// Whole pipelines of strategies that are known to have no edge, or one that was planted, put through the rules night by
// night: what share of them the rules let through. Seeded: the same options give the same figures on any machine. Pure.
// Any thread; the full runs take minutes: never the GUI's. Source: PRODUCT.md, Experiments; issue of the rules.
#pragma once

#include "governance/experiment.h"
#include "governance/policies.h"
#include "statistics/intervals.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace qd::governance {

/// Which gates judge. Old: those of the pipeline that this one replaces, as far as they are known: a candidate by a win
/// rate of 60% and a naive annualised Sharpe ratio of 1.5 over the newest seven days, however few the trades; ready
/// from 100 trades, 10 wins and 10 losses on, if expectancy is positive and the Sharpe ratio a trade reaches that of
/// another strategy.
enum class GateSet : std::uint8_t { Ours, Old };

struct RosterSimulation {
    std::size_t strategies = 13;
    std::size_t runs = 200;
    std::size_t nights = 90;
    std::uint64_t seed = 1;
    GateSet gates = GateSet::Ours;
    double plantedSharpe = 0; // a year, of one more strategy; 0: none
    double tries = 1;         // of each family, for deflation
};

/// A share of runs with Wilson's interval.
struct ShareOfRuns {
    std::uint64_t runs = 0;
    std::uint64_t with = 0;

    [[nodiscard]] double share() const { return runs == 0 ? 0 : static_cast<double>(with) / static_cast<double>(runs); }
    [[nodiscard]] statistics::Interval interval() const { return statistics::wilson(with, runs); }
};

struct RosterReport {
    ShareOfRuns candidate;  // runs in which an edgeless strategy ever was candidate
    ShareOfRuns ready;      // … was ready
    ShareOfRuns archived;   // of all edgeless strategies: those that ended in the archive
    ShareOfRuns flipsOver4; // of all edgeless strategies: those whose switch changed more than four times
    std::size_t mostFlips = 0;
    double meanFlips = 0;
    ShareOfRuns plantedCandidate;
    ShareOfRuns plantedReady;
    statistics::Measure plantedMedianNight = std::unexpected(statistics::Undefined::TooFew);
};
/// With auto-apply, everything that is too good to be true signed off, and promotion on the night on which all gates
/// pass: the most that the rules ever let through.
[[nodiscard]] RosterReport simulateRoster(const RosterSimulation& options, const Policies& policies);

struct ExperimentSimulation {
    Design design = Design::Paired;
    std::size_t runs = 500;
    std::size_t days = 60;
    std::size_t instruments = 4; // their results move together
    double correlation = 0.5;    // of two results of a rule at the same bar
    double decisionsPerDay = 2;  // an instrument
    double edge = 0;             // of B over A, in deviations of a trade
    std::uint64_t seed = 1;
};
struct ExperimentReport {
    std::uint64_t runs = 0;
    std::uint64_t aBetter = 0;
    std::uint64_t bBetter = 0;
    std::uint64_t equivalent = 0;
    std::uint64_t undecided = 0; // at the end of its days
    std::uint64_t invalid = 0;
    statistics::Measure medianDayOfB = std::unexpected(statistics::Undefined::TooFew);

    [[nodiscard]] ShareOfRuns alarms() const { return {runs, aBetter + bBetter}; }
};
/// Looked at after each closed trade, by the rules of assess(). A and B are independent edgeless rules of the same
/// distribution, so that they do differ, by chance alone; with `edge` B is truly better.
[[nodiscard]] ExperimentReport simulateExperiment(const ExperimentSimulation& options, const ExperimentPolicy& policy);

} // namespace qd::governance
