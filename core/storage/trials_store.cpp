#include "storage/trials_store.h"

#include "storage/ledger_rows.h"

namespace qd::storage {

using base::Result;

namespace {

void bindTime(Statement& to, int at, const std::optional<base::UtcMs>& time)
{
    if (time) {
        to.bind(at, time->value);
    } else {
        to.bindNull(at);
    }
}
std::optional<base::UtcMs> timeOf(const Statement& row, int at)
{
    return row.isNull(at) ? std::nullopt : std::optional(base::UtcMs{row.integer(at)});
}

} // namespace

Result<void> TrialsStore::insert(const trading::TrialRow& row, std::string_view condition)
{
    auto statement = database_.prepare("INSERT INTO trials(time,strategy,parameter_hash,parameters,origin,tries,from_"
                                       "time,to_time) SELECT ?1,?2,?3,?4,?5,?6,?7,?8" +
                                       std::string(condition));
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, row.time.value)
        .bind(1, row.strategy)
        .bind(2, row.parameterHash)
        .bind(3, row.parameters)
        .bind(4, row.origin)
        .bind(5, std::int64_t{row.tries});
    bindTime(*statement, 6, row.from);
    bindTime(*statement, 7, row.to);
    return statement->run();
}

Result<void> TrialsStore::add(const trading::TrialRow& row)
{
    return insert(row, "");
}

Result<void> TrialsStore::addOnce(const trading::TrialRow& row)
{
    return insert(row, " WHERE NOT EXISTS(SELECT 1 FROM trials WHERE strategy=?2 AND parameter_hash=?3)");
}

Result<std::vector<trading::TrialRow>> TrialsStore::of(std::string_view strategy)
{
    auto rows = database_.prepare("SELECT time,strategy,parameter_hash,parameters,origin,tries,from_time,to_time FROM "
                                  "trials WHERE ?1='' OR strategy=?1 ORDER BY id DESC");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, strategy);
    return collect<trading::TrialRow>(rows, [](const Statement& row) -> Result<trading::TrialRow> {
        return trading::TrialRow{.time = {row.integer(0)},
                                 .strategy = std::string(row.text(1)),
                                 .parameterHash = std::string(row.text(2)),
                                 .parameters = std::string(row.text(3)),
                                 .origin = std::string(row.text(4)),
                                 .tries = static_cast<std::uint32_t>(row.integer(5)),
                                 .from = timeOf(row, 6),
                                 .to = timeOf(row, 7)};
    });
}

} // namespace qd::storage
