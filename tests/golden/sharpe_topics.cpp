#include "golden/case_reader.h"
#include "golden/topics.h"
#include "statistics/bootstrap.h"
#include "statistics/overfitting.h"
#include "statistics/sharpe.h"
#include "statistics/sharpe_comparison.h"
#include "statistics/summary.h"

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace qd::statistics;

namespace qd::golden {

namespace {

using IndexRows = std::vector<std::vector<std::uint32_t>>;

IndexRows indexRows(const CaseReader& c)
{
    IndexRows out;
    for (const auto& row : c.column("indices")) {
        auto& indices = out.emplace_back();
        for (const auto& value : row.toArray()) {
            indices.push_back(static_cast<std::uint32_t>(value.toInteger()));
        }
    }
    return out;
}

Resamples given(const IndexRows& rows)
{
    return [&rows, at = std::size_t{0}]() mutable -> std::span<const std::uint32_t> {
        return at < rows.size() ? std::span<const std::uint32_t>(rows[at++]) : std::span<const std::uint32_t>();
    };
}

QJsonObject bootstrap(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("u_start")) {
        const auto starts = c.rows("u_start");
        const auto restarts = c.rows("u_restart");
        QJsonArray indices;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            indices.append(wholeList(stationaryIndices(
                starts[i], restarts.at(i), static_cast<std::size_t>(c.input("n")), c.param("mean_block_length"))));
        }
        return c.asked({{u"indices"_s, indices}});
    }
    const auto x = c.numbers("x");
    if (!c.has("indices")) {
        const auto block = optimalBlockLength(x);
        return c.asked({{u"m"_s, whole(block.cutoff)},
                        {u"stationary"_s, number(block.stationary)},
                        {u"circular"_s, number(block.circular)},
                        {u"b_max"_s, whole(block.longest)}});
    }
    const auto rows = indexRows(c);
    const double confidence = c.param("confidence");
    const auto b = c.asksFor("t_replicates") ? bootstrapSharpe(x, given(rows), confidence)
                                             : bootstrapMean(x, given(rows), confidence);
    return c.asked({{u"replicates"_s, list(b.replicates)},
                    {u"estimate"_s, number(b.estimate)},
                    {u"percentile_lower"_s, number(lower(b.percentile))},
                    {u"percentile_upper"_s, number(upper(b.percentile))},
                    {u"basic_lower"_s, number(lower(b.basic))},
                    {u"basic_upper"_s, number(upper(b.basic))},
                    {u"boot_mean"_s, number(b.replicateMean)},
                    {u"boot_se"_s, number(b.replicateError)},
                    {u"t_replicates"_s, list(b.studentised)},
                    {u"se"_s, number(b.error)},
                    {u"studentized_lower"_s, number(lower(b.studentisedInterval))},
                    {u"studentized_upper"_s, number(upper(b.studentisedInterval))}});
}

QJsonObject probabilisticOf(const CaseReader& c)
{
    const auto sample = sharpeSample(c.numbers("r"));
    const double benchmark = c.param("sr_benchmark_period");
    const double confidence = c.param("confidence");
    const auto with = [&](auto rule) { return sample ? rule(*sample) : Measure(std::unexpected(sample.error())); };
    return c.asked(
        {{u"sr"_s, number(with([](const auto& s) { return Measure(s.sharpe); }))},
         {u"skew"_s, number(with([](const auto& s) { return Measure(s.skewness); }))},
         {u"kurt"_s, number(with([](const auto& s) { return Measure(s.kurtosis); }))},
         {u"psr_0"_s, number(with([](const auto& s) { return probabilisticSharpe(s); }))},
         {u"psr_bench"_s, number(with([&](const auto& s) { return probabilisticSharpe(s, benchmark); }))},
         {u"min_trl_0"_s, number(with([&](const auto& s) { return minimumTrackRecord(s, 0.0, confidence); }))},
         {u"min_trl_bench"_s,
          number(with([&](const auto& s) { return minimumTrackRecord(s, benchmark, confidence); }))}});
}

QJsonObject probabilisticOfMoments(const CaseReader& c)
{
    const auto sharpe = c.numbers("sr");
    const auto benchmark = c.numbers("sr_benchmark");
    const auto n = c.numbers("n");
    const auto skewness = c.numbers("skew");
    const auto kurtosis = c.numbers("kurt");
    QJsonArray psr;
    QJsonArray length;
    QJsonArray core;
    for (std::size_t i = 0; i < sharpe.size(); ++i) {
        const SharpeSample sample{sharpe[i], skewness.at(i), kurtosis.at(i), static_cast<std::size_t>(n.at(i))};
        psr.append(number(probabilisticSharpe(sample, benchmark.at(i))));
        length.append(number(minimumTrackRecord(sample, benchmark.at(i), 0.95)));
        core.append(number(sharpeVarianceCore(sample)));
    }
    return c.asked({{u"psr"_s, psr}, {u"min_trl_95"_s, length}, {u"variance_core"_s, core}});
}

QJsonObject deflatedOfTrials(const CaseReader& c)
{
    const auto trials = c.numbers("trial_sr");
    const auto spread = standardDeviation(trials);
    const auto count = static_cast<double>(trials.size());
    const double effective = effectiveTrials(c.param("mean_trial_correlation", 0.0), count);
    const SharpeSample best{std::ranges::max(trials), c.param("skew"), c.param("kurt"),
                            static_cast<std::size_t>(c.param("n_returns"))};
    const double s = spread.value_or(0.0);
    return c.asked({{u"best_sr"_s, best.sharpe},
                    {u"sd_trials"_s, number(spread)},
                    {u"sr0"_s, expectedBestSharpe(s, count)},
                    {u"dsr"_s, number(deflatedSharpe(best, s, count))},
                    {u"n_effective"_s, effective},
                    {u"sr0_effective"_s, expectedBestSharpe(s, effective)},
                    {u"dsr_effective"_s, number(deflatedSharpe(best, s, effective))}});
}

