#include "storage/candle_store.h"

#include "storage/candle_inserter.h"

#include <algorithm>

namespace qd::storage {

using base::Result;

struct CandleStore::Impl {
    explicit Impl(Database& d) : database(d), writer(d) {}
    Database& database;
    SeriesWriter<CandleRows> writer;
    MissingBlocks missing;

    /// Nothing for candles that were never stored. Looked up each time: a rollback may take a new series back.
    Result<std::optional<SeriesInfo>> find(InstrumentId instrument, market::Timeframe timeframe)
    {
        auto info = instrumentSeries(database, instrument);
        if (!info) {
            return std::unexpected(info.error());
        }
        auto statement = database.prepare("SELECT id FROM candle_series WHERE instrument=? AND timeframe=?");
        if (!statement) {
            return std::unexpected(statement.error());
        }
        const auto row = statement->bind(0, instrument.value).bind(1, market::name(timeframe)).step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return std::nullopt;
        }
        info->series = statement->integer(0);
        info->name += " " + std::string(market::name(timeframe));
        return std::move(*info);
    }

    Result<SeriesInfo> findOrAdd(InstrumentId instrument, market::Timeframe timeframe)
    {
        auto known = find(instrument, timeframe);
        if (!known) {
            return std::unexpected(known.error());
        }
        if (*known) {
            return std::move(**known);
        }
        auto statement = database.prepare("INSERT INTO candle_series(instrument,timeframe) VALUES(?,?)");
        if (!statement) {
            return std::unexpected(statement.error());
        }
        if (auto added = statement->bind(0, instrument.value).bind(1, market::name(timeframe)).run(); !added) {
            return std::unexpected(added.error());
        }
        known = find(instrument, timeframe);
        return known ? Result<SeriesInfo>(std::move(**known)) : std::unexpected(known.error());
    }
};

CandleStore::CandleStore(Database& database) : impl_(std::make_unique<Impl>(database)) {}
CandleStore::~CandleStore() = default;

const std::vector<MissingBlock>& CandleStore::missing() const
{
    return impl_->missing.all();
}

Result<void> CandleStore::append(InstrumentId instrument, market::Timeframe timeframe,
                                 std::span<const market::Candle> candles)
{
    const auto info = impl_->findOrAdd(instrument, timeframe);
    if (!info) {
        return std::unexpected(info.error());
    }
    const auto newest = impl_->writer.newest(*info);
    if (!newest) {
        return std::unexpected(newest.error());
    }
    while (*newest && !candles.empty() && candles.front().start.value <= **newest) {
        candles = candles.subspan(1);
    }
    return impl_->writer.append(*info, candles);
}

Result<std::vector<market::Candle>> CandleStore::fillIn(InstrumentId instrument, market::Timeframe timeframe,
                                                        std::span<const market::Candle> candles)
{
    if (candles.empty()) {
        return std::vector<market::Candle>{};
    }
    const auto info = impl_->findOrAdd(instrument, timeframe);
    return info ? CandleInserter(impl_->database, impl_->writer).insert(*info, candles) : std::unexpected(info.error());
}

Result<std::vector<market::Candle>> CandleStore::read(InstrumentId instrument, market::Timeframe timeframe,
                                                      TimeRange range, std::size_t limit)
{
    const ReadTransaction transaction(impl_->database);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    const auto info = impl_->find(instrument, timeframe);
    if (!info) {
        return std::unexpected(info.error());
    }
    std::vector<market::Candle> out;
    if (!*info) {
        return out;
    }
    BlockTable<CandleRows> table(impl_->database);
    const BlockTable<CandleRows>::Filter filter{
        .minTime = range.from.value, .maxTime = range.to.value, .afterNumber = {}};
    const auto heads = table.heads((*info)->series, filter);
    if (!heads) {
        return std::unexpected(heads.error());
    }
    if (auto named = table.addSetAside(**info, filter, impl_->missing); !named) {
        return std::unexpected(named.error());
    }
    std::vector<market::Candle> rows;
    for (auto head = heads->rbegin(); head != heads->rend() && out.size() < limit; ++head) { // newest block first
        if (auto loaded = table.load(**info, *head, rows); !loaded) {
            if (loaded.error().code != base::ErrorCode::Damaged) {
                return std::unexpected(loaded.error());
            }
            impl_->missing.add(table.missingOf(**info, *head, loaded.error().detail));
            continue;
        }
        for (auto row = rows.rbegin(); row != rows.rend() && out.size() < limit; ++row) {
            if (row->start >= range.from && row->start <= range.to) {
                out.push_back(*row);
            }
        }
    }
    std::ranges::reverse(out);
    return out;
}

Result<void> CandleStore::scan(InstrumentId instrument, market::Timeframe timeframe, TimeRange range,
                               const std::function<bool(std::vector<market::Candle>&)>& take)
{
    const ReadTransaction transaction(impl_->database);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    const auto info = impl_->find(instrument, timeframe);
    if (!info || !*info) {
        return info ? Result<void>{} : std::unexpected(info.error());
    }
    BlockTable<CandleRows> table(impl_->database);
    const BlockTable<CandleRows>::Filter filter{
        .minTime = range.from.value, .maxTime = range.to.value, .afterNumber = {}};
    const auto heads = table.heads((*info)->series, filter);
    if (!heads) {
        return std::unexpected(heads.error());
    }
    if (auto named = table.addSetAside(**info, filter, impl_->missing); !named) {
        return named;
    }
    std::vector<market::Candle> rows;
    for (const auto& head : *heads) {
        if (auto loaded = table.load(**info, head, rows); !loaded) {
            if (loaded.error().code != base::ErrorCode::Damaged) {
                return loaded;
            }
            impl_->missing.add(table.missingOf(**info, head, loaded.error().detail));
            continue;
        }
        rows.erase(std::ranges::upper_bound(rows, range.to, {}, &market::Candle::start), rows.end());
        rows.erase(rows.begin(), std::ranges::lower_bound(rows, range.from, {}, &market::Candle::start));
        if (!rows.empty() && !take(rows)) {
            return {};
        }
    }
    return {};
}

Result<std::uint64_t> CandleStore::count(InstrumentId instrument, market::Timeframe timeframe, TimeRange range)
{
    const ReadTransaction transaction(impl_->database);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    const auto info = impl_->find(instrument, timeframe);
    if (!info || !*info) {
        return info ? Result<std::uint64_t>(0) : std::unexpected(info.error());
    }
    const auto heads = BlockTable<CandleRows>(impl_->database)
                           .heads((*info)->series, {.minTime = range.from.value, .maxTime = range.to.value});
    if (!heads) {
        return std::unexpected(heads.error());
    }
    std::uint64_t all = 0;
    for (const auto& head : *heads) {
        all += static_cast<std::uint64_t>(head.count);
    }
    return all;
}

} // namespace qd::storage
