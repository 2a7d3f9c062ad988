// Probability of backtest overfitting by combinatorially symmetric cross-validation. Pure. Any thread; for 16 blocks
// 12,870 subsets: not the GUI's. Source: STATISTICS.md §6.
#pragma once

#include "statistics/measure.h"

#include <cstddef>
#include <span>
#include <vector>

namespace qd::statistics {

struct OverfittingOptions {
    std::size_t blocks = 0; // even, 2…20; 0: 16 from 160 rows on, else 8
};

struct Overfitting {
    std::size_t combinations = 0;
    std::size_t dropped = 0; // subsets where a column had no variance in a half
    std::size_t rowsDropped = 0;
    std::vector<std::size_t> best; // of each subset that counts: the column that was best in its sample
    std::vector<double> logits;    // and how that one did out of it; 0 or less: in the lower half
    Measure probability = std::unexpected(Undefined::TooFew);     // share of logits ≤ 0
    Measure lossProbability = std::unexpected(Undefined::TooFew); // share with a Sharpe under 0 out of sample
    Measure slope = std::unexpected(Undefined::TooFew);           // of Sharpe out of sample on Sharpe in sample
    Measure intercept = std::unexpected(Undefined::TooFew);
    Measure meanInSample = std::unexpected(Undefined::TooFew);
    Measure meanOutOfSample = std::unexpected(Undefined::TooFew);
};

/// `rows`: T·N returns, row by row (a day each), one column a configuration. TooFew for N < 2 or under two rows a
/// half; OutOfRange for a wrong number of blocks or of values; NotFinite for a hole.
[[nodiscard]] Defined<Overfitting> backtestOverfitting(std::span<const double> rows, std::size_t columns,
                                                       const OverfittingOptions& options = {});

} // namespace qd::statistics
