#include "golden/case_reader.h"
#include "golden/topics.h"
#include "learning/classification.h"
#include "learning/drift.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/leakage.h"
#include "learning/regime.h"
#include "learning/splits.h"
#include "learning/triple_barrier.h"

#include <QFile>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;
using namespace qd::learning;

namespace qd::golden {

namespace {

QString text(std::string_view word)
{
    return QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size()));
}

QString textParam(const QJsonObject& entry, const char* name)
{
    return entry.value("params"_L1).toObject().value(QLatin1String(name)).toString();
}

template <typename T>
T need(base::Result<T> result)
{
    if (!result) {
        throw std::runtime_error(base::sentence(result.error()));
    }
    return std::move(*result);
}

template <typename T>
T need(statistics::Defined<T> result)
{
    if (!result) {
        throw std::runtime_error(std::string(statistics::name(result.error())));
    }
    return std::move(*result);
}

std::vector<std::uint8_t> labelsOf(const CaseReader& c, const char* column)
{
    std::vector<std::uint8_t> out;
    for (const double v : c.numbers(column)) {
        out.push_back(v != 0 ? 1 : 0);
    }
    return out;
}

std::vector<LabelSpan> spansOf(const CaseReader& c, const char* starts, const char* ends)
{
    const auto t0 = c.numbers(starts);
    const auto t1 = c.numbers(ends);
    std::vector<LabelSpan> out;
    for (std::size_t i = 0; i < t0.size(); ++i) {
        out.push_back({static_cast<std::int64_t>(t0[i]), static_cast<std::int64_t>(t1.at(i))});
    }
    return out;
}

QJsonArray rangeOf(const IndexRange& range)
{
    return {whole(range.begin), whole(range.end)};
}

QJsonObject cvSplits(const QJsonObject& entry)
{
    const CaseReader c(entry);
    QJsonArray folds;
    if (c.has("t0")) {
        const auto spans = spansOf(c, "t0", "t1");
        for (const auto& fold : need(purgedKFold(spans, static_cast<std::size_t>(c.wholeParam("n_splits")),
                                                 static_cast<std::size_t>(c.wholeParam("embargo"))))) {
            folds.append(QJsonObject{{u"test"_s, rangeOf(fold.test)},
                                     {u"test_start"_s, static_cast<qint64>(fold.testStart)},
                                     {u"test_label_end"_s, static_cast<qint64>(fold.testLabelEnd)},
                                     {u"train"_s, wholeList(fold.train)},
                                     {u"purged"_s, wholeList(fold.purged)},
                                     {u"embargoed"_s, wholeList(fold.embargoed)}});
        }
        return c.asked({{u"folds"_s, folds}});
    }
    const auto size = [&](const char* name) { return static_cast<std::size_t>(c.wholeParam(name)); };
    const auto mode = textParam(entry, "mode");
    if (mode != "rolling"_L1 && mode != "expanding"_L1) {
        throw std::runtime_error("no such window: " + mode.toStdString());
    }
    const WalkForwardPlan plan{.train = size("train_size"),
                               .test = size("test_size"),
                               .step = size("step"),
                               .labelHorizon = size("label_horizon"),
                               .embargo = size("embargo"),
                               .window = mode == "rolling"_L1 ? TrainWindow::Rolling : TrainWindow::Expanding};
    for (const auto& fold : walkForward(size("n"), plan).folds) {
        folds.append(QJsonObject{
            {u"train"_s, rangeOf(fold.train)}, {u"gap"_s, rangeOf(fold.gap)}, {u"test"_s, rangeOf(fold.test)}});
    }
    return c.asked({{u"folds"_s, folds}});
}

