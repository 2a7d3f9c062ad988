#include "engines/history_equity.h"

#include "storage/ledger_store.h"
#include "trading/evaluate.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <map>
#include <set>

namespace qd::engines {

using base::Money;
using base::Result;
using base::UtcMs;

namespace {

constexpr auto timeframe = market::Timeframe::M5;
constexpr UtcMs never{INT64_MAX};

/// What equity needs of a trade or position that was not in shadow. Small, as there may be any number.
struct Held {
    UtcMs entered;
    UtcMs left = never;
    std::size_t instrument = 0; // in the order given
    market::Price price;
    market::Quantity size; // negative for a short
    Money entryFee;
    Money net;
};

Held heldOf(const trading::OpenPosition& position, std::size_t instrument)
{
    return {.entered = position.entry.time,
            .instrument = instrument,
            .price = position.entry.price,
            .size = position.decision.side == market::Side::Buy ? position.size : -position.size,
            .entryFee = position.entry.fee};
}

/// By entry.
Result<std::vector<Held>> heldIn(storage::LedgerStore& ledger, const std::vector<market::Instrument>& instruments,
                                 const storage::SimulatedHistory& history)
{
    std::map<base::InstrumentId, std::size_t> at;
    for (std::size_t i = 0; i < instruments.size(); ++i) {
        at[instruments[i].id] = i;
    }
    std::vector<Held> all;
    for (auto day = history.ticksFrom; day < history.until; day = day + base::oneDay) {
        const auto trades = ledger.trades({day, day + base::oneDay - base::Millis{1}});
        if (!trades) {
            return std::unexpected(trades.error());
        }
        for (const auto& trade : *trades) {
            const auto instrument = at.find(trade.position.decision.instrument);
            if (!trade.position.inShadow && instrument != at.end()) {
                auto& held = all.emplace_back(heldOf(trade.position, instrument->second));
                held.left = trade.exit.time;
                held.net = trade.net;
            }
        }
    }
    const auto open = ledger.openPositions();
    if (!open) {
        return std::unexpected(open.error());
    }
    for (const auto& position : *open) {
        const auto instrument = at.find(position.decision.instrument);
        if (!position.inShadow && instrument != at.end()) {
            all.push_back(heldOf(position, instrument->second));
        }
    }
    std::ranges::stable_sort(all, {}, &Held::entered);
    return all;
}

/// Equity along the time, marked at what mark() was told.
class Curve {
public:
    Curve(const std::vector<market::Instrument>& instruments, std::vector<Held> held, Money start)
        : instruments_(instruments),
          held_(std::move(held)),
          marks_(instruments.size()),
          realised_(start)
    {
    }

    void mark(std::size_t instrument, market::Price price) { marks_[instrument] = price; }

    /// After all that was entered and left before `time`; in growing time.
    [[nodiscard]] Money at(UtcMs time)
    {
        for (; next_ < held_.size() && held_[next_].entered < time; ++next_) {
            open_.insert({held_[next_].left, next_});
        }
        while (!open_.empty() && open_.begin()->first < time) {
            realised_ += held_[open_.begin()->second].net;
            open_.erase(open_.begin());
        }
        auto sum = realised_;
        for (const auto& [left, index] : open_) {
            const auto& one = held_[index];
            const auto& mark = marks_[one.instrument];
            sum += -one.entryFee;
            if (mark.value > 0) {
                const auto moved = one.size.value > 0 ? mark - one.price : one.price - mark;
                const auto size = one.size.value > 0 ? one.size : -one.size;
                sum += instruments_[one.instrument].notional(moved, size).value_or(Money{});
            }
        }
        return sum;
    }

private:
    const std::vector<market::Instrument>& instruments_;
    std::vector<Held> held_;
    std::size_t next_ = 0;
    std::set<std::pair<UtcMs, std::size_t>> open_; // by exit
    std::vector<market::Price> marks_;
    Money realised_;
};

} // namespace

Result<void> addHistoryEquity(storage::Database& database, const std::vector<market::Instrument>& instruments,
                              const storage::SimulatedHistory& history, const base::PaperPolicy& policy,
                              const std::stop_token& stop)
{
    storage::LedgerStore ledger(database);
    storage::CandleStore candles(database);
    auto held = heldIn(ledger, instruments, history);
    if (!held) {
        return std::unexpected(held.error());
    }
    // Nothing was switched in a simulated past: every row counts at every moment.
    std::size_t rows = 0;
    for (const auto& info : trading::strategyCatalogue()) {
        rows += static_cast<std::size_t>(std::ranges::count_if(
            instruments, [&](const auto& instrument) { return trading::runsOn(info, instrument.name); }));
    }
    const auto capital = trading::rosterCapital(rows, policy.rowCapital, policy.startEquity);
    Curve curve(instruments, std::move(*held), capital);
    const auto width = market::length(timeframe);
    for (auto day = history.ticksFrom; day < history.until; day = day + base::oneDay) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "simulated history", "the next start goes on");
        }
        std::map<UtcMs, std::vector<std::pair<std::size_t, market::Price>>> closes; // by the candle's end
        const storage::TimeRange range{day, std::min(day + base::oneDay, history.until) - base::Millis{1}};
        for (std::size_t i = 0; i < instruments.size(); ++i) {
            const auto own = candles.read(instruments[i].id, timeframe, range, SIZE_MAX);
            if (!own) {
                return std::unexpected(own.error());
            }
            for (const auto& candle : *own) {
                closes[candle.start + width].emplace_back(i, candle.close);
            }
        }
        for (const auto& [time, prices] : closes) {
            for (const auto& [instrument, price] : prices) {
                curve.mark(instrument, price);
            }
            if (auto kept = ledger.addEquity({time, curve.at(time), capital}); !kept) {
                return kept;
            }
        }
    }
    return {};
}

} // namespace qd::engines
