// The archive through the very same pipeline: figures for each (strategy, instrument), ticks a second, and ledger_hash.
// Instruments do not touch each other, so they are spread over `jobs` workers, each with a read-only connection of its
// own and a thread that reads ahead of it; the hash does not depend on their number. Memory does not grow with the
// archive: streams and the ledger's lines pass through, and only kept trades stay (replay_ledger.h). With `candles` the
// candles of the store go through trading/candle_pipeline.h instead, where there are no ticks. Any thread; blocks until
// done, cancelled (Cancelled) or failed.
#pragma once

#include "base/error.h"
#include "base/policy.h"
#include "engines/replay_ledger.h"
#include "storage/tick_archive.h"
#include "trading/closed_trade.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

struct TodaysInputs; // engines/todays_inputs.h
using InputsOfInstruments = std::map<base::InstrumentId, TodaysInputs>;

struct ReplayProgress {
    double fraction = 0;     // 0…1
    std::uint64_t ticks = 0; // or candles, so far
    double seconds = 0;      // since the first
};

struct ReplayOptions {
    std::filesystem::path database;
    std::vector<std::string> instruments; // names; empty: all that have ticks
    std::vector<std::string> strategies;  // names; empty: all
    storage::TimeRange range;             // only ticks and quotes of this exchange time are fed
    /// The switches, stages, parameters, models, policy and calibration of today from the first item on, instead of the
    /// recorded inputs; funding rates are market data and stay.
    bool current = false;
    bool ignoresSwitches = false; // with `current`: what is switched off or archived trades as if it were on
    /// Today's inputs as they were read before, for several replays by the very same ones; empty: read anew.
    std::shared_ptr<const InputsOfInstruments> today{};
    std::optional<market::Timeframe> candles; // set: replay on candles, charged by the newest calibration. Recorded
                                              // inputs have no place there
    unsigned jobs = 1;
    base::PaperPolicy policy = base::defaultPaperPolicy(); // before anything of it was decided
    bool keepsTrades = true;                               // in the rows; else only their figures
    std::filesystem::path ledger; // set: the ledger as a database of its own, which must not exist yet
    std::function<void(const ReplayProgress&)> progress; // called by the worker threads, one at a time
};

struct ReplayRow {
    std::string strategy;
    market::Instrument instrument;
    RowFigures figures;
    std::vector<trading::ClosedTrade> trades; // where they are kept, by exit
};

struct ReplayResult {
    std::vector<ReplayRow> rows; // by strategy, then instrument
    std::uint64_t ticks = 0;     // or candles
    std::uint64_t trades = 0;
    std::uint64_t untraded = 0;
    double seconds = 0;
    std::string ledgerHash;
    std::vector<std::string> leftOut;           // strategies that read a smaller timeframe than the candles'
    std::vector<storage::MissingBlock> missing; // blocks that could not be read; a gap stands in their place
};

[[nodiscard]] base::Result<ReplayResult> replay(const ReplayOptions& options, const std::stop_token& stop);

} // namespace qd::engines
