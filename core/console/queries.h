// What the operator may ask of what is stored: pages of trades, evaluations, long runs over the archive. Plain values.
// A query travels with an id; Answer comes back with it, before that any number of QueryProgress. Answers are made by
// the query desk's own threads on read-only connections: they never keep an engine waiting. Long ones (Run…) go one at
// a time, can be cancelled (Cancelled) and tell progress.
#pragma once

#include "base/error.h"
#include "governance/decision_kind.h"
#include "governance/experiment.h"
#include "governance/gate_simulator.h"
#include "governance/gates.h"
#include "governance/job.h"
#include "governance/model_registry.h"
#include "governance/night_document.h"
#include "governance/review.h"
#include "governance/strategy_health.h"
#include "health/retention.h"
#include "learning/drift.h"
#include "learning/model_version.h"
#include "market/candle.h"
#include "market/instrument.h"
#include "statistics/execution_statistics.h"
#include "trading/closed_trade.h"
#include "trading/evaluation.h"
#include "trading/ledger_page.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qd::console {

using QueryId = std::uint64_t;

using trading::AskSignals;
using trading::AskTrades;
using trading::SignalsPage;
using trading::TradeFilter;
using trading::TradeOrder;
using trading::TradeResult;
using trading::TradesPage;
using trading::TrialRow;

/// One closed trade on its candles: those of its time and as many again before and after, at most 400.
struct AskTrade {
    base::InstrumentId instrument;
    std::string strategy;
    base::StreamNumber decision;
};
struct TradeDetail {
    trading::ClosedTrade trade;
    market::Instrument instrument;
    market::Timeframe timeframe = market::Timeframe::M1;
    std::vector<market::Candle> candles; // oldest first; empty: none are stored of that time
};

/// Figures over the newest `days` complete UTC days of the stored trades and the running one; 0: all.
struct AskEvaluations {
    std::uint32_t days = 30;
};
struct Evaluations {
    base::UtcMs from;
    base::UtcMs to;
    std::vector<trading::Evaluation> strategies; // one a strategy, all its instruments; ranked
    std::vector<trading::Evaluation> rows;       // one a (strategy, instrument), newest evidence; ranked
    trading::Evaluation roster;                  // as it was: who was enabled at each moment; no shadow trades
    trading::Choice choice;                      // what picking the best of the strategies is worth
};

/// What was tried of a strategy.
struct AskTrials {
    std::string strategy;
};
struct Trials {
    std::vector<TrialRow> rows; // newest first
};

/// What execution costs, learned from recorded quotes and ticks, and where the money of these trades went.
struct AskExecution {
    TradeFilter filter; // of hold time and waterfall; what is learned is learned from all
};
/// Basis points of the decision price; positive is a cost.
struct SlippageRow {
    std::optional<base::InstrumentId> instrument; // empty: all instruments, the prior of each
    market::Side side = market::Side::Buy;
    std::uint64_t fills = 0;
    std::uint64_t unusable = 0; // no decision price, or no data behind it
    statistics::Calibration status = statistics::Calibration::Uncalibrated;
    statistics::Measure mean = std::unexpected(statistics::Undefined::TooFew);
    statistics::Defined<statistics::Interval> interval = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure median = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure p95 = std::unexpected(statistics::Undefined::TooFew);
    double prior = 0;
    double applied = 0; // shrunk; charged where fills are not made from ticks
    double stress = 0;  // upper end; charged in the pessimistic band
    friend bool operator==(const SlippageRow&, const SlippageRow&) = default;
};
/// Limit entries by their distance from the mid when they were decided. Simulated: our own queue rule filled them.
struct FillRateRow {
    double fromBps = 0;
    std::optional<double> toBps; // empty: no upper end
    std::uint64_t orders = 0;
    std::uint64_t touched = 0; // the market printed at their price within their patience
    std::uint64_t through = 0; // it printed beyond it
    std::uint64_t filled = 0;  // by our rule, at least in part
};
/// Sums of closed trades; costs are positive. gross − slippage − gapThroughStop − fees − funding = net.
struct Waterfall {
    std::uint64_t trades = 0;
    std::uint64_t left = 0; // closed before the decision price of the exit was kept: not in the sums
    base::Money gross;      // at the decision prices
    base::Money slippage;   // spread and slippage of both sides
    base::Money gapThroughStop;
    base::Money fees;
    base::Money funding;
    base::Money net;
    std::uint64_t stopped = 0;
    std::uint64_t stoppedThenTarget = 0; // the target was reached within the trade's own time limit after all
};
struct Execution {
    std::vector<SlippageRow> slippage; // the pooled rows first, then by instrument and side
    std::vector<FillRateRow> fillRates;
    statistics::HoldTime hold;
    Waterfall waterfall;
    std::optional<base::UtcMs> since;      // the oldest fill that was learned from
    std::optional<base::UtcMs> calibrated; // when
    statistics::SlippageOptions rules;     // what a status wants
    double assumedFillRate = 0;            // of limit orders, where none was measured
    base::RatePpm takerFee;
    base::RatePpm makerFee;
};

