#include "exchange/csv_lines.h"

#include "base/sha256.h"
#include "exchange/csv_bytes.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t runSize = 256 * 1024;
constexpr std::size_t longestLine = 4096;
constexpr std::size_t runsAhead = 3;

// Bytes as they came, with room before them for the beginning of a line from the run before.
struct Run {
    std::vector<char> room = std::vector<char>(longestLine + runSize);
    std::size_t size = 0;
    double fraction = 0;
    std::optional<base::Error> error; // and nothing comes after it

    [[nodiscard]] char* begin() { return room.data() + longestLine; }
};

} // namespace

// Fills a ring of runs on a thread of its own. All else is the owner's thread's.
class CsvLines::ReadAhead {
public:
    ReadAhead(CsvBytes bytes, bool withHash) : bytes_(std::move(bytes))
    {
        if (withHash) {
            hash_.emplace();
        }
        thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }

    /// The next run, valid until the next call. Its size is 0 at the end, for ever.
    [[nodiscard]] Run& next()
    {
        std::unique_lock lock(mutex_);
        if (std::exchange(isHeld_, true)) {
            ++taken_;
            room_.notify_one();
        }
        filled_.wait(lock, [this] { return taken_ < made_; });
        auto& run = ring_[taken_ % runsAhead];
        isHeld_ = run.size > 0 && !run.error; // the last one stays
        return run;
    }
    /// After the last run only.
    [[nodiscard]] std::string sha256() { return hash_->hex(); }

private:
    void work(const std::stop_token& stop)
    {
        for (bool goesOn = true; goesOn;) {
            {
                std::unique_lock lock(mutex_);
                if (!room_.wait(lock, stop, [this] { return made_ - taken_ < runsAhead; })) {
                    return;
                }
            }
            auto& run = ring_[made_ % runsAhead]; // the owner does not look at it before it is made
            try {
                fill(run);
            } catch (const std::exception& e) {
                run.error = base::Error{ErrorCode::Internal, bytes_.path(), e.what()};
            }
            goesOn = run.size > 0 && !run.error;
            {
                const std::scoped_lock lock(mutex_);
                ++made_;
            }
            filled_.notify_one();
        }
    }
    void fill(Run& run)
    {
        run.size = 0;
        const auto got = bytes_.fill(run.begin(), runSize);
        if (!got) {
            run.error = got.error();
            return;
        }
        run.size = *got;
        run.fraction = bytes_.fraction();
        if (hash_) {
            hash_->add({run.begin(), *got});
        }
    }

    CsvBytes bytes_;
    std::optional<base::Sha256> hash_;
    std::array<Run, runsAhead> ring_;
    std::mutex mutex_; // of the counts
    std::condition_variable_any room_;
    std::condition_variable filled_;
    std::size_t made_ = 0;
    std::size_t taken_ = 0;
    bool isHeld_ = false; // the owner looks at the run at taken_
    std::jthread thread_; // last: it ends before what it works on
};

CsvLines::CsvLines(std::string path, CsvWatch watch, std::unique_ptr<ReadAhead> ahead)
    : path_(std::move(path)),
      watch_(std::move(watch)),
      ahead_(std::move(ahead))
{
}
CsvLines::CsvLines(CsvLines&&) noexcept = default;
CsvLines& CsvLines::operator=(CsvLines&&) noexcept = default;
CsvLines::~CsvLines() = default;

Result<CsvLines> CsvLines::open(const std::string& path, bool withHash, CsvWatch watch)
{
    auto bytes = CsvBytes::open(path);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    return CsvLines(path, std::move(watch), std::make_unique<ReadAhead>(std::move(*bytes), withHash));
}

std::string CsvLines::sha256()
{
    return ahead_->sha256();
}

Result<std::string_view> CsvLines::next()
{
    if (watch_.stop.stop_requested()) {
        return fail(ErrorCode::Cancelled, path_, "stopped while reading");
    }
    while (!atEnd_) {
        if (carry_.size() > longestLine) {
            return fail(ErrorCode::Malformed, path_, "a line is longer than 4096 bytes: this is not such a CSV");
        }
        longCarry_.assign(carry_); // the run it lies in is given back now
        auto& run = ahead_->next();
        if (run.error) {
            return std::unexpected(*run.error);
        }
        tellProgress(run.fraction);
        bytes_ += static_cast<std::int64_t>(run.size);
        char* const first = run.begin() - longCarry_.size();
        std::memcpy(first, longCarry_.data(), longCarry_.size());
        const std::string_view all(first, longCarry_.size() + run.size);
        atEnd_ = run.size == 0;
        const auto end = atEnd_ ? all.size() : all.rfind('\n') + 1; // npos + 1 is 0: no line ends here
        carry_ = all.substr(end);
        if (end > 0) {
            return all.substr(0, end);
        }
    }
    return std::string_view{};
}

void CsvLines::tellProgress(double fraction)
{
    const auto percent = static_cast<int>(std::min(1.0, fraction) * 100);
    if (watch_.progress && percent > toldPercent_) {
        toldPercent_ = percent;
        watch_.progress(percent / 100.0);
    }
}

} // namespace qd::exchange
