#include "storage/tick_archive.h"

#include "storage/block_table.h"
#include "storage/stream_reader.h"

#include <algorithm>

namespace qd::storage {

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
    const auto heads =
        table.heads(instrument.value, {.minTime = range.from.value, .maxTime = range.to.value, .afterNumber = {}});
    if (!heads) {
        return std::unexpected(heads.error());
    }
    std::vector<Row> rows;
    for (const auto& head : *heads) {
        ++blocksDecoded_;
        if (auto loaded = table.load(*info, head, rows); !loaded) {
            return loaded;
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
                                     const std::function<bool(std::span<const market::StreamItem>)>& take)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return transaction.begun();
    }
    auto info = instrumentSeries(database_, instrument);
    if (!info) {
        return std::unexpected(info.error());
    }
    StreamReader reader(database_, std::move(*info), after.value);
    auto done = reader.run(take);
    blocksDecoded_ += reader.blocksDecoded();
    return done;
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
    const auto gap =
        database_.number("SELECT ifnull(max(number),0) FROM gaps WHERE instrument=" + std::to_string(instrument.value));
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

} // namespace qd::storage
