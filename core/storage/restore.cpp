#include "storage/restore.h"

#include "storage/beside.h"
#include "storage/block_checksums.h"
#include "storage/database.h"
#include "storage/file_copy.h"
#include "storage/gathered_io.h"
#include "storage/schema_migrator.h"
#include "storage/sqlite_errors.h"
#include "storage/tick_archive.h"
#include "storage/writer_lock.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sqlite3.h>
#include <sys/stat.h>
#include <system_error>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t margin = 8 << 20;

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

/// Its parts of the whole way: copying, its hash, with its structure beside; the rest is for blocks read after that.
constexpr double copied = 0.2;
constexpr double hashed = 0.8;

KeepGoing within(const KeepGoing& whole, double from, double to)
{
    return [&whole, from, to](double part) { return !whole || whole(from + part * (to - from)); };
}

/// Of a file that nobody writes to; nothing may be laid beside it, as on a medium that cannot be written.
Result<Handle> connect(const fs::path& file)
{
    std::string uri = "file:";
    for (const char c : fs::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
            constexpr const char* digits = "0123456789abcdef";
            uri += {'%', digits[(static_cast<unsigned char>(c) >> 4) & 15], digits[static_cast<unsigned char>(c) & 15]};
        } else {
            uri += c;
        }
    }
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        (uri + "?immutable=1").c_str(), &opened,
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, gatheredIo());
    Handle db(opened);
    if (code != SQLITE_OK) {
        auto error = sqliteError(db.get(), code, "opening a backup");
        error.subject = file.string();
        return std::unexpected(std::move(error));
    }
    return db;
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

Result<std::unique_ptr<sqlite3_stmt, Finalize>> prepare(sqlite3* db, const char* sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
    std::unique_ptr<sqlite3_stmt, Finalize> owned(statement);
    if (code != SQLITE_OK) {
        return std::unexpected(sqliteError(db, code, sql));
    }
    return owned;
}

std::string text(sqlite3_stmt* row, int column)
{
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return bytes != nullptr ? bytes : "";
}

Result<std::optional<BackupOrigin>> originIn(sqlite3* db)
{
    if (const auto version = schemaVersion(db, embeddedMigrations().back().number); !version) {
        return std::unexpected(version.error());
    }
    auto known = prepare(db, "SELECT 1 FROM sqlite_schema WHERE name='backup_origin'");
    if (!known) {
        return std::unexpected(known.error());
    }
    if (sqlite3_step(known->get()) != SQLITE_ROW) {
        return std::optional<BackupOrigin>();
    }
    auto row = prepare(db, "SELECT database,made,rows,hash FROM backup_origin");
    if (!row) {
        return std::unexpected(row.error());
    }
    const int code = sqlite3_step(row->get());
    if (code == SQLITE_DONE) {
        return std::optional<BackupOrigin>();
    }
    if (code != SQLITE_ROW) {
        return std::unexpected(sqliteError(db, code, "reading what it is a backup of"));
    }
    BackupOrigin origin{.database = text(row->get(), 0),
                        .made = {sqlite3_column_int64(row->get(), 1)},
                        .rows = static_cast<std::uint64_t>(sqlite3_column_int64(row->get(), 2)),
                        .hash = text(row->get(), 3)};
    // It becomes the name of a file in the data directory, and may come from anywhere.
    if (origin.database.empty() || origin.database.front() == '.' || origin.database.find('/') != std::string::npos) {
        return base::fail(ErrorCode::Damaged, "", "it names no database that it could be a backup of");
    }
    return origin;
}

/// Cancelled once `keepGoing`, asked some hundred times a second, answers false.
Result<void> checkStructure(sqlite3* db, const fs::path& file, const KeepGoing& keepGoing)
{
    constexpr int steps = 10'000; // of SQLite's machine between two questions
    sqlite3_progress_handler(
        db, steps, [](void* asked) { return (*static_cast<const KeepGoing*>(asked))(0) ? 0 : 1; },
        const_cast<KeepGoing*>(&keepGoing)); // NOLINT: given back as it was
    const struct Done {
        sqlite3* db;
        ~Done() { sqlite3_progress_handler(db, 0, nullptr, nullptr); }
    } done{db};
    auto row = prepare(db, "PRAGMA quick_check(1)");
    if (!row) {
        return std::unexpected(row.error());
    }
    const int code = sqlite3_step(row->get());
    if (code == SQLITE_INTERRUPT) {
        return base::fail(ErrorCode::Cancelled, file.string(), "it was cancelled");
    }
    if (code != SQLITE_ROW) {
        return std::unexpected(sqliteError(db, code, "checking its structure"));
    }
    const auto found = text(row->get(), 0);
    return found == "ok" ? Result<void>{} : base::fail(ErrorCode::Damaged, file.string(), found);
}

