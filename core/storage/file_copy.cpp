#include "storage/file_copy.h"

#include "storage/sqlite_errors.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <vector>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

namespace {

class File {
public:
    File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
    ~File()
    {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

constexpr std::size_t chunk = 256 << 10; // stays in the processor's cache

Result<void> copyBytes(int from, int to, const fs::path& source, const fs::path& target, bool isKept,
                       const KeepGoing& keepGoing)
{
    struct stat whole{};
    if (::fstat(from, &whole) != 0) {
        return std::unexpected(systemError(errno, source.string(), "measuring it"));
    }
    std::vector<char> buffer(chunk);
    off_t done = 0;
    for (;;) {
        const auto got = ::read(from, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return std::unexpected(systemError(errno, source.string(), "reading it"));
        }
        if (got == 0) {
            return {};
        }
        for (ssize_t put = 0; put < got;) {
            const auto wrote = ::write(to, buffer.data() + put, static_cast<std::size_t>(got - put));
            if (wrote < 0 && errno != EINTR) {
                return std::unexpected(systemError(errno, target.string(), "writing it"));
            }
            put += std::max<ssize_t>(0, wrote);
        }
        // On its way to the disk bit by bit: one large sync would hold up the syncs of whoever else writes.
        if (isKept) {
            (void)::sync_file_range(to, done, got, SYNC_FILE_RANGE_WRITE);
        }
        done += got;
        if (keepGoing && !keepGoing(std::min(1.0, static_cast<double>(done) /
                                                      static_cast<double>(std::max<off_t>(1, whole.st_size))))) {
            return base::fail(ErrorCode::Cancelled, target.string(), "the copy was stopped");
        }
    }
}

} // namespace

Result<void> copyFile(const fs::path& from, const fs::path& to, bool isKept, const KeepGoing& keepGoing)
{
    const File source(from, O_RDONLY);
    if (source.fd() < 0) {
        return std::unexpected(systemError(errno, from.string(), "opening it"));
    }
    Result<void> done;
    {
        const File target(to, O_WRONLY | O_CREAT | O_TRUNC);
        if (target.fd() < 0) {
            return std::unexpected(systemError(errno, to.string(), "making it"));
        }
        done = copyBytes(source.fd(), target.fd(), from, to, isKept, keepGoing);
    }
    if (!done) {
        ::unlink(to.c_str());
    }
    return done;
}

Result<void> syncFile(const fs::path& file)
{
    const File opened(file, O_RDONLY);
    if (opened.fd() < 0 || ::fsync(opened.fd()) != 0) {
        return std::unexpected(systemError(errno, file.string(), "syncing it"));
    }
    return {};
}

Result<void> renameFile(const fs::path& from, const fs::path& to)
{
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return std::unexpected(systemError(errno, to.string(), "naming it"));
    }
    const auto folder = to.has_parent_path() ? to.parent_path() : fs::path(".");
    const File opened(folder, O_RDONLY | O_DIRECTORY);
    if (opened.fd() < 0 || ::fsync(opened.fd()) != 0) {
        return std::unexpected(systemError(errno, folder.string(), "syncing the folder"));
    }
    return {};
}

Result<void> needRoom(const fs::path& folder, std::uint64_t bytes)
{
    struct statvfs disk{};
    struct stat entry{};
    if (::stat(folder.c_str(), &entry) != 0 || !S_ISDIR(entry.st_mode)) {
        return base::fail(ErrorCode::NotFound, folder.string(), "there is no such folder");
    }
    if (::statvfs(folder.c_str(), &disk) != 0) {
        return std::unexpected(systemError(errno, folder.string(), "measuring the disk"));
    }
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < bytes) {
        return base::fail(ErrorCode::DiskFull, folder.string(),
                          std::to_string(bytes / 1'000'000) + " MB are needed and " + std::to_string(free / 1'000'000) +
                              " MB are free");
    }
    return {};
}

void removeDatabase(const fs::path& file)
{
    for (const auto* beside : {"", "-journal", "-wal", "-shm", ".lock"}) {
        ::unlink((file.string() + beside).c_str());
    }
}

} // namespace qd::storage
