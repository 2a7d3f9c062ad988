// 5m candles made by seed, and databases of them: a market whose trend lasts for some hours, so that its direction can
// be learned honestly, or one without any. One thread.
#pragma once

#include "base/utc_time.h"
#include "market/candle.h"
#include "storage/candle_store.h"
#include "storage/gap_store.h"
#include "unit/storage/storage_testkit.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace qd::testkit {

/// Stands until it is set. Any thread.
class FixedClock final : public base::Clock {
public:
    explicit FixedClock(base::UtcMs at) : now_(at.value) {}
    [[nodiscard]] base::UtcMs now() const override { return {now_.load()}; }
    void set(base::UtcMs at) { now_ = at.value; }

private:
    std::atomic<std::int64_t> now_;
};

struct MarketShape {
    std::uint64_t seed = 3;
    double trend = 0.22;   // of a candle's move; 0: a walk in which nothing can be known
    bool tellsAll = false; // a candle's volume gives away where the next hour goes
};

inline constexpr base::UtcMs marketStart{1'700'006'400'000}; // a midnight

inline std::vector<market::Candle> madeCandles(int days, const MarketShape& shape = {},
                                               market::Timeframe timeframe = market::Timeframe::M5)
{
    const auto width = market::length(timeframe);
    const auto count = static_cast<std::size_t>(base::oneDay / width * days);
    std::mt19937_64 random(shape.seed);
    const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    const auto noise = [&] { return (uniform() + uniform() + uniform() + uniform() - 2) * std::sqrt(3.0); };
    std::vector<market::Candle> out(count);
    double price = 1'000'000;
    double way = 1;
    for (std::size_t i = 0; i < count; ++i) {
        way = uniform() < 1.0 / 64 ? -way : way;
        const double volatility = 0.0012 * std::exp(0.6 * std::sin(static_cast<double>(i) / 200.0));
        auto& c = out[i];
        c.start = marketStart + width * static_cast<std::int64_t>(i);
        c.open = {std::llround(price)};
        price *= std::exp(volatility * (shape.trend * way + noise()));
        c.close = {std::llround(price)};
        const double wick = price * volatility * 0.5;
        c.high = {std::max(c.open, c.close).value + std::llround(wick * uniform())};
        c.low = {std::min(c.open, c.close).value - std::llround(wick * uniform())};
        c.volume = {static_cast<std::int64_t>(1'000 + 4'000 * uniform())};
        c.buyVolume = static_cast<std::int64_t>(static_cast<double>(c.volume.value) * uniform());
        c.trades = static_cast<std::int32_t>(10 + 80 * uniform());
    }
    const auto hour = static_cast<std::size_t>(market::length(market::Timeframe::H1) / width);
    for (std::size_t i = 0; shape.tellsAll && i + hour < count; ++i) {
        out[i].volume = {out[i + hour].close > out[i].close ? 5'000 : 1'000};
    }
    return out;
}

inline void addCandles(Store& store, base::InstrumentId id, const std::vector<market::Candle>& candles,
                       market::Timeframe timeframe = market::Timeframe::M5)
{
    store.write([&] { good(storage::CandleStore(*store).append(id, timeframe, candles)); });
}

/// `days` of 5m candles of that instrument.
inline market::Instrument addMarket(Store& store, const std::string& name, int days, const MarketShape& shape = {})
{
    const auto id = store.add(name);
    addCandles(store, id, madeCandles(days, shape));
    const auto all = good(storage::InstrumentStore(*store).all());
    return *std::ranges::find(all, id, &market::Instrument::id);
}

inline void addGapRow(Store& store, base::InstrumentId id, base::UtcMs from, base::UtcMs to, bool isMarked)
{
    static std::int64_t number = 0;
    store.write([&] {
        good(storage::GapStore(*store).add({.instrument = id,
                                            .number = {++number},
                                            .from = from,
                                            .to = to,
                                            .measure = market::GapMeasure::Unknown,
                                            .isMarked = isMarked}));
    });
}

} // namespace qd::testkit