QJsonObject tripleBarriers(const QJsonObject& entry)
{
    const CaseReader c(entry);
    const auto high = c.numbers("high");
    const auto low = c.numbers("low");
    const auto close = c.numbers("close");
    std::vector<PriceBar> bars;
    for (std::size_t i = 0; i < close.size(); ++i) {
        bars.push_back({high.at(i), low.at(i), close[i]});
    }
    const BarrierRule rule{.takeProfit = c.param("pt"),
                           .stopLoss = c.param("sl"),
                           .price = textParam(entry, "price") == "close"_L1 ? BarrierPrice::Close : BarrierPrice::Touch,
                           .roundTripCost = c.param("round_trip_cost")};
    const auto index = c.numbers("event_index");
    std::vector<BarrierOutcome> outcomes;
    for (std::size_t i = 0; i < index.size(); ++i) {
        const double horizon = c.has("horizon") ? c.numbers("horizon").at(i) : c.param("horizon");
        outcomes.push_back(tripleBarrier(bars,
                                         {.index = static_cast<std::size_t>(index[i]),
                                          .side = c.numbers("side").at(i) < 0 ? -1 : 1,
                                          .volatility = c.numbers("vol").at(i),
                                          .horizon = static_cast<std::size_t>(horizon)},
                                         rule));
    }
    const auto column = [&](auto rule2) {
        QJsonArray out;
        for (const auto& outcome : outcomes) {
            out.append(rule2(outcome));
        }
        return out;
    };
    using Outcome = const BarrierOutcome&;
    const QJsonValue none(QJsonValue::Null);
    return c.asked({{u"entry"_s, column([](Outcome o) { return QJsonValue(o.entry); })},
                    {u"tp"_s, column([](Outcome o) { return QJsonValue(o.takeProfit); })},
                    {u"sl"_s, column([](Outcome o) { return QJsonValue(o.stopLoss); })},
                    {u"label"_s, column([&](Outcome o) { return o.label ? QJsonValue(*o.label) : none; })},
                    {u"end_index"_s, column([&](Outcome o) { return o.endIndex ? whole(*o.endIndex) : none; })},
                    {u"ret"_s, column([](Outcome o) { return number(o.result); })},
                    {u"reason"_s, column([](Outcome o) { return QJsonValue(text(name(o.reason))); })},
                    {u"ambiguous"_s, column([](Outcome o) { return QJsonValue(o.isAmbiguous); })}});
}

QJsonObject featureLeaks(const QJsonObject& entry, const CaseReader& c)
{
    const auto label = labelsOf(c, "label");
    const LeakLimits limits{.warnSeparation = c.param("warn"), .failSeparation = c.param("fail")};
    const auto features = entry.value("inputs"_L1).toObject().value("features"_L1).toObject();
    QJsonObject out;
    for (auto it = features.begin(); it != features.end(); ++it) {
        const auto leak = featureLeak(CaseReader::numbersOf(it.value().toArray()), label, limits);
        out.insert(it.key(), QJsonObject{{u"auc"_s, number(leak.auc)},
                                         {u"separation"_s, number(leak.separation)},
                                         {u"auc_lag1"_s, number(leak.aucOlder)},
                                         {u"auc_lead1"_s, number(leak.aucNewer)},
                                         {u"separation_lag1"_s, number(leak.separationOlder)},
                                         {u"collapse"_s, number(leak.collapse)},
                                         {u"level"_s, text(name(leak.level))},
                                         {u"shift_suspicious"_s, leak.isShiftSuspicious}});
    }
    return c.asked(out);
}

QJsonObject overlapAndDuplicates(const CaseReader& c)
{
    const auto train = c.rows("train_rows");
    const auto test = c.rows("test_rows");
    const auto floats = [](const std::vector<std::vector<double>>& rows) {
        std::vector<float> out;
        for (const auto& row : rows) {
            for (const double v : row) {
                out.push_back(static_cast<float>(v));
            }
        }
        return out;
    };
    const auto column = [&](const char* name) {
        const auto numbers = c.numbers(name);
        return std::vector<float>(numbers.begin(), numbers.end());
    };
    const auto trainValues = floats(train);
    const auto testValues = floats(test);
    const auto columns = train.at(0).size();
    const auto found =
        duplicateRows({trainValues, columns}, column("train_label"), {testValues, columns}, column("test_label"));
    const auto overlap = overlappingRows(spansOf(c, "train_t0", "train_t1"), spansOf(c, "test_t0", "test_t1"));
    return c.asked({{u"overlapping_train_indices"_s, wholeList(overlap)},
                    {u"duplicate_test_indices"_s, wholeList(found.test)},
                    {u"conflicting_label_test_indices"_s, wholeList(found.conflicting)},
                    {u"duplicate_share"_s, found.share}});
}

