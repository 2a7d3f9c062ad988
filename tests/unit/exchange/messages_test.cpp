// The protocol's frames and REST bodies: BLOFIN.md's own samples, every form of number, garbage, and batches.
#include "exchange/blofin_messages.h"
#include "exchange/blofin_rest_messages.h"
#include "exchange/default_instruments.h"

#include <QtTest/QtTest>

#include <random>

using namespace qd;
using namespace qd::exchange;
using market::Price;
using market::Quantity;

namespace {

market::Instrument instrument(const char* name, const char* tick, const char* lot, std::int64_t id)
{
    return {.id = {id},
            .name = name,
            .tick = base::Scale::ofStep(*base::parseDecimal(tick)).value(),
            .lot = base::Scale::ofStep(*base::parseDecimal(lot)).value()};
}

FrameParser parserOfAll()
{
    FrameParser parser;
    parser.setInstruments(defaultInstruments());
    return parser;
}

const std::string ethTrade =
    R"({"arg":{"channel":"trades","instId":"ETH-USDT"},"data":[{"instId":"ETH-USDT","tradeId":"106074994","price":"1640.4","size":"1","side":"sell","ts":"1696646190511"}]})";

// The ETH trade with one field's value replaced, quotes and all.
std::string ethTradeWith(const std::string& field, const std::string& value)
{
    const auto key = "\"" + field + "\":";
    const auto at = ethTrade.rfind(key) + key.size();
    const auto end = ethTrade.find_first_of(",}", at);
    return ethTrade.substr(0, at) + value + ethTrade.substr(end);
}

std::string kindOf(const std::string& frame)
{
    auto parser = parserOfAll();
    const auto& parsed = parser.parse(std::string_view(frame));
    return parsed.kind == FrameKind::Malformed ? std::string(parsed.problem) : "fine";
}

// Whether one of the numbers that stand in `text`, however written, is `steps` of `scale`.
bool holdsNumber(const std::string& text, const base::Scale& scale, std::int64_t steps)
{
    constexpr auto numberChars = "0123456789.eE+-";
    for (auto at = text.find_first_of(numberChars); at != std::string::npos;) {
        const auto end = std::min(text.find_first_not_of(numberChars, at), text.size());
        const auto token = text.substr(at, end - at);
        const auto value = scale.parse(token);
        if ((value && *value == steps) || (scale == base::Scale{} && token == std::to_string(steps))) { // 19 digits
            return true;
        }
        at = text.find_first_of(numberChars, end);
    }
    return false;
}

} // namespace

class MessagesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aTradeOfTheDocumentationIsReadExactly();
    void aTradeArrivesTheSameFromUtf16();
    void severalTradesOfOneFrameKeepTheirOrder();
    void numbersStringsAndExponentsGiveTheSameTick_data();
    void numbersStringsAndExponentsGiveTheSameTick();
    void aPriceOfNineDecimalsIsExact();
    void theOrderOfKeysDoesNotMatter();
    void unknownFieldsAreTolerated();
    void theTickerOfTheDocumentationIsReadExactly();
    void aTickerWithoutBidTellsNoQuote();
    void aFundingRateIsReadToEighteenDecimals_data();
    void aFundingRateIsReadToEighteenDecimals();
    void otherChannelsAreIgnoredByKind_data();
    void otherChannelsAreIgnoredByKind();
    void acksOfEitherKeyOrderAreUnderstood();
    void anErrorKeepsItsCodeAndTheEchoedRequest();
    void bareTextsAreNotJson();
    void whatIsWrongIsNamed_data();
    void whatIsWrongIsNamed();
    void aFrameIsTakenWholeOrRefusedWhole();
    void aFrameOverTheLimitIsRefusedUnread();
    void aMutatedFrameNeverYieldsANumberThatIsNotInIt();
    void requestBatchesStayUnderTheLimitAndLoseNothing();
    void aBatchGrowsUpToTheLastByteThatFits();
    void instrumentsOfRestBecomeScales();
    void tradesOfRestComeOldestFirst();
    void candlesOfRestComeOldestFirstWithTheirConfirmation();
    void tickersOfRestRankByTurnover();
    void errorsOfRestAreToldByCode_data();
    void errorsOfRestAreToldByCode();
};

