#include "base/channels.h"
#include "storage/block_checksums.h"
#include "storage/block_table.h"
#include "storage/tick_archive.h"

#include <sqlite3.h>

#include <algorithm>
#include <future>
#include <map>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

/// What a series is called: the instrument, and a candle's timeframe.
template <typename Rows>
Result<std::map<std::int64_t, std::string>> seriesNames(Database& database)
{
    const std::string sql =
        Rows::series == "instrument"
            ? "SELECT id,name FROM instruments"
            : "SELECT s.id,i.name||' '||s.timeframe FROM candle_series s JOIN instruments i ON i.id=s.instrument";
    auto statement = database.prepare(sql);
    if (!statement) {
        return std::unexpected(statement.error());
    }
    std::map<std::int64_t, std::string> names;
    while (true) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return names;
        }
        names.emplace(statement->integer(0), statement->text(1));
    }
}

std::string countFault(std::uint64_t rows, std::int64_t headSays)
{
    return "it holds " + std::to_string(rows) + " rows, its head says " + std::to_string(headSays);
}

/// Empty if the rows are what the head says, in order.
template <typename Rows>
std::string fault(const BlockHead& head, const std::vector<typename Rows::Row>& rows)
{
    if (rows.empty()) {
        return "it is empty";
    }
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (Rows::key(rows[i]) <= Rows::key(rows[i - 1])) {
            return "row " + std::to_string(i) + " is out of order";
        }
    }
    const auto real = BlockTable<Rows>::headOf(head.series, head.isTail, rows);
    if (real.count != head.count) {
        return countFault(static_cast<std::uint64_t>(real.count), head.count);
    }
    if (real.firstKey != head.firstKey || real.lastKey != head.lastKey || real.minTime != head.minTime ||
        real.maxTime != head.maxTime || real.firstNumber != head.firstNumber || real.lastNumber != head.lastNumber) {
        return "its keys, times or numbers are not those of its head";
    }
    return {};
}

template <typename Rows>
Result<void> checkKind(Database& database, const KeepGoing& keepGoing, BlockChecksums& out)
{
    BlockTable<Rows> table(database);
    const auto names = seriesNames<Rows>(database);
    const auto heads = table.allHeads();
    if (!names || !heads) {
        return std::unexpected(!names ? names.error() : heads.error());
    }
    for (std::size_t i = 0; i < heads->size(); ++i) {
        const auto& head = (*heads)[i];
        const auto count = table.count(head);
        if (!count && count.error().code != ErrorCode::Damaged) {
            return std::unexpected(count.error());
        }
        if (!count || static_cast<std::int64_t>(*count) != head.count) {
            const auto name = names->find(head.series);
            out.bad.push_back({ErrorCode::Damaged,
                               BlockTable<Rows>::label(
                                   name != names->end() ? name->second : "series " + std::to_string(head.series), head),
                               count ? countFault(*count, head.count) : count.error().detail});
        }
        ++out.blocks;
        if (keepGoing && !keepGoing(static_cast<double>(i + 1) / static_cast<double>(heads->size()))) {
            return base::fail(ErrorCode::Cancelled, database.path().string(), "the check was stopped");
        }
    }
    return {};
}

} // namespace

Result<BlockChecksums> checkBlockChecksums(Database& database, const KeepGoing& keepGoing)
{
    const ReadTransaction transaction(database);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    BlockChecksums out;
    const auto part = [&keepGoing](double from, double share) {
        return [&keepGoing, from, share](double done) { return !keepGoing || keepGoing(from + share * done); };
    };
    auto done = checkKind<TickRows>(database, part(0.0, 0.6), out); // ticks and quotes are nearly all of an archive
    done = done ? checkKind<QuoteRows>(database, part(0.6, 0.3), out) : done;
    done = done ? checkKind<CandleRows>(database, part(0.9, 0.1), out) : done;
    return done ? Result<BlockChecksums>(std::move(out)) : std::unexpected(done.error());
}

namespace {

/// A block as its head has it, and whether its row came by.
struct ExpectedBlock {
    std::size_t place = 0; // among all
    std::int64_t count = 0;
    std::string label;
    bool isSeen = false;
};
using ExpectedTable = std::map<std::int64_t, ExpectedBlock>; // by row

template <typename Rows>
Result<void> expect(Database& database, std::map<std::string, ExpectedTable>& tables, std::size_t& place)
{
    const auto names = seriesNames<Rows>(database);
    const auto heads = BlockTable<Rows>(database).allHeads();
    if (!names || !heads) {
        return std::unexpected(!names ? names.error() : heads.error());
    }
    tables[std::string(Rows::blocks)]; // also where there is none of them
    tables[std::string(Rows::tails)];
    for (const auto& head : *heads) {
        const auto name = names->find(head.series);
        tables[std::string(head.isTail ? Rows::tails : Rows::blocks)][head.row] = {
            .place = place++,
            .count = head.count,
            .label = BlockTable<Rows>::label(
                name != names->end() ? name->second : "series " + std::to_string(head.series), head)};
    }
    return {};
}

struct BlockToCheck {
    const ExpectedBlock* block = nullptr;
    std::string data;
};

std::size_t weightOf(const BlockToCheck& item)
{
    return item.data.size();
}

} // namespace

