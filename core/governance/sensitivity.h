// Whether a result hangs on its very parameters: a seeded Latin hypercube of joint changes, and the judgement of what
// replaying them gave. The replaying is an engine's. Pure. Any thread. Source: PRODUCT.md, Gates to `ready`:
// sensitivity.
#pragma once

#include "governance/evidence.h"
#include "trading/strategy.h"

#include <cstdint>
#include <span>
#include <vector>

namespace qd::governance {

struct Perturbation {
    trading::ParameterSet parameters;
    double costFactor = 1; // 2: at double costs
};

/// Every parameter at once within ∓ spread of its value, each stratum of each parameter once. Whole numbers (lengths in
/// candles, counts) are rounded away from today's value; all stay within their legal range. A value of zero is moved
/// within the same share of its range. The same seed gives the same changes on any machine.
[[nodiscard]] std::vector<Perturbation> perturbations(const trading::StrategyInfo& info,
                                                      const trading::ParameterSet& parameters,
                                                      const SensitivityPolicy& policy, std::uint64_t seed);

/// From when on the nights replay: since candidacy, at least so many days, stretched until the trades suffice.
[[nodiscard]] UtcMs sensitivityFrom(std::span<const TradeResult> trades, UtcMs candidateSince, UtcMs now,
                                    const SensitivityPolicy& policy);

/// What one replay gave.
struct PerturbedRun {
    std::uint64_t trades = 0;
    statistics::Measure profitFactor = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure expectancy = std::unexpected(statistics::Undefined::NoTrades); // USDT a trade
};
[[nodiscard]] PerturbedRun perturbedRun(std::span<const double> nets);

struct SensitivityNight {
    UtcMs at;
    PerturbedRun unchanged;
    std::vector<PerturbedRun> runs;
};

enum class SensitivityState : std::uint8_t { Waiting, Failed, Passed };
struct Sensitivity {
    SensitivityState state = SensitivityState::Waiting;
    std::size_t nights = 0; // that count: the newest, at most sensitivity.days
    std::size_t runs = 0;
    std::size_t earning = 0; // with a profit factor of at least sensitivity.min_profit_factor
    statistics::Measure medianExpectancy = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure unchanged = std::unexpected(statistics::Undefined::NoTrades); // of the newest night

    [[nodiscard]] double share() const
    {
        return runs == 0 ? 0 : static_cast<double>(earning) / static_cast<double>(runs);
    }
};
/// `nights` by time. All runs of the newest sensitivity.days nights pooled. A run without a losing trade earns; one
/// without trades does not. Waiting under so many nights, or while the newest unchanged run has too few trades.
[[nodiscard]] Sensitivity judgeSensitivity(std::span<const SensitivityNight> nights, const SensitivityPolicy& policy);

} // namespace qd::governance
