#include "learning/classification.h"

#include "statistics/normal.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::learning {

using statistics::Measure;
using statistics::Undefined;

namespace {

Measure ratio(double numerator, double denominator)
{
    return denominator == 0 ? Measure(std::unexpected(Undefined::Flat))
                            : statistics::measureOf(numerator / denominator);
}

/// The mean of `values` with the error of n/overlap observations.
statistics::Estimate meanOf(std::span<const double> values, double confidence, double overlap)
{
    statistics::Estimate out{.value = statistics::mean(values), .n = values.size()};
    const auto spread = statistics::standardDeviation(values);
    if (spread) {
        out.error = *spread / std::sqrt(static_cast<double>(values.size()) / overlap);
        out.interval = statistics::normalInterval(out.value, out.error, confidence);
    }
    return out;
}

void countInto(ClassMetrics& m, std::span<const double> p, std::span<const std::uint8_t> y, double threshold)
{
    for (std::size_t i = 0; i < p.size(); ++i) {
        const bool isCalled = p[i] >= threshold;
        ++(y[i] != 0 ? (isCalled ? m.truePositives : m.falseNegatives)
                     : (isCalled ? m.falsePositives : m.trueNegatives));
    }
}

void ratiosInto(ClassMetrics& m, const MetricOptions& options)
{
    const auto tp = static_cast<double>(m.truePositives);
    const auto fp = static_cast<double>(m.falsePositives);
    const auto tn = static_cast<double>(m.trueNegatives);
    const auto fn = static_cast<double>(m.falseNegatives);
    const auto n = static_cast<double>(m.n);
    const double right = tp + tn;
    m.accuracy = {.value = right / n, .n = m.n};
    m.accuracy.error = std::sqrt(right / n * (1.0 - right / n) / (n / options.overlap));
    const auto trials = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(n / options.overlap));
    const auto won =
        std::min(trials, static_cast<std::uint64_t>(std::llround(right / n * static_cast<double>(trials))));
    m.accuracy.interval = statistics::wilson(won, trials, options.confidence);
    const double positives = (tp + fn) / n;
    m.baseRate = positives;
    m.majority = std::max(positives, 1.0 - positives);
    m.precision = ratio(tp, tp + fp);
    m.recall = ratio(tp, tp + fn);
    m.f1 = ratio(2.0 * tp, 2.0 * tp + fp + fn);
    m.mcc = ratio(tp * tn - fp * fn, std::sqrt(tp + fp) * std::sqrt(tp + fn) * std::sqrt(tn + fp) * std::sqrt(tn + fn));
    m.balancedAccuracy =
        statistics::both(m.recall, ratio(tn, tn + fp), [](double a, double b) { return (a + b) / 2.0; });
}

} // namespace

Calibration calibration(std::span<const double> p, std::span<const std::uint8_t> y, std::uint32_t bins)
{
    Calibration out;
    out.bins.resize(bins);
    std::vector<statistics::CompensatedSum> sums(bins);
    std::vector<std::uint64_t> ones(bins, 0);
    for (std::size_t i = 0; i < p.size(); ++i) {
        const auto bin = static_cast<std::size_t>(std::max(0.0, std::ceil(p[i] * bins) - 1.0));
        ++out.bins[bin].count;
        sums[bin].add(p[i]);
        ones[bin] += y[i] != 0 ? 1U : 0U;
    }
    if (p.empty()) {
        return out;
    }
    double expected = 0;
    double greatest = 0;
    for (std::size_t b = 0; b < bins; ++b) {
        auto& bin = out.bins[b];
        if (bin.count == 0) {
            continue;
        }
        const auto count = static_cast<double>(bin.count);
        bin.meanPrediction = sums[b].value() / count;
        bin.frequency = static_cast<double>(ones[b]) / count;
        const double distance = std::abs(*bin.meanPrediction - *bin.frequency);
        expected += count / static_cast<double>(p.size()) * distance;
        greatest = std::max(greatest, distance);
    }
    out.expected = expected;
    out.greatest = greatest;
    return out;
}

