// The archive through the very same pipeline: figures for each (strategy, instrument), ticks a second, and ledger_hash.
// Instruments do not touch each other, so they are spread over `jobs` threads, each with a read-only connection of its
// own; the hash does not depend on their number. Any thread; blocks until done, cancelled (Cancelled) or failed.
#pragma once

#include "base/error.h"
#include "base/policy.h"
#include "storage/tick_archive.h"
#include "trading/closed_trade.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

struct ReplayOptions {
    std::filesystem::path database;
    std::vector<std::string> instruments; // names; empty: all that have ticks
    std::vector<std::string> strategies;  // names; empty: all
    storage::TimeRange range;             // only ticks and quotes of this exchange time are fed
    unsigned jobs = 1;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    std::function<void(double fraction)> progress; // called by the worker threads, one at a time
};

struct ReplayRow {
    std::string strategy;
    market::Instrument instrument;
    std::vector<trading::ClosedTrade> trades;
    std::uint64_t untraded = 0;
};

struct ReplayResult {
    std::vector<ReplayRow> rows; // by strategy, then instrument
    std::uint64_t ticks = 0;
    std::uint64_t trades = 0;
    std::uint64_t untraded = 0;
    double seconds = 0;
    std::string ledgerHash;
};

[[nodiscard]] base::Result<ReplayResult> replay(const ReplayOptions& options, const std::stop_token& stop);

} // namespace qd::engines
