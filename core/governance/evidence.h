// What a rule knows of a strategy: the closed trades and the daily result of one parameter hash. A changed parameter is
// other evidence. Plain values and pure functions. Any thread. Money in USDT, after costs; times UTC.
// Source: PRODUCT.md, Words; Evidence belongs to the parameter hash.
#pragma once

#include "governance/policies.h"
#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "trading/closed_trade.h"
#include "trading/trade_book.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

using base::InstrumentId;
using base::UtcMs;

/// A strategy over all its instruments, or on one of them.
struct Subject {
    std::string strategy;
    std::optional<InstrumentId> instrument;
    friend auto operator<=>(const Subject&, const Subject&) = default;
};
/// "breakout", "breakout on instrument 7".
[[nodiscard]] std::string text(const Subject& subject);

/// Where the volatility at a trade's entry lay in its own instrument's history (STATISTICS.md §14).
struct RegimeMark {
    bool isLow = false;  // at or under the low quantile
    bool isHigh = false; // at or over the high one
    friend bool operator==(const RegimeMark&, const RegimeMark&) = default;
};

struct TradeResult {
    UtcMs opened;
    UtcMs closed;
    double net = 0;
    bool inShadow = false;
    std::optional<RegimeMark> regime; // empty: the instrument has too little history
    friend bool operator==(const TradeResult&, const TradeResult&) = default;
};
[[nodiscard]] TradeResult tradeResult(const trading::ClosedTrade& trade, std::optional<RegimeMark> regime = {});

/// Whether a day counts for the clock that archives what does not converge. All days are days of the record, but those
/// on which these parameters did not run: others did, or the strategy was archived, until an undo brought them back.
enum class DayUse : std::uint8_t { Counts, NoData, Experiment, Sensitivity, NoModel, NoRegimes, NotRunning };

struct EvidenceDay {
    double pnl = 0; // marked to market; 0 on a day without a trade
    DayUse use = DayUse::Counts;
    friend bool operator==(const EvidenceDay&, const EvidenceDay&) = default;
};

struct Evidence {
    Subject subject;
    std::string parameterHash;
    double capital = 0;              // fixed; of the row, or the sum of the strategy's rows
    std::vector<TradeResult> trades; // by time of closing
    std::int64_t firstDay = 0;       // UTC day of days[0], days since 1970-01-01
    std::vector<EvidenceDay> days;   // complete UTC days without a hole
};

using trading::dayOf;
using trading::midnightOf;

/// Those closed in [from, to).
[[nodiscard]] std::span<const TradeResult> tradesBetween(std::span<const TradeResult> trades, UtcMs from, UtcMs to);
[[nodiscard]] std::vector<double> netsOf(std::span<const TradeResult> trades);
/// Days on which its parameters ran.
[[nodiscard]] std::size_t runningDays(const Evidence& evidence);
/// From which of its days on the newest `most` lie on which its parameters ran; with fewer, from the first.
[[nodiscard]] std::size_t newestDays(const Evidence& evidence, std::size_t most);
/// PnL of a day over the fixed capital, of the newest `most` days that ran; nothing compounds.
[[nodiscard]] std::vector<double> dailyReturns(const Evidence& evidence, std::size_t most = SIZE_MAX);
/// Days that count for the clock of archiving.
[[nodiscard]] std::size_t daysOnTheClock(const Evidence& evidence);
/// Closed trades a day over the newest `window` days that ran; empty before the first complete day.
[[nodiscard]] std::optional<double> tradesPerDay(const Evidence& evidence, std::size_t window);

/// Expectancy with its interval: percentile of the stationary bootstrap, or Student's for 0 replicates.
[[nodiscard]] statistics::Estimate expectancyOf(std::span<const double> nets, double confidence, std::size_t replicates,
                                                std::uint64_t seed);
/// The same seed for the same strategy, instrument and UTC day, on every machine.
[[nodiscard]] std::uint64_t seedOf(const Subject& subject, std::int64_t day, std::string_view purpose);

} // namespace qd::governance
