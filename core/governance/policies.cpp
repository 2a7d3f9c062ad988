#include "governance/policies.h"

#include <cmath>

namespace qd::governance {

namespace {

class Reader {
public:
    explicit Reader(const base::PolicyValues& values) : values_(values) {}
    double real(std::string_view name) const { return base::policyValue(values_, name); }
    std::size_t whole(std::string_view name) const { return static_cast<std::size_t>(std::llround(real(name))); }
    base::Millis days(std::string_view name) const { return base::oneDay * std::llround(real(name)); }

private:
    const base::PolicyValues& values_;
};

ReviewPolicy reviewFrom(const Reader& of)
{
    return {.windowDays = of.whole("review.window_days"),
            .maxWindowDays = of.whole("review.max_window_days"),
            .evidenceDays = of.whole("evidence.window_days"),
            .minTrades = of.whole("prune.min_trades"),
            .confidence = of.real("prune.confidence"),
            .replicates = of.whole("review.replicates"),
            .reenableDays = of.whole("reenable.min_days"),
            .reenableTrades = of.whole("reenable.min_trades"),
            .reenableApartDays = of.whole("reenable.apart_days"),
            .falls = of.whole("archive.falls"),
            .fallsDays = of.whole("archive.falls_days"),
            .archiveAfterDays = of.whole("archive.after_days"),
            .candidateWinRate = of.real("librarian.min_win_rate"),
            .candidateSharpe = of.real("librarian.min_sharpe"),
            .candidateTrades = of.whole("librarian.min_trades"),
            .maxCandidates = of.whole("librarian.max_candidates"),
            .maxGap = of.real("review.max_gap"),
            .maxChanges = of.whole("review.max_changes"),
            .autoApply = of.real("review.auto_apply") != 0,
            .recordShortDays = of.whole("review.record_short_days"),
            .recordLongDays = of.whole("review.record_long_days"),
            .startEquity = of.real("paper.start_equity")};
}

} // namespace

Policies policiesFrom(const base::PolicyValues& values)
{
    const Reader of(values);
    return {.figures = {.sharpe = {.sharpeMinTrades = static_cast<std::uint32_t>(of.whole("sharpe.min_trades")),
                                   .sharpeDays = of.whole("sharpe.min_days"),
                                   .clusters = of.whole("sharpe.min_clusters"),
                                   .clusterSpan = of.days("sharpe.min_cluster_days")},
                        .psrDays = of.whole("show.psr_min_days")},
            .convergence = {.windows = of.whole("convergence.windows"),
                            .windowTrades = of.whole("convergence.window_trades"),
                            .windowSpan = of.days("convergence.window_days"),
                            .minShare = of.real("convergence.min_share")},
            .review = reviewFrom(of),
            .tooGood = {.sharpe = of.real("toogood.sharpe"),
                        .minTrades = of.whole("toogood.min_trades"),
                        .profitFactor = of.real("toogood.profit_factor"),
                        .winRate = of.real("toogood.win_rate"),
                        .payoff = of.real("toogood.payoff"),
                        .drawdown = of.real("toogood.drawdown"),
                        .cagr = of.real("toogood.cagr")},
            .sensitivity = {.days = of.whole("sensitivity.days"),
                            .minTrades = of.whole("sensitivity.min_trades"),
                            .spread = of.real("sensitivity.spread"),
                            .runs = of.whole("sensitivity.runs"),
                            .doubleCostRuns = of.whole("sensitivity.double_cost_runs"),
                            .minProfitFactor = of.real("sensitivity.min_profit_factor"),
                            .minPass = of.real("sensitivity.min_pass"),
                            .minExpectancy = of.real("sensitivity.min_expectancy")},
            .ready = {.minTrades = of.whole("ready.min_trades"),
                      .minDays = of.whole("ready.min_days"),
                      .confidence = of.real("ready.confidence"),
                      .winRate = of.real("librarian.min_win_rate"),
                      .sharpe = of.real("librarian.min_sharpe"),
                      .maxDrawdown = of.real("ready.max_drawdown"),
                      .minPsr = of.real("ready.min_psr"),
                      .minDsr = of.real("ready.min_dsr")},
            .experiment = {.minTrades = of.whole("ab.min_trades"),
                           .minWins = of.whole("ab.min_wins"),
                           .minLosses = of.whole("ab.min_losses"),
                           .verdictTrades = of.whole("ab.verdict_trades"),
                           .alpha = 1 - of.real("ab.confidence"),
                           .margin = of.real("ab.margin"),
                           .maxDays = of.whole("ab.max_days"),
                           .tightestBlocks = of.real("ab.tightest_blocks"),
                           .minBlocks = of.whole("ab.min_blocks"),
                           .srmP = of.real("ab.srm_p"),
                           .sharpeDays = of.whole("sharpe.min_days")},
            .models = {.expiry = of.days("model.expiry_days"),
                       .keepVersions = of.whole("model.keep_versions"),
                       .retireAfter = of.days("model.retire_days"),
                       .convergedVersions = of.whole("model.converged_versions"),
                       .retrainTrades = of.whole("retrain.min_trades"),
                       .retrainEvery = of.days("retrain.every_days")}};
}

} // namespace qd::governance
