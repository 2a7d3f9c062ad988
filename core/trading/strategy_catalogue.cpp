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

} // namespace qd::trading
