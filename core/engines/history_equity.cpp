#include "engines/history_equity.h"

#include "engines/ledger_view.h"
#include "storage/ledger_store.h"

#include <algorithm>

namespace qd::engines {

using base::Result;

namespace {

constexpr auto timeframe = market::Timeframe::M5;

/// Entries and exits in the order of time.
struct Step {
    base::UtcMs time;
    trading::LedgerEvent event;
};

/// A position as it was entered: nothing left yet, nothing charged.
trading::OpenPosition entered(trading::OpenPosition position)
{
    position.closedSize = {};
    position.closedWorth = {};
    position.closedFees = {};
    position.funding = {};
    return position;
}

Result<std::vector<Step>> stepsOf(storage::LedgerStore& ledger)
{
    auto trades = ledger.trades();
    auto open = ledger.openPositions();
    if (!trades || !open) {
        return std::unexpected(!trades ? trades.error() : open.error());
    }
    std::vector<Step> steps;
    steps.reserve(2 * trades->size() + open->size());
    for (auto& position : *open) {
        steps.push_back({position.entry.time, entered(std::move(position))});
    }
    for (auto& trade : *trades) {
        steps.push_back({trade.position.entry.time, entered(trade.position)});
        steps.push_back({trade.exit.time, std::move(trade)});
    }
    std::ranges::stable_sort(steps, {}, &Step::time);
    return steps;
}

} // namespace

Result<void> addHistoryEquity(storage::Database& database, const std::vector<market::Instrument>& instruments,
                              const storage::SimulatedHistory& history, const base::PaperPolicy& policy,
                              const std::stop_token& stop)
{
    storage::LedgerStore ledger(database);
    storage::CandleStore candles(database);
    auto steps = stepsOf(ledger);
    if (!steps) {
        return std::unexpected(steps.error());
    }
    LedgerView view(policy.startEquity, {});
    for (const auto& instrument : instruments) {
        view.addInstrument(instrument);
    }
    const auto width = market::length(timeframe);
    std::size_t next = 0;
    for (auto day = history.ticksFrom; day < history.until; day = day + base::oneDay) {
        std::map<base::UtcMs, std::vector<std::pair<base::InstrumentId, market::Price>>> closes; // by the candle's end
        const storage::TimeRange range{day, std::min(day + base::oneDay, history.until) - base::Millis{1}};
        for (const auto& instrument : instruments) {
            const auto own = candles.read(instrument.id, timeframe, range, SIZE_MAX);
            if (!own) {
                return std::unexpected(own.error());
            }
            for (const auto& candle : *own) {
                closes[candle.start + width].emplace_back(instrument.id, candle.close);
            }
        }
        for (const auto& [time, prices] : closes) {
            for (; next < steps->size() && (*steps)[next].time < time; ++next) {
                view.apply((*steps)[next].event);
            }
            for (const auto& [instrument, price] : prices) {
                view.mark(instrument, price);
            }
            if (view.sampleEquity(time)) {
                const auto& point = view.curve().back();
                if (auto kept = ledger.addEquity({point.time, point.equity}); !kept) {
                    return kept;
                }
            }
        }
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "simulated history", "the next start goes on");
        }
    }
    return {};
}

} // namespace qd::engines
