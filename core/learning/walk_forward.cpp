#include "learning/walk_forward.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace qd::learning {

using base::Result;

namespace {

constexpr std::int64_t barLength = market::length(market::Timeframe::M5).count();

FitData dataOf(const TrainingRows& rows)
{
    return {rows.table(), rows.labels};
}

std::vector<double> doubles(std::span<const float> values)
{
    return {values.begin(), values.end()};
}

Result<std::vector<float>> predictions(std::string_view bytes, const TrainingRows& rows)
{
    const auto trees = FlatTrees::of(bytes);
    if (!trees) {
        return std::unexpected(trees.error());
    }
    std::vector<float> out(rows.size());
    trees->predict(rows.table(), out);
    return out;
}

/// The line through the train rows from yesterday's volatility to the label (logarithms both). Taken as it stands it
/// would be off by a constant, since an hour is calmer than its day more often than not, and whatever learns that would
/// look good.
std::vector<float> asTheDayBefore(const TrainingRows& train, const TrainingRows& test)
{
    std::vector<double> x;
    std::vector<double> y;
    for (std::size_t i = 0; i < train.size(); ++i) {
        if (const double v = std::log(train.tags[i].volatility); std::isfinite(v)) {
            x.push_back(v);
            y.push_back(train.labels[i]);
        }
    }
    std::vector<float> out(test.size(), std::numeric_limits<float>::quiet_NaN());
    const auto meanX = statistics::mean(x);
    const auto meanY = statistics::mean(y);
    const auto spread = statistics::variance(x, 0);
    if (!meanX || !meanY || !spread || *spread == 0) {
        return out;
    }
    statistics::CompensatedSum products;
    for (std::size_t i = 0; i < x.size(); ++i) {
        products.add((x[i] - *meanX) * (y[i] - *meanY));
    }
    const double slope = products.value() / static_cast<double>(x.size()) / *spread;
    std::ranges::transform(test.tags, out.begin(), [&](const RowTag& tag) {
        return static_cast<float>(*meanY + slope * (std::log(tag.volatility) - *meanX));
    });
    return out;
}

/// The family's simple rule on the test rows; empty where it has none.
Result<std::vector<float>> ownRule(Family family, const TrainingRows& train, const TrainingRows& test,
                                   const BoostParameters& parameters)
{
    if (family == Family::Volatility) {
        return asTheDayBefore(train, test);
    }
    if (!hasDistance(family)) {
        return std::vector<float>();
    }
    auto simple = parameters;
    simple.depth = 2;
    simple.rounds = 50;
    simple.eta = 0.1;
    const auto fitted = fit(simple, dataOf(train.onlyColumns(train.columns - 1, 1)));
    if (!fitted) {
        return std::unexpected(fitted.error());
    }
    return predictions(fitted->bytes, test.onlyColumns(test.columns - 1, 1));
}

/// Scores where both are numbers (yesterday's volatility may not be known).
Score scoreOfKnown(Family family, std::span<const float> predicted, std::span<const float> real, double overlap)
{
    std::vector<float> p;
    std::vector<float> y;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        if (std::isfinite(predicted[i])) {
            p.push_back(predicted[i]);
            y.push_back(real[i]);
        }
    }
    return scoreOf(family, p, y, overlap);
}

struct Judged {
    FoldScore score;
    std::vector<float> model; // predictions of the test rows
    std::vector<float> majority;
    std::vector<float> own;
    std::vector<float> real;
};

class FoldTrainer {
public:
    FoldTrainer(const TrainingRows& rows, const BoostParameters& parameters, const WalkForwardPolicy& policy,
                const Champion& champion, double overlap)
        : rows_(rows),
          spans_(rows.spans()),
          parameters_(parameters),
          policy_(policy),
          champion_(champion),
          overlap_(overlap)
    {
    }

    [[nodiscard]] Result<Judged> judge(const RowFold& fold, const FitProgress& progress) const
    {
        const auto train = rows_.selected(fold.train);
        const auto test = rows_.selected(fold.test);
        const auto fitted = fitOf(fold, train, progress);
        if (!fitted) {
            return std::unexpected(fitted.error());
        }
        auto model = predictions(fitted->bytes, test);
        auto own = ownRule(policy_.family, train, test, parameters_);
        if (!model || !own) {
            return std::unexpected(model ? own.error() : model.error());
        }
        const double sum = std::accumulate(train.labels.begin(), train.labels.end(), 0.0);
        Judged out{.model = std::move(*model), .own = std::move(*own), .real = test.labels};
        out.majority.assign(test.size(), static_cast<float>(sum / static_cast<double>(train.size())));
        out.score.rows = fold;
        out.score.trees = fitted->trees;
        out.score.model = scoreOf(policy_.family, out.model, out.real, overlap_);
        out.score.majority = scoreOf(policy_.family, out.majority, out.real, overlap_);
        out.score.own = scoreOfKnown(policy_.family, out.own, out.real, overlap_);
        out.score.champion = championOn(test);
        return out;
    }

private:
    [[nodiscard]] Result<Fit> fitOf(const RowFold& fold, const TrainingRows& train, const FitProgress& progress) const
    {
        const auto split = earlyStoppingSplit(spans_, fold.train, policy_.earlyStoppingShare);
        if (split.fit.empty()) {
            return fit(parameters_, dataOf(train), {}, progress);
        }
        const auto part = rows_.selected(split.fit);
        const auto slice = rows_.selected(split.validation);
        return fit(parameters_, dataOf(part), dataOf(slice), progress);
    }
    [[nodiscard]] std::optional<Score> championOn(const TrainingRows& test) const
    {
        const auto* trees = champion_.trees;
        if (trees == nullptr || trees->features() != test.columns || test.tags.front().span.t0 <= champion_.knows) {
            return std::nullopt;
        }
        std::vector<float> p(test.size());
        trees->predict(test.table(), p);
        return scoreOf(policy_.family, p, test.labels, overlap_);
    }

