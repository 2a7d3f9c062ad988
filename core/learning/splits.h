// Which rows a model may learn from and on which it is judged: purged k-fold with embargo, walk-forward, and the slice
// for early stopping. In time order, never shuffled. Pure. Any thread. Times are bar indices or ms, whichever the
// caller uses throughout; index ranges are half-open. Source: STATISTICS.md §10.
#pragma once

#include "base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace qd::learning {

/// When a row's features were known and the last moment that its label looks at, both inclusive: t0 ≤ t1.
struct LabelSpan {
    std::int64_t t0 = 0;
    std::int64_t t1 = 0;
    friend bool operator==(const LabelSpan&, const LabelSpan&) = default;
};

struct IndexRange {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    friend bool operator==(const IndexRange&, const IndexRange&) = default;
};

using Rows = std::vector<std::uint32_t>; // indices of rows, ascending

struct PurgedFold {
    IndexRange test;
    std::int64_t testStart = 0;    // t0 of the first test row
    std::int64_t testLabelEnd = 0; // the greatest t1 of the test rows, not the last one's
    Rows train;
    Rows purged;    // their labels and those of the test rows look at the same time
    Rows embargoed; // the first rows after the test's labels
};

/// ⌈share · n⌉ rows.
[[nodiscard]] std::size_t embargoRows(double share, std::size_t n);

/// `folds` contiguous test folds, the first n mod folds of them one larger. OutOfRange for fewer than 2 folds or fewer
/// rows than folds; Malformed where t0 is not ascending or a t1 lies before its t0.
[[nodiscard]] base::Result<std::vector<PurgedFold>> purgedKFold(std::span<const LabelSpan> spans, std::size_t folds,
                                                                std::size_t embargo);

enum class TrainWindow : std::uint8_t { Rolling, Expanding };

/// In bars: a fold trains on `train` bars at least, leaves out `labelHorizon + embargo`, and is judged on `test`.
struct WalkForwardPlan {
    std::size_t train = 0;
    std::size_t test = 0;
    std::size_t step = 0;
    std::size_t labelHorizon = 0;
    std::size_t embargo = 0;
    TrainWindow window = TrainWindow::Rolling;
};

struct WalkForwardFold {
    IndexRange train;
    IndexRange gap;
    IndexRange test;
    friend bool operator==(const WalkForwardFold&, const WalkForwardFold&) = default;
};

struct WalkForward {
    std::vector<WalkForwardFold> folds;
    std::string whyNone; // a sentence where `folds` is empty
};

/// The folds over `bars` bars, oldest first; no partial last one.
[[nodiscard]] WalkForward walkForward(std::size_t bars, const WalkForwardPlan& plan);

/// The rows of one walk-forward fold over rows at times of their own (several instruments share a bar, rows that touch
/// a gap are missing). `purged` counts rows of the train range whose label reaches the test range.
struct RowFold {
    Rows train;
    Rows test;
    std::int64_t testStart = 0;
    std::int64_t testEnd = 0; // exclusive
    std::size_t purged = 0;
};

/// The same over time: bars of `barLength` from the first row's t0 on. Folds without a train or test row are left out.
/// Requires spans ascending by t0 and barLength > 0.
struct RowFolds {
    std::vector<RowFold> folds;
    std::string whyNone;
};
[[nodiscard]] RowFolds walkForwardRows(std::span<const LabelSpan> spans, std::int64_t barLength,
                                       const WalkForwardPlan& plan);

/// Train rows cut again: the newest `share` of them validates when to stop, and rows whose label reaches into it are
/// left out of the fit. Both empty where nothing would be left to fit.
struct EarlyStoppingSplit {
    Rows fit;
    Rows validation;
};
[[nodiscard]] EarlyStoppingSplit earlyStoppingSplit(std::span<const LabelSpan> spans,
                                                    std::span<const std::uint32_t> train, double share);

} // namespace qd::learning
