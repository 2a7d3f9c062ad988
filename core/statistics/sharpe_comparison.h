// Whether two Sharpe ratios differ. Pure. Any thread. Ratios a period; tests of a fixed time: one look, decided in
// advance (for peeking: sequential.h). TooFew under 30 observations an arm; NoVariance where an arm has none.
// Source: STATISTICS.md §7.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "statistics/resample.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace qd::statistics {

struct SharpeDifference {
    double first = 0;
    double second = 0;
    double difference = 0; // first − second
    Measure error = std::unexpected(Undefined::TooFew);
    Measure z = std::unexpected(Undefined::TooFew);
    Measure p = std::unexpected(Undefined::TooFew); // two-sided
};

/// Jobson and Korkie with Memmel's correction, for the same days of both: near-normal, independent days only.
struct MemmelTest : SharpeDifference {
    double rho = 0; // Pearson's
};
[[nodiscard]] Defined<MemmelTest> memmelTest(std::span<const double> x, std::span<const double> y);

/// Ledoit and Wolf's, for the same days of both and returns of any shape; the gradient is over (μ₁, μ₂, γ₁, γ₂).
struct LedoitWolfTest : SharpeDifference {
    std::array<double, 4> gradient{};
    std::array<double, 4> rho{}; // AR(1) of the four columns; of the second kind only
    double bandwidth = 0;        // S*; of the second kind only
};
/// For independent days.
[[nodiscard]] Defined<LedoitWolfTest> ledoitWolfTest(std::span<const double> x, std::span<const double> y);
/// For autocorrelated days: Parzen's kernel, bandwidth from the data.
[[nodiscard]] Defined<LedoitWolfTest> ledoitWolfHacTest(std::span<const double> x, std::span<const double> y);

/// The preferred decision: the studentised circular block bootstrap. `resamples` as CircularResampler gives them.
struct LedoitWolfBootstrap {
    double difference = 0;
    double error = 0; // HAC
    double d = 0;     // |difference| / error
    std::vector<Measure> replicates;
    std::size_t dropped = 0;
    Measure p = std::unexpected(Undefined::TooFew); // (1 + #{d* ≥ d}) / (B + 1)
};
inline constexpr std::size_t defaultBlock = 5;
[[nodiscard]] Defined<LedoitWolfBootstrap> ledoitWolfBootstrap(std::span<const double> x, std::span<const double> y,
                                                               const Resamples& resamples,
                                                               std::size_t block = defaultBlock);

/// Of independent arms: other days or other accounts.
struct UnpairedTest : SharpeDifference {
    Measure firstError = std::unexpected(Undefined::TooFew); // Mertens'
    Measure secondError = std::unexpected(Undefined::TooFew);
    Defined<Interval> interval = std::unexpected(Undefined::TooFew);
};
[[nodiscard]] Defined<UnpairedTest> unpairedTest(std::span<const double> x, std::span<const double> y,
                                                 double confidence = 0.95);

} // namespace qd::statistics
