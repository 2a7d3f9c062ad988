// UTC time in whole milliseconds, as a type of its own: it mixes with durations, never with plain numbers. Any thread.
#pragma once

#include "base/error.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace qd::base {

using Millis = std::chrono::duration<std::int64_t, std::milli>;

struct UtcMs {
    std::int64_t value = 0; // ms since 1970-01-01 00:00 UTC

    friend constexpr auto operator<=>(UtcMs, UtcMs) = default;
    friend constexpr UtcMs operator+(UtcMs t, Millis d) { return {t.value + d.count()}; }
    friend constexpr UtcMs operator-(UtcMs t, Millis d) { return {t.value - d.count()}; }
    friend constexpr Millis operator-(UtcMs a, UtcMs b) { return Millis{a.value - b.value}; }
};

inline constexpr Millis oneDay{86'400'000};

/// The start of the bucket of `width` that holds `t`; floors towards the past for times before 1970 too.
[[nodiscard]] constexpr UtcMs bucketStart(UtcMs t, Millis width)
{
    const auto rest = t.value % width.count();
    return {t.value - (rest < 0 ? rest + width.count() : rest)};
}

/// "2025-06-22T02:13:40.123Z", always 24 characters for years 0000–9999.
[[nodiscard]] std::string isoText(UtcMs t);
/// Reads what isoText() prints, also without milliseconds, without time, and as plain milliseconds ("1750507467356").
[[nodiscard]] Result<UtcMs> parseUtc(std::string_view text);

/// Where the present comes from; rules take times as arguments, engines take a Clock.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual UtcMs now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] UtcMs now() const override;
};

} // namespace qd::base
