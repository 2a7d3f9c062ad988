#include "app/commands/arguments.h"

#include "engines/engine_host.h"
#include "engines/file_import.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>
#include <filesystem>

namespace qd::app {

namespace {

void print(const engines::ImportOutcome& outcome, const std::string& database, bool asJson)
{
    const auto rows = static_cast<qint64>(outcome.rows);
    if (asJson) {
        const QJsonObject all{{QStringLiteral("instrument"), QString::fromStdString(outcome.instrument.name)},
                              {QStringLiteral("rows"), rows},
                              {QStringLiteral("added"), outcome.wasThere ? 0 : rows},
                              {QStringLiteral("first"), QString::fromStdString(base::isoText(outcome.first))},
                              {QStringLiteral("last"), QString::fromStdString(base::isoText(outcome.last))},
                              {QStringLiteral("source_sha256"), QString::fromStdString(outcome.source)},
                              {QStringLiteral("database"), QString::fromStdString(database)},
                              {QStringLiteral("seconds"), outcome.seconds}};
        std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
        return;
    }
    if (outcome.wasThere) {
        std::printf("%s: this file was imported before; nothing was added\n", outcome.instrument.name.c_str());
        return;
    }
    std::printf("%s: %lld rows from %s to %s in %.2f s, into %s\n", outcome.instrument.name.c_str(),
                static_cast<long long>(rows), base::isoText(outcome.first).c_str(), base::isoText(outcome.last).c_str(),
                outcome.seconds, database.c_str());
}

} // namespace

int importCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("import ticks|candles FILE --instrument ID [options]"),
        QStringLiteral("Recorded trades or candles from CSV or CSV.gz, whole or not at all. Without --feed into "
                       "imported.db, apart from the feeds."));
    given.parser().addOptions(
        {{QStringLiteral("instrument"), QStringLiteral("BloFin's name, e.g. LTC-USDT."), QStringLiteral("ID")},
         {QStringLiteral("timeframe"), QStringLiteral("Of candles: 1m, 5m, 15m, 1h or 4h."), QStringLiteral("TF")},
         {QStringLiteral("sizes"), QStringLiteral("coins or contracts."), QStringLiteral("UNIT"),
          QStringLiteral("coins")}});
    given.parser().addPositionalArgument(QStringLiteral("what"), QStringLiteral("ticks or candles"));
    given.parser().addPositionalArgument(QStringLiteral("file"), QStringLiteral("CSV or CSV.gz"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    if (words.size() != 2 || (words[0] != QLatin1String("ticks") && words[0] != QLatin1String("candles"))) {
        return reportUsage("import wants: ticks FILE or candles FILE");
    }
    if (!given.isSet("instrument")) {
        return reportUsage("import wants --instrument, e.g. LTC-USDT");
    }
    engines::ImportOptions options{.database = engines::databaseOf(given.dataDir(), given.feed("imported")),
                                   .file = words[1].toStdString(),
                                   .instrument = given.value("instrument")};
    const auto sizes = given.value("sizes");
    if (sizes != "coins" && sizes != "contracts") {
        return reportUsage("--sizes is coins or contracts");
    }
    options.sizes = sizes == "coins" ? engines::SizeUnit::Coins : engines::SizeUnit::Contracts;
    if (words[0] == QLatin1String("candles")) {
        options.candles = timeframeNamed(given.value("timeframe"));
        if (!options.candles) {
            return reportUsage("import candles wants --timeframe 1m, 5m, 15m, 1h or 4h");
        }
    }
    if (std::error_code unreadable; !std::filesystem::exists(options.file, unreadable)) {
        return report({base::ErrorCode::NotFound, options.file, "there is no such file"}); // and no database yet
    }
    const auto stop = stopOnSignal();
    base::Result<engines::ImportOutcome> outcome;
    {
        ProgressBar bar("import");
        options.progress = [&bar](double fraction) { bar.show(fraction); };
        outcome = engines::importFile(options, stop);
    }
    if (!outcome) {
        return report(outcome.error());
    }
    print(*outcome, options.database.string(), given.wantsJson());
    return exitDone;
}

} // namespace qd::app
