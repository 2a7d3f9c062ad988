// The look-ahead test of a strategy's trades: its newest days are replayed once as a whole, and once up to each of many
// moments; what had closed by then has to be the same trade for trade, for nobody can have seen what was cut off.
// Through the pipeline, on the finest candles that are stored, with today's parameters, read once for all replays. In
// the end the whole is replayed again: where the stored candles changed meanwhile, what differs says nothing about the
// strategy (Conflict). A model that learned from these days is the same in both, so its own audit answers for it. Also
// who keeps what this test and a replay found, for the sign-off of what is too good to be true. Any thread; blocks
// until done, cancelled (Cancelled) or failed; NotFound without candles or with less than a day of them. Source:
// STATISTICS.md §12.3; PRODUCT.md, The nightly review: candidate.
#pragma once

#include "console/queries.h"
#include "engines/engine_messages.h"
#include "engines/query_desk.h"
#include "engines/replay.h"
#include "engines/store_answer.h"

namespace qd::engines {

struct LookAheadOptions {
    std::filesystem::path database;
    std::string strategy;
    std::uint32_t cuts = 50;
    std::uint32_t days = 14; // the newest, or as many as are stored
    unsigned jobs = 1;
    base::PaperPolicy policy = base::defaultPaperPolicy();
    std::function<void(double fraction)> progress{};
    /// What trades the strategy over the past.
    std::function<base::Result<ReplayResult>(const ReplayOptions&, const std::stop_token&)> replay = engines::replay;
};
[[nodiscard]] base::Result<console::LookAheadFigures> runLookAhead(const LookAheadOptions& options,
                                                                   const std::stop_token& stop);

/// Compares what had closed before the cut, on each instrument: counts it, and says the first that is not the same.
void compareClosed(const ReplayResult& whole, const ReplayResult& cutOff, base::UtcMs cut,
                   console::LookAheadFigures& out);

/// Runs it, and keeps what it found of the parameters in force; Conflict if others are in force when it ends. What
/// cannot be kept is answered all the same, and says so.
[[nodiscard]] base::Result<console::LookAheadFigures> runLookAheadQuery(const DeskContext& context,
                                                                        const console::RunLookAhead& query);
/// Of the strategy's parameters in force; read before a test runs, for they may change meanwhile.
[[nodiscard]] base::Result<std::string> hashInForce(const DeskContext& context, const std::string& strategy);
/// Conflict unless these are in force still.
[[nodiscard]] base::Result<void> checkInForce(const DeskContext& context, const std::string& strategy,
                                              const std::string& hash);
/// Keeps what a test ("look-ahead", "replay") found of these parameters; nothing where nobody keeps. Answers why it was
/// not kept, in words; empty: it was. An error where it was cancelled.
[[nodiscard]] base::Result<std::string> keepFound(const DeskContext& context, const std::string& strategy,
                                                  const std::string& hash, const std::string& test, std::string found);
/// Hands the row to the store, as keepAndWait().
[[nodiscard]] base::Result<void> keepTestThrough(const StoreLinks& store, storage::SignOffRow row,
                                                 const std::stop_token& stop);

} // namespace qd::engines
