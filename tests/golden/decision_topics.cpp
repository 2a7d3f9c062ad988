#include "golden/case_reader.h"
#include "golden/topics.h"
#include "health/health_score.h"
#include "health/probe.h"
#include "statistics/ab_test.h"
#include "statistics/bounded_sequence.h"
#include "statistics/execution_statistics.h"
#include "statistics/sequential.h"

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace qd::statistics;

namespace qd::golden {

namespace {

QString text(std::string_view word)
{
    return QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size()));
}

std::vector<std::size_t> checkpointsOf(const CaseReader& c)
{
    std::vector<std::size_t> out;
    for (const double at : c.numbers("checkpoints")) {
        out.push_back(static_cast<std::size_t>(at));
    }
    return out;
}

QJsonObject oneSample(const CaseReader& c)
{
    const auto x = c.numbers("x");
    const SequenceOptions options{.alpha = c.param("alpha"), .tightestAt = c.param("t_opt")};
    std::vector<SequenceState> states;
    for (const auto at : checkpointsOf(c)) {
        states.push_back(confidenceSequence(std::span(x).first(at), options));
    }
    const auto column = [&](auto rule) {
        QJsonArray out;
        for (const auto& state : states) {
            out.append(number(rule(state)));
        }
        return out;
    };
    return c.asked({{u"rho2"_s, mixtureVariance(options.alpha, options.tightestAt)},
                    {u"mean"_s, column([](const auto& s) { return s.mean; })},
                    {u"lower"_s, column([](const auto& s) { return lower(s.interval); })},
                    {u"upper"_s, column([](const auto& s) { return upper(s.interval); })},
                    {u"log_e_value"_s, column([](const auto& s) { return s.logEvidence; })},
                    {u"p_always_valid"_s, column([](const auto& s) { return s.p; })}});
}

QJsonObject margins(const CaseReader& c)
{
    const auto tightest = c.numbers("t_opt");
    const auto alpha = c.numbers("alpha");
    return c.asked(
        {{u"rho2_approx"_s, mapped(tightest, alpha, [](double t, double a) { return plain(mixtureVariance(a, t)); })},
         {u"rho2_exact"_s,
          mapped(tightest, alpha, [](double t, double a) { return plain(mixtureVarianceExact(a, t)); })},
         {u"unit_margin_at_2t"_s, mapped(tightest, alpha, [](double t, double a) {
              return plain(sequenceMargin(2.0 * t, mixtureVariance(a, t), a));
          })}});
}

struct Arms {
    ArmMoments a;
    ArmMoments b;
};

std::vector<Arms> armsOf(const CaseReader& c)
{
    const auto nA = c.numbers("n_a");
    std::vector<Arms> out;
    for (std::size_t i = 0; i < nA.size(); ++i) {
        out.push_back({{nA[i], c.numbers("mean_a").at(i), c.numbers("var_a").at(i)},
                       {c.numbers("n_b").at(i), c.numbers("mean_b").at(i), c.numbers("var_b").at(i)}});
    }
    return out;
}

QJsonObject twoSample(const CaseReader& c)
{
    const SequenceOptions options{.alpha = c.param("alpha"), .tightestAt = c.param("t_opt")};
    QJsonArray results;
    for (const auto& arms : armsOf(c)) {
        const auto s = twoArmSequence(arms.a, arms.b, options);
        results.append(QJsonObject{{u"N"_s, whole(static_cast<std::uint64_t>(arms.a.n + arms.b.n))},
                                   {u"s2"_s, s.scaledVariance},
                                   {u"rho2"_s, mixtureVariance(options.alpha, options.tightestAt)},
                                   {u"diff"_s, number(s.mean)},
                                   {u"half_width"_s, number(s.halfWidth)},
                                   {u"lower"_s, number(lower(s.interval))},
                                   {u"upper"_s, number(upper(s.interval))},
                                   {u"log_e_value"_s, number(s.logEvidence)},
                                   {u"p_always_valid"_s, number(s.p)}});
    }
    return c.asked({{u"results"_s, results}});
}

