// The decompressed bytes of a CSV or CSV.gz file as runs of whole lines. Internal to the room; one thread.
// Gzip is known by its first bytes; several members in a row are one stream. Fails: NotFound, Io, Damaged, Cancelled,
// Malformed (a line longer than 4,096 bytes).
#pragma once

#include "base/error.h"
#include "base/sha256.h"
#include "exchange/csv_trades.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace qd::exchange {

class CsvLines {
public:
    [[nodiscard]] static base::Result<CsvLines> open(const std::string& path, bool withHash, CsvWatch watch);

    /// Whole lines, each ended by '\n' but for a last one that has none; empty at the end. Valid until the next call.
    [[nodiscard]] base::Result<std::string_view> next();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }
    /// Of all bytes; once, at the end. Requires withHash.
    [[nodiscard]] std::string sha256() { return hash_->hex(); }

private:
    struct CloseFile {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    struct EndInflate {
        void operator()(z_stream_s* stream) const;
    };

    CsvLines() = default;
    [[nodiscard]] base::Result<std::size_t> fill(char* to, std::size_t room);
    [[nodiscard]] base::Result<std::size_t> inflateTo(char* to, std::size_t room);
    [[nodiscard]] base::Result<std::size_t> readRaw(char* to, std::size_t room);
    void tellProgress();

    std::string path_;
    CsvWatch watch_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::unique_ptr<z_stream_s, EndInflate> inflate_; // null: the file is plain
    bool memberEnded_ = false;
    std::vector<char> packed_;
    std::vector<char> text_;
    std::size_t carryFrom_ = 0; // the beginning of a line whose end has not been read yet
    std::size_t carrySize_ = 0;
    bool atEnd_ = false;
    std::int64_t fileSize_ = 0;
    std::int64_t fileRead_ = 0;
    int toldPercent_ = -1;
    std::int64_t bytes_ = 0;
    std::optional<base::Sha256> hash_;
};

} // namespace qd::exchange
