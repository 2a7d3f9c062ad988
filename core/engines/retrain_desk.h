// Trains models on the archive and says what becomes of them: the one way of a training from a name to its row of
// `retrain_runs`, for the console and the command line alike. How it gets into the database is its owner's hands. One
// thread with a read-only connection of its own; train() blocks for minutes. Whatever fails is an outcome in words,
// and the champion goes on serving. Source: PRODUCT.md, The models: Retrain.
#pragma once

#include "base/utc_time.h"
#include "console/snapshots.h"
#include "engines/engine_messages.h"
#include "engines/in_force.h"
#include "engines/model_shelf.h"
#include "engines/retrain_run.h"
#include "storage/learning_record.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace qd::engines {

/// Both wait until it is committed.
struct RetrainHands {
    std::function<base::Result<std::int64_t>(CarryOut decision)> carryOut;
    std::function<base::Result<std::int64_t>(storage::LearningRecord record)> keep;
};

/// Every model of this database that can be trained, by family: four pooled ones, a direction of each instrument.
[[nodiscard]] std::vector<governance::ModelKey> modelsOf(const std::vector<market::Instrument>& instruments);
/// Those that a name means: a model, a family, "all". NotFound names what there is.
[[nodiscard]] base::Result<std::vector<governance::ModelKey>>
modelsNamed(std::string_view name, const std::vector<market::Instrument>& instruments);

/// Closed trades since then that call for a new version: of gbt_5m its strategy's, of the others all; shadow ones too.
[[nodiscard]] base::Result<std::uint64_t> tradesFor(storage::Database& database, const governance::ModelKey& key,
                                                    base::UtcMs since);

/// Of an outcome in words, as its row has it.
[[nodiscard]] bool isFailedTraining(std::string_view outcome);

struct RetrainEnd {
    console::RetrainOutcome outcome;
    std::shared_ptr<const learning::ModelVersion> version; // null: none came of it
    std::optional<base::Error> error;                      // of a failure
};

class RetrainDesk {
public:
    RetrainDesk(storage::Database& database, RetrainHands hands, ModelShelf* shelf, const base::PaperPolicy& standard,
                const base::Clock& clock)
        : database_(database),
          hands_(std::move(hands)),
          shelf_(shelf),
          standard_(standard),
          clock_(clock)
    {
    }

    /// `trigger`: "by you: …", "14 days and 118 trades". A training that is stopped is *cancelled*, or *timed out* if
    /// `whyTimedOut` says so.
    using WhyTimedOut = std::function<std::optional<std::string>()>;
    [[nodiscard]] RetrainEnd train(const governance::ModelKey& key, const std::string& trigger, const OnStep& onStep,
                                   const WhyTimedOut& whyTimedOut = {});
    /// Whether one is due by its age, its trades or its drift; never within a day of a run that failed, nor while
    /// there is too little to learn from (then `why` says so).
    [[nodiscard]] base::Result<governance::RetrainDue> due(const governance::ModelKey& key, bool hasDrifted);
    /// The order of a model's rows by what is in force now.
    [[nodiscard]] base::Result<DataOrder> orderFor(const governance::ModelKey& key);

private:
    struct Prepared {
        RetrainTask task;
        governance::ModelRegistry registry;
    };
    [[nodiscard]] base::Result<Prepared> prepare(const governance::ModelKey& key, const std::string& trigger);
    [[nodiscard]] base::Result<RetrainEnd> tryToTrain(const governance::ModelKey& key, const std::string& trigger,
                                                      const OnStep& onStep);
    [[nodiscard]] base::Result<RetrainEnd> admit(const governance::ModelKey& key, Prepared& prepared, Retrained made);

    storage::Database& database_;
    RetrainHands hands_;
    ModelShelf* shelf_; // null: nobody serves from it
    const base::PaperPolicy& standard_;
    const base::Clock& clock_;
};

} // namespace qd::engines
