#include "storage/import_store.h"

namespace qd::storage {

using base::Result;

Result<std::vector<ImportSource>> ImportStore::sources(InstrumentId instrument)
{
    auto rows =
        database_.prepare("SELECT hash,kind,instrument,first_time,last_time,rows,imported_at FROM import_sources WHERE "
                          "instrument=? ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, instrument.value);
    std::vector<ImportSource> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        out.push_back({.hash = std::string(rows->text(0)),
                       .kind = std::string(rows->text(1)),
                       .instrument = {rows->integer(2)},
                       .first = {rows->integer(3)},
                       .last = {rows->integer(4)},
                       .rows = static_cast<std::uint64_t>(rows->integer(5)),
                       .importedAt = {rows->integer(6)}});
    }
}

Result<void> ImportStore::add(const ImportSource& source)
{
    auto statement = database_.prepare(
        "INSERT INTO import_sources(hash,kind,instrument,first_time,last_time,rows,imported_at) VALUES(?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, source.hash)
        .bind(1, source.kind)
        .bind(2, source.instrument.value)
        .bind(3, source.first.value)
        .bind(4, source.last.value)
        .bind(5, static_cast<std::int64_t>(source.rows))
        .bind(6, source.importedAt.value)
        .run();
}

} // namespace qd::storage
