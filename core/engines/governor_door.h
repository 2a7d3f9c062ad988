// The way of the operator's decisions that want evidence to the governor's thread. Any thread; nobody waits. One review
// at a time: a second that is asked for while one waits or runs is refused.
#pragma once

#include "base/channels.h"
#include "base/error.h"
#include "console/commands.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace qd::engines {

/// The week's archiving, which the scheduler begins. One that is dropped breaks its promise.
struct ArchiveTurn {
    std::promise<base::Result<std::string>> end;
    std::atomic<bool> isGivenUp{false}; // who waited does not any more: nothing further is archived
};

struct GovernorCommand {
    console::CommandId id = 0;
    console::Command command{};
    std::shared_ptr<ArchiveTurn> turn{}; // then there is no command
};

class GovernorDoor {
public:
    /// Busy for a second review, for too many that wait, and when the governor has ended.
    [[nodiscard]] base::Result<void> send(console::CommandId id, console::Command command)
    {
        const bool isReview = std::holds_alternative<console::ReviewNow>(command);
        if (isReview && hasReview_.exchange(true)) {
            return base::fail(base::ErrorCode::Busy, "review", "one is under way; its proposals come in a moment");
        }
        if (waiting_.size() >= most || !waiting_.push({.id = id, .command = std::move(command)})) {
            if (isReview) {
                hasReview_ = false;
            }
            return base::fail(base::ErrorCode::Busy, "governor",
                              "too many decisions wait, or the console is closing; try again in a moment");
        }
        return {};
    }
    [[nodiscard]] base::Result<void> send(std::shared_ptr<ArchiveTurn> turn)
    {
        if (waiting_.size() >= most || !waiting_.push({.turn = std::move(turn)})) {
            return base::fail(base::ErrorCode::Busy, "governor", "too many decisions wait, or the console is closing");
        }
        return {};
    }
    [[nodiscard]] std::vector<GovernorCommand> popAll(std::chrono::milliseconds timeout)
    {
        return waiting_.popAll(timeout);
    }
    void close() { waiting_.close(); }

    /// False: one waits or runs already.
    [[nodiscard]] bool beginReview() { return !hasReview_.exchange(true); }
    void endReview() { hasReview_ = false; }

private:
    static constexpr std::size_t most = 100;
    base::BoundedQueue<GovernorCommand> waiting_{most + 64}; // so that a push never waits
    std::atomic<bool> hasReview_{false};
};

} // namespace qd::engines