    const TrainingRows& rows_;
    std::vector<LabelSpan> spans_;
    const BoostParameters& parameters_;
    const WalkForwardPolicy& policy_;
    const Champion& champion_;
    double overlap_;
};

void addTo(std::vector<float>& all, const std::vector<float>& part)
{
    all.insert(all.end(), part.begin(), part.end());
}

std::uint32_t medianTrees(const std::vector<FoldScore>& folds)
{
    std::vector<std::uint32_t> trees;
    std::ranges::transform(folds, std::back_inserter(trees), &FoldScore::trees);
    std::ranges::sort(trees);
    return trees.empty() ? 0 : std::max(1U, trees[trees.size() / 2]);
}

} // namespace

statistics::Estimate Score::estimate() const
{
    return classes ? classes->auc : regression ? regression->r2 : statistics::Estimate();
}

statistics::Measure Score::loss() const
{
    return classes      ? classes->logLoss.value
           : regression ? regression->squaredError.value
                        : std::unexpected(statistics::Undefined::TooFew);
}

Score scoreOf(Family family, std::span<const float> predicted, std::span<const float> real, double overlap)
{
    Score out{.rows = real.size()};
    if (isRegression(family)) {
        if (auto metrics = regressionMetrics(doubles(predicted), doubles(real), 0.95, overlap)) {
            out.regression = *metrics;
        }
        return out;
    }
    std::vector<std::uint8_t> classes;
    std::ranges::transform(real, std::back_inserter(classes), [](float v) { return v > 0.5F ? 1 : 0; });
    if (auto metrics = classMetrics(doubles(predicted), classes, {.overlap = overlap})) {
        out.classes = std::move(*metrics);
    }
    return out;
}

WalkForwardPlan planFor(std::size_t bars, std::size_t folds, base::Millis horizon)
{
    const auto h = static_cast<std::size_t>((horizon.count() + barLength - 1) / barLength);
    const auto test = std::max<std::size_t>(1, bars / (folds + 2)); // the first two parts are the first train
    const auto embargo = std::max<std::size_t>(h, 12);              // an hour at least
    const auto kept = folds * test + h + embargo;
    return {.train = bars > kept ? bars - kept : 1,
            .test = test,
            .step = test,
            .labelHorizon = h,
            .embargo = embargo,
            .window = TrainWindow::Expanding};
}

std::size_t barsOf(const TrainingRows& rows)
{
    return rows.size() == 0
               ? 0
               : static_cast<std::size_t>((rows.tags.back().span.t0 - rows.tags.front().span.t0) / barLength + 1);
}

Result<WalkForwardScores> walkForward(const TrainingRows& rows, const BoostParameters& parameters,
                                      const WalkForwardPolicy& policy, const Champion& champion,
                                      const OnProgress& progress)
{
    auto folds = walkForwardRows(rows.spans(), barLength, policy.plan);
    std::erase_if(folds.folds, [&](const RowFold& fold) {
        return fold.train.size() < policy.fewestTrain || fold.test.size() < policy.fewestTest;
    });
    WalkForwardScores out{.whyNone = folds.whyNone, .overlap = rows.overlap()};
    if (folds.folds.empty()) {
        if (out.whyNone.empty()) {
            out.whyNone = "No fold has " + std::to_string(policy.fewestTrain) + " rows to train on and " +
                          std::to_string(policy.fewestTest) + " to be judged on.";
        }
        return out;
    }
    const FoldTrainer trainer(rows, parameters, policy, champion, out.overlap);
    Judged all;
    for (std::size_t i = 0; i < folds.folds.size(); ++i) {
        const auto told = [&](std::uint32_t tree, std::uint32_t of) {
            return !progress || progress({TrainingPhase::Fold, i + 1, folds.folds.size(), tree, of});
        };
        auto judged = trainer.judge(folds.folds[i], told);
        if (!judged) {
            return std::unexpected(judged.error());
        }
        addTo(all.model, judged->model);
        addTo(all.majority, judged->majority);
        addTo(all.own, judged->own);
        addTo(all.real, judged->real);
        out.folds.push_back(std::move(judged->score));
    }
    out.pooled = scoreOf(policy.family, all.model, all.real, out.overlap);
    out.pooledMajority = scoreOf(policy.family, all.majority, all.real, out.overlap);
    out.pooledOwn = scoreOfKnown(policy.family, all.own, all.real, out.overlap);
    out.finalTrees = medianTrees(out.folds);
    return out;
}

Result<Fit> finalFit(const TrainingRows& rows, BoostParameters parameters, std::uint32_t trees,
                     const OnProgress& progress)
{
    parameters.rounds = trees;
    return fit(parameters, dataOf(rows), {}, [&](std::uint32_t tree, std::uint32_t of) {
        return !progress || progress({TrainingPhase::FinalFit, 0, 0, tree, of});
    });
}

} // namespace qd::learning