QJsonObject tooGood(const CaseReader& c)
{
    const LeakLimits limits{.accuracy = c.param("accuracy"),
                            .auc = c.param("auc"),
                            .dailySharpe = c.param("daily_sharpe_annual"),
                            .profitFactor = c.param("profit_factor"),
                            .winRate = c.param("win_rate"),
                            .drawdown = c.param("mdd_pct_min") / 100.0,
                            .growthForDrawdown = c.param("cagr_for_mdd"),
                            .trades = static_cast<std::uint64_t>(c.wholeParam("min_trades"))};
    QJsonArray flags;
    for (const auto& value : c.column("metrics")) {
        const auto m = value.toObject();
        const auto of = [&](const char* key) -> std::optional<double> {
            const auto v = m.value(QLatin1String(key));
            return v.isDouble() ? std::optional(v.toDouble()) : std::nullopt;
        };
        const auto drawdown = of("mdd_pct");
        QJsonArray raised;
        for (const auto flag : tooGoodToBeTrue({.accuracy = of("oos_accuracy"),
                                                .auc = of("oos_auc"),
                                                .dailySharpe = of("daily_sharpe_annual"),
                                                .profitFactor = of("profit_factor"),
                                                .winRate = of("win_rate"),
                                                .payoff = of("payoff"),
                                                .trades = static_cast<std::uint64_t>(of("n_trades").value_or(0)),
                                                .drawdown = drawdown ? std::optional(*drawdown / 100.0) : std::nullopt,
                                                .growth = of("cagr")},
                                               limits)) {
            raised.append(text(name(flag)));
        }
        flags.append(raised);
    }
    return c.asked({{u"flags"_s, flags}});
}

QJsonObject leakage(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("features")) {
        return featureLeaks(entry, c);
    }
    if (c.has("score")) {
        return c.asked({{u"auc"_s, number(areaUnderCurve(c.numbers("score"), labelsOf(c, "label")))}});
    }
    if (c.has("null_scores")) {
        const auto nulls = c.numbers("null_scores");
        return c.asked(
            {{u"p"_s, mapped(c.numbers("observed"), [&](double v) { return plain(permutationP(v, nulls)); })}});
    }
    if (c.has("full_trailing")) {
        const auto found = [&](const char* full, const char* prefix) {
            return compareTruncated(c.numbers(full), c.numbers(prefix), c.param("rel_tol"));
        };
        const auto first = [](const Truncation& t) { return t.first ? whole(*t.first) : QJsonValue(QJsonValue::Null); };
        const auto trailing = found("full_trailing", "prefix_trailing");
        const auto centred = found("full_centred", "prefix_centred");
        return c.asked({{u"mismatch_trailing"_s, whole(trailing.mismatches)},
                        {u"first_mismatch_trailing"_s, first(trailing)},
                        {u"mismatch_centred"_s, whole(centred.mismatches)},
                        {u"first_mismatch_centred"_s, first(centred)}});
    }
    if (c.has("metrics")) {
        return tooGood(c);
    }
    return overlapAndDuplicates(c);
}

QJsonObject drift(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("x")) {
        const auto test = ksTest(c.numbers("x"), c.numbers("y"));
        return c.asked({{u"D"_s, number(test.distance)},
                        {u"lambda_limit"_s, test.lambdaLimit},
                        {u"p_limit"_s, test.pLimit},
                        {u"lambda_stephens"_s, test.lambda},
                        {u"p_stephens"_s, test.p}});
    }
    const auto reference = psiReference(c.numbers("reference"), static_cast<std::uint32_t>(c.wholeParam("bins")));
    const auto index = psi(reference, c.numbers("current"), {.floor = c.param("floor")});
    return c.asked({{u"edges"_s, mapped(reference.edges, plain)},
                    {u"ref_counts"_s, wholeList(index.referenceCounts)},
                    {u"cur_counts"_s, wholeList(index.currentCounts)},
                    {u"psi"_s, number(index.value)}});
}

