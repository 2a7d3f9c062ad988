#include "storage/block_checksums.h"
#include "storage/block_table.h"
#include "storage/tick_archive.h"

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

std::string countFault(std::uint64_t rows, const BlockHead& head)
{
    return "it holds " + std::to_string(rows) + " rows, its head says " + std::to_string(head.count);
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
        return countFault(static_cast<std::uint64_t>(real.count), head);
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
                               count ? countFault(*count, head) : count.error().detail});
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
