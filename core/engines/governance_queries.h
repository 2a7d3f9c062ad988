// Answers what governance is asked: the journal, the review as it would be now, gates, manifests, gate simulations. On
// the desk's own thread for these, so that none waits for a page or a long run.
#pragma once

#include "engines/query_desk.h"

namespace qd::engines {

[[nodiscard]] base::Result<console::JournalPage> governanceAnswer(const DeskContext& context,
                                                                  const console::AskJournal& query);
[[nodiscard]] base::Result<console::DryReview> governanceAnswer(const DeskContext& context,
                                                                const console::AskReview& query);
[[nodiscard]] base::Result<console::Gates> governanceAnswer(const DeskContext& context, const console::AskGates& query);
[[nodiscard]] base::Result<console::SignedManifest> governanceAnswer(const DeskContext& context,
                                                                     const console::AskManifest& query);
[[nodiscard]] base::Result<console::ManifestKey> governanceAnswer(const DeskContext& context,
                                                                  const console::AskManifestKey& query);
[[nodiscard]] base::Result<console::Experiments> governanceAnswer(const DeskContext& context,
                                                                  const console::AskExperiments& query);
[[nodiscard]] base::Result<console::GateSimulation> governanceAnswer(const DeskContext& context,
                                                                     const console::AskGateSimulation& query);

} // namespace qd::engines
