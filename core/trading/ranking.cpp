#include "trading/ranking.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace qd::trading {

std::vector<RankedRow> ranking(std::span<const ClosedTrade> trades, const PerformanceLimits& limits)
{
    std::map<std::pair<std::string, InstrumentId>, std::vector<ClosedTrade>> groups;
    for (const auto& trade : trades) {
        if (!trade.position.inShadow) {
            const auto& decision = trade.position.decision;
            groups[{decision.strategy, decision.instrument}].push_back(trade);
        }
    }
    std::vector<RankedRow> rows;
    rows.reserve(groups.size());
    for (const auto& [key, group] : groups) {
        rows.push_back({key.first, key.second, performanceOf(group, limits)});
    }
    std::ranges::sort(rows, [](const RankedRow& a, const RankedRow& b) {
        return std::tuple(-a.performance.winInterval.lower, -static_cast<std::int64_t>(a.performance.trades),
                          a.strategy, a.instrument) < std::tuple(-b.performance.winInterval.lower,
                                                                 -static_cast<std::int64_t>(b.performance.trades),
                                                                 b.strategy, b.instrument);
    });
    return rows;
}

} // namespace qd::trading
