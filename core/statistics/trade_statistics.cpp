#include "statistics/trade_statistics.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace qd::statistics {

namespace {

void fillSums(TradeStatistics& out, std::span<const double> pnl, double band)
{
    CompensatedSum net;
    CompensatedSum profit;
    CompensatedSum loss;
    std::uint64_t winStreak = 0;
    std::uint64_t lossStreak = 0;
    for (const double p : pnl) {
        const bool isWin = p > band;
        const bool isLoss = p < -band;
        net.add(p);
        if (isWin) {
            profit.add(p);
        } else if (isLoss) {
            loss.add(-p);
        }
        out.wins += isWin ? 1U : 0U;
        out.losses += isLoss ? 1U : 0U;
        winStreak = isWin ? winStreak + 1 : 0;
        lossStreak = isLoss ? lossStreak + 1 : 0;
        out.longestWinStreak = std::max(out.longestWinStreak, winStreak);
        out.longestLossStreak = std::max(out.longestLossStreak, lossStreak);
    }
    out.breakEven = out.n - out.wins - out.losses;
    out.net = net.value();
    out.grossProfit = profit.value();
    out.grossLoss = loss.value();
}

Measure profitFactorOf(const TradeStatistics& t)
{
    if (t.losses == 0) {
        return std::unexpected(t.wins > 0 ? Undefined::NoLosses : Undefined::Flat);
    }
    return measureOf(t.grossProfit / t.grossLoss);
}

double overlap(const Holding& holding, base::UtcMs from, base::UtcMs to)
{
    const auto start = std::max(holding.opened, from);
    const auto end = std::min(holding.closed.value_or(to), to);
    return end > start ? static_cast<double>((end - start).count()) : 0.0;
}

} // namespace

TradeStatistics tradeStatistics(std::span<const double> pnl, double breakEvenBand, double confidence)
{
    std::vector<double> valid;
    valid.reserve(pnl.size());
    std::ranges::copy_if(pnl, std::back_inserter(valid), [](double p) { return std::isfinite(p); });
    TradeStatistics out;
    out.n = valid.size();
    out.invalid = pnl.size() - valid.size();
    if (valid.empty()) {
        out.expectancy = {.value = std::unexpected(Undefined::NoTrades),
                          .error = std::unexpected(Undefined::NoTrades),
                          .interval = std::unexpected(Undefined::NoTrades)};
        return out;
    }
    fillSums(out, valid, breakEvenBand);
    const auto share = [](double part, std::uint64_t count, Undefined why) {
        return count > 0 ? measureOf(part / static_cast<double>(count)) : Measure(std::unexpected(why));
    };
    out.winRate = share(static_cast<double>(out.wins), out.n, Undefined::NoTrades);
    out.winInterval = wilson(out.wins, out.n, confidence);
    out.profitFactor = profitFactorOf(out);
    out.averageWin = share(out.grossProfit, out.wins, Undefined::NoWins);
    out.averageLoss = share(out.grossLoss, out.losses, Undefined::NoLosses);
    out.payoffRatio = both(out.averageWin, out.averageLoss, [](double win, double loss) { return win / loss; });
    out.expectancy = meanEstimate(valid, confidence);
    out.expectancyR = both(out.expectancy.value, out.averageLoss, [](double e, double loss) { return e / loss; });
    const auto decided = static_cast<double>(out.wins + out.losses);
    const double won = decided > 0 ? static_cast<double>(out.wins) / decided : 0.0;
    out.kelly = out.payoffRatio ? measureOf(won - (1.0 - won) / *out.payoffRatio) : out.payoffRatio;
    return out;
}

Measure clampedKelly(const Measure& kelly)
{
    return kelly ? Measure(std::clamp(*kelly, 0.0, 1.0)) : kelly;
}

bool showsEdge(const TradeStatistics& statistics)
{
    return statistics.expectancy.interval && statistics.expectancy.interval->lower > 0.0;
}

Measure continuousKelly(std::span<const double> returns)
{
    std::vector<double> valid;
    std::ranges::copy_if(returns, std::back_inserter(valid), [](double r) { return std::isfinite(r); });
    const auto spread = variance(valid);
    if (spread && *spread == 0.0) {
        return std::unexpected(Undefined::NoVariance);
    }
    return both(mean(valid), spread, [](double m, double v) { return m / v; });
}

Exposure exposure(std::span<const Holding> holdings, base::UtcMs from, base::UtcMs to, double equity)
{
    if (to <= from) {
        return {};
    }
    std::vector<std::pair<base::UtcMs, base::UtcMs>> spans;
    CompensatedSum lengths;
    CompensatedSum weighted;
    for (const auto& holding : holdings) {
        const double length = overlap(holding, from, to);
        if (length > 0.0) {
            lengths.add(length);
            weighted.add(length * holding.notional);
            spans.emplace_back(std::max(holding.opened, from), std::min(holding.closed.value_or(to), to));
        }
    }
    std::ranges::sort(spans);
    std::int64_t covered = 0;
    auto reached = from;
    for (const auto& [start, end] : spans) {
        if (end > reached) {
            covered += (end - std::max(start, reached)).count();
            reached = end;
        }
    }
    const auto window = static_cast<double>((to - from).count());
    return {.timeInMarket = static_cast<double>(covered) / window,
            .averageOpenPositions = lengths.value() / window,
            .capitalExposure = equity > 0.0 ? measureOf(weighted.value() / (window * equity))
                                            : Measure(std::unexpected(Undefined::OutOfRange))};
}

} // namespace qd::statistics
