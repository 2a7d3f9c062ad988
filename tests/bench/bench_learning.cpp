#include "base/policy.h"
#include "bench/bench.h"
#include "exchange/default_instruments.h"
#include "exchange/market_simulator.h"
#include "governance/model_registry.h"
#include "learning/audit.h"
#include "learning/feature_builder.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/labels.h"
#include "learning/model_version.h"
#include "learning/walk_forward.h"
#include "market/candle_builder.h"
#include "storage/decision_writer.h"
#include "testkit/recorded_candles.h"

#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <utility>

namespace qd::bench {

namespace {

using namespace learning;
using market::Timeframe;

/// The ticks' candles over and over, in time order without a hole, until there are `count`.
std::vector<market::Candle> candlesOf(const std::string& tickFile, Timeframe timeframe, std::size_t count)
{
    market::CandleBuilder builder(timeframe);
    std::vector<market::Candle> made;
    for (const auto& tick : loadTicks(tickFile, std::numeric_limits<std::size_t>::max())) {
        builder.add(tick, made);
    }
    if (made.size() < 2) {
        throw std::runtime_error("The tick file has no candles");
    }
    made.erase(made.begin()); // its beginning is not known
    std::vector<market::Candle> out;
    while (out.size() < count) {
        auto next = made[out.size() % made.size()];
        next.start = made.front().start + market::length(timeframe) * static_cast<std::int64_t>(out.size());
        out.push_back(next);
    }
    return out;
}

struct RowTiming {
    double nanoseconds = 0; // a row, all that is fed for it included
    std::size_t rows = 0;
    std::size_t features = 0;
};

RowTiming timeRows(const std::string& tickFile, FeatureSource source, std::size_t rows)
{
    const auto& set = FeatureSet::of(source);
    const bool is5m = source == FeatureSource::Candles5m;
    const auto candles = candlesOf(tickFile, is5m ? Timeframe::M5 : Timeframe::M1, (rows + 300) * (is5m ? 1 : 5));
    std::vector<float> table((rows + 300) * set.size());
    RowTiming best{std::numeric_limits<double>::max(), 0, set.size()};
    for (int round = 0; round < 5; ++round) {
        FeatureBuilder builder(set);
        std::size_t made = 0;
        const auto start = std::chrono::steady_clock::now();
        for (const auto& candle : candles) {
            if (builder.add(candle) == RowOutcome::Row) {
                std::ranges::copy(builder.row(), table.begin() + static_cast<std::ptrdiff_t>(made++ * set.size()));
            }
        }
        best.nanoseconds = std::min(best.nanoseconds, secondsSince(start) / static_cast<double>(made) * 1e9);
        best.rows = made;
    }
    return best;
}

struct Sample {
    std::vector<float> rows;
    std::vector<float> labels;
};

/// The very rows and labels of floors/xgb.
Sample floorSample(std::size_t rows, std::size_t columns)
{
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    Sample out{std::vector<float>(rows * columns), std::vector<float>(rows)};
    for (auto& x : out.rows) {
        x = normal(random);
    }
    for (std::size_t i = 0; i < rows; ++i) {
        const float* a = &out.rows[i * columns];
        float s = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            s += 0.3F * a[k] * a[(k * 7 + 3) % columns];
        }
        s += 0.5F * a[11];
        out.labels[i] = s + 2 * normal(random) > 0 ? 1.0F : 0.0F;
    }
    return out;
}

/// The same as rows of a training: one at each closed 5m candle, labelled an hour ahead.
TrainingRows timedRows(std::size_t rows, std::size_t columns)
{
    auto sample = floorSample(rows, columns);
    TrainingRows out;
    out.columns = columns;
    for (std::size_t i = 0; i < columns; ++i) {
        out.names.push_back("column " + std::to_string(i));
    }
    out.values = std::move(sample.rows);
    out.labels = std::move(sample.labels);
    const auto bar = market::length(Timeframe::M5).count();
    for (std::size_t i = 0; i < rows; ++i) {
        const auto t0 = 1'700'000'000'000 + static_cast<std::int64_t>(i) * bar;
        out.tags.push_back({.span = {.t0 = t0, .t1 = t0 + 12 * bar}});
    }
    return out;
}

/// Those of floors/xgb.
BoostParameters floorParameters(std::uint32_t trees, std::uint32_t threads)
{
    return {.rounds = trees, .depth = 6, .eta = 0.05, .threads = threads};
}

/// As a training does it: five folds, each of which stops early on a slice of its own.
WalkForwardPolicy floorPolicy(const TrainingRows& rows)
{
    return {.plan = planFor(barsOf(rows), 5, 12 * market::length(Timeframe::M5))};
}

/// Writes a version as a decision does, to a database of its own; durable.
void save(storage::Database& database, std::shared_ptr<const ModelVersion> version)
{
    auto record = need(governance::recordOf(*version, 1, {1}));
    const governance::Change added{governance::ChangeKind::ModelStage,
                                   governance::versionName(record.name.key, record.name.number), "",
                                   std::string(governance::name(governance::ModelStage::Champion))};
    need(database.begin());
    (void)need(storage::writeDecision(database,
                                      {.decision = {.time = {1}, .changes = {added}, .what = "a model", .why = "bench"},
                                       .models = {{std::move(record), "bench", std::move(version)}}}));
    need(database.commit(true));
}

struct FinalFitTiming {
    double train = 0;   // hash of the rows, XGBoost's copy of them, trees, bytes and their hash, drift profile
    double save = 0;    // with its lineage, into a database, fsynced
    double metrics = 0; // reading the trees, a prediction of every row, AUC with interval, loss, calibration
};

/// Once and all of it. The floor's time holds XGBoost's copy of the rows and the trees alone.
FinalFitTiming timeFinalFit(const TrainingRows& rows, const BoostParameters& parameters)
{
    const auto& set = FeatureSet::of(FeatureSource::Candles5m);
    const Lineage lineage{.rule = standardRule(Family::Gbt5m),
                          .source = set.source(),
                          .featureSet = set.version(),
                          .featureHash = set.hash(),
                          .instruments = {"BTC-USDT"},
                          .from = rows.tags.front().span.t0,
                          .to = rows.tags.back().span.t1,
                          .rows = rows.size(),
                          .dataHash = rows.hash(),
                          .parameters = parameters,
                          .trees = parameters.rounds,
                          .library = boostLibraryVersion(),
                          .verdict = AuditVerdict::Clean};
    const QTemporaryDir folder;
    auto database = need(storage::Database::open(folder.filePath(QStringLiteral("models.db")).toStdString(),
                                                 storage::Database::Mode::ReadWrite));
    FinalFitTiming out;
    auto start = std::chrono::steady_clock::now();
    const auto version = std::make_shared<const ModelVersion>(need(train(lineage, rows)));
    out.train = secondsSince(start);
    start = std::chrono::steady_clock::now();
    save(database, version);
    out.save = secondsSince(start);
    start = std::chrono::steady_clock::now();
    std::vector<float> predicted(rows.size());
    need(FlatTrees::of(version->bytes)).predict(rows.table(), predicted);
    const auto score = scoreOf(Family::Gbt5m, predicted, rows.labels, 1);
    out.metrics = secondsSince(start);
    if (!score.quality()) {
        throw std::runtime_error("The fit has no score");
    }
    return out;
}

/// One line a fold and one for all, as Markdown.
void printScores(const std::string& title, const TrainingRows& rows, const WalkForwardScores& scores,
                 const AuditReport& report, double walkSeconds, double auditSeconds)
{
    const auto number = [](const statistics::Measure& m) {
        return m.value_or(std::numeric_limits<double>::quiet_NaN());
    };
    std::printf("\n### %s\n%s; labels overlap %.1f-fold; walk-forward %.1f s, audit %.1f s\n\n", title.c_str(),
                sentence(rows.losses, rows.size()).c_str(), scores.overlap, walkSeconds, auditSeconds);
    if (scores.folds.empty()) {
        std::printf("%s\n", scores.whyNone.c_str());
        return;
    }
    std::printf("| fold | train | test | trees | AUC or R2 | 95 %% | loss | loss of majority | accuracy | majority | "
                "own rule |\n"
                "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    const auto line = [&](const std::string& name, std::size_t train, std::uint32_t trees, const Score& model,
                          const Score& majority, const Score& own) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        double low = nan;
        double high = nan;
        if (const auto interval = model.estimate().interval) {
            low = interval->lower;
            high = interval->upper;
        }
        std::printf("| %s | %zu | %zu | %u | %.3f | %.3f to %.3f | %.4f | %.4f | %.3f | %.3f | %.3f |\n", name.c_str(),
                    train, model.rows, trees, number(model.quality()), low, high, number(model.loss()),
                    number(majority.loss()), model.classes ? number(model.classes->accuracy.value) : nan,
                    model.classes ? number(model.classes->majority) : nan, number(own.quality()));
    };
    for (std::size_t i = 0; i < scores.folds.size(); ++i) {
        const auto& fold = scores.folds[i];
        line(std::to_string(i + 1), fold.rows.train.size(), fold.trees, fold.model, fold.majority, fold.own);
    }
    line("all", 0, scores.finalTrees, scores.pooled, scores.pooledMajority, scores.pooledOwn);
    std::printf("\nAudit: %s%s\n", std::string(name(report.verdict())).c_str(), report.hasSignal ? "" : ", no signal");
    for (const auto& finding : report.findings) {
        std::printf("- %s: %s. %s\n", std::string(name(finding.detector)).c_str(),
                    std::string(name(finding.level)).c_str(), finding.evidence.c_str());
    }
    std::fflush(stdout);
}