struct BlockChecksumsBeside::Impl {
    static constexpr std::size_t mostWaiting = 8 << 20; // bytes

    void work()
    {
        try {
            ColumnCodec codec;
            while (!queue.isDone()) {
                for (const auto& item : queue.popAll(std::chrono::seconds(1))) {
                    check(codec, *item.block, item.data);
                }
            }
        } catch (...) { // out of memory: who shows it rows must not wait for it
            queue.close();
            throw;
        }
    }
    void check(ColumnCodec& codec, const ExpectedBlock& block, const std::string& data)
    {
        const auto rows = codec.decode(data, {});
        if (!rows || static_cast<std::int64_t>(*rows) != block.count) {
            bad.emplace(block.place, base::Error{ErrorCode::Damaged, block.label,
                                                 rows ? countFault(*rows, block.count) : rows.error().detail});
        }
    }

    std::map<std::string, ExpectedTable> tables;
    std::string table;                 // of the row seen last, and where its columns are
    ExpectedTable* expected = nullptr; // of it; null where it holds no blocks
    int idColumn = -1;
    int dataColumn = -1;
    std::vector<base::Error> strange; // rows that no index names
    std::uint64_t seen = 0;
    base::BoundedQueue<BlockToCheck> queue{mostWaiting, weightOf};
    std::map<std::size_t, base::Error> bad; // the thread's until it has ended
    std::future<void> done;
};

BlockChecksumsBeside::BlockChecksumsBeside(std::unique_ptr<Impl> impl) : impl_(std::move(impl))
{
    impl_->done = std::async(std::launch::async, [work = impl_.get()] { work->work(); });
}

BlockChecksumsBeside::~BlockChecksumsBeside()
{
    impl_->queue.close();
    (void)impl_->queue.popAll(std::chrono::milliseconds(0));
    if (impl_->done.valid()) {
        impl_->done.wait();
    }
}

Result<std::unique_ptr<BlockChecksumsBeside>> BlockChecksumsBeside::begin(Database& database)
{
    const ReadTransaction transaction(database);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    auto impl = std::make_unique<Impl>();
    std::size_t place = 0;
    auto done = expect<TickRows>(database, impl->tables, place);
    done = done ? expect<QuoteRows>(database, impl->tables, place) : done;
    done = done ? expect<CandleRows>(database, impl->tables, place) : done;
    if (!done) {
        return std::unexpected(done.error());
    }
    return std::unique_ptr<BlockChecksumsBeside>(new BlockChecksumsBeside(std::move(impl)));
}

void BlockChecksumsBeside::see(const std::string& table, sqlite3_stmt* row)
{
    auto& i = *impl_;
    if (table != i.table) {
        i.table = table;
        const auto found = i.tables.find(table);
        i.expected = found != i.tables.end() ? &found->second : nullptr;
        for (int column = 0; i.expected != nullptr && column < sqlite3_column_count(row); ++column) {
            const std::string_view name = sqlite3_column_name(row, column);
            i.idColumn = name == "id" ? column : i.idColumn;
            i.dataColumn = name == "data" ? column : i.dataColumn;
        }
    }
    if (i.expected == nullptr) {
        return;
    }
    ++i.seen;
    const auto id = sqlite3_column_int64(row, i.idColumn);
    const auto found = i.expected->find(id);
    if (found == i.expected->end()) {
        i.strange.push_back({ErrorCode::Damaged, table + " row " + std::to_string(id), "no index names it"});
        return;
    }
    found->second.isSeen = true;
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, i.dataColumn));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, i.dataColumn));
    // The queue is closed by end(), the destructor, and by a thread that fails, which end() tells.
    (void)i.queue.push({.block = &found->second, .data = bytes != nullptr ? std::string(bytes, size) : std::string()});
}

