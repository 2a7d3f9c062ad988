// What a retraining takes from the policy and from the parameters in force: each family's label, the limits of its
// audit, the candidates of its search, and what is told of it. Pure. Any thread. Source: PRODUCT.md, The models.
#pragma once

#include "base/policy.h"
#include "engines/regime_history.h"
#include "learning/audit.h"
#include "learning/drift.h"
#include "learning/model_version.h"
#include "trading/learned_slippage.h"
#include "trading/strategy.h"

#include <string>
#include <vector>

namespace qd::engines {

/// The strategy that gbt_5m drives: its exits are the label's.
inline constexpr std::string_view gbtStrategy = "ml_gbt_5m";

/// gbt_5m: the strategy's own stop, target, time limit and latency, taker fees of both sides and the slippage that was
/// learned of all instruments (assumed where none was); fill: patience and worth of limit orders. Else the
/// standard.
[[nodiscard]] learning::LabelRule labelRule(learning::Family family, const trading::ParameterSet& ofStrategy,
                                            const base::PaperPolicy& policy,
                                            const std::vector<trading::LearnedSlippage>& slippage);

struct RetrainLimits {
    learning::AuditLimits audit;
    RegimeRule regime;
    double regimeShare = 0; // convergence.min_share
};
[[nodiscard]] RetrainLimits retrainLimits(const base::PolicyValues& policy);
[[nodiscard]] learning::DriftLimits driftLimits(const base::PolicyValues& policy);

/// The standard parameters first, then five others drawn by the seed out of depth 3, 4, 6 × eta 0.05, 0.1 × least
/// child weight 20, 100. Each that is tried is one more try.
inline constexpr std::size_t searchCandidates = 6;
[[nodiscard]] std::vector<learning::BoostParameters> candidatesOf(learning::Family family, std::uint32_t seed);
/// "depth=4|eta=0.05|min_child_weight=20".
[[nodiscard]] std::string text(const learning::BoostParameters& parameters);

/// The same seed for the same model and rows, on every machine.
[[nodiscard]] std::uint32_t seedOf(std::string_view model, const std::string& dataHash);

/// "AUC 0.734 (0.719 to 0.750) over 5 folds, 47,870 rows of 5m candles; audit clean".
[[nodiscard]] std::string figuresOf(const learning::Lineage& lineage);
/// What is wrong with the columns, for the record: "2 features never change: …"; empty where nothing is. OutOfRange
/// where none of them tells anything.
[[nodiscard]] base::Result<std::string> columnNotes(const learning::TrainingRows& rows);

} // namespace qd::engines
