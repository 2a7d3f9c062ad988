#include "trading/execution_charge.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace qd::trading {

namespace {

constexpr std::int64_t most = 100'000; // millionths: 1,000 bps

base::RatePpm rateOf(double bps)
{
    if (!std::isfinite(bps)) {
        return {most};
    }
    return {std::llround(std::clamp(bps, 0.0, static_cast<double>(most) / 100.0) * 100.0)};
}

std::string bpsText(base::RatePpm rate)
{
    const auto rest = std::to_string(rate.value % 100);
    return std::to_string(rate.value / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
}

// "2.13": digits, a point, two digits.
std::optional<base::RatePpm> bpsOf(std::string_view text)
{
    const auto point = text.find('.');
    if (point == std::string_view::npos || point == 0 || text.size() != point + 3) {
        return std::nullopt;
    }
    std::array<std::int64_t, 2> parts{};
    for (auto [part, digits] : {std::pair{&parts[0], text.substr(0, point)}, {&parts[1], text.substr(point + 1)}}) {
        const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), *part);
        if (wrong != std::errc{} || end != digits.data() + digits.size() || *part < 0 || *part > most) {
            return std::nullopt;
        }
    }
    return base::RatePpm{parts[0] * 100 + parts[1]};
}

} // namespace

SideCharge chargeOf(double appliedBps, double stressBps)
{
    const auto applied = rateOf(appliedBps);
    return {applied, std::max(applied, rateOf(stressBps))};
}

std::string textOf(const ExecutionCharge& charge)
{
    const auto side = [](const SideCharge& one) { return bpsText(one.applied) + "/" + bpsText(one.stress); };
    return "buy=" + side(charge.buy) + "|sell=" + side(charge.sell);
}

base::Result<ExecutionCharge> executionCharge(std::string_view text)
{
    const auto wrong = [&](base::ErrorCode code, const char* why) {
        return base::fail(code, "calibration", std::string(text) + ": " + why);
    };
    const auto bar = text.find('|');
    if (bar == std::string_view::npos) {
        return wrong(base::ErrorCode::Malformed, "two sides are wanted");
    }
    ExecutionCharge out;
    for (auto [name, part, target] : {std::tuple{std::string_view("buy="), text.substr(0, bar), &out.buy},
                                      {std::string_view("sell="), text.substr(bar + 1), &out.sell}}) {
        const auto slash = part.find('/');
        if (!part.starts_with(name) || slash == std::string_view::npos) {
            return wrong(base::ErrorCode::Malformed, "a side reads buy=2.13/4.50");
        }
        const auto applied = bpsOf(part.substr(name.size(), slash - name.size()));
        const auto stress = bpsOf(part.substr(slash + 1));
        if (!applied || !stress) {
            return wrong(base::ErrorCode::Malformed, "basis points with two decimals are wanted");
        }
        if (applied->value > most || stress->value > most || *stress < *applied) {
            return wrong(base::ErrorCode::OutOfRange, "0 to 1000 basis points, stress at least what is applied");
        }
        *target = {*applied, *stress};
    }
    return out;
}

} // namespace qd::trading
