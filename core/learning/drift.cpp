#include "learning/drift.h"

#include "statistics/distributions.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qd::learning {

namespace {

std::vector<double> sortedPresent(std::span<const double> values)
{
    std::vector<double> out;
    out.reserve(values.size());
    std::ranges::copy_if(values, std::back_inserter(out), [](double v) { return std::isfinite(v); });
    std::ranges::sort(out);
    return out;
}

std::size_t binOf(const std::vector<double>& edges, double x)
{
    return static_cast<std::size_t>(std::ranges::lower_bound(edges, x) - edges.begin());
}

} // namespace

std::uint64_t PsiReference::rows() const
{
    return std::accumulate(counts.begin(), counts.end(), missing);
}

PsiReference psiReference(std::span<const double> reference, std::uint32_t bins)
{
    PsiReference out{.bins = bins};
    const auto present = sortedPresent(reference);
    out.missing = reference.size() - present.size();
    out.isConstant = present.empty() || present.front() == present.back();
    if (!present.empty()) {
        for (std::uint32_t k = 1; k < bins; ++k) {
            const double edge = *statistics::quantileOfSorted(present, static_cast<double>(k) / bins);
            if (out.edges.empty() || edge > out.edges.back()) {
                out.edges.push_back(edge);
            }
        }
        if (!out.edges.empty() && out.edges.back() >= present.back()) {
            out.edges.pop_back();
        }
    }
    out.counts.assign(out.edges.size() + 1, 0);
    for (const double x : present) {
        ++out.counts[binOf(out.edges, x)];
    }
    return out;
}

Psi psi(const PsiReference& reference, std::span<const double> current, const DriftLimits& limits)
{
    Psi out{.referenceCounts = reference.counts, .isReferenceConstant = reference.isConstant};
    out.currentCounts.assign(reference.counts.size(), 0);
    std::uint64_t missing = 0;
    for (const double x : current) {
        if (std::isfinite(x)) {
            ++out.currentCounts[binOf(reference.edges, x)];
        } else {
            ++missing;
        }
    }
    if (missing > 0 || reference.missing > 0) {
        out.referenceCounts.push_back(reference.missing);
        out.currentCounts.push_back(missing);
    }
    const auto rows = reference.rows();
    const statistics::SampleLimits least{std::max(limits.rows.greyUnder, limits.rowsPerBin * reference.counts.size()),
                                         limits.rows.hiddenUnder};
    out.standing = least.of(std::min<std::size_t>(rows, current.size()));
    if (rows == 0 || current.empty()) {
        return out;
    }
    statistics::CompensatedSum sum;
    for (std::size_t i = 0; i < out.currentCounts.size(); ++i) {
        const auto share = [&](std::uint64_t count, std::size_t n) {
            return std::max(static_cast<double>(count) / static_cast<double>(n), limits.floor);
        };
        const double r = share(out.referenceCounts[i], rows);
        const double c = share(out.currentCounts[i], current.size());
        sum.add((c - r) * std::log(c / r));
    }
    out.value = statistics::measureOf(sum.value());
    return out;
}

KsTest ksTest(std::span<const double> x, std::span<const double> y)
{
    const auto a = sortedPresent(x);
    const auto b = sortedPresent(y);
    KsTest out;
    if (a.empty() || b.empty()) {
        return out;
    }
    const auto n = static_cast<double>(a.size());
    const auto m = static_cast<double>(b.size());
    double distance = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const double at = std::min(a[i], b[j]); // both functions step at a distinct value before they are compared
        while (i < a.size() && a[i] == at) {
            ++i;
        }
        while (j < b.size() && b[j] == at) {
            ++j;
        }
        distance = std::max(distance, std::abs(static_cast<double>(i) / n - static_cast<double>(j) / m));
    }
    const double effective = std::sqrt(n * m / (n + m));
    out.distance = distance;
    out.lambdaLimit = effective * distance;
    out.lambda = (effective + 0.12 + 0.11 / effective) * distance;
    out.pLimit = statistics::kolmogorovSurvival(out.lambdaLimit);
    out.p = statistics::kolmogorovSurvival(out.lambda);
    return out;
}

DriftLevel driftLevel(const Psi& psi, const KsTest& ks, const DriftLimits& limits)
{
    if (!psi.value || psi.standing == statistics::Standing::Hidden || psi.isReferenceConstant) {
        return DriftLevel::Unknown;
    }
    if (psi.standing == statistics::Standing::Shown && *psi.value >= limits.alarm && ks.distance &&
        *ks.distance >= limits.ksAlarm) {
        return DriftLevel::Drift;
    }
    return *psi.value >= limits.watch ? DriftLevel::Watch : DriftLevel::Stable;
}

} // namespace qd::learning
