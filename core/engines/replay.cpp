#include "engines/replay.h"

#include "base/known_names.h"
#include "engines/model_library.h"
#include "engines/read_ahead.h"
#include "engines/stream_time.h"
#include "engines/todays_inputs.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "trading/candle_pipeline.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

namespace qd::engines {

using base::Result;

namespace {

/// What one instrument's stream gave.
struct Outcome {
    LedgerSink ledger;
    std::uint64_t ticks = 0; // or candles
    std::vector<storage::MissingBlock> missing;
};

class InstrumentReplay {
public:
    InstrumentReplay(const ReplayOptions& options, ReplayLedger& ledger, const market::Instrument& instrument,
                     std::vector<storage::SwitchInput> inputs, std::shared_ptr<const trading::ModelLibrary> library)
        : out{LedgerSink(ledger, instrument, options.keepsTrades), 0, {}},
          range_(options.range),
          instrument_(instrument),
          inputs_(std::move(inputs)),
          pipeline_(options.policy, options.strategies, std::move(library))
    {
        pipeline_.addInstrument(instrument);
    }
    [[nodiscard]] Result<void> begin(const TodaysInputs& today) { return today.applyTo(pipeline_); }

    [[nodiscard]] Result<void> feed(std::span<const market::StreamItem> items)
    {
        const bool takesAll = range_.from.value == INT64_MIN && range_.to.value == INT64_MAX;
        for (const auto& item : items) {
            for (; next_ < inputs_.size() && inputs_[next_].number < item.number; ++next_) {
                if (auto done = pipeline_.apply(instrument_.id, inputs_[next_].recorded()); !done) {
                    return done; // a recorded input that this version cannot apply
                }
            }
            const auto tick = std::holds_alternative<market::Tick>(item.what) ? 1U : 0U;
            seen += tick;
            if (!takesAll) {
                const auto time = timeOf(item);
                if (time < range_.from || range_.to < time) {
                    continue;
                }
            }
            out.ticks += tick;
            pipeline_.feed(item, events_);
        }
        return out.ledger.take(events_);
    }

    Outcome out;
    std::uint64_t seen = 0; // ticks, also those outside the range

private:
    const storage::TimeRange range_;
    const market::Instrument& instrument_;
    std::vector<storage::SwitchInput> inputs_;
    std::size_t next_ = 0;
    trading::TradingPipeline pipeline_;
    trading::LedgerEvents events_;
};

using Steady = std::chrono::steady_clock;

struct Shared {
    const ReplayOptions& options;
    const std::vector<market::Instrument>& instruments;
    ReplayLedger& ledger;
    std::uint64_t total; // ticks or candles
    std::shared_ptr<const trading::ModelLibrary> library;
    Steady::time_point begun = Steady::now();
    std::atomic<std::size_t> next{0};
    std::atomic<bool> hasFailed{false};
    std::atomic<std::uint64_t> read{0}; // ticks or candles, also those outside the range
    std::atomic<std::uint64_t> fed{0};
    std::mutex mutex; // the rest
    std::map<std::size_t, Outcome> outcomes;
    std::vector<std::string> leftOut;
    std::optional<base::Error> error;

    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Steady::now() - begun).count(); }
    void tell(std::uint64_t justRead, std::uint64_t justFed)
    {
        const auto allRead = read += justRead;
        const auto allFed = fed += justFed;
        if (options.progress && total > 0) {
            const std::scoped_lock lock(mutex);
            options.progress(
                {std::min(1.0, static_cast<double>(allRead) / static_cast<double>(total)), allFed, seconds()});
        }
    }
    void fail(base::Error what)
    {
        const std::scoped_lock lock(mutex);
        if (!error) {
            error = std::move(what);
        }
        hasFailed = true;
    }
};

/// What holds now, where it is wanted. What was learned of execution is charged on candles whatever the rest.
Result<TodaysInputs> todayOf(const ReplayOptions& options, storage::Database& database, base::InstrumentId instrument)
{
    if (!options.current && !options.candles) {
        return TodaysInputs{};
    }
    auto today = Result<TodaysInputs>();
    if (options.today && options.today->contains(instrument)) {
        today = options.today->at(instrument);
    } else {
        today = todaysInputs(database, instrument);
    }
    if (today && (!options.current || options.ignoresSwitches)) {
        today->switches.clear();
        today->runs.clear();
    }
    if (today && !options.current) {
        today->parameters.clear();
        today->models.clear();
        today->policy.clear();
    }
    return today;
}