/// What it says of itself. False: an older program's, which is yet to be brought up to date.
Result<bool> readOrigin(const fs::path& copy, Restored& out)
{
    const auto db = connect(copy);
    if (!db) {
        return std::unexpected(db.error());
    }
    auto origin = originIn(db->get());
    const auto version = schemaVersion(db->get(), embeddedMigrations().back().number);
    if (!origin || !version) {
        return std::unexpected(!origin ? origin.error() : version.error());
    }
    out.origin = std::move(*origin);
    return *version == embeddedMigrations().back().number;
}

/// Its hash, as it lies there.
Result<void> checkHash(const fs::path& copy, Restored& out, const KeepGoing& keepGoing, const RowSeen& seen)
{
    const auto db = connect(copy);
    if (!db) {
        return std::unexpected(db.error());
    }
    auto proof = proofOf(db->get(), keepGoing, seen);
    if (!proof) {
        return std::unexpected(proof.error());
    }
    out.proof = std::move(*proof);
    if (out.origin && (out.origin->rows != out.proof.rows() || out.origin->hash != out.proof.hash())) {
        return base::fail(ErrorCode::Damaged, copy.string(),
                          "it is not what was backed up: " + std::to_string(out.proof.rows()) + " rows of " +
                              std::to_string(out.origin->rows) + ", or other values in them");
    }
    return {};
}

/// Its structure, on a thread beside, and its hash.
Result<void> checkFile(const fs::path& copy, Restored& out, const KeepGoing& keepGoing, const RowSeen& seen = {})
{
    const auto checked = connect(copy);
    if (!checked) {
        return std::unexpected(checked.error());
    }
    Beside structure([&](const KeepGoing& goesOn) { return checkStructure(checked->get(), copy, goesOn); });
    const auto read = checkHash(copy, out, within(keepGoing, copied, hashed), seen);
    if (!read && read.error().code == ErrorCode::Cancelled) {
        return read; // the check is stopped with it
    }
    const auto found = structure.end(read ? within(keepGoing, hashed, hashed) : KeepGoing{});
    return !found ? found : read; // what is wrong with its structure says more
}

/// Every block; `isHashed`: their bytes are compared in other ways too.
Result<void> checkBlocks(const fs::path& copy, bool isHashed, Restored& out, const KeepGoing& keepGoing)
{
    auto database = Database::open(copy, Database::Mode::ReadOnly);
    if (!database) {
        return std::unexpected(database.error());
    }
    if (isHashed) {
        auto checked = checkBlockChecksums(*database, keepGoing);
        if (!checked) {
            return std::unexpected(checked.error());
        }
        out.badBlocks = std::move(checked->bad);
        out.blocks = checked->blocks;
        return {};
    }
    TickArchive archive(*database);
    auto bad = archive.verify(keepGoing);
    if (!bad) {
        return std::unexpected(bad.error());
    }
    out.badBlocks = std::move(*bad);
    out.blocks = archive.blocksDecoded();
    return {};
}

