#include "engines/regime_history.h"

#include "statistics/summary.h"

#include <algorithm>

namespace qd::engines {

using base::UtcMs;

namespace {

constexpr std::size_t barsADay = 24;
constexpr auto hour = market::length(RegimeHistory::timeframe);

} // namespace

RegimeHistory::RegimeHistory() : volatility_(barsADay, market::barsPerYear(timeframe)) {}

void RegimeHistory::add(const market::Candle& candle)
{
    if (candle.start < end_) {
        return;
    }
    if (start_ && candle.start != end_) {
        volatility_.reset();
    }
    start_ = start_.value_or(candle.start);
    end_ = candle.start + hour;
    volatility_.add(static_cast<double>(candle.close.value));
    if (const auto value = volatility_.value()) {
        points_.push_back({end_, *value});
    }
    if (const auto day = governance::dayOf(candle.start); days_.empty() || days_.back() != day) {
        days_.push_back(day);
    }
}

bool RegimeHistory::hasDay(std::int64_t day) const
{
    return std::ranges::binary_search(days_, day);
}

std::span<const RegimeHistory::Point> RegimeHistory::between(UtcMs after, UtcMs until) const
{
    const auto first = std::ranges::upper_bound(points_, after, {}, &Point::end);
    const auto last = std::ranges::upper_bound(first, points_.end(), until, {}, &Point::end);
    return {first, last};
}

std::vector<double> RegimeHistory::volatilities(UtcMs after, UtcMs until) const
{
    std::vector<double> out;
    for (const auto& point : between(after, until)) {
        out.push_back(point.volatility);
    }
    return out;
}

std::optional<double> RegimeHistory::volatilityAt(UtcMs time) const
{
    const auto now = between(time - 2 * hour, time);
    return now.empty() ? std::nullopt : std::optional(now.back().volatility);
}

std::optional<RegimeHistory::Edges> RegimeHistory::edgesOn(std::int64_t day, const RegimeRule& rule) const
{
    if (rule != edgesRule_) {
        edges_.clear();
        edgesRule_ = rule;
    }
    const auto known = edges_.find(day);
    if (known != edges_.end()) {
        return known->second;
    }
    std::optional<Edges> found;
    const auto until = governance::midnightOf(day);
    const auto from = until - base::oneDay * static_cast<std::int64_t>(rule.referenceDays);
    if (start_ && *start_ <= from) {
        const auto values = volatilities(from, until);
        const auto low = statistics::quantile(values, rule.low);
        const auto high = statistics::quantile(values, rule.high);
        if (low && high) {
            found = Edges{*low, *high};
        }
    }
    return edges_.emplace(day, found).first->second;
}

std::optional<governance::RegimeMark> RegimeHistory::markAt(UtcMs entry, const RegimeRule& rule) const
{
    const auto now = between(entry - 2 * hour, entry);
    const auto edges = now.empty() ? std::nullopt : edgesOn(governance::dayOf(entry), rule);
    if (!edges) {
        return std::nullopt;
    }
    return governance::RegimeMark{now.back().volatility <= edges->low, now.back().volatility >= edges->high};
}

} // namespace qd::engines
