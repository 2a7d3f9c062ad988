// Tells what a trade id means to an instrument's stream: new, seen before, or late. Pure. One thread at a time, one
// object an instrument, owned by whoever numbers the stream. Ids may have holes of the exchange's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace qd::market {

enum class Sequence : std::uint8_t {
    Accept,    // beyond the newest: hand it over
    Duplicate, // handed over before, here or before this start: drop it
    Late,      // older than the newest and not known: to the archive only
};

class SequenceGuard {
public:
    /// How many of the newest ids are remembered. A late id older than all of them is Late, and the archive, which
    /// holds every id once, has the last word.
    static constexpr std::size_t window = 8192;

    /// `newestArchived`: the newest id that the archive held at start; up to it everything counts as handed over,
    /// because holes before the start are measured by the contracts of their minutes.
    explicit SequenceGuard(std::optional<std::int64_t> newestArchived = std::nullopt);

    /// What `id` is, remembering it: the same id again is a Duplicate.
    [[nodiscard]] Sequence see(std::int64_t id)
    {
        if (!hasNewest_ || id > newest_) [[likely]] {
            remember(id);
            return Sequence::Accept;
        }
        return seeOld(id);
    }

    /// Whether `id` was handed over, as far as that is remembered; empty for an id older than that. Changes nothing.
    [[nodiscard]] std::optional<bool> holds(std::int64_t id) const;

    /// The newest id handed over or archived; none before the first.
    [[nodiscard]] std::optional<std::int64_t> newest() const
    {
        return hasNewest_ ? std::optional(newest_) : std::nullopt;
    }

private:
    void remember(std::int64_t id)
    {
        ring_[next_] = id;
        next_ = (next_ + 1) % window;
        count_ += count_ < window ? 1U : 0U;
        newest_ = id;
        hasNewest_ = true;
    }
    [[nodiscard]] Sequence seeOld(std::int64_t id);
    [[nodiscard]] bool wasAccepted(std::int64_t id) const;

    std::vector<std::int64_t> ring_; // accepted ids, which only grow: a sorted sequence from the oldest on
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    std::set<std::int64_t> late_; // late ids seen, the newest `window` of them
    std::optional<std::int64_t> archived_;
    std::int64_t newest_ = 0;
    bool hasNewest_ = false;
};

} // namespace qd::market
