// The REST client against the loopback exchange, and against servers that misbehave. Over real sockets on 127.0.0.1.
#include "exchange/blofin_rest.h"
#include "exchange/blofin_stream.h"
#include "exchange/csv_trades.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_exchange.h"
#include "market/candle_builder.h"
#include "testkit/feed_recorder.h"

#include <QtCore/QTemporaryDir>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QtTest>

#include <fstream>

using namespace qd;
using namespace qd::exchange;
using base::ErrorCode;
using market::Timeframe;

namespace {

constexpr int patience = 30'000;

RestOptions restAt(std::uint16_t port)
{
    RestOptions options;
    options.base = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(port));
    options.timeout = base::Millis{5'000};
    return options;
}

// Waits for the one answer of an asynchronous call.
template <typename T, typename Call>
base::Result<T> answerOf(Call&& call)
{
    std::optional<base::Result<T>> answer;
    call([&](base::Result<T> result) { answer = std::move(result); });
    const bool came = QTest::qWaitFor([&] { return answer.has_value(); }, patience);
    return came ? std::move(*answer) : base::Result<T>(base::fail(ErrorCode::Internal, "test", "no callback"));
}

// Says the same bytes to whoever connects; nothing when empty.
class FixedServer : public QObject {
public:
    explicit FixedServer(QByteArray answer)
    {
        server_.listen(QHostAddress::LocalHost);
        connect(&server_, &QTcpServer::newConnection, this, [this, answer = std::move(answer)] {
            auto* const socket = server_.nextPendingConnection();
            ++connections;
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket, answer] {
                request += socket->readAll();
                if (!answer.isEmpty()) {
                    socket->write(answer);
                    socket->disconnectFromHost();
                }
            });
        });
    }
    [[nodiscard]] std::uint16_t port() const { return server_.serverPort(); }
    int connections = 0;
    QByteArray request;

private:
    QTcpServer server_;
};

QByteArray http(const char* status, const QByteArray& body)
{
    return "HTTP/1.1 " + QByteArray(status) + "\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

} // namespace

class RestTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // What deletes itself later does so now: no event loop runs after the last test.
    void cleanup() { QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); }
    void theMarketOfAnHourIsServed();
    void candlesEqualThoseBuiltFromTheTradesAndArePaged();
    void unknownInstrumentsAndPathsAreRefused();
    void restHasAPortOfItsOwnWhenAsked();
    void faultsBecomeErrors_data();
    void faultsBecomeErrors();
    void aBanIsNotAnsweredWithMoreRequests();
    void requestsOverTheLimitWait();
    void aUserAgentIsSentAndSilenceTimesOut();
    void callbacksDoNotComeAfterTheClientIsGone();
};

void RestTest::theMarketOfAnHourIsServed()
{
    const auto instruments = defaultInstruments(3);
    LoopbackExchange exchange({.instruments = instruments, .history = base::Millis{3'600'000}});
    QVERIFY(exchange.listen());
    QCOMPARE(exchange.restPort(), exchange.wsPort());
    BlofinRest rest(restAt(exchange.restPort()));

    auto listed = answerOf<std::vector<market::Instrument>>([&](auto done) { rest.instruments(done); });
    QVERIFY(listed);
    QCOMPARE(listed->size(), 3U);
    for (std::size_t i = 0; i < listed->size(); ++i) {
        (*listed)[i].id = instruments[i].id;
        QCOMPARE((*listed)[i], instruments[i]);
    }
    testkit::FeedRecorder recorder;
    StreamOptions options;
    options.url = QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(exchange.wsPort()));
    BlofinStream stream(options);
    const auto now = base::SystemClock().now();
    stream.start(instruments, recorder);
    QTRY_VERIFY_WITH_TIMEOUT(!recorder.ticks[1].empty() && recorder.ticks[1].back().time >= now, patience);

    const auto trades = answerOf<std::vector<market::Tick>>([&](auto done) { rest.trades(instruments[0], done); });
    QVERIFY(trades);
    QCOMPARE(trades->size(), 100U);
    const auto& pushed = recorder.ticks[1];
    QTRY_VERIFY_WITH_TIMEOUT(pushed.back().id >= trades->back().id, patience);
    const auto at = std::find(pushed.begin(), pushed.end(), trades->front());
    QVERIFY(at != pushed.end());
    QVERIFY(std::equal(trades->begin(), trades->end(), at));

    const auto tickers = answerOf<std::vector<RestTicker>>([&](auto done) { rest.tickers(done); });
    QVERIFY(tickers);
    QCOMPARE(tickers->size(), 3U);
    for (const auto& ticker : *tickers) {
        QVERIFY(ticker.last > 0 && ticker.open24h > 0 && ticker.volumeCoins24h > 0);
    }
}

