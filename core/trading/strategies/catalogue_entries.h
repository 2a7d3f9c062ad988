// One function a strategy, each in the file of its name; strategy_catalogue.cpp lists them. Pure. Any thread.
#pragma once

#include "trading/strategy.h"

namespace qd::trading {

[[nodiscard]] StrategyInfo breakout();
[[nodiscard]] StrategyInfo emaCrossover();

} // namespace qd::trading
