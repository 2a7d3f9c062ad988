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

/// A strategy with its default parameters, ready to be told of candles.
struct StrategyRunner {
    const StrategyInfo* info;
    std::unique_ptr<Strategy> strategy;
    std::string parameterHash;
};
/// All of the catalogue, or those named in `only`, in the catalogue's order.
[[nodiscard]] std::vector<StrategyRunner> makeRunners(const std::vector<std::string>& only);

} // namespace qd::trading
