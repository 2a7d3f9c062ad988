#include "engines/command_json.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using console::Command;
using governance::Comparison;
using governance::Design;

namespace {

constexpr qsizetype longestBytes = 24 * 1024 * 1024; // of a model, as base64

QString jsonText(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

std::string nameOf(const QString& text)
{
    return text.toStdString();
}

Result<bool> flagOf(const QJsonObject& body, const char* name)
{
    const auto value = body.value(QLatin1String(name));
    return value.isBool() ? Result<bool>(value.toBool())
                          : base::fail(ErrorCode::Malformed, name, "it is true or false");
}

/// Words of JSON and what they stand for, side by side.
template <typename T, std::size_t N>
struct Words {
    std::array<std::string_view, N> words;
    std::array<T, N> values;
    [[nodiscard]] Result<T> read(const QJsonObject& body, const char* name) const
    {
        const auto text = nameOf(body.value(QLatin1String(name)).toString());
        const auto found = std::ranges::find(words, text);
        return found == words.end() ? Result<T>(base::fail(ErrorCode::Malformed, name, "there is no such word"))
                                    : Result<T>(values.at(static_cast<std::size_t>(found - words.begin())));
    }
    [[nodiscard]] QString of(T value) const
    {
        return jsonText(words.at(static_cast<std::size_t>(std::ranges::find(values, value) - values.begin())));
    }
};

constexpr Words<Design, 2> designs{{"paired", "split"}, {Design::Paired, Design::Split}};
constexpr Words<Comparison, 3> comparisons{{"parameters", "models", "on-off"},
                                           {Comparison::Parameters, Comparison::Models, Comparison::OnOff}};
using console::ExperimentEnd;
constexpr Words<ExperimentEnd, 3> ends{{"promote", "keep", "stop"},
                                       {ExperimentEnd::PromoteB, ExperimentEnd::KeepA, ExperimentEnd::Stop}};

/// The first of these that failed.
template <typename... R>
std::optional<base::Error> firstError(const R&... results)
{
    std::optional<base::Error> out;
    ((out = out || results ? out : std::optional(results.error())), ...);
    return out;
}

Result<Command> readSwitch(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "strategy", "on", "instrument", "reason"});
    const auto strategy = neededText(body, "strategy");
    const auto on = flagOf(body, "on");
    const auto reason = textOf(body, "reason");
    const bool isWhole = !body.contains(QLatin1String("instrument"));
    const auto instrument = isWhole ? Result<std::int64_t>(0) : wholeOf(body, "instrument", 1);
    if (const auto wrong = firstError(names, strategy, on, reason, instrument)) {
        return std::unexpected(*wrong);
    }
    console::SetStrategyEnabled out{.strategy = *strategy, .enabled = *on, .reason = *reason, .instrument = {}};
    if (!isWhole) {
        out.instrument = base::InstrumentId{static_cast<decltype(base::InstrumentId::value)>(*instrument)};
    }
    return out;
}

Result<Command> readStage(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "strategy", "stage", "reason"});
    const auto strategy = neededText(body, "strategy");
    const auto stage = governance::stageOf(nameOf(body.value(QLatin1String("stage")).toString()));
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, strategy, stage, reason)) {
        return std::unexpected(*wrong);
    }
    return console::SetStage{.strategy = *strategy, .to = *stage, .reason = *reason};
}

Result<Command> readPolicy(const QJsonObject& body)
{
    constexpr qsizetype most = 500; // values
    const auto names = checkNames(body, {"command", "values", "reason"});
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, reason)) {
        return std::unexpected(*wrong);
    }
    const auto values = body.value(QLatin1String("values")).toObject();
    if (values.isEmpty() || values.size() > most) {
        return base::fail(ErrorCode::Malformed, "values", "an object of 1 to 500 names with their values as texts");
    }
    console::SetPolicy out{.values = {}, .reason = *reason};
    for (auto value = values.begin(); value != values.end(); ++value) {
        const auto name = nameOf(value.key());
        const auto text = textOf(values, name.c_str());
        if (!text) {
            return std::unexpected(text.error());
        }
        out.values[name] = *text;
    }
    return out;
}

Result<Command> readReview(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command"});
    return names ? Result<Command>(console::ReviewNow{}) : std::unexpected(names.error());
}

