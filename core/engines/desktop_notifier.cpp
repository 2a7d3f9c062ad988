#include "engines/desktop_notifier.h"

#include <QCoreApplication>
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
#include <mutex>
#include <optional>

namespace qd::engines {

/// Hears of clicks, on the application's thread, and knows whose bubble it was.
class BubbleClicks final : public QObject {
    Q_OBJECT
public:
    explicit BubbleClicks(DesktopNotifier::Clicked clicked) : clicked_(std::move(clicked)) {}
    void remember(std::uint32_t bubble, std::int64_t alert) // any thread
    {
        constexpr std::size_t most = 200;
        const std::scoped_lock lock(mutex_);
        alerts_[bubble] = alert;
        if (alerts_.size() > most) {
            alerts_.erase(alerts_.begin());
        }
    }
    void forgetAll() // any thread: of a desktop that is no more
    {
        const std::scoped_lock lock(mutex_);
        alerts_.clear();
    }

public Q_SLOTS:
    // All who listen hear of all bubbles of the session.
    void heard(uint bubble, const QString& action)
    {
        std::optional<std::int64_t> alert;
        {
            const std::scoped_lock lock(mutex_);
            if (const auto found = alerts_.find(bubble); found != alerts_.end()) {
                alert = found->second;
            }
        }
        if (alert && action == QLatin1String("default")) {
            clicked_(*alert);
        }
    }

private:
    const DesktopNotifier::Clicked clicked_;
    std::mutex mutex_;
    std::map<std::uint32_t, std::int64_t> alerts_; // by bubble; guarded by mutex_
};

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

DesktopNotifier::DesktopNotifier(std::string busAddress, Clicked clicked) : address_(std::move(busAddress))
{
    if (clicked && QCoreApplication::instance() != nullptr) {
        clicks_ = new BubbleClicks(std::move(clicked));
        clicks_->moveToThread(QCoreApplication::instance()->thread());
    }
    static std::atomic<int> made{0};
    connection_ = "quarterdeck-desktop-" + std::to_string(++made);
}

DesktopNotifier::~DesktopNotifier()
{
    QDBusConnection::disconnectFromBus(text(connection_));
    if (clicks_ != nullptr) {
        clicks_->deleteLater(); // on its own thread, where it may be hearing just now
    }
}

// Where the desktop cannot, words of an action would be shown as a dialog by some.
bool DesktopNotifier::listens() const
{
    if (clicks_ == nullptr) {
        return false;
    }
    const QDBusConnection bus(text(connection_));
    const auto reply = answered(bus.call(callOf("GetCapabilities"), QDBus::Block, patienceMs));
    return reply && reply->arguments().value(0).toStringList().contains(QStringLiteral("actions"));
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
        if (clicks_ != nullptr) {
            clicks_->forgetAll();
            bus.connect(service, QStringLiteral("/org/freedesktop/Notifications"), service,
                        QStringLiteral("ActionInvoked"), clicks_, SLOT(heard(uint, QString)));
        }
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
         << QStringLiteral("quarterdeck") << text(message.title) << text(message.text).toHtmlEscaped()
         << (listens() ? QStringList{QStringLiteral("default"), QStringLiteral("Open")} : QStringList())
         << QVariantMap{{QStringLiteral("urgency"), QVariant::fromValue(static_cast<uchar>(isOpening ? 2 : 1))},
                        {QStringLiteral("desktop-entry"), QStringLiteral("quarterdeck")}}
         << -1;
    const auto reply = answered(bus.call(call, QDBus::Block, patienceMs));
    if (!reply) {
        return std::unexpected(reply.error());
    }
    const auto arguments = reply->arguments();
    if (clicks_ != nullptr && !arguments.isEmpty()) {
        clicks_->remember(arguments.first().toUInt(), message.alert);
    }
    if (message.kind == MessageKind::Opened && !arguments.isEmpty()) {
        bubbles_[message.alert] = arguments.first().toUInt();
    } else {
        bubbles_.erase(message.alert);
    }
    return {};
}

} // namespace qd::engines

#include "desktop_notifier.moc"
