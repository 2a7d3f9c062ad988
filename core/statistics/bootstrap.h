// Intervals by resampling, for figures of few or dependent observations. Pure. Any thread; 2,000 replicates of a year
// of days take milliseconds. Source: STATISTICS.md §4.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "statistics/resample.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qd::statistics {

inline constexpr std::size_t liveReplicates = 2'000;
inline constexpr std::size_t reportReplicates = 10'000;
/// More than this share of replicates without a value: no interval.
inline constexpr double mostDropped = 0.05;

struct Bootstrap {
    Measure estimate = std::unexpected(Undefined::TooFew);
    Measure error = std::unexpected(Undefined::TooFew); // of the estimate, where the interval is studentised
    std::vector<Measure> replicates;
    std::vector<Measure> studentised; // t* of each replicate; empty for the mean
    std::size_t dropped = 0;          // replicates without a value
    std::size_t droppedStudentised = 0;
    Measure replicateMean = std::unexpected(Undefined::TooFew);
    Measure replicateError = std::unexpected(Undefined::TooFew); // their deviation, n − 1
    Defined<Interval> percentile = std::unexpected(Undefined::TooFew);
    Defined<Interval> basic = std::unexpected(Undefined::TooFew);
    Defined<Interval> studentisedInterval = std::unexpected(Undefined::TooFew);
};

/// Of the mean; take the percentile interval. Indices beyond `values` are OutOfRange.
[[nodiscard]] Bootstrap bootstrapMean(std::span<const double> values, const Resamples& resamples,
                                      double confidence = 0.95);
/// Of the Sharpe ratio a period; take the studentised interval, by Mertens' error.
[[nodiscard]] Bootstrap bootstrapSharpe(std::span<const double> returns, const Resamples& resamples,
                                        double confidence = 0.95);

struct BlockLength {
    std::size_t cutoff = 0;  // m: the lags that count
    std::size_t longest = 0; // b_max
    Measure stationary = std::unexpected(Undefined::TooFew);
    Measure circular = std::unexpected(Undefined::TooFew);
};

/// Politis and White's choice, with the constant of 2009. Undefined without variance.
[[nodiscard]] BlockLength optimalBlockLength(std::span<const double> values);
/// The mean block length to use: at least 1; n^⅓ for under 30 observations or without variance.
[[nodiscard]] double meanBlockLength(std::span<const double> values);

} // namespace qd::statistics
