#include "engines/systemd_units.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <atomic>
#include <optional>

namespace qd::engines {

namespace {

constexpr int patienceMs = 1'000;

struct Unit {
    std::string name;
    QString load;
    QString active;
};

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// a(ssssssouso): name, words, load state, active state, sub state, followed, path, job id, job type, job path.
std::optional<std::vector<Unit>> unitsOf(const QDBusMessage& reply)
{
    const auto arguments = reply.arguments();
    if (reply.type() != QDBusMessage::ReplyMessage || arguments.isEmpty() ||
        reply.signature() != QLatin1String("a(ssssssouso)")) {
        return std::nullopt;
    }
    const auto list = arguments.first().value<QDBusArgument>();
    std::vector<Unit> out;
    list.beginArray();
    while (!list.atEnd()) {
        QString name;
        QString words;
        QString load;
        QString active;
        QString sub;
        QString followed;
        QDBusObjectPath path;
        uint job = 0;
        QString jobType;
        QDBusObjectPath jobPath;
        list.beginStructure();
        list >> name >> words >> load >> active >> sub >> followed >> path >> job >> jobType >> jobPath;
        list.endStructure();
        out.push_back({name.toStdString(), load, active});
    }
    list.endArray();
    return out;
}

/// The units that the probe counts: a watched one that has failed is among the failed.
std::string unitsNote(const UnitFigures& units)
{
    auto names = units.failed;
    for (const auto& name : units.watchedFailed) {
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(name);
        }
    }
    if (names.empty()) {
        return "none of this machine's units has failed";
    }
    std::string list;
    for (const auto& name : names) {
        list.append(list.empty() ? "" : ", ").append(name);
    }
    return (names.size() == units.failed.size() ? "failed: " : "failed, stopped or unknown: ") + list;
}

} // namespace

SystemdUnits::SystemdUnits(std::string busAddress) : address_(std::move(busAddress))
{
    static std::atomic<int> made{0};
    connection_ = "quarterdeck-systemd-" + std::to_string(++made);
}

SystemdUnits::~SystemdUnits()
{
    QDBusConnection::disconnectFromBus(text(connection_));
}

Measured<UnitFigures> SystemdUnits::measure(std::string_view watched)
{
    QDBusConnection bus(text(connection_));
    if (!bus.isConnected()) {
        QDBusConnection::disconnectFromBus(text(connection_));
        bus = QDBusConnection::connectToBus(text(address_), text(connection_));
    }
    if (!bus.isConnected()) {
        return {{}, "not available here: the system's bus does not answer"};
    }
    const auto ask = [&](const char* method, const QStringList& names) {
        const auto manager = QStringLiteral("org.freedesktop.systemd1");
        auto call = QDBusMessage::createMethodCall(manager, QStringLiteral("/org/freedesktop/systemd1"),
                                                   manager + QStringLiteral(".Manager"), QString::fromLatin1(method));
        call.setAutoStartService(false);
        call << names;
        return unitsOf(bus.call(call, QDBus::Block, patienceMs));
    };
    const auto failed = ask("ListUnitsFiltered", {QStringLiteral("failed")});
    if (!failed) {
        return {{}, "not available here: no systemd answers"};
    }
    UnitFigures out;
    for (const auto& unit : *failed) {
        out.failed.push_back(unit.name);
    }
    QStringList names;
    const auto given = text(watched).split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const auto& name : given) {
        if (!name.trimmed().isEmpty()) {
            names << name.trimmed();
        }
    }
    out.watched = static_cast<std::size_t>(names.size());
    if (!names.isEmpty()) {
        const auto seen = ask("ListUnitsByNames", names);
        if (!seen) {
            return {{}, "not available here: systemd does not tell of the watched units"};
        }
        for (const auto& unit : *seen) {
            // A timer that does not wait will never run.
            const bool isStopped = unit.name.ends_with(".timer") && unit.active != QLatin1String("active");
            if (unit.active == QLatin1String("failed") || unit.load == QLatin1String("not-found") || isStopped) {
                out.watchedFailed.push_back(unit.name);
            }
        }
    }
    auto note = unitsNote(out);
    return {std::move(out), std::move(note)};
}

} // namespace qd::engines
