// Closed trades and untraded signals in great numbers into trades and signals: of a replay, in a database of its own.
// Several rows a statement, which are prepared once. Within the caller's transaction, on the writer's connection.
// Idempotent as LedgerStore::apply is; no position is taken out, for none was put in.
#pragma once

#include "market/instrument.h"
#include "storage/ledger_rows.h"

#include <map>
#include <span>
#include <vector>

namespace qd::storage {

class LedgerWriter {
public:
    /// `instruments`: as this database knows them, by the instruments of the events.
    [[nodiscard]] static base::Result<LedgerWriter>
    prepare(Database& database, const std::map<InstrumentId, market::Instrument>& instruments);
    /// Events of other kinds are left out.
    [[nodiscard]] base::Result<void> add(const trading::LedgerEvents& events);

private:
    static constexpr std::size_t rowsAtOnce = 8; // then SQLite opens its trees once for eight rows; more gain nothing
    struct Table {
        Statement one;
        Statement many;
    };
    struct Known {
        InstrumentId id;
        StepTexts steps;
    };

    LedgerWriter(Table trades, Table signals) : trades_(std::move(trades)), signals_(std::move(signals)) {}
    [[nodiscard]] static base::Result<Table> prepareTable(Database& database, const std::string& into, int columns);
    void bind(Statement& to, const trading::ClosedTrade& trade, int row) const;
    void bind(Statement& to, const trading::UntradedSignal& signal, int row) const;
    template <typename Event>
    [[nodiscard]] base::Result<void> insert(Table& into, std::span<const Event* const> rows) const;

    Table trades_;
    Table signals_;
    std::map<InstrumentId, Known> instruments_;
    std::vector<const trading::ClosedTrade*> newTrades_; // of one call
    std::vector<const trading::UntradedSignal*> newSignals_;
};

} // namespace qd::storage
