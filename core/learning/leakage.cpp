#include "learning/leakage.h"

#include "learning/classification.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <unordered_map>

namespace qd::learning {

using statistics::Measure;
using statistics::Undefined;

namespace {

/// AUC of the rows that are there: label i with feature i + shift of the same series.
Measure shiftedAuc(std::span<const double> feature, std::span<const std::uint8_t> label, std::ptrdiff_t shift,
                   std::span<const std::uint32_t> series)
{
    std::vector<double> scores;
    std::vector<std::uint8_t> labels;
    const auto n = static_cast<std::ptrdiff_t>(feature.size());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const auto j = i + shift;
        if (j < 0 || j >= n || (!series.empty() && series[i] != series[j]) || !std::isfinite(feature[j])) {
            continue;
        }
        scores.push_back(feature[j]);
        labels.push_back(label[i]);
    }
    return areaUnderCurve(scores, labels);
}

Measure separationOf(const Measure& auc)
{
    return auc ? Measure(std::max(*auc, 1.0 - *auc)) : auc;
}

bool agree(double full, double prefix, double tolerance)
{
    if (std::isnan(full) || std::isnan(prefix)) {
        return std::isnan(full) && std::isnan(prefix);
    }
    return full == prefix || std::abs(full - prefix) <= tolerance * std::max(std::abs(full), std::abs(prefix));
}

/// The row's bits as a key, with one zero and one NaN.
std::string keyOf(std::span<const float> row)
{
    std::string key;
    key.reserve(row.size() * sizeof(float));
    for (const float v : row) {
        const auto bits = std::bit_cast<std::uint32_t>(v == 0 ? 0.0F : v);
        const auto one = std::isnan(v) ? 0x7fc00000U : bits;
        key.append(reinterpret_cast<const char*>(&one), sizeof one);
    }
    return key;
}

} // namespace

std::string_view name(LeakLevel level)
{
    constexpr std::string_view names[] = {"OK", "WARN", "FAIL"};
    return names[static_cast<std::size_t>(level)];
}

FeatureLeak featureLeak(std::span<const double> feature, std::span<const std::uint8_t> label, const LeakLimits& limits,
                        std::span<const std::uint32_t> series)
{
    FeatureLeak out;
    out.auc = shiftedAuc(feature, label, 0, series);
    out.aucOlder = shiftedAuc(feature, label, -1, series);
    out.aucNewer = shiftedAuc(feature, label, 1, series);
    out.separation = separationOf(out.auc);
    out.separationOlder = separationOf(out.aucOlder);
    out.collapse = statistics::both(out.separation, out.separationOlder, [](double s, double o) { return s - o; });
    if (!out.separation) {
        return out;
    }
    out.level = *out.separation >= limits.failSeparation   ? LeakLevel::Fail
                : *out.separation >= limits.warnSeparation ? LeakLevel::Warn
                                                           : LeakLevel::Ok;
    out.isShiftSuspicious = *out.separation >= limits.warnSeparation && out.collapse &&
                            *out.collapse >= limits.shiftShare * (*out.separation - 0.5);
    return out;
}

Truncation compareTruncated(std::span<const double> full, std::span<const double> prefix, double tolerance)
{
    Truncation out{.compared = full.size()};
    for (std::size_t i = 0; i < full.size(); ++i) {
        if (!agree(full[i], prefix[i], tolerance)) {
            ++out.mismatches;
            out.first = out.first.value_or(i);
        }
    }
    return out;
}

TruncationFinding truncationTest(std::size_t bars, const RowValues& full, const RowValues& truncated,
                                 std::size_t points, double tolerance, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; bars > 0 && i < points; ++i) {
        chosen.push_back(static_cast<std::size_t>(random() % bars));
    }
    std::ranges::sort(chosen);
    chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
    TruncationFinding out{.points = chosen.size()};
    for (const auto bar : chosen) {
        const auto a = full(bar);
        const auto b = truncated(bar);
        std::optional<std::size_t> column;
        if (a.size() != b.size()) {
            column = 0;
        } else if (const auto compared = compareTruncated(a, b, tolerance); compared.first) {
            column = compared.first;
        }
        if (column) {
            ++out.mismatches;
            if (!out.firstPoint) {
                out.firstPoint = bar;
                out.column = column;
            }
        }
    }
    return out;
}

