#include "golden/case_reader.h"
#include "golden/topics.h"
#include "statistics/distributions.h"
#include "statistics/equity.h"
#include "statistics/intervals.h"
#include "statistics/normal.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"
#include "statistics/trade_statistics.h"

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace qd::statistics;

namespace qd::golden {

namespace {

QJsonObject specialFunctions(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.asksFor("cdf") && c.asksFor("sf")) {
        const auto z = c.numbers("z");
        return c.asked({{u"cdf"_s, mapped(z, [](double v) { return plain(normalCdf(v)); })},
                        {u"sf"_s, mapped(z, [](double v) { return plain(normalCdf(-v)); })}});
    }
    if (c.asksFor("z")) {
        return c.asked({{u"z"_s, mapped(c.numbers("p"), [](double p) { return plain(normalQuantile(p)); })}});
    }
    if (c.asksFor("cdf")) {
        return c.asked({{u"cdf"_s, mapped(c.numbers("t"), c.numbers("df"),
                                          [](double t, double df) { return plain(studentCdf(t, df)); })}});
    }
    if (c.asksFor("t")) {
        return c.asked({{u"t"_s, mapped(c.numbers("p"), c.numbers("df"),
                                        [](double p, double df) { return plain(studentQuantile(p, df)); })}});
    }
    if (c.asksFor("sf")) {
        return c.asked({{u"sf"_s, mapped(c.numbers("x"), c.numbers("df"),
                                         [](double x, double df) { return plain(chiSquareSurvival(x, df)); })}});
    }
    if (c.asksFor("q")) {
        return c.asked({{u"q"_s, mapped(c.numbers("lam"), [](double v) { return plain(kolmogorovSurvival(v)); })}});
    }
    if (c.asksFor("w")) {
        return c.asked({{u"w"_s, mapped(c.numbers("alpha"), [](double alpha) {
                             return plain(lambertLower(-alpha * alpha / std::exp(1.0)));
                         })}});
    }
    if (c.asksFor("lgamma")) {
        return c.asked({{u"lgamma"_s, mapped(c.numbers("x"), [](double x) { return plain(logGamma(x)); })}});
    }
    if (c.asksFor("zeta")) {
        return c.asked({{u"zeta"_s, mapped(c.numbers("s"), [](double s) { return plain(zeta(s)); })}});
    }
    const auto x = c.numbers("x");
    if (c.asksFor("rank")) {
        return c.asked({{u"rank"_s, mapped(midranks(x), plain)}});
    }
    return c.asked({{u"value"_s, mapped(c.numbers("q"), [&](double q) { return quantile(x, q); })}});
}

QJsonObject kellyOf(const CaseReader& c)
{
    const auto raw = continuousKelly(c.numbers("r"));
    const auto clamped = raw ? Measure(std::max(*raw, 0.0)) : raw;
    return c.asked(
        {{u"raw"_s, number(raw)}, {u"clamped"_s, number(clamped)}, {u"half"_s, number(scaled(clamped, 0.5))}});
}

QJsonObject exposureOf(const CaseReader& c)
{
    const auto opened = c.column("open_ms");
    const auto closed = c.column("close_ms");
    const auto notional = c.numbers("notional");
    std::vector<Holding> holdings;
    for (qsizetype i = 0; i < opened.size(); ++i) {
        const auto end = closed[i].isDouble() ? std::optional(base::UtcMs{closed[i].toInteger()}) : std::nullopt;
        holdings.push_back({{opened[i].toInteger()}, end, notional.at(static_cast<std::size_t>(i))});
    }
    const auto out =
        exposure(holdings, {c.wholeParam("window_start_ms")}, {c.wholeParam("window_end_ms")}, c.param("equity_ref"));
    return c.asked({{u"time_in_market"_s, number(out.timeInMarket)},
                    {u"avg_open_positions"_s, number(out.averageOpenPositions)},
                    {u"capital_exposure"_s, number(out.capitalExposure)}});
}

QJsonObject tradeMetrics(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("r")) {
        return kellyOf(c);
    }
    if (c.has("open_ms")) {
        return exposureOf(c);
    }
    const auto t = tradeStatistics(c.numbers("pnl"), c.param("be_eps", 0.0));
    const auto reason = t.profitFactor ? std::string_view{} : name(t.profitFactor.error());
    return c.asked(
        {{u"n"_s, whole(t.n)},
         {u"n_invalid"_s, whole(t.invalid)},
         {u"wins"_s, whole(t.wins)},
         {u"losses"_s, whole(t.losses)},
         {u"breakeven"_s, whole(t.breakEven)},
         {u"net_pnl"_s, t.net},
         {u"gross_profit"_s, t.grossProfit},
         {u"gross_loss"_s, t.grossLoss},
         {u"win_rate"_s, number(t.winRate)},
         {u"profit_factor"_s, number(t.profitFactor)},
         {u"profit_factor_reason"_s, QString::fromUtf8(reason.data(), static_cast<qsizetype>(reason.size()))},
         {u"avg_win"_s, number(t.averageWin)},
         {u"avg_loss"_s, number(t.averageLoss)},
         {u"payoff_ratio"_s, number(t.payoffRatio)},
         {u"expectancy"_s, number(t.expectancy.value)},
         {u"expectancy_se"_s, number(t.expectancy.error)},
         {u"expectancy_r"_s, number(t.expectancyR)},
         {u"kelly_binary_raw"_s, number(t.kelly)},
         {u"kelly_binary"_s, number(clampedKelly(t.kelly))},
         {u"max_consecutive_wins"_s, whole(t.longestWinStreak)},
         {u"max_consecutive_losses"_s, whole(t.longestLossStreak)}});
}

