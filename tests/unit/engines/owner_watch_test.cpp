// Watching a console that is another's: what its API answers arrives, an API that goes silent is told within 5 s and
// why, one that comes back elsewhere is followed, and another program in its place is never shown. Real sockets; the
// owner is the test.
#include "engines/api_client.h"
#include "engines/command_json.h"
#include "engines/owner_socket.h"
#include "engines/owner_watch.h"
#include "testkit/api_rig.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

using namespace qd;
using namespace qd::engines;
using console::WatchTrouble;
using testkit::ApiRig;
using namespace std::chrono_literals;

namespace {

/// Who owns a database: a local socket, and an API that can come and go.
class Owned {
public:
    Owned()
    {
        socket = *OwnerSocket::open(database(), [this](const QJsonObject&, const std::stop_token&) {
            return isCrowded
                       ? QJsonObject{{QStringLiteral("error"),
                                      jsonOf(base::Error{base::ErrorCode::Busy, "request", "too many ask at once"})}}
                       : who();
        });
    }
    [[nodiscard]] std::filesystem::path database() const
    {
        return folder_.filePath(QStringLiteral("x.db")).toStdString();
    }
    void startApi()
    {
        rig = std::make_unique<ApiRig>();
        console::PaperSnapshot paper;
        paper.strategies.push_back({.name = "breakout"});
        rig->console.paperBox.put(std::move(paper));
        rig->start();
        port = rig->port();
    }
    /// As it is started, or as its socket says.
    [[nodiscard]] Owner owner() const { return *OwnerLine(database()).owner(); }

    std::atomic<std::int64_t> process{::getpid()};
    std::atomic<std::uint16_t> port{0};
    std::atomic<bool> hasApi{true};
    std::atomic<bool> saysSo{false};    // by a field of its own; else by its engines, as an older version
    std::atomic<bool> isCrowded{false}; // its socket answers with an error
    std::unique_ptr<ApiRig> rig;
    std::unique_ptr<OwnerSocket> socket; // the last: it asks the above

private:
    [[nodiscard]] QJsonObject who() const
    {
        QJsonArray engines{QJsonObject{{QStringLiteral("name"), QStringLiteral("Ingest")}}};
        if (hasApi && !saysSo) {
            engines.append(QJsonObject{{QStringLiteral("name"), QStringLiteral("HTTP API")}});
        }
        return {{QStringLiteral("has_api"), saysSo ? QJsonValue(hasApi.load()) : QJsonValue(QJsonValue::Undefined)},
                {QStringLiteral("process"), static_cast<qint64>(process)},
                {QStringLiteral("is_headless"), true},
                {QStringLiteral("api_port"), port.load()},
                {QStringLiteral("api_words"), QStringLiteral("cannot listen: held by nginx (pid 7)")},
                {QStringLiteral("engines"), engines}};
    }
    QTemporaryDir folder_;
};

WatchTrouble troubleOf(const OwnerWatch& watch)
{
    return watch.seen().get()->trouble;
}

bool holds(const console::WatchedPage& page, const char* word)
{
    return page.status == 200 && page.body && page.body->find(word) != std::string::npos;
}

} // namespace

class OwnerWatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWantedArrivesAndStaysFresh();
    void aSilentApiIsToldWithinFiveSecondsAndWhy();
    void whoComesBackElsewhereIsFollowed();
    void anotherProgramInItsPlaceIsNotShown();
    void whetherItHasAnApiIsAskedOfItsOwnField();
    void anErrorOfItsSocketIsASignOfLife();
    void anApiThatSaysNothingCostsOnePatience();
    void anOwnerThatHangsKeepsNobodyWaiting();
    void signalsAndShortReadsLoseNothingOfAnAnswer();
    void theClientTakesWholeAnswersOnly_data();
    void theClientTakesWholeAnswersOnly();
};

void OwnerWatchTest::whatIsWantedArrivesAndStaysFresh()
{
    Owned owned;
    owned.startApi();
    OwnerWatch watch(OwnerLine(owned.database()), owned.owner());
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->status, "\"engines\""), 20'000);
    QCOMPARE(watch.seen().get()->address, "http://127.0.0.1:" + std::to_string(owned.port));
    QVERIFY(watch.seen().get()->isHeadless);
    watch.want("/api/v1/strategies");
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->page, "breakout"), 20'000);
    const auto before = watch.seen().get()->page;
    QTRY_VERIFY_WITH_TIMEOUT(watch.seen().get()->page.at > before.at, 20'000); // asked again, and it is still so:
    QCOMPARE(watch.seen().get()->page.body, before.body);                      // not sent, and no work for the window
    console::PaperSnapshot paper;
    paper.strategies.push_back({.name = "momentum"});
    owned.rig->console.paperBox.put(std::move(paper));
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->page, "momentum"), 20'000);
    watch.want("/api/v1/trades?cursor=odd"); // what the API has against a question is an answer, and no trouble
    QTRY_COMPARE_WITH_TIMEOUT(watch.seen().get()->page.status, 400, 20'000);
    QVERIFY(watch.seen().get()->page.body->find("cursor") != std::string::npos);
    QCOMPARE(troubleOf(watch), WatchTrouble::None);
    QVERIFY(owned.rig->sent().empty());
}

