// Trades of a rule that is known: made by seed, the same on any machine (the standard library's distributions are not).
// Pure. Not shared between threads. Money in USDT.
#pragma once

#include "governance/evidence.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace qd::governance {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : generator_(seed) {}
    [[nodiscard]] double uniform() { return static_cast<double>(generator_() >> 11U) * 0x1.0p-53; }
    [[nodiscard]] double between(double low, double high) { return low + (high - low) * uniform(); }
    [[nodiscard]] double normal()
    {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }
    [[nodiscard]] std::size_t poisson(double mean)
    {
        const double limit = std::exp(-mean);
        double rest = uniform();
        std::size_t n = 0;
        while (rest > limit) {
            rest *= uniform();
            ++n;
        }
        return n;
    }

private:
    std::mt19937_64 generator_;
};

/// A rule by what comes of it: wins and losses of varying size; days on which it does better or worse as a whole.
struct SimulatedRule {
    double winRate = 0.5;
    double win = 3;  // average
    double loss = 3; // average, positive
    double tradesPerDay = 6;
    double dayDeviation = 0.03; // of the win rate from day to day: its trades are not independent

    [[nodiscard]] double expectancy() const { return winRate * win - (1 - winRate) * loss; }
    /// E[x²] of a trade; sizes are uniform within half and one and a half of their average.
    [[nodiscard]] double square() const
    {
        constexpr double spread = 13.0 / 12.0;
        return spread * (winRate * win * win + (1 - winRate) * loss * loss);
    }
    /// Of the sum of a day, Poisson many trades.
    [[nodiscard]] double dailySharpe() const
    {
        const double common = tradesPerDay * dayDeviation * (win + loss);
        return tradesPerDay * expectancy() / std::sqrt(tradesPerDay * square() + common * common);
    }
    [[nodiscard]] double draw(Dice& dice, double rate) const
    {
        const bool isWin = dice.uniform() < rate;
        return (isWin ? win : -loss) * dice.between(0.5, 1.5);
    }
};

/// One without an edge: expectancy 0 after costs, whatever its win rate.
[[nodiscard]] inline SimulatedRule edgelessRule(double winRate, double tradesPerDay)
{
    constexpr double loss = 3;
    return {.winRate = winRate, .win = loss * (1 - winRate) / winRate, .loss = loss, .tradesPerDay = tradesPerDay};
}

/// One whose daily Sharpe ratio is `sharpe` a year, by the size of its losses.
[[nodiscard]] inline SimulatedRule ruleWithEdge(double sharpe, double winRate, double tradesPerDay)
{
    SimulatedRule rule{.winRate = winRate, .win = 3, .tradesPerDay = tradesPerDay};
    double low = 0;
    double high = 3 * winRate / (1 - winRate); // no edge
    for (int i = 0; i < 60; ++i) {
        rule.loss = (low + high) / 2;
        (rule.dailySharpe() > sharpe / std::sqrt(365.0) ? low : high) = rule.loss;
    }
    return rule;
}

} // namespace qd::governance
