// EngineHost's HTTP API: what it may ask and send, and how it waits for the end of both without touching an engine.
#include "engines/host_impl.h"
#include "engines/secret_file.h"

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

/// Whether the value is there within `patience`; not once the stop is asked for.
template <typename T>
bool isThere(std::future<T>& future, base::Millis patience, const std::stop_token& stop)
{
    constexpr auto slice = 20ms; // between two looks at the stop; the value itself wakes us at once
    const auto until = std::chrono::steady_clock::now() + patience;
    while (future.wait_for(slice) != std::future_status::ready) {
        if (stop.stop_requested() || std::chrono::steady_clock::now() >= until) {
            return false;
        }
    }
    return true;
}

} // namespace

console::Answer EngineHost::Impl::askAside(console::Query query, const std::stop_token& stop)
{
    const auto answer = std::make_shared<std::promise<console::Answer>>();
    auto waits = answer->get_future();
    const auto id = desk->ask(std::move(query), [answer](console::Answer made) { answer->set_value(std::move(made)); });
    if (isThere(waits, options.api->askPatience, stop)) {
        return waits.get();
    }
    desk->cancel(id);
    return {id, base::Error{base::ErrorCode::Timeout, "query", "the answer takes too long; ask again in a moment"}, {}};
}

CommandEnd EngineHost::Impl::sendAside(console::Command command, base::Millis patience, const std::stop_token& stop)
{
    const auto id = nextCommand++;
    auto waits = events.awaitEnd(id);
    dispatch(id, std::move(command));
    if (isThere(waits, patience, stop)) {
        return {.id = id, .hasEnded = true, .error = waits.get()};
    }
    events.forget(id);
    return {.id = id};
}

void EngineHost::Impl::startApi(const console::Console& console)
{
    if (!options.api) {
        return;
    }
    api = std::make_unique<HttpApi>(
        *options.api,
        HttpApi::Links{
            .dialogue = {.console = console,
                         .ask = [this](console::Query query,
                                       const std::stop_token& stop) { return askAside(std::move(query), stop); },
                         .send =
                             [this](console::Command command, const std::stop_token& stop) {
                                 return sendAside(std::move(command), options.api->sendPatience, stop);
                             },
                         .pulses = pulses(),
                         .token = apiTokenIn(options.dataDir),
                         .clock = clock},
            .pulse = apiPulse,
            .words = apiWords,
            .tell = [this](console::Notice notice) { events.push(std::move(notice)); }});
}

std::uint16_t EngineHost::apiPort() const
{
    return impl_->api ? impl_->api->port() : std::uint16_t{0};
}

} // namespace qd::engines
