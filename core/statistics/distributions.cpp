#include "statistics/distributions.h"

#include "statistics/normal.h"

#include <math.h> // lgammal_r is POSIX, and not in <cmath>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace qd::statistics {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double tiny = 1e-300; // keeps Lentz's denominators from being 0
constexpr double enough = 1e-16;
constexpr int mostTerms = 200'000;

// Extended, because what is left of the difference of two of them counts: at 1e5 each, double would leave 1e-11.
long double logGammaLong(long double x)
{
    int sign = 0;
    return lgammal_r(x, &sign);
}

// Lentz's d and c of one more term of a continued fraction; the factor to multiply the value by.
double lentzStep(double numerator, double denominator, double& c, double& d)
{
    d = denominator + numerator * d;
    c = denominator + numerator / c;
    d = 1.0 / (std::abs(d) < tiny ? tiny : d);
    c = std::abs(c) < tiny ? tiny : c;
    return d * c;
}

double betaFraction(double a, double b, double x)
{
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (std::abs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < mostTerms; ++m) {
        const double k = m;
        value *= lentzStep(k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k)), 1.0, c, d);
        const double step = lentzStep(-(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0)), 1.0, c, d);
        value *= step;
        if (std::abs(step - 1.0) < enough) {
            break;
        }
    }
    return value;
}

// ln Γ(a + ½) − ln Γ(a). The asymptotic series is exact to the last bit from 40 on, where the difference loses digits.
long double logHalfRise(long double a)
{
    if (a < 40.0L) {
        return logGammaLong(a + 0.5L) - logGammaLong(a);
    }
    const long double r = 1.0L / a;
    const long double r2 = r * r;
    return 0.5L * std::log(a) -
           r * (1.0L / 8.0L - r2 * (1.0L / 192.0L - r2 * (1.0L / 640.0L - r2 * (17.0L / 14336.0L))));
}

// P(T ≤ −|t|) = ½·I_x(df/2, ½), x = df/(df + t²). In logarithms of 1 + t²/df, because x near 1 would lose what counts.
double studentTail(double t, double df)
{
    const double a = df / 2.0;
    const long double ratio = static_cast<long double>(t) / df * t;
    if (!(ratio > 0.0L)) {
        return 0.5;
    }
    const long double logX = -std::log1p(ratio);
    const long double logY = std::log(ratio) + logX;
    const long double logRoot = 0.5L * std::log(std::numbers::pi_v<long double>);
    const double factor = static_cast<double>(std::exp(logHalfRise(a) - logRoot + a * logX + 0.5L * logY));
    const auto x = static_cast<double>(1.0L / (1.0L + ratio));
    const auto y = static_cast<double>(ratio / (1.0L + ratio));
    return x < (a + 1.0) / (a + 2.5) ? 0.5 * factor * betaFraction(a, 0.5, x) / a
                                     : 0.5 - factor * betaFraction(0.5, a, y);
}

// Q(a, x) = Γ(a, x)/Γ(a), for x > 0.
double incompleteGammaUpper(double a, double x)
{
    const long double front = a * std::log(static_cast<long double>(x)) - x - logGammaLong(a);
    const double factor = static_cast<double>(std::exp(front));
    if (x < a + 1.0) {
        double term = 1.0 / a;
        double total = term;
        for (int k = 1; k < mostTerms && term > total * enough; ++k) {
            term *= x / (a + k);
            total += term;
        }
        return 1.0 - factor * total;
    }
    double denominator = x + 1.0 - a;
    double c = 1.0 / tiny;
    double d = 1.0 / denominator;
    double value = d;
    for (int k = 1; k < mostTerms; ++k) {
        denominator += 2.0;
        const double step = lentzStep(-k * (k - a), denominator, c, d);
        value *= step;
        if (std::abs(step - 1.0) < enough) {
            break;
        }
    }
    return factor * value;
}

