// What the models in service say of each instrument at its newest row, made of the archive by the code that makes
// training rows: a forecast of its volatility and where that lies in its own history, its direction, whether a limit
// order fills, whether a stop is hit. Hints for pages; they decide nothing. Query desk's threads.
#pragma once

#include "console/queries.h"
#include "engines/query_desk.h"

#include <optional>
#include <vector>

namespace qd::engines {

[[nodiscard]] base::Result<console::ModelHints> modelAnswer(const DeskContext& context,
                                                            const console::AskModelHints& query);

/// The share of stops at these distances (shares of the price) that stop_hit_predictor expects to be hit within its
/// horizon from now on: mean of both sides and of the instruments, or of one. Empty where no version of it serves, or
/// no instrument has a row.
[[nodiscard]] base::Result<std::vector<std::optional<double>>>
predictedHits(storage::Database& database, std::optional<base::InstrumentId> instrument,
              const std::vector<double>& stops);

} // namespace qd::engines
