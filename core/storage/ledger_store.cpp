#include "storage/ledger_store.h"

#include "storage/ledger_rows.h"
#include "storage/model_store.h"
#include "trading/arm.h"

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

Result<trading::InputKind> inputKindOf(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(trading::lastInputKind); ++i) {
        if (const auto kind = static_cast<trading::InputKind>(i); trading::name(kind) == name) {
            return kind;
        }
    }
    return base::fail(ErrorCode::Damaged, "switch_inputs", "no such kind: " + std::string(name));
}

/// Writes events, one overload a kind.
struct Writer {
    Database& database;

    template <typename Bind>
    Result<void> run(const std::string& sql, InstrumentId instrument, Bind bind)
    {
        const auto info = instrumentSeries(database, instrument);
        auto statement = database.prepare(sql);
        if (!info || !statement) {
            return std::unexpected(!info ? info.error() : statement.error());
        }
        const StepTexts steps(info->scales);
        bind(*statement, steps);
        return statement->run();
    }

    // A replay after a crash meets positions that were closed before it: they stay closed.
    Result<void> operator()(const trading::OpenPosition& position)
    {
        return run(
            "INSERT OR REPLACE INTO positions(" + columns({decisionColumns, positionColumns}) + ") SELECT " +
                marks(decisionCount + positionCount) +
                " WHERE NOT EXISTS(SELECT 1 FROM trades WHERE instrument=?1 AND strategy=?2 AND decided_number=?3)",
            position.decision.instrument,
            [&](Statement& to, const StepTexts& steps) { bindPosition(to, position, steps); });
    }

    Result<void> operator()(const trading::ClosedTrade& trade)
    {
        const auto& decision = trade.position.decision;
        auto added =
            run("INSERT OR IGNORE INTO trades(" + columns({decisionColumns, positionColumns, exitColumns}) +
                    ") VALUES(" + marks(decisionCount + positionCount + exitCount) + ")",
                decision.instrument, [&](Statement& to, const StepTexts& steps) { bindTrade(to, trade, steps); });
        if (!added) {
            return added;
        }
        auto statement =
            database.prepare("DELETE FROM positions WHERE instrument=? AND strategy=? AND decided_number=?");
        return statement ? statement->bind(0, decision.instrument.value)
                               .bind(1, decision.strategy)
                               .bind(2, decision.number.value)
                               .run()
                         : std::unexpected(statement.error());
    }

    Result<void> operator()(const trading::UntradedSignal& signal)
    {
        return run("INSERT OR IGNORE INTO signals(" + columns({decisionColumns, "reason"}) + ") VALUES(" +
                       marks(decisionCount + 1) + ")",
                   signal.decision.instrument, [&](Statement& to, const StepTexts& steps) {
                       bindDecision(to, signal.decision, steps);
                       to.bind(decisionCount, trading::name(signal.reason));
                   });
    }

    Result<void> operator()(const trading::CandleClosed& closed)
    {
        return CandleStore(database).append(closed.instrument, closed.timeframe, std::span(&closed.candle, 1));
    }

    // Told twice after a crash, with the same figure.
    Result<void> operator()(const trading::ArmAsked& asked)
    {
        auto statement = database.prepare("INSERT OR REPLACE INTO arm_asked(arm,instrument,day,bars) VALUES(?,?,?,?)");
        return statement ? statement->bind(0, asked.arm)
                               .bind(1, asked.instrument.value)
                               .bind(2, asked.day)
                               .bind(3, static_cast<std::int64_t>(asked.bars))
                               .run()
                         : std::unexpected(statement.error());
    }

    Result<void> operator()(const trading::ModelAsked& asked)
    {
        return ModelStore(database).put({.instrument = asked.instrument.value,
                                         .strategy = asked.strategy,
                                         .decision = asked.number.value,
                                         .version = asked.version,
                                         .hash = asked.hash,
                                         .prediction = static_cast<double>(asked.prediction),
                                         .threshold = asked.threshold,
                                         .row = asked.row});
    }
};

} // namespace

Result<void> LedgerStore::apply(const trading::LedgerEvent& event)
{
    return std::visit(Writer{database_}, event);
}

