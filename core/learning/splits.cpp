#include "learning/splits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qd::learning {

namespace {

PurgedFold foldOf(std::span<const LabelSpan> spans, IndexRange test, std::size_t embargo)
{
    PurgedFold fold{.test = test, .testStart = spans[test.begin].t0, .testLabelEnd = spans[test.begin].t1};
    for (auto i = test.begin; i < test.end; ++i) {
        fold.testLabelEnd = std::max(fold.testLabelEnd, spans[i].t1);
    }
    for (std::size_t j = 0; j < spans.size(); ++j) {
        if (j >= test.begin && j < test.end) {
            continue;
        }
        const auto row = static_cast<std::uint32_t>(j);
        const bool isAfter = spans[j].t0 > fold.testLabelEnd;
        if (!isAfter && spans[j].t1 >= fold.testStart) {
            fold.purged.push_back(row);
        } else if (isAfter && fold.embargoed.size() < embargo) {
            fold.embargoed.push_back(row);
        } else {
            fold.train.push_back(row);
        }
    }
    return fold;
}

} // namespace

std::size_t embargoRows(double share, std::size_t n)
{
    return share > 0 ? static_cast<std::size_t>(std::ceil(share * static_cast<double>(n))) : 0;
}

base::Result<std::vector<PurgedFold>> purgedKFold(std::span<const LabelSpan> spans, std::size_t folds,
                                                  std::size_t embargo)
{
    const auto n = spans.size();
    if (folds < 2 || n < folds) {
        return base::fail(base::ErrorCode::OutOfRange, "folds",
                          std::to_string(folds) + " folds of " + std::to_string(n) + " rows");
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (spans[i].t1 < spans[i].t0 || (i > 0 && spans[i].t0 < spans[i - 1].t0)) {
            return base::fail(base::ErrorCode::Malformed, "rows", "row " + std::to_string(i) + " is out of time order");
        }
    }
    std::vector<PurgedFold> out;
    std::size_t begin = 0;
    for (std::size_t k = 0; k < folds; ++k) {
        const auto end = begin + n / folds + (k < n % folds ? 1 : 0);
        out.push_back(foldOf(spans, {begin, end}, embargo));
        begin = end;
    }
    return out;
}

WalkForward walkForward(std::size_t bars, const WalkForwardPlan& plan)
{
    WalkForward out;
    if (plan.train == 0 || plan.test == 0 || plan.step == 0) {
        out.whyNone = "A fold needs at least one bar to train on, one to test on, and a step.";
        return out;
    }
    const auto gap = plan.labelHorizon + plan.embargo;
    for (auto start = plan.train + gap; start + plan.test <= bars; start += plan.step) {
        const auto trainEnd = start - gap;
        const auto trainBegin = plan.window == TrainWindow::Rolling ? trainEnd - plan.train : 0;
        out.folds.push_back({{trainBegin, trainEnd}, {trainEnd, start}, {start, start + plan.test}});
    }
    if (out.folds.empty()) {
        out.whyNone = "One fold needs " + std::to_string(plan.train + gap + plan.test) + " bars (" +
                      std::to_string(plan.train) + " to train on, " + std::to_string(gap) + " left out, " +
                      std::to_string(plan.test) + " to test on); there are " + std::to_string(bars) + ".";
    }
    return out;
}

RowFolds walkForwardRows(std::span<const LabelSpan> spans, std::int64_t barLength, const WalkForwardPlan& plan)
{
    RowFolds out;
    if (spans.empty()) {
        out.whyNone = "There are no rows.";
        return out;
    }
    const auto first = spans.front().t0;
    const auto bars = static_cast<std::size_t>((spans.back().t0 - first) / barLength + 1);
    const auto byBar = walkForward(bars, plan);
    out.whyNone = byBar.whyNone;
    const auto timeOf = [&](std::size_t bar) { return first + static_cast<std::int64_t>(bar) * barLength; };
    const auto rowAt = [&](std::int64_t time) {
        const auto at = std::ranges::lower_bound(spans, time, {}, &LabelSpan::t0);
        return static_cast<std::uint32_t>(at - spans.begin());
    };
    for (const auto& fold : byBar.folds) {
        RowFold rows{.testStart = timeOf(fold.test.begin), .testEnd = timeOf(fold.test.end)};
        for (auto i = rowAt(timeOf(fold.train.begin)); i < rowAt(timeOf(fold.train.end)); ++i) {
            if (spans[i].t1 < rows.testStart) {
                rows.train.push_back(i);
            } else {
                ++rows.purged;
            }
        }
        rows.test.resize(rowAt(rows.testEnd) - rowAt(rows.testStart));
        std::iota(rows.test.begin(), rows.test.end(), rowAt(rows.testStart));
        if (!rows.train.empty() && !rows.test.empty()) {
            out.folds.push_back(std::move(rows));
        }
    }
    if (out.folds.empty() && out.whyNone.empty()) {
        out.whyNone = "No fold has both a row to train on and one to test on.";
    }
    return out;
}

EarlyStoppingSplit earlyStoppingSplit(std::span<const LabelSpan> spans, std::span<const std::uint32_t> train,
                                      double share)
{
    EarlyStoppingSplit out;
    const auto n = train.size();
    const auto kept = static_cast<std::size_t>(std::ceil(share * static_cast<double>(n)));
    if (kept == 0 || kept >= n) {
        return out;
    }
    const auto start = spans[train[n - kept]].t0; // rows of the same moment stay together
    for (const auto row : train) {
        if (spans[row].t0 >= start) {
            out.validation.push_back(row);
        } else if (spans[row].t1 < start) {
            out.fit.push_back(row);
        }
    }
    if (out.fit.empty()) {
        out.validation.clear();
    }
    return out;
}

} // namespace qd::learning
