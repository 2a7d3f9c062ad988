#include "storage/roster_store.h"

#include <map>

namespace qd::storage {

using base::Result;

Result<void> RosterStore::putSwitch(const std::string& strategy, std::int64_t instrument,
                                    const governance::Switch& state, std::string_view reason)
{
    auto statement = database_.prepare(
        "INSERT INTO roster_switches(strategy,instrument,enabled,since,by,reason) VALUES(?1,?2,?3,?4,?5,?6) "
        "ON CONFLICT DO UPDATE SET enabled=?3,since=?4,by=?5,reason=?6 "
        "WHERE enabled<>?3 OR since<>?4 OR by<>?5");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, strategy)
        .bind(1, instrument)
        .bind(2, std::int64_t{state.isOn})
        .bind(3, state.since.value)
        .bind(4, governance::name(state.by))
        .bind(5, reason)
        .run();
}

Result<void> RosterStore::put(const SavedRow& saved, std::string_view reason)
{
    const auto& row = saved.row;
    auto statement = database_.prepare("INSERT OR REPLACE INTO roster(strategy,stage,stage_since,parameter_hash,"
                                       "parameters,record_since,passed_red) VALUES(?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, row.strategy)
        .bind(1, governance::name(row.stage))
        .bind(2, row.stageSince.value)
        .bind(3, row.parameterHash)
        .bind(4, saved.parameters)
        .bind(5, row.recordSince.value)
        .bind(6, std::int64_t{row.passedRed});
    auto done = statement->run();
    if (done && row.whole != governance::Switch{}) {
        done = putSwitch(row.strategy, 0, row.whole, reason);
    }
    for (const auto& [instrument, state] : row.instruments) {
        done = done ? putSwitch(row.strategy, instrument.value, state, reason) : done;
    }
    return done;
}

Result<std::vector<SavedRow>> RosterStore::rows()
{
    std::map<std::string, SavedRow, std::less<>> out;
    auto rows = database_.prepare("SELECT strategy,stage,stage_since,parameter_hash,parameters,record_since,passed_red "
                                  "FROM roster");
    auto switches = database_.prepare("SELECT strategy,instrument,enabled,since,by FROM roster_switches");
    if (!rows || !switches) {
        return std::unexpected(!rows ? rows.error() : switches.error());
    }
    while (true) {
        const auto has = rows->step();
        if (!has) {
            return std::unexpected(has.error());
        }
        if (!*has) {
            break;
        }
        const auto stage = governance::stageOf(rows->text(1));
        if (!stage) {
            return base::fail(base::ErrorCode::Damaged, "roster", base::sentence(stage.error()));
        }
        auto& saved = out[std::string(rows->text(0))];
        saved.row.stage = *stage;
        saved.row.stageSince = {rows->integer(2)};
        saved.row.parameterHash = rows->text(3);
        saved.parameters = rows->text(4);
        saved.row.recordSince = {rows->integer(5)};
        saved.row.passedRed = rows->integer(6) != 0;
    }
    while (true) {
        const auto has = switches->step();
        if (!has) {
            return std::unexpected(has.error());
        }
        if (!*has) {
            break;
        }
        const bool isPolicy = switches->text(4) == governance::name(governance::Actor::Policy);
        const governance::Switch state{.isOn = switches->integer(2) != 0,
                                       .by = isPolicy ? governance::Actor::Policy : governance::Actor::Operator,
                                       .since = {switches->integer(3)}};
        auto& row = out[std::string(switches->text(0))].row;
        if (const auto instrument = switches->integer(1); instrument != 0) {
            row.instruments[base::InstrumentId{instrument}] = state;
        } else {
            row.whole = state;
        }
    }
    std::vector<SavedRow> all;
    for (auto& [strategy, saved] : out) {
        saved.row.strategy = strategy;
        all.push_back(std::move(saved));
    }
    return all;
}

} // namespace qd::storage
