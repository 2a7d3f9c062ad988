#include "statistics/bootstrap.h"

#include "statistics/equity.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

namespace {

std::vector<double> defined(std::span<const Measure> measures)
{
    std::vector<double> values;
    for (const auto& measure : measures) {
        if (measure) {
            values.push_back(*measure);
        }
    }
    return values;
}

bool tooManyDropped(std::size_t dropped, std::size_t all)
{
    return static_cast<double>(dropped) > mostDropped * static_cast<double>(all);
}

// The type-7 quantiles at α/2 and 1 − α/2 of those that have a value.
Defined<Interval> tails(std::span<const Measure> replicates, double confidence)
{
    auto values = defined(replicates);
    if (values.empty() || tooManyDropped(replicates.size() - values.size(), replicates.size())) {
        return std::unexpected(replicates.empty() ? Undefined::TooFew : Undefined::Dropped);
    }
    std::ranges::sort(values);
    const double half = (1.0 - confidence) / 2.0;
    const auto lower = quantileOfSorted(values, half);
    const auto upper = quantileOfSorted(values, 1.0 - half);
    if (!lower || !upper) {
        return std::unexpected(lower ? upper.error() : lower.error());
    }
    return Interval{*lower, *upper};
}

// Hands `use` the resampled values of each replicate; or the reason where an index is beyond them.
template <typename Use>
void forEachReplicate(std::span<const double> values, const Resamples& resamples, Use use)
{
    std::vector<double> drawn;
    for (auto indices = resamples(); !indices.empty(); indices = resamples()) {
        drawn.clear();
        for (const auto i : indices) {
            drawn.push_back(i < values.size() ? values[i] : std::nan(""));
        }
        use(std::span<const double>(drawn));
    }
}

void summarise(Bootstrap& out, double confidence)
{
    const auto values = defined(out.replicates);
    out.dropped = out.replicates.size() - values.size();
    out.replicateMean = mean(values);
    out.replicateError = standardDeviation(values);
    out.percentile = tails(out.replicates, confidence);
    if (!out.estimate) {
        out.percentile = std::unexpected(out.estimate.error());
    }
    out.basic = out.percentile;
    if (out.basic) {
        out.basic = Interval{2.0 * *out.estimate - out.percentile->upper, 2.0 * *out.estimate - out.percentile->lower};
    }
}

double taper(double u)
{
    return u <= 0.5 ? 1.0 : 2.0 * (1.0 - u);
}

// Σ_{t ≥ lag} e_t e_{t−lag}
double lagProduct(std::span<const double> e, std::size_t lag)
{
    CompensatedSum total;
    for (std::size_t t = lag; t < e.size(); ++t) {
        total.add(e[t] * e[t - lag]);
    }
    return total.value();
}

// The first run of k_n lags whose autocorrelation is no more than noise decides how many lags count.
std::size_t cutoffLag(std::span<const double> e, std::size_t mostLags, std::size_t run)
{
    const auto n = static_cast<double>(e.size());
    const double critical = 2.0 * std::sqrt(std::log10(n) / n);
    std::size_t quiet = 0; // lags under `critical` in a row, up to i − 1
    for (std::size_t i = 0; i <= mostLags && i + 1 < e.size(); ++i) {
        if (i >= run && quiet >= run) {
            return std::min(2 * std::max<std::size_t>(i - run, 1), mostLags);
        }
        const auto later = e.subspan(i + 1);
        const auto earlier = e.first(e.size() - i - 1);
        const double scale = std::sqrt(lagProduct(later, 0) * lagProduct(earlier, 0));
        quiet = std::abs(lagProduct(e, i)) / scale < critical ? quiet + 1 : 0;
    }
    return mostLags;
}

} // namespace

Bootstrap bootstrapMean(std::span<const double> values, const Resamples& resamples, double confidence)
{
    Bootstrap out{.estimate = mean(values)};
    forEachReplicate(values, resamples, [&](std::span<const double> drawn) { out.replicates.push_back(mean(drawn)); });
    summarise(out, confidence);
    return out;
}

Bootstrap bootstrapSharpe(std::span<const double> returns, const Resamples& resamples, double confidence)
{
    const auto observed = sharpeEstimate(returns, confidence);
    Bootstrap out{.estimate = observed.value, .error = observed.error};
    forEachReplicate(returns, resamples, [&](std::span<const double> drawn) {
        const auto replicate = sharpeEstimate(drawn, confidence);
        const auto apart = both(replicate.value, out.estimate, [](double r, double theta) { return r - theta; });
        out.replicates.push_back(replicate.value);
        out.studentised.push_back(both(apart, replicate.error, [](double d, double e) { return d / e; }));
    });
    summarise(out, confidence);
    out.droppedStudentised = out.studentised.size() - defined(out.studentised).size();
    if (!out.estimate || !out.error) {
        out.studentisedInterval = std::unexpected(out.estimate ? out.error.error() : out.estimate.error());
        return out;
    }
    out.studentisedInterval = tails(out.studentised, confidence);
    if (out.studentisedInterval) { // the upper tail of t* says how low the true one may lie
        const auto t = *out.studentisedInterval;
        out.studentisedInterval = Interval{*out.estimate - t.upper * *out.error, *out.estimate - t.lower * *out.error};
    }
    return out;
}

BlockLength optimalBlockLength(std::span<const double> values)
{
    BlockLength out;
    const auto spread = variance(values);
    if (!spread || *spread == 0.0) {
        out.stationary = out.circular = std::unexpected(spread ? Undefined::NoVariance : spread.error());
        return out;
    }
    std::vector<double> e(values.begin(), values.end());
    const double center = *mean(values);
    for (double& v : e) {
        v -= center;
    }
    const auto n = static_cast<double>(e.size());
    const std::size_t run = std::max<std::size_t>(5, static_cast<std::size_t>(std::log10(n)));
    const std::size_t mostLags = static_cast<std::size_t>(std::ceil(std::sqrt(n))) + run;
    out.longest = static_cast<std::size_t>(std::ceil(std::min(3.0 * std::sqrt(n), n / 3.0)));
    out.cutoff = cutoffLag(e, mostLags, run);
    double weighted = 0.0;                 // G
    double density = lagProduct(e, 0) / n; // D
    const auto m = static_cast<double>(out.cutoff);
    for (std::size_t k = 1; k <= out.cutoff && k < e.size(); ++k) {
        const auto lag = static_cast<double>(k);
        const double gamma = lagProduct(e, k) / n;
        weighted += 2.0 * taper(lag / m) * lag * gamma;
        density += 2.0 * taper(lag / m) * gamma;
    }
    const double ratio = weighted * weighted / (density * density);
    const auto length = [&](double constant) {
        const double b = std::cbrt(constant * ratio) * std::cbrt(n);
        return std::isnan(b) ? Measure(std::unexpected(Undefined::NotFinite))
                             : Measure(std::min(b, static_cast<double>(out.longest)));
    };
    out.stationary = length(1.0);
    out.circular = length(1.5);
    return out;
}

double meanBlockLength(std::span<const double> values)
{
    constexpr std::size_t least = 30;
    const auto chosen = optimalBlockLength(values);
    if (values.size() < least || !chosen.stationary) {
        return std::max(1.0, std::cbrt(static_cast<double>(values.size())));
    }
    return std::max(1.0, *chosen.stationary);
}

} // namespace qd::statistics
