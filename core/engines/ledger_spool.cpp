#include "engines/ledger_spool.h"

#include "base/sha256.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <tuple>

#include <unistd.h>

namespace qd::engines {

using base::Result;

namespace {

constexpr std::size_t windowBytes = 32'768;

std::unexpected<base::Error> failed(const char* what)
{
    const auto code = errno == ENOSPC || errno == EDQUOT ? base::ErrorCode::DiskFull : base::ErrorCode::Io;
    return base::fail(code, "ledger spool", std::string(what) + ": " + std::strerror(errno));
}

template <typename T>
void put(std::string& bytes, T value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Reads one run from its beginning, a window at a time.
class RunReader {
public:
    RunReader(int file, Spool::Run run) : file_(file), at_(run.offset), end_(run.offset + run.bytes) {}

    [[nodiscard]] const std::string& strategy() const { return strategy_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] auto key() const { return std::tie(strategy_, number_, text_); }

    /// False: there is no further line.
    Result<bool> next()
    {
        if (at_ == end_ && used_ == window_.size()) {
            return false;
        }
        std::uint32_t strategyBytes = 0;
        std::uint32_t textBytes = 0;
        for (const auto& [to, bytes] : {std::pair<void*, std::size_t>{&strategyBytes, sizeof strategyBytes},
                                        {&textBytes, sizeof textBytes},
                                        {&number_, sizeof number_}}) {
            if (auto taken = take(static_cast<char*>(to), bytes); !taken) {
                return std::unexpected(taken.error());
            }
        }
        strategy_.resize(strategyBytes);
        text_.resize(textBytes);
        if (auto taken = take(strategy_.data(), strategyBytes); !taken) {
            return std::unexpected(taken.error());
        }
        if (auto taken = take(text_.data(), textBytes); !taken) {
            return std::unexpected(taken.error());
        }
        return true;
    }

private:
    Result<void> take(char* to, std::size_t bytes)
    {
        while (bytes > 0) {
            if (used_ == window_.size()) {
                window_.resize(std::min<std::uint64_t>(windowBytes, end_ - at_));
                used_ = 0;
                const auto got =
                    window_.empty() ? 0 : pread(file_, window_.data(), window_.size(), static_cast<off_t>(at_));
                if (got <= 0) {
                    return failed("reading");
                }
                window_.resize(static_cast<std::size_t>(got));
                at_ += static_cast<std::uint64_t>(got);
            }
            const auto part = std::min(bytes, window_.size() - used_);
            std::memcpy(to, window_.data() + used_, part);
            used_ += part;
            to += part;
            bytes -= part;
        }
        return {};
    }

    int file_;
    std::uint64_t at_;
    std::uint64_t end_;
    std::string window_;
    std::size_t used_ = 0;
    std::string strategy_;
    std::int64_t number_ = 0;
    std::string text_;
};

/// The lines of all runs of an instrument in order, into the hash.
Result<void> merge(int file, const Spool::Lines& lines, base::Sha256& sha)
{
    std::vector<RunReader> runs; // a heap: the least line in front
    const auto isLater = [](const RunReader& a, const RunReader& b) { return a.key() > b.key(); };
    for (const auto& run : lines.runs) {
        RunReader reader(file, run);
        const auto read = reader.next();
        if (!read) {
            return std::unexpected(read.error());
        }
        if (*read) {
            runs.push_back(std::move(reader));
        }
    }
    std::ranges::make_heap(runs, isLater);
    while (!runs.empty()) {
        std::ranges::pop_heap(runs, isLater);
        sha.add(runs.back().text());
        sha.add("\n");
        const auto read = runs.back().next();
        if (!read) {
            return std::unexpected(read.error());
        }
        if (*read) {
            std::ranges::push_heap(runs, isLater);
        } else {
            runs.pop_back();
        }
    }
    return {};
}

} // namespace

Result<void> Spool::open()
{
    file_.reset(std::tmpfile());
    return file_ ? Result<void>{} : failed("making a temporary file");
}

Result<Spool::Run> Spool::write(const std::string& bytes)
{
    const Run run{end_.fetch_add(bytes.size()), bytes.size()};
    for (std::size_t done = 0; done < bytes.size();) {
        const auto written = pwrite(fileno(file_.get()), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(run.offset + done));
        if (written <= 0) {
            return failed("writing");
        }
        done += static_cast<std::size_t>(written);
    }
    return run;
}

Result<std::string> Spool::hash(std::vector<Lines>& all) const
{
    std::ranges::sort(all, {}, &Lines::instrument);
    base::Sha256 sha;
    for (const auto& lines : all) {
        if (auto merged = merge(fileno(file_.get()), lines, sha); !merged) {
            return std::unexpected(merged.error());
        }
    }
    return sha.hex();
}

Result<void> SpoolWriter::add(const trading::ClosedTrade& trade)
{
    return add(trade.position.decision, trading::tradeCsv(trade, instrument_));
}

Result<void> SpoolWriter::add(const trading::UntradedSignal& signal)
{
    return add(signal.decision, trading::signalCsv(signal, instrument_));
}

Result<void> SpoolWriter::add(const trading::DecisionStamp& decision, std::string text)
{
    lines_.push_back({decision.strategy, decision.number.value, std::move(text)});
    return lines_.size() < linesInRun ? Result<void>{} : flush();
}

Result<void> SpoolWriter::flush()
{
    std::ranges::sort(lines_);
    std::string bytes;
    for (const auto& line : lines_) {
        put(bytes, static_cast<std::uint32_t>(line.strategy.size()));
        put(bytes, static_cast<std::uint32_t>(line.text.size()));
        put(bytes, line.number);
        bytes += line.strategy;
        bytes += line.text;
    }
    lines_.clear();
    const auto run = spool_.write(bytes);
    if (!run) {
        return std::unexpected(run.error());
    }
    runs_.push_back(*run);
    return {};
}

Result<Spool::Lines> SpoolWriter::finish()
{
    if (!lines_.empty()) {
        if (auto flushed = flush(); !flushed) {
            return std::unexpected(flushed.error());
        }
    }
    lines_ = {};
    return Spool::Lines{instrument_.name, std::move(runs_)};
}

} // namespace qd::engines