std::vector<std::uint32_t> blockPermutation(std::size_t n, std::size_t block, std::uint64_t seed)
{
    std::vector<std::uint32_t> starts;
    for (std::size_t at = 0; at < n; at += block) {
        starts.push_back(static_cast<std::uint32_t>(at));
    }
    std::mt19937_64 random(seed);
    for (std::size_t i = starts.size(); i > 1; --i) { // Fisher and Yates; std::shuffle differs between libraries
        std::swap(starts[i - 1], starts[static_cast<std::size_t>(random() % i)]);
    }
    std::vector<std::uint32_t> out;
    out.reserve(n);
    for (const auto start : starts) {
        for (auto i = start; i < std::min<std::size_t>(start + block, n); ++i) {
            out.push_back(i);
        }
    }
    return out;
}

double permutationP(double observed, std::span<const double> nulls)
{
    const auto beaten = std::ranges::count_if(nulls, [&](double null) { return null >= observed; });
    return (1.0 + static_cast<double>(beaten)) / (static_cast<double>(nulls.size()) + 1.0);
}

statistics::Defined<PermutationFinding> permutationFinding(double observed, std::span<const double> nulls,
                                                           const LeakLimits& limits)
{
    if (nulls.empty()) {
        return std::unexpected(Undefined::TooFew);
    }
    PermutationFinding out{.p = permutationP(observed, nulls)};
    out.meanNull = std::accumulate(nulls.begin(), nulls.end(), 0.0) / static_cast<double>(nulls.size());
    out.hasSignal = out.p <= limits.permutationP;
    out.leaks = out.meanNull > limits.permutationMean;
    return out;
}

Rows overlappingRows(std::span<const LabelSpan> train, std::span<const LabelSpan> test)
{
    std::vector<LabelSpan> sorted(test.begin(), test.end());
    std::ranges::sort(sorted, {}, &LabelSpan::t0);
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        sorted[i].t1 = std::max(sorted[i].t1, sorted[i - 1].t1); // the latest end of all that began by then
    }
    Rows out;
    for (std::size_t j = 0; j < train.size(); ++j) {
        const auto after = std::ranges::upper_bound(sorted, train[j].t1, {}, &LabelSpan::t0);
        if (after != sorted.begin() && std::prev(after)->t1 >= train[j].t0) {
            out.push_back(static_cast<std::uint32_t>(j));
        }
    }
    return out;
}

Duplicates duplicateRows(const RowTable& train, std::span<const float> trainLabel, const RowTable& test,
                         std::span<const float> testLabel)
{
    std::unordered_multimap<std::string, float> known;
    known.reserve(train.rows());
    for (std::size_t i = 0; i < train.rows(); ++i) {
        known.emplace(keyOf(train.row(i)), trainLabel[i]);
    }
    Duplicates out;
    for (std::size_t i = 0; i < test.rows(); ++i) {
        const auto [first, last] = known.equal_range(keyOf(test.row(i)));
        if (first == last) {
            continue;
        }
        out.test.push_back(static_cast<std::uint32_t>(i));
        if (std::none_of(first, last, [&](const auto& entry) { return entry.second == testLabel[i]; })) {
            out.conflicting.push_back(static_cast<std::uint32_t>(i));
        }
    }
    out.share = test.rows() == 0 ? 0 : static_cast<double>(out.test.size()) / static_cast<double>(test.rows());
    return out;
}

std::string_view name(TooGood flag)
{
    constexpr std::string_view names[] = {"accuracy", "auc", "sharpe", "profit_factor", "win_rate", "drawdown"};
    return names[static_cast<std::size_t>(flag)];
}

std::vector<TooGood> tooGoodToBeTrue(const Performance& performance, const LeakLimits& limits)
{
    const auto reaches = [](const std::optional<double>& value, double limit) { return value && *value >= limit; };
    const auto& p = performance;
    const bool hasTrades = p.trades >= limits.trades;
    const std::pair<TooGood, bool> rules[] = {
        {TooGood::Accuracy, reaches(p.accuracy, limits.accuracy)},
        {TooGood::Auc, reaches(p.auc, limits.auc)},
        {TooGood::Sharpe, reaches(p.dailySharpe, limits.dailySharpe)},
        {TooGood::ProfitFactor, hasTrades && reaches(p.profitFactor, limits.profitFactor)},
        {TooGood::WinRate, hasTrades && reaches(p.winRate, limits.winRate) && reaches(p.payoff, limits.winRatePayoff)},
        {TooGood::Drawdown,
         p.drawdown && *p.drawdown < limits.drawdown && reaches(p.growth, limits.growthForDrawdown)}};
    std::vector<TooGood> out;
    for (const auto& [flag, isRaised] : rules) {
        if (isRaised) {
            out.push_back(flag);
        }
    }
    return out;
}

} // namespace qd::learning
