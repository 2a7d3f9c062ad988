// A figure as a decision quotes it: what it is, its value or why there is none, interval, n and the limit it is held
// against. Computed, never typed. Pure. Any thread. Money in USDT, shares and probabilities as fractions.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qd::governance {

enum class Unit : std::uint8_t { Count, Days, Share, Probability, Ratio, Usdt, UsdtPerTrade, UsdtPerDay };

struct Figure {
    std::string name; // "expectancy after costs"
    Unit unit = Unit::Count;
    statistics::Measure value = std::unexpected(statistics::Undefined::TooFew);
    statistics::Defined<statistics::Interval> interval = std::unexpected(statistics::Undefined::TooFew);
    double confidence = 0; // of the interval; 0: none is quoted
    std::uint64_t n = 0;
    std::string of = "trades"; // what n counts
    std::optional<double> limit;
};

/// "expectancy after costs -1.23 USDT a trade (80% interval -2.10 to -0.36, n = 45 trades; limit 0.00 USDT a trade)",
/// in plain ASCII for journal and command line; a page prints the parts in its own way.
[[nodiscard]] std::string text(const Figure& figure);
/// A value in its unit: "61.0%", "0.953", "-1.23 USDT a trade".
[[nodiscard]] std::string text(double value, Unit unit);

[[nodiscard]] Figure countFigure(std::string_view name, std::uint64_t n, double limit, std::string_view of = "trades");

} // namespace qd::governance
