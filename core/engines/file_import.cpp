#include "engines/file_import.h"

#include "engines/data_folder.h"
#include "exchange/csv_trades.h"
#include "exchange/default_instruments.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"

#include <algorithm>
#include <chrono>

namespace qd::engines {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

// Where the file is read twice, judging it is the first part of the bar, storing it the rest.
constexpr double inspectShare = 0.5;
// What is handed to the archive at once: whole blocks, so that no row is written as a tail first.
constexpr std::size_t spanRows = 16'384;
// An imported trade's id is its time × 2^20 and its rank within the millisecond (exchange/csv_trades.h).
constexpr int tradeIdRankBits = 20;

std::string kindOf(const ImportOptions& options)
{
    return options.candles ? "candles " + std::string(market::name(*options.candles)) : std::string("ticks");
}

base::Scale finer(base::Scale a, base::Scale b)
{
    return a.decimals() >= b.decimals() ? a : b;
}

/// The instrument as the file wants it: scales from its digits, never coarser than those that are there.
Result<market::Instrument> instrumentFor(const ImportOptions& options, const exchange::CsvSummary& summary,
                                         storage::Database& database)
{
    market::Instrument wanted;
    wanted.name = options.instrument;
    wanted.tick = base::Scale::ofDecimals(summary.priceDecimals);
    wanted.lot = base::Scale::ofDecimals(summary.sizeDecimals);
    auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto known = std::ranges::find(*all, options.instrument, &market::Instrument::name);
    const auto& defaults = exchange::defaultInstruments();
    const auto standard = std::ranges::find(defaults, options.instrument, &market::Instrument::name);
    if (options.sizes == SizeUnit::Contracts) {
        if (known != all->end()) {
            wanted.contractValue = known->contractValue;
        } else if (standard != defaults.end()) {
            wanted.contractValue = standard->contractValue;
        } else {
            return fail(ErrorCode::Unsupported, options.instrument,
                        "the contract's value is not known; import sizes in coins");
        }
    }
    if (known != all->end()) {
        if (known->contractValue != wanted.contractValue) {
            return fail(ErrorCode::Conflict, options.instrument,
                        "what is there has sizes in the other unit (--sizes coins or contracts)");
        }
        wanted.tick = finer(wanted.tick, known->tick);
        wanted.lot = finer(wanted.lot, known->lot);
        wanted.minSize = {wanted.lot.parse(known->sizeText(known->minSize)).value_or(1)};
    }
    return wanted;
}

class Import {
public:
    Import(const ImportOptions& options, storage::Database& database, std::stop_token stop)
        : options_(options),
          database_(database),
          stop_(std::move(stop))
    {
    }

    Result<ImportOutcome> run()
    {
        auto stored = isNewest();
        if (stored && *stored) {
            stored = storeInOnePass();
        }
        if (stored && !*stored) {
            stored = storeInTwoPasses();
        }
        return stored ? Result<ImportOutcome>(outcome_) : std::unexpected(stored.error());
    }

private:
    /// Nothing of the instrument is as new as the file's first trade: so nothing can be in its way, and it may be
    /// stored while it is judged.
    Result<bool> isNewest()
    {
        if (options_.candles) {
            return false;
        }
        head_ = exchange::CsvTradesReader(options_.file).peek();
        if (!head_) {
            return std::unexpected(head_.error());
        }
        const auto all = storage::InstrumentStore(database_).all();
        if (!all) {
            return std::unexpected(all.error());
        }
        const auto known = std::ranges::find(*all, options_.instrument, &market::Instrument::name);
        if (known == all->end()) {
            return true;
        }
        const auto archived = storage::TickArchive(database_).summary(known->id);
        const auto sources = storage::ImportStore(database_).sources(known->id);
        if (!archived || !sources) {
            return std::unexpected(!archived ? archived.error() : sources.error());
        }
        return (archived->ticks == 0 ||
                (archived->lastTime < head_->first && archived->lastId < head_->first.value << tradeIdRankBits)) &&
               std::ranges::all_of(*sources, [&](const auto& source) {
                   return source.kind != kindOf(options_) || source.last < head_->first;
               });
    }

    /// False, and nothing is kept: a later row is finer than the first ones, so the scales must be learnt first.
    Result<bool> storeInOnePass()
    {
        const auto done = inTransaction(*head_, [this](const market::Instrument& instrument) -> Result<void> {
            const auto archived = storage::TickArchive(database_).summary(instrument.id);
            if (!archived) {
                return std::unexpected(archived.error());
            }
            const auto first = outcome_.first.value << tradeIdRankBits;
            Place place{.mark = std::max(first, archived->lastNumber.value + 1)};
            if (archived->ticks > 0) {
                place.before = archived->lastTime;
            }
            auto read = storeTicks(instrument, place, watch(0, 1));
            if (!read) {
                return std::unexpected(read.error());
            }
            take(*read);
            auto marked = markGaps(instrument, place);
            return marked ? addSource(instrument) : marked;
        });
        if (!done && done.error().code == ErrorCode::NotOnScale) {
            outcome_ = {};
            return false;
        }
        return done ? Result<bool>(true) : std::unexpected(done.error());
    }

