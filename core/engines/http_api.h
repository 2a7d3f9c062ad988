// The HTTP API: a thread that listens and a few that answer. Made and ended by EngineHost, which lends it the console
// and two ways to wait (for what is stored, for a command's end). A taken port is told with who holds it, and tried
// again each minute; the console runs on meanwhile. Never keeps an engine waiting. Source: PRODUCT.md, The API.
#pragma once

#include "base/worker_thread.h"
#include "engines/api_options.h"
#include "engines/http_dialogue.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace qd::engines {

/// What is wrong with these options, as an error's value: OutOfRange for an address that other machines reach without
/// the switch that permits it, Malformed for what is no address in numbers.
[[nodiscard]] base::Result<void> checkApi(const ApiOptions& options);

class HttpApi {
public:
    struct Links {
        HttpDialogue::Links dialogue;
        Heartbeat& pulse;                          // running, or struggling while it cannot listen
        base::Mailbox<std::string>& words;         // what it does, for Health: "http://127.0.0.1:8888"
        std::function<void(console::Notice)> tell; // once when it cannot listen, once when it can again
        std::filesystem::path proc = "/proc";      // of portHolder()
    };
    /// Requires: checkApi(options) is well.
    HttpApi(ApiOptions options, Links links);
    ~HttpApi();
    /// Ends every dialogue within its read timeout, and joins. Twice is no harm.
    void stop();
    /// Where it listens; 0 while it does not.
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    void listen(const std::stop_token& stop);
    void tryToListen(const std::stop_token& stop);
    void takeConnections(const std::stop_token& stop);
    void pass(Socket connection);
    void answer(const std::stop_token& stop);
    void cannotListen(const base::Error& why);
    void rest(base::Millis time, const std::stop_token& stop);

    const ApiOptions options_;
    Links links_;
    HttpDialogue dialogue_;
    std::atomic<std::uint16_t> port_{0};
    // the listening thread's
    Socket listener_;
    std::string told_; // why it could not listen, as it was told; empty while it can
    // of all
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Socket> waiting_;                               // guarded by mutex_
    std::vector<std::unique_ptr<base::WorkerThread>> threads_; // the last: they use all of the above
};

} // namespace qd::engines