Result<std::vector<std::int64_t>> proposalsOf(const QJsonObject& body)
{
    constexpr qsizetype most = 1'000;
    const auto ids = body.value(QLatin1String("proposals")).toArray();
    std::vector<std::int64_t> out;
    for (const auto& id : ids) {
        out.push_back(id.isDouble() ? id.toInteger() : 0);
    }
    const bool areIds = std::ranges::all_of(out, [](std::int64_t id) { return id > 0; });
    if (out.empty() || ids.size() > most || !areIds) {
        return base::fail(ErrorCode::Malformed, "proposals", "a list of 1 to 1,000 ids");
    }
    return out;
}

template <typename T>
Result<Command> readProposals(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "proposals", "reason"});
    const auto ids = proposalsOf(body);
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, ids, reason)) {
        return std::unexpected(*wrong);
    }
    return T{.proposals = *ids, .reason = *reason};
}

Result<Command> readUndo(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "decision", "reason"});
    const auto id = wholeOf(body, "decision", 1);
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, id, reason)) {
        return std::unexpected(*wrong);
    }
    return console::UndoDecision{.decision = *id, .reason = *reason};
}

Result<Command> readNote(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "text"});
    const auto text = neededText(body, "text");
    if (const auto wrong = firstError(names, text)) {
        return std::unexpected(*wrong);
    }
    return console::AddNote{*text};
}

Result<Command> readStart(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "strategy", "design", "comparison", "parameters", "reason"});
    const auto strategy = neededText(body, "strategy");
    const auto design = designs.read(body, "design");
    const auto comparison = comparisons.read(body, "comparison");
    const auto parameters = textOf(body, "parameters");
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, strategy, design, comparison, parameters, reason)) {
        return std::unexpected(*wrong);
    }
    return console::StartExperiment{.strategy = *strategy,
                                    .design = *design,
                                    .comparison = *comparison,
                                    .parameters = *parameters,
                                    .reason = *reason};
}

Result<Command> readEnd(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "experiment", "how", "reason"});
    const auto id = wholeOf(body, "experiment", 1);
    const auto how = ends.read(body, "how");
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, id, how, reason)) {
        return std::unexpected(*wrong);
    }
    return console::EndExperiment{.experiment = *id, .how = *how, .reason = *reason};
}

Result<Command> readRetrain(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "model", "reason"});
    const auto model = neededText(body, "model");
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, model, reason)) {
        return std::unexpected(*wrong);
    }
    return console::RetrainModel{.model = *model, .reason = *reason};
}

Result<Command> readCancelRetrain(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "model"});
    const auto model = textOf(body, "model"); // empty: all
    if (const auto wrong = firstError(names, model)) {
        return std::unexpected(*wrong);
    }
    return console::CancelRetrain{.model = *model};
}

Result<Command> readModelStage(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "version", "stage", "reason"});
    const auto version = neededText(body, "version");
    const auto stage = governance::modelStageOf(nameOf(body.value(QLatin1String("stage")).toString()));
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, version, stage, reason)) {
        return std::unexpected(*wrong);
    }
    return console::SetModelStage{.version = *version, .to = *stage, .reason = *reason};
}

Result<Command> readSignOffModel(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "version", "detector", "reason"});
    const auto version = neededText(body, "version");
    const auto detector = governance::detectorOf(nameOf(body.value(QLatin1String("detector")).toString()));
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, version, detector, reason)) {
        return std::unexpected(*wrong);
    }
    return console::SignOffModel{.version = *version, .detector = *detector, .reason = *reason};
}

Result<Command> readImportModel(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "base64", "reason"});
    const auto coded = textOf(body, "base64", longestBytes);
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, coded, reason)) {
        return std::unexpected(*wrong);
    }
    const auto decoded =
        QByteArray::fromBase64Encoding(QByteArray::fromStdString(*coded), QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || (*decoded).isEmpty()) {
        return base::fail(ErrorCode::Malformed, "base64", "it holds no bytes of a model");
    }
    return console::ImportModel{.bytes = (*decoded).toStdString(), .reason = *reason};
}

Result<Command> readAlert(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "alert"});
    const auto id = wholeOf(body, "alert", 1);
    if (const auto wrong = firstError(names, id)) {
        return std::unexpected(*wrong);
    }
    return console::AcknowledgeAlert{*id};
}

