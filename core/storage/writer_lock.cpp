#include "storage/writer_lock.h"

#include "storage/sqlite_errors.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace qd::storage {

namespace {

std::string ownerOf(int file)
{
    std::array<char, 32> text{};
    const auto size = ::pread(file, text.data(), text.size() - 1, 0);
    std::string owner(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!owner.empty() && owner.back() == '\n') {
        owner.pop_back();
    }
    return owner.empty() ? "unknown" : owner;
}

} // namespace

base::Result<WriterLock> WriterLock::take(const std::filesystem::path& database)
{
    const auto path = database.string() + ".lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
        return std::unexpected(systemError(errno, database.string(), "opening its lock file"));
    }
    WriterLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return base::fail(base::ErrorCode::Busy, database.string(), "process " + ownerOf(file) + " writes to it");
        }
        return std::unexpected(systemError(errno, database.string(), "locking its lock file"));
    }
    const auto owner = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file, 0) != 0 ||
        ::pwrite(file, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
        return std::unexpected(systemError(errno != 0 ? errno : ENOSPC, database.string(), "writing its lock file"));
    }
    return lock;
}

WriterLock::~WriterLock()
{
    if (file_ >= 0) {
        ::close(file_); // lets go of the lock; the file stays, removing it would race with the next owner
    }
}

} // namespace qd::storage
