#include "exchange/loopback_faults.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Millis;
using base::Result;

namespace {

constexpr std::array<std::string_view, faultKinds> names{"drop",    "stall",   "stallone", "duplicate", "late",
                                                         "lose",    "holes",   "garbage",  "huge",      "rest403",
                                                         "rest429", "rest500", "short"};
constexpr double longestMean = 1e7; // seconds; a third of a year
constexpr double mostSkew = 86'400;

std::string known()
{
    std::string out;
    for (const auto word : names) {
        out.append(word).append(", ");
    }
    return out + "skew";
}

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

Result<FaultRate> rateOf(std::string_view word, std::string_view text)
{
    const bool isTime = text.ends_with('s');
    const auto value = number(isTime ? text.substr(0, text.size() - 1) : text);
    if (!value) {
        return fail(ErrorCode::Malformed, "faults",
                    std::string(word) + " wants a chance from 0 to 1, or mean seconds as in 30s; not '" +
                        std::string(text) + "'");
    }
    if (isTime && !(*value > 0 && *value <= longestMean)) {
        return fail(ErrorCode::OutOfRange, "faults",
                    std::string(word) + " wants mean seconds over 0 and up to 10000000; not " + std::string(text));
    }
    if (!isTime && !(*value >= 0 && *value <= 1)) {
        return fail(ErrorCode::OutOfRange, "faults",
                    std::string(word) + " wants a chance from 0 to 1; not " + std::string(text) +
                        " (mean seconds are written with an s)");
    }
    return isTime ? FaultRate{.meanSeconds = *value} : FaultRate{.chance = *value};
}

Result<Millis> skewOf(std::string_view text)
{
    const auto value = number(text.ends_with('s') ? text.substr(0, text.size() - 1) : text);
    if (!value) {
        return fail(ErrorCode::Malformed, "faults", "skew wants seconds, as in -2.5s; not '" + std::string(text) + "'");
    }
    if (std::abs(*value) > mostSkew) {
        return fail(ErrorCode::OutOfRange, "faults", "skew wants at most 86400 seconds; not " + std::string(text));
    }
    return Millis{std::llround(*value * 1'000)};
}

Result<void> readOne(LoopbackFaults& out, std::set<std::string_view>& seen, std::string_view item)
{
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) {
        return fail(ErrorCode::Malformed, "faults", "'" + std::string(item) + "' is not of the form name=value");
    }
    const auto word = item.substr(0, equals);
    const auto value = item.substr(equals + 1);
    const auto* const found = std::find(names.begin(), names.end(), word);
    if (found == names.end() && word != "skew") {
        return fail(ErrorCode::Malformed, "faults", "'" + std::string(word) + "' is not one of " + known());
    }
    if (!seen.insert(word).second) {
        return fail(ErrorCode::Malformed, "faults", std::string(word) + " is given twice");
    }
    if (found == names.end()) {
        const auto skew = skewOf(value);
        out.skew = skew.value_or(Millis{0});
        return skew ? Result<void>{} : std::unexpected(skew.error());
    }
    const auto rate = rateOf(word, value);
    out.rates[static_cast<std::size_t>(found - names.begin())] = rate.value_or(FaultRate{});
    return rate ? Result<void>{} : std::unexpected(rate.error());
}

} // namespace

std::string_view name(Fault fault)
{
    return names[static_cast<std::size_t>(fault)];
}

Result<LoopbackFaults> parseFaults(std::string_view text)
{
    LoopbackFaults out;
    std::set<std::string_view> seen;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto read = readOne(out, seen, text.substr(0, comma)); !read) {
            return std::unexpected(read.error());
        }
        if (comma == text.size() - 1) {
            return fail(ErrorCode::Malformed, "faults", "nothing follows the last comma");
        }
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return out;
}

LoopbackDice::LoopbackDice(const LoopbackFaults& faults, std::uint64_t seed)
{
    for (std::size_t i = 0; i < faultKinds; ++i) {
        const auto& rate = faults.rates[i];
        dice_.push_back({rate, SimulatorRandom(seed * 0x9E3779B97F4A7C15ULL + i + 1)});
        hasAny_ = hasAny_ || rate.chance > 0 || rate.meanSeconds > 0;
    }
}

bool LoopbackDice::roll(Fault fault, base::UtcMs now)
{
    auto& die = dice_[static_cast<std::size_t>(fault)];
    if (die.rate.meanSeconds > 0) {
        const bool waits = die.dueAt.value != INT64_MIN;
        const bool isDue = waits && now >= die.dueAt;
        if (!waits || isDue) {
            die.dueAt = now + Millis{std::llround(die.rate.meanSeconds * 1'000 * die.random.exponential())};
        }
        return isDue;
    }
    return die.rate.chance > 0 && die.random.uniform() <= die.rate.chance;
}

std::int64_t LoopbackDice::upTo(Fault fault, std::int64_t most)
{
    return 1 + static_cast<std::int64_t>(dice_[static_cast<std::size_t>(fault)].random.bits() %
                                         static_cast<std::uint64_t>(most));
}

} // namespace qd::exchange
