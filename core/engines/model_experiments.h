// Experiments of models: what two versions are compared on, and what the end makes of them. gbt_5m is compared by the
// trades that ml_gbt_5m makes with it, a family that makes none by its losses in shadow. Pure. Any thread. Source:
// PRODUCT.md, Experiments; The models.
#pragma once

#include "console/commands.h"
#include "engines/in_force.h"

#include <span>
#include <vector>

namespace qd::engines {

/// The strategy that trades on a model ("ml_gbt_5m" of "gbt_5m", or of itself), else the model's own name.
[[nodiscard]] std::string modelSubjectOf(const std::string& strategyOrModel);

/// A is the champion, B the version that the wish names. Malformed or NotFound for one that is none; Conflict for one
/// of another family, one that is quarantined, retired or has expired, for a model without a champion, for a split of
/// what makes no trades, or as governance::planned() says.
[[nodiscard]] base::Result<storage::StoredExperiment> plannedModels(const InForce& inForce,
                                                                    const console::StartExperiment& wish,
                                                                    std::int64_t id, base::UtcMs exchangeTime,
                                                                    base::UtcMs clock);

/// B promoted: it serves, and A goes to shadow. A kept: B is the challenger no more. A version that waited meanwhile is
/// the challenger then, also where the experiment is stopped. Conflict where a stage has changed so that B cannot
/// serve.
[[nodiscard]] base::Result<std::vector<governance::Change>> endOfModels(const storage::StoredExperiment& experiment,
                                                                        const InForce& inForce,
                                                                        console::ExperimentEnd how, base::UtcMs now);

/// Versions that running experiments compare: they do not retire, and nobody takes their place.
[[nodiscard]] std::vector<governance::VersionName> comparedModels(std::span<const storage::StoredExperiment> running);

} // namespace qd::engines
