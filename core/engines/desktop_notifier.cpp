#include "engines/desktop_notifier.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusReply>
#include <QString>
#include <QStringList>
#include <QVariantMap>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

const QString service = QStringLiteral("org.freedesktop.Notifications");
constexpr int patienceMs = 3'000;

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QDBusMessage callOf(const char* method)
{
    return QDBusMessage::createMethodCall(service, QStringLiteral("/org/freedesktop/Notifications"), service,
                                          QString::fromLatin1(method));
}

Result<QDBusMessage> answered(const QDBusMessage& reply)
{
    if (reply.type() == QDBusMessage::ReplyMessage) {
        return reply;
    }
    const auto error = reply.errorName();
    const bool isAbsent = error.endsWith(QLatin1String(".ServiceUnknown")) ||
                          error.contains(QLatin1String(".Spawn.")) || error.endsWith(QLatin1String(".NameHasNoOwner"));
    return base::fail(isAbsent ? ErrorCode::Unsupported : ErrorCode::Network, "desktop",
                      isAbsent ? "nobody shows notifications in this session" : reply.errorMessage().toStdString());
}

} // namespace

std::string sessionBusAddress()
{
    // getenv: nothing in this process changes the environment.
    if (const auto* given = std::getenv("DBUS_SESSION_BUS_ADDRESS"); given != nullptr && *given != '\0') { // NOLINT
        return given;
    }
    const auto* folder = std::getenv("XDG_RUNTIME_DIR"); // NOLINT
    std::error_code error;
    if (folder != nullptr && std::filesystem::exists(std::filesystem::path(folder) / "bus", error)) {
        return "unix:path=" + std::string(folder) + "/bus";
    }
    return {};
}

DesktopNotifier::DesktopNotifier(std::string busAddress) : address_(std::move(busAddress))
{
    static std::atomic<int> made{0};
    connection_ = "quarterdeck-desktop-" + std::to_string(++made);
}

DesktopNotifier::~DesktopNotifier()
{
    QDBusConnection::disconnectFromBus(text(connection_));
}

Result<void> DesktopNotifier::deliver(const AlertMessage& message, const std::stop_token&)
{
    if (address_.empty()) {
        return base::fail(ErrorCode::Unsupported, "desktop", "there is no desktop session");
    }
    QDBusConnection bus(text(connection_));
    if (!bus.isConnected()) {
        QDBusConnection::disconnectFromBus(text(connection_));
        bus = QDBusConnection::connectToBus(text(address_), text(connection_));
    }
    if (!bus.isConnected()) {
        return base::fail(ErrorCode::Unsupported, "desktop", "the session's bus does not answer");
    }
    if (message.kind == MessageKind::SelfTest) {
        const auto reply = answered(bus.call(callOf("GetServerInformation"), QDBus::Block, patienceMs));
        return reply ? Result<void>{} : std::unexpected(reply.error());
    }
    auto call = callOf("Notify");
    const auto shown = bubbles_.find(message.alert);
    const bool isOpening = message.kind == MessageKind::Opened && message.isGrave;
    call << QStringLiteral("Quarterdeck") << (shown == bubbles_.end() ? 0U : shown->second)
         << QStringLiteral("quarterdeck") << text(message.title) << text(message.text).toHtmlEscaped() << QStringList()
         << QVariantMap{{QStringLiteral("urgency"), QVariant::fromValue(static_cast<uchar>(isOpening ? 2 : 1))},
                        {QStringLiteral("desktop-entry"), QStringLiteral("quarterdeck")}}
         << -1;
    const auto reply = answered(bus.call(call, QDBus::Block, patienceMs));
    if (!reply) {
        return std::unexpected(reply.error());
    }
    const auto arguments = reply->arguments();
    if (message.kind == MessageKind::Opened && !arguments.isEmpty()) {
        bubbles_[message.alert] = arguments.first().toUInt();
    } else {
        bubbles_.erase(message.alert);
    }
    return {};
}

} // namespace qd::engines
