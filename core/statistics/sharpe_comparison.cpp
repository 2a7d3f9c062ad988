#include "statistics/sharpe_comparison.h"

#include "statistics/equity.h"
#include "statistics/normal.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace qd::statistics {

namespace {

constexpr std::size_t leastObservations = 30;
constexpr double mostRho = 0.97; // (1−ρ)⁸ in a denominator

using Vector = std::array<double, 4>;
using Matrix = std::array<Vector, 4>;

std::optional<Undefined> refusal(std::span<const double> x, std::span<const double> y, bool isPaired)
{
    if (isPaired && x.size() != y.size()) {
        return Undefined::OutOfRange;
    }
    for (const auto arm : {x, y}) {
        if (arm.size() < leastObservations) {
            return Undefined::TooFew;
        }
        if (const auto ratio = sharpeRatio(arm); !ratio) {
            return ratio.error();
        }
    }
    return std::nullopt;
}

void judge(SharpeDifference& test)
{
    test.z = test.error && *test.error > 0.0 ? measureOf(test.difference / *test.error)
                                             : std::unexpected(test.error ? Undefined::NoVariance : test.error.error());
    test.p = test.z ? Measure(2.0 * normalCdf(-std::abs(*test.z))) : test.z;
}

SharpeDifference differenceOf(std::span<const double> x, std::span<const double> y)
{
    const double first = *sharpeRatio(x);
    const double second = *sharpeRatio(y);
    return {.first = first, .second = second, .difference = first - second};
}

// The means (μ₁, μ₂, γ₁, γ₂) of two arms, what the days deviate from them, and the gradient of SR₁ − SR₂ over them.
struct Influence {
    std::vector<Vector> rows;
    Vector gradient{};
    bool isDefined = false;
};

Influence influenceOf(std::span<const double> x, std::span<const double> y)
{
    const auto t = static_cast<double>(x.size());
    Influence out;
    Vector means{};
    std::array<CompensatedSum, 4> sums;
    for (std::size_t i = 0; i < x.size(); ++i) {
        out.rows.push_back({x[i], y[i], x[i] * x[i], y[i] * y[i]});
        for (std::size_t k = 0; k < 4; ++k) {
            sums[k].add(out.rows.back()[k]);
        }
    }
    for (std::size_t k = 0; k < 4; ++k) {
        means[k] = sums[k].value() / t;
    }
    for (auto& row : out.rows) {
        for (std::size_t k = 0; k < 4; ++k) {
            row[k] -= means[k];
        }
    }
    // γ − μ² is the population variance; by two passes it loses no digits.
    const double d1 = std::pow(variance(x, 0).value_or(0.0), 1.5);
    const double d2 = std::pow(variance(y, 0).value_or(0.0), 1.5);
    out.isDefined = d1 > 0.0 && d2 > 0.0;
    out.gradient = {means[2] / d1, -means[3] / d2, -0.5 * means[0] / d1, 0.5 * means[1] / d2};
    return out;
}

Matrix lagCovariance(const std::vector<Vector>& rows, std::size_t lag, double divisor)
{
    Matrix out{};
    for (std::size_t t = lag; t < rows.size(); ++t) {
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = 0; j < 4; ++j) {
                out[i][j] += rows[t][i] * rows[t - lag][j] / divisor;
            }
        }
    }
    return out;
}

Measure errorOf(const Vector& gradient, const Matrix& psi, double t)
{
    double quadratic = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            quadratic += gradient[i] * psi[i][j] * gradient[j];
        }
    }
    return quadratic >= 0.0 ? measureOf(std::sqrt(quadratic / t)) : std::unexpected(Undefined::Shape);
}

double parzen(double u)
{
    return u <= 0.5 ? 1.0 - 6.0 * u * u + 6.0 * u * u * u : u <= 1.0 ? 2.0 * std::pow(1.0 - u, 3) : 0.0;
}

struct Autoregression {
    double rho = 0;
    double squares = 0; // of the residuals; the divisor of their variance cancels
};

