// The gates to `ready` of stored strategies: their input, checklist, health and road, and the deployment manifest.
// Read only. Any thread with a connection and a reader of its own. Source: PRODUCT.md, Gates to `ready`.
#pragma once

#include "console/queries.h"
#include "engines/governance_facts.h"
#include "engines/manifest_source.h"
#include "trading/null_result.h"

#include <span>
#include <string>

namespace qd::engines {

/// NotFound for a strategy that is not in the roster.
[[nodiscard]] base::Result<governance::ReadyInput> readyInput(storage::Database& database, const GovernanceFacts& facts,
                                                              const EvidenceReader& evidence,
                                                              std::string_view strategy);

/// What look-ahead test, replay and noise null found of these parameters, as far as they ran. `nulls`: the newest of
/// all, which whoever asks for many strategies reads once.
[[nodiscard]] base::Result<governance::TestsRun> testsRunOf(storage::Database& database, std::string_view strategy,
                                                            std::string_view parameterHash,
                                                            std::span<const trading::NullResult> nulls);

/// `pipelineFailure`: what is wrong with the pipeline itself, in words; empty if nothing.
[[nodiscard]] base::Result<console::Gates> gatesOf(storage::Database& database, const GovernanceFacts& facts,
                                                   const EvidenceReader& evidence, const console::AskGates& query,
                                                   std::string pipelineFailure);

/// Signed by the key of the data directory; Conflict for one that is not ready.
[[nodiscard]] base::Result<console::SignedManifest>
signedManifest(storage::Database& database, const GovernanceFacts& facts, const EvidenceReader& evidence,
               std::string_view strategy, const ManifestSource& source);

/// On the strategy's own closed trades and their rate.
[[nodiscard]] base::Result<console::GateSimulation> gateSimulation(const GovernanceFacts& facts,
                                                                   const console::AskGateSimulation& query);

} // namespace qd::engines
