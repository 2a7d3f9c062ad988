#include "health/health_score.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qd::health {

namespace {

struct PartInfo {
    std::string_view name;
    double weight;
};
constexpr std::array<PartInfo, partCount> partInfos{{
    {"feed", 3},
    {"write lag", 2},
    {"disk", 2},
    {"jobs", 2},
    {"memory", 1},
    {"CPU", 1},
    {"temperature", 1},
    {"backup", 1},
}};

bool isKnown(std::optional<double> score)
{
    return score && !std::isnan(*score);
}

/// The worst known reading of each part.
std::vector<PartHealth> partsOf(std::span<const Reading> readings)
{
    std::vector<PartHealth> parts(partCount);
    for (std::size_t i = 0; i < partCount; ++i) {
        parts[i].part = static_cast<Part>(i);
    }
    for (const auto& reading : readings) {
        if (!isKnown(reading.score)) {
            continue;
        }
        auto& score = parts[static_cast<std::size_t>(reading.part)].score;
        const auto clamped = std::clamp(*reading.score, 0.0, 100.0);
        score = score ? std::min(*score, clamped) : clamped;
    }
    return parts;
}

/// Joins with "; ".
std::string joined(std::span<const std::string> texts)
{
    std::string out;
    for (const auto& text : texts) {
        out += (out.empty() ? "" : "; ") + text;
    }
    return out;
}

} // namespace

std::string_view name(Label label)
{
    constexpr std::array<std::string_view, 6> names{"UNKNOWN", "CRITICAL", "POOR", "FAIR", "GOOD", "EXCELLENT"};
    return names[static_cast<std::size_t>(label)];
}

Label labelOf(std::optional<double> score)
{
    if (!isKnown(score)) {
        return Label::Unknown;
    }
    if (*score >= 85) {
        return Label::Excellent;
    }
    if (*score >= 70) {
        return Label::Good;
    }
    if (*score >= 50) {
        return Label::Fair;
    }
    return *score >= 25 ? Label::Poor : Label::Critical;
}

int shownScore(double score)
{
    return static_cast<int>(std::floor(std::clamp(score, 0.0, 100.0)));
}

Composite composite(std::span<const Component> components)
{
    double total = 0;
    double known = 0;
    double sum = 0;
    bool isHardFail = false;
    for (const auto& component : components) {
        total += component.weight;
        isHardFail = isHardFail || component.isHardFail;
        if (isKnown(component.score)) {
            known += component.weight;
            sum += component.weight * std::clamp(*component.score, 0.0, 100.0);
        }
    }
    Composite out;
    out.coverage = total > 0 ? known / total : 0;
    if (known > 0 && (isHardFail || out.coverage >= leastCoverage)) {
        out.score = sum / known;
    }
    if (isHardFail) {
        out.score = std::min(out.score.value_or(0), hardFailCap);
    }
    out.label = labelOf(out.score);
    return out;
}

std::string_view name(Part part)
{
    return partInfos[static_cast<std::size_t>(part)].name;
}

double weight(Part part)
{
    return partInfos[static_cast<std::size_t>(part)].weight;
}

HostHealth assessHost(std::span<const Reading> readings, std::span<const std::string> hardFailures)
{
    HostHealth out;
    out.parts = partsOf(readings);
    std::vector<Component> components;
    double known = 0;
    for (const auto& part : out.parts) {
        components.push_back({.score = part.score, .weight = weight(part.part), .isHardFail = !hardFailures.empty()});
        known += part.score ? weight(part.part) : 0;
    }
    const auto whole = composite(components);
    out.score = whole.score;
    out.label = whole.label;
    out.coverage = whole.coverage;
    out.cap = joined(hardFailures);
    double most = 0;
    for (auto& part : out.parts) {
        if (!part.score) {
            continue;
        }
        part.wouldRaise = weight(part.part) * (100 - *part.score) / known;
        if (part.wouldRaise > most) { // the first of equals, so the heavier part
            most = part.wouldRaise;
            out.raisesMost = part.part;
        }
    }
    return out;
}

std::string explanation(const HostHealth& health)
{
    if (!health.cap.empty()) {
        return "held at " + std::to_string(shownScore(hardFailCap)) + " or less: " + health.cap;
    }
    if (!health.score) {
        std::string unknown;
        for (const auto& part : health.parts) {
            if (!part.score) {
                unknown += (unknown.empty() ? "" : ", ") + std::string(name(part.part));
            }
        }
        return "too little is known: nothing is measured of " + unknown;
    }
    if (!health.raisesMost) {
        return "every part that is measured is at 100";
    }
    const auto& part = health.parts[static_cast<std::size_t>(*health.raisesMost)];
    const auto points = std::max(1, static_cast<int>(std::lround(part.wouldRaise)));
    return std::string(name(part.part)) + " would raise it most, by " + std::to_string(points) +
           (points == 1 ? " point" : " points");
}

} // namespace qd::health
