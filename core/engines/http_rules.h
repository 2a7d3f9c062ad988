// What the HTTP API lets in, and how it pages and tags what it gives: pure functions of headers, addresses and times.
// Any thread. Source: PRODUCT.md, The API.
#pragma once

#include "base/error.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qd::engines {

/// 127.0.0.0/8 and ::1, as numbers; false for all else, names too.
[[nodiscard]] bool isLoopback(std::string_view address);
/// An IPv4 or IPv6 address in numbers.
[[nodiscard]] bool isNumericAddress(std::string_view address);

/// The address and port at which a connection came in.
struct HttpDoor {
    std::string address;
    std::uint16_t port = 0;
};
/// Whether a Host header names the door itself: its address in numbers, or "localhost" for one on loopback, with its
/// port or none. A name that somebody else's DNS resolves to us is none, so no page can reach us by rebinding it.
[[nodiscard]] bool isOwnHost(std::string_view host, const HttpDoor& door);
/// The same of an Origin: "http://" and our host with our port. "null" and other ports are foreign.
[[nodiscard]] bool isOwnOrigin(std::string_view origin, const HttpDoor& door);

/// What follows "Bearer " in an Authorization header; empty for any other scheme.
[[nodiscard]] std::string_view bearerToken(std::string_view header);
/// Takes the same time wherever they differ, and however long they are.
[[nodiscard]] bool isSameSecret(std::string_view a, std::string_view b);

/// "\"3f2a…\"" of the bytes.
[[nodiscard]] std::string etagOf(std::string_view body);
/// Whether an If-None-Match header ("*", or tags by commas, weak ones too) names it.
[[nodiscard]] bool namesEtag(std::string_view header, std::string_view etag);
/// A Content-Length: digits alone; empty for all else and for what is over 18 digits.
[[nodiscard]] std::optional<std::uint64_t> contentLength(std::string_view header);

/// A page of a list whose rows come in at the top: `seen` is how long the list was when the first page was given, so
/// that rows that came since do not shift what follows.
struct Paging {
    std::uint64_t offset = 0;
    std::uint32_t limit = 100;
    std::optional<std::uint64_t> seen;
};
/// Of ?limit= and ?cursor=, as typed; empty texts are left out. OutOfRange for a limit that is not 1…most, Malformed
/// for a cursor that cursorText() cannot have made.
[[nodiscard]] base::Result<Paging> pagingOf(std::string_view limit, std::string_view cursor, std::uint32_t most);
[[nodiscard]] std::string cursorText(std::uint64_t offset, std::uint64_t seen);

/// A bucket of `atOnce` requests that fills with `perSecond`. One thread at a time.
class RateLimit {
public:
    using Time = std::chrono::steady_clock::time_point;
    RateLimit(double perSecond, double atOnce) : perSecond_(perSecond), atOnce_(atOnce), left_(atOnce) {}
    [[nodiscard]] bool allows(Time now);

private:
    double perSecond_;
    double atOnce_;
    double left_;
    std::optional<Time> last_;
};

} // namespace qd::engines
