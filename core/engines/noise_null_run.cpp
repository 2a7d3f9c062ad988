#include "engines/noise_null_run.h"

#include "base/known_names.h"
#include "engines/low_priority.h"
#include "engines/stream_time.h"
#include "engines/todays_inputs.h"
#include "storage/candle_store.h"
#include "storage/instrument_store.h"
#include "storage/tick_archive.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace qd::engines {

using base::Result;
using trading::NullTallies;
using trading::NullTally;

namespace {

constexpr std::uint32_t candleBlock = 10; // runs of one unit of work
constexpr std::uint32_t tickBlock = 25;   // likewise: they share one decoding of the stream

/// What one instrument brings.
struct Market {
    market::Instrument instrument;
    market::Timeframe timeframe = market::Timeframe::M1;
    std::uint64_t items = 0; // candles or ticks of the span
    TodaysInputs today;
};

/// Runs `first` … of one instrument; run 0 is the market itself, run n that of seed n.
struct Unit {
    std::size_t market = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

std::optional<std::uint64_t> seedOf(std::uint32_t run)
{
    return run == 0 ? std::nullopt : std::optional<std::uint64_t>(run);
}

struct Shared {
    const NullOptions& options;
    std::vector<Market> markets;
    storage::TimeRange range;
    std::vector<Unit> units;
    std::uint64_t total = 0; // items of all units
    std::atomic<std::size_t> next{0};
    std::mutex mutex; // the rest
    std::uint64_t done = 0;
    std::vector<std::vector<NullTallies>> tallies; // of each market, of each run
    std::optional<base::Error> error;

    void tell(std::uint64_t items, const std::string& phase)
    {
        const std::scoped_lock lock(mutex);
        done += items;
        if (options.progress && total > 0) {
            options.progress(std::min(1.0, static_cast<double>(done) / static_cast<double>(total)), phase);
        }
    }
    void fail(base::Error what)
    {
        const std::scoped_lock lock(mutex);
        if (!error) {
            error = std::move(what);
        }
    }
    void keep(const Unit& unit, std::vector<NullTallies> made)
    {
        const std::scoped_lock lock(mutex);
        std::ranges::move(made, tallies[unit.market].begin() + unit.first);
    }
};

std::string phaseOf(const Market& market, std::uint32_t run)
{
    return market.instrument.name + (run == 0 ? " as it was" : ", seed " + std::to_string(run));
}

/// The strategies of today; parameters that another version recorded and this one refuses are an error.
Result<std::vector<trading::StrategyRunner>> todaysRunners(const NullOptions& options, const Market& market)
{
    auto runners = trading::makeRunners(options.strategies, market.instrument.name);
    for (auto& runner : runners) {
        const auto changed = market.today.parameters.find(std::string(runner.info->name));
        if (changed != market.today.parameters.end()) {
            if (auto set = runner.setParameters(changed->second, nullptr); !set) {
                return std::unexpected(set.error());
            }
        }
    }
    return runners;
}

/// A worker: its connection, and the candles of the instrument that it works on.
class Worker {
public:
    Worker(Shared& shared, storage::Database database, const std::stop_token& stop)
        : shared_(shared),
          database_(std::move(database)),
          stop_(stop)
    {
    }

    [[nodiscard]] Result<void> run(const Unit& unit)
    {
        return shared_.options.onTicks ? onTicks(unit) : onCandles(unit);
    }

private:
    [[nodiscard]] Result<void> onCandles(const Unit& unit)
    {
        const auto& market = shared_.markets[unit.market];
        if (loaded_ != unit.market) {
            auto candles = storage::CandleStore(database_).read(market.instrument.id, market.timeframe, shared_.range,
                                                                market.items);
            if (!candles) {
                return std::unexpected(candles.error());
            }
            candles_ = std::move(*candles);
            loaded_ = unit.market;
        }
        std::vector<NullTallies> made(unit.count);
        for (std::uint32_t i = 0; i < unit.count; ++i) {
            if (stop_.stop_requested()) {
                return base::fail(base::ErrorCode::Cancelled, "noise null", "");
            }
            auto runners = todaysRunners(shared_.options, market);
            if (!runners) {
                return std::unexpected(runners.error());
            }
            trading::runOnCandles(
                {market.instrument, shared_.options.policy, market.timeframe, candles_, market.today.charge},
                seedOf(unit.first + i), [&](auto) { return std::move(*runners); }, made[i]);
            shared_.tell(market.items, phaseOf(market, unit.first + i));
        }
        shared_.keep(unit, std::move(made));
        return {};
    }

