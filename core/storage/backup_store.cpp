#include "storage/backup_store.h"

#include "storage/ledger_rows.h"

#include <sqlite3.h>

namespace qd::storage {

using base::Result;

Result<std::int64_t> BackupStore::add(const health::BackupRow& row)
{
    auto statement = database_.prepare(
        "INSERT INTO backups(began,took_ms,by,file,bytes,proof,error,removed) VALUES(?,?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, row.began.value)
        .bind(1, row.took.count())
        .bind(2, row.by)
        .bind(3, row.file)
        .bind(4, static_cast<std::int64_t>(row.bytes))
        .bind(5, row.proof)
        .bind(6, row.error);
    if (row.removed) {
        statement->bind(7, row.removed->value);
    } else {
        statement->bindNull(7);
    }
    auto done = statement->run();
    return done ? Result<std::int64_t>(sqlite3_last_insert_rowid(database_.handle())) : std::unexpected(done.error());
}

Result<void> BackupStore::markRemoved(std::int64_t id, base::UtcMs when)
{
    auto statement = database_.prepare("UPDATE backups SET removed=? WHERE id=?");
    return statement ? statement->bind(0, when.value).bind(1, id).run() : std::unexpected(statement.error());
}

Result<std::vector<health::BackupRow>> BackupStore::newest(std::size_t limit)
{
    auto rows = database_.prepare("SELECT id,began,took_ms,by,file,bytes,proof,error,removed FROM backups WHERE "
                                  "(proof<>'' AND removed IS NULL) OR "
                                  "id IN (SELECT id FROM backups ORDER BY id DESC LIMIT ?) ORDER BY id DESC");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, static_cast<std::int64_t>(limit));
    return collect<health::BackupRow>(rows, [](const Statement& row) -> Result<health::BackupRow> {
        return health::BackupRow{.id = row.integer(0),
                                 .began = {row.integer(1)},
                                 .took = base::Millis{row.integer(2)},
                                 .by = std::string(row.text(3)),
                                 .file = std::string(row.text(4)),
                                 .bytes = static_cast<std::uint64_t>(row.integer(5)),
                                 .proof = std::string(row.text(6)),
                                 .error = std::string(row.text(7)),
                                 .removed = row.isNull(8) ? std::nullopt : std::optional(base::UtcMs{row.integer(8)})};
    });
}

} // namespace qd::storage
