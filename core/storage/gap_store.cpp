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

Result<void> GapStore::add(const GapRow& gap)
{
    auto statement =
        database_.prepare("INSERT OR REPLACE INTO gaps(instrument,number,from_time,to_time,cause) VALUES(?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, gap.instrument.value)
        .bind(1, gap.number.value)
        .bind(2, gap.from.value)
        .bind(3, gap.to.value)
        .bind(4, std::string_view(market::name(gap.cause)))
        .run();
}

Result<std::vector<GapRow>> GapStore::all(TimeRange range)
{
    auto rows = database_.prepare(
        "SELECT instrument,number,from_time,to_time,cause FROM gaps WHERE from_time<=? AND to_time>=? "
        "ORDER BY from_time,instrument,number");
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
        if (!cause) {
            return std::unexpected(cause.error());
        }
        out.push_back({{rows->integer(0)}, {rows->integer(1)}, {rows->integer(2)}, {rows->integer(3)}, *cause});
    }
}

} // namespace qd::storage
