#include "app/commands/gate_rates.h"

#include "base/known_names.h"
#include "engines/gate_answers.h"
#include "engines/in_force.h"

#include <QFile>
#include <QJsonDocument>

#include <algorithm>
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

/// Where the rules of experiments change: how often the gate of the values to be passes, said before they are saved.
/// On the trades of the strategy that has most. With --json on stderr: stdout has the answer alone.
int simulated(const Arguments& given, const engines::GovernanceFacts& facts,
              const std::map<std::string, std::string>& values)
{
    const auto changes = engines::policyChanges(facts.inForce.policy, values);
    if (!changes) { // a dry run has to say it: nothing is saved that would
        return report(changes.error());
    }
    if (std::ranges::none_of(*changes,
                             [](const governance::Change& change) { return change.subject.starts_with("ab."); })) {
        return exitDone;
    }
    auto after = facts.policy;
    for (const auto& change : *changes) {
        if (after.contains(change.subject)) {
            after[change.subject] = base::policyNumberOf(change.subject, change.after).value_or(0); // it was one
        }
    }
    console::AskGateSimulation query;
    query.gate = governance::policiesFrom(after).experiment;
    if (const auto wrong = readGateOptions(given, query)) {
        return reportUsage(*wrong);
    }
    std::size_t most = 0;
    for (const auto& of : facts.input.evidence) {
        const auto* row = governance::findRow(facts.input.roster, of.subject.strategy);
        const bool isInForce = row != nullptr && row->parameterHash == of.parameterHash && !of.subject.instrument;
        if (isInForce && of.trades.size() > most) {
            most = of.trades.size();
            query.strategy = of.subject.strategy;
        }
    }
    const auto rates = most > 0
                           ? engines::gateSimulation(facts, query)
                           : base::fail(ErrorCode::OutOfRange, "ab", "there are no closed trades to draw from yet");
    if (!rates) {
        std::fprintf(stderr, "How often the gate passes cannot be said: %s\n", base::sentence(rates.error()).c_str());
    } else if (given.wantsJson()) {
        for (const auto& one : rates->rates) {
            std::fprintf(stderr, "%s %.1f%%\n", std::string(one.name).c_str(), 100 * one.rate());
        }
    } else {
        printRates(*rates, query);
    }
    return exitDone;
}

int change(const Arguments& given, const std::map<std::string, std::string>& values)
{
    const bool isDry = given.isSet("dry-run");
    if (!isDry && !given.isSet("reason")) {
        return reportUsage("policy set and import want --reason: the journal keeps it");
    }
    const auto changed = values.size() == 1 ? values.begin()->first + " is " + values.begin()->second
                                            : std::to_string(values.size()) + " values are in force";
    int code = exitDone;
    const auto decisions = openDecisions(given, !isDry, code);
    if (!decisions) {
        return code;
    }
    const bool mayBeOfGate = std::ranges::any_of(values, [](const auto& one) { return one.first.starts_with("ab."); });
    const auto send = [&] {
        const auto sent = decisions->owner->send(console::SetPolicy{.values = values, .reason = given.value("reason")});
        return sent ? printDone(given, changed) : report(sent.error());
    };
    if (decisions->owner && !isDry && !mayBeOfGate) {
        return send();
    }
    const auto facts = decisions->desk->facts();
    if (!facts) {
        return report(facts.error());
    }
    if (const int told = simulated(given, *facts, values); told != exitDone) {
        return told;
    }
    if (isDry) {
        return printDone(given, "nothing was saved");
    }
    if (decisions->owner) {
        return send();
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
                                   "undone. Where rules of experiments (ab.*) change, it is said before they are saved "
                                   "how often their gate passes a worse, an equal and a better candidate. export "
                                   "prints NAME=VALUE lines, import reads them (- is stdin): all of "
                                   "them or none."));
    given.parser().addOption(
        {QStringLiteral("reason"), QStringLiteral("Why, for the journal."), QStringLiteral("TEXT")});
    given.parser().addOption({QStringLiteral("dry-run"), QStringLiteral("set, import: save nothing; where rules of "
                                                                        "experiments (ab.*) change, only say how "
                                                                        "often their gate would pass.")});
    addGateOptions(given.parser());
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
