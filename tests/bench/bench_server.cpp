#include "bench/bench.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <thread>

namespace qd::bench {

namespace {

using namespace std::string_view_literals;

/// One text frame, unmasked, as servers send it.
std::string webSocketFrame(std::string_view text)
{
    std::string frame("\x81", 1);
    if (text.size() < 126) {
        frame.push_back(static_cast<char>(text.size()));
    } else {
        frame.push_back(126);
        frame.push_back(static_cast<char>(text.size() >> 8));
        frame.push_back(static_cast<char>(text.size() & 0xff));
    }
    return frame.append(text);
}

bool sendAll(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string readHead(int socket)
{
    std::string head;
    std::array<char, 4096> buffer{};
    while (head.find("\r\n\r\n") == std::string::npos) {
        const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return {};
        }
        head.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return head;
}

std::string headerValue(std::string_view head, std::string_view name)
{
    const auto at = head.find(name);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto from = at + name.size();
    auto value = head.substr(from, head.find("\r\n", from) - from);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return std::string(value);
}

bool isReadable(int socket, int milliseconds)
{
    pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, milliseconds) > 0;
}

bool answerHandshake(int socket, const std::string& head)
{
    const auto key = headerValue(head, "Sec-WebSocket-Key:");
    const auto digest = QCryptographicHash::hash(
        QByteArray::fromStdString(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), QCryptographicHash::Sha1);
    return sendAll(socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: " +
                               digest.toBase64().toStdString() + "\r\n\r\n");
}

void answerRest(int socket, std::string_view head)
{
    const bool asksInstruments = head.find("/market/instruments") != std::string_view::npos;
    const std::string body =
        asksInstruments
            ? R"({"code":"0","msg":"success","data":[{"instId":"BTC-USDT","baseCurrency":"BTC","quoteCurrency":"USDT",)"
              R"("contractValue":"0.001","listTime":"1638409980000","expireTime":"2638409980000","maxLeverage":"100",)"
              R"("minSize":"0.1","lotSize":"0.1","tickSize":"0.1","instType":"SWAP","contractType":"linear",)"
              R"("maxLimitSize":"1000000","maxMarketSize":"500000","state":"live"}]})"
            : R"({"code":"0","msg":"success","data":[]})";
    (void)sendAll(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body);
}

/// What is sent: the frames of one round through the file, made beforehand in pieces of some 256 KB, or one by one.
struct Show {
    std::vector<market::Tick> ticks;
    std::size_t count = 0;
    double perSecond = 0;
    std::size_t burst = 1;
    std::vector<std::string> pieces; // of the first round; empty at a rate

    [[nodiscard]] market::Tick tick(std::size_t index) const
    {
        auto tick = ticks[index % ticks.size()];
        const auto round = static_cast<std::int64_t>(index / ticks.size());
        tick.id = static_cast<std::int64_t>(index) + 1;
        tick.time = tick.time + (ticks.back().time - ticks.front().time + base::Millis{1}) * round;
        return tick;
    }
};

Show showOf(const std::string& tickFile, std::size_t count, double perSecond, std::size_t burst)
{
    Show show{
        .ticks = loadTicks(tickFile, count), .count = count, .perSecond = perSecond, .burst = burst, .pieces = {}};
    for (std::size_t i = 0; perSecond == 0 && i < show.ticks.size(); ++i) {
        if (show.pieces.empty() || show.pieces.back().size() > 256 * 1024) {
            show.pieces.emplace_back();
        }
        show.pieces.back() += webSocketFrame(tradeFrame(show.tick(i)));
    }
    return show;
}

bool sendFast(int socket, const Show& show)
{
    for (const auto& piece : show.pieces) {
        if (!sendAll(socket, piece)) {
            return false;
        }
    }
    std::string piece;
    for (auto i = show.ticks.size(); i < show.count; ++i) {
        piece += webSocketFrame(tradeFrame(show.tick(i)));
        if (piece.size() > 256 * 1024 || i + 1 == show.count) {
            if (!sendAll(socket, piece)) {
                return false;
            }
            piece.clear();
        }
    }
    return true;
}

// One frame at a time, the processor held until the next is due, as the floor does; or by bursts with sleep between.
bool sendPaced(int socket, const Show& show)
{
    using Clock = std::chrono::steady_clock;
    const std::chrono::duration<double> step(1 / show.perSecond);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < show.count; ++i) {
        const auto due = start + std::chrono::duration_cast<Clock::duration>(step * static_cast<double>(i));
        if (show.burst > 1 && i % show.burst == 0) {
            std::this_thread::sleep_until(due);
        }
        while (show.burst == 1 && Clock::now() < due) {
        }
        auto tick = show.tick(i);
        tick.id = Clock::now().time_since_epoch().count();
        if (!sendAll(socket, webSocketFrame(tradeFrame(tick)))) {
            return false;
        }
    }
    return true;
}

void stream(int socket, const Show& show)
{
    // A console subscribes before it wants to hear anything; the floor's client only listens.
    const bool subscribes = isReadable(socket, 300);
    if (subscribes) {
        for (const auto channel : {"trades"sv, "tickers"sv, "funding-rate"sv}) {
            const auto ack =
                R"({"event":"subscribe","arg":{"channel":")" + std::string(channel) + R"(","instId":"BTC-USDT"}})";
            if (!sendAll(socket, webSocketFrame(ack))) {
                return;
            }
        }
    }
    if (!(show.perSecond > 0 ? sendPaced(socket, show) : sendFast(socket, show))) {
        return;
    }
    if (!subscribes) {
        (void)sendAll(socket, webSocketFrame("end"));
    }
    // Until the client goes; what it says (pings) needs no answer within the seconds of a run.
    std::array<char, 4096> ignored{};
    while (::recv(socket, ignored.data(), ignored.size(), 0) > 0) {
    }
}

void serveClient(int socket, const Show& show)
{
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto head = readHead(socket);
    if (head.find("Sec-WebSocket-Key:") != std::string::npos) {
        if (answerHandshake(socket, head)) {
            stream(socket, show);
        }
    } else if (!head.empty()) {
        answerRest(socket, head);
    }
    ::close(socket);
}

} // namespace

void serveFrames(const std::string& tickFile, std::size_t count, double perSecond, std::size_t burst)
{
    std::signal(SIGPIPE, SIG_IGN);
    const auto show = showOf(tickFile, count, perSecond, burst);
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("No port of 127.0.0.1 could be opened");
    }
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    for (;;) {
        const int client = ::accept(listener, nullptr, nullptr);
        if (client >= 0) {
            std::thread(serveClient, client, std::cref(show)).detach();
        }
    }
}

} // namespace qd::bench