void RestTest::candlesEqualThoseBuiltFromTheTradesAndArePaged()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("t.csv")).toStdString();
    std::ofstream out(path);
    for (int i = 0; i < 20'000; ++i) {
        out << 1'700'000'000'000 + i * 450LL << ',' << 3'000 + i * 7 % 211 << "," << 1 + i % 9 << ',' << "buy\n";
    }
    out.close();
    const auto eth = defaultInstruments()[1];
    LoopbackExchange exchange({.recorded = {{path, eth}}, .speed = 0});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    testkit::FeedRecorder recorder;
    StreamOptions options;
    options.url = QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(exchange.wsPort()));
    BlofinStream stream(options);
    stream.start({eth}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 20'000, patience);

    BlofinRest rest(restAt(exchange.restPort()));
    for (const auto timeframe : market::allTimeframes) {
        market::CandleBuilder builder(timeframe);
        std::vector<market::Candle> wanted;
        for (const auto& tick : recorder.ticks[eth.id.value]) {
            builder.add(tick, wanted);
        }
        wanted.push_back(*builder.forming());
        std::vector<RestCandle> got;
        std::optional<base::UtcMs> after;
        for (;;) { // backwards, page by page, as a back-fill does
            const auto page =
                answerOf<std::vector<RestCandle>>([&](auto done) { rest.candles(eth, timeframe, after, 40, done); });
            QVERIFY(page);
            if (page->empty()) {
                break;
            }
            QVERIFY(page->size() <= 40);
            got.insert(got.begin(), page->begin(), page->end());
            after = page->front().candle.start;
        }
        QCOMPARE(got.size(), wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            wanted[i].trades = 0; // REST does not tell
            wanted[i].buyVolume = 0;
            wanted[i].hasGap = false;
            QVERIFY(got[i].candle == wanted[i]);
            QCOMPARE(got[i].isClosed, i + 1 < got.size());
        }
    }
}

void RestTest::unknownInstrumentsAndPathsAreRefused()
{
    LoopbackExchange exchange({});
    QVERIFY(exchange.listen());
    BlofinRest rest(restAt(exchange.restPort()));
    market::Instrument unknown;
    unknown.name = "GONE-USDT";
    const auto trades = answerOf<std::vector<market::Tick>>([&](auto done) { rest.trades(unknown, done); });
    QVERIFY(!trades);
    QCOMPARE(trades.error().code, ErrorCode::NotFound);
    auto options = restAt(exchange.restPort());
    QNetworkAccessManager raw;
    options.base.setPath(QStringLiteral("/elsewhere"));
    const std::unique_ptr<QNetworkReply> reply(raw.get(QNetworkRequest(options.base)));
    QTRY_VERIFY_WITH_TIMEOUT(reply->isFinished(), patience);
    QCOMPARE(reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), 401);
}

void RestTest::restHasAPortOfItsOwnWhenAsked()
{
    LoopbackExchange exchange({.restPort = 0});
    QVERIFY(exchange.listen());
    QVERIFY(exchange.restPort() != exchange.wsPort());
    BlofinRest rest(restAt(exchange.restPort()));
    const auto listed = answerOf<std::vector<market::Instrument>>([&](auto done) { rest.instruments(done); });
    QVERIFY(listed);
    QCOMPARE(listed->size(), 20U);
}

