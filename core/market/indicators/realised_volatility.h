// Estimators of volatility over the newest n bars, incremental, annualised, as a fraction (0.6 = 60 % a year). Pure;
// one thread at a time. value() is empty until warm, and where a price that is not over 0 has no logarithm. Source:
// STATISTICS.md §14, §18.
#pragma once

#include "market/candle.h"
#include "market/indicators/window.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>

namespace qd::market {

/// The market never closes: 365 days.
[[nodiscard]] constexpr double barsPerYear(Timeframe timeframe)
{
    return 365.0 * static_cast<double>(base::oneDay.count()) / static_cast<double>(length(timeframe).count());
}

/// The newest n logarithmic returns of closes.
class LogReturns {
public:
    explicit LogReturns(std::size_t n) : returns_(n) {}

    void add(double close)
    {
        if (hasPrevious_) {
            returns_.add(std::log(close / previous_));
        }
        previous_ = close;
        hasPrevious_ = true;
    }
    [[nodiscard]] const Window& window() const { return returns_; }
    void reset()
    {
        hasPrevious_ = false;
        returns_.clear();
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(previous_, hasPrevious_, returns_);
    }

private:
    double previous_ = 0; // close
    bool hasPrevious_ = false;
    Window returns_;
};

/// Root of the mean squared return, no mean removed: what regimes are told by. The first at bar n + 1.
class RealisedVolatility {
public:
    RealisedVolatility(std::size_t n, double barsPerYear) : returns_(n), barsPerYear_(barsPerYear) {}

    void add(double close) { returns_.add(close); }
    [[nodiscard]] std::optional<double> value() const
    {
        const auto& window = returns_.window();
        if (!window.isFull()) {
            return std::nullopt;
        }
        return ifFinite(std::sqrt(window.squaresAround(0) / static_cast<double>(window.size()) * barsPerYear_));
    }
    void reset() { returns_.reset(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(returns_);
    }

private:
    LogReturns returns_;
    double barsPerYear_;
};

/// Sample standard deviation (n − 1) of the returns. The first at bar n + 1; none for n = 1.
class HistoricalVolatility {
public:
    HistoricalVolatility(std::size_t n, double barsPerYear) : returns_(n), barsPerYear_(barsPerYear) {}

    void add(double close) { returns_.add(close); }
    [[nodiscard]] std::optional<double> value() const
    {
        const auto& window = returns_.window();
        if (!window.isFull() || window.size() < 2) {
            return std::nullopt;
        }
        const double variance = window.squaresAround(window.mean()) / (static_cast<double>(window.size()) - 1.0);
        return ifFinite(std::sqrt(variance) * std::sqrt(barsPerYear_));
    }
    void reset() { returns_.reset(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(returns_);
    }

private:
    LogReturns returns_;
    double barsPerYear_;
};

/// Parkinson's, from the bars' ranges.
class ParkinsonVolatility {
public:
    ParkinsonVolatility(std::size_t n, double barsPerYear) : squares_(n), barsPerYear_(barsPerYear) {}

    void add(double high, double low)
    {
        const double range = std::log(high / low);
        squares_.add(range * range);
    }
    [[nodiscard]] std::optional<double> value() const
    {
        if (!squares_.isFull()) {
            return std::nullopt;
        }
        const auto n = static_cast<double>(squares_.size());
        return ifFinite(std::sqrt(squares_.sum() / (4.0 * n * std::numbers::ln2) * barsPerYear_));
    }
    void reset() { squares_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(squares_);
    }

private:
    Window squares_; // ln²(high/low)
    double barsPerYear_;
};

/// Garman and Klass's, from ranges and bodies: it knows neither drift nor gaps, and this market has no closing hours.
class GarmanKlassVolatility {
public:
    GarmanKlassVolatility(std::size_t n, double barsPerYear) : terms_(n), barsPerYear_(barsPerYear) {}

    void add(double open, double high, double low, double close)
    {
        const double range = std::log(high / low);
        const double body = std::log(close / open);
        terms_.add(0.5 * range * range - (2.0 * std::numbers::ln2 - 1.0) * body * body);
    }
    [[nodiscard]] std::optional<double> value() const
    {
        if (!terms_.isFull()) {
            return std::nullopt;
        }
        const double mean = terms_.mean();
        return ifFinite(std::sqrt((mean < 0 ? 0 : mean) * barsPerYear_));
    }
    void reset() { terms_.clear(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(terms_);
    }

private:
    Window terms_;
    double barsPerYear_;
};

} // namespace qd::market
