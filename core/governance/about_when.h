// When a limit would be reached if everything went on as it does: for "about when" beside a gate or an experiment,
// never for a decision. Pure. Any thread. Empty: never at the present figures, or beyond `horizon`. Source: PRODUCT.md,
// Gates to `ready`; Experiments.
#pragma once

#include "statistics/sequential.h"

#include <cstdint>
#include <optional>

namespace qd::governance {

inline constexpr double horizon = 100'000; // observations

/// Observations in all until the always-valid interval of this mean and deviation leaves zero out.
[[nodiscard]] std::optional<double> whenIntervalLeavesZeroOut(double mean, double deviation,
                                                              const statistics::SequenceOptions& options);
/// The same until it lies within ∓ margin.
[[nodiscard]] std::optional<double> whenIntervalIsWithin(double margin, double mean, double deviation,
                                                         const statistics::SequenceOptions& options);
/// Trades in all until the lower end of Wilson's interval is over `limit` at this win rate.
[[nodiscard]] std::optional<double> whenWinRateIsOver(double limit, double winRate, double confidence);

} // namespace qd::governance
