// How volatile one instrument was: the realised volatility of a day of hourly candles, hour by hour, and where an
// entry lay in the instrument's own history. One thread at a time. Source: STATISTICS.md §14.
#pragma once

#include "governance/evidence.h"
#include "market/indicators/realised_volatility.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace qd::engines {

struct RegimeRule {
    std::size_t referenceDays = 180; // convergence.reference_days
    double low = 0.20;               // convergence.regime_low, a quantile
    double high = 0.80;              // convergence.regime_high
    friend bool operator==(const RegimeRule&, const RegimeRule&) = default;
};

class RegimeHistory {
public:
    static constexpr auto timeframe = market::Timeframe::H1;

    RegimeHistory();
    /// Candles of that timeframe in growing order; after a hole a new day of them has to pass.
    void add(const market::Candle& candle);
    /// End of the newest candle; {INT64_MIN} before the first.
    [[nodiscard]] base::UtcMs end() const { return end_; }
    /// Start of the oldest; empty before it.
    [[nodiscard]] std::optional<base::UtcMs> begin() const { return start_; }
    [[nodiscard]] bool hasDay(std::int64_t day) const; // a candle of that UTC day
    /// Hour by hour, of the hours that ended in (after, until].
    [[nodiscard]] std::vector<double> volatilities(base::UtcMs after, base::UtcMs until) const;
    /// Of the newest hour that had ended by then; empty where that is more than two hours ago.
    [[nodiscard]] std::optional<double> volatilityAt(base::UtcMs time) const;
    /// Against the days before that of the entry. Empty: fewer than the rule asks for, or no volatility at the entry.
    [[nodiscard]] std::optional<governance::RegimeMark> markAt(base::UtcMs entry, const RegimeRule& rule) const;

private:
    struct Point {
        base::UtcMs end;
        double volatility = 0;
    };
    struct Edges {
        double low = 0;
        double high = 0;
    };
    [[nodiscard]] std::span<const Point> between(base::UtcMs after, base::UtcMs until) const;
    [[nodiscard]] std::optional<Edges> edgesOn(std::int64_t day, const RegimeRule& rule) const;

    market::RealisedVolatility volatility_;
    std::optional<base::UtcMs> start_; // of the first candle
    base::UtcMs end_{INT64_MIN};
    std::vector<Point> points_;
    std::vector<std::int64_t> days_;
    mutable RegimeRule edgesRule_;                               // of those that are known
    mutable std::map<std::int64_t, std::optional<Edges>> edges_; // by day: of all its entries the same
};

} // namespace qd::engines
