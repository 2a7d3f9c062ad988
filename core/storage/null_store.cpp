#include "storage/null_store.h"

#include "storage/ledger_rows.h"

#include <bit>
#include <cstring>

namespace qd::storage {

using base::Result;

namespace {

static_assert(std::endian::native == std::endian::little);

Result<trading::NullResult> readRow(const Statement& row)
{
    trading::NullResult out{.strategy = std::string(row.text(1)),
                            .parameterHash = std::string(row.text(2)),
                            .time = {row.integer(0)},
                            .from = {row.integer(4)},
                            .to = {row.integer(5)},
                            .way = std::string(row.text(3)),
                            .instruments = static_cast<std::uint32_t>(row.integer(6)),
                            .seeds = static_cast<std::uint32_t>(row.integer(7)),
                            .trades = static_cast<std::uint64_t>(row.integer(8))};
    if (!row.isNull(9)) {
        out.real = row.real(9);
    }
    out.median = row.real(11);
    out.p95 = row.real(12);
    out.share = row.real(13);
    const auto bytes = row.blob(14);
    const auto runs = static_cast<std::size_t>(row.integer(10));
    if (bytes.size() != runs * sizeof(float)) {
        return base::fail(base::ErrorCode::Damaged, "null_runs", out.strategy + ": another number of expectancies");
    }
    out.expectancies.resize(runs);
    if (!bytes.empty()) {
        std::memcpy(out.expectancies.data(), bytes.data(), bytes.size());
    }
    return out;
}

} // namespace

Result<void> NullStore::add(const trading::NullResult& result)
{
    auto statement = database_.prepare(
        "INSERT INTO null_runs(time,strategy,parameter_hash,way,from_time,to_time,instruments,seeds,trades,real,runs,"
        "median,p95,share,expectancies) VALUES(" +
        marks(15) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, result.time.value)
        .bind(1, result.strategy)
        .bind(2, result.parameterHash)
        .bind(3, result.way)
        .bind(4, result.from.value)
        .bind(5, result.to.value)
        .bind(6, std::int64_t{result.instruments})
        .bind(7, std::int64_t{result.seeds})
        .bind(8, static_cast<std::int64_t>(result.trades));
    if (result.real) {
        statement->bind(9, *result.real);
    } else {
        statement->bindNull(9);
    }
    statement->bind(10, static_cast<std::int64_t>(result.expectancies.size()))
        .bind(11, result.median)
        .bind(12, result.p95)
        .bind(13, result.share)
        .bindBlob(14, {reinterpret_cast<const char*>(result.expectancies.data()),
                       result.expectancies.size() * sizeof(float)});
    return statement->run();
}

Result<std::vector<trading::NullResult>> NullStore::newest()
{
    auto rows = database_.prepare(
        "SELECT time,strategy,parameter_hash,way,from_time,to_time,instruments,seeds,trades,real,runs,median,p95,share,"
        "expectancies FROM null_runs WHERE id IN (SELECT max(id) FROM null_runs GROUP BY strategy) ORDER BY strategy");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<trading::NullResult>(rows, readRow);
}

} // namespace qd::storage
