// Alerts on the desktop: org.freedesktop.Notifications on the session's bus. One bubble an alert: its end takes the
// place of its beginning. A self-test only asks whether somebody is there. The thread that makes it delivers.
#pragma once

#include "engines/alert_message.h"

#include <cstdint>
#include <map>

namespace qd::engines {

/// Of this session; empty where there is none: nothing is started for it.
[[nodiscard]] std::string sessionBusAddress();

class DesktopNotifier final : public Notifier {
public:
    explicit DesktopNotifier(std::string busAddress = sessionBusAddress());
    ~DesktopNotifier() override;
    [[nodiscard]] std::string_view channel() const override { return "desktop"; }
    [[nodiscard]] base::Result<void> deliver(const AlertMessage& message, const std::stop_token& stop) override;

private:
    std::string address_;
    std::string connection_;                        // its name within Qt
    std::map<std::int64_t, std::uint32_t> bubbles_; // by alert
};

} // namespace qd::engines
