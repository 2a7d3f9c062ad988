// Looks at the console that owns a database, for a window that only watches: asks its HTTP API on a thread of its own,
// status each second and what is shown every two, and its local socket who and where it is whenever the API does not
// answer. Another process in its place (a service that was started anew, on whatever port) is followed. Changes
// nothing. Made and ended by one thread; want() and seen() are for any.
#pragma once

#include "base/worker_thread.h"
#include "console/watched.h"
#include "engines/owner_line.h"

#include <condition_variable>
#include <mutex>

namespace qd::engines {

class OwnerWatch final : public console::Watched {
public:
    /// `owner` as its line told it. With the patience, a silent API is told within 5 s.
    OwnerWatch(OwnerLine line, Owner owner);
    /// Ends at once and joins.
    ~OwnerWatch() override;

    void want(std::string path) override;
    [[nodiscard]] const base::Mailbox<console::WatchSnapshot>& seen() const override { return seen_; }

private:
    using Time = console::WatchSnapshot::Time;

    void run(const std::stop_token& stop);
    void look(const std::stop_token& stop);
    void findOwner(const std::stop_token& stop);
    void meet(const Owner& owner);
    [[nodiscard]] bool isOfOwner(const std::string& status) const;
    [[nodiscard]] bool take(console::WatchedPage& page, std::string& etag, const std::stop_token& stop);
    void rest(const std::stop_token& stop);
    [[nodiscard]] std::string wanted();

    // the watching thread's
    const OwnerLine line_;
    HttpDoor door_; // port 0: not known
    console::WatchSnapshot now_;
    std::string statusTag_;
    std::string pageTag_;
    Time pageDue_;
    // of all
    base::Mailbox<console::WatchSnapshot> seen_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string wanted_;                         // guarded by mutex_
    bool isHurried_ = false;                     // guarded by mutex_
    std::unique_ptr<base::WorkerThread> thread_; // the last: it uses all of the above
};

} // namespace qd::engines
