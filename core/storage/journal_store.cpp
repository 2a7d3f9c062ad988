#include "storage/journal_store.h"

#include <algorithm>

namespace qd::storage {

using base::Result;

Result<void> JournalStore::add(const JournalEntry& entry)
{
    auto statement = database_.prepare("INSERT INTO journal(time,by,what,why,evidence,undo) VALUES(?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, entry.time.value)
        .bind(1, entry.by)
        .bind(2, entry.what)
        .bind(3, entry.why)
        .bind(4, entry.evidence)
        .bind(5, entry.undo)
        .run();
}

Result<std::vector<JournalEntry>> JournalStore::entries(TimeRange range, std::size_t limit)
{
    auto rows =
        database_.prepare("SELECT id,time,by,what,why,evidence,undo FROM journal WHERE time BETWEEN ? AND ? ORDER BY "
                          "time DESC,id DESC LIMIT ?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto most = static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
    rows->bind(0, range.from.value).bind(1, range.to.value).bind(2, most);
    std::vector<JournalEntry> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        out.push_back({.id = rows->integer(0),
                       .time = {rows->integer(1)},
                       .by = std::string(rows->text(2)),
                       .what = std::string(rows->text(3)),
                       .why = std::string(rows->text(4)),
                       .evidence = std::string(rows->text(5)),
                       .undo = std::string(rows->text(6))});
    }
}

} // namespace qd::storage
