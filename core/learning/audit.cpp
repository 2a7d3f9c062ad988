#include "learning/audit.h"

#include "learning/feature_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace qd::learning {

using base::Result;
using statistics::Measure;

namespace {

std::string figure(double value, int decimals = 3)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string figure(const Measure& measure)
{
    return measure ? figure(*measure) : "undefined (" + std::string(statistics::name(measure.error())) + ")";
}

bool judgesFeatures(Family family)
{
    return family == Family::Gbt5m || family == Family::Direction;
}

struct SeriesOrder {
    Rows rows;
    std::vector<std::uint32_t> series; // of each
};

/// The rows series by series, each in time order, so that neighbours are of one instrument, and of one side where both
/// sides of a trade are asked about.
SeriesOrder bySeries(const TrainingRows& rows)
{
    const auto keyOf = [&](std::uint32_t i) { return 2 * rows.tags[i].series + (rows.tags[i].side < 0 ? 1U : 0U); };
    SeriesOrder out;
    out.rows.resize(rows.size());
    std::iota(out.rows.begin(), out.rows.end(), 0U);
    std::ranges::sort(out.rows, {}, [&](std::uint32_t i) { return std::pair(keyOf(i), i); });
    std::ranges::transform(out.rows, std::back_inserter(out.series), keyOf);
    return out;
}

struct FeatureFindings {
    AuditFinding single{.detector = Detector::SingleFeature};
    AuditFinding shift{.detector = Detector::FutureShift};
};

FeatureFindings featureFindings(const AuditInput& input, const LeakLimits& limits)
{
    FeatureFindings out;
    if (!judgesFeatures(input.family)) {
        out.single.evidence = out.shift.evidence =
            "Not a rule for this family: single features may well tell a distance or a volatility.";
        return out;
    }
    const auto& rows = *input.rows;
    const auto [order, series] = bySeries(rows);
    const auto classes = rows.classes();
    std::vector<std::uint8_t> label;
    std::ranges::transform(order, std::back_inserter(label), [&](std::uint32_t i) { return classes[i]; });
    std::vector<double> values(rows.size());
    double most = 0;
    std::string worst = "none";
    std::string suspicious;
    for (std::size_t c = 0; c < rows.columns; ++c) {
        std::ranges::transform(order, values.begin(), [&](std::uint32_t i) { return rows.row(i)[c]; });
        const auto leak = featureLeak(values, label, limits, series);
        out.single.level = std::max(out.single.level, leak.level);
        if (leak.separation && *leak.separation > most) {
            most = *leak.separation;
            worst = rows.names[c];
        }
        if (leak.isShiftSuspicious) {
            suspicious +=
                (suspicious.empty() ? "" : ", ") + rows.names[c] + " (collapses by " + figure(leak.collapse) + ")";
        }
    }
    out.single.evidence = "Strongest alone: " + worst + " with a separation of " + figure(most) + "; limits " +
                          figure(limits.warnSeparation, 2) + " and " + figure(limits.failSeparation, 2) + ".";
    out.shift.level = suspicious.empty() ? LeakLevel::Ok : LeakLevel::Warn;
    out.shift.evidence = suspicious.empty() ? "No feature's value lives on the very bar that it predicts alone."
                                            : "Worth little a bar earlier: " + suspicious + ".";
    return out;
}

AuditFinding truncationFinding(const AuditInput& input, const LeakLimits& limits)
{
    AuditFinding out{.detector = Detector::Truncation, .canBeSignedOff = false};
    const auto& remake = input.remake;
    if (remake.bars == 0 || !remake.full || !remake.truncated) {
        out.level = LeakLevel::Fail;
        out.isRun = false;
        out.evidence = "The rows could not be made again.";
        return out;
    }
    const auto found = truncationTest(remake.bars, remake.full, remake.truncated, 2 * limits.truncationPoints,
                                      limits.truncationTolerance, input.seed);
    out.level = found.mismatches > 0 ? LeakLevel::Fail : LeakLevel::Ok;
    out.evidence = "Made again at " + std::to_string(found.points) + " rows without what came later: ";
    if (found.mismatches == 0) {
        out.evidence += "every value the same.";
    } else {
        const auto column = *found.column;
        const auto& names = input.rows->names;
        out.evidence += std::to_string(found.mismatches) + " differ, the first at row " +
                        std::to_string(*found.firstPoint) + " in " +
                        (column < names.size() ? names[column] : "the label's entry") + ".";
    }
    return out;
}

AuditFinding overlapFinding(const AuditInput& input, const LeakLimits& limits)
{
    AuditFinding out{.detector = Detector::Overlap, .canBeSignedOff = false};
    const auto& rows = *input.rows;
    std::size_t overlaps = 0;
    std::size_t later = 0; // train rows that are not before the test
    double duplicates = 0;
    for (const auto& fold : input.scores->folds) {
        const auto train = rows.selected(fold.rows.train);
        const auto test = rows.selected(fold.rows.test);
        const auto trainSpans = train.spans();
        const auto testSpans = test.spans();
        overlaps += overlappingRows(trainSpans, testSpans).size();
        const auto start = std::ranges::min(testSpans, {}, &LabelSpan::t0).t0;
        later += static_cast<std::size_t>(
            std::ranges::count_if(trainSpans, [&](const LabelSpan& span) { return span.t0 >= start; }));
        duplicates = std::max(duplicates, duplicateRows(train.table(), train.labels, test.table(), test.labels).share);
    }
    const bool fails = overlaps > 0 || later > 0;
    out.level = fails ? LeakLevel::Fail : duplicates > limits.duplicateShare ? LeakLevel::Warn : LeakLevel::Ok;
    out.evidence = std::to_string(overlaps) + " train rows look at a moment that test rows look at, " +
                   std::to_string(later) + " are not before the test; at most " + figure(100 * duplicates, 2) +
                   "% of a fold's test rows equal a train row.";
    if (input.scores->folds.empty()) {
        out.level = LeakLevel::Fail;
        out.isRun = false;
        out.evidence = "There was no fold to look at: " + input.scores->whyNone;
    }
    return out;
}

/// The newest train and test rows of the last fold, so few that a hundred fits are cheap, with labels that can be
/// permuted over both.
class PermutationCheck {
public:
    PermutationCheck(const AuditInput& input, const AuditLimits& limits) : input_(input)
    {
        const auto& fold = input.scores->folds.back().rows;
        const auto most = limits.permutationRows;
        const auto newest = [](const Rows& rows, std::size_t n) {
            return Rows(rows.end() - static_cast<std::ptrdiff_t>(std::min(n, rows.size())), rows.end());
        };
        train_ = input.rows->selected(newest(fold.train, most));
        test_ = input.rows->selected(Rows(
            fold.test.begin(), fold.test.begin() + static_cast<std::ptrdiff_t>(std::min(most / 2, fold.test.size()))));
        parameters_ = input.parameters;
        parameters_.rounds = limits.permutationTrees;
        labels_ = train_.labels;
        labels_.insert(labels_.end(), test_.labels.begin(), test_.labels.end());
        block_ = static_cast<std::size_t>(std::ceil(input.scores->overlap));
    }

