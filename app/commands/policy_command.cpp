#include "app/commands/decisions.h"

#include "base/known_names.h"

#include <QFile>
#include <QJsonDocument>

#include <cstdio>
#include <filesystem>

namespace qd::app {

namespace {

using base::ErrorCode;
using base::Result;

/// Values in force as texts, by name.
std::map<std::string, std::string> valuesOf(const engines::GovernanceFacts& facts)
{
    auto out = facts.inForce.policy.texts;
    for (const auto& [name, value] : facts.policy) {
        out[name] = base::policyNumber(value);
    }
    return out;
}

int print(const Arguments& given, const engines::GovernanceFacts& facts, const std::string& only)
{
    const auto values = valuesOf(facts);
    if (!only.empty() && !values.contains(only)) {
        return report({ErrorCode::NotFound, only,
                       base::unknownAmong("the policy has no such name", only, values,
                                          [](const auto& one) { return one.first; })});
    }
    QJsonObject all;
    for (const auto& [name, value] : values) {
        if (!only.empty() && name != only) {
            continue;
        }
        if (given.wantsJson()) {
            const auto number = facts.policy.find(name);
            all[jsonText(name)] = number == facts.policy.end() ? QJsonValue(jsonText(value)) : number->second;
        } else if (!only.empty()) {
            std::printf("%s\n", value.c_str());
        } else {
            std::printf("%s=%s\n", name.c_str(), value.c_str());
        }
    }
    if (given.wantsJson()) {
        printJson(all);
    }
    return exitDone;
}

/// "name=value" lines; empty ones and those that begin with # say nothing.
Result<std::map<std::string, std::string>> readLines(const QString& path)
{
    QFile file(path);
    const bool isOpen =
        path == QLatin1String("-") ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!isOpen) {
        return base::fail(ErrorCode::Io, path.toStdString(), file.errorString().toStdString());
    }
    std::map<std::string, std::string> out;
    for (int line = 1; !file.atEnd(); ++line) {
        const auto text = file.readLine().trimmed().toStdString();
        if (text.empty() || text.front() == '#') {
            continue;
        }
        const auto equals = text.find('=');
        if (equals == std::string::npos) {
            return base::fail(ErrorCode::Malformed, path.toStdString(),
                              "line " + std::to_string(line) + " is not NAME=VALUE");
        }
        out[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return out;
}

/// The policy may name a disk that is not plugged in; but nobody should wait for backups that cannot come.
void tellOfFolder(const std::map<std::string, std::string>& values)
{
    const auto folder = values.find("backup.folder");
    std::error_code unknown;
    if (folder != values.end() && !folder->second.empty() && !std::filesystem::is_directory(folder->second, unknown)) {
        std::fprintf(stderr,
                     "backup.folder: set, but there is no such folder (%s). No backup is made until it is there: make "
                     "it, or set another one.\n",
                     folder->second.c_str());
    }
}

int change(const Arguments& given, const std::map<std::string, std::string>& values)
{
    if (!given.isSet("reason")) {
        return reportUsage("policy set and import want --reason: the journal keeps it");
    }
    const auto changed = values.size() == 1 ? values.begin()->first + " is " + values.begin()->second
                                            : std::to_string(values.size()) + " values are in force";
    int code = exitDone;
    const auto decisions = openDecisions(given, true, code);
    if (!decisions) {
        return code;
    }
    if (decisions->owner) {
        const auto sent = decisions->owner->send(console::SetPolicy{.values = values, .reason = given.value("reason")});
        return sent ? printDone(given, changed) : report(sent.error());
    }
    const auto facts = decisions->desk->facts();
    if (!facts) {
        return report(facts.error());
    }
    const auto now = decisions->clock.now();
    const auto order = engines::policyDecision(*facts, values, given.value("reason"), now);
    if (!order) {
        return report(order.error());
    }
    const auto done = engines::carryOutOffline(*decisions->database, *order);
    return done ? printDone(given, changed) : report(done.error());
}

int set(const Arguments& given, const std::map<std::string, std::string>& values)
{
    const int code = change(given, values);
    if (code == exitDone) {
        tellOfFolder(values);
    }
    return code;
}

} // namespace

int policyCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("policy get [NAME] | set NAME VALUE | export | import FILE"),
                    QStringLiteral("The thresholds of the pipeline. Each change is a row of the journal and can be "
                                   "undone. export prints NAME=VALUE lines, import reads them (- is stdin): all of "
                                   "them or none."));
    given.parser().addOption(
        {QStringLiteral("reason"), QStringLiteral("Why, for the journal."), QStringLiteral("TEXT")});
    given.parser().addPositionalArgument(QStringLiteral("verb"), QStringLiteral("get, set, export, import"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    const auto verb = words.isEmpty() ? std::string() : words[0].toStdString();
    if (verb == "set" && words.size() == 3) {
        const std::map<std::string, std::string> values{{words[1].toStdString(), words[2].toStdString()}};
        return set(given, values);
    }
    if (verb == "import" && words.size() == 2) {
        const auto values = readLines(words[1]);
        return values ? set(given, *values) : report(values.error());
    }
    if ((verb == "get" && words.size() <= 2) || (verb == "export" && words.size() == 1)) {
        int code = exitDone;
        const auto decisions = openDecisions(given, false, code);
        if (!decisions) {
            return code;
        }
        const auto facts = decisions->desk->facts();
        return facts ? print(given, *facts, words.size() == 2 ? words[1].toStdString() : std::string())
                     : report(facts.error());
    }
    return reportUsage("policy wants: get [NAME], set NAME VALUE, export, or import FILE");
}

} // namespace qd::app
