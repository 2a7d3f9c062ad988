// What the screen and the API may know: immutable pictures of the engines' state, each made by the engine that owns it.
// Plain values, shared as shared_ptr<const T>. Money in 1e-8 USDT, prices in the instrument's ticks, times UTC.
// `std::optional` empty means undefined; the reader prints an em dash with the reason.
#pragma once

#include "base/policy.h"
#include "governance/experiment.h"
#include "governance/job.h"
#include "governance/model_registry.h"
#include "governance/review.h"
#include "governance/roster.h"
#include "health/alert_rules.h"
#include "health/backups.h"
#include "market/candle.h"
#include "market/gap.h"
#include "market/instrument.h"
#include "trading/closed_trade.h"
#include "trading/strategy.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::console {

using base::Money;
using base::UtcMs;

enum class EngineState : std::uint8_t { Idle, Starting, Running, Struggling, Failed, Stopped };

enum class FeedState : std::uint8_t { Offline, Connecting, Subscribing, CatchingUp, Online, Silent };

/// The last minute of a rate, one value a second, oldest first; for sparklines.
using RateHistory = std::vector<float>;

/// From 24 h before the newest tick; percentages as fractions.
struct InstrumentRow {
    market::Instrument instrument;
    std::optional<market::Price> last;
    std::optional<market::Quote> quote;
    std::optional<double> change24h; // fraction; of the exchange's open24h, else of our first price of the last 24 h
    UtcMs lastTime;                  // exchange time of the newest tick
    std::uint64_t ticks = 0;         // since start
    bool isFresh = false;            // heard of within feed.silence_s
    bool isLeaving = false;          // removed; stays until its positions have ended
};

/// A row of the gap ledger, for Health › Gaps.
struct GapLine {
    base::InstrumentId instrument;
    std::string name;
    market::Gap gap;
    std::string missingText; // contracts, exact; empty while unknown
};

/// One that the exchange offers, for the choice of instruments.
struct OfferedInstrument {
    std::string name;
    market::Instrument instrument;     // id {0}
    std::optional<double> last;        // empty: no ticker came
    std::optional<double> change24h;   // fraction
    std::optional<double> turnover24h; // USDT
    bool isDefault = false;            // one of the 20
};
/// What the exchange offers, once it was asked for (AskOffer).
struct Offer {
    bool isAsking = false;
    std::string error;                          // why there is none, in words
    std::vector<OfferedInstrument> instruments; // by turnover, largest first
};

/// The back-fill of candles, in UTC days.
enum class HistoryState : std::uint8_t { Running, Waiting, Cancelled, Done };
struct HistoryRow {
    base::InstrumentId instrument;
    std::string name;
    std::uint32_t done = 0;
    std::uint32_t total = 0;
};
struct HistoryProgress {
    HistoryState state = HistoryState::Running;
    std::uint32_t done = 0; // committed, or found that there is nothing to get
    std::uint32_t total = 0;
    std::optional<base::Millis> left; // at the present pace
    std::string detail;               // what it waits for, in words
    std::vector<HistoryRow> instruments;
};

/// Ingest thread, ≤ 30 a second.
struct IngestSnapshot {
    EngineState state = EngineState::Starting;
    FeedState feed = FeedState::Offline;
    std::string address;     // of the WebSocket
    std::string detail;      // why it is not online, in words
    std::uint64_t ticks = 0; // accepted since start
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;
    std::uint64_t filled = 0;                       // that only REST gave
    std::map<std::string, std::uint64_t> malformed; // by kind
    std::string malformedSample;                    // newest, cut to 200 characters
    std::uint32_t reconnects = 0;
    std::uint32_t gapsToday = 0; // interruptions in which trades were lost, since 00:00 UTC, by the gap ledger
    double ticksPerSecond = 0;   // over the last 5 s
    UtcMs newestTick;            // exchange time; 0 before the first
    RateHistory rate;
    std::vector<InstrumentRow> instruments;           // in the order of the database
    std::shared_ptr<const std::vector<GapLine>> gaps; // newest first, ≤ 500; null before the first
    std::optional<base::Millis>
        clockOffset; // the exchange's clock less ours; empty while unknown and for recorded times
    std::shared_ptr<const HistoryProgress> history; // null: this feed back-fills nothing
    std::shared_ptr<const Offer> offer;             // null: not asked for
    bool isListGiven = false;                       // by the command line: changes hold for this run only
};

