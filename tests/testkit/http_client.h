// A client of the HTTP API that says exactly what it is told to, right or wrong, and reads to the end. Blocks, but
// never longer than its patience. One thread an object.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <map>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace qd::testkit {

struct HttpReply {
    int status = 0;                             // 0: nothing came
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;
    std::string raw;
};

class HttpClient {
public:
    static constexpr int patience = 30; // s

    explicit HttpClient(std::uint16_t port) : handle_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const timeval time{.tv_sec = patience, .tv_usec = 0};
        ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
        ::setsockopt(handle_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        isConnected_ = ::connect(handle_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~HttpClient() { ::close(handle_); }
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] bool isConnected() const { return isConnected_; }
    /// False once the other side takes no more.
    bool say(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void sayNoMore() { ::shutdown(handle_, SHUT_WR); }
    /// All that comes until the other side ends.
    HttpReply hear()
    {
        HttpReply out;
        char bytes[8'192];
        for (ssize_t got = 0; (got = ::recv(handle_, bytes, sizeof bytes, 0)) > 0;) {
            out.raw.append(bytes, static_cast<std::size_t>(got));
        }
        read(out);
        return out;
    }

private:
    static void read(HttpReply& out)
    {
        const auto end = out.raw.find("\r\n\r\n");
        if (!out.raw.starts_with("HTTP/1.1 ") || end == std::string::npos) {
            return;
        }
        out.status = std::atoi(out.raw.c_str() + 9);
        out.body = out.raw.substr(end + 4);
        for (auto at = out.raw.find("\r\n") + 2; at < end;) {
            const auto next = out.raw.find("\r\n", at);
            const auto line = out.raw.substr(at, next - at);
            const auto colon = line.find(": ");
            auto name = line.substr(0, colon);
            std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
            out.headers[name] = colon == std::string::npos ? std::string() : line.substr(colon + 2);
            at = next + 2;
        }
    }

    int handle_;
    bool isConnected_ = false;
};

using HttpHeaders = std::map<std::string, std::string>;

/// A whole request, with Host unless one is given, and Content-Length where there is a body.
inline std::string httpRequest(std::uint16_t port, const std::string& method, const std::string& path,
                               HttpHeaders headers = {}, const std::string& body = {})
{
    headers.emplace("Host", "127.0.0.1:" + std::to_string(port));
    if (!body.empty() || method == "POST") {
        headers.emplace("Content-Length", std::to_string(body.size()));
    }
    auto out = method + ' ' + path + " HTTP/1.1\r\n";
    for (const auto& [name, value] : headers) {
        out += name + ": " + value + "\r\n";
    }
    return out + "\r\n" + body;
}

inline HttpReply httpAsk(std::uint16_t port, const std::string& method, const std::string& path,
                         HttpHeaders headers = {}, const std::string& body = {})
{
    HttpClient client(port);
    client.say(httpRequest(port, method, path, std::move(headers), body));
    return client.hear();
}

inline HttpReply httpGet(std::uint16_t port, const std::string& path, HttpHeaders headers = {})
{
    return httpAsk(port, "GET", path, std::move(headers));
}

inline HttpReply httpPost(std::uint16_t port, const std::string& path, const std::string& body,
                          const std::string& token)
{
    return httpAsk(port, "POST", path, {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
                   body);
}

} // namespace qd::testkit
