#include "engines/recovery.h"

#include "base/log.h"
#include "engines/model_library.h"
#include "trading/execution_band.h"

#include <algorithm>
#include <array>
#include <utility>

namespace qd::engines {

namespace {

using base::Result;
using storage::LedgerStore;

/// Candles go to the store by the block: one by one they would cost more than the ticks they are made of.
class ClosedCandles {
public:
    ClosedCandles(storage::CandleStore& store, base::InstrumentId instrument) : store_(store), instrument_(instrument)
    {
    }
    Result<void> add(const trading::CandleClosed& closed)
    {
        auto& own = waiting_[static_cast<std::size_t>(closed.timeframe)];
        own.push_back(closed.candle);
        return own.size() < atOnce ? Result<void>{} : write(closed.timeframe);
    }
    Result<void> writeAll()
    {
        Result<void> done;
        for (const auto timeframe : market::allTimeframes) {
            done = done ? write(timeframe) : done;
        }
        return done;
    }

private:
    static constexpr std::size_t atOnce = 4'096;
    Result<void> write(market::Timeframe timeframe)
    {
        auto& own = waiting_[static_cast<std::size_t>(timeframe)];
        auto done = own.empty() ? Result<void>{} : store_.append(instrument_, timeframe, own);
        own.clear();
        return done;
    }
    storage::CandleStore& store_;
    base::InstrumentId instrument_;
    std::array<std::vector<market::Candle>, market::allTimeframes.size()> waiting_;
};

/// What a state of an older version stood for: everything up to `until` once more, and nothing of it to the ledger,
/// which has it already.
Result<void> rebuild(trading::TradingPipeline& pipeline, storage::Database& database,
                     const std::vector<storage::SwitchInput>& inputs, base::InstrumentId instrument,
                     base::StreamNumber until, const std::stop_token& stop)
{
    std::size_t next = 0;
    const auto apply = [&](base::StreamNumber before) {
        for (; next < inputs.size() && inputs[next].number < before; ++next) {
            (void)pipeline.apply(instrument, inputs[next].recorded()); // a refused one was told when it came
        }
    };
    trading::LedgerEvents events;
    const auto read =
        storage::TickArchive(database).readStream(instrument, {0}, [&](std::span<const market::StreamItem> span) {
            for (const auto& item : span) {
                if (item.number > until) {
                    return false;
                }
                apply(item.number);
                pipeline.feed(item, events);
                events.clear();
            }
            return !stop.stop_requested();
        });
    apply(until);
    pipeline.beginAt(instrument, until);
    return read ? Result<void>{} : std::unexpected(read.error());
}

/// How one instrument's pipeline begins.
struct Begun {
    base::StreamNumber from{0};
    bool isAnew = false; // without its state, but behind what it had traded on: history is not traded again
    bool isRebuilt = false;
};

Result<Begun> begin(trading::TradingPipeline& pipeline, storage::Database& database, LedgerStore& ledger,
                    const std::vector<storage::SwitchInput>& inputs, const market::Instrument& instrument,
                    const std::stop_token& stop, std::vector<std::string>& notices)
{
    const auto saved = ledger.loadState(instrument.id);
    if (!saved) {
        return std::unexpected(saved.error());
    }
    Begun out;
    if (!saved->has_value()) {
        return out;
    }
    out.from = (*saved)->first;
    const auto restored = pipeline.restore(instrument.id, (*saved)->second);
    if (restored) {
        return out;
    }
    if (restored.error().code == base::ErrorCode::Unsupported) {
        base::log(base::LogLevel::Info, "recovery",
                  "paper's state of " + instrument.name + " was written by an older version; it is made anew");
        out.isRebuilt = true;
        auto done = rebuild(pipeline, database, inputs, instrument.id, out.from, stop);
        return done ? Result<Begun>(out) : std::unexpected(done.error());
    }
    notices.push_back("Paper begins anew on " + instrument.name + ": " + restored.error().detail + ".");
    pipeline.beginAt(instrument.id, out.from);
    out.isAnew = true;
    return out;
}

/// Restores one instrument and feeds it what the archive holds beyond the saved state. The ledger takes the events
/// anew; those it has already change nothing.
Result<std::uint64_t> catchUp(trading::TradingPipeline& pipeline, storage::Database& database, LedgerStore& ledger,
                              storage::CandleStore& candles, const market::Instrument& instrument,
                              const std::stop_token& stop, std::vector<std::string>& notices)
{
    auto inputs = ledger.switchInputs(instrument.id);
    if (!inputs) {
        return std::unexpected(inputs.error());
    }
    const auto begun = begin(pipeline, database, ledger, *inputs, instrument, stop, notices);
    if (!begun) {
        return std::unexpected(begun.error());
    }
    const auto from = begun->from;
    const bool isAnew = begun->isAnew;
    const auto put = [&](const storage::SwitchInput& input) {
        if (const auto done = pipeline.apply(instrument.id, input.recorded()); !done) {
            const auto what = input.kind == trading::InputKind::Calibration ? "The calibration of " + instrument.name
                              : input.kind == trading::InputKind::Policy ? "The recorded policy of " + instrument.name
                              : input.kind == trading::InputKind::Model
                                  ? "The recorded model " + input.strategy + " of " + instrument.name
                                  : "What " + input.strategy + " had for parameters on " + instrument.name;
            notices.push_back(what + " is not legal any more: " + done.error().detail + ".");
        }
    };
    std::size_t nextInput = 0;
    if (isAnew) { // what was switched before holds
        for (const auto& input : *inputs) {
            if (input.number < from && input.kind != trading::InputKind::CloseAll) {
                put(input);
            }
        }
    }
    const auto applyInputs = [&](base::StreamNumber before) {
        for (; nextInput < inputs->size() && (*inputs)[nextInput].number < before; ++nextInput) {
            const auto& input = (*inputs)[nextInput];
            if (input.number >= from) {
                put(input);
            }
        }
    };
    std::uint64_t items = 0;
    trading::LedgerEvents events;
    Result<void> written;
    ClosedCandles closedCandles(candles, instrument.id);
    storage::TickArchive archive(database);
    const auto read = archive.readStream(instrument.id, from, [&](std::span<const market::StreamItem> span) {
        events.clear();
        for (const auto& item : span) {
            applyInputs(item.number);
            pipeline.feed(item, events);
        }
        items += span.size();
        for (const auto& event : events) {
            if (const auto* closed = std::get_if<trading::CandleClosed>(&event)) {
                written = closedCandles.add(*closed);
            } else {
                written = ledger.apply(event);
            }
            if (!written) {
                return false;
            }
        }
        return !stop.stop_requested();
    });
    if (stop.stop_requested()) {
        return base::fail(base::ErrorCode::Cancelled, "start", "the console is closing");
    }
    applyInputs({INT64_MAX});
    for (const auto& block : archive.missing()) {
        base::log(base::LogLevel::Warning, "recovery", storage::sentence(block));
    }
    if (!read) {
        return std::unexpected(read.error());
    }
    if (written) {
        written = closedCandles.writeAll();
    }
    if (!written) {
        return std::unexpected(written.error());
    }
    if (items > 0 || isAnew || begun->isRebuilt) {
        if (auto kept = ledger.saveState(instrument.id, pipeline.fed(instrument.id), pipeline.save(instrument.id));
            !kept) {
            return std::unexpected(kept.error());
        }
    }
    return items;
}

/// Positions in the ledger that the pipeline does not lead any more: closed at `last`, counted, with their reason.
Result<void> closeOrphans(const trading::TradingPipeline& pipeline, LedgerStore& ledger,
                          const market::Instrument& instrument, const StreamEnd& end, const base::PaperPolicy& policy)
{
    auto stored = ledger.openPositions();
    if (!stored) {
        return std::unexpected(stored.error());
    }
    const auto led = pipeline.openPositions();
    for (const auto& position : *stored) {
        const auto isSame = [&](const trading::OpenPosition& other) {
            return other.decision.instrument == position.decision.instrument &&
                   other.decision.strategy == position.decision.strategy &&
                   other.decision.number == position.decision.number;
        };
        if (position.decision.instrument != instrument.id || std::ranges::any_of(led, isSame)) {
            continue;
        }
        const auto worth = [&](market::Price price, market::Quantity size) {
            return instrument.notional(price, size).value_or(base::Money{});
        };
        const auto got = worth(end.lastPrice, position.rest());
        const trading::Fill exit{.time = end.archive.lastTime,
                                 .number = end.archive.lastNumber,
                                 .price = end.lastPrice,
                                 .fee = got * policy.takerFee};
        const auto paid = worth(position.entry.price, position.size);
        auto trade = trading::closedTrade(position, trading::ExitReason::Archived, exit, paid, got);
        trade.exitDecisionHalfTicks = 2 * end.lastPrice.value;
        trading::setBand(trade, instrument, policy, trading::assumedCharge(policy.assumedSlippage));
        if (auto closed = ledger.apply(trade); !closed) {
            return closed;
        }
    }
    return {};
}

template <typename T>
Result<void> into(T& target, Result<T> source)
{
    if (!source) {
        return std::unexpected(source.error());
    }
    target = std::move(*source);
    return {};
}

Result<void> load(RecoveredPaper& paper, storage::Database& database)
{
    storage::CandleStore candles(database);
    for (const auto& step :
         {into(paper.past, readLedgerPast(database, paper.instruments)), into(paper.inForce, readInForce(database))}) {
        if (!step) {
            return step;
        }
    }
    for (const auto& instrument : paper.instruments) {
        for (const auto timeframe : market::allTimeframes) {
            if (auto loaded = into(paper.candles[{instrument.id, timeframe}],
                                   candles.read(instrument.id, timeframe, {}, chartDepth));
                !loaded) {
                return loaded;
            }
        }
    }
    return {};
}

Result<market::Price> lastPriceOf(storage::TickArchive& archive, base::InstrumentId instrument, base::UtcMs lastTime)
{
    market::Price last;
    const auto read = archive.read(instrument, {lastTime, lastTime}, [&](std::span<const storage::NumberedTick> ticks) {
        if (!ticks.empty()) {
            last = ticks.back().tick.price;
        }
        return true;
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    return last;
}

// The instrument's newest gaps and those that are open, and the contracts of every minute that will be compared with
// the exchange's: from the newest one on, or from the oldest gap that was not measured before the program ended.
Result<void> loadGaps(StreamEnd& end, storage::TickArchive& archive, const std::vector<storage::GapRow>& all)
{
    constexpr std::size_t newest = 200;
    constexpr base::Millis minute{60'000};
    const auto last = end.archive.lastTime;
    auto from = last;
    for (const auto& gap : all) {
        if (gap.instrument == end.instrument.id) {
            end.gaps.push_back(gap);
            if (gap.measure == market::GapMeasure::Open && last - gap.from <= gapsResumedFor) {
                from = std::min(from, gap.from);
            }
        }
    }
    auto older = end.gaps.size() - std::min(end.gaps.size(), newest);
    std::erase_if(end.gaps, [&older](const storage::GapRow& gap) { // one that is open is measured, or given up
        return older > 0 && older-- > 0 && gap.measure != market::GapMeasure::Open;
    });
    return archive.read(end.instrument.id, {base::bucketStart(from, minute), base::UtcMs{INT64_MAX}},
                        [&](std::span<const storage::NumberedTick> ticks) {
                            for (const auto& [number, tick] : ticks) {
                                end.minuteLots[base::bucketStart(tick.time, minute).value] += tick.size().value;
                            }
                            return true;
                        });
}

} // namespace

Result<Recovered> catchUpLedger(storage::Database& database, const base::PaperPolicy& policy,
                                const std::stop_token& stop, const std::function<void(double)>& progress,
                                std::shared_ptr<const trading::ModelLibrary> library)
{
    Recovered out;
    out.paper.pipeline = trading::TradingPipeline(policy, {}, library ? library : libraryOf(database.path()));
    LedgerStore ledger(database);
    storage::TickArchive archive(database);
    auto instruments = storage::InstrumentStore(database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    out.paper.instruments = std::move(*instruments);
    const auto gaps = ledger.gaps();
    const auto inForce = policyInForce(database, policy);
    if (!gaps || !inForce) {
        return std::unexpected(!gaps ? gaps.error() : inForce.error());
    }
    if (auto begun = database.begin(); !begun) {
        return std::unexpected(begun.error());
    }
    for (const auto& instrument : out.paper.instruments) {
        out.paper.pipeline.addInstrument(instrument);
        storage::CandleStore candles(database); // one an instrument: it remembers the tails it wrote
        const auto items = catchUp(out.paper.pipeline, database, ledger, candles, instrument, stop, out.notices);
        if (!items) {
            database.rollback();
            return std::unexpected(items.error());
        }
        out.replayedItems += *items;
        auto summary = archive.summary(instrument.id);
        auto last = summary && summary->ticks > 0 ? lastPriceOf(archive, instrument.id, summary->lastTime)
                                                  : Result<market::Price>(market::Price{});
        if (!summary || !last) {
            database.rollback();
            return std::unexpected(summary ? last.error() : summary.error());
        }
        out.streams.push_back({instrument, *summary, *last, {}, {}});
        out.paper.lastPrices[instrument.id] = *last;
        if (auto closed = closeOrphans(out.paper.pipeline, ledger, instrument, out.streams.back(), *inForce); !closed) {
            database.rollback();
            return std::unexpected(closed.error());
        }
        if (summary->ticks == 0) {
            continue;
        }
        if (progress) {
            progress(static_cast<double>(out.streams.size()) / static_cast<double>(out.paper.instruments.size()));
        }
        if (auto loaded = loadGaps(out.streams.back(), archive, *gaps); !loaded) {
            database.rollback();
            return std::unexpected(loaded.error());
        }
    }
    if (auto committed = database.commit(true); !committed) {
        return std::unexpected(committed.error());
    }
    out.afterCrash = out.replayedItems > 0;
    return out;
}

Result<Recovered> recover(storage::Database& database, const base::PaperPolicy& policy, const std::stop_token& stop,
                          std::shared_ptr<const trading::ModelLibrary> library)
{
    auto out = catchUpLedger(database, policy, stop, {}, std::move(library));
    if (!out) {
        return out;
    }
    if (auto loaded = load(out->paper, database); !loaded) {
        return std::unexpected(loaded.error());
    }
    return out;
}

} // namespace qd::engines
