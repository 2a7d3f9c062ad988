#include "app/commands/arguments.h"

#include "engines/replay.h"
#include "statistics/intervals.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>

namespace qd::app {

namespace {

double perSecond(const engines::ReplayResult& result)
{
    return result.seconds > 0 ? static_cast<double>(result.ticks) / result.seconds : 0.0;
}

void printText(const engines::ReplayResult& result, const engines::ReplayOptions& options)
{
    std::printf("%-22s %-14s %7s %7s %14s %12s %12s %9s\n", "strategy", "instrument", "trades", "won %", "95% interval",
                "net USDT", "fees USDT", "untraded");
    for (const auto& row : result.rows) {
        const auto& figures = row.figures;
        const auto interval = statistics::wilson(figures.won, figures.trades);
        const auto share =
            figures.trades == 0 ? 0 : 100.0 * static_cast<double>(figures.won) / static_cast<double>(figures.trades);
        std::printf("%-22s %-14s %7llu %7.1f %7.1f – %4.1f %12.2f %12.2f %9llu\n", row.strategy.c_str(),
                    row.instrument.name.c_str(), static_cast<unsigned long long>(figures.trades), share,
                    100 * interval.lower, 100 * interval.upper, base::toUsdt(figures.net), base::toUsdt(figures.fees),
                    static_cast<unsigned long long>(figures.untraded));
    }
    const auto* unit = options.candles ? "candles" : "ticks";
    std::printf("\n%llu %s in %.3f s, %.0f %s/s; %llu closed trades, %llu signals not traded\nledger_hash %s\n",
                static_cast<unsigned long long>(result.ticks), unit, result.seconds, perSecond(result), unit,
                static_cast<unsigned long long>(result.trades), static_cast<unsigned long long>(result.untraded),
                result.ledgerHash.c_str());
    if (options.candles) {
        std::printf("every trade on candles of %s, slippage learned where it is calibrated, else assumed; no funding\n",
                    std::string(market::name(*options.candles)).c_str());
    }
    for (const auto& strategy : result.leftOut) {
        std::printf("left out: %s reads a smaller timeframe\n", strategy.c_str());
    }
}

void printJson(const engines::ReplayResult& result, const engines::ReplayOptions& options)
{
    QJsonArray rows;
    for (const auto& row : result.rows) {
        const auto& figures = row.figures;
        const auto interval = statistics::wilson(figures.won, figures.trades);
        rows.append(QJsonObject{{QStringLiteral("strategy"), QString::fromStdString(row.strategy)},
                                {QStringLiteral("instrument"), QString::fromStdString(row.instrument.name)},
                                {QStringLiteral("trades"), static_cast<qint64>(figures.trades)},
                                {QStringLiteral("won"), static_cast<qint64>(figures.won)},
                                {QStringLiteral("won_low"), interval.lower},
                                {QStringLiteral("won_high"), interval.upper},
                                {QStringLiteral("gross_usdt"), base::toUsdt(figures.gross)},
                                {QStringLiteral("fees_usdt"), base::toUsdt(figures.fees)},
                                {QStringLiteral("funding_usdt"), base::toUsdt(figures.funding)},
                                {QStringLiteral("net_usdt"), base::toUsdt(figures.net)},
                                {QStringLiteral("untraded"), static_cast<qint64>(figures.untraded)}});
    }
    QJsonArray missing;
    for (const auto& block : result.missing) {
        missing.append(QString::fromStdString(storage::sentence(block)));
    }
    QJsonObject all{
        {QStringLiteral("rows"), rows},
        {QStringLiteral("missing"), missing},
        {options.candles ? QStringLiteral("candles") : QStringLiteral("ticks"), static_cast<qint64>(result.ticks)},
        {QStringLiteral("seconds"), result.seconds},
        {QStringLiteral("per_second"), perSecond(result)},
        {QStringLiteral("trades"), static_cast<qint64>(result.trades)},
        {QStringLiteral("untraded"), static_cast<qint64>(result.untraded)},
        {QStringLiteral("ledger_hash"), QString::fromStdString(result.ledgerHash)}};
    if (options.candles) {
        all.insert(QStringLiteral("on_candles"), QString::fromUtf8(market::name(*options.candles).data()));
        QJsonArray leftOut;
        for (const auto& strategy : result.leftOut) {
            leftOut.append(QString::fromStdString(strategy));
        }
        all.insert(QStringLiteral("left_out"), leftOut);
    }
    std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
}

} // namespace

int replayCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("replay [options]"),
        QStringLiteral("Runs the archive through the trading pipeline and prints figures, speed and ledger_hash."));
    given.parser().addOptions(
        {{QStringLiteral("instruments"), QStringLiteral("Only these."), QStringLiteral("A,B")},
         {QStringLiteral("strategies"), QStringLiteral("Only these."), QStringLiteral("A,B")},
         {QStringLiteral("from"), QStringLiteral("First time, e.g. 2025-06-22T02:13:40Z."), QStringLiteral("T")},
         {QStringLiteral("to"), QStringLiteral("Last time."), QStringLiteral("T")},
         {QStringLiteral("candles"),
          QStringLiteral(
              "Replay candles of 1m, 5m, 15m, 1h or 4h instead of ticks: entry at the next open plus slippage."),
          QStringLiteral("TF")},
         {QStringLiteral("current"), QStringLiteral("Today's switches and parameters instead of the recorded ones.")},
         {QStringLiteral("ledger"),
          QStringLiteral("Keep the trades and the signals that did not trade in a database of their own, a new file."),
          QStringLiteral("FILE")},
         {QStringLiteral("jobs"), QStringLiteral("Threads."), QStringLiteral("N"), QStringLiteral("1")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto database = given.existingDatabase();
    if (!database) {
        return reportMissing(database.error());
    }
    engines::ReplayOptions options{
        .database = *database, .instruments = given.list("instruments"), .strategies = given.list("strategies")};
    for (auto [name, target] : {std::pair{"from", &options.range.from}, std::pair{"to", &options.range.to}}) {
        if (given.isSet(name)) {
            const auto time = base::parseUtc(given.value(name));
            if (!time) {
                return reportUsage(base::sentence(time.error()));
            }
            *target = *time;
        }
    }
    options.current = given.isSet("current");
    options.keepsTrades = false;
    options.ledger = given.value("ledger");
    if (given.isSet("candles")) {
        const auto wanted = given.value("candles");
        const auto found = std::ranges::find(market::allTimeframes, wanted, [](auto tf) { return market::name(tf); });
        if (found == market::allTimeframes.end()) {
            return reportUsage("--candles wants 1m, 5m, 15m, 1h or 4h");
        }
        options.candles = *found;
    }
    bool isNumber = false;
    options.jobs = given.parser().value(QStringLiteral("jobs")).toUInt(&isNumber);
    if (!isNumber || options.jobs < 1 || options.jobs > 256) {
        return reportUsage("--jobs wants a number from 1 to 256");
    }
    const auto stop = stopOnSignal();
    base::Result<engines::ReplayResult> result;
    {
        ProgressBar bar("replay");
        const auto* unit = options.candles ? "candles" : "ticks";
        options.progress = [&bar, unit](const engines::ReplayProgress& now) {
            bar.show(now.fraction, now.seconds, now.ticks, unit);
        };
        result = engines::replay(options, stop);
    }
    if (!result) {
        return report(result.error());
    }
    given.wantsJson() ? printJson(*result, options) : printText(*result, options);
    return reportDamage(result->missing);
}

} // namespace qd::app