    Result<bool> storeInTwoPasses()
    {
        const auto summary = inspect();
        if (!summary) {
            return std::unexpected(summary.error());
        }
        const auto done =
            inTransaction(*summary, [this](const market::Instrument& instrument) { return store(instrument); });
        return done ? Result<bool>(true) : std::unexpected(done.error());
    }

    void take(const exchange::CsvSummary& summary)
    {
        outcome_.rows = static_cast<std::uint64_t>(summary.rows);
        outcome_.first = summary.first;
        outcome_.last = summary.last;
        outcome_.source = summary.sha256;
    }

    /// Puts the instrument on the scales of `summary`, and all that `work` does beside it; whole or not at all.
    Result<void> inTransaction(const exchange::CsvSummary& summary,
                               const std::function<Result<void>(const market::Instrument&)>& work)
    {
        take(summary);
        if (summary.rows == 0) {
            return fail(ErrorCode::Malformed, options_.file, "it has no rows");
        }
        auto wanted = instrumentFor(options_, summary, database_);
        if (!wanted) {
            return std::unexpected(wanted.error());
        }
        outcome_.instrument = *wanted;
        const auto begun = database_.begin();
        if (!begun) {
            return std::unexpected(begun.error());
        }
        auto instrument = storage::InstrumentStore(database_).put(*wanted);
        auto done = instrument ? work(*instrument) : std::unexpected(instrument.error());
        if (instrument) {
            outcome_.instrument = *instrument;
        }
        if (done && !outcome_.wasThere) {
            done = database_.commit(true);
        }
        if (!done || outcome_.wasThere) {
            database_.rollback();
        }
        return done;
    }

    exchange::CsvWatch watch(double from, double share) const
    {
        return {stop_, [this, from, share](double fraction) {
                    if (options_.progress) {
                        options_.progress(from + share * fraction);
                    }
                }};
    }

    Result<exchange::CsvSummary> inspect() const
    {
        const auto watched = watch(0, inspectShare);
        return options_.candles ? exchange::CsvCandlesReader(options_.file, *options_.candles).inspect(watched)
                                : exchange::CsvTradesReader(options_.file).inspect(watched);
    }

    Result<void> store(const market::Instrument& instrument)
    {
        const auto sources = storage::ImportStore(database_).sources(instrument.id);
        if (!sources) {
            return std::unexpected(sources.error());
        }
        for (const auto& source : *sources) {
            if (source.kind != kindOf(options_)) {
                continue;
            }
            if (source.hash == outcome_.source) {
                outcome_.wasThere = true;
                return {};
            }
            if (source.first <= outcome_.last && outcome_.first <= source.last) {
                return fail(ErrorCode::Conflict, options_.file,
                            "another file covers " + base::isoText(source.first) + " to " + base::isoText(source.last) +
                                " of " + options_.instrument);
            }
            if (options_.candles && outcome_.last < source.first) {
                return fail(ErrorCode::Conflict, options_.file,
                            "a later file of " + options_.instrument +
                                " is there already; import files in the order of time");
            }
        }
        auto stored = options_.candles ? storeCandles(instrument) : storeTicksInPlace(instrument);
        return stored ? addSource(instrument) : stored;
    }

    Result<void> addSource(const market::Instrument& instrument)
    {
        return storage::ImportStore(database_).add({.hash = outcome_.source,
                                                    .kind = kindOf(options_),
                                                    .instrument = instrument.id,
                                                    .first = outcome_.first,
                                                    .last = outcome_.last,
                                                    .rows = outcome_.rows,
                                                    .importedAt = base::SystemClock().now()});
    }

    /// Where the file's ticks go in the stream, and what lies on its two sides.
    struct Place {
        std::int64_t mark = 0; // number of the mark before the first tick, which has the next one
        std::optional<base::UtcMs> before;
        std::optional<base::UtcMs> after;
        std::int64_t markAfter = 0; // number of the mark before the tick at `after`
    };

