#include "engines/replay_ledger.h"

#include "storage/instrument_store.h"
#include "storage/ledger_writer.h"
#include "trading/arm.h"

#include <optional>
#include <utility>

namespace qd::engines {

using base::Result;

void RowFigures::add(const trading::ClosedTrade& trade)
{
    ++trades;
    won += trade.net.value > 0 ? 1 : 0;
    gross += trade.gross;
    fees += trade.fees;
    funding += trade.funding;
    net += trade.net;
}

ReplayLedger::~ReplayLedger()
{
    join();
}

void ReplayLedger::join()
{
    bursts_.close();
    writer_.reset();
}

Result<void> ReplayLedger::open(const std::filesystem::path& file, const std::vector<market::Instrument>& instruments)
{
    if (file.empty()) {
        return {};
    }
    if (std::filesystem::exists(file)) {
        return base::fail(base::ErrorCode::Conflict, file.string(),
                          "it exists already; a replay's ledger is a new file");
    }
    file_ = file;
    const auto end = [this](Result<void> result) {
        written_ = std::move(result);
        bursts_.close(); // those who still hand over are told by write()
    };
    writer_.emplace(
        "ledger",
        [this, instruments, end](const std::stop_token& /*the queue ends it*/) { end(writeAll(instruments)); },
        [end](const std::string& what) { end(base::fail(base::ErrorCode::Internal, "replay's ledger", what)); });
    return {};
}

Result<void> ReplayLedger::writeAll(const std::vector<market::Instrument>& instruments)
{
    auto database = storage::Database::create(file_);
    if (!database) {
        return std::unexpected(database.error());
    }
    if (auto begun = database->begin(); !begun) {
        return begun;
    }
    if (auto written = writeBursts(*database, instruments); !written || !isComplete_) {
        return written;
    }
    auto committed = database->commit(false); // finish() syncs all of it
    return committed ? database->finish() : committed;
}

Result<void> ReplayLedger::writeBursts(storage::Database& database, const std::vector<market::Instrument>& instruments)
{
    std::map<base::InstrumentId, market::Instrument> known; // by the archive's id
    for (const auto& instrument : instruments) {
        auto put = storage::InstrumentStore(database).put(instrument);
        if (!put) {
            return std::unexpected(put.error());
        }
        known.emplace(instrument.id, std::move(*put));
    }
    auto writer = storage::LedgerWriter::prepare(database, known);
    if (!writer) {
        return std::unexpected(writer.error());
    }
    std::size_t rows = 0; // since the last commit
    while (!bursts_.isDone()) {
        const auto waiting = bursts_.popAll(std::chrono::hours(1));
        for (const auto& burst : waiting) {
            auto added = writer->add(burst);
            rows += burst.size();
            if (added && rows >= rowsInCommit) {
                rows = 0;
                added = database.commit(false);
                added = added ? database.begin() : added;
            }
            if (!added) {
                return added;
            }
        }
    }
    return {};
}

Result<void> ReplayLedger::write(trading::LedgerEvents events)
{
    // Before end() only the writer closes the queue: when it has failed.
    return bursts_.push(std::move(events)) ? Result<void>{} : written_;
}

void ReplayLedger::end()
{
    isComplete_ = true;
    bursts_.close();
}

Result<void> ReplayLedger::close()
{
    join();
    return written_;
}

void ReplayLedger::remove()
{
    join();
    if (isComplete_ && written_) { // else there is none, or it is another's
        std::error_code ignored;
        std::filesystem::remove(file_, ignored);
        std::filesystem::remove(file_.string() + ".lock", ignored);
    }
}

Result<void> LedgerSink::take(trading::LedgerEvents& events)
{
    for (auto& event : events) {
        auto done = Result<void>{};
        if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
            done = spool_.add(*trade);
            if (!trading::isArm(trade->position.decision.strategy)) { // an arm is in the ledger, but no row of figures
                figures[trade->position.decision.strategy].add(*trade);
                if (keepsTrades_) {
                    trades.push_back(*trade);
                }
            }
        } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
            if (!trading::isArm(signal->decision.strategy)) {
                ++figures[signal->decision.strategy].untraded;
            }
            done = spool_.add(*signal);
        } else {
            continue;
        }
        if (!done) {
            return done;
        }
        if (ledger_.isKept()) {
            if (waiting_.empty()) {
                waiting_.reserve(burst);
            }
            waiting_.push_back(std::move(event));
        }
    }
    events.clear();
    return waiting_.size() < burst ? Result<void>{} : flush();
}

Result<void> LedgerSink::flush()
{
    return waiting_.empty() ? Result<void>{} : ledger_.write(std::exchange(waiting_, {}));
}

Result<void> LedgerSink::finish()
{
    if (auto flushed = flush(); !flushed) {
        return flushed;
    }
    auto all = spool_.finish();
    if (!all) {
        return std::unexpected(all.error());
    }
    lines = std::move(*all);
    return {};
}

} // namespace qd::engines