double studentDensity(double t, double df)
{
    const long double front = logHalfRise(df / 2.0L) - 0.5L * std::log(df * std::numbers::pi_v<long double>);
    return static_cast<double>(std::exp(front - (df + 1.0L) / 2.0L * std::log1p(static_cast<long double>(t) * t / df)));
}

} // namespace

double logGamma(double x)
{
    return static_cast<double>(logGammaLong(x));
}

double logGammaRise(double x, double step)
{
    return static_cast<double>(logGammaLong(static_cast<long double>(x) + step) - logGammaLong(x));
}

double studentCdf(double t, double df)
{
    if (std::isnan(t) || !(df > 0.0)) {
        return none;
    }
    if (std::isinf(t)) {
        return t < 0.0 ? 0.0 : 1.0;
    }
    if (df > 1e5) { // Abramowitz & Stegun 26.7.8: off by the order of 1/df²; the fraction loses more digits than that
        return normalCdf(t * (1.0 - 0.25 / df) / std::sqrt(1.0 + t * t / (2.0 * df)));
    }
    const double tail = studentTail(t, df);
    return t < 0.0 ? tail : 1.0 - tail;
}

double studentQuantile(double p, double df)
{
    if (!(p >= 0.0 && p <= 1.0) || !(df > 0.0)) {
        return none;
    }
    if (p == 0.0 || p == 1.0) {
        return p == 0.0 ? -infinite : infinite;
    }
    if (p == 0.5) {
        return 0.0;
    }
    if (p > 0.5) { // 1 − p is exact here
        return -studentQuantile(1.0 - p, df);
    }
    double low = -1.0;
    while (studentCdf(low, df) > p) {
        low *= 2.0;
        if (std::isinf(low)) {
            return low;
        }
    }
    double high = low == -1.0 ? 0.0 : low / 2.0;
    double t = std::clamp(normalQuantile(p), low, high);
    for (int i = 0; i < 200; ++i) { // Newton's method, halving where it would leave the bracket
        const double miss = studentCdf(t, df) - p;
        (miss > 0.0 ? high : low) = t;
        double next = t - miss / studentDensity(t, df);
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (std::abs(next - t) <= 1e-15 * std::abs(next)) {
            return next;
        }
        t = next;
    }
    return t;
}

double chiSquareSurvival(double x, double df)
{
    if (std::isnan(x) || !(df > 0.0)) {
        return none;
    }
    if (x <= 0.0 || std::isinf(x)) {
        return x <= 0.0 ? 1.0 : 0.0;
    }
    return incompleteGammaUpper(df / 2.0, x / 2.0);
}

double kolmogorovSurvival(double lambda)
{
    if (std::isnan(lambda)) {
        return none;
    }
    if (lambda < 0.2) {
        return 1.0;
    }
    double total = 0.0;
    double sign = 2.0;
    for (int k = 1; k < 100; ++k, sign = -sign) {
        const double term = std::exp(-2.0 * k * k * lambda * lambda);
        total += sign * term;
        if (term < 1e-20) {
            break;
        }
    }
    return std::clamp(total, 0.0, 1.0);
}

double lambertLower(double x)
{
    if (!(x < 0.0)) {
        return none;
    }
    // w = −1 − u turns it into u − ln(1+u) = −ln(−x) − 1, convex, so that Newton's method from the right cannot miss.
    const double goal = -std::log(-x) - 1.0;
    if (goal < 0.0) {
        return goal > -1e-15 ? -1.0 : none;
    }
    double u = goal + std::sqrt(2.0 * goal);
    for (int i = 0; i < 50 && u > 0.0; ++i) {
        const double step = (u - std::log1p(u) - goal) * (1.0 + u) / u;
        u -= step;
        if (std::abs(step) <= 1e-16 * u) {
            break;
        }
    }
    return -1.0 - u;
}

double zeta(double s)
{
    return s > 1.0 ? std::riemann_zeta(s) : none;
}

} // namespace qd::statistics
