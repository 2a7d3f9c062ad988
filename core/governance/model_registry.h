// The registry of models: which versions there are, in which stage, and which steps between stages there are. Plain
// values and pure functions; a rule answers with what changes, or says why not. Any thread. Times UTC.
// Source: PRODUCT.md, Words: champion; The models.
#pragma once

#include "base/error.h"
#include "governance/decision.h"
#include "governance/policies.h"
#include "learning/audit.h"
#include "learning/labels.h"
#include "learning/model_version.h"
#include "statistics/intervals.h"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class ModelStage : std::uint8_t {
    Challenger,  // passed its audit; the next to be tried against the champion. At most one a model
    Champion,    // serves. At most one a model
    Shadow,      // predicts beside them, decides nothing: a former champion or challenger, or the next challenger
    Quarantined, // its audit found what may be a leak: it never serves, unless all its flags can be and are signed off
    Retired,     // predicts no more; its bytes are kept
};
[[nodiscard]] std::string_view name(ModelStage stage); // "challenger", "champion" …
[[nodiscard]] base::Result<ModelStage> modelStageOf(std::string_view name);

/// What is trained and served as one: a family, or its model of one instrument.
struct ModelKey {
    learning::Family family = learning::Family::Gbt5m;
    std::string instrument{}; // of direction_predictor its name; else empty
    friend auto operator<=>(const ModelKey&, const ModelKey&) = default;
};
[[nodiscard]] std::string text(const ModelKey& key); // "gbt_5m", "direction_predictor@BTC-USDT"
[[nodiscard]] base::Result<ModelKey> modelKey(std::string_view text);

/// A version as the operator reads it: "gbt_5m 12", "direction_predictor@BTC-USDT 3".
[[nodiscard]] std::string versionName(const ModelKey& key, std::uint32_t number);
struct VersionName {
    ModelKey key;
    std::uint32_t number = 0;
    friend auto operator<=>(const VersionName&, const VersionName&) = default;
};
[[nodiscard]] base::Result<VersionName> versionOf(std::string_view text);

struct ModelRecord {
    VersionName name;
    ModelStage stage = ModelStage::Challenger;
    UtcMs stageSince;
    UtcMs trained;                  // when
    UtcMs knows;                    // the last moment that its training looked at
    statistics::Estimate quality{}; // AUC or R², out of sample, all folds
    learning::AuditVerdict verdict = learning::AuditVerdict::Quarantined;
    std::set<learning::Detector> flags;     // detectors that failed
    std::set<learning::Detector> signable;  // of them: those that a signature can lift
    std::set<learning::Detector> signedOff; // of those
    bool spansRegimes = false;              // false: "regime-limited"
    std::string bytesHash;
    std::string featureSet; // "5m-1"
    std::uint64_t rows = 0;
};
using ModelRegistry = std::vector<ModelRecord>; // by key, newest first

/// Of which model a version is. Malformed for a direction predictor of several instruments.
[[nodiscard]] base::Result<ModelKey> keyOf(const learning::Lineage& lineage);
/// A fresh version's record, as its lineage says; its stage is what the change that adds it says.
[[nodiscard]] base::Result<ModelRecord> recordOf(const learning::ModelVersion& version, std::uint32_t number,
                                                 UtcMs trained);

/// Null for a version that is not there.
[[nodiscard]] const ModelRecord* findModel(const ModelRegistry& registry, const VersionName& name);
[[nodiscard]] const ModelRecord* champion(const ModelRegistry& registry, const ModelKey& key);
[[nodiscard]] const ModelRecord* challenger(const ModelRegistry& registry, const ModelKey& key);
[[nodiscard]] std::uint32_t nextNumber(const ModelRegistry& registry, const ModelKey& key);

/// What a ModelStage change is about: a version's stage ("gbt_5m 12": "challenger" to "champion"; from "": it is new),
/// or one flag of it ("gbt_5m 12: too good": "flagged" to "signed off").
struct ModelSubject {
    VersionName version;
    std::optional<learning::Detector> flag;
};
[[nodiscard]] base::Result<ModelSubject> modelSubject(std::string_view subject);
[[nodiscard]] base::Result<learning::Detector> detectorOf(std::string_view name);

