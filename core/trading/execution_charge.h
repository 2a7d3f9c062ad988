// What a market order on one instrument is made worse by, beyond what is seen of it: `applied` where fills are not made
// from ticks (candles), `stress` in the pessimistic band. Learned by engines/execution_calibrator, put in force by a
// recorded input (InputKind::Calibration). Pure, plain values. Shares of the price, whole millionths (0.01 bps).
#pragma once

#include "base/error.h"
#include "base/units.h"
#include "market/tick.h"

#include <string>
#include <string_view>

namespace qd::trading {

struct SideCharge {
    base::RatePpm applied;
    base::RatePpm stress;
    friend bool operator==(const SideCharge&, const SideCharge&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(applied.value, stress.value);
    }
};

/// Of orders that buy and orders that sell, whether they open a position or end one.
struct ExecutionCharge {
    SideCharge buy;
    SideCharge sell;
    [[nodiscard]] const SideCharge& of(market::Side side) const { return side == market::Side::Buy ? buy : sell; }
    friend bool operator==(const ExecutionCharge&, const ExecutionCharge&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(buy, sell);
    }
};

/// While nothing is learned: `share` (execution.assumed_slippage) for everything.
[[nodiscard]] constexpr ExecutionCharge assumedCharge(base::RatePpm share)
{
    return {{share, share}, {share, share}};
}

/// From basis points of the decision price, to the nearest 0.01. A cost under zero is charged as none: nobody is given
/// a price that was not there. Nothing over 1,000 bps, and stress never under what is applied.
[[nodiscard]] SideCharge chargeOf(double appliedBps, double stressBps);

/// "buy=2.13/4.50|sell=1.90/3.20": basis points, applied/stress.
[[nodiscard]] std::string textOf(const ExecutionCharge& charge);
/// Malformed or OutOfRange for what textOf() does not write.
[[nodiscard]] base::Result<ExecutionCharge> executionCharge(std::string_view text);

} // namespace qd::trading
