// What the API lets change: a POST's body becomes the command that a click in the window is, and is journalled like
// one.
#include "engines/api_json.h"

#include <algorithm>
#include <initializer_list>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

constexpr const char* withoutReason = "through the API";
constexpr qsizetype textMost = 1'000; // characters

/// The names that a body may have; NotFound for a needed one that is not there.
Result<void> checkNames(const QJsonObject& body, std::initializer_list<const char*> names)
{
    for (const auto& key : body.keys()) {
        if (std::ranges::none_of(names, [&](const char* name) { return key == QLatin1String(name); })) {
            std::string all;
            for (const auto* name : names) {
                all += std::string(all.empty() ? "" : ", ") + name;
            }
            return base::fail(ErrorCode::Malformed, "body",
                              all.empty() ? "it takes an empty object" : "it takes these fields alone: " + all);
        }
    }
    return {};
}

/// Empty where it is not there; Malformed for what is no text, OutOfRange for a long one.
Result<std::string> textOf(const QJsonObject& body, const char* name)
{
    const auto value = body.value(QLatin1String(name));
    if (value.isUndefined() || value.isNull()) {
        return std::string();
    }
    if (!value.isString()) {
        return base::fail(ErrorCode::Malformed, name, "it is a text");
    }
    if (value.toString().size() > textMost) {
        return base::fail(ErrorCode::OutOfRange, name, "at most 1,000 characters");
    }
    return value.toString().toStdString();
}

Result<std::string> reasonOf(const QJsonObject& body)
{
    auto text = textOf(body, "reason");
    return text && text->empty() ? Result<std::string>(withoutReason) : text;
}

Result<std::string> neededText(const QJsonObject& body, const char* name)
{
    auto text = textOf(body, name);
    return text && text->empty() ? base::fail(ErrorCode::Malformed, name, "it is needed") : text;
}

/// 200 once it is committed, its error if it was refused, 202 while it goes on.
ApiAnswer sent(const ApiContext& context, console::Command command)
{
    const auto end = context.send(std::move(command), context.stop);
    if (end.error) {
        return apiError(*end.error);
    }
    return jsonAnswer(JsonFields().add("command", end.id).add("is_done", end.hasEnded).take(),
                      end.hasEnded ? 200 : 202);
}

ApiAnswer switched(const ApiContext& context, const ApiQuestion& question, bool on)
{
    const auto names = checkNames(question.body, {"reason", "instrument"});
    const auto reason = reasonOf(question.body);
    const auto name = textOf(question.body, "instrument");
    if (!names || !reason || !name) {
        return apiError(!names ? names.error() : !reason ? reason.error() : name.error());
    }
    console::SetStrategyEnabled wish{
        .strategy = question.parameters.at("name"), .enabled = on, .reason = *reason, .instrument = {}};
    if (!name->empty()) {
        wish.instrument = instrumentNamed(context.console.ingest().get().get(), *name);
        if (!wish.instrument) {
            return apiError({ErrorCode::NotFound, "instrument", "the feed has none of this name"});
        }
    }
    return sent(context, std::move(wish));
}

ApiAnswer paused(const ApiContext& context, const ApiQuestion& question, const char* value)
{
    const auto names = checkNames(question.body, {"reason"});
    const auto reason = reasonOf(question.body);
    if (!names || !reason) {
        return apiError(names ? reason.error() : names.error());
    }
    return sent(context, console::SetPolicy{.values = {{"trading.paused", value}}, .reason = *reason});
}

} // namespace

ApiAnswer apiEnable(const ApiContext& context, const ApiQuestion& question)
{
    return switched(context, question, true);
}

ApiAnswer apiDisable(const ApiContext& context, const ApiQuestion& question)
{
    return switched(context, question, false);
}

ApiAnswer apiPause(const ApiContext& context, const ApiQuestion& question)
{
    return paused(context, question, "1");
}

ApiAnswer apiResume(const ApiContext& context, const ApiQuestion& question)
{
    return paused(context, question, "0");
}

ApiAnswer apiRetrain(const ApiContext& context, const ApiQuestion& question)
{
    const auto names = checkNames(question.body, {"model", "reason"});
    const auto model = neededText(question.body, "model");
    const auto reason = reasonOf(question.body);
    if (!names || !model || !reason) {
        return apiError(!names ? names.error() : !model ? model.error() : reason.error());
    }
    return sent(context, console::RetrainModel{.model = *model, .reason = *reason});
}

ApiAnswer apiReview(const ApiContext& context, const ApiQuestion& question)
{
    const auto names = checkNames(question.body, {});
    return names ? sent(context, console::ReviewNow{}) : apiError(names.error());
}

ApiAnswer apiNote(const ApiContext& context, const ApiQuestion& question)
{
    const auto names = checkNames(question.body, {"text"});
    const auto text = neededText(question.body, "text");
    if (!names || !text) {
        return apiError(names ? text.error() : names.error());
    }
    return sent(context, console::AddNote{*text});
}

ApiAnswer apiUndo(const ApiContext& context, const ApiQuestion& question)
{
    const auto names = checkNames(question.body, {"decision", "reason"});
    const auto reason = reasonOf(question.body);
    const auto decision = question.body.value(QLatin1String("decision"));
    constexpr double most = 1e15;
    const double number = decision.toDouble(0);
    if (!names || !reason) {
        return apiError(names ? reason.error() : names.error());
    }
    if (!decision.isDouble() || number < 1 || number > most || number != static_cast<double>(decision.toInteger())) {
        return apiError({ErrorCode::Malformed, "decision", "the id of a row of the journal"});
    }
    return sent(context, console::UndoDecision{.decision = decision.toInteger(), .reason = *reason});
}

} // namespace qd::engines