void RestTest::faultsBecomeErrors_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<int>("code");
    const auto row = [](const char* name, const QByteArray& answer, ErrorCode code) {
        QTest::newRow(name) << answer << static_cast<int>(code);
    };
    row("firewall page", http("403 Forbidden", "<html>Just a moment...</html>"), ErrorCode::Refused);
    row("too many requests", http("429 Too Many Requests", "Too Many Requests"), ErrorCode::Refused);
    row("unrouted", http("401 Unauthorized", "{}"), ErrorCode::Refused);
    row("numeric code", http("200 OK", R"({"code":500,"data":{},"msg":"Internal Server Error"})"), ErrorCode::Refused);
    row("html with 200", http("200 OK", "<html></html>"), ErrorCode::Malformed);
    row("empty body", http("200 OK", ""), ErrorCode::Malformed);
    row("cut body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":\"0\"", ErrorCode::Network);
    row("no HTTP", "nonsense\r\n\r\n", ErrorCode::Network);
}

void RestTest::faultsBecomeErrors()
{
    QFETCH(QByteArray, answer);
    QFETCH(int, code);
    const FixedServer server(answer);
    BlofinRest rest(restAt(server.port()));
    const auto tickers = answerOf<std::vector<RestTicker>>([&](auto done) { rest.tickers(done); });
    QVERIFY(!tickers);
    QCOMPARE(static_cast<int>(tickers.error().code), code);
}

void RestTest::aBanIsNotAnsweredWithMoreRequests()
{
    const FixedServer server(http("429 Too Many Requests", "Too Many Requests"));
    BlofinRest rest(restAt(server.port()));
    for (int i = 0; i < 5; ++i) {
        const auto tickers = answerOf<std::vector<RestTicker>>([&](auto done) { rest.tickers(done); });
        QVERIFY(!tickers);
        QCOMPARE(tickers.error().code, ErrorCode::Refused);
    }
    QCOMPARE(server.connections, 1);
}

void RestTest::requestsOverTheLimitWait()
{
    LoopbackExchange exchange({});
    QVERIFY(exchange.listen());
    auto options = restAt(exchange.restPort());
    options.perMinute = 3;
    BlofinRest rest(options);
    int answers = 0;
    for (int i = 0; i < 5; ++i) {
        rest.instruments([&](const auto& listed) { answers += listed ? 1 : 0; });
    }
    QTRY_COMPARE_WITH_TIMEOUT(answers, 3, patience);
    QCOMPARE(exchange.figures().requests, 3); // the others wait for the minute to pass
}

void RestTest::aUserAgentIsSentAndSilenceTimesOut()
{
    const FixedServer server({});
    auto options = restAt(server.port());
    options.timeout = base::Millis{100};
    BlofinRest rest(options);
    const auto tickers = answerOf<std::vector<RestTicker>>([&](auto done) { rest.tickers(done); });
    QVERIFY(!tickers);
    QCOMPARE(tickers.error().code, ErrorCode::Timeout);
    QVERIFY(server.request.contains("User-Agent: Quarterdeck"));
}

void RestTest::callbacksDoNotComeAfterTheClientIsGone()
{
    LoopbackExchange exchange({});
    QVERIFY(exchange.listen());
    int answers = 0;
    {
        BlofinRest rest(restAt(exchange.restPort()));
        rest.instruments([&](const auto&) { ++answers; });
    }
    BlofinRest other(restAt(exchange.restPort()));
    QVERIFY((answerOf<std::vector<market::Instrument>>([&](auto done) { other.instruments(done); })));
    QCOMPARE(answers, 0);
}

QTEST_GUILESS_MAIN(RestTest)
#include "rest_test.moc"
