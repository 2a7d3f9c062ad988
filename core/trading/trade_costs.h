// Where the money of a closed trade went, step by step, exactly: gross − slippage − gapThroughStop − fees − funding =
// net, to the last unit. Pure. Any thread. Money in 1e-8 USDT; costs are positive.
#pragma once

#include "market/instrument.h"
#include "trading/closed_trade.h"

#include <optional>

namespace qd::trading {

struct TradeCosts {
    Money gross;          // had every fill been at its decision price
    Money slippage;       // spread and slippage of entry and exit
    Money gapThroughStop; // how far beyond its price a stop was filled
    Money fees;
    Money funding;
    Money net;
};

/// Empty where the decision price of the exit was not kept.
[[nodiscard]] std::optional<TradeCosts> costsOf(const ClosedTrade& trade, const market::Instrument& instrument);

} // namespace qd::trading
