// Statement of storage/database.h.
#include "storage/database.h"
#include "storage/sqlite_errors.h"

#include <sqlite3.h>
#include <utility>

namespace qd::storage {

using base::Result;

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      bindFailure_(other.bindFailure_)
{
}

Statement& Statement::operator=(Statement&& other) noexcept
{
    std::swap(db_, other.db_);
    std::swap(statement_, other.statement_);
    std::swap(bindFailure_, other.bindFailure_);
    return *this;
}

Statement::~Statement()
{
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(int index, std::int64_t value)
{
    const int code = sqlite3_bind_int64(statement_, index + 1, value);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

Statement& Statement::bind(int index, double value)
{
    const int code = sqlite3_bind_double(statement_, index + 1, value);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

namespace {

int bindText(sqlite3_stmt* statement, int index, std::string_view text, sqlite3_destructor_type owner)
{
    // An empty view may hold a null pointer, which SQLite would take for NULL.
    return sqlite3_bind_text64(statement, index + 1, text.empty() ? "" : text.data(), text.size(), owner, SQLITE_UTF8);
}

} // namespace

Statement& Statement::bind(int index, std::string_view text)
{
    const int code = bindText(statement_, index, text, SQLITE_TRANSIENT);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

Statement& Statement::bindView(int index, std::string_view text)
{
    const int code = bindText(statement_, index, text, SQLITE_STATIC);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

Statement& Statement::bindBlob(int index, std::string_view bytes)
{
    const int code =
        sqlite3_bind_blob64(statement_, index + 1, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

Statement& Statement::bindNull(int index)
{
    const int code = sqlite3_bind_null(statement_, index + 1);
    bindFailure_ = bindFailure_ != 0 ? bindFailure_ : code;
    return *this;
}

Result<bool> Statement::step()
{
    const int code = bindFailure_ != 0 ? bindFailure_ : sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    auto error = sqliteError(db_, code, sqlite3_sql(statement_));
    reset();
    return std::unexpected(std::move(error));
}

Result<void> Statement::run()
{
    while (true) {
        const auto row = step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return {};
        }
    }
}

void Statement::reset()
{
    sqlite3_reset(statement_);
    bindFailure_ = 0;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const
{
    return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const
{
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr
               ? std::string_view{}
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::string_view Statement::blob(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes == nullptr
               ? std::string_view{}
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

} // namespace qd::storage
