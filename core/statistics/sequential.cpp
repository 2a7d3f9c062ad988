#include "statistics/sequential.h"

#include "statistics/distributions.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qd::statistics {

namespace {

Defined<Interval> around(const Measure& center, const Measure& half)
{
    if (!center || !half) {
        return std::unexpected(center ? half.error() : center.error());
    }
    return Interval{*center - *half, *center + *half};
}

// min(1, e^−x) without overflow.
double cappedExp(double x)
{
    return x > 0.0 ? std::exp(-x) : 1.0;
}

SequenceState undefinedState(const Measure& mean, Undefined why)
{
    return {mean, std::unexpected(why), std::unexpected(why), std::unexpected(why), std::unexpected(why)};
}

} // namespace

double mixtureVariance(double alpha, double tightestAt)
{
    const double l = -2.0 * std::log(alpha);
    return (l + std::log1p(l)) / tightestAt;
}

double mixtureVarianceExact(double alpha, double tightestAt)
{
    return (-lambertLower(-alpha * alpha / std::numbers::e) - 1.0) / tightestAt;
}

double sequenceMargin(double t, double rho2, double alpha)
{
    const double growth = t * rho2 + 1.0;
    return std::sqrt(2.0 * growth / (t * t * rho2) * (0.5 * std::log(growth) - std::log(alpha)));
}

SequenceState confidenceSequence(double t, const Measure& mean, const Measure& deviation,
                                 const SequenceOptions& options)
{
    if (!mean || !deviation || !(t >= 2.0)) {
        return undefinedState(mean, !mean ? mean.error() : deviation ? Undefined::TooFew : deviation.error());
    }
    const double rho2 = mixtureVariance(options.alpha, options.tightestAt);
    const double growth = t * rho2 + 1.0;
    if (*deviation == 0.0) { // a width of 0 would claim certainty from a few equal observations
        return undefinedState(mean, Undefined::NoVariance);
    }
    SequenceState out{.mean = mean};
    out.halfWidth = measureOf(*deviation * sequenceMargin(t, rho2, options.alpha));
    out.interval = around(out.mean, out.halfWidth);
    const double standard = t * (*mean - options.null) / *deviation;
    out.logEvidence = measureOf(rho2 * standard * standard / (2.0 * growth) - 0.5 * std::log(growth));
    out.p = out.logEvidence ? Measure(cappedExp(*out.logEvidence)) : out.logEvidence;
    return out;
}

SequenceState confidenceSequence(std::span<const double> values, const SequenceOptions& options)
{
    return confidenceSequence(static_cast<double>(values.size()), mean(values), standardDeviation(values), options);
}

TwoArmState twoArmSequence(const ArmMoments& a, const ArmMoments& b, const SequenceOptions& options)
{
    if (!(a.n >= 2.0) || !(b.n >= 2.0)) {
        return {};
    }
    const double total = a.n + b.n;
    const double scaledVariance = total * (a.variance / a.n + b.variance / b.n);
    return {confidenceSequence(total, measureOf(a.mean - b.mean), measureOf(std::sqrt(scaledVariance)), options), total,
            scaledVariance};
}

MixtureTest mixtureTest(const ArmMoments& a, const ArmMoments& b, double priorVariance, const SequenceOptions& options)
{
    MixtureTest out;
    if (!(a.n >= 2.0) || !(b.n >= 2.0)) {
        return out;
    }
    out.variance = a.variance / a.n + b.variance / b.n;
    out.difference = a.mean - b.mean;
    if (!(out.variance > 0.0) || !(priorVariance > 0.0)) {
        const auto why = out.variance > 0.0 ? Undefined::OutOfRange : Undefined::NoVariance;
        out.logRatio = out.p = out.halfWidth = std::unexpected(why);
        out.interval = std::unexpected(why);
        return out;
    }
    const double v = out.variance;
    const double both = v + priorVariance;
    const double effect = out.difference - options.null;
    out.logRatio = measureOf(0.5 * std::log(v / both) + priorVariance * effect * effect / (2.0 * v * both));
    out.p = out.logRatio ? Measure(cappedExp(*out.logRatio)) : out.logRatio;
    out.halfWidth =
        measureOf(std::sqrt(v * both / priorVariance * (-2.0 * std::log(options.alpha) + std::log(both / v))));
    out.interval = around(out.difference, out.halfWidth);
    return out;
}

std::string_view name(Verdict verdict)
{
    switch (verdict) {
    case Verdict::InvalidSrm:
        return "INVALID_SRM";
    case Verdict::Collecting:
        return "COLLECTING";
    case Verdict::ABetter:
        return "A_BETTER";
    case Verdict::BBetter:
        return "B_BETTER";
    case Verdict::Equivalent:
        return "EQUIVALENT";
    case Verdict::Undecided:
        return "UNDECIDED";
    }
    return "";
}

Verdict decide(const ArmCounts& a, const ArmCounts& b, const Defined<Interval>& interval, const Measure& srmP,
               const GateLimits& limits)
{
    if (srmP && *srmP < limits.srmP) {
        return Verdict::InvalidSrm;
    }
    const auto isReady = [&](const ArmCounts& arm) {
        return arm.n >= limits.least && std::min(arm.wins, arm.losses) >= limits.leastWinsAndLosses;
    };
    if (!isReady(a) || !isReady(b) || !interval) {
        return Verdict::Collecting;
    }
    if (interval->lower > 0.0) {
        return Verdict::ABetter;
    }
    if (interval->upper < 0.0) {
        return Verdict::BBetter;
    }
    const bool isWithin = interval->lower > -limits.margin && interval->upper < limits.margin;
    return isWithin ? Verdict::Equivalent : Verdict::Undecided;
}

} // namespace qd::statistics