QJsonValue place(const std::optional<std::size_t>& index)
{
    return index ? whole(*index) : QJsonValue(QJsonValue::Null);
}

QJsonObject drawdownObject(const Drawdown& fall)
{
    return {{u"mdd_pct"_s, number(scaled(fall.maximum, 100.0))},
            {u"ruin"_s, fall.isRuined ? QJsonValue(*fall.isRuined) : QJsonValue(QJsonValue::Null)},
            {u"peak_index"_s, place(fall.peak)},
            {u"trough_index"_s, place(fall.trough)},
            {u"recovery_index"_s, place(fall.recovery)},
            {u"longest_underwater_bars"_s,
             fall.longestUnderwater ? whole(*fall.longestUnderwater) : QJsonValue(QJsonValue::Null)},
            {u"current_dd_pct"_s, number(scaled(fall.current, 100.0))}};
}

QJsonObject bucketing(const CaseReader& c)
{
    const auto times = c.column("ts_ms");
    const auto equity = c.numbers("equity");
    std::vector<EquitySample> samples;
    for (qsizetype i = 0; i < times.size(); ++i) {
        samples.push_back({{times[i].toInteger()}, equity.at(static_cast<std::size_t>(i))});
    }
    const auto daily = dailySeries(samples, {}, {c.wholeParam("now_ms")});
    if (!daily) {
        return c.nothing();
    }
    return c.asked({{u"first_day"_s, static_cast<qint64>(daily->firstDay)},
                    {u"equity"_s, mapped(daily->equity, plain)},
                    {u"carried"_s, wholeList(daily->carriedDays)}});
}

QJsonObject clustering(const CaseReader& c)
{
    const auto days = c.column("trade_day");
    const auto values = c.numbers("trade_return");
    std::vector<DatedReturn> trades;
    for (qsizetype i = 0; i < days.size(); ++i) {
        trades.push_back({days[i].toInteger(), values.at(static_cast<std::size_t>(i))});
    }
    const auto out = tradeClustering(trades, static_cast<std::size_t>(c.wholeParam("days")));
    return c.asked({{u"sr_per_trade"_s, number(out.sharpePerTrade)},
                    {u"trades_per_year"_s, number(out.tradesPerYear)},
                    {u"naive_annual"_s, number(out.naiveAnnual)},
                    {u"sr_daily"_s, number(out.sharpeDaily)},
                    {u"sr_daily_annual"_s, number(out.sharpeDailyAnnual)},
                    {u"inflation"_s, number(out.inflation)},
                    {u"variance_ratio"_s, number(out.varianceRatio)},
                    {u"effective_trades_per_day"_s, number(out.effectiveTradesPerDay)}});
}

