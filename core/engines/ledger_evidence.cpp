// The part of LedgerView that says in a line what a decision was made on.
#include "engines/ledger_view.h"

#include <array>
#include <cstdio>

namespace qd::engines {

namespace {

constexpr base::Millis week = 7 * base::oneDay;

} // namespace

std::string closedLine(std::uint32_t closed, std::uint32_t won, base::Money net, base::Money gained, base::Money lost)
{
    if (closed == 0) {
        return "nothing closed";
    }
    std::array<char, 160> text{};
    (void)std::snprintf(text.data(), text.size(), "%u closed, %.0f%% won, %+.2f USDT", closed,
                        100.0 * won / static_cast<double>(closed), base::toUsdt(net));
    std::string out = text.data();
    if (lost.value > 0) {
        (void)std::snprintf(text.data(), text.size(), ", profit factor %.2f",
                            base::toUsdt(gained) / base::toUsdt(lost));
        out += text.data();
    }
    return out;
}

std::string LedgerView::evidence(const std::string& strategy, std::optional<base::InstrumentId> instrument) const
{
    std::uint32_t closed = 0;
    std::uint32_t won = 0;
    base::Money net;
    base::Money gained;
    base::Money lost;
    for (const auto& [key, row] : rows_) {
        const auto of = row.byHash.find(row.hash);
        if (key.first != strategy || (instrument && key.second != *instrument) || of == row.byHash.end()) {
            continue;
        }
        const auto& record = of->second.record;
        closed += record.trades();
        won += record.won();
        net += record.net();
        gained += record.gained();
        lost += record.lost();
    }
    return "with its parameters: " + closedLine(closed, won, net, gained, lost);
}

std::string LedgerView::evidenceOfRoster() const
{
    MinuteSum all{.minute = {}, .gained = {}, .lost = {}};
    for (const auto& sum : lately_) {
        if (sum.minute + week >= lately_.back().minute) {
            all.closed += sum.closed;
            all.won += sum.won;
            all.gained += sum.gained;
            all.lost += sum.lost;
        }
    }
    const base::Money lost{-all.lost.value};
    return "the roster, newest 7 days: " + closedLine(all.closed, all.won, all.gained + all.lost, all.gained, lost);
}

} // namespace qd::engines
