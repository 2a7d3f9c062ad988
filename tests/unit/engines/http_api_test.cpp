// The doors of the HTTP API over real sockets, with engines that are the test: who is let in, what is refused, cut off
// or told.
#include "engines/http_rules.h"
#include "testkit/api_answers.h"
#include "testkit/api_rig.h"
#include "testkit/http_client.h"

#include <QTest>

#include <filesystem>

using namespace qd;
using namespace qd::engines;
using namespace std::chrono_literals;
using testkit::ApiRig;
using testkit::codeOf;
using testkit::httpAsk;
using testkit::HttpClient;
using testkit::httpGet;
using testkit::HttpHeaders;
using testkit::httpPost;
using testkit::tradesOf;

class HttpApiTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsNotAskedRightIsRefusedAndSaysWhy();
    void aPostWantsTheTokenAndAPlainSmallBody();
    void slowClientsAreCutAndOthersAnswered();
    void moreConnectionsThanMayWaitAreRefused();
    void whoSaysNothingTakesNobodysPlace();
    void tooManyRequestsAreToldSo();
    void aTakenPortIsToldWithItsHolderAndTriedAgain();
    void anAddressThatOthersReachWantsTheSwitch();
    void withoutATokenNothingCanBeChanged();
    void anythingAtAllIsAnsweredOrCut();
    void itEndsWhileClientsHang();
};

void HttpApiTest::whatIsNotAskedRightIsRefusedAndSaysWhy()
{
    ApiRig rig;
    rig.start();
    const auto port = rig.port();
    QVERIFY(port != 0);
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    QCOMPARE(httpGet(port, "/api/v1/nothing").status, 404);
    QCOMPARE(httpGet(port, "/api/v1/status/").status, 404);
    QCOMPARE(httpGet(port, "/../../etc/passwd").status, 404);
    for (const auto* method : {"PUT", "DELETE", "PATCH", "OPTIONS", "POST", "TRACE", "CONNECT", "PRI"}) {
        const auto reply = httpAsk(port, method, "/api/v1/status");
        QVERIFY2(reply.status == 405 && reply.headers.at("allow") == "GET, HEAD", method);
    }
    QCOMPARE(httpGet(port, "/api/v1/pause").status, 405);
    QCOMPARE(httpGet(port, "/api/v1/pause").headers.at("allow"), std::string("POST"));
    const auto head = httpAsk(port, "HEAD", "/metrics");
    QVERIFY(head.status == 200 && head.body.empty());
    QVERIFY(std::stoi(head.headers.at("content-length")) > 100);

    for (const auto* host : {"evil.example", "evil.example:8888", "127.0.0.1:1", "localhost:80", ""}) {
        const auto reply = httpGet(port, "/api/v1/status", {{"Host", host}});
        QVERIFY2(reply.status == 403 || reply.status == 400, host);
    }
    QCOMPARE(codeOf(httpGet(port, "/api/v1/status", {{"Host", "evil.example"}})), std::string("foreign-host"));
    QCOMPARE(httpGet(port, "/api/v1/status", {{"Host", "localhost:" + std::to_string(port)}}).status, 200);
    for (const auto* origin : {"http://evil.example", "null", "https://127.0.0.1", "http://localhost:3000"}) {
        const auto reply = httpGet(port, "/api/v1/status", {{"Origin", origin}});
        QVERIFY2(reply.status == 403 && codeOf(reply) == "foreign-origin", origin);
    }
    QCOMPARE(httpGet(port, "/", {{"Origin", "http://127.0.0.1:" + std::to_string(port)}}).status, 200);
    HttpClient twoHosts(port);
    twoHosts.say("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nHost: evil.example\r\n\r\n");
    QCOMPARE(twoHosts.hear().status, 400);
    HttpClient noHost(port);
    noHost.say("GET / HTTP/1.1\r\n\r\n");
    QCOMPARE(noHost.hear().status, 400);
}

