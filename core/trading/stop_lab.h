// Past entries of one instrument replayed on its ticks under a whole grid of stops and targets in one pass. Pure; one
// thread at a time. Prices in ticks; results are shares of what was paid at the entry, after fees, without funding.
// - A cell has a stop and a target at its distances from the entry's price, to the nearest tick, at least one. The
// first
//   print at or beyond the stop ends it at that print's price; the first beyond the target at the target's; the first
//   at or after the time limit at that print's. Stop before target where one print does both.
// - Each level of an entry is passed once whatever the number of cells, and one band over all open entries' next levels
//   lets most ticks pass unlooked at: the cost is that of the ticks.
// - An entry counts in all cells or in none: not where the ticks end before the last of them is decided.
// Source: PRODUCT.md, Stop lab.
#pragma once

#include "base/units.h"
#include "market/tick.h"
#include "trading/closed_trade.h"

#include <array>
#include <limits>
#include <span>
#include <vector>

namespace qd::trading {

struct StopLabGrid {
    std::vector<double> stops;   // distances, shares of the entry's price; growing, at most mostLevels
    std::vector<double> targets; // likewise
    static constexpr std::size_t mostLevels = 16;
    [[nodiscard]] std::size_t cells() const { return stops.size() * targets.size(); }
    /// Of a cell: stops.size() a target.
    [[nodiscard]] std::size_t at(std::size_t target, std::size_t stop) const { return target * stops.size() + stop; }
};

struct StopLabEntry {
    Side side = Side::Buy;
    StreamNumber number; // of the item that filled it: ticks after it count
    UtcMs timeLimit;
    Price price;
    Price ownStop; // those it was traded with
    Price ownTarget;
    bool byMaker = false; // its entry paid the maker's fee
    bool isNewer = false; // of the newer half of all entries
};

struct StopLabFees {
    base::RatePpm taker;
    base::RatePpm maker;
};

/// Sums of one cell.
struct StopLabSums {
    std::uint32_t trades = 0;
    std::uint32_t wins = 0;
    double gains = 0;
    double losses = 0; // positive
    void add(double result)
    {
        ++trades;
        wins += result > 0 ? 1 : 0;
        (result > 0 ? gains : losses) += result > 0 ? result : -result;
    }
    StopLabSums& operator+=(const StopLabSums& other);
};

/// Of the older and of the newer half of the entries.
struct StopLabHalf {
    std::vector<StopLabSums> cells;
    StopLabSums own; // with their own stops and targets
};

class StopLabRun {
public:
    /// `entries` by growing number; they outlive the run.
    StopLabRun(std::span<const StopLabEntry> entries, const StopLabGrid& grid, StopLabFees fees);

    /// Ticks of growing number.
    void add(const market::Tick& tick, StreamNumber number)
    {
        if (number > nextNumber_ || tick.price <= lowest_ || tick.price >= highest_ || tick.time >= dueAt_)
            [[unlikely]] {
            look(tick, number);
        }
    }
    /// Every entry that had ticks enough is decided.
    [[nodiscard]] bool isDone() const { return next_ == entries_.size() && open_.empty(); }
    [[nodiscard]] const StopLabHalf& older() const { return halves_[0]; }
    [[nodiscard]] const StopLabHalf& newer() const { return halves_[1]; }
    [[nodiscard]] std::uint64_t counted() const { return counted_; }

private:
    static constexpr std::uint32_t notYet = std::numeric_limits<std::uint32_t>::max();
    /// When a level was passed, in looks, and at which price.
    struct Passed {
        std::uint32_t at = notYet;
        Price price;
    };
    struct Open {
        const StopLabEntry* entry = nullptr;
        std::array<Price, StopLabGrid::mostLevels> stops{}; // by distance
        std::array<Price, StopLabGrid::mostLevels> targets{};
        std::array<Passed, StopLabGrid::mostLevels> stopped{};
        std::array<Passed, StopLabGrid::mostLevels> reached{};
        std::size_t nextStop = 0;
        std::size_t nextTarget = 0;
        Passed ownStopped;
        Passed ownReached;
    };

    void look(const market::Tick& tick, StreamNumber number);
    [[nodiscard]] Open opened(const StopLabEntry& entry) const;
    [[nodiscard]] bool pass(Open& open, Price price) const;
    void close(const Open& open, Price last);
    [[nodiscard]] double resultOf(const StopLabEntry& entry, Price exit, base::RatePpm exitFee) const;
    void setBand();

    std::span<const StopLabEntry> entries_;
    const StopLabGrid& grid_;
    StopLabFees fees_;
    std::size_t next_ = 0;
    std::vector<Open> open_;
    std::array<StopLabHalf, 2> halves_;
    std::uint64_t counted_ = 0;
    std::uint32_t looks_ = 0;

    // Derived: a tick within these concerns nobody.
    StreamNumber nextNumber_{std::numeric_limits<std::int64_t>::max()};
    Price lowest_{std::numeric_limits<std::int64_t>::min()};
    Price highest_{std::numeric_limits<std::int64_t>::max()};
    UtcMs dueAt_{std::numeric_limits<std::int64_t>::max()};
};

/// Ten stops and eight targets around the median distances of `entries`, a factor √2 apart, so that today's setting
/// lies within; 0.5% and 1% where there is no entry.
[[nodiscard]] StopLabGrid stopLabGrid(std::span<const StopLabEntry> entries);

} // namespace qd::trading