QJsonObject probabilisticSharpes(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("r")) {
        return probabilisticOf(c);
    }
    if (c.has("sr")) {
        return probabilisticOfMoments(c);
    }
    if (c.has("trial_sr")) {
        return deflatedOfTrials(c);
    }
    const double perYear = c.input("periods_per_year");
    const double sharpe = c.input("sr_annual") / std::sqrt(perYear);
    if (c.has("n_trials")) {
        const double spread = std::sqrt(c.input("var_trials_annual") / perYear);
        const SharpeSample sample{sharpe, c.param("skew"), c.param("kurt"),
                                  static_cast<std::size_t>(c.param("n_returns"))};
        return c.asked({{u"sr0_period"_s, expectedBestSharpe(spread, c.input("n_trials"))},
                        {u"dsr"_s, number(deflatedSharpe(sample, spread, c.input("n_trials")))}});
    }
    const double benchmark = c.input("sr_benchmark_annual") / std::sqrt(perYear);
    const auto years = [&](double skewness, double kurtosis) {
        return number(scaled(minimumTrackRecord({sharpe, skewness, kurtosis, 0}, benchmark), 1.0 / perYear));
    };
    return c.asked(
        {{u"years_normal"_s, years(0.0, 3.0)}, {u"years_skewed"_s, years(c.param("skew"), c.param("kurt"))}});
}

QJsonObject pboCscv(const QJsonObject& entry)
{
    const CaseReader c(entry);
    Numbers flat;
    std::size_t columns = 0;
    for (const auto& row : c.rows("returns_rows")) {
        columns = row.size();
        flat.insert(flat.end(), row.begin(), row.end());
    }
    const auto blocks = static_cast<std::size_t>(c.param("S", 0.0));
    const auto out = backtestOverfitting(flat, columns, {.blocks = blocks});
    if (!out) {
        return c.nothing();
    }
    return c.asked({{u"n_combinations"_s, whole(out->combinations)},
                    {u"rows_dropped"_s, whole(out->rowsDropped)},
                    {u"best"_s, wholeList(out->best)},
                    {u"logits"_s, mapped(out->logits, plain)},
                    {u"pbo"_s, number(out->probability)},
                    {u"prob_oos_loss"_s, number(out->lossProbability)},
                    {u"slope"_s, number(out->slope)},
                    {u"intercept"_s, number(out->intercept)},
                    {u"mean_sr_is"_s, number(out->meanInSample)},
                    {u"mean_sr_oos"_s, number(out->meanOutOfSample)}});
}

QJsonObject differenceObject(const SharpeDifference& test)
{
    return {{u"sr1"_s, test.first},        {u"sr2"_s, test.second},  {u"diff"_s, test.difference},
            {u"se"_s, number(test.error)}, {u"z"_s, number(test.z)}, {u"p_two_sided"_s, number(test.p)}};
}

QJsonObject sharpeComparison(const QJsonObject& entry)
{
    const CaseReader c(entry);
    const auto x = c.numbers("x");
    const auto y = c.numbers("y");
    if (c.has("indices")) {
        const auto rows = indexRows(c);
        const auto test = ledoitWolfBootstrap(x, y, given(rows), static_cast<std::size_t>(c.wholeParam("block")));
        if (!test) {
            return c.nothing();
        }
        return c.asked({{u"diff"_s, test->difference},
                        {u"se_hac"_s, test->error},
                        {u"d"_s, test->d},
                        {u"d_star"_s, list(test->replicates)},
                        {u"p"_s, number(test->p)}});
    }
    if (c.asksFor("se1")) {
        const auto test = unpairedTest(x, y, c.param("confidence"));
        if (!test) {
            return c.nothing();
        }
        auto out = differenceObject(*test);
        out.insert(u"se1"_s, number(test->firstError));
        out.insert(u"se2"_s, number(test->secondError));
        out.insert(u"lower"_s, number(lower(test->interval)));
        out.insert(u"upper"_s, number(upper(test->interval)));
        return c.asked(out);
    }
    if (c.asksFor("gradient")) {
        const auto test = c.asksFor("bandwidth") ? ledoitWolfHacTest(x, y) : ledoitWolfTest(x, y);
        if (!test) {
            return c.nothing();
        }
        auto out = differenceObject(*test);
        out.insert(u"gradient"_s, mapped({test->gradient.begin(), test->gradient.end()}, plain));
        out.insert(u"rho_ar1"_s, mapped({test->rho.begin(), test->rho.end()}, plain));
        out.insert(u"bandwidth"_s, test->bandwidth);
        return c.asked(out);
    }
    const auto test = memmelTest(x, y);
    if (!test) {
        return c.nothing();
    }
    auto out = differenceObject(*test);
    out.insert(u"rho"_s, test->rho);
    return c.asked(out);
}

constexpr Topic topics[] = {
    {"bootstrap", bootstrap},
    {"psr_dsr_mintrl", probabilisticSharpes},
    {"pbo_cscv", pboCscv},
    {"sharpe_comparison", sharpeComparison},
};

} // namespace

std::span<const Topic> sharpeTopics()
{
    return topics;
}

} // namespace qd::golden
