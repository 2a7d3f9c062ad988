// The loopback exchange at its worst, and all of its channels: each fault by itself over real sockets, counted by the
// exchange, with the honest book beside it. Clocks that matter are fake; waits spin the event loop.
#include "exchange/blofin_rest.h"
#include "exchange/blofin_stream.h"
#include "exchange/csv_trades.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_exchange.h"
#include "exchange/loopback_funding.h"
#include "exchange/loopback_rest.h"
#include "testkit/feed_recorder.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtTest/QtTest>
#include <QtWebSockets/QWebSocket>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <set>

using namespace qd;
using namespace qd::exchange;
using base::ErrorCode;
using base::Millis;
using base::UtcMs;
using testkit::FeedRecorder;

namespace {

constexpr int patience = 30'000;

class FakeClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return {ms}; }
    std::int64_t ms = 1'750'000'000'000;
};

// A client that says what it is told to and keeps every text.
class Client : public QObject {
public:
    explicit Client(const LoopbackExchange& exchange)
    {
        connect(&socket_, &QWebSocket::textMessageReceived, this, [this](const QString& text) { texts += text; });
        socket_.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/ws/public").arg(exchange.wsPort())));
    }
    [[nodiscard]] bool isOpen() const { return socket_.state() == QAbstractSocket::ConnectedState; }
    [[nodiscard]] bool isClosed() const { return socket_.state() == QAbstractSocket::UnconnectedState; }
    void say(const QString& text) { socket_.sendTextMessage(text); }
    void ask(const char* op, std::initializer_list<std::pair<const char*, const char*>> topics)
    {
        QStringList args;
        for (const auto& [channel, name] : topics) {
            args +=
                QStringLiteral(R"({"channel":"%1","instId":"%2"})").arg(QLatin1String(channel), QLatin1String(name));
        }
        say(QStringLiteral(R"({"op":"%1","args":[%2]})").arg(QLatin1String(op), args.join(QLatin1Char(','))));
    }
    [[nodiscard]] QList<QJsonObject> pushes(const char* channel) const
    {
        QList<QJsonObject> out;
        for (const auto& text : texts) {
            const auto object = QJsonDocument::fromJson(text.toUtf8()).object();
            if (object.contains(QLatin1String("data")) &&
                object[QLatin1String("arg")][QLatin1String("channel")].toString() == QLatin1String(channel)) {
                out += object;
            }
        }
        return out;
    }
    [[nodiscard]] qsizetype count(const char* what) const { return texts.filter(QLatin1String(what)).size(); }
    QStringList texts;

private:
    QWebSocket socket_;
};

struct HttpAnswer {
    int status = 0;
    QByteArray type;
    QByteArray body;
    [[nodiscard]] QJsonArray data() const
    {
        return QJsonDocument::fromJson(body).object()[QLatin1String("data")].toArray();
    }
};

HttpAnswer get(QNetworkAccessManager& net, const LoopbackExchange& exchange, const QString& what)
{
    QNetworkRequest request(
        QUrl(QStringLiteral("http://127.0.0.1:%1/api/v1/market/%2").arg(exchange.restPort()).arg(what)));
    const std::unique_ptr<QNetworkReply> reply(net.get(request));
    if (!QTest::qWaitFor([&] { return reply->isFinished(); }, patience)) {
        return {};
    }
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(),
            reply->header(QNetworkRequest::ContentTypeHeader).toByteArray(), reply->readAll()};
}

StreamOptions quick(const LoopbackExchange& exchange)
{
    StreamOptions options;
    options.url = QUrl(QStringLiteral("ws://127.0.0.1:%1/ws/public").arg(exchange.wsPort()));
    options.firstBackoff = Millis{20};
    options.mostBackoff = Millis{100};
    options.jitterSeed = 1;
    return options;
}

LoopbackFaults faults(std::string_view text)
{
    return parseFaults(text).value();
}

} // namespace

class LoopbackFaultsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // What deletes itself later does so now: no event loop runs after the last test.
    void cleanup() { QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); }
    void switchesAreReadOrRefusedWithAReason_data();
    void switchesAreReadOrRefusedWithAReason();
    void diceFallBySeedAndEachFaultByItself();
    void aFaultByTimeComesAtTheFirstRollAfterItsWait();
    void lostLateAndDoubledTradesAreWhatTheHonestBookSays();
    void idsLeftOutWereNeverMade();
    void garbageAndHugeFramesHarmNoTrade();
    void aBrokenConnectionIsCountedAndComesBack();
    void aStalledConnectionAnswersPingsAndNothingElseUntilItSubscribesAgain();
    void oneInstrumentMayStallAlone();
    void aSkewedClockStampsEverything();
    void restFaultsHaveTheirShapes();
    void shortPagesHaveHalfTheRows();
    void limitsBanAtTheFiveHundredAndFirstRequestOfAMinute();
    void limitsOfFiveMinutesBanForAnHour();
    void aSecondConnectionWithinASecondIsClosedUnderLimits();
    void silenceOverThirtySecondsClosesAndAtThirtyItDoesNot();
    void theOrderBookChainsAndItsTopIsBooks5();
    void candlesComeOnceASecondAndCloseOnce();
    void fundingIsToldBeforeAndAfterItsSettlementAlike();
    void markPricesAreOfOneOrAll();
    void theLogHoldsEveryTradeMade();
    void twoThousandTradesASecondArriveWhole();