QJsonObject regime(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("close")) {
        const auto series = realisedVolatilitySeries(
            c.numbers("close"), static_cast<std::size_t>(c.wholeParam("window")), c.param("bars_per_year"));
        return c.asked({{u"rv"_s, list(series)}});
    }
    const auto reference = c.numbers("reference");
    if (c.has("value")) {
        QJsonArray ranks;
        for (const double v : c.numbers("value")) {
            ranks.append(number(percentileRank(reference, v)));
        }
        return c.asked({{u"pct"_s, ranks}});
    }
    const auto span =
        need(regimeSpan(reference, c.numbers("sample"),
                        {.low = c.param("low"), .high = c.param("high"), .leastShare = c.param("min_share")}));
    return c.asked(
        {{u"q_low"_s, span.lowEdge},
         {u"q_high"_s, span.highEdge},
         {u"share_low"_s, span.shareLow},
         {u"share_high"_s, span.shareHigh},
         {u"min_pct"_s, span.leastPercentile},
         {u"max_pct"_s, span.greatestPercentile},
         {u"quintile_share"_s, mapped(Numbers(span.quintileShares.begin(), span.quintileShares.end()), plain)},
         {u"spans"_s, span.spans}});
}

QJsonObject classification(const QJsonObject& entry)
{
    const CaseReader c(entry);
    const auto m = need(classMetrics(c.numbers("p"), labelsOf(c, "y"),
                                     {.threshold = c.param("threshold"),
                                      .clip = c.param("logloss_eps"),
                                      .bins = static_cast<std::uint32_t>(c.wholeParam("ece_bins"))}));
    QJsonArray counts;
    QJsonArray predictions;
    QJsonArray frequencies;
    for (const auto& bin : m.calibration.bins) {
        counts.append(whole(bin.count));
        predictions.append(number(bin.meanPrediction));
        frequencies.append(number(bin.frequency));
    }
    return c.asked({{u"n"_s, whole(m.n)},
                    {u"tp"_s, whole(m.truePositives)},
                    {u"fp"_s, whole(m.falsePositives)},
                    {u"tn"_s, whole(m.trueNegatives)},
                    {u"fn"_s, whole(m.falseNegatives)},
                    {u"accuracy"_s, number(m.accuracy.value)},
                    {u"precision"_s, number(m.precision)},
                    {u"recall"_s, number(m.recall)},
                    {u"f1"_s, number(m.f1)},
                    {u"mcc"_s, number(m.mcc)},
                    {u"balanced_accuracy"_s, number(m.balancedAccuracy)},
                    {u"logloss"_s, number(m.logLoss.value)},
                    {u"auc"_s, number(m.auc.value)},
                    {u"brier"_s, number(m.brier.value)},
                    {u"base_rate"_s, number(m.baseRate)},
                    {u"brier_skill"_s, number(m.brierSkill)},
                    {u"ece"_s, number(m.calibration.expected)},
                    {u"mce"_s, number(m.calibration.greatest)},
                    {u"bin_count"_s, counts},
                    {u"bin_mean_p"_s, predictions},
                    {u"bin_freq"_s, frequencies}});
}

struct CsvData {
    std::vector<float> rows;
    std::vector<float> labels;
    std::size_t columns = 0;
    [[nodiscard]] RowTable table(std::size_t from, std::size_t to) const
    {
        return {std::span(rows).subspan(from * columns, (to - from) * columns), columns};
    }
    [[nodiscard]] std::span<const float> labelsOf(std::size_t from, std::size_t to) const
    {
        return std::span(labels).subspan(from, to - from);
    }
};

CsvData readCsv(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        throw std::runtime_error("no such file: " + path.toStdString());
    }
    CsvData out;
    out.columns = static_cast<std::size_t>(file.readLine().count(','));
    while (!file.atEnd()) {
        const auto cells = file.readLine().trimmed().split(',');
        for (qsizetype i = 0; i + 1 < cells.size(); ++i) {
            out.rows.push_back(cells[i].isEmpty() ? std::numeric_limits<float>::quiet_NaN() : cells[i].toFloat());
        }
        out.labels.push_back(cells.back().toFloat());
    }
    return out;
}

BoostParameters boostParametersOf(const QJsonObject& entry, const CaseReader& c)
{
    if (textParam(entry, "objective") != "binary:logistic"_L1 || textParam(entry, "tree_method") != "hist"_L1) {
        throw std::runtime_error("an objective or method without a rule");
    }
    const auto count = [&](const char* name) { return static_cast<std::uint32_t>(c.wholeParam(name)); };
    return {.rounds = count("num_boost_round"),
            .depth = count("max_depth"),
            .eta = c.param("eta"),
            .bins = count("max_bin"),
            .lambda = c.param("lambda"),
            .alpha = c.param("alpha"),
            .gamma = c.param("gamma"),
            .minChildWeight = c.param("min_child_weight"),
            .subsample = c.param("subsample", 1),
            .columnSample = c.param("colsample_bytree", 1),
            .baseScore = c.param("base_score"),
            .seed = count("seed"),
            .threads = count("nthread")};
}

