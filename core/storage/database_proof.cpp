#include "storage/database_proof.h"

#include "base/sha256.h"
#include "storage/sqlite_errors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <sqlite3.h>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Owned = std::unique_ptr<sqlite3_stmt, Finalize>;

Result<Owned> prepare(sqlite3* db, const std::string& sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr);
    Owned owned(statement);
    return code == SQLITE_OK ? Result<Owned>(std::move(owned)) : std::unexpected(sqliteError(db, code, sql));
}

/// Small values are gathered: a call of the hash for each would cost more than the hash does.
class Hasher {
public:
    void add(const void* bytes, std::size_t size)
    {
        total_ += size;
        if (size > buffer_.capacity() - buffer_.size()) {
            flush();
        }
        if (size > buffer_.capacity()) {
            hash_.add({static_cast<const char*>(bytes), size});
        } else {
            buffer_.append(static_cast<const char*>(bytes), size);
        }
    }
    void addNumber(std::int64_t value) { add(&value, sizeof value); }
    void addValue(sqlite3_stmt* row, int column)
    {
        const int type = sqlite3_column_type(row, column);
        const auto mark = static_cast<char>(type);
        add(&mark, 1);
        switch (type) {
        case SQLITE_INTEGER:
            addNumber(sqlite3_column_int64(row, column));
            break;
        case SQLITE_FLOAT:
            addNumber(std::bit_cast<std::int64_t>(sqlite3_column_double(row, column)));
            break;
        case SQLITE_TEXT:
        case SQLITE_BLOB: {
            const void* bytes = type == SQLITE_TEXT ? static_cast<const void*>(sqlite3_column_text(row, column))
                                                    : sqlite3_column_blob(row, column);
            const int size = sqlite3_column_bytes(row, column);
            addNumber(size);
            add(bytes, static_cast<std::size_t>(size));
            break;
        }
        default:
            break;
        }
    }
    [[nodiscard]] std::uint64_t total() const { return total_; }
    [[nodiscard]] std::string hex()
    {
        flush();
        return hash_.hex();
    }

private:
    void flush()
    {
        hash_.add(buffer_);
        buffer_.clear();
    }
    static std::string roomy()
    {
        std::string out;
        out.reserve(std::size_t{1} << 16);
        return out;
    }
    base::Sha256 hash_;
    std::string buffer_ = roomy();
    std::uint64_t total_ = 0;
};

struct Table {
    std::string name;
    std::string sql;
};

Result<std::vector<Table>> tablesOf(sqlite3* db)
{
    auto rows = prepare(db, "SELECT name, sql FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite\\_%' "
                            "ESCAPE '\\' AND name<>'backup_origin' ORDER BY name");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto text = [&](int column) {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(rows->get(), column));
        return std::string(bytes != nullptr ? bytes : "");
    };
    std::vector<Table> out;
    for (;;) {
        const int code = sqlite3_step(rows->get());
        if (code == SQLITE_DONE) {
            return out;
        }
        if (code != SQLITE_ROW) {
            return std::unexpected(sqliteError(db, code, "reading the schema"));
        }
        out.push_back({text(0), text(1)});
    }
}

/// Told of the bytes that were hashed, about every MB.
using Told = std::function<bool(std::uint64_t bytes)>;

Result<TableProof> proofOf(sqlite3* db, const Table& table, const Told& told, const RowSeen& seen)
{
    // In the order of the table itself, whatever indexes the planner would like better.
    auto rows = prepare(db, "SELECT * FROM \"" + table.name + "\" NOT INDEXED");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    constexpr std::uint64_t often = 1 << 20;
    Hasher hasher;
    hasher.add(table.sql.data(), table.sql.size());
    std::uint64_t next = often;
    TableProof out{.table = table.name};
    const int columns = sqlite3_column_count(rows->get());
    for (;;) {
        const int code = sqlite3_step(rows->get());
        if (code == SQLITE_DONE) {
            break;
        }
        if (code != SQLITE_ROW) {
            return std::unexpected(sqliteError(db, code, "reading " + table.name));
        }
        for (int column = 0; column < columns; ++column) {
            hasher.addValue(rows->get(), column);
        }
        if (seen) {
            seen(table.name, rows->get());
        }
        ++out.rows;
        if (hasher.total() >= next) {
            next = hasher.total() + often;
            if (!told(hasher.total())) {
                return base::fail(ErrorCode::Cancelled, table.name, "the comparison was stopped");
            }
        }
    }
    if (!told(hasher.total())) {
        return base::fail(ErrorCode::Cancelled, table.name, "the comparison was stopped");
    }
    out.hash = hasher.hex();
    return out;
}

Result<double> bytesOf(sqlite3* db)
{
    double out = 1;
    for (const auto* pragma : {"PRAGMA page_count", "PRAGMA page_size"}) {
        auto row = prepare(db, pragma);
        if (!row) {
            return std::unexpected(row.error());
        }
        if (const int code = sqlite3_step(row->get()); code != SQLITE_ROW) {
            return std::unexpected(sqliteError(db, code, pragma));
        }
        out *= static_cast<double>(sqlite3_column_int64(row->get(), 0));
    }
    return std::max(1.0, out);
}

} // namespace

std::uint64_t DatabaseProof::rows() const
{
    std::uint64_t out = 0;
    for (const auto& table : tables) {
        out += table.rows;
    }
    return out;
}

std::string DatabaseProof::hash() const
{
    base::Sha256 all;
    for (const auto& table : tables) {
        all.add(table.table + " " + std::to_string(table.rows) + " " + table.hash + "\n");
    }
    return all.hex();
}

Result<DatabaseProof> proofOf(sqlite3* database, const KeepGoing& keepGoing, const RowSeen& seen)
{
    const auto tables = tablesOf(database);
    const auto whole = bytesOf(database);
    if (!tables || !whole) {
        return std::unexpected(!tables ? tables.error() : whole.error());
    }
    DatabaseProof out;
    std::uint64_t before = 0;
    for (const auto& table : *tables) {
        std::uint64_t own = 0;
        const auto told = [&](std::uint64_t bytes) {
            own = bytes;
            return !keepGoing || keepGoing(std::min(1.0, static_cast<double>(before + own) / *whole));
        };
        auto proof = proofOf(database, table, told, seen);
        if (!proof) {
            return std::unexpected(proof.error());
        }
        before += own;
        out.tables.push_back(std::move(*proof));
    }
    return out;
}

std::string difference(const DatabaseProof& one, const DatabaseProof& other)
{
    for (std::size_t i = 0; i < std::max(one.tables.size(), other.tables.size()); ++i) {
        if (i >= one.tables.size() || i >= other.tables.size() || one.tables[i].table != other.tables[i].table) {
            return "they do not hold the same tables";
        }
        const auto& a = one.tables[i];
        const auto& b = other.tables[i];
        if (a.rows != b.rows) {
            return a.table + " has " + std::to_string(a.rows) + " rows in one and " + std::to_string(b.rows) +
                   " in the other";
        }
        if (a.hash != b.hash) {
            return a.table + " holds other values";
        }
    }
    return {};
}

} // namespace qd::storage
