// The way of the operator's wishes about alerts to the service thread. Any thread; nobody waits.
#pragma once

#include "base/channels.h"
#include "base/error.h"
#include "console/commands.h"

#include <chrono>
#include <vector>

namespace qd::engines {

struct AlertCommand {
    console::CommandId id = 0;
    console::Command command; // AcknowledgeAlert, SnoozeAlert or TestAlerts
};

class AlertDoor {
public:
    /// Busy for too many that wait, and when the thread has ended.
    [[nodiscard]] base::Result<void> send(console::CommandId id, console::Command command)
    {
        if (waiting_.size() >= most || !waiting_.push({id, std::move(command)})) {
            return base::fail(base::ErrorCode::Busy, "alerts",
                              "too many wishes wait, or the console is closing; try again in a moment");
        }
        return {};
    }
    [[nodiscard]] std::vector<AlertCommand> popAll(std::chrono::milliseconds timeout)
    {
        return waiting_.popAll(timeout);
    }
    void close() { waiting_.close(); }

private:
    static constexpr std::size_t most = 100;
    base::BoundedQueue<AlertCommand> waiting_{most + 64}; // so that a push never waits
};

} // namespace qd::engines
