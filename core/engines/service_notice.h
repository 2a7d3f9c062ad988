// Tells the service manager how the program does: systemd's sd_notify protocol, datagrams to $NOTIFY_SOCKET. Without
// that variable every call does nothing. Never waits: a manager that does not read loses the message. One thread.
#pragma once

#include "base/utc_time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace qd::engines {

struct Heartbeat;

/// Whether an engine does not run, or has not beaten for more than `within`. Of a clock that was set back: a beat that
/// is to come is none.
[[nodiscard]] bool isSilent(const Heartbeat& pulse, base::UtcMs now, base::Millis within);

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

/// How the engines do at this moment.
struct ServiceState {
    bool isReady = false;
    bool isMaking = false; // the simulated past, before that
    std::string silent;    // the engine that does not answer; empty: all do
    std::string feed;
};

/// What the manager is told of it, however often it is asked: its patience runs out by itself where an engine hangs.
class ServiceTeller {
public:
    /// `notice` outlives it.
    explicit ServiceTeller(ServiceNotice& notice) : notice_(notice) {}
    void tell(const ServiceState& state, std::chrono::milliseconds now); // of a steady clock

private:
    [[nodiscard]] bool isDue(std::chrono::milliseconds now, std::chrono::milliseconds every) const
    {
        return !told_ || now - *told_ > every;
    }

    ServiceNotice& notice_;
    std::optional<std::chrono::milliseconds> told_; // that it lives, or that it wants more time
};

} // namespace qd::engines
