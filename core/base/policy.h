// The named thresholds of the pipeline: name, unit, legal range, default, meaning. The values in force lie in the
// database (storage/policy_store); rules get them as arguments. Any thread.
// Source: PRODUCT.md, Policy and defaults; STATISTICS.md §5, 6, 12, 13, 16, 22. The table itself is policy_table.h.
#pragma once

#include "base/error.h"
#include "base/units.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace qd::base {

struct PolicyEntry {
    std::string_view name;
    std::string_view unit;
    double least;
    double most;
    double standard;
    std::string_view meaning;
};

[[nodiscard]] std::span<const PolicyEntry> policyEntries();
/// The default of `name`; `name` must be one of policyEntries().
[[nodiscard]] double policyDefault(std::string_view name);

/// The few that are words, not numbers.
struct PolicyText {
    std::string_view name;
    std::string_view form;
    std::string_view standard;
    std::string_view meaning;
};
[[nodiscard]] std::span<const PolicyText> policyTexts();
/// OutOfRange for a text that is not of its form (longer than 1,000 bytes, control characters, letters that no name
/// has); NotFound for an unknown name.
[[nodiscard]] Result<void> checkPolicyText(std::string_view name, std::string_view text);

/// Values in force, by name (storage::PolicyStore::values()).
using PolicyValues = std::map<std::string, double, std::less<>>;
/// The value in force, else the default; `name` must be one of policyEntries().
[[nodiscard]] double policyValue(const PolicyValues& values, std::string_view name);
/// Of an entry in seconds.
[[nodiscard]] Millis policySeconds(const PolicyValues& values, std::string_view name);
/// OutOfRange, naming the legal range; NotFound for an unknown name.
[[nodiscard]] Result<void> checkPolicyValue(std::string_view name, double value);
/// As typed and as kept in the journal: exact, without an exponent; OutOfRange for what is no number or not legal.
[[nodiscard]] std::string policyNumber(double value);
[[nodiscard]] Result<double> policyNumberOf(std::string_view name, std::string_view text);

/// What the paper broker charges and waits; from policy.
struct PaperPolicy {
    RatePpm takerFee{600};
    RatePpm makerFee{200};
    Millis latency{150};
    Millis limitPatience{60'000}; // how long an entry order rests
    Millis cooldown{240'000};
    Money notional = usdt(500);
    Money startEquity = usdt(10'000); // the least capital of the roster
    Money rowCapital = usdt(1'000);   // of one strategy on one instrument
    Millis silence{30'000};           // a decision after a longer silence is made on stale data
    Millis modelExpiry = 30 * oneDay; // a model that learned longer ago decides no more
    RatePpm assumedSlippage{500};     // of the price; charged only where fills are not made from ticks
    friend bool operator==(const PaperPolicy&, const PaperPolicy&) = default;
};
[[nodiscard]] PaperPolicy defaultPaperPolicy();
/// Of these values; what they do not name is the default.
[[nodiscard]] PaperPolicy paperPolicy(const PolicyValues& values);

/// The values of PaperPolicy that are not the defaults, "name=value|…" by name: what is recorded when they change.
[[nodiscard]] std::string paperPolicyText(const PolicyValues& values);
/// `standard` with what such a text names. Malformed or OutOfRange; NotFound for a name that is none of PaperPolicy.
[[nodiscard]] Result<PaperPolicy> paperPolicyOf(PaperPolicy standard, std::string_view text);

} // namespace qd::base
