#include "app/commands/gate_rates.h"

#include "base/known_names.h"
#include "engines/gate_answers.h"
#include "engines/in_force.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

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

/// The rules of experiments as they will be where `changes` touch them; empty where they do not.
std::optional<governance::ExperimentPolicy> rulesAfter(const engines::GovernanceFacts& facts,
                                                       const std::vector<governance::Change>& changes)
{
    if (std::ranges::none_of(changes,
                             [](const governance::Change& change) { return change.subject.starts_with("ab."); })) {
        return std::nullopt;
    }
    auto after = facts.policy;
    for (const auto& change : changes) {
        if (after.contains(change.subject)) {
            after[change.subject] = base::policyNumberOf(change.subject, change.after).value_or(0); // it was one
        }
    }
    return governance::policiesFrom(after).experiment;
}

/// What the operator is told of the gate before its rules are saved; with --json it is part of the one answer.
struct ToldOfGate {
    bool isAsked = false; // some rule of experiments changes
    QJsonObject json;     // {"gate": …}, or {"gate": null, "gate_why_not": …}
};

void tellNoRates(const Arguments& given, const base::Error& error, ToldOfGate& told)
{
    const auto why = base::sentence(error);
    std::fprintf(stderr, "How often the gate passes cannot be said: %s\n", why.c_str());
    if (given.wantsJson()) {
        told.json = {{QStringLiteral("gate"), QJsonValue()}, {QStringLiteral("gate_why_not"), jsonText(why)}};
    }
}

/// How often the gate of the values to be passes, on the trades of the strategy that has most.
ToldOfGate simulated(const Arguments& given, const engines::GovernanceFacts& facts,
                     const std::vector<governance::Change>& changes, console::AskGateSimulation query)
{
    ToldOfGate told;
    const auto rules = rulesAfter(facts, changes);
    if (!rules) {
        return told;
    }
    told.isAsked = true;
    query.gate = *rules;
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
        tellNoRates(given, rates.error(), told);
    } else if (given.wantsJson()) {
        told.json = {{QStringLiteral("gate"), jsonOf(*rates, query)}};
    } else {
        printRates(*rates, query);
    }
    return told;
}

int printChanged(const Arguments& given, const std::string& what, ToldOfGate told)
{
    if (!given.wantsJson()) {
        return printDone(given, what);
    }
    told.json[QStringLiteral("done")] = jsonText(what);
    printJson(told.json);
    return exitDone;
}

/// What would change; a value that is in force already is no change.
int printDry(const Arguments& given, const std::vector<governance::Change>& changes, ToldOfGate told)
{
    if (given.wantsJson()) {
        QJsonArray all;
        for (const auto& change : changes) {
            all.append(QJsonObject{{QStringLiteral("name"), jsonText(change.subject)},
                                   {QStringLiteral("before"), jsonText(change.before)},
                                   {QStringLiteral("after"), jsonText(change.after)}});
        }
        told.json[QStringLiteral("changes")] = all;
        return printChanged(given, "nothing was saved", std::move(told));
    }
    std::string text;
    for (const auto& change : changes) {
        text.append(text.empty() ? "" : "\n").append(change.subject).append(": ");
        text.append(change.before.empty() ? "empty" : change.before).append(" → ");
        text.append(change.after.empty() ? "empty" : change.after);
    }
    return printDone(given, (text.empty() ? "all of it is in force already" : text) + ", nothing saved");
}

constexpr const char* noGateAsked = "no rule of experiments (ab.*) changes";

/// Another process owns the database and decides; the rates are an aid, and nothing of them stops the change.
int changeByOwner(const Arguments& given, Decisions& decisions, const std::map<std::string, std::string>& values,
                  const console::AskGateSimulation& query, const std::string& changed)
{
    ToldOfGate told;
    if (std::ranges::any_of(values, [](const auto& one) { return one.first.starts_with("ab."); })) {
        if (const auto facts = decisions.desk->facts(); !facts) {
            told.isAsked = true;
            tellNoRates(given, facts.error(), told);
        } else if (const auto changes = engines::policyChanges(facts->inForce.policy, values)) {
            told = simulated(given, *facts, *changes, query);
        } else { // the owner refuses it, by what is in force there
            told.isAsked = true;
        }
    }
    if (!told.isAsked) {
        tellUnusedGateOptions(given, noGateAsked);
    }
    const auto sent = decisions.owner->send(console::SetPolicy{.values = values, .reason = given.value("reason")});
    return sent ? printChanged(given, changed, std::move(told)) : report(sent.error());
}

int change(const Arguments& given, const std::map<std::string, std::string>& values,
           const console::AskGateSimulation& query)
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
    if (decisions->owner) { // of a dry run there is none: it only reads
        return changeByOwner(given, *decisions, values, query, changed);
    }
    const auto facts = decisions->desk->facts();
    if (!facts) {
        return report(facts.error());
    }
    const auto changes = engines::policyChanges(facts->inForce.policy, values);
    if (!changes) { // a dry run has to say it: nothing is saved that would
        return report(changes.error());
    }
    auto told = simulated(given, *facts, *changes, query);
    if (!told.isAsked) {
        tellUnusedGateOptions(given, noGateAsked);
    }
    if (isDry) {
        return printDry(given, *changes, std::move(told));
    }
    const auto now = decisions->clock.now();
    const auto order = engines::policyDecision(*facts, values, given.value("reason"), now);
    if (!order) {
        return report(order.error());
    }
    const auto done = engines::carryOutOffline(*decisions->database, *order);
    return done ? printChanged(given, changed, std::move(told)) : report(done.error());
}

int set(const Arguments& given, const std::map<std::string, std::string>& values,
        const console::AskGateSimulation& query)
{
    const int code = change(given, values, query);
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
    console::AskGateSimulation query;
    if (const auto wrong = readGateOptions(given, query)) { // whatever changes: it is never right
        return reportUsage(*wrong);
    }
    const auto words = given.parser().positionalArguments();
    const auto verb = words.isEmpty() ? std::string() : words[0].toStdString();
    if (verb == "set" && words.size() == 3) {
        const std::map<std::string, std::string> values{{words[1].toStdString(), words[2].toStdString()}};
        return set(given, values, query);
    }
    if (verb == "import" && words.size() == 2) {
        const auto values = readLines(words[1]);
        return values ? set(given, *values, query) : report(values.error());
    }
    if ((verb == "get" && words.size() <= 2) || (verb == "export" && words.size() == 1)) {
        tellUnusedGateOptions(given, "policy get and export change nothing");
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
