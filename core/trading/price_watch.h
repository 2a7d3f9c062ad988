// Did the market come to a price within a span of time? Any number of such questions answered in one pass over an
// instrument's ticks: limit orders that were touched or traded through, targets that were reached after the stop. Pure;
// one thread at a time. Prices in ticks, exchange time.
#pragma once

#include "market/tick.h"
#include "trading/closed_trade.h"

#include <limits>
#include <span>
#include <vector>

namespace qd::trading {

struct PriceWatch {
    UtcMs from; // the first tick at or after it counts
    UtcMs to;   // the first tick at or after it counts no more
    Price level;
    bool isFromBelow = false; // the market has to rise to it
    bool touched = false;     // it printed at the level or beyond
    bool through = false;     // beyond
};

class PriceWatcher {
public:
    /// `watches` are answered in place and outlive the watcher.
    explicit PriceWatcher(std::span<PriceWatch> watches);
    /// Ticks in the order of their time. A step back in time belongs to what came before it.
    void add(const market::Tick& tick)
    {
        if (tick.time >= nextAt_ || tick.price <= lowest_ || tick.price >= highest_) [[unlikely]] {
            look(tick);
        }
    }
    [[nodiscard]] bool isDone() const { return next_ == waiting_.size() && open_.empty(); }

private:
    void look(const market::Tick& tick);

    std::vector<PriceWatch*> waiting_; // by `from`
    std::size_t next_ = 0;
    std::vector<PriceWatch*> open_;
    // Derived: a tick before nextAt_ and between these concerns nobody.
    UtcMs nextAt_{std::numeric_limits<std::int64_t>::min()};
    Price lowest_{std::numeric_limits<std::int64_t>::min()};
    Price highest_{std::numeric_limits<std::int64_t>::max()};
};

} // namespace qd::trading
