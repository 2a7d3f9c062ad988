// Which archive days speak for parameters beside those on which they ran: days that nobody can have looked at when he
// chose them. Pure. Any thread. Days are UTC, since 1970-01-01. Source: PRODUCT.md, Tries are counted; Gates to
// `ready`.
#pragma once

#include "trading/ledger_page.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace qd::governance {

inline constexpr std::size_t mostUnseenDays = 90;      // the newest; a night has to replay them
inline constexpr std::int64_t longestUnseenSpan = 365; // before the choice: what is older is of another market

/// Those of `archive` in the year before the day `chosen` that none of the family's `tries` covered, oldest first. A
/// try covers the range it was evaluated on, its first and last day too; one without a range has run only forwards, and
/// covers from its own time on: its results were there to be looked at.
[[nodiscard]] std::vector<std::int64_t> unseenDays(const std::set<std::int64_t>& archive, std::int64_t chosen,
                                                   std::span<const trading::TrialRow> tries);

/// The day on which parameters were chosen: that of their first try, and never later than the day on which their record
/// began, which is the one before its first complete day. What runs is no archive day beside it.
[[nodiscard]] std::int64_t chosenDay(std::span<const trading::TrialRow> tries, std::string_view parameterHash,
                                     std::int64_t firstCompleteDay);

} // namespace qd::governance
