// Work on a thread of its own beside the caller's. The caller's alone tells how far both are, and stops both. One
// thread uses it; internal to storage. It inherits the caller's low priority. Errors are the work's own, and Cancelled.
#pragma once

#include "storage/database_proof.h"

#include <atomic>
#include <future>

namespace qd::storage {

class Beside {
public:
    using Work = std::function<base::Result<void>(const KeepGoing& keepGoing)>;
    explicit Beside(Work work);
    /// Stops it and waits.
    ~Beside();
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    [[nodiscard]] double share() const { return share_; }
    /// Waits for its end; call once. `keepGoing` is asked some times a second with its share, and at the end; where it
    /// answers false the work is stopped.
    [[nodiscard]] base::Result<void> end(const KeepGoing& keepGoing);

private:
    std::atomic<bool> isStopped_ = false;
    std::atomic<double> share_ = 0;
    std::future<base::Result<void>> done_;
};

} // namespace qd::storage
