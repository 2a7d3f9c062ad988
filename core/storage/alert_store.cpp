#include "storage/alert_store.h"

#include "storage/ledger_rows.h"

#include <algorithm>

namespace qd::storage {

using base::Result;
using base::UtcMs;
using health::Alert;

namespace {

constexpr const char* alertColumns =
    "id,cause,rule,title,detail,suspects,telling,opened,told,told_by,acknowledged,snoozed,"
    "snoozed_until,cleared,end_told";

std::optional<UtcMs> timeOf(const Statement& row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(UtcMs{row.integer(column)});
}

void bindTime(Statement& to, int index, const std::optional<UtcMs>& time)
{
    if (time) {
        to.bind(index, time->value);
    } else {
        to.bindNull(index);
    }
}

Result<Alert> alertOf(const Statement& row)
{
    const auto telling = row.integer(6);
    if (telling < 0 || telling > static_cast<std::int64_t>(health::Telling::Never)) {
        return base::fail(base::ErrorCode::Damaged, "alerts", "row " + std::to_string(row.integer(0)));
    }
    return Alert{.id = row.integer(0),
                 .cause = std::string(row.text(1)),
                 .rule = std::string(row.text(2)),
                 .title = std::string(row.text(3)),
                 .detail = std::string(row.text(4)),
                 .suspects = std::string(row.text(5)),
                 .telling = static_cast<health::Telling>(telling),
                 .opened = {row.integer(7)},
                 .told = timeOf(row, 8),
                 .toldBy = std::string(row.text(9)),
                 .acknowledged = timeOf(row, 10),
                 .snoozed = timeOf(row, 11),
                 .snoozedUntil = timeOf(row, 12),
                 .cleared = timeOf(row, 13),
                 .isEndTold = row.integer(14) != 0};
}

Result<AlertChannel> channelOf(const Statement& row)
{
    return AlertChannel{.name = std::string(row.text(0)),
                        .tried = {row.integer(1)},
                        .succeeded = row.integer(2) != 0,
                        .detail = std::string(row.text(3)),
                        .proven = timeOf(row, 4)};
}

} // namespace

Result<void> AlertStore::write(std::span<const Alert> alerts)
{
    for (const auto& alert : alerts) {
        auto to = database_.prepare(std::string("INSERT OR REPLACE INTO alerts(") + alertColumns + ") VALUES(" +
                                    marks(15) + ")");
        if (!to) {
            return std::unexpected(to.error());
        }
        to->bind(0, alert.id)
            .bind(1, alert.cause)
            .bind(2, alert.rule)
            .bind(3, alert.title)
            .bind(4, alert.detail)
            .bind(5, alert.suspects)
            .bind(6, static_cast<std::int64_t>(alert.telling))
            .bind(7, alert.opened.value)
            .bind(9, alert.toldBy)
            .bind(14, std::int64_t{alert.isEndTold});
        bindTime(*to, 8, alert.told);
        bindTime(*to, 10, alert.acknowledged);
        bindTime(*to, 11, alert.snoozed);
        bindTime(*to, 12, alert.snoozedUntil);
        bindTime(*to, 13, alert.cleared);
        if (auto written = to->run(); !written) {
            return written;
        }
    }
    return {};
}

Result<void> AlertStore::write(std::span<const AlertChannel> channels)
{
    for (const auto& channel : channels) {
        auto to = database_.prepare(
            "INSERT OR REPLACE INTO alert_channels(name,tried,succeeded,detail,proven) VALUES(" + marks(5) + ")");
        if (!to) {
            return std::unexpected(to.error());
        }
        to->bind(0, channel.name)
            .bind(1, channel.tried.value)
            .bind(2, std::int64_t{channel.succeeded})
            .bind(3, channel.detail);
        bindTime(*to, 4, channel.proven);
        if (auto written = to->run(); !written) {
            return written;
        }
    }
    return {};
}

Result<std::vector<Alert>> AlertStore::unfinished()
{
    auto rows = database_.prepare(std::string("SELECT ") + alertColumns +
                                  " FROM alerts WHERE cleared IS NULL OR (telling=0 AND end_told=0) ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<Alert>(rows, alertOf);
}

Result<std::vector<Alert>> AlertStore::newest(std::size_t most)
{
    auto rows = database_.prepare(std::string("SELECT ") + alertColumns + " FROM alerts ORDER BY id DESC LIMIT ?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, static_cast<std::int64_t>(most));
    return collect<Alert>(rows, alertOf);
}

Result<std::int64_t> AlertStore::nextId()
{
    auto rows = database_.prepare("SELECT coalesce(max(id),0)+1 FROM alerts");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto found =
        collect<std::int64_t>(rows, [](const Statement& row) { return Result<std::int64_t>(row.integer(0)); });
    return found ? Result<std::int64_t>(found->at(0)) : std::unexpected(found.error());
}

Result<std::vector<AlertChannel>> AlertStore::channels()
{
    auto rows = database_.prepare("SELECT name,tried,succeeded,detail,proven FROM alert_channels ORDER BY name");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<AlertChannel>(rows, channelOf);
}

Result<void> AlertStore::write(const HealthNow& health)
{
    auto to = database_.prepare("INSERT OR REPLACE INTO health_now(id,time,json) VALUES(1,?,?)");
    if (!to) {
        return std::unexpected(to.error());
    }
    to->bind(0, health.time.value).bind(1, health.json);
    if (auto written = to->run(); !written) {
        return written;
    }
    auto old = database_.prepare("DELETE FROM health_history WHERE time<? OR time>?");
    if (!old) {
        return std::unexpected(old.error());
    }
    old->bind(0, health.time.value - base::oneDay.count()).bind(1, health.time.value);
    if (auto gone = old->run(); !gone) {
        return gone;
    }
    for (const auto& value : health.values) {
        auto row = database_.prepare("INSERT OR REPLACE INTO health_history(time,probe,value) VALUES(?,?,?)");
        if (!row) {
            return std::unexpected(row.error());
        }
        row->bind(0, value.time.value).bind(1, value.probe).bind(2, value.value);
        if (auto written = row->run(); !written) {
            return written;
        }
    }
    return {};
}

Result<std::vector<ProbeValue>> AlertStore::history(UtcMs now)
{
    auto rows =
        database_.prepare("SELECT time,probe,value FROM health_history WHERE time>=? AND time<=? ORDER BY time");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, now.value - base::oneDay.count()).bind(1, now.value);
    return collect<ProbeValue>(rows, [](const Statement& row) {
        return Result<ProbeValue>(ProbeValue{{row.integer(0)}, std::string(row.text(1)), row.real(2)});
    });
}

Result<std::optional<HealthNow>> AlertStore::health()
{
    auto rows = database_.prepare("SELECT time,json FROM health_now");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto found = collect<HealthNow>(rows, [](const Statement& row) {
        return Result<HealthNow>(HealthNow{{row.integer(0)}, std::string(row.text(1))});
    });
    if (!found) {
        return std::unexpected(found.error());
    }
    return found->empty() ? std::nullopt : std::optional(found->front());
}

} // namespace qd::storage
