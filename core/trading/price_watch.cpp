#include "trading/price_watch.h"

#include <algorithm>

namespace qd::trading {

PriceWatcher::PriceWatcher(std::span<PriceWatch> watches)
{
    for (auto& watch : watches) {
        waiting_.push_back(&watch);
    }
    std::ranges::sort(waiting_, {}, &PriceWatch::from);
}

void PriceWatcher::look(const market::Tick& tick)
{
    for (; next_ < waiting_.size() && waiting_[next_]->from <= tick.time; ++next_) {
        open_.push_back(waiting_[next_]);
    }
    nextAt_ = next_ < waiting_.size() ? waiting_[next_]->from : UtcMs{std::numeric_limits<std::int64_t>::max()};
    lowest_ = {std::numeric_limits<std::int64_t>::min()};
    highest_ = {std::numeric_limits<std::int64_t>::max()};
    std::erase_if(open_, [&](PriceWatch* watch) {
        if (tick.time >= watch->to) {
            return true;
        }
        const auto beyond = watch->isFromBelow ? tick.price - watch->level : watch->level - tick.price;
        watch->touched = watch->touched || beyond.value >= 0;
        watch->through = beyond.value > 0;
        if (watch->through) {
            return true;
        }
        nextAt_ = std::min(nextAt_, watch->to);
        if (watch->isFromBelow) {
            highest_ = std::min(highest_, watch->level);
        } else {
            lowest_ = std::max(lowest_, watch->level);
        }
        return false;
    });
}

} // namespace qd::trading
