// How sure a Sharpe ratio is. Pure. Any thread. Everything a period (a day), never annual: estimate and both ends of an
// interval are annualised together, by √365. Source: STATISTICS.md §3.2, §5.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstddef>
#include <span>

namespace qd::statistics {

/// A Sharpe ratio with what its distribution depends on.
struct SharpeSample {
    double sharpe = 0;
    double skewness = 0;
    double kurtosis = 3;
    std::size_t n = 0; // returns
};

[[nodiscard]] Defined<SharpeSample> sharpeSample(std::span<const double> returns);

/// 1 − g3·SR + ((g4−1)/4)·SR². Shape where that is not over 0.
[[nodiscard]] Measure sharpeVarianceCore(const SharpeSample& sample);
/// Mertens' standard error with n − 1, so that interval and PSR agree. The one to use.
[[nodiscard]] Measure mertensError(const SharpeSample& sample);
/// The same with Mertens' own n, and Lo's for normal, independent returns: lines of reference only.
[[nodiscard]] Measure mertensErrorByN(const SharpeSample& sample);
[[nodiscard]] Measure loError(const SharpeSample& sample);

/// The ratio, Mertens' error and interval.
[[nodiscard]] Estimate sharpeEstimate(std::span<const double> returns, double confidence = 0.95);
/// All of an estimate a period by √periods: a year's.
[[nodiscard]] Estimate annualised(const Estimate& estimate, double periodsPerYear = 365.0);

/// Lo's factor from SR a period to SR of `periods`, in place of √periods where returns are autocorrelated;
/// `autocorrelations` from lag 1 on, 0 beyond. Shape where the variance comes out not over 0.
[[nodiscard]] Measure loFactor(std::span<const double> autocorrelations, std::size_t periods = 365);

/// Probability that the true ratio beats `benchmark` (§5).
[[nodiscard]] Measure probabilisticSharpe(const SharpeSample& sample, double benchmark = 0);
/// The number of returns from which that reaches `confidence`; shown rounded up. Never if the ratio does not beat it.
[[nodiscard]] Measure minimumTrackRecord(const SharpeSample& sample, double benchmark = 0, double confidence = 0.95);

/// The ratio that the best of `trials` without skill is expected to reach; their ratios have the deviation `spread`.
/// `trials` may be fractional; under 2: 0.
[[nodiscard]] double expectedBestSharpe(double spread, double trials);
/// ρ̄ + (1−ρ̄)·M: how many independent trials M of mean pairwise correlation ρ̄ are worth.
[[nodiscard]] double effectiveTrials(double meanCorrelation, double trials);
/// PSR against expectedBestSharpe(): of the chosen one, knowing how many were tried. All of them must be counted.
[[nodiscard]] Measure deflatedSharpe(const SharpeSample& chosen, double spread, double trials);

} // namespace qd::statistics
