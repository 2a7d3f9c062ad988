#include "storage/backup.h"

#include "storage/beside.h"
#include "storage/block_table.h"
#include "storage/database.h"
#include "storage/file_copy.h"
#include "storage/gathered_io.h"
#include "storage/sqlite_errors.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <unistd.h>
#include <utility>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t margin = 16 << 20;
constexpr int pagesAtOnce = 1'024; // 4 MB: how soon it obeys, and how often it tells
constexpr double copied = 0.4;     // its part of the whole way; the proof of the snapshot goes beside

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

Result<void> execute(sqlite3* db, const std::string& sql)
{
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(sqliteError(db, sqlite3_extended_errcode(db), sql));
    }
    return {};
}

Result<Handle> connect(const fs::path& file, const char* vfs = nullptr)
{
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags, vfs);
    Handle db(opened);
    if (code != SQLITE_OK) {
        auto error = sqliteError(db.get(), code, "making a backup");
        error.subject = file.string();
        return std::unexpected(std::move(error));
    }
    return db;
}

base::Error named(base::Error error, const fs::path& file)
{
    error.subject = file.string();
    return error;
}

/// Hands what is written on to the disk, so that the sync at the end has little left to hold others up with.
class OnItsWay {
public:
    explicit OnItsWay(const fs::path& file) : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~OnItsWay()
    {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    OnItsWay(const OnItsWay&) = delete;
    OnItsWay& operator=(const OnItsWay&) = delete;
    void push() const { (void)::sync_file_range(fd_, 0, 0, SYNC_FILE_RANGE_WRITE); }

private:
    int fd_;
};

/// The pages of the snapshot that `source` holds open. A step starts over when somebody has committed since the one
/// before, but only where it has to begin a read transaction of its own for it; within one that is held open it never
/// does, so it can tell how far it is and be stopped.
Result<void> copyPages(Database& source, const fs::path& part, MadeBackup& out, const KeepGoing& keepGoing)
{
    auto copy = connect(part, gatheredIo());
    if (!copy) {
        return std::unexpected(copy.error());
    }
    // Nobody sees the file before it is whole, so nothing of it needs a journal.
    if (auto set = execute(copy->get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4000");
        !set) {
        return set;
    }
    const OnItsWay way(part);
    sqlite3_backup* backup = sqlite3_backup_init(copy->get(), "main", source.handle(), "main");
    if (backup == nullptr) {
        return std::unexpected(sqliteError(copy->get(), sqlite3_extended_errcode(copy->get()), "beginning a backup"));
    }
    int code = SQLITE_OK;
    bool isStopped = false;
    int left = -1;
    while (code == SQLITE_OK && !isStopped) {
        code = sqlite3_backup_step(backup, pagesAtOnce);
        out.pages = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup));
        const int before = std::exchange(left, sqlite3_backup_remaining(backup));
        const auto done = out.pages - static_cast<std::uint64_t>(left);
        out.pagesCopied += before < 0 ? done : before > left ? static_cast<std::uint64_t>(before - left) : done;
        way.push();
        const auto share = static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(1, out.pages));
        isStopped = code == SQLITE_OK && keepGoing && !keepGoing(share);
    }
    const int end = sqlite3_backup_finish(backup);
    if (isStopped) {
        return base::fail(ErrorCode::Cancelled, part.string(), "the backup was stopped");
    }
    if (code != SQLITE_DONE || end != SQLITE_OK) {
        return std::unexpected(sqliteError(copy->get(), end != SQLITE_OK ? end : code, "copying a backup"));
    }
    return {};
}

/// Its header no longer asks for a write-ahead log, so that it is one file to carry about; and it says nothing of what
/// the database itself may once have been restored from.
Result<void> makeOneFile(const fs::path& part)
{
    const auto copy = connect(part);
    if (!copy) {
        return std::unexpected(copy.error());
    }
    return execute(copy->get(), "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF;"
                                "DELETE FROM backup_origin");
}