    /// One decoding for all runs of the unit: a span goes through each in turn.
    [[nodiscard]] Result<void> onTicks(const Unit& unit)
    {
        const auto& market = shared_.markets[unit.market];
        std::vector<trading::NoiseMirror> mirrors;
        std::vector<trading::TradingPipeline> pipelines;
        for (std::uint32_t i = 0; i < unit.count; ++i) {
            mirrors.emplace_back(seedOf(unit.first + i));
            auto& pipeline = pipelines.emplace_back(shared_.options.policy, shared_.options.strategies);
            pipeline.addInstrument(market.instrument);
            for (const auto& [strategy, text] : market.today.parameters) {
                if (auto set = pipeline.setParameters(strategy, text); !set) {
                    return set;
                }
            }
        }
        std::vector<NullTallies> made(unit.count);
        trading::LedgerEvents events;
        storage::TickArchive archive(database_);
        market::StreamBatch inside;
        const auto read = archive.readStream(market.instrument.id, {0}, [&](std::span<const market::StreamItem> items) {
            takeInside(items, inside);
            for (std::uint32_t i = 0; i < unit.count; ++i) {
                for (const auto& item : inside) {
                    pipelines[i].feed(mirrors[i](item), events);
                }
                trading::tally(events, shared_.options.policy.notional, made[i]);
            }
            const auto ticks = std::ranges::count_if(
                inside, [](const auto& item) { return std::holds_alternative<market::Tick>(item.what); });
            shared_.tell(static_cast<std::uint64_t>(ticks) * unit.count, phaseOf(market, unit.first));
            return !stop_.stop_requested();
        });
        if (!read) {
            return std::unexpected(read.error());
        }
        if (stop_.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "noise null", "");
        }
        shared_.keep(unit, std::move(made));
        return {};
    }

    /// From the first item of the span on: a gap mark or funding rate before it concerns nobody.
    void takeInside(std::span<const market::StreamItem> items, market::StreamBatch& inside) const
    {
        inside.clear();
        for (const auto& item : items) {
            const auto time = timeOf(item);
            if (time >= shared_.range.from && time <= shared_.range.to) {
                inside.push_back(item);
            }
        }
    }

