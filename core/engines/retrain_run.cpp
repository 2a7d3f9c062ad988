#include "engines/retrain_run.h"

#include "base/sha256.h"
#include "storage/instrument_store.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using learning::BoostParameters;
using learning::TrainingRows;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t folds = 5;
constexpr std::size_t searchFolds = 2;
// What each phase takes of the whole, about, as measured on 48,000 rows.
constexpr double rowsShare = 0.10;
constexpr double searchShare = 0.15;
constexpr double foldsShare = 0.15;
constexpr double permutationShare = 0.55;
constexpr double fitShare = 0.05;

/// Says how far it is, and how long it will take at this rate; what the listener takes is left out.
class Steps {
public:
    explicit Steps(const OnStep& onStep, double skipped = 0) : onStep_(onStep), skipped_(skipped) {}

    void begin(std::string_view phase, double share)
    {
        done_ += share_;
        phase_ = phase;
        share_ = share;
    }
    /// False: it was cancelled.
    [[nodiscard]] bool tell(double part, RetrainStep step)
    {
        if (isCancelled_) {
            return false;
        }
        if (!onStep_) {
            return true;
        }
        step.phase = phase_;
        step.fraction = std::clamp(done_ + part * share_, 0.0, 1.0);
        const auto before = Clock::now();
        const auto worked = before - begun_ - waited_;
        const double made = step.fraction - skipped_;
        if (made > 0.02) {
            const double seconds = std::chrono::duration<double>(worked).count();
            step.left = base::Millis{std::llround(1'000 * seconds * (1 - step.fraction) / made)};
        }
        isCancelled_ = !onStep_(step);
        waited_ += Clock::now() - before;
        return !isCancelled_;
    }
    [[nodiscard]] bool isCancelled() const { return isCancelled_; }

private:
    const OnStep& onStep_;
    double skipped_;
    Clock::time_point begun_ = Clock::now();
    Clock::duration waited_{};
    std::string_view phase_;
    double done_ = 0;
    double share_ = 0;
    bool isCancelled_ = false;
};

std::unexpected<base::Error> cancelled(const std::string& model)
{
    return base::fail(ErrorCode::Cancelled, model, "the training was cancelled");
}

/// Of expanding folds the later ones take longer.
double partOf(const learning::TrainingProgress& at)
{
    if (at.folds == 0) {
        return at.trees == 0 ? 0 : static_cast<double>(at.tree) / at.trees;
    }
    const auto weight = [](std::size_t fold) { return static_cast<double>(fold * (fold + 3)) / 2; };
    const double inside = at.trees == 0 ? 0 : static_cast<double>(at.tree) / at.trees;
    return (weight(at.fold - 1) + inside * static_cast<double>(at.fold + 1)) / weight(at.folds);
}

struct Searched {
    BoostParameters parameters;
    std::vector<trading::TrialRow> tries;
    std::string note;
};

class Run {
public:
    Run(const TrainingData& data, const learning::Remake& remake, const RetrainTask& task, Steps& steps)
        : data_(data),
          remake_(remake),
          task_(task),
          steps_(steps),
          family_(data.rule.family),
          hash_(data.rows.hash())
    {
    }

    [[nodiscard]] Result<Retrained> run()
    {
        auto notes = columnNotes(data_.rows);
        if (!notes) {
            return std::unexpected(notes.error());
        }
        const learning::WalkForwardPolicy policy{
            .family = family_, .plan = learning::planFor(learning::barsOf(data_.rows), folds, data_.rule.horizon)};
        auto searched = search(policy);
        if (!searched) {
            return std::unexpected(searched.error());
        }
        add(*notes, searched->note);
        const auto baseline = championTrees(*notes);
        steps_.begin("fold", foldsShare);
        const auto scores = learning::walkForward(
            data_.rows, searched->parameters, policy,
            {baseline ? &*baseline : nullptr, baseline ? task_.champion->lineage.to : 0}, follow());
        if (!scores) {
            return inWords(scores.error());
        }
        if (scores->folds.empty()) {
            return base::fail(ErrorCode::OutOfRange, task_.model,
                              "too few rows to judge it: " + scores->whyNone + " There are " +
                                  sentence(data_.rows.losses, data_.rows.size()) + ".");
        }
        auto report = auditOf(*scores, searched->parameters);
        if (!report) {
            return inWords(report.error());
        }
        return finish(*scores, *report, *searched, std::move(*notes));
    }

private:
    [[nodiscard]] learning::OnProgress follow()
    {
        return [this](const learning::TrainingProgress& at) {
            return steps_.tell(partOf(at), {.fold = at.fold, .folds = at.folds, .tree = at.tree, .trees = at.trees});
        };
    }
    static void add(std::string& notes, const std::string& more)
    {
        notes += (notes.empty() || more.empty() ? "" : "; ") + more;
    }
    /// An error of the library or of the rows, with the model that it stopped.
    [[nodiscard]] std::unexpected<base::Error> inWords(const base::Error& error) const
    {
        if (steps_.isCancelled() || error.code == ErrorCode::Cancelled) {
            return cancelled(task_.model);
        }
        return base::fail(error.code, task_.model, error.subject + ": " + error.detail);
    }

    /// On the rows that the first fold trains on: what is chosen there has seen no row that is judged later.
    [[nodiscard]] Result<Searched> search(const learning::WalkForwardPolicy& policy)
    {
        const auto seed = seedOf(task_.model, hash_);
        auto candidates = candidatesOf(family_, seed);
        Searched out{.parameters = candidates.front()};
        steps_.begin("searching parameters", searchShare);
        const auto split =
            learning::walkForwardRows(data_.rows.spans(), market::length(market::Timeframe::M5).count(), policy.plan);
        const auto rows = split.folds.empty() ? TrainingRows() : data_.rows.selected(split.folds.front().train);
        auto inner = policy;
        inner.plan = learning::planFor(learning::barsOf(rows), searchFolds, data_.rule.horizon);
        std::optional<double> best;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const auto scores = learning::walkForward(rows, candidates[i], inner, {}, [&](const auto& at) {
                return steps_.tell((static_cast<double>(i) + partOf(at)) / static_cast<double>(candidates.size()),
                                   {.fold = i + 1, .folds = candidates.size(), .tree = at.tree, .trees = at.trees});
            });
            if (steps_.isCancelled()) {
                return cancelled(task_.model);
            }
            const bool isTooFew = scores && scores->folds.empty();
            if (isTooFew || (!scores && scores.error().code == ErrorCode::OutOfRange)) {
                out.note = "the standard parameters: too few rows before the first fold to search others";
                return out;
            }
            if (!scores) {
                return inWords(scores.error());
            }
            out.tries.push_back(tryOf(candidates[i], rows));
            const auto loss = scores->pooled.loss();
            if (loss && (!best || *loss < *best)) {
                best = *loss;
                out.parameters = candidates[i];
            }
        }
        return out;
    }

    [[nodiscard]] trading::TrialRow tryOf(const BoostParameters& parameters, const TrainingRows& rows) const
    {
        auto words = task_.model + ": " + text(parameters);
        // Other rows make it another try.
        const auto id = base::sha256Hex(words + "|" + hash_).substr(0, 16);
        return {.time = task_.now,
                .strategy = task_.triesOf,
                .parameterHash = id,
                .parameters = std::move(words),
                .origin = "search",
                .tries = 1,
                .from = base::UtcMs{rows.tags.front().span.t0},
                .to = base::UtcMs{rows.tags.back().span.t0}};
    }

    [[nodiscard]] std::optional<learning::FlatTrees> championTrees(std::string& notes) const
    {
        if (!task_.champion) {
            return std::nullopt;
        }
        if (task_.champion->lineage.source != data_.source) {
            add(notes, "the champion looks at other features (" + task_.champion->lineage.featureSet +
                           "): not compared on these rows");
            return std::nullopt;
        }
        auto trees = learning::servedTrees(*task_.champion);
        if (!trees) {
            add(notes, "the champion cannot be compared: " + trees.error().detail);
            return std::nullopt;
        }
        return std::move(*trees);
    }

    [[nodiscard]] Result<learning::AuditReport> auditOf(const learning::WalkForwardScores& scores,
                                                        const BoostParameters& parameters)
    {
        steps_.begin("permutations", permutationShare);
        // It asks for a row at a time, and cannot be told to end: then it gets none.
        auto remake = remake_;
        remake.truncated = [this](std::size_t row) {
            return steps_.tell(1, {}) ? remake_.truncated(row) : std::vector<double>();
        };
        auto report = learning::audit({.family = family_,
                                       .rows = &data_.rows,
                                       .scores = &scores,
                                       .parameters = parameters,
                                       .remake = remake_.truncated ? remake : remake_,
                                       .seed = parameters.seed},
                                      task_.limits.audit, [&](std::size_t done, std::size_t of) {
                                          return steps_.tell(static_cast<double>(done) / static_cast<double>(of),
                                                             {.fold = done, .folds = of});
                                      });
        if (report && steps_.isCancelled()) {
            return cancelled(task_.model);
        }
        if (report) {
            report->spansRegimes = data_.regimes.spans;
        }
        return report;
    }

    [[nodiscard]] Result<Retrained> finish(const learning::WalkForwardScores& scores,
                                           const learning::AuditReport& report, Searched& searched, std::string notes)
    {
        std::vector<std::string> names;
        std::ranges::transform(data_.instruments, std::back_inserter(names), &market::Instrument::name);
        auto lineage = learning::lineageOf(data_.rows, data_.rule, learning::FeatureSet::of(data_.source),
                                           std::move(names), searched.parameters, scores, report, task_.reason);
        lineage.until = data_.until.value;
        steps_.begin("final fit", fitShare);
        auto version = learning::train(lineage, data_.rows, follow());
        if (!version) {
            return inWords(version.error());
        }
        if (!data_.regimes.spans) {
            add(notes, data_.regimes.fifths.empty() ? "regime-limited: too little history of volatility to compare with"
                                                    : "regime-limited: calm or wild times are missing in its rows");
        }
        return Retrained{std::move(*version), std::move(searched.tries), std::move(notes), data_.regimes.fifths};
    }

    const TrainingData& data_;
    const learning::Remake& remake_;
    const RetrainTask& task_;
    Steps& steps_;
    learning::Family family_;
    std::string hash_;
};

} // namespace

