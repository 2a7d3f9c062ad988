// A figure that may have no value: then it says why. Never 0, an infinity or a sentinel in its place.
// Pure. Any thread. Source: STATISTICS.md §0.2.
#pragma once

#include <cmath>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace qd::statistics {

enum class Undefined : std::uint8_t {
    NoTrades,
    NoWins,
    NoLosses,
    Flat,       // neither a win nor a loss
    TooFew,     // fewer observations than the figure needs
    NoVariance, // greatest and least are equal, exactly
    NoDownside, // no return under the target
    NoDrawdown,
    Ruined,     // the equity went to zero or under
    NotFinite,  // a hole (NaN) in a series on a time grid, or a result beyond double
    Never,      // the estimate does not beat the benchmark: no record is long enough
    Shape,      // skewness and kurtosis leave no positive variance to the estimate
    Dropped,    // too many replicates without a value
    OutOfRange, // an argument without a meaning
};

/// The word for files and the log: "no_trades".
[[nodiscard]] std::string_view name(Undefined why);
/// For the operator, after the dash: "no losing trade yet".
[[nodiscard]] std::string_view sentence(Undefined why);

template <typename T>
using Defined = std::expected<T, Undefined>;
using Measure = Defined<double>;

/// What was computed, if it is a number.
[[nodiscard]] inline Measure measureOf(double value)
{
    return std::isfinite(value) ? Measure(value) : std::unexpected(Undefined::NotFinite);
}

/// `rule` of both, or why one of them has no value.
template <typename Rule>
[[nodiscard]] Measure both(const Measure& a, const Measure& b, Rule rule)
{
    if (!a || !b) {
        return std::unexpected(a ? b.error() : a.error());
    }
    return measureOf(rule(*a, *b));
}

[[nodiscard]] inline Measure scaled(const Measure& measure, double factor)
{
    return measure ? measureOf(*measure * factor) : measure;
}

[[nodiscard]] bool allFinite(std::span<const double> values);

} // namespace qd::statistics