// OLS with an intercept of a column on itself one day earlier.
Autoregression autoregressionOf(const std::vector<Vector>& rows, std::size_t column)
{
    std::vector<double> later;
    std::vector<double> earlier;
    for (std::size_t t = 1; t < rows.size(); ++t) {
        later.push_back(rows[t][column]);
        earlier.push_back(rows[t - 1][column]);
    }
    const double meanLater = *mean(later);
    const double meanEarlier = *mean(earlier);
    CompensatedSum products;
    CompensatedSum squares;
    for (std::size_t i = 0; i < later.size(); ++i) {
        products.add((later[i] - meanLater) * (earlier[i] - meanEarlier));
        squares.add((earlier[i] - meanEarlier) * (earlier[i] - meanEarlier));
    }
    Autoregression out;
    out.rho = squares.value() > 0.0 ? products.value() / squares.value() : 0.0;
    CompensatedSum residuals;
    for (std::size_t i = 0; i < later.size(); ++i) {
        const double residual = later[i] - meanLater - out.rho * (earlier[i] - meanEarlier);
        residuals.add(residual * residual);
    }
    out.squares = residuals.value();
    return out;
}

double bandwidthOf(const std::vector<Vector>& rows, Vector& rho)
{
    double above = 0.0;
    double below = 0.0;
    for (std::size_t column = 0; column < 4; ++column) {
        const auto fit = autoregressionOf(rows, column);
        rho[column] = fit.rho;
        const double r = std::clamp(fit.rho, -mostRho, mostRho);
        const double fourth = fit.squares * fit.squares;
        above += 4.0 * r * r * fourth / std::pow(1.0 - r, 8);
        below += fourth / std::pow(1.0 - r, 4);
    }
    const double alpha = below > 0.0 ? above / below : 0.0;
    return 2.6614 * std::pow(alpha * static_cast<double>(rows.size()), 0.2);
}

Matrix hacCovariance(const std::vector<Vector>& rows, double bandwidth)
{
    const auto t = static_cast<double>(rows.size());
    Matrix psi = lagCovariance(rows, 0, t);
    for (std::size_t lag = 1; static_cast<double>(lag) < bandwidth && lag < rows.size(); ++lag) {
        const auto gamma = lagCovariance(rows, lag, t);
        const double weight = parzen(static_cast<double>(lag) / bandwidth);
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = 0; j < 4; ++j) {
                psi[i][j] += weight * (gamma[i][j] + gamma[j][i]);
            }
        }
    }
    for (auto& row : psi) {
        for (double& value : row) {
            value *= t / (t - 4.0);
        }
    }
    return psi;
}

Matrix blockCovariance(const std::vector<Vector>& rows, std::size_t block)
{
    const std::size_t blocks = rows.size() / block;
    std::vector<Vector> zeta(blocks);
    for (std::size_t j = 0; j < blocks; ++j) {
        for (std::size_t t = j * block; t < (j + 1) * block; ++t) {
            for (std::size_t k = 0; k < 4; ++k) {
                zeta[j][k] += rows[t][k] / std::sqrt(static_cast<double>(block));
            }
        }
    }
    return lagCovariance(zeta, 0, static_cast<double>(blocks));
}

// |Δ* − Δ| / SE* of one resample.
Measure replicateOf(std::span<const double> x, std::span<const double> y, double difference, std::size_t block)
{
    const auto influence = influenceOf(x, y);
    const auto apart = both(sharpeRatio(x), sharpeRatio(y), [&](double a, double b) { return a - b - difference; });
    if (!apart || !influence.isDefined) {
        return apart ? Measure(std::unexpected(Undefined::NoVariance)) : apart;
    }
    const auto error =
        errorOf(influence.gradient, blockCovariance(influence.rows, block), static_cast<double>(x.size()));
    return both(apart, error, [](double a, double e) { return std::abs(a) / e; });
}

} // namespace

