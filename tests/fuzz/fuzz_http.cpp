// The HTTP API as strangers meet it: any bytes, one connection each. What comes back is nothing or whole answers, and
// no command is obeyed without the token.
#include "base/utc_time.h"
#include "engines/http_dialogue.h"
#include "fuzz/fuzz.h"
#include "testkit/fake_console.h"
#include "testkit/http_client.h"

#include <algorithm>

namespace qd::fuzz {

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";

/// The door, and a dialogue behind it, in this one thread: what is sent lies in the kernel until it is served.
class Rig {
public:
    Rig()
        : listener_(std::move(*engines::listenAt("127.0.0.1", 0))),
          port_(engines::doorOf(listener_).port),
          dialogue_({.perSecond = 1e9, .atOnce = 1e9},
                    {.console = console_,
                     .ask = [](const console::Query& query, const std::stop_token&) -> console::Answer {
                         return std::holds_alternative<console::AskTrades>(query)
                                    ? console::Answer{1, std::nullopt, console::TradesPage{.total = 3, .rows = {{}}}}
                                    : console::Answer{1, base::Error{base::ErrorCode::Timeout, "query", "busy"}, {}};
                     },
                     .send = [this](const console::Command&, const std::stop_token&) -> engines::CommandEnd {
                         ++sent_;
                         return {.id = sent_, .hasEnded = true};
                     },
                     .pulses = {},
                     .token = token,
                     .clock = clock_})
    {
        console_.paperBox.put(console::PaperSnapshot{});
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

    void feed(std::string_view input)
    {
        constexpr std::size_t inOneGo = 100'000; // fits the kernel's buffers
        const auto before = sent_;
        testkit::HttpClient client(port_);
        client.say(input.substr(0, inOneGo));
        client.sayNoMore();
        (void)engines::readable({listener_.handle()}, std::chrono::seconds(10));
        dialogue_.serve(engines::acceptOn(listener_), {});
        const auto reply = client.hear();
        expect(reply.raw.empty() || reply.raw.starts_with("HTTP/1.1 "), "an answer that is no HTTP");
        if (reply.status >= 200 && reply.headers.contains("content-length") && !reply.body.empty()) {
            expect(reply.headers.at("content-length") == std::to_string(reply.body.size()), "an answer that is cut");
        }
        expect(sent_ == before || input.find(token) != std::string_view::npos, "a command without the token");
        expect(sent_ <= before + 1, "two commands of one connection");
    }

private:
    testkit::FakeConsole console_;
    base::SystemClock clock_;
    std::uint64_t sent_ = 0;
    engines::Socket listener_;
    std::uint16_t port_;
    engines::HttpDialogue dialogue_;
};

Rig& rig()
{
    static Rig one;
    return one;
}

} // namespace

std::vector<std::string> seeds()
{
    const auto port = rig().port();
    const testkit::HttpHeaders right{{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
    auto twice = testkit::httpRequest(port, "POST", "/api/v1/notes", right, R"({"text":"a"})");
    twice += twice;
    return {testkit::httpRequest(port, "GET", "/"),
            testkit::httpRequest(port, "GET", "/metrics", {{"If-None-Match", "\"a\", W/\"b\""}}),
            testkit::httpRequest(port, "GET", "/api/v1/trades?limit=10&cursor=20-300&from=2026-01-01T00:00:00Z"),
            testkit::httpRequest(port, "HEAD", "/api/v1/status", {{"Range", "bytes=0-1,3-"}}),
            testkit::httpRequest(port, "POST", "/api/v1/strategies/breakout/disable", right, R"({"reason":"a"})"),
            testkit::httpRequest(port, "POST", "/api/v1/undo", right, R"({"decision":12})"),
            testkit::httpRequest(port, "POST", "/api/v1/notes", {{"Transfer-Encoding", "chunked"}},
                                 "5\r\nhello\r\n0\r\n\r\n"),
            testkit::httpRequest(port, "OPTIONS", "*", {{"Origin", "http://evil.example"}}),
            twice};
}

void feed(std::string_view input)
{
    rig().feed(input);
}

} // namespace qd::fuzz
