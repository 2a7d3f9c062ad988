#include "app/commands/gate_rates.h"
#include "engines/experiment_evidence.h"
#include "engines/experiment_queries.h"
#include "engines/experiments.h"
#include "engines/gate_answers.h"

#include <QJsonArray>

#include <array>
#include <cstdio>

namespace qd::app {

namespace {

using base::ErrorCode;
using base::Result;
using console::ExperimentEnd;
using console::ExperimentRow;
using governance::Comparison;
using governance::Design;

QJsonValue jsonOf(const statistics::Measure& measure)
{
    return measure ? QJsonValue(*measure) : QJsonValue();
}

QJsonObject jsonOf(const ExperimentRow& row)
{
    const auto& plan = row.plan;
    const auto& now = row.assessment;
    QJsonArray arms;
    for (const auto& arm : row.arms) {
        arms.append(QJsonObject{{QStringLiteral("name"), jsonText(arm.name)},
                                {QStringLiteral("hash"), jsonText(arm.hash)},
                                {QStringLiteral("parameters"), jsonText(arm.parameters)},
                                {QStringLiteral("trades"), static_cast<qint64>(arm.trades)},
                                {QStringLiteral("won"), static_cast<qint64>(arm.won)},
                                {QStringLiteral("net"), arm.net},
                                {QStringLiteral("expectancy"), jsonOf(arm.expectancy)},
                                {QStringLiteral("sharpe"), jsonOf(arm.sharpe)}});
    }
    QJsonArray gates;
    for (const auto& gate : now.gates) {
        auto figure = qd::app::jsonOf(gate.figure);
        figure.insert(QStringLiteral("passed"), gate.isPassed);
        gates.append(figure);
    }
    const auto& interval = now.difference.interval; // B − A, as on screen
    return {{QStringLiteral("id"), static_cast<qint64>(plan.id)},
            {QStringLiteral("strategy"), jsonText(plan.subject)},
            {QStringLiteral("comparison"), jsonText(name(plan.comparison))},
            {QStringLiteral("design"), jsonText(name(plan.design))},
            {QStringLiteral("begins"), jsonText(base::isoText(plan.begins))},
            {QStringLiteral("blocks"), static_cast<qint64>(now.blocks)},
            {QStringLiteral("verdict"), jsonText(name(now.verdict))},
            {QStringLiteral("advice"), jsonText(sentence(now.advice))},
            {QStringLiteral("difference"), now.difference.mean ? QJsonValue(-*now.difference.mean) : QJsonValue()},
            {QStringLiteral("interval"),
             interval ? QJsonValue(QJsonArray{-interval->upper, -interval->lower}) : QJsonValue()},
            {QStringLiteral("margin"), now.margin},
            {QStringLiteral("more_days"), now.moreDays ? QJsonValue(*now.moreDays) : QJsonValue()},
            {QStringLiteral("more_trades"), now.moreTrades ? QJsonValue(*now.moreTrades) : QJsonValue()},
            {QStringLiteral("equal_pass_rate"), row.equalPassRate ? QJsonValue(*row.equalPassRate) : QJsonValue()},
            {QStringLiteral("ended"), row.ended ? QJsonValue(jsonText(base::isoText(*row.ended))) : QJsonValue()},
            {QStringLiteral("outcome"), jsonText(row.outcome)},
            {QStringLiteral("why"), jsonText(row.why)},
            {QStringLiteral("arms"), arms},
            {QStringLiteral("gates"), gates}};
}

void printLine(const ExperimentRow& row)
{
    const auto state = row.ended ? row.outcome : std::string(name(row.assessment.verdict));
    std::printf("%4lld  %-22s %-30s %-6s  %s\n", static_cast<long long>(row.plan.id), row.plan.subject.c_str(),
                std::string(name(row.plan.comparison)).c_str(), std::string(name(row.plan.design)).c_str(),
                state.c_str());
}

void printWhole(const ExperimentRow& row)
{
    printLine(row);
    const auto& now = row.assessment;
    std::printf("      begins %s, %zu complete blocks of %zu days\n", base::isoText(row.plan.begins).c_str(),
                now.blocks, row.plan.blockDays);
    for (const auto& arm : row.arms) {
        std::printf("      %s  %s  %llu trades, %llu won, %.2f USDT\n         %s\n", arm.name.c_str(), arm.hash.c_str(),
                    static_cast<unsigned long long>(arm.trades), static_cast<unsigned long long>(arm.won), arm.net,
                    arm.parameters.c_str());
    }
    if (now.difference.mean && now.difference.interval) {
        const auto& interval = *now.difference.interval;
        const auto* unit = governance::isShadow(row.plan)      ? "less loss a day"
                           : row.plan.design == Design::Paired ? "USDT a block"
                                                               : "USDT a trade";
        std::printf("      B − A: %.4f %s, always-valid interval %.4f … %.4f\n", -*now.difference.mean, unit,
                    -interval.upper, -interval.lower);
    }
    for (const auto& gate : now.gates) {
        std::printf("      [%c] %s\n", gate.isPassed ? 'x' : ' ', governance::text(gate.figure).c_str());
    }
    if (now.moreDays) {
        std::printf("      about %.0f days more\n", *now.moreDays);
    }
    if (row.equalPassRate) {
        std::printf("      its gate passes an equal arm in %.0f%% of simulated runs\n", 100 * *row.equalPassRate);
    }
    std::printf("      %s\n",
                row.ended ? (row.outcome + ": " + row.why).c_str() : std::string(sentence(now.advice)).c_str());
}

Result<std::int64_t> idOf(const QStringList& words)
{
    bool isNumber = false;
    const auto id = words.size() == 2 ? words[1].toLongLong(&isNumber) : 0;
    return isNumber && id > 0 ? Result<std::int64_t>(id)
                              : base::fail(ErrorCode::Malformed, "experiment", "wants the number of an experiment");
}

int list(const Arguments& given, const Decisions& decisions, std::optional<std::int64_t> one)
{
    engines::GatePassRates rates;
    const auto all = engines::experimentsOf(*decisions.database, rates, decisions.clock.now());
    if (!all) {
        return report(all.error());
    }
    QJsonArray rows;
    bool isFound = false;
    for (const auto& row : all->rows) {
        if (one && row.plan.id != *one) {
            continue;
        }
        isFound = true;
        if (given.isSet("json")) {
            rows.append(jsonOf(row));
        } else if (one) {
            printWhole(row);
        } else {
            printLine(row);
        }
    }
    if (one && !isFound) {
        return report({ErrorCode::NotFound, "experiment " + std::to_string(*one), "there is none of that number"});
    }
    if (given.isSet("json")) {
        printJson({{QStringLiteral("experiments"), rows}});
    } else if (!isFound) {
        std::printf("There is no experiment.\n");
    }
    return exitDone;
}

Result<Design> designOf(const Arguments& given)
{
    const auto design = given.value("design");
    if (given.isSet("design") && design != "paired" && design != "split") {
        return base::fail(ErrorCode::Malformed, "experiment", "--design is paired or split");
    }
    return design == "split" ? Design::Split : Design::Paired;
}

Result<console::StartExperiment> wishOf(const QStringList& words, const Arguments& given)
{
    console::StartExperiment wish{.reason = given.value("reason")};
    if (words.size() < 2) {
        return base::fail(ErrorCode::Malformed, "experiment", "start wants a strategy");
    }
    wish.strategy = words[1].toStdString();
    for (qsizetype i = 2; i < words.size(); ++i) {
        wish.parameters += (i > 2 ? "|" : "") + words[i].toStdString();
    }
    const auto design = designOf(given);
    if (!design) {
        return std::unexpected(design.error());
    }
    wish.design = *design;
    if (given.isSet("on-off")) {
        wish.comparison = Comparison::OnOff;
    }
    if (given.isSet("model")) {
        if (!wish.parameters.empty() || given.isSet("on-off")) {
            return base::fail(ErrorCode::Malformed, "experiment", "--model compares versions, and nothing else");
        }
        wish.comparison = Comparison::Models;
        wish.parameters = given.value("model");
    }
    return wish;
}

/// Its number.
Result<std::int64_t> started(const console::StartExperiment& wish, Decisions& decisions)
{
    if (!decisions.owner) {
        return engines::offlineExperiments(*decisions.database, decisions.clock).start(wish);
    }
    if (const auto sent = decisions.owner->send(wish); !sent) {
        return std::unexpected(sent.error());
    }
    const auto running = storage::ExperimentStore(*decisions.database).running();
    if (!running) {
        return std::unexpected(running.error());
    }
    for (const auto& one : *running) { // a strategy has one at a time; models are compared by their family
        if (one.plan.subject == wish.strategy) {
            return one.plan.id;
        }
    }
    return storage::ExperimentStore(*decisions.database).newestId();
}

/// What was done, in words.
Result<std::string> decide(const std::string& verb, const QStringList& words, const Arguments& given,
                           Decisions& decisions)
{
    if (verb == "start") {
        const auto wish = wishOf(words, given);
        const auto id = wish ? started(*wish, decisions) : Result<std::int64_t>(std::unexpected(wish.error()));
        if (!id) {
            return std::unexpected(id.error());
        }
        return "Experiment " + std::to_string(*id) + " is kept; it begins at the next UTC midnight.";
    }
    const auto id = idOf(words);
    if (!id) {
        return std::unexpected(id.error());
    }
    const auto how = given.isSet("promote") ? ExperimentEnd::PromoteB
                     : given.isSet("keep")  ? ExperimentEnd::KeepA
                                            : ExperimentEnd::Stop;
    const console::EndExperiment wish{*id, how, given.value("reason")};
    const auto done =
        decisions.owner ? decisions.owner->send(wish)
                        : engines::outcome(engines::offlineExperiments(*decisions.database, decisions.clock).end(wish));
    return done ? Result<std::string>("Experiment " + std::to_string(*id) +
                                      (how == ExperimentEnd::PromoteB ? " is ended: B is promoted."
                                       : how == ExperimentEnd::KeepA  ? " is ended: A stays."
                                                                      : " is stopped."))
                : std::unexpected(done.error());
}

/// The gate of the policy on a strategy's own trades.
int simulateGate(const QStringList& words, const Arguments& given, const Decisions& decisions)
{
    if (words.size() != 2) {
        return reportUsage("experiment simulate-gate wants a strategy");
    }
    const auto design = designOf(given);
    if (!design) {
        return reportUsage(design.error().detail);
    }
    console::AskGateSimulation query{.strategy = words[1].toStdString(), .design = *design, .gate = {}};
    query.comparison = given.isSet("on-off") ? Comparison::OnOff : Comparison::Parameters;
    query.wantsInterval = !given.isSet("counts-only");
    if (const auto wrong = readGateOptions(given, query)) {
        return reportUsage(*wrong);
    }
    if (query.comparison == Comparison::OnOff && query.design == Design::Split) {
        return reportUsage("--on-off is paired: off trades nothing, so there is nothing to split");
    }
    const auto facts = decisions.desk->facts();
    if (!facts) {
        return report(facts.error());
    }
    query.gate = facts->policies.experiment;
    const auto simulated = engines::gateSimulation(*facts, query);
    if (!simulated) {
        return report(simulated.error());
    }
    if (given.isSet("json")) {
        printJson(qd::app::jsonOf(*simulated, query));
    } else {
        printRates(*simulated, query);
    }
    return exitDone;
}

} // namespace

int experimentCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("experiment list|show|start|stop|simulate-gate …"),
        QStringLiteral("Experiments (A/B). list; show N; start STRATEGY NAME=VALUE … --reason TEXT; stop N "
                       "[--promote|--keep] --reason TEXT; simulate-gate STRATEGY [--looks N] [--rate-days D] "
                       "[--design split] [--on-off]. Beside a "
                       "console that runs it decides what changes."));
    given.parser().addOptions(
        {{QStringLiteral("reason"), QStringLiteral("Why, for the journal."), QStringLiteral("TEXT")},
         {QStringLiteral("design"), QStringLiteral("paired (the default) or split."), QStringLiteral("DESIGN")},
         {QStringLiteral("on-off"), QStringLiteral("start, simulate-gate: the strategy against staying off.")},
         {QStringLiteral("model"), QStringLiteral("start: this version (gbt_5m 13) against its champion."),
          QStringLiteral("V")},
         {QStringLiteral("promote"), QStringLiteral("stop: B's parameters become the strategy's.")},
         {QStringLiteral("keep"), QStringLiteral("stop: A stays.")},
         {QStringLiteral("counts-only"), QStringLiteral("simulate-gate: without the always-valid interval.")}});
    addGateOptions(given.parser());
    given.parser().addPositionalArgument(QStringLiteral("verb"),
                                         QStringLiteral("list, show, start, stop, simulate-gate"));
    given.parser().addPositionalArgument(QStringLiteral("what"), QStringLiteral("A number or a strategy."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    constexpr std::array verbs{"list", "show", "start", "stop", "simulate-gate"};
    const auto words = given.parser().positionalArguments();
    const auto verb = words.isEmpty() ? std::string() : words[0].toStdString();
    if (std::ranges::find(verbs, verb) == verbs.end()) {
        return reportUsage("experiment wants list, show, start, stop or simulate-gate");
    }
    console::AskGateSimulation unasked;
    if (const auto wrong = readGateOptions(given, unasked)) { // whatever the verb: it is never right
        return reportUsage(*wrong);
    }
    if (verb != "simulate-gate") {
        tellUnusedGateOptions(given, "only experiment simulate-gate simulates a gate");
    }
    const bool changes = verb == "start" || verb == "stop";
    if (changes && !given.isSet("reason")) {
        return reportUsage("experiment " + verb + " wants --reason: the journal keeps it");
    }
    if (given.isSet("promote") && given.isSet("keep")) {
        return reportUsage("--promote or --keep, not both");
    }
    const auto id = verb == "show" ? idOf(words) : Result<std::int64_t>(0);
    if (!id) {
        return reportUsage("experiment show wants the number of an experiment");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, changes, code);
    if (!decisions) {
        return code;
    }
    if (changes) {
        const auto done = decide(verb, words, given, *decisions);
        return done ? printDone(given, *done) : report(done.error());
    }
    if (verb == "simulate-gate") {
        return simulateGate(words, given, *decisions);
    }
    return list(given, *decisions, verb == "show" ? std::optional(*id) : std::nullopt);
}

} // namespace qd::app
