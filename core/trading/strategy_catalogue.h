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
/// Whether a strategy that runs on this instrument may ask that model ("gbt_5m", "direction_predictor@BTC-USDT").
[[nodiscard]] bool mayAsk(std::string_view modelKey, std::string_view instrument);
[[nodiscard]] bool runsOn(const StrategyInfo& info, std::string_view instrument);
[[nodiscard]] std::unique_ptr<Strategy> makeStrategy(const StrategyInfo& info, const ParameterSet& parameters);

/// A strategy with the parameters in force, its defaults at first, ready to be told of candles.
struct StrategyRunner {
    const StrategyInfo* info;
    std::unique_ptr<Strategy> strategy;
    ParameterSet parameters;
    std::string parameterHash;

    /// Puts what ParameterSet::text() wrote in force, or leaves all as it was. What was heard is kept where all lengths
    /// stay the same (other thresholds, another stop); with another length the strategy warms up anew.
    [[nodiscard]] base::Result<void> setParameters(std::string_view text, std::shared_ptr<const ModelAtHand> model);
    /// Another one that has heard the same.
    [[nodiscard]] StrategyRunner copy(std::shared_ptr<const ModelAtHand> model) const;
};
/// All of the catalogue that run on that instrument, or those of them named in `only`, in the catalogue's order.
[[nodiscard]] std::vector<StrategyRunner> makeRunners(const std::vector<std::string>& only,
                                                      std::string_view instrument);

} // namespace qd::trading
