#include "app/commands/arguments.h"

#include "base/known_names.h"
#include "engines/in_force.h"
#include "engines/stop_lab_run.h"
#include "storage/database.h"
#include "storage/instrument_store.h"
#include "trading/strategy_catalogue.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>

namespace qd::app {

namespace {

using console::StopLabFigures;

std::string line(const StopLabFigures& figures)
{
    std::array<char, 160> text{};
    const auto value = [](const statistics::Measure& measure, double factor) {
        return measure ? *measure * factor : 0.0;
    };
    (void)std::snprintf(text.data(), text.size(), "%u trades, expectancy %+.2f bps, profit factor %s, won %.1f%%",
                        figures.trades, value(figures.expectancy, 1e4),
                        figures.profitFactor ? std::to_string(*figures.profitFactor).substr(0, 5).c_str() : "undefined",
                        value(figures.winRate, 100));
    return figures.trades == 0 ? "no trades" : text.data();
}

void printText(const console::StopLab& lab)
{
    std::printf("expectancy after fees, bps of what was paid at the entry; rows: targets, columns: stops\n%10s", "");
    for (const auto stop : lab.stops) {
        std::printf(" %8.3g%%", 100 * stop);
    }
    std::printf("\n");
    for (std::size_t t = 0; t < lab.targets.size(); ++t) {
        std::printf("%9.3g%%", 100 * lab.targets[t]);
        for (std::size_t s = 0; s < lab.stops.size(); ++s) {
            const auto at = t * lab.stops.size() + s;
            const auto mark = lab.best == at ? '*' : lab.nearest == at ? 'o' : ' ';
            const auto& expectancy = lab.cells[at].expectancy;
            if (expectancy) {
                std::printf(" %+8.2f%c", 1e4 * *expectancy, mark);
            } else {
                std::printf(" %8s%c", "–", mark);
            }
        }
        std::printf("\n");
    }
    if (!lab.predictedHit.empty()) {
        std::printf("%10s", "hit, pred.");
        for (const auto& hit : lab.predictedHit) {
            std::printf(" %8.1f%%", 100 * hit.value_or(0));
        }
        std::printf("\n");
    }
    std::printf("\no today's nearest cell, * best on the older half of the entries\n"
                "today, own stops and targets: %s\nbest cell on the older half:    %s\n"
                "the same cell on the newer:    %s\ntoday on the newer half:       %s\n",
                line(lab.today).c_str(), line(lab.bestOnOlder).c_str(), line(lab.bestOnNewer).c_str(),
                line(lab.todayOnNewer).c_str());
    std::printf(
        "%llu entries (%llu left out: the ticks behind them end too early) × %zu cells on %llu ticks in %.2f s; "
        "without funding\n",
        static_cast<unsigned long long>(lab.entries), static_cast<unsigned long long>(lab.leftOut), lab.cells.size(),
        static_cast<unsigned long long>(lab.ticks), lab.seconds);
}

QJsonValue json(const statistics::Measure& measure)
{
    return measure ? QJsonValue(*measure) : QJsonValue();
}

QJsonObject json(const StopLabFigures& figures)
{
    return {{QStringLiteral("trades"), static_cast<qint64>(figures.trades)},
            {QStringLiteral("profit_factor"), json(figures.profitFactor)},
            {QStringLiteral("expectancy"), json(figures.expectancy)},
            {QStringLiteral("win_rate"), json(figures.winRate)}};
}

QJsonArray json(const std::vector<double>& values)
{
    QJsonArray out;
    for (const auto value : values) {
        out.append(value);
    }
    return out;
}

void printJson(const console::StopLab& lab)
{
    QJsonArray cells;
    for (const auto& cell : lab.cells) {
        cells.append(json(cell));
    }
    const auto index = [](const std::optional<std::size_t>& at) {
        return at ? QJsonValue(static_cast<qint64>(*at)) : QJsonValue();
    };
    QJsonArray predictedHit;
    for (const auto& hit : lab.predictedHit) {
        predictedHit.append(hit ? QJsonValue(*hit) : QJsonValue());
    }
    const QJsonObject all{{QStringLiteral("stops"), json(lab.stops)},
                          {QStringLiteral("targets"), json(lab.targets)},
                          {QStringLiteral("cells"), cells},
                          {QStringLiteral("predicted_hit"), predictedHit},
                          {QStringLiteral("today"), json(lab.today)},
                          {QStringLiteral("nearest"), index(lab.nearest)},
                          {QStringLiteral("best"), index(lab.best)},
                          {QStringLiteral("best_on_older"), json(lab.bestOnOlder)},
                          {QStringLiteral("best_on_newer"), json(lab.bestOnNewer)},
                          {QStringLiteral("today_on_newer"), json(lab.todayOnNewer)},
                          {QStringLiteral("entries"), static_cast<qint64>(lab.entries)},
                          {QStringLiteral("left_out"), static_cast<qint64>(lab.leftOut)},
                          {QStringLiteral("ticks"), static_cast<qint64>(lab.ticks)},
                          {QStringLiteral("seconds"), lab.seconds}};
    std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
}

/// The query that the arguments ask for; its strategy may be "all".
base::Result<console::RunStopLab> queryOf(const Arguments& given, const std::string& strategy,
                                          storage::Database& database)
{
    console::RunStopLab query;
    if (strategy != "all") {
        if (trading::findStrategy(strategy) == nullptr) {
            return base::fail(base::ErrorCode::NotFound, strategy,
                              base::unknownAmong("no strategy of that name in the catalogue", strategy,
                                                 trading::strategyCatalogue(), &trading::StrategyInfo::name));
        }
        query.strategy = strategy;
    }
    if (given.isSet("instrument")) {
        const auto all = storage::InstrumentStore(database).all();
        if (!all) {
            return std::unexpected(all.error());
        }
        const auto known = std::ranges::find(*all, given.value("instrument"), &market::Instrument::name);
        if (known == all->end()) {
            return base::fail(base::ErrorCode::NotFound, given.value("instrument"),
                              base::unknownAmong("the archive has no such instrument", given.value("instrument"), *all,
                                                 &market::Instrument::name));
        }
        query.instrument = known->id;
    }
    return query;
}

} // namespace

int stoplabCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("stoplab STRATEGY [options]"),
        QStringLiteral("Replays the past entries of a strategy (or of all) on the archive's ticks under a grid "
                       "of stops and targets."));
    given.parser().addOptions({{QStringLiteral("instrument"), QStringLiteral("Only this one."), QStringLiteral("A")}});
    given.parser().addPositionalArgument(QStringLiteral("STRATEGY"), QStringLiteral("Its name, or all."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto wanted = given.parser().positionalArguments();
    if (wanted.size() != 1) {
        return reportUsage("stoplab wants the name of one strategy, or all");
    }
    auto database = openToRead(given);
    if (!database) {
        return database.error();
    }
    const auto query = queryOf(given, wanted.front().toStdString(), *database);
    if (!query) {
        return report(query.error());
    }
    const auto inForce = engines::policyInForce(*database, base::defaultPaperPolicy());
    if (!inForce) {
        return report(inForce.error());
    }
    const auto& policy = *inForce;
    const base::SystemClock clock;
    base::Result<console::StopLab> lab;
    {
        ProgressBar bar("stop lab");
        lab = engines::runStopLab({.database = *database,
                                   .policy = policy,
                                   .clock = clock,
                                   .stop = stopOnSignal(),
                                   .progress = [&bar](double fraction, const std::string&) { bar.show(fraction); }},
                                  *query);
    }
    if (!lab) {
        return report(lab.error());
    }
    given.wantsJson() ? printJson(*lab) : printText(*lab);
    return exitDone;
}

} // namespace qd::app
