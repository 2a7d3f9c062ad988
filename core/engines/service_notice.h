// Tells the service manager how the program does: systemd's sd_notify protocol, datagrams to $NOTIFY_SOCKET. Without
// that variable every call does nothing. Never waits: a manager that does not read loses the message. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace qd::engines {

class ServiceNotice {
public:
    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are taken out of the environment of our own children.
    [[nodiscard]] static ServiceNotice fromEnvironment();
    /// `address`: a path, or one that begins with @ (no file); empty: nobody listens.
    explicit ServiceNotice(std::string address, std::optional<std::chrono::microseconds> watchdog = {});
    ServiceNotice(ServiceNotice&& other) noexcept;
    ServiceNotice& operator=(ServiceNotice&&) = delete;
    ~ServiceNotice();

    void ready(std::string_view status); // once; later calls tell the status alone
    void status(std::string_view text);  // only where it changed; a line feed ends it
    void stopping();                     // once
    void alive();                        // where a watchdog is asked for
    /// The start takes longer than the manager would wait: so much more is asked for.
    void extendStart(std::chrono::seconds more);
    /// How long the manager waits for alive(); empty: it does not.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
    void send(const std::string& message) const;

    std::string address_;
    std::optional<std::chrono::microseconds> watchdog_;
    int socket_ = -1;
    bool isReady_ = false;
    bool isStopping_ = false;
    std::string status_;
};

} // namespace qd::engines