BlockChecksums BlockChecksumsBeside::end()
{
    auto& i = *impl_;
    i.queue.close();
    try {
        i.done.get();
    } catch (const std::exception& error) { // out of memory: what it had not looked at is not known to be good
        i.strange.push_back(
            {ErrorCode::Internal, "blocks", std::string("they were not all compared: ") + error.what()});
    }
    BlockChecksums out{.blocks = i.seen, .bad = {}};
    for (const auto& [table, blocks] : i.tables) {
        for (const auto& [row, block] : blocks) {
            if (!block.isSeen) {
                i.bad.emplace(block.place, base::Error{ErrorCode::Damaged, block.label, "the row is gone"});
            }
        }
    }
    for (auto& [place, error] : i.bad) {
        out.bad.push_back(std::move(error));
    }
    std::ranges::move(i.strange, std::back_inserter(out.bad));
    return out;
}

template <typename Rows>
Result<void> TickArchive::verifyKind(const Watch& progress, bool setsAside, std::vector<base::Error>& bad)
{
    BlockTable<Rows> table(database_);
    const auto names = seriesNames<Rows>(database_);
    const auto heads = table.allHeads();
    if (!names || !heads) {
        const auto& error = !names ? names.error() : heads.error();
        if (error.code != ErrorCode::Damaged) {
            return std::unexpected(error);
        }
        bad.push_back(error); // the pages of the table itself: the other kinds are still looked at
        return {};
    }
    std::vector<typename Rows::Row> rows;
    std::map<std::int64_t, std::int64_t> lastKeys; // of each series, of sound blocks
    for (std::size_t i = 0; i < heads->size(); ++i) {
        const auto& head = (*heads)[i];
        const auto name = names->find(head.series);
        const SeriesInfo info{
            head.series, name != names->end() ? name->second : "series " + std::to_string(head.series), {}};
        const auto label = BlockTable<Rows>::label(info.name, head);
        ++blocksDecoded_;
        const auto loaded = table.loadRaw(head, rows);
        const auto what = loaded ? fault<Rows>(head, rows) : loaded.error().detail;
        if (!loaded && loaded.error().code != ErrorCode::Damaged) {
            return std::unexpected(loaded.error());
        }
        if (!what.empty()) {
            bad.push_back({ErrorCode::Damaged, label, what});
            if (auto moved = setsAside ? table.setAside(info, head, what) : Result<bool>(false); !moved) {
                return std::unexpected(moved.error());
            }
        } else {
            const auto [last, isFirst] = lastKeys.try_emplace(head.series, head.lastKey);
            if (!isFirst && head.firstKey <= last->second) {
                bad.push_back({ErrorCode::Damaged, label, "it begins before the block before it ends"});
            }
            last->second = std::max(last->second, head.lastKey);
        }
        if (progress && !progress(static_cast<double>(i + 1) / static_cast<double>(heads->size()))) {
            return base::fail(ErrorCode::Cancelled, database_.path().string(), "the check was stopped");
        }
    }
    return {};
}

Result<std::vector<base::Error>> TickArchive::verify(const Watch& progress)
{
    return verifyAll(progress, false);
}

Result<std::vector<base::Error>> TickArchive::verifyAndSetAside(const Watch& progress)
{
    return verifyAll(progress, true);
}

template <typename Rows>
Result<void> TickArchive::addSetAside(MissingBlocks& all)
{
    const auto names = seriesNames<Rows>(database_);
    if (!names) {
        return std::unexpected(names.error());
    }
    BlockTable<Rows> table(database_);
    for (const auto& [series, name] : *names) {
        if (auto added = table.addSetAside({series, name, {}}, {}, all); !added) {
            return added;
        }
    }
    return {};
}

Result<std::vector<MissingBlock>> TickArchive::setAside()
{
    MissingBlocks all;
    auto done = addSetAside<TickRows>(all);
    done = done ? addSetAside<QuoteRows>(all) : done;
    done = done ? addSetAside<CandleRows>(all) : done;
    return done ? Result<std::vector<MissingBlock>>(all.all()) : std::unexpected(done.error());
}

Result<std::vector<base::Error>> TickArchive::verifyAll(const Watch& progress, bool setsAside)
{
    const ReadTransaction transaction(database_);
    if (!transaction.begun()) {
        return std::unexpected(transaction.begun().error());
    }
    std::vector<base::Error> bad;
    // Ticks are nearly all of an archive.
    const auto part = [&progress](double from, double share) -> std::function<bool(double)> {
        return progress ? [&progress, from, share](double f) { return progress(from + share * f); }
                        : std::function<bool(double)>{};
    };
    auto done = verifyKind<TickRows>(part(0.0, 0.8), setsAside, bad);
    done = done ? verifyKind<QuoteRows>(part(0.8, 0.15), setsAside, bad) : done;
    done = done ? verifyKind<CandleRows>(part(0.95, 0.05), setsAside, bad) : done;
    if (!done) {
        return std::unexpected(done.error());
    }
    return bad;
}

} // namespace qd::storage
