// Alerts on the desktop: org.freedesktop.Notifications on the session's bus. One bubble an alert: its end takes the
// place of its beginning. A self-test only asks whether somebody is there. The thread that makes it delivers; a click
// is told on the application's thread, whose event loop hears the bus.
#pragma once

#include "engines/alert_message.h"

#include <cstdint>
#include <functional>
#include <map>

namespace qd::engines {

/// Of this session; empty where there is none: nothing is started for it.
[[nodiscard]] std::string sessionBusAddress();

class BubbleClicks;

class DesktopNotifier final : public Notifier {
public:
    /// Which alert's bubble was clicked; 0: that of a test.
    using Clicked = std::function<void(std::int64_t alert)>;
    /// Without `clicked` a click does what the desktop makes of it.
    explicit DesktopNotifier(std::string busAddress = sessionBusAddress(), Clicked clicked = {});
    ~DesktopNotifier() override;
    [[nodiscard]] std::string_view channel() const override { return "desktop"; }
    [[nodiscard]] base::Result<void> deliver(const AlertMessage& message, const std::stop_token& stop) override;

private:
    [[nodiscard]] bool listens() const; // a click on a bubble can be heard

    BubbleClicks* clicks_ = nullptr; // lives on the application's thread; null: nobody wants to know
    std::string address_;
    std::string connection_;                        // its name within Qt
    std::map<std::int64_t, std::uint32_t> bubbles_; // by alert
};

} // namespace qd::engines
