// The stream against the loopback exchange over real sockets on 127.0.0.1, and against servers that misbehave. Waits
// spin the event loop; no test sleeps.
#include "exchange/blofin_stream.h"
#include "exchange/csv_trades.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_exchange.h"
#include "market/candle_builder.h"
#include "testkit/feed_recorder.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <QtWebSockets/QWebSocketServer>

#include <fstream>
#include <map>

using namespace qd;
using namespace qd::exchange;
using base::ErrorCode;
using testkit::FeedRecorder;

namespace {

constexpr int patience = 30'000;

StreamOptions quick(std::uint16_t port)
{
    StreamOptions options;
    options.url = QUrl(QStringLiteral("ws://127.0.0.1:%1/ws/public").arg(port));
    options.pingEvery = base::Millis{50};
    options.pongWithin = base::Millis{1'000};
    options.answerWithin = base::Millis{3'000};
    options.firstBackoff = base::Millis{20};
    options.mostBackoff = base::Millis{100};
    options.jitterSeed = 1;
    return options;
}

} // namespace

class LoopbackTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aHundredThousandRecordedTradesArriveCompleteAndInOrder();
    void theSimulatedMarketCatchesUpWithTheClockAndGoesOn();
    void oneBadInstrumentDoesNotTakeTheOthers();
    void manyInstrumentsAreSubscribedInSeveralRequests();
    void aDroppedConnectionComesBackAndSubscribesAgain();
    void anOverlongRequestIsRefusedWithItsEcho();
    void textPingIsAnsweredAndSilenceOfPongReconnects();
    void garbageIsCountedAndTheStreamLivesOn();
    void afterStopTheListenerIsNotCalled();
    void candlesArePushedFormingAndClosed();
    void unsubscribingEndsThePushes();
    void aTakenPortIsBusy();
    void aBadFileFailsAtListenOrWhereItTurnsBad();
    void recordedTimesMayBeStampedNow();
    void recordedLtcThroughTheSocketEqualsTheFile();

private:
    std::string tradesFile(int count, std::int64_t firstMs = 1'700'000'000'000)
    {
        const auto path = folder_.filePath(QStringLiteral("t%1.csv").arg(++files_)).toStdString();
        std::ofstream out(path);
        out << "ts_ms,price,size,side\n";
        for (int i = 0; i < count; ++i) {
            out << firstMs + i / 3 * 40 << ',' << 3000 + i % 211 << '.' << i % 100 << ",0." << 1 + i % 9 << ','
                << (i % 5 < 3 ? "buy" : "sell") << '\n';
        }
        return path;
    }
    QTemporaryDir folder_;
    int files_ = 0;
};

void LoopbackTest::aHundredThousandRecordedTradesArriveCompleteAndInOrder()
{
    const auto eth = defaultInstruments()[1];
    const auto path = tradesFile(100'000);
    LoopbackExchange exchange({.recorded = {{path, eth}}, .speed = 0});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start({eth}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 100'000, patience);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);

    std::vector<market::Tick> wanted;
    QVERIFY(CsvTradesReader(path).read(eth.tick, eth.lot, [&](std::span<const market::Tick> ticks) {
        wanted.insert(wanted.end(), ticks.begin(), ticks.end());
        return base::Result<void>{};
    }));
    QVERIFY(recorder.ticks[eth.id.value] == wanted);
    QVERIFY(recorder.malformed.empty());
    QCOMPARE(recorder.states.back(), LinkState::Subscribed);
    QVERIFY(recorder.mostBetweenIdles <= 4'096);
    QTRY_COMPARE(recorder.sinceIdle, 0);
    // Quotes are derived, at most one a second, and never crossed.
    const auto& quotes = recorder.quotes[eth.id.value];
    QVERIFY(quotes.size() > 100);
    for (std::size_t i = 0; i < quotes.size(); ++i) {
        QVERIFY(quotes[i].bid < quotes[i].ask);
        QVERIFY(i == 0 || quotes[i].time - quotes[i - 1].time >= base::Millis{1'000});
    }
}

void LoopbackTest::theSimulatedMarketCatchesUpWithTheClockAndGoesOn()
{
    const auto instruments = defaultInstruments(3);
    LoopbackExchange exchange({.seed = 4, .instruments = instruments, .history = base::Millis{3'600'000}});
    QVERIFY(exchange.listen());
    const auto before = base::SystemClock().now();
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start(instruments, recorder);
    const auto newest = [&] {
        base::UtcMs time{0};
        for (const auto& [id, ticks] : recorder.ticks) {
            time = std::max(time, ticks.back().time);
        }
        return time;
    };
    QTRY_VERIFY_WITH_TIMEOUT(newest() >= before, patience);
    QVERIFY(newest() <= base::SystemClock().now()); // never ahead of the clock
    QVERIFY(recorder.tickCount > 5'000);
    QVERIFY(!recorder.opens.empty() && recorder.opens.back().value > 0);
    for (const auto& [id, ticks] : recorder.ticks) {
        QVERIFY(before - ticks.front().time > base::Millis{3'500'000});
        QVERIFY(std::is_sorted(ticks.begin(), ticks.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
    }
    const auto count = recorder.tickCount;
    QTRY_VERIFY_WITH_TIMEOUT(recorder.tickCount > count, patience);
}

void LoopbackTest::oneBadInstrumentDoesNotTakeTheOthers()
{
    auto known = defaultInstruments(7);
    LoopbackExchange exchange({.instruments = known, .history = base::Millis{600'000}});
    QVERIFY(exchange.listen());
    auto asked = known;
    asked.insert(asked.begin() + 3, {.id = {99}, .name = "GONE-USDT"});
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start(asked, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
    QCOMPARE(stream.figures().refusedTopics, 3); // its trades, its tickers and its funding rate
    QCOMPARE(recorder.malformed["exchange-error"], 3);
    QVERIFY(recorder.lastSample.find("GONE-USDT") != std::string::npos);
    QVERIFY(recorder.lastSample.size() <= 200);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.ticks.size(), 7U, patience);
    QCOMPARE(recorder.malformed.size(), 1U);
}

void LoopbackTest::manyInstrumentsAreSubscribedInSeveralRequests()
{
    std::vector<market::Instrument> many;
    for (int i = 1; i <= 150; ++i) {
        auto one = defaultInstruments()[1];
        one.id = {i};
        one.name = "COIN" + std::to_string(i) + "-USDT";
        many.push_back(one);
    }
    LoopbackExchange exchange({.instruments = many, .history = base::Millis{300'000}});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start(many, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
    QVERIFY(recorder.malformed.empty()); // no request was too long
    QTRY_COMPARE_WITH_TIMEOUT(recorder.ticks.size(), 150U, patience);
}

void LoopbackTest::aDroppedConnectionComesBackAndSubscribesAgain()
{
    const auto instruments = defaultInstruments(2);
    LoopbackExchange exchange({.instruments = instruments, .speed = 100, .history = base::Millis{60'000}});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start(instruments, recorder);
    for (int round = 1; round <= 3; ++round) {
        QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
        const auto count = recorder.tickCount;
        QTRY_VERIFY_WITH_TIMEOUT(recorder.tickCount > count, patience);
        exchange.dropClients();
        QTRY_COMPARE_WITH_TIMEOUT(std::count(recorder.states.begin(), recorder.states.end(), LinkState::Closed), round,
                                  patience);
    }
    QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
    QCOMPARE(stream.figures().connections, 4);
    QCOMPARE(exchange.figures().clients, 1);
    stream.reconnectNow();
    QTRY_COMPARE_WITH_TIMEOUT(stream.figures().connections, 5, patience);
    QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
}

void LoopbackTest::anOverlongRequestIsRefusedWithItsEcho()
{
    LoopbackExchange exchange({});
    QVERIFY(exchange.listen());
    QWebSocket socket;
    QSignalSpy connected(&socket, &QWebSocket::connected);
    QSignalSpy texts(&socket, &QWebSocket::textMessageReceived);
    socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(exchange.wsPort())));
    QTRY_COMPARE_WITH_TIMEOUT(connected.count(), 1, patience);
    auto request = QStringLiteral(R"({"op":"subscribe","args":[{"channel":"tickers","instId":"BTC-USDT"}]})");
    request.insert(request.size() - 1, QString(4096 - request.size(), QLatin1Char(' ')));
    socket.sendTextMessage(request); // at
    QTRY_COMPARE_WITH_TIMEOUT(texts.count(), 1, patience);
    QCOMPARE(texts[0][0].toString(),
             QStringLiteral(R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"event":"subscribe"})"));
    request.insert(request.size() - 1, QLatin1Char(' '));
    socket.sendTextMessage(request); // over
    QTRY_COMPARE_WITH_TIMEOUT(texts.count(), 2, patience);
    FrameParser parser;
    const auto answer = texts[1][0].toString();
    const auto& frame = parser.parse(QStringView(answer));
    QCOMPARE(frame.kind, FrameKind::Error);
    QCOMPARE(frame.code, std::string_view("60012"));
    QVERIFY(frame.message.find(R"({"op":"subscribe")") != std::string_view::npos);
    for (const char* bad : {"{}", "nonsense", R"({"op":"login","args":[{}]})", R"({"op":"subscribe","args":[]})",
                            R"({"op":"subscribe","args":[{"channel":"mark-price","instId":"BTC-USDT"}]})"}) {
        texts.clear();
        socket.sendTextMessage(QString::fromLatin1(bad));
        QTRY_COMPARE_WITH_TIMEOUT(texts.count(), 1, patience);
        QVERIFY(texts[0][0].toString().contains(QStringLiteral("60012")));
    }
}

void LoopbackTest::textPingIsAnsweredAndSilenceOfPongReconnects()
{
    QWebSocketServer mute(QStringLiteral("mute"), QWebSocketServer::NonSecureMode);
    QVERIFY(mute.listen(QHostAddress::LocalHost));
    QStringList heard;
    bool answers = true;
    connect(&mute, &QWebSocketServer::newConnection, this, [&] {
        auto* const socket = mute.nextPendingConnection();
        connect(socket, &QWebSocket::textMessageReceived, socket, [&, socket](const QString& text) {
            heard += text;
            if (text.startsWith(QLatin1Char('{'))) {
                for (const char* channel : {"trades", "tickers"}) {
                    socket->sendTextMessage(
                        QStringLiteral(R"({"event":"subscribe","arg":{"channel":"%1","instId":"BTC-USDT"}})")
                            .arg(QLatin1String(channel)));
                }
                socket->sendTextMessage(QStringLiteral("ping"));
            } else if (text == QLatin1String("ping") && answers) {
                socket->sendTextMessage(QStringLiteral("pong"));
            }
        });
    });
    auto options = quick(mute.serverPort());
    options.pongWithin = base::Millis{200};
    FeedRecorder recorder;
    BlofinStream stream(options);
    stream.start(defaultInstruments(1), recorder);
    QTRY_VERIFY_WITH_TIMEOUT(heard.count(QStringLiteral("ping")) >= 3, patience);
    QCOMPARE(heard.count(QStringLiteral("pong")), 1); // its answer to the server's own ping
    QCOMPARE(stream.figures().connections, 1);
    answers = false;
    QTRY_VERIFY_WITH_TIMEOUT(stream.figures().connections >= 2, patience);
    QVERIFY(std::count(recorder.states.begin(), recorder.states.end(), LinkState::Closed) >= 1);
}

void LoopbackTest::garbageIsCountedAndTheStreamLivesOn()
{
    QWebSocketServer server(QStringLiteral("garbage"), QWebSocketServer::NonSecureMode);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QWebSocket* peer = nullptr;
    connect(&server, &QWebSocketServer::newConnection, this, [&] { peer = server.nextPendingConnection(); });
    FeedRecorder recorder;
    BlofinStream stream(quick(server.serverPort()));
    stream.start(defaultInstruments(1), recorder);
    QTRY_VERIFY_WITH_TIMEOUT(peer != nullptr && stream.state() == LinkState::Subscribing, patience);
    QVERIFY(peer->request().rawHeader("User-Agent").startsWith("Quarterdeck"));
    const auto trade = [](const char* id, const char* price) {
        return QStringLiteral(
                   R"({"arg":{"channel":"trades","instId":"%1"},"data":[{"tradeId":"1","price":"%2","size":"1","side":"buy","ts":"5"}]})")
            .arg(QLatin1String(id), QLatin1String(price));
    };
    peer->sendTextMessage(QStringLiteral("<html>"));
    peer->sendTextMessage(QString(500, QChar(0x20ac)));
    peer->sendTextMessage(QStringLiteral("[]"));
    peer->sendTextMessage(trade("FOO-USDT", "1"));
    peer->sendTextMessage(trade("BTC-USDT", "0.01"));
    peer->sendBinaryMessage("\1\2\3");
    peer->sendTextMessage(trade("BTC-USDT", "60000.1"));
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 1, patience);
    const std::map<std::string, int> wanted{
        {"binary", 1}, {"json", 2}, {"scale", 1}, {"shape", 1}, {"unknown-instrument", 1}};
    QVERIFY(recorder.malformed == wanted);
    QCOMPARE(recorder.ticks[1][0].price.value, 600'001);
    QCOMPARE(stream.figures().malformed, 6);
}

void LoopbackTest::afterStopTheListenerIsNotCalled()
{
    const auto instruments = defaultInstruments(2);
    LoopbackExchange exchange({.instruments = instruments, .speed = 0});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start(instruments, recorder);
    QTRY_VERIFY_WITH_TIMEOUT(recorder.tickCount > 1'000, patience);
    stream.stop();
    const auto count = recorder.tickCount;
    const auto idles = recorder.idles;
    const auto states = recorder.states.size();
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().clients, 0, patience);
    QCOMPARE(recorder.tickCount, count);
    QCOMPARE(recorder.idles, idles);
    QCOMPARE(recorder.states.size(), states);
}

void LoopbackTest::candlesArePushedFormingAndClosed()
{
    const auto eth = defaultInstruments()[1];
    LoopbackExchange exchange({.recorded = {{tradesFile(30'000), eth}}, .speed = 0});
    QVERIFY(exchange.listen());
    QWebSocket socket;
    QStringList candles;
    int trades = 0;
    connect(&socket, &QWebSocket::textMessageReceived, this, [&](const QString& text) {
        candles += text.contains(QStringLiteral("candle5m")) && text.contains(QStringLiteral("\"data\""))
                       ? QStringList(text)
                       : QStringList();
        trades += text.contains(QStringLiteral("tradeId")) ? 1 : 0;
    });
    connect(&socket, &QWebSocket::connected, this, [&] {
        socket.sendTextMessage(QStringLiteral(
            R"({"op":"subscribe","args":[{"channel":"candle5m","instId":"ETH-USDT"},{"channel":"trades","instId":"ETH-USDT"}]})"));
    });
    socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(exchange.wsPort())));
    QTRY_COMPARE_WITH_TIMEOUT(trades, 30'000, patience);
    const auto closed = candles.filter(QStringLiteral(R"("1"]]})"));
    const auto forming = candles.filter(QStringLiteral(R"("0"]]})"));
    QCOMPARE(closed.size() + forming.size(), candles.size());
    QCOMPARE(closed.size(), 1); // 400 s of trades from 22:13:20 on: 22:15 closes one, 22:20 is where they end
    QVERIFY(forming.size() >= 390 && forming.size() <= 402); // one a second
}

void LoopbackTest::unsubscribingEndsThePushes()
{
    LoopbackExchange exchange({.instruments = defaultInstruments(2), .speed = 0});
    QVERIFY(exchange.listen());
    QWebSocket socket;
    int trades = 0;
    bool isUnsubscribed = false;
    int after = 0;
    connect(&socket, &QWebSocket::textMessageReceived, this, [&](const QString& text) {
        trades += text.contains(QStringLiteral("tradeId")) ? 1 : 0;
        after += isUnsubscribed ? 1 : 0;
        isUnsubscribed = isUnsubscribed || text.contains(QStringLiteral("\"unsubscribe\""));
    });
    const auto request = QStringLiteral(R"({"op":"%1","args":[{"channel":"trades","instId":"BTC-USDT"}]})");
    connect(&socket, &QWebSocket::connected, this,
            [&] { socket.sendTextMessage(request.arg(QStringLiteral("subscribe"))); });
    socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(exchange.wsPort())));
    QTRY_VERIFY_WITH_TIMEOUT(trades > 100, patience);
    socket.sendTextMessage(request.arg(QStringLiteral("unsubscribe")));
    QTRY_VERIFY_WITH_TIMEOUT(isUnsubscribed, patience);
    bool answered = false;
    connect(&socket, &QWebSocket::textMessageReceived, this,
            [&](const QString& text) { answered = text == QLatin1String("pong"); });
    socket.sendTextMessage(QStringLiteral("ping"));
    QTRY_VERIFY_WITH_TIMEOUT(answered, patience);
    QCOMPARE(after, 1); // the pong alone
}

void LoopbackTest::aTakenPortIsBusy()
{
    LoopbackExchange first({});
    QVERIFY(first.listen());
    LoopbackExchange second({.port = first.wsPort()});
    const auto listening = second.listen();
    QVERIFY(!listening);
    QCOMPARE(listening.error().code, ErrorCode::Busy);
}

void LoopbackTest::aBadFileFailsAtListenOrWhereItTurnsBad()
{
    const auto eth = defaultInstruments()[1];
    QCOMPARE(LoopbackExchange({.recorded = {{"/nowhere.csv", eth}}}).listen().error().code, ErrorCode::NotFound);
    auto coarse = eth;
    coarse.tick = base::Scale{};
    QCOMPARE(LoopbackExchange({.recorded = {{tradesFile(10), coarse}}}).listen().error().code, ErrorCode::NotOnScale);
    QCOMPARE(LoopbackExchange({.recorded = {{tradesFile(10), eth}, {tradesFile(10), eth}}}).listen().error().code,
             ErrorCode::Conflict);

    const auto path = tradesFile(50'000);
    std::ofstream(path, std::ios::app) << "nonsense\n";
    LoopbackExchange exchange({.recorded = {{path, eth}}, .speed = 0});
    QVERIFY(exchange.listen());
    QSignalSpy failed(&exchange, &LoopbackExchange::failed);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start({eth}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, patience);
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("line 50002")));
}

void LoopbackTest::recordedTimesMayBeStampedNow()
{
    const auto eth = defaultInstruments()[1];
    const auto before = base::SystemClock().now();
    LoopbackExchange exchange({.recorded = {{tradesFile(1'000), eth}}, .speed = 1'000, .stampNow = true});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start({eth}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 1'000, patience);
    const auto& ticks = recorder.ticks[eth.id.value];
    QVERIFY(ticks[0].time >= before && ticks[0].time <= base::SystemClock().now());
    QCOMPARE(ticks[0].id, ticks[0].time.value << 20);
    QCOMPARE((ticks[999].time - ticks[0].time).count(), 333 * 40);
}

void LoopbackTest::recordedLtcThroughTheSocketEqualsTheFile()
{
    const auto path = qEnvironmentVariable("QD_SHARED") +
                      QStringLiteral("/data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
    if (!QFile::exists(path)) {
        QSKIP("the recorded trades are not here (QD_SHARED)");
    }
    auto ltc = defaultInstruments()[9];
    ltc.lot = base::Scale::ofDecimals(3);
    LoopbackExchange exchange({.recorded = {{path.toStdString(), ltc}}, .speed = 0});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange.wsPort()));
    stream.start({ltc}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 152'763, patience);
    std::vector<market::Tick> wanted;
    QVERIFY(CsvTradesReader(path.toStdString()).read(ltc.tick, ltc.lot, [&](std::span<const market::Tick> ticks) {
        wanted.insert(wanted.end(), ticks.begin(), ticks.end());
        return base::Result<void>{};
    }));
    QVERIFY(recorder.ticks[ltc.id.value] == wanted);
}

QTEST_GUILESS_MAIN(LoopbackTest)
#include "loopback_test.moc"
