// Markets and rows that the tests of training share.
#pragma once

#include "learning/labels.h"
#include "market/candle.h"

#include <QtGlobal>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace qd::learning::fixtures {

inline constexpr std::int64_t start = 1'700'002'800'000; // on an hour

template <typename T>
T need(base::Result<T> result)
{
    if (!result) {
        qFatal("%s", base::sentence(result.error()).c_str());
    }
    return std::move(*result);
}

/// Closes follow the one before by `memory` of its return and noise; 0 is a walk in which nothing can be known.
inline std::vector<market::Candle> market(market::Timeframe timeframe, std::size_t n, std::uint64_t seed,
                                          double memory = 0)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<market::Candle> out;
    double price = 5'000'000;
    double move = 0;
    for (std::size_t i = 0; i < n; ++i) {
        // volatility that changes over the days, as markets have it
        const double volatility = 0.0015 * std::exp(0.7 * std::sin(static_cast<double>(i) / 80.0));
        market::Candle c{.start = {start + static_cast<std::int64_t>(i) * length(timeframe).count()}};
        c.open = {std::llround(price)};
        move = memory * move + volatility * normal(random);
        price *= std::exp(move);
        c.close = {std::llround(price)};
        const auto wick = static_cast<std::uint64_t>(price * volatility);
        c.high = {std::max(c.open, c.close).value + static_cast<std::int64_t>(random() % wick)};
        c.low = {std::min(c.open, c.close).value - static_cast<std::int64_t>(random() % wick)};
        c.volume = {static_cast<std::int64_t>(1 + random() % 5000)};
        c.trades = static_cast<std::int32_t>(1 + random() % 90);
        out.push_back(c);
    }
    return out;
}

inline TrainingRows rowsOf(const FeatureSet& set, const LabelRule& rule, const std::vector<market::Candle>& candles,
                           std::uint32_t series = 0)
{
    auto maker = need(RowMaker::of(set, rule, series));
    for (const auto& candle : candles) {
        maker.add(candle);
    }
    return maker.finish();
}

} // namespace qd::learning::fixtures
