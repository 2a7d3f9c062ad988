// Distributions and special functions beyond the normal (normal.h). Pure. Any thread. NaN outside a function's domain.
// Right to 1e-13 relative in the range of trading figures; Student's over 100,000 degrees of freedom to 1e-10, and 1e-8 at
// tails of 1e-9.
// Source: STATISTICS.md §0.3; continued fractions after Lentz, as in Numerical Recipes §6.2, §6.4.
#pragma once

namespace qd::statistics {

/// ln|Γ(x)|; unlike std::lgamma without the global sign that two threads would race for.
[[nodiscard]] double logGamma(double x);
/// ln Γ(x + step) − ln Γ(x), without losing the digits that two large ones have in common.
[[nodiscard]] double logGammaRise(double x, double step);
/// P(T ≤ t) of Student's t; `df` > 0 may be fractional.
[[nodiscard]] double studentCdf(double t, double df);
/// The t with studentCdf(t, df) = p; ∓infinity at 0 and 1.
[[nodiscard]] double studentQuantile(double p, double df);
/// P(X > x) of χ²; 1 for x ≤ 0.
[[nodiscard]] double chiSquareSurvival(double x, double df);
/// Q_K(λ) = 2 Σ (−1)^{k−1} e^{−2k²λ²}: 1 for λ < 0.2.
[[nodiscard]] double kolmogorovSurvival(double lambda);
/// The w ≤ −1 with w·e^w = x, for −1/e ≤ x < 0: the lower branch of Lambert's W.
[[nodiscard]] double lambertLower(double x);
/// Riemann's ζ(s) for s > 1.
[[nodiscard]] double zeta(double s);

} // namespace qd::statistics
