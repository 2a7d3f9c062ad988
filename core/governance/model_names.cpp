// Names of stages, models, versions and flags, and a version's record from its lineage.
#include "governance/model_registry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace qd::governance {

using base::ErrorCode;
using base::Result;
using learning::Detector;
using learning::Family;

namespace {

constexpr std::array<std::string_view, 5> stageNames{"challenger", "champion", "shadow", "quarantined", "retired"};
constexpr std::array families{Family::Gbt5m, Family::Direction, Family::Volatility, Family::StopHit, Family::Fill};
constexpr std::array detectors{Detector::SingleFeature, Detector::FutureShift, Detector::Truncation,
                               Detector::Permutation,   Detector::Overlap,     Detector::TooGood};

} // namespace

std::string_view name(ModelStage stage)
{
    return stageNames[static_cast<std::size_t>(stage)];
}

Result<ModelStage> modelStageOf(std::string_view name)
{
    const auto found = std::ranges::find(stageNames, name);
    if (found == stageNames.end()) {
        return base::fail(ErrorCode::Malformed, std::string(name), "no stage of a model");
    }
    return static_cast<ModelStage>(found - stageNames.begin());
}

std::string text(const ModelKey& key)
{
    std::string out(learning::name(key.family));
    return key.instrument.empty() ? out : out + "@" + key.instrument;
}

Result<ModelKey> modelKey(std::string_view text)
{
    const auto at = text.find('@');
    const auto family = std::ranges::find(families, text.substr(0, at), [](Family f) { return learning::name(f); });
    const auto instrument = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    const bool isAn = instrument.find_first_of("@ :") == std::string_view::npos;
    const bool hasOwn = family != families.end() && *family == Family::Direction;
    const bool namesOne = at != std::string_view::npos;
    if (family == families.end() || !isAn || hasOwn != namesOne || instrument.empty() == namesOne) {
        return base::fail(ErrorCode::Malformed, std::string(text), "no model has this name");
    }
    return ModelKey{*family, std::string(instrument)};
}

std::string versionName(const ModelKey& key, std::uint32_t number)
{
    return text(key) + " " + std::to_string(number);
}

Result<VersionName> versionOf(std::string_view text)
{
    const auto space = text.rfind(' ');
    const auto malformed = [&] {
        return base::fail(ErrorCode::Malformed, std::string(text), "no version has this name: \"gbt_5m 12\" is one");
    };
    if (space == std::string_view::npos) {
        return malformed();
    }
    const auto key = modelKey(text.substr(0, space));
    std::uint32_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data() + space + 1, end, number);
    if (!key || error != std::errc{} || read != end || number == 0) {
        return malformed();
    }
    return VersionName{*key, number};
}

Result<Detector> detectorOf(std::string_view name)
{
    const auto found = std::ranges::find(detectors, name, [](Detector d) { return learning::name(d); });
    if (found == detectors.end()) {
        return base::fail(ErrorCode::Malformed, std::string(name), "no detector of the audit");
    }
    return *found;
}

Result<ModelSubject> modelSubject(std::string_view subject)
{
    const auto colon = subject.find(": ");
    const auto version = versionOf(subject.substr(0, colon));
    if (!version) {
        return std::unexpected(version.error());
    }
    ModelSubject out{.version = *version};
    if (colon != std::string_view::npos) {
        const auto detector = detectorOf(subject.substr(colon + 2));
        if (!detector) {
            return std::unexpected(detector.error());
        }
        out.flag = *detector;
    }
    return out;
}

Result<ModelKey> keyOf(const learning::Lineage& lineage)
{
    const auto family = lineage.rule.family;
    if (family != Family::Direction) {
        return ModelKey{family};
    }
    if (lineage.instruments.size() != 1) {
        return base::fail(ErrorCode::Malformed, std::string(learning::name(family)),
                          "it is of one instrument, this one of " + std::to_string(lineage.instruments.size()));
    }
    return modelKey(std::string(learning::name(family)) + "@" + lineage.instruments.front());
}

Result<ModelRecord> recordOf(const learning::ModelVersion& version, std::uint32_t number, UtcMs trained)
{
    const auto& lineage = version.lineage;
    auto key = keyOf(lineage);
    if (!key) {
        return std::unexpected(key.error());
    }
    ModelRecord out{.name = {std::move(*key), number},
                    .stageSince = trained,
                    .trained = trained,
                    .knows = {lineage.to},
                    .quality = {.value = statistics::measureOf(lineage.pooled.quality), .n = lineage.pooled.testRows},
                    .verdict = lineage.verdict,
                    .spansRegimes = lineage.spansRegimes,
                    .bytesHash = version.bytesHash,
                    .featureSet = lineage.featureSet,
                    .rows = lineage.rows};
    if (std::isfinite(lineage.pooled.qualityLow) && std::isfinite(lineage.pooled.qualityHigh)) {
        out.quality.interval = statistics::Interval{lineage.pooled.qualityLow, lineage.pooled.qualityHigh};
    }
    for (const auto& finding : lineage.audit) {
        if (finding.level == learning::LeakLevel::Fail) {
            out.flags.insert(finding.detector);
            if (finding.canBeSignedOff && finding.isRun) {
                out.signable.insert(finding.detector);
            }
        }
    }
    return out;
}

std::string_view sentence(TrainingOutcome outcome)
{
    switch (outcome) {
    case TrainingOutcome::FirstChampion:
        return "champion: the first honest version";
    case TrainingOutcome::Challenger:
        return "challenger";
    case TrainingOutcome::KeptOld:
        return "kept the old one: no signal";
    case TrainingOutcome::Quarantined:
        return "quarantined";
    case TrainingOutcome::Waits:
        return "shadow: it is the next challenger once the experiment on the present one ends";
    }
    return "";
}

} // namespace qd::governance