/// In force as the text of a ModelStage change; empty where there is no such version or flag.
[[nodiscard]] std::optional<std::string> modelInForce(const ModelRegistry& registry, const Change& change);
/// All or none; what is no ModelStage change is left to others. A change from "" adds nothing by itself: the record
/// must be in `added`. Conflict where one does not find its `before`, and for what no registry may be: two champions or
/// two challengers of a model, or one that serves or is tried with a flag that is not signed off.
[[nodiscard]] base::Result<ModelRegistry> changedModels(ModelRegistry registry, std::span<const ModelRecord> added,
                                                        std::span<const Change> changes, UtcMs now);

/// What a fresh version becomes, with the changes that it brings (it, and those that it moves). Flagged: quarantined.
/// Without a signal: the old one is kept, and this one is registered as retired. Else the first one of its model is
/// champion at once; one that follows others is challenger, and the challenger before it shadow. Where that one is
/// `compared` by an experiment it stays, and the fresh one waits in shadow: nextChallenger() at the experiment's end.
enum class TrainingOutcome : std::uint8_t { FirstChampion, Challenger, KeptOld, Quarantined, Waits };
[[nodiscard]] std::string_view sentence(TrainingOutcome outcome);
struct Admission {
    TrainingOutcome outcome = TrainingOutcome::KeptOld;
    std::vector<Change> changes;
};
[[nodiscard]] Admission admitted(const ModelRegistry& registry, const ModelRecord& fresh, bool hasSignal,
                                 std::span<const VersionName> compared = {});
/// The newest version that went to shadow after `begun`, where an experiment of this model began, and has not expired:
/// the one that waited for its end. Null without one.
[[nodiscard]] const ModelRecord* nextChallenger(const ModelRegistry& registry, const ModelKey& key, UtcMs begun,
                                                const ModelPolicy& policy, UtcMs now);

/// The changes that bring a version to a stage. Champion: the one that served becomes shadow. Conflict for what is no
/// step (a quarantined one serves only after its flags were signed off), and for an expired one.
[[nodiscard]] base::Result<std::vector<Change>> modelStaged(const ModelRegistry& registry, const VersionName& version,
                                                            ModelStage to, const ModelPolicy& policy, UtcMs now);
/// Signs one flag off; with the last one the version becomes a challenger, and the one before it shadow; where that one
/// is `compared`, it waits in shadow. Unsupported for what never can be, NotFound for a flag that it has not, Conflict
/// for one that is signed.
[[nodiscard]] base::Result<std::vector<Change>> modelSignedOff(const ModelRegistry& registry,
                                                               const VersionName& version, learning::Detector detector,
                                                               std::span<const VersionName> compared = {});
/// Versions that are too many or too old; never the champion, nor one that is compared.
[[nodiscard]] std::vector<Change> retirements(const ModelRegistry& registry, const ModelPolicy& policy,
                                              std::span<const VersionName> compared, UtcMs now);
/// By what it last knew, as trading sees it: an expired one decides no more.
[[nodiscard]] bool isExpired(const ModelRecord& record, const ModelPolicy& policy, UtcMs now);
/// The newest versions' AUC intervals overlap and lie above 0.5 (R²: above 0).
[[nodiscard]] bool hasConverged(const ModelRegistry& registry, const ModelKey& key, const ModelPolicy& policy);

/// Whether a retraining is due, and what it waits for.
struct RetrainDue {
    bool isDue = false;
    std::string why;           // "14 days and 118 trades since version 12"; else what it waits for
    std::optional<UtcMs> next; // when the days are over; empty: it hangs on trades, or has no version yet
    std::uint64_t trades = 0;  // closed since the newest version knew
    double days = 0;
};
/// `tradesSince`: closed since the newest version knew. `hasDrifted`: what the champion is fed; once a newer version
/// was trained that is answered, whatever became of it, so that a drift to which training has no answer is not trained
/// on for ever.
[[nodiscard]] RetrainDue retrainDue(const ModelRegistry& registry, const ModelKey& key, std::uint64_t tradesSince,
                                    bool hasDrifted, const ModelPolicy& policy, UtcMs now);

} // namespace qd::governance