Result<Command> readSnooze(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "alert", "hours"});
    const auto id = wholeOf(body, "alert", 1);
    if (const auto wrong = firstError(names, id)) {
        return std::unexpected(*wrong);
    }
    const auto hours = body.value(QLatin1String("hours"));
    if (!hours.isDouble() || !(hours.toDouble() > 0)) {
        return base::fail(ErrorCode::Malformed, "hours", "a number over 0");
    }
    return console::SnoozeAlert{*id, hours.toDouble()};
}

template <typename T>
Result<Command> readJob(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "name"});
    const auto name = neededText(body, "name");
    if (const auto wrong = firstError(names, name)) {
        return std::unexpected(*wrong);
    }
    return T{*name};
}

Result<Command> readJobRemoval(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "name", "reason"});
    const auto name = neededText(body, "name");
    const auto reason = textOf(body, "reason");
    if (const auto wrong = firstError(names, name, reason)) {
        return std::unexpected(*wrong);
    }
    return console::RemoveJob{*name, *reason};
}

Result<Command> readJobPause(const QJsonObject& body)
{
    const auto names = checkNames(body, {"command", "name", "paused", "reason"});
    const auto name = neededText(body, "name");
    const auto reason = textOf(body, "reason");
    const auto paused = flagOf(body, "paused");
    if (const auto wrong = firstError(names, name, paused, reason)) {
        return std::unexpected(*wrong);
    }
    return console::SetJobPaused{*name, *paused, *reason};
}

Result<Command> readJobAdd(const QJsonObject& body)
{
    constexpr qsizetype longestCommand = 20'000;
    const auto names = checkNames(body, {"command", "name", "shell", "times", "most_ms", "reason"});
    const auto name = neededText(body, "name");
    const auto shell = textOf(body, "shell", longestCommand);
    const auto times = textOf(body, "times");
    const auto reason = textOf(body, "reason");
    const bool isBounded = body.contains(QLatin1String("most_ms"));
    const auto most = isBounded ? wholeOf(body, "most_ms", 1) : Result<std::int64_t>(0);
    if (const auto wrong = firstError(names, name, shell, times, most, reason)) {
        return std::unexpected(*wrong);
    }
    return console::AddJob{*name, *shell, *times, isBounded ? std::optional(base::Millis{*most}) : std::nullopt,
                           *reason};
}

struct Kind {
    const char* name;
    Result<Command> (*read)(const QJsonObject& body);
};
constexpr std::array kinds{
    Kind{"strategy-switch", readSwitch},
    Kind{"strategy-stage", readStage},
    Kind{"policy", readPolicy},
    Kind{"review", readReview},
    Kind{"apply", readProposals<console::ApplyProposals>},
    Kind{"dismiss", readProposals<console::DismissProposals>},
    Kind{"undo", readUndo},
    Kind{"note", readNote},
    Kind{"experiment-start", readStart},
    Kind{"experiment-end", readEnd},
    Kind{"retrain", readRetrain},
    Kind{"retrain-cancel", readCancelRetrain},
    Kind{"model-stage", readModelStage},
    Kind{"model-sign-off", readSignOffModel},
    Kind{"model-import", readImportModel},
    Kind{"alert-acknowledge", readAlert},
    Kind{"alert-snooze", readSnooze},
    Kind{"job-run", readJob<console::RunJob>},
    Kind{"job-cancel", readJob<console::CancelJob>},
    Kind{"job-remove", readJobRemoval},
    Kind{"job-pause", readJobPause},
    Kind{"job-add", readJobAdd},
};

