// Trains and judges a family walk-forward: each fold learns from the past alone, stops early on a slice of its own
// train rows, and is judged on what came later, beside two baselines: always the majority (or the mean), and the
// present champion where it had not yet seen those rows. Then one final fit on all rows. Pure but for XGBoost's
// threads; not shared between threads. Source: STATISTICS.md §10, §15, PRODUCT.md *The models*.
#pragma once

#include "learning/classification.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/labels.h"
#include "learning/training_rows.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace qd::learning {

/// A model's out-of-sample figures over some rows; those of the other kind of family stay empty.
struct Score {
    std::size_t rows = 0;
    std::optional<ClassMetrics> classes;
    std::optional<RegressionMetrics> regression;

    /// AUC or R²: what is compared.
    [[nodiscard]] statistics::Measure quality() const { return estimate().value; }
    /// The same with its interval.
    [[nodiscard]] statistics::Estimate estimate() const;
    /// Log loss or mean squared error: what is minimised.
    [[nodiscard]] statistics::Measure loss() const;
};
[[nodiscard]] Score scoreOf(Family family, std::span<const float> predicted, std::span<const float> real,
                            double overlap = 1);

struct Champion {
    const FlatTrees* trees = nullptr;
    std::int64_t knows = 0; // the last moment that its training looked at, ms
};

struct FoldScore {
    RowFold rows;
    std::uint32_t trees = 0; // kept by early stopping
    Score model;
    Score majority; // the train rows' share or mean, said always
    Score own;      // the family's simple rule: distance alone, a line from yesterday's volatility; else empty
    std::optional<Score> champion; // none where there is none or it has seen the rows
};

struct WalkForwardPolicy {
    Family family = Family::Gbt5m;
    WalkForwardPlan plan;             // in 5m candles
    double earlyStoppingShare = 0.15; // of the train rows, the newest; 0: no early stopping
    std::size_t fewestTrain = 200;    // rows; a fold with fewer is left out
    std::size_t fewestTest = 50;
};

enum class TrainingPhase : std::uint8_t { Fold, FinalFit };
struct TrainingProgress {
    TrainingPhase phase{};
    std::size_t fold = 0; // of `folds`
    std::size_t folds = 0;
    std::uint32_t tree = 0;
    std::uint32_t trees = 0;
};
/// False cancels, within one tree.
using OnProgress = std::function<bool(const TrainingProgress&)>;

struct WalkForwardScores {
    std::vector<FoldScore> folds;
    std::string whyNone;
    Score pooled; // over all folds' test rows
    Score pooledMajority;
    Score pooledOwn;
    std::uint32_t finalTrees = 0; // median of the folds'
    double overlap = 1;           // of the rows' labels: every interval is that much wider
};

/// The plan that fits `bars` 5m candles into about `folds` folds of equal tests; train is expanding.
[[nodiscard]] WalkForwardPlan planFor(std::size_t bars, std::size_t folds, base::Millis horizon);
/// 5m candles from the first row to the last.
[[nodiscard]] std::size_t barsOf(const TrainingRows& rows);

[[nodiscard]] base::Result<WalkForwardScores> walkForward(const TrainingRows& rows, const BoostParameters& parameters,
                                                          const WalkForwardPolicy& policy,
                                                          const Champion& champion = {},
                                                          const OnProgress& progress = {});
/// All rows, `trees` trees, no early stopping: nothing is held back from the model that serves.
[[nodiscard]] base::Result<Fit> finalFit(const TrainingRows& rows, BoostParameters parameters, std::uint32_t trees,
                                         const OnProgress& progress = {});

} // namespace qd::learning
