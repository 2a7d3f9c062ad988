#include "base/policy.h"

#include "base/policy_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

namespace qd::base {

namespace {

// Of names and their separators; what no list of processes, units or zones has is refused before it is stored.
bool isOfNames(std::string_view text, std::string_view beside)
{
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || beside.contains(c);
    });
}

std::string shortText(double value)
{
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

const PolicyEntry* entryOf(std::string_view name)
{
    const auto found = std::ranges::find(policy_table::numbers, name, &PolicyEntry::name);
    return found == policy_table::numbers.end() ? nullptr : &*found;
}

RatePpm ppm(std::string_view name)
{
    return {std::llround(policyDefault(name) * 1e6)};
}
std::int64_t whole(std::string_view name)
{
    return std::llround(policyDefault(name));
}

} // namespace

std::span<const PolicyEntry> policyEntries()
{
    return policy_table::numbers;
}

double policyDefault(std::string_view name)
{
    const auto* entry = entryOf(name);
    if (entry == nullptr) {
        throw std::logic_error("no policy entry " + std::string(name));
    }
    return entry->standard;
}

std::span<const PolicyText> policyTexts()
{
    return policy_table::texts;
}

Result<void> checkPolicyText(std::string_view name, std::string_view text)
{
    const auto found = std::ranges::find(policy_table::texts, name, &PolicyText::name);
    if (found == policy_table::texts.end()) {
        return fail(ErrorCode::NotFound, std::string(name), "no such policy");
    }
    constexpr std::size_t longest = 1'000;
    const bool isZone = name == "display.zone";
    if (text.size() > longest || !isOfNames(text, isZone ? "/_+-" : "*._@:-/\\, ")) {
        return fail(ErrorCode::OutOfRange, std::string(name), "is not of the form " + std::string(found->form));
    }
    return {};
}

double policyValue(const PolicyValues& values, std::string_view name)
{
    const auto found = values.find(name);
    return found == values.end() ? policyDefault(name) : found->second;
}

Result<void> checkPolicyValue(std::string_view name, double value)
{
    const auto* entry = entryOf(name);
    if (entry == nullptr) {
        return fail(ErrorCode::NotFound, std::string(name), "no such policy");
    }
    const bool isSwitch = entry->unit == "switch";
    if (!(value >= entry->least && value <= entry->most) || (isSwitch && value != 0 && value != 1)) { // also NaN
        return fail(ErrorCode::OutOfRange, std::string(name),
                    shortText(value) + " is not within " + shortText(entry->least) + "…" + shortText(entry->most) +
                        " " + std::string(entry->unit));
    }
    return {};
}

PaperPolicy defaultPaperPolicy()
{
    return {.takerFee = ppm("fees.taker"),
            .makerFee = ppm("fees.maker"),
            .latency = Millis{whole("paper.latency_ms")},
            .limitPatience = Millis{whole("paper.limit_patience_s") * 1000},
            .cooldown = Millis{whole("paper.cooldown_s") * 1000},
            .notional = usdt(whole("paper.notional")),
            .startEquity = usdt(whole("paper.start_equity")),
            .rowCapital = usdt(whole("paper.row_capital")),
            .silence = Millis{whole("feed.silence_s") * 1000},
            .assumedSlippage = ppm("execution.assumed_slippage")};
}

} // namespace qd::base
