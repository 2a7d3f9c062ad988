#include "learning/model_version.h"

#include "base/sha256.h"
#include "base/state.h"

#include <algorithm>
#include <limits>

namespace qd::learning {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view magic = "quarterdeck model\n";
constexpr std::uint32_t layout = 1;

double numberOf(const statistics::Measure& measure)
{
    return measure.value_or(std::numeric_limits<double>::quiet_NaN());
}

KeptScore keptOf(const Score& model, const Score& majority, const Score& own)
{
    KeptScore out{.testRows = model.rows,
                  .quality = numberOf(model.quality()),
                  .qualityLow = std::numeric_limits<double>::quiet_NaN(),
                  .qualityHigh = std::numeric_limits<double>::quiet_NaN(),
                  .loss = numberOf(model.loss()),
                  .accuracy = std::numeric_limits<double>::quiet_NaN(),
                  .majority = std::numeric_limits<double>::quiet_NaN(),
                  .majorityLoss = numberOf(majority.loss()),
                  .ownQuality = numberOf(own.quality()),
                  .championLoss = std::numeric_limits<double>::quiet_NaN(),
                  .calibrationError = std::numeric_limits<double>::quiet_NaN()};
    if (model.classes) {
        const auto& m = *model.classes;
        out.accuracy = numberOf(m.accuracy.value);
        out.majority = numberOf(m.majority);
        out.calibrationError = numberOf(m.calibration.expected);
    }
    if (const auto interval = model.estimate().interval) {
        out.qualityLow = interval->lower;
        out.qualityHigh = interval->upper;
    }
    return out;
}

/// Over all folds, by the lower end where there is an interval: what shows in the last fold alone is no signal.
bool beatsChance(const Score& pooled)
{
    const double chance = pooled.classes ? 0.5 : 0.0; // AUC, R²
    const auto estimate = pooled.estimate();
    return estimate.value && (estimate.interval ? estimate.interval->lower : *estimate.value) > chance;
}

std::uint32_t columnsWanted(const Lineage& lineage)
{
    return static_cast<std::uint32_t>(FeatureSet::of(lineage.source).size()) +
           (hasDistance(lineage.rule.family) ? 1U : 0U);
}

} // namespace

Lineage lineageOf(const TrainingRows& rows, const LabelRule& rule, const FeatureSet& set,
                  std::vector<std::string> instruments, const BoostParameters& parameters,
                  const WalkForwardScores& scores, const AuditReport& report, std::string reason)
{
    Lineage out{.rule = rule,
                .source = set.source(),
                .featureSet = set.version(),
                .featureHash = set.hash(),
                .instruments = std::move(instruments),
                .rows = rows.size(),
                .losses = rows.losses,
                .dataHash = rows.hash(),
                .parameters = parameters,
                .trees = scores.finalTrees > 0 ? scores.finalTrees : parameters.rounds,
                .library = boostLibraryVersion(),
                .audit = report.findings,
                .verdict = report.verdict(),
                .hasSignal = report.hasSignal && beatsChance(scores.pooled),
                .spansRegimes = report.spansRegimes,
                .reason = std::move(reason)};
    if (rows.size() > 0) {
        out.from = rows.tags.front().span.t0;
        out.to = std::ranges::max(rows.tags, {}, [](const RowTag& tag) { return tag.span.t1; }).span.t1;
    }
    for (const auto& fold : scores.folds) {
        auto kept = keptOf(fold.model, fold.majority, fold.own);
        kept.from = fold.rows.testStart;
        kept.to = fold.rows.testEnd;
        kept.trainRows = fold.rows.train.size();
        kept.trees = fold.trees;
        if (fold.champion) {
            kept.championLoss = numberOf(fold.champion->loss());
        }
        out.folds.push_back(kept);
    }
    out.pooled = keptOf(scores.pooled, scores.pooledMajority, scores.pooledOwn);
    if (scores.pooled.classes) {
        for (const auto& bin : scores.pooled.classes->calibration.bins) {
            out.calibration.push_back({bin.count, numberOf(bin.meanPrediction), numberOf(bin.frequency)});
        }
    }
    if (!out.folds.empty()) {
        out.pooled.from = out.folds.front().from;
        out.pooled.to = out.folds.back().to;
        out.pooled.trees = out.trees;
    }
    return out;
}

Result<ModelVersion> train(const Lineage& lineage, const TrainingRows& rows, const OnProgress& progress)
{
    if (lineage.library != boostLibraryVersion()) {
        return base::fail(ErrorCode::Unsupported, "model",
                          "trained by XGBoost " + lineage.library + ", this is " + boostLibraryVersion());
    }
    if (lineage.dataHash != rows.hash()) {
        return base::fail(ErrorCode::Conflict, "model", "these rows are not those that its lineage names");
    }
    auto fitted = finalFit(rows, lineage.parameters, lineage.trees, progress);
    if (!fitted) {
        return std::unexpected(fitted.error());
    }
    ModelVersion out{.lineage = lineage, .bytes = std::move(fitted->bytes), .profile = driftProfile(rows)};
    out.bytesHash = base::sha256Hex(out.bytes);
    return out;
}

std::string packed(const ModelVersion& version)
{
    base::StateWriter writer;
    writer(layout, version.lineage, version.bytes, version.bytesHash, version.profile);
    const auto body = writer.take();
    return std::string(magic) + base::sha256Hex(body) + "\n" + body;
}

Result<ModelVersion> unpacked(std::string_view bytes)
{
    constexpr std::size_t hashLength = 64;
    const auto head = magic.size() + hashLength + 1;
    if (!bytes.starts_with(magic) || bytes.size() < head) {
        return base::fail(ErrorCode::Damaged, "model", "it does not begin as a model does");
    }
    const auto body = bytes.substr(head);
    if (base::sha256Hex(body) + "\n" != bytes.substr(magic.size(), hashLength + 1)) {
        return base::fail(ErrorCode::Damaged, "model", "its checksum is wrong");
    }
    base::StateReader reader(body);
    std::uint32_t written = 0;
    reader(written);
    if (written != layout) {
        return base::fail(ErrorCode::Unsupported, "model", "layout " + std::to_string(written) + " is not known");
    }
    ModelVersion out;
    reader(out.lineage, out.bytes, out.bytesHash, out.profile);
    if (!reader.isComplete() || out.lineage.rule.family > Family::Fill || out.lineage.source > FeatureSource::Ticks) {
        return base::fail(ErrorCode::Damaged, "model", "its record cannot be read");
    }
    return out;
}

Result<FlatTrees> servedTrees(const ModelVersion& version)
{
    const auto& lineage = version.lineage;
    if (base::sha256Hex(version.bytes) != version.bytesHash) {
        return base::fail(ErrorCode::Damaged, "model", "its bytes are not those of its hash");
    }
    const auto& set = FeatureSet::of(lineage.source);
    if (lineage.featureHash != set.hash()) {
        return base::fail(ErrorCode::Unsupported, "model",
                          "trained on features " + lineage.featureSet + ", now there are " + set.version());
    }
    auto trees = FlatTrees::of(version.bytes);
    if (!trees) {
        return trees;
    }
    const auto objective = isRegression(lineage.rule.family) ? Objective::SquaredError : Objective::Logistic;
    if (trees->features() != columnsWanted(lineage) || trees->objective() != objective) {
        return base::fail(ErrorCode::Damaged, "model", "its trees are of another family");
    }
    return trees;
}

} // namespace qd::learning
