// What execution costs, measured: slippage with an average that forgets, drawn towards a prior; fill rate of limit
// orders; hold time. Pure. Any thread. Slippage in basis points of the decision price; positive is a cost.
// Source: STATISTICS.md §16.
#pragma once

#include "base/utc_time.h"
#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace qd::statistics {

struct Fill {
    int side = 1;             // +1 buy, −1 sell
    double decisionPrice = 0; // mid, else last, when the signal was final; NaN: missing
    double fillPrice = 0;     // mean over partial fills by quantity, without fees
    double quantity = 0;
};

/// side·(fill − decision)/decision·10⁴; NotFinite where the decision price is missing or not over 0.
[[nodiscard]] Measure slippageBps(const Fill& fill);

enum class Calibration : std::uint8_t { Uncalibrated, Provisional, Calibrated, Stale };
[[nodiscard]] std::string_view name(Calibration calibration); // "UNCALIBRATED" …

struct SlippageOptions { // all but the confidence are the policy's (execution.*)
    double halfLifeFills = 0;
    double priorBps = 0;
    double priorStrength = 0; // in fills
    double confidence = 0.95;
    std::uint64_t provisionalFrom = 0; // fills
    std::uint64_t calibratedFrom = 0;
    base::Millis staleAfter{};
    friend bool operator==(const SlippageOptions&, const SlippageOptions&) = default;
};

/// Mean with the weight of a value halved each `halfLife` values, the newest 1.
struct FadingMean {
    Measure mean = std::unexpected(Undefined::TooFew);
    double effective = 0;                                   // n_eff = (Σw)²/Σw²
    Measure deviation = std::unexpected(Undefined::TooFew); // undefined for one value
    Measure error = std::unexpected(Undefined::TooFew);
    Defined<Interval> interval = std::unexpected(Undefined::TooFew); // Student's, n_eff − 1 degrees of freedom
};
/// `values` oldest first.
[[nodiscard]] FadingMean fadingMean(std::span<const double> values, double halfLife, double confidence = 0.95);

/// (n_eff·m + k·prior)/(n_eff + k); the prior without values.
[[nodiscard]] double shrunkMean(const FadingMean& fading, double prior, double strength);

struct SlippageStatistics {
    std::vector<Measure> eachBps; // of each fill
    std::uint64_t n = 0;          // fills that count
    std::uint64_t unusable = 0;   // without a decision price
    Measure mean = std::unexpected(Undefined::TooFew);
    Measure weightedMean = std::unexpected(Undefined::TooFew); // by decision price · quantity
    Measure median = std::unexpected(Undefined::TooFew);
    Measure p95 = std::unexpected(Undefined::TooFew);
    FadingMean fading;
    double shrunk = 0;   // the plain formula, whatever the number of fills
    double toCharge = 0; // what a fill is charged: the prior alone until provisional, else shrunk
    Calibration calibration = Calibration::Uncalibrated;
};

/// `fills` oldest first; `age` of the newest one, for Stale.
[[nodiscard]] SlippageStatistics slippageStatistics(std::span<const Fill> fills, const SlippageOptions& options,
                                                    base::Millis age = base::Millis{0});

enum class OrderState : std::uint8_t { Open, Filled, Partial, Cancelled, Expired, Rejected };

struct LimitOrder {
    OrderState state = OrderState::Open;
    double submitted = 0; // quantity
    double filled = 0;
};

struct FillRate {
    std::uint64_t eligible = 0; // came to an end at the exchange: not rejected, not still open
    std::uint64_t full = 0;
    std::uint64_t any = 0;
    Measure fullRate = std::unexpected(Undefined::TooFew);
    Measure anyRate = std::unexpected(Undefined::TooFew);
    Measure quantityRate = std::unexpected(Undefined::TooFew);
    Interval fullInterval{0.0, 1.0}; // Wilson's
};
[[nodiscard]] FillRate fillRate(std::span<const LimitOrder> orders, double confidence = 0.95);

struct HoldTime { // seconds; open positions are counted apart: they would draw the mean down
    std::uint64_t closed = 0;
    std::uint64_t open = 0;
    Measure mean = std::unexpected(Undefined::NoTrades);
    Measure median = std::unexpected(Undefined::NoTrades);
    Measure p90 = std::unexpected(Undefined::NoTrades);
    Measure longest = std::unexpected(Undefined::NoTrades);
};
struct Held {
    base::UtcMs opened;
    std::optional<base::UtcMs> closed;
};
[[nodiscard]] HoldTime holdTime(std::span<const Held> positions);

} // namespace qd::statistics
