// All strategies, in one list: adding one is one file in strategies/ and one line in strategy_catalogue.cpp.
// Pure. Any thread.
#pragma once

#include "trading/strategy.h"

#include <memory>
#include <span>
#include <string_view>

namespace qd::trading {

[[nodiscard]] std::span<const StrategyInfo> strategyCatalogue();
/// Null for an unknown name.
[[nodiscard]] const StrategyInfo* findStrategy(std::string_view name);
[[nodiscard]] std::unique_ptr<Strategy> makeStrategy(const StrategyInfo& info, const ParameterSet& parameters);

} // namespace qd::trading
