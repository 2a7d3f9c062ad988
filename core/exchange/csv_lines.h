// A CSV or CSV.gz file as runs of whole lines. Internal to the room; used by one thread. A thread of its own unpacks
// and hashes up to three runs ahead, so that parsing waits for nothing. Fails: NotFound, Io, Damaged, Cancelled,
// Malformed (a line longer than 4,096 bytes).
#pragma once

#include "base/error.h"
#include "exchange/csv_trades.h"

#include <memory>
#include <string>
#include <string_view>

namespace qd::exchange {

class CsvLines {
public:
    [[nodiscard]] static base::Result<CsvLines> open(const std::string& path, bool withHash, CsvWatch watch);
    CsvLines(CsvLines&&) noexcept;
    CsvLines& operator=(CsvLines&&) noexcept;
    ~CsvLines();

    /// Whole lines, each ended by '\n' but for a last one that has none; empty at the end. Valid until the next call.
    [[nodiscard]] base::Result<std::string_view> next();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }
    /// Of all bytes; once, at the end. Requires withHash.
    [[nodiscard]] std::string sha256();

private:
    class ReadAhead;

    CsvLines(std::string path, CsvWatch watch, std::unique_ptr<ReadAhead> ahead);
    void tellProgress(double fraction);

    std::string path_;
    CsvWatch watch_;
    std::unique_ptr<ReadAhead> ahead_;
    std::string_view carry_; // the beginning of a line whose end has not come yet; lies in the newest run
    std::string longCarry_;  // the same, where it spans runs
    bool atEnd_ = false;
    int toldPercent_ = -1;
    std::int64_t bytes_ = 0;
};

} // namespace qd::exchange
