#include "storage/database.h"

#include "storage/schema_migrator.h"
#include "storage/sqlite_errors.h"
#include "storage/writer_lock.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int busyTimeoutMs = 5'000;

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); } // waits for statements that are still alive
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

Result<void> execute(sqlite3* db, const std::string& sql)
{
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(sqliteError(db, sqlite3_extended_errcode(db), sql));
    }
    return {};
}

Result<Handle> connect(const std::string& file, int flags)
{
    // SQLite's count of its memory costs a mutex at each allocation, and nobody asks for it.
    static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)uncounted;
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle db(opened);
    if (code != SQLITE_OK) {
        auto error = sqliteError(db.get(), code, "opening");
        error.subject = file;
        return std::unexpected(std::move(error));
    }
    sqlite3_busy_timeout(db.get(), busyTimeoutMs);
    return db;
}

int newestKnown()
{
    return embeddedMigrations().back().number;
}

/// Looks at a file that is there through a connection that cannot write, so that a newer database or another
/// program's stays as it is to the byte.
/// False: a writer was killed while it made the file, and what it left must be rolled back before it can be read.
/// Later there is never such a journal, as all is written through the write-ahead log.
Result<bool> examine(const std::string& file)
{
    auto db = connect(file, SQLITE_OPEN_READONLY);
    if (!db) {
        return std::unexpected(db.error());
    }
    sqlite3_db_config(db->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const auto version = schemaVersion(db->get(), newestKnown());
    if (!version && version.error().detail.starts_with("sqlite " + std::to_string(SQLITE_READONLY_ROLLBACK) + " ")) {
        return false;
    }
    return version ? Result<bool>(true) : std::unexpected(version.error());
}

/// A new file's name must survive a power cut too, not only its contents.
void syncFolderOf(const std::filesystem::path& file)
{
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

std::uint64_t sizeOf(const std::string& file)
{
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    return missing ? 0 : size;
}

} // namespace

struct Database::Impl {
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl()
    {
        if (!unfinished.empty()) {
            db.reset();
            closeFile();
            std::error_code ignored;
            std::filesystem::remove(unfinished, ignored);
            std::filesystem::remove(path.string() + ".lock", ignored);
        }
    }
    void closeFile()
    {
        if (unfinishedFile >= 0) {
            ::close(std::exchange(unfinishedFile, -1));
        }
    }
    std::filesystem::path path;
    WriterLock lock; // before db: let go of after the connection is closed
    Handle db;
    std::filesystem::path unfinished; // of create(), until finish()
    int unfinishedFile = -1;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

namespace {

/// SQLite reads through a small file that it makes beside the database; where it may not, its words name neither that
/// file nor the folder.
base::Error whyNotRead(const std::string& file, base::Error error)
{
    const auto parent = std::filesystem::path(file).parent_path();
    const auto folder = parent.empty() ? std::string(".") : parent.string();
    const bool mayBeFolder = error.code == ErrorCode::ReadOnly || error.code == ErrorCode::Io;
    if (mayBeFolder && ::access(file.c_str(), R_OK) == 0 && ::access(folder.c_str(), W_OK) != 0) {
        return {ErrorCode::ReadOnly, file,
                "reading it makes a file beside it, and the folder " + folder +
                    " is not writable for you; copy it, with its -wal if there is one, into a folder of your own and "
                    "name that with --data-dir"};
    }
    return error;
}

Result<Handle> openReader(const std::string& file)
{
    if (std::error_code unreadable; !std::filesystem::exists(file, unreadable)) {
        return base::fail(ErrorCode::NotFound, file, "no such database");
    }
    auto db = connect(file, SQLITE_OPEN_READONLY);
    if (!db) {
        return std::unexpected(whyNotRead(file, db.error()));
    }
    const auto version = schemaVersion(db->get(), newestKnown());
    if (!version) {
        return std::unexpected(whyNotRead(file, version.error()));
    }
    if (*version < newestKnown()) {
        return base::fail(ErrorCode::Unsupported, file,
                          "schema " + std::to_string(*version) +
                              " of an older program; it is brought up to date when it "
                              "is opened for writing");
    }
    if (auto set = execute(db->get(), "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000"); !set) {
        return std::unexpected(set.error());
    }
    return db;
}

Result<Handle> openWriter(const std::filesystem::path& file)
{
    struct stat found{};
    bool isNew = ::stat(file.c_str(), &found) != 0 || found.st_size == 0;
    bool isUnfinished = false;
    if (!isNew) {
        if ((found.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0) { // root could write all the same; the mark counts
            return base::fail(ErrorCode::ReadOnly, file.string(), "the file is marked read-only");
        }
        const auto seen = examine(file.string());
        if (!seen) {
            return std::unexpected(seen.error());
        }
        isUnfinished = !*seen;
    }
    auto db = connect(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!db) {
        return db;
    }
    if (sqlite3_db_readonly(db->get(), "main") != 0) {
        return base::fail(ErrorCode::ReadOnly, file.string(), "the file cannot be written");
    }
    if (isUnfinished) { // the first look rolls it back
        const auto version = schemaVersion(db->get(), newestKnown());
        if (!version) {
            return std::unexpected(version.error());
        }
        isNew = *version == 0;
    }
    const std::string settings = std::string(isNew ? "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL;" : "") +
                                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
                                 "PRAGMA cache_size=-16000; PRAGMA journal_size_limit=67108864";
    if (auto set = execute(db->get(), settings); !set) {
        return std::unexpected(set.error());
    }
    if (auto migrated = migrate(db->get(), file, embeddedMigrations()); !migrated) {
        return std::unexpected(migrated.error());
    }
    if (isNew) {
        syncFolderOf(file);
    }
    return db;
}

/// Nobody sees the file before it is whole, so there is nothing to protect from a power cut or another process.
Result<Handle> openUnfinished(const std::string& file)
{
    auto db = connect(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!db) {
        return db;
    }
    if (auto set = execute(db->get(), "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"
                                      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY;"
                                      "PRAGMA cache_size=-2000; PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL");
        !set) {
        return std::unexpected(set.error());
    }
    if (auto migrated = migrate(db->get(), file, embeddedMigrations()); !migrated) {
        return std::unexpected(migrated.error());
    }
    return db;
}

} // namespace

Result<Database> Database::create(const std::filesystem::path& file)
{
    auto impl = std::make_unique<Impl>();
    impl->path = file;
    auto lock = WriterLock::take(file); // also against another one that is just being made
    if (!lock) {
        return std::unexpected(lock.error());
    }
    impl->lock = std::move(*lock);
    if (std::error_code unreadable; std::filesystem::exists(file, unreadable)) {
        return base::fail(ErrorCode::Conflict, file.string(), "it exists already");
    }
    impl->unfinished = file.string() + ".part";
    std::error_code ignored; // opening tells what is wrong
    std::filesystem::remove(impl->unfinished, ignored);
    auto db = openUnfinished(impl->unfinished.string());
    if (!db) {
        return std::unexpected(db.error());
    }
    impl->db = std::move(*db);
    impl->unfinishedFile = ::open(impl->unfinished.c_str(), O_RDONLY | O_CLOEXEC);
    if (impl->unfinishedFile < 0) {
        return std::unexpected(systemError(errno, impl->unfinished.string(), "opening a new file"));
    }
    return Database(std::move(impl));
}

Result<void> Database::finish()
{
    auto& impl = *impl_;
    impl.db.reset();
    if (::fsync(impl.unfinishedFile) != 0) {
        return std::unexpected(systemError(errno, impl.path.string(), "syncing a new file"));
    }
    impl.closeFile();
    std::error_code renamed;
    std::filesystem::rename(impl.unfinished, impl.path, renamed);
    if (renamed) {
        return std::unexpected(systemError(renamed.value(), impl.path.string(), "naming a new file"));
    }
    impl.unfinished.clear();
    syncFolderOf(impl.path);
    return {};
}

Result<Database> Database::open(const std::filesystem::path& file, Mode mode)
{
    auto impl = std::make_unique<Impl>();
    impl->path = file;
    if (mode == Mode::ReadWrite) {
        auto lock = WriterLock::take(file);
        if (!lock) {
            return std::unexpected(lock.error());
        }
        impl->lock = std::move(*lock);
    }
    auto db = mode == Mode::ReadWrite ? openWriter(file) : openReader(file.string());
    if (!db) {
        return std::unexpected(db.error());
    }
    impl->db = std::move(*db);
    return Database(std::move(impl));
}

Result<Statement> Database::prepare(std::string_view sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) {
        return std::unexpected(sqliteError(handle(), code, sql));
    }
    return Statement(handle(), statement);
}

Result<void> Database::run(std::string_view sql)
{
    return execute(handle(), std::string(sql));
}

Result<std::int64_t> Database::number(std::string_view sql)
{
    auto statement = prepare(sql);
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto row = statement->step();
    if (!row) {
        return std::unexpected(row.error());
    }
    return *row ? statement->integer(0) : 0;
}

Result<void> Database::begin()
{
    return run("BEGIN IMMEDIATE");
}

// synchronous cannot be changed within a transaction and callers learn at its end how much it matters: every commit is
// written at NORMAL, and a durable one then syncs the write-ahead log, which is all that FULL does on top.
Result<void> Database::commit(bool durable)
{
    if (auto done = run("COMMIT"); !done || !durable) {
        if (impl_->unfinishedFile >= 0) { // it begins its way to the disk, so that finish() has less to wait for
            (void)::sync_file_range(impl_->unfinishedFile, 0, 0, SYNC_FILE_RANGE_WRITE);
        }
        return done;
    }
    sqlite3_file* log = nullptr;
    const int found = sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (found == SQLITE_OK && log != nullptr && log->pMethods != nullptr) {
        if (const int code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL); code != SQLITE_OK) {
            return std::unexpected(sqliteError(handle(), code, "syncing the write-ahead log"));
        }
    }
    return {};
}

void Database::rollback()
{
    if (sqlite3_get_autocommit(handle()) == 0) { // a full disk may have rolled it back already
        sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void Database::interrupt()
{
    sqlite3_interrupt(handle());
}

Result<void> Database::checkpoint()
{
    sqlite3_busy_timeout(handle(), 0); // whoever reads meanwhile is not waited for
    const int code = sqlite3_wal_checkpoint_v2(handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(handle(), busyTimeoutMs);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        return std::unexpected(sqliteError(handle(), code, "checkpointing"));
    }
    return {};
}

Result<Database::LogFigures> Database::writeBack()
{
    int frames = 0;
    int written = 0;
    const int code = sqlite3_wal_checkpoint_v2(handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &written);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        return std::unexpected(sqliteError(handle(), code, "checkpointing"));
    }
    return LogFigures{static_cast<std::uint64_t>(std::max(0, frames)),
                      static_cast<std::uint64_t>(std::max(0, written))};
}

Result<std::uint64_t> Database::releaseFreePages(int most)
{
    const auto before = number("PRAGMA freelist_count");
    if (!before || *before == 0) {
        return before ? Result<std::uint64_t>(0) : std::unexpected(before.error());
    }
    if (auto done = run("PRAGMA incremental_vacuum(" + std::to_string(most) + ")"); !done) {
        return std::unexpected(done.error());
    }
    const auto after = number("PRAGMA freelist_count");
    return after ? Result<std::uint64_t>(static_cast<std::uint64_t>(std::max<std::int64_t>(0, *before - *after)))
                 : std::unexpected(after.error());
}

std::uint64_t Database::fileBytes() const
{
    return sizeOf(impl_->path.string());
}
std::uint64_t Database::walBytes() const
{
    return sizeOf(impl_->path.string() + "-wal");
}
const std::filesystem::path& Database::path() const
{
    return impl_->path;
}
sqlite3* Database::handle() const
{
    return impl_->db.get();
}

} // namespace qd::storage
