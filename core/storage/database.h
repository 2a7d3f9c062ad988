// One SQLite connection to one feed's database. Used by one thread at a time. Errors name file and SQLite's own words.
// Writer: WAL, page size 4096, auto_vacuum INCREMENTAL set before the first table, busy timeout 5 s. Exactly one writer
// a file: a second gets Busy (a lock file beside the database, held by flock, that also names the owner's process).
// SQLite's C API and not Qt Sql: interrupt, checkpoint, backup and the file handle need it, and a QVariant and a copy a
// value would cost more than decoding a block does.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace qd::storage {

/// A prepared statement, reset after each use. Columns and parameters count from 0.
class Statement {
public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, double value);
    Statement& bind(int index, std::string_view text);
    /// Without a copy: `text` must stay where it is until the next run().
    Statement& bindView(int index, std::string_view text);
    Statement& bindBlob(int index, std::string_view bytes);
    Statement& bindNull(int index);
    /// True while there is a row.
    [[nodiscard]] base::Result<bool> step();
    /// For statements without rows: steps and resets.
    [[nodiscard]] base::Result<void> run();
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const; // until the next step or reset
    [[nodiscard]] std::string_view blob(int column) const; // likewise
    [[nodiscard]] bool isNull(int column) const;

private:
    friend class Database;
    Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
    sqlite3* db_;
    sqlite3_stmt* statement_;
    int bindFailure_ = 0; // first failed bind since the last reset; told by step()
};

class Database {
public:
    enum class Mode : std::uint8_t { ReadWrite, ReadOnly };
    /// ReadWrite makes the file if need be and brings its schema up to date (schema_migrator); ReadOnly wants it to
    /// exist. NewerDatabase, Busy, ReadOnly, DiskFull, Damaged, NotFound, Io: nothing was changed.
    [[nodiscard]] static base::Result<Database> open(const std::filesystem::path& file, Mode mode);
    /// A file that must not exist yet (Conflict), made in one go: until finish() it is called "<file>.part", nothing
    /// is fsynced and no reader can come. Without finish() it goes with the object; what a killed process left of one
    /// is overwritten.
    [[nodiscard]] static base::Result<Database> create(const std::filesystem::path& file);
    /// Of create(): what was committed is on the disk, under its own name. The last thing asked of the object.
    [[nodiscard]] base::Result<void> finish();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    [[nodiscard]] base::Result<Statement> prepare(std::string_view sql);
    [[nodiscard]] base::Result<void> run(std::string_view sql); // one or more statements without rows
    [[nodiscard]] base::Result<std::int64_t>
    number(std::string_view sql); // first column of the first row; 0 without one

    // One transaction at a time. A durable commit is fsynced (synchronous=FULL); another may lose the last moments in a
    // power cut, never the order.
    [[nodiscard]] base::Result<void> begin();
    [[nodiscard]] base::Result<void> commit(bool durable);
    void rollback();

    /// Interrupts a running statement. Any thread.
    void interrupt();
    [[nodiscard]] base::Result<void> checkpoint(); // TRUNCATE, as far as readers allow
    /// What a checkpoint that waits for nobody could write back.
    struct LogFigures {
        std::uint64_t frames = 0;
        std::uint64_t written = 0; // fewer than `frames`: a reader of an older moment holds them back
    };
    [[nodiscard]] base::Result<LogFigures> writeBack(); // PASSIVE
    /// Gives at most so many free pages back to the file system, with the next checkpoint. How many it were.
    [[nodiscard]] base::Result<std::uint64_t> releaseFreePages(int most);
    [[nodiscard]] std::uint64_t fileBytes() const; // database
    [[nodiscard]] std::uint64_t walBytes() const;
    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] sqlite3* handle() const;

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::storage
