// What travels between the engines' threads: moved values and shared_ptr<const T>, nothing else.
#pragma once

#include "base/channels.h"
#include "console/commands.h"
#include "console/events.h"
#include "console/snapshots.h"
#include "governance/decision.h"
#include "health/backups.h"
#include "market/instrument.h"
#include "market/tick.h"
#include "storage/alert_store.h"
#include "storage/candle_fill.h"
#include "storage/decision_writer.h"
#include "storage/experiment_store.h"
#include "storage/job_store.h"
#include "storage/journal_store.h"
#include "storage/learning_record.h"
#include "storage/ledger_store.h"
#include "storage/night_store.h"
#include "storage/review_store.h"
#include "storage/tick_retention.h"
#include "trading/closed_trade.h"
#include "trading/learned_slippage.h"
#include "trading/ledger_page.h"
#include "trading/null_result.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace qd::engines {

using SteadyTime = std::chrono::steady_clock::time_point;
using SharedBatch = std::shared_ptr<const market::StreamBatch>;

/// Ingest → store: ticks, quotes, late ticks and gap marks, numbered. A gap mark is followed in the same batch by the
/// tick of its instrument that ends the gap.
struct StoreTicks {
    SharedBatch batch;
    SteadyTime handedOver;
};

struct SavedPaperState {
    base::InstrumentId instrument;
    base::StreamNumber number;
    std::string bytes;
};

/// Paper → store. Shown only once acknowledged.
struct StoreLedger {
    std::uint64_t sequence = 0;
    std::shared_ptr<const trading::LedgerEvents> events;
    std::vector<storage::SavedEquity> equity;
    std::vector<SavedPaperState> states;
};

/// Told on the store's thread once the decision is committed: its id in the journal.
using DecisionAnswer = std::shared_ptr<std::promise<base::Result<std::int64_t>>>;

/// Paper → store: a decision, committed as a whole: journal, roster, policy, try, inputs, and the proposal it came of.
struct StoreDecision {
    std::uint64_t sequence = 0;
    console::CommandId command = 0;
    storage::DecisionRows rows;
    std::optional<std::int64_t> proposal{};
    DecisionAnswer answer{};  // null: nobody waits
    std::int64_t journal = 0; // its id, once it is written
};

/// Ingest → store: the instruments of the feed; answered with their ids.
struct StoreInstruments {
    std::vector<market::Instrument> wanted;
    std::promise<base::Result<std::vector<market::Instrument>>> answer;
};

/// Ingest → store: rows of the gap ledger, new or better known.
struct StoreGaps {
    std::vector<storage::GapRow> rows;
};

/// Ingest → store: which days of candles are missing, answered newest first.
struct StoreFillPlan {
    base::InstrumentId instrument;
    base::UtcMs from; // days of these times
    base::UtcMs to;
    std::promise<base::Result<std::vector<base::UtcMs>>> answer;
};

/// Ingest → store: a day of back-filled minutes; answered, once committed, with the candles that it added.
struct StoreFill {
    base::InstrumentId instrument;
    base::UtcMs day;
    std::vector<market::Candle> minutes;
    base::UtcMs until; // nothing from here on
    bool isWhole = false;
    std::promise<base::Result<storage::CandlesByTimeframe>> answer;
};

/// Ingest → store: a choice of the operator's for this feed; answered by CommandDone when committed.
struct StoreChoice {
    console::CommandId command = 0;
    std::optional<std::vector<std::string>> wanted; // instruments
    std::optional<bool> historyCancelled;
    std::optional<storage::JournalEntry> journal;
};

/// Paper → store: recorded inputs that are no decision's.
struct StoreInputs {
    std::uint64_t sequence = 0;
    std::vector<storage::SwitchInput> inputs;
};

/// Paper → store: tries of parameters, each added once.
struct StoreTrials {
    std::vector<trading::TrialRow> rows;
};

/// Calibrator → store: what was learned of execution, and the journal's row where it is told.
struct StoreCalibration {
    base::UtcMs time;
    std::vector<trading::LearnedSlippage> rows;
    std::optional<storage::JournalEntry> journal;
};

/// Lab → store: figures of a noise null; answered when they are committed.
struct StoreNull {
    std::vector<trading::NullResult> results;
    std::promise<base::Result<void>> answer;
};

/// Governor → store: a review, dismissals, a sign-off, a night, a note; answered with the journal's row when committed.
struct StoreGovernance {
    storage::GovernanceRecord record;
    std::promise<base::Result<std::int64_t>> answer;
};

/// Retrain → store: a run that begins or ends, days, drift, tries; answered with the run's id when committed.
struct StoreLearning {
    storage::LearningRecord record;
    std::promise<base::Result<std::int64_t>> answer;
};

/// Service → store: alerts that changed, and how their channels do; answered by CommandDone when it was a wish.
struct StoreAlerts {
    console::CommandId command = 0; // 0: nobody waits
    std::vector<health::Alert> alerts;
    std::vector<storage::AlertChannel> channels;
    std::optional<storage::HealthNow> health{};
};

