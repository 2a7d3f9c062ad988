#include "trading/performance.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace qd::trading {

namespace {

constexpr std::size_t leastClusters = 30;
constexpr base::Millis leastSpan = 7 * base::oneDay;

using Ordered = std::vector<const ClosedTrade*>;

double drawdownOf(const Ordered& byExit, Money capital)
{
    Money equity = capital;
    Money peak = capital;
    double worst = 0;
    for (const auto* trade : byExit) {
        equity += trade->net;
        peak = std::max(peak, equity);
        if (peak.value > 0) {
            worst = std::max(worst, base::toUsdt(peak - equity) / base::toUsdt(peak));
        }
    }
    return std::min(worst, 1.0);
}

// Mean/deviation of the PnL of clusters (chains of overlapping holding times) × √(clusters a day × 365).
std::optional<double> provisionalSharpe(Ordered trades)
{
    std::ranges::sort(trades, [](const ClosedTrade* a, const ClosedTrade* b) {
        return std::tuple(a->position.entry.time, a->exit.time) < std::tuple(b->position.entry.time, b->exit.time);
    });
    std::vector<double> clusters;
    UtcMs end{INT64_MIN};
    for (const auto* trade : trades) {
        if (trade->position.entry.time > end) {
            clusters.push_back(0);
        }
        clusters.back() += base::toUsdt(trade->net);
        end = std::max(end, trade->exit.time);
    }
    if (clusters.size() < leastClusters || end - trades.front()->position.entry.time < leastSpan) {
        return std::nullopt;
    }
    const auto deviation = statistics::standardDeviation(clusters);
    if (!deviation || !(*deviation > 0)) {
        return std::nullopt;
    }
    const double days = static_cast<double>((end - trades.front()->position.entry.time).count()) /
                        static_cast<double>(base::oneDay.count());
    return *statistics::mean(clusters) / *deviation * std::sqrt(static_cast<double>(clusters.size()) / days * 365.0);
}

} // namespace

Performance performanceOf(std::span<const ClosedTrade> trades, const PerformanceLimits& limits)
{
    Performance figures;
    if (trades.empty()) {
        return figures;
    }
    Ordered ordered;
    ordered.reserve(trades.size());
    Money profit;
    Money loss;
    for (const auto& trade : trades) {
        ordered.push_back(&trade);
        figures.net += trade.net;
        figures.won += trade.net.value > 0 ? 1U : 0U;
        (trade.net.value > 0 ? profit : loss) += trade.net;
    }
    std::ranges::sort(ordered, [](const ClosedTrade* a, const ClosedTrade* b) {
        const auto key = [](const ClosedTrade* t) {
            const auto& d = t->position.decision;
            return std::tie(t->exit.time, d.instrument, t->exit.number, d.strategy);
        };
        return key(a) < key(b);
    });
    figures.trades = static_cast<std::uint32_t>(trades.size());
    figures.winRate = static_cast<double>(figures.won) / static_cast<double>(figures.trades);
    figures.winInterval = statistics::wilson(figures.won, figures.trades);
    if (loss.value < 0) {
        figures.profitFactor = base::toUsdt(profit) / -base::toUsdt(loss);
    }
    figures.maxDrawdown = drawdownOf(ordered, limits.capital);
    if (figures.trades >= limits.sharpeMinTrades) {
        figures.provisionalSharpe = provisionalSharpe(std::move(ordered));
    }
    return figures;
}

} // namespace qd::trading
