#include "statistics/equity.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

namespace {

Drawdown undefinedDrawdown(Undefined why)
{
    return {.maximum = std::unexpected(why),
            .current = std::unexpected(why),
            .longestUnderwater = std::unexpected(why),
            .isRuined = std::unexpected(why)};
}

Drawdown ruinedAt(std::span<const double> equity, std::size_t at)
{
    Drawdown out{.maximum = 1.0,
                 .current = 1.0,
                 .trough = at,
                 .longestUnderwater = std::unexpected(Undefined::Ruined),
                 .isRuined = true};
    for (std::size_t i = 0; i < at; ++i) {
        if (!out.peak || equity[i] >= equity[*out.peak]) {
            out.peak = i;
        }
    }
    return out;
}

ReturnStatistics undefinedStatistics(std::size_t n, Undefined why, Drawdown fall)
{
    const auto none = std::unexpected(why);
    return {n, none, none, none, none, none, none, none, none, none, none, std::move(fall)};
}

ReturnStatistics ruinedStatistics(std::size_t at, Drawdown fall)
{
    auto out = undefinedStatistics(at, Undefined::Ruined, std::move(fall));
    out.totalReturn = -1.0;
    out.cagr = -1.0;
    return out;
}

Measure totalReturnOf(std::span<const double> returns)
{
    if (returns.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    double product = 1.0;
    for (const double r : returns) {
        product *= 1.0 + r;
    }
    return measureOf(product - 1.0);
}

// `level` is what drawdown runs on; it and `returns` are finite, and level is over 0 throughout.
ReturnStatistics figures(std::span<const double> returns, std::span<const double> level, const ReturnOptions& options)
{
    ReturnStatistics out;
    out.n = returns.size();
    out.mean = mean(returns);
    out.deviation = standardDeviation(returns);
    out.sharpe = sharpeRatio(returns);
    out.sortino = sortinoRatio(returns, options.target);
    const double root = std::sqrt(options.periodsPerYear);
    out.sharpeAnnual = scaled(out.sharpe, root);
    out.sortinoAnnual = scaled(out.sortino, root);
    out.volatilityAnnual = scaled(out.deviation, root);
    out.totalReturn = totalReturnOf(returns);
    if (out.totalReturn) {
        out.cagr = measureOf(
            std::pow(1.0 + *out.totalReturn, options.periodsPerYear / static_cast<double>(returns.size())) - 1.0);
    }
    out.drawdown = drawdown(level);
    if (out.drawdown.maximum && *out.drawdown.maximum == 0.0) {
        out.calmar = std::unexpected(out.cagr ? Undefined::NoDrawdown : out.cagr.error());
    } else {
        out.calmar = both(out.cagr, out.drawdown.maximum, [](double growth, double fall) { return growth / fall; });
    }
    return out;
}

std::vector<double> indexOf(std::span<const double> returns)
{
    std::vector<double> index{1.0};
    index.reserve(returns.size() + 1);
    for (const double r : returns) {
        index.push_back(index.back() * (1.0 + r));
    }
    return index;
}

} // namespace

Drawdown drawdown(std::span<const double> equity)
{
    if (equity.empty() || !allFinite(equity)) {
        return undefinedDrawdown(equity.empty() ? Undefined::TooFew : Undefined::NotFinite);
    }
    const auto ruin = std::ranges::find_if(equity, [](double e) { return e <= 0.0; });
    if (ruin != equity.end()) {
        return ruinedAt(equity, static_cast<std::size_t>(ruin - equity.begin()));
    }
    Drawdown out{.maximum = 0.0, .current = 0.0, .longestUnderwater = std::size_t{0}, .isRuined = false};
    std::size_t top = 0;
    std::size_t underwater = 0;
    for (std::size_t i = 0; i < equity.size(); ++i) {
        if (equity[i] >= equity[top]) {
            top = i;
        }
        const double fall = 1.0 - equity[i] / equity[top];
        underwater = equity[i] < equity[top] ? underwater + 1 : 0;
        out.longestUnderwater = std::max(*out.longestUnderwater, underwater);
        out.current = fall;
        if (fall > *out.maximum) {
            out.maximum = fall;
            out.peak = top;
            out.trough = i;
        }
    }
    if (out.trough) {
        const auto back =
            std::ranges::find_if(equity.subspan(*out.trough + 1), [&](double e) { return e >= equity[*out.peak]; });
        if (back != equity.end()) {
            out.recovery = static_cast<std::size_t>(back - equity.begin());
        }
    }
    return out;
}

Defined<std::vector<double>> returnsOf(std::span<const double> equity, std::span<const double> flows)
{
    if (!flows.empty() && flows.size() != equity.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (!allFinite(equity) || !allFinite(flows)) {
        return std::unexpected(Undefined::NotFinite);
    }
    std::vector<double> returns;
    for (std::size_t i = 1; i < equity.size(); ++i) {
        if (!(equity[i - 1] > 0.0)) {
            return std::unexpected(Undefined::Ruined);
        }
        returns.push_back((equity[i] - (flows.empty() ? 0.0 : flows[i])) / equity[i - 1] - 1.0);
    }
    return returns;
}

ReturnStatistics equityStatistics(std::span<const double> equity, std::span<const double> flows,
                                  const ReturnOptions& options)
{
    const std::size_t n = equity.empty() ? 0 : equity.size() - 1;
    const bool isMatched = flows.empty() || flows.size() == equity.size();
    if (!isMatched || equity.empty() || !allFinite(equity) || !allFinite(flows)) {
        const auto why = !isMatched ? Undefined::OutOfRange : equity.empty() ? Undefined::TooFew : Undefined::NotFinite;
        return undefinedStatistics(n, why, undefinedDrawdown(why));
    }
    for (std::size_t i = 0; i < equity.size(); ++i) {
        const double own = equity[i] - (flows.empty() || i == 0 ? 0.0 : flows[i]);
        if (equity[i] <= 0.0 || own <= 0.0) { // also where a deposit of the same day hid it
            return ruinedStatistics(i, ruinedAt(equity, i));
        }
    }
    const auto returns = returnsOf(equity, flows);
    if (!returns) {
        return undefinedStatistics(n, returns.error(), undefinedDrawdown(returns.error()));
    }
    return flows.empty() ? figures(*returns, equity, options) : figures(*returns, indexOf(*returns), options);
}

ReturnStatistics returnStatistics(std::span<const double> returns, const ReturnOptions& options)
{
    if (!allFinite(returns)) {
        return undefinedStatistics(returns.size(), Undefined::NotFinite, undefinedDrawdown(Undefined::NotFinite));
    }
    const auto index = indexOf(returns);
    const auto ruin = std::ranges::find_if(returns, [](double r) { return r <= -1.0; });
    if (ruin != returns.end()) {
        const auto at = static_cast<std::size_t>(ruin - returns.begin()) + 1;
        return ruinedStatistics(at, ruinedAt(index, at));
    }
    return figures(returns, index, options);
}

Measure sharpeRatio(std::span<const double> returns)
{
    const auto deviation = standardDeviation(returns);
    if (deviation && *deviation == 0.0) {
        return std::unexpected(Undefined::NoVariance);
    }
    return both(mean(returns), deviation, [](double m, double s) { return m / s; });
}

Measure sortinoRatio(std::span<const double> returns, double target)
{
    if (returns.size() < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    const auto center = mean(returns);
    if (!center) {
        return center;
    }
    CompensatedSum squares;
    for (const double r : returns) {
        const double under = std::min(r - target, 0.0);
        squares.add(under * under);
    }
    const double downside = std::sqrt(squares.value() / static_cast<double>(returns.size()));
    if (downside == 0.0) {
        return std::unexpected(Undefined::NoDownside);
    }
    return measureOf((*center - target) / downside);
}

TradeClustering tradeClustering(std::span<const DatedReturn> trades, std::size_t days)
{
    TradeClustering out;
    if (days == 0 || trades.empty()) {
        return out;
    }
    std::vector<double> single;
    std::vector<double> daily(days, 0.0);
    for (const auto& trade : trades) {
        if (trade.day < 0 || static_cast<std::size_t>(trade.day) >= days) {
            const Measure none = std::unexpected(Undefined::OutOfRange);
            return {none, none, none, none, none, none, none, none};
        }
        single.push_back(trade.value);
        daily[static_cast<std::size_t>(trade.day)] += trade.value;
    }
    const double perDay = static_cast<double>(trades.size()) / static_cast<double>(days);
    const auto ratio = [](double a, double b) { return a / b; };
    out.sharpePerTrade = sharpeRatio(single);
    out.tradesPerYear = perDay * daysPerYear;
    out.naiveAnnual = scaled(out.sharpePerTrade, std::sqrt(perDay * daysPerYear));
    out.sharpeDaily = sharpeRatio(daily);
    out.sharpeDailyAnnual = scaled(out.sharpeDaily, std::sqrt(daysPerYear));
    out.inflation = both(out.naiveAnnual, out.sharpeDailyAnnual, ratio);
    out.varianceRatio = both(variance(daily), scaled(variance(single), perDay), ratio);
    out.effectiveTradesPerDay = both(Measure(perDay), out.varianceRatio, ratio);
    return out;
}

} // namespace qd::statistics
