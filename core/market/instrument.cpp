#include "market/instrument.h"

#include <algorithm>
#include <limits>

namespace qd::market {

const char* name(GapCause cause)
{
    switch (cause) {
    case GapCause::Socket:
        return "socket";
    case GapCause::Silence:
        return "silence";
    case GapCause::Frozen:
        return "frozen";
    case GapCause::Sleep:
        return "sleep";
    case GapCause::Stopped:
        return "stopped";
    case GapCause::Crash:
        return "crash";
    case GapCause::Disk:
        return "disk";
    case GapCause::Exchange:
        return "exchange";
    case GapCause::Clock:
        return "clock";
    }
    return "?";
}

base::Result<base::Money> Instrument::notional(Price price, Quantity size) const
{
    // price·size·(tick·lot·contract) in units of 1e-8: one 128-bit product, one rounding.
    const auto tickStep = tick.step();
    const auto lotStep = lot.step();
    const auto overflow = [&] {
        return base::fail(base::ErrorCode::Overflow, name, "price × size exceeds the range of money");
    };
    base::Int128 product = 1;
    for (const std::int64_t factor :
         {price.value, size.value, tickStep.mantissa, lotStep.mantissa, contractValue.mantissa}) {
        if (__builtin_mul_overflow(product, static_cast<base::Int128>(factor), &product)) {
            return overflow();
        }
    }
    int exponent = tickStep.exponent + lotStep.exponent + contractValue.exponent + 8;
    for (; exponent > 0; --exponent) {
        if (__builtin_mul_overflow(product, static_cast<base::Int128>(10), &product)) {
            return overflow();
        }
    }
    if (exponent < 0) {
        base::Int128 divisor = 1;
        for (; exponent < 0 && exponent > -37; ++exponent) {
            divisor *= 10;
        }
        const auto rest = product % divisor;
        auto quotient = product / divisor;
        const auto half = divisor / 2;
        const auto size128 = rest < 0 ? -rest : rest;
        if (size128 > half || (size128 == half && quotient % 2 != 0)) {
            quotient += product < 0 ? -1 : 1;
        }
        product = quotient;
    }
    if (product > std::numeric_limits<std::int64_t>::max() || product < std::numeric_limits<std::int64_t>::min()) {
        return overflow();
    }
    return base::Money{static_cast<std::int64_t>(product)};
}

Quantity Instrument::sizeFor(base::Money target, Price price) const
{
    // Bisection on the exact notional: no division of decimals, no rounding of our own. The estimate only says where to
    // begin.
    const auto fits = [&](std::int64_t lots) {
        const auto worth = notional(price, Quantity{lots});
        return worth && *worth <= target;
    };
    std::int64_t low = minSize.value;
    const double estimate = base::toUsdt(target) / (priceValue(price) * coins({1}));
    if (estimate < 1e15) {
        const auto begin = static_cast<std::int64_t>(estimate) - 1;
        low = begin > low && fits(begin) ? begin : low;
    }
    std::int64_t step = 1;
    for (; fits(low + step) && step < std::numeric_limits<std::int64_t>::max() / 8; step *= 2) {
        low += step;
    }
    std::int64_t high = low + step;
    while (low + 1 < high) {
        const auto middle = low + (high - low) / 2;
        (fits(middle) ? low : high) = middle;
    }
    return {low};
}

} // namespace qd::market
