// Confidence sequences for outcomes within bounds that are known in advance, valid from the first observation. They are
// about the mean of the clipped outcome: clips are counted. Pure. Not shared between threads. Source: STATISTICS.md
// §8.4.
#pragma once

#include "statistics/intervals.h"

#include <cstdint>
#include <span>

namespace qd::statistics {

/// Where outcomes lie: [low, high], low < high.
struct Bounds {
    double low = 0;
    double high = 1;
};

struct BoundedState {
    double center = 0;
    Interval interval{0, 0}; // of this moment
    Interval running{0, 0};  // the intersection of all so far: valid too; empty (lower > upper) if they contradict
    double lastBet = 0;      // λ of the plug-in
    double variance = 0;     // V of the stitched one
};

/// Empirical Bernstein with the predictable plug-in (Waudby-Smith and Ramdas).
class PluginBernstein {
public:
    PluginBernstein(Bounds bounds, double alpha, double cap = 0.5);
    void add(double outcome);
    [[nodiscard]] BoundedState state() const;
    [[nodiscard]] std::uint64_t clipped() const { return clipped_; }

private:
    Bounds bounds_;
    double logTerm_; // ln(2/α)
    double cap_;
    double n_ = 0;
    double sum_ = 0;
    double meanBefore_ = 0.5;
    double squares_ = 0;
    double varianceBefore_ = 0.25;
    double bets_ = 0;     // Σλ
    double weighted_ = 0; // Σλy
    double penalty_ = 0;  // Σvψ(λ)
    double lastBet_ = 0;
    Interval running_{0, 1};
    std::uint64_t clipped_ = 0;
};

/// Parameters of the stitched boundary.
struct Stitching {
    double leastVariance = 1; // v_min
    double s = 1.4;
    double eta = 2;
};

/// u(v) at level α for one side, scale c (Howard, Ramdas, McAuliffe, Sekhon).
[[nodiscard]] double stitchedBound(double v, double alpha, double c, const Stitching& stitching);

/// Empirical Bernstein with the stitched boundary.
class StitchedBernstein {
public:
    StitchedBernstein(Bounds bounds, double alpha, const Stitching& stitching = {});
    void add(double outcome);
    [[nodiscard]] BoundedState state() const;
    [[nodiscard]] std::uint64_t clipped() const { return clipped_; }

private:
    Bounds bounds_;
    double alpha_;
    Stitching stitching_;
    double n_ = 0;
    double sum_ = 0;
    double variance_ = 0;
    Interval running_{0, 1};
    std::uint64_t clipped_ = 0;
};

/// The normal mixture boundary of a sum with variance process v: ρ of the one that is tightest at `v`, and the bound.
[[nodiscard]] double mixtureRho(double v, double alpha);
[[nodiscard]] double normalMixtureBound(double v, double rho, double alpha);

} // namespace qd::statistics
