#include "app/commands/decisions.h"

#include "engines/feed_database.h"
#include "engines/support_archive.h"

#include <QJsonArray>

#include <algorithm>
#include <cstdio>

namespace qd::app {

namespace {

/// A database need not be there; several want a choice. An exit code: wrong usage, told.
std::optional<int> readOptions(const Arguments& given, engines::DoctorOptions& out)
{
    const auto file = given.existingDatabase();
    if (!file && file.error().code == base::ErrorCode::Conflict) {
        return reportMissing(file.error());
    }
    const auto feed = given.feed("demo");
    if (const auto wrong = wrongFeed(feed); given.hasFeed() && wrong) {
        return reportUsage(*wrong);
    }
    out = {.dataDir = given.dataDir(),
           .database = file ? *file : engines::databaseOf(given.dataDir(), feed),
           .feed = file && !given.hasFeed() ? file->stem().string() : feed,
           .now = base::SystemClock().now()};
    return std::nullopt;
}

} // namespace

int doctorCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("doctor [options]"),
                    QStringLiteral("Looks whether everything that the console needs is there, and says of each thing "
                                   "that is not what to do. Changes nothing; works beside a console that runs."));
    given.parser().addOptions({{QStringLiteral("offline"), QStringLiteral("Ask nothing over the network.")},
                               {QStringLiteral("api-port"), QStringLiteral("Port of the HTTP API."),
                                QStringLiteral("N"), QStringLiteral("8888")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto port = given.number("api-port", 1);
    if (!given.parser().positionalArguments().isEmpty() || !port || *port > 65'535) {
        return reportUsage(port && *port <= 65'535 ? "doctor takes no words" : "--api-port is a port, 1 to 65535");
    }
    engines::DoctorOptions options;
    if (const auto end = readOptions(given, options)) {
        return *end;
    }
    options.asksNetwork = !given.isSet("offline");
    options.apiPort = static_cast<std::uint16_t>(*port);
    const auto rows = engines::examine(engines::doctorChecks(options));
    const bool hasFailed = std::ranges::count(rows, engines::Finding::Fail, &engines::DoctorRow::finding) > 0;
    if (given.wantsJson()) {
        QJsonArray list;
        for (const auto& row : rows) {
            list.append(QJsonObject{{QStringLiteral("check"), jsonText(row.check)},
                                    {QStringLiteral("state"), jsonText(engines::name(row.finding))},
                                    {QStringLiteral("what"), jsonText(row.what)},
                                    {QStringLiteral("why"), jsonText(row.why)},
                                    {QStringLiteral("todo"), jsonText(row.todo)}});
        }
        printJson({{QStringLiteral("checks"), list}, {QStringLiteral("is_well"), !hasFailed}});
    } else {
        std::fputs(engines::doctorText(rows).c_str(), stdout);
    }
    return hasFailed ? exitFailed : exitDone;
}

int supportCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("support FILE.zip [options]"),
                    QStringLiteral("Packs what one needs to see who helps: version, doctor, policy, schema, counts of "
                                   "rows, and the console's log. No keys, tokens, addresses, trades or reasons are in "
                                   "it. Overwrites nothing."));
    given.parser().addPositionalArgument(QStringLiteral("FILE.zip"), QStringLiteral("where to: a new file"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    if (words.size() != 1) {
        return reportUsage("support wants one FILE.zip");
    }
    engines::DoctorOptions options;
    if (const auto end = readOptions(given, options)) {
        return *end;
    }
    const std::filesystem::path file = words.front().toStdString();
    const auto files = engines::supportFiles(options, QD_VERSION);
    if (const auto written = engines::writeZip(file, files, options.now); !written) {
        return report(written.error());
    }
    if (given.wantsJson()) {
        QJsonArray names;
        std::ranges::for_each(files, [&](const auto& one) { names.append(jsonText(one.name)); });
        printJson({{QStringLiteral("file"), jsonText(file.string())}, {QStringLiteral("holds"), names}});
        return exitDone;
    }
    std::printf("%s\n", file.c_str());
    for (const auto& one : files) {
        std::printf("  %s, %zu bytes\n", one.name.c_str(), one.text.size());
    }
    return exitDone;
}

} // namespace qd::app
