// The figures of one row of the ledger over one window: a strategy on an instrument, or on all of its own together.
// Plain values; any thread. Money in 1e-8 USDT; shares as fractions. What is undefined says why (statistics/measure.h).
// Source: PRODUCT.md, Sharpe, honestly; STATISTICS.md §1–5, §22.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "statistics/sample_limits.h"
#include "trading/closed_trade.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace qd::trading {

/// Limits of what is shown (STATISTICS.md §22, PRODUCT.md): evaluationLimits(), of the policy.
struct EvaluationLimits {
    std::uint32_t sharpeMinTrades = 0;
    std::size_t sharpeDays = 0; // complete ones
    std::size_t sharpeGreyDays = 0;
    std::size_t clusters = 0; // of a provisional figure
    base::Millis clusterSpan{};
    double secondBenchmark = 0;      // ratio a year, of a second PSR
    std::size_t greyTrades = 0;      // win rate, profit factor, expectancy
    statistics::SampleLimits growth; // days; grey says "extrapolated"
    statistics::SampleLimits psr;    // days
    statistics::TryLimits deflated;  // and PBO
    friend bool operator==(const EvaluationLimits&, const EvaluationLimits&) = default;
};

/// The same rule where there is nothing to find (PRODUCT.md, The noise null): of the runs' expectancies.
struct NullFigures {
    std::uint32_t runs = 0;
    std::optional<double> real; // of the rule on the market as it was, the same way and span as the runs
    double median = 0;
    double p95 = 0;
    double share = 0; // of runs that did better than the real one
};

struct SharpeFigure {
    statistics::Measure annual = std::unexpected(statistics::Undefined::TooFew);
    statistics::Defined<statistics::Interval> interval = std::unexpected(statistics::Undefined::TooFew); // 95%, annual
    std::uint32_t days = 0;     // complete UTC days behind it; of a provisional one the clusters of trades
    bool isProvisional = false; // from clusters of trades: ranks below daily figures, passes no gate

    /// Itself if it is of daily returns, else undefined: what gates and proposals go by.
    [[nodiscard]] SharpeFigure daily() const { return isProvisional ? SharpeFigure{} : *this; }
};

struct Evaluation {
    std::string strategy;
    std::optional<InstrumentId> instrument; // empty: all instruments of the strategy together
    std::string parameterHash;              // of the evidence; empty: the row pools several
    std::uint32_t trades = 0;               // that count; shadow trades are not among them
    std::uint32_t won = 0;
    std::uint32_t inShadow = 0; // closed in shadow over the same window
    statistics::Measure winRate = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Interval winInterval{0.0, 1.0}; // Wilson 95%
    statistics::Measure profitFactor = std::unexpected(statistics::Undefined::NoTrades);
    statistics::Measure expectancy = std::unexpected(statistics::Undefined::NoTrades); // mean net, share of notional
    statistics::Defined<statistics::Interval> expectancyInterval = std::unexpected(statistics::Undefined::TooFew);
    Money net;
    Money optimistic;  // net under the optimistic rule of execution
    Money pessimistic; // and under the pessimistic one
    statistics::Measure maxDrawdown = std::unexpected(statistics::Undefined::NoTrades); // of the capital, 0…1
    SharpeFigure sharpe;
    statistics::Measure growth = std::unexpected(statistics::Undefined::TooFew); // a year (CAGR), of the daily equity
    std::uint32_t growthDays = 0;                                                // behind it
    statistics::Measure calmar = std::unexpected(statistics::Undefined::TooFew); // that by its deepest fall
    statistics::Measure psr = std::unexpected(statistics::Undefined::TooFew);    // that the true Sharpe is over 0
    statistics::Measure psrSecond = std::unexpected(statistics::Undefined::TooFew); // over limits.secondBenchmark
    statistics::Measure deflated = std::unexpected(statistics::Undefined::TooFew);  // the same, after two tries or more
    double tries = 1;                                                               // N_eff behind `deflated`
    statistics::Measure medianHoldSeconds = std::unexpected(statistics::Undefined::NoTrades);
    Money capital;             // of the row or rows, now; the roster's was what was switched on at each moment
    std::vector<float> equity; // cumulated net after each trade, thinned to ≤ 60 points, USDT
    std::optional<NullFigures> null;
    EvaluationLimits limits; // that it was made by

    /// It lives only where every order is filled at its decision price.
    [[nodiscard]] bool livesOnlyInOptimism() const { return optimistic.value > 0 && net.value <= 0; }
};

/// What choosing the best of the strategies by its Sharpe ratio is worth: of those with enough complete days, over the
/// days that all of them have (STATISTICS.md §6).
struct Choice {
    statistics::Measure overfitting = std::unexpected(statistics::Undefined::TooFew); // PBO
    std::size_t strategies = 0;
    std::size_t days = 0;
    statistics::Standing standing = statistics::Standing::Hidden;
    double doubtfulFrom = 0;   // pbo.doubtful
    double overfittedOver = 0; // pbo.overfitted
};

/// What rankings go by, the best greatest: standing, lower end of the interval, trades.
using RankingKey = std::tuple<int, double, std::uint64_t>;
[[nodiscard]] RankingKey rankingKey(const SharpeFigure& sharpe, std::uint64_t trades);
/// The order of rankings: by the lower end of the Sharpe's interval, daily figures before provisional ones and these
/// before none; ties by more trades, then by name.
[[nodiscard]] bool ranksBefore(const Evaluation& a, const Evaluation& b);
/// The best `n`, in order; one row each, as there is one evaluation each.
[[nodiscard]] std::vector<const Evaluation*> best(std::span<const Evaluation> all, std::size_t n);

} // namespace qd::trading
