// An HTTP API on a free port whose engines are the test: snapshots are set, questions and commands answered by
// functions. Owned by the test; the functions run on the API's threads.
#pragma once

#include "engines/http_api.h"
#include "testkit/fake_console.h"

#include <QElapsedTimer>
#include <QTest>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace qd::testkit {

class ApiRig {
public:
    static constexpr auto token = "0123456789abcdef0123456789abcdef";

    FakeConsole console;
    base::SystemClock clock;
    engines::Heartbeat paperPulse;
    engines::Heartbeat pulse;
    base::Mailbox<std::string> words;
    base::Result<std::string> secret{token};
    std::function<console::Answer(const console::Query&)> onAsk;
    std::function<std::optional<base::Error>(const console::Command&)> onSend;
    std::filesystem::path proc = "/proc";
    std::unique_ptr<engines::HttpApi> api;

    ~ApiRig() { api.reset(); } // before what it looks at

    engines::HttpDialogue::Links dialogue()
    {
        return {.console = console,
                .ask =
                    [this](console::Query query, const std::stop_token&) {
                        return onAsk ? onAsk(query)
                                     : console::Answer{1, base::Error{base::ErrorCode::NotFound, "query", "no"}, {}};
                    },
                .send = [this](console::Command command, const std::stop_token&) { return obey(std::move(command)); },
                .pulses = {{"Paper trading", &paperPulse}},
                .token = secret,
                .clock = clock};
    }
    static engines::ApiOptions options(std::uint16_t port = 0)
    {
        // A slow machine is no slow client; the tests of these say so.
        return {.port = port, .perSecond = 1e6, .atOnce = 1e6, .readTimeout = base::Millis{60'000}};
    }
    void start(const engines::ApiOptions& wish = options())
    {
        api = std::make_unique<engines::HttpApi>(
            wish, engines::HttpApi::Links{.dialogue = dialogue(),
                                          .pulse = pulse,
                                          .words = words,
                                          .tell = [this](console::Notice notice) { hear(std::move(notice)); },
                                          .proc = proc});
    }
    /// Where it listens, once it does; 0 after two minutes.
    std::uint16_t port()
    {
        (void)waitFor([&] { return api->port() != 0; });
        return api->port();
    }
    static bool waitFor(const std::function<bool()>& isSo)
    {
        constexpr int patience = 120'000;
        QElapsedTimer timer;
        for (timer.start(); timer.elapsed() < patience; QTest::qWait(10)) {
            if (isSo()) {
                return true;
            }
        }
        return isSo();
    }
    std::vector<console::Command> sent()
    {
        const std::scoped_lock lock(mutex_);
        return sent_;
    }
    std::vector<std::string> notices()
    {
        const std::scoped_lock lock(mutex_);
        return notices_;
    }

private:
    engines::CommandEnd obey(console::Command command)
    {
        const std::scoped_lock lock(mutex_);
        sent_.push_back(command);
        return {.id = sent_.size(), .hasEnded = true, .error = onSend ? onSend(command) : std::nullopt};
    }
    void hear(console::Notice notice)
    {
        const std::scoped_lock lock(mutex_);
        notices_.push_back(std::move(notice.text));
    }

    std::mutex mutex_;
    std::vector<console::Command> sent_; // guarded by mutex_
    std::vector<std::string> notices_;   // guarded by mutex_
};

} // namespace qd::testkit
