#include "app/commands/arguments.h"

#include "engines/night_report.h"
#include "storage/database.h"

#include <cstdio>
#include <fstream>

namespace qd::app {

namespace {

/// Of the console that owns the database, by the process that its lock names; empty where none runs.
std::optional<engines::ProcessMemory> consoleOf(const std::filesystem::path& database)
{
    std::ifstream lock(database.string() + ".lock");
    int process = 0;
    std::string name;
    if (!(lock >> process) || process <= 0) {
        return std::nullopt;
    }
    std::ifstream comm("/proc/" + std::to_string(process) + "/comm"); // the lock outlives its owner
    return std::getline(comm, name) && name.starts_with("quarterdeck") ? engines::processMemory(process) : std::nullopt;
}

void print(const console::NightReport& report, const std::string& format)
{
    const auto text = format == "html" ? governance::asHtml(report.document)
                      : format == "md" ? governance::asMarkdown(report.document)
                                       : governance::asText(report.document);
    std::fwrite(text.data(), 1, text.size(), stdout);
}

} // namespace

int nightCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("night [options]"),
                    QStringLiteral("The night report: gaps, jobs, proposals, trainings, alerts, growth, and how the "
                                   "night compares with the last 30. A running console makes one each morning "
                                   "(night.time); the newest is printed. With --json its figures."));
    given.parser().addOptions(
        {{QStringLiteral("night"), QStringLiteral("The one of this local day."), QStringLiteral("YYYY-MM-DD")},
         {QStringLiteral("now"), QStringLiteral("One for this moment, from the newest on; it is not kept.")},
         {QStringLiteral("format"), QStringLiteral("txt, md or html."), QStringLiteral("FORM"),
          QStringLiteral("txt")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto format = given.value("format");
    if (format != "txt" && format != "md" && format != "html") {
        return reportUsage("--format wants txt, md or html");
    }
    if (given.isSet("now") && given.isSet("night")) {
        return reportUsage("--now and --night are two different reports");
    }
    auto database = openToRead(given);
    if (!database) {
        return database.error();
    }
    const auto found =
        given.isSet("now")
            ? engines::nightNow(*database, {.now = base::SystemClock().now(), .console = consoleOf(database->path())})
            : engines::keptNight(*database, given.value("night"));
    if (!found) {
        return report(found.error());
    }
    if (given.wantsJson()) {
        std::printf("%s\n", found->figures.c_str());
    } else {
        print(*found, format);
    }
    return exitDone;
}

} // namespace qd::app
