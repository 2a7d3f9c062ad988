#include "storage/journal_store.h"

#include <algorithm>

namespace qd::storage {

using base::Result;

namespace {

constexpr const char* select = "SELECT id,time,by,what,why,evidence,undo,changes,undoes FROM journal ";

Result<std::vector<JournalEntry>> readAll(Result<Statement>& rows)
{
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::vector<JournalEntry> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        auto changes = governance::decoded(rows->text(7));
        if (!changes) {
            return base::fail(base::ErrorCode::Damaged, "journal", base::sentence(changes.error()));
        }
        out.push_back({.id = rows->integer(0),
                       .time = {rows->integer(1)},
                       .by = std::string(rows->text(2)),
                       .what = std::string(rows->text(3)),
                       .why = std::string(rows->text(4)),
                       .evidence = std::string(rows->text(5)),
                       .undo = std::string(rows->text(6)),
                       .changes = std::move(*changes),
                       .undoes = rows->isNull(8) ? std::nullopt : std::optional(rows->integer(8))});
    }
}

} // namespace

JournalEntry entryOf(const governance::Decision& decision)
{
    return {.id = decision.id,
            .time = decision.time,
            .by = std::string(governance::name(decision.by)),
            .what = decision.what,
            .why = decision.why,
            .evidence = decision.evidence,
            .undo = governance::text(governance::takingBack(decision.changes)),
            .changes = decision.changes,
            .undoes = decision.undoes};
}

governance::Decision decisionOf(const JournalEntry& entry)
{
    const bool isPolicy = entry.by == governance::name(governance::Actor::Policy);
    return {.id = entry.id,
            .time = entry.time,
            .by = isPolicy ? governance::Actor::Policy : governance::Actor::Operator,
            .changes = entry.changes,
            .what = entry.what,
            .why = entry.why,
            .evidence = entry.evidence,
            .undoes = entry.undoes};
}

Result<void> JournalStore::add(const JournalEntry& entry)
{
    auto statement =
        database_.prepare("INSERT INTO journal(time,by,what,why,evidence,undo,changes,undoes) VALUES(?,?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, entry.time.value)
        .bind(1, entry.by)
        .bind(2, entry.what)
        .bind(3, entry.why)
        .bind(4, entry.evidence)
        .bind(5, entry.undo)
        .bind(6, governance::encoded(entry.changes));
    if (entry.undoes) {
        statement->bind(7, *entry.undoes);
    } else {
        statement->bindNull(7);
    }
    return statement->run();
}

Result<std::int64_t> JournalStore::record(const governance::Decision& decision)
{
    if (auto added = add(entryOf(decision)); !added) {
        return std::unexpected(added.error());
    }
    return database_.number("SELECT last_insert_rowid()");
}

Result<std::vector<JournalEntry>> JournalStore::entries(TimeRange range, std::size_t limit)
{
    auto rows =
        database_.prepare(std::string(select) + "WHERE time BETWEEN ? AND ? ORDER BY time DESC,id DESC LIMIT ?");
    if (rows) {
        const auto most = static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
        rows->bind(0, range.from.value).bind(1, range.to.value).bind(2, most);
    }
    return readAll(rows);
}

Result<JournalEntry> JournalStore::entry(std::int64_t id)
{
    auto rows = database_.prepare(std::string(select) + "WHERE id=?");
    if (rows) {
        rows->bind(0, id);
    }
    auto found = readAll(rows);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (found->empty()) {
        return base::fail(base::ErrorCode::NotFound, "decision " + std::to_string(id), "not in the journal");
    }
    return std::move(found->front());
}

Result<std::vector<JournalEntry>> JournalStore::after(std::int64_t id)
{
    auto rows = database_.prepare(std::string(select) + "WHERE id>? ORDER BY id");
    if (rows) {
        rows->bind(0, id);
    }
    return readAll(rows);
}

} // namespace qd::storage
