// Six detectors of a model that knows what it cannot know. Each says what it saw; what follows from it is decided in
// audit.h. Pure. Any thread. NaN is a missing value. Source: STATISTICS.md §12; the limits are policy.
#pragma once

#include "learning/splits.h"
#include "statistics/measure.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace qd::learning {

enum class LeakLevel : std::uint8_t { Ok, Warn, Fail };
[[nodiscard]] std::string_view name(LeakLevel level); // "OK", "WARN", "FAIL"

struct LeakLimits {
    double warnSeparation = 0.60;      // leakage.warn_feature_auc
    double failSeparation = 0.70;      // leakage.max_feature_auc
    double shiftShare = 0.5;           // of the separation over ½ that must collapse one bar earlier
    double truncationTolerance = 1e-9; // relative
    std::size_t truncationPoints = 50;
    double permutationP = 0.05;    // over this: no signal
    double permutationMean = 0.53; // mean AUC of refits on permuted labels over this: the pipeline leaks
    double duplicateShare = 0.01;
    double accuracy = 0.70; // leakage.max_accuracy
    double accuracyOverMajority = 0.10;
    double auc = 0.75; // leakage.max_auc
    double dailySharpe = 6;
    double profitFactor = 4;
    double winRate = 0.85;
    double winRatePayoff = 1;
    double drawdown = 0.005;
    double growthForDrawdown = 0.5;
    std::uint64_t trades = 30;
};

// 1 and 2: what one feature alone tells, and whether it tells it only on the very bar that it predicts.
struct FeatureLeak {
    statistics::Measure auc = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure separation = std::unexpected(statistics::Undefined::TooFew); // max(AUC, 1 − AUC)
    statistics::Measure aucOlder = std::unexpected(statistics::Undefined::TooFew);   // label i with feature i − 1
    statistics::Measure aucNewer = std::unexpected(statistics::Undefined::TooFew);   // label i with feature i + 1
    statistics::Measure separationOlder = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure collapse = std::unexpected(statistics::Undefined::TooFew);
    LeakLevel level = LeakLevel::Ok;
    bool isShiftSuspicious = false;
};
/// Rows in time order; where `series` is given, only neighbours of the same series (instrument) are paired. A row whose
/// feature is missing is left out. Requires equal lengths.
[[nodiscard]] FeatureLeak featureLeak(std::span<const double> feature, std::span<const std::uint8_t> label,
                                      const LeakLimits& limits = {}, std::span<const std::uint32_t> series = {});

// 3: a value that changes when the future is taken away.
struct Truncation {
    std::size_t compared = 0;
    std::size_t mismatches = 0;
    std::optional<std::size_t> first; // index of the first mismatch
};
/// Value by value; undefined against defined is a mismatch. Requires equal lengths.
[[nodiscard]] Truncation compareTruncated(std::span<const double> full, std::span<const double> prefix,
                                          double tolerance = LeakLimits{}.truncationTolerance);

struct TruncationFinding {
    std::size_t points = 0;
    std::size_t mismatches = 0;            // points at which some value differs
    std::optional<std::size_t> firstPoint; // the earliest bar
    std::optional<std::size_t> column;     // the first value that differs there
};
/// Compares `full(i)` with `truncated(i)` (all values of row i, computed from bars 0…i alone) at `points` random bars
/// in [0, bars). An empty answer of both (the row is left out) agrees.
using RowValues = std::function<std::vector<double>(std::size_t bar)>;
[[nodiscard]] TruncationFinding truncationTest(std::size_t bars, const RowValues& full, const RowValues& truncated,
                                               std::size_t points, double tolerance, std::uint64_t seed);

// 4: labels permuted in blocks of their horizon, and refitted.
/// A permutation of [0, n) that moves blocks of `block` neighbours as a whole. Requires block ≥ 1.
[[nodiscard]] std::vector<std::uint32_t> blockPermutation(std::size_t n, std::size_t block, std::uint64_t seed);
/// (1 + #{null ≥ observed})/(B + 1).
[[nodiscard]] double permutationP(double observed, std::span<const double> nulls);

struct PermutationFinding {
    double p = 1;
    double meanNull = 0.5;
    bool hasSignal = false;
    bool leaks = false; // the refits on permuted labels do better than chance
};
/// TooFew for no null scores.
[[nodiscard]] statistics::Defined<PermutationFinding> permutationFinding(double observed, std::span<const double> nulls,
                                                                         const LeakLimits& limits = {});

// 5: rows on both sides of the split.
/// Train rows whose span meets one of the test's, ends included.
[[nodiscard]] Rows overlappingRows(std::span<const LabelSpan> train, std::span<const LabelSpan> test);

/// A table of float rows, row by row.
struct RowTable {
    std::span<const float> values;
    std::size_t columns = 0;
    [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
    [[nodiscard]] std::span<const float> row(std::size_t i) const { return values.subspan(i * columns, columns); }
};
struct Duplicates {
    Rows test;        // test rows that equal a train row bit for bit (−0 = 0, NaN = NaN)
    Rows conflicting; // of these, rows that no equal train row shares the label with
    double share = 0; // of the test rows
};
[[nodiscard]] Duplicates duplicateRows(const RowTable& train, std::span<const float> trainLabel, const RowTable& test,
                                       std::span<const float> testLabel);

// 6: too good to be true.
struct Performance {
    std::optional<double> accuracy; // out of sample
    std::optional<double> auc;
    std::optional<double> dailySharpe; // annual
    std::optional<double> profitFactor;
    std::optional<double> winRate;
    std::optional<double> payoff;
    std::uint64_t trades = 0;
    std::optional<double> drawdown; // fraction
    std::optional<double> growth;   // CAGR
};
enum class TooGood : std::uint8_t { Accuracy, Auc, Sharpe, ProfitFactor, WinRate, Drawdown };
[[nodiscard]] std::string_view name(TooGood flag); // "accuracy", "auc" …
/// In this order; each limit is inclusive.
[[nodiscard]] std::vector<TooGood> tooGoodToBeTrue(const Performance& performance, const LeakLimits& limits = {});

} // namespace qd::learning
