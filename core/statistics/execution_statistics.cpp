#include "statistics/execution_statistics.h"

#include "statistics/distributions.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

namespace {

Calibration calibrationOf(std::uint64_t n, base::Millis age, const SlippageOptions& options)
{
    if (n < options.provisionalFrom) {
        return Calibration::Uncalibrated;
    }
    if (age > options.staleAfter) {
        return Calibration::Stale;
    }
    return n < options.calibratedFrom ? Calibration::Provisional : Calibration::Calibrated;
}

} // namespace

Measure slippageBps(const Fill& fill)
{
    if (!(fill.decisionPrice > 0.0)) {
        return std::unexpected(Undefined::NotFinite);
    }
    return measureOf(fill.side * (fill.fillPrice - fill.decisionPrice) / fill.decisionPrice * 1e4);
}

std::string_view name(Calibration calibration)
{
    switch (calibration) {
    case Calibration::Uncalibrated:
        return "UNCALIBRATED";
    case Calibration::Provisional:
        return "PROVISIONAL";
    case Calibration::Calibrated:
        return "CALIBRATED";
    case Calibration::Stale:
        return "STALE";
    }
    return "";
}

FadingMean fadingMean(std::span<const double> values, double halfLife, double confidence)
{
    FadingMean out;
    if (values.empty() || !allFinite(values)) {
        out.mean = std::unexpected(values.empty() ? Undefined::TooFew : Undefined::NotFinite);
        return out;
    }
    const double fade = std::exp2(-1.0 / halfLife);
    CompensatedSum weights;
    CompensatedSum squares;
    CompensatedSum weighted;
    double weight = 1.0;
    for (auto it = values.rbegin(); it != values.rend(); ++it, weight *= fade) {
        weights.add(weight);
        squares.add(weight * weight);
        weighted.add(weight * *it);
    }
    const double total = weights.value();
    const double center = weighted.value() / total;
    out.mean = center;
    out.effective = total * total / squares.value();
    if (values.size() < 2) {
        return out;
    }
    CompensatedSum spread;
    weight = 1.0;
    for (auto it = values.rbegin(); it != values.rend(); ++it, weight *= fade) {
        spread.add(weight * (*it - center) * (*it - center));
    }
    const auto [least, most] = std::ranges::minmax(values);
    const double deviation = least == most ? 0.0 : std::sqrt(spread.value() / (total - squares.value() / total));
    const double error = deviation / std::sqrt(out.effective);
    const double half = error > 0.0 ? studentQuantile(0.5 + confidence / 2.0, out.effective - 1.0) * error : 0.0;
    out.deviation = measureOf(deviation);
    out.error = measureOf(error);
    out.interval = std::isfinite(half) ? Defined<Interval>(Interval{center - half, center + half})
                                       : std::unexpected(Undefined::NotFinite);
    return out;
}

double shrunkMean(const FadingMean& fading, double prior, double strength)
{
    if (!fading.mean) {
        return prior;
    }
    return (fading.effective * *fading.mean + strength * prior) / (fading.effective + strength);
}

SlippageStatistics slippageStatistics(std::span<const Fill> fills, const SlippageOptions& options, base::Millis age)
{
    SlippageStatistics out;
    std::vector<double> values;
    CompensatedSum notional;
    CompensatedSum weighted;
    for (const auto& fill : fills) {
        out.eachBps.push_back(slippageBps(fill));
        if (out.eachBps.back()) {
            values.push_back(*out.eachBps.back());
            notional.add(fill.decisionPrice * fill.quantity);
            weighted.add(values.back() * fill.decisionPrice * fill.quantity);
        }
    }
    out.n = values.size();
    out.unusable = fills.size() - values.size();
    out.mean = mean(values);
    if (out.n > 0) {
        out.weightedMean = notional.value() > 0.0 ? measureOf(weighted.value() / notional.value())
                                                  : Measure(std::unexpected(Undefined::OutOfRange));
    }
    out.median = quantile(values, 0.5);
    out.p95 = quantile(values, 0.95);
    out.fading = fadingMean(values, options.halfLifeFills, options.confidence);
    out.shrunk = shrunkMean(out.fading, options.priorBps, options.priorStrength);
    out.calibration = calibrationOf(out.n, age, options);
    out.toCharge = out.calibration == Calibration::Uncalibrated ? options.priorBps : out.shrunk;
    return out;
}

FillRate fillRate(std::span<const LimitOrder> orders, double confidence)
{
    FillRate out;
    CompensatedSum submitted;
    CompensatedSum filled;
    for (const auto& order : orders) {
        if (order.state == OrderState::Open || order.state == OrderState::Rejected) {
            continue;
        }
        ++out.eligible;
        out.full += order.state == OrderState::Filled ? 1U : 0U;
        out.any += order.filled > 0.0 ? 1U : 0U;
        submitted.add(order.submitted);
        filled.add(order.filled);
    }
    out.fullInterval = wilson(out.full, out.eligible, confidence);
    if (out.eligible > 0) {
        const auto n = static_cast<double>(out.eligible);
        out.fullRate = static_cast<double>(out.full) / n;
        out.anyRate = static_cast<double>(out.any) / n;
        out.quantityRate = submitted.value() > 0.0 ? measureOf(filled.value() / submitted.value())
                                                   : Measure(std::unexpected(Undefined::OutOfRange));
    }
    return out;
}

HoldTime holdTime(std::span<const Held> positions)
{
    HoldTime out;
    std::vector<double> seconds;
    for (const auto& position : positions) {
        if (position.closed) {
            seconds.push_back(static_cast<double>((*position.closed - position.opened).count()) / 1e3);
        } else {
            ++out.open;
        }
    }
    out.closed = seconds.size();
    if (!seconds.empty()) {
        std::ranges::sort(seconds);
        out.mean = mean(seconds);
        out.median = quantileOfSorted(seconds, 0.5);
        out.p90 = quantileOfSorted(seconds, 0.9);
        out.longest = seconds.back();
    }
    return out;
}

} // namespace qd::statistics
