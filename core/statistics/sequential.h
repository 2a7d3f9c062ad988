// Inference that may be looked at after every observation. Pure. Any thread. Everything that tunes a boundary (α, the
// size where it is tightest, bounds, prior) is fixed and stored before the first observation. Asymptotic sequences need
// the gate of decide() before a verdict. Source: STATISTICS.md §8.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace qd::statistics {

/// ρ² of the boundary that is tightest at `tightestAt` observations: the closed form, and the exact optimum by
/// Lambert's W. Both are valid; the first is the one in use.
[[nodiscard]] double mixtureVariance(double alpha, double tightestAt);
[[nodiscard]] double mixtureVarianceExact(double alpha, double tightestAt);
/// Half the width of the sequence at `t`, for a deviation of 1.
[[nodiscard]] double sequenceMargin(double t, double rho2, double alpha);

/// What is known of a mean at one moment. Undefined for one observation or without variance: the whole line.
struct SequenceState {
    Measure mean = std::unexpected(Undefined::TooFew);
    Measure halfWidth = std::unexpected(Undefined::TooFew);
    Defined<Interval> interval = std::unexpected(Undefined::TooFew);
    Measure logEvidence = std::unexpected(Undefined::TooFew); // ln of the e-value against the null
    Measure p = std::unexpected(Undefined::TooFew);           // always valid; under α exactly where 'null' is excluded
};

struct SequenceOptions {
    double alpha = 0.05;
    double tightestAt = 100; // observations; of both arms together where there are two
    double null = 0;
};

/// §8.2 of `t` observations with this mean and deviation (n − 1).
[[nodiscard]] SequenceState confidenceSequence(double t, const Measure& mean, const Measure& deviation,
                                               const SequenceOptions& options);
/// The same of the observations themselves.
[[nodiscard]] SequenceState confidenceSequence(std::span<const double> values, const SequenceOptions& options);

/// An arm as its number, mean and variance (n − 1).
struct ArmMoments {
    double n = 0;
    double mean = 0;
    double variance = 0;
};

struct TwoArmState : SequenceState { // of the difference a − b
    double total = 0;                // N
    double scaledVariance = 0;       // N(s_a²/n_a + s_b²/n_b)
};
/// §8.3. TooFew under two observations in an arm.
[[nodiscard]] TwoArmState twoArmSequence(const ArmMoments& a, const ArmMoments& b, const SequenceOptions& options);

struct MixtureTest { // mSPRT of the difference a − b
    double variance = 0;
    double difference = 0;
    Measure logRatio = std::unexpected(Undefined::TooFew);
    Measure p = std::unexpected(Undefined::TooFew); // keep the least that was seen
    Measure halfWidth = std::unexpected(Undefined::TooFew);
    Defined<Interval> interval = std::unexpected(Undefined::TooFew);
};
/// §8.5; `priorVariance` τ² > 0 of the effect, `null` the difference without an effect.
[[nodiscard]] MixtureTest mixtureTest(const ArmMoments& a, const ArmMoments& b, double priorVariance,
                                      const SequenceOptions& options);

enum class Verdict : std::uint8_t { InvalidSrm, Collecting, ABetter, BBetter, Equivalent, Undecided };
[[nodiscard]] std::string_view name(Verdict verdict); // "INVALID_SRM" …

struct ArmCounts {
    std::uint64_t n = 0;
    std::uint64_t wins = 0;
    std::uint64_t losses = 0;
};

struct GateLimits {
    std::uint64_t least = 30; // an arm
    std::uint64_t leastWinsAndLosses = 10;
    double margin = 0;   // equivalence: the interval strictly within ∓ margin
    double srmP = 0.001; // under it the split itself is wrong
};

/// §8.3, first match wins. `srmP` undefined: that test is left out. A verdict is to be latched by the caller.
[[nodiscard]] Verdict decide(const ArmCounts& a, const ArmCounts& b, const Defined<Interval>& interval,
                             const Measure& srmP, const GateLimits& limits);

} // namespace qd::statistics