/// Walk-forward and audit of rows that are there.
void judgeFamily(const std::string& title, const LabelRule& rule, const FeatureSet& set, const TrainingRows& rows,
                 const std::vector<std::span<const market::Candle>>& series, std::size_t permutations)
{
    const auto begun = std::chrono::steady_clock::now();
    BoostParameters parameters{
        .rounds = 300, .depth = 4, .eta = 0.05, .minChildWeight = 20, .subsample = 0.8, .columnSample = 0.5, .seed = 1};
    if (isRegression(rule.family)) {
        parameters.objective = Objective::SquaredError;
    }
    const auto scores =
        need(walkForward(rows, parameters, {.family = rule.family, .plan = planFor(barsOf(rows), 5, rule.horizon)}));
    const double walked = secondsSince(begun);
    AuditLimits limits;
    limits.permutations = permutations;
    const auto report = need(audit({.family = rule.family,
                                    .rows = &rows,
                                    .scores = &scores,
                                    .parameters = parameters,
                                    .remake = remakeOf(rows, set, series)},
                                   limits));
    printScores(title, rows, scores, report, walked, secondsSince(begun) - walked);
}

/// fill_predictor on the demo market's ticks: two instruments, ten days.
void trainOnSimulatedTicks(std::size_t permutations)
{
    const auto& set = FeatureSet::of(FeatureSource::Ticks);
    auto rule = standardRule(Family::Fill);
    rule.limitNotional = base::defaultPaperPolicy().notional; // as the console asks
    const auto instruments = exchange::defaultInstruments(2);
    const base::UtcMs start{1'756'000'000'000};
    exchange::MarketSimulator simulator(7, start, instruments);
    std::vector<RowMaker> makers;
    std::vector<market::CandleBuilder> builders(instruments.size(), market::CandleBuilder(Timeframe::M1));
    std::vector<std::vector<market::Candle>> candles(instruments.size());
    for (std::uint32_t i = 0; i < instruments.size(); ++i) {
        makers.push_back(need(RowMaker::of(set, rule, i)));
    }
    while (simulator.nextTime() < start + 10 * base::oneDay) {
        const auto event = simulator.next();
        if (!event.isTrade) {
            continue;
        }
        auto& known = candles[event.index];
        const auto before = known.size();
        builders[event.index].add(event.tick, known);
        for (auto i = before; i < known.size(); ++i) {
            makers[event.index].add(known[i]);
        }
        makers[event.index].add(event.tick);
    }
    TrainingRows rows;
    std::vector<std::span<const market::Candle>> series;
    for (std::size_t i = 0; i < makers.size(); ++i) {
        rows.merge(makers[i].finish());
        series.emplace_back(candles[i]);
    }
    judgeFamily("fill_predictor, two instruments of the demo market, ten days of ticks", rule, set, rows, series,
                permutations);
}

