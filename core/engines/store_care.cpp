// What the backup thread leaves in the store, and who holds its write-ahead log back.
#include "engines/store_engine.h"
#include "storage/backup_store.h"

namespace qd::engines {

using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto watchEvery = 10s;
constexpr auto watchHeldEvery = 2s;
constexpr std::uint64_t watchedWalBytes = 1 << 20;

struct Writer {
    storage::Database& database;

    Result<std::int64_t> operator()(const health::BackupRow& row) const
    {
        return storage::BackupStore(database).add(row);
    }
    Result<std::int64_t> operator()(const BackupRemoved& removed) const
    {
        auto done = storage::BackupStore(database).markRemoved(removed.id, removed.when);
        return done ? Result<std::int64_t>(removed.id) : std::unexpected(done.error());
    }
    Result<std::int64_t> operator()(const storage::OldBlocks& blocks) const
    {
        auto done = storage::dropBlocks(database, blocks);
        return done ? Result<std::int64_t>(0) : std::unexpected(done.error());
    }
};

} // namespace

Result<void> StoreEngine::write(StoreCare& item)
{
    auto written = std::visit(Writer{database_}, item.what);
    if (!written) {
        return std::unexpected(written.error());
    }
    answers_.emplace_back([&item, written] { item.answer.set_value(written); });
    return {};
}

// A reader of an older moment keeps the log from being written back beyond it. Its age is known from the first look
// that found the log held at the same frame, so it is the least that it can be.
void StoreEngine::watchReaders(SteadyTime now)
{
    if (now - watchedReaders_ < (heldSince_ ? watchHeldEvery : watchEvery)) {
        return;
    }
    watchedReaders_ = now;
    if (database_.walBytes() < watchedWalBytes) {
        heldSince_.reset();
        return;
    }
    const auto log = database_.writeBack();
    if (!log || log->written >= log->frames) {
        heldSince_.reset();
    } else if (!heldSince_ || log->written != heldAt_) {
        heldAt_ = log->written;
        heldSince_ = now;
    }
}

} // namespace qd::engines
