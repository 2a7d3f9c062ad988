#include "governance/sensitivity.h"

#include "statistics/summary.h"
#include "statistics/trade_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

namespace qd::governance {

using statistics::Measure;

namespace {

constexpr std::array wholeUnits{std::string_view("candles"), std::string_view("bars"), std::string_view("touches"),
                                std::string_view("trades"), std::string_view("count")};

bool isWhole(const trading::Parameter& parameter)
{
    return std::ranges::find(wholeUnits, parameter.unit) != wholeUnits.end();
}

// The upper 53 bits: the same on every machine, unlike the standard library's distributions.
double uniform(std::mt19937_64& random)
{
    return static_cast<double>(random() >> 11U) * 0x1.0p-53;
}

std::vector<std::size_t> shuffled(std::size_t n, std::mt19937_64& random)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = n; i > 1; --i) {
        std::swap(order[i - 1], order[random() % i]);
    }
    return order;
}

// `change` within ∓ spread.
double moved(const trading::Parameter& parameter, double value, double change)
{
    double next = value == 0 ? change * (parameter.most - parameter.least) : value * (1 + change);
    if (isWhole(parameter)) {
        next = next > value ? std::ceil(next) : std::floor(next);
    }
    return std::clamp(next, parameter.least, parameter.most);
}

bool earns(const PerturbedRun& run, double least)
{
    if (run.profitFactor) {
        return *run.profitFactor >= least;
    }
    return run.profitFactor.error() == statistics::Undefined::NoLosses;
}

} // namespace

std::vector<Perturbation> perturbations(const trading::StrategyInfo& info, const trading::ParameterSet& parameters,
                                        const SensitivityPolicy& policy, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<Perturbation> out(policy.runs, Perturbation{parameters, 1});
    const auto runs = static_cast<double>(policy.runs);
    for (const auto& parameter : info.parameters) {
        if (parameter.unit == "switch") {
            continue; // another rule, not a little more or less of this one
        }
        const auto strata = shuffled(policy.runs, random);
        for (std::size_t i = 0; i < policy.runs; ++i) {
            const double u = (static_cast<double>(strata[i]) + uniform(random)) / runs;
            const double value = moved(parameter, parameters[parameter.name], policy.spread * (2 * u - 1));
            if (auto set = out[i].parameters.set(parameter.name, value); !set) {
                throw std::logic_error(base::sentence(set.error())); // moved() keeps to the range
            }
        }
    }
    const auto costly = shuffled(policy.runs, random);
    for (std::size_t i = 0; i < std::min(policy.doubleCostRuns, policy.runs); ++i) {
        out[costly[i]].costFactor = 2;
    }
    return out;
}

UtcMs sensitivityFrom(std::span<const TradeResult> trades, UtcMs candidateSince, UtcMs now,
                      const SensitivityPolicy& policy)
{
    auto from = std::min(candidateSince, now - base::oneDay * static_cast<std::int64_t>(policy.days));
    const auto before = tradesBetween(trades, UtcMs{INT64_MIN}, now);
    if (before.size() >= policy.minTrades) {
        for (const auto& trade : before.last(policy.minTrades)) {
            from = std::min(from, trade.opened);
        }
    }
    return from;
}

PerturbedRun perturbedRun(std::span<const double> nets)
{
    const auto figures = statistics::tradeStatistics(nets);
    return {figures.n, figures.profitFactor, figures.expectancy.value};
}

Sensitivity judgeSensitivity(std::span<const SensitivityNight> nights, const SensitivityPolicy& policy)
{
    Sensitivity out;
    out.nights = std::min(nights.size(), policy.days);
    std::vector<double> expectancies;
    for (const auto& night : nights.last(out.nights)) {
        out.runs += night.runs.size();
        for (const auto& run : night.runs) {
            out.earning += earns(run, policy.minProfitFactor) ? 1U : 0U;
            expectancies.push_back(run.expectancy.value_or(0)); // a run without trades earns nothing
        }
    }
    if (out.nights == 0) {
        return out;
    }
    out.medianExpectancy = statistics::quantile(expectancies, 0.5);
    out.unchanged = nights.back().unchanged.expectancy;
    if (out.nights < policy.days || nights.back().unchanged.trades < policy.minTrades || !out.medianExpectancy ||
        !out.unchanged) {
        return out;
    }
    const bool holds = out.share() >= policy.minPass && *out.unchanged > 0 &&
                       *out.medianExpectancy >= policy.minExpectancy * *out.unchanged;
    out.state = holds ? SensitivityState::Passed : SensitivityState::Failed;
    return out;
}

} // namespace qd::governance
