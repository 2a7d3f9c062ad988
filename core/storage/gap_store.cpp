#include "storage/gap_store.h"

namespace qd::storage {

using base::Result;

Result<market::GapCause> gapCauseOf(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(market::GapCause::Clock); ++i) {
        if (const auto cause = static_cast<market::GapCause>(i); market::name(cause) == name) {
            return cause;
        }
    }
    return base::fail(base::ErrorCode::Damaged, "gaps", "no such cause: " + std::string(name));
}

Result<market::GapMeasure> gapMeasureOf(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(market::GapMeasure::Unknown); ++i) {
        if (const auto measure = static_cast<market::GapMeasure>(i); market::name(measure) == name) {
            return measure;
        }
    }
    return base::fail(base::ErrorCode::Damaged, "gaps", "no such measure: " + std::string(name));
}

GapRow gapRow(InstrumentId instrument, const market::Gap& gap)
{
    return {instrument, gap.number, gap.from, gap.to, gap.cause, gap.found, gap.missing, gap.measure, gap.isMarked};
}

market::Gap gapOf(const GapRow& row)
{
    return {row.number, row.from, row.to, row.cause, row.found, row.missing, row.measure, row.isMarked};
}

Result<void> GapStore::add(const GapRow& gap)
{
    auto statement = database_.prepare(
        "INSERT OR REPLACE INTO gaps(instrument,number,from_time,to_time,cause,found,measure,is_marked,missing) "
        "VALUES(?,?,?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, gap.instrument.value)
        .bind(1, gap.number.value)
        .bind(2, gap.from.value)
        .bind(3, gap.to.value)
        .bind(4, std::string_view(market::name(gap.cause)))
        .bind(5, gap.found)
        .bind(6, market::name(gap.measure))
        .bind(7, std::int64_t{gap.isMarked ? 1 : 0});
    return (gap.missing ? statement->bind(8, gap.missing->value) : statement->bindNull(8)).run();
}

Result<std::vector<GapRow>> GapStore::all(TimeRange range)
{
    auto rows = database_.prepare("SELECT instrument,number,from_time,to_time,cause,found,measure,is_marked,missing "
                                  "FROM gaps WHERE from_time<=? AND to_time>=? ORDER BY from_time,instrument,number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, range.to.value).bind(1, range.from.value);
    std::vector<GapRow> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        const auto cause = gapCauseOf(rows->text(4));
        const auto measure = gapMeasureOf(rows->text(6));
        if (!cause || !measure) {
            return std::unexpected(!cause ? cause.error() : measure.error());
        }
        GapRow gap{{rows->integer(0)}, {rows->integer(1)}, {rows->integer(2)}, {rows->integer(3)},   *cause,
                   rows->integer(5),   std::nullopt,       *measure,           rows->integer(7) != 0};
        if (!rows->isNull(8)) {
            gap.missing = market::Quantity{rows->integer(8)};
        }
        out.push_back(gap);
    }
}

} // namespace qd::storage
