// The care of the file: what the backup thread wishes, checkpoints and free pages when idle, and who holds the
// write-ahead log back.
#include "base/log.h"
#include "engines/store_engine.h"
#include "storage/backup_store.h"

namespace qd::engines {

using base::Result;
using namespace std::chrono_literals;

namespace {

// The write-ahead log is checkpointed when nothing waits and it is worth it, and in any case before it is large.
constexpr auto careEvery = 2s;
constexpr std::uint64_t idleWalBytes = 1 << 20;
constexpr std::uint64_t mostWalBytes = 64 << 20;
constexpr int pagesAtOnce = 256; // given back to the file system at a time: a few ms
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

// A damaged page is the file's, and must not keep ticks from being written: an answer, or all behind it would wait.
Result<void> StoreEngine::write(StoreCare& item)
{
    if (auto begun = database_.run("SAVEPOINT care"); !begun) {
        return begun;
    }
    auto written = std::visit(Writer{database_}, item.what);
    if (!written && written.error().code != base::ErrorCode::Damaged) {
        return std::unexpected(written.error());
    }
    if (auto ended = database_.run(written ? "RELEASE care" : "ROLLBACK TO care; RELEASE care"); !ended) {
        return ended;
    }
    answers_.emplace_back([&item, written] { item.answer.set_value(written); });
    return {};
}

void StoreEngine::care(bool isIdle)
{
    const auto now = std::chrono::steady_clock::now();
    if (!failure_.empty() || now - caredAt_ < careEvery) {
        return;
    }
    caredAt_ = now;
    watchReaders(now);
    auto done = Result<void>{};
    if (isIdle) {
        const auto released = database_.releaseFreePages(pagesAtOnce);
        done = released ? done : std::unexpected(released.error());
        if (released && *released > 0) {
            hasReleased_ = true;
            caredAt_ = {}; // there may be more: go on when next idle
            return;
        }
    }
    if (done && (hasReleased_ || database_.walBytes() >= (isIdle ? idleWalBytes : mostWalBytes))) {
        hasReleased_ = false;
        done = database_.checkpoint();
    }
    if (!done) {
        base::log(base::LogLevel::Warning, "store", "care: " + base::sentence(done.error()));
    }
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
