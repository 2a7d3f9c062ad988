// One training from its rows to a version with its lineage: a search of parameters on the rows before the first judged
// fold, walk-forward beside the present champion, the audit, and the final fit. The same rows and seed give the same
// bytes. One thread; XGBoost works on one, too. Ends within one tree of a false answer (Cancelled). Errors are told in
// words; nothing is kept here. Source: PRODUCT.md, The models.
#pragma once

#include "engines/retrain_rules.h"
#include "engines/training_data.h"
#include "trading/ledger_page.h"

#include <memory>

namespace qd::engines {

struct RetrainTask {
    std::string model;   // text of its key: "gbt_5m"
    std::string triesOf; // whose tries the search's are: the strategy that it drives, else the model
    DataOrder order;
    std::string reason;
    std::shared_ptr<const learning::ModelVersion> champion{}; // null: none
    RetrainLimits limits{};
    base::UtcMs now;
};

inline constexpr std::string_view collecting = "collecting rows";

struct RetrainStep {
    std::string_view phase; // "collecting rows", "searching parameters", "fold", "permutations", "final fit"
    std::string what{};     // the instrument, while rows are collected
    std::size_t fold = 0;
    std::size_t folds = 0;
    std::uint32_t tree = 0;
    std::uint32_t trees = 0;
    double fraction = 0;                // of the whole
    std::optional<base::Millis> left{}; // about; without what the answers to steps took
};
/// False cancels. What it takes to answer is no part of the time left: it may wait.
using OnStep = std::function<bool(const RetrainStep&)>;

struct Retrained {
    learning::ModelVersion version;
    std::vector<trading::TrialRow> tries; // each candidate of the search, over the range that it was judged on
    std::string notes;                    // what else is to be known, in words; may be empty
    std::vector<double> regimeShares;     // of the rows, by fifth of the reference's volatility; empty: unknown
};

[[nodiscard]] base::Result<Retrained> retrain(storage::Database& database, const RetrainTask& task,
                                              const OnStep& onStep);
/// The same on rows that are there.
[[nodiscard]] base::Result<Retrained> retrainOn(const TrainingData& data, const learning::Remake& remake,
                                                const RetrainTask& task, const OnStep& onStep);

/// A version's bytes made again from its lineage alone. Conflict where the archive gives other rows by now.
[[nodiscard]] base::Result<learning::ModelVersion>
retrainedFrom(storage::Database& database, const learning::Lineage& lineage, const OnStep& onStep);

} // namespace qd::engines
