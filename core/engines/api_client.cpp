#include "engines/api_client.h"

#include "engines/http_socket.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most = 32 * 1024 * 1024; // of an answer

std::chrono::milliseconds leftUntil(HttpBytes::Time until)
{
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()));
}

/// Network where nobody listens there, Timeout where nobody takes it by then.
Result<Socket> connectTo(const HttpDoor& door, HttpBytes::Time until, const std::stop_token& stop)
{
    addrinfo wish{};
    wish.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    wish.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto place = placeOf(door);
    if (const int wrong = ::getaddrinfo(door.address.c_str(), std::to_string(door.port).c_str(), &wish, &found);
        wrong != 0) {
        return base::fail(ErrorCode::Malformed, place, ::gai_strerror(wrong));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
    Socket out(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!out.isOpen() || (::connect(out.handle(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        return base::fail(ErrorCode::Network, place, std::strerror(errno));
    }
    for (int ready = 0; ready <= 0;) {
        constexpr auto slice = 50ms; // between two looks at the stop
        const auto left = leftUntil(until);
        pollfd one{.fd = out.handle(), .events = POLLOUT, .revents = 0};
        ready = ::poll(&one, 1, static_cast<int>(std::min(left, slice).count()));
        if (ready < 0 && errno != EINTR) {
            return base::fail(ErrorCode::Network, place, std::strerror(errno));
        }
        if (ready <= 0 && (left == 0ms || stop.stop_requested())) {
            return base::fail(ErrorCode::Timeout, place, "nobody takes the connection in time");
        }
    }
    int error = 0;
    socklen_t size = sizeof error;
    (void)::getsockopt(out.handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? Result<Socket>(std::move(out)) : base::fail(ErrorCode::Network, place, std::strerror(error));
}

/// Of the head, whatever its case; empty where it is not there.
std::string_view headerIn(std::string_view head, std::string_view name)
{
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - (at + 2));
        const auto colon = line.find(':');
        const bool isIt = colon == name.size() &&
                          std::ranges::equal(line.substr(0, colon), name, [](unsigned char a, unsigned char b) {
                              return std::tolower(a) == std::tolower(b);
                          });
        if (isIt) {
            const auto value = line.substr(colon + 1);
            return value.substr(std::min(value.find_first_not_of(' '), value.size()));
        }
    }
    return {};
}

/// Empty where it is no answer, or not all of it.
std::optional<ApiReply> read(std::string_view raw)
{
    constexpr std::string_view begin = "HTTP/1.1 ";
    constexpr std::string_view blank = "\r\n\r\n";
    const auto end = raw.find(blank);
    if (!raw.starts_with(begin) || end == std::string_view::npos) {
        return std::nullopt;
    }
    ApiReply out;
    const auto head = raw.substr(0, end);
    const auto code = head.substr(begin.size(), 3);
    if (std::from_chars(code.data(), code.data() + code.size(), out.status).ec != std::errc()) {
        return std::nullopt;
    }
    out.etag = headerIn(head, "ETag");
    out.body = raw.substr(end + blank.size());
    const auto length = contentLength(headerIn(head, "Content-Length"));
    constexpr int notModified = 304;
    if (out.status == notModified) {
        out.body.clear();
        return out;
    }
    return length && *length == out.body.size() ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace

std::string urlOf(const HttpDoor& door)
{
    return "http://" + placeOf(door);
}

Result<ApiReply> askApi(const HttpDoor& door, const std::string& path, const std::string& etag,
                        std::chrono::milliseconds patience, const std::stop_token& stop)
{
    const auto place = placeOf(door);
    const auto until = std::chrono::steady_clock::now() + patience;
    auto socket = connectTo(door, until, stop);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    HttpBytes bytes(std::move(*socket), leftUntil(until), most, stop); // the rest of one patience
    bytes.write("GET " + path + " HTTP/1.1\r\nHost: " + place + "\r\nConnection: close\r\n" +
                (etag.empty() ? "" : "If-None-Match: " + etag + "\r\n") + "\r\n");
    std::string raw;
    (void)bytes.flush(); // an answer may be there even where it took nothing: too many ask
    std::array<char, 16'384> part{};
    std::ptrdiff_t got = 0;
    while ((got = bytes.read(part.data(), part.size())) > 0) {
        raw.append(part.data(), static_cast<std::size_t>(got));
    }
    auto reply = read(raw);
    if (!reply) {
        return base::fail(bytes.hasTimedOut() ? ErrorCode::Timeout : ErrorCode::Network, place,
                          bytes.hasTimedOut() ? "it did not answer in time" : "what it said is no whole answer");
    }
    return std::move(*reply);
}

} // namespace qd::engines
