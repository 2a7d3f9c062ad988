#include "storage/tick_retention.h"

#include "market/candle_builder.h"
#include "storage/block_table.h"
#include "storage/instrument_store.h"
#include "storage/ledger_rows.h"

#include <algorithm>
#include <optional>
#include <set>

namespace qd::storage {

using base::Result;
using base::UtcMs;
using health::RetentionLine;

namespace {

constexpr base::Millis minute{60'000};
constexpr std::int64_t growthDays = 7;

/// The first stream number that something needs, and what that is. 0 keeps everything.
struct Needed {
    std::int64_t from = 0;
    std::string by;
};

Result<Needed> neededOf(Database& database, base::InstrumentId instrument)
{
    auto state = database.prepare("SELECT number FROM pipeline_states WHERE instrument=?");
    auto open = database.prepare("SELECT decided_number, strategy FROM positions WHERE instrument=? "
                                 "ORDER BY decided_number LIMIT 1");
    if (!state || !open) {
        return std::unexpected(!state ? state.error() : open.error());
    }
    const auto saved = state->bind(0, instrument.value).step();
    if (!saved) {
        return std::unexpected(saved.error());
    }
    if (!*saved) {
        return Needed{0, "paper trading has not come past them yet"};
    }
    Needed out{state->integer(0) + 1, "paper trading has not come past them yet"};
    const auto held = open->bind(0, instrument.value).step();
    if (!held) {
        return std::unexpected(held.error());
    }
    if (*held && open->integer(0) < out.from) {
        out = {open->integer(0), "the open position of " + std::string(open->text(1)) + " began in them"};
    }
    return out;
}

std::uint64_t rowsOf(const std::vector<const BlockHead*>& heads)
{
    std::uint64_t out = 0;
    for (const auto* head : heads) {
        out += static_cast<std::uint64_t>(head->count);
    }
    return out;
}

/// Blocks that are old enough: those that may go, and how many stay because they are needed.
struct Sorted {
    std::vector<const BlockHead*> goes;
    std::size_t needed = 0;
};

Sorted sorted(const std::vector<BlockHead>& heads, UtcMs cutoff, const Needed& needed)
{
    Sorted out;
    std::int64_t newest = INT64_MIN; // of blocks: it stays, as it says where the stream had come to
    for (const auto& head : heads) {
        newest = head.isTail ? newest : std::max(newest, head.lastNumber);
    }
    for (const auto& head : heads) {
        if (head.isTail || head.lastNumber == newest || head.maxTime >= cutoff.value) {
            continue;
        }
        if (head.lastNumber < needed.from) {
            out.goes.push_back(&head);
        } else {
            ++out.needed;
        }
    }
    return out;
}

/// Pieces of a transaction each.
void cut(base::InstrumentId instrument, UtcMs cutoff, const Sorted& ticks, const Sorted& quotes,
         std::vector<OldBlocks>& out)
{
    const auto begin = [&] {
        out.push_back({.instrument = instrument, .ticks = {}, .quotes = {}, .days = {}, .before = cutoff});
        return &out.back();
    };
    OldBlocks* piece = nullptr;
    for (const auto* head : ticks.goes) {
        if (piece == nullptr || piece->ticks.size() >= blocksAtOnce) {
            piece = begin();
        }
        piece->ticks.push_back(head->row);
        for (auto day = base::bucketStart({head->minTime}, base::oneDay); day.value <= head->maxTime;
             day = day + base::oneDay) {
            if (piece->days.empty() || piece->days.back() < day) {
                piece->days.push_back(day);
            }
        }
    }
    piece = nullptr;
    for (const auto* head : quotes.goes) {
        if (piece == nullptr || piece->quotes.size() >= blocksAtOnce) {
            piece = begin();
        }
        piece->quotes.push_back(head->row);
    }
}

Result<void> planOne(Database& database, const market::Instrument& instrument, UtcMs cutoff, RetentionPlan& plan)
{
    const auto needed = neededOf(database, instrument.id);
    const auto tickHeads = BlockTable<TickRows>(database).heads(instrument.id.value, {});
    const auto quoteHeads = BlockTable<QuoteRows>(database).heads(instrument.id.value, {});
    if (!needed || !tickHeads || !quoteHeads) {
        return std::unexpected(!needed ? needed.error() : !tickHeads ? tickHeads.error() : quoteHeads.error());
    }
    const auto ticks = sorted(*tickHeads, cutoff, *needed);
    const auto quotes = sorted(*quoteHeads, cutoff, *needed);
    RetentionLine line{.instrument = instrument.id, .name = instrument.name};
    for (const auto* sortedOnes : {&ticks, &quotes}) {
        for (const auto* head : sortedOnes->goes) {
            line.bytes += static_cast<std::uint64_t>(head->bytes);
            line.until = std::max(line.until, UtcMs{head->maxTime});
        }
    }
    line.blocks = ticks.goes.size() + quotes.goes.size();
    line.ticks = rowsOf(ticks.goes);
    line.quotes = rowsOf(quotes.goes);
    if (ticks.needed + quotes.needed > 0) {
        line.kept = std::to_string(ticks.needed + quotes.needed) + " old blocks stay: " + needed->by;
    }
    plan.preview.ticks += line.ticks;
    plan.preview.quotes += line.quotes;
    plan.preview.bytes += line.bytes;
    cut(instrument.id, cutoff, ticks, quotes, plan.goes);
    if (line.blocks > 0 || !line.kept.empty()) {
        plan.preview.lines.push_back(std::move(line));
    }
    return {};
}

Result<UtcMs> newestTick(Database& database)
{
    const auto newest = database.number("SELECT max(t) FROM (SELECT max(max_time) AS t FROM tick_blocks UNION ALL "
                                        "SELECT max(max_time) FROM tick_tails)");
    return newest ? Result<UtcMs>(UtcMs{*newest}) : std::unexpected(newest.error());
}

Result<void> drop(Database& database, const char* table, const OldBlocks& blocks, const std::vector<std::int64_t>& rows,
                  std::int64_t needed)
{
    auto statement = database.prepare("DELETE FROM " + std::string(table) +
                                      " WHERE id=? AND instrument=? AND last_number<? AND max_time<?");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    for (const auto row : rows) {
        statement->bind(0, row).bind(1, blocks.instrument.value).bind(2, needed).bind(3, blocks.before.value);
        if (auto done = statement->run(); !done) {
            return done;
        }
    }
    return {};
}

} // namespace

Result<RetentionPlan> planRetention(Database& database, const health::RetentionRule& rule)
{
    RetentionPlan plan;
    plan.preview.rule = rule;
    if (rule.way == health::OldTicks::Keep || rule.keepDays <= 0) {
        return plan;
    }
    const ReadTransaction view(database);
    if (!view.begun()) {
        return std::unexpected(view.begun().error());
    }
    const auto newest = newestTick(database);
    const auto instruments = InstrumentStore(database).all();
    if (!newest || !instruments) {
        return std::unexpected(!newest ? newest.error() : instruments.error());
    }
    const auto today = base::bucketStart(std::min(rule.now, *newest), base::oneDay);
    const auto cutoff = today - base::oneDay * rule.keepDays;
    for (const auto& instrument : *instruments) {
        if (auto done = planOne(database, instrument, cutoff, plan); !done) {
            return std::unexpected(done.error());
        }
    }
    return plan;
}

Result<void> dropBlocks(Database& database, const OldBlocks& blocks)
{
    const auto needed = neededOf(database, blocks.instrument);
    if (!needed) {
        return std::unexpected(needed.error());
    }
    auto done = drop(database, "tick_blocks", blocks, blocks.ticks, needed->from);
    return done ? drop(database, "quote_blocks", blocks, blocks.quotes, needed->from) : done;
}

Result<std::vector<market::Candle>> unkeptMinutes(Database& database, base::InstrumentId instrument, UtcMs day)
{
    const ReadTransaction view(database);
    if (!view.begun()) {
        return std::unexpected(view.begun().error());
    }
    const auto last = day + base::oneDay - base::Millis{1};
    const auto known = CandleStore(database).read(instrument, market::Timeframe::M1, {day, last}, 1'440);
    if (!known) {
        return std::unexpected(known.error());
    }
    std::set<UtcMs> have;
    for (const auto& candle : *known) {
        have.insert(candle.start);
    }
    // From a minute before, whose candle is not whole; its own first one then is.
    market::CandleBuilder builder(market::Timeframe::M1);
    std::vector<market::Candle> made;
    const auto read =
        TickArchive(database).read(instrument, {day - minute, last}, [&](std::span<const NumberedTick> span) {
            for (const auto& tick : span) {
                builder.add(tick.tick, made);
            }
            return true;
        });
    if (!read) {
        return std::unexpected(read.error());
    }
    if (const auto forming = builder.forming()) {
        made.push_back(*forming);
    }
    std::erase_if(made, [&](const market::Candle& candle) {
        return candle.start < day || candle.trades == 0 || have.contains(candle.start);
    });
    return made;
}

Result<StoreFigures> storeFigures(Database& database)
{
    const ReadTransaction view(database);
    if (!view.begun()) {
        return std::unexpected(view.begun().error());
    }
    const auto pages = database.number("PRAGMA page_count");
    const auto free = database.number("PRAGMA freelist_count");
    const auto size = database.number("PRAGMA page_size");
    const auto newest = newestTick(database);
    const auto all = database.number("SELECT sum(bytes) FROM tick_blocks");
    for (const auto* value : {&pages, &free, &size, &all}) {
        if (!*value) {
            return std::unexpected(value->error());
        }
    }
    if (!newest) {
        return std::unexpected(newest.error());
    }
    StoreFigures out{.pages = static_cast<std::uint64_t>(*pages),
                     .freePages = static_cast<std::uint64_t>(*free),
                     .pageBytes = static_cast<std::uint64_t>(*size)};
    const auto today = base::bucketStart(*newest, base::oneDay);
    auto recent =
        database.prepare("SELECT sum(bytes), min(min_time) FROM tick_blocks WHERE min_time>=? AND min_time<?");
    if (!recent) {
        return std::unexpected(recent.error());
    }
    const auto row = recent->bind(0, (today - base::oneDay * growthDays).value).bind(1, today.value).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (*row && !recent->isNull(0) && *all > 0) {
        // Beside each byte of a block the file holds others: the ledger, candles, quotes, indexes.
        const auto days = static_cast<double>((today - UtcMs{recent->integer(1)}).count()) /
                          static_cast<double>(base::oneDay.count());
        const auto used = static_cast<double>(out.pages - out.freePages) * static_cast<double>(out.pageBytes);
        out.bytesPerDay =
            static_cast<double>(recent->integer(0)) / std::max(1.0, days) * used / static_cast<double>(*all);
    }
    return out;
}

} // namespace qd::storage
