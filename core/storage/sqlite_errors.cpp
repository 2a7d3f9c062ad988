#include "storage/sqlite_errors.h"

#include "base/log.h"

#include <cerrno>
#include <cstring>

#include <sqlite3.h>

namespace qd::storage {

using base::ErrorCode;

namespace {

ErrorCode meaning(sqlite3* db, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return ErrorCode::DiskFull;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ErrorCode::ReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ErrorCode::Busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ErrorCode::Damaged;
    case SQLITE_INTERRUPT:
        return ErrorCode::Cancelled;
    case SQLITE_CONSTRAINT:
        return ErrorCode::Conflict;
    case SQLITE_TOOBIG:
        return ErrorCode::Overflow;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return ErrorCode::Internal;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: {
        // A shared-memory file that cannot grow is an I/O error to SQLite, with the reason in errno.
        const int reason = db != nullptr ? sqlite3_system_errno(db) : 0;
        if (reason == ENOSPC || reason == EDQUOT || code == SQLITE_IOERR_SHMSIZE) {
            return ErrorCode::DiskFull;
        }
        return reason == EROFS || reason == EACCES ? ErrorCode::ReadOnly : ErrorCode::Io;
    }
    default:
        return ErrorCode::Io;
    }
}

} // namespace

base::Error sqliteError(sqlite3* db, int code, std::string_view doing)
{
    const char* file = db != nullptr ? sqlite3_db_filename(db, "main") : nullptr;
    if (const auto primary = code & 0xff; primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
        // What was being done with it helps nobody to mend it: that goes to the log.
        base::log(base::LogLevel::Info, "storage", "sqlite " + std::to_string(code) + " while " + std::string(doing));
        return {ErrorCode::Damaged, file != nullptr ? file : "",
                primary == SQLITE_NOTADB ? "it is no database, or its first page is spoilt"
                                         : "parts of the file do not hang together; sqlite " + std::to_string(code)};
    }
    std::string detail = "sqlite " + std::to_string(code) + " (";
    detail += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    detail += ") while ";
    detail += doing.substr(0, 200);
    return {meaning(db, code), file != nullptr ? file : "", std::move(detail)};
}

base::Error systemError(int number, std::string file, std::string_view doing)
{
    auto code = ErrorCode::Io;
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        code = ErrorCode::DiskFull;
        break;
    case EROFS:
    case EACCES:
    case EPERM:
        code = ErrorCode::ReadOnly;
        break;
    case ENOENT:
    case ENOTDIR:
        code = ErrorCode::NotFound;
        break;
    default:
        break;
    }
    return {code, std::move(file), std::string(std::strerror(number)) + " while " + std::string(doing)};
}

} // namespace qd::storage
