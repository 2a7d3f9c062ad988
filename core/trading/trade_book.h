// Closed trades of any number in compact form, and what each gained on each UTC day, marked to market at midnight.
// Pure. One thread at a time. Money in 1e-8 USDT, prices in ticks, sizes in lots of the instruments' present scales.
// Source: PRODUCT.md, Paper trading (r_d = PnL_d / capital); STATISTICS.md §2.1.
#pragma once

#include "market/instrument.h"
#include "trading/closed_trade.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace qd::trading {

inline constexpr UtcMs stillOpen{INT64_MAX};

/// What figures need of a trade, or of a position that is open.
struct BookTrade {
    std::uint32_t row = 0;  // of TradeBook::rows()
    std::uint32_t hash = 0; // of TradeBook::hashes()
    UtcMs entered;
    UtcMs left = stillOpen;
    Price entry;
    Quantity size; // negative for a short
    Money entryFee;
    Money notional; // at the entry
    Money net;      // of a closed one; its optimistic and pessimistic results beside it
    Money optimistic;
    Money pessimistic;
    bool inShadow = false;
};

/// A strategy on an instrument.
using RowKey = std::pair<std::string, InstrumentId>;

class TradeBook {
public:
    /// The number of that row or parameter hash, a new one if need be.
    [[nodiscard]] std::uint32_t rowOf(std::string_view strategy, InstrumentId instrument);
    [[nodiscard]] std::uint32_t hashOf(std::string_view hash);
    /// Of ledger rows, with their `row` and `hash` in this book. `instrument` is theirs.
    [[nodiscard]] BookTrade entryOf(const OpenPosition& position, const market::Instrument& instrument);
    [[nodiscard]] BookTrade entryOf(const ClosedTrade& trade, const market::Instrument& instrument);

    void add(const BookTrade& trade) { trades_.push_back(trade); }
    [[nodiscard]] std::span<const BookTrade> trades() const { return trades_; } // in the order in which they were added
    [[nodiscard]] const std::vector<RowKey>& rows() const { return rows_; }
    [[nodiscard]] const std::vector<std::string>& hashes() const { return hashes_; }

private:
    std::vector<BookTrade> trades_;
    std::vector<RowKey> rows_;
    std::map<RowKey, std::uint32_t> rowNumbers_;
    std::vector<std::string> hashes_;
    std::map<std::string, std::uint32_t, std::less<>> hashNumbers_;
};

/// What an instrument was worth at each midnight: the close of its newest candle that ended by then. Told of closed
/// candles in growing order; those of a timeframe that divides the day.
class MidnightMarks {
public:
    void add(UtcMs start, base::Millis length, Price close);
    /// Empty: no candle ended by then.
    [[nodiscard]] std::optional<Price> at(UtcMs midnight) const;
    /// The newest midnight that later candles cannot change; {INT64_MIN} before the first candle.
    [[nodiscard]] UtcMs settled() const { return settled_; }

private:
    std::vector<std::pair<UtcMs, Price>> closes_; // by midnight
    std::optional<Price> last_;
    UtcMs lastEnd_{INT64_MIN};
    UtcMs settled_{INT64_MIN};
};

/// Days since 1970-01-01 UTC.
[[nodiscard]] constexpr std::int64_t dayOf(UtcMs time)
{
    return base::bucketStart(time, base::oneDay).value / base::oneDay.count();
}
[[nodiscard]] constexpr UtcMs midnightOf(std::int64_t day)
{
    return {day * base::oneDay.count()};
}

/// PnL of consecutive UTC days.
class DailyPnl {
public:
    void add(std::int64_t day, Money pnl);
    void add(const DailyPnl& other);
    /// 0 for a day that nothing was added to.
    [[nodiscard]] Money at(std::int64_t day) const;
    [[nodiscard]] bool isEmpty() const { return days_.empty(); }
    [[nodiscard]] std::int64_t firstDay() const { return first_; }

private:
    std::int64_t first_ = 0;
    std::vector<Money> days_;
};

/// Adds what `trade` gained on each day that was complete at the midnight that begins day `until`: what it was worth
/// at midnight while it was held, its net at its end. What left in parts before, and funding, count at the end. Where
/// there is no mark the price has not moved.
void addDays(DailyPnl& to, const BookTrade& trade, const market::Instrument& instrument, const MidnightMarks& marks,
             std::int64_t until);

} // namespace qd::trading
