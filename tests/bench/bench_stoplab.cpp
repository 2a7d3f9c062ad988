// The stop lab over a database of simulated history, beside a bare read of the same ticks and one replay of them.
#include "bench/bench.h"
#include "engines/replay.h"
#include "engines/stop_lab_run.h"
#include "storage/instrument_store.h"
#include "storage/tick_archive.h"

#include <cstdio>

namespace qd::bench {

void benchStopLab(const std::string& database, bool withReplay)
{
    auto opened = need(storage::Database::open(database, storage::Database::Mode::ReadOnly));
    const auto policy = base::defaultPaperPolicy();
    const base::SystemClock clock;
    std::uint64_t ticks = 0;
    std::int64_t sum = 0; // keeps the compiler from leaving the read out
    const auto begun = std::chrono::steady_clock::now();
    for (const auto& instrument : need(storage::InstrumentStore(opened).all())) {
        need(storage::TickArchive(opened).read(instrument.id, {}, [&](std::span<const storage::NumberedTick> span) {
            for (const auto& one : span) {
                sum += one.tick.price.value;
            }
            ticks += span.size();
            return true;
        }));
    }
    const auto readSeconds = secondsSince(begun);
    const auto before = cpuSeconds();
    const auto lab = need(engines::runStopLab({.database = opened,
                                               .policy = policy,
                                               .clock = clock,
                                               .stop = {},
                                               .progress = [](double, const std::string&) {}},
                                              {}));
    const auto labCpu = cpuSeconds() - before;
    double replaySeconds = 0;
    if (withReplay) {
        replaySeconds = need(engines::replay({.database = database}, {})).seconds;
    }
    std::printf("{\"entries\":%llu,\"left_out\":%llu,\"cells\":%zu,\"lab_ticks\":%llu,\"lab_seconds\":%.3f,"
                "\"lab_cpu_seconds\":%.3f,\"all_ticks\":%llu,\"read_seconds\":%.3f,\"replay_seconds\":%.3f,"
                "\"sum\":%lld}\n",
                static_cast<unsigned long long>(lab.entries), static_cast<unsigned long long>(lab.leftOut),
                lab.cells.size(), static_cast<unsigned long long>(lab.ticks), lab.seconds, labCpu,
                static_cast<unsigned long long>(ticks), readSeconds, replaySeconds, static_cast<long long>(sum));
}

} // namespace qd::bench
