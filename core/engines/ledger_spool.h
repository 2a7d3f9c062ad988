// The lines behind ledger_hash, of any number: sorted runs in a file without a name, merged at the end. What it holds
// in memory does not grow with the ledger: one run an instrument in work, and a small window on each run while it is
// read. One Spool for all threads of a replay; one SpoolWriter a thread and instrument. Fails with Io or DiskFull.
#pragma once

#include "base/error.h"
#include "trading/trading_pipeline.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace qd::engines {

class Spool {
public:
    struct Run {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
    };
    /// Of one instrument.
    struct Lines {
        std::string instrument; // name
        std::vector<Run> runs;
    };

    Spool() = default;
    [[nodiscard]] base::Result<void> open();
    /// Any thread.
    [[nodiscard]] base::Result<Run> write(const std::string& bytes);
    /// trading::ledgerHash of everything, once nobody writes any more. Orders `all` by name.
    [[nodiscard]] base::Result<std::string> hash(std::vector<Lines>& all) const;

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
    std::atomic<std::uint64_t> end_{0};
};

class SpoolWriter {
public:
    SpoolWriter(Spool& spool, const market::Instrument& instrument) : spool_(spool), instrument_(instrument) {}
    [[nodiscard]] base::Result<void> add(const trading::ClosedTrade& trade);
    [[nodiscard]] base::Result<void> add(const trading::UntradedSignal& signal);
    /// What was added, in the spool; the writer is empty then.
    [[nodiscard]] base::Result<Spool::Lines> finish();

private:
    static constexpr std::size_t linesInRun = 8'192; // some 2 MB
    struct Line {
        std::string strategy;
        std::int64_t number = 0;
        std::string text;
        friend auto operator<=>(const Line&, const Line&) = default;
    };
    [[nodiscard]] base::Result<void> add(const trading::DecisionStamp& decision, std::string text);
    [[nodiscard]] base::Result<void> flush();

    Spool& spool_;
    const market::Instrument& instrument_;
    std::vector<Line> lines_;
    std::vector<Spool::Run> runs_;
};

} // namespace qd::engines
