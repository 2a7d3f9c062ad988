// Wilder's directional movement: ±DI and ADX, incremental, in TA-Lib's convention with exact tests for zero. Pure; one
// thread at a time; in percent. value() is empty until warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/volatility.h"

#include <cmath>
#include <cstddef>
#include <optional>

namespace qd::market {

struct DirectionalLines {
    double plus;               // +DI
    double minus;              // −DI
    std::optional<double> adx; // n − 1 bars later than these
};

/// The sums are seeded with n − 1 values, then S = S − S/n + x. DX is |difference|/sum of ±DI; ADX begins with the mean
/// of n DX, where an undefined one counts 0, and is Wilder's average from then on, which an undefined one leaves alone.
class DirectionalMovement {
public:
    explicit DirectionalMovement(std::size_t n) : n_(n), adx_(n) {}

    void add(double high, double low, double close)
    {
        range_.add(high, low, close);
        if (const auto range = range_.value()) {
            const double up = high - high_;
            const double down = low_ - low;
            follow(plus_, up > 0 && up > down ? up : 0);
            follow(minus_, down > 0 && down > up ? down : 0);
            follow(ranges_, *range);
        }
        high_ = high;
        low_ = low;
        if (bars_ >= n_) {
            average();
        }
        bars_ += bars_ <= n_ ? 1U : 0U;
    }
    [[nodiscard]] std::optional<DirectionalLines> value() const
    {
        return bars_ > n_ ? std::optional(DirectionalLines{share(plus_), share(minus_), adx_.value()}) : std::nullopt;
    }
    void reset() { *this = DirectionalMovement(n_); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, range_, high_, low_, plus_, minus_, ranges_, adx_);
    }

private:
    void follow(double& sum, double x) const { sum = bars_ < n_ ? sum + x : sum - sum / static_cast<double>(n_) + x; }
    [[nodiscard]] double share(double sum) const { return ranges_ == 0 ? 0 : 100.0 * (sum / ranges_); }
    void average()
    {
        const double plus = share(plus_);
        const double minus = share(minus_);
        if (plus + minus != 0) {
            adx_.add(100.0 * (std::abs(plus - minus) / (plus + minus)));
        } else if (!adx_.value()) {
            adx_.add(0);
        }
    }

    std::size_t n_;
    std::size_t bars_ = 0; // seen, counted up to n + 1
    TrueRange range_;
    double high_ = 0; // of the bar before
    double low_ = 0;
    double plus_ = 0; // smoothed sums
    double minus_ = 0;
    double ranges_ = 0;
    WilderAverage adx_;
};

} // namespace qd::market
