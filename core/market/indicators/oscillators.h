// RSI, stochastic and rate of change, incremental, in TA-Lib's convention with exact tests for zero. Pure; one thread
// at a time; in percent. value() is empty until warm. Source: STATISTICS.md §18.
#pragma once

#include "market/indicators/moving_averages.h"
#include "market/indicators/rolling_extreme.h"
#include "market/indicators/window.h"

#include <cstddef>
#include <optional>

namespace qd::market {

/// Wilder's: 100 · average gain/(average gain + average loss), after n changes. A market that never moved has RSI 0,
/// which reads "oversold": whoever trades on it asks for ATR > 0 as well.
class Rsi {
public:
    explicit Rsi(std::size_t n) : gain_(n), loss_(n) {}

    void add(double close)
    {
        if (hasPrevious_) {
            const double change = close - previous_;
            gain_.add(change > 0 ? change : 0);
            loss_.add(change < 0 ? -change : 0);
        }
        previous_ = close;
        hasPrevious_ = true;
    }
    [[nodiscard]] std::optional<double> value() const
    {
        const auto gain = gain_.value();
        const auto loss = loss_.value();
        if (!gain || !loss) {
            return std::nullopt;
        }
        const double both = *gain + *loss;
        return both == 0 ? 0 : 100.0 * (*gain / both);
    }
    void reset()
    {
        gain_.reset();
        loss_.reset();
        hasPrevious_ = false;
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(gain_, loss_, previous_, hasPrevious_);
    }

private:
    WilderAverage gain_;
    WilderAverage loss_;
    double previous_ = 0;
    bool hasPrevious_ = false;
};

/// (close / close n bars ago − 1) · 100; 0 where that was 0.
class Roc {
public:
    explicit Roc(std::size_t n) : closes_(n + 1) {}

    void add(double close) { closes_.add(close); }
    [[nodiscard]] std::optional<double> value() const
    {
        if (!closes_.isFull()) {
            return std::nullopt;
        }
        const double then = closes_.oldest();
        return then == 0 ? 0 : (closes_.newest() / then - 1.0) * 100.0;
    }
    void reset() { closes_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(closes_);
    }

private:
    Window closes_;
};

struct StochasticLines {
    double k;
    double d;
};

/// Where the close stands between the lowest low and the highest high of `length` bars (0 where these are one), as %K
/// smoothed over `smooth` bars, and %D, the mean of `signal` %K. Both begin with %D.
class Stochastic {
public:
    Stochastic(std::size_t length, std::size_t smooth, std::size_t signal)
        : high_(length),
          low_(length),
          k_(smooth),
          d_(signal)
    {
    }

    void add(double high, double low, double close)
    {
        high_.add(high);
        low_.add(low);
        if (!high_.isFull()) {
            return;
        }
        const double range = high_.value() - low_.value();
        k_.add(range == 0 ? 0 : 100.0 * ((close - low_.value()) / range));
        if (const auto k = k_.value()) {
            d_.add(*k);
        }
    }
    [[nodiscard]] std::optional<StochasticLines> value() const
    {
        const auto k = k_.value();
        const auto d = d_.value();
        return k && d ? std::optional(StochasticLines{*k, *d}) : std::nullopt;
    }
    void reset()
    {
        high_.reset();
        low_.reset();
        k_.reset();
        d_.reset();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(high_, low_, k_, d_);
    }

private:
    RollingHigh high_;
    RollingLow low_;
    Sma k_;
    Sma d_;
};

} // namespace qd::market
