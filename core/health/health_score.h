// One score of 0…100 out of parts of different weight, and the label that it earns; for the host, for strategies and
// for the pipeline alike. Pure. Any thread. The bands are fixed, not policy: 15 is CRITICAL, and no evidence is
// UNKNOWN. Source: PRODUCT.md, Health; STATISTICS.md §17.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::health {

enum class Label : std::uint8_t { Unknown, Critical, Poor, Fair, Good, Excellent };
[[nodiscard]] std::string_view name(Label label); // "UNKNOWN", "CRITICAL" …

/// EXCELLENT from 85, GOOD from 70, FAIR from 50, POOR from 25, CRITICAL under that; UNKNOWN for none or NaN.
[[nodiscard]] Label labelOf(std::optional<double> score);

/// The whole number to show: rounded down, so that 24.99 never reads 25 under the label CRITICAL.
[[nodiscard]] int shownScore(double score);

/// Less than this share of the weight known: UNKNOWN.
inline constexpr double leastCoverage = 0.6;
/// A hard failure holds the score down to this, however well the rest is.
inline constexpr double hardFailCap = 24;

struct Component {
    std::optional<double> score; // empty: not known; otherwise taken as 0…100
    double weight = 1;
    bool isHardFail = false;
};

struct Composite {
    std::optional<double> score;
    double coverage = 0; // share of the weight that is known
    Label label = Label::Unknown;
};

/// Weighted mean of what is known. Empty and UNKNOWN under leastCoverage. With a hard failure at most hardFailCap, also
/// under leastCoverage, and 0 if nothing is known.
[[nodiscard]] Composite composite(std::span<const Component> components);

/// The parts of the host's health.
enum class Part : std::uint8_t { Feed, WriteLag, Disk, Jobs, Memory, Cpu, Temperature, Backup };
inline constexpr std::size_t partCount = 8;
[[nodiscard]] std::string_view name(Part part); // "feed", "write lag" …
[[nodiscard]] double weight(Part part);

/// One measured figure of a part, e.g. tick lag of the feed. `score` as probeScore() gives it, or of a rule of its own.
struct Reading {
    Part part = Part::Feed;
    std::optional<double> score;
};

struct PartHealth {
    Part part = Part::Feed;
    std::optional<double> score; // the worst of its readings; empty if none is known
    double wouldRaise = 0;       // by how much the whole would rise if this part were at 100
};

struct HostHealth {
    std::optional<double> score;
    Label label = Label::Unknown;
    double coverage = 0;
    std::string cap;                // the hard failure that holds it down, in words; empty if none
    std::vector<PartHealth> parts;  // all eight, in the order of Part
    std::optional<Part> raisesMost; // the part whose mending would raise the score most; empty if all known are at 100
};

/// `hardFailures`: what caps the host's score at once, in words: feed dead, store not writing, disk full, clock off.
[[nodiscard]] HostHealth assessHost(std::span<const Reading> readings, std::span<const std::string> hardFailures);

/// The answer's own reasons in one sentence: "disk would raise it most, by 8 points", "held at 24: the disk is full".
[[nodiscard]] std::string explanation(const HostHealth& health);

} // namespace qd::health
