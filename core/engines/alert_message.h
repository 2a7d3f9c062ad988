// What leaves the machine about an alert, and who carries it. Plain values and one small interface. Courier's thread.
#pragma once

#include "base/error.h"
#include "base/utc_time.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace qd::engines {

enum class MessageKind : std::uint8_t { Opened, Ended, Test, SelfTest, Heartbeat };
[[nodiscard]] std::string_view name(MessageKind kind); // "opened", "self-test" …

struct AlertMessage {
    MessageKind kind = MessageKind::Test;
    std::string channel; // "desktop", "webhook", "heartbeat"
    std::int64_t alert = 0;
    std::uint64_t command = 0; // that asked for this test; 0: nobody waits
    std::string cause;
    std::string title;
    std::string text;
    base::UtcMs time;
    bool isGrave = false; // told at once
    std::string url;      // webhook, heartbeat
    std::string secret;   // webhook
};

class Notifier {
public:
    virtual ~Notifier() = default;
    [[nodiscard]] virtual std::string_view channel() const = 0;
    /// Returns soon after `stop`. Unsupported: not available here. Network, Timeout: worth another try. Refused: not.
    [[nodiscard]] virtual base::Result<void> deliver(const AlertMessage& message, const std::stop_token& stop) = 0;
};

} // namespace qd::engines
