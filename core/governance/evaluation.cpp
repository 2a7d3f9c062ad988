#include "governance/evaluation.h"

#include "governance/figure.h"
#include "statistics/equity.h"
#include "statistics/sharpe.h"
#include "trading/track_record.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace qd::governance {

using statistics::Measure;

namespace {

// capital + cumulated PnL from a day on; growth and drawdown are those of this line, since nothing compounds.
std::vector<double> equityOf(const Evidence& evidence, std::size_t first)
{
    std::vector<double> equity{evidence.capital};
    for (const auto& day : std::span(evidence.days).subspan(first)) {
        if (day.use != DayUse::NotRunning) {
            equity.push_back(equity.back() + day.pnl);
        }
    }
    return equity;
}

// `trades` in order of exit, as evidence has them; the record wants the same ones in order of entry as well.
trading::TrackRecord recordOf(std::span<const TradeResult> trades, double capital)
{
    const auto moneyOf = [](double usdt) {
        return base::Money{std::llround(usdt * static_cast<double>(base::moneyUnitsPerUsdt))};
    };
    std::vector<trading::BookTrade> booked;
    booked.reserve(trades.size());
    trading::TrackRecord record;
    for (const auto& trade : trades) {
        if (std::isfinite(trade.net)) { // what is not is counted as invalid by the statistics
            booked.push_back({.entered = trade.opened, .left = trade.closed, .net = moneyOf(trade.net)});
            record.add(booked.back(), moneyOf(capital));
        }
    }
    std::ranges::stable_sort(booked, {}, &trading::BookTrade::entered);
    for (const auto& trade : booked) {
        record.addToClusters(trade);
    }
    return record;
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
    out.days = std::min(days, runningDays(evidence));
    const auto first = newestDays(evidence, days);
    const auto end = evidence.firstDay + static_cast<std::int64_t>(evidence.days.size());
    const auto from = evidence.firstDay + static_cast<std::int64_t>(first);
    const auto trades = tradesBetween(evidence.trades, midnightOf(from), midnightOf(end));
    out.trades = statistics::tradeStatistics(netsOf(trades));
    const auto figures = statistics::equityStatistics(equityOf(evidence, first));
    out.drawdown = figures.drawdown.maximum;
    out.cagr = figures.cagr;
    const auto returns = dailyReturns(evidence, out.days);
    out.sharpe = trading::sharpeFigure(recordOf(trades, evidence.capital), returns, policy.sharpe);
    if (out.sharpe.daily().annual && out.days >= policy.psrDays) {
        const auto sample = statistics::sharpeSample(returns);
        out.psr = sample ? statistics::probabilisticSharpe(*sample) : Measure(std::unexpected(sample.error()));
    }
    return out;
}

std::string sharpeText(const Evaluation& evaluation, const FigurePolicy& policy)
{
    const auto share = [](std::size_t has, std::size_t wants, std::string_view of) {
        return std::to_string(has) + "/" + std::to_string(wants) + std::string(of);
    };
    const auto& sharpe = evaluation.sharpe;
    if (sharpe.annual) {
        return text(*sharpe.annual, Unit::Ratio) + (sharpe.isProvisional ? " provisional" : "");
    }
    if (evaluation.trades.n < policy.sharpe.sharpeMinTrades) {
        return share(evaluation.trades.n, policy.sharpe.sharpeMinTrades, "");
    }
    if (evaluation.days < policy.sharpe.sharpeDays) {
        return share(evaluation.days, policy.sharpe.sharpeDays, " days");
    }
    return std::string(statistics::sentence(sharpe.annual.error()));
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
        return trading::rankingKey(a.sharpe, a.trades.n) > trading::rankingKey(b.sharpe, b.trades.n);
    });
    return rows;
}

} // namespace qd::governance
