// The lines behind ledger_hash, of any number: sorted runs, merged at the end. The first few MB of them stay in memory,
// the others go into a file without a name. So what is held does not grow with the ledger: those, one run an instrument
// in work, and a small window on each run while it is read. One Spool for all threads of a replay; one SpoolWriter a
// thread and instrument. Fails with Io or DiskFull.
#pragma once

#include "base/error.h"
#include "trading/trading_pipeline.h"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace qd::engines {

class Spool {
public:
    struct Run {
        std::uint64_t offset = 0; // in the file
        std::uint64_t bytes = 0;  // there
        std::string held;         // the run itself, where it stayed in memory
    };
    /// Of one instrument.
    struct Lines {
        std::string instrument; // name
        std::vector<Run> runs;
    };

    explicit Spool(std::size_t mostHeld = 8U << 20U) : mostHeld_(mostHeld) {}
    /// Any thread.
    [[nodiscard]] base::Result<Run> write(std::string bytes);
    /// trading::ledgerHash of everything, once nobody writes any more. Uses `all` up.
    [[nodiscard]] base::Result<std::string> hash(std::vector<Lines>& all) const;

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    [[nodiscard]] bool mayHold(std::size_t bytes);

    const std::size_t mostHeld_; // bytes
    std::mutex mutex_;           // of the rest
    std::size_t held_ = 0;
    std::unique_ptr<std::FILE, Close> file_; // from the first run on that is not held
    std::uint64_t end_ = 0;
};

class SpoolWriter {
public:
    SpoolWriter(Spool& spool, const market::Instrument& instrument) : spool_(spool), instrument_(instrument) {}
    [[nodiscard]] base::Result<void> add(const trading::ClosedTrade& trade);
    [[nodiscard]] base::Result<void> add(const trading::UntradedSignal& signal);
    /// What was added, in the spool; the writer is empty then.
    [[nodiscard]] base::Result<Spool::Lines> finish();

private:
    static constexpr std::size_t linesInRun = 8'192;
    static constexpr std::size_t textsInRun = linesInRun * 384; // bytes, about
    struct Line {
        std::string_view strategy; // of strategies_
        std::int64_t number = 0;
        std::size_t at = 0; // of its text in texts_
        std::size_t bytes = 0;
    };
    [[nodiscard]] std::size_t textsEnd();
    /// Of a line whose text lies from `at` on in texts_.
    [[nodiscard]] base::Result<void> add(const trading::DecisionStamp& decision, std::size_t at);
    [[nodiscard]] base::Result<void> flush();
    [[nodiscard]] std::string_view text(const Line& line) const
    {
        return std::string_view(texts_).substr(line.at, line.bytes);
    }

    Spool& spool_;
    const market::Instrument& instrument_;
    std::set<std::string, std::less<>> strategies_;
    std::vector<Line> lines_;
    std::string texts_;
    std::vector<Spool::Run> runs_;
};

} // namespace qd::engines
