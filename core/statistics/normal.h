// The standard normal distribution. Pure. Any thread. Source: STATISTICS.md §0, golden special_functions.
#pragma once

namespace qd::statistics {

[[nodiscard]] double normalCdf(double z);
/// The z with normalCdf(z) = p; ∓infinity at 0 and 1, NaN outside [0, 1].
[[nodiscard]] double normalQuantile(double p);

} // namespace qd::statistics
