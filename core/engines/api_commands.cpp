// What the API lets change: a POST's body becomes the command that a click in the window is, and is journalled like
// one.
#include "engines/api_json.h"
#include "engines/command_json.h"

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

constexpr const char* withoutReason = "through the API";
Result<std::string> reasonOf(const QJsonObject& body)
{
    auto text = textOf(body, "reason");
    return text && text->empty() ? Result<std::string>(withoutReason) : text;
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

/// A body that is a command's own JSON but for its name, and for the reason where none is given.
ApiAnswer sentBody(const ApiContext& context, const ApiQuestion& question, const char* name, bool hasReason)
{
    constexpr auto reason = "reason";
    auto body = question.body;
    if (body.contains(QLatin1String("command"))) {
        return apiError({ErrorCode::Malformed, "command", "the path says what it is"});
    }
    body.insert(QStringLiteral("command"), QLatin1String(name));
    const auto given = body.value(QLatin1String(reason));
    const bool isGiven = !given.isUndefined() && !given.isNull() && given != QJsonValue(QString(QLatin1String("")));
    if (hasReason && !isGiven) {
        body.insert(QLatin1String(reason), QLatin1String(withoutReason));
    }
    auto command = commandOf(body);
    return command ? sent(context, std::move(*command)) : apiError(command.error());
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
    return sentBody(context, question, "retrain", true);
}

ApiAnswer apiReview(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "review", false);
}

ApiAnswer apiNote(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "note", false);
}

ApiAnswer apiUndo(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "undo", true);
}

} // namespace qd::engines