    [[nodiscard]] Result<Measure> observed(const FitProgress& goesOn) const { return scored(labels_, goesOn); }
    [[nodiscard]] Result<Measure> null(std::uint64_t seed, const FitProgress& goesOn) const
    {
        std::vector<float> permuted;
        permuted.reserve(labels_.size());
        for (const auto i : blockPermutation(labels_.size(), block_, seed)) {
            permuted.push_back(labels_[i]);
        }
        return scored(permuted, goesOn);
    }
    [[nodiscard]] std::size_t rows() const { return train_.size(); }
    [[nodiscard]] std::size_t block() const { return block_; }

private:
    [[nodiscard]] Result<Measure> scored(const std::vector<float>& labels, const FitProgress& goesOn) const
    {
        const auto known = std::span(labels).first(train_.size());
        const auto asked = std::span(labels).subspan(train_.size());
        const auto fitted = fit(parameters_, {train_.table(), known}, {}, goesOn);
        if (!fitted) {
            return std::unexpected(fitted.error());
        }
        const auto trees = FlatTrees::of(fitted->bytes);
        if (!trees) {
            return std::unexpected(trees.error());
        }
        std::vector<float> p(test_.size());
        trees->predict(test_.table(), p);
        return scoreOf(input_.family, p, asked).quality();
    }

