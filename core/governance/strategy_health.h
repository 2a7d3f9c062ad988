// The health of a strategy, and of the pipeline of all that are on: the same scale and labels as for the host
// (health/health_score.h), so 15 is CRITICAL here too and no evidence is UNKNOWN. Pure. Any thread.
// Source: PRODUCT.md, Health; STATISTICS.md §17.
#pragma once

#include "governance/convergence.h"
#include "governance/evaluation.h"
#include "health/health_score.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

struct HealthPart {
    std::string_view name;
    std::optional<double> score; // 0…100; empty: not known yet
    double weight = 1;
};

struct StrategyHealth {
    health::Composite whole;
    std::array<HealthPart, 3> parts; // edge 3, drawdown 2, convergence 1
    std::string cap;                 // the hard failure that holds it down, in words; empty if none
};

/// `evaluation` of its newest window. Edge: the probability that its true Sharpe ratio is over 0, from 0.5 at 50 to
/// 0.95 at 100. Drawdown: the map of §17. Convergence: the share of its newest windows that earn. A drawdown over
/// ready.max_drawdown and data that are stale are hard failures.
[[nodiscard]] StrategyHealth strategyHealth(const Evaluation& evaluation, const Convergence& convergence, bool isStale,
                                            const Policies& policies);

struct PipelineHealth {
    health::Composite whole;
    std::string cap;
};
/// The mean of those that are on, each by its own score; what is wrong with the pipeline itself (feed dead, store not
/// writing) is `hardFailure`, in words, empty if nothing.
[[nodiscard]] PipelineHealth pipelineHealth(std::span<const StrategyHealth> strategies, std::string hardFailure);

} // namespace qd::governance
