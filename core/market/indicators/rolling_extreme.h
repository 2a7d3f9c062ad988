// The greatest or the least of the newest n values, in O(1) amortised: a queue of those values that may still become
// the extreme. Values are numbers, not NaN. Plain container; one thread at a time. Allocates when it is made and never
// again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace qd::market {

/// `Beats` is std::greater<> for the greatest, std::less<> for the least.
template <typename Beats>
class RollingExtreme {
public:
    /// Requires n ≥ 1.
    explicit RollingExtreme(std::size_t n) : candidates_(n) {}

    void add(double x)
    {
        if (count_ > 0 && candidates_[first_].bar + candidates_.size() == bars_) {
            first_ = at(1);
            --count_;
        }
        while (count_ > 0 && !Beats{}(candidates_[at(count_ - 1)].value, x)) {
            --count_;
        }
        candidates_[at(count_)] = {bars_, x};
        ++count_;
        ++bars_;
    }
    [[nodiscard]] bool isFull() const { return bars_ >= candidates_.size(); }
    /// Requires a value added.
    [[nodiscard]] double value() const { return candidates_[first_].value; }
    void reset()
    {
        bars_ = 0;
        first_ = 0;
        count_ = 0;
    }
    template <typename Archive>
    void state(Archive& a)
    {
        [[maybe_unused]] const auto n = candidates_.size();
        a(bars_, first_, count_, candidates_);
        if constexpr (Archive::isReading) { // a damaged state must not reach beyond the ring
            if (candidates_.size() != n || first_ >= n || count_ > n) {
                *this = RollingExtreme(n);
            }
        }
    }

private:
    struct Candidate {
        std::uint64_t bar = 0;
        double value = 0;
        template <typename Archive>
        void state(Archive& a)
        {
            a(bar, value);
        }
    };
    /// The place of the i-th candidate, oldest first; i ≤ n.
    [[nodiscard]] std::size_t at(std::size_t i) const
    {
        const auto place = first_ + i;
        return place < candidates_.size() ? place : place - candidates_.size();
    }

    std::uint64_t bars_ = 0; // seen
    std::size_t first_ = 0;  // place of the extreme
    std::size_t count_ = 0;
    std::vector<Candidate> candidates_; // a ring
};

using RollingHigh = RollingExtreme<std::greater<>>;
using RollingLow = RollingExtreme<std::less<>>;

} // namespace qd::market
