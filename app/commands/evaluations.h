// Evaluations for report and export: read from a database that may be in use, as the console itself would answer.
// Main thread.
#pragma once

#include "app/commands/arguments.h"
#include "console/queries.h"
#include "storage/database.h"

#include <map>
#include <optional>
#include <string>

namespace qd::app {

struct ReadEvaluations {
    console::Evaluations figures;
    std::map<base::InstrumentId, std::string> names; // of the instruments
    std::uint32_t sharpeMinTrades = 0;               // of the policy: under this no Sharpe ratio is shown

    /// Empty for a row of all instruments.
    [[nodiscard]] std::string nameOf(const trading::Evaluation& row) const;
};

/// Over the newest `days` complete UTC days and the running one; 0: all.
[[nodiscard]] base::Result<ReadEvaluations> readEvaluations(storage::Database& database, std::uint32_t days);

/// --window: a whole number of days, 0 for all; empty for anything else.
[[nodiscard]] std::optional<std::uint32_t> daysNamed(const Arguments& given);

/// CSV of all of them, ranked, best first: the roster, the strategies, the rows. What is undefined is an empty field.
[[nodiscard]] std::string evaluationsCsv(const ReadEvaluations& all);

} // namespace qd::app