QJsonObject mixture(const CaseReader& c)
{
    const SequenceOptions options{.alpha = c.param("alpha"), .null = c.param("null", 0.0)};
    const auto prior = c.numbers("tau2");
    const auto arms = armsOf(c);
    QJsonArray results;
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const auto test = mixtureTest(arms[i].a, arms[i].b, prior.at(i), options);
        results.append(QJsonObject{{u"V"_s, test.variance},
                                   {u"diff"_s, test.difference},
                                   {u"log_lambda"_s, number(test.logRatio)},
                                   {u"p"_s, number(test.p)},
                                   {u"half_width"_s, number(test.halfWidth)},
                                   {u"lower"_s, number(lower(test.interval))},
                                   {u"upper"_s, number(upper(test.interval))}});
    }
    return c.asked({{u"results"_s, results}});
}

template <typename Sequence>
QJsonObject bounded(const CaseReader& c, Sequence sequence)
{
    const auto x = c.numbers("x");
    std::vector<BoundedState> states;
    std::size_t seen = 0;
    for (const auto at : checkpointsOf(c)) {
        for (; seen < at; ++seen) {
            sequence.add(x.at(seen));
        }
        states.push_back(sequence.state());
    }
    const auto column = [&](auto rule) {
        QJsonArray out;
        for (const auto& state : states) {
            out.append(rule(state));
        }
        return out;
    };
    const auto center = column([](const BoundedState& s) { return s.center; });
    return c.asked({{u"lam"_s, column([](const BoundedState& s) { return s.lastBet; })},
                    {u"V"_s, column([](const BoundedState& s) { return s.variance; })},
                    {u"center"_s, center},
                    {u"mean"_s, center},
                    {u"lower"_s, column([](const BoundedState& s) { return s.interval.lower; })},
                    {u"upper"_s, column([](const BoundedState& s) { return s.interval.upper; })},
                    {u"run_lower"_s, column([](const BoundedState& s) { return s.running.lower; })},
                    {u"run_upper"_s, column([](const BoundedState& s) { return s.running.upper; })}});
}

QJsonObject boundaries(const CaseReader& c)
{
    const double alpha = c.param("alpha");
    const auto v = c.numbers("v");
    if (c.asksFor("rho")) {
        const double rho = mixtureRho(c.param("v_opt"), c.param("alpha_opt"));
        return c.asked({{u"rho"_s, rho},
                        {u"bound"_s, mapped(v, [&](double at) { return plain(normalMixtureBound(at, rho, alpha)); })}});
    }
    const Stitching stitching{c.param("v_min"), c.param("s"), c.param("eta")};
    return c.asked(
        {{u"bound"_s, mapped(v, [&](double at) { return plain(stitchedBound(at, alpha, c.param("c"), stitching)); })}});
}

QJsonObject decisionGate(const CaseReader& c)
{
    const GateLimits limits{.least = static_cast<std::uint64_t>(c.wholeParam("min_n")),
                            .leastWinsAndLosses = static_cast<std::uint64_t>(c.wholeParam("min_wins_and_losses")),
                            .margin = c.param("equivalence_margin")};
    QJsonArray states;
    for (const auto& value : c.column("snapshots")) {
        const auto s = value.toObject();
        const auto count = [&](QLatin1StringView key) { return static_cast<std::uint64_t>(s.value(key).toInteger()); };
        const bool hasInterval = s.value("lower"_L1).isDouble() && s.value("upper"_L1).isDouble();
        const auto interval =
            hasInterval ? Defined<Interval>(Interval{s.value("lower"_L1).toDouble(), s.value("upper"_L1).toDouble()})
                        : std::unexpected(Undefined::TooFew);
        const auto srm = s.value("srm_p"_L1).isDouble() ? Measure(s.value("srm_p"_L1).toDouble())
                                                        : std::unexpected(Undefined::TooFew);
        const auto verdict = decide({count("n_a"_L1), count("wins_a"_L1), count("losses_a"_L1)},
                                    {count("n_b"_L1), count("wins_b"_L1), count("losses_b"_L1)}, interval, srm, limits);
        states.append(text(name(verdict)));
    }
    return c.asked({{u"state"_s, states}});
}

