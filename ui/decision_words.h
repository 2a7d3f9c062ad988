// Decisions, figures, gates and verdicts as the operator reads them. Pure, but for translation. GUI thread. `ingest`
// gives the names of instruments; it may be null.
#pragma once

#include "console/commands.h"
#include "console/queries.h"
#include "console/snapshots.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QString>

namespace qd::ui::say {

[[nodiscard]] QString stage(governance::Stage stage);
[[nodiscard]] Meaning tone(governance::Stage stage);

/// "61.0%", "−1.23 USDT a trade".
[[nodiscard]] QString value(double value, governance::Unit unit);
[[nodiscard]] QString value(const governance::Figure& figure);
/// "expectancy after costs −1.23 USDT a trade (80%: −2.10…−0.36, n 45)".
[[nodiscard]] QString line(const governance::Figure& figure);
/// The figure that a rule judges by: the last one with an interval, else the last. Null: there is none.
[[nodiscard]] const governance::Figure* weightiest(const std::vector<governance::Figure>& figures);
/// "Expectancy after costs −0.62 USDT a trade, n 688".
[[nodiscard]] QString brief(const governance::Figure& figure);
/// The limit that a figure is held against; empty without one.
[[nodiscard]] QString limit(const governance::Figure& figure);
/// "about 4 days"; empty while not known.
[[nodiscard]] QString about(const std::optional<double>& days);

[[nodiscard]] QString subject(const governance::Subject& subject, const console::IngestSnapshot* ingest);
/// "Disable rsi_divergence".
[[nodiscard]] QString title(const governance::Proposal& proposal, const console::IngestSnapshot* ingest);
/// The rule and the figures that it goes by, in one line.
[[nodiscard]] QString evidence(const governance::Proposal& proposal);
[[nodiscard]] QString lookingBack(const governance::LookingBack& back);
/// What happened after this rule's past decisions.
[[nodiscard]] QString record(const governance::RuleRecord& record);
/// Why a strategy cannot speak, with its moment as the operator's clock has it; in short: "warming up until 16:40".
[[nodiscard]] QString silence(const std::string& why, base::UtcMs now, format::Zone zone);
[[nodiscard]] QString shortSilence(const std::string& why, base::UtcMs now, format::Zone zone);
/// What a decision is about: "Switch", "Sign-off".
[[nodiscard]] QString kind(governance::DecisionKind kind);
/// Whether the operator takes no entries.
[[nodiscard]] bool isPaused(const console::PolicyView& policy);
/// "breakout: on → off".
[[nodiscard]] QString change(const governance::Change& change, const console::IngestSnapshot* ingest);

[[nodiscard]] QString gate(governance::Gate gate);
[[nodiscard]] QString deadlock(const governance::Deadlock& deadlock);
[[nodiscard]] QString verdict(statistics::Verdict verdict);
[[nodiscard]] Meaning tone(statistics::Verdict verdict);
[[nodiscard]] QString advice(governance::Advice advice);
/// What the primary button of an experiment does; empty: nothing, wait.
[[nodiscard]] std::optional<console::ExperimentEnd> supported(governance::Advice advice);

/// "worse 1%, equal 4%, better 68%".
[[nodiscard]] QString passRates(const console::GateSimulation& simulation);

} // namespace qd::ui::say
