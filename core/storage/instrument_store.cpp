#include "storage/instrument_store.h"

#include "storage/scale_change.h"

namespace qd::storage {

using base::ErrorCode;
using base::Result;

Result<std::vector<market::Instrument>> InstrumentStore::all()
{
    auto rows =
        database_.prepare("SELECT id,name,tick_step,lot_step,contract_value,min_size FROM instruments ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::vector<market::Instrument> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        const auto tick = scaleOf(rows->text(2));
        const auto lot = scaleOf(rows->text(3));
        const auto contract = base::parseDecimal(rows->text(4));
        if (!tick || !lot || !contract) {
            return base::fail(ErrorCode::Damaged, std::string(rows->text(1)), "its scales are no numbers");
        }
        out.push_back({.id = {rows->integer(0)},
                       .name = std::string(rows->text(1)),
                       .tick = *tick,
                       .lot = *lot,
                       .contractValue = *contract,
                       .minSize = {rows->integer(5)}});
    }
}

Result<void> InstrumentStore::refine(market::Instrument& instrument)
{
    auto known = database_.prepare("SELECT tick_step,lot_step FROM instruments WHERE name=?");
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto row = known->bind(0, instrument.name).step();
    if (!row || !*row) {
        return row ? Result<void>{} : std::unexpected(row.error());
    }
    const auto oldTick = scaleOf(known->text(0));
    const auto oldLot = scaleOf(known->text(1));
    if (!oldTick || !oldLot) {
        return base::fail(ErrorCode::Damaged, instrument.name, "its scales are no numbers");
    }
    const auto tick = commonScale(instrument.tick, *oldTick);
    const auto lot = commonScale(instrument.lot, *oldLot);
    if (!tick || !lot) {
        return std::unexpected(!tick ? tick.error() : lot.error());
    }
    const auto minSize = StepRatio(instrument.lot.step(), lot->step())(instrument.minSize.value);
    if (!minSize) {
        return base::fail(ErrorCode::Overflow, instrument.name, "its least size on the finer scale");
    }
    instrument.tick = *tick;
    instrument.lot = *lot;
    instrument.minSize.value = *minSize;
    return {};
}

Result<market::Instrument> InstrumentStore::put(market::Instrument instrument)
{
    if (auto refined = refine(instrument); !refined) {
        return std::unexpected(refined.error());
    }
    auto statement = database_.prepare(
        "INSERT INTO instruments(name,tick_step,lot_step,contract_value,min_size) VALUES(?,?,?,?,?) ON CONFLICT(name) "
        "DO "
        "UPDATE SET tick_step=excluded.tick_step,lot_step=excluded.lot_step,contract_value=excluded.contract_value,"
        "min_size=excluded.min_size RETURNING id");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, instrument.name)
        .bind(1, stepText(instrument.tick))
        .bind(2, stepText(instrument.lot))
        .bind(3, base::toText(instrument.contractValue))
        .bind(4, instrument.minSize.value);
    const auto row = statement->step();
    if (!row) {
        return std::unexpected(row.error());
    }
    instrument.id = {statement->integer(0)};
    if (auto done = statement->run(); !done) {
        return std::unexpected(done.error());
    }
    return instrument;
}

} // namespace qd::storage
