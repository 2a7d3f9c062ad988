#include "bench/bench.h"
#include "learning/feature_builder.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "market/candle_builder.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>

namespace qd::bench {

namespace {

using namespace learning;
using market::Timeframe;

/// The ticks' candles over and over, in time order without a hole, until there are `count`.
std::vector<market::Candle> candlesOf(const std::string& tickFile, Timeframe timeframe, std::size_t count)
{
    market::CandleBuilder builder(timeframe);
    std::vector<market::Candle> made;
    for (const auto& tick : loadTicks(tickFile, std::numeric_limits<std::size_t>::max())) {
        builder.add(tick, made);
    }
    if (made.size() < 2) {
        throw std::runtime_error("The tick file has no candles");
    }
    made.erase(made.begin()); // its beginning is not known
    std::vector<market::Candle> out;
    while (out.size() < count) {
        auto next = made[out.size() % made.size()];
        next.start = made.front().start + market::length(timeframe) * static_cast<std::int64_t>(out.size());
        out.push_back(next);
    }
    return out;
}

struct RowTiming {
    double nanoseconds = 0; // a row, all that is fed for it included
    std::size_t rows = 0;
    std::size_t features = 0;
};

RowTiming timeRows(const std::string& tickFile, FeatureSource source, std::size_t rows)
{
    const auto& set = FeatureSet::of(source);
    const bool is5m = source == FeatureSource::Candles5m;
    const auto candles = candlesOf(tickFile, is5m ? Timeframe::M5 : Timeframe::M1, (rows + 300) * (is5m ? 1 : 5));
    std::vector<float> table((rows + 300) * set.size());
    RowTiming best{std::numeric_limits<double>::max(), 0, set.size()};
    for (int round = 0; round < 3; ++round) {
        FeatureBuilder builder(set);
        std::size_t made = 0;
        const auto start = std::chrono::steady_clock::now();
        for (const auto& candle : candles) {
            if (builder.add(candle) == RowOutcome::Row) {
                std::ranges::copy(builder.row(), table.begin() + static_cast<std::ptrdiff_t>(made++ * set.size()));
            }
        }
        best.nanoseconds = std::min(best.nanoseconds, secondsSince(start) / static_cast<double>(made) * 1e9);
        best.rows = made;
    }
    return best;
}

struct Sample {
    std::vector<float> rows;
    std::vector<float> labels;
};

/// The very rows and labels of floors/xgb.
Sample floorSample(std::size_t rows, std::size_t columns)
{
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    Sample out{std::vector<float>(rows * columns), std::vector<float>(rows)};
    for (auto& x : out.rows) {
        x = normal(random);
    }
    for (std::size_t i = 0; i < rows; ++i) {
        const float* a = &out.rows[i * columns];
        float s = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            s += 0.3F * a[k] * a[(k * 7 + 3) % columns];
        }
        s += 0.5F * a[11];
        out.labels[i] = s + 2 * normal(random) > 0 ? 1.0F : 0.0F;
    }
    return out;
}

} // namespace

void benchFeatures(const std::string& tickFile)
{
    const auto fromFives = timeRows(tickFile, FeatureSource::Candles5m, 100'000);
    const auto fromTicks = timeRows(tickFile, FeatureSource::Ticks, 100'000);
    std::printf("{\"rows\": %zu, \"features\": %zu, \"ns_per_row\": %.1f, \"features_ticks\": %zu, "
                "\"ns_per_row_ticks\": %.1f}\n",
                fromFives.rows, fromFives.features, fromFives.nanoseconds, fromTicks.features, fromTicks.nanoseconds);
}

void benchModel(std::size_t rows, std::size_t columns, std::uint32_t trees, std::uint32_t threads)
{
    const auto sample = floorSample(rows, columns);
    const RowTable table{sample.rows, columns};
    const BoostParameters parameters{.rounds = trees, .depth = 6, .eta = 0.05, .threads = threads};
    const auto start = std::chrono::steady_clock::now();
    const auto fitted = need(fit(parameters, {table, sample.labels}));
    const double seconds = secondsSince(start);
    const auto flat = need(FlatTrees::of(fitted.bytes));
    const double withReading = secondsSince(start);

    constexpr std::size_t asked = 5'000;
    const RowTable some{table.values.first(asked * columns), columns};
    const auto theirs = need(need(Booster::fromBytes(fitted.bytes, threads)).predict(need(BoostMatrix::of(some, {}))));
    std::vector<double> times;
    std::size_t differing = 0;
    for (std::size_t i = 0; i < asked; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const float p = flat.predict(table.row(i));
        times.push_back(secondsSince(before) * 1e6);
        differing += std::memcmp(&p, &theirs[i], sizeof p) != 0 ? 1U : 0U;
    }
    std::ranges::sort(times);
    std::printf("{\"fit_s\": %.3f, \"fit_and_flatten_s\": %.3f, \"model_bytes\": %zu, \"predict_us_p50\": %.2f, "
                "\"predict_us_p99\": %.2f, \"differing\": %zu}\n",
                seconds, withReading, fitted.bytes.size(), times[asked / 2], times[asked * 99 / 100], differing);
}

} // namespace qd::bench