Result<std::vector<trading::OpenPosition>> LedgerStore::openPositions()
{
    auto rows = database_.prepare("SELECT " + columns({decisionColumns, positionColumns}) +
                                  " FROM positions ORDER BY instrument,strategy,decided_number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    LedgerRowReader reader(database_);
    return collect<trading::OpenPosition>(rows, [&](const Statement& row) { return reader.position(row); });
}

Result<std::vector<trading::OpenPosition>> LedgerStore::rosterPositions()
{
    auto all = openPositions();
    if (all) {
        std::erase_if(*all, [](const trading::OpenPosition& p) { return trading::isArm(p.decision.strategy); });
    }
    return all;
}

Result<LedgerCounts> LedgerStore::counts()
{
    LedgerCounts out;
    for (const auto& [table, target] :
         {std::pair{"trades", &out.trades}, std::pair{"positions", &out.open}, std::pair{"signals", &out.signals}}) {
        const auto rows = database_.number(std::string("SELECT count(*) FROM ") + table);
        if (!rows) {
            return std::unexpected(rows.error());
        }
        *target = static_cast<std::uint64_t>(*rows);
    }
    return out;
}

Result<std::vector<trading::ClosedTrade>> LedgerStore::trades(TimeRange exitTime)
{
    auto rows = database_.prepare("SELECT " + columns({decisionColumns, positionColumns, exitColumns}) +
                                  " FROM trades WHERE exit_time BETWEEN ? AND ? "
                                  "ORDER BY exit_time,instrument,strategy,decided_number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, exitTime.from.value).bind(1, exitTime.to.value);
    LedgerRowReader reader(database_);
    return collect<trading::ClosedTrade>(rows, [&](const Statement& row) { return reader.trade(row); });
}

Result<std::vector<trading::UntradedSignal>> LedgerStore::signals(TimeRange decisionTime)
{
    auto rows = database_.prepare("SELECT " + columns({decisionColumns, "reason"}) +
                                  " FROM signals WHERE decided_time BETWEEN ? AND ? "
                                  "ORDER BY decided_time,instrument,strategy,decided_number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, decisionTime.from.value).bind(1, decisionTime.to.value);
    LedgerRowReader reader(database_);
    return collect<trading::UntradedSignal>(rows, [&](const Statement& row) { return reader.signal(row); });
}

Result<void> LedgerStore::saveState(InstrumentId instrument, StreamNumber number, const std::string& bytes)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO pipeline_states(instrument,number,state) VALUES(?,?,?)");
    return statement ? statement->bind(0, instrument.value).bind(1, number.value).bindBlob(2, bytes).run()
                     : std::unexpected(statement.error());
}

Result<std::optional<std::pair<StreamNumber, std::string>>> LedgerStore::loadState(InstrumentId instrument)
{
    auto statement = database_.prepare("SELECT number,state FROM pipeline_states WHERE instrument=?");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto row = statement->bind(0, instrument.value).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return std::nullopt;
    }
    return std::pair(StreamNumber{statement->integer(0)}, std::string(statement->blob(1)));
}

Result<void> LedgerStore::addEquity(const SavedEquity& point)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO equity(time,equity,capital) VALUES(?,?,?)");
    return statement
               ? statement->bind(0, point.time.value).bind(1, point.equity.value).bind(2, point.capital.value).run()
               : std::unexpected(statement.error());
}

Result<std::vector<SavedEquity>> LedgerStore::equity(UtcMs from)
{
    auto rows = database_.prepare("SELECT time,equity,capital FROM equity WHERE time>=? ORDER BY time");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, from.value);
    return collect<SavedEquity>(rows, [](const Statement& row) -> Result<SavedEquity> {
        return SavedEquity{{row.integer(0)}, {row.integer(1)}, {row.integer(2)}};
    });
}

Result<void> LedgerStore::addSwitch(const SwitchState& state, const std::vector<SwitchInput>& inputs)
{
    auto present =
        database_.prepare("INSERT OR REPLACE INTO roster_switches(strategy,instrument,enabled,since,by,reason) "
                          "VALUES(?,0,?,?,?,?)");
    if (!present) {
        return std::unexpected(present.error());
    }
    present->bind(0, state.strategy)
        .bind(1, std::int64_t{state.enabled})
        .bind(2, state.since.value)
        .bind(3, state.by)
        .bind(4, state.reason);
    if (auto done = present->run(); !done) {
        return done;
    }
    return addInputs(inputs);
}

Result<void> LedgerStore::addInputs(const std::vector<SwitchInput>& inputs)
{
    // No item lies between two inputs of one number and kind: only the last was ever in force. Other parameters are
    // another input, and the one that was told again comes last.
    auto input = database_.prepare(
        "INSERT OR REPLACE INTO switch_inputs(instrument,number,strategy,enabled,kind,parameters) VALUES(?,?,?,?,?,?)");
    if (!input) {
        return std::unexpected(input.error());
    }
    for (const auto& one : inputs) {
        input->bind(0, one.instrument.value)
            .bind(1, one.number.value)
            .bind(2, one.strategy)
            .bind(3, std::int64_t{one.enabled})
            .bind(4, trading::name(one.kind))
            .bind(5, one.parameters);
        if (auto done = input->run(); !done) {
            return done;
        }
    }
    return {};
}

Result<std::vector<SwitchState>> LedgerStore::switches()
{
    auto rows = database_.prepare(
        "SELECT strategy,enabled,since,by,reason FROM roster_switches WHERE instrument=0 ORDER BY strategy");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<SwitchState>(rows, [](const Statement& row) -> Result<SwitchState> {
        return SwitchState{std::string(row.text(0)),
                           row.integer(1) != 0,
                           {row.integer(2)},
                           std::string(row.text(3)),
                           std::string(row.text(4))};
    });
}

Result<std::vector<SwitchInput>> LedgerStore::switchInputs(InstrumentId instrument)
{
    auto rows = database_.prepare("SELECT instrument,number,strategy,enabled,kind,parameters FROM switch_inputs WHERE "
                                  "instrument=? ORDER BY number,id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, instrument.value);
    return collect<SwitchInput>(rows, [](const Statement& row) -> Result<SwitchInput> {
        const auto kind = inputKindOf(row.text(4));
        if (!kind) {
            return std::unexpected(kind.error());
        }
        return SwitchInput{
            {row.integer(0)},        {row.integer(1)}, std::string(row.text(2)), row.integer(3) != 0, *kind,
            std::string(row.text(5))};
    });
}

Result<std::map<std::string, std::string>> LedgerStore::parameters()
{
    auto rows = database_.prepare("SELECT strategy,parameters FROM switch_inputs WHERE kind=? ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, trading::name(trading::InputKind::Parameters));
    std::map<std::string, std::string> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        out.insert_or_assign(std::string(rows->text(0)), std::string(rows->text(1)));
    }
}

Result<void> LedgerStore::addGap(const GapRow& gap)
{
    return GapStore(database_).add(gap);
}

Result<std::vector<GapRow>> LedgerStore::gaps(TimeRange range)
{
    return GapStore(database_).all(range);
}

} // namespace qd::storage
