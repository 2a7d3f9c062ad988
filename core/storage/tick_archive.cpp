#include "storage/tick_archive.h"

#include "storage/block_table.h"
#include "storage/stream_reader.h"

#include <algorithm>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

template <typename Rows>
bool isWithin(const typename Rows::Row& row, TimeRange range)
{
    return Rows::time(row) >= range.from.value && Rows::time(row) <= range.to.value;
}

} // namespace

// A late tick may lie in a block of its own beside a damaged one, and a set-aside piece among the blocks; apart from
// that blocks are disjoint and in key order, and tails come after them.
template <typename Rows, typename Row>
Result<void> TickArchive::readRange(InstrumentId instrument, TimeRange range,
                                    const std::function<bool(std::span<const Row>)>& take)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return transaction.begun();
    }
    const auto info = instrumentSeries(database_, instrument);
    if (!info) {
        return std::unexpected(info.error());
    }
    BlockTable<Rows> table(database_);
    const typename BlockTable<Rows>::Filter filter{
        .minTime = range.from.value, .maxTime = range.to.value, .afterNumber = {}};
    const auto heads = table.heads(instrument.value, filter);
    if (!heads) {
        return std::unexpected(heads.error());
    }
    if (auto named = table.addSetAside(*info, filter, missing_); !named) {
        return named;
    }
    std::vector<Row> rows;
    for (const auto& head : *heads) {
        ++blocksDecoded_;
        if (auto loaded = table.load(*info, head, rows); !loaded) {
            if (loaded.error().code != ErrorCode::Damaged) {
                return loaded;
            }
            missing_.add(table.missingOf(*info, head, loaded.error().detail));
            continue;
        }
        if (head.minTime < range.from.value || head.maxTime > range.to.value) {
            std::erase_if(rows, [range](const Row& row) { return !isWithin<Rows>(row, range); });
        }
        if (!rows.empty() && !take(rows)) {
            return {};
        }
    }
    return {};
}

Result<void> TickArchive::read(InstrumentId instrument, TimeRange range,
                               const std::function<bool(std::span<const NumberedTick>)>& take)
{
    return readRange<TickRows, NumberedTick>(instrument, range, take);
}

Result<void> TickArchive::readQuotes(InstrumentId instrument, TimeRange range,
                                     const std::function<bool(std::span<const NumberedQuote>)>& take)
{
    return readRange<QuoteRows, NumberedQuote>(instrument, range, take);
}

Result<void> TickArchive::readStream(InstrumentId instrument, StreamNumber after,
                                     const std::function<bool(std::vector<market::StreamItem>&)>& take)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return transaction.begun();
    }
    auto info = instrumentSeries(database_, instrument);
    if (!info) {
        return std::unexpected(info.error());
    }
    StreamReader reader(database_, std::move(*info), after.value, missing_);
    auto done = reader.run(take);
    blocksDecoded_ += reader.blocksDecoded();
    return done;
}

Result<std::optional<NumberRange>> TickArchive::numbersBetween(InstrumentId instrument, std::int64_t first,
                                                               std::int64_t last)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    const auto ticks = BlockTable<TickRows>(database_).heads(instrument.value, {});
    if (!ticks) {
        return std::unexpected(ticks.error());
    }
    NumberRange range;
    for (const auto& head : *ticks) {
        if (head.lastKey < first) {
            range.first = std::max(range.first, head.lastNumber + 1);
            range.before = std::max(range.before, std::optional<UtcMs>(UtcMs{head.maxTime}));
        } else if (head.firstKey > last) {
            range.last = std::min(range.last, head.firstNumber - 1);
            range.after = std::min(range.after.value_or(UtcMs{INT64_MAX}), UtcMs{head.minTime});
        } else {
            return std::nullopt;
        }
    }
    return range;
}

Result<ArchiveSummary> TickArchive::summary(InstrumentId instrument)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    ArchiveSummary out;
    const auto ticks = BlockTable<TickRows>(database_).heads(instrument.value, {});
    const auto quotes = BlockTable<QuoteRows>(database_).heads(instrument.value, {});
    const auto id = std::to_string(instrument.value);
    const auto gap = database_.number("SELECT max((SELECT ifnull(max(number),0) FROM gaps WHERE instrument=" + id +
                                      "),(SELECT ifnull(max(number),0) FROM funding_rates WHERE instrument=" + id +
                                      "),(SELECT ifnull(max(last_number),0) FROM damaged_blocks WHERE series=" + id +
                                      " AND kind IN ('ticks','quotes')))");
    if (!ticks || !quotes || !gap) {
        return std::unexpected(!ticks ? ticks.error() : !quotes ? quotes.error() : gap.error());
    }
    out.lastNumber.value = *gap;
    for (const auto& head : *quotes) {
        out.lastNumber.value = std::max(out.lastNumber.value, head.lastNumber);
        out.bytes += static_cast<std::uint64_t>(head.bytes);
    }
    for (const auto& head : *ticks) {
        const bool isFirst = out.ticks == 0;
        out.ticks += static_cast<std::uint64_t>(head.count);
        out.firstId = isFirst ? head.firstKey : std::min(out.firstId, head.firstKey);
        out.lastId = isFirst ? head.lastKey : std::max(out.lastId, head.lastKey);
        out.firstTime = isFirst ? UtcMs{head.minTime} : std::min(out.firstTime, UtcMs{head.minTime});
        out.lastTime = isFirst ? UtcMs{head.maxTime} : std::max(out.lastTime, UtcMs{head.maxTime});
        out.lastNumber.value = std::max(out.lastNumber.value, head.lastNumber);
        out.blocks += head.isTail ? 0 : 1;
        out.bytes += static_cast<std::uint64_t>(head.bytes);
    }
    return out;
}

Result<std::set<std::int64_t>> TickArchive::wholeDays(InstrumentId instrument)
{
    const auto heads = BlockTable<TickRows>(database_).heads(instrument.value, {});
    std::set<std::int64_t> out;
    if (!heads || heads->empty()) {
        return heads ? Result<std::set<std::int64_t>>(std::move(out)) : std::unexpected(heads.error());
    }
    const auto day = base::oneDay.count();
    const auto oldest = std::ranges::min(*heads, {}, &BlockHead::minTime).minTime;
    const auto newest = std::ranges::max(*heads, {}, &BlockHead::maxTime).maxTime;
    const auto first = (oldest + day - 1) / day;
    for (const auto& head : *heads) {
        for (auto of = std::max(head.minTime / day, first); of <= head.maxTime / day && (of + 1) * day <= newest;
             ++of) {
            out.insert(of);
        }
    }
    return out;
}

Result<StreamNumber> TickArchive::newestQuote(InstrumentId instrument)
{
    StreamNumber newest;
    for (const bool ofTail : {false, true}) {
        const auto last = BlockTable<QuoteRows>(database_).lastBefore(instrument.value, INT64_MAX, ofTail);
        if (!last) {
            return std::unexpected(last.error());
        }
        if (*last) {
            newest.value = std::max(newest.value, (*last)->lastNumber);
        }
    }
    return newest;
}

} // namespace qd::storage
