// What the API lets change: a POST's body becomes the command that a click in the window is, and is journalled like
// one.
#include "engines/api_json.h"
#include "engines/command_json.h"

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

constexpr const char* withoutReason = "through the API"; // of what asks for none on the command line either

/// What wants --reason on the command line wants one here: the journal keeps it.
Result<std::string> reasonOf(const QJsonObject& body)
{
    auto text = textOf(body, "reason");
    const bool isBlank = text && text->find_first_not_of(" \t\r\n") == std::string::npos;
    return isBlank ? base::fail(ErrorCode::Malformed, "reason", "it is needed: the journal keeps it") : text;
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

enum class Reason : std::uint8_t { None, MayBeGiven, Needed };

/// A body that is a command's own JSON but for its name, and for a reason that may be left out.
ApiAnswer sentBody(const ApiContext& context, const ApiQuestion& question, const char* name, Reason wanted)
{
    constexpr auto reason = "reason";
    auto body = question.body;
    if (body.contains(QLatin1String("command"))) {
        return apiError({ErrorCode::Malformed, "command", "the path says what it is"});
    }
    body.insert(QStringLiteral("command"), QLatin1String(name));
    const auto given = body.value(QLatin1String(reason));
    const bool isGiven = !given.isUndefined() && !given.isNull() && given != QJsonValue(QString(QLatin1String("")));
    if (wanted == Reason::Needed) {
        if (const auto text = reasonOf(body); !text) {
            return apiError(text.error());
        }
    } else if (wanted == Reason::MayBeGiven && !isGiven) {
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
    return sentBody(context, question, "retrain", Reason::MayBeGiven);
}

ApiAnswer apiReview(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "review", Reason::None);
}

ApiAnswer apiNote(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "note", Reason::None);
}

ApiAnswer apiUndo(const ApiContext& context, const ApiQuestion& question)
{
    return sentBody(context, question, "undo", Reason::Needed);
}

} // namespace qd::engines