/// A backup has no log; turning it into a database that has one syncs the file. Of a scratch file that would push every
/// byte to the disk just before it is removed, so it is turned here first, without.
Result<void> giveLogUnsynced(const fs::path& copy)
{
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(copy.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const Handle db(opened);
    const char* settings = "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL";
    if (code != SQLITE_OK || sqlite3_exec(db.get(), settings, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(sqliteError(db.get(), sqlite3_extended_errcode(db.get()), "opening what was restored"));
    }
    return {};
}

/// As the console would, which brings it up to date.
Result<void> openOnce(const fs::path& copy, CopyIs purpose)
{
    if (purpose == CopyIs::Scratch) {
        if (auto turned = giveLogUnsynced(copy); !turned) {
            return turned;
        }
    }
    auto database = Database::open(copy, Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    return database->checkpoint(); // the file alone is renamed; closing would not say that the log could not be folded
}

/// Hash and blocks by one reading of its rows.
Result<void> checkFileAndBlocks(const fs::path& copy, Restored& out, const KeepGoing& keepGoing)
{
    auto heads = Database::open(copy, Database::Mode::ReadOnly);
    auto blocks = heads ? BlockChecksumsBeside::begin(*heads) : std::unexpected(heads.error());
    if (!blocks) {
        return std::unexpected(blocks.error());
    }
    const auto done = checkFile(copy, out, keepGoing,
                                [&](const std::string& table, sqlite3_stmt* row) { (*blocks)->see(table, row); });
    if (done) {
        auto checked = (*blocks)->end();
        out.badBlocks = std::move(checked.bad);
        out.blocks = checked.blocks;
    }
    return done;
}

Result<void> checkCopy(const fs::path& copy, CopyIs purpose, Restored& out, const KeepGoing& keepGoing)
{
    const auto isCurrent = readOrigin(copy, out);
    if (!isCurrent) {
        return std::unexpected(isCurrent.error());
    }
    const bool isHashed = purpose == CopyIs::Scratch || out.origin.has_value();
    if (*isCurrent && isHashed) {
        const auto done = checkFileAndBlocks(copy, out, keepGoing);
        return done ? openOnce(copy, purpose) : done;
    }
    // Of an older program's the blocks can be read only when it is up to date, and its hash only before.
    auto done = checkFile(copy, out, keepGoing);
    done = done ? openOnce(copy, purpose) : done;
    return done ? checkBlocks(copy, isHashed, out, within(keepGoing, hashed, 1)) : done;
}

fs::path stagedFor(const fs::path& database)
{
    return database.string() + ".restoring";
}

std::uint64_t bytesOf(const fs::path& file)
{
    std::error_code missing;
    const auto bytes = fs::file_size(file, missing);
    return missing ? 0 : bytes;
}

/// What was written last is still in the write-ahead log where nobody closed the database in peace.
void foldLog(const fs::path& database)
{
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const Handle db(opened);
    if (code == SQLITE_OK) {
        sqlite3_exec(db.get(), "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    }
}

fs::path folderOf(const fs::path& file)
{
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

bool isThere(const fs::path& file)
{
    std::error_code unreadable;
    return fs::exists(file, unreadable);
}

/// Whether it is one that has a log beside it: a backup has none, and what lies beside it is another one's.
bool hasLog(const fs::path& database)
{
    constexpr std::streamoff version = 18; // of the header: 1 a journal, 2 a log
    std::ifstream header(database, std::ios::binary);
    return header.seekg(version) && header.get() == 2 && bytesOf(database.string() + "-wal") > 0;
}

/// The copy, with what a database that was not closed in peace still has in its log: one that was kept, or brought
/// here from a machine that died.
Result<void> copyWithLog(const fs::path& backup, const fs::path& copy, bool isKept, const KeepGoing& keepGoing)
{
    std::optional<Result<WriterLock>> lock; // nobody may write to it meanwhile
    if (isThere(backup.string() + ".lock")) {
        lock = WriterLock::take(backup);
        if (!*lock && lock->error().code == ErrorCode::Busy) {
            return std::unexpected(lock->error());
        }
    }
    auto done = copyFile(backup, copy, isKept, keepGoing);
    if (!done || !hasLog(backup)) {
        return done;
    }
    const fs::path copiedLog = copy.string() + "-wal";
    if (done = copyFile(backup.string() + "-wal", copiedLog, isKept, {}); !done) {
        return done;
    }
    foldLog(copy);
    return bytesOf(copiedLog) == 0
               ? done
               : base::fail(ErrorCode::Damaged, backup.string(), "its write-ahead log cannot be read");
}

/// Where the old database goes: the same name as before where a kill cut the swap short, so that it and its log stay
/// together.
fs::path keptNameFor(const fs::path& database)
{
    struct stat staged{};
    ::stat(stagedFor(database).c_str(), &staged);
    const auto stem = (folderOf(database) / database.stem()).string() + ".before-restore-" +
                      fileStamp({std::int64_t{staged.st_mtim.tv_sec} * 1'000});
    fs::path kept = stem + ".db";
    for (int more = 2; isThere(kept); ++more) {
        kept = stem + "-" + std::to_string(more) + ".db";
    }
    return kept;
}

} // namespace

void removeCopy(const fs::path& copy)
{
    removeDatabase(copy);
    std::error_code ignored; // an older one was copied once more before it was brought up to date
    for (const auto& step : embeddedMigrations()) {
        fs::remove(backupBeforeMigration(copy, step.number), ignored);
    }
}

std::string fileStamp(base::UtcMs time)
{
    std::string out; // 2026-11-26T08:22:50.123Z
    for (const char c : base::isoText(time).substr(0, 19)) {
        if (c == 'T') {
            out += '-';
        } else if (c != '-' && c != ':') {
            out += c;
        }
    }
    return out;
}

Result<std::optional<BackupOrigin>> originOf(const fs::path& file)
{
    if (!isThere(file)) {
        return base::fail(ErrorCode::NotFound, file.string(), "there is no such file");
    }
    const auto db = connect(file);
    if (!db) {
        return std::unexpected(db.error());
    }
    auto origin = originIn(db->get());
    if (!origin && origin.error().subject.empty()) {
        origin.error().subject = file.string();
    }
    return origin;
}

Result<Restored> restoreInto(const fs::path& backup, const fs::path& copy, const KeepGoing& keepGoing, CopyIs purpose)
{
    std::error_code missing;
    Restored out{.origin = {}, .proof = {}, .blocks = 0, .badBlocks = {}, .bytes = fs::file_size(backup, missing)};
    if (missing) {
        return base::fail(ErrorCode::NotFound, backup.string(), missing.message());
    }
    removeCopy(copy);
    if (auto room = needRoom(folderOf(copy), out.bytes + bytesOf(backup.string() + "-wal") + margin); !room) {
        return std::unexpected(room.error());
    }
    auto done = copyWithLog(backup, copy, purpose == CopyIs::Kept, within(keepGoing, 0, copied));
    done = done ? checkCopy(copy, purpose, out, keepGoing) : done;
    if (!done) {
        removeCopy(copy);
        return std::unexpected(done.error());
    }
    return out;
}

Result<Restored> stageRestore(const fs::path& backup, const fs::path& database, const KeepGoing& keepGoing)
{
    const fs::path part = stagedFor(database).string() + ".part";
    auto restored = restoreInto(backup, part, keepGoing);
    if (!restored) {
        return restored;
    }
    auto named = syncFile(part);
    named = named ? renameFile(part, stagedFor(database)) : named;
    removeCopy(part);
    return named ? std::move(restored) : std::unexpected(named.error());
}

bool isRestoreStaged(const fs::path& database)
{
    return isThere(stagedFor(database));
}

Result<void> dropStagedRestore(const fs::path& database)
{
    removeCopy(stagedFor(database).string() + ".part");
    std::error_code failed;
    fs::remove(stagedFor(database), failed);
    return failed ? std::unexpected(systemError(failed.value(), stagedFor(database).string(), "removing it"))
                  : Result<void>{};
}

Result<std::optional<fs::path>> finishRestore(const fs::path& database)
{
    std::optional<fs::path> kept;
    if (!isRestoreStaged(database)) {
        return kept;
    }
    const auto lock = WriterLock::take(database);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    if (isThere(database)) {
        kept = keptNameFor(database);
        foldLog(database);
        // Of one that cannot be opened the log goes with it: it belongs to it by name.
        if (isThere(database.string() + "-wal")) {
            if (auto moved = renameFile(database.string() + "-wal", kept->string() + "-wal"); !moved) {
                return std::unexpected(moved.error());
            }
        }
        if (auto moved = renameFile(database, *kept); !moved) {
            return std::unexpected(moved.error());
        }
    }
    std::error_code ignored;
    for (const auto* beside : {"-shm", "-wal", "-journal"}) { // a log of the old one would be taken for the new one's
        fs::remove(database.string() + beside, ignored);
    }
    if (auto moved = renameFile(stagedFor(database), database); !moved) {
        return std::unexpected(moved.error());
    }
    return kept;
}

} // namespace qd::storage
