#include "trading/performance.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace qd::trading {

namespace {

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

} // namespace

statistics::Measure provisionalSharpe(std::vector<HeldResult> trades, const ClusterLimits& limits)
{
    std::ranges::sort(trades, [](const HeldResult& a, const HeldResult& b) {
        return std::tuple(a.opened, a.closed) < std::tuple(b.opened, b.closed);
    });
    std::vector<double> clusters;
    UtcMs end{INT64_MIN};
    for (const auto& trade : trades) {
        if (trade.opened > end) {
            clusters.push_back(0);
        }
        clusters.back() += trade.net;
        end = std::max(end, trade.closed);
    }
    if (clusters.size() < std::max<std::size_t>(limits.least, 1) || end - trades.front().opened < limits.span) {
        return std::unexpected(statistics::Undefined::TooFew);
    }
    const auto deviation = statistics::standardDeviation(clusters);
    if (!deviation || !(*deviation > 0)) {
        return std::unexpected(deviation ? statistics::Undefined::NoVariance : deviation.error());
    }
    const double days =
        static_cast<double>((end - trades.front().opened).count()) / static_cast<double>(base::oneDay.count());
    return statistics::measureOf(*statistics::mean(clusters) / *deviation *
                                 std::sqrt(static_cast<double>(clusters.size()) / days * 365.0));
}

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
        std::vector<HeldResult> held;
        held.reserve(ordered.size());
        for (const auto* trade : ordered) {
            held.push_back({trade->position.entry.time, trade->exit.time, base::toUsdt(trade->net)});
        }
        if (const auto ratio = provisionalSharpe(std::move(held))) {
            figures.provisionalSharpe = *ratio;
        }
    }
    return figures;
}

} // namespace qd::trading
