// The units of this machine that systemd calls failed, and how the watched ones do, over D-Bus. Service thread; blocks
// for at most a second a question. Without systemd, or without its bus: empty, with the reason in words.
#pragma once

#include "engines/host_probes.h"

#include <string>
#include <vector>

namespace qd::engines {

struct UnitFigures {
    std::vector<std::string> failed;        // of all units
    std::vector<std::string> watchedFailed; // of the watched ones: failed, unknown to systemd, or a stopped timer
    std::size_t watched = 0;
};

class SystemdUnits {
public:
    explicit SystemdUnits(std::string busAddress = "unix:path=/run/dbus/system_bus_socket");
    ~SystemdUnits();
    SystemdUnits(const SystemdUnits&) = delete;
    SystemdUnits& operator=(const SystemdUnits&) = delete;

    /// `watched` as in the policy: "quarterdeck.service, backup.timer".
    [[nodiscard]] Measured<UnitFigures> measure(std::string_view watched);

private:
    std::string address_;
    std::string connection_; // its name within Qt
};

} // namespace qd::engines
