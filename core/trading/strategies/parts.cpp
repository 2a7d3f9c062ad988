#include "trading/strategies/parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace qd::trading {

std::size_t countOf(const ParameterSet& parameters, std::string_view name)
{
    return static_cast<std::size_t>(std::llround(parameters[name]));
}

std::optional<Bracket> bracketOf(market::Side side, market::Price price, double atr, double stopAtr, double targetAtr)
{
    if (!(atr > 0)) {
        return std::nullopt;
    }
    const std::int64_t direction = side == market::Side::Buy ? 1 : -1;
    const auto away = [&](double multiple) { return std::max<std::int64_t>(1, std::llround(multiple * atr)); };
    const Bracket bracket{.stop = {price.value - direction * away(stopAtr)},
                          .target = {price.value + direction * away(targetAtr)}};
    if (bracket.stop.value < 1 || bracket.target.value < 1) {
        return std::nullopt;
    }
    return bracket;
}

std::string figure(double value, int decimals)
{
    std::array<char, 64> text{};
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
    return error == std::errc{} ? std::string(text.data(), end) : std::string("very much");
}

} // namespace qd::trading
