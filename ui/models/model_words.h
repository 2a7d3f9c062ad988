// Models as the operator reads them: stages, what a figure is worth, audits, trainings. Pure, but for translation. GUI
// thread.
#pragma once

#include "console/queries.h"
#include "console/snapshots.h"
#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/gate_list.h"

#include <QString>

namespace qd::ui::say {

[[nodiscard]] QString stage(governance::ModelStage stage);
[[nodiscard]] Meaning tone(governance::ModelStage stage);
/// "AUC" or "R²": what a family is judged by.
[[nodiscard]] QString measure(learning::Family family);
/// "log loss" or "squared error".
[[nodiscard]] QString lossOf(learning::Family family);

/// What a version's figure is worth, said plainly.
enum class Worth : std::uint8_t { Undefined, Chance, Better, Suspect };
/// `maxAuc`: leakage.max_auc, inclusive. Chance: the interval reaches down to 0.5 (of R²: to 0), or is not known.
[[nodiscard]] Worth worth(learning::Family family, const statistics::Estimate& quality, double maxAuc);
/// "no better than chance", "suspected leak"; empty where there is nothing to say.
[[nodiscard]] QString worthWords(learning::Family family, Worth worth);
[[nodiscard]] Meaning tone(Worth worth);
/// "AUC 0.512 (95%: 0.496 to 0.528), n 8 412", or why it is undefined.
[[nodiscard]] QString quality(learning::Family family, const statistics::Estimate& quality);

[[nodiscard]] QString detector(learning::Detector detector);
[[nodiscard]] QString verdict(learning::AuditVerdict verdict);
/// One line a detector: its mark, what it is, its evidence, how it stands with signatures.
[[nodiscard]] std::vector<GateLine> auditLines(const console::ModelDetail& detail);
/// Flags that wait for a signature (none, where one can never have it: the others' would not help), and those that
/// never can have one.
[[nodiscard]] std::vector<learning::Detector> toSignOff(const console::ModelDetail& detail);
[[nodiscard]] std::vector<learning::Detector> neverSigned(const console::ModelDetail& detail);

[[nodiscard]] QString level(learning::DriftLevel level);
[[nodiscard]] Meaning tone(learning::DriftLevel level);

/// "fold 4 of 6", "final fit".
[[nodiscard]] QString step(const console::RetrainProgress& progress);
/// "412 of 600 trees · log loss 0.6812 · 1 m 10 s left", or why it waits.
[[nodiscard]] QString details(const console::RetrainProgress& progress);
[[nodiscard]] Meaning tone(const console::RetrainOutcome& outcome);
/// What it waits for, or that it is due.
[[nodiscard]] QString due(const governance::RetrainDue& due);

} // namespace qd::ui::say
