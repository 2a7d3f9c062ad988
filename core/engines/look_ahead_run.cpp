#include "engines/look_ahead_run.h"

#include "engines/in_force.h"
#include "storage/candle_store.h"
#include "storage/instrument_store.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <thread>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;

namespace {

/// What is stored of the finest timeframe that there is: where its newest candle begins.
struct Newest {
    market::Timeframe timeframe = market::Timeframe::M1;
    UtcMs start;
};

Result<Newest> newestCandle(const std::filesystem::path& file)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadOnly);
    const auto all = database ? storage::InstrumentStore(*database).all()
                              : Result<std::vector<market::Instrument>>(std::unexpected(database.error()));
    if (!all) {
        return std::unexpected(all.error());
    }
    storage::CandleStore candles(*database);
    for (const auto timeframe : market::allTimeframes) {
        std::optional<UtcMs> newest;
        for (const auto& instrument : *all) {
            const auto last = candles.read(instrument.id, timeframe, {}, 1);
            if (!last) {
                return std::unexpected(last.error());
            }
            if (!last->empty()) {
                newest = std::max(newest.value_or(last->front().start), last->front().start);
            }
        }
        if (newest) {
            return Newest{timeframe, *newest};
        }
    }
    return base::fail(ErrorCode::NotFound, "look-ahead test", "no candle is stored that could be replayed");
}

/// Those that had closed before `cut`, on one instrument.
std::span<const trading::ClosedTrade> closedBefore(const ReplayRow& row, UtcMs cut)
{
    const auto end = std::ranges::find_if(row.trades, [&](const auto& trade) { return trade.exit.time >= cut; });
    return {row.trades.begin(), end};
}

} // namespace

void compareClosed(const ReplayResult& whole, const ReplayResult& cutOff, UtcMs cut, console::LookAheadFigures& out)
{
    for (const auto& row : whole.rows) {
        const auto all = closedBefore(row, cut);
        const auto other = std::ranges::find_if(
            cutOff.rows, [&](const ReplayRow& of) { return of.instrument.id == row.instrument.id; });
        const auto few =
            other == cutOff.rows.end() ? std::span<const trading::ClosedTrade>() : closedBefore(*other, cut);
        if (!std::ranges::equal(all, few) && out.mismatch.empty()) {
            out.mismatch = "on " + row.instrument.name + " up to " + base::isoText(cut) + ": " +
                           std::to_string(all.size()) + " trades with what came later, " + std::to_string(few.size()) +
                           " without" + (all.size() == few.size() ? ", and not the same" : "");
        }
        out.trades += all.size();
    }
}

Result<console::LookAheadFigures> runLookAhead(const LookAheadOptions& options, const std::stop_token& stop)
{
    const auto newest = newestCandle(options.database);
    if (!newest) {
        return std::unexpected(newest.error());
    }
    const auto from = newest->start - base::oneDay * static_cast<std::int64_t>(options.days);
    ReplayOptions replayed{.database = options.database,
                           .instruments = {},
                           .strategies = {options.strategy},
                           .range = {from, newest->start},
                           .current = true,
                           .ignoresSwitches = true,
                           .candles = newest->timeframe,
                           .jobs = options.jobs,
                           .policy = options.policy,
                           .ledger = {},
                           .progress = {}};
    const auto whole = replay(replayed, stop);
    if (!whole) {
        return std::unexpected(whole.error());
    }
    console::LookAheadFigures out{.strategy = options.strategy, .days = options.days};
    std::mt19937_64 random(1); // the same moments whenever it is asked of the same days
    const auto span = static_cast<std::uint64_t>((newest->start - from).count());
    for (; out.cuts < options.cuts; ++out.cuts) {
        const auto cut = from + base::Millis{static_cast<std::int64_t>(random() % span)};
        replayed.range.to = cut;
        const auto cutOff = replay(replayed, stop);
        if (!cutOff) {
            return std::unexpected(cutOff.error());
        }
        compareClosed(*whole, *cutOff, cut, out);
        if (options.progress) {
            options.progress(static_cast<double>(out.cuts + 1) / options.cuts);
        }
    }
    return out;
}

Result<console::LookAheadFigures> runLookAheadQuery(const DeskContext& context, const console::RunLookAhead& query)
{
    const auto hash = hashInForce(context, query.strategy);
    if (!hash) {
        return std::unexpected(hash.error());
    }
    auto done =
        runLookAhead({.database = context.database.path(),
                      .strategy = query.strategy,
                      .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // as a replay
                      .policy = context.policy,
                      .progress = [&](double share) { context.progress(share, "cutting off what came later"); }},
                     context.stop);
    if (!done) {
        return done;
    }
    // Without a trade there was nothing that could have differed: then it has shown nothing.
    if (done->trades > 0 || !done->mismatch.empty()) {
        const auto found = std::to_string(done->cuts) + " moments of " + std::to_string(done->days) + " days, " +
                           std::to_string(done->trades) + " comparisons of a trade";
        if (auto kept = keepFound(context, query.strategy, *hash, "look-ahead",
                                  done->mismatch.empty() ? found + ", all the same"
                                                         : std::string(governance::failedTest) + done->mismatch);
            !kept) {
            return std::unexpected(kept.error());
        }
    }
    return done;
}

Result<std::string> hashInForce(const DeskContext& context, const std::string& strategy)
{
    const auto inForce = readInForce(context.database);
    if (!inForce) {
        return std::unexpected(inForce.error());
    }
    const auto* row = governance::findRow(inForce->roster, strategy);
    return row != nullptr ? Result<std::string>(row->parameterHash)
                          : base::fail(ErrorCode::NotFound, strategy, "no strategy of that name in the roster");
}

Result<void> keepFound(const DeskContext& context, const std::string& strategy, const std::string& hash,
                       const std::string& test, std::string found)
{
    if (!context.keepTest) {
        return {};
    }
    return context.keepTest({hash, storage::ranTest(test), context.clock.now(), strategy, std::move(found)},
                            context.stop);
}

Result<void> keepTestThrough(StoreQueue& queue, storage::SignOffRow row, const std::stop_token& stop)
{
    using namespace std::chrono_literals;
    StoreGovernance item;
    item.record.signOff = std::move(row);
    auto answer = item.answer.get_future();
    const auto ended = [] { return base::fail(ErrorCode::Io, "test", "the store has ended"); };
    if (!queue.push(std::move(item))) {
        return ended();
    }
    while (answer.wait_for(20ms) != std::future_status::ready) {
        if (stop.stop_requested()) {
            return base::fail(ErrorCode::Cancelled, "test", "");
        }
    }
    try {
        const auto kept = answer.get();
        return kept ? Result<void>() : std::unexpected(kept.error());
    } catch (const std::future_error&) { // dropped unwritten
        return ended();
    }
}

} // namespace qd::engines