void HttpApiTest::aPostWantsTheTokenAndAPlainSmallBody()
{
    ApiRig rig;
    rig.start();
    const auto port = rig.port();
    const std::string path = "/api/v1/notes";
    const std::string body = R"({"text":"hello"})";
    const HttpHeaders right{{"Authorization", std::string("Bearer ") + ApiRig::token},
                            {"Content-Type", "application/json"}};
    const auto with = [&](const std::string& name, const std::string& value) {
        auto out = right;
        out[name] = value;
        return httpAsk(port, "POST", path, out, body).status;
    };
    QCOMPARE(httpAsk(port, "POST", path, {{"Content-Type", "application/json"}}, body).status, 401); // no token
    QCOMPARE(with("Authorization", "Bearer wrong"), 401);
    QCOMPARE(with("Authorization", ApiRig::token), 401);
    QCOMPARE(with("Authorization", std::string("Bearer ") + ApiRig::token + "0"), 401);
    QCOMPARE(with("Content-Type", "text/plain"), 415); // what a foreign page may send without asking
    QCOMPARE(with("Content-Type", "multipart/form-data; boundary=x"), 415);
    QCOMPARE(with("Content-Type", "application/jsonp"), 415);
    QCOMPARE(with("Content-Encoding", "gzip"), 415);
    QCOMPARE(with("Transfer-Encoding", "chunked"), 411);
    QCOMPARE(with("Content-Length", "1e3"), 400);
    QCOMPARE(with("Content-Length", "65537"), 413);
    QCOMPARE(with("Content-Length", "-1"), 400);
    QVERIFY(rig.sent().empty());

    const auto sized = [&](std::size_t size) { // a body of so many bytes, all of them sent
        const auto frame = std::string(R"({"text":""})").size();
        return httpPost(port, path, R"({"text":")" + std::string(size - frame, 'a') + "\"}", ApiRig::token);
    };
    QCOMPARE(sized(64 * 1024).status, 422); // read, and the text is too long
    QCOMPARE(sized(64 * 1024 + 1).status, 413);
    QCOMPARE(sized(900'000).status, 413); // the answer comes though the body is not read
    for (const auto* wrong :
         {"", "[]", "1", "{", R"({"text":1})", R"({"text":""})", R"({"text":"a","more":1})", "{}"}) {
        QCOMPARE(httpPost(port, path, wrong, ApiRig::token).status, 400);
    }
    QCOMPARE(httpPost(port, path, std::string(60'000, '['), ApiRig::token).status, 400); // deep
    QVERIFY(rig.sent().empty());
    QCOMPARE(httpPost(port, path, body, ApiRig::token).status, 200);
    QCOMPARE(with("Content-Type", "application/json; charset=utf-8"), 200);
    QCOMPARE(rig.sent().size(), std::size_t{2});
    HttpClient expecting(port); // as curl does with larger bodies
    auto request = testkit::httpRequest(port, "POST", path, right, body);
    request.insert(request.find("\r\n") + 2, "Expect: 100-continue\r\n");
    expecting.say(request.substr(0, request.size() - body.size()));
    expecting.say(body);
    QVERIFY(expecting.hear().raw.find("HTTP/1.1 200") != std::string::npos);
}

void HttpApiTest::slowClientsAreCutAndOthersAnswered()
{
    ApiRig rig;
    auto options = ApiRig::options();
    options.readTimeout = base::Millis{700};
    rig.start(options);
    const auto port = rig.port();
    QElapsedTimer timer;
    timer.start();
    // Two that begin and stop, one that drips: each byte alone would be in time. One worker of four is left.
    HttpClient head(port);
    head.say("GET /api/v1/sta");
    HttpClient body(port);
    body.say("POST /api/v1/notes HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nAuthorization: Bearer " +
             ApiRig::token + "\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"te");
    HttpClient drip(port);
    std::jthread dripping([&](const std::stop_token& stop) {
        while (!stop.stop_requested() && drip.say("x")) {
            std::this_thread::sleep_for(50ms);
        }
    });
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    QCOMPARE(head.hear().status, 408);
    QCOMPARE(body.hear().status, 408);
    QCOMPARE(drip.hear().status, 408);
    dripping.request_stop();
    QVERIFY(timer.elapsed() >= 600); // not at once
    QVERIFY(rig.sent().empty());
    HttpClient silent(port); // says nothing at all
    QVERIFY(silent.hear().raw.empty());
    HttpClient gone(port);
    gone.sayNoMore();
    QVERIFY(gone.hear().raw.empty());
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
}

void HttpApiTest::moreConnectionsThanMayWaitAreRefused()
{
    ApiRig rig;
    auto options = ApiRig::options();
    options.workers = 1;
    options.waiting = 2;
    options.readTimeout = base::Millis{60'000};
    rig.start(options);
    const auto port = rig.port();
    std::vector<std::unique_ptr<HttpClient>> hanging;
    std::vector<HttpClient*> refused;
    for (int i = 0; i < 8; ++i) {
        hanging.push_back(std::make_unique<HttpClient>(port));
        QVERIFY(hanging.back()->isConnected() && hanging.back()->say("GET /"));
    }
    // One is served, two wait; of the others each is told so at once. Which ones is the threads' affair.
    int busy = 0;
    for (int i = 3; i < 8; ++i) {
        busy += hanging[static_cast<std::size_t>(i)]->hear().status == 503 ? 1 : 0;
    }
    QVERIFY2(busy >= 4, std::to_string(busy).c_str());
    hanging.clear();
    QVERIFY(ApiRig::waitFor([&] { return httpGet(port, "/api/v1/status").status == 200; })); // it goes on
}

void HttpApiTest::whoSaysNothingTakesNobodysPlace()
{
    ApiRig rig;
    auto options = ApiRig::options();
    options.workers = 1;
    options.waiting = 4;
    rig.start(options);
    const auto port = rig.port();
    std::vector<std::unique_ptr<HttpClient>> silent; // as a browser opens them ahead
    for (int i = 0; i < 8; ++i) {
        silent.push_back(std::make_unique<HttpClient>(port));
        QVERIFY(silent.back()->isConnected());
    }
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200); // well before their time is up
    QVERIFY(silent.front()->hear().raw.empty());           // the oldest had to go
    QVERIFY(silent.back()->say(testkit::httpRequest(port, "GET", "/api/v1/status")));
    QCOMPARE(silent.back()->hear().status, 200); // the newest is as good as any
}

void HttpApiTest::tooManyRequestsAreToldSo()
{
    ApiRig rig;
    auto options = ApiRig::options();
    options.perSecond = 0.001;
    options.atOnce = 3;
    rig.start(options);
    const auto port = rig.port();
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    }
    const auto over = httpGet(port, "/api/v1/status");
    QVERIFY(over.status == 429 && over.headers.at("retry-after") == "1");
}

void HttpApiTest::aTakenPortIsToldWithItsHolderAndTriedAgain()
{
    auto taken = listenAt("127.0.0.1", 0);
    QVERIFY(taken);
    const auto port = doorOf(*taken).port;
    ApiRig rig;
    auto options = ApiRig::options(port);
    options.retryEvery = base::Millis{50};
    rig.start(options);
    QVERIFY(ApiRig::waitFor([&] { return rig.words.get() != nullptr; }));
    const auto holder = "(pid " + std::to_string(::getpid()) + ")";
    QVERIFY(rig.words.get()->find("the port is held by") != std::string::npos);
    QVERIFY(rig.words.get()->find(holder) != std::string::npos);
    QVERIFY(rig.pulse.state == console::EngineState::Struggling && rig.api->port() == 0);
    QTest::qWait(300); // it is tried again several times, and told once
    QCOMPARE(rig.notices().size(), std::size_t{1});
    QVERIFY(rig.notices()[0].find(holder) != std::string::npos);

    *taken = Socket(); // free again
    QCOMPARE(rig.port(), port);
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    QVERIFY(rig.pulse.state == console::EngineState::Running);
    QCOMPARE(*rig.words.get(), "http://127.0.0.1:" + std::to_string(port));
    // Who holds it may have changed as it was let go, which is told once more; that it listens is told once.
    const auto told = rig.notices();
    QVERIFY(told.size() == 2 || told.size() == 3);
    for (std::size_t i = 0; i < told.size(); ++i) {
        QCOMPARE(told[i].find("listens on") != std::string::npos, i + 1 == told.size());
    }
}

void HttpApiTest::anAddressThatOthersReachWantsTheSwitch()
{
    QVERIFY(checkApi({}));
    QVERIFY(checkApi({.bind = "::1"}) && checkApi({.bind = "127.8.9.1"}));
    for (const auto* address : {"0.0.0.0", "::", "192.168.1.2"}) {
        QCOMPARE(checkApi({.bind = address}).error().code, base::ErrorCode::OutOfRange);
        QVERIFY(checkApi({.bind = address, .acceptsOthers = true}));
    }
    QCOMPARE(checkApi({.bind = "localhost", .acceptsOthers = true}).error().code, base::ErrorCode::Malformed);

    ApiRig rig;
    auto options = ApiRig::options();
    options.bind = "0.0.0.0";
    options.acceptsOthers = true;
    rig.start(options);
    const auto port = rig.port();
    QCOMPARE(rig.notices().size(), std::size_t{1});
    QVERIFY(rig.notices()[0].find("whoever reaches this address") != std::string::npos);
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200); // the door is where it came in: 127.0.0.1
    QCOMPARE(httpGet(port, "/api/v1/status", {{"Host", "0.0.0.0:" + std::to_string(port)}}).status, 403);
    QCOMPARE(httpGet(port, "/api/v1/status", {{"Host", "box.example:" + std::to_string(port)}}).status, 403);
}

void HttpApiTest::withoutATokenNothingCanBeChanged()
{
    ApiRig rig;
    rig.secret = base::fail(base::ErrorCode::Conflict, "api-token", "others may read it");
    rig.start();
    const auto port = rig.port();
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    const auto reply = httpPost(port, "/api/v1/pause", "{}", ApiRig::token);
    QVERIFY(reply.status == 503 && reply.body.find("others may read it") != std::string::npos);
    QVERIFY(rig.pulse.state == console::EngineState::Struggling && rig.sent().empty());
}

namespace {

/// Requests that are put together of right and wrong parts.
class OddRequests {
public:
    explicit OddRequests(std::uint16_t port) : headers_(partsOfHeaders(port)) {}
    [[nodiscard]] std::string next(std::mt19937& random) const
    {
        const auto any = [&](const auto& of) { return of[random() % of.size()]; };
        auto request = any(methods_) + ' ' + any(targets_) + ' ' + any(versions_) + "\r\n";
        if (random() % 4 != 0) {
            request += headers_[0] + "\r\n";
        }
        for (auto n = random() % 6; n > 0; --n) {
            request += any(headers_) + (random() % 12 == 0 ? "\n" : "\r\n");
        }
        request += "\r\n" + any(bodies_);
        if (random() % 8 == 0) {
            request.resize(random() % (request.size() + 1));
        }
        return request;
    }

private:
    static std::vector<std::string> partsOfHeaders(std::uint16_t port)
    {
        std::vector<std::string> headers{"Host: 127.0.0.1:" + std::to_string(port),
                                         "Host: evil",
                                         "Host:",
                                         "Range: bytes=0-1,2-3,9-",
                                         "x",
                                         "Range: bytes=" + std::string(7'000, '-'),
                                         ": y",
                                         "Content-Length: 5",
                                         "Content-Length: 99999999999999999999",
                                         "Transfer-Encoding: chunked",
                                         "Content-Type: application/json",
                                         "Content-Type: multipart/form-data",
                                         "Authorization: Bearer " + std::string(ApiRig::token),
                                         "Expect: 100-continue",
                                         "Connection: keep-alive",
                                         "If-None-Match: *",
                                         "A: " + std::string(9'000, 'b'),
                                         std::string("N: \0\r", 5),
                                         "Content-Encoding: gzip",
                                         "Upgrade: websocket"};
        std::string manyRanges = "raNGe: bytes=";
        for (int i = 0; i < 1'900; ++i) { // as long as httplib takes it; its regular expression would recurse all along
            manyRanges += "0-1,";
        }
        headers.push_back(manyRanges + "2-3");
        return headers;
    }

    const std::vector<std::string> methods_{"GET", "POST", "HEAD", "PUT",     "DELETE",
                                            "get", "",     "PRI",  "GET GET", "\x01"};
    const std::vector<std::string> targets_{"/",
                                            "/api/v1/trades?limit=3",
                                            "/api/v1/notes",
                                            "/metrics",
                                            "*",
                                            "",
                                            "http://evil.example/",
                                            "/api/v1/%00%ff%zz",
                                            "/" + std::string(9'000, 'a'),
                                            "/api/v1/trades?" + std::string(3'000, '&'),
                                            "/api/v1/strategies/%0A/enable",
                                            "/?a=b#c",
                                            "//",
                                            "/./api/v1/status",
                                            "/api/v1/status\\",
                                            "/\xc3\x28"};
    const std::vector<std::string> versions_{"HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "", "HTTP/1.1 x"};
    const std::vector<std::string> bodies_{"",
                                           "{}",
                                           R"({"text":"a"})",
                                           "5\r\nhello\r\n0\r\n\r\n",
                                           std::string(70'000, '{'),
                                           std::string("\x1f\x8b\x08\x00\x00", 5)};
    std::vector<std::string> headers_; // the right Host first
};

} // namespace

void HttpApiTest::anythingAtAllIsAnsweredOrCut()
{
    ApiRig rig;
    rig.onAsk = [](const console::Query& query) -> console::Answer {
        return std::holds_alternative<console::AskTrades>(query)
                   ? tradesOf(query, 30)
                   : console::Answer{1, base::Error{base::ErrorCode::Timeout, "query", "busy"}, {}};
    };
    auto options = ApiRig::options();
    options.readTimeout = base::Millis{20'000}; // the client ends its side: nobody waits for it
    rig.start(options);
    const auto port = rig.port();
    const OddRequests odd(port);
    std::mt19937 random(20'261'126);
    for (int i = 0; i < 1'500; ++i) {
        const auto request = odd.next(random);
        HttpClient client(port);
        client.say(request);
        client.sayNoMore();
        const auto reply = client.hear();
        const bool isWhole = reply.raw.empty() || reply.status >= 200 || reply.raw.starts_with("HTTP/1.1 100") ||
                             reply.raw.starts_with("HTTP/1.1 417");
        QVERIFY2(isWhole, request.c_str());
    }
    QCOMPARE(httpGet(port, "/api/v1/status").status, 200);
    const auto sent = rig.sent(); // nothing but notes can have come of these
    QVERIFY(std::ranges::all_of(sent, [](const auto& c) { return std::holds_alternative<console::AddNote>(c); }));
}

void HttpApiTest::itEndsWhileClientsHang()
{
    ApiRig rig;
    auto options = ApiRig::options();
    options.readTimeout = base::Millis{600'000};
    rig.start(options);
    const auto port = rig.port();
    std::vector<std::unique_ptr<HttpClient>> hanging;
    for (int i = 0; i < 8; ++i) {
        hanging.push_back(std::make_unique<HttpClient>(port));
        hanging.back()->say("GET /");
    }
    QTest::qWait(100);
    QElapsedTimer timer;
    timer.start();
    rig.api->stop();
    QVERIFY(timer.elapsed() < 60'000); // not their ten minutes
    QVERIFY(rig.api->port() == 0 && !HttpClient(port).isConnected());
    rig.api->stop();
}

QTEST_GUILESS_MAIN(HttpApiTest)
#include "http_api_test.moc"