private:
    std::string tradesFile(int count)
    {
        const auto path = folder_.filePath(QStringLiteral("t%1.csv").arg(++files_)).toStdString();
        std::ofstream out(path);
        out << "ts_ms,price,size,side\n";
        for (int i = 0; i < count; ++i) {
            out << 1'700'000'000'000 + i / 3 * 40 << ',' << 3000 + i % 211 << '.' << i % 100 << ",0." << 1 + i % 9
                << ',' << (i % 5 < 3 ? "buy" : "sell") << '\n';
        }
        return path;
    }
    static std::vector<market::Tick> ticksOf(const std::string& path, const market::Instrument& instrument)
    {
        std::vector<market::Tick> out;
        (void)CsvTradesReader(path).read(instrument.tick, instrument.lot, [&](std::span<const market::Tick> ticks) {
            out.insert(out.end(), ticks.begin(), ticks.end());
            return base::Result<void>{};
        });
        return out;
    }
    const market::Instrument eth_ = defaultInstruments()[1];
    QTemporaryDir folder_;
    int files_ = 0;
};

void LoopbackFaultsTest::switchesAreReadOrRefusedWithAReason_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("reason"); // empty: it is read
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("all") << QByteArray(
                                "drop=30s,stall=1e-4,stallone=0,duplicate=1,late=0.5,lose=0.001,holes=0.01,garbage=5s,"
                                "huge=60s,rest403=0.1,rest429=0.1,rest500=0.1,short=0.2,skew=-2.5s")
                         << QByteArray();
    QTest::newRow("a day") << QByteArray("skew=86400") << QByteArray();
    QTest::newRow("over a day") << QByteArray("skew=86400.1") << QByteArray("86400 seconds");
    QTest::newRow("over one") << QByteArray("lose=1.001") << QByteArray("chance from 0 to 1");
    QTest::newRow("under zero") << QByteArray("lose=-0.1") << QByteArray("chance from 0 to 1");
    QTest::newRow("no time") << QByteArray("drop=0s") << QByteArray("mean seconds over 0");
    QTest::newRow("nan") << QByteArray("drop=nan") << QByteArray("'nan'");
    QTest::newRow("no number") << QByteArray("drop=often") << QByteArray("'often'");
    QTest::newRow("unknown") << QByteArray("dorp=1") << QByteArray("'dorp' is not one of drop, stall");
    QTest::newRow("twice") << QByteArray("drop=1,drop=1") << QByteArray("given twice");
    QTest::newRow("no value") << QByteArray("drop") << QByteArray("name=value");
    QTest::newRow("trailing comma") << QByteArray("drop=1,") << QByteArray("last comma");
    QTest::newRow("empty item") << QByteArray("drop=1,,lose=1") << QByteArray("name=value");
}