QJsonObject equitySharpe(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("ts_ms")) {
        return bucketing(c);
    }
    if (c.has("trade_day")) {
        return clustering(c);
    }
    const auto equity = c.numbers("equity");
    if (!c.asksFor("n_returns")) {
        return c.asked(drawdownObject(drawdown(equity)));
    }
    const auto flows = c.has("flows") ? c.numbers("flows") : Numbers{};
    const auto s = equityStatistics(
        equity, flows, {.periodsPerYear = c.param("periods_per_year", 365.0), .target = c.param("target", 0.0)});
    auto out = drawdownObject(s.drawdown);
    out.insert(u"n_returns"_s, whole(s.n));
    out.insert(u"mean"_s, number(s.mean));
    out.insert(u"std"_s, number(s.deviation));
    out.insert(u"sharpe_period"_s, number(s.sharpe));
    out.insert(u"sharpe_annual"_s, number(s.sharpeAnnual));
    out.insert(u"sortino_period"_s, number(s.sortino));
    out.insert(u"sortino_annual"_s, number(s.sortinoAnnual));
    out.insert(u"volatility_annual"_s, number(s.volatilityAnnual));
    out.insert(u"total_return"_s, number(s.totalReturn));
    out.insert(u"cagr"_s, number(s.cagr));
    out.insert(u"calmar"_s, number(s.calmar));
    return c.asked(out);
}

QJsonObject sharpeInterval(const CaseReader& c)
{
    const auto r = c.numbers("r");
    const double periods = c.param("periods_per_year", 365.0);
    const auto lags = static_cast<std::size_t>(c.param("eta_lags", 5.0));
    const auto sample = sharpeSample(r);
    const auto with = [&](auto rule) { return sample ? rule(*sample) : Measure(std::unexpected(sample.error())); };
    const auto estimate = sharpeEstimate(r, c.param("confidence"));
    const auto year = annualised(estimate, periods);
    std::vector<Measure> rho;
    Numbers known;
    for (std::size_t k = 1; k <= lags; ++k) {
        rho.push_back(autocorrelation(r, k));
        known.push_back(rho.back().value_or(std::nan("")));
    }
    const auto eta = loFactor(known, static_cast<std::size_t>(periods));
    return c.asked({{u"n"_s, whole(r.size())},
                    {u"sr"_s, number(estimate.value)},
                    {u"skew"_s, number(with([](const auto& s) { return Measure(s.skewness); }))},
                    {u"kurt"_s, number(with([](const auto& s) { return Measure(s.kurtosis); }))},
                    {u"se_lo_iid"_s, number(with(loError))},
                    {u"se_mertens_n"_s, number(with(mertensErrorByN))},
                    {u"se_mertens_nm1"_s, number(estimate.error)},
                    {u"lower"_s, number(lower(estimate.interval))},
                    {u"upper"_s, number(upper(estimate.interval))},
                    {u"sr_annual"_s, number(year.value)},
                    {u"lower_annual"_s, number(lower(year.interval))},
                    {u"upper_annual"_s, number(upper(year.interval))},
                    {u"acf_1_to_5"_s, list(rho)},
                    {u"lo_eta_365_lags5"_s, number(eta)},
                    {u"sr_annual_lo_eta"_s,
                     number(both(estimate.value, eta, [](double ratio, double factor) { return ratio * factor; }))}});
}

QJsonObject confidenceIntervals(const QJsonObject& entry)
{
    const CaseReader c(entry);
    if (c.has("wins")) {
        const double confidence = c.param("confidence");
        const auto end = [&](double Interval::* which) {
            return mapped(c.numbers("wins"), c.numbers("n"), [&](double won, double n) {
                return plain(wilson(static_cast<std::uint64_t>(won), static_cast<std::uint64_t>(n), confidence).*which);
            });
        };
        return c.asked({{u"lower"_s, end(&Interval::lower)}, {u"upper"_s, end(&Interval::upper)}});
    }
    if (c.has("rho")) {
        const auto rho = c.rows("rho");
        const auto q = c.numbers("q");
        QJsonArray eta;
        for (std::size_t i = 0; i < rho.size(); ++i) {
            eta.append(number(loFactor(rho[i], static_cast<std::size_t>(q.at(i)))));
        }
        return c.asked({{u"eta"_s, eta}});
    }
    if (c.has("r")) {
        return sharpeInterval(c);
    }
    const auto estimate = meanEstimate(c.numbers("x"), c.param("confidence"));
    return c.asked({{u"mean"_s, number(estimate.value)},
                    {u"se"_s, number(estimate.error)},
                    {u"lower"_s, number(lower(estimate.interval))},
                    {u"upper"_s, number(upper(estimate.interval))}});
}

constexpr Topic topics[] = {
    {"special_functions", specialFunctions},
    {"trade_metrics", tradeMetrics},
    {"equity_sharpe", equitySharpe},
    {"confidence_intervals", confidenceIntervals},
};

} // namespace

std::span<const Topic> statisticsTopics()
{
    return topics;
}

} // namespace qd::golden