/// One strategy over all its instruments.
struct StrategyRow {
    std::string name;
    std::string idea;
    bool isEnabled = true;
    UtcMs enabledSince;    // 0: since ever
    std::string enabledBy; // "operator", "policy", "default"
    governance::Stage stage = governance::Stage::Paper;
    UtcMs stageSince;                                             // 0: since ever
    UtcMs recordSince;                                            // of these parameters' evidence; 0: since ever
    bool passedRed = false;                                       // promoted against a red gate
    std::map<base::InstrumentId, governance::Switch> instruments; // those that were ever switched; the others are on
    std::string parameterHash;
    std::map<std::string, double> parameters;
    std::string silence;       // why it cannot speak at present, on its instruments; empty while it can
    std::uint32_t signals = 0; // decisions
    std::uint32_t blocked = 0; // not traded, with a reason
    std::uint32_t open = 0;
    std::uint32_t closed = 0; // not in shadow, whatever the parameters
    std::uint32_t won = 0;
    Money net;
};

/// One row a (strategy, instrument): the ranking on Overview. Figures over the closed trades of its parameters in force
/// that were not in shadow.
struct EvaluationRow {
    std::string strategy;
    base::InstrumentId instrument;
    std::uint32_t trades = 0;
    std::uint32_t won = 0;
    double winLow = 0; // Wilson 95% interval, fractions
    double winHigh = 1;
    std::optional<double> profitFactor;
    std::optional<double> sharpe; // annual; empty under sharpe.min_trades
    Money net;
    std::optional<double> maxDrawdown; // fraction of the row's capital
    std::vector<float> equity;         // cumulated net after each trade, thinned to ≤ 60 points, USDT
    std::optional<double> sharpeLow;   // ends of its 95% interval
    std::optional<double> sharpeHigh;
    std::uint32_t sharpeDays = 0; // complete UTC days behind it; of a provisional one the clusters of trades
    bool isProvisional = false;   // from clusters of trades: ranks below daily figures
};

struct PositionRow {
    trading::OpenPosition position;
    std::optional<market::Price> last;
    Money unrealised;              // at `last`, after the entry fee
    double unrealisedFraction = 0; // of the entry notional
};

struct EquityPoint {
    UtcMs time;
    Money equity;
};

/// The policy in force: every entry by name.
struct PolicyView {
    base::PolicyValues numbers;
    std::map<std::string, std::string> texts;
    friend bool operator==(const PolicyView&, const PolicyView&) = default;
};

/// Paper thread, ≤ 30 a second. Nothing in it is ahead of what the store has committed.
struct PaperSnapshot {
    EngineState state = EngineState::Starting;
    Money startEquity;          // the capital that works now: of the rows that are switched on
    Money equity;               // that capital and all that was ever gained, marked to market, rows enabled at entry
    std::optional<UtcMs> since; // time of the first equity point
    double gain = 0;            // since then: gains as shares of the capital of their moments, as the drawdown counts
    Money today;                // change of equity since 00:00 UTC
    std::uint32_t closedToday = 0;
    std::uint32_t wonToday = 0;
    std::uint32_t closedTotal = 0;
    std::optional<double> profitFactor; // enabled rows, all closed trades of the last 7 days
    double drawdown = 0;                // now, fraction of the peak; of the capital as it was at each moment
    double maxDrawdown = 0;
    std::shared_ptr<const std::vector<EquityPoint>> curve; // never null
    std::vector<StrategyRow> strategies;
    std::vector<EvaluationRow> evaluations; // ranked; see trading/evaluation
    std::vector<PositionRow> positions;
    std::vector<trading::ClosedTrade> recent; // newest first, ≤ 200
    double microsPerTick = 0;                 // average over the last 5 s
    RateHistory rate;                         // ticks/s handled
    std::optional<double> tickLagP50;         // ms, exchange time to decision, last 5 min; empty for recorded times
    std::optional<double> tickLagP99;
    std::shared_ptr<const PolicyView> policy; // null before the start
};

enum class ProposalState : std::uint8_t { Open, Applied, Dismissed, Gone };
/// A proposal of the newest review.
struct ProposalRow {
    std::int64_t id = 0;
    governance::Proposal proposal;
    ProposalState state = ProposalState::Open;
    std::string note; // why it was dismissed, or what stopped it; empty
};

/// An experiment that runs, for the list of what waits.
struct ExperimentLine {
    std::int64_t id = 0;
    std::string subject;
    statistics::Verdict verdict = statistics::Verdict::Collecting;
    governance::Advice advice = governance::Advice::Wait;
    std::optional<double> daysLeft; // about
    friend bool operator==(const ExperimentLine&, const ExperimentLine&) = default;
};

