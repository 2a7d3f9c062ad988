// Messages on their way: a real server on the loopback that takes, refuses, fails, hangs and recovers.
#include "base/sha256.h"
#include "engines/alert_courier.h"
#include "engines/web_notifiers.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <deque>

using namespace qd::engines;
using qd::base::ErrorCode;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 60'000; // of a slow machine

/// Answers each request as told: a status, 0 to hang, -1 to cut the line.
class Server : public QObject {
public:
    Server()
    {
        if (!server_.listen(QHostAddress::LocalHost)) {
            qFatal("no port");
        }
        connect(&server_, &QTcpServer::newConnection, this, [this] {
            auto* socket = server_.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(*socket); });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        });
    }
    [[nodiscard]] std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(server_.serverPort()) + "/hook?room=1";
    }
    std::deque<int> answers; // the last one stays
    QList<QByteArray> requests;

private:
    void read(QTcpSocket& socket)
    {
        auto& got = buffers_[&socket];
        got += socket.readAll();
        const auto head = got.indexOf("\r\n\r\n");
        if (head < 0) {
            return;
        }
        const auto at = got.toLower().indexOf("content-length:");
        const auto length = at < 0 ? 0 : got.mid(at + 15, got.indexOf('\r', at) - at - 15).trimmed().toInt();
        if (got.size() < head + 4 + length) {
            return;
        }
        requests << std::exchange(got, {});
        const auto answer = answers.empty() ? 200 : answers.front();
        if (answers.size() > 1) {
            answers.pop_front();
        }
        if (answer < 0) {
            socket.abort();
        } else if (answer > 0) {
            socket.write("HTTP/1.1 " + QByteArray::number(answer) +
                         " X\r\nContent-Length: 0\r\nLocation: /away\r\n\r\n");
        }
    }
    QTcpServer server_;
    std::map<QTcpSocket*, QByteArray> buffers_;
};

AlertMessage news(const Server& server, std::int64_t alert = 7)
{
    return {.kind = MessageKind::Opened,
            .channel = "webhook",
            .alert = alert,
            .cause = "feed",
            .title = "The feed is \"dead\" · Ω",
            .text = "no tick comes",
            .time = {1'750'507'200'000},
            .isGrave = true,
            .url = server.url(),
            .secret = "hush"};
}

AlertCourier::Notifiers web(std::chrono::milliseconds patienceOf = 10s)
{
    AlertCourier::Notifiers out;
    out.push_back(std::make_unique<WebNotifier>(WebNotifier::What::Webhook, patienceOf));
    out.push_back(std::make_unique<WebNotifier>(WebNotifier::What::Heartbeat, patienceOf));
    return out;
}

AlertCourier::Pace fast(std::size_t tries = 3)
{
    return {.tries = std::vector<std::chrono::milliseconds>(tries, 10ms), .most = 5};
}

/// Takes its time until it is let go.
class SlowNotifier final : public Notifier {
public:
    explicit SlowNotifier(std::atomic<bool>& open) : open_(open) {}
    [[nodiscard]] std::string_view channel() const override { return "webhook"; }
    [[nodiscard]] qd::base::Result<void> deliver(const AlertMessage&, const std::stop_token& stop) override
    {
        while (!open_ && !stop.stop_requested()) {
            std::this_thread::sleep_for(1ms);
        }
        return {};
    }

private:
    std::atomic<bool>& open_;
};

} // namespace

class AlertCourierTest : public QObject {
    Q_OBJECT

