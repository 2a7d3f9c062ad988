// Begins, looks at and ends experiments. How a decision gets into force is its owner's: through paper and store while
// the console runs, at once for the command line. One thread with a read-only connection of its own; a look takes some
// ms. Errors are told in words; nothing is ever half done. Source: PRODUCT.md, Experiments.
#pragma once

#include "base/utc_time.h"
#include "console/commands.h"
#include "engines/decision_hands.h"
#include "engines/experiment_evidence.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

class ExperimentDesk {
public:
    using Hands = DecisionHands;
    ExperimentDesk(storage::Database& database, Hands hands, const base::Clock& clock)
        : database_(database),
          hands_(std::move(hands)),
          clock_(clock)
    {
    }

    /// Its number. NotFound, Malformed or OutOfRange for a strategy, parameters or a version that are none; Conflict as
    /// governance::planned() and plannedModels() say.
    [[nodiscard]] base::Result<std::int64_t> start(const console::StartExperiment& wish);
    /// The id of its decision. NotFound for one that does not run; Conflict as governance::mayPromoteB() says.
    [[nodiscard]] base::Result<std::int64_t> end(const console::EndExperiment& wish);
    [[nodiscard]] base::Result<std::int64_t> extend(const console::ExtendExperiment& wish);

    /// Keeps the points of the nights that passed since it was called last, also before a restart, and any new verdict;
    /// ends what does harm, and where the time is over without a verdict A stays. All of it by what was known at each
    /// midnight in turn, however often it is called. `told`: what it ended, in words.
    [[nodiscard]] base::Result<void> tend(std::vector<std::string>& told);

private:
    [[nodiscard]] base::Result<base::UtcMs> now();
    [[nodiscard]] base::Result<storage::StoredExperiment> runningOne(std::int64_t id);
    [[nodiscard]] base::Result<std::int64_t> startModels(const console::StartExperiment& wish);
    [[nodiscard]] base::Result<std::int64_t> finish(const storage::StoredExperiment& experiment,
                                                    const governance::Assessment& assessment,
                                                    console::ExperimentEnd how, governance::Actor by,
                                                    const std::string& why);
    [[nodiscard]] base::Result<std::optional<governance::Assessment>> look(const storage::StoredExperiment& experiment,
                                                                           base::UtcMs newestMidnight);
    [[nodiscard]] base::Result<std::optional<std::string>> expiredArm(const storage::StoredExperiment& experiment,
                                                                      base::UtcMs at);
    [[nodiscard]] base::Result<void> tendOne(const storage::StoredExperiment& experiment, base::UtcMs at,
                                             std::vector<std::string>& told);

    storage::Database& database_;
    Hands hands_;
    const base::Clock& clock_;
    ExperimentBooks books_;
    std::map<std::int64_t, base::UtcMs> lookedAt_; // the newest midnight, by experiment
};

} // namespace qd::engines
