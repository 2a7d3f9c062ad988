#include "storage/gathered_io.h"

#include <algorithm>
#include <cstring>
#include <sqlite3.h>

namespace qd::storage {

namespace {

constexpr int most = 64 << 10; // SQLite's own way to the system takes less than 128 KB at a time, and refuses more

/// SQLite allocates it, with room for the system's own behind it, and knows it by its first member.
struct GatheringFile {
    sqlite3_file base;
    char* waiting; // `most` bytes to write, of which these belong behind each other from there on
    int bytes;
    sqlite3_int64 from;
    char* ahead; // as many, of which these were read from there on
    int aheadBytes;
    sqlite3_int64 aheadFrom;
    sqlite3_int64 next; // behind what was asked for last

    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    int flush()
    {
        const int code = bytes > 0 ? real()->pMethods->xWrite(real(), waiting, bytes, from) : SQLITE_OK;
        aheadBytes = bytes > 0 ? 0 : aheadBytes;
        bytes = 0;
        return code;
    }
    /// Reads more than was asked for. False: only what was asked for can be read, or not even that.
    bool readAhead(int size, sqlite3_int64 at)
    {
        sqlite3_int64 whole = 0;
        aheadBytes = 0;
        if (size > most || real()->pMethods->xFileSize(real(), &whole) != SQLITE_OK || whole < at + size) {
            return false;
        }
        const auto wanted = static_cast<int>(std::min<sqlite3_int64>(most, whole - at));
        if (real()->pMethods->xRead(real(), ahead, wanted, at) != SQLITE_OK) {
            return false;
        }
        aheadFrom = at;
        aheadBytes = wanted;
        return true;
    }
    [[nodiscard]] bool hasAhead(int size, sqlite3_int64 at) const
    {
        return at >= aheadFrom && at + size <= aheadFrom + aheadBytes;
    }
};

GatheringFile& of(sqlite3_file* file)
{
    return *reinterpret_cast<GatheringFile*>(file);
}

/// What looks at the file itself has to find everything in it.
template <typename Then>
int afterFlush(sqlite3_file* file, Then then)
{
    const int code = of(file).flush();
    return code == SQLITE_OK ? then(of(file).real()) : code;
}

int closeFile(sqlite3_file* file)
{
    auto& own = of(file);
    const int flushed = own.flush();
    const int closed = own.real()->pMethods->xClose(own.real());
    sqlite3_free(own.waiting);
    sqlite3_free(own.ahead);
    return flushed != SQLITE_OK ? flushed : closed;
}

int readFile(sqlite3_file* file, void* into, int size, sqlite3_int64 from)
{
    auto& own = of(file);
    if (const int code = own.flush(); code != SQLITE_OK) {
        return code;
    }
    const bool isNext = from == own.next;
    own.next = from + size;
    if (own.hasAhead(size, from) || (isNext && own.readAhead(size, from))) {
        std::memcpy(into, own.ahead + (from - own.aheadFrom), static_cast<std::size_t>(size));
        return SQLITE_OK;
    }
    return own.real()->pMethods->xRead(own.real(), into, size, from);
}

int writeFile(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 to)
{
    auto& own = of(file);
    own.aheadBytes = 0;
    if (to != own.from + own.bytes || own.bytes + size > most) {
        if (const int code = own.flush(); code != SQLITE_OK) {
            return code;
        }
        own.from = to;
    }
    if (size > most) {
        return own.real()->pMethods->xWrite(own.real(), bytes, size, to);
    }
    std::memcpy(own.waiting + own.bytes, bytes, static_cast<std::size_t>(size));
    own.bytes += size;
    return SQLITE_OK;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size)
{
    of(file).aheadBytes = 0;
    return afterFlush(file, [&](sqlite3_file* real) { return real->pMethods->xTruncate(real, size); });
}

int syncFile(sqlite3_file* file, int flags)
{
    return afterFlush(file, [&](sqlite3_file* real) { return real->pMethods->xSync(real, flags); });
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size)
{
    return afterFlush(file, [&](sqlite3_file* real) { return real->pMethods->xFileSize(real, size); });
}

int lockFile(sqlite3_file* file, int level)
{
    return of(file).real()->pMethods->xLock(of(file).real(), level);
}

int unlockFile(sqlite3_file* file, int level)
{
    return of(file).real()->pMethods->xUnlock(of(file).real(), level);
}

int isReserved(sqlite3_file* file, int* out)
{
    return of(file).real()->pMethods->xCheckReservedLock(of(file).real(), out);
}

/// A commit asks for SQLITE_FCNTL_SYNC also where nothing is synced, and its answer is the commit's.
int controlFile(sqlite3_file* file, int what, void* argument)
{
    return afterFlush(file, [&](sqlite3_file* real) { return real->pMethods->xFileControl(real, what, argument); });
}

int sectorOf(sqlite3_file* file)
{
    return of(file).real()->pMethods->xSectorSize(of(file).real());
}

int characteristicsOf(sqlite3_file* file)
{
    return of(file).real()->pMethods->xDeviceCharacteristics(of(file).real());
}

/// Version 1: without shared memory there is no write-ahead log, and nothing is mapped.
constexpr sqlite3_io_methods methods{.iVersion = 1,
                                     .xClose = closeFile,
                                     .xRead = readFile,
                                     .xWrite = writeFile,
                                     .xTruncate = truncateFile,
                                     .xSync = syncFile,
                                     .xFileSize = sizeOfFile,
                                     .xLock = lockFile,
                                     .xUnlock = unlockFile,
                                     .xCheckReservedLock = isReserved,
                                     .xFileControl = controlFile,
                                     .xSectorSize = sectorOf,
                                     .xDeviceCharacteristics = characteristicsOf,
                                     .xShmMap = nullptr,
                                     .xShmLock = nullptr,
                                     .xShmBarrier = nullptr,
                                     .xShmUnmap = nullptr,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* given)
{
    auto* system = static_cast<sqlite3_vfs*>(vfs->pAppData);
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) { // a journal or a temporary file is the system's alone
        return system->xOpen(system, name, file, flags, given);
    }
    auto& own = of(file);
    own = {};
    own.waiting = static_cast<char*>(sqlite3_malloc(most));
    own.ahead = static_cast<char*>(sqlite3_malloc(most));
    const bool hasRoom = own.waiting != nullptr && own.ahead != nullptr;
    const int code = hasRoom ? system->xOpen(system, name, own.real(), flags, given) : SQLITE_NOMEM;
    if (code != SQLITE_OK) { // the system's file is not open then
        sqlite3_free(own.waiting);
        sqlite3_free(own.ahead);
        return code;
    }
    own.base.pMethods = &methods;
    return SQLITE_OK;
}

} // namespace

const char* gatheredIo()
{
    static constexpr const char* name = "quarterdeck-gathered-io";
    static const bool isThere = [] {
        auto* system = sqlite3_vfs_find(nullptr);
        if (system == nullptr) {
            return false;
        }
        static sqlite3_vfs own = *system; // what is not about opening is the system's
        own.zName = name;
        own.pNext = nullptr;
        own.pAppData = system;
        own.szOsFile = static_cast<int>(sizeof(GatheringFile)) + system->szOsFile;
        own.xOpen = openFile;
        return sqlite3_vfs_register(&own, 0) == SQLITE_OK;
    }();
    return isThere ? name : nullptr;
}

} // namespace qd::storage
