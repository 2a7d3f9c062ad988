// The newest n values, oldest first: what the indicators over a window keep. Plain container; one thread at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace qd::market {

class Window {
public:
    /// Requires size ≥ 1.
    explicit Window(std::size_t size) : size_(size) { values_.reserve(size); }

    void add(double value)
    {
        if (values_.size() < size_) {
            values_.push_back(value);
            return;
        }
        values_[oldest_] = value;
        oldest_ = (oldest_ + 1) % size_;
    }
    [[nodiscard]] bool isFull() const { return values_.size() == size_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    void clear()
    {
        values_.clear();
        oldest_ = 0;
    }
    /// f(value) from the oldest to the newest. Sums over it depend on the window alone, never on what lies before it,
    /// so that streaming, batch and restart agree bit for bit.
    template <typename F>
    void forEach(F f) const
    {
        for (std::size_t i = oldest_; i < values_.size(); ++i) {
            f(values_[i]);
        }
        for (std::size_t i = 0; i < oldest_; ++i) {
            f(values_[i]);
        }
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(oldest_, values_);
    }

private:
    std::size_t size_;
    std::size_t oldest_ = 0;
    std::vector<double> values_;
};

} // namespace qd::market
