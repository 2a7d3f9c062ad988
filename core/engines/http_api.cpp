#include "engines/http_api.h"

#include "base/log.h"
#include "engines/port_holder.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto beatEvery = 250ms;

} // namespace

Result<void> checkApi(const ApiOptions& options)
{
    if (!isNumericAddress(options.bind)) {
        return base::fail(ErrorCode::Malformed, options.bind,
                          "the API listens at an address in numbers, such as 127.0.0.1");
    }
    if (!isLoopback(options.bind) && !options.acceptsOthers) {
        return base::fail(ErrorCode::OutOfRange, options.bind,
                          "other machines reach this address, and nothing said that they may");
    }
    return {};
}

HttpApi::HttpApi(ApiOptions options, Links links)
    : options_(std::move(options)),
      links_(std::move(links)),
      dialogue_(options_, links_.dialogue)
{
    links_.pulse.state = console::EngineState::Starting;
    const auto failed = [this](const std::string& what) {
        links_.pulse.state = console::EngineState::Failed;
        links_.words.put(what);
        base::log(base::LogLevel::Error, "http api", what);
    };
    threads_.push_back(std::make_unique<base::WorkerThread>(
        "http api", [this](const std::stop_token& stop) { listen(stop); }, failed));
    for (std::size_t i = 0; i < options_.workers; ++i) {
        threads_.push_back(std::make_unique<base::WorkerThread>(
            "http api " + std::to_string(i + 1), [this](const std::stop_token& stop) { answer(stop); }, failed));
    }
}

HttpApi::~HttpApi()
{
    stop();
}

void HttpApi::stop()
{
    for (const auto& thread : threads_) {
        thread->requestStop();
    }
    threads_.clear(); // joins
    const std::scoped_lock lock(mutex_);
    waiting_.clear();
}

void HttpApi::rest(base::Millis time, const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    for (const auto until = std::chrono::steady_clock::now() + time;
         !stop.stop_requested() && std::chrono::steady_clock::now() < until;) {
        changed_.wait_until(lock, stop, std::min(until, std::chrono::steady_clock::now() + 1s), [] { return false; });
        links_.pulse.beat(links_.dialogue.clock.now());
    }
}

void HttpApi::listen(const std::stop_token& stop)
{
    links_.pulse.start(links_.dialogue.clock.now());
    while (!stop.stop_requested()) {
        if (listener_.isOpen()) {
            takeConnections(stop);
        } else {
            tryToListen(stop);
        }
    }
    listener_ = Socket();
    port_ = 0;
    links_.pulse.state = console::EngineState::Stopped;
}

void HttpApi::tryToListen(const std::stop_token& stop)
{
    auto opened = listenAt(options_.bind, options_.port);
    if (!opened) {
        cannotListen(opened.error());
        rest(options_.retryEvery, stop);
        return;
    }
    listener_ = std::move(*opened);
    const auto port = doorOf(listener_).port;
    const auto place = "http://" + placeOf({options_.bind, port});
    const auto& token = links_.dialogue.token;
    links_.pulse.state = token ? console::EngineState::Running : console::EngineState::Struggling;
    links_.words.put(token ? place : place + ", to look at only: " + base::sentence(token.error()));
    base::log(base::LogLevel::Info, "http api", "listens on " + place);
    if (!std::exchange(told_, {}).empty()) {
        links_.tell({links_.dialogue.clock.now(), console::Severity::Info, "The HTTP API listens on " + place + '.'});
    }
    if (!isLoopback(options_.bind)) {
        links_.tell({links_.dialogue.clock.now(), console::Severity::Warning,
                     "The HTTP API listens on " + place +
                         ": whoever reaches this address reads what the console knows. What changes anything wants the "
                         "token, which goes over the line in the clear."});
    }
    port_ = port; // the last: who sees it may ask
}

void HttpApi::cannotListen(const base::Error& why)
{
    const auto place = "http://" + placeOf({options_.bind, options_.port});
    std::string words = "cannot listen on " + place + ": ";
    if (why.code == ErrorCode::Busy) {
        const auto holder = portHolder(options_.port, links_.proc);
        words += "the port is held by " + (holder.empty() ? std::string("another program") : holder);
    } else {
        words += why.detail;
    }
    links_.pulse.state = console::EngineState::Struggling;
    links_.words.put(words + "; tried again each minute");
    if (std::exchange(told_, words) != words) {
        base::log(base::LogLevel::Warning, "http api", words);
        links_.tell({links_.dialogue.clock.now(), console::Severity::Warning,
                     "The HTTP API " + words + ". The console runs on without it, and tries again each minute."});
    }
}

// A connection is nobody's until something comes in by it: browsers open some ahead and leave them.
void HttpApi::takeConnections(const std::stop_token& stop)
{
    std::deque<std::pair<Socket, std::chrono::steady_clock::time_point>> silent; // until when; the oldest first
    std::vector<int> handles;
    while (!stop.stop_requested()) {
        links_.pulse.beat(links_.dialogue.clock.now());
        handles.assign(1, listener_.handle());
        for (const auto& [connection, until] : silent) {
            handles.push_back(connection.handle());
        }
        const auto ready = readable(handles, beatEvery);
        for (auto i = ready.rbegin(); i != ready.rend() && *i > 0; ++i) {
            const auto spoken = silent.begin() + static_cast<std::ptrdiff_t>(*i - 1);
            pass(std::move(spoken->first));
            silent.erase(spoken);
        }
        const auto now = std::chrono::steady_clock::now();
        while (!silent.empty() && silent.front().second <= now) {
            silent.pop_front();
        }
        if (ready.empty() || ready.front() != 0) {
            continue;
        }
        if (auto connection = acceptOn(listener_); connection.isOpen()) {
            if (silent.size() >= options_.waiting) {
                silent.pop_front();
            }
            silent.emplace_back(std::move(connection), now + options_.readTimeout);
        } else {
            rest(base::Millis{50}, stop); // out of handles, or it has gone again
        }
    }
}

void HttpApi::pass(Socket connection)
{
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= options_.waiting) {
        lock.unlock();
        dialogue_.refuse(std::move(connection));
        return;
    }
    waiting_.push_back(std::move(connection));
    lock.unlock();
    changed_.notify_all();
}

void HttpApi::answer(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, stop, [&] { return !waiting_.empty(); });
        if (waiting_.empty()) {
            continue;
        }
        auto connection = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        dialogue_.serve(std::move(connection), stop);
    }
}

} // namespace qd::engines
