// A model version: its bytes, and the lineage from which the same bytes can be made again. What is damaged, foreign or
// does not fit its feature set is refused in words, so that whoever serves keeps what it has. Plain values; any thread.
// Source: PRODUCT.md *The models*.
#pragma once

#include "learning/audit.h"
#include "learning/drift_profile.h"
#include "learning/features.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/labels.h"
#include "learning/walk_forward.h"

#include <string>
#include <vector>

namespace qd::learning {

/// Figures of one fold, or of all, as they are kept; NaN where undefined.
struct KeptScore {
    std::int64_t from = 0; // of the test rows, ms
    std::int64_t to = 0;
    std::uint64_t trainRows = 0;
    std::uint64_t testRows = 0;
    std::uint32_t trees = 0;
    double quality = 0;    // AUC or R²
    double qualityLow = 0; // 95 %
    double qualityHigh = 0;
    double loss = 0; // log loss or mean squared error
    double accuracy = 0;
    double majority = 0;     // accuracy of always the majority
    double majorityLoss = 0; // loss of always the share or mean
    double ownQuality = 0;   // the family's simple rule
    double championLoss = 0;
    double calibrationError = 0;

    template <typename Archive>
    void state(Archive& a)
    {
        a(from, to, trainRows, testRows, trees, quality, qualityLow, qualityHigh, loss, accuracy, majority,
          majorityLoss, ownQuality, championLoss, calibrationError);
    }
};

/// Of the pooled calibration.
struct KeptBin {
    std::uint64_t count = 0;
    double prediction = 0; // mean; NaN in an empty bin
    double frequency = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(count, prediction, frequency);
    }
};

struct Lineage {
    LabelRule rule;
    FeatureSource source{};
    std::string featureSet; // version
    std::string featureHash;
    std::vector<std::string> instruments; // in the order of the rows' series
    std::int64_t from = 0;                // first t0, last t1 of the rows, ms
    std::int64_t to = 0;
    std::int64_t until = 0; // data from here on was not looked at; 0: not known
    std::uint64_t rows = 0;
    RowLosses losses;
    std::string dataHash; // of the rows
    BoostParameters parameters;
    std::uint32_t trees = 0;
    std::string library; // XGBoost's version
    double threshold = 0.5;
    std::vector<KeptScore> folds;
    KeptScore pooled;
    std::vector<KeptBin> calibration; // of all folds' predictions; empty for a regression
    std::vector<AuditFinding> audit;
    AuditVerdict verdict = AuditVerdict::Quarantined;
    bool hasSignal = false; // by the permutation check of the last fold, and over all folds by the lower end
    bool spansRegimes = false;
    std::string reason; // why it was trained

    template <typename Archive>
    void state(Archive& a)
    {
        a(rule, source, featureSet, featureHash, from, to, until, rows, losses, dataHash, parameters, trees, library,
          threshold, folds, pooled, calibration, audit, verdict, hasSignal, spansRegimes, reason, instruments);
    }
};

struct ModelVersion {
    Lineage lineage;
    std::string bytes;     // XGBoost's UBJSON
    std::string bytesHash; // SHA-256
    DriftProfile profile;  // of the rows' columns
};

/// What was known before the fit, put on record.
[[nodiscard]] Lineage lineageOf(const TrainingRows& rows, const LabelRule& rule, const FeatureSet& set,
                                std::vector<std::string> instruments, const BoostParameters& parameters,
                                const WalkForwardScores& scores, const AuditReport& report, std::string reason);

/// The one way in which a version's bytes are made: the final fit of its lineage on its rows. Conflict where the rows
/// are not those of the lineage, Unsupported where the library is another.
[[nodiscard]] base::Result<ModelVersion> train(const Lineage& lineage, const TrainingRows& rows,
                                               const OnProgress& progress = {});

/// A version as bytes (a lineage, a model, a checksum), and back: Damaged, or Unsupported for a newer layout.
[[nodiscard]] std::string packed(const ModelVersion& version);
[[nodiscard]] base::Result<ModelVersion> unpacked(std::string_view bytes);

/// The trees that serve it. Damaged where the bytes are not those of its hash, Unsupported where its features are not
/// the set in force.
[[nodiscard]] base::Result<FlatTrees> servedTrees(const ModelVersion& version);

} // namespace qd::learning
