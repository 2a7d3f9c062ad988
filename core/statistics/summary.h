// Sums, moments, quantiles and ranks of a series. Pure. Any thread. A series with a NaN or an infinity in it has no
// figures. Source: STATISTICS.md §0.1, §0.3.
#pragma once

#include "statistics/measure.h"

#include <cstddef>
#include <span>
#include <vector>

namespace qd::statistics {

/// Neumaier's sum: the error does not grow with the number of terms.
class CompensatedSum {
public:
    void add(double term)
    {
        const double next = sum_ + term;
        lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
        sum_ = next;
    }
    [[nodiscard]] double value() const { return sum_ + lost_; }

private:
    double sum_ = 0;
    double lost_ = 0;
};

[[nodiscard]] double sum(std::span<const double> values);
/// TooFew for an empty series.
[[nodiscard]] Measure mean(std::span<const double> values);
/// Σ(x−m)²/(n−ddof), two-pass; TooFew for n ≤ ddof, exactly 0 where all are equal.
[[nodiscard]] Measure variance(std::span<const double> values, std::size_t ddof = 1);
[[nodiscard]] Measure standardDeviation(std::span<const double> values, std::size_t ddof = 1);

/// Shape by population central moments mk: m3/m2^1.5 and m4/m2² (3 for a normal). NoVariance where all are equal.
struct Shape {
    double skewness = 0;
    double kurtosis = 3;
};
[[nodiscard]] Defined<Shape> shape(std::span<const double> values);

/// Type 7 (numpy's default) of an ascending series. OutOfRange for q outside [0, 1], TooFew for an empty series.
[[nodiscard]] Measure quantileOfSorted(std::span<const double> ascending, double q);
/// The same of a series in any order.
[[nodiscard]] Measure quantile(std::span<const double> values, double q);

/// The rank of each value, from 1; ties share the mean of their ranks. Requires numbers (no NaN).
[[nodiscard]] std::vector<double> midranks(std::span<const double> values);

/// ρ of a series with itself `lag` earlier: Σ(x_t−m)(x_{t−lag}−m)/Σ(x_t−m)².
[[nodiscard]] Measure autocorrelation(std::span<const double> values, std::size_t lag);
/// Pearson's ρ. OutOfRange where the lengths differ.
[[nodiscard]] Measure correlation(std::span<const double> x, std::span<const double> y);

} // namespace qd::statistics
