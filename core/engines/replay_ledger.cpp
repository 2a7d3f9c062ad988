#include "engines/replay_ledger.h"

#include "storage/instrument_store.h"
#include "trading/arm.h"

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

Result<void> ReplayLedger::open(const std::filesystem::path& file, const std::vector<market::Instrument>& instruments)
{
    if (auto opened = spool_.open(); !opened || file.empty()) {
        return opened;
    }
    if (std::filesystem::exists(file)) {
        return base::fail(base::ErrorCode::Conflict, file.string(),
                          "it exists already; a replay's ledger is a new file");
    }
    auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    file_ = file;
    database_.emplace(std::move(*database));
    if (auto begun = database_->begin(); !begun) {
        return begun;
    }
    for (const auto& instrument : instruments) {
        auto put = storage::InstrumentStore(*database_).put(instrument);
        if (!put) {
            return std::unexpected(put.error());
        }
        instruments_.emplace(instrument.id, std::move(*put));
    }
    writer_.emplace(*database_);
    return database_->commit(false);
}

Result<void> ReplayLedger::write(const trading::LedgerEvents& events)
{
    const std::scoped_lock lock(mutex_);
    if (auto begun = database_->begin(); !begun) {
        return begun;
    }
    for (const auto& event : events) {
        auto done = Result<void>{};
        if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
            done = writer_->add(*trade, instruments_.at(trade->position.decision.instrument));
        } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
            done = writer_->add(*signal, instruments_.at(signal->decision.instrument));
        }
        if (!done) {
            database_->rollback();
            return done;
        }
    }
    return database_->commit(false);
}

Result<void> ReplayLedger::close()
{
    if (!database_) {
        return {};
    }
    writer_.reset();
    auto done = database_->checkpoint(); // fsyncs what was committed, and leaves one file
    database_.reset();
    return done;
}

void ReplayLedger::remove()
{
    if (!database_) {
        return;
    }
    writer_.reset();
    database_.reset();
    std::error_code ignored;
    for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove(file_.string() + suffix, ignored);
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
            waiting_.push_back(std::move(event));
        }
    }
    events.clear();
    return waiting_.size() < burst ? Result<void>{} : flush();
}

Result<void> LedgerSink::flush()
{
    auto written = waiting_.empty() ? Result<void>{} : ledger_.write(waiting_);
    waiting_.clear();
    return written;
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
