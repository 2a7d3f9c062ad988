// How a night compares with the nights before: for each figure the median and the range of up to 30, and whether it
// lies outside. Only nights of about the same length (half to twice) count, and under 7 of them nothing is judged.
// Pure. Any thread. Source: PRODUCT.md, Night report.
#pragma once

#include "governance/night_figures.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qd::governance {

inline constexpr std::size_t fewestNights = 7;
inline constexpr std::size_t mostNights = 30;

enum class NightUnit : std::uint8_t { Count, Seconds, Bytes };
struct NightFigure {
    std::string id;    // "gaps.seconds", "job.backup"
    std::string words; // "time with gaps"
    NightUnit unit = NightUnit::Count;
    std::optional<double> value; // empty: it did not happen, or is not known
};
/// Those of every night, then the seconds of each job.
[[nodiscard]] std::vector<NightFigure> figuresOf(const NightFigures& night);

enum class NightVerdict : std::uint8_t { Unknown, TooFew, Usual, Above, Below };
struct NightComparison {
    NightFigure figure;
    std::size_t nights = 0; // that had it
    double median = 0;      // of these; nothing without one
    double low = 0;
    double high = 0;
    NightVerdict verdict = NightVerdict::Unknown;
};
/// `before`: newest first; more than mostNights of about this length are left out. One row a figure of figuresOf().
[[nodiscard]] std::vector<NightComparison> compared(const NightFigures& night, std::span<const NightFigures> before);
/// How many of them are of about its length, at most mostNights.
[[nodiscard]] std::size_t comparable(const NightFigures& night, std::span<const NightFigures> before);

[[nodiscard]] std::string valueText(NightUnit unit, double value);
/// "Gaps: 5, more than on any of the last 12 nights (usually 0, from 0 to 3)."; empty where it is not outside.
[[nodiscard]] std::string outsideText(const NightComparison& comparison);

} // namespace qd::governance
