#include "engines/ledger_spool.h"

#include "base/sha256.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
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

/// In front of the strategy's name and the text of each line of a run.
struct LineHead {
    std::uint32_t strategyBytes = 0;
    std::uint32_t textBytes = 0;
    std::int64_t number = 0;
};

/// Reads one run from its beginning, a window at a time.
class RunReader {
public:
    RunReader(int file, Spool::Run run)
        : file_(file),
          at_(run.offset),
          end_(run.offset + run.bytes),
          window_(std::move(run.held))
    {
    }

    [[nodiscard]] std::string_view text() const { return std::string_view(line_).substr(head_.strategyBytes); }
    [[nodiscard]] auto key() const
    {
        return std::tuple(std::string_view(line_).substr(0, head_.strategyBytes), head_.number, text());
    }

    /// False: there is no further line.
    Result<bool> next()
    {
        if (at_ == end_ && used_ == window_.size()) {
            return false;
        }
        if (auto taken = take(reinterpret_cast<char*>(&head_), sizeof head_); !taken) {
            return std::unexpected(taken.error());
        }
        line_.resize(std::size_t{head_.strategyBytes} + head_.textBytes);
        if (auto taken = take(line_.data(), line_.size()); !taken) {
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
                if (got == 0) {
                    return base::fail(base::ErrorCode::Io, "ledger spool", "it ends too early");
                }
                if (got < 0) {
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
    LineHead head_;
    std::string line_; // strategy and text
};

/// The lines of all runs of an instrument in order, into the hash.
Result<void> merge(int file, Spool::Lines& lines, base::Sha256& sha)
{
    std::vector<RunReader> runs; // a heap: the least line in front
    const auto isLater = [](const RunReader& a, const RunReader& b) { return a.key() > b.key(); };
    for (auto& run : lines.runs) {
        RunReader reader(file, std::move(run));
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

bool Spool::mayHold(std::size_t bytes)
{
    const std::scoped_lock lock(mutex_);
    const bool may = bytes <= mostHeld_ - held_;
    held_ += may ? bytes : 0;
    return may;
}

Result<Spool::Run> Spool::write(std::string bytes)
{
    if (mayHold(bytes.size())) {
        return Run{0, 0, std::move(bytes)};
    }
    const std::scoped_lock lock(mutex_);
    if (!file_) {
        file_.reset(std::tmpfile());
    }
    if (!file_) {
        return failed("making a temporary file");
    }
    const Run run{end_, bytes.size(), {}};
    for (std::size_t done = 0; done < bytes.size();) {
        const auto written = pwrite(fileno(file_.get()), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(run.offset + done));
        if (written <= 0) {
            return failed("writing");
        }
        done += static_cast<std::size_t>(written);
    }
    end_ += bytes.size();
    return run;
}

Result<std::string> Spool::hash(std::vector<Lines>& all) const
{
    std::ranges::sort(all, {}, &Lines::instrument);
    base::Sha256 sha;
    for (auto& lines : all) {
        if (auto merged = merge(file_ ? fileno(file_.get()) : -1, lines, sha); !merged) {
            return std::unexpected(merged.error());
        }
    }
    return sha.hex();
}

std::size_t SpoolWriter::textsEnd()
{
    if (texts_.capacity() < textsInRun) {
        texts_.reserve(textsInRun); // grown by doubling it would be copied, and touched, twice over
    }
    return texts_.size();
}

Result<void> SpoolWriter::add(const trading::ClosedTrade& trade)
{
    const auto at = textsEnd();
    trading::appendTradeCsv(trade, instrument_, texts_);
    return add(trade.position.decision, at);
}

Result<void> SpoolWriter::add(const trading::UntradedSignal& signal)
{
    const auto at = textsEnd();
    trading::appendSignalCsv(signal, instrument_, texts_);
    return add(signal.decision, at);
}

Result<void> SpoolWriter::add(const trading::DecisionStamp& decision, std::size_t at)
{
    auto strategy = strategies_.find(decision.strategy);
    if (strategy == strategies_.end()) {
        strategy = strategies_.insert(decision.strategy).first;
    }
    lines_.push_back({*strategy, decision.number.value, at, texts_.size() - at});
    return lines_.size() < linesInRun ? Result<void>{} : flush();
}

Result<void> SpoolWriter::flush()
{
    std::ranges::sort(lines_, {},
                      [this](const Line& line) { return std::tuple(line.strategy, line.number, text(line)); });
    std::size_t size = texts_.size();
    for (const auto& line : lines_) {
        size += sizeof(LineHead) + line.strategy.size();
    }
    std::string bytes;
    bytes.reserve(size);
    for (const auto& line : lines_) {
        const LineHead head{static_cast<std::uint32_t>(line.strategy.size()), static_cast<std::uint32_t>(line.bytes),
                            line.number};
        bytes.append(reinterpret_cast<const char*>(&head), sizeof head).append(line.strategy).append(text(line));
    }
    lines_.clear();
    texts_.clear();
    auto run = spool_.write(std::move(bytes));
    if (!run) {
        return std::unexpected(run.error());
    }
    runs_.push_back(std::move(*run));
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
    texts_ = {};
    return Spool::Lines{instrument_.name, std::move(runs_)};
}

} // namespace qd::engines
