// The noise null over an archive (trading/noise_null.h): strategies with today's parameters on the newest days of every
// instrument, once as the market was and once a seed mirrored, all the same way and at the same costs. Candles of the
// finest timeframe that is stored, unless ticks are asked for: what a run on them costs does not hang on how busy the
// market was. No model answers: one that serves has learned from these very days, so what asks one stays silent. Spread
// over threads of low priority with read-only connections of their own; the figures do not depend on how many. Memory:
// the candles of one instrument a thread. Any thread; blocks until done, cancelled (Cancelled) or failed.
#pragma once

#include "base/error.h"
#include "base/policy.h"
#include "trading/noise_null.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

struct NullOptions {
    std::filesystem::path database;
    std::vector<std::string> strategies;  // empty: all
    std::vector<std::string> instruments; // empty: all
    std::uint32_t seeds = 200;
    std::uint32_t days = 60; // the newest; 0: all there is
    bool onTicks = false;    // instruments with ticks only
    unsigned jobs = 1;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    base::UtcMs now;                                                           // stamped on the results
    std::function<void(double fraction, const std::string& phase)> progress{}; // by the workers, one at a time
};

struct NullOutcome {
    std::vector<trading::NullResult> rows; // one a strategy, in the catalogue's order
    std::uint64_t items = 0;               // candles or ticks of the market itself
    double seconds = 0;
};

/// Why figures of such a run are not to be kept: what is kept takes the place of the newest null, by which the gates
/// go. Empty where they are.
[[nodiscard]] std::string whyNotKept(const NullOptions& options);

[[nodiscard]] base::Result<NullOutcome> runNull(const NullOptions& options, const std::stop_token& stop);

} // namespace qd::engines
