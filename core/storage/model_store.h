// Versions of models with their bytes and stages, runs of retraining, what versions predicted in shadow by UTC day,
// their drift, and which version made a trade. Bytes are kept for ever. Writes happen within the caller's transaction
// on the writer's connection; reads work on any. Damaged: words or bytes that no writer of this made.
#pragma once

#include "governance/decision.h"
#include "governance/model_registry.h"
#include "learning/drift.h"
#include "learning/model_version.h"
#include "storage/database.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

/// A version that a decision adds to the registry.
struct AddedModel {
    governance::ModelRecord record;
    std::string why; // what became of it and why, in words
    std::shared_ptr<const learning::ModelVersion> version;
    std::vector<double> regimeShares{}; // AuditReport::regime's fifths; empty: unknown
};

/// A version without its bytes.
struct StoredModel {
    governance::ModelRecord record;
    std::string why;
    std::vector<double> regimeShares;
};

struct RetrainRun {
    std::int64_t id = 0; // given by begin()
    std::string model;   // "gbt_5m"
    std::string trigger; // "by you: …", "14 days and 118 trades"
    base::UtcMs started;
    std::optional<base::UtcMs> ended{};
    std::string outcome{}; // "challenger", "next challenger", "kept the old one", "no signal", "quarantined", "failed"…
    std::string version{}; // empty: none came of it
    std::string why{};
    friend bool operator==(const RetrainRun&, const RetrainRun&) = default;
};

/// A version's predictions in shadow on the rows of one UTC day.
struct ModelDay {
    std::string version; // "gbt_5m 13"
    base::UtcMs day;     // its first ms
    std::uint64_t rows = 0;
    double loss = 0;                      // sum of log losses or squared errors
    std::string champion{};               // "gbt_5m 12"; empty: there was none
    std::optional<double> championLoss{}; // sum on the same rows
    friend bool operator==(const ModelDay&, const ModelDay&) = default;
};

struct ModelDrift {
    struct Feature {
        std::string name;
        std::optional<double> psi;
        std::optional<double> ks;
        learning::DriftLevel level = learning::DriftLevel::Unknown;
        friend bool operator==(const Feature&, const Feature&) = default;
    };
    std::string version;
    base::UtcMs time;
    std::vector<Feature> features; // by PSI, greatest first; without one last
    friend bool operator==(const ModelDrift&, const ModelDrift&) = default;
};
[[nodiscard]] std::string_view word(learning::DriftLevel level); // "stable", "watch" …

/// Which version decided an entry, on which row.
struct TradeModelRow {
    std::int64_t instrument = 0;
    std::string strategy;
    std::int64_t decision = 0; // stream number
    std::string version;
    std::string hash; // of its bytes
    double prediction = 0;
    double threshold = 0;
    std::vector<float> row; // NaN: missing
};

class ModelStore {
public:
    explicit ModelStore(Database& database) : database_(database) {}

    /// AlreadyExists for a number that the model has already.
    [[nodiscard]] base::Result<void> add(const AddedModel& model);
    /// The ModelStage changes of a decision; those from "" want their version among `added`, which is then added.
    /// Conflict where a version is not in the stage that a change begins with.
    [[nodiscard]] base::Result<void> apply(std::span<const governance::Change> changes,
                                           std::span<const AddedModel> added, base::UtcMs at);
    [[nodiscard]] base::Result<governance::ModelRegistry> registry();
    /// With their words, in the registry's order.
    [[nodiscard]] base::Result<std::vector<StoredModel>> all();
    [[nodiscard]] base::Result<std::optional<StoredModel>> find(std::string_view version);
    /// learning::packed() of one. NotFound.
    [[nodiscard]] base::Result<std::string> packed(std::string_view version);
    /// The same, unpacked; Damaged also where its bytes are not those that the registry names. NotFound.
    [[nodiscard]] base::Result<std::shared_ptr<const learning::ModelVersion>> version(std::string_view version);
    /// The oldest version of these bytes; empty where there is none.
    [[nodiscard]] base::Result<std::optional<std::string>> byHash(std::string_view bytesHash);

    /// Its id.
    [[nodiscard]] base::Result<std::int64_t> begin(const RetrainRun& run);
    /// Of one that runs: ended, outcome, version and why. NotFound else.
    [[nodiscard]] base::Result<void> end(const RetrainRun& run);
    /// At the start: what still runs by the table ended with the program. How many it were.
    [[nodiscard]] base::Result<std::int64_t> endAbandoned(base::UtcMs at);
    /// Newest first; of all models where `model` is empty.
    [[nodiscard]] base::Result<std::vector<RetrainRun>> runs(std::string_view model = {}, std::size_t most = 50);

    [[nodiscard]] base::Result<void> put(const ModelDay& day);                        // again replaces
    [[nodiscard]] base::Result<std::vector<ModelDay>> days(std::string_view version); // by day
    [[nodiscard]] base::Result<void> put(const ModelDrift& drift);                    // likewise
    [[nodiscard]] base::Result<std::optional<ModelDrift>> newestDrift(std::string_view version);
    /// The newest that was known at that time.
    [[nodiscard]] base::Result<std::optional<ModelDrift>> driftAt(std::string_view version, base::UtcMs time);

    /// The same decision again leaves one row.
    [[nodiscard]] base::Result<void> put(const TradeModelRow& row);
    [[nodiscard]] base::Result<std::optional<TradeModelRow>>
    tradeModel(std::int64_t instrument, std::string_view strategy, std::int64_t decision);
    /// Closed trades that a version decided; those of arms count.
    [[nodiscard]] base::Result<std::uint64_t> tradesOf(std::string_view version);

private:
    [[nodiscard]] base::Result<std::optional<ModelDrift>> drift(std::string_view version, base::UtcMs notAfter);
    Database& database_;
};

} // namespace qd::storage
