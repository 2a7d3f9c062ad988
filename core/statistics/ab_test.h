// A/B tests of a fixed time, and whether the split between arms is as it was meant. Pure. Any thread; SequentialSrm not
// shared between threads. Source: STATISTICS.md §9.
#pragma once

#include "statistics/intervals.h"
#include "statistics/measure.h"
#include "statistics/sequential.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qd::statistics {

struct WelchTest {
    Measure difference = std::unexpected(Undefined::TooFew); // a − b
    Measure error = std::unexpected(Undefined::TooFew);
    Measure t = std::unexpected(Undefined::TooFew);
    Measure df = std::unexpected(Undefined::TooFew); // fractional
    Measure p = std::unexpected(Undefined::TooFew);  // two-sided
    Defined<Interval> interval = std::unexpected(Undefined::TooFew);
};

/// Never pooled. TooFew under two observations in an arm, NoVariance where neither arm has any.
[[nodiscard]] WelchTest welchTest(const ArmMoments& a, const ArmMoments& b, double confidence = 0.95);

/// Sample ratio mismatch by χ². What is counted is the decision bar at which an arm's rule was asked, never a signal or
/// a fill: a better rule may signal more often.
struct RatioTest {
    Measure statistic = std::unexpected(Undefined::TooFew);
    std::size_t df = 0;
    Measure p = std::unexpected(Undefined::TooFew);
    bool isAlarm = false; // it invalidates the comparison; there is no correcting for it
};
/// TooFew, and no alarm, where an arm is expected to have fewer than 5.
[[nodiscard]] RatioTest ratioTest(std::span<const double> observed, std::span<const double> weights,
                                  double alarmP = 0.001);

/// The same while it runs (Lindon and Malek): to be looked at after every period. A period without events changes
/// nothing. Weights over 0, in any unit.
class SequentialRatioTest {
public:
    explicit SequentialRatioTest(std::span<const double> weights, double concentration = 10'000);
    /// `counts` of a period, one for each arm.
    void add(std::span<const double> counts);
    [[nodiscard]] double logBayesFactor() const { return logFactor_; }
    [[nodiscard]] double p() const { return p_; } // the least that was seen, from 1

private:
    std::vector<double> share_;
    std::vector<double> alpha_;
    double logFactor_ = 0;
    double p_ = 1;
};

} // namespace qd::statistics