void trainFamily(const std::string& title, const LabelRule& rule,
                 const std::vector<std::vector<market::Candle>>& markets, std::size_t permutations)
{
    const auto& set = FeatureSet::of(FeatureSource::Candles5m);
    TrainingRows rows;
    std::vector<std::span<const market::Candle>> series;
    for (const auto& candles : markets) {
        auto maker = need(RowMaker::of(set, rule, static_cast<std::uint32_t>(series.size())));
        for (const auto& candle : candles) {
            maker.add(candle);
        }
        rows.merge(maker.finish());
        series.emplace_back(candles);
    }
    judgeFamily(title, rule, set, rows, series, permutations);
}

} // namespace

void trainFamilies(std::size_t permutations)
{
    trainOnSimulatedTicks(permutations);
    std::vector<std::vector<market::Candle>> markets;
    for (const auto& recorded : testkit::recordedCandles) {
        markets.push_back(testkit::readCandles(recorded));
        if (markets.back().empty()) {
            throw std::runtime_error("QD_SHARED names no folder that holds the recorded candles");
        }
    }
    for (const auto family : {Family::Gbt5m, Family::Volatility, Family::StopHit}) {
        auto rule = standardRule(family);
        rule.stride = 24;
        trainFamily(std::string(name(family)) + ", eight instruments", rule, markets, permutations);
    }
    for (std::size_t i = 0; i < markets.size(); ++i) {
        auto rule = standardRule(Family::Direction);
        rule.stride = 3;
        trainFamily("direction_predictor " + std::string(testkit::recordedCandles[i].name), rule, {markets[i]},
                    permutations);
    }
}

