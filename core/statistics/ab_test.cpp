#include "statistics/ab_test.h"

#include "statistics/distributions.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

WelchTest welchTest(const ArmMoments& a, const ArmMoments& b, double confidence)
{
    WelchTest out;
    if (!(a.n >= 2.0) || !(b.n >= 2.0)) {
        return out;
    }
    const double ofA = a.variance / a.n;
    const double ofB = b.variance / b.n;
    const double squared = ofA + ofB;
    out.difference = measureOf(a.mean - b.mean);
    if (!out.difference || !(squared > 0.0) || !std::isfinite(squared)) {
        const auto why = squared == 0.0 ? Undefined::NoVariance : Undefined::NotFinite;
        out.error = out.t = out.df = out.p = std::unexpected(why);
        out.interval = std::unexpected(why);
        return out;
    }
    // By shares, since the squares of tiny variances would be 0.
    const double shareA = ofA / squared;
    const double shareB = ofB / squared;
    const double df = 1.0 / (shareA * shareA / (a.n - 1.0) + shareB * shareB / (b.n - 1.0));
    const double error = std::sqrt(squared);
    const double t = *out.difference / error;
    const double half = studentQuantile(0.5 + confidence / 2.0, df) * error;
    out.error = error;
    out.t = measureOf(t);
    out.df = df;
    out.p = 2.0 * studentCdf(-std::abs(t), df);
    out.interval = Interval{*out.difference - half, *out.difference + half};
    return out;
}

RatioTest ratioTest(std::span<const double> observed, std::span<const double> weights, double alarmP)
{
    RatioTest out;
    const double total = sum(observed);
    const double weight = sum(weights);
    if (observed.size() < 2 || observed.size() != weights.size() || !(weight > 0.0)) {
        out.statistic = out.p = std::unexpected(Undefined::OutOfRange);
        return out;
    }
    out.df = observed.size() - 1;
    CompensatedSum statistic;
    for (std::size_t i = 0; i < observed.size(); ++i) {
        const double expected = total * weights[i] / weight;
        if (!(expected >= 5.0)) {
            return out;
        }
        statistic.add((observed[i] - expected) * (observed[i] - expected) / expected);
    }
    out.statistic = measureOf(statistic.value());
    if (out.statistic) {
        const double p = chiSquareSurvival(*out.statistic, static_cast<double>(out.df));
        out.p = p;
        out.isAlarm = p < alarmP;
    } else {
        out.p = out.statistic;
    }
    return out;
}

SequentialRatioTest::SequentialRatioTest(std::span<const double> weights, double concentration)
{
    const double total = sum(weights);
    for (const double w : weights) {
        share_.push_back(w / total);
        alpha_.push_back(concentration * w / total);
    }
}

void SequentialRatioTest::add(std::span<const double> counts)
{
    const double events = counts.size() == alpha_.size() ? sum(counts) : 0.0;
    if (!(events > 0.0)) {
        return;
    }
    // ln DirMult(x|α) − ln Mult(x|w): the multinomial coefficients cancel.
    const double total = sum(alpha_);
    CompensatedSum change;
    change.add(-logGammaRise(total, events));
    for (std::size_t i = 0; i < alpha_.size(); ++i) {
        change.add(logGammaRise(alpha_[i], counts[i]));
        change.add(-counts[i] * std::log(share_[i]));
        alpha_[i] += counts[i];
    }
    logFactor_ += change.value();
    p_ = std::min(p_, std::exp(-logFactor_));
}

} // namespace qd::statistics
