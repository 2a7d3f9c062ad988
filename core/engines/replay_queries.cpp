#include "engines/replay_queries.h"

#include "engines/look_ahead_run.h"
#include "engines/replay.h"
#include "storage/candle_store.h"
#include "storage/instrument_store.h"
#include "storage/policy_store.h"
#include "storage/trade_book_reader.h"
#include "trading/evaluate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

namespace qd::engines {

using base::Result;

namespace {

/// The same figures as of the ledger (trading/evaluate.h), of what the replay traded.
Result<std::vector<trading::Evaluation>> evaluationsOf(storage::Database& database, const ReplayResult& replayed,
                                                       const ReplayOptions& options)
{
    trading::TradeBook book;
    storage::Instruments instruments;
    std::map<base::InstrumentId, trading::MidnightMarks> marks;
    std::map<std::string, std::size_t> strategies;
    storage::CandleStore candles(database);
    base::UtcMs newest{INT64_MIN};
    for (const auto& row : replayed.rows) {
        ++strategies[row.strategy];
        if (instruments.emplace(row.instrument.id, row.instrument).second) {
            if (auto read = storage::readMarks(candles, row.instrument.id, marks[row.instrument.id]); !read) {
                return std::unexpected(read.error());
            }
        }
        for (const auto& trade : row.trades) {
            book.add(book.entryOf(trade, row.instrument));
            newest = std::max(newest, trade.exit.time);
        }
    }
    const auto values = storage::PolicyStore(database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    const trading::EvaluationInputs inputs{.book = book,
                                           .open = {},
                                           .instruments = instruments,
                                           .marks = marks,
                                           .strategies = std::move(strategies),
                                           .hashes = {},
                                           .tries = {},
                                           .capital = {},
                                           .from = std::max(options.range.from, base::UtcMs{0}),
                                           .now = std::max(newest, base::UtcMs{0}),
                                           .rowCapital = options.policy.rowCapital,
                                           .limits = trading::evaluationLimits(*values)};
    return trading::evaluate(inputs).strategies;
}

/// The newest time of the archive's ticks; empty without any.
Result<std::optional<base::UtcMs>> newestTick(storage::Database& database)
{
    const auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    std::optional<base::UtcMs> newest;
    for (const auto& instrument : *all) {
        const auto summary = storage::TickArchive(database).summary(instrument.id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        if (summary->ticks > 0) {
            newest = std::max(newest.value_or(summary->lastTime), summary->lastTime);
        }
    }
    return newest;
}

} // namespace

Result<console::ReplayFigures> runReplayQuery(const DeskContext& context, const console::RunReplay& query)
{
    ReplayOptions options{.database = context.database.path(),
                          .instruments = {},
                          .strategies = query.strategies,
                          .range = {},
                          .current = query.current,
                          .ignoresSwitches = true, // one that is off is what one wants to look at
                          .candles = {},
                          .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // one is left to the engines
                          // recorded changes of the policy are on top of the defaults
                          .policy = query.current ? context.policy : base::defaultPaperPolicy()};
    if (query.days > 0) {
        const auto newest = newestTick(context.database);
        if (!newest) {
            return std::unexpected(newest.error());
        }
        if (*newest) {
            options.range.from = **newest - base::Millis{query.days * base::oneDay.count()};
        }
    }
    options.progress = [&](const ReplayProgress& now) { context.progress(now.fraction, "replaying"); };
    const bool isOfOne = query.strategies.size() == 1 && query.current; // then a sign-off may go by it
    const auto hash = isOfOne ? hashInForce(context, query.strategies.front()) : Result<std::string>();
    if (!hash) {
        return std::unexpected(hash.error());
    }
    auto done = replay(options, context.stop);
    if (!done) {
        return std::unexpected(done.error());
    }
    auto evaluations = evaluationsOf(context.database, *done, options);
    if (!evaluations) {
        return std::unexpected(evaluations.error());
    }
    std::string notKept;
    if (isOfOne && done->trades == 0) {
        notKept = "it closed no trade, so it has shown nothing";
    } else if (isOfOne) {
        if (auto same = checkInForce(context, query.strategies.front(), *hash); !same) {
            return std::unexpected(same.error());
        }
        auto found = std::to_string(done->trades) + " trades" +
                     (query.days > 0 ? " of " + std::to_string(query.days) + " days" : std::string()) +
                     ", ledger_hash " + done->ledgerHash;
        auto answer = keepFound(context, query.strategies.front(), *hash, "replay", std::move(found));
        if (!answer) {
            return std::unexpected(answer.error());
        }
        notKept = std::move(*answer);
    }
    return console::ReplayFigures{.strategies = std::move(*evaluations),
                                  .ticks = done->ticks,
                                  .trades = done->trades,
                                  .seconds = done->seconds,
                                  .ledgerHash = std::move(done->ledgerHash),
                                  .notKept = std::move(notKept)};
}

} // namespace qd::engines
