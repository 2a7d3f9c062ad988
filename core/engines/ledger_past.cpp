#include "engines/ledger_past.h"

#include "storage/trade_pages.h"

#include <algorithm>

namespace qd::engines {

using base::Result;

namespace {

template <typename T>
Result<void> into(T& target, Result<T> source)
{
    if (!source) {
        return std::unexpected(source.error());
    }
    target = std::move(*source);
    return {};
}

/// The newest, oldest of them first.
Result<std::vector<trading::ClosedTrade>> newest(storage::Database& database, std::size_t count,
                                                 std::optional<base::InstrumentId> instrument)
{
    auto page = storage::tradesPage(database, {.filter = {.instrument = instrument, .withShadow = true},
                                               .limit = static_cast<std::uint32_t>(count)});
    if (!page) {
        return std::unexpected(page.error());
    }
    std::ranges::reverse(page->rows);
    return std::move(page->rows);
}

} // namespace

Result<LedgerPast> readLedgerPast(storage::Database& database, const std::vector<market::Instrument>& instruments)
{
    LedgerPast out;
    storage::Instruments known;
    for (const auto& instrument : instruments) {
        known.emplace(instrument.id, instrument);
    }
    storage::LedgerStore ledger(database);
    if (const auto read = storage::readTrades(database, 0, known, out.book); !read) {
        return std::unexpected(read.error());
    }
    for (const auto& step :
         {into(out.hashes, storage::hashesInForce(database, known, &out.hashesSince)),
          into(out.newestClosed, storage::newestDecisions(database)),
          into(out.recent, newest(database, recentTrades, std::nullopt)), into(out.positions, ledger.rosterPositions()),
          into(out.untraded, storage::untradedSignals(database)), into(out.equity, ledger.equity({INT64_MIN}))}) {
        if (!step) {
            return std::unexpected(step.error());
        }
    }
    storage::CandleStore candles(database);
    for (const auto& [id, instrument] : known) {
        auto charted = newest(database, chartedTrades, id);
        if (const auto read = storage::readMarks(candles, id, out.midnights[id]); !read || !charted) {
            return std::unexpected(read ? charted.error() : read.error());
        }
        std::ranges::move(*charted, std::back_inserter(out.charted));
    }
    return out;
}

} // namespace qd::engines