ClassMetrics metricsOf(std::span<const float> p, std::span<const float> y)
{
    std::vector<std::uint8_t> labels;
    for (const float v : y) {
        labels.push_back(v != 0 ? 1 : 0);
    }
    return need(classMetrics(std::vector<double>(p.begin(), p.end()), labels));
}

std::string fileBytes(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        throw std::runtime_error("no such file: " + path.toStdString());
    }
    return file.readAll().toStdString();
}

/// Trains, and asks that the stored model, its flattened trees and the trained one say the same, bit for bit.
QJsonObject boosting(const QJsonObject& entry)
{
    const CaseReader c(entry);
    const auto inputs = entry.value("inputs"_L1).toObject();
    const auto folder = entry.value("folder"_L1).toString() + u'/';
    const auto data = readCsv(folder + inputs.value("csv"_L1).toString());
    const auto split = static_cast<std::size_t>(c.numbers("train_rows").at(1));
    const auto n = data.labels.size();
    const auto parameters = boostParametersOf(entry, c);
    const auto matrixOf = [&](std::size_t from, std::size_t to) {
        return need(BoostMatrix::of(data.table(from, to), data.labelsOf(from, to)));
    };
    const auto train = matrixOf(0, split);
    const auto valid = matrixOf(split, n);
    const auto all = matrixOf(0, n);
    auto booster = need(Booster::start(parameters, train, &valid));
    Numbers trainLoss;
    Numbers validLoss;
    while (booster.trees() < parameters.rounds) {
        if (const auto grown = booster.grow(train); !grown) {
            throw std::runtime_error(base::sentence(grown.error()));
        }
        trainLoss.push_back(need(booster.loss(train)));
        validLoss.push_back(need(booster.loss(valid)));
    }
    const auto p = need(booster.predict(all));
    const auto flat = need(FlatTrees::of(need(booster.bytes())));
    std::vector<float> walked(n);
    flat.predict(data.table(0, n), walked);
    const auto modelFile = entry.value("expected"_L1).toObject().value("model_file"_L1).toString();
    const auto stored = need(Booster::fromBytes(fileBytes(folder + modelFile)));
    if (walked != p || need(stored.predict(all)) != p) {
        throw std::runtime_error("flattened trees or the stored model predict otherwise");
    }
    const auto trained = metricsOf(std::span(p).first(split), data.labelsOf(0, split));
    const auto judged = metricsOf(std::span(p).subspan(split), data.labelsOf(split, n));
    QJsonObject gain;
    const auto names = inputs.value("features"_L1).toArray();
    for (qsizetype f = 0; f < names.size(); ++f) {
        gain.insert(names[f].toString(), flat.totalGain()[static_cast<std::size_t>(f)]);
    }
    const auto margin = need(booster.predict(all, Booster::Output::Margin));
    return c.asked({{u"prediction"_s, mapped(Numbers(p.begin(), p.end()), plain)},
                    {u"margin"_s, mapped(Numbers(margin.begin(), margin.end()), plain)},
                    {u"train_logloss_per_round"_s, mapped(trainLoss, plain)},
                    {u"valid_logloss_per_round"_s, mapped(validLoss, plain)},
                    {u"train_logloss_double"_s, number(trained.logLoss.value)},
                    {u"valid_logloss_double"_s, number(judged.logLoss.value)},
                    {u"valid_auc"_s, number(judged.auc.value)},
                    {u"valid_accuracy"_s, number(judged.accuracy.value)},
                    {u"total_gain"_s, gain},
                    {u"model_file"_s, modelFile}});
}

constexpr Topic topics[] = {
    {"cv_splits", cvSplits}, {"triple_barrier", tripleBarriers}, {"leakage", leakage},      {"drift", drift},
    {"regime", regime},      {"classification", classification}, {"xgboost_hist", boosting}};

} // namespace

std::span<const Topic> learningTopics()
{
    return topics;
}

} // namespace qd::golden