/// Governor's thread, when something changed.
struct GovernanceSnapshot {
    EngineState state = EngineState::Starting;
    UtcMs nextReview;              // 0: none is planned
    std::optional<UtcMs> reviewed; // when the newest review was held
    bool abstains = false;
    double gapShare = 0;
    std::vector<ProposalRow> proposals;
    std::vector<governance::Held> held;
    std::vector<ExperimentLine> experiments;
    std::string phase;   // of a long task: "sensitivity of breakout, run 12 of 32"; empty: none
    double progress = 0; // 0…1
    std::string detail;  // the newest failure, in words; empty when well
};

/// A training that runs.
struct RetrainProgress {
    std::string model;    // "gbt_5m"
    std::string trigger;  // "by you: …", "14 days and 118 trades", "drift of 4 features", "no champion yet"
    std::string phase;    // "collecting rows", "searching parameters", "fold", "permutations", "final fit", "saving"
    std::size_t fold = 0; // 1…folds, in phase "fold"
    std::size_t folds = 0;
    std::uint32_t tree = 0;
    std::uint32_t trees = 0;
    std::optional<double> loss;       // validation, newest
    double fraction = 0;              // 0…1 of all
    std::optional<base::Millis> left; // about
    UtcMs since;
    std::string waits; // why it pauses: "the processor is hot", "ticks lag"; empty
};
struct RetrainOutcome {
    std::string model;
    std::string version; // empty: none came of it
    UtcMs at;
    bool isFailure = false; // it failed or was cancelled
    std::string what;       // "challenger", "kept the old one", "no signal", "quarantined", "failed", "cancelled"
    std::string why;
};
/// Retrain thread, when something changed, ≤ 10 a second.
struct LearningSnapshot {
    EngineState state = EngineState::Starting;
    std::optional<RetrainProgress> running;
    std::vector<std::string> waiting;     // models, in order
    std::vector<RetrainOutcome> outcomes; // newest first, ≤ 50, of earlier starts too
    std::uint64_t revision = 0;           // grows when the registry changed: ask it anew
    std::size_t quarantined = 0;          // versions whose flags can be signed off
    std::size_t challengers = 0;          // that no experiment compares
    std::string detail;                   // the newest failure, in words; empty when well
};

/// A trade on the chart.
struct TradeMark {
    UtcMs time;
    market::Price price;
    market::Side side = market::Side::Buy; // of the fill
    bool isEntry = true;
    bool inShadow = false;
    std::string text; // "ema_crossover long, entry"
};

/// Candles of the watched instrument and timeframe. Paper thread.
struct ChartSnapshot {
    base::InstrumentId instrument;
    market::Timeframe timeframe = market::Timeframe::M5;
    std::shared_ptr<const std::vector<market::Candle>> closed; // oldest first, never null
    std::optional<market::Candle> forming;
    std::shared_ptr<const std::vector<TradeMark>> marks; // never null, by time
    std::optional<market::Price> last;
};

/// Store thread.
struct StoreSnapshot {
    EngineState state = EngineState::Starting;
    std::string path;
    std::uint64_t ticks = 0; // in the archive
    std::uint64_t bytes = 0; // of database and WAL
    std::uint64_t walBytes = 0;
    double writeLagMs = 0; // hand-over to committed, worst of the last 5 s
    double rowsPerSecond = 0;
    RateHistory rate;
    std::string detail;           // newest error, in words; empty when well
    std::optional<double> making; // share of the simulated market's past that is made; empty: none is being made
    std::optional<base::Millis> longestReader{}; // that holds the write-ahead log back, for at least so long
};

enum class HealthLabel : std::uint8_t { Unknown, Critical, Poor, Fair, Good, Excellent };

struct ProbeRow {
    std::string name;              // "CPU temperature"
    std::optional<double> value;   // in `unit`; empty: not measured, `note` says why
    double limit = 0;              // scores 100 to limit/2, 50 at limit, 0 at twice the limit
    std::string unit;              // "°C", "%", "ms", ""
    std::string note;              // "5.6 of 7.8 GB", "no sensor on this machine"
    std::optional<double> score;   // 0…100
    std::optional<double> trend{}; // change an hour, in `unit`; empty before there is an hour of it
};

struct ServiceRow {
    std::string name;
    EngineState state = EngineState::Idle;
    std::optional<base::Millis> uptime;
    std::optional<base::Millis> sinceBeat;
    std::uint32_t restarts = 0;
    std::string detail;
};

/// A part of the score, all eight, in their order.
struct HealthPartRow {
    std::string name;
    double weight = 1;
    std::optional<double> score; // 0…100; empty: not known, and not counted
    double wouldRaise = 0;       // the whole, in points, if this part were at 100
};

