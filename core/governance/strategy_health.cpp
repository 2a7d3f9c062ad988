#include "governance/strategy_health.h"

#include "health/probe.h"

#include <algorithm>

namespace qd::governance {

namespace {

constexpr std::array edgeMap{health::Corner{0, 0}, health::Corner{0.5, 50}, health::Corner{0.95, 100}};
// STATISTICS.md §17, in percent.
constexpr std::array drawdownMap{health::Corner{0, 100}, health::Corner{5, 90}, health::Corner{10, 70},
                                 health::Corner{20, 40}, health::Corner{30, 0}};

std::optional<double> convergenceScore(const Convergence& convergence, std::size_t wanted)
{
    if (convergence.windows.size() < wanted || wanted == 0) {
        return std::nullopt;
    }
    const auto earning =
        std::ranges::count_if(convergence.windows, [](const TradeWindow& window) { return window.expectancy > 0; });
    return 100.0 * static_cast<double>(earning) / static_cast<double>(wanted);
}

} // namespace

StrategyHealth strategyHealth(const Evaluation& evaluation, const Convergence& convergence, bool isStale,
                              const Policies& policies)
{
    StrategyHealth out;
    const bool hasDays = evaluation.days > 0 && evaluation.drawdown.has_value();
    out.parts = {
        HealthPart{"edge", evaluation.psr ? health::piecewiseLinear(*evaluation.psr, edgeMap) : std::nullopt, 3},
        HealthPart{"drawdown",
                   hasDays ? health::piecewiseLinear(*evaluation.drawdown * 100, drawdownMap) : std::nullopt, 2},
        HealthPart{"convergence", convergenceScore(convergence, policies.convergence.windows), 1}};
    const bool isDeep = hasDays && *evaluation.drawdown > policies.ready.maxDrawdown;
    out.cap = isStale ? "its data are stale" : isDeep ? "its drawdown is over the limit" : "";
    std::vector<health::Component> components;
    for (const auto& part : out.parts) {
        components.push_back({part.score, part.weight, false});
    }
    components.front().isHardFail = !out.cap.empty();
    out.whole = health::composite(components);
    return out;
}

PipelineHealth pipelineHealth(std::span<const StrategyHealth> strategies, std::string hardFailure)
{
    std::vector<health::Component> components;
    for (const auto& strategy : strategies) {
        components.push_back({strategy.whole.score, 1, false});
    }
    if (!hardFailure.empty()) { // of no weight of its own: it caps what the strategies give
        components.push_back({std::nullopt, 0, true});
    }
    return {health::composite(components), std::move(hardFailure)};
}

} // namespace qd::governance