void LoopbackFaultsTest::switchesAreReadOrRefusedWithAReason()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, reason);
    const auto read = parseFaults(text.toStdString());
    QCOMPARE(read.has_value(), reason.isEmpty());
    if (!read) {
        QVERIFY2(read.error().detail.find(reason.toStdString()) != std::string::npos, read.error().detail.c_str());
    } else if (text.startsWith("drop=30s")) {
        auto all = *read;
        QCOMPARE(all[Fault::Drop], (FaultRate{.meanSeconds = 30}));
        QCOMPARE(all[Fault::Stall], (FaultRate{.chance = 1e-4}));
        QCOMPARE(all[Fault::Short], (FaultRate{.chance = 0.2}));
        QCOMPARE(all.skew, Millis{-2'500});
    }
}

void LoopbackFaultsTest::diceFallBySeedAndEachFaultByItself()
{
    const auto falls = [](std::string_view text, std::uint64_t seed) {
        LoopbackDice dice(faults(text), seed);
        std::vector<bool> out;
        for (int i = 0; i < 20'000; ++i) {
            out.push_back(dice.roll(Fault::Lose, {0}));
        }
        return out;
    };
    const auto some = falls("lose=0.1", 1);
    QVERIFY(some == falls("lose=0.1,late=0.5", 1));
    QVERIFY(some != falls("lose=0.1", 2));
    const auto count = std::count(some.begin(), some.end(), true);
    QVERIFY2(count > 1'800 && count < 2'200, qPrintable(QString::number(count))); // 2,000 ± 4.7 σ
    QCOMPARE(std::ranges::count(falls("lose=1", 1), true), 20'000);
    QCOMPARE(std::ranges::count(falls("lose=0", 1), true), 0);
    QVERIFY(!LoopbackDice(faults("lose=0,skew=3"), 1).hasAny());
}

void LoopbackFaultsTest::aFaultByTimeComesAtTheFirstRollAfterItsWait()
{
    LoopbackDice dice(faults("drop=10s"), 3);
    QVERIFY(!dice.roll(Fault::Drop, {0})); // the wait begins
    int happened = 0;
    for (std::int64_t ms = 0; ms < 10'000'000; ms += 7) {
        happened += dice.roll(Fault::Drop, {ms}) ? 1 : 0;
    }
    QVERIFY2(happened > 850 && happened < 1'150, qPrintable(QString::number(happened))); // 1,000 ± 4.7 σ
}

void LoopbackFaultsTest::lostLateAndDoubledTradesAreWhatTheHonestBookSays()
{
    std::vector<market::Tick> made;
    std::map<TradeFate, std::set<std::int64_t>> fates;
    LoopbackExchange exchange({.recorded = {{tradesFile(20'000), eth_}},
                               .speed = 0,
                               .faults = faults("lose=0.02,late=0.02,duplicate=0.02"),
                               .onMade = [&](const MadeTrade& trade) {
                                   made.push_back(trade.tick);
                                   fates[trade.fate].insert(trade.tick.id);
                               }});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    const auto counts = exchange.figures().faults;
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 20'000 - counts[Fault::Lose] + counts[Fault::Duplicate], patience);
    QCOMPARE(made.size(), 20'000U);
    QCOMPARE(static_cast<std::int64_t>(fates[TradeFate::Lost].size()), counts[Fault::Lose]);
    QCOMPARE(static_cast<std::int64_t>(fates[TradeFate::Late].size()), counts[Fault::Late]);
    for (const auto fault : {Fault::Lose, Fault::Late, Fault::Duplicate}) {
        QVERIFY(counts[fault] > 300 && counts[fault] < 500);
    }
    const auto& got = recorder.ticks[eth_.id.value];
    std::map<std::int64_t, int> times;
    std::set<std::int64_t> behind;
    std::int64_t newest = 0;
    for (const auto& tick : got) {
        if (++times[tick.id] == 1 && tick.id < newest) {
            behind.insert(tick.id);
        }
        newest = std::max(newest, tick.id);
    }
    int doubled = 0;
    for (const auto& tick : made) {
        QCOMPARE(times.contains(tick.id), !fates[TradeFate::Lost].contains(tick.id));
        doubled += times[tick.id] == 2 ? 1 : 0;
        QVERIFY(std::find(got.begin(), got.end(), tick) != got.end() || fates[TradeFate::Lost].contains(tick.id));
    }
    QCOMPARE(doubled, counts[Fault::Duplicate]);
    // What came first behind a newer one is just what was held back, but perhaps for the file's end.
    QVERIFY(std::ranges::includes(fates[TradeFate::Late], behind));
    QVERIFY(behind.size() + 2 >= fates[TradeFate::Late].size());
    // REST and candles have the lost ones too.
    std::int64_t volume = 0;
    for (const auto& tick : made) {
        volume += tick.size().value;
    }
    QNetworkAccessManager net;
    std::int64_t told = 0;
    for (const auto& row : get(net, exchange, QStringLiteral("candles?instId=ETH-USDT&limit=1440")).data()) {
        told += eth_.lot.parse(row.toArray()[5].toString().toStdString()).value();
    }
    QCOMPARE(told, volume);
}

void LoopbackFaultsTest::idsLeftOutWereNeverMade()
{
    const auto path = tradesFile(5'000);
    std::vector<market::Tick> made;
    LoopbackExchange exchange(
        {.recorded = {{path, eth_}}, .speed = 0, .faults = faults("holes=0.01"), .onMade = [&](const MadeTrade& trade) {
             made.push_back(trade.tick);
         }});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 5'000, patience);
    QVERIFY(recorder.ticks[eth_.id.value] == made);
    const auto real = ticksOf(path, eth_);
    std::int64_t shift = 0;
    int holes = 0;
    for (std::size_t i = 0; i < real.size(); ++i) {
        const auto now = made[i].id - real[i].id;
        QVERIFY(now == shift || (now - shift >= 1 && now - shift <= 3));
        holes += now == shift ? 0 : 1;
        shift = now;
        auto same = made[i];
        same.id = real[i].id;
        QCOMPARE(same, real[i]);
    }
    QCOMPARE(exchange.figures().faults[Fault::Hole], holes);
    QVERIFY(holes > 20);
}

void LoopbackFaultsTest::garbageAndHugeFramesHarmNoTrade()
{
    const auto path = tradesFile(10'000);
    LoopbackExchange exchange({.recorded = {{path, eth_}}, .speed = 0, .faults = faults("garbage=0.02,huge=0.001")});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 10'000, patience);
    QVERIFY(recorder.ticks[eth_.id.value] == ticksOf(path, eth_));
    const auto counts = exchange.figures().faults;
    QVERIFY(counts[Fault::Garbage] > 100 && counts[Fault::Huge] > 0);
    int malformed = 0;
    for (const auto& [kind, count] : recorder.malformed) {
        malformed += count;
    }
    QCOMPARE(malformed, counts[Fault::Garbage] + counts[Fault::Huge]);
    QVERIFY(recorder.malformed.size() >= 5); // of many kinds
    QCOMPARE(stream.figures().connections, 1);
}

void LoopbackFaultsTest::aBrokenConnectionIsCountedAndComesBack()
{
    const auto clock = std::make_shared<FakeClock>();
    LoopbackExchange exchange(
        {.instruments = defaultInstruments(2), .speed = 0, .clock = clock, .faults = faults("drop=1s")});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start(defaultInstruments(2), recorder);
    for (int round = 1; round <= 3; ++round) {
        const auto count = recorder.tickCount;
        QTRY_VERIFY_WITH_TIMEOUT(recorder.tickCount > count + 100, patience);
        QCOMPARE(exchange.figures().faults[Fault::Drop], round - 1);
        clock->ms += 20'000; // over any wait of this mean that this seed brings
        QTRY_COMPARE_WITH_TIMEOUT(std::ranges::count(recorder.states, LinkState::Closed), round, patience);
        QCOMPARE(exchange.figures().faults[Fault::Drop], round);
        QTRY_COMPARE_WITH_TIMEOUT(stream.state(), LinkState::Subscribed, patience);
    }
    QCOMPARE(stream.figures().connections, 4);
}

void LoopbackFaultsTest::aStalledConnectionAnswersPingsAndNothingElseUntilItSubscribesAgain()
{
    const auto clock = std::make_shared<FakeClock>();
    std::int64_t made = 0;
    LoopbackExchange exchange({.instruments = defaultInstruments(2),
                               .speed = 0,
                               .clock = clock,
                               .faults = faults("stall=1s"),
                               .onMade = [&](const MadeTrade&) { ++made; }});
    QVERIFY(exchange.listen());
    Client client(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(client.isOpen(), patience);
    client.ask("subscribe", {{"trades", "BTC-USDT"}, {"trades", "ETH-USDT"}, {"tickers", "BTC-USDT"}});
    QTRY_VERIFY_WITH_TIMEOUT(client.count("tradeId") > 500, patience);
    clock->ms += 20'000;
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().faults[Fault::Stall], 1, patience);
    client.say(QStringLiteral("ping"));
    QTRY_VERIFY_WITH_TIMEOUT(client.texts.contains(QStringLiteral("pong")), patience);
    const auto told = client.texts.size();
    const auto before = made;
    QTRY_VERIFY_WITH_TIMEOUT(made > before + 20'000, patience); // the market goes on without it
    client.say(QStringLiteral("ping"));
    QTRY_VERIFY_WITH_TIMEOUT(client.texts.size() > told, patience);
    QCOMPARE(client.texts.mid(told), QStringList(QStringLiteral("pong")));
    QVERIFY(client.isOpen());
    client.ask("subscribe", {{"trades", "ETH-USDT"}});
    QTRY_VERIFY_WITH_TIMEOUT(client.texts.size() > told + 200, patience);
    const auto after = client.texts.mid(told + 1);
    QVERIFY(after[0].contains(QStringLiteral("\"subscribe\""))); // the ack, then its trades alone
    QCOMPARE(after.filter(QStringLiteral("ETH-USDT")).size(), after.size());
}

void LoopbackFaultsTest::oneInstrumentMayStallAlone()
{
    const auto clock = std::make_shared<FakeClock>();
    LoopbackExchange exchange(
        {.instruments = defaultInstruments(2), .speed = 0, .clock = clock, .faults = faults("stallone=1s")});
    QVERIFY(exchange.listen());
    Client client(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(client.isOpen(), patience);
    client.ask("subscribe", {{"trades", "BTC-USDT"}, {"trades", "ETH-USDT"}});
    QTRY_VERIFY_WITH_TIMEOUT(client.count("tradeId") > 100, patience);
    clock->ms += 20'000;
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().faults[Fault::StallOne], 1, patience);
    client.say(QStringLiteral("ping"));
    QTRY_VERIFY_WITH_TIMEOUT(client.texts.contains(QStringLiteral("pong")), patience);
    client.texts.clear();
    QTRY_VERIFY_WITH_TIMEOUT(client.count("tradeId") > 1'000, patience);
    QVERIFY((client.count("BTC-USDT") == 0) != (client.count("ETH-USDT") == 0));
}

void LoopbackFaultsTest::aSkewedClockStampsEverything()
{
    const auto path = tradesFile(2'000);
    LoopbackExchange exchange({.recorded = {{path, eth_}}, .speed = 0, .faults = faults("skew=-61.5")});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 2'000, patience);
    auto wanted = ticksOf(path, eth_);
    for (auto& tick : wanted) {
        tick.time = tick.time - Millis{61'500};
    }
    QVERIFY(recorder.ticks[eth_.id.value] == wanted);
    QVERIFY(recorder.quotes[eth_.id.value].back().time <= wanted.back().time);
    QNetworkAccessManager net;
    const auto trades = get(net, exchange, QStringLiteral("trades?instId=ETH-USDT")).data();
    QCOMPARE(trades[0][QLatin1String("ts")].toString().toLongLong(), wanted.back().time.value);
    const auto candles = get(net, exchange, QStringLiteral("candles?instId=ETH-USDT")).data();
    QCOMPARE(candles.last()[0].toString().toLongLong(), base::bucketStart(wanted[0].time, Millis{60'000}).value);
}

void LoopbackFaultsTest::restFaultsHaveTheirShapes()
{
    QNetworkAccessManager net;
    const auto ask = [&](const char* fault, Fault kind, HttpAnswer& answer) {
        LoopbackExchange exchange({.faults = faults(fault)});
        QVERIFY(exchange.listen());
        answer = get(net, exchange, QStringLiteral("instruments"));
        QCOMPARE(exchange.figures().faults[kind], 1);
        QCOMPARE(exchange.figures().requests, 1);
        RestOptions options;
        options.base = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(exchange.restPort()));
        BlofinRest rest(options);
        std::optional<ErrorCode> code;
        rest.tickers([&](const auto& got) { code = got ? std::nullopt : std::optional(got.error().code); });
        QTRY_VERIFY_WITH_TIMEOUT(code.has_value(), patience);
        QCOMPARE(*code, ErrorCode::Refused);
    };
    HttpAnswer answer;
    ask("rest403=1", Fault::Rest403, answer);
    QCOMPARE(answer.status, 403);
    QVERIFY(answer.type.startsWith("text/html") && answer.body.contains("Just a moment"));
    ask("rest429=1", Fault::Rest429, answer);
    QCOMPARE(answer.status, 429);
    QCOMPARE(answer.body, QByteArray("Too Many Requests"));
    ask("rest500=1", Fault::Rest500, answer);
    QCOMPARE(answer.status, 200);
    QVERIFY(QJsonDocument::fromJson(answer.body).object()[QLatin1String("code")].isDouble());
}

void LoopbackFaultsTest::shortPagesHaveHalfTheRows()
{
    LoopbackExchange exchange({.recorded = {{tradesFile(9'000), eth_}}, .speed = 0, .faults = faults("short=1")});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.tickCount, 9'000, patience);
    QNetworkAccessManager net;
    const auto rows = [&](const char* what) { return get(net, exchange, QLatin1String(what)).data(); };
    const auto trades = rows("trades?instId=ETH-USDT");
    QCOMPARE(trades.size(), 50);
    QCOMPARE(trades[0][QLatin1String("tradeId")].toString().toLongLong(), recorder.ticks[eth_.id.value].back().id);
    QCOMPARE(rows("candles?instId=ETH-USDT&limit=2").size(), 1);
    QCOMPARE(rows("candles?instId=ETH-USDT&limit=1").size(), 0);
    QCOMPARE(rows("candles?instId=ETH-USDT&after=1").size(), 0); // nothing to cut
    QCOMPARE(rows("funding-rate-history?instId=ETH-USDT").size(), 50);
    QCOMPARE(rows("tickers").size(), 1); // no page
}

void LoopbackFaultsTest::limitsBanAtTheFiveHundredAndFirstRequestOfAMinute()
{
    const auto clock = std::make_shared<FakeClock>();
    LoopbackExchange exchange({.instruments = defaultInstruments(1), .clock = clock, .limits = true});
    QVERIFY(exchange.listen());
    QNetworkAccessManager net;
    const auto status = [&] { return get(net, exchange, QStringLiteral("tickers")).status; };
    for (int i = 0; i < 500; ++i) {
        QCOMPARE(status(), 200);
    }
    clock->ms += 59'999;
    QCOMPARE(status(), 429);
    QCOMPARE(status(), 403);
    clock->ms += 299'999;
    QCOMPARE(status(), 403);
    QCOMPARE(exchange.figures().refused, 3);
    clock->ms += 1;
    QCOMPARE(status(), 200);
}

void LoopbackFaultsTest::limitsOfFiveMinutesBanForAnHour()
{
    using Verdict = LoopbackLimits::Verdict;
    LoopbackLimits limits;
    std::int64_t ms = 0;
    for (int i = 0; i < 1'500; ++i, ms += 190) { // 316 a minute
        QCOMPARE(limits.take({ms}), Verdict::Pass);
    }
    QCOMPARE(limits.take({299'999}), Verdict::TooMany);
    QCOMPARE(limits.take({299'999 + 3'599'999}), Verdict::Banned);
    QCOMPARE(limits.take({299'999 + 3'600'000}), Verdict::Pass);
    LoopbackLimits patient;
    for (std::int64_t i = 0; i < 3'000; ++i) { // 300 a minute, for ever
        QCOMPARE(patient.take({i * 200}), Verdict::Pass);
    }
}

void LoopbackFaultsTest::aSecondConnectionWithinASecondIsClosedUnderLimits()
{
    const auto clock = std::make_shared<FakeClock>();
    LoopbackExchange exchange({.instruments = defaultInstruments(1), .clock = clock, .limits = true});
    QVERIFY(exchange.listen());
    Client first(exchange);
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().clients, 1, patience);
    clock->ms += 999;
    Client hasty(exchange);
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().refused, 1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(hasty.isClosed(), patience);
    clock->ms += 1;
    Client second(exchange);
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().clients, 2, patience);
    QVERIFY(first.isOpen());
}

void LoopbackFaultsTest::silenceOverThirtySecondsClosesAndAtThirtyItDoesNot()
{
    const auto clock = std::make_shared<FakeClock>();
    LoopbackExchange exchange({.instruments = defaultInstruments(1), .clock = clock});
    QVERIFY(exchange.listen());
    Client bare(exchange); // pings, and never subscribes
    Client mute(exchange); // subscribes, and is sent nothing more
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().clients, 2, patience);
    QTRY_VERIFY_WITH_TIMEOUT(bare.isOpen() && mute.isOpen(), patience);
    mute.ask("subscribe", {{"tickers", "BTC-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(mute.texts.size(), 1, patience);
    clock->ms += 1;
    Client bareLater(exchange);
    Client muteLater(exchange);
    QTRY_COMPARE_WITH_TIMEOUT(exchange.figures().clients, 4, patience);
    QTRY_VERIFY_WITH_TIMEOUT(bareLater.isOpen() && muteLater.isOpen(), patience);
    muteLater.ask("subscribe", {{"tickers", "BTC-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(muteLater.texts.size(), 1, patience);
    clock->ms += 20'000;
    bare.say(QStringLiteral("ping")); // a pong is no subscription
    bareLater.say(QStringLiteral("ping"));
    QTRY_VERIFY_WITH_TIMEOUT(!bare.texts.isEmpty() && !bareLater.texts.isEmpty(), patience);
    clock->ms += 10'000;
    QTRY_VERIFY_WITH_TIMEOUT(bare.isClosed() && mute.isClosed(), patience); // 30.001 s
    QVERIFY(bareLater.isOpen() && muteLater.isOpen());                      // 30 s, in the same sweep
    QCOMPARE(exchange.figures().clients, 2);
    muteLater.say(QStringLiteral("ping"));
    QTRY_COMPARE_WITH_TIMEOUT(muteLater.texts.size(), 2, patience);
    clock->ms += 1;
    QTRY_VERIFY_WITH_TIMEOUT(bareLater.isClosed(), patience);
    QVERIFY(muteLater.isOpen()); // a pong is a push
}

void LoopbackFaultsTest::theOrderBookChainsAndItsTopIsBooks5()
{
    LoopbackExchange exchange({.instruments = defaultInstruments(2), .speed = 0});
    QVERIFY(exchange.listen());
    Client client(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(client.isOpen(), patience);
    client.ask("subscribe", {{"books", "ETH-USDT"}, {"books5", "ETH-USDT"}, {"trades", "ETH-USDT"}});
    QTRY_VERIFY_WITH_TIMEOUT(client.pushes("books").size() > 300, patience);
    client.ask("unsubscribe", {{"books", "ETH-USDT"}, {"books5", "ETH-USDT"}, {"trades", "ETH-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(client.count("\"unsubscribe\""), 3, patience);
    using Levels = std::map<double, double>;
    Levels asks;
    Levels bids;
    std::map<QString, std::pair<Levels, Levels>> books;
    const auto apply = [](Levels& side, const QJsonValue& levels) {
        for (const auto& level : levels.toArray()) {
            QVERIFY(level[0].isDouble() && level[1].isDouble());
            if (level[1].toDouble() == 0) {
                QCOMPARE(side.erase(level[0].toDouble()), 1U);
            } else {
                side[level[0].toDouble()] = level[1].toDouble();
            }
        }
    };
    QString last = QStringLiteral("0");
    qint64 at = 0;
    for (const auto& push : client.pushes("books")) {
        const auto data = push[QLatin1String("data")];
        QCOMPARE(push[QLatin1String("action")].toString(),
                 last == QLatin1String("0") ? QStringLiteral("snapshot") : QStringLiteral("update"));
        QCOMPARE(data[QLatin1String("prevSeqId")].toString(), last);
        QVERIFY(data[QLatin1String("seqId")].toString().toLongLong() > last.toLongLong());
        last = data[QLatin1String("seqId")].toString();
        const auto ts = data[QLatin1String("ts")].toString().toLongLong();
        QVERIFY(ts - at >= 100);
        at = ts;
        apply(asks, data[QLatin1String("asks")]);
        apply(bids, data[QLatin1String("bids")]);
        QVERIFY(bids.rbegin()->first < asks.begin()->first);
        QCOMPARE(asks.size(), 20U);
        books[last] = {asks, bids};
    }
    int compared = 0;
    for (const auto& push : client.pushes("books5")) {
        QCOMPARE(push[QLatin1String("action")].toString(), QStringLiteral("snapshot"));
        const auto data = push[QLatin1String("data")];
        const auto found = books.find(data[QLatin1String("seqId")].toString());
        if (found == books.end()) {
            continue;
        }
        ++compared;
        auto ask = found->second.first.begin();
        for (const auto& level : data[QLatin1String("asks")].toArray()) { // ascending
            QVERIFY(level[0].toDouble() == ask->first && level[1].toDouble() == ask->second);
            ++ask;
        }
        auto bid = found->second.second.rbegin();
        for (const auto& level : data[QLatin1String("bids")].toArray()) { // descending
            QVERIFY(level[0].toDouble() == bid->first && level[1].toDouble() == bid->second);
            ++bid;
        }
        QCOMPARE(data[QLatin1String("bids")].toArray().size(), 5);
    }
    QVERIFY(compared > 200);
    QNetworkAccessManager net;
    const QJsonValue rest = get(net, exchange, QStringLiteral("books?instId=ETH-USDT&size=7")).data()[0];
    QCOMPARE(rest[QLatin1String("asks")].toArray().size(), 7);
    QVERIFY(rest[QLatin1String("bids")][0][0].isString());
}

void LoopbackFaultsTest::candlesComeOnceASecondAndCloseOnce()
{
    LoopbackExchange exchange({.recorded = {{tradesFile(30'000), eth_}}, .speed = 0});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    Client client(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(client.isOpen(), patience);
    client.ask("subscribe", {{"candle1m", "ETH-USDT"}, {"trades", "ETH-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(client.count("tradeId"), 30'000, patience);
    QMap<QString, QJsonArray> closed;
    qint64 at = 0; // time of the trade before the push
    qint64 pushedAt = 0;
    for (const auto& text : client.texts) {
        const auto object = QJsonDocument::fromJson(text.toUtf8()).object();
        const auto row = object[QLatin1String("data")][0];
        if (row.isObject()) {
            at = row[QLatin1String("ts")].toString().toLongLong();
        } else if (row.isArray()) {
            QCOMPARE(row.toArray().size(), 9);
            if (row[8].toString() == QLatin1String("1")) {
                QVERIFY(!closed.contains(row[0].toString())); // one final row
                closed[row[0].toString()] = row.toArray();
            } else {
                QVERIFY(pushedAt == 0 || at - pushedAt >= 1'000);
                QVERIFY(!closed.contains(row[0].toString()));
            }
            pushedAt = at;
        }
    }
    QNetworkAccessManager net;
    int told = 0;
    for (const auto& row : get(net, exchange, QStringLiteral("candles?instId=ETH-USDT")).data()) {
        if (row[8].toString() == QLatin1String("1")) {
            QCOMPARE(closed.value(row[0].toString()), row.toArray());
            ++told;
        }
    }
    QCOMPARE(told, closed.size());
    QCOMPARE(told, 6); // 22:13:20 to 22:19:59.96
    Client late(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(late.isOpen(), patience);
    late.ask("subscribe", {{"candle1m", "ETH-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(late.pushes("candle1m").size(), 1, patience); // the bar in work, at once
}

void LoopbackFaultsTest::fundingIsToldBeforeAndAfterItsSettlementAlike()
{
    LoopbackExchange exchange({.recorded = {{tradesFile(9'000), eth_}}, .speed = 1'000});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    Client client(exchange);
    QTRY_VERIFY_WITH_TIMEOUT(client.isOpen(), patience);
    client.ask("subscribe", {{"funding-rate", "ETH-USDT"}, {"trades", "ETH-USDT"}});
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(client.count("tradeId"), 9'000, patience);
    const auto pushes = client.pushes("funding-rate");
    QCOMPARE(pushes.size(), 4); // 120 s: one each 30
    const auto row = pushes.last()[QLatin1String("data")][0];
    const auto next = row[QLatin1String("fundingTime")].toString().toLongLong();
    QCOMPARE(next, 1'700'006'400'000); // 00:00 UTC
    QCOMPARE(row[QLatin1String("fundingRate")].toString().toStdString(), fundingRateText("ETH-USDT", {next}));
    QNetworkAccessManager net;
    const auto rows = [&](const QString& what) { return get(net, exchange, what).data(); };
    QCOMPARE(rows(QStringLiteral("funding-rate?instId=ETH-USDT"))[0], QJsonValue(row.toObject()));
    const auto history = rows(QStringLiteral("funding-rate-history?instId=ETH-USDT"));
    QCOMPARE(history.size(), 100);
    for (int i = 0; i < 100; ++i) {
        const auto time = history[i][QLatin1String("fundingTime")].toString().toLongLong();
        QCOMPARE(time, next - (i + 1) * 28'800'000LL);
        QCOMPARE(history[i][QLatin1String("fundingRate")].toString().toStdString(),
                 fundingRateText("ETH-USDT", {time}));
    }
    const auto second = next - 2 * 28'800'000LL;
    QCOMPARE(rows(QStringLiteral("funding-rate-history?instId=ETH-USDT&after=%1&limit=1").arg(second))[0], history[2]);
    QCOMPARE(rows(QStringLiteral("funding-rate-history?instId=ETH-USDT&after=%1&limit=1").arg(second + 1))[0],
             history[1]);
    QCOMPARE(rows(QStringLiteral("funding-rate-history?instId=ETH-USDT&before=%1").arg(second)).size(), 1);
    QCOMPARE(rows(QStringLiteral("funding-rate-history?instId=ETH-USDT&before=%1").arg(second - 1)).size(), 2);
    // Settled means now: at 00:00 it is history, and the next one is 8 h on.
    QCOMPARE(nextFunding({next - 1}).value, next);
    QCOMPARE(nextFunding({next}).value, next + 28'800'000);
    for (std::int64_t i = 0; i < 2'000; ++i) {
        const auto text = fundingRateText("BTC-USDT", {i * 28'800'000});
        const double rate = std::stod(text);
        QVERIFY2(rate >= -0.000501 && rate <= 0.000701 && text.find('e') == std::string::npos, text.c_str());
    }
}

void LoopbackFaultsTest::markPricesAreOfOneOrAll()
{
    LoopbackExchange exchange({.instruments = defaultInstruments(3), .speed = 0});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start(defaultInstruments(3), recorder);
    QTRY_COMPARE_WITH_TIMEOUT(recorder.ticks.size(), 3U, patience);
    QNetworkAccessManager net;
    QCOMPARE(get(net, exchange, QStringLiteral("mark-price")).data().size(), 3);
    QCOMPARE(get(net, exchange, QStringLiteral("mark-price?symbol=ETH-USDT")).data().size(), 3); // as BloFin does
    const auto one = get(net, exchange, QStringLiteral("mark-price?instId=ETH-USDT")).data();
    QCOMPARE(one.size(), 1);
    const auto mark = one[0][QLatin1String("markPrice")].toString().toDouble();
    const auto index = one[0][QLatin1String("indexPrice")].toString().toDouble();
    QVERIFY(mark > 0 && index > 0 && std::abs(mark / index - 1) < 0.001);
    QVERIFY(get(net, exchange, QStringLiteral("mark-price?instId=GONE-USDT")).body.contains("152014"));
    QCOMPARE(get(net, exchange, QStringLiteral("elsewhere")).status, 401);
}

void LoopbackFaultsTest::theLogHoldsEveryTradeMade()
{
    const auto path = tradesFile(3'000);
    const auto log = folder_.filePath(QStringLiteral("made.csv"));
    LoopbackExchange exchange(
        {.recorded = {{path, eth_}}, .speed = 0, .faults = faults("lose=0.1"), .logFile = log.toStdString()});
    QVERIFY(exchange.listen());
    QSignalSpy finished(&exchange, &LoopbackExchange::finished);
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start({eth_}, recorder);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience);
    QFile file(log);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readLine(), QByteArray("instrument,trade_id,ts_ms,price,size,side,fate\n"));
    std::int64_t lost = 0;
    for (const auto& tick : ticksOf(path, eth_)) {
        const auto line = QString::fromLatin1(file.readLine()).trimmed();
        lost += line.endsWith(QStringLiteral(",lost")) ? 1 : 0;
        const auto wanted = QString::fromStdString(
            "ETH-USDT," + std::to_string(tick.id) + "," + std::to_string(tick.time.value) + "," +
            eth_.priceText(tick.price) + "," + eth_.sizeText(tick.size()) + (tick.signedSize > 0 ? ",buy," : ",sell,"));
        QVERIFY2(line.startsWith(wanted), qPrintable(line));
    }
    QVERIFY(file.atEnd());
    QCOMPARE(lost, exchange.figures().faults[Fault::Lose]);
    LoopbackExchange nowhere({.logFile = "/nowhere/made.csv"});
    QCOMPARE(nowhere.listen().error().code, ErrorCode::Io);
}

void LoopbackFaultsTest::twoThousandTradesASecondArriveWhole()
{
    const auto clock = std::make_shared<FakeClock>();
    std::map<std::int64_t, std::vector<market::Tick>> made;
    LoopbackExchange exchange({.rate = 150, .speed = 0, .clock = clock, .onMade = [&](const MadeTrade& trade) {
                                   if (trade.fate == TradeFate::Pushed) {
                                       made[trade.instrument.id.value].push_back(trade.tick);
                                   }
                               }});
    QVERIFY(exchange.listen());
    FeedRecorder recorder;
    BlofinStream stream(quick(exchange));
    stream.start(defaultInstruments(), recorder);
    QTRY_VERIFY_WITH_TIMEOUT(recorder.tickCount >= 100'000, patience);
    stream.stop();
    const auto seconds = static_cast<double>(exchange.figures().marketTime.value - clock->ms) / 1'000;
    const auto rate = static_cast<double>(exchange.figures().trades) / seconds;
    QVERIFY2(rate > 2'000 && rate < 10'000, qPrintable(QString::number(rate)));
    for (const auto& [id, ticks] : recorder.ticks) {
        QVERIFY(made[id].size() >= ticks.size() && std::equal(ticks.begin(), ticks.end(), made[id].begin()));
    }
}

QTEST_GUILESS_MAIN(LoopbackFaultsTest)
#include "loopback_faults_test.moc"
