#include "engines/roster_curve.h"

#include <algorithm>

namespace qd::engines {

using base::Money;
using base::UtcMs;

namespace {

constexpr std::size_t mostPoints = 20'000;
constexpr base::Millis kept = 8 * base::oneDay; // minute by minute

double fall(double peak, double level)
{
    return peak > 0 ? std::clamp((peak - level) / peak, 0.0, 1.0) : 0.0;
}

} // namespace

void RosterCurve::add(UtcMs time, Money gained, Money capital)
{
    level_ = levelAt(gained, capital);
    peak_ = std::max(peak_, level_);
    worst_ = std::max(worst_, fall(peak_, level_));
    newestGained_ = gained;
    points_.push_back({time, gained});
    if (points_.size() > mostPoints) {
        thin();
    }
    isStale_ = true;
}

// Every second point of those that are old, so that the first of all stays.
void RosterCurve::thin()
{
    const auto old = std::ranges::lower_bound(points_, points_.back().time - kept, {}, &console::EquityPoint::time);
    const auto count = old - points_.begin();
    auto to = points_.begin();
    for (std::ptrdiff_t i = 0; i < count; i += 2) {
        *to++ = points_[static_cast<std::size_t>(i)];
    }
    points_.erase(to, old);
}

double RosterCurve::levelAt(Money gained, Money capital) const
{
    return capital.value > 0 ? level_ + base::toUsdt(gained - newestGained_) / base::toUsdt(capital) : level_;
}

Money RosterCurve::gainedBy(UtcMs time) const
{
    const auto after = std::ranges::upper_bound(points_, time, {}, &console::EquityPoint::time);
    return after == points_.begin() ? Money{} : std::prev(after)->equity;
}

double RosterCurve::drawdown(Money gained, Money capital) const
{
    const double level = levelAt(gained, capital);
    return fall(std::max(peak_, level), level);
}

double RosterCurve::maxDrawdown(Money gained, Money capital) const
{
    return std::max(worst_, drawdown(gained, capital));
}

std::shared_ptr<const std::vector<console::EquityPoint>> RosterCurve::shown(Money capital)
{
    if (isStale_ || (capital != shownCapital_ && !points_.empty())) {
        auto all = points_;
        for (auto& point : all) {
            point.equity += capital;
        }
        shown_ = std::make_shared<const std::vector<console::EquityPoint>>(std::move(all));
        shownCapital_ = capital;
        isStale_ = false;
    }
    return shown_;
}

} // namespace qd::engines
