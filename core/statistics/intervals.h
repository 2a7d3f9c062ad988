// Intervals that stand beside figures. Pure. Any thread. Source: STATISTICS.md §3.
#pragma once

#include <cstdint>

namespace qd::statistics {

struct Interval {
    double lower;
    double upper;
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson's interval of a share (§3.1): [0, 1] for n = 0; the end is exact where none or all were won.
/// Requires won ≤ n and 0 < confidence < 1.
[[nodiscard]] Interval wilson(std::uint64_t won, std::uint64_t n, double confidence = 0.95);

} // namespace qd::statistics
