#include "statistics/sharpe.h"

#include "statistics/equity.h"
#include "statistics/normal.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qd::statistics {

namespace {

Measure mertens(const SharpeSample& sample, double divisor)
{
    const auto core = sharpeVarianceCore(sample);
    if (sample.n < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    return core ? measureOf(std::sqrt(*core / divisor)) : core;
}

} // namespace

Defined<SharpeSample> sharpeSample(std::span<const double> returns)
{
    const auto ratio = sharpeRatio(returns);
    const auto form = shape(returns);
    if (!ratio || !form) {
        return std::unexpected(ratio ? form.error() : ratio.error());
    }
    return SharpeSample{*ratio, form->skewness, form->kurtosis, returns.size()};
}

Measure sharpeVarianceCore(const SharpeSample& sample)
{
    const auto core = measureOf(1.0 - sample.skewness * sample.sharpe +
                                (sample.kurtosis - 1.0) / 4.0 * sample.sharpe * sample.sharpe);
    return core && *core <= 0.0 ? std::unexpected(Undefined::Shape) : core;
}

Measure mertensError(const SharpeSample& sample)
{
    return mertens(sample, static_cast<double>(sample.n) - 1.0);
}

Measure mertensErrorByN(const SharpeSample& sample)
{
    return mertens(sample, static_cast<double>(sample.n));
}

Measure loError(const SharpeSample& sample)
{
    if (sample.n < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    return measureOf(std::sqrt((1.0 + 0.5 * sample.sharpe * sample.sharpe) / static_cast<double>(sample.n)));
}

Estimate sharpeEstimate(std::span<const double> returns, double confidence)
{
    Estimate out{.value = sharpeRatio(returns), .n = returns.size()};
    const auto sample = sharpeSample(returns);
    out.error = sample ? mertensError(*sample) : std::unexpected(sample.error());
    out.interval = normalInterval(out.value, out.error, confidence);
    return out;
}

Estimate annualised(const Estimate& estimate, double periodsPerYear)
{
    const double root = std::sqrt(periodsPerYear);
    Estimate out = estimate;
    out.value = scaled(estimate.value, root);
    out.error = scaled(estimate.error, root);
    if (estimate.interval) {
        out.interval = Interval{estimate.interval->lower * root, estimate.interval->upper * root};
    }
    return out;
}

Measure loFactor(std::span<const double> autocorrelations, std::size_t periods)
{
    if (!allFinite(autocorrelations)) {
        return std::unexpected(Undefined::NotFinite);
    }
    const auto q = static_cast<double>(periods);
    double weighted = 0.0;
    for (std::size_t k = 1; k <= autocorrelations.size() && k < periods; ++k) {
        weighted += (q - static_cast<double>(k)) * autocorrelations[k - 1];
    }
    const double bracket = q + 2.0 * weighted;
    return bracket > 0.0 ? measureOf(q / std::sqrt(bracket)) : std::unexpected(Undefined::Shape);
}

Measure probabilisticSharpe(const SharpeSample& sample, double benchmark)
{
    const auto error = mertensError(sample);
    return error ? measureOf(normalCdf((sample.sharpe - benchmark) / *error)) : error;
}

Measure minimumTrackRecord(const SharpeSample& sample, double benchmark, double confidence)
{
    const auto core = sharpeVarianceCore(sample);
    if (!(sample.sharpe > benchmark)) {
        return std::unexpected(core ? Undefined::Never : core.error());
    }
    const double ratio = normalQuantile(confidence) / (sample.sharpe - benchmark);
    return core ? measureOf(1.0 + *core * ratio * ratio) : core;
}

double expectedBestSharpe(double spread, double trials)
{
    if (!(trials >= 2.0)) {
        return 0.0;
    }
    const double inverseE = 1.0 / std::numbers::e;
    return spread * ((1.0 - std::numbers::egamma) * normalQuantile(1.0 - 1.0 / trials) +
                     std::numbers::egamma * normalQuantile(1.0 - inverseE / trials));
}

double effectiveTrials(double meanCorrelation, double trials)
{
    return meanCorrelation + (1.0 - meanCorrelation) * trials;
}

Measure deflatedSharpe(const SharpeSample& chosen, double spread, double trials)
{
    return probabilisticSharpe(chosen, expectedBestSharpe(spread, trials));
}

} // namespace qd::statistics