    /// Waits until so many deliveries came.
    static std::vector<Delivery> await(AlertCourier& courier, std::size_t count)
    {
        std::vector<Delivery> out;
        const auto take = [&] {
            auto more = courier.takeDeliveries();
            std::ranges::move(more, std::back_inserter(out));
            return out.size() >= count;
        };
        [&] { QTRY_VERIFY_WITH_TIMEOUT(take(), patience); }();
        return out;
    }

private Q_SLOTS:
    void theWebhookGetsSignedJson()
    {
        Server server;
        AlertCourier courier([] { return web(); }, fast());
        courier.post(news(server));
        const auto done = await(courier, 1);
        QVERIFY(!done.at(0).error);
        QCOMPARE(server.requests.size(), 1);
        const auto request = server.requests[0];
        QVERIFY(request.startsWith("POST /hook?room=1 HTTP/1.1\r\n"));
        const auto body = request.mid(request.indexOf("\r\n\r\n") + 4);
        QVERIFY(request.toLower().contains("content-type: application/json\r\n"));
        const auto signature = QByteArray::fromStdString(webhookSignature("hush", body.toStdString()));
        QVERIFY(request.contains("X-Quarterdeck-Signature: " + signature + "\r\n"));
        QVERIFY(!request.contains("hush")); // the secret itself never leaves
        const auto json = QJsonDocument::fromJson(body).object();
        QCOMPARE(json[QStringLiteral("kind")].toString(), QStringLiteral("opened"));
        QCOMPARE(json[QStringLiteral("alert")].toInt(), 7);
        QCOMPARE(json[QStringLiteral("title")].toString(), QStringLiteral("The feed is \"dead\" · Ω"));
        QCOMPARE(json[QStringLiteral("time")].toString(), QStringLiteral("2025-06-21T12:00:00.000Z"));
    }

