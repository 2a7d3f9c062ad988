#include "storage/feed_choices.h"

namespace qd::storage {

using base::Result;

Result<std::vector<std::string>> FeedChoices::wantedInstruments()
{
    auto rows = database_.prepare("SELECT name FROM wanted_instruments ORDER BY position");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::vector<std::string> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        out.emplace_back(rows->text(0));
    }
}

Result<void> FeedChoices::keepWantedInstruments(const std::vector<std::string>& names)
{
    if (auto cleared = database_.run("DELETE FROM wanted_instruments"); !cleared) {
        return cleared;
    }
    auto insert = database_.prepare("INSERT INTO wanted_instruments(position,name) VALUES(?,?)");
    if (!insert) {
        return std::unexpected(insert.error());
    }
    std::int64_t position = 0;
    for (const auto& name : names) {
        if (auto added = insert->bind(0, ++position).bind(1, name).run(); !added) {
            return added;
        }
    }
    return {};
}

Result<bool> FeedChoices::isHistoryCancelled()
{
    const auto found = database_.number("SELECT count(*) FROM feed_choices WHERE name='history' AND value='cancelled'");
    return found ? Result<bool>(*found > 0) : std::unexpected(found.error());
}

Result<void> FeedChoices::setHistoryCancelled(bool isCancelled)
{
    return database_.run(isCancelled ? "INSERT OR REPLACE INTO feed_choices(name,value) VALUES('history','cancelled')"
                                     : "DELETE FROM feed_choices WHERE name='history'");
}

} // namespace qd::storage
