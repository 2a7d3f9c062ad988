// Where a replay leaves what it made: figures, the lines of ledger_hash, the trades themselves where they are wanted,
// and a database of its own where one is wanted (written by a thread of its own; whole, fsynced and named at the end,
// or not there). One ReplayLedger for all threads; one LedgerSink a thread and instrument, whose memory does not grow
// with the ledger unless it keeps trades.
#pragma once

#include "base/channels.h"
#include "base/worker_thread.h"
#include "engines/ledger_spool.h"
#include "storage/database.h"

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>

namespace qd::engines {

/// Of one (strategy, instrument); shadow trades count like the others.
struct RowFigures {
    std::uint64_t trades = 0;
    std::uint64_t won = 0; // net over zero
    std::uint64_t untraded = 0;
    base::Money gross;
    base::Money fees;
    base::Money funding;
    base::Money net;

    void add(const trading::ClosedTrade& trade);
};

class ReplayLedger {
public:
    ReplayLedger() = default;
    ReplayLedger(const ReplayLedger&) = delete;
    ReplayLedger& operator=(const ReplayLedger&) = delete;
    ~ReplayLedger(); // what was not closed leaves no file

    /// `file`: a database that does not exist yet (Conflict); empty: none is made.
    [[nodiscard]] base::Result<void> open(const std::filesystem::path& file,
                                          const std::vector<market::Instrument>& instruments);
    /// There are no more events. close() waits for the rest, and meanwhile the caller may do something else.
    void end();
    /// Committed, and the file closed.
    [[nodiscard]] base::Result<void> close();
    /// Of a replay that failed or was cancelled: the file goes.
    void remove();

    [[nodiscard]] Spool& spool() { return spool_; }
    [[nodiscard]] bool isKept() const { return !file_.empty(); }
    /// Any thread; waits while too much waits to be written. Fails with what made an earlier burst fail.
    [[nodiscard]] base::Result<void> write(trading::LedgerEvents events);

private:
    static constexpr std::size_t mostBursts = 8; // that wait
    static constexpr std::size_t rowsInCommit = 2'048;
    [[nodiscard]] base::Result<void> writeAll(const std::vector<market::Instrument>& instruments);
    [[nodiscard]] base::Result<void> writeBursts(storage::Database& database,
                                                 const std::vector<market::Instrument>& instruments);
    void join();

    std::filesystem::path file_;
    Spool spool_;
    base::BoundedQueue<trading::LedgerEvents> bursts_{mostBursts};
    std::atomic<bool> isComplete_{false}; // end() was called: what is written is to stay
    base::Result<void> written_;          // the writer's, until the queue is closed
    std::optional<base::WorkerThread> writer_;
};

class LedgerSink {
public:
    LedgerSink(ReplayLedger& ledger, const market::Instrument& instrument, bool keepsTrades)
        : ledger_(ledger),
          spool_(ledger.spool(), instrument),
          keepsTrades_(keepsTrades)
    {
    }
    /// Takes what is of the ledger out of `events`, and empties it.
    [[nodiscard]] base::Result<void> take(trading::LedgerEvents& events);
    [[nodiscard]] base::Result<void> finish();

    std::map<std::string, RowFigures, std::less<>> figures; // by strategy
    std::vector<trading::ClosedTrade> trades;               // where they are kept
    Spool::Lines lines;                                     // once finished

private:
    static constexpr std::size_t burst = 256; // events that are handed over together
    [[nodiscard]] base::Result<void> flush();

    ReplayLedger& ledger_;
    SpoolWriter spool_;
    bool keepsTrades_;
    trading::LedgerEvents waiting_; // for the database
};

} // namespace qd::engines
