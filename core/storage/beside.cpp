#include "storage/beside.h"

#include <chrono>
#include <utility>

namespace qd::storage {

using namespace std::chrono_literals;

Beside::Beside(Work work)
    : done_(std::async(std::launch::async, [this, work = std::move(work)] {
          return work([this](double share) {
              share_ = share;
              return !isStopped_;
          });
      }))
{
}

Beside::~Beside()
{
    isStopped_ = true;
    if (done_.valid()) {
        done_.wait();
    }
}

base::Result<void> Beside::end(const KeepGoing& keepGoing)
{
    const auto ask = [&] { isStopped_ = isStopped_ || (keepGoing && !keepGoing(share_)); };
    while (done_.wait_for(20ms) != std::future_status::ready) {
        ask();
    }
    share_ = 1;
    ask();
    auto done = done_.get();
    if (done && isStopped_) {
        return base::fail(base::ErrorCode::Cancelled, "", "it was stopped at its end");
    }
    return done;
}

} // namespace qd::storage
