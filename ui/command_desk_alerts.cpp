// What the operator does about alerts.
#include "ui/command_desk.h"

namespace qd::ui {

void CommandDesk::acknowledgeAlert(std::int64_t id, const QString& title)
{
    if (isAlertPending(id)) {
        return;
    }
    Request request;
    request.what = tr("Acknowledged: %1").arg(title);
    request.alert = id;
    send(console::AcknowledgeAlert{id}, std::move(request));
}

void CommandDesk::snoozeAlert(std::int64_t id, const QString& title, double hours)
{
    if (isAlertPending(id)) {
        return;
    }
    Request request;
    request.what = tr("Silent for %1 h: %2").arg(hours).arg(title);
    request.alert = id;
    send(console::SnoozeAlert{id, hours}, std::move(request));
}

void CommandDesk::testAlerts(const QString& channel, const QString& name)
{
    Request request;
    request.what = tr("The test of %1 arrived").arg(name);
    send(console::TestAlerts{channel.toStdString()}, std::move(request));
}

bool CommandDesk::isAlertPending(std::int64_t id) const
{
    return any([&](const Request& request) { return request.alert == id; });
}

} // namespace qd::ui
