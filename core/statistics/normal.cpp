#include "statistics/normal.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace qd::statistics {

double normalCdf(double z)
{
    return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

double normalQuantile(double p)
{
    if (!(p >= 0.0 && p <= 1.0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (p == 0.0 || p == 1.0) {
        return p == 0.0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    }
    if (p > 0.5) { // the lower tail keeps its digits, the upper one loses them in 1 − p
        return -normalQuantile(1.0 - p);
    }
    // Start: Abramowitz & Stegun 26.2.23, good to 4.5e-4. Then Halley's method on the tail, which triples the digits.
    const double t = std::sqrt(-2.0 * std::log(p));
    double z =
        -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for (int i = 0; i < 4; ++i) {
        const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
        const double step = (normalCdf(z) - p) / density;
        z -= step / (1.0 + 0.5 * z * step);
    }
    return z;
}

} // namespace qd::statistics