void OwnerWatchTest::aSilentApiIsToldWithinFiveSecondsAndWhy()
{
    Owned owned;
    owned.startApi();
    OwnerWatch watch(OwnerLine(owned.database()), owned.owner());
    QTRY_VERIFY_WITH_TIMEOUT(watch.seen().get()->status.status == 200, 20'000);
    owned.rig->api.reset(); // nobody listens; the owner still says the port
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::ApiSilent, 5'000);
    owned.port = 0;
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::NotListening, 5'000);
    QVERIFY(watch.seen().get()->detail.find("nginx") != std::string::npos && watch.seen().get()->address.empty());
    owned.hasApi = false;
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::ApiOff, 5'000);
    owned.socket->stop();
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::NobodyOwns, 5'000);
    QVERIFY(holds(watch.seen().get()->status, "\"engines\"")); // what was seen last stays
}

void OwnerWatchTest::whoComesBackElsewhereIsFollowed()
{
    Owned owned;
    owned.startApi();
    OwnerWatch watch(OwnerLine(owned.database()), owned.owner());
    watch.want("/api/v1/strategies");
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->page, "breakout"), 20'000);
    const auto before = owned.port.load();
    auto first = std::move(owned.rig); // keeps its port, or the next would get the same
    owned.startApi();
    QVERIFY(owned.port != before);
    first.reset();
    QTRY_COMPARE_WITH_TIMEOUT(watch.seen().get()->address, "http://127.0.0.1:" + std::to_string(owned.port), 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::None, 20'000);
    console::PaperSnapshot paper;
    paper.strategies.push_back({.name = "reversal"});
    owned.rig->console.paperBox.put(std::move(paper));
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->page, "reversal"), 20'000);
}

