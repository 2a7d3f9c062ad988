// The answer to AskExperiments: every experiment with its arms, course, gates and verdict, as stored. On the query
// desk's thread, or the command line's. Read only; ms for each, and once for each experiment that runs up to a second
// for how often its gate passes an equal arm.
#pragma once

#include "console/queries.h"
#include "engines/experiment_evidence.h"
#include "storage/database.h"

#include <map>

namespace qd::engines {

/// What simulations of a gate gave, kept by experiment and number of trades, and the trades that were read: asking
/// again costs next to nothing. One object a connection and thread.
class GatePassRates {
public:
    /// Empty while A has too few trades to draw from.
    [[nodiscard]] std::optional<double> equalRate(const governance::ExperimentPlan& plan,
                                                  const std::vector<double>& trades, double tradesPerDay);
    [[nodiscard]] ExperimentBooks& books() { return books_; }

private:
    ExperimentBooks books_;
    std::map<std::pair<std::int64_t, std::size_t>, std::optional<double>> known_; // by experiment, hundreds of trades
};

[[nodiscard]] base::Result<console::Experiments> experimentsOf(storage::Database& database, GatePassRates& rates,
                                                               base::UtcMs clock);

} // namespace qd::engines