    const AuditInput& input_;
    TrainingRows train_;
    TrainingRows test_;
    BoostParameters parameters_;
    std::vector<float> labels_;
    std::size_t block_ = 1;
};

struct PermutationResult {
    AuditFinding finding{.detector = Detector::Permutation};
    bool hasSignal = false;
};

PermutationResult notRun(std::string why)
{
    PermutationResult out;
    out.finding.level = LeakLevel::Fail;
    out.finding.isRun = false;
    out.finding.evidence = std::move(why);
    return out;
}

Result<PermutationResult> permutationResult(const AuditInput& input, const AuditLimits& limits,
                                            const OnPermutation& progress)
{
    if (input.scores->folds.empty()) {
        return notRun("There was no fold to permute labels in.");
    }
    const PermutationCheck check(input, limits);
    std::size_t done = 0;
    const auto goesOn = [&](std::uint32_t /*tree*/, std::uint32_t /*of*/) {
        return !progress || progress(done, limits.permutations);
    };
    const auto observed = check.observed(goesOn);
    if (!observed) {
        return std::unexpected(observed.error());
    }
    if (!*observed) {
        return notRun("The last fold has no score: " + figure(*observed) + ".");
    }
    std::vector<double> nulls;
    for (; done < limits.permutations; ++done) {
        const auto null = check.null(input.seed + 1 + done, goesOn);
        if (!null && null.error().code != base::ErrorCode::OutOfRange) {
            return std::unexpected(null.error());
        }
        if (null && *null) { // a permutation with one class on a side has no score
            nulls.push_back(**null);
        }
    }
    auto leak = limits.leak;
    leak.permutationMean = isRegression(input.family) ? limits.permutationMeanR2 : leak.permutationMean;
    const auto found = permutationFinding(**observed, nulls, leak);
    if (!found) {
        return notRun("No permutation had a score.");
    }
    PermutationResult out{.hasSignal = found->hasSignal};
    out.finding.level = found->leaks ? LeakLevel::Fail : LeakLevel::Ok;
    out.finding.evidence = std::string(isRegression(input.family) ? "R² " : "AUC ") + figure(**observed) + " against " +
                           std::to_string(nulls.size()) + " refits on labels permuted in blocks of " +
                           std::to_string(check.block()) + " (" + std::to_string(check.rows()) + " rows): their mean " +
                           figure(found->meanNull) + ", p " + figure(found->p) +
                           (found->hasSignal ? "." : ": no signal.");
    return out;
}

AuditFinding tooGoodFinding(const AuditInput& input, const AuditLimits& limits)
{
    AuditFinding out{.detector = Detector::TooGood};
    const auto& scores = *input.scores;
    const auto quality = scores.pooled.quality();
    const auto own = scores.pooledOwn.quality();
    if (!quality) {
        out.isRun = false;
        out.level = LeakLevel::Fail;
        out.evidence = "There is no out-of-sample score: " + figure(quality) + ".";
        return out;
    }
    if (hasDistance(input.family) || isRegression(input.family)) {
        const double margin = isRegression(input.family) ? limits.r2OverOwn : limits.aucOverOwn;
        const char* rule = isRegression(input.family) ? "yesterday's volatility" : "the distance alone";
        if (!own) {
            out.isRun = false;
            out.level = LeakLevel::Fail;
            out.evidence = std::string("There is no score of ") + rule + " to compare with.";
            return out;
        }
        out.level = *quality >= *own + margin ? LeakLevel::Fail : LeakLevel::Ok;
        out.evidence = std::string(isRegression(input.family) ? "R² " : "AUC ") + figure(quality) + "; " + rule +
                       " has " + figure(own) + ", the limit is " + figure(margin, 2) + " over it.";
        return out;
    }
    auto leak = limits.leak;
    const auto& metrics = *scores.pooled.classes;
    leak.accuracy = std::max(leak.accuracy, metrics.majority.value_or(0) + leak.accuracyOverMajority);
    const auto accuracy = metrics.accuracy.value;
    const auto flags =
        tooGoodToBeTrue({.accuracy = accuracy ? std::optional(*accuracy) : std::nullopt, .auc = *quality}, leak);
    out.level = flags.empty() ? LeakLevel::Ok : LeakLevel::Fail;
    out.evidence = "Accuracy " + figure(accuracy) + " (limit " + figure(leak.accuracy) + "), AUC " + figure(quality) +
                   " (limit " + figure(leak.auc, 2) + ")";
    for (const auto flag : flags) {
        out.evidence += "; too good: " + std::string(name(flag));
    }
    out.evidence += ".";
    return out;
}

} // namespace