/// What it is a backup of, which only one that was proven says.
Result<void> seal(const fs::path& part, const BackupWish& wish, const DatabaseProof& proof)
{
    auto copy = connect(part);
    if (!copy) {
        return std::unexpected(copy.error());
    }
    if (auto set = execute(copy->get(), "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=OFF"); !set) {
        return set;
    }
    sqlite3_stmt* made = nullptr;
    int code = sqlite3_prepare_v2(copy->get(), "INSERT INTO backup_origin VALUES(1,?,?,?,?)", -1, &made, nullptr);
    if (code == SQLITE_OK) {
        const auto name = wish.database.stem().string();
        const auto hash = proof.hash();
        sqlite3_bind_text(made, 1, name.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_bind_int64(made, 2, wish.now.value);
        sqlite3_bind_int64(made, 3, static_cast<sqlite3_int64>(proof.rows()));
        sqlite3_bind_text(made, 4, hash.c_str(), -1, SQLITE_TRANSIENT);
        code = sqlite3_step(made);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    }
    sqlite3_finalize(made);
    if (code != SQLITE_OK) {
        return std::unexpected(sqliteError(copy->get(), code, "naming a backup"));
    }
    copy->reset();
    const auto read = originOf(part); // as a restore will
    if (!read) {
        return std::unexpected(read.error());
    }
    const bool isSame = *read && (*read)->hash == proof.hash() && (*read)->rows == proof.rows();
    return isSame ? Result<void>{} : base::fail(ErrorCode::Damaged, part.string(), "its seal cannot be read");
}

/// Begins a view of `one` and of `other` on the same moment, so that one can be copied while the other is hashed.
/// Somebody may commit between the two beginnings; `other` then sees another version of the data than just before, and
/// both begin once more.
Result<void> beginTogether(Database& one, std::optional<ReadTransaction>& first, Database& other,
                           std::optional<ReadTransaction>& second)
{
    constexpr int tries = 1'000; // a store commits some ten times a second, and a try takes less than a tenth of a ms
    for (int i = 0; i < tries; ++i) {
        const auto before = other.number("PRAGMA data_version");
        first.emplace(one);
        const auto held = one.number("SELECT count(*) FROM sqlite_schema"); // BEGIN alone holds nothing
        second.emplace(other);
        const auto after = other.number("PRAGMA data_version");
        for (const auto* read : {&before, &held, &after}) {
            if (!*read) {
                return std::unexpected(read->error());
            }
        }
        for (const auto* begun : {&first->begun(), &second->begun()}) {
            if (!*begun) {
                return *begun;
            }
        }
        if (*before == *after) {
            return {};
        }
        first.reset();
        second.reset();
    }
    return base::fail(ErrorCode::Busy, one.path().string(), "others write to it without a pause");
}

/// The copy, what was restored of it into the scratch file, and on a thread beside the proof of the snapshot.
Result<DatabaseProof> copyAndProve(const BackupWish& wish, const fs::path& part, const fs::path& scratch,
                                   MadeBackup& out)
{
    auto source = Database::open(wish.database, Database::Mode::ReadOnly);
    auto same = source ? Database::open(wish.database, Database::Mode::ReadOnly) : std::unexpected(source.error());
    if (!same) {
        return std::unexpected(same.error());
    }
    std::optional<ReadTransaction> snapshot;
    std::optional<ReadTransaction> proven;
    if (auto begun = beginTogether(*source, snapshot, *same, proven); !begun) {
        return std::unexpected(begun.error());
    }
    DatabaseProof proof;
    Beside proving([&](const KeepGoing& goesOn) -> Result<void> {
        auto made = proofOf(same->handle(), goesOn);
        proven.reset(); // the log can be written back
        if (!made) {
            return std::unexpected(made.error());
        }
        proof = std::move(*made);
        return {};
    });
    const auto within = [&](double from, double to) {
        return [&, from, to](double share) { return !wish.keepGoing || wish.keepGoing(from + share * (to - from)); };
    };
    const auto began = std::chrono::steady_clock::now();
    auto done = copyPages(*source, part, out, within(0, copied));
    out.copySeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    snapshot.reset();
    done = done ? makeOneFile(part) : done;
    if (!done) {
        return std::unexpected(named(done.error(), wish.file));
    }
    auto restored = restoreInto(part, scratch, within(copied, 1), CopyIs::Scratch);
    if (!restored) {
        return std::unexpected(named(restored.error(), wish.file));
    }
    out.restored = std::move(*restored);
    if (done = proving.end([&](double) { return !wish.keepGoing || wish.keepGoing(1); }); !done) {
        return std::unexpected(done.error());
    }
    return proof;
}

Result<void> make(const BackupWish& wish, const fs::path& part, const fs::path& scratch, MadeBackup& out)
{
    const auto proof = copyAndProve(wish, part, scratch, out);
    if (!proof) {
        return std::unexpected(proof.error());
    }
    if (const auto other = difference(*proof, out.restored.proof); !other.empty()) {
        return base::fail(ErrorCode::Damaged, wish.file.string(),
                          "what was restored from it is not what was backed up: " + other);
    }
    auto done = seal(part, wish, *proof);
    done = done ? syncFile(part) : done;
    if (!done) {
        return std::unexpected(named(done.error(), wish.file));
    }
    std::error_code missing;
    out.bytes = fs::file_size(part, missing);
    if (std::error_code unreadable; fs::exists(wish.file, unreadable)) { // came meanwhile
        return base::fail(ErrorCode::AlreadyExists, wish.file.string(), "a backup overwrites nothing");
    }
    return renameFile(part, wish.file);
}

std::string grouped(std::uint64_t n)
{
    auto out = std::to_string(n);
    for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) {
        out.insert(static_cast<std::size_t>(at), ",");
    }
    return out;
}

} // namespace

