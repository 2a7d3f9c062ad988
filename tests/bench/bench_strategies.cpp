#include "bench/bench.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace qd::bench {

namespace {

using market::Candle;
using market::Timeframe;

std::vector<Candle> barsOf(const std::vector<market::Tick>& ticks)
{
    std::vector<Candle> bars;
    auto minute = std::numeric_limits<std::int64_t>::min();
    for (const auto& tick : ticks) {
        if (tick.time.value / 60'000 != minute) {
            minute = tick.time.value / 60'000;
            bars.push_back({.start = {static_cast<std::int64_t>(bars.size()) * length(Timeframe::M5).count()},
                            .open = tick.price,
                            .high = tick.price,
                            .low = tick.price});
        }
        auto& bar = bars.back();
        bar.high = std::max(bar.high, tick.price);
        bar.low = std::min(bar.low, tick.price);
        bar.close = tick.price;
        bar.volume += tick.size();
    }
    return bars;
}

/// A larger candle in work; true when `bar` ended it.
bool fold(Candle& larger, const Candle& bar, Timeframe timeframe)
{
    if (larger.trades == 0) {
        larger = bar;
    }
    larger.high = std::max(larger.high, bar.high);
    larger.low = std::min(larger.low, bar.low);
    larger.close = bar.close;
    ++larger.trades; // bars
    return larger.trades == length(timeframe) / length(Timeframe::M5);
}

/// A round over all bars; the number of signals, which keeps the compiler from leaving any out.
std::size_t listen(std::vector<trading::StrategyRunner>& runners, const std::vector<Candle>& bars)
{
    std::size_t signals = 0;
    std::array<Candle, 2> larger{};
    constexpr std::array frames{Timeframe::M15, Timeframe::H1};
    for (const auto& bar : bars) {
        std::array<bool, 2> closed{};
        for (std::size_t i = 0; i < frames.size(); ++i) {
            closed[i] = fold(larger[i], bar, frames[i]);
        }
        for (auto& runner : runners) {
            runner.strategy->onCandle(Timeframe::M5, bar);
            for (std::size_t i = 0; i < frames.size(); ++i) {
                if (closed[i] &&
                    std::ranges::find(runner.info->timeframes, frames[i]) != runner.info->timeframes.end()) {
                    runner.strategy->onCandle(frames[i], larger[i]);
                }
            }
            signals += runner.strategy->decide(nullptr) ? 1 : 0;
        }
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (closed[i]) {
                larger[i] = {};
            }
        }
    }
    return signals;
}

} // namespace

void benchStrategies(const std::string& tickFile)
{
    const auto bars = barsOf(loadTicks(tickFile, std::numeric_limits<std::size_t>::max()));
    constexpr int repeats = 5; // the floor has its bars five times, too
    double best = std::numeric_limits<double>::max();
    std::size_t signals = 0;
    const auto names = trading::strategyCatalogue();
    for (int round = 0; round < 3; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int repeat = 0; repeat < repeats; ++repeat) {
            auto runners = trading::makeRunners({}, "BTC-USDT");
            signals += listen(runners, bars);
        }
        best = std::min(best, secondsSince(start));
    }
    const auto perBar = [&](double seconds) { return seconds / static_cast<double>(bars.size() * repeats) * 1e9; };
    std::printf("{\"bars\": %zu, \"strategies\": %zu, \"signals\": %zu, \"ns_per_bar\": %.1f", bars.size() * repeats,
                names.size(), signals / 15, perBar(best));
    for (const auto& info : names) { // each by itself
        auto runners = trading::makeRunners({std::string(info.name)}, "BTC-USDT");
        const auto start = std::chrono::steady_clock::now();
        for (int repeat = 0; repeat < repeats; ++repeat) {
            (void)listen(runners, bars);
        }
        std::printf(", \"%s\": %.1f", std::string(info.name).c_str(), perBar(secondsSince(start)));
    }
    std::printf("}\n");
}

} // namespace qd::bench
