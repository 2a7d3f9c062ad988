// How many observations a figure needs to be shown, and to be shown without grey. Pure. Any thread. The numbers are the
// policy's (show.*, drift.*, sharpe.*). Source: STATISTICS.md §22.
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

/// Of deflated Sharpe and PBO, which want both days and tries.
struct TryLimits {
    std::size_t greyUnderDays = 0;
    SampleLimits tries;

    [[nodiscard]] constexpr Standing of(std::size_t days, std::size_t tried) const
    {
        const auto standing = tries.of(tried);
        return standing == Standing::Shown && days < greyUnderDays ? Standing::Grey : standing;
    }
    friend constexpr bool operator==(const TryLimits&, const TryLimits&) = default;
};

} // namespace qd::statistics
