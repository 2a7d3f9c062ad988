// The one writer of a database: flock on "<database>.lock", which also holds the owner's process id. The kernel lets go
// of it when the process ends, however it ends, so nothing stale is left behind. One owner; moves.
#pragma once

#include "base/error.h"

#include <filesystem>
#include <utility>

namespace qd::storage {

class WriterLock {
public:
    WriterLock() = default;
    /// Busy names the process that holds it.
    [[nodiscard]] static base::Result<WriterLock> take(const std::filesystem::path& database);
    WriterLock(WriterLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    WriterLock& operator=(WriterLock&& other) noexcept
    {
        std::swap(file_, other.file_);
        return *this;
    }
    ~WriterLock();

private:
    explicit WriterLock(int file) : file_(file) {}
    int file_ = -1;
};

} // namespace qd::storage
