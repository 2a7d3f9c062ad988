#include "engines/known_trades.h"

#include "storage/candle_store.h"
#include "storage/instrument_store.h"

#include <algorithm>

namespace qd::engines {

using base::Result;

void KnownTrades::forget()
{
    const auto next = readings + 1;
    *this = {};
    readings = next;
}

Result<void> KnownTrades::refresh(storage::Database& database, storage::Arms arms, bool isStale)
{
    auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    storage::Instruments present;
    for (auto& instrument : *all) {
        present.emplace(instrument.id, std::move(instrument));
    }
    const bool hasChanged = std::ranges::any_of(instruments, [&](const auto& known) {
        const auto found = present.find(known.first);
        return found == present.end() || found->second != known.second;
    });
    if (hasChanged || isStale) {
        forget();
    }
    instruments = std::move(present);
    const auto before = book.trades().size();
    const auto newest = storage::readTrades(database, newestRow_, instruments, book, arms);
    if (!newest) {
        forget(); // half of it may be there
        return std::unexpected(newest.error());
    }
    newestRow_ = *newest;
    for (const auto& trade : book.trades().subspan(before)) {
        newestExit = std::max(newestExit, trade.left);
        firstEntry = std::min(firstEntry, trade.entered);
    }
    storage::CandleStore candles(database);
    for (const auto& [id, instrument] : instruments) {
        if (auto read = storage::readMarks(candles, id, marks[id]); !read) {
            return read;
        }
    }
    return {};
}

} // namespace qd::engines
