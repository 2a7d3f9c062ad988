// Setting aside what cannot be read, and naming it: the part of BlockTable that touches damaged_blocks.
#include "base/log.h"
#include "base/utc_time.h"
#include "storage/block_table.h"
#include "storage/gap_store.h"

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view headList = "first_key,last_key,min_time,max_time,first_number,last_number,count,bytes,"
                                      "tick_step,lot_step";

template <typename Rows>
Result<void> copyToDamaged(Database& database, const BlockHead& head, const std::string& why, bool withData)
{
    const std::string columns(headList);
    auto statement = database.prepare("INSERT INTO damaged_blocks(kind,is_tail,series," + columns +
                                      ",why,set_aside_at,data) SELECT ?1,?2," + std::string(Rows::series) + "," +
                                      columns + ",?3,?4," + (withData ? "data" : "x''") + " FROM " +
                                      std::string(head.isTail ? Rows::tails : Rows::blocks) + " WHERE id=?5");
    return statement ? statement->bind(0, Rows::what)
                           .bind(1, std::int64_t{head.isTail})
                           .bind(2, why)
                           .bind(3, base::SystemClock().now().value)
                           .bind(4, head.row)
                           .run()
                     : std::unexpected(statement.error());
}

} // namespace

std::string sentence(const MissingBlock& block)
{
    return block.name + ": " + std::to_string(block.rows) + " rows from " + base::isoText(block.from) + " to " +
           base::isoText(block.to) + " are missing (" + (block.isSetAside ? "set aside: " : "damaged: ") + block.why +
           ")";
}

template <typename Rows>
MissingBlock BlockTable<Rows>::missingOf(const SeriesInfo& info, const BlockHead& head, std::string why)
{
    return {.name = label(info.name, head),
            .why = std::move(why),
            .rows = static_cast<std::uint64_t>(std::max<std::int64_t>(head.count, 0)),
            .from = {head.minTime},
            .to = {head.maxTime}};
}

template <typename Rows>
Result<bool> BlockTable<Rows>::setAside(const SeriesInfo& info, const BlockHead& head, const std::string& why)
{
    if (auto begun = database_.run("SAVEPOINT set_aside"); !begun) {
        return std::unexpected(begun.error());
    }
    const auto undo = [this] { return database_.run("ROLLBACK TO set_aside; RELEASE set_aside"); };
    auto copied = copyToDamaged<Rows>(database_, head, why, true);
    if (!copied && copied.error().code == ErrorCode::Damaged) { // its pages do not hang together
        copied = copyToDamaged<Rows>(database_, head, why, false);
    }
    auto done = copied ? remove(head) : copied;
    if (done && Rows::what == TickRows::what) {
        done = GapStore(database_).add(
            {{head.series}, {head.firstNumber}, {head.minTime}, {head.maxTime}, market::GapCause::Disk});
    }
    if (!done) {
        if (auto undone = undo(); !undone) {
            return std::unexpected(undone.error());
        }
        return done.error().code == ErrorCode::Damaged ? Result<bool>(false) : std::unexpected(done.error());
    }
    if (auto released = database_.run("RELEASE set_aside"); !released) {
        return std::unexpected(released.error());
    }
    base::log(base::LogLevel::Error, "storage", label(info.name, head) + " is damaged and set aside: " + why);
    return true;
}

template <typename Rows>
Result<void> BlockTable<Rows>::addSetAside(const SeriesInfo& info, const Filter& filter, MissingBlocks& missing)
{
    auto statement =
        database_.prepare("SELECT is_tail,first_key,min_time,max_time,count,why FROM damaged_blocks WHERE kind=? AND "
                          "series=? AND max_time>=? AND min_time<=? AND last_number>? ORDER BY first_key,id");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, Rows::what)
        .bind(1, info.series)
        .bind(2, filter.minTime)
        .bind(3, filter.maxTime)
        .bind(4, filter.afterNumber.value_or(INT64_MIN));
    while (true) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return {};
        }
        const BlockHead head{.series = info.series,
                             .isTail = statement->integer(0) != 0,
                             .firstKey = statement->integer(1),
                             .minTime = statement->integer(2),
                             .maxTime = statement->integer(3),
                             .count = statement->integer(4)};
        auto block = missingOf(info, head, std::string(statement->text(5)));
        block.isSetAside = true;
        missing.add(std::move(block));
    }
}

template MissingBlock BlockTable<TickRows>::missingOf(const SeriesInfo&, const BlockHead&, std::string);
template MissingBlock BlockTable<QuoteRows>::missingOf(const SeriesInfo&, const BlockHead&, std::string);
template MissingBlock BlockTable<CandleRows>::missingOf(const SeriesInfo&, const BlockHead&, std::string);
template Result<bool> BlockTable<TickRows>::setAside(const SeriesInfo&, const BlockHead&, const std::string&);
template Result<bool> BlockTable<QuoteRows>::setAside(const SeriesInfo&, const BlockHead&, const std::string&);
template Result<bool> BlockTable<CandleRows>::setAside(const SeriesInfo&, const BlockHead&, const std::string&);
template Result<void> BlockTable<TickRows>::addSetAside(const SeriesInfo&, const Filter&, MissingBlocks&);
template Result<void> BlockTable<QuoteRows>::addSetAside(const SeriesInfo&, const Filter&, MissingBlocks&);
template Result<void> BlockTable<CandleRows>::addSetAside(const SeriesInfo&, const Filter&, MissingBlocks&);

} // namespace qd::storage
