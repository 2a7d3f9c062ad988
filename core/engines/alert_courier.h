// Carries messages about alerts to their channels on a thread of its own, one after the other, with later tries where a
// channel says that it is worth one. post() and takeDeliveries(): any thread, neither waits. The queue is bounded: what
// does not fit is an outcome, too.
#pragma once

#include "base/worker_thread.h"
#include "engines/alert_message.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace qd::engines {

struct Delivery {
    AlertMessage message;
    std::optional<base::Error> error; // empty: it arrived
};

class AlertCourier {
public:
    using Notifiers = std::vector<std::unique_ptr<Notifier>>;
    struct Pace {
        std::vector<std::chrono::milliseconds> tries{
            std::chrono::seconds(5), std::chrono::seconds(30), std::chrono::minutes(2), std::chrono::minutes(10),
            std::chrono::minutes(30)}; // rests before the second, third … try of one message
        std::size_t most = 100;        // messages that wait
    };
    /// `make` is called on the courier's thread.
    AlertCourier(std::function<Notifiers()> make, Pace pace);
    explicit AlertCourier(std::function<Notifiers()> make) : AlertCourier(std::move(make), Pace{}) {}
    ~AlertCourier();

    void post(AlertMessage message);
    /// What arrived or was given up since the last call, in that order.
    [[nodiscard]] std::vector<Delivery> takeDeliveries();
    /// Ends it within a moment, whatever is under way.
    void stop();

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Waiting {
        AlertMessage message;
        std::size_t tried = 0;
        Time next;
    };
    void run(const std::stop_token& stop);
    [[nodiscard]] std::optional<Waiting> takeDue();
    void carry(Waiting waiting, const Notifiers& notifiers, const std::stop_token& stop);
    void finish(AlertMessage message, std::optional<base::Error> error);

    const std::function<Notifiers()> make_;
    const Pace pace_;
    std::mutex mutex_;
    std::deque<Waiting> waiting_;      // guarded by mutex_
    std::vector<Delivery> deliveries_; // guarded by mutex_
    std::unique_ptr<base::WorkerThread> thread_;
};

/// Desktop, webhook and heartbeat, as they are.
[[nodiscard]] AlertCourier::Notifiers allNotifiers();

} // namespace qd::engines
