#include "engines/http_rules.h"

#include "base/sha256.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <openssl/crypto.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

using Address = std::array<unsigned char, 16>; // IPv4 as ::ffff:a.b.c.d

std::optional<Address> addressOf(std::string_view text)
{
    const std::string name(text);
    if (name.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    Address out{};
    if (::inet_pton(AF_INET6, name.c_str(), out.data()) == 1) {
        return out;
    }
    out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return ::inet_pton(AF_INET, name.c_str(), out.data() + 12) == 1 ? std::optional(out) : std::nullopt;
}

template <typename T>
std::optional<T> wholeNumber(std::string_view text)
{
    T out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(out)
                                                                                     : std::nullopt;
}

bool isEqualWord(std::string_view a, std::string_view b)
{
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, low, low);
}

struct HostPort {
    std::string_view host;
    std::optional<std::string_view> port;
};

/// "[::1]:8888", "localhost:8888", "127.0.0.1"; an IPv6 address stands in brackets.
std::optional<HostPort> splitHost(std::string_view text)
{
    HostPort out;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        out.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const auto colon = text.find(':');
        out.host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!rest.empty()) {
        if (!rest.starts_with(':')) {
            return std::nullopt;
        }
        out.port = rest.substr(1);
    }
    return out;
}

bool isOwn(std::string_view text, const HttpDoor& door, std::optional<std::uint16_t> portWithout)
{
    const auto parts = splitHost(text);
    if (!parts) {
        return false;
    }
    const auto port = parts->port ? wholeNumber<std::uint16_t>(*parts->port) : portWithout;
    if (!port || *port != door.port) {
        return false;
    }
    if (isEqualWord(parts->host, "localhost")) {
        return isLoopback(door.address);
    }
    const auto named = addressOf(parts->host);
    return named && named == addressOf(door.address);
}

} // namespace

bool isLoopback(std::string_view address)
{
    const auto bytes = addressOf(address);
    if (!bytes) {
        return false;
    }
    constexpr Address six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    constexpr Address four{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    return *bytes == six || std::equal(bytes->begin(), bytes->begin() + 13, four.begin());
}

bool isNumericAddress(std::string_view address)
{
    return addressOf(address).has_value();
}

bool isOwnHost(std::string_view host, const HttpDoor& door)
{
    return isOwn(host, door, door.port);
}

bool isOwnOrigin(std::string_view origin, const HttpDoor& door)
{
    constexpr std::string_view scheme = "http://";
    constexpr std::uint16_t standard = 80;
    return origin.starts_with(scheme) && isOwn(origin.substr(scheme.size()), door, standard);
}

std::string_view bearerToken(std::string_view header)
{
    constexpr std::string_view scheme = "bearer ";
    return header.size() > scheme.size() && isEqualWord(header.substr(0, scheme.size()), scheme)
               ? header.substr(scheme.size())
               : std::string_view();
}

bool isSameSecret(std::string_view a, std::string_view b)
{
    const auto left = base::sha256Hex(a);
    const auto right = base::sha256Hex(b);
    return ::CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string etagOf(std::string_view body)
{
    constexpr std::size_t digits = 32;
    return '"' + base::sha256Hex(body).substr(0, digits) + '"';
}

bool namesEtag(std::string_view header, std::string_view etag)
{
    while (!header.empty()) {
        const auto comma = header.find(',');
        auto tag = header.substr(0, comma);
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        while (tag.starts_with(' ') || tag.starts_with('\t')) {
            tag.remove_prefix(1);
        }
        while (tag.ends_with(' ') || tag.ends_with('\t')) {
            tag.remove_suffix(1);
        }
        if (tag.starts_with("W/")) {
            tag.remove_prefix(2);
        }
        if (tag == "*" || tag == etag) {
            return true;
        }
    }
    return false;
}

std::optional<std::uint64_t> contentLength(std::string_view header)
{
    constexpr std::size_t digits = 18;
    return header.size() <= digits ? wholeNumber<std::uint64_t>(header) : std::nullopt;
}

Result<Paging> pagingOf(std::string_view limit, std::string_view cursor, std::uint32_t most)
{
    Paging out;
    if (!limit.empty()) {
        const auto number = wholeNumber<std::uint32_t>(limit);
        if (!number || *number == 0 || *number > most) {
            return base::fail(ErrorCode::OutOfRange, "limit", "1 to " + std::to_string(most));
        }
        out.limit = *number;
    }
    if (!cursor.empty()) {
        const auto dash = cursor.find('-');
        const auto offset = wholeNumber<std::uint64_t>(cursor.substr(0, dash));
        const auto seen =
            dash == std::string_view::npos ? std::nullopt : wholeNumber<std::uint64_t>(cursor.substr(dash + 1));
        constexpr std::uint64_t longest = 1'000'000'000'000;
        if (!offset || !seen || *offset > *seen || *seen > longest) {
            return base::fail(ErrorCode::Malformed, "cursor", "give what next_cursor said, unchanged");
        }
        out.offset = *offset;
        out.seen = seen;
    }
    return out;
}

std::string cursorText(std::uint64_t offset, std::uint64_t seen)
{
    return std::to_string(offset) + '-' + std::to_string(seen);
}

bool RateLimit::allows(Time now)
{
    if (last_ && now > *last_) {
        left_ = std::min(atOnce_, left_ + std::chrono::duration<double>(now - *last_).count() * perSecond_);
    }
    last_ = last_ ? std::max(*last_, now) : now;
    if (left_ < 1) {
        return false;
    }
    left_ -= 1;
    return true;
}

} // namespace qd::engines
