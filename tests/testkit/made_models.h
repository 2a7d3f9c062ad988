// Versions of models for tests of what keeps and decides on them: made by hand (their bytes are no trees), or trained
// small on a market made by formula. One thread.
#pragma once

#include "base/sha256.h"
#include "governance/model_registry.h"
#include "learning/model_version.h"
#include "storage/model_store.h"
#include "unit/learning/training_fixtures.h"

#include <memory>
#include <string>
#include <utility>

namespace qd::testkit {

/// Six findings, all passed; or one of them failed.
inline std::vector<learning::AuditFinding> findings(std::optional<learning::Detector> failed = {},
                                                    bool canBeSignedOff = true)
{
    using learning::Detector;
    std::vector<learning::AuditFinding> out;
    for (const auto detector : {Detector::SingleFeature, Detector::FutureShift, Detector::Truncation,
                                Detector::Permutation, Detector::Overlap, Detector::TooGood}) {
        const bool isFailed = detector == failed;
        out.push_back({.detector = detector,
                       .level = isFailed ? learning::LeakLevel::Fail : learning::LeakLevel::Ok,
                       .canBeSignedOff = !isFailed || canBeSignedOff,
                       .evidence = "as made"});
    }
    return out;
}

inline std::shared_ptr<learning::ModelVersion> madeVersion(learning::Family family, const std::string& bytes,
                                                           std::string instrument = "BTC-USDT")
{
    auto out = std::make_shared<learning::ModelVersion>();
    const auto& set = learning::FeatureSet::of(learning::FeatureSource::Candles5m);
    out->lineage = {.rule = learning::standardRule(family),
                    .source = set.source(),
                    .featureSet = set.version(),
                    .featureHash = set.hash(),
                    .instruments = {std::move(instrument)},
                    .from = 1'000,
                    .to = 2'000,
                    .rows = 500,
                    .library = learning::boostLibraryVersion(),
                    .pooled = {.testRows = 300, .quality = 0.56, .qualityLow = 0.54, .qualityHigh = 0.58},
                    .audit = findings(),
                    .verdict = learning::AuditVerdict::Clean,
                    .hasSignal = true,
                    .spansRegimes = true,
                    .reason = "by you: a test"};
    out->bytes = bytes;
    out->bytesHash = base::sha256Hex(bytes);
    return out;
}

inline storage::AddedModel madeModel(learning::Family family, std::uint32_t number, base::UtcMs trained = {5'000},
                                     const std::string& bytes = {})
{
    auto version = madeVersion(family, bytes.empty() ? "trees " + std::to_string(number) : bytes);
    auto record = learning::fixtures::need(governance::recordOf(*version, number, trained));
    return {std::move(record), "as made", std::move(version), {0.2, 0.2, 0.2, 0.2, 0.2}};
}

/// A registered version's change: "" to `stage`.
inline governance::Change addedAs(const storage::AddedModel& model, governance::ModelStage stage)
{
    const auto& name = model.record.name;
    return {governance::ChangeKind::ModelStage, governance::versionName(name.key, name.number), "",
            std::string(governance::name(stage))};
}

/// Trained indeed, on the newest `candles` of 5m: a second or so.
inline learning::ModelVersion trainedVersion(learning::Family family, std::uint64_t seed, std::size_t candles = 2'500)
{
    using namespace learning;
    const auto& set = FeatureSet::of(FeatureSource::Candles5m);
    auto rule = standardRule(family);
    const auto market = fixtures::market(market::Timeframe::M5, candles, seed, 0.4);
    const auto rows = fixtures::rowsOf(set, rule, market);
    const BoostParameters small{
        .rounds = 12, .depth = 3, .eta = 0.1, .bins = 64, .seed = static_cast<std::uint32_t>(seed)};
    auto lineage = lineageOf(rows, rule, set, {"BTC-USDT"}, small, {}, {}, "by you: a test");
    lineage.pooled = {.testRows = 300, .quality = 0.56, .qualityLow = 0.54, .qualityHigh = 0.58};
    lineage.audit = findings();
    lineage.verdict = AuditVerdict::Clean;
    lineage.hasSignal = true;
    lineage.trees = 12;
    return fixtures::need(train(lineage, rows));
}

} // namespace qd::testkit
