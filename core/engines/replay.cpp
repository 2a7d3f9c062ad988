#include "engines/replay.h"

#include "storage/database.h"
#include "storage/ledger_store.h"
#include "trading/candle_pipeline.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

namespace qd::engines {

using base::Result;

namespace {

constexpr std::size_t everyCandle = std::numeric_limits<std::uint32_t>::max();

/// What one instrument's stream gave.
struct Outcome {
    std::vector<trading::ClosedTrade> trades;
    std::vector<trading::UntradedSignal> untraded;
    std::uint64_t ticks = 0; // or candles
    std::vector<storage::MissingBlock> missing;
    std::optional<base::Error> refused; // a recorded input that this version cannot apply

    /// Takes what is of the ledger out of `events`, and empties it.
    void take(trading::LedgerEvents& events)
    {
        for (auto& event : events) {
            if (auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                trades.push_back(std::move(*trade));
            } else if (auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
                untraded.push_back(std::move(*signal));
            }
        }
        events.clear();
    }
};

base::UtcMs timeOf(const market::StreamItem& item)
{
    return std::visit(
        [](const auto& what) {
            if constexpr (requires { what.time; }) {
                return what.time;
            } else if constexpr (requires { what.tick; }) {
                return what.tick.time;
            } else if constexpr (requires { what.settlement; }) {
                return what.settlement;
            } else {
                return what.from;
            }
        },
        item.what);
}

/// What holds now on one instrument.
struct Today {
    std::vector<storage::SwitchState> switches;
    std::map<std::string, std::string> parameters;

    template <typename Pipeline>
    Result<void> applyTo(Pipeline& pipeline) const
    {
        for (const auto& state : switches) {
            pipeline.setEnabled(state.strategy, state.enabled);
        }
        for (const auto& [strategy, text] : parameters) {
            if (auto set = pipeline.setParameters(strategy, text); !set) {
                return set;
            }
        }
        return {};
    }
};

class InstrumentReplay {
public:
    InstrumentReplay(const ReplayOptions& options, const market::Instrument& instrument,
                     std::vector<storage::SwitchInput> inputs, const Today& today)
        : options_(options),
          instrument_(instrument),
          inputs_(std::move(inputs)),
          pipeline_(options.policy, options.strategies)
    {
        pipeline_.addInstrument(instrument);
        if (auto done = today.applyTo(pipeline_); !done) {
            out.refused = std::move(done.error());
        }
    }

    void feed(std::span<const market::StreamItem> items)
    {
        const bool takesAll = options_.range.from.value == INT64_MIN && options_.range.to.value == INT64_MAX;
        for (const auto& item : items) {
            for (; next_ < inputs_.size() && inputs_[next_].number < item.number; ++next_) {
                if (auto done = pipeline_.apply(instrument_.id, inputs_[next_].recorded()); !done && !out.refused) {
                    out.refused = std::move(done.error());
                }
            }
            if (!takesAll) {
                const auto time = timeOf(item);
                if (time < options_.range.from || options_.range.to < time) {
                    continue;
                }
            }
            out.ticks += std::holds_alternative<market::Tick>(item.what) ? 1 : 0;
            pipeline_.feed(item, events_);
        }
        out.take(events_);
    }

