// The night report as one document, and that document as plain text, Markdown and HTML. Pure. Any thread. Whatever
// names and reasons hold, they come out as text: nothing of them is taken for markup. Source: PRODUCT.md, Night report.
#pragma once

#include "governance/night_comparison.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace qd::governance {

enum class NightTone : std::uint8_t { Plain, Muted, Good, Warning, Bad };
struct NightLine {
    std::string text;
    NightTone tone = NightTone::Plain;
    friend bool operator==(const NightLine&, const NightLine&) = default;
};
struct NightTable {
    std::vector<std::string> heads;
    std::vector<bool> isFigure; // a column each: set to the right
    std::vector<std::vector<NightLine>> rows;
    std::optional<std::size_t> reasons{}; // the column of which a sentence is enough for a page
    friend bool operator==(const NightTable&, const NightTable&) = default;
};
struct NightSection {
    std::string title;
    std::vector<NightLine> lines; // before the table
    NightTable table{};           // empty: none
    std::vector<NightLine> after{};
    friend bool operator==(const NightSection&, const NightSection&) = default;
};
struct NightDocument {
    std::string title;
    std::string span; // from when to when
    NightLine headline;
    std::vector<NightSection> sections;
    friend bool operator==(const NightDocument&, const NightDocument&) = default;
};

/// "2025-06-22 06:00" of a zone, and what the zone is called.
struct NightClock {
    std::function<std::string(UtcMs)> text;
    std::string zone;
};
/// "2025-06-22 06:00 (04:00 UTC)"; where both clocks agree "2025-06-22 06:00 UTC".
[[nodiscard]] std::string bothClocks(const NightClock& clock, UtcMs time);

/// `before`: the nights before it, newest first.
[[nodiscard]] NightDocument nightDocument(const NightFigures& night, std::span<const NightFigures> before,
                                          const NightClock& clock);

struct NightColors { // "#rrggbb"
    std::string background = "#ffffff";
    std::string text = "#1c2733";
    std::string muted = "#5b6876";
    std::string line = "#d5dce4";
    std::string good = "#16734f";
    std::string warning = "#8a6100";
    std::string bad = "#b3303c";
};
[[nodiscard]] std::string asText(const NightDocument& document);
[[nodiscard]] std::string asMarkdown(const NightDocument& document);
/// A whole page: its style within it, and nothing is loaded.
[[nodiscard]] std::string asHtml(const NightDocument& document, const NightColors& colors = {});

} // namespace qd::governance
