// Desktop and systemd over a real bus of the test's own, with services on it that answer as the real ones do.
#include "engines/desktop_notifier.h"
#include "engines/systemd_units.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusError>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusVirtualObject>
#include <QEventLoop>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>

using namespace qd::engines;
using qd::base::ErrorCode;

/// As systemd lists a unit: a(ssssssouso).
struct UnitRow {
    QString name;
    QString load;
    QString active;
};
Q_DECLARE_METATYPE(UnitRow)
Q_DECLARE_METATYPE(QList<UnitRow>)

QDBusArgument& operator<<(QDBusArgument& to, const UnitRow& row)
{
    to.beginStructure();
    to << row.name << QStringLiteral("words") << row.load << row.active << QStringLiteral("sub") << QString()
       << QDBusObjectPath(QStringLiteral("/unit")) << 0U << QString() << QDBusObjectPath(QStringLiteral("/"));
    to.endStructure();
    return to;
}
const QDBusArgument& operator>>(const QDBusArgument& from, UnitRow& row)
{
    row = {};
    return from;
}

namespace {

constexpr int patience = 60'000;

/// A bus that only this test knows.
class Bus {
public:
    Bus()
    {
        process_.start(QStringLiteral("dbus-daemon"),
                       {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address"),
                        QStringLiteral("--address=unix:path=%1/bus").arg(folder_.path())});
        if (process_.waitForStarted(patience) && process_.waitForReadyRead(patience)) {
            address_ = process_.readLine().trimmed().toStdString();
        }
    }
    ~Bus()
    {
        process_.terminate();
        process_.waitForFinished(patience);
    }
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;
    [[nodiscard]] const std::string& address() const { return address_; }

private:
    QTemporaryDir folder_;
    QProcess process_;
    std::string address_;
};

/// What was asked, and the answer to it; called on the thread of the service.
class Service : public QDBusVirtualObject {
public:
    using Answer = std::function<QDBusMessage(const QDBusMessage&)>;
    explicit Service(Answer answer) : answer_(std::move(answer)) {}
    [[nodiscard]] QString introspect(const QString&) const override { return {}; }
    bool handleMessage(const QDBusMessage& message, const QDBusConnection& connection) override
    {
        return connection.send(answer_(message));
    }

private:
    Answer answer_;
};

/// A service on that bus, with a thread of its own, since those who ask wait.
class Provider {
public:
    Provider(const Bus& bus, const QString& name, Service::Answer answer)
    {
        std::promise<bool> ready;
        auto isReady = ready.get_future();
        thread_.reset(QThread::create([this, &bus, name, &ready, answer = std::move(answer)] {
            {
                Service service(answer);
                auto connection = QDBusConnection::connectToBus(QString::fromStdString(bus.address()), name);
                const bool isUp =
                    connection.registerVirtualObject(QStringLiteral("/"), &service, QDBusConnection::SubPath) &&
                    connection.registerService(name);
                ready.set_value(isUp);
                QEventLoop loop;
                loop_ = &loop;
                loop.exec();
                connection.unregisterService(name);
                connection.unregisterObject(QStringLiteral("/"));
            }
            QDBusConnection::disconnectFromBus(name);
        }));
        thread_->start();
        if (!isReady.get()) {
            qFatal("the service cannot be registered");
        }
    }
    ~Provider()
    {
        while (loop_ == nullptr) {
            QThread::yieldCurrentThread();
        }
        QMetaObject::invokeMethod(loop_.load(), &QEventLoop::quit, Qt::QueuedConnection);
        thread_->wait();
    }
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

private:
    std::unique_ptr<QThread> thread_;
    std::atomic<QEventLoop*> loop_{nullptr};
};

AlertMessage news(MessageKind kind = MessageKind::Opened, std::int64_t alert = 3)
{
    return {.kind = kind,
            .channel = "desktop",
            .alert = alert,
            .title = "Hot",
            .text = "96 °C < boiling & rising",
            .isGrave = true};
}

} // namespace

class AlertBusTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qDBusRegisterMetaType<UnitRow>();
        qDBusRegisterMetaType<QList<UnitRow>>();
    }

    void anAlertBecomesABubbleAndItsEndTakesItsPlace()
    {
        const Bus bus;
        QVERIFY(!bus.address().empty());
        std::mutex mutex;
        QList<QVariantList> asked;
        const Provider desktop(bus, QStringLiteral("org.freedesktop.Notifications"), [&](const QDBusMessage& message) {
            const std::scoped_lock lock(mutex);
            if (message.member() == QLatin1String("GetServerInformation")) {
                return message.createReply(QVariantList{QStringLiteral("fake"), QStringLiteral("us"),
                                                        QStringLiteral("1"), QStringLiteral("1.2")});
            }
            asked << message.arguments();
            return message.createReply(QVariant(41U + static_cast<unsigned>(asked.size())));
        });
        DesktopNotifier notifier(bus.address());
        QVERIFY(notifier.deliver(news(MessageKind::SelfTest), {}));
        QVERIFY(asked.isEmpty()); // the test of the day shows nothing
        QVERIFY(notifier.deliver(news(), {}));
        QVERIFY(notifier.deliver(news(MessageKind::Opened, 4), {}));
        QVERIFY(notifier.deliver(news(MessageKind::Ended), {}));
        const std::scoped_lock lock(mutex);
        QCOMPARE(asked.size(), 3);
        QCOMPARE(asked[0][0].toString(), QStringLiteral("Quarterdeck"));
        QCOMPARE(asked[0][1].toUInt(), 0U);
        QCOMPARE(asked[0][3].toString(), QStringLiteral("Hot"));
        QCOMPARE(asked[0][4].toString(), QStringLiteral("96 °C &lt; boiling &amp; rising")); // it takes markup
        QCOMPARE(qdbus_cast<QVariantMap>(asked[0][6])[QStringLiteral("urgency")].value<uchar>(), uchar{2});
        QCOMPARE(asked[1][1].toUInt(), 0U);  // another alert, another bubble
        QCOMPARE(asked[2][1].toUInt(), 42U); // that of alert 3
        QCOMPARE(qdbus_cast<QVariantMap>(asked[2][6])[QStringLiteral("urgency")].value<uchar>(), uchar{1});
    }

    void aClickOnABubbleSaysWhichAlertItWas()
    {
        const Bus bus;
        std::atomic<bool> canAct{true};
        std::atomic<unsigned> bubbles{40};
        std::mutex mutex;
        QList<QStringList> actions;
        const Provider desktop(bus, QStringLiteral("org.freedesktop.Notifications"), [&](const QDBusMessage& message) {
            if (message.member() == QLatin1String("GetCapabilities")) {
                return message.createReply(canAct ? QStringList{QStringLiteral("body"), QStringLiteral("actions")}
                                                  : QStringList{QStringLiteral("body")});
            }
            const std::scoped_lock lock(mutex);
            actions << message.arguments().value(5).toStringList();
            return message.createReply(QVariant(++bubbles));
        });
        QList<std::int64_t> clicked;
        DesktopNotifier notifier(bus.address(), [&](std::int64_t alert) { clicked << alert; });
        QVERIFY(notifier.deliver(news(MessageKind::Opened, 3), {}));
        QVERIFY(notifier.deliver(news(MessageKind::Opened, 4), {}));
        canAct = false;
        QVERIFY(notifier.deliver(news(MessageKind::Opened, 5), {}));
        {
            const std::scoped_lock lock(mutex);
            const QStringList open{QStringLiteral("default"), QStringLiteral("Open")};
            QCOMPARE(actions, (QList<QStringList>{open, open, QStringList()}));
        }
        const auto click = [&](unsigned bubble, const char* action) {
            auto signal = QDBusMessage::createSignal(QStringLiteral("/org/freedesktop/Notifications"),
                                                     QStringLiteral("org.freedesktop.Notifications"),
                                                     QStringLiteral("ActionInvoked"));
            signal << bubble << QString::fromLatin1(action);
            // As the desktop's own: who listens asks for the signals of that name's owner.
            QVERIFY(QDBusConnection(QStringLiteral("org.freedesktop.Notifications")).send(signal));
        };
        click(99, "default"); // another program's
        click(42, "other");
        click(42, "default");
        QTRY_COMPARE_WITH_TIMEOUT(clicked, QList<std::int64_t>{4}, patience);
    }

    void withoutADesktopOrABusItIsNotAvailable()
    {
        QCOMPARE(DesktopNotifier("").deliver(news(), {}).error().code, ErrorCode::Unsupported);
        QCOMPARE(DesktopNotifier("unix:path=/nonexistent/bus").deliver(news(), {}).error().code,
                 ErrorCode::Unsupported);
        const Bus bus; // nobody on it
        DesktopNotifier notifier(bus.address());
        const auto done = notifier.deliver(news(), {});
        QCOMPARE(done.error().code, ErrorCode::Unsupported);
        QCOMPARE(done.error().detail, std::string("nobody shows notifications in this session"));
    }

    void systemdTellsWhatFailedAndHowTheWatchedUnitsDo()
    {
        const Bus bus;
        QList<UnitRow> failed{{QStringLiteral("a.service"), QStringLiteral("loaded"), QStringLiteral("failed")}};
        const Provider systemd(bus, QStringLiteral("org.freedesktop.systemd1"), [&](const QDBusMessage& message) {
            if (message.member() == QLatin1String("ListUnitsFiltered")) {
                return message.createReply(QVariant::fromValue(failed));
            }
            const auto names = message.arguments().value(0).toStringList();
            QList<UnitRow> rows;
            for (const auto& name : names) {
                rows << UnitRow{
                    name, name.startsWith(QLatin1Char('n')) ? QStringLiteral("not-found") : QStringLiteral("loaded"),
                    name.startsWith(QLatin1Char('f'))   ? QStringLiteral("failed")
                    : name.startsWith(QLatin1Char('g')) ? QStringLiteral("active")
                                                        : QStringLiteral("inactive")};
            }
            return message.createReply(QVariant::fromValue(rows));
        });
        SystemdUnits units(bus.address());
        const auto seen = units.measure(" good.timer, failing.service ,nowhere.service,stopped.timer,idle.service,");
        QVERIFY2(seen.value.has_value(), seen.note.c_str());
        QCOMPARE(seen.value->failed, std::vector<std::string>{"a.service"});
        QCOMPARE(seen.value->watched, std::size_t{5});
        QCOMPARE(seen.value->watchedFailed,
                 (std::vector<std::string>{"failing.service", "nowhere.service", "stopped.timer"}));
        QCOMPARE(seen.note, std::string("failed, stopped or unknown: a.service, failing.service, nowhere.service, "
                                        "stopped.timer"));
        QCOMPARE(units.measure("good.timer").note, std::string("failed: a.service"));
        failed[0].name = QStringLiteral("failing.service"); // a watched one that has failed is named once
        QCOMPARE(units.measure("failing.service").note, std::string("failed: failing.service"));
        failed.clear();
        QCOMPARE(units.measure("stopped.timer").note, std::string("failed, stopped or unknown: stopped.timer"));
        const auto well = units.measure("");
        QVERIFY(well.value && well.value->failed.empty() && well.value->watched == 0);
        QCOMPARE(well.note, std::string("none of this machine's units has failed"));
    }

    void withoutSystemdTheProbeIsNotAvailable()
    {
        QVERIFY(SystemdUnits("unix:path=/nonexistent/bus").measure("").note.starts_with("not available here"));
        const Bus bus; // nobody on it
        const auto none = SystemdUnits(bus.address()).measure("a.service");
        QVERIFY(!none.value);
        QVERIFY(none.note.starts_with("not available here"));
        const Provider odd(bus, QStringLiteral("org.freedesktop.systemd1"), [](const QDBusMessage& message) {
            return message.createReply(QVariant(QStringLiteral("what?"))); // another signature
        });
        QVERIFY(!SystemdUnits(bus.address()).measure("").value);
    }

    void aSystemdThatDoesNotTellOfTheWatchedUnitsIsNotAvailable()
    {
        const Bus bus;
        const Provider older(bus, QStringLiteral("org.freedesktop.systemd1"), [](const QDBusMessage& message) {
            return message.member() == QLatin1String("ListUnitsFiltered")
                       ? message.createReply(QVariant::fromValue(QList<UnitRow>()))
                       : message.createErrorReply(QDBusError::UnknownMethod, QStringLiteral("no such method"));
        });
        SystemdUnits units(bus.address());
        QVERIFY(units.measure("").value);
        const auto none = units.measure("a.service");
        QVERIFY(!none.value);
        QCOMPARE(none.note, std::string("not available here: systemd does not tell of the watched units"));
    }
};

QTEST_GUILESS_MAIN(AlertBusTest)
#include "alert_bus_test.moc"
