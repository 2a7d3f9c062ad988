// What an entry at a bar's close came to: profit taken, stopped, or its time ran out. Pure. Any thread. Prices in any
// one unit, returns as fractions. Source: STATISTICS.md §11.
#pragma once

#include "statistics/measure.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace qd::learning {

struct PriceBar {
    double high = 0;
    double low = 0;
    double close = 0;
};

enum class BarrierPrice : std::uint8_t {
    Touch, // the orders rest at the exchange: the bar's high and low fill them
    Close, // only closes are looked at
};

struct BarrierRule {
    double takeProfit = 1; // in volatilities of the event
    double stopLoss = 1;
    BarrierPrice price = BarrierPrice::Touch;
    double roundTripCost = 0; // fraction of the entry
};

struct BarrierEvent {
    std::size_t index = 0; // the entry is the close of this bar
    int side = 1;          // 1 long, −1 short
    double volatility = 0; // fraction, known at `index`
    std::size_t horizon = 1;
};

enum class BarrierReason : std::uint8_t { TakeProfit, StopLoss, Vertical, Incomplete };
[[nodiscard]] std::string_view name(BarrierReason reason); // "tp", "sl", "vertical", "incomplete"

struct BarrierOutcome {
    double entry = 0;
    double takeProfit = 0;
    double stopLoss = 0;
    BarrierReason reason = BarrierReason::Incomplete;
    std::optional<int> label;            // 1, −1, 0 at the horizon; none where the horizon lies beyond the data
    std::optional<std::size_t> endIndex; // the last bar that the label looked at: t1
    std::optional<double> result;        // return after costs
    bool isAmbiguous = false;            // one bar reached both; the stop counts
};

/// Requires event.index < bars.size(). An event whose horizon is beyond the data has no label even where a barrier was
/// touched: otherwise only quick outcomes would survive at the edge.
[[nodiscard]] BarrierOutcome tripleBarrier(std::span<const PriceBar> bars, const BarrierEvent& event,
                                           const BarrierRule& rule);

/// The share of labelled outcomes that are ambiguous; over 5 % wants smaller bars.
[[nodiscard]] statistics::Measure ambiguousShare(std::span<const BarrierOutcome> outcomes);

} // namespace qd::learning
