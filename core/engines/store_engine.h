// Owns the one write connection. run() is the store thread's body: it takes what the queue holds, writes it in one
// transaction, commits, and only then acknowledges. A failed write is kept and tried again each second: nothing that
// was handed over is dropped, the queue fills and pushes back; it says so once, and `storeIsFailing` is set until a
// write succeeds. The ledger's commits are fsynced, those of ticks are not. When idle it checkpoints and frees unused
// pages.
#pragma once

#include "base/policy.h"
#include "engines/engine_messages.h"
#include "engines/meters.h"
#include "storage/database.h"
#include "storage/tick_archive.h"

#include <functional>
#include <map>
#include <span>
#include <stop_token>

namespace qd::engines {

class StoreEngine {
public:
    struct Links {
        StoreQueue& queue;
        base::Mailbox<console::StoreSnapshot>& screen;
        EventLog& events;
        Heartbeat& pulse;
        const base::Clock& clock;
        std::atomic<std::uint64_t>& acknowledged; // the newest sequence of paper's that is committed
        std::atomic<bool>& storeIsFailing;        // from the first failed write to the next good one
        std::function<void(std::span<const StoreItem>)> committed = {}; // told after each commit, on the store thread
        /// Within a decision's transaction: the proposal that it came of is applied by that row of the journal.
        std::function<base::Result<void>(storage::Database&, std::int64_t proposal, std::int64_t journal)> applied = {};
        std::shared_ptr<const trading::ModelLibrary> library = {}; // that a recovered paper goes on with
    };
    /// `ticksBefore`: what the archive holds already, for the figure on screen.
    StoreEngine(storage::Database& database, const base::PaperPolicy& policy, Links links, std::uint64_t ticksBefore);

    /// Until the queue is closed and drained; then checkpoints. After `abandon` a write that still fails is given up,
    /// with a count of what was lost.
    void run(const std::stop_token& abandon);

private:
    [[nodiscard]] base::Result<void> writeAll(std::vector<StoreItem>& burst);
    [[nodiscard]] base::Result<void> write(StoreTicks& item);
    [[nodiscard]] base::Result<void> write(StoreLedger& item);
    [[nodiscard]] base::Result<void> write(StoreDecision& item);
    [[nodiscard]] base::Result<void> write(StoreInstruments& item);
    [[nodiscard]] base::Result<void> write(StoreRecovery& item);
    [[nodiscard]] base::Result<void> write(StoreGaps& item);
    [[nodiscard]] base::Result<void> write(StoreFillPlan& item);
    [[nodiscard]] base::Result<void> write(StoreFill& item);
    [[nodiscard]] base::Result<void> write(StoreChoice& item);
    [[nodiscard]] base::Result<void> write(StoreInputs& item);
    [[nodiscard]] base::Result<void> write(StoreTrials& item);
    [[nodiscard]] base::Result<void> write(StoreCalibration& item);
    [[nodiscard]] base::Result<void> write(StoreNull& item);
    [[nodiscard]] base::Result<void> write(StoreGovernance& item);
    [[nodiscard]] base::Result<void> write(StoreLearning& item); // store_learning.cpp
    [[nodiscard]] base::Result<void> write(StoreAlerts& item);   // store_alerts.cpp
    [[nodiscard]] base::Result<void> write(StoreJobs& item);     // likewise
    [[nodiscard]] base::Result<void> write(StoreCare& item);     // store_care.cpp
    void watchReaders(SteadyTime now);                           // likewise
    [[nodiscard]] base::Result<void> writeCollectedTicks();
    void answerRecoveries(std::vector<StoreItem>& burst);
    void giveUp(const std::vector<StoreItem>& burst);
    void settle(std::vector<StoreItem>& burst);
    void acknowledge(const StoreDecision& decision);
    void fail(const base::Error& error, std::size_t batches);
    void care(bool isIdle);
    void publish(bool force);

    storage::Database& database_;
    const base::PaperPolicy policy_;
    Links links_;
    storage::TickArchiveWriter archive_;
    storage::LedgerStore ledger_;
    storage::CandleStore candles_;
    storage::CandleFill fill_;

    // store thread only
    struct Collected {
        std::vector<storage::NumberedTick> ticks;
        std::vector<storage::NumberedQuote> quotes;
    };
    std::map<base::InstrumentId, Collected> collected_; // of the burst, an instrument at a time
    std::vector<std::pair<base::InstrumentId, storage::NumberedTick>> late_;
    std::vector<std::function<void()>> answers_; // given once the burst is committed
    std::uint64_t ticks_;
    std::uint64_t burstTicks_ = 0;
    RateMeter rate_;
    double worstLagMs_ = 0;
    SteadyTime worstSince_;
    SteadyTime published_;
    SteadyTime synced_;
    SteadyTime caredAt_;
    bool hasReleased_ = false; // pages, which the file loses at the next checkpoint
    SteadyTime watchedReaders_;
    std::uint64_t heldAt_ = 0; // frames of the log that could be written back; a reader wants the others
    std::optional<SteadyTime> heldSince_;
    std::string failure_;
    base::UtcMs failingSince_;
};

} // namespace qd::engines
