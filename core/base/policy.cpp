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

// What an address is written with, and nothing that could end a line or a header.
bool isAddress(std::string_view text)
{
    return (text.starts_with("http://") || text.starts_with("https://")) && isOfNames(text, "/_+-.:?=&%~#@,;!()$'[]");
}

const PolicyEntry* entryOf(std::string_view name)
{
    const auto found = std::ranges::find(policy_table::numbers, name, &PolicyEntry::name);
    return found == policy_table::numbers.end() ? nullptr : &*found;
}

RatePpm ppm(double share)
{
    return {std::llround(share * 1e6)};
}
Millis seconds(double value)
{
    return Millis{std::llround(value * 1e3)};
}
Millis days(double value)
{
    return Millis{std::llround(value * static_cast<double>(oneDay.count()))};
}
Money money(double usdt)
{
    return {std::llround(usdt * 1e8)};
}

struct PaperEntry {
    std::string_view name;
    void (*set)(PaperPolicy& policy, double value);
};
constexpr std::array paperEntries{
    // by name
    PaperEntry{"execution.assumed_slippage", [](PaperPolicy& p, double v) { p.assumedSlippage = ppm(v); }},
    PaperEntry{"feed.silence_s", [](PaperPolicy& p, double v) { p.silence = seconds(v); }},
    PaperEntry{"fees.maker", [](PaperPolicy& p, double v) { p.makerFee = ppm(v); }},
    PaperEntry{"fees.taker", [](PaperPolicy& p, double v) { p.takerFee = ppm(v); }},
    PaperEntry{"model.expiry_days", [](PaperPolicy& p, double v) { p.modelExpiry = days(v); }},
    PaperEntry{"paper.cooldown_s", [](PaperPolicy& p, double v) { p.cooldown = seconds(v); }},
    PaperEntry{"paper.latency_ms", [](PaperPolicy& p, double v) { p.latency = Millis{std::llround(v)}; }},
    PaperEntry{"paper.limit_patience_s", [](PaperPolicy& p, double v) { p.limitPatience = seconds(v); }},
    PaperEntry{"paper.notional", [](PaperPolicy& p, double v) { p.notional = money(v); }},
    PaperEntry{"paper.row_capital", [](PaperPolicy& p, double v) { p.rowCapital = money(v); }},
    PaperEntry{"paper.start_equity", [](PaperPolicy& p, double v) { p.startEquity = money(v); }},
};

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
    if (name == "backup.folder") {
        const bool isPlain =
            std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
        return text.size() <= longest && isPlain && (text.empty() || (text.starts_with('/') && text.size() > 1))
                   ? Result<void>{}
                   : fail(ErrorCode::OutOfRange, std::string(name), "is not of the form " + std::string(found->form));
    }
    const bool isZone = name == "display.zone";
    const bool isLegal =
        name.ends_with("_url") ? text.empty() || isAddress(text) : isOfNames(text, isZone ? "/_+-" : "*._@:-/\\, ");
    if (text.size() > longest || !isLegal) {
        return fail(ErrorCode::OutOfRange, std::string(name), "is not of the form " + std::string(found->form));
    }
    return {};
}

double policyValue(const PolicyValues& values, std::string_view name)
{
    const auto found = values.find(name);
    return found == values.end() ? policyDefault(name) : found->second;
}

Millis policySeconds(const PolicyValues& values, std::string_view name)
{
    return Millis{std::llround(policyValue(values, name) * 1'000)};
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

std::string policyNumber(double value)
{
    std::array<char, 400> text{}; // of any double
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
}

Result<double> policyNumberOf(std::string_view name, std::string_view text)
{
    const auto* entry = entryOf(name);
    if (entry == nullptr) {
        return fail(ErrorCode::NotFound, std::string(name), "no such policy");
    }
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || read != end) {
        return fail(ErrorCode::OutOfRange, std::string(name),
                    "\"" + std::string(text.substr(0, 100)) + "\" is not a number of " + shortText(entry->least) + "…" +
                        shortText(entry->most) + " " + std::string(entry->unit));
    }
    if (auto legal = checkPolicyValue(name, value); !legal) {
        return std::unexpected(legal.error());
    }
    return value;
}

PaperPolicy paperPolicy(const PolicyValues& values)
{
    PaperPolicy policy;
    for (const auto& [name, set] : paperEntries) {
        set(policy, policyValue(values, name));
    }
    return policy;
}

PaperPolicy defaultPaperPolicy()
{
    return paperPolicy({});
}

std::string paperPolicyText(const PolicyValues& values)
{
    std::string text;
    for (const auto& [name, set] : paperEntries) {
        if (const auto value = policyValue(values, name); value != policyDefault(name)) {
            text.append(text.empty() ? "" : "|").append(name).append("=").append(policyNumber(value));
        }
    }
    return text;
}

Result<PaperPolicy> paperPolicyOf(PaperPolicy standard, std::string_view text)
{
    while (!text.empty()) {
        const auto part = text.substr(0, text.find('|'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            return fail(ErrorCode::Malformed, "policy", "not \"name=value\": " + std::string(part.substr(0, 100)));
        }
        const auto name = part.substr(0, equals);
        const auto entry = std::ranges::find(paperEntries, name, &PaperEntry::name);
        if (entry == paperEntries.end()) {
            return fail(ErrorCode::NotFound, std::string(name.substr(0, 100)), "paper trading has no such policy");
        }
        const auto value = policyNumberOf(name, part.substr(equals + 1));
        if (!value) {
            return std::unexpected(value.error());
        }
        entry->set(standard, *value);
    }
    return standard;
}

} // namespace qd::base