Defined<MemmelTest> memmelTest(std::span<const double> x, std::span<const double> y)
{
    if (const auto why = refusal(x, y, true)) {
        return std::unexpected(*why);
    }
    MemmelTest out{differenceOf(x, y)};
    const auto rho = correlation(x, y);
    if (!rho) {
        return std::unexpected(rho.error());
    }
    out.rho = *rho;
    const double a = out.first;
    const double b = out.second;
    const double squared =
        (2.0 - 2.0 * out.rho + 0.5 * (a * a + b * b - 2.0 * a * b * out.rho * out.rho)) / static_cast<double>(x.size());
    out.error = measureOf(std::sqrt(std::max(squared, 0.0)));
    judge(out);
    return out;
}

Defined<LedoitWolfTest> ledoitWolfTest(std::span<const double> x, std::span<const double> y)
{
    if (const auto why = refusal(x, y, true)) {
        return std::unexpected(*why);
    }
    const auto influence = influenceOf(x, y);
    LedoitWolfTest out{differenceOf(x, y), influence.gradient};
    const auto t = static_cast<double>(x.size());
    out.error = errorOf(influence.gradient, lagCovariance(influence.rows, 0, t - 1.0), t);
    judge(out);
    return out;
}

Defined<LedoitWolfTest> ledoitWolfHacTest(std::span<const double> x, std::span<const double> y)
{
    if (const auto why = refusal(x, y, true)) {
        return std::unexpected(*why);
    }
    const auto influence = influenceOf(x, y);
    LedoitWolfTest out{differenceOf(x, y), influence.gradient};
    out.bandwidth = bandwidthOf(influence.rows, out.rho);
    out.error =
        errorOf(influence.gradient, hacCovariance(influence.rows, out.bandwidth), static_cast<double>(x.size()));
    judge(out);
    return out;
}

Defined<LedoitWolfBootstrap> ledoitWolfBootstrap(std::span<const double> x, std::span<const double> y,
                                                 const Resamples& resamples, std::size_t block)
{
    const auto observed = ledoitWolfHacTest(x, y);
    if (!observed || !observed->error || !observed->z) {
        return std::unexpected(observed ? observed->z.error() : observed.error());
    }
    if (block == 0 || block > x.size()) {
        return std::unexpected(Undefined::OutOfRange);
    }
    LedoitWolfBootstrap out{.difference = observed->difference, .error = *observed->error, .d = std::abs(*observed->z)};
    std::vector<double> drawnX(x.size());
    std::vector<double> drawnY(x.size());
    std::size_t beyond = 0;
    for (auto indices = resamples(); !indices.empty(); indices = resamples()) {
        if (indices.size() != x.size() || std::ranges::max(indices) >= x.size()) {
            return std::unexpected(Undefined::OutOfRange);
        }
        for (std::size_t i = 0; i < indices.size(); ++i) {
            drawnX[i] = x[indices[i]];
            drawnY[i] = y[indices[i]];
        }
        out.replicates.push_back(replicateOf(drawnX, drawnY, out.difference, block));
        const auto& replicate = out.replicates.back();
        out.dropped += replicate ? 0U : 1U;
        beyond += replicate && *replicate >= out.d ? 1U : 0U;
    }
    const auto counted = static_cast<double>(out.replicates.size() - out.dropped);
    if (out.replicates.empty() ||
        static_cast<double>(out.dropped) > 0.05 * static_cast<double>(out.replicates.size())) {
        out.p = std::unexpected(out.replicates.empty() ? Undefined::TooFew : Undefined::Dropped);
    } else {
        out.p = (1.0 + static_cast<double>(beyond)) / (counted + 1.0);
    }
    return out;
}

Defined<UnpairedTest> unpairedTest(std::span<const double> x, std::span<const double> y, double confidence)
{
    if (const auto why = refusal(x, y, false)) {
        return std::unexpected(*why);
    }
    UnpairedTest out{differenceOf(x, y)};
    out.firstError = sharpeEstimate(x).error;
    out.secondError = sharpeEstimate(y).error;
    out.error = both(out.firstError, out.secondError, [](double a, double b) { return std::hypot(a, b); });
    out.interval = normalInterval(out.difference, out.error, confidence);
    judge(out);
    return out;
}

} // namespace qd::statistics