/// Past entries of one strategy (empty: all) replayed on ticks under a grid of stops and targets. Long.
struct RunStopLab {
    std::string strategy;
    std::optional<base::InstrumentId> instrument;
};
struct StopLabFigures {
    std::uint32_t trades = 0;
    statistics::Measure profitFactor = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure expectancy = std::unexpected(statistics::Undefined::NoTrades); // share of notional, net
    statistics::Measure winRate = std::unexpected(statistics::Undefined::NoTrades);
};
struct StopLab {
    std::vector<double> stops;          // distances from the entry, shares of its price
    std::vector<double> targets;        // likewise
    std::vector<StopLabFigures> cells;  // stops.size() a target: cells[target × stops.size() + stop]
    StopLabFigures today;               // the entries with their own stops and targets
    std::optional<std::size_t> nearest; // the cell nearest to today's mean distances: outlined
    std::optional<std::size_t> best;    // the highest expectancy on the older half of the entries
    StopLabFigures bestOnOlder;
    StopLabFigures bestOnNewer; // the same cell on the newer half: what counts
    StopLabFigures todayOnNewer;
    double stopNow = 0; // mean distances of the entries of the newest parameters; 0: there are none
    double targetNow = 0;
    std::vector<std::optional<double>> predictedHit; // of each stop, now: stop_hit_predictor's mean; empty: none serves
    base::UtcMs from;                                // of the entries
    base::UtcMs to;
    std::uint64_t entries = 0;
    std::uint64_t leftOut = 0; // without ticks behind them
    std::uint64_t ticks = 0;
    double seconds = 0;
    std::size_t greyTrades = 0; // a cell with fewer says little
};

/// The archive through the pipeline: figures of each strategy. Long.
struct RunReplay {
    std::vector<std::string> strategies; // empty: all
    std::uint32_t days = 30;             // newest of the archive; 0: all
    bool current = true;                 // today's switches and parameters
};
struct ReplayFigures {
    std::vector<trading::Evaluation> strategies;
    std::uint64_t ticks = 0;
    std::uint64_t trades = 0;
    double seconds = 0;
    std::string ledgerHash;
    std::string notKept{}; // why no sign-off can go by it; empty where it was kept, or of several strategies
};

/// The look-ahead test of a strategy's trades (engines/look_ahead_run.h). Long; what it found is kept.
struct RunLookAhead {
    std::string strategy;
};
struct LookAheadFigures {
    std::string strategy;
    std::uint32_t days = 0;   // the newest, on candles
    std::uint32_t cuts = 0;   // moments up to which it was replayed
    std::uint64_t trades = 0; // compared, over all of them
    std::string mismatch;     // the first one, in words; empty: all were the same
    std::string notKept{};    // why no sign-off can go by it; empty: it was kept
};

/// The noise null of these strategies (empty: all), by seeds. Long; its figures are stored.
struct RunNull {
    std::vector<std::string> strategies;
    std::uint32_t seeds = 200;
};
/// The newest null of each strategy.
struct AskNull {};
struct NullRow {
    std::string strategy;
    std::string parameterHash;
    base::UtcMs time;
    std::uint32_t seeds = 0;
    statistics::Measure real = std::unexpected(statistics::Undefined::NoTrades); // expectancy, share of notional
    trading::NullFigures figures;
    std::vector<float> expectancies; // of the runs that traded, in growing order
};
struct NullTable {
    std::vector<NullRow> rows;
};

/// Decisions, newest first.
struct AskJournal {
    std::string text; // in what, why or evidence, whatever the case; empty: all
    std::string by;   // "operator", "policy"; empty: both
    std::optional<governance::DecisionKind> kind{};
    std::optional<base::UtcMs> from;
    std::optional<base::UtcMs> to;
    std::uint64_t offset = 0;
    std::uint32_t limit = 200; // ≤ 1,000
};
struct JournalRow {
    governance::Decision decision;
    std::string cannotUndo; // why not, in words; empty: it can be taken back
    bool isUndone = false;
    std::string next; // what happened next: the subject's result 7 and 30 days on; empty: too early, or no subject
};
struct JournalPage {
    std::uint64_t total = 0;
    std::vector<JournalRow> rows;
};

/// The review as it would be if it were held now; changes nothing.
struct AskReview {};
struct DryReview {
    governance::Review review;
};

