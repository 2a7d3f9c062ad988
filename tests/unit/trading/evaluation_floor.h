// A book of trades under construction, and what an evaluation of it is given.
#pragma once

#include "trading/evaluate.h"

#include <cmath>

namespace qd::trading {

inline constexpr base::Millis hour{3'600'000};
inline constexpr std::int64_t start = 20'000; // a UTC day

class Floor {
public:
    Floor()
    {
        for (const std::int64_t id : {1, 2}) {
            market::Instrument instrument;
            instrument.id = {id};
            instrument.name = "I" + std::to_string(id);
            instrument.tick = base::Scale::ofDecimals(0);
            instrument.lot = base::Scale::ofDecimals(0);
            instruments[{id}] = instrument;
        }
    }

    /// Entered `day` days after the start and held for an hour, at a notional of 500 USDT.
    BookTrade& trade(double day, Money net, const std::string& strategy = "rule", std::int64_t instrument = 1,
                     const std::string& hash = "a")
    {
        BookTrade made;
        made.row = book.rowOf(strategy, {instrument});
        made.hash = book.hashOf(hash);
        made.entered = at(day);
        made.left = made.entered + hour;
        made.entry = {500};
        made.size = {1};
        made.notional = base::usdt(500);
        made.net = net;
        made.optimistic = net;
        made.pessimistic = net;
        trades.push_back(made);
        strategies.try_emplace(strategy, 2);
        return trades.back();
    }
    static UtcMs at(double day)
    {
        return {start * base::oneDay.count() +
                static_cast<std::int64_t>(day * static_cast<double>(base::oneDay.count()))};
    }

    /// As of `day` days after the start.
    EvaluationTable evaluated(double day, double window = 0)
    {
        auto whole = book;
        for (const auto& one : trades) {
            whole.add(one);
        }
        return evaluate({.book = whole,
                         .open = open,
                         .instruments = instruments,
                         .marks = marks,
                         .strategies = strategies,
                         .hashes = hashes,
                         .tries = tries,
                         .capital = capital,
                         .from = window > 0 ? midnightOf(dayOf(at(day - window))) : UtcMs{0},
                         .now = at(day),
                         .rowCapital = rowCapital,
                         .limits = limits});
    }

    TradeBook book;
    std::vector<BookTrade> trades;
    std::vector<BookTrade> open;
    std::map<InstrumentId, market::Instrument> instruments;
    std::map<InstrumentId, MidnightMarks> marks;
    std::map<std::string, std::size_t> strategies;
    std::map<RowKey, std::string> hashes;
    std::map<std::string, std::uint32_t> tries;
    std::vector<CapitalChange> capital;
    Money rowCapital = base::usdt(1'000);
    EvaluationLimits limits = evaluationLimits({});
};

} // namespace qd::trading
