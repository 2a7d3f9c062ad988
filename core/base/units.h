// Exact amounts as strong types: they mix only where that has a meaning. Whole numbers, so sums are exact. Any thread.
#pragma once

#include "base/int128.h"
#include "base/utc_time.h"

#include <compare>
#include <cstdint>
#include <functional>

namespace qd::base {

/// A whole number of Tag's steps. Adds, subtracts and compares with its own kind only.
template <typename Tag>
struct Count {
    std::int64_t value = 0;

    friend constexpr auto operator<=>(Count, Count) = default;
    friend constexpr Count operator+(Count a, Count b) { return {a.value + b.value}; }
    friend constexpr Count operator-(Count a, Count b) { return {a.value - b.value}; }
    friend constexpr Count operator-(Count a) { return {-a.value}; }
    constexpr Count& operator+=(Count b)
    {
        value += b.value;
        return *this;
    }
    constexpr Count& operator-=(Count b)
    {
        value -= b.value;
        return *this;
    }
};

using Price = Count<struct PriceTag>;       // in the instrument's ticks
using Quantity = Count<struct QuantityTag>; // in the instrument's lots
using Money = Count<struct MoneyTag>;       // in 1e-8 USDT: ±9.2e10 USDT
using StreamNumber =
    Count<struct StreamTag>; // 1, 2, 3 … in the order in which ingest handed an instrument's items over
using InstrumentId = Count<struct InstrumentTag>; // row of the instrument in its database

inline constexpr std::int64_t moneyUnitsPerUsdt = 100'000'000;
[[nodiscard]] constexpr Money usdt(std::int64_t whole)
{
    return {whole * moneyUnitsPerUsdt};
}
[[nodiscard]] constexpr double toUsdt(Money m)
{
    return static_cast<double>(m.value) / static_cast<double>(moneyUnitsPerUsdt);
}

/// a × numerator / denominator, rounded half to even, 128 bits inside. Requires denominator > 0 and a result that fits.
[[nodiscard]] constexpr std::int64_t mulDiv(std::int64_t a, std::int64_t numerator, std::int64_t denominator)
{
    const auto product = static_cast<Int128>(a) * numerator;
    auto quotient = product / denominator;
    const auto rest = product % denominator;
    const auto twice = (rest < 0 ? -rest : rest) * 2;
    if (twice > denominator || (twice == denominator && quotient % 2 != 0)) {
        quotient += product < 0 ? -1 : 1;
    }
    return static_cast<std::int64_t>(quotient);
}

/// A share or rate as whole millionths (0.0006 is 600), so that fees are exact. Policy values are read into this.
struct RatePpm {
    std::int64_t value = 0;
    friend constexpr auto operator<=>(RatePpm, RatePpm) = default;
};
[[nodiscard]] constexpr Money operator*(Money amount, RatePpm rate)
{
    return {mulDiv(amount.value, rate.value, 1'000'000)};
}

} // namespace qd::base

template <typename Tag>
struct std::hash<qd::base::Count<Tag>> {
    std::size_t operator()(qd::base::Count<Tag> c) const noexcept { return std::hash<std::int64_t>{}(c.value); }
};