    void theSignatureIsTheOneOfRfc4231()
    {
        QCOMPARE(webhookSignature("Jefe", "what do ya want for nothing?"),
                 std::string("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    }

    void aServerThatFailsAndRecoversGetsItLaterAndOnce()
    {
        Server server;
        server.answers = {503, 429, -1, 204};
        AlertCourier courier([] { return web(); }, fast());
        courier.post(news(server));
        const auto done = await(courier, 1);
        QVERIFY2(!done.at(0).error, done.at(0).error ? done.at(0).error->detail.c_str() : "");
        QCOMPARE(server.requests.size(), 4);
        QTest::qWait(100);
        QCOMPARE(server.requests.size(), 4);
    }

    void aServerThatNeverRecoversIsGivenUpAfterTheLastTry()
    {
        Server server;
        server.answers = {500};
        AlertCourier courier([] { return web(); }, fast(2));
        courier.post(news(server));
        const auto done = await(courier, 1);
        QVERIFY(done.at(0).error.has_value());
        QCOMPARE(done[0].error->code, ErrorCode::Network);
        QCOMPARE(server.requests.size(), 3);
    }

    void whatTheServerRefusesIsNotTriedAgain_data()
    {
        QTest::addColumn<int>("status");
        for (const auto status : {301, 400, 401, 404, 410}) {
            QTest::addRow("%d", status) << status;
        }
    }
    void whatTheServerRefusesIsNotTriedAgain()
    {
        QFETCH(const int, status);
        Server server;
        server.answers = {status};
        AlertCourier courier([] { return web(); }, fast());
        courier.post(news(server));
        const auto done = await(courier, 1);
        QCOMPARE(done.at(0).error->code, ErrorCode::Refused);
        QVERIFY(done[0].error->detail.find(std::to_string(status)) != std::string::npos);
        QCOMPARE(server.requests.size(), 1); // a redirect is not followed either
    }

    void aServerThatHangsIsCutOffAndTriedAgain()
    {
        Server server;
        server.answers = {0, 200};
        AlertCourier courier([] { return web(300ms); }, fast());
        courier.post(news(server));
        const auto done = await(courier, 1);
        QVERIFY(!done.at(0).error);
        QCOMPARE(server.requests.size(), 2);
    }

    void aTestIsTriedOnceSoThatItsAnswerIsTheTruthOfNow()
    {
        Server server;
        server.answers = {0};
        AlertCourier courier([] { return web(300ms); }, fast());
        auto test = news(server);
        test.kind = MessageKind::Test;
        test.command = 5;
        courier.post(test);
        const auto done = await(courier, 1);
        QCOMPARE(done.at(0).error->code, ErrorCode::Timeout);
        QCOMPARE(done[0].message.command, std::uint64_t{5});
        QCOMPARE(server.requests.size(), 1);
    }

    void theEndOfAnAlertNeverOvertakesItsBeginningWhileOthersGoOn()
    {
        Server server;
        server.answers = {503, 200};
        AlertCourier courier([] { return web(); }, {.tries = {1'500ms, 1'500ms}, .most = 10});
        courier.post(news(server, 1));
        QTRY_COMPARE_WITH_TIMEOUT(server.requests.size(), 1, patience);
        auto end = news(server, 1);
        end.kind = MessageKind::Ended;
        courier.post(end);
        courier.post(news(server, 2));
        const auto done = await(courier, 3);
        QCOMPARE(done.size(), std::size_t{3});
        QCOMPARE(done[0].message.alert, std::int64_t{2});
        QCOMPARE(done[1].message.kind, MessageKind::Opened);
        QCOMPARE(done[2].message.kind, MessageKind::Ended);
    }

    void closingDoesNotWaitForAServerThatHangs()
    {
        Server server;
        server.answers = {0};
        AlertCourier courier([] { return web(10min); }, fast());
        courier.post(news(server));
        QTRY_COMPARE_WITH_TIMEOUT(server.requests.size(), 1, patience);
        courier.stop(); // would take ten minutes
        const auto left = courier.takeDeliveries();
        QCOMPARE(left.size(), std::size_t{1});
        QCOMPARE(left[0].error->code, ErrorCode::Cancelled);
    }

    void theQueueIsBoundedAndSaysWhatItDropped()
    {
        std::atomic<bool> open{false};
        AlertCourier courier(
            [&open] {
                AlertCourier::Notifiers out;
                out.push_back(std::make_unique<SlowNotifier>(open));
                return out;
            },
            fast());
        const Server server;
        for (std::int64_t id = 1; id <= 20; ++id) {
            courier.post(news(server, id));
        }
        const auto dropped = await(courier, 14);
        QVERIFY(dropped.size() == 14 || dropped.size() == 15); // one may be under way
        for (const auto& one : dropped) {
            QCOMPARE(one.error->code, ErrorCode::Busy);
        }
        open = true;
        const auto rest = await(courier, 20 - dropped.size());
        QCOMPARE(rest.back().message.alert, std::int64_t{20}); // the newest is the most news
    }

    void theHeartbeatIsACallOfItsAddress()
    {
        Server server;
        AlertCourier courier([] { return web(); }, fast());
        courier.post({.kind = MessageKind::Heartbeat, .channel = "heartbeat", .url = server.url()});
        QVERIFY(!await(courier, 1).at(0).error);
        QVERIFY(server.requests.at(0).startsWith("GET /hook?room=1 HTTP/1.1\r\n"));
    }

    // An address may be a secret in itself, and what is said goes into alerts and the API.
    void whyAServerIsNotReachedIsSaidWithoutItsAddress_data()
    {
        QTest::addColumn<QString>("scheme");
        QTest::addColumn<bool>("listens");
        QTest::addColumn<QString>("why");
        QTest::newRow("nobody there") << QStringLiteral("http") << false
                                      << QStringLiteral("nobody listens at its address");
        QTest::newRow("cut off") << QStringLiteral("http") << true
                                 << QStringLiteral("it ended the connection without an answer");
        QTest::newRow("another protocol")
            << QStringLiteral("ftp") << true << QStringLiteral("its address is not one of http or https");
    }
    void whyAServerIsNotReachedIsSaidWithoutItsAddress()
    {
        QFETCH(const QString, scheme);
        QFETCH(const bool, listens);
        QFETCH(const QString, why);
        auto server = std::make_unique<Server>();
        server->answers = {-1};
        const auto url = server->url();
        auto message = news(*server);
        message.url = scheme.toStdString() + url.substr(url.find("://"));
        if (!listens) {
            server.reset();
        }
        AlertCourier courier([] { return web(); }, fast(1));
        courier.post(message);
        const auto done = await(courier, 1);
        QVERIFY(done.at(0).error.has_value());
        QCOMPARE(done[0].error->code, ErrorCode::Network);
        QCOMPARE(done[0].error->subject, std::string("webhook"));
        QCOMPARE(QString::fromStdString(done[0].error->detail), why);
    }

    void aNonsenseAddressOrChannelIsSaid()
    {
        AlertCourier courier([] { return web(); }, fast());
        courier.post({.kind = MessageKind::Opened, .channel = "webhook", .alert = 1, .url = "http://"});
        courier.post({.kind = MessageKind::Opened, .channel = "pigeon", .alert = 2});
        const auto done = await(courier, 2);
        QCOMPARE(done.at(0).error->code, ErrorCode::Refused);
        QCOMPARE(done.at(1).error->code, ErrorCode::Unsupported);
    }
};

QTEST_GUILESS_MAIN(AlertCourierTest)
#include "alert_courier_test.moc"
