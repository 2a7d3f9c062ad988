// Results that are too good to be true: most often the future leaked in. A flag blocks a promotion until the operator
// has opened the tests and signed them off. Pure. Any thread. Source: STATISTICS.md §12.6 (the part on trading
// results); PRODUCT.md, The nightly review: candidate.
#pragma once

#include "governance/evaluation.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class TooGood : std::uint8_t { Sharpe, ProfitFactor, WinRate, Drawdown }; // in the order of the reference
[[nodiscard]] std::string_view name(TooGood flag);                             // "sharpe", "profit_factor" …

[[nodiscard]] std::vector<TooGood> tooGoodFlags(const Evaluation& evaluation, const TooGoodPolicy& policy);

/// What the tests of one parameter hash found, in words; empty: that one has not run, so nobody can have opened it.
struct TestsRun {
    std::string lookAhead;
    std::string noiseNull;
    std::string replay;
};
/// What begins with this is no result that can be signed off: the future was seen.
inline constexpr std::string_view failedTest = "failed: ";

/// What the operator has opened and signed for one parameter hash.
struct SignOffs {
    bool lookAhead = false;
    bool noiseNull = false;
    bool replay = false;

    [[nodiscard]] bool areComplete() const { return lookAhead && noiseNull && replay; }
};

} // namespace qd::governance
