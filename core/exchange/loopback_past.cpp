#include "exchange/loopback_past.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace qd::exchange {

namespace {

constexpr base::Millis minuteLength{60'000};

std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

std::int64_t minuteOf(base::UtcMs time)
{
    return base::bucketStart(time, minuteLength).value / minuteLength.count();
}

/// Log price, around 0.
double walkAt(std::uint64_t seed, std::int64_t minute)
{
    struct Wave {
        double minutes;
        double size;
    };
    constexpr std::array waves{Wave{53'000, 0.11}, Wave{9'700, 0.04},  Wave{1'870, 0.015}, Wave{311, 0.006},
                               Wave{67, 0.0025},   Wave{13.3, 0.0011}, Wave{4.1, 0.0005}};
    double sum = 0;
    for (std::size_t i = 0; i < waves.size(); ++i) {
        const auto phase = static_cast<double>(mixed(seed + i) % 10'000) / 10'000;
        sum +=
            waves[i].size * std::sin(2 * std::numbers::pi * (static_cast<double>(minute) / waves[i].minutes + phase));
    }
    return sum;
}

} // namespace

LoopbackPast::LoopbackPast(std::string_view instrument, base::UtcMs first, market::Price price, int days)
    : end_(base::bucketStart(first, minuteLength))
{
    begin_ = end_ - base::oneDay * days;
    for (const char c : instrument) {
        seed_ = mixed(seed_ ^ static_cast<unsigned char>(c));
    }
    scale_ = static_cast<double>(price.value) / std::exp(walkAt(seed_, minuteOf(end_)));
}

market::Price LoopbackPast::priceAt(std::int64_t minute) const
{
    return {std::max<std::int64_t>(1, std::llround(scale_ * std::exp(walkAt(seed_, minute))))};
}

market::Candle LoopbackPast::minuteAt(std::int64_t minute) const
{
    const auto dice = mixed(seed_ ^ static_cast<std::uint64_t>(minute));
    const auto open = priceAt(minute);
    const auto close = priceAt(minute + 1);
    const auto wick = static_cast<std::int64_t>(static_cast<double>(open.value) * 0.0004);
    const auto reach = [wick](std::uint64_t roll) {
        return wick > 0 ? static_cast<std::int64_t>(roll % static_cast<std::uint64_t>(wick)) : 0;
    };
    return {.start = {minute * minuteLength.count()},
            .open = open,
            .high = {std::max(open, close).value + reach(dice)},
            .low = {std::max<std::int64_t>(1, std::min(open, close).value - reach(dice >> 20))},
            .close = close,
            .volume = {1 + static_cast<std::int64_t>((dice >> 40) % 2'000)}};
}

std::optional<market::Candle> LoopbackPast::candle(base::UtcMs start, market::Timeframe timeframe) const
{
    const auto width = market::length(timeframe);
    if (start < begin_ || end_ < start + width) {
        return std::nullopt;
    }
    const auto first = minuteOf(start);
    auto out = minuteAt(first);
    for (auto minute = first + 1; minute < first + width / minuteLength; ++minute) {
        const auto next = minuteAt(minute);
        out.high = std::max(out.high, next.high);
        out.low = std::min(out.low, next.low);
        out.close = next.close;
        out.volume += next.volume;
    }
    return out;
}

} // namespace qd::exchange
