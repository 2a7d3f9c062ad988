#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qd::statistics {

namespace {

// A rounded mean would leave a deviation of 1e-17 or so, and a ratio of 1e17 after it.
bool allEqual(std::span<const double> values)
{
    return std::ranges::all_of(values, [&](double v) { return v == values.front(); });
}

// Σ(x−center)².
double squaredSum(std::span<const double> values, double center)
{
    CompensatedSum total;
    for (const double v : values) {
        const double d = v - center;
        total.add(d * d);
    }
    return total.value();
}

} // namespace

double sum(std::span<const double> values)
{
    CompensatedSum total;
    for (const double v : values) {
        total.add(v);
    }
    return total.value();
}

Measure mean(std::span<const double> values)
{
    if (values.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    if (!allFinite(values)) {
        return std::unexpected(Undefined::NotFinite);
    }
    return measureOf(sum(values) / static_cast<double>(values.size()));
}

Measure variance(std::span<const double> values, std::size_t ddof)
{
    if (values.size() <= ddof) {
        return std::unexpected(Undefined::TooFew);
    }
    const auto center = mean(values);
    if (!center || allEqual(values)) {
        return center ? Measure(0.0) : center;
    }
    return measureOf(squaredSum(values, *center) / static_cast<double>(values.size() - ddof));
}

Measure standardDeviation(std::span<const double> values, std::size_t ddof)
{
    const auto squared = variance(values, ddof);
    return squared ? Measure(std::sqrt(*squared)) : squared;
}

Defined<Shape> shape(std::span<const double> values)
{
    const auto center = mean(values);
    if (!center) {
        return std::unexpected(center.error());
    }
    if (allEqual(values)) {
        return std::unexpected(Undefined::NoVariance);
    }
    // In units of the deviation: the fourth power of a price move of 1e-90 would be 0.
    const auto n = static_cast<double>(values.size());
    const double deviation = std::sqrt(squaredSum(values, *center) / n);
    if (!(deviation > 0) || !std::isfinite(deviation)) {
        return std::unexpected(Undefined::NotFinite);
    }
    CompensatedSum third;
    CompensatedSum fourth;
    for (const double v : values) {
        const double z = (v - *center) / deviation;
        third.add(z * z * z);
        fourth.add(z * z * z * z);
    }
    return Shape{third.value() / n, fourth.value() / n};
}

Measure quantileOfSorted(std::span<const double> ascending, double q)
{
    if (ascending.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    if (!(q >= 0.0 && q <= 1.0)) {
        return std::unexpected(Undefined::OutOfRange);
    }
    const double at = static_cast<double>(ascending.size() - 1) * q;
    const auto below = static_cast<std::size_t>(at);
    const double under = ascending[below];
    const double over = ascending[std::min(below + 1, ascending.size() - 1)];
    return measureOf(under + (at - static_cast<double>(below)) * (over - under));
}

Measure quantile(std::span<const double> values, double q)
{
    if (!allFinite(values)) {
        return std::unexpected(Undefined::NotFinite);
    }
    std::vector<double> ascending(values.begin(), values.end());
    std::ranges::sort(ascending);
    return quantileOfSorted(ascending, q);
}

std::vector<double> midranks(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> ranks(values.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from + 1;
        while (to < order.size() && values[order[to]] == values[order[from]]) {
            ++to;
        }
        for (std::size_t i = from; i < to; ++i) {
            ranks[order[i]] = static_cast<double>(from + to + 1) / 2.0;
        }
        from = to;
    }
    return ranks;
}

Measure autocorrelation(std::span<const double> values, std::size_t lag)
{
    if (lag >= values.size()) {
        return std::unexpected(Undefined::TooFew);
    }
    const auto center = mean(values);
    if (!center) {
        return center;
    }
    if (allEqual(values)) {
        return std::unexpected(Undefined::NoVariance);
    }
    CompensatedSum products;
    for (std::size_t t = lag; t < values.size(); ++t) {
        products.add((values[t] - *center) * (values[t - lag] - *center));
    }
    return measureOf(products.value() / squaredSum(values, *center));
}

Measure correlation(std::span<const double> x, std::span<const double> y)
{
    if (x.size() != y.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (x.size() < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    const auto meanX = mean(x);
    const auto meanY = mean(y);
    if (!meanX || !meanY) {
        return std::unexpected(Undefined::NotFinite);
    }
    if (allEqual(x) || allEqual(y)) {
        return std::unexpected(Undefined::NoVariance);
    }
    CompensatedSum products;
    for (std::size_t i = 0; i < x.size(); ++i) {
        products.add((x[i] - *meanX) * (y[i] - *meanY));
    }
    const double scale = std::sqrt(squaredSum(x, *meanX)) * std::sqrt(squaredSum(y, *meanY));
    const auto rho = measureOf(products.value() / scale);
    return rho ? Measure(std::clamp(*rho, -1.0, 1.0)) : rho;
}

} // namespace qd::statistics
