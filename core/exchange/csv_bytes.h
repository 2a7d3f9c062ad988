// The decompressed bytes of a file, plain or gzip (known by its first bytes; several members in a row are one stream).
// Internal to the room; one thread at a time. Fails: NotFound, Io, Damaged.
#pragma once

#include "base/error.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

struct z_stream_s;

namespace qd::exchange {

class CsvBytes {
public:
    [[nodiscard]] static base::Result<CsvBytes> open(const std::string& path);

    /// Fills `room` bytes at `to`; fewer only at the end, and 0 behind it.
    [[nodiscard]] base::Result<std::size_t> fill(char* to, std::size_t room);
    [[nodiscard]] const std::string& path() const { return path_; }
    /// How much of the file, as it lies on the disk, has been read: 0 to 1.
    [[nodiscard]] double fraction() const
    {
        return fileSize_ > 0 ? static_cast<double>(fileRead_) / static_cast<double>(fileSize_) : 1;
    }

private:
    struct CloseFile {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    struct EndInflate {
        void operator()(z_stream_s* stream) const;
    };

    CsvBytes() = default;
    [[nodiscard]] base::Result<std::size_t> inflateTo(char* to, std::size_t room);
    [[nodiscard]] base::Result<std::size_t> readRaw(char* to, std::size_t room);

    std::string path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::unique_ptr<z_stream_s, EndInflate> inflate_; // null: the file is plain
    bool memberEnded_ = false;
    std::vector<char> packed_;
    std::int64_t fileSize_ = 0;
    std::int64_t fileRead_ = 0;
};

} // namespace qd::exchange
