#include "governance/evaluation.h"

#include "governance/figure.h"
#include "statistics/equity.h"
#include "trading/performance.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace qd::governance {

using statistics::Measure;

namespace {

// capital + cumulated PnL; growth and drawdown are those of this line, since nothing compounds.
std::vector<double> equityOf(const Evidence& evidence, std::size_t days)
{
    std::vector<double> equity{evidence.capital};
    for (auto i = evidence.days.size() - days; i < evidence.days.size(); ++i) {
        equity.push_back(equity.back() + evidence.days[i].pnl);
    }
    return equity;
}

std::vector<trading::HeldResult> heldResults(std::span<const TradeResult> trades)
{
    std::vector<trading::HeldResult> held;
    held.reserve(trades.size());
    for (const auto& trade : trades) {
        held.push_back({trade.opened, trade.closed, trade.net});
    }
    return held;
}

// What ranks: undefined ends of an interval rank last among their kind.
double rankedBy(const Evaluation& row)
{
    constexpr double last = -std::numeric_limits<double>::infinity();
    switch (row.kind) {
    case SharpeKind::Daily:
        return row.sharpe.interval ? row.sharpe.interval->lower : last;
    case SharpeKind::Provisional:
        return row.provisional.value_or(last);
    case SharpeKind::None:
        break;
    }
    return last;
}

} // namespace

Measure breakEvenRate(const statistics::TradeStatistics& trades)
{
    return statistics::both(trades.averageWin, trades.averageLoss,
                            [](double win, double loss) { return loss / (win + loss); });
}

Evaluation evaluate(const Evidence& evidence, std::size_t days, const FigurePolicy& policy, UtcMs at)
{
    Evaluation out{.subject = evidence.subject, .parameterHash = evidence.parameterHash, .at = at};
    out.days = std::min(days, evidence.days.size());
    const auto end = evidence.firstDay + static_cast<std::int64_t>(evidence.days.size());
    const auto from = end - static_cast<std::int64_t>(out.days);
    const auto trades = tradesBetween(evidence.trades, startOfDay(from), startOfDay(end));
    out.trades = statistics::tradeStatistics(netsOf(trades));
    const auto figures = statistics::equityStatistics(equityOf(evidence, out.days));
    out.drawdown = figures.drawdown.maximum;
    out.cagr = figures.cagr;
    if (trades.size() < policy.sharpeTrades) {
        return out;
    }
    if (out.days < policy.sharpeDays) {
        out.provisional = trading::provisionalSharpe(
            heldResults(trades),
            {.least = policy.clusters, .span = base::oneDay * static_cast<std::int64_t>(policy.clusterDays)});
        out.kind = out.provisional ? SharpeKind::Provisional : SharpeKind::None;
        return out;
    }
    const auto returns = dailyReturns(evidence, out.days);
    out.sharpe = statistics::annualised(statistics::sharpeEstimate(returns));
    out.kind = out.sharpe.value ? SharpeKind::Daily : SharpeKind::None;
    if (const auto sample = statistics::sharpeSample(returns); sample && out.days >= policy.psrDays) {
        out.psr = statistics::probabilisticSharpe(*sample);
    }
    return out;
}

std::string sharpeText(const Evaluation& evaluation, const FigurePolicy& policy)
{
    const auto share = [](std::size_t has, std::size_t wants, std::string_view of) {
        return std::to_string(has) + "/" + std::to_string(wants) + std::string(of);
    };
    switch (evaluation.kind) {
    case SharpeKind::Daily:
        return text(*evaluation.sharpe.value, Unit::Ratio);
    case SharpeKind::Provisional:
        return text(*evaluation.provisional, Unit::Ratio) + " provisional";
    case SharpeKind::None:
        break;
    }
    if (evaluation.trades.n < policy.sharpeTrades) {
        return share(evaluation.trades.n, policy.sharpeTrades, "");
    }
    if (evaluation.days < policy.sharpeDays) {
        return share(evaluation.days, policy.sharpeDays, " days");
    }
    return std::string(statistics::sentence(evaluation.sharpe.value ? statistics::Undefined::TooFew
                                                                    : evaluation.sharpe.value.error()));
}

std::vector<Evaluation> ranked(std::vector<Evaluation> evaluations)
{
    std::map<Subject, Evaluation> newest;
    for (auto& evaluation : evaluations) {
        const auto [place, isNew] = newest.try_emplace(evaluation.subject, evaluation);
        if (!isNew && place->second.at < evaluation.at) {
            place->second = std::move(evaluation);
        }
    }
    std::vector<Evaluation> rows;
    rows.reserve(newest.size());
    for (auto& [subject, evaluation] : newest) { // by name already: what is equal keeps that order
        rows.push_back(std::move(evaluation));
    }
    std::ranges::stable_sort(rows, [](const Evaluation& a, const Evaluation& b) {
        return std::tuple(a.kind, -rankedBy(a), b.trades.n) < std::tuple(b.kind, -rankedBy(b), a.trades.n);
    });
    return rows;
}

} // namespace qd::governance