Remake remakeOf(const TrainingRows& rows, const FeatureSet& set, std::vector<std::span<const market::Candle>> series)
{
    Remake out{.bars = rows.size()};
    out.full = [&rows](std::size_t i) {
        std::vector<double> values(rows.row(i).begin(), rows.row(i).end());
        values.push_back(rows.tags[i].entry);
        return values;
    };
    out.truncated = [&rows, &set, all = std::move(series)](std::size_t i) {
        const auto& tag = rows.tags[i];
        std::vector<double> values;
        if (tag.series >= all.size()) {
            return values;
        }
        FeatureBuilder builder(set);
        const auto width = market::length(builder.fed());
        for (const auto& candle : all[tag.series]) {
            if ((candle.start + width).value > tag.span.t0) {
                break;
            }
            if (builder.add(candle) != RowOutcome::Row || builder.rowTime().value != tag.span.t0) {
                continue;
            }
            std::vector<float> row(builder.row().begin(), builder.row().end());
            if (tag.side < 0) {
                mirror(set, row);
            }
            values.assign(row.begin(), row.end());
            for (auto c = row.size(); c < rows.columns; ++c) { // a distance is chosen, not measured
                values.push_back(rows.row(i)[c]);
            }
            values.push_back(static_cast<double>(builder.decisionCandle().close.value));
        }
        return values;
    };
    return out;
}

std::string_view name(Detector detector)
{
    constexpr std::array<std::string_view, 6> names{"single feature", "future shift", "truncation",
                                                    "permutation",    "overlap",      "too good"};
    return names[static_cast<std::size_t>(detector)];
}

std::string_view name(AuditVerdict verdict)
{
    constexpr std::array<std::string_view, 3> names{"clean", "wants a signature", "quarantined"};
    return names[static_cast<std::size_t>(verdict)];
}

AuditVerdict AuditReport::verdict() const
{
    auto worst = findings.size() == 6 ? AuditVerdict::Clean : AuditVerdict::Quarantined;
    for (const auto& finding : findings) {
        if (finding.level == LeakLevel::Fail) {
            const bool canBeSigned = finding.canBeSignedOff && finding.isRun;
            worst = std::max(worst, canBeSigned ? AuditVerdict::WantsSignature : AuditVerdict::Quarantined);
        }
    }
    return worst;
}

Result<AuditReport> audit(const AuditInput& input, const AuditLimits& limits, const OnPermutation& progress)
{
    auto [single, shift] = featureFindings(input, limits.leak);
    auto permutation = permutationResult(input, limits, progress);
    if (!permutation) {
        return std::unexpected(permutation.error());
    }
    AuditReport out{.hasSignal = permutation->hasSignal};
    out.findings = {std::move(single),
                    std::move(shift),
                    truncationFinding(input, limits.leak),
                    std::move(permutation->finding),
                    overlapFinding(input, limits.leak),
                    tooGoodFinding(input, limits)};
    std::vector<double> sample;
    for (const auto& tag : input.rows->tags) {
        if (std::isfinite(tag.volatility)) {
            sample.push_back(tag.volatility);
        }
    }
    if (const auto span = regimeSpan(input.regimeReference, sample, limits.regime)) {
        out.regime = *span;
        out.spansRegimes = span->spans;
    }
    return out;
}

} // namespace qd::learning
