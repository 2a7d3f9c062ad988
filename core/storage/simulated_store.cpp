#include "storage/simulated_store.h"

namespace qd::storage {

using base::Result;

namespace {

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ",") + name;
    }
    return out;
}

std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = text.find(',');
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

} // namespace

Result<std::optional<SimulatedHistory>> SimulatedStore::get()
{
    auto rows = database_.prepare(
        "SELECT seed,instruments,candles_from,ticks_from,until,ticks,trades,is_complete FROM simulated WHERE id=1");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto row = rows->step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return std::nullopt;
    }
    return SimulatedHistory{.seed = static_cast<std::uint64_t>(rows->integer(0)),
                            .instruments = split(rows->text(1)),
                            .candlesFrom = {rows->integer(2)},
                            .ticksFrom = {rows->integer(3)},
                            .until = {rows->integer(4)},
                            .ticks = static_cast<std::uint64_t>(rows->integer(5)),
                            .trades = static_cast<std::uint64_t>(rows->integer(6)),
                            .isComplete = rows->integer(7) != 0};
}

Result<void> SimulatedStore::put(const SimulatedHistory& history)
{
    auto row = database_.prepare("INSERT OR REPLACE INTO simulated(id,seed,instruments,candles_from,ticks_from,until,"
                                 "ticks,trades,is_complete) VALUES(1,?,?,?,?,?,?,?,?)");
    if (!row) {
        return std::unexpected(row.error());
    }
    return row->bind(0, static_cast<std::int64_t>(history.seed))
        .bind(1, joined(history.instruments))
        .bind(2, history.candlesFrom.value)
        .bind(3, history.ticksFrom.value)
        .bind(4, history.until.value)
        .bind(5, static_cast<std::int64_t>(history.ticks))
        .bind(6, static_cast<std::int64_t>(history.trades))
        .bind(7, std::int64_t{history.isComplete})
        .run();
}

std::string sentence(const SimulatedHistory& history)
{
    return "simulated market, seed " + std::to_string(history.seed) + ": candles from " +
           base::isoText(history.candlesFrom) + ", ticks from " + base::isoText(history.ticksFrom) + " to " +
           base::isoText(history.until) + (history.isComplete ? "" : ", not yet complete");
}

} // namespace qd::storage
