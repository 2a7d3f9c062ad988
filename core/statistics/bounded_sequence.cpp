#include "statistics/bounded_sequence.h"

#include "statistics/distributions.h"

#include <algorithm>
#include <cmath>

namespace qd::statistics {

namespace {

double toUnit(double outcome, const Bounds& bounds, std::uint64_t& clipped)
{
    const double y = (outcome - bounds.low) / (bounds.high - bounds.low);
    clipped += y >= 0.0 && y <= 1.0 ? 0U : 1U;
    return std::isnan(y) ? 0.0 : std::clamp(y, 0.0, 1.0); // a missing outcome is taken as the worst
}

double fromUnit(double y, const Bounds& bounds)
{
    return bounds.low + y * (bounds.high - bounds.low);
}

Interval fromUnit(const Interval& unit, const Bounds& bounds)
{
    return {fromUnit(unit.lower, bounds), fromUnit(unit.upper, bounds)};
}

Interval clippedAround(double center, double half)
{
    return {std::max(center - half, 0.0), std::min(center + half, 1.0)};
}

void intersect(Interval& running, const Interval& now)
{
    running = {std::max(running.lower, now.lower), std::min(running.upper, now.upper)};
}

} // namespace

PluginBernstein::PluginBernstein(Bounds bounds, double alpha, double cap)
    : bounds_(bounds),
      logTerm_(std::log(2.0 / alpha)),
      cap_(cap)
{
}

void PluginBernstein::add(double outcome)
{
    const double y = toUnit(outcome, bounds_, clipped_);
    n_ += 1.0;
    // The bet knows only what came before.
    lastBet_ = std::min(std::sqrt(2.0 * logTerm_ / (varianceBefore_ * n_ * std::log1p(n_))), cap_);
    bets_ += lastBet_;
    weighted_ += lastBet_ * y;
    penalty_ += (y - meanBefore_) * (y - meanBefore_) * (-std::log1p(-lastBet_) - lastBet_);
    sum_ += y;
    meanBefore_ = (0.5 + sum_) / (n_ + 1.0);
    squares_ += (y - meanBefore_) * (y - meanBefore_);
    varianceBefore_ = (0.25 + squares_) / (n_ + 1.0);
    intersect(running_, clippedAround(weighted_ / bets_, (logTerm_ + penalty_) / bets_));
}

BoundedState PluginBernstein::state() const
{
    if (n_ == 0.0) {
        const Interval all{bounds_.low, bounds_.high};
        return {.center = fromUnit(0.5, bounds_), .interval = all, .running = all};
    }
    const double center = weighted_ / bets_;
    return {.center = fromUnit(center, bounds_),
            .interval = fromUnit(clippedAround(center, (logTerm_ + penalty_) / bets_), bounds_),
            .running = fromUnit(running_, bounds_),
            .lastBet = lastBet_};
}

double stitchedBound(double v, double alpha, double c, const Stitching& stitching)
{
    const double eta = stitching.eta;
    const double least = std::max(v, stitching.leastVariance);
    const double k1 = (std::pow(eta, 0.25) + std::pow(eta, -0.25)) / std::sqrt(2.0);
    const double k2 = (std::sqrt(eta) + 1.0) / 2.0;
    const double l = stitching.s * std::log(std::log(eta * least / stitching.leastVariance)) +
                     std::log(zeta(stitching.s) / (alpha * std::pow(std::log(eta), stitching.s)));
    return std::sqrt(k1 * k1 * least * l + k2 * k2 * c * c * l * l) + k2 * c * l;
}

StitchedBernstein::StitchedBernstein(Bounds bounds, double alpha, const Stitching& stitching)
    : bounds_(bounds),
      alpha_(alpha),
      stitching_(stitching)
{
}

void StitchedBernstein::add(double outcome)
{
    const double y = toUnit(outcome, bounds_, clipped_);
    const double before = n_ == 0.0 ? 0.5 : sum_ / n_;
    variance_ += (y - before) * (y - before);
    sum_ += y;
    n_ += 1.0;
    intersect(running_, clippedAround(sum_ / n_, stitchedBound(variance_, alpha_ / 2.0, 1.0, stitching_) / n_));
}

BoundedState StitchedBernstein::state() const
{
    if (n_ == 0.0) {
        const Interval all{bounds_.low, bounds_.high};
        return {.center = fromUnit(0.5, bounds_), .interval = all, .running = all};
    }
    const double center = sum_ / n_;
    const double half = stitchedBound(variance_, alpha_ / 2.0, 1.0, stitching_) / n_;
    return {.center = fromUnit(center, bounds_),
            .interval = fromUnit(clippedAround(center, half), bounds_),
            .running = fromUnit(running_, bounds_),
            .variance = variance_};
}

double mixtureRho(double v, double alpha)
{
    const double l = -2.0 * std::log(alpha);
    return v / (l + std::log1p(l));
}

double normalMixtureBound(double v, double rho, double alpha)
{
    return std::sqrt((v + rho) * (std::log1p(v / rho) - 2.0 * std::log(alpha)));
}

} // namespace qd::statistics
