// Closed trades and untraded signals in great numbers into trades and signals, with statements that are prepared once:
// of a replay, in a database of its own. Within the caller's transaction, on the writer's connection. Idempotent as
// LedgerStore::apply is; no position is taken out, for none was put in.
#pragma once

#include "market/instrument.h"
#include "storage/database.h"
#include "trading/closed_trade.h"

#include <optional>

namespace qd::storage {

class LedgerWriter {
public:
    explicit LedgerWriter(Database& database) : database_(database) {}
    /// `instrument`: of the event, as this database knows it.
    [[nodiscard]] base::Result<void> add(const trading::ClosedTrade& trade, const market::Instrument& instrument);
    [[nodiscard]] base::Result<void> add(const trading::UntradedSignal& signal, const market::Instrument& instrument);

private:
    [[nodiscard]] base::Result<Statement*> prepared(std::optional<Statement>& slot, const std::string& sql);
    Database& database_;
    std::optional<Statement> trade_;
    std::optional<Statement> signal_;
};

} // namespace qd::storage
