// One function a strategy, each in the file of its name; strategy_catalogue.cpp lists them. Pure. Any thread.
#pragma once

#include "trading/strategy.h"

namespace qd::trading {

[[nodiscard]] StrategyInfo bbSqueeze();
[[nodiscard]] StrategyInfo breakout();
[[nodiscard]] StrategyInfo candlePatterns();
[[nodiscard]] StrategyInfo emaCrossover();
[[nodiscard]] StrategyInfo mlGbt5m();
[[nodiscard]] StrategyInfo momentum();
[[nodiscard]] StrategyInfo mtfMomentumConfirm();
[[nodiscard]] StrategyInfo mtfTrendAlign();
[[nodiscard]] StrategyInfo reversal();
[[nodiscard]] StrategyInfo rsiDivergence();
[[nodiscard]] StrategyInfo supportResistance();
[[nodiscard]] StrategyInfo volumeMeanReversion();
[[nodiscard]] StrategyInfo vwapReversion();

} // namespace qd::trading