    Shared& shared_;
    storage::Database database_;
    const std::stop_token stop_;
    std::optional<std::size_t> loaded_;
    std::vector<market::Candle> candles_;
};

void work(Shared& shared, const std::stop_token& stop)
{
    try {
        lowerPriority();
        auto database = storage::Database::open(shared.options.database, storage::Database::Mode::ReadOnly);
        if (!database) {
            shared.fail(database.error());
            return;
        }
        Worker worker(shared, std::move(*database), stop);
        for (auto at = shared.next++; at < shared.units.size(); at = shared.next++) {
            if (auto done = worker.run(shared.units[at]); !done) {
                shared.fail(done.error());
                shared.next = shared.units.size(); // the others need not go on
                return;
            }
        }
    } catch (const std::exception& e) {
        shared.fail({base::ErrorCode::Internal, "noise null", e.what()});
    }
}

/// When what is stored begins and ends, of candles their starts; empty without any. Finds the finest timeframe.
Result<std::optional<storage::TimeRange>> spanOf(const NullOptions& options, storage::Database& database,
                                                 Market& market)
{
    if (options.onTicks) {
        const auto summary = storage::TickArchive(database).summary(market.instrument.id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        return summary->ticks == 0 ? std::nullopt
                                   : std::optional(storage::TimeRange{summary->firstTime, summary->lastTime});
    }
    storage::CandleStore store(database);
    for (const auto timeframe : market::allTimeframes) {
        const auto newest = store.read(market.instrument.id, timeframe, {}, 1);
        if (!newest) {
            return std::unexpected(newest.error());
        }
        if (newest->empty()) {
            continue;
        }
        storage::TimeRange span{newest->front().start, newest->front().start};
        const auto read = store.scan(market.instrument.id, timeframe, {}, [&](std::span<const market::Candle> oldest) {
            span.from = oldest.front().start;
            return false;
        });
        if (!read) {
            return std::unexpected(read.error());
        }
        market.timeframe = timeframe;
        return span;
    }
    return std::nullopt;
}

Result<std::uint64_t> itemsOf(const NullOptions& options, storage::Database& database, const Market& market,
                              const storage::TimeRange& range)
{
    if (!options.onTicks) {
        return storage::CandleStore(database).count(market.instrument.id, market.timeframe, range);
    }
    const auto summary = storage::TickArchive(database).summary(market.instrument.id);
    return summary ? Result<std::uint64_t>(summary->ticks) : std::unexpected(summary.error());
}

Result<void> choose(Shared& shared)
{
    const auto& options = shared.options;
    auto database = storage::Database::open(options.database, storage::Database::Mode::ReadOnly);
    auto all = database ? storage::InstrumentStore(*database).all() : std::unexpected(database.error());
    if (!all) {
        return std::unexpected(all.error());
    }
    for (const auto& wanted : options.instruments) {
        if (std::ranges::find(*all, wanted, &market::Instrument::name) == all->end()) {
            return base::fail(
                base::ErrorCode::NotFound, wanted,
                base::unknownAmong("the archive has no such instrument", wanted, *all, &market::Instrument::name));
        }
    }
    std::optional<storage::TimeRange> whole; // of all of them
    for (auto& instrument : *all) {
        if (!options.instruments.empty() &&
            std::ranges::find(options.instruments, instrument.name) == options.instruments.end()) {
            continue;
        }
        Market market{.instrument = std::move(instrument)};
        const auto span = spanOf(options, *database, market);
        auto today = todaysInputs(*database, market.instrument.id);
        if (!span || !today) {
            return std::unexpected(!span ? span.error() : today.error());
        }
        if (*span) {
            const auto before = whole.value_or(**span);
            whole = {std::min(before.from, (*span)->from), std::max(before.to, (*span)->to)};
            market.today = std::move(*today);
            shared.markets.push_back(std::move(market));
        }
    }
    if (!whole) {
        return base::fail(base::ErrorCode::NotFound, options.database.string(),
                          options.onTicks ? "the archive has no ticks" : "the archive has no candles");
    }
    shared.range = *whole;
    if (options.days > 0) {
        shared.range.from = std::max(whole->from, whole->to - base::Millis{options.days * base::oneDay.count()});
    }
    for (auto& market : shared.markets) {
        const auto items = itemsOf(options, *database, market, shared.range);
        if (!items) {
            return std::unexpected(items.error());
        }
        market.items = *items;
    }
    std::erase_if(shared.markets, [](const Market& market) { return market.items == 0; });
    return {};
}

void divide(Shared& shared)
{
    const auto runs = shared.options.seeds + 1;
    const auto block = shared.options.onTicks ? tickBlock : candleBlock;
    for (std::size_t at = 0; at < shared.markets.size(); ++at) {
        for (std::uint32_t first = 0; first < runs; first += block) {
            shared.units.push_back({at, first, std::min(block, runs - first)});
        }
        shared.total += shared.markets[at].items * runs;
        shared.tallies.emplace_back(runs);
    }
}

std::string wayOf(const Shared& shared)
{
    if (shared.options.onTicks) {
        return "ticks";
    }
    std::set<market::Timeframe> timeframes;
    for (const auto& market : shared.markets) {
        timeframes.insert(market.timeframe);
    }
    std::string way = "candles";
    for (const auto timeframe : timeframes) {
        way.append(" ").append(market::name(timeframe));
    }
    return way;
}

/// The tallies of a strategy over all instruments, run by run, added in one order whatever thread made them.
std::vector<NullTally> pooled(const Shared& shared, std::string_view strategy)
{
    std::vector<NullTally> runs(shared.options.seeds + 1);
    for (const auto& ofMarket : shared.tallies) {
        for (std::size_t run = 0; run < runs.size(); ++run) {
            if (const auto found = ofMarket[run].find(strategy); found != ofMarket[run].end()) {
                runs[run].add(found->second);
            }
        }
    }
    return runs;
}

Result<std::vector<trading::NullResult>> judgeAll(const Shared& shared)
{
    std::vector<trading::NullResult> rows;
    for (const auto& info : trading::strategyCatalogue()) {
        trading::NullResult row{.strategy = std::string(info.name),
                                .time = shared.options.now,
                                .from = shared.range.from,
                                .to = shared.range.to,
                                .way = wayOf(shared),
                                .seeds = shared.options.seeds};
        for (const auto& market : shared.markets) {
            const auto runners = todaysRunners(shared.options, market);
            if (!runners) {
                return std::unexpected(runners.error());
            }
            const auto found = std::ranges::find_if(*runners, [&](const auto& r) { return r.info->name == info.name; });
            if (found != runners->end()) {
                ++row.instruments;
                row.parameterHash = found->parameterHash;
            }
        }
        if (row.instruments > 0) {
            const auto runs = pooled(shared, info.name);
            trading::judge(row, runs.front(), std::span(runs).subspan(1));
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

} // namespace

std::string whyNotKept(const NullOptions& options)
{
    const NullOptions standard;
    constexpr std::uint32_t fewestSeeds = 20; // the least of the policy's null.runs
    if (!options.instruments.empty()) {
        return "it ran on some instruments only";
    }
    if (options.days != 0 && options.days < standard.days) {
        return "it ran on fewer than " + std::to_string(standard.days) + " days";
    }
    if (options.seeds < fewestSeeds) {
        return "it had fewer than " + std::to_string(fewestSeeds) + " seeds";
    }
    return {};
}

Result<NullOutcome> runNull(const NullOptions& options, const std::stop_token& stop)
{
    for (const auto& name : options.strategies) {
        if (trading::findStrategy(name) == nullptr) {
            return base::fail(base::ErrorCode::NotFound, name,
                              base::unknownAmong("no strategy of that name in the catalogue", name,
                                                 trading::strategyCatalogue(), &trading::StrategyInfo::name));
        }
    }
    const auto begun = std::chrono::steady_clock::now();
    Shared shared{.options = options};
    if (auto chosen = choose(shared); !chosen) {
        return std::unexpected(chosen.error());
    }
    divide(shared);
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, options.jobs); ++i) {
            threads.emplace_back([&shared, &stop] { work(shared, stop); });
        }
    }
    if (shared.error) {
        return std::unexpected(*shared.error);
    }
    auto rows = judgeAll(shared);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    NullOutcome out{.rows = std::move(*rows)};
    for (const auto& market : shared.markets) {
        out.items += market.items;
    }
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return out;
}

} // namespace qd::engines