Result<Retrained> retrainOn(const TrainingData& data, const learning::Remake& remake, const RetrainTask& task,
                            const OnStep& onStep)
{
    Steps steps(onStep, rowsShare);
    steps.begin(collecting, rowsShare);
    return Run(data, remake, task, steps).run();
}

Result<Retrained> retrain(storage::Database& database, const RetrainTask& task, const OnStep& onStep)
{
    Steps steps(onStep);
    steps.begin(collecting, rowsShare);
    const auto data = readTrainingData(
        database, task.order, task.limits.regime, task.limits.regimeShare,
        [&](double fraction, const std::string& instrument) { return steps.tell(fraction, {.what = instrument}); });
    if (steps.isCancelled()) {
        return cancelled(task.model);
    }
    auto gaps = data ? untoldGaps(database) : Result<UntoldGaps>(std::unexpected(data.error()));
    if (!gaps) {
        return std::unexpected(gaps.error());
    }
    const auto remake = remakeFromArchive(database, *data, std::move(*gaps));
    return Run(*data, remake, task, steps).run();
}

Result<learning::ModelVersion> retrainedFrom(storage::Database& database, const learning::Lineage& lineage,
                                             const OnStep& onStep)
{
    const auto all = storage::InstrumentStore(database).all();
    const auto order = all ? orderOf(lineage, *all) : Result<DataOrder>(std::unexpected(all.error()));
    if (!order) {
        return std::unexpected(order.error());
    }
    Steps steps(onStep);
    steps.begin(collecting, 0.5);
    const auto data = readTrainingData(database, *order, {}, 0, [&](double fraction, const std::string& instrument) {
        return steps.tell(fraction, {.what = instrument});
    });
    if (!data) {
        return std::unexpected(data.error());
    }
    steps.begin("final fit", 0.5);
    return learning::train(lineage, data->rows, [&](const learning::TrainingProgress& at) {
        return steps.tell(partOf(at), {.tree = at.tree, .trees = at.trees});
    });
}

} // namespace qd::engines