std::string proofText(const Restored& restored)
{
    auto out = std::to_string(restored.proof.tables.size()) + " tables, " + grouped(restored.proof.rows()) +
               " rows and " + grouped(restored.blocks) + " blocks restored and compared, sha256 " +
               restored.proof.hash().substr(0, 16);
    if (!restored.badBlocks.empty()) {
        out += "; " + std::to_string(restored.badBlocks.size()) + " blocks cannot be read, in the database too (" +
               base::sentence(restored.badBlocks.front()) + ")";
    }
    return out;
}

Result<MadeBackup> makeBackup(const BackupWish& wish)
{
    std::error_code ignored;
    const auto folder = wish.file.has_parent_path() ? wish.file.parent_path() : fs::path(".");
    if (fs::exists(wish.file, ignored)) {
        return base::fail(ErrorCode::AlreadyExists, wish.file.string(), "a backup overwrites nothing");
    }
    std::uint64_t size = 0;
    for (const auto* beside : {"", "-wal"}) {
        std::error_code missing;
        const auto bytes = fs::file_size(wish.database.string() + beside, missing);
        size += missing ? 0 : bytes;
    }
    if (auto room = needRoom(folder, 2 * size + margin); !room) { // the copy, and what is restored from it
        return std::unexpected(room.error());
    }
    const fs::path part = wish.file.string() + ".part";
    const fs::path scratch = wish.file.string() + ".scratch";
    removeDatabase(part);
    MadeBackup out;
    const auto done = make(wish, part, scratch, out);
    removeDatabase(scratch);
    removeDatabase(part);
    return done ? Result<MadeBackup>(std::move(out)) : std::unexpected(done.error());
}

fs::path backupFile(const fs::path& folder, const fs::path& database, base::UtcMs now)
{
    return folder / (database.stem().string() + "-" + fileStamp(now) + ".db");
}

} // namespace qd::storage
