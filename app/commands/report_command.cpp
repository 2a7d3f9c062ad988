#include "app/commands/arguments.h"
#include "app/commands/evaluations.h"

#include "base/utc_time.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

namespace qd::app {

namespace {

constexpr std::size_t shownRows = 10; // of the ranking; --json has all

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QJsonValue number(const statistics::Measure& measure)
{
    return measure ? QJsonValue(*measure) : QJsonValue();
}
QJsonValue interval(const statistics::Defined<statistics::Interval>& of)
{
    return of ? QJsonValue(QJsonArray{of->lower, of->upper}) : QJsonValue();
}

QJsonObject json(const trading::Evaluation& row, const std::string& instrument)
{
    QJsonArray equity;
    for (const float value : row.equity) {
        equity.append(static_cast<double>(value));
    }
    return {{QStringLiteral("strategy"), row.strategy.empty() ? QJsonValue() : QJsonValue(text(row.strategy))},
            {QStringLiteral("instrument"), instrument.empty() ? QJsonValue() : QJsonValue(text(instrument))},
            {QStringLiteral("parameter_hash"), text(row.parameterHash)},
            {QStringLiteral("trades"), static_cast<qint64>(row.trades)},
            {QStringLiteral("won"), static_cast<qint64>(row.won)},
            {QStringLiteral("in_shadow"), static_cast<qint64>(row.inShadow)},
            {QStringLiteral("win_rate"), number(row.winRate)},
            {QStringLiteral("win_interval"), QJsonArray{row.winInterval.lower, row.winInterval.upper}},
            {QStringLiteral("profit_factor"), number(row.profitFactor)},
            {QStringLiteral("expectancy"), number(row.expectancy)},
            {QStringLiteral("expectancy_interval"), interval(row.expectancyInterval)},
            {QStringLiteral("net_usdt"), base::toUsdt(row.net)},
            {QStringLiteral("optimistic_usdt"), base::toUsdt(row.optimistic)},
            {QStringLiteral("pessimistic_usdt"), base::toUsdt(row.pessimistic)},
            {QStringLiteral("capital_usdt"), base::toUsdt(row.capital)},
            {QStringLiteral("max_drawdown"), number(row.maxDrawdown)},
            {QStringLiteral("sharpe"), number(row.sharpe.annual)},
            {QStringLiteral("sharpe_interval"), interval(row.sharpe.interval)},
            {QStringLiteral("sharpe_n"), static_cast<qint64>(row.sharpe.days)},
            {QStringLiteral("sharpe_is_provisional"), row.sharpe.isProvisional},
            {QStringLiteral("psr"), number(row.psr)},
            {QStringLiteral("deflated"), number(row.deflated)},
            {QStringLiteral("tries"), row.tries},
            {QStringLiteral("median_hold_s"), number(row.medianHoldSeconds)},
            {QStringLiteral("equity_usdt"), equity}};
}

std::string figure(const statistics::Measure& measure, int decimals, double factor = 1)
{
    char out[40] = "-";
    if (measure) {
        std::snprintf(out, sizeof out, "%.*f", decimals, *measure * factor);
    }
    return out;
}

/// "1.24 [-0.50, 2.98] 34 days", "… 41 clusters", "12/30 trades", "9/30 days".
std::string sharpeText(const trading::Evaluation& row, std::uint32_t least)
{
    const auto& sharpe = row.sharpe;
    char out[96];
    if (sharpe.annual && sharpe.interval) {
        std::snprintf(out, sizeof out, "%.2f [%.2f, %.2f] %u %s", *sharpe.annual, sharpe.interval->lower,
                      sharpe.interval->upper, sharpe.days, sharpe.isProvisional ? "clusters" : "days");
    } else if (row.trades < least) {
        std::snprintf(out, sizeof out, "%u/%u trades", row.trades, least);
    } else {
        std::snprintf(
            out, sizeof out, "- (%s, %u days)",
            std::string(statistics::sentence(sharpe.annual ? sharpe.interval.error() : sharpe.annual.error())).c_str(),
            sharpe.days);
    }
    return out;
}

void printRow(const trading::Evaluation& row, const std::string& instrument, std::uint32_t least)
{
    std::printf("%-22s %-14s %7u %6s %5.1f-%5.1f %6s %9s %11.2f %6s %-34s %6s %6s\n",
                row.strategy.empty() ? "roster" : row.strategy.c_str(), instrument.empty() ? "all" : instrument.c_str(),
                row.trades, figure(row.winRate, 1, 100).c_str(), 100 * row.winInterval.lower,
                100 * row.winInterval.upper, figure(row.profitFactor, 2).c_str(),
                figure(row.expectancy, 3, 100).c_str(), base::toUsdt(row.net), figure(row.maxDrawdown, 1, 100).c_str(),
                sharpeText(row, least).c_str(), figure(row.psr, 3).c_str(), figure(row.deflated, 3).c_str());
}

void printText(const ReadEvaluations& all, std::uint32_t days)
{
    const auto& of = all.figures;
    std::printf("%s to %s%s\n\n", days == 0 ? "all trades" : base::isoText(of.from).c_str(),
                base::isoText(of.to).c_str(), days == 0 ? "" : ", UTC days");
    std::printf("%-22s %-14s %7s %6s %11s %6s %9s %11s %6s %-34s %6s %6s\n", "strategy", "instrument", "trades",
                "won %", "95%", "PF", "exp. %", "net USDT", "DD %", "Sharpe (95%)", "PSR", "defl.");
    printRow(of.roster, {}, all.sharpeMinTrades);
    std::printf("\n");
    for (const auto& row : of.strategies) {
        printRow(row, {}, all.sharpeMinTrades);
    }
    const auto top = trading::best(of.rows, shownRows);
    std::printf("\nbest %zu of %zu rows\n", top.size(), of.rows.size());
    for (const auto* row : top) {
        printRow(*row, all.nameOf(*row), all.sharpeMinTrades);
    }
}

void printJson(const ReadEvaluations& all)
{
    QJsonArray strategies;
    for (const auto& row : all.figures.strategies) {
        strategies.append(json(row, {}));
    }
    QJsonArray rows;
    for (const auto& row : all.figures.rows) {
        rows.append(json(row, all.nameOf(row)));
    }
    const QJsonObject out{{QStringLiteral("from"), text(base::isoText(all.figures.from))},
                          {QStringLiteral("to"), text(base::isoText(all.figures.to))},
                          {QStringLiteral("roster"), json(all.figures.roster, {})},
                          {QStringLiteral("strategies"), strategies},
                          {QStringLiteral("rows"), rows}};
    std::printf("%s\n", QJsonDocument(out).toJson(QJsonDocument::Compact).constData());
}

} // namespace

int reportCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("report [--window DAYS]"),
                    QStringLiteral("The figures of the roster, of each strategy, and of the best strategies and "
                                   "instruments, over the newest complete UTC days and the running one."));
    given.parser().addOption({QStringLiteral("window"), QStringLiteral("Days; 0: all that is stored."),
                              QStringLiteral("DAYS"), QStringLiteral("30")});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto days = daysNamed(given);
    if (!days) {
        return reportUsage("--window wants a whole number of days; 0 is all");
    }
    auto database = openToRead(given);
    if (!database) {
        return database.error();
    }
    const auto all = readEvaluations(*database, *days);
    if (!all) {
        return report(all.error());
    }
    given.wantsJson() ? printJson(*all) : printText(*all, *days);
    return exitDone;
}

} // namespace qd::app