QJsonObject sequential(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("snapshots")) {
        return decisionGate(c);
    }
    if (c.has("tau2")) {
        return mixture(c);
    }
    if (c.has("n_a")) {
        return twoSample(c);
    }
    if (c.has("t_opt")) {
        return margins(c);
    }
    if (c.has("v")) {
        return boundaries(c);
    }
    if (c.asksFor("rho2")) {
        return oneSample(c);
    }
    const Bounds bounds{c.param("bound_low"), c.param("bound_high")};
    if (c.asksFor("lam")) {
        return bounded(c, PluginBernstein(bounds, c.param("alpha"), c.param("lambda_cap", 0.5)));
    }
    return bounded(c, StitchedBernstein(bounds, c.param("alpha"), {c.param("v_min"), c.param("s"), c.param("eta")}));
}

QJsonObject abTests(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("counts")) {
        SequentialRatioTest test(c.numbers("weights"), c.param("concentration"));
        QJsonArray factor;
        QJsonArray p;
        for (const auto& period : c.rows("counts")) {
            test.add(period);
            factor.append(test.logBayesFactor());
            p.append(test.p());
        }
        return c.asked({{u"log_bayes_factor"_s, factor}, {u"p"_s, p}});
    }
    QJsonArray results;
    if (c.has("observed")) {
        const auto weights = c.rows("weights");
        for (std::size_t i = 0; const auto& observed : c.rows("observed")) {
            const auto test = ratioTest(observed, weights.at(i++), c.param("alarm_p"));
            results.append(QJsonObject{{u"chi2"_s, number(test.statistic)},
                                       {u"df"_s, whole(test.df)},
                                       {u"p"_s, number(test.p)},
                                       {u"srm"_s, test.isAlarm}});
        }
        return c.asked({{u"results"_s, results}});
    }
    for (const auto& arms : armsOf(c)) {
        const auto test = welchTest(arms.a, arms.b, c.param("confidence"));
        results.append(QJsonObject{{u"diff"_s, number(test.difference)},
                                   {u"se"_s, number(test.error)},
                                   {u"t"_s, number(test.t)},
                                   {u"df"_s, number(test.df)},
                                   {u"p_two_sided"_s, number(test.p)},
                                   {u"lower"_s, number(lower(test.interval))},
                                   {u"upper"_s, number(upper(test.interval))}});
    }
    return c.asked({{u"results"_s, results}});
}

QJsonObject slippage(const CaseReader& c)
{
    const auto side = c.numbers("side");
    std::vector<Fill> fills;
    for (std::size_t i = 0; i < side.size(); ++i) {
        fills.push_back({side[i] < 0.0 ? -1 : 1, c.numbers("decision_price").at(i), c.numbers("fill_price").at(i),
                         c.numbers("qty").at(i)});
    }
    const auto s = slippageStatistics(fills, {.halfLifeFills = c.param("half_life_fills"),
                                              .priorBps = c.param("prior_bps"),
                                              .priorStrength = c.param("prior_strength"),
                                              .confidence = c.param("confidence"),
                                              .provisionalFrom = 10,
                                              .calibratedFrom = 30,
                                              .staleAfter = 30 * base::oneDay});
    return c.asked({{u"slippage_bps"_s, list(s.eachBps)},
                    {u"mean"_s, number(s.mean)},
                    {u"notional_weighted_mean"_s, number(s.weightedMean)},
                    {u"median"_s, number(s.median)},
                    {u"p95"_s, number(s.p95)},
                    {u"ewma_mean"_s, number(s.fading.mean)},
                    {u"n_eff"_s, s.fading.effective},
                    {u"ewma_std"_s, number(s.fading.deviation)},
                    {u"ewma_se"_s, number(s.fading.error)},
                    {u"ci_lower"_s, number(lower(s.fading.interval))},
                    {u"ci_upper"_s, number(upper(s.fading.interval))},
                    {u"shrunk_mean"_s, s.shrunk},
                    {u"status"_s, text(name(s.calibration))}});
}

