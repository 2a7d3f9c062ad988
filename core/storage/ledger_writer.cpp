#include "storage/ledger_writer.h"

#include "storage/ledger_rows.h"

namespace qd::storage {

using base::Result;

Result<Statement*> LedgerWriter::prepared(std::optional<Statement>& slot, const std::string& sql)
{
    if (!slot) {
        auto statement = database_.prepare(sql);
        if (!statement) {
            return std::unexpected(statement.error());
        }
        slot.emplace(std::move(*statement));
    }
    return &*slot;
}

Result<void> LedgerWriter::add(const trading::ClosedTrade& trade, const market::Instrument& instrument)
{
    auto statement =
        prepared(trade_, "INSERT OR IGNORE INTO trades(" + columns({decisionColumns, positionColumns, exitColumns}) +
                             ") VALUES(" + marks(decisionCount + positionCount + exitCount) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    bindTrade(**statement, trade, {instrument.tick, instrument.lot});
    (*statement)->bind(0, instrument.id.value);
    return (*statement)->run();
}

Result<void> LedgerWriter::add(const trading::UntradedSignal& signal, const market::Instrument& instrument)
{
    auto statement = prepared(signal_, "INSERT OR IGNORE INTO signals(" + columns({decisionColumns, "reason"}) +
                                           ") VALUES(" + marks(decisionCount + 1) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    bindDecision(**statement, signal.decision, {instrument.tick, instrument.lot});
    (*statement)->bind(0, instrument.id.value).bind(decisionCount, trading::name(signal.reason));
    return (*statement)->run();
}

} // namespace qd::storage
