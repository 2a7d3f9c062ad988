#include "engines/recovery.h"

#include <utility>

namespace qd::engines {

namespace {

using base::Result;
using storage::LedgerStore;

/// Restores one instrument and feeds it what the archive holds beyond the saved state. The ledger takes the events anew;
/// those it has already change nothing.
Result<std::uint64_t> catchUp(trading::TradingPipeline& pipeline, storage::Database& database, LedgerStore& ledger,
                              storage::CandleStore& candles, const market::Instrument& instrument)
{
    auto saved = ledger.loadState(instrument.id);
    if (!saved) {
        return std::unexpected(saved.error());
    }
    base::StreamNumber from{0};
    if (saved->has_value() && pipeline.restore(instrument.id, (*saved)->second)) {
        from = (*saved)->first;
    }
    auto inputs = ledger.switchInputs(instrument.id);
    if (!inputs) {
        return std::unexpected(inputs.error());
    }
    std::size_t nextInput = 0;
    const auto applyInputs = [&](base::StreamNumber before) {
        for (; nextInput < inputs->size() && (*inputs)[nextInput].number < before; ++nextInput) {
            const auto& input = (*inputs)[nextInput];
            if (input.number >= from) {
                pipeline.setEnabled(instrument.id, input.strategy, input.enabled);
            }
        }
    };
    std::uint64_t items = 0;
    trading::LedgerEvents events;
    Result<void> written;
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
                written = candles.append(instrument.id, closed->timeframe, std::span(&closed->candle, 1));
            } else {
                written = ledger.apply(event);
            }
            if (!written) {
                return false;
            }
        }
        return true;
    });
    applyInputs({INT64_MAX});
    if (!read) {
        return std::unexpected(read.error());
    }
    if (!written) {
        return std::unexpected(written.error());
    }
    if (items > 0) {
        if (auto kept = ledger.saveState(instrument.id, pipeline.fed(instrument.id), pipeline.save(instrument.id)); !kept) {
            return std::unexpected(kept.error());
        }
    }
    return items;
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

Result<void> load(RecoveredPaper& paper, LedgerStore& ledger, storage::CandleStore& candles)
{
    for (const auto& step : {into(paper.positions, ledger.openPositions()), into(paper.trades, ledger.trades()),
                             into(paper.signals, ledger.signals()), into(paper.equity, ledger.equity({INT64_MIN})),
                             into(paper.switches, ledger.switches())}) {
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

}  // namespace

Result<Recovered> recover(storage::Database& database, const base::PaperPolicy& policy)
{
    Recovered out;
    out.paper.pipeline = trading::TradingPipeline(policy);
    LedgerStore ledger(database);
    storage::CandleStore candles(database);
    storage::TickArchive archive(database);
    auto instruments = storage::InstrumentStore(database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    out.paper.instruments = std::move(*instruments);
    if (auto begun = database.begin(); !begun) {
        return std::unexpected(begun.error());
    }
    for (const auto& instrument : out.paper.instruments) {
        out.paper.pipeline.addInstrument(instrument);
        const auto items = catchUp(out.paper.pipeline, database, ledger, candles, instrument);
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
        out.streams.push_back({instrument, *summary, *last});
    }
    if (auto committed = database.commit(true); !committed) {
        return std::unexpected(committed.error());
    }
    out.afterCrash = out.replayedItems > 0;
    if (auto loaded = load(out.paper, ledger, candles); !loaded) {
        return std::unexpected(loaded.error());
    }
    return out;
}

}  // namespace qd::engines