statistics::Defined<ClassMetrics> classMetrics(std::span<const double> p, std::span<const std::uint8_t> y,
                                               const MetricOptions& options)
{
    if (p.size() != y.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (p.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    if (!statistics::allFinite(p)) {
        return std::unexpected(Undefined::NotFinite);
    }
    if (std::ranges::any_of(p, [](double v) { return v < 0 || v > 1; })) {
        return std::unexpected(Undefined::OutOfRange);
    }
    ClassMetrics m{.n = p.size()};
    countInto(m, p, y, options.threshold);
    ratiosInto(m, options);
    std::vector<double> losses;
    std::vector<double> squares;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double q = std::clamp(p[i], options.clip, 1.0 - options.clip);
        losses.push_back(-std::log(y[i] != 0 ? q : 1.0 - q));
        const double off = p[i] - (y[i] != 0 ? 1.0 : 0.0);
        squares.push_back(off * off);
    }
    m.logLoss = meanOf(losses, options.confidence, options.overlap);
    m.brier = meanOf(squares, options.confidence, options.overlap);
    const double spread = *m.baseRate * (1.0 - *m.baseRate);
    m.brierSkill = statistics::both(m.brier.value, ratio(1, spread), [](double b, double r) { return 1.0 - b * r; });
    m.auc = aucEstimate(p, y, options.confidence, options.overlap);
    m.calibration = calibration(p, y, options.bins);
    return m;
}

Measure areaUnderCurve(std::span<const double> score, std::span<const std::uint8_t> y)
{
    if (score.size() != y.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (!statistics::allFinite(score)) {
        return std::unexpected(Undefined::NotFinite);
    }
    const auto ones = static_cast<double>(std::ranges::count_if(y, [](std::uint8_t v) { return v != 0; }));
    const double zeros = static_cast<double>(y.size()) - ones;
    if (ones == 0 || zeros == 0) {
        return std::unexpected(score.empty() ? Undefined::TooFew : Undefined::Flat);
    }
    const auto ranks = statistics::midranks(score);
    statistics::CompensatedSum sum;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (y[i] != 0) {
            sum.add(ranks[i]);
        }
    }
    return (sum.value() - ones * (ones + 1.0) / 2.0) / (ones * zeros);
}

statistics::Estimate aucEstimate(std::span<const double> score, std::span<const std::uint8_t> y, double confidence,
                                 double overlap)
{
    statistics::Estimate out{.value = areaUnderCurve(score, y), .n = score.size()};
    if (!out.value) {
        out.error = std::unexpected(out.value.error());
        out.interval = std::unexpected(out.value.error());
        return out;
    }
    // DeLong: the placement of each 1 among the 0s and of each 0 among the 1s, by mid-ranks.
    std::vector<double> ones;
    std::vector<double> zeros;
    for (std::size_t i = 0; i < y.size(); ++i) {
        (y[i] != 0 ? ones : zeros).push_back(score[i]);
    }
    const auto all = statistics::midranks(score);
    const auto amongOnes = statistics::midranks(ones);
    const auto amongZeros = statistics::midranks(zeros);
    std::vector<double> placedOnes;
    std::vector<double> placedZeros;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (y[i] != 0) {
            placedOnes.push_back((all[i] - amongOnes[placedOnes.size()]) / static_cast<double>(zeros.size()));
        } else {
            placedZeros.push_back(1.0 - (all[i] - amongZeros[placedZeros.size()]) / static_cast<double>(ones.size()));
        }
    }
    const auto part = [overlap](const std::vector<double>& placed) {
        return statistics::scaled(statistics::variance(placed), overlap / static_cast<double>(placed.size()));
    };
    out.error =
        statistics::both(part(placedOnes), part(placedZeros), [](double a, double b) { return std::sqrt(a + b); });
    out.interval = statistics::normalInterval(out.value, out.error, confidence);
    if (out.interval) {
        out.interval->lower = std::max(0.0, out.interval->lower);
        out.interval->upper = std::min(1.0, out.interval->upper);
    }
    return out;
}

statistics::Defined<RegressionMetrics>
regressionMetrics(std::span<const double> predicted, std::span<const double> real, double confidence, double overlap)
{
    if (predicted.size() != real.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (predicted.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    if (!statistics::allFinite(predicted) || !statistics::allFinite(real)) {
        return std::unexpected(Undefined::NotFinite);
    }
    std::vector<double> squares;
    std::vector<double> absolutes;
    for (std::size_t i = 0; i < real.size(); ++i) {
        const double off = predicted[i] - real[i];
        squares.push_back(off * off);
        absolutes.push_back(std::abs(off));
    }
    RegressionMetrics m{.n = real.size()};
    m.squaredError = meanOf(squares, confidence, overlap);
    m.absoluteError = meanOf(absolutes, confidence, overlap);
    m.rootMeanSquare = std::sqrt(*m.squaredError.value);
    const auto spread = statistics::variance(real, 0);
    m.r2 = {.n = m.n};
    if (!spread || *spread == 0) {
        m.r2.value = m.r2.error = std::unexpected(Undefined::NoVariance);
        m.r2.interval = std::unexpected(Undefined::NoVariance);
        return m;
    }
    m.r2.value = 1.0 - *m.squaredError.value / *spread;
    m.r2.error = statistics::scaled(m.squaredError.error, 1.0 / *spread);
    m.r2.interval = statistics::normalInterval(m.r2.value, m.r2.error, confidence);
    return m;
}

} // namespace qd::learning
