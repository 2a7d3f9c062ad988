#include "storage/ledger_writer.h"

namespace qd::storage {

using base::Result;

namespace {

constexpr int tradeColumns = decisionCount + positionCount + exitCount;
constexpr int signalColumns = decisionCount + 1;

} // namespace

Result<LedgerWriter::Table> LedgerWriter::prepareTable(Database& database, const std::string& into, int columns)
{
    const auto row = "(" + marks(columns) + ")";
    std::string rows = row;
    for (std::size_t i = 1; i < rowsAtOnce; ++i) {
        rows += "," + row;
    }
    auto one = database.prepare("INSERT OR IGNORE INTO " + into + " VALUES" + row);
    auto many = database.prepare("INSERT OR IGNORE INTO " + into + " VALUES" + rows);
    if (!one || !many) {
        return std::unexpected(!one ? one.error() : many.error());
    }
    return Table{std::move(*one), std::move(*many)};
}

Result<LedgerWriter> LedgerWriter::prepare(Database& database,
                                           const std::map<InstrumentId, market::Instrument>& instruments)
{
    auto trades = prepareTable(database, "trades(" + columns({decisionColumns, positionColumns, exitColumns}) + ")",
                               tradeColumns);
    auto signals = prepareTable(database, "signals(" + columns({decisionColumns, "reason"}) + ")", signalColumns);
    if (!trades || !signals) {
        return std::unexpected(!trades ? trades.error() : signals.error());
    }
    LedgerWriter writer(std::move(*trades), std::move(*signals));
    for (const auto& [id, instrument] : instruments) {
        writer.instruments_.emplace(id, Known{instrument.id, StepTexts({instrument.tick, instrument.lot})});
    }
    return writer;
}

void LedgerWriter::bind(Statement& to, const trading::ClosedTrade& trade, int row) const
{
    const auto& known = instruments_.at(trade.position.decision.instrument);
    bindTrade(to, trade, known.steps, row * tradeColumns);
    to.bind(row * tradeColumns, known.id.value);
}

void LedgerWriter::bind(Statement& to, const trading::UntradedSignal& signal, int row) const
{
    const auto& known = instruments_.at(signal.decision.instrument);
    bindDecision(to, signal.decision, known.steps, row * signalColumns);
    to.bind(row * signalColumns, known.id.value)
        .bindView(row * signalColumns + decisionCount, trading::name(signal.reason));
}

template <typename Event>
Result<void> LedgerWriter::insert(Table& into, std::span<const Event* const> rows) const
{
    while (!rows.empty()) {
        const auto now = rows.first(rows.size() < rowsAtOnce ? 1 : rowsAtOnce);
        auto& statement = now.size() == 1 ? into.one : into.many;
        int row = 0;
        for (const auto* event : now) {
            bind(statement, *event, row++);
        }
        if (auto done = statement.run(); !done) {
            return done;
        }
        rows = rows.subspan(now.size());
    }
    return {};
}

Result<void> LedgerWriter::add(const trading::LedgerEvents& events)
{
    newTrades_.clear();
    newSignals_.clear();
    for (const auto& event : events) {
        if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
            newTrades_.push_back(trade);
        } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
            newSignals_.push_back(signal);
        }
    }
    auto added = insert<trading::ClosedTrade>(trades_, newTrades_);
    return added ? insert<trading::UntradedSignal>(signals_, newSignals_) : added;
}

} // namespace qd::storage
