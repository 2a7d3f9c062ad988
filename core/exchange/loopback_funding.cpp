#include "exchange/loopback_funding.h"

#include "exchange/market_simulator.h"

#include <algorithm>

namespace qd::exchange {

std::string fundingRateText(std::string_view instrument, base::UtcMs settlement)
{
    std::uint64_t seed = 0xcbf29ce484222325; // FNV-1a
    for (const char c : instrument) {
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    SimulatorRandom random(seed ^ static_cast<std::uint64_t>(settlement.value));
    constexpr std::int64_t mean = 10'000'000'000'000'000; // 0.0001 in steps of 1e-20
    constexpr double width = 1.5e16;
    const auto steps = mean + static_cast<std::int64_t>(std::clamp(width * random.shock(), -6.0 * mean, 6.0 * mean));
    auto digits = std::to_string(steps < 0 ? -steps : steps);
    digits.insert(0, 20 - std::min<std::size_t>(20, digits.size()), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    return (steps < 0 ? "-0." : "0.") + (digits.empty() ? "0" : digits);
}

} // namespace qd::exchange
