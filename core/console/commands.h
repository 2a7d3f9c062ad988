// What the operator may ask of the engines. Plain values; each travels to its owner's thread with an id, and an event
// with that id comes back when it is done: committed by the store, or refused with an error.
#pragma once

#include "governance/experiment.h"
#include "governance/model_registry.h"
#include "governance/roster.h"
#include "market/candle.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qd::console {

using CommandId = std::uint64_t;

/// The switch of a strategy, or of one of its instruments; off is shadow. Journalled with the evidence of that moment.
struct SetStrategyEnabled {
    std::string strategy;
    bool enabled = true;
    std::string reason;
    std::optional<base::InstrumentId> instrument{};
};

/// The switches of many by one decision, which is one row of the journal: all of them or none.
struct SetStrategiesEnabled {
    std::vector<std::string> strategies;
    bool enabled = true;
    std::string reason;
};

/// Another stage. To ready: with all gates passed, or against red ones with a reason, which marks it for ever. To
/// archived: it stops, what is open is closed at the next quote. Back from there: a new record, one more try.
struct SetStage {
    std::string strategy;
    governance::Stage to = governance::Stage::Paper;
    std::string reason;
};

/// Many to the archive by one decision: all of them or none.
struct ArchiveStrategies {
    std::vector<std::string> strategies;
    std::string reason;
};

/// What a strategy has under way on one instrument ends at the next quote: its paper position, and orders that rest.
/// The strategy goes on. NotFound where it has no position.
struct ClosePosition {
    std::string strategy;
    base::InstrumentId instrument;
    std::string reason;
};

/// Values of the policy by name, as typed: numbers in the entry's unit, or words. All of them or none: OutOfRange names
/// the legal range.
struct SetPolicy {
    std::map<std::string, std::string> values;
    std::string reason;
};

/// The nightly review now: its proposals take the place of those before.
struct ReviewNow {};
/// Proposals of the newest review by id; each is computed anew and carried out by itself, so that one whose verdict has
/// changed stops only itself: the error names those.
struct ApplyProposals {
    std::vector<std::int64_t> proposals;
    std::string reason;
};
struct DismissProposals {
    std::vector<std::int64_t> proposals;
    std::string reason;
};

/// Takes a decision of the journal back: Conflict names what changed the same since.
struct UndoDecision {
    std::int64_t decision = 0;
    std::string reason;
};

/// Something that looks too good has been opened and is believed; of the parameter hash in force.
enum class GoodTest : std::uint8_t { LookAhead, NoiseNull, Replay };
struct SignOff {
    std::string strategy;
    GoodTest test = GoodTest::LookAhead;
    std::string reason;
};

/// A line in the journal that changes nothing.
struct AddNote {
    std::string text;
};

/// From the next UTC midnight on. `parameters`: those of B, as ParameterSet::text(); names left out are as in force.
struct StartExperiment {
    std::string strategy;
    governance::Design design = governance::Design::Paired;
    governance::Comparison comparison = governance::Comparison::Parameters;
    std::string parameters; // models against models: the version that is B ("gbt_5m 13"); A is the champion
    std::string reason;
};
enum class ExperimentEnd : std::uint8_t { PromoteB, KeepA, Stop };
struct EndExperiment {
    std::int64_t experiment = 0;
    ExperimentEnd how = ExperimentEnd::KeepA;
    std::string reason;
};
/// Later than it would have ended.
struct ExtendExperiment {
    std::int64_t experiment = 0;
    std::uint32_t days = 0;
    std::string reason;
};

/// The parameters of a strategy from now on, as ParameterSet::text(); names left out keep their values. What is open
/// keeps its exits; evidence starts anew under the new hash. Journalled; one more try.
struct SetParameters {
    std::string strategy;
    std::string parameters;
    std::string reason;
    std::string origin = "edit";       // of the try: "edit", "stop-lab"
    std::uint32_t tries = 1;           // that this one was chosen from
    std::optional<base::UtcMs> from{}; // what the choice was made on; empty: it has only run forwards
    std::optional<base::UtcMs> to{};
};

