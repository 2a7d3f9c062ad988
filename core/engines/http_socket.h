// Sockets of the HTTP API: one that listens, those that came in, and one of these as httplib's server reads and writes
// it, within a deadline and a number of bytes for the request as a whole. A socket is one thread's at a time. Never
// raises SIGPIPE.
#pragma once

#include "base/error.h"
#include "base/utc_time.h"
#include "engines/http_rules.h"

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qd::engines {

class Socket {
public:
    explicit Socket(int handle = -1) : handle_(handle) {}
    ~Socket();
    Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int handle() const { return handle_; }
    [[nodiscard]] bool isOpen() const { return handle_ >= 0; }

private:
    int handle_;
};

/// Listens at a numeric address. Busy where the port is taken (by whatever kind of socket: it is not shared), ReadOnly
/// where this user may not have it, NotFound for an address that is not this machine's, else Io.
[[nodiscard]] base::Result<Socket> listenAt(const std::string& address, std::uint16_t port);
/// The next connection, if one waits; not open where none does.
[[nodiscard]] Socket acceptOn(const Socket& listener);
/// Its own end.
[[nodiscard]] HttpDoor doorOf(const Socket& socket);
/// "127.0.0.1:8888", "[::1]:8888".
[[nodiscard]] std::string placeOf(const HttpDoor& door);
/// Which of these handles can be read, or have ended, within that time; by place.
[[nodiscard]] std::vector<std::size_t> readable(const std::vector<int>& handles, std::chrono::milliseconds time);
/// Sends what goes at once, without waiting, and closes.
void refuseWith(Socket socket, std::string_view answer);

/// Reads for at most `readTimeout` in all, and at most `most` bytes; writes are kept until flush(), so that an answer
/// goes out whole. The stop ends every wait.
class HttpBytes {
public:
    using Time = std::chrono::steady_clock::time_point;
    HttpBytes(Socket socket, std::chrono::milliseconds readTimeout, std::size_t most, std::stop_token stop = {});

    /// As recv(): bytes, 0 at the other side's end, under 0 where time or bytes are used up.
    [[nodiscard]] std::ptrdiff_t read(char* to, std::size_t size);
    void write(std::string_view bytes) { out_.append(bytes); }
    void discard() { out_.clear(); }
    /// False where the other side does not take it in the time that it had for reading.
    bool flush();
    /// Ends our side and reads what the other still sends for a moment, so that it gets to see the answer.
    void linger();

    /// Of the answer that waits for flush(): 404 of "HTTP/1.1 404 …"; 0: none does.
    [[nodiscard]] int status() const;
    [[nodiscard]] const Socket& socket() const { return socket_; }
    [[nodiscard]] bool hasTimedOut() const { return hasTimedOut_; }
    [[nodiscard]] bool isEmpty() const { return taken_ == 0; } // nothing was ever read

private:
    Socket socket_;
    std::stop_token stop_;
    std::chrono::milliseconds timeout_;
    Time deadline_;
    std::size_t most_;
    std::size_t taken_ = 0;
    std::string in_;
    std::size_t given_ = 0; // of in_
    std::string out_;
    bool hasTimedOut_ = false;
};

} // namespace qd::engines