Result<Outcome> replayCandles(Shared& shared, storage::Database& database, const market::Instrument& instrument,
                              const std::stop_token& stop)
{
    const auto& options = shared.options;
    const auto today = todayOf(options, database, instrument.id);
    if (!today) {
        return std::unexpected(today.error());
    }
    trading::CandlePipeline pipeline(instrument, options.policy, *options.candles, options.strategies, shared.library);
    if (auto done = today->applyTo(pipeline); !done) {
        return std::unexpected(done.error());
    }
    Outcome out{LedgerSink(shared.ledger, instrument, options.keepsTrades), 0, {}};
    trading::LedgerEvents events;
    Result<void> taken;
    storage::CandleStore store(database);
    const auto read = ReadAhead<market::Candle>::run(
        [&](const auto& take) { return store.scan(instrument.id, *options.candles, options.range, take); },
        [&](std::span<const market::Candle> candles) {
            for (const auto& candle : candles) {
                pipeline.feed(candle, events);
            }
            out.ticks += candles.size();
            taken = out.ledger.take(events);
            shared.tell(candles.size(), candles.size());
            return taken.has_value() && !stop.stop_requested() && !shared.hasFailed;
        });
    if (!read || !taken) {
        return std::unexpected(!read ? read.error() : taken.error());
    }
    out.missing = store.missing();
    const std::scoped_lock lock(shared.mutex);
    shared.leftOut = pipeline.leftOut();
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
    InstrumentReplay one(shared.options, shared.ledger, instrument, std::move(*inputs), shared.library);
    if (auto begun = one.begin(*today); !begun) {
        return std::unexpected(begun.error());
    }
    storage::TickArchive archive(database);
    Result<void> fed;
    const auto read = ReadAhead<market::StreamItem>::run(
        [&](const auto& take) { return archive.readStream(instrument.id, {0}, take); },
        [&](std::span<const market::StreamItem> items) {
            const auto before = one.out.ticks;
            const auto seen = one.seen;
            fed = one.feed(items);
            shared.tell(one.seen - seen, one.out.ticks - before);
            return fed.has_value() && !stop.stop_requested() && !shared.hasFailed;
        });
    if (!read || !fed) {
        return std::unexpected(!read ? read.error() : fed.error());
    }
    one.out.missing = archive.missing();
    return std::move(one.out);
}

void workUnguarded(Shared& shared, const std::stop_token& stop)
{
    auto database = storage::Database::open(shared.options.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        shared.fail(database.error());
        return;
    }
    (void)database->run("PRAGMA cache_size=-1000"); // each block is read once
    for (auto at = shared.next++; at < shared.instruments.size(); at = shared.next++) {
        const auto& instrument = shared.instruments[at];
        auto outcome = shared.options.candles ? replayCandles(shared, *database, instrument, stop)
                                              : replayOne(shared, *database, instrument, stop);
        if (stop.stop_requested()) {
            shared.fail({base::ErrorCode::Cancelled, "replay", ""});
            return;
        }
        if (shared.hasFailed && outcome) {
            return; // another's error is the replay's
        }
        auto finished = outcome ? outcome->ledger.finish() : std::unexpected(outcome.error());
        if (!finished) {
            shared.fail(finished.error());
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
        shared.fail({base::ErrorCode::Internal, "replay", e.what()});
    }
}

/// What there is to replay of an instrument: its ticks or candles.
Result<std::uint64_t> sizeOf(const ReplayOptions& options, storage::Database& database,
                             const market::Instrument& instrument)
{
    if (options.candles) {
        return storage::CandleStore(database).count(instrument.id, *options.candles, options.range);
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
            return base::fail(
                base::ErrorCode::NotFound, wanted,
                base::unknownAmong("the archive has no such instrument", wanted, *all, &market::Instrument::name));
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

Result<ReplayResult> gather(Shared& shared)
{
    ReplayResult result;
    result.leftOut = std::move(shared.leftOut);
    std::map<std::pair<std::string, std::string>, ReplayRow> rows;
    std::vector<Spool::Lines> lines;
    for (auto& [at, outcome] : shared.outcomes) {
        const auto& instrument = shared.instruments[at];
        result.ticks += outcome.ticks;
        for (const auto& [strategy, figures] : outcome.ledger.figures) {
            rows[{strategy, instrument.name}] = {strategy, instrument, figures, {}};
            result.trades += figures.trades;
            result.untraded += figures.untraded;
        }
        for (auto& trade : outcome.ledger.trades) {
            rows[{trade.position.decision.strategy, instrument.name}].trades.push_back(std::move(trade));
        }
        lines.push_back(std::move(outcome.ledger.lines));
        std::ranges::move(outcome.missing, std::back_inserter(result.missing));
    }
    for (auto& [key, row] : rows) {
        result.rows.push_back(std::move(row));
    }
    shared.ledger.end(); // it writes the rest while the lines are hashed
    auto hash = shared.ledger.spool().hash(lines);
    if (!hash) {
        return std::unexpected(hash.error());
    }
    result.ledgerHash = std::move(*hash);
    if (auto closed = shared.ledger.close(); !closed) {
        return std::unexpected(closed.error());
    }
    result.seconds = shared.seconds();
    return result;
}

} // namespace

Result<ReplayResult> replay(const ReplayOptions& options, const std::stop_token& stop)
{
    for (const auto& name : options.strategies) {
        if (trading::findStrategy(name) == nullptr) {
            return base::fail(base::ErrorCode::NotFound, name,
                              base::unknownAmong("no strategy of that name in the catalogue", name,
                                                 trading::strategyCatalogue(), &trading::StrategyInfo::name));
        }
    }
    std::uint64_t total = 0;
    const auto instruments = choose(options, total);
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    ReplayLedger ledger;
    if (auto opened = ledger.open(options.ledger, *instruments); !opened) {
        return std::unexpected(opened.error());
    }
    Shared shared{options, *instruments, ledger, total, libraryOf(options.database)};
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < std::max(1U, options.jobs); ++i) {
            threads.emplace_back([&shared, &stop] { work(shared, stop); });
        }
        work(shared, stop);
    }
    auto result = shared.error ? Result<ReplayResult>(std::unexpected(*shared.error)) : gather(shared);
    if (!result) {
        ledger.remove();
    }
    return result;
}

} // namespace qd::engines
