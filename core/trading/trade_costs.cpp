#include "trading/trade_costs.h"

#include "trading/execution_band.h"

namespace qd::trading {

std::optional<TradeCosts> costsOf(const ClosedTrade& trade, const market::Instrument& instrument)
{
    if (!trade.exitDecisionHalfTicks) {
        return std::nullopt;
    }
    const auto& p = trade.position;
    const bool isLong = p.decision.side == Side::Buy;
    // An entry by limit was decided at its limit: it did not want the mid, and what it gave away by waiting is told by
    // the fill rates.
    const auto entryHalfTicks = p.decision.limit ? 2 * p.decision.limit->value : p.decision.decisionPriceHalfTicks;
    const auto paid = worthOfHalfTicks(instrument, entryHalfTicks, p.size);
    const auto back = p.closedWorth + worthOfHalfTicks(instrument, *trade.exitDecisionHalfTicks, p.rest());
    const auto madeOnExit = worthOfHalfTicks(instrument, 2 * trade.exit.price.value, p.rest());
    const auto wanted = worthOfHalfTicks(instrument, *trade.exitDecisionHalfTicks, p.rest());
    TradeCosts out{.gross = isLong ? back - paid : paid - back,
                   .slippage = {},
                   .gapThroughStop = {},
                   .fees = trade.fees,
                   .funding = trade.funding,
                   .net = trade.net};
    if (trade.reason == ExitReason::Stop) {
        out.gapThroughStop = isLong ? wanted - madeOnExit : madeOnExit - wanted;
    }
    // What is left: so that the steps add up whatever was rounded on the way.
    out.slippage = out.gross - out.gapThroughStop - trade.gross;
    return out;
}

} // namespace qd::trading
