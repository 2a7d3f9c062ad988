#include "engines/stop_lab_run.h"

#include "engines/governance_facts.h"
#include "engines/model_hints.h"
#include "storage/instrument_store.h"
#include "storage/policy_store.h"
#include "storage/tick_archive.h"
#include "storage/trade_pages.h"
#include "trading/execution_band.h"
#include "trading/stop_lab.h"
#include "trading/track_record.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <ranges>

namespace qd::engines {

using base::Result;
using statistics::Undefined;
using trading::StopLabEntry;
using trading::StopLabGrid;
using trading::StopLabHalf;
using trading::StopLabSums;

namespace {

using Entries = std::map<base::InstrumentId, std::vector<StopLabEntry>>; // by number of the fill

/// What the lab replays.
struct Sample {
    Entries entries;
    StopLabGrid grid;
    double meanStop = 0; // distances as they were traded, shares
    double meanTarget = 0;
    double stopNow = 0; // of the newest parameters' entries
    double targetNow = 0;
    base::UtcMs first;
    base::UtcMs last;
    std::uint64_t count = 0;
    std::map<base::InstrumentId, base::UtcMs> from; // of the first entry
};

/// Of parameters but for what a cell changes: those that agree in it enter alike.
std::string entryText(std::string_view parameters)
{
    std::string out;
    for (const auto part : std::views::split(parameters, '|')) {
        const std::string_view one(part.begin(), part.end());
        if (!one.starts_with("stop_atr=") && !one.starts_with("target_atr=")) {
            out.append(one).append("|");
        }
    }
    return out;
}

/// Other parameters than a strategy's newest ones decided on other entries: they say nothing of where these want their
/// stop.
Result<void> keepSameEntries(storage::Database& database, std::vector<trading::ClosedTrade>& trades)
{
    using Of = std::pair<std::string, std::string>; // strategy, hash
    const auto keyOf = [](const trading::ClosedTrade& trade) {
        const auto& decision = trade.position.decision;
        return Of{decision.strategy, decision.parameterHash};
    };
    std::map<Of, std::string> entries; // of unknown parameters the hash itself
    std::map<std::string, std::pair<base::UtcMs, std::string>> newest;
    for (const auto& trade : trades) {
        const auto key = keyOf(trade);
        if (!entries.contains(key)) {
            const auto text = parametersOf(database, key.first, key.second);
            if (!text && text.error().code != base::ErrorCode::NotFound) {
                return std::unexpected(text.error());
            }
            entries[key] = text ? entryText(*text) : key.second;
        }
        auto& known = newest[key.first];
        if (trade.position.entry.time >= known.first) {
            known = {trade.position.entry.time, entries[key]};
        }
    }
    std::erase_if(trades, [&](const trading::ClosedTrade& trade) {
        return entries.at(keyOf(trade)) != newest.at(trade.position.decision.strategy).second;
    });
    return {};
}

Result<Sample> sampleOf(const DeskContext& context, const console::RunStopLab& query,
                        const std::vector<market::Instrument>& instruments)
{
    std::map<base::InstrumentId, const market::Instrument*> byId;
    for (const auto& instrument : instruments) {
        byId[instrument.id] = &instrument;
    }
    trading::TradeFilter filter;
    filter.strategy = query.strategy;
    filter.instrument = query.instrument;
    filter.withShadow = true;
    auto trades = storage::tradesOf(context.database, filter);
    if (!trades) {
        return std::unexpected(trades.error());
    }
    if (auto kept = keepSameEntries(context.database, *trades); !kept) {
        return std::unexpected(kept.error());
    }
    std::ranges::stable_sort(*trades, {}, [](const trading::ClosedTrade& trade) { return trade.position.entry.time; });
    Sample out;
    std::vector<StopLabEntry> all;
    const auto hashNow = trades->empty() ? std::string() : trades->back().position.decision.parameterHash;
    std::uint64_t now = 0; // entries of the newest parameters
    for (std::size_t i = 0; i < trades->size(); ++i) {
        const auto& p = (*trades)[i].position;
        if (p.entry.price.value <= 0) {
            continue;
        }
        const auto known = byId.find(p.decision.instrument);
        all.push_back({.side = p.decision.side,
                       .number = p.entry.number,
                       .timeLimit = p.timeLimit,
                       .price = p.entry.price,
                       .ownStop = p.decision.stop,
                       .ownTarget = p.decision.target,
                       .byMaker = known != byId.end() && trading::entryRested(p, *known->second, context.policy),
                       .isNewer = i >= trades->size() / 2});
        out.entries[p.decision.instrument].push_back(all.back());
        out.from.try_emplace(p.decision.instrument, p.entry.time);
        const auto share = [&](base::Price level) {
            return std::abs(static_cast<double>((level - p.entry.price).value)) /
                   static_cast<double>(p.entry.price.value);
        };
        out.meanStop += share(p.decision.stop);
        out.meanTarget += share(p.decision.target);
        if (p.decision.parameterHash == hashNow) {
            ++now;
            out.stopNow += share(p.decision.stop);
            out.targetNow += share(p.decision.target);
        }
        out.first = all.size() == 1 ? p.entry.time : out.first;
        out.last = p.entry.time;
    }
    for (auto& [instrument, entries] : out.entries) {
        std::ranges::stable_sort(entries, {}, &StopLabEntry::number);
    }
    out.count = all.size();
    if (out.count > 0) {
        out.meanStop /= static_cast<double>(out.count);
        out.meanTarget /= static_cast<double>(out.count);
    }
    if (now > 0) {
        out.stopNow /= static_cast<double>(now);
        out.targetNow /= static_cast<double>(now);
    }
    out.grid = trading::stopLabGrid(all);
    return out;
}

console::StopLabFigures figuresOf(const StopLabSums& sums)
{
    console::StopLabFigures out{.trades = sums.trades};
    if (sums.trades > 0) {
        out.expectancy = (sums.gains - sums.losses) / sums.trades;
        out.winRate = static_cast<double>(sums.wins) / sums.trades;
        out.profitFactor = sums.losses > 0  ? statistics::measureOf(sums.gains / sums.losses)
                           : sums.gains > 0 ? std::unexpected(Undefined::NoLosses)
                                            : statistics::Measure(std::unexpected(Undefined::Flat));
    }
    return out;
}

/// The cell whose distances are, as ratios, nearest to those that are traded today.
std::size_t nearestCell(const Sample& sample)
{
    const auto nearest = [](const std::vector<double>& levels, double mean) {
        const auto away = [mean](double level) { return std::abs(std::log(level / mean)); };
        return static_cast<std::size_t>(std::ranges::min_element(levels, {}, away) - levels.begin());
    };
    return sample.grid.at(nearest(sample.grid.targets, std::max(sample.meanTarget, 1e-9)),
                          nearest(sample.grid.stops, std::max(sample.meanStop, 1e-9)));
}

void judge(console::StopLab& out, const Sample& sample, const StopLabHalf& older, const StopLabHalf& newer)
{
    out.stops = sample.grid.stops;
    out.targets = sample.grid.targets;
    std::optional<double> highest;
    for (std::size_t cell = 0; cell < sample.grid.cells(); ++cell) {
        auto both = older.cells[cell];
        both += newer.cells[cell];
        out.cells.push_back(figuresOf(both));
        const auto onOlder = figuresOf(older.cells[cell]);
        if (onOlder.expectancy && (!highest || *onOlder.expectancy > *highest)) {
            highest = *onOlder.expectancy;
            out.best = cell;
        }
    }
    auto own = older.own;
    own += newer.own;
    out.today = figuresOf(own);
    out.stopNow = sample.stopNow;
    out.targetNow = sample.targetNow;
    out.from = sample.first;
    out.to = sample.last;
    out.todayOnNewer = figuresOf(newer.own);
    if (sample.count > 0) {
        out.nearest = nearestCell(sample);
    }
    if (out.best) {
        out.bestOnOlder = figuresOf(older.cells[*out.best]);
        out.bestOnNewer = figuresOf(newer.cells[*out.best]);
    }
}

StopLabHalf emptyHalf(const StopLabGrid& grid)
{
    return {.cells = std::vector<StopLabSums>(grid.cells()), .own = {}};
}

void add(StopLabHalf& to, const StopLabHalf& from)
{
    for (std::size_t cell = 0; cell < to.cells.size(); ++cell) {
        to.cells[cell] += from.cells[cell];
    }
    to.own += from.own;
}

} // namespace

Result<console::StopLab> runStopLab(const DeskContext& context, const console::RunStopLab& query)
{
    const auto begun = std::chrono::steady_clock::now();
    const auto instruments = storage::InstrumentStore(context.database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    const auto values = storage::PolicyStore(context.database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    const auto sample = sampleOf(context, query, *instruments);
    if (!sample) {
        return std::unexpected(sample.error());
    }
    console::StopLab out;
    out.greyTrades = trading::evaluationLimits(*values).greyTrades;
    auto older = emptyHalf(sample->grid);
    auto newer = emptyHalf(sample->grid);
    std::uint64_t seen = 0; // entries of the instruments before
    for (const auto& instrument : *instruments) {
        const auto own = sample->entries.find(instrument.id);
        if (own == sample->entries.end()) {
            continue;
        }
        trading::StopLabRun lab(own->second, sample->grid,
                                {.taker = context.policy.takerFee, .maker = context.policy.makerFee});
        const auto read = storage::TickArchive(context.database)
                              .read(instrument.id, {sample->from.at(instrument.id), {INT64_MAX}},
                                    [&](std::span<const storage::NumberedTick> ticks) {
                                        for (const auto& one : ticks) {
                                            lab.add(one.tick, one.number);
                                        }
                                        out.ticks += ticks.size();
                                        context.progress(static_cast<double>(seen + lab.counted()) /
                                                             static_cast<double>(sample->count),
                                                         "replaying " + instrument.name);
                                        return !context.stop.stop_requested() && !lab.isDone();
                                    });
        if (!read) {
            return std::unexpected(read.error());
        }
        if (context.stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "stop lab", "");
        }
        seen += own->second.size();
        out.entries += lab.counted();
        out.leftOut += own->second.size() - lab.counted();
        add(older, lab.older());
        add(newer, lab.newer());
    }
    judge(out, *sample, older, newer);
    if (const auto predicted = predictedHits(context.database, query.instrument, out.stops)) { // a hint alone
        out.predictedHit = *predicted;
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
    out.seconds = spent.count();
    return out;
}

} // namespace qd::engines