    Outcome out;

private:
    const ReplayOptions& options_;
    const market::Instrument& instrument_;
    std::vector<storage::SwitchInput> inputs_;
    std::size_t next_ = 0;
    trading::TradingPipeline pipeline_;
    trading::LedgerEvents events_;
};

struct Shared {
    const ReplayOptions& options;
    const std::vector<market::Instrument>& instruments;
    std::uint64_t totalTicks;
    std::atomic<std::size_t> next{0};
    std::atomic<std::uint64_t> ticks{0};
    std::mutex mutex; // the rest
    std::map<std::size_t, Outcome> outcomes;
    std::vector<std::string> leftOut;
    std::optional<base::Error> error;
};

/// The switches and parameters that hold now, where they are wanted.
Result<Today> todayOf(const ReplayOptions& options, storage::Database& database, base::InstrumentId instrument)
{
    if (!options.current) {
        return Today{};
    }
    storage::LedgerStore ledger(database);
    auto switches = ledger.switches();
    auto inputs = ledger.switchInputs(instrument);
    if (!switches || !inputs) {
        return std::unexpected(!switches ? switches.error() : inputs.error());
    }
    Today today{std::move(*switches), {}};
    for (auto& input : *inputs) { // by number: the last one holds
        if (input.kind == trading::InputKind::Parameters) {
            today.parameters[input.strategy] = std::move(input.parameters);
        }
    }
    return today;
}

Result<Outcome> replayCandles(Shared& shared, storage::Database& database, const market::Instrument& instrument,
                              const std::stop_token& stop)
{
    const auto& options = shared.options;
    const auto today = todayOf(options, database, instrument.id);
    const auto candles =
        storage::CandleStore(database).read(instrument.id, *options.candles, options.range, everyCandle);
    if (!today || !candles) {
        return std::unexpected(!today ? today.error() : candles.error());
    }
    trading::CandlePipeline pipeline(instrument, options.policy, *options.candles, options.strategies);
    if (auto done = today->applyTo(pipeline); !done) {
        return std::unexpected(done.error());
    }
    Outcome out;
    trading::LedgerEvents events;
    for (const auto& candle : *candles) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "replay", "");
        }
        pipeline.feed(candle, events);
        ++out.ticks;
    }
    out.take(events);
    const std::scoped_lock lock(shared.mutex);
    shared.leftOut = pipeline.leftOut();
    if (options.progress) {
        options.progress(static_cast<double>(shared.outcomes.size() + 1) /
                         static_cast<double>(shared.instruments.size()));
    }
    return out;
}

