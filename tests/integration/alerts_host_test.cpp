// Alerts of a console that runs, and of the program's command line: a feed that nobody answers becomes one alert, told
// to a real server, acknowledged, and the same after a restart.
#include "engines/engine_host.h"
#include "engines/secret_file.h"
#include "engines/web_notifiers.h"
#include "storage/alert_store.h"
#include "storage/policy_store.h"
#include "testkit/answered.h"
#include "testkit/program.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

namespace {

using namespace qd;
using base::ErrorCode;
using testkit::Ended;

constexpr int patience = 120'000;
constexpr const char* feed = "ws://127.0.0.1:1"; // nobody is there

template <typename T>
T good(base::Result<T> result)
{
    if (!result) {
        qFatal("%s", base::sentence(result.error()).c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

/// Takes every request, and keeps it.
class Server : public QObject {
public:
    Server()
    {
        if (!server_.listen(QHostAddress::LocalHost)) {
            qFatal("no port");
        }
        connect(&server_, &QTcpServer::newConnection, this, [this] {
            auto* socket = server_.nextPendingConnection();
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                auto& got = buffers_[socket];
                got += socket->readAll();
                const auto head = got.indexOf("\r\n\r\n");
                const auto at = got.toLower().indexOf("content-length:");
                const auto length = got.mid(at + 15, got.indexOf('\r', at) - at - 15).trimmed().toInt();
                if (head >= 0 && got.size() >= head + 4 + length) {
                    bodies << got.mid(head + 4);
                    signatures << got.contains("X-Quarterdeck-Signature: sha256=");
                    got.clear();
                    socket->write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
            });
        });
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.serverPort()) + "/"; }
    [[nodiscard]] int count(const char* kind) const
    {
        return static_cast<int>(std::ranges::count_if(bodies, [&](const QByteArray& body) {
            return QJsonDocument::fromJson(body).object()[QStringLiteral("kind")].toString() ==
                   QString::fromLatin1(kind);
        }));
    }
    QList<QByteArray> bodies;
    QList<bool> signatures;

private:
    QTcpServer server_;
    std::map<QTcpSocket*, QByteArray> buffers_;
};

class House {
public:
    explicit House(const Server& server)
    {
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
        good(database.begin());
        storage::PolicyStore policy(database);
        good(policy.set("feed.dead_s", 1));
        good(policy.set("alerts.desktop", 0));
        good(policy.setText("alerts.webhook_url", server.url()));
        good(database.commit(true));
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(dir_.path().toStdString(), feed); }
    void start()
    {
        host_ = good(engines::EngineHost::start(
            {.dataDir = dir_.path().toStdString(), .feed = feed, .restUrl = "http://127.0.0.1:1", .version = "test"}));
    }
    void stop()
    {
        host_->stop();
        host_.reset();
    }
    [[nodiscard]] std::shared_ptr<const console::AlertsView> view() const
    {
        const auto health = host_->health().get();
        return health ? health->alerts : nullptr;
    }
    [[nodiscard]] const health::Alert* open(std::string_view cause)
    {
        held_ = view();
        if (!held_) {
            return nullptr;
        }
        const auto found = std::ranges::find(held_->open, cause, &health::Alert::cause);
        return found == held_->open.end() ? nullptr : &*found;
    }
    std::optional<base::Error> send(console::Command command)
    {
        return testkit::answered(*host_, std::move(command), patience);
    }
    /// The program beside it, or alone. The event loop goes on, because a server here may be asked.
    Ended run(const char* words) const
    {
        QProcess program;
        program.start(QStringLiteral(QD_PROGRAM), testkit::wordsOf(words)
                                                      << QStringLiteral("--data-dir") << dir_.path());
        if (!QTest::qWaitFor([&] { return program.state() == QProcess::NotRunning; }, patience)) {
            return {.error = program.errorString()};
        }
        return testkit::endOf(program);
    }

private:
    QTemporaryDir dir_;
    std::unique_ptr<engines::EngineHost> host_;
    std::shared_ptr<const console::AlertsView> held_;
};

} // namespace

class AlertsHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDeadFeedIsOneAlertThroughItsWholeLife()
    {
        const Server server;
        House house(server);
        house.start();
        QTRY_VERIFY_WITH_TIMEOUT(house.open("feed") != nullptr, patience);
        const auto id = house.open("feed")->id;
        QCOMPARE(house.open("feed")->title, std::string("The feed is dead"));
        const auto isListed = [&] { // while a console looks, what it sees is said as it is
            return house.run("alerts").out.contains(QStringLiteral("firing        The feed is dead"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(isListed(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(server.count("opened"), 1, patience);
        QVERIFY(server.signatures.at(0));
        QTRY_COMPARE_WITH_TIMEOUT(house.open("feed")->toldBy, std::string("webhook"), patience);

        QVERIFY(!house.send(console::AcknowledgeAlert{id}));
        QTRY_VERIFY_WITH_TIMEOUT(house.open("feed")->acknowledged.has_value(), patience);
        QCOMPARE(house.send(console::AcknowledgeAlert{id + 99})->code, ErrorCode::NotFound);
        QVERIFY(!house.send(console::TestAlerts{"webhook"}));
        QCOMPARE(server.count("test"), 1);

        // beside it: looking works, and so does changing, through the console
        const auto listed = house.run("alerts --json");
        QCOMPARE(listed.code, 0);
        const auto rows = listed.json()[QStringLiteral("alerts")].toArray();
        const auto row = std::ranges::find_if(rows, [](const QJsonValue& one) {
            return one.toObject()[QStringLiteral("cause")].toString() == QLatin1String("feed");
        });
        QVERIFY(row != rows.end());
        QCOMPARE((*row).toObject()[QStringLiteral("state")].toString(), QStringLiteral("acknowledged"));
        const auto again = house.run(("alerts ack " + std::to_string(id)).c_str());
        QVERIFY2(again.code == 0, qPrintable(again.error));
        QCOMPARE(house.run(("alerts ack " + std::to_string(id + 99)).c_str()).code, 1); // there is none of that number
        Ended health;
        const auto isKept = [&] {
            health = house.run("health --json");
            return health.json()[QStringLiteral("source")].toString() == QLatin1String("the running console");
        };
        QTRY_VERIFY_WITH_TIMEOUT(isKept(), patience);
        QCOMPARE(health.json()[QStringLiteral("parts")].toArray().size(), 8);
        const auto age = health.json()[QStringLiteral("age_s")];
        QVERIFY(age.isDouble() && age.toDouble() >= 0 && age.toDouble() < 120);
        const auto said = house.run("health").out;
        QVERIFY2(said.contains(QStringLiteral("(the running console; ")) &&
                     said.contains(QStringLiteral(" s old, of ")),
                 qPrintable(said));

        house.stop();
        house.start(); // the same alert, not told again
        QTRY_VERIFY_WITH_TIMEOUT(house.open("feed") != nullptr && !house.open("feed")->hasNoData, patience);
        QCOMPARE(house.open("feed")->id, id);
        QVERIFY(house.open("feed")->acknowledged);
        QCOMPARE(server.count("opened"), 1);
        house.stop();
    }

    void theProgramAloneAcknowledgesSnoozesAndTests()
    {
        const Server server;
        const House house(server);
        {
            auto database = good(storage::Database::open(house.file(), storage::Database::Mode::ReadWrite));
            good(database.begin());
            good(storage::AlertStore(database).write(std::vector{health::Alert{.id = 12,
                                                                               .cause = "feed",
                                                                               .rule = "feed.dead",
                                                                               .title = "The feed is dead",
                                                                               .detail = "no tick comes",
                                                                               .telling = health::Telling::AtOnce,
                                                                               .opened = base::SystemClock().now()}}));
            good(database.commit(true));
        }
        // No console looks: what was open when the last one died is not known to be so still.
        QVERIFY(house.run("alerts").out.contains(QStringLiteral("no data       The feed is dead: no tick comes")));
        const auto unseen = house.run("alerts --json").json()[QStringLiteral("alerts")].toArray();
        QCOMPARE(unseen.at(0)[QStringLiteral("state")].toString(), QStringLiteral("no data"));
        QCOMPARE(house.run("alerts ack 12").code, 0);
        QVERIFY(house.run("alerts list").out.contains(QStringLiteral("acknowledged")));
        QCOMPARE(house.run("alerts snooze 12 0.5 --json").json()[QStringLiteral("state")].toString(),
                 QStringLiteral("snoozed"));
        QCOMPARE(house.run("alerts ack 13").code, 1);
        for (const auto* wrong : {"alerts ack", "alerts ack x", "alerts snooze 12", "alerts snooze 12 0",
                                  "alerts snooze 12 721", "alerts test pigeon", "alerts nosuch", "health now"}) {
            QCOMPARE(house.run(wrong).code, 2);
        }
        const auto nowhere = house.run("alerts test heartbeat"); // what has no address says what to set
        QCOMPARE(nowhere.code, 1);
        QVERIFY2(nowhere.error.contains(QStringLiteral("quarterdeck policy set alerts.heartbeat_url")),
                 qPrintable(nowhere.error));
        const auto csv = house.run("export alerts");
        QCOMPARE(csv.code, 0);
        const auto lines = csv.out.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[0].startsWith(QStringLiteral("alert,cause,rule,told_when,title,")));
        QVERIFY2(lines[1].startsWith(QStringLiteral("12,feed,feed.dead,at once,The feed is dead,no tick comes,,")),
                 qPrintable(lines[1]));
        QCOMPARE(lines[0].count(QLatin1Char(',')), lines[1].count(QLatin1Char(',')));
        QCOMPARE(house.run("export alerts --to 2000-01-01").out.count(QLatin1Char('\n')), 1); // its head alone
        const auto tested = house.run("alerts test webhook");
        QCOMPARE(tested.code, 0);
        QCOMPARE(tested.out, QStringLiteral("webhook: arrived\n"));
        QCOMPARE(server.count("test"), 1);
        const auto body = server.bodies.last().toStdString();
        QVERIFY(!body.empty());
        const auto health = house.run("health --json");
        QCOMPARE(health.code, 0);
        QVERIFY(health.json()[QStringLiteral("source")].toString().startsWith(QLatin1String("this machine alone")));
        QCOMPARE(health.json()[QStringLiteral("label")].toString(), QStringLiteral("UNKNOWN")); // of 13 parts 5 at most
        QVERIFY(house.run("health").out.contains(QStringLiteral("not known, not counted")));
    }

    void whatADeadConsoleLeftIsToldWithItsAge()
    {
        const Server server;
        const House house(server);
        const auto kept = base::SystemClock().now() - base::Millis{40'000}; // fresh, if only its console ran
        {
            auto database = good(storage::Database::open(house.file(), storage::Database::Mode::ReadWrite));
            good(database.begin());
            good(storage::AlertStore(database).write(
                storage::HealthNow{.time = kept, .json = R"({"score":91,"label":"EXCELLENT","parts":[]})"}));
            good(database.commit(true));
        }
        const auto health = house.run("health --json").json();
        QVERIFY(health[QStringLiteral("source")].toString().contains(QLatin1String("no console runs")));
        QCOMPARE(health[QStringLiteral("age_s")].toDouble(), 0.0); // of this machine, of this moment
        const auto last = health[QStringLiteral("last_console")].toObject();
        QVERIFY(last[QStringLiteral("age_s")].toDouble() >= 40);
        QCOMPARE(last[QStringLiteral("measured")].toString().toStdString(), base::isoText(kept));
        const auto said = house.run("health").out;
        QVERIFY2(said.contains(QStringLiteral("no console runs")), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("The last console's figures are ")) &&
                     said.contains(QString::fromStdString(base::isoText(kept) + ": 91 EXCELLENT.")),
                 qPrintable(said));
    }
};

QTEST_GUILESS_MAIN(AlertsHostTest)
#include "alerts_host_test.moc"
