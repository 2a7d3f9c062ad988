#include "engines/http_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr int backlog = 64;
constexpr std::size_t chunk = 4'096;

ErrorCode codeOf(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ErrorCode::Busy;
    case EACCES:
    case EPERM:
        return ErrorCode::ReadOnly;
    case EADDRNOTAVAIL:
        return ErrorCode::NotFound;
    default:
        return ErrorCode::Io;
    }
}

int millisLeft(HttpBytes::Time deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

/// True if it is ready by then.
bool waitFor(int handle, short events, HttpBytes::Time deadline, const std::stop_token& stop = {})
{
    constexpr int slice = 50; // ms between two looks at the stop
    for (;;) {
        pollfd one{.fd = handle, .events = events, .revents = 0};
        const int left = millisLeft(deadline);
        const int ready = ::poll(&one, 1, stop.stop_possible() ? std::min(left, slice) : left);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return ready > 0;
        }
        if (left == 0 || stop.stop_requested()) {
            return false;
        }
    }
}

} // namespace

Socket::~Socket()
{
    if (handle_ >= 0) {
        ::close(handle_);
    }
}

Socket& Socket::operator=(Socket&& other) noexcept
{
    if (this != &other) {
        if (handle_ >= 0) {
            ::close(handle_);
        }
        handle_ = std::exchange(other.handle_, -1);
    }
    return *this;
}

std::string placeOf(const HttpDoor& door)
{
    const bool isSix = door.address.find(':') != std::string::npos;
    return (isSix ? '[' + door.address + ']' : door.address) + ':' + std::to_string(door.port);
}

Result<Socket> listenAt(const std::string& address, std::uint16_t port)
{
    addrinfo wish{};
    wish.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    wish.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto place = placeOf({address, port});
    if (const int wrong = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wish, &found); wrong != 0) {
        return base::fail(ErrorCode::Malformed, place, ::gai_strerror(wrong));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
    Socket out(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // Not SO_REUSEPORT, which httplib would set: two consoles would then share a port, and each answer half of the
    // questions.
    const int yes = 1;
    if (!out.isOpen() || ::setsockopt(out.handle(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(out.handle(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(out.handle(), backlog) != 0) {
        const int error = errno;
        return base::fail(codeOf(error), place, std::strerror(error));
    }
    return out;
}

Socket acceptOn(const Socket& listener)
{
    Socket out(::accept4(listener.handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (out.isOpen()) {
        const int yes = 1;
        (void)::setsockopt(out.handle(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    return out;
}

HttpDoor doorOf(const Socket& socket)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::getsockname(socket.handle(), generic, &size) != 0 ||
        ::getnameinfo(generic, size, host.data(), host.size(), port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return {};
    }
    return {.address = host.data(), .port = static_cast<std::uint16_t>(std::atoi(port.data()))};
}

std::vector<std::size_t> readable(const std::vector<int>& handles, std::chrono::milliseconds time)
{
    std::vector<pollfd> all;
    for (const int handle : handles) {
        all.push_back({.fd = handle, .events = POLLIN, .revents = 0});
    }
    std::vector<std::size_t> out;
    if (::poll(all.data(), all.size(), static_cast<int>(time.count())) > 0) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].revents != 0) {
                out.push_back(i);
            }
        }
    }
    return out;
}

void refuseWith(Socket socket, std::string_view answer)
{
    (void)::send(socket.handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // What has come already is read, or closing would throw the answer away with it.
    std::array<char, chunk> rest{};
    (void)::recv(socket.handle(), rest.data(), rest.size(), MSG_DONTWAIT);
    (void)::shutdown(socket.handle(), SHUT_WR);
}

HttpBytes::HttpBytes(Socket socket, std::chrono::milliseconds readTimeout, std::size_t most, std::stop_token stop)
    : socket_(std::move(socket)),
      stop_(std::move(stop)),
      timeout_(readTimeout),
      deadline_(std::chrono::steady_clock::now() + readTimeout),
      most_(most)
{
}

std::ptrdiff_t HttpBytes::read(char* to, std::size_t size)
{
    if (!out_.empty() && !flush()) { // "100 Continue" is waited for
        return -1;
    }
    if (given_ == in_.size()) {
        if (taken_ >= most_) {
            return -1;
        }
        if (!waitFor(socket_.handle(), POLLIN, deadline_, stop_)) {
            hasTimedOut_ = true;
            return -1;
        }
        in_.resize(std::min(chunk, most_ - taken_));
        const auto got = ::recv(socket_.handle(), in_.data(), in_.size(), 0);
        in_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        given_ = 0;
        taken_ += in_.size();
        if (got <= 0) {
            return got;
        }
    }
    const auto count = std::min(size, in_.size() - given_);
    std::memcpy(to, in_.data() + given_, count);
    given_ += count;
    return static_cast<std::ptrdiff_t>(count);
}

int HttpBytes::status() const
{
    std::size_t at = 9; // behind "HTTP/1.1 "
    if (out_.starts_with("HTTP/1.1 100 ")) {
        at += out_.find("\r\n\r\n") + 4;
    }
    return out_.size() > at + 3 ? std::atoi(out_.substr(at, 3).c_str()) : 0;
}

bool HttpBytes::flush()
{
    const auto until = std::chrono::steady_clock::now() + timeout_;
    std::string_view left = out_;
    while (!left.empty()) {
        const auto sent = ::send(socket_.handle(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            left.remove_prefix(static_cast<std::size_t>(sent));
        } else if ((errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) ||
                   !waitFor(socket_.handle(), POLLOUT, until, stop_)) {
            break;
        }
    }
    const bool isSent = left.empty();
    out_.clear();
    return isSent;
}

void HttpBytes::linger()
{
    constexpr std::size_t enough = 1024 * 1024;
    const auto until = std::chrono::steady_clock::now() + 300ms;
    (void)::shutdown(socket_.handle(), SHUT_WR);
    std::array<char, chunk> rest{};
    for (std::size_t seen = 0; seen < enough && waitFor(socket_.handle(), POLLIN, until, stop_);) {
        const auto got = ::recv(socket_.handle(), rest.data(), rest.size(), 0);
        if (got <= 0) {
            return;
        }
        seen += static_cast<std::size_t>(got);
    }
}

} // namespace qd::engines
