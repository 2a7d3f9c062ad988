#include "engines/replay_queries.h"

#include "engines/replay.h"
#include "statistics/summary.h"
#include "storage/instrument_store.h"
#include "trading/performance.h"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

namespace qd::engines {

using base::Result;
using statistics::Measure;

namespace {

constexpr std::size_t mostPoints = 60; // of an equity curve

Measure measureOf(const std::optional<double>& value, statistics::Undefined why)
{
    return value ? Measure(*value) : std::unexpected(why);
}

std::vector<float> equityOf(std::span<const trading::ClosedTrade> byExit)
{
    std::vector<float> points;
    base::Money equity;
    for (std::size_t i = 0; i < byExit.size(); ++i) {
        equity += byExit[i].net;
        // the last trade always has its point
        if ((i + 1) * mostPoints / byExit.size() > i * mostPoints / byExit.size()) {
            points.push_back(static_cast<float>(base::toUsdt(equity)));
        }
    }
    return points;
}

double seconds(base::Millis time)
{
    return static_cast<double>(time.count()) / 1'000;
}

/// What closed trades alone tell of a strategy. The daily Sharpe, its probability and its deflation need the equity
/// marked to market, which a replay does not make: they stay undefined.
trading::Evaluation evaluationOf(std::string strategy, std::vector<trading::ClosedTrade> trades,
                                 const base::PaperPolicy& policy)
{
    std::ranges::stable_sort(trades, {}, [](const trading::ClosedTrade& trade) { return trade.exit.time; });
    const auto figures = trading::performanceOf(trades, {});
    trading::Evaluation out{.strategy = std::move(strategy), .instrument = {}, .parameterHash = {}};
    out.trades = figures.trades;
    out.won = figures.won;
    out.winRate = measureOf(figures.winRate, statistics::Undefined::NoTrades);
    out.winInterval = figures.winInterval;
    out.profitFactor = measureOf(figures.profitFactor,
                                 trades.empty() ? statistics::Undefined::NoTrades : statistics::Undefined::NoLosses);
    out.net = figures.net;
    out.maxDrawdown = measureOf(figures.maxDrawdown, statistics::Undefined::NoTrades);
    if (figures.provisionalSharpe) {
        out.sharpe.annual = *figures.provisionalSharpe;
        out.sharpe.isProvisional = true;
    }
    std::vector<double> shares;
    std::vector<double> holds;
    for (const auto& trade : trades) {
        shares.push_back(static_cast<double>(trade.net.value) / static_cast<double>(policy.notional.value));
        holds.push_back(seconds(trade.exit.time - trade.position.entry.time));
        out.optimistic += trade.optimistic;
        out.pessimistic += trade.pessimistic;
        const auto& hash = trade.position.decision.parameterHash;
        out.parameterHash = &trade == trades.data() || out.parameterHash == hash ? hash : std::string();
    }
    if (!trades.empty()) {
        out.expectancy = statistics::mean(shares);
        out.medianHoldSeconds = statistics::quantile(holds, 0.5);
    }
    out.equity = equityOf(trades);
    return out;
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
                          .candles = {},
                          .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // one is left to the engines
                          .policy = context.policy};
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
    auto done = replay(options, context.stop);
    if (!done) {
        return std::unexpected(done.error());
    }
    std::map<std::string, std::vector<trading::ClosedTrade>> byStrategy;
    for (auto& row : done->rows) {
        auto& all = byStrategy[row.strategy];
        std::ranges::move(row.trades, std::back_inserter(all));
    }
    console::ReplayFigures out{.strategies = {},
                               .ticks = done->ticks,
                               .trades = done->trades,
                               .seconds = done->seconds,
                               .ledgerHash = std::move(done->ledgerHash)};
    for (auto& [strategy, trades] : byStrategy) {
        out.strategies.push_back(evaluationOf(strategy, std::move(trades), context.policy));
    }
    return out;
}

} // namespace qd::engines