void MessagesTest::aTradeOfTheDocumentationIsReadExactly()
{
    auto parser = parserOfAll();
    const auto& frame = parser.parse(std::string_view(ethTrade));
    QCOMPARE(frame.kind, FrameKind::Trades);
    QCOMPARE(frame.instrument.value, 2);
    QCOMPARE(frame.ticks.size(), 1U);
    const market::Tick wanted{.id = 106'074'994, .time = {1'696'646'190'511}, .price = {164'040}, .signedSize = -10};
    QCOMPARE(frame.ticks[0], wanted);
}

void MessagesTest::aTradeArrivesTheSameFromUtf16()
{
    auto parser = parserOfAll();
    const auto text = QString::fromStdString(ethTrade);
    const auto& frame = parser.parse(QStringView(text));
    QCOMPARE(frame.kind, FrameKind::Trades);
    QCOMPARE(frame.ticks[0].price.value, 164'040);
}

void MessagesTest::severalTradesOfOneFrameKeepTheirOrder()
{
    auto parser = parserOfAll();
    const auto& frame = parser.parse(std::string_view(
        R"({"arg":{"channel":"trades","instId":"DOGE-USDT"},"action":"snapshot","data":[
            {"instId":"DOGE-USDT","tradeId":"3373545342","price":"0.08199","size":"4","side":"buy","ts":"1707486245435"},
            {"instId":"DOGE-USDT","tradeId":"3373545343","price":"0.08198","size":"0.01","side":"sell","ts":"1707486245435"} ]})"));
    QCOMPARE(frame.kind, FrameKind::Trades);
    QCOMPARE(frame.ticks.size(), 2U);
    QCOMPARE(frame.ticks[0].signedSize, 400);
    QCOMPARE(frame.ticks[1].id, 3'373'545'343);
    QCOMPARE(frame.ticks[1].price.value, 8198);
    QCOMPARE(frame.ticks[1].signedSize, -1);
}

void MessagesTest::numbersStringsAndExponentsGiveTheSameTick_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    QTest::newRow("price as number") << "price" << "1640.4";
    QTest::newRow("price with zeros") << "price" << "\"1640.400000000000000000\"";
    QTest::newRow("price as exponent") << "price" << "\"16404e-1\"";
    QTest::newRow("price as number with exponent") << "price" << "1.6404E+3";
    QTest::newRow("size as number") << "size" << "1";
    QTest::newRow("size as decimal number") << "size" << "1.0";
    QTest::newRow("size as exponent") << "size" << "\"1e0\"";
    QTest::newRow("id as number") << "tradeId" << "106074994";
    QTest::newRow("id as exponent") << "tradeId" << "\"1.06074994e8\"";
    QTest::newRow("time as number") << "ts" << "1696646190511";
    QTest::newRow("blanks about") << "price" << "  \"1640.4\"  ";
}

void MessagesTest::numbersStringsAndExponentsGiveTheSameTick()
{
    QFETCH(QString, field);
    QFETCH(QString, value);
    auto parser = parserOfAll();
    const auto text = ethTradeWith(field.toStdString(), value.toStdString());
    const auto& frame = parser.parse(std::string_view(text));
    QCOMPARE(frame.kind, FrameKind::Trades);
    const market::Tick wanted{.id = 106'074'994, .time = {1'696'646'190'511}, .price = {164'040}, .signedSize = -10};
    QCOMPARE(frame.ticks[0], wanted);
}

void MessagesTest::aPriceOfNineDecimalsIsExact()
{
    auto parser = parserOfAll();
    for (const char* price : {R"("0.000012345")", "1.2345e-5", R"("12345E-9")"}) {
        const auto text =
            R"({"arg":{"channel":"trades","instId":"SHIB-USDT"},"data":[{"tradeId":"9223372036854775807","price":)" +
            std::string(price) + R"(,"size":"0.1","side":"buy","ts":"1"}]})";
        const auto& frame = parser.parse(std::string_view(text));
        QCOMPARE(frame.kind, FrameKind::Trades);
        QCOMPARE(frame.ticks[0].price.value, 12'345);
        QCOMPARE(frame.ticks[0].id, INT64_MAX);
    }
}

void MessagesTest::theOrderOfKeysDoesNotMatter()
{
    auto parser = parserOfAll();
    const auto& frame = parser.parse(std::string_view(
        R"({"data":[{"ts":"1696646190511","side":"sell","size":"1","price":"1640.4","tradeId":"106074994","instId":"ETH-USDT"}],"arg":{"instId":"ETH-USDT","channel":"trades"}})"));
    QCOMPARE(frame.kind, FrameKind::Trades);
    QCOMPARE(frame.ticks.size(), 1U);
    QCOMPARE(frame.ticks[0].price.value, 164'040);
    QCOMPARE(frame.ticks[0].signedSize, -10);
}

void MessagesTest::unknownFieldsAreTolerated()
{
    auto parser = parserOfAll();
    const auto& frame = parser.parse(std::string_view(
        R"({"new":{"a":[1,{"price":"5"}]},"arg":{"x":null,"channel":"trades","instId":"ETH-USDT"},"seq":7,"data":[{"tags":["price"],"tradeId":"1","deep":{"price":"9"},"price":"1640.4","size":"1","side":"buy","ts":"2","z":true}],"tail":[]})"));
    QCOMPARE(frame.kind, FrameKind::Trades);
    QCOMPARE(frame.ticks[0].price.value, 164'040);
}

void MessagesTest::theTickerOfTheDocumentationIsReadExactly()
{
    FrameParser parser;
    const std::array instruments{instrument("BTC-USDT", "0.01", "0.1", 7)};
    parser.setInstruments(instruments);
    const auto& frame = parser.parse(std::string_view(
        R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","last":"9999.99","lastSize":"0.1","askPrice":"9999.99","askSize":"11","bidPrice":"8888.88","bidSize":"5","open24h":"9000","high24h":"10000","low24h":"8888.88","volCurrency24h":"2222","vol24h":"2222","ts":"1597026383085"}]})"));
    QCOMPARE(frame.kind, FrameKind::Ticker);
    QCOMPARE(frame.instrument.value, 7);
    const market::Quote wanted{
        .time = {1'597'026'383'085}, .bid = {888'888}, .ask = {999'999}, .bidSize = {50}, .askSize = {110}};
    QCOMPARE(frame.quote, wanted);
    QCOMPARE(frame.open24h, Price{900'000});
}

void MessagesTest::aTickerWithoutBidTellsNoQuote()
{
    auto parser = parserOfAll();
    for (const char* bid : {R"("")", "null"}) {
        const auto text =
            R"({"arg":{"channel":"tickers","instId":"ETH-USDT"},"data":[{"askPrice":"2","askSize":"1","bidPrice":)" +
            std::string(bid) + R"(,"bidSize":"","ts":"5"}]})";
        QCOMPARE(parser.parse(std::string_view(text)).kind, FrameKind::Other);
    }
}

void MessagesTest::aFundingRateIsReadToEighteenDecimals_data()
{
    QTest::addColumn<QString>("rate");
    QTest::addColumn<qint64>("mantissa");
    QTest::addColumn<int>("exponent");
    QTest::newRow("documentation") << R"("0.0001875391284828")" << 1'875'391'284'828LL << -16;
    QTest::newRow("twenty digits") << R"("0.00007873240488719234")" << 78'732'404'887'192LL << -18;
    QTest::newRow("negative, a number") << "-0.00025" << -25LL << -5;
    QTest::newRow("exponent") << R"("1e-4")" << 1LL << -4;
    QTest::newRow("zero") << R"("0")" << 0LL << 0;
    QTest::newRow("none") << R"("")" << -1LL << 99;
    QTest::newRow("no number") << R"("high")" << -1LL << 99;
}

void MessagesTest::aFundingRateIsReadToEighteenDecimals()
{
    QFETCH(QString, rate);
    QFETCH(qint64, mantissa);
    QFETCH(int, exponent);
    auto parser = parserOfAll();
    const auto text = R"({"arg":{"channel":"funding-rate","instId":"BTC-USDT"},"data":[{"fundingRate":)" +
                      rate.toStdString() + R"(,"fundingTime":"1700726400000","instId":"BTC-USDT"}]})";
    const auto& frame = parser.parse(std::string_view(text));
    if (exponent == 99) {
        QCOMPARE(frame.kind, FrameKind::Malformed);
        return;
    }
    QCOMPARE(frame.kind, FrameKind::Funding);
    const market::FundingRate wanted{.settlement = {1'700'726'400'000}, .rate = {mantissa, exponent}};
    QVERIFY(frame.funding == wanted);
}

void MessagesTest::otherChannelsAreIgnoredByKind_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("channel");
    QTest::newRow("candle")
        << R"({"arg":{"channel":"candle1D","instId":"BTC-USDT"},"data":[["1696636800000","27491.5","27495","27483","27489.5","95359","95.359","2621407.651","0"]]})"
        << "candle1D";
    QTest::newRow("book")
        << R"({"arg":{"channel":"books","instId":"ETH-USDT"},"action":"snapshot","data":{"asks":[[1639.75,392],[1639.95,541]],"bids":[[1639.7,6817],[1639.65,4744]],"ts":"1696670727520","prevSeqId":"0","seqId":"107600747"}})"
        << "books";
    QTest::newRow("login") << R"({"event":"login","code":"0","msg":""})" << "";
}

void MessagesTest::otherChannelsAreIgnoredByKind()
{
    QFETCH(QString, text);
    QFETCH(QString, channel);
    auto parser = parserOfAll();
    const auto& frame = parser.parse(QStringView(text));
    QCOMPARE(frame.kind, FrameKind::Other);
    QCOMPARE(std::string(frame.channel), channel.toStdString());
}

void MessagesTest::acksOfEitherKeyOrderAreUnderstood()
{
    auto parser = parserOfAll();
    for (const char* text : {R"({"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"}})",
                             R"({"arg":{"instId":"BTC-USDT","channel":"trades"},"event":"subscribe"})"}) {
        const auto& frame = parser.parse(std::string_view(text));
        QCOMPARE(frame.kind, FrameKind::Subscribed);
        QCOMPARE(frame.channel, std::string_view("trades"));
        QCOMPARE(frame.instrumentName, std::string_view("BTC-USDT"));
    }
    QCOMPARE(parser.parse(std::string_view(R"({"event":"unsubscribe","arg":{"channel":"books5","instId":"A"}})")).kind,
             FrameKind::Unsubscribed);
}

void MessagesTest::anErrorKeepsItsCodeAndTheEchoedRequest()
{
    auto parser = parserOfAll();
    for (const char* code : {"\"60012\"", "60012"}) {
        const auto text =
            R"({"event":"error","code":)" + std::string(code) +
            R"(,"msg":"Invalid request: {\"op\": \"subscribe\", \"args\":[{ \"channel\" : \"trades\", \"instId\" : \"ETH-USDT\"}]}"})";
        const auto& frame = parser.parse(std::string_view(text));
        QCOMPARE(frame.kind, FrameKind::Error);
        QCOMPARE(frame.code, std::string_view("60012"));
        QVERIFY(frame.message.find(R"({"op": "subscribe")") != std::string_view::npos);
    }
}

void MessagesTest::bareTextsAreNotJson()
{
    auto parser = parserOfAll();
    QCOMPARE(parser.parse(std::string_view("pong")).kind, FrameKind::Pong);
    QCOMPARE(parser.parse(std::string_view("ping")).kind, FrameKind::Ping);
    QCOMPARE(parser.parse(std::string_view("pang")).kind, FrameKind::Malformed);
    QCOMPARE(parser.parse(std::string_view("\"pong\"")).kind, FrameKind::Malformed);
}

void MessagesTest::whatIsWrongIsNamed_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* name, const std::string& text, const char* problem) {
        QTest::newRow(name) << QString::fromStdString(text) << problem;
    };
    row("empty", "", "json");
    row("html", "<html><title>Just a moment...</title></html>", "json");
    row("cut", ethTrade.substr(0, ethTrade.size() - 3), "json");
    row("cut in a string", ethTrade.substr(0, 60), "json");
    row("two documents", ethTrade + ethTrade, "json");
    row("array", "[1,2]", "shape");
    row("number", "17", "shape");
    row("empty object", "{}", "shape");
    row("no data", R"({"arg":{"channel":"trades","instId":"ETH-USDT"}})", "shape");
    row("no channel", R"({"arg":{"instId":"ETH-USDT"},"data":[]})", "shape");
    row("data is no list", R"({"arg":{"channel":"trades","instId":"ETH-USDT"},"data":{}})", "shape");
    row("no instrument", R"({"arg":{"channel":"trades"},"data":[]})", "shape");
    row("unknown instrument", R"({"arg":{"channel":"trades","instId":"FOO-USDT"},"data":[]})", "unknown-instrument");
    row("another instrument inside", ethTradeWith("instId", "\"BTC-USDT\""), "shape");
    row("price off the grid", ethTradeWith("price", "\"1640.401\""), "scale");
    row("price too large", ethTradeWith("price", "\"99999999999999999999\""), "scale");
    row("price of zero", ethTradeWith("price", "\"0\""), "range");
    row("price negative", ethTradeWith("price", "\"-1640.4\""), "range");
    row("price is no number", ethTradeWith("price", "\"16x\""), "shape");
    row("price empty", ethTradeWith("price", "\"\""), "shape");
    row("price null", ethTradeWith("price", "null"), "shape");
    row("price escaped", ethTradeWith("price", "\"164\\u0030.4\""), "shape");
    row("size off the grid", ethTradeWith("size", "\"0.05\""), "scale");
    row("size of zero", ethTradeWith("size", "\"0\""), "range");
    row("side unknown", ethTradeWith("side", "\"hold\""), "shape");
    row("id no number", ethTradeWith("tradeId", "\"12a\""), "shape");
    row("id negative", ethTradeWith("tradeId", "\"-5\""), "range");
    row("id over 63 bits", ethTradeWith("tradeId", "\"9223372036854775808\""), "shape");
    row("time of zero", ethTradeWith("ts", "\"0\""), "range");
    row("time beyond 2248", ethTradeWith("ts", "\"8796093022208\""), "range");
    row("time with a fraction", ethTradeWith("ts", "\"1.5\""), "shape");
}

void MessagesTest::whatIsWrongIsNamed()
{
    QFETCH(QString, text);
    QFETCH(QString, problem);
    QCOMPARE(kindOf(text.toStdString()), problem.toStdString());
    QCOMPARE(kindOf(ethTrade), std::string("fine"));
}

void MessagesTest::aFrameIsTakenWholeOrRefusedWhole()
{
    auto parser = parserOfAll();
    const auto& frame = parser.parse(std::string_view(
        R"({"arg":{"channel":"trades","instId":"ETH-USDT"},"data":[{"tradeId":"1","price":"1640.4","size":"1","side":"buy","ts":"2"},{"tradeId":"2","price":"bad","size":"1","side":"buy","ts":"2"}]})"));
    QCOMPARE(frame.kind, FrameKind::Malformed);
    QVERIFY(frame.ticks.empty());
}

void MessagesTest::aFrameOverTheLimitIsRefusedUnread()
{
    auto parser = parserOfAll();
    auto text = ethTrade;
    text.resize(maxFrameBytes, ' ');
    QCOMPARE(parser.parse(std::string_view(text)).kind, FrameKind::Trades); // at
    text.push_back(' ');
    QCOMPARE(parser.parse(std::string_view(text)).problem, std::string_view("too-large")); // over
}

void MessagesTest::aMutatedFrameNeverYieldsANumberThatIsNotInIt()
{
    std::mt19937 random(20'250'101);
    auto parser = parserOfAll();
    const auto eth = defaultInstruments()[1];
    int taken = 0;
    for (int round = 0; round < 100'000; ++round) {
        auto text = ethTrade;
        for (auto edits = 1 + random() % 4; edits > 0; --edits) {
            const auto at = random() % text.size();
            switch (random() % 4) {
            case 0:
                text[at] = static_cast<char>(random());
                break;
            case 1:
                text.erase(at, 1 + random() % 5);
                break;
            case 2:
                text.insert(at, 1, R"({}[]":,.0123456789-e\)"[random() % 21]);
                break;
            default:
                text.insert(at, text.substr(random() % text.size(), random() % 12));
                break;
            }
            if (text.empty()) {
                text = "{";
            }
        }
        const auto& frame = parser.parse(std::string_view(text));
        for (const auto& tick : frame.ticks) {
            ++taken;
            QVERIFY(tick.price.value > 0 && tick.signedSize != 0 && tick.time.value > 0 && tick.id >= 0);
            QVERIFY2(holdsNumber(text, eth.tick, tick.price.value), text.c_str());
            QVERIFY2(holdsNumber(text, eth.lot, tick.size().value), text.c_str());
            QVERIFY2(holdsNumber(text, base::Scale{}, tick.id), text.c_str());
            QVERIFY2(holdsNumber(text, base::Scale{}, tick.time.value), text.c_str());
        }
    }
    QVERIFY2(taken > 1'000, "the mutations are too wild to test anything");
}

void MessagesTest::requestBatchesStayUnderTheLimitAndLoseNothing()
{
    for (const std::size_t count : {0U, 1U, 2U, 79U, 98U, 99U, 100U, 101U, 980U}) {
        std::vector<Topic> topics;
        for (std::size_t i = 0; i < count; ++i) {
            topics.push_back({i % 2 == 0 ? "trades" : "tickers", "X" + std::to_string(i) + "-USDT"});
        }
        std::vector<Topic> seen;
        for (const auto batch : requestBatches("subscribe", topics)) {
            QVERIFY(!batch.empty());
            QVERIFY(requestText("subscribe", batch).size() < maxRequestBytes);
            seen.insert(seen.end(), batch.begin(), batch.end());
        }
        QCOMPARE(seen, topics);
    }
}

void MessagesTest::aBatchGrowsUpToTheLastByteThatFits()
{
    const std::vector<Topic> one{{"trades", "A"}};
    const auto head = requestText("subscribe", one).size();
    const std::vector<Topic> empty{{"", ""}};
    const auto topicBytes = requestText("subscribe", std::vector<Topic>{{"", ""}, {"", ""}}).size() -
                            requestText("subscribe", empty).size();
    for (const std::size_t under : {0U, 1U, 2U}) { // 4,096, 4,095, 4,094 bytes in one request
        const std::vector<Topic> two{{"trades", "A"},
                                     {"", std::string(maxRequestBytes - under - head - topicBytes, 'x')}};
        QCOMPARE(requestText("subscribe", two).size(), maxRequestBytes - under);
        QCOMPARE(requestBatches("subscribe", two).size(), under == 0 ? 2U : 1U);
    }
}

void MessagesTest::instrumentsOfRestBecomeScales()
{
    const auto parsed = parseInstruments(
        R"({"code":"0","msg":"success","data":[
        {"instId":"SHIB-USDT","baseCurrency":"SHIB","quoteCurrency":"USDT","contractValue":"1000000","listTime":"1673517600000","expireTime":"32503680000000","maxLeverage":"50","minSize":"0.1","lotSize":"0.1","tickSize":"0.000000001","instType":"SWAP","contractType":"linear","maxLimitSize":"793700","maxMarketSize":"35000","state":"live","assetClass":"Crypto"},
        {"instId":"BTC-USD","contractValue":"1","minSize":"1","lotSize":"1","tickSize":"0.1","contractType":"inverse","state":"live"},
        {"instId":"OLD-USDT","contractValue":"1","minSize":"1","lotSize":"1","tickSize":"0.1","contractType":"linear","state":"suspend"},
        {"instId":"BAD-USDT","contractValue":"1","minSize":"1","lotSize":"0","tickSize":"x","contractType":"linear","state":"live"}]})");
    QVERIFY(parsed);
    QCOMPARE(parsed->size(), 1U);
    auto wanted = defaultInstruments()[5];
    wanted.id = {};
    QCOMPARE((*parsed)[0], wanted);
}

void MessagesTest::tradesOfRestComeOldestFirst()
{
    const auto& eth = defaultInstruments()[1];
    const auto parsed = parseTrades(
        R"({"code":"0","msg":"success","data":[{"tradeId":124892895,"instId":"ETH-USDT","price":1620.12,"size":"34","side":"buy","ts":"1695262343172"},{"tradeId":"124892894","instId":"ETH-USDT","price":"1620.11","size":"34","side":"sell","ts":"1695262343171"}]})",
        eth);
    QVERIFY(parsed);
    QCOMPARE(parsed->size(), 2U);
    const market::Tick first{.id = 124'892'894, .time = {1'695'262'343'171}, .price = {162'011}, .signedSize = -340};
    QCOMPARE((*parsed)[0], first);
    QCOMPARE((*parsed)[1].price, Price{162'012});
    QVERIFY(!parseTrades(
        R"({"code":"0","msg":"","data":[{"tradeId":"1","price":"1620.111","size":"1","side":"buy","ts":"1"}]})", eth));
}

void MessagesTest::candlesOfRestComeOldestFirstWithTheirConfirmation()
{
    const auto& eth = defaultInstruments()[1];
    const auto parsed = parseCandles(
        R"({"code":"0","msg":"success","data":[["1703484300000","2282.8","2283","2282","2282.5","10","0.1","228.25","0"],["1703484240000","2283.45","2283.45","2282.8","2282.8","835","8.35","19063.9805","1"]]})",
        eth);
    QVERIFY(parsed);
    QCOMPARE(parsed->size(), 2U);
    QCOMPARE((*parsed)[0].candle.start.value, 1'703'484'240'000);
    QCOMPARE((*parsed)[0].candle.open, Price{228'345});
    QCOMPARE((*parsed)[0].candle.volume, Quantity{8'350});
    QVERIFY((*parsed)[0].isClosed);
    QVERIFY(!(*parsed)[1].isClosed);
    QVERIFY(!parseCandles(R"({"code":"0","data":[["1703484240000","1","1","1","1"]]})", eth));
}

void MessagesTest::tickersOfRestRankByTurnover()
{
    const auto parsed = parseTickers(
        R"({"code":"0","msg":"success","data":[{"instId":"BTC-USDT","last":"27187","lastSize":"1","open24h":"27186.5","volCurrency24h":"3224.82","vol24h":"3224820","ts":"1695261862487"}]})");
    QVERIFY(parsed);
    QCOMPARE((*parsed)[0].instrument, std::string("BTC-USDT"));
    QCOMPARE((*parsed)[0].turnover24h, 27187 * 3224.82);
}

void MessagesTest::errorsOfRestAreToldByCode_data()
{
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("code");
    const auto row = [](const char* name, const char* body, base::ErrorCode code) {
        QTest::newRow(name) << body << static_cast<int>(code);
    };
    row("numeric code",
        R"({"code":500,"data":{},"detailMsg":"","error_code":"500","error_message":"Internal Server Error","msg":"Internal Server Error"})",
        base::ErrorCode::Refused);
    row("unknown instrument", R"({"code":"152014","msg":"Instrument ID does not exist"})", base::ErrorCode::NotFound);
    row("its other code", R"({"code":"152002","msg":"Parameter instId error."})", base::ErrorCode::NotFound);
    row("another parameter", R"({"msg":"Parameter bar error.","code":"152002"})", base::ErrorCode::Refused);
    row("html", "<html>403</html>", base::ErrorCode::Malformed);
    row("no data", R"({"code":"0","msg":"success"})", base::ErrorCode::Malformed);
    row("data is no list", R"({"code":"0","msg":"success","data":7})", base::ErrorCode::Malformed);
    row("empty", "", base::ErrorCode::Malformed);
}

void MessagesTest::errorsOfRestAreToldByCode()
{
    QFETCH(QString, body);
    QFETCH(int, code);
    const auto parsed = parseTickers(body.toStdString());
    QVERIFY(!parsed);
    QCOMPARE(static_cast<int>(parsed.error().code), code);
}

QTEST_APPLESS_MAIN(MessagesTest)
#include "messages_test.moc"