// Another console may have taken the port of one that ended: its answers are of other data.
void OwnerWatchTest::anotherProgramInItsPlaceIsNotShown()
{
    Owned owned;
    owned.process = 1; // the API that answers is this process
    owned.startApi();
    OwnerWatch watch(OwnerLine(owned.database()), owned.owner());
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::ApiSilent, 20'000);
    QVERIFY(!watch.seen().get()->status.body && watch.seen().get()->process == 1);
    QTRY_COMPARE_WITH_TIMEOUT(watch.seen().get()->detail,
                              "another program answers at http://127.0.0.1:" + std::to_string(owned.port), 20'000);
    owned.process = ::getpid();
    QTRY_VERIFY_WITH_TIMEOUT(holds(watch.seen().get()->status, "\"engines\""), 20'000);
}

void OwnerWatchTest::whetherItHasAnApiIsAskedOfItsOwnField()
{
    Owned owned;
    QVERIFY(owned.owner().hasApi); // by its engines: an older version
    owned.hasApi = false;
    QVERIFY(!owned.owner().hasApi);
    owned.saysSo = true;
    QVERIFY(!owned.owner().hasApi);
    owned.hasApi = true;
    QVERIFY(owned.owner().hasApi);
}

void OwnerWatchTest::anErrorOfItsSocketIsASignOfLife()
{
    Owned owned;
    owned.startApi();
    OwnerWatch watch(OwnerLine(owned.database()), owned.owner());
    QTRY_VERIFY_WITH_TIMEOUT(watch.seen().get()->status.status == 200, 20'000);
    owned.isCrowded = true;
    owned.rig->api.reset();
    QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::ApiSilent, 20'000);
    QTRY_VERIFY_WITH_TIMEOUT(watch.seen().get()->detail.find("onnection refused") != std::string::npos, 20'000);
    QTest::qWait(1'500); // and it stays so
    QCOMPARE(troubleOf(watch), WatchTrouble::ApiSilent);
}

void OwnerWatchTest::anApiThatSaysNothingCostsOnePatience()
{
    const auto listener = listenAt("127.0.0.1", 0); // takes connections, and says nothing
    QVERIFY(listener);
    QElapsedTimer timer;
    timer.start();
    const auto reply = askApi(doorOf(*listener), "/api/v1/status", {}, 300ms);
    QVERIFY(!reply);
    QCOMPARE(reply.error().code, base::ErrorCode::Timeout);
    QVERIFY2(timer.elapsed() >= 290 && timer.elapsed() < 5'000, qPrintable(QString::number(timer.elapsed())));
}

void OwnerWatchTest::anOwnerThatHangsKeepsNobodyWaiting()
{
    const auto listener = listenAt("127.0.0.1", 0); // takes connections, and says nothing
    QVERIFY(listener);
    const QTemporaryDir folder;
    const auto database = folder.filePath(QStringLiteral("x.db")).toStdString();
    const auto hangs = [](const QJsonObject&, const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(5ms);
        }
        return QJsonObject();
    };
    const auto socket = OwnerSocket::open(database, hangs);
    QVERIFY(socket);
    QElapsedTimer timer;
    {
        OwnerWatch watch(OwnerLine(database),
                         {.process = 7, .apiPort = doorOf(*listener).port, .hasApi = true, .apiWords = {}});
        QTRY_COMPARE_WITH_TIMEOUT(troubleOf(watch), WatchTrouble::OwnerSilent, 20'000);
        watch.want("/api/v1/jobs");
        QTest::qWait(200); // it is in the middle of its next question
        timer.start();
    }
    QVERIFY2(timer.elapsed() < 2'000, qPrintable(QString::number(timer.elapsed())));
}

void OwnerWatchTest::signalsAndShortReadsLoseNothingOfAnAnswer()
{
    static std::atomic<int> interruptions{0};
    struct sigaction counts{};
    counts.sa_handler = [](int) { ++interruptions; }; // no SA_RESTART: what waits is told EINTR
    struct sigaction before{};
    QCOMPARE(::sigaction(SIGUSR1, &counts, &before), 0);
    const auto listener = listenAt("127.0.0.1", 0);
    QVERIFY(listener);
    const std::string body(60, 'x');
    const auto said = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    auto reply = base::Result<ApiReply>(ApiReply());
    {
        const base::WorkerThread server(
            "server",
            [&, reader = ::pthread_self()](const std::stop_token& stop) {
                while (!stop.stop_requested() && readable({listener->handle()}, 50ms).empty()) {
                }
                HttpBytes bytes(acceptOn(*listener), 60s, 1 << 20);
                char one = 0;
                std::string asked;
                while (!asked.ends_with("\r\n\r\n") && bytes.read(&one, 1) == 1) {
                    asked += one;
                }
                for (const char c : said) {
                    std::this_thread::sleep_for(1ms); // by then the reader waits
                    ::pthread_kill(reader, SIGUSR1);
                    std::this_thread::sleep_for(1ms);
                    bytes.write({&c, 1});
                    bytes.flush();
                }
            },
            [](const std::string&) {});
        reply = askApi(doorOf(*listener), "/api/v1/status", {}, 60s);
    }
    ::sigaction(SIGUSR1, &before, nullptr);
    QVERIFY2(reply, reply ? "" : reply.error().detail.c_str());
    QVERIFY(reply->body == body);
    QVERIFY(interruptions > 0);
}

void OwnerWatchTest::theClientTakesWholeAnswersOnly_data()
{
    QTest::addColumn<QByteArray>("said");
    QTest::addColumn<int>("status"); // 0: refused
    const auto row = [](const char* name, const char* said, int status) {
        QTest::newRow(name) << QByteArray(said) << status;
    };
    row("whole", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nETag: \"a\"\r\n\r\n{}", 200);
    row("not changed", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", 304);
    row("an error", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503);
    row("cut off", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", 0);
    row("too long", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", 0);
    row("without a length", "HTTP/1.1 200 OK\r\n\r\n{}", 0);
    row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 0);
    row("no status", "HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n", 0);
    row("nothing", "", 0);
}

void OwnerWatchTest::theClientTakesWholeAnswersOnly()
{
    QFETCH(QByteArray, said);
    QFETCH(int, status);
    const auto listener = listenAt("127.0.0.1", 0);
    QVERIFY(listener);
    const base::WorkerThread server(
        "server",
        [&](const std::stop_token& stop) {
            while (!stop.stop_requested() && readable({listener->handle()}, 50ms).empty()) {
            }
            HttpBytes bytes(acceptOn(*listener), 5s, 1 << 20);
            char one = 0;
            std::string asked;
            while (!asked.ends_with("\r\n\r\n") && bytes.read(&one, 1) == 1) {
                asked += one;
            }
            bytes.write(said.toStdString());
            bytes.flush();
        },
        [](const std::string&) {});
    const auto reply = askApi(doorOf(*listener), "/api/v1/status", "\"a\"", 10s);
    QCOMPARE(reply ? reply->status : 0, status);
    QVERIFY(!reply || reply->etag == (status == 503 ? "" : "\"a\""));
}

QTEST_GUILESS_MAIN(OwnerWatchTest)
#include "owner_watch_test.moc"
