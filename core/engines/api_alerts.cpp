// The API's answer about alerts: what is open, what was, and whether the channels deliver. Never an address or a
// secret.
#include "engines/api_json.h"

namespace qd::engines {

namespace {

QJsonObject alertJson(const health::Alert& alert, base::UtcMs now)
{
    JsonFields out;
    out.add("id", alert.id).add("state", health::name(health::stateOf(alert, now))).add("cause", alert.cause);
    out.add("rule", alert.rule).add("title", alert.title).add("detail", alert.detail);
    out.add("busiest", alert.suspects).add("told_when", health::name(alert.telling)).add("opened", alert.opened);
    out.add("told", alert.told).add("acknowledged", alert.acknowledged);
    out.add("told_by", alert.toldBy.empty() ? std::nullopt : std::optional(alert.toldBy));
    out.add("snoozed_until", alert.snoozedUntil).add("ended", alert.cleared);
    return out.take();
}

QJsonArray alertsJson(const std::vector<health::Alert>& alerts, base::UtcMs now)
{
    QJsonArray out;
    for (const auto& alert : alerts) {
        out.append(alertJson(alert, now));
    }
    return out;
}

} // namespace

ApiAnswer apiAlerts(const ApiContext& context, const ApiQuestion&)
{
    const auto health = context.console.health().get();
    const auto view = health ? health->alerts : nullptr;
    if (!view) {
        return apiError(503, "starting", "The alerts have not been read yet. Ask again in a moment.");
    }
    QJsonArray channels;
    for (const auto& row : view->channels) {
        JsonFields channel;
        channel.add("name", row.name).add("is_on", row.isOn).add("tried", row.tried).add("succeeded", row.succeeded);
        channel.add("detail", row.detail).add("proven", row.proven);
        channels.append(channel.take());
    }
    JsonFields out;
    out.add("is_quiet", view->isQuiet).add("open", alertsJson(view->open, context.now));
    out.add("past", alertsJson(view->past, context.now)).add("channels", channels);
    return jsonAnswer(out.take());
}

} // namespace qd::engines