/// Gates, health and what comes next: of one strategy, or of all candidates and ready ones.
struct AskGates {
    std::string strategy; // empty: all that are candidate or ready
};
/// "sensitivity: 4 nights to go" on a date, for Road to live.
struct RoadEvent {
    base::UtcMs at;
    std::string what;
};
struct StrategyGates {
    governance::RosterRow row;
    governance::Checklist checklist;
    std::vector<governance::Deadlock> deadlocks;
    governance::StrategyHealth health;
    std::vector<governance::TooGood> flags;
    governance::SignOffs signOffs;
    governance::TestsRun testsRun; // of the parameters in force
    std::vector<RoadEvent> road;   // by time
};
struct HealthOfStrategy {
    std::string strategy;
    governance::StrategyHealth health;
};
struct Gates {
    std::vector<StrategyGates> rows; // nearest to ready first
    governance::PipelineHealth pipeline;
    std::vector<HealthOfStrategy> parts; // what the pipeline's score is the mean of: those that are on
};

/// The signed deployment manifest of a ready strategy. Conflict for one that is not ready.
struct AskManifest {
    std::string strategy;
};
struct SignedManifest {
    std::string json;
    std::string signature; // 64 bytes
    std::string publicPem;
};

/// The public half of the key that manifests are signed with; the first question makes the key.
struct AskManifestKey {};
struct ManifestKey {
    std::string publicPem;
};

/// How often a gate passes a worse, an equal and a better candidate, on the strategy's own closed trades.
struct AskGateSimulation {
    std::string strategy;
    governance::Design design = governance::Design::Paired;
    governance::ExperimentPolicy gate;
    bool wantsInterval = true;
    std::uint32_t looks = 15;
    governance::Comparison comparison = governance::Comparison::Parameters;
    std::uint32_t rateDays = 0; // newest days whose rate of trades is gone by; 0: evidence.window_days
};
struct GateSimulation {
    std::vector<governance::PassRate> rates; // worse, equal, better
    std::uint64_t trades = 0;                // drawn from
    double tradesPerDay = 0;                 // of the strategy; in a split an arm gets half of them
};

/// Running experiments first, then those that ended, newest first.
struct AskExperiments {};
struct ExperimentArm {
    std::string name;       // "A" and "B"
    std::string hash;       // parameters, or model; "off"
    std::string parameters; // as text
    std::uint64_t trades = 0;
    std::uint64_t won = 0;
    double net = 0; // USDT
    statistics::Measure expectancy = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure winRate = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure sharpe = std::unexpected(statistics::Undefined::TooFew);
    std::vector<std::pair<base::UtcMs, double>> equity; // cumulated net by exit, thinned to ≤ 300 points
};
struct ExperimentPoint { // B − A, in USDT a block or a trade, as it stood then
    base::UtcMs at;
    double mean = 0;
    double low = 0;
    double high = 0;
};
struct ExperimentRow {
    governance::ExperimentPlan plan;
    governance::Assessment assessment;
    base::UtcMs created;
    std::optional<base::UtcMs> ended;
    std::string outcome; // "B promoted", "A kept"; empty while it runs
    std::string why;
    std::vector<ExperimentArm> arms;
    std::vector<ExperimentPoint> course; // by time, ≤ 300
    std::optional<double> equalPassRate; // of its gate, for an equal arm, at its number of looks
};
struct Experiments {
    std::vector<ExperimentRow> rows;
};

/// The registry: every version, by family, instrument, newest first.
struct AskModels {};
struct ModelLine {
    governance::ModelRecord record;
    bool isExpired = false;
    std::string why; // what became of it and why: "kept the old one: no signal"
};
struct ModelFamily {
    governance::ModelKey key;
    std::string purpose; // a sentence for the operator
    bool hasConverged = false;
    governance::RetrainDue due;
};
struct Models {
    std::vector<ModelFamily> families; // every model that can be trained, with or without versions
    std::vector<ModelLine> rows;
};

/// One version, whole; two of them side by side are two questions.
struct AskModel {
    std::string version;
};
struct FeatureDrift {
    std::string feature;
    std::optional<double> psi;
    std::optional<double> ks;
    learning::DriftLevel level = learning::DriftLevel::Unknown;
};
struct FeatureImportance {
    std::string feature;
    std::string meaning;
    double gain = 0; // share of all gain
};
/// Its predictions in shadow against what came, by UTC day, beside the champion's on the same rows.
struct ShadowDay {
    base::UtcMs day;
    std::uint64_t rows = 0;
    double loss = 0; // log loss, or squared error
    std::optional<double> champion;
};
struct ModelDetail {
    ModelLine line;
    learning::Lineage lineage;
    std::vector<FeatureImportance> importance; // greatest first
    std::vector<FeatureDrift> drift;           // most drifted first; empty: too few rows yet
    std::optional<base::UtcMs> driftAt;
    std::vector<double> regimeShares; // of the training rows, by fifth of the reference's volatility; empty: unknown
    std::vector<ShadowDay> shadow;
    std::uint64_t trades = 0; // closed, that it decided
};