void benchFeatures(const std::string& tickFile)
{
    const auto fromFives = timeRows(tickFile, FeatureSource::Candles5m, 100'000);
    const auto fromTicks = timeRows(tickFile, FeatureSource::Ticks, 100'000);
    std::printf("{\"rows\": %zu, \"features\": %zu, \"ns_per_row\": %.1f, \"features_ticks\": %zu, "
                "\"ns_per_row_ticks\": %.1f}\n",
                fromFives.rows, fromFives.features, fromFives.nanoseconds, fromTicks.features, fromTicks.nanoseconds);
}

void benchModel(std::size_t rows, std::size_t columns, std::uint32_t trees, std::uint32_t threads)
{
    const auto parameters = floorParameters(trees, threads);
    const auto whole = timeFinalFit(timedRows(rows, columns), parameters);
    const auto sample = floorSample(rows, columns);
    const RowTable table{sample.rows, columns};
    const double cpuBefore = cpuSeconds();
    const auto start = std::chrono::steady_clock::now();
    const auto fitted = need(fit(parameters, {table, sample.labels}));
    const double seconds = secondsSince(start);
    const double cpu = cpuSeconds() - cpuBefore;
    const auto flat = need(FlatTrees::of(fitted.bytes));
    const double withReading = secondsSince(start);

    constexpr std::size_t asked = 5'000;
    const RowTable some{table.values.first(asked * columns), columns};
    const auto theirs = need(need(Booster::fromBytes(fitted.bytes, threads)).predict(need(BoostMatrix::of(some, {}))));
    std::vector<double> times;
    std::size_t differing = 0;
    for (std::size_t i = 0; i < asked; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const float p = flat.predict(table.row(i));
        times.push_back(secondsSince(before) * 1e6);
        differing += std::memcmp(&p, &theirs[i], sizeof p) != 0 ? 1U : 0U;
    }
    std::ranges::sort(times);
    std::printf("{\"fit_s\": %.3f, \"fit_cpu_s\": %.3f, \"fit_and_flatten_s\": %.3f, \"model_bytes\": %zu, "
                "\"predict_us_p50\": %.2f, "
                "\"predict_us_p99\": %.2f, \"differing\": %zu, "
                "\"whole_s\": %.3f, \"whole_train_s\": %.3f, \"whole_save_s\": %.3f, \"whole_metrics_s\": %.3f}\n",
                seconds, cpu, withReading, fitted.bytes.size(), times[asked / 2], times[asked * 99 / 100], differing,
                whole.train + whole.save + whole.metrics, whole.train, whole.save, whole.metrics);
}

void benchWalk(std::size_t rows, std::size_t columns, std::uint32_t trees, std::uint32_t threads)
{
    const auto all = timedRows(rows, columns);
    const auto parameters = floorParameters(trees, threads);
    const auto policy = floorPolicy(all);
    const auto begun = std::chrono::steady_clock::now();
    const auto scores = need(walkForward(all, parameters, policy));
    const double walk = secondsSince(begun);
    double single = 0;
    std::size_t grown = 0;
    for (const auto& fold : scores.folds) {
        const auto split = earlyStoppingSplit(all.spans(), fold.rows.train, policy.earlyStoppingShare);
        const auto part = all.selected(split.fit);
        const auto slice = all.selected(split.validation);
        const auto start = std::chrono::steady_clock::now();
        const auto fitted = need(fit(parameters, {part.table(), part.labels}, FitData{slice.table(), slice.labels}));
        single += secondsSince(start);
        grown += fitted.validationLoss.size();
    }
    std::printf("{\"folds\": %zu, \"trees_grown\": %zu, \"walk_s\": %.3f, \"single_fits_s\": %.3f, \"ratio\": %.3f}\n",
                scores.folds.size(), grown, walk, single, walk / single);
}

void benchPermutations(std::size_t rows, std::size_t columns, std::uint32_t threads)
{
    const auto all = timedRows(rows, columns);
    const auto parameters = floorParameters(1, threads); // the folds are all that is wanted of the walk
    const auto scores = need(walkForward(all, parameters, floorPolicy(all)));
    const AuditLimits limits;
    const auto begun = std::chrono::steady_clock::now();
    double seconds = 0; // until the last tree of the last refit: the other detectors come later
    const auto report =
        need(audit({.rows = &all, .scores = &scores, .parameters = parameters}, limits, [&](std::size_t, std::size_t) {
            seconds = secondsSince(begun);
            return true;
        }));
    if (!report.findings[static_cast<std::size_t>(Detector::Permutation)].isRun) {
        throw std::runtime_error("The permutation check did not run");
    }
    std::printf("{\"refits\": %zu, \"rows\": %zu, \"trees\": %u, \"permutations_s\": %.3f, \"ms_per_refit\": %.2f}\n",
                limits.permutations, std::min(limits.permutationRows, scores.folds.back().rows.train.size()),
                limits.permutationTrees, seconds, seconds * 1e3 / static_cast<double>(limits.permutations + 1));
}

} // namespace qd::bench
