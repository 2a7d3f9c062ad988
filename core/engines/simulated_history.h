// Gives a database the past of the simulated market, by the engines' own ways: the market on a thread of its own, the
// archive written in whole blocks on the caller's, then the catching up of a start after a crash, which trades the
// ticks through the real pipeline; equity from that ledger. What was stored stays stored when it is cancelled or
// killed, and the next call with the same history makes the rest, to the same rows. Owns nothing; blocks; the caller's
// is the write connection. Source: PRODUCT.md, First start; Command line, simulate.
#pragma once

#include "base/policy.h"
#include "storage/database.h"
#include "storage/simulated_store.h"

#include <filesystem>
#include <functional>
#include <stop_token>

namespace qd::engines {

/// What the demo market has behind it at its very first start; all zero: nothing.
struct DemoHistory {
    base::Millis candlesOnly{140 * base::oneDay};
    base::Millis withTicks{60 * base::oneDay}; // back to the boundary of four hours before it
    double rate = 0.15;                        // of the live market's trades; each stands for several
    std::uint64_t trades = 0;                  // closed, about; 0: as many as the strategies find
};

/// With its end at `until`. Candles and ticks meet at a boundary of the largest candles.
[[nodiscard]] storage::SimulatedHistory historyOf(const DemoHistory& wish, std::uint64_t seed,
                                                  std::vector<std::string> instruments, base::UtcMs until);

/// Makes what is missing of `history` and marks the database as simulated, complete at the end. Conflict: the database
/// holds something else. Cancelled: `stop` came first; what is there already is whole.
[[nodiscard]] base::Result<void> makeHistory(storage::Database& database, const storage::SimulatedHistory& history,
                                             const base::PaperPolicy& policy,
                                             const std::function<void(double fraction)>& progress,
                                             const std::stop_token& stop);

struct SimulateOptions {
    std::filesystem::path database; // made if need be
    storage::SimulatedHistory history;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    std::function<void(double fraction)> progress;
};

struct SimulateOutcome {
    bool wasThere = false; // complete before
    std::uint64_t ticks = 0;
    std::uint64_t trades = 0; // closed
    std::uint64_t open = 0;
    std::uint64_t untraded = 0;
    std::uint64_t bytes = 0; // of the database
    double seconds = 0;
};

/// The same for a database that nobody owns (Busy if a console does).
[[nodiscard]] base::Result<SimulateOutcome> simulate(const SimulateOptions& options, const std::stop_token& stop);

} // namespace qd::engines
