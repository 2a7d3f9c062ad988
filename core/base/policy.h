// The named thresholds of the pipeline: name, unit, legal range, default, meaning. The values in force lie in the
// database (storage/policy_store); rules get them as arguments. Any thread.
// Source: PRODUCT.md, Policy and defaults. Holds the entries that the code uses today; others join with their rules.
#pragma once

#include "base/error.h"
#include "base/units.h"

#include <span>
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

/// What the paper broker charges and waits; from policy.
struct PaperPolicy {
    RatePpm takerFee{600};
    RatePpm makerFee{200};
    Millis latency{150};
    Millis limitPatience{60'000}; // how long an entry order rests
    Millis cooldown{240'000};
    Money notional = usdt(500);
    Money startEquity = usdt(10'000);
    Millis silence{30'000};       // a decision after a longer silence is made on stale data
    RatePpm assumedSlippage{500}; // of the price; charged only where fills are not made from ticks
};
[[nodiscard]] PaperPolicy defaultPaperPolicy();

} // namespace qd::base
