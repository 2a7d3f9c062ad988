#include "engines/service_notice.h"

#include "engines/engine_messages.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace qd::engines {

namespace {

std::optional<long long> numberIn(const char* name)
{
    const char* text = std::getenv(name);
    long long value = 0;
    if (text == nullptr) {
        return std::nullopt;
    }
    const auto* end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, value);
    return read.ec == std::errc() && read.ptr == end && value > 0 ? std::optional(value) : std::nullopt;
}

} // namespace

ServiceNotice ServiceNotice::fromEnvironment()
{
    const char* address = std::getenv("NOTIFY_SOCKET");
    const auto wait = numberIn("WATCHDOG_USEC");
    const auto whose = numberIn("WATCHDOG_PID");
    const bool isOurs = wait && (!whose || *whose == ::getpid());
    ServiceNotice out(address != nullptr ? address : "",
                      isOurs ? std::optional(std::chrono::microseconds(*wait)) : std::nullopt);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
        ::unsetenv(name);
    }
    return out;
}

ServiceNotice::ServiceNotice(std::string address, std::optional<std::chrono::microseconds> watchdog)
    : address_(std::move(address)),
      watchdog_(watchdog)
{
    const bool isAddress = address_.size() > 1 && (address_.front() == '/' || address_.front() == '@') &&
                           address_.size() < sizeof(sockaddr_un::sun_path);
    if (isAddress) {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }
}

ServiceNotice::ServiceNotice(ServiceNotice&& other) noexcept
    : address_(std::move(other.address_)),
      watchdog_(other.watchdog_),
      socket_(std::exchange(other.socket_, -1)),
      isReady_(other.isReady_),
      isStopping_(other.isStopping_),
      status_(std::move(other.status_))
{
}

ServiceNotice::~ServiceNotice()
{
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void ServiceNotice::send(const std::string& message) const
{
    if (socket_ < 0) {
        return;
    }
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0';
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    (void)::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
}

void ServiceNotice::ready(std::string_view text)
{
    if (!std::exchange(isReady_, true)) {
        send("READY=1");
    }
    status(text);
}

void ServiceNotice::status(std::string_view text)
{
    const std::string line(text.substr(0, text.find('\n')));
    if (std::exchange(status_, line) != line) {
        send("STATUS=" + line);
    }
}

void ServiceNotice::stopping()
{
    if (!std::exchange(isStopping_, true)) {
        send("STOPPING=1");
    }
}

void ServiceNotice::alive()
{
    if (watchdog_) {
        send("WATCHDOG=1");
    }
}

void ServiceNotice::extendStart(std::chrono::seconds more)
{
    send("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(more).count()));
}

bool isSilent(const Heartbeat& pulse, base::UtcMs now, base::Millis within)
{
    const auto state = pulse.state.load();
    const bool runs = state == console::EngineState::Running || state == console::EngineState::Struggling ||
                      state == console::EngineState::Starting;
    return !runs || std::abs(now.value - pulse.beatMs.load()) > within.count();
}

void ServiceTeller::tell(const ServiceState& state, std::chrono::milliseconds now)
{
    constexpr std::chrono::seconds startLasts{30};
    constexpr std::chrono::milliseconds between{5'000};
    if (!state.isReady) {
        notice_.status(state.isMaking ? "making the simulated past" : "reading what is stored");
        if (isDue(now, between)) {
            notice_.extendStart(startLasts);
            told_ = now;
        }
        return;
    }
    if (!state.silent.empty()) {
        notice_.status(state.silent + " does not answer");
        return; // the manager's patience runs out by itself
    }
    notice_.ready("running on " + state.feed);
    if (notice_.watchdog() && isDue(now, std::chrono::milliseconds(notice_.watchdog()->count() / 4'000))) {
        notice_.alive();
        told_ = now;
    }
}

} // namespace qd::engines
