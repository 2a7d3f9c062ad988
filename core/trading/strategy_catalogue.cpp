#include "trading/strategy_catalogue.h"

#include "trading/strategies/catalogue_entries.h"

#include <algorithm>
#include <array>

namespace qd::trading {

std::span<const StrategyInfo> strategyCatalogue()
{
    static const std::array all{
        breakout(),
        emaCrossover(),
    };
    return all;
}

const StrategyInfo* findStrategy(std::string_view name)
{
    const auto all = strategyCatalogue();
    const auto found = std::ranges::find(all, name, &StrategyInfo::name);
    return found == all.end() ? nullptr : &*found;
}

std::unique_ptr<Strategy> makeStrategy(const StrategyInfo& info, const ParameterSet& parameters)
{
    return info.make(parameters);
}

std::vector<StrategyRunner> makeRunners(const std::vector<std::string>& only)
{
    std::vector<StrategyRunner> runners;
    for (const auto& info : strategyCatalogue()) {
        if (only.empty() || std::ranges::find(only, info.name) != only.end()) {
            const ParameterSet parameters(info.name, info.parameters);
            runners.push_back({&info, makeStrategy(info, parameters), parameters.hash()});
        }
    }
    return runners;
}

} // namespace qd::trading
