// How good predicted probabilities are, each figure with its interval where it has one, and what always saying the
// majority would have done. Pure. Any thread. Predictions are p(class 1), labels 0 or 1. Source: STATISTICS.md §12.1,
// §15.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstdint>
#include <span>
#include <vector>

namespace qd::learning {

struct MetricOptions {
    double threshold = 0.5; // class 1 iff p ≥ threshold
    double clip = 1e-15;    // of p in the log loss
    std::uint32_t bins = 10;
    double confidence = 0.95;
    double overlap = 1; // mean number of labels that share a moment: n/overlap observations stand behind the intervals
};

struct CalibrationBin {
    std::uint64_t count = 0;
    statistics::Measure meanPrediction = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure frequency = std::unexpected(statistics::Undefined::TooFew); // of class 1
};

struct Calibration {
    statistics::Measure expected = std::unexpected(statistics::Undefined::TooFew); // ECE, of class 1
    statistics::Measure greatest = std::unexpected(statistics::Undefined::TooFew); // MCE
    std::vector<CalibrationBin> bins; // equal widths (lo, hi]; 0 in the first
};
[[nodiscard]] Calibration calibration(std::span<const double> p, std::span<const std::uint8_t> y, std::uint32_t bins);

struct ClassMetrics {
    std::uint64_t n = 0;
    std::uint64_t truePositives = 0;
    std::uint64_t falsePositives = 0;
    std::uint64_t trueNegatives = 0;
    std::uint64_t falseNegatives = 0;
    statistics::Estimate accuracy;                                                 // Wilson
    statistics::Measure majority = std::unexpected(statistics::Undefined::TooFew); // accuracy of always the majority
    statistics::Measure precision = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure recall = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure f1 = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure mcc = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure balancedAccuracy = std::unexpected(statistics::Undefined::TooFew);
    statistics::Estimate logLoss;
    statistics::Estimate auc; // DeLong
    statistics::Estimate brier;
    statistics::Measure baseRate = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure brierSkill = std::unexpected(statistics::Undefined::TooFew);
    Calibration calibration;
};

/// TooFew for no rows, NotFinite where a prediction is none, OutOfRange for different lengths or a p outside [0, 1].
[[nodiscard]] statistics::Defined<ClassMetrics> classMetrics(std::span<const double> p, std::span<const std::uint8_t> y,
                                                             const MetricOptions& options = {});

/// P(score of a 1 > score of a 0), ties half. Flat where there is one class only; NotFinite where a score is none.
[[nodiscard]] statistics::Measure areaUnderCurve(std::span<const double> score, std::span<const std::uint8_t> y);
/// With DeLong's standard error over n/overlap observations; the interval is cut to [0, 1].
[[nodiscard]] statistics::Estimate aucEstimate(std::span<const double> score, std::span<const std::uint8_t> y,
                                               double confidence = 0.95, double overlap = 1);

/// Of predicted against real values.
struct RegressionMetrics {
    std::uint64_t n = 0;
    statistics::Estimate r2; // 1 − Σ(y−ŷ)²/Σ(y−ȳ)²; its error is that of the numerator alone
    statistics::Measure rootMeanSquare = std::unexpected(statistics::Undefined::TooFew);
    statistics::Estimate squaredError;
    statistics::Estimate absoluteError;
};
[[nodiscard]] statistics::Defined<RegressionMetrics> regressionMetrics(std::span<const double> predicted,
                                                                       std::span<const double> real,
                                                                       double confidence = 0.95, double overlap = 1);

} // namespace qd::learning
