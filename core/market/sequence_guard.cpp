#include "market/sequence_guard.h"

namespace qd::market {

SequenceGuard::SequenceGuard(std::optional<std::int64_t> newestArchived)
    : ring_(window),
      archived_(newestArchived),
      newest_(newestArchived.value_or(0)),
      hasNewest_(newestArchived.has_value())
{
}

bool SequenceGuard::wasAccepted(std::int64_t id) const
{
    // Binary search over the ring as a sorted sequence; position 0 is its oldest id.
    const auto oldest = (next_ + window - count_) % window;
    std::size_t low = 0;
    std::size_t high = count_;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (ring_[(oldest + middle) % window] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count_ && ring_[(oldest + low) % window] == id;
}

std::optional<bool> SequenceGuard::holds(std::int64_t id) const
{
    if (!hasNewest_ || id > newest_) {
        return false;
    }
    if ((archived_ && id <= *archived_) || wasAccepted(id) || late_.contains(id)) {
        return true;
    }
    const bool isFull = count_ == window;
    return isFull && id < ring_[next_] ? std::nullopt : std::optional(false); // next_ is where the oldest lies
}

Sequence SequenceGuard::seeOld(std::int64_t id)
{
    if ((archived_ && id <= *archived_) || wasAccepted(id) || late_.contains(id)) {
        return Sequence::Duplicate;
    }
    late_.insert(id);
    if (late_.size() > window) {
        late_.erase(late_.begin());
    }
    return Sequence::Late;
}

} // namespace qd::market
