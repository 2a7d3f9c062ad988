#include "governance/convergence.h"

#include <algorithm>

namespace qd::governance {

namespace {

// The newest trades of `trades` that make a window; empty if they do not.
std::span<const TradeResult> newestWindow(std::span<const TradeResult> trades, const ConvergencePolicy& policy)
{
    UtcMs opened{INT64_MAX};
    for (std::size_t n = 1; n <= trades.size(); ++n) {
        const auto& first = trades[trades.size() - n];
        opened = std::min(opened, first.opened);
        if (n >= policy.windowTrades && trades.back().closed - opened >= policy.windowSpan) {
            return trades.last(n);
        }
    }
    return {};
}

TradeWindow figuresOf(std::span<const TradeResult> trades)
{
    TradeWindow window{.trades = trades.size(), .from = trades.front().opened, .to = trades.back().closed};
    double sum = 0;
    for (const auto& trade : trades) {
        sum += trade.net;
        window.from = std::min(window.from, trade.opened);
    }
    window.expectancy = sum / static_cast<double>(trades.size());
    return window;
}

void countRegimes(Convergence& out, std::span<const TradeResult> trades)
{
    std::size_t low = 0;
    std::size_t high = 0;
    for (const auto& trade : trades) {
        if (trade.regime) {
            ++out.marked;
            low += trade.regime->isLow ? 1U : 0U;
            high += trade.regime->isHigh ? 1U : 0U;
        }
    }
    if (out.marked > 0) {
        out.lowShare = static_cast<double>(low) / static_cast<double>(out.marked);
        out.highShare = static_cast<double>(high) / static_cast<double>(out.marked);
    }
}

} // namespace

Convergence convergenceOf(std::span<const TradeResult> trades, const ConvergencePolicy& policy)
{
    Convergence out;
    bool earns = true;
    for (auto rest = trades; out.windows.size() < policy.windows;) {
        const auto window = newestWindow(rest, policy);
        if (window.empty()) {
            break;
        }
        out.windows.push_back(figuresOf(window));
        earns = earns && out.windows.back().expectancy > 0;
        rest = rest.first(rest.size() - window.size());
    }
    countRegimes(out, trades);
    if (out.windows.size() < policy.windows) {
        out.state = Settling::TooFewTrades;
    } else if (!earns) {
        out.state = Settling::Losing;
    } else if (out.marked < policy.windows * policy.windowTrades) {
        out.state = Settling::WaitingForReference;
    } else if (out.lowShare < policy.minShare || out.highShare < policy.minShare) {
        out.state = Settling::WaitingForRegimes;
    } else {
        out.state = Settling::Converged;
    }
    return out;
}

PastConvergence pastConvergence(const Evidence& evidence, const ConvergencePolicy& policy)
{
    PastConvergence out;
    const auto end = evidence.firstDay + static_cast<std::int64_t>(evidence.days.size());
    for (auto day = end; day > evidence.firstDay && !out.everConverged; --day) {
        const auto trades = tradesBetween(evidence.trades, UtcMs{INT64_MIN}, midnightOf(day));
        const auto state = convergenceOf(trades, policy).state;
        out.everConverged = state == Settling::Converged;
        out.everEarned = out.everEarned || out.everConverged || state == Settling::WaitingForReference ||
                         state == Settling::WaitingForRegimes;
    }
    return out;
}

} // namespace qd::governance
