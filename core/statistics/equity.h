// From samples of an equity, marked to market, to daily closes, returns and drawdown. Pure. Any thread. Returns and
// drawdowns as fractions; 365 days a year. A NaN in a series makes all of its figures undefined: a hole breaks the time
// base. Source: STATISTICS.md §2.
#pragma once

#include "base/utc_time.h"
#include "statistics/measure.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace qd::statistics {

inline constexpr double daysPerYear = 365.0;

struct EquitySample {
    base::UtcMs time;
    double equity = 0;
};

/// Money from or to outside: a deposit is positive, a withdrawal negative.
struct Flow {
    base::UtcMs time;
    double amount = 0;
};

struct DailySeries {
    std::int64_t firstDay = 0;            // UTC day of the first sample, days since 1970-01-01
    std::vector<double> equity;           // the first sample, then the close of each complete day from firstDay on
    std::vector<double> flows;            // as long; flows[i] was booked between equity[i−1] and equity[i]
    std::vector<std::size_t> carriedDays; // days after firstDay that had no sample and carry the last value
};

/// §2.1. `samples` and `flows` in order of time; what lies in the day of `now` is not used. A flow up to the first
/// sample is in its equity already. TooFew without samples.
[[nodiscard]] Defined<DailySeries> dailySeries(std::span<const EquitySample> samples, std::span<const Flow> flows,
                                               base::UtcMs now);

/// r_i = (E_i − F_i)/E_{i−1} − 1; `flows` empty or as long as `equity`, else OutOfRange. Ruined where an E_{i−1} ≤ 0.
[[nodiscard]] Defined<std::vector<double>> returnsOf(std::span<const double> equity, std::span<const double> flows);

struct Drawdown {
    Measure maximum = std::unexpected(Undefined::TooFew); // 0…1
    Measure current = std::unexpected(Undefined::TooFew); // 0…1
    std::optional<std::size_t> peak;                      // the last index of the running maximum before the trough
    std::optional<std::size_t> trough;                    // the first of the deepest
    std::optional<std::size_t> recovery;                  // the first later one at the peak or over it
    Defined<std::size_t> longestUnderwater = std::unexpected(Undefined::TooFew); // samples strictly under the maximum
    Defined<bool> isRuined = std::unexpected(Undefined::TooFew);                 // went to 0 or under
};

/// Of an equity without flows, or of an index, its starting value included. At ruin: 1, and the trough is there.
[[nodiscard]] Drawdown drawdown(std::span<const double> equity);

struct ReturnOptions {
    double periodsPerYear = daysPerYear;
    double target = 0; // of Sortino's ratio, a period
};

/// How much of it may be shown with how many returns: sample_limits.h.
struct ReturnStatistics {
    std::size_t n = 0; // returns; up to the ruin if there is one
    Measure mean = std::unexpected(Undefined::TooFew);
    Measure deviation = std::unexpected(Undefined::TooFew); // n − 1
    Measure sharpe = std::unexpected(Undefined::TooFew);    // a period
    Measure sharpeAnnual = std::unexpected(Undefined::TooFew);
    Measure sortino = std::unexpected(Undefined::TooFew); // a period
    Measure sortinoAnnual = std::unexpected(Undefined::TooFew);
    Measure volatilityAnnual = std::unexpected(Undefined::TooFew);
    Measure totalReturn = std::unexpected(Undefined::TooFew);
    Measure cagr = std::unexpected(Undefined::TooFew);
    Measure calmar = std::unexpected(Undefined::TooFew);
    Drawdown drawdown;
};

/// §2.2, §2.3 of a series on a time grid; `flows` empty or as long as `equity`.
[[nodiscard]] ReturnStatistics equityStatistics(std::span<const double> equity, std::span<const double> flows = {},
                                                const ReturnOptions& options = {});
/// The same of returns whose equity is their product, from 1.
[[nodiscard]] ReturnStatistics returnStatistics(std::span<const double> returns, const ReturnOptions& options = {});

/// Mean over deviation (n − 1), a period, risk-free 0.
[[nodiscard]] Measure sharpeRatio(std::span<const double> returns);
/// (mean − target)/√(Σ min(r − target, 0)²/n): n is all observations.
[[nodiscard]] Measure sortinoRatio(std::span<const double> returns, double target = 0);

struct DatedReturn {
    std::int64_t day = 0; // from 0
    double value = 0;
};

/// Why the annualised figure of trades is no headline (§2.4): beside it stands what overlap and clustering make of it.
struct TradeClustering {
    Measure sharpePerTrade = std::unexpected(Undefined::TooFew);
    Measure tradesPerYear = std::unexpected(Undefined::TooFew);
    Measure naiveAnnual = std::unexpected(Undefined::TooFew);
    Measure sharpeDaily = std::unexpected(Undefined::TooFew);
    Measure sharpeDailyAnnual = std::unexpected(Undefined::TooFew);
    Measure inflation = std::unexpected(Undefined::TooFew);     // naive / daily
    Measure varianceRatio = std::unexpected(Undefined::TooFew); // over 1.5 the naive figure is struck through
    Measure effectiveTradesPerDay = std::unexpected(Undefined::TooFew);
};

/// Trades of the days 0…days−1; a day without trades is a return of 0. OutOfRange for a trade of another day.
[[nodiscard]] TradeClustering tradeClustering(std::span<const DatedReturn> trades, std::size_t days);

} // namespace qd::statistics