/// Scheduler → store: jobs, runs, lines of their logs; answered when they are committed, unless nobody waits (null).
struct StoreJobs {
    storage::JobRecord record;
    std::shared_ptr<std::promise<base::Result<void>>> answer{};
};
/// Night report → store: answered when it is committed.
struct StoreNight {
    storage::NightReportRow row;
    std::promise<base::Result<void>> answer{};
};
/// A backup that was rotated away.
struct BackupRemoved {
    std::int64_t id = 0;
    base::UtcMs when;
};
/// Backup thread → store: a row of the table of backups, or blocks that the retention of ticks lets go; answered with
/// the row's id when committed.
struct StoreCare {
    std::variant<health::BackupRow, BackupRemoved, storage::OldBlocks> what;
    std::promise<base::Result<std::int64_t>> answer;
};

struct RecoveredPaper; // engines/recovery.h

/// Paper → store: paper failed and starts anew from what is committed.
struct StoreRecovery {
    std::promise<base::Result<std::shared_ptr<RecoveredPaper>>> answer;
};

using StoreItem =
    std::variant<StoreTicks, StoreLedger, StoreDecision, StoreInstruments, StoreRecovery, StoreGaps, StoreFillPlan,
                 StoreFill, StoreChoice, StoreInputs, StoreTrials, StoreCalibration, StoreNull, StoreGovernance,
                 StoreLearning, StoreAlerts, StoreJobs, StoreNight, StoreCare>;
using StoreQueue = base::BoundedQueue<StoreItem>;

/// Ingest → paper: these are subscribed, or have been changed. Those with a departure take no new entries; once such a
/// one has no order and no position left, paper says so (Departures).
struct PaperInstruments {
    std::vector<market::Instrument> instruments;
    std::map<base::InstrumentId, std::uint64_t> departures; // numbered, so that an answer is known to be to this one
};

/// Ingest → paper: candles from REST, committed, for the charts alone.
struct PaperHistory {
    base::InstrumentId instrument;
    storage::CandlesByTimeframe candles;
};
/// Calibrator → paper: what market orders are charged from now on, as textOf(ExecutionCharge).
struct PaperCalibration {
    std::map<base::InstrumentId, std::string> charges;
};
using PaperItem = std::variant<SharedBatch, PaperInstruments, PaperHistory, PaperCalibration>;

/// Paper → ingest: the departures of which nothing is under way any more; the whole list each time.
using Departures = std::map<base::InstrumentId, std::uint64_t>;
using PaperQueue = base::BoundedQueue<PaperItem>;

/// Governor → paper: a decision whose evidence was looked at, to be carried out as a whole. Paper checks it against the
/// roster and policy in force, applies it between two items, and hands it to the store as one transaction.
struct CarryOut {
    governance::Decision decision;
    std::map<std::string, std::string> parameters{}; // text by hash, of its Record changes
    std::optional<trading::TrialRow> trial{};
    std::string redReason{};                             // promoted against red gates: marks the row
    std::optional<std::int64_t> proposal{};              // of which it came
    std::optional<storage::ExperimentStep> experiment{}; // that it begins, ends or extends: its arms go with it
    std::vector<storage::AddedModel> models{};           // that its changes add; their versions lie on the shelf
    /// The decision's id in the journal once it is committed, or why it was refused; null: nobody waits.
    DecisionAnswer answer{};
};

struct PaperCommand {
    console::CommandId id = 0; // 0: nobody waits for an answer
    std::variant<console::Command, CarryOut> command;
};
using PaperCommands = base::BoundedQueue<PaperCommand>;

/// An engine's pulse: written by its thread, read by the service thread, which thus sees a hung thread without asking
/// it.
struct Heartbeat {
    std::atomic<std::int64_t> startedMs{0}; // UTC; 0 while it does not run
    std::atomic<std::int64_t> beatMs{0};
    std::atomic<std::uint32_t> restarts{0};
    std::atomic<console::EngineState> state{console::EngineState::Idle};

    void start(base::UtcMs now)
    {
        startedMs = now.value;
        beat(now);
    }
    void beat(base::UtcMs now) { beatMs = now.value; }
};

/// Events for whoever looks on; keeps the newest 10,000 for one who does not come. Any thread.
class EventLog {
public:
    void push(console::Event event)
    {
        const std::scoped_lock lock(mutex_);
        if (const auto* done = std::get_if<console::CommandDone>(&event); done != nullptr) {
            if (auto waits = awaited_.extract(done->id)) {
                waits.mapped().set_value(done->error);
                return;
            }
        }
        if (events_.size() >= most) {
            events_.pop_front();
        }
        events_.push_back(std::move(event));
    }
    [[nodiscard]] std::vector<console::Event> take()
    {
        const std::scoped_lock lock(mutex_);
        std::vector<console::Event> out(std::make_move_iterator(events_.begin()),
                                        std::make_move_iterator(events_.end()));
        events_.clear();
        return out;
    }

    /// The end of a command that is still to be sent, for one who waits for it; it is then no event. Call forget() when
    /// nobody waits any more.
    [[nodiscard]] std::future<std::optional<base::Error>> awaitEnd(console::CommandId id)
    {
        const std::scoped_lock lock(mutex_);
        return awaited_[id].get_future();
    }
    void forget(console::CommandId id)
    {
        const std::scoped_lock lock(mutex_);
        awaited_.erase(id);
    }

private:
    static constexpr std::size_t most = 10'000;
    std::mutex mutex_;
    std::deque<console::Event> events_;
    std::map<console::CommandId, std::promise<std::optional<base::Error>>> awaited_;
};

} // namespace qd::engines
