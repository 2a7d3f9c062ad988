#include "governance/too_good.h"

namespace qd::governance {

std::string_view name(TooGood flag)
{
    switch (flag) {
    case TooGood::Sharpe:
        return "sharpe";
    case TooGood::ProfitFactor:
        return "profit_factor";
    case TooGood::WinRate:
        return "win_rate";
    case TooGood::Drawdown:
        return "drawdown";
    }
    return "";
}

std::vector<TooGood> tooGoodFlags(const Evaluation& evaluation, const TooGoodPolicy& policy)
{
    std::vector<TooGood> flags;
    const auto reaches = [](const statistics::Measure& value, double limit) { return value && *value >= limit; };
    const auto& trades = evaluation.trades;
    const bool hasTrades = trades.n >= policy.minTrades;
    if (reaches(evaluation.sharpe.daily().annual, policy.sharpe)) {
        flags.push_back(TooGood::Sharpe);
    }
    if (hasTrades && reaches(trades.profitFactor, policy.profitFactor)) {
        flags.push_back(TooGood::ProfitFactor);
    }
    // Without a loss there is no payoff ratio; winning always is no less suspicious for it.
    const bool neverLost = trades.losses == 0 && trades.wins > 0;
    if (hasTrades && reaches(trades.winRate, policy.winRate) &&
        (neverLost || reaches(trades.payoffRatio, policy.payoff))) {
        flags.push_back(TooGood::WinRate);
    }
    if (evaluation.drawdown && *evaluation.drawdown < policy.drawdown && reaches(evaluation.cagr, policy.cagr)) {
        flags.push_back(TooGood::Drawdown);
    }
    return flags;
}

} // namespace qd::governance
