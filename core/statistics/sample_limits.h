// How many observations a figure needs to be shown, and to be shown without grey. Pure. Any thread. The numbers are
// defaults of the policy. Source: STATISTICS.md §22.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qd::statistics {

enum class Standing : std::uint8_t { Hidden, Grey, Shown };

struct SampleLimits {
    std::size_t greyUnder = 0;
    std::size_t hiddenUnder = 0;

    [[nodiscard]] constexpr Standing of(std::size_t n) const
    {
        return n < hiddenUnder ? Standing::Hidden : n < greyUnder ? Standing::Grey : Standing::Shown;
    }
    friend constexpr bool operator==(const SampleLimits&, const SampleLimits&) = default;
};

inline constexpr SampleLimits tradeLimits{30, 0};         // win rate, profit factor, expectancy; trades
inline constexpr SampleLimits annualRatioLimits{90, 30};  // annual Sharpe, Sortino, volatility; daily returns
inline constexpr SampleLimits growthLimits{365, 30};      // CAGR, Calmar; days; grey says "extrapolated"
inline constexpr SampleLimits trackRecordLimits{60, 30};  // PSR, MinTRL; daily returns
inline constexpr SampleLimits slippageLimits{30, 10};     // fills; under 10 the prior is shown
inline constexpr SampleLimits driftLimits{100, 50};       // PSI, KS; rows a side
inline constexpr SampleLimits calibrationLimits{200, 50}; // ECE; predictions

/// DSR and PBO: grey under 120 returns or 5 trials, hidden under 2 trials.
[[nodiscard]] constexpr Standing overfittingStanding(std::size_t returns, std::size_t trials)
{
    return trials < 2 ? Standing::Hidden : returns < 120 || trials < 5 ? Standing::Grey : Standing::Shown;
}

} // namespace qd::statistics
