#include "storage/night_store.h"

#include "storage/ledger_rows.h"

namespace qd::storage {

using base::Result;

namespace {

Result<NightReportRow> rowOf(const Statement& row)
{
    return NightReportRow{.date = std::string(row.text(0)),
                          .from = {row.integer(1)},
                          .to = {row.integer(2)},
                          .headline = std::string(row.text(3)),
                          .figures = std::string(row.text(4))};
}

} // namespace

Result<void> NightStore::add(const NightReportRow& row)
{
    auto insert = database_.prepare("INSERT OR REPLACE INTO night_reports(date,began,ended,headline,figures) VALUES(" +
                                    marks(5) + ")");
    auto old = database_.prepare("DELETE FROM night_reports WHERE date<=(SELECT date FROM night_reports ORDER BY date "
                                 "DESC LIMIT 1 OFFSET ?)");
    if (!insert || !old) {
        return std::unexpected(insert ? old.error() : insert.error());
    }
    insert->bind(0, row.date).bind(1, row.from.value).bind(2, row.to.value).bind(3, row.headline).bind(4, row.figures);
    if (auto done = insert->run(); !done) {
        return done;
    }
    old->bind(0, static_cast<std::int64_t>(kept));
    return old->run();
}

Result<NightReportRow> NightStore::of(std::string_view date)
{
    auto rows = database_.prepare("SELECT date,began,ended,headline,figures FROM night_reports WHERE date=?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, date);
    auto found = collect<NightReportRow>(rows, rowOf);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (found->empty()) {
        return base::fail(base::ErrorCode::NotFound, "night report of " + std::string(date), "there is none");
    }
    return std::move(found->front());
}

Result<std::optional<NightReportRow>> NightStore::newest()
{
    auto rows =
        database_.prepare("SELECT date,began,ended,headline,figures FROM night_reports ORDER BY date DESC LIMIT 1");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    auto found = collect<NightReportRow>(rows, rowOf);
    if (!found) {
        return std::unexpected(found.error());
    }
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<NightReportRow>> NightStore::before(std::string_view date, std::size_t most)
{
    auto rows = database_.prepare("SELECT date,began,ended,headline,figures FROM night_reports WHERE date<? ORDER BY "
                                  "date DESC LIMIT ?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, date).bind(1, static_cast<std::int64_t>(most));
    return collect<NightReportRow>(rows, rowOf);
}

Result<std::vector<NightReportRow>> NightStore::list()
{
    auto rows = database_.prepare("SELECT date,began,ended,headline,'' FROM night_reports ORDER BY date DESC");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<NightReportRow>(rows, rowOf);
}

} // namespace qd::storage
