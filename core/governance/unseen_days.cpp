#include "governance/unseen_days.h"

#include "trading/trade_book.h"

#include <algorithm>

namespace qd::governance {

std::vector<std::int64_t> unseenDays(const std::set<std::int64_t>& archive, std::int64_t chosen,
                                     std::span<const trading::TrialRow> tries)
{
    const auto covers = [](const trading::TrialRow& of, std::int64_t day) {
        return day >= trading::dayOf(of.from.value_or(of.time)) && (!of.to || day <= trading::dayOf(*of.to));
    };
    std::vector<std::int64_t> out;
    for (auto day = archive.lower_bound(chosen); day != archive.begin() && out.size() < mostUnseenDays;) {
        --day;
        if (*day < chosen - longestUnseenSpan) {
            break;
        }
        if (std::ranges::none_of(tries, [&](const trading::TrialRow& of) { return covers(of, *day); })) {
            out.push_back(*day);
        }
    }
    std::ranges::reverse(out);
    return out;
}

std::int64_t chosenDay(std::span<const trading::TrialRow> tries, std::string_view parameterHash,
                       std::int64_t firstCompleteDay)
{
    auto day = firstCompleteDay - 1;
    for (const auto& of : tries) {
        if (of.parameterHash == parameterHash) {
            day = std::min(day, trading::dayOf(of.time));
        }
    }
    return day;
}

} // namespace qd::governance
