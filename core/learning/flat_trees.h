// A model's trees in one array of our own, walked on the thread that serves: no XGBoost, no allocation, no lock.
// Predictions are bit-equal to XGBoost's (float sums in its order). Immutable after of(); any thread. Source:
// STATISTICS.md §20, PRODUCT.md *Serving*.
#pragma once

#include "base/error.h"
#include "learning/gradient_boosting.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace qd::learning {

/// What a feature moved the margin by on the way of one row.
struct Contribution {
    std::uint32_t feature = 0;
    float value = 0;
    friend bool operator==(const Contribution&, const Contribution&) = default;
};

class FlatTrees {
public:
    /// Of a model's UBJSON. Malformed or Damaged for bytes that are no model (every index is checked), Unsupported for
    /// a model of another kind (categories, several classes, another booster or objective).
    [[nodiscard]] static base::Result<FlatTrees> of(std::string_view bytes);

    /// The sum of leaves, from the base on. Requires features() values; NaN is missing.
    [[nodiscard]] float margin(std::span<const float> row) const;
    /// The probability of class 1, or the value for a regression.
    [[nodiscard]] float predict(std::span<const float> row) const;
    void predict(const RowTable& rows, std::span<float> out) const;

    /// The `most` features that moved this row's margin most, greatest magnitude first: along its path, each split is
    /// charged with the change of the node's mean (Saabas; XGBoost's approximate contributions). Off the serving
    /// thread.
    [[nodiscard]] std::vector<Contribution> topContributions(std::span<const float> row, std::size_t most) const;
    /// The same of all features, with what no feature moved (the mean) behind the last one.
    [[nodiscard]] std::vector<float> contributions(std::span<const float> row) const;

    /// Total gain of each feature over all splits.
    [[nodiscard]] const std::vector<double>& totalGain() const { return gain_; }
    [[nodiscard]] std::size_t features() const { return gain_.size(); }
    [[nodiscard]] std::size_t trees() const { return roots_.size(); }
    [[nodiscard]] Objective objective() const { return objective_; }
    /// Of the library that wrote it: "1.7.4".
    [[nodiscard]] const std::string& writtenBy() const { return writtenBy_; }

private:
    struct Node {
        float cut = 0; // of a leaf its value
        std::uint32_t left = 0;
        std::uint16_t feature = 0;
        std::uint8_t step = 0;        // 1; 0 on a leaf, which is its own left child
        std::uint8_t missingGoes = 0; // 1: right
    };
    struct TreeColumns;
    [[nodiscard]] static base::Result<TreeColumns> columnsOf(const struct UbjValue& tree, std::size_t features);
    [[nodiscard]] base::Result<void> add(const TreeColumns& tree);
    [[nodiscard]] std::uint32_t next(std::uint32_t at, std::span<const float> row) const;
    [[nodiscard]] float fromMargin(float margin) const;

    std::vector<Node> nodes_; // each tree's in one run, siblings side by side
    std::vector<float> means_;
    std::vector<std::uint32_t> roots_;
    std::vector<std::uint16_t> depths_;
    std::vector<double> gain_;
    float baseMargin_ = 0;
    Objective objective_ = Objective::Logistic;
    std::string writtenBy_;
};

} // namespace qd::learning
