// The figures of one subject over one window, and the ranking of many: one row a (strategy, instrument), the newest
// evaluation only. The Sharpe ratio is that of trading/track_record, as on screen; beside it stands what rules want and
// screens do not show. Pure. Any thread.
// Source: PRODUCT.md, Sharpe, honestly; STATISTICS.md §1–3, 22.
#pragma once

#include "governance/evidence.h"
#include "statistics/trade_statistics.h"
#include "trading/evaluation.h"

#include <string>
#include <vector>

namespace qd::governance {

struct Evaluation {
    Subject subject;
    std::string parameterHash;
    UtcMs at;
    statistics::TradeStatistics trades;
    std::size_t days = 0; // complete ones in the window
    trading::SharpeFigure sharpe;
    statistics::Measure psr = std::unexpected(statistics::Undefined::TooFew);      // against 0
    statistics::Measure drawdown = std::unexpected(statistics::Undefined::TooFew); // greatest, of capital + PnL
    statistics::Measure cagr = std::unexpected(statistics::Undefined::TooFew);
};

/// Over the newest `days` complete days of the evidence and the trades closed in them.
[[nodiscard]] Evaluation evaluate(const Evidence& evidence, std::size_t days, const FigurePolicy& policy, UtcMs at);
/// What stands in the place of the ratio: "1.83", "1.83 provisional", or "12/30" trades or days.
[[nodiscard]] std::string sharpeText(const Evaluation& evaluation, const FigurePolicy& policy);

/// Average loss / (average win + average loss): the win rate at which nothing is earned.
[[nodiscard]] statistics::Measure breakEvenRate(const statistics::TradeStatistics& trades);

/// Best first, in the order of trading::ranksBefore(). Of several evaluations of the same subject only the newest has a
/// row.
[[nodiscard]] std::vector<Evaluation> ranked(std::vector<Evaluation> evaluations);

} // namespace qd::governance
