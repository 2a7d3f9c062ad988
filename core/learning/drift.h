// How far what a model sees today is from what it was trained on: population stability index and Kolmogorov–Smirnov.
// Pure. Any thread. NaN is a missing value. Source: STATISTICS.md §13, §22.
#pragma once

#include "statistics/measure.h"
#include "statistics/sample_limits.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qd::learning {

/// The reference side of the index, small enough to be kept with a model.
struct PsiReference {
    std::vector<double> edges;         // strictly ascending; the bin of x is the number of edges < x
    std::vector<std::uint64_t> counts; // edges + 1 bins
    std::uint64_t missing = 0;
    bool isConstant = false; // all values are one: the index says nothing
    std::uint32_t bins = 10; // wanted

    [[nodiscard]] std::uint64_t rows() const;
    template <typename Archive>
    void state(Archive& a)
    {
        a(edges, counts, missing, isConstant, bins);
    }
};

/// Edges are type-7 quantiles of the values that are there; repeats and a last edge equal to the greatest are dropped.
/// Infinities count as missing. Requires bins ≥ 1.
[[nodiscard]] PsiReference psiReference(std::span<const double> reference, std::uint32_t bins = 10);

struct DriftLimits { // the policy's (drift.*)
    double watch = 0;
    double alarm = 0;
    double ksAlarm = 0; // D; p is too small for autocorrelated features
    double floor = 0;   // least share of a bin
    statistics::SampleLimits rows;
    std::size_t rowsPerBin = 0;
    std::size_t important = 0; // features with most gain …
    std::size_t drifted = 0;   // … of which so many in alarm call for a new version
};

enum class DriftLevel : std::uint8_t { Unknown, Stable, Watch, Drift };

struct Psi {
    statistics::Measure value = std::unexpected(statistics::Undefined::TooFew);
    std::vector<std::uint64_t> referenceCounts; // the missing ones are the last bin, where either side has any
    std::vector<std::uint64_t> currentCounts;
    statistics::Standing standing = statistics::Standing::Hidden;
    bool isReferenceConstant = false;
};

/// Σ(c−r)·ln(c/r) of shares, floored and not renormalised. TooFew where a side has no rows at all.
[[nodiscard]] Psi psi(const PsiReference& reference, std::span<const double> current, const DriftLimits& limits);

struct KsTest {
    statistics::Measure distance = std::unexpected(statistics::Undefined::TooFew); // D = sup|F₁ − F₂|
    double lambdaLimit = 0;                                                        // n_e·D
    double lambda = 0; // Stephens: (n_e + 0.12 + 0.11/n_e)·D
    double pLimit = 1;
    double p = 1;
};

/// Missing values are left out.
[[nodiscard]] KsTest ksTest(std::span<const double> x, std::span<const double> y);

/// Both must agree to alarm: PSI at its alarm *and* D at its own; no more than Watch of so few rows that the index is
/// grey. Unknown under the least rows, or of a constant reference.
[[nodiscard]] DriftLevel driftLevel(const Psi& psi, const KsTest& ks, const DriftLimits& limits);

} // namespace qd::learning
