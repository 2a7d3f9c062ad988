// The five families, what each predicts, and the maker of their rows: it is fed one instrument's closed candles (and
// ticks, where there are any), makes the features by the one builder, and resolves each label as time goes by. A label
// that crosses a gap or ends beyond the data is dropped, also where its outcome came early: else only quick outcomes
// would survive there. Pure; one thread at a time. Prices in ticks, times in exchange time.
// Source: STATISTICS.md §11, PRODUCT.md *The models*.
#pragma once

#include "learning/feature_builder.h"
#include "learning/training_rows.h"
#include "market/indicators/realised_volatility.h"
#include "market/indicators/volatility.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace qd::learning {

enum class Family : std::uint8_t { Gbt5m, Direction, Volatility, StopHit, Fill };
[[nodiscard]] std::string_view name(Family family); // "gbt_5m", "direction_predictor" …
[[nodiscard]] constexpr bool isRegression(Family family)
{
    return family == Family::Volatility;
}
/// Families that ask about a distance have it as their last column.
[[nodiscard]] constexpr bool hasDistance(Family family)
{
    return family == Family::StopHit || family == Family::Fill;
}

/// What is predicted. gbt_5m: 1 if an entry now, for the row's side, earns after costs. direction: 1 if the close at
/// the horizon is higher. volatility: logarithm of the realised volatility until the horizon, annualised. stop_hit: 1
/// if a stop at the row's distance is hit by then. fill: 1 if a limit order at the row's distance is filled by then:
/// any of it, behind the queue that paper assumes (on ticks).
struct LabelRule {
    Family family = Family::Gbt5m;
    base::Millis horizon = std::chrono::hours(4); // gbt_5m: the time limit; fill: the patience
    std::uint32_t atr = 14;                       // 5m candles; distances are in its value
    double stopAtr = 2;
    double targetAtr = 3;
    double roundTripCost = 0.0022; // fraction; fees and slippage of both sides
    base::Millis latency{150};     // on ticks: the entry is the first print after it
    std::vector<double> distances; // ATR; a row takes one of them by its time, in turn
    base::Money limitNotional;     // fill, on ticks: the order's; what trades at its price beyond its queue fills it
    std::uint32_t stride = 1;      // a row at every so many 5m candles

    friend bool operator==(const LabelRule&, const LabelRule&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        auto h = horizon.count();
        auto l = latency.count();
        auto n = limitNotional.value;
        a(family, h, atr, stopAtr, targetAtr, roundTripCost, l, distances, n, stride);
        horizon = base::Millis{h};
        latency = base::Millis{l};
        limitNotional = base::Money{n};
    }
};
[[nodiscard]] LabelRule standardRule(Family family);

class RowMaker {
public:
    /// Unsupported where the candles of the set are longer than the horizon. `instrument`: says how many lots an order
    /// of the rule has; without it only what trades through a limit fills it.
    [[nodiscard]] static base::Result<RowMaker> of(const FeatureSet& set, const LabelRule& rule, std::uint32_t series,
                                                   std::optional<market::Instrument> instrument = std::nullopt);

    /// A closed candle of the set's timeframe. Without ticks it also resolves labels, stop before target.
    void add(const market::Candle& candle);
    /// A tick after the candles that it closed. Once ticks came, trades, stops and fills are resolved on ticks.
    void add(const market::Tick& tick);
    /// Trades may be missing from here on.
    void markGap();
    /// What is still open has no label.
    [[nodiscard]] TrainingRows finish();
    /// Of the labels that were resolved on candles, those where one candle reached stop and target.
    [[nodiscard]] std::uint64_t ambiguous() const { return ambiguous_; }

private:
    struct Open {
        base::UtcMs start;
        base::UtcMs end; // the horizon, exclusive
        int side = 1;
        double entry = 0; // 0: waits for its first print
        double stop = 0;  // prices
        double target = 0;
        double stopDistance = 0;
        double targetDistance = 0;
        double limit = 0;
        market::Quantity queue;  // at the limit, before the order; 0: not known
        market::Quantity traded; // at the limit
        double squares = 0;
        double lastClose = 0;
        std::optional<float> outcome;
        base::UtcMs decided; // the last moment looked at
        float volatility = 0;
        double decisionPrice = 0;
        std::vector<float> values;
    };
    RowMaker(const FeatureSet& set, const LabelRule& rule, std::uint32_t series);
    void open(const market::Candle& decision);
    void open(int side, const market::Candle& decision);
    void follow(const market::Candle& candle);
    void step(Open& label, double high, double low, double close, base::UtcMs last, bool isTick);
    void stepTrade(Open& label, double high, double low, base::UtcMs last, bool isTick);
    void settle(base::UtcMs now);
    void close(Open& label);
    [[nodiscard]] std::optional<float> atHorizon(const Open& label) const;
    void dropAll();
    void measure(const market::Candle& fiveMinutes);

    LabelRule rule_;
    std::optional<market::Instrument> instrument_;
    FeatureBuilder builder_;
    std::uint32_t series_;
    TrainingRows rows_;
    std::deque<Open> open_;
    market::Atr atr_;
    market::RealisedVolatility day_;
    base::UtcMs end_; // of the newest candle
    bool hasCandles_ = false;
    bool hasTicks_ = false;
    std::uint64_t ambiguous_ = 0;
};

} // namespace qd::learning