    /// The first stream number of the file is its first id, where that is free. Ids grow at least as fast as numbers
    /// do, so files that do not overlap never get in each other's way and replay meets their ticks in the order of
    /// their ids, in whatever order they are imported.
    Result<Place> place(const market::Instrument& instrument)
    {
        const auto first = outcome_.first.value << tradeIdRankBits;
        const auto last = ((outcome_.last.value + 1) << tradeIdRankBits) - 1;
        storage::TickArchive archive(database_);
        const auto free = archive.numbersBetween(instrument.id, first, last);
        const auto summary = archive.summary(instrument.id);
        const auto state = storage::LedgerStore(database_).loadState(instrument.id);
        if (!free || !summary || !state) {
            return std::unexpected(!free ? free.error() : !summary ? summary.error() : state.error());
        }
        const bool isNewest = summary->ticks == 0 || summary->lastTime < outcome_.first;
        const bool isNewestById = summary->ticks == 0 || summary->lastId < first;
        if (!*free || isNewest != isNewestById) { // a feed's ids do not grow from the time as imported ones do
            return fail(ErrorCode::Conflict, options_.file,
                        "the archive already holds other ticks of " + options_.instrument + " from " +
                            base::isoText(summary->firstTime) + " to " + base::isoText(summary->lastTime));
        }
        if (!isNewest && state->has_value()) {
            return fail(ErrorCode::Conflict, options_.file,
                        "paper trading has run on later ticks of " + options_.instrument +
                            ", and this file would change what it saw; import it without --feed");
        }
        const auto& range = **free;
        const auto mark = std::max({first, range.first, isNewest ? summary->lastNumber.value + 1 : first});
        if (mark + static_cast<std::int64_t>(outcome_.rows) >= range.last) {
            return fail(ErrorCode::Conflict, options_.file,
                        "later ticks of " + options_.instrument +
                            " have the stream numbers that these need; import files in the order of time");
        }
        return Place{mark, range.before, range.after, range.last};
    }

    /// What lies between two files is not known: nobody may take it for a quiet market.
    Result<void> markGaps(const market::Instrument& instrument, const Place& place)
    {
        storage::LedgerStore ledger(database_);
        const auto add = [&](std::int64_t number, base::UtcMs from, base::UtcMs to) {
            return ledger.addGap({instrument.id, {number}, from, to, market::GapCause::Stopped});
        };
        auto done = place.before ? add(place.mark, *place.before, outcome_.first) : Result<void>{};
        if (done && place.after) {
            done = add(place.markAfter, outcome_.last, *place.after);
        }
        return done;
    }

    Result<void> storeTicksInPlace(const market::Instrument& instrument)
    {
        const auto place = this->place(instrument);
        if (!place) {
            return std::unexpected(place.error());
        }
        if (auto marked = markGaps(instrument, *place); !marked) {
            return marked;
        }
        const auto read = storeTicks(instrument, *place, watch(inspectShare, 1 - inspectShare));
        return read ? Result<void>{} : std::unexpected(read.error());
    }

    Result<exchange::CsvSummary> storeTicks(const market::Instrument& instrument, const Place& place,
                                            const exchange::CsvWatch& watched)
    {
        auto number = place.mark;
        storage::TickArchiveWriter writer(database_);
        if (auto sealed = writer.seal(); !sealed) { // tails lie behind all blocks
            return std::unexpected(sealed.error());
        }
        std::vector<storage::NumberedTick> waiting;
        waiting.reserve(2 * spanRows);
        const auto take = [&](std::span<const market::Tick> ticks) -> Result<void> {
            for (const auto& tick : ticks) {
                waiting.push_back({{++number}, tick});
            }
            const auto whole = waiting.size() - waiting.size() % spanRows;
            if (whole == 0) {
                return {};
            }
            auto written = writer.insertIntoHole(instrument.id, std::span(waiting).first(whole));
            waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(whole));
            return written;
        };
        auto read = exchange::CsvTradesReader(options_.file).read(instrument.tick, instrument.lot, take, watched);
        if (!read) {
            return read;
        }
        const auto rest = writer.insertIntoHole(instrument.id, waiting);
        return rest ? std::move(read) : std::unexpected(rest.error());
    }

    Result<void> storeCandles(const market::Instrument& instrument)
    {
        storage::CandleStore store(database_);
        const auto read = exchange::CsvCandlesReader(options_.file, *options_.candles)
                              .read(
                                  instrument.tick, instrument.lot,
                                  [&](std::span<const market::Candle> candles) {
                                      return store.append(instrument.id, *options_.candles, candles);
                                  },
                                  watch(inspectShare, 1 - inspectShare));
        if (!read) {
            return std::unexpected(read.error());
        }
        return {};
    }

    const ImportOptions& options_;
    storage::Database& database_;
    std::stop_token stop_;
    ImportOutcome outcome_;
    Result<exchange::CsvSummary> head_; // of the first rows
};

} // namespace

Result<ImportOutcome> importFile(const ImportOptions& options, const std::stop_token& stop)
{
    const auto begun = std::chrono::steady_clock::now();
    if (const auto made = makeDataDir(options.database.parent_path()); !made) {
        return std::unexpected(made.error());
    }
    auto database = storage::Database::open(options.database, storage::Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    auto outcome = Import(options, *database, stop).run();
    if (outcome) {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
        outcome->seconds = spent.count();
    }
    return outcome;
}

} // namespace qd::engines