/// The other way, one overload a command.
struct Writer {
    using Json = std::optional<QJsonObject>;
    static QJsonObject made(const char* kind, std::initializer_list<std::pair<const char*, QJsonValue>> fields)
    {
        QJsonObject out{{QStringLiteral("command"), QLatin1String(kind)}};
        for (const auto& [name, value] : fields) {
            out.insert(QLatin1String(name), value);
        }
        return out;
    }
    static QJsonArray listOf(const std::vector<std::int64_t>& ids)
    {
        QJsonArray out;
        std::ranges::for_each(ids, [&](std::int64_t id) { out.append(static_cast<qint64>(id)); });
        return out;
    }
    Json operator()(const console::SetStrategyEnabled& c) const
    {
        auto out = made("strategy-switch",
                        {{"strategy", jsonText(c.strategy)}, {"on", c.enabled}, {"reason", jsonText(c.reason)}});
        if (c.instrument) {
            out.insert(QStringLiteral("instrument"), static_cast<qint64>(c.instrument->value));
        }
        return out;
    }
    Json operator()(const console::SetStage& c) const
    {
        return made("strategy-stage", {{"strategy", jsonText(c.strategy)},
                                       {"stage", jsonText(governance::name(c.to))},
                                       {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::SetPolicy& c) const
    {
        QJsonObject values;
        for (const auto& [name, value] : c.values) {
            values.insert(jsonText(name), jsonText(value));
        }
        return made("policy", {{"values", values}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::ReviewNow&) const { return made("review", {}); }
    Json operator()(const console::ApplyProposals& c) const
    {
        return made("apply", {{"proposals", listOf(c.proposals)}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::DismissProposals& c) const
    {
        return made("dismiss", {{"proposals", listOf(c.proposals)}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::UndoDecision& c) const
    {
        return made("undo", {{"decision", static_cast<qint64>(c.decision)}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::AddNote& c) const { return made("note", {{"text", jsonText(c.text)}}); }
    Json operator()(const console::StartExperiment& c) const
    {
        return made("experiment-start", {{"strategy", jsonText(c.strategy)},
                                         {"design", designs.of(c.design)},
                                         {"comparison", comparisons.of(c.comparison)},
                                         {"parameters", jsonText(c.parameters)},
                                         {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::EndExperiment& c) const
    {
        return made("experiment-end", {{"experiment", static_cast<qint64>(c.experiment)},
                                       {"how", ends.of(c.how)},
                                       {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::RetrainModel& c) const
    {
        return made("retrain", {{"model", jsonText(c.model)}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::CancelRetrain& c) const
    {
        return made("retrain-cancel", {{"model", jsonText(c.model)}});
    }
    Json operator()(const console::SetModelStage& c) const
    {
        return made("model-stage", {{"version", jsonText(c.version)},
                                    {"stage", jsonText(governance::name(c.to))},
                                    {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::SignOffModel& c) const
    {
        return made("model-sign-off", {{"version", jsonText(c.version)},
                                       {"detector", jsonText(learning::name(c.detector))},
                                       {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::ImportModel& c) const
    {
        return made("model-import", {{"base64", QLatin1String(QByteArray::fromStdString(c.bytes).toBase64())},
                                     {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::AcknowledgeAlert& c) const
    {
        return made("alert-acknowledge", {{"alert", static_cast<qint64>(c.alert)}});
    }
    Json operator()(const console::SnoozeAlert& c) const
    {
        return made("alert-snooze", {{"alert", static_cast<qint64>(c.alert)}, {"hours", c.hours}});
    }
    Json operator()(const console::RunJob& c) const { return made("job-run", {{"name", jsonText(c.name)}}); }
    Json operator()(const console::CancelJob& c) const { return made("job-cancel", {{"name", jsonText(c.name)}}); }
    Json operator()(const console::RemoveJob& c) const
    {
        return made("job-remove", {{"name", jsonText(c.name)}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::SetJobPaused& c) const
    {
        return made("job-pause", {{"name", jsonText(c.name)}, {"paused", c.paused}, {"reason", jsonText(c.reason)}});
    }
    Json operator()(const console::AddJob& c) const
    {
        auto out = made("job-add", {{"name", jsonText(c.name)},
                                    {"shell", jsonText(c.command)},
                                    {"times", jsonText(c.times)},
                                    {"reason", jsonText(c.reason)}});
        if (c.most) {
            out.insert(QStringLiteral("most_ms"), static_cast<qint64>(c.most->count()));
        }
        return out;
    }
    Json operator()(const auto&) const { return std::nullopt; }
};

} // namespace

Result<Command> commandOf(const QJsonObject& json)
{
    const auto name = nameOf(json.value(QLatin1String("command")).toString());
    const auto* found = std::ranges::find(kinds, name, &Kind::name);
    if (found == kinds.end()) {
        return base::fail(ErrorCode::Unsupported, "command", "there is none of this name");
    }
    return found->read(json);
}

std::optional<QJsonObject> jsonOf(const Command& command)
{
    return std::visit(Writer{}, command);
}

} // namespace qd::engines
