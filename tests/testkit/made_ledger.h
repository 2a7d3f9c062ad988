// A database with a ledger made by formula: two instruments with candles, equity, and closed trades of any strategy, as
// if paper had run for some weeks until `end`. For tests of what looks at evidence. One thread.
#pragma once

#include "storage/candle_store.h"
#include "storage/ledger_store.h"
#include "trading/strategy_catalogue.h"
#include "unit/storage/storage_testkit.h"

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace qd::testkit {

inline trading::ParameterSet defaultsOf(std::string_view strategy)
{
    const auto* info = trading::findStrategy(strategy);
    return {info->name, info->parameters};
}

class MadeLedger {
public:
    static constexpr base::Millis hour{3'600'000};

    /// `days` of equity and trades before `end`, which is a midnight; candles of `candleDays`.
    MadeLedger(const std::filesystem::path& file, base::UtcMs end, int days, int candleDays = 30)
        : store(file),
          end_(end),
          days_(days)
    {
        coin = store.add("COIN-USDT");
        gold = store.add("GOLD-USDT");
        store.write([&] {
            for (const auto id : {coin, gold}) {
                addCandles(id, market::Timeframe::H1, candleDays);
                addCandles(id, market::Timeframe::H4, candleDays);
            }
            for (int day = 0; day <= days; ++day) {
                good(storage::LedgerStore(*store).addEquity(
                    {end_ - base::oneDay * (days - day), base::usdt(10'000), base::usdt(28'000)}));
            }
        });
    }

    /// `aDay` trades on each day, in turn on both instruments; the n-th of all gains net(n) USDT.
    void add(const std::string& strategy, int aDay, const std::function<double(int)>& net, bool inShadow = false)
    {
        store.write([&] {
            for (int n = 0; n < days_ * aDay; ++n) {
                const auto opened = end_ - base::oneDay * days_ + base::oneDay / aDay * n + hour;
                good(storage::LedgerStore(*store).apply(
                    tradeOf(strategy, n % 2 == 0 ? coin : gold, opened, net(n), inShadow)));
            }
        });
    }
    /// One more, closed an hour after `opened`.
    void addOne(const std::string& strategy, base::UtcMs opened, double net, bool inShadow = false)
    {
        store.write([&] { good(storage::LedgerStore(*store).apply(tradeOf(strategy, coin, opened, net, inShadow))); });
    }
    void addGap(base::UtcMs from, base::UtcMs to)
    {
        store.write([&] {
            for (const auto id : {coin, gold}) {
                good(storage::LedgerStore(*store).addGap({.instrument = id,
                                                          .number = {++number_},
                                                          .from = from,
                                                          .to = to,
                                                          .cause = market::GapCause::Stopped,
                                                          .measure = market::GapMeasure::Unknown}));
            }
        });
    }
    [[nodiscard]] base::UtcMs end() const { return end_; }

    Store store;
    base::InstrumentId coin;
    base::InstrumentId gold;

private:
    trading::ClosedTrade tradeOf(const std::string& strategy, base::InstrumentId instrument, base::UtcMs opened,
                                 double net, bool inShadow)
    {
        auto& hash = hashes_[strategy];
        if (hash.empty()) {
            hash = defaultsOf(strategy).hash();
        }
        trading::ClosedTrade out;
        auto& decision = out.position.decision;
        decision.instrument = instrument;
        decision.strategy = strategy;
        decision.parameterHash = hash;
        decision.number = {number_ += 10};
        decision.time = opened;
        decision.decisionPriceHalfTicks = 20'000;
        decision.stop = {9'000};
        decision.target = {11'000};
        out.position.size = {5'000};
        out.position.entry = {
            .time = opened, .number = {decision.number.value + 1}, .price = {10'000}, .fee = {30'000'000}};
        out.position.best = {10'000};
        out.position.worst = {10'000};
        out.position.inShadow = inShadow;
        out.exit = {
            .time = opened + hour, .number = {decision.number.value + 5}, .price = {10'000}, .fee = {30'000'000}};
        out.net = {static_cast<std::int64_t>(std::llround(net * 1e8))};
        out.optimistic = out.net;
        out.pessimistic = out.net;
        return out;
    }
    void addCandles(base::InstrumentId id, market::Timeframe timeframe, int candleDays)
    {
        std::vector<market::Candle> candles;
        std::int64_t n = 0;
        for (auto at = end_ - base::oneDay * candleDays; at < end_; at = at + market::length(timeframe)) {
            // Calm, ordinary and wild days in turn.
            const double wild = 1 + static_cast<double>(trading::dayOf(at) % 5) * 8;
            const market::Price close{10'000 + static_cast<std::int64_t>(wild * (n++ % 2 == 0 ? 1 : -1))};
            candles.push_back({.start = at, .open = close, .high = close, .low = close, .close = close, .volume = {1}});
        }
        good(storage::CandleStore(*store).append(id, timeframe, candles));
    }

    base::UtcMs end_;
    int days_;
    std::int64_t number_ = 0;
    std::map<std::string, std::string> hashes_;
};

/// A clock that stands where it is put.
class StandingClock final : public base::Clock {
public:
    explicit StandingClock(base::UtcMs now) : now_(now) {}
    [[nodiscard]] base::UtcMs now() const override { return now_; }
    void set(base::UtcMs now) { now_ = now; }

private:
    base::UtcMs now_;
};

} // namespace qd::testkit