/// A way by which alerts reach somebody who is not looking: desktop, webhook, heartbeat.
struct AlertChannelRow {
    std::string name;
    bool isOn = false;           // by policy
    std::optional<UtcMs> tried;  // newest try of any kind
    bool succeeded = false;      // that one
    std::string detail;          // why not, in words
    std::optional<UtcMs> proven; // newest test that arrived
    friend bool operator==(const AlertChannelRow&, const AlertChannelRow&) = default;
};
struct AlertsView {
    std::vector<health::Alert> open;   // oldest first
    std::vector<std::int64_t> waiting; // of these: neither acknowledged nor asleep
    std::vector<health::Alert> past;   // newest first, ≤ 200
    std::vector<AlertChannelRow> channels;
    bool isQuiet = false; // quiet hours now
    friend bool operator==(const AlertsView&, const AlertsView&) = default;
};

/// A probe's value at a time.
struct ProbePoint {
    UtcMs time;
    double value = 0;
};
using ProbeHistory = std::map<std::string, std::vector<ProbePoint>>; // by probe, 24 h, ≤ 1 a 30 s, oldest first

/// A probe was over its limit and no alert was raised, because what made the load is expected.
struct ExpectedLoad {
    std::string probe; // "CPU temperature"
    UtcMs from;
    UtcMs to;
    double value = 0;      // the worst
    std::string processes; // who was busy then: "qemu-system-x86 3.5 cores"
};

/// Backups and the care of the store. Backup thread, at most ten a second; seen through HealthSnapshot.
struct CareSnapshot {
    EngineState state = EngineState::Starting;
    bool isBusy = false;
    double done = 0;   // share of what runs
    std::string phase; // "backing up", "checking the backup"; empty where nothing runs
    health::BackupPolicy policy;
    std::vector<health::BackupRow> backups; // newest first, at most 200
    std::optional<UtcMs> next;              // by schedule; empty: no folder is chosen
    std::optional<UtcMs> nextCare;          // when old ticks and the file's growth are looked at next
    std::string folderTrouble;              // why the folder cannot be used; empty if it can
    std::uint64_t folderFree = 0;
    bool isOnDatabasesDisk = false; // the folder is
    std::string staged;             // the restore that takes force at the next start, in words; empty: none
    health::BackupStanding standing;
    std::uint64_t freePageBytes = 0; // in the database file
    double bytesPerDay = 0;          // that it grows by; 0: unknown
    std::optional<double> daysUntilFull;
    std::string retention; // what it did last, in words; empty: nothing
    std::string detail;    // the newest failure, in words; empty when well
};

/// Service thread, once a second.
struct HealthSnapshot {
    std::optional<double> score; // 0…100; empty: too little known
    HealthLabel label = HealthLabel::Unknown;
    std::string cap;   // what caps the score, in words; empty if nothing
    std::string raise; // the part that would raise the score most
    std::vector<ProbeRow> probes;
    std::vector<ServiceRow> services;
    std::shared_ptr<const ProbeHistory> history; // never null
    std::vector<HealthPartRow> parts;
    std::vector<ExpectedLoad> expected;         // the newest of each probe, of the last 24 h
    std::shared_ptr<const AlertsView> alerts;   // null before what is stored was read
    std::shared_ptr<const CareSnapshot> care{}; // null before the first
};

/// A job, and how it stands.
struct JobLine {
    std::string name;    // "calibration"
    std::string title;   // "Execution calibration"
    std::string times;   // "every 15 min"
    std::string command; // of an outside one; else empty
    bool isPaused = false;
    bool canPause = true;
    std::string cannotRun;                     // why it cannot be asked for, in words; empty: it can
    std::string waits;                         // why one that is due is not begun yet; empty: it is not held back
    std::optional<UtcMs> next;                 // empty: not by itself, or not known
    std::optional<governance::JobRunRow> last; // that ended, the newest
    std::optional<governance::JobRunRow> now;  // that waits or runs
    friend bool operator==(const JobLine&, const JobLine&) = default;
};

/// Jobs thread, ≤ 4 a second.
struct JobsSnapshot {
    EngineState state = EngineState::Starting;
    std::vector<JobLine> jobs;
    std::shared_ptr<const std::vector<governance::JobRunRow>>
        day;                        // under way in the last 24 h, oldest first; never null
    base::Millis heartbeat{60'000}; // a run that is silent for so long is ended
    std::uint64_t revision = 0;     // grows when a run begins or ends
    std::string detail;             // what is wrong with the jobs themselves, in words
};

} // namespace qd::console
