// Decimal text as a whole mantissa and a count of digits, and from there as whole steps of a scale: the fast path
// beside base::Scale::parse for the plain forms that feeds and files are full of. Exact, or refused. Internal; pure;
// any thread.
#pragma once

#include "base/decimal.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace qd::exchange {

inline constexpr auto powersOfTen = [] {
    std::array<std::int64_t, 19> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

inline constexpr std::int64_t latestTime = std::int64_t{1} << 43; // ms; 2248: times × 2^20 stay within an id

/// mantissa × 10^-decimals, as the text has it (trailing zeros too).
struct ExactNumber {
    std::int64_t mantissa = 0;
    int decimals = 0;
};

/// Reads digits with at most one point from `at`; leaves `at` behind them. False, and `at` unmoved, where there are
/// none or more than 18.
[[nodiscard]] inline bool readPlain(const char*& at, const char* end, ExactNumber& out)
{
    const auto digit = [](char c) { return static_cast<unsigned char>(c - '0'); };
    std::uint64_t mantissa = 0; // wraps only where digits > 18, which is refused
    const char* p = at;
    for (; p < end && digit(*p) < 10; ++p) {
        mantissa = mantissa * 10 + digit(*p);
    }
    auto digits = p - at;
    int decimals = 0;
    if (p < end && *p == '.') {
        const char* const point = ++p;
        for (; p < end && digit(*p) < 10; ++p) {
            mantissa = mantissa * 10 + digit(*p);
        }
        decimals = static_cast<int>(p - point);
        digits += decimals;
    }
    if (digits == 0 || digits > 18) {
        return false;
    }
    at = p;
    out = {static_cast<std::int64_t>(mantissa), decimals};
    return true;
}

/// Steps of `scale`; false where the fast path does not answer: the step is no power of ten, or digits other than zeros
/// are left over.
[[nodiscard]] inline bool plainSteps(const ExactNumber& number, const base::Scale& scale, std::int64_t& steps)
{
    const auto step = scale.step();
    const int shift = -number.decimals - step.exponent;
    if (step.mantissa != 1 || shift < -18 || shift > 18) [[unlikely]] {
        return false;
    }
    if (shift >= 0) {
        return !__builtin_mul_overflow(number.mantissa, powersOfTen[static_cast<std::size_t>(shift)], &steps);
    }
    // "61837.63000000" on a scale of 0.01: zeros may be left over, digits not.
    const auto power = powersOfTen[static_cast<std::size_t>(-shift)];
    steps = number.mantissa / power;
    return steps * power == number.mantissa;
}

} // namespace qd::exchange
