// The funding rate of the loopback exchange: every 8 h at 00, 08 and 16 UTC, from the instrument's name and the hour of
// settlement alone, so that what was told before a settlement is what history says after it. Pure; any thread.
#pragma once

#include "base/utc_time.h"

#include <string>
#include <string_view>

namespace qd::exchange {

inline constexpr base::Millis fundingEvery{8 * 3'600'000};

/// The first settlement later than `now`.
[[nodiscard]] constexpr base::UtcMs nextFunding(base::UtcMs now)
{
    return base::bucketStart(now, fundingEvery) + fundingEvery;
}
/// As BloFin writes it: up to 20 decimals. Between −0.0005 and 0.0007, on average 0.0001.
[[nodiscard]] std::string fundingRateText(std::string_view instrument, base::UtcMs settlement);

} // namespace qd::exchange
