// Instruments, candles and chart snapshots for the tests of charts and of Markets; seeded, so every run sees the same.
#pragma once

#include "console/snapshots.h"

#include <algorithm>
#include <random>

namespace qd::test {

inline constexpr base::UtcMs chartStart{1'750'500'000'000}; // 2025-06-21 10:00 UTC

inline market::Instrument instrumentOf(std::int64_t id, std::string name, base::Decimal tickStep)
{
    market::Instrument out;
    out.id = {id};
    out.name = std::move(name);
    out.tick = *base::Scale::ofStep(tickStep);
    out.lot = *base::Scale::ofStep({1, -1});
    out.contractValue = {1, -3};
    return out;
}

/// A random walk, one candle a `tf`, from chartStart on.
inline std::vector<market::Candle> walk(std::size_t count, market::Timeframe tf, std::int64_t price = 31'000,
                                        unsigned seed = 7)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> step(0, static_cast<double>(price) * 0.0012);
    std::uniform_int_distribution<std::int64_t> wick(0, std::max<std::int64_t>(1, price / 900));
    std::uniform_int_distribution<std::int64_t> volume(100, 5'000);
    std::vector<market::Candle> candles;
    auto start = base::bucketStart(chartStart, market::length(tf));
    auto last = price;
    for (std::size_t i = 0; i < count; ++i, start = start + market::length(tf)) {
        const auto close = std::max<std::int64_t>(10, last + static_cast<std::int64_t>(step(random)));
        market::Candle candle;
        candle.start = start;
        candle.open = {last};
        candle.close = {close};
        candle.high = {std::max(last, close) + wick(random)};
        candle.low = {std::max<std::int64_t>(1, std::min(last, close) - wick(random))};
        candle.volume = {volume(random)};
        candle.trades = 10;
        candles.push_back(candle);
        last = close;
    }
    return candles;
}

inline console::ChartSnapshot chartOf(std::vector<market::Candle> closed, market::Timeframe tf,
                                      base::InstrumentId instrument = {1})
{
    console::ChartSnapshot chart;
    chart.instrument = instrument;
    chart.timeframe = tf;
    if (!closed.empty()) {
        chart.last = closed.back().close;
    }
    chart.closed = std::make_shared<const std::vector<market::Candle>>(std::move(closed));
    chart.marks = std::make_shared<const std::vector<console::TradeMark>>();
    return chart;
}

} // namespace qd::test