/// Which candles ChartSnapshot shows from now on.
struct WatchChart {
    base::InstrumentId instrument;
    market::Timeframe timeframe = market::Timeframe::M5;
};

/// Retry the connection now instead of at the end of the back-off.
struct ReconnectNow {};

/// Instruments that the feed shall have from now on, or no more. A removed one takes no new entries; it stays until its
/// positions have ended, and keeps its archive. Journalled.
struct ChangeInstruments {
    std::vector<std::string> add;
    std::vector<std::string> remove;
    std::string reason;
};

/// Ask the exchange what it offers: IngestSnapshot::offer.
struct AskOffer {};

/// Stops the back-fill of candles, or takes it up again; a restart remembers.
struct SetHistoryCancelled {
    bool cancelled = true;
};

/// Trains a model ("gbt_5m", "direction_predictor@BTC-USDT"; a family of several: all of them) on what is archived,
/// beside everything else. Answered when it waits or runs: its end is LearningSnapshot's. Busy while it does already.
struct RetrainModel {
    std::string model;
    std::string reason;
};
/// What trains now, within one tree, and what waits; empty: all.
struct CancelRetrain {
    std::string model{};
};
/// Promote, roll back (an earlier one becomes champion), retire: "gbt_5m 12". Journalled, can be undone.
struct SetModelStage {
    std::string version;
    governance::ModelStage to = governance::ModelStage::Champion;
    std::string reason;
};
/// A flag of the audit that may be signed off; with its last one the version becomes a challenger.
struct SignOffModel {
    std::string version;
    learning::Detector detector{};
    std::string reason;
};
/// What ModelBytes gave, on this or another machine: a new version, in the stage that its audit earned it.
struct ImportModel {
    std::string bytes;
    std::string reason;
};

/// Seen: it stays open, is not told again, and ends by itself.
struct AcknowledgeAlert {
    std::int64_t alert = 0;
};
/// Silent for so long; told again if it lasts.
struct SnoozeAlert {
    std::int64_t alert = 0;
    double hours = 1;
};
/// A test by that channel ("desktop", "webhook", "heartbeat"); answered when it arrived or did not.
struct TestAlerts {
    std::string channel;
};
/// A job now, whatever its times say. Answered when it is staged; how it ends is JobsSnapshot's. Busy while it is under
/// way.
struct RunJob {
    std::string name;
};
/// What waits or runs of it ends.
struct CancelJob {
    std::string name;
};
/// It is not begun by itself any more, or again. Journalled.
struct SetJobPaused {
    std::string name;
    bool paused = true;
    std::string reason{};
};
/// An outside command, for the shell; the same name: other times or another command. Journalled.
struct AddJob {
    std::string name;
    std::string command;
    std::string times;                  // "by hand", "every 15 min", "daily 20:00", "weekly Sat 03:00"
    std::optional<base::Millis> most{}; // that a run may take
    std::string reason{};
};
/// Only of outside commands. Its runs stay. Journalled.
struct RemoveJob {
    std::string name;
    std::string reason{};
};
/// A backup into the policy's folder, proven; answered at its end. Busy while one runs, or a restore is made ready.
struct BackUpNow {};
/// What is copied or checked just now ends, and leaves nothing.
struct CancelBackup {};
/// The file is copied and checked beside the database, and takes its place at the next start; answered at its end.
struct StageRestore {
    std::string file;
};
/// What StageRestore made ready is removed again.
struct DropRestore {};

using Command =
    std::variant<SetStrategyEnabled, SetParameters, WatchChart, ReconnectNow, ChangeInstruments, AskOffer,
                 SetHistoryCancelled, SetStage, SetPolicy, ReviewNow, ApplyProposals, DismissProposals, UndoDecision,
                 SignOff, AddNote, StartExperiment, EndExperiment, ExtendExperiment, RetrainModel, CancelRetrain,
                 SetModelStage, SignOffModel, ImportModel, SetStrategiesEnabled, ArchiveStrategies, ClosePosition,
                 AcknowledgeAlert, SnoozeAlert, TestAlerts, RunJob, CancelJob, SetJobPaused, AddJob, RemoveJob,
                 BackUpNow, CancelBackup, StageRestore, DropRestore>;

} // namespace qd::console
