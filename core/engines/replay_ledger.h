// Where a replay leaves what it made: figures, the lines of ledger_hash, the trades themselves where they are wanted,
// and a database of its own where one is wanted (durable: committed in bursts, fsynced at the end). One ReplayLedger
// for all threads; one LedgerSink a thread and instrument, whose memory does not grow with the ledger unless it keeps
// trades.
#pragma once

#include "engines/ledger_spool.h"
#include "storage/database.h"
#include "storage/ledger_writer.h"

#include <filesystem>
#include <map>
#include <mutex>
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
    /// `file`: a database that does not exist yet (Conflict); empty: none is made.
    [[nodiscard]] base::Result<void> open(const std::filesystem::path& file,
                                          const std::vector<market::Instrument>& instruments);
    /// Committed, and the file closed.
    [[nodiscard]] base::Result<void> close();
    /// Of a replay that failed or was cancelled: the file goes.
    void remove();

    [[nodiscard]] Spool& spool() { return spool_; }
    [[nodiscard]] bool isKept() const { return database_.has_value(); }
    /// Any thread.
    [[nodiscard]] base::Result<void> write(const trading::LedgerEvents& events);

private:
    std::filesystem::path file_;
    Spool spool_;
    std::mutex mutex_; // of the rest
    std::optional<storage::Database> database_;
    std::optional<storage::LedgerWriter> writer_;
    std::map<base::InstrumentId, market::Instrument> instruments_; // by the archive's id, as the ledger knows them
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
    static constexpr std::size_t burst = 1'024; // events of one commit
    [[nodiscard]] base::Result<void> flush();

    ReplayLedger& ledger_;
    SpoolWriter spool_;
    bool keepsTrades_;
    trading::LedgerEvents waiting_; // for the database
};

} // namespace qd::engines
