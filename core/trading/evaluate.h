// Makes the evaluations of a book of trades over a window: one row a (strategy, instrument) of its newest evidence, one
// a strategy over its rows, and the roster as it was. Pure. Any thread with inputs of its own; 33,400 trades take about
// ten milliseconds. Source: PRODUCT.md, Words, Paper trading, Tries are counted; STATISTICS.md §5.
#pragma once

#include "trading/evaluation.h"
#include "trading/track_record.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace qd::trading {

/// The roster's capital from that moment on.
struct CapitalChange {
    UtcMs from;
    Money capital;
};

/// Capital of `rows` that are switched on: their sum, at least `least`.
[[nodiscard]] constexpr Money rosterCapital(std::size_t rows, Money each, Money least)
{
    const Money sum{static_cast<std::int64_t>(rows) * each.value};
    return sum < least ? least : sum;
}

struct EvaluationInputs {
    const TradeBook& book;
    std::span<const BookTrade> open; // positions
    const std::map<InstrumentId, market::Instrument>& instruments;
    const std::map<InstrumentId, MidnightMarks>& marks;
    /// Strategies that have a row of their own, with trades or without, and on how many instruments each runs.
    std::map<std::string, std::size_t> strategies;
    /// The parameter hash in force. A row that is not named: its newest trade's, by entry.
    std::map<RowKey, std::string> hashes;
    std::map<std::string, std::uint32_t> tries; // of each strategy; 1 where it is not named
    std::vector<CapitalChange> capital;         // of the roster, in growing time; before the first: as that
    UtcMs from;                                 // trades that left at it or after it count
    UtcMs now;                                  // the day in which it lies is not complete
    Money rowCapital = base::usdt(1'000);
    EvaluationLimits limits;
};

/// Daily returns of the strategies that traded and have enough complete days: a column each, to the last complete day.
struct RosterReturns {
    std::vector<std::vector<double>> columns;
    friend bool operator==(const RosterReturns&, const RosterReturns&) = default;
};

struct EvaluationTable {
    std::vector<Evaluation> strategies; // ranked
    std::vector<Evaluation> rows;       // ranked
    Evaluation roster;
    RosterReturns returns;
};

[[nodiscard]] EvaluationTable evaluate(const EvaluationInputs& inputs);

/// Of the overfitting test; an odd number counts as one less (pbo.*).
struct OverfittingBlocks {
    std::size_t many = 0; // from `longDays` on
    std::size_t few = 0;
    std::size_t longDays = 0;
    friend bool operator==(const OverfittingBlocks&, const OverfittingBlocks&) = default;
};
[[nodiscard]] OverfittingBlocks overfittingBlocks(const base::PolicyValues& policy);

/// How many strategies were taken, over which days, and their PBO: TooFew where the limits hide it or the days do not
/// fill the blocks. Without the policy's words for it (doubtfulFrom, overfittedOver). About 20 ms for 13 strategies in
/// 16 blocks: worth remembering.
[[nodiscard]] Choice overfittingOf(const RosterReturns& of, const EvaluationLimits& limits,
                                   const OverfittingBlocks& blocks);

} // namespace qd::trading
