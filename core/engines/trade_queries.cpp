#include "engines/trade_queries.h"

#include "storage/candle_store.h"
#include "storage/instrument_store.h"
#include "storage/trade_pages.h"

#include <algorithm>

namespace qd::engines {

using base::Result;

namespace {

constexpr std::int64_t mostCandles = 400;
constexpr std::int64_t leastAround = 20; // candles before the entry and after the exit

} // namespace

Result<console::TradeDetail> tradeDetail(storage::Database& database, const console::AskTrade& query)
{
    auto trade = storage::tradeOf(database, query.instrument, query.strategy, query.decision);
    if (!trade) {
        return std::unexpected(trade.error());
    }
    auto instruments = storage::InstrumentStore(database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    const auto known = std::ranges::find(*instruments, query.instrument, &market::Instrument::id);
    if (known == instruments->end()) {
        return base::fail(base::ErrorCode::NotFound, query.strategy, "its instrument is not in the database");
    }
    console::TradeDetail out{.trade = std::move(*trade), .instrument = *known};
    const auto from = out.trade.position.entry.time;
    const auto to = out.trade.exit.time;
    for (const auto timeframe : market::allTimeframes) {
        const auto around = std::max(to - from, leastAround * market::length(timeframe));
        if ((to - from + 2 * around) / market::length(timeframe) > mostCandles &&
            timeframe != market::allTimeframes.back()) {
            continue;
        }
        out.timeframe = timeframe;
        auto candles =
            storage::CandleStore(database).read(query.instrument, timeframe, {from - around, to + around}, mostCandles);
        if (!candles) {
            return std::unexpected(candles.error());
        }
        out.candles = std::move(*candles);
        break;
    }
    return out;
}

} // namespace qd::engines