/// Which model made this trade.
struct AskTradeModel {
    base::InstrumentId instrument;
    std::string strategy;
    base::StreamNumber decision;
};
struct TradeModel {
    std::string version; // empty: no model did
    base::UtcMs from;    // its training's window
    base::UtcMs to;
    double prediction = 0;
    double threshold = 0;
    struct Moved {
        std::string feature;
        float value = 0; // NaN: missing
        float moved = 0; // the margin (log odds)
    };
    std::vector<Moved> top;          // greatest first
    std::vector<FeatureDrift> drift; // as it stood then, the most drifted five
};

/// A version as a file for another machine.
struct AskModelBytes {
    std::string version;
};
struct ModelBytes {
    std::string bytes;
};

/// What the models that serve say of each instrument at its newest row: hints, which decide nothing.
struct AskModelHints {};
struct InstrumentHint {
    base::InstrumentId instrument;
    std::string name;
    base::UtcMs at;                             // close of the 5m candle that was looked at
    std::optional<double> volatility;           // forecast for the next hour, annualised, fraction
    std::optional<double> volatilityPercentile; // 0…100, of the instrument's own 180 days; empty: too little history
    std::optional<double> rises;                // probability that the next hour ends higher
    std::optional<double> fills;                // that a limit order at `fillDistance` fills within its patience
    std::optional<double> stopHit;              // that a stop at `stopDistance` is hit within two hours; mean of sides
};
struct ModelHints {
    std::vector<InstrumentHint> rows;  // those that a champion can say something of
    std::vector<std::string> versions; // that were asked
    double fillDistance = 0;           // ATR: the usual one of the strategies with limit entries
    double stopDistance = 0;           // ATR: the usual one of all strategies
};

/// Runs of a job (empty: of all), newest first.
struct AskJobRuns {
    std::string job;
    std::uint32_t limit = 200;
};
struct JobRuns {
    std::vector<governance::JobRunRow> rows;
};
/// What a run said, the newest 1,000 lines.
struct AskJobLog {
    std::int64_t run = 0;
};
struct JobLog {
    governance::JobRunRow run;
    std::vector<governance::JobLogLine> lines;
};

/// The night reports that are kept, newest first.
struct AskNights {};
struct NightOfDay {
    std::string date; // local, "2025-06-22"
    base::UtcMs from;
    base::UtcMs to;
    std::string headline;
    friend bool operator==(const NightOfDay&, const NightOfDay&) = default;
};
struct Nights {
    std::vector<NightOfDay> rows;
};
/// One of them by its day; with an empty one a report for this moment, which is not kept.
struct AskNight {
    std::string date;
};
struct NightReport {
    std::string date; // empty: not kept
    bool isKept = true;
    std::string figures; // JSON
    governance::NightDocument document;
};

/// What the retention of ticks would free under these values of ticks.keep_days and ticks.thin; answered with
/// health::RetentionPreview.
struct AskRetention {
    double keepDays = 0;
    bool thin = true;
};

using Query = std::variant<AskTrades, AskSignals, AskTrade, AskEvaluations, AskTrials, AskExecution, AskNull,
                           RunStopLab, RunReplay, RunNull, RunLookAhead, AskJournal, AskReview, AskGates, AskManifest,
                           AskManifestKey, AskGateSimulation, AskExperiments, AskModels, AskModel, AskTradeModel,
                           AskModelBytes, AskModelHints, AskJobRuns, AskJobLog, AskNights, AskNight, AskRetention>;

struct QueryProgress {
    QueryId id = 0;
    double fraction = 0; // 0…1
    std::string phase;   // "replaying BTC-USDT"
};
struct Answer {
    QueryId id = 0;
    std::optional<base::Error> error; // then `value` holds nothing of use
    std::variant<TradesPage, SignalsPage, TradeDetail, Evaluations, Trials, Execution, NullTable, StopLab,
                 ReplayFigures, LookAheadFigures, JournalPage, DryReview, Gates, SignedManifest, ManifestKey,
                 GateSimulation, Experiments, Models, ModelDetail, TradeModel, ModelBytes, ModelHints, JobRuns, JobLog,
                 Nights, NightReport, health::RetentionPreview>
        value;
};
using QueryEvent = std::variant<QueryProgress, Answer>;

} // namespace qd::console