Result<Outcome> replayOne(Shared& shared, storage::Database& database, const market::Instrument& instrument,
                          const std::stop_token& stop)
{
    const auto today = todayOf(shared.options, database, instrument.id);
    auto inputs = shared.options.current ? Result<std::vector<storage::SwitchInput>>{}
                                         : storage::LedgerStore(database).switchInputs(instrument.id);
    if (!inputs || !today) {
        return std::unexpected(!inputs ? inputs.error() : today.error());
    }
    InstrumentReplay one(shared.options, instrument, std::move(*inputs), *today);
    storage::TickArchive archive(database);
    const auto read = archive.readStream(instrument.id, {0}, [&](std::span<const market::StreamItem> items) {
        const auto before = one.out.ticks;
        one.feed(items);
        const auto done = shared.ticks += one.out.ticks - before;
        if (shared.options.progress && shared.totalTicks > 0) {
            const std::scoped_lock lock(shared.mutex);
            shared.options.progress(static_cast<double>(done) / static_cast<double>(shared.totalTicks));
        }
        return !stop.stop_requested();
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    if (stop.stop_requested()) {
        return base::fail(base::ErrorCode::Cancelled, "replay", "");
    }
    if (one.out.refused) {
        return std::unexpected(*one.out.refused);
    }
    one.out.missing = archive.missing();
    return std::move(one.out);
}

void workUnguarded(Shared& shared, const std::stop_token& stop)
{
    const auto fail = [&shared](base::Error error) {
        const std::scoped_lock lock(shared.mutex);
        if (!shared.error) {
            shared.error = std::move(error);
        }
    };
    auto database = storage::Database::open(shared.options.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        fail(database.error());
        return;
    }
    for (auto at = shared.next++; at < shared.instruments.size(); at = shared.next++) {
        const auto& instrument = shared.instruments[at];
        auto outcome = shared.options.candles ? replayCandles(shared, *database, instrument, stop)
                                              : replayOne(shared, *database, instrument, stop);
        if (!outcome) {
            fail(outcome.error());
            return;
        }
        const std::scoped_lock lock(shared.mutex);
        shared.outcomes.emplace(at, std::move(*outcome));
    }
}

// A worker's entry: what is thrown becomes the replay's error.
void work(Shared& shared, const std::stop_token& stop)
{
    try {
        workUnguarded(shared, stop);
    } catch (const std::exception& e) {
        const std::scoped_lock lock(shared.mutex);
        shared.error = base::Error{base::ErrorCode::Internal, "replay", e.what()};
    }
}

/// What there is to replay of an instrument: its ticks; on candles only whether there are any.
Result<std::uint64_t> sizeOf(const ReplayOptions& options, storage::Database& database,
                             const market::Instrument& instrument)
{
    if (options.candles) {
        const auto one = storage::CandleStore(database).read(instrument.id, *options.candles, {}, 1);
        return one ? Result<std::uint64_t>(one->size()) : std::unexpected(one.error());
    }
    const auto summary = storage::TickArchive(database).summary(instrument.id);
    return summary ? Result<std::uint64_t>(summary->ticks) : std::unexpected(summary.error());
}

/// The wanted instruments, those with most ticks first, so that threads end together.
Result<std::vector<market::Instrument>> choose(const ReplayOptions& options, std::uint64_t& totalTicks)
{
    auto database = storage::Database::open(options.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        return std::unexpected(database.error());
    }
    auto all = storage::InstrumentStore(*database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    for (const auto& wanted : options.instruments) {
        if (std::ranges::find(*all, wanted, &market::Instrument::name) == all->end()) {
            return base::fail(base::ErrorCode::NotFound, wanted, "the archive has no such instrument");
        }
    }
    std::vector<std::pair<std::uint64_t, market::Instrument>> sized;
    for (auto& instrument : *all) {
        if (!options.instruments.empty() &&
            std::ranges::find(options.instruments, instrument.name) == options.instruments.end()) {
            continue;
        }
        const auto size = sizeOf(options, *database, instrument);
        if (!size) {
            return std::unexpected(size.error());
        }
        if (*size > 0) {
            totalTicks += *size;
            sized.emplace_back(*size, std::move(instrument));
        } else if (options.candles && !options.instruments.empty()) {
            return base::fail(base::ErrorCode::NotFound, instrument.name,
                              "the archive has no candles of " + std::string(market::name(*options.candles)));
        }
    }
    if (options.candles && sized.empty()) {
        return base::fail(base::ErrorCode::NotFound, options.database.string(),
                          "the archive has no candles of " + std::string(market::name(*options.candles)));
    }
    std::ranges::stable_sort(sized, std::greater{}, &std::pair<std::uint64_t, market::Instrument>::first);
    std::vector<market::Instrument> out;
    for (auto& [ticks, instrument] : sized) {
        out.push_back(std::move(instrument));
    }
    return out;
}

ReplayResult gather(Shared& shared, double seconds)
{
    ReplayResult result;
    result.seconds = seconds;
    result.leftOut = std::move(shared.leftOut);
    std::map<std::pair<std::string, std::string>, ReplayRow> rows;
    std::map<base::InstrumentId, market::Instrument> instruments;
    std::vector<trading::ClosedTrade> trades;
    std::vector<trading::UntradedSignal> untraded;
    for (auto& [at, outcome] : shared.outcomes) {
        const auto& instrument = shared.instruments[at];
        instruments.emplace(instrument.id, instrument);
        result.ticks += outcome.ticks;
        const auto rowOf = [&](const std::string& strategy) -> ReplayRow& {
            auto& row = rows[{strategy, instrument.name}];
            row.strategy = strategy;
            row.instrument = instrument;
            return row;
        };
        for (const auto& trade : outcome.trades) {
            rowOf(trade.position.decision.strategy).trades.push_back(trade);
        }
        for (const auto& signal : outcome.untraded) {
            ++rowOf(signal.decision.strategy).untraded;
        }
        std::ranges::move(outcome.trades, std::back_inserter(trades));
        std::ranges::move(outcome.untraded, std::back_inserter(untraded));
        std::ranges::move(outcome.missing, std::back_inserter(result.missing));
    }
    result.trades = trades.size();
    result.untraded = untraded.size();
    result.ledgerHash = trading::ledgerHash(trades, untraded, instruments);
    for (auto& [key, row] : rows) {
        result.rows.push_back(std::move(row));
    }
    return result;
}

} // namespace

Result<ReplayResult> replay(const ReplayOptions& options, const std::stop_token& stop)
{
    for (const auto& name : options.strategies) {
        if (trading::findStrategy(name) == nullptr) {
            return base::fail(base::ErrorCode::NotFound, name, "no strategy of that name in the catalogue");
        }
    }
    std::uint64_t totalTicks = 0;
    const auto instruments = choose(options, totalTicks);
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    const auto begun = std::chrono::steady_clock::now();
    Shared shared{options, *instruments, totalTicks};
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < std::max(1U, options.jobs); ++i) {
            threads.emplace_back([&shared, &stop] { work(shared, stop); });
        }
        work(shared, stop);
    }
    if (shared.error) {
        return std::unexpected(*shared.error);
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
    return gather(shared, spent.count());
}

} // namespace qd::engines