OrderState stateOf(const QString& word)
{
    static constexpr std::pair<std::string_view, OrderState> states[] = {
        {"open", OrderState::Open},           {"filled", OrderState::Filled},   {"partial", OrderState::Partial},
        {"cancelled", OrderState::Cancelled}, {"expired", OrderState::Expired}, {"rejected", OrderState::Rejected}};
    const auto key = word.toStdString();
    const auto found = std::ranges::find(states, std::string_view(key), [](const auto& pair) { return pair.first; });
    if (found == std::end(states)) {
        throw std::runtime_error("no such state of an order: " + key);
    }
    return found->second;
}

QJsonObject execution(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("side")) {
        return slippage(c);
    }
    if (c.has("state")) {
        std::vector<LimitOrder> orders;
        const auto submitted = c.numbers("submitted_qty");
        const auto filled = c.numbers("filled_qty");
        for (const auto& state : c.column("state")) {
            const auto i = orders.size();
            orders.push_back({stateOf(state.toString()), submitted.at(i), filled.at(i)});
        }
        const auto rate = fillRate(orders, c.param("confidence"));
        return c.asked({{u"eligible"_s, whole(rate.eligible)},
                        {u"full_fills"_s, whole(rate.full)},
                        {u"any_fills"_s, whole(rate.any)},
                        {u"full_fill_rate"_s, number(rate.fullRate)},
                        {u"any_fill_rate"_s, number(rate.anyRate)},
                        {u"qty_fill_rate"_s, number(rate.quantityRate)},
                        {u"full_lower"_s, rate.fullInterval.lower},
                        {u"full_upper"_s, rate.fullInterval.upper}});
    }
    const auto opened = c.column("open_ms");
    const auto closed = c.column("close_ms");
    std::vector<Held> held;
    for (qsizetype i = 0; i < opened.size(); ++i) {
        held.push_back({{opened[i].toInteger()},
                        closed[i].isDouble() ? std::optional(base::UtcMs{closed[i].toInteger()}) : std::nullopt});
    }
    const auto hold = holdTime(held);
    return c.asked({{u"n_closed"_s, whole(hold.closed)},
                    {u"n_open"_s, whole(hold.open)},
                    {u"mean_s"_s, number(hold.mean)},
                    {u"median_s"_s, number(hold.median)},
                    {u"p90_s"_s, number(hold.p90)},
                    {u"max_s"_s, number(hold.longest)}});
}

std::optional<double> scoreOf(const QJsonValue& value)
{
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

QJsonObject healthScore(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("score")) {
        QJsonArray bands;
        for (const auto& score : c.column("score")) {
            bands.append(text(health::name(health::labelOf(scoreOf(score)))));
        }
        return c.asked({{u"band"_s, bands}});
    }
    if (c.has("x")) {
        std::vector<health::Corner> corners;
        const auto points = entry.value("params"_L1).toObject().value("points"_L1).toArray();
        for (const auto& point : points) {
            corners.push_back({point.toArray().at(0).toDouble(), point.toArray().at(1).toDouble()});
        }
        return c.asked(
            {{u"score"_s, mapped(c.numbers("x"), [&](double x) { return health::piecewiseLinear(x, corners); })}});
    }
    if (c.param("min_coverage") != health::leastCoverage || c.param("hard_fail_cap") != health::hardFailCap) {
        throw std::runtime_error("coverage and cap are fixed");
    }
    QJsonArray results;
    for (const auto& set : c.column("components")) {
        std::vector<health::Component> components;
        for (const auto& value : set.toArray()) {
            const auto part = value.toObject();
            components.push_back({scoreOf(part.value("score"_L1)), part.value("weight"_L1).toDouble(),
                                  part.value("hard_fail"_L1).toBool()});
        }
        const auto out = health::composite(components);
        results.append(QJsonObject{{u"score"_s, number(out.score)},
                                   {u"coverage"_s, out.coverage},
                                   {u"band"_s, text(health::name(out.label))}});
    }
    return c.asked({{u"results"_s, results}});
}

constexpr Topic topics[] = {
    {"sequential", sequential}, {"ab_tests", abTests}, {"execution", execution}, {"health_score", healthScore}};

} // namespace

std::span<const Topic> decisionTopics()
{
    return topics;
}

} // namespace qd::golden
