#include "app/commands/arguments.h"

#include "engines/in_force.h"
#include "engines/noise_null_run.h"
#include "engines/null_queries.h"
#include "storage/database.h"
#include "storage/null_store.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace qd::app {

namespace {

constexpr double toBps = 10'000;

void printText(const engines::NullOutcome& outcome, const engines::NullOptions& options)
{
    std::printf("%-22s %7s %12s %12s %12s %9s %6s\n", "strategy", "trades", "real bps", "null median", "null p95",
                "beat it", "runs");
    for (const auto& row : outcome.rows) {
        std::printf("%-22s %7llu ", row.strategy.c_str(), static_cast<unsigned long long>(row.trades));
        if (row.real) {
            std::printf("%12.2f ", toBps * *row.real);
        } else {
            std::printf("%12s ", "–");
        }
        if (row.expectancies.empty()) {
            std::printf("%12s %12s %9s %6zu\n", "–", "–", "–", std::size_t{0});
            continue;
        }
        std::printf("%12.2f %12.2f ", toBps * row.median, toBps * row.p95);
        if (row.real) {
            std::printf("%9.1f%% %6zu\n", 100 * row.share, row.expectancies.size());
        } else {
            std::printf("%10s %6zu\n", "–", row.expectancies.size());
        }
    }
    if (outcome.rows.empty()) {
        return;
    }
    const auto& any = outcome.rows.front();
    std::printf(
        "\nmean net of a trade after costs, in basis points of its notional; %u seeds on %s from %s to %s, %llu of "
        "them a run, in %.1f s\n",
        options.seeds, any.way.c_str(), base::isoText(any.from).c_str(), base::isoText(any.to).c_str(),
        static_cast<unsigned long long>(outcome.items), outcome.seconds);
}

void printJson(const engines::NullOutcome& outcome)
{
    QJsonArray rows;
    for (const auto& row : outcome.rows) {
        const bool hasNull = !row.expectancies.empty();
        QJsonArray expectancies;
        for (const auto value : row.expectancies) {
            expectancies.append(static_cast<double>(value));
        }
        const auto ifKnown = [](bool known, double value) { return known ? QJsonValue(value) : QJsonValue(); };
        rows.append(
            QJsonObject{{QStringLiteral("strategy"), QString::fromStdString(row.strategy)},
                        {QStringLiteral("parameter_hash"), QString::fromStdString(row.parameterHash)},
                        {QStringLiteral("on"), QString::fromStdString(row.way)},
                        {QStringLiteral("from"), QString::fromStdString(base::isoText(row.from))},
                        {QStringLiteral("to"), QString::fromStdString(base::isoText(row.to))},
                        {QStringLiteral("instruments"), static_cast<qint64>(row.instruments)},
                        {QStringLiteral("seeds"), static_cast<qint64>(row.seeds)},
                        {QStringLiteral("trades"), static_cast<qint64>(row.trades)},
                        {QStringLiteral("expectancy"), ifKnown(row.real.has_value(), row.real.value_or(0))},
                        {QStringLiteral("null_runs"), static_cast<qint64>(row.expectancies.size())},
                        {QStringLiteral("null_median"), ifKnown(hasNull, row.median)},
                        {QStringLiteral("null_p95"), ifKnown(hasNull, row.p95)},
                        {QStringLiteral("null_did_better"), ifKnown(hasNull && row.real.has_value(), row.share)},
                        {QStringLiteral("null_expectancies"), expectancies}});
    }
    const QJsonObject all{{QStringLiteral("rows"), rows},
                          {QStringLiteral("items"), static_cast<qint64>(outcome.items)},
                          {QStringLiteral("seconds"), outcome.seconds}};
    std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
}

base::Result<void> keep(storage::Database& database, const std::vector<trading::NullResult>& rows)
{
    if (auto begun = database.begin(); !begun) {
        return begun;
    }
    for (const auto& row : rows) {
        if (!engines::hasCompared(row)) {
            continue; // it shows nothing, as the table says
        }
        if (auto added = storage::NullStore(database).add(row); !added) {
            database.rollback();
            return added;
        }
    }
    return database.commit(true);
}

std::optional<std::uint32_t> whole(const Arguments& given, const char* name, std::uint32_t least, std::uint32_t most)
{
    bool isNumber = false;
    const auto value = QString::fromStdString(given.value(name)).toUInt(&isNumber);
    return isNumber && value >= least && value <= most ? std::optional<std::uint32_t>(value) : std::nullopt;
}

} // namespace

int nullCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("null [options]"),
                    QStringLiteral("Runs the strategies where there is nothing to find: on the archive with its bars "
                                   "mirrored by chance. Prints each beside its null, and keeps what traded."));
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    given.parser().addOptions(
        {{QStringLiteral("strategies"), QStringLiteral("Only these."), QStringLiteral("A,B")},
         {QStringLiteral("instruments"), QStringLiteral("Only these."), QStringLiteral("A,B")},
         {QStringLiteral("seeds"), QStringLiteral("Mirrored runs."), QStringLiteral("N"), QStringLiteral("200")},
         {QStringLiteral("days"), QStringLiteral("The newest days; 0: all."), QStringLiteral("D"),
          QStringLiteral("60")},
         {QStringLiteral("ticks"), QStringLiteral("On ticks and quotes instead of candles.")},
         {QStringLiteral("jobs"), QStringLiteral("Threads."), QStringLiteral("N"), QString::number(cores)}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto database = given.existingDatabase();
    if (!database) {
        return reportMissing(database.error());
    }
    const auto seeds = whole(given, "seeds", 1, 100'000);
    const auto days = whole(given, "days", 0, 36'500);
    const auto jobs = whole(given, "jobs", 1, 256);
    if (!seeds || !days || !jobs) {
        return reportUsage(!seeds  ? "--seeds wants a whole number from 1 to 100000"
                           : !days ? "--days wants a whole number from 0"
                                   : "--jobs wants a number from 1 to 256");
    }
    const auto stop = stopOnSignal();
    // Opened before the work, so that a console which owns the database is told now and not in the end.
    auto store = storage::Database::open(*database, storage::Database::Mode::ReadWrite);
    if (!store) {
        return report(store.error());
    }
    const auto policy = engines::policyInForce(*store, base::defaultPaperPolicy());
    if (!policy) {
        return report(policy.error());
    }
    engines::NullOptions options{.database = *database,
                                 .strategies = given.list("strategies"),
                                 .instruments = given.list("instruments"),
                                 .seeds = *seeds,
                                 .days = *days,
                                 .onTicks = given.isSet("ticks"),
                                 .jobs = *jobs,
                                 .policy = *policy,
                                 .now = base::SystemClock().now()};
    base::Result<engines::NullOutcome> outcome;
    {
        ProgressBar bar("null");
        options.progress = [&bar](double fraction, const std::string&) { bar.show(fraction); };
        outcome = engines::runNull(options, stop);
    }
    if (!outcome) {
        return report(outcome.error());
    }
    given.wantsJson() ? printJson(*outcome) : printText(*outcome, options); // whether they can be kept or not
    const auto tooNarrow = engines::whyNotKept(options);
    if (tooNarrow.empty()) {
        if (auto kept = keep(*store, outcome->rows); !kept) {
            std::fprintf(stderr, "This null was not kept: %s\n", base::sentence(kept.error()).c_str());
            return exitFailed;
        }
    }
    if (!tooNarrow.empty()) {
        std::fprintf(stderr, "This null was not kept: %s. The one that the gates go by stays as it was.\n",
                     tooNarrow.c_str());
        return exitDone;
    }
    for (const auto& row : outcome->rows) {
        if (!engines::hasCompared(row)) {
            std::fprintf(stderr, "%s was not kept: it or its mirrored runs made no trade.\n", row.strategy.c_str());
        }
    }
    return exitDone;
}

} // namespace qd::app
