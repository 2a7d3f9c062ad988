// The newest n values, oldest first: what the indicators over a window keep, and the figures that they share. Plain
// container; one thread at a time. Allocates when it is made and never again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace qd::market {

/// A figure that is no number (a logarithm of nothing, say) is undefined: never NaN, never infinite.
[[nodiscard]] inline std::optional<double> ifFinite(double value)
{
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

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
        oldest_ = oldest_ + 1 < size_ ? oldest_ + 1 : 0;
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
    [[nodiscard]] double sum() const
    {
        double sum = 0;
        forEach([&](double v) { sum += v; });
        return sum;
    }

    // These require a full window.
    [[nodiscard]] double oldest() const { return values_[oldest_]; }
    [[nodiscard]] double newest() const { return values_[oldest_ > 0 ? oldest_ - 1 : size_ - 1]; }
    /// Within the least and the greatest value, so that the mean of a flat window is its one value exactly.
    [[nodiscard]] double mean() const
    {
        double sum = 0;
        double least = values_.front();
        double most = least;
        forEach([&](double v) {
            sum += v;
            least = v < least ? v : least;
            most = v > most ? v : most;
        });
        return std::clamp(sum / static_cast<double>(size_), least, most);
    }
    /// Σ (value − mean)², exactly 0 on a flat window.
    [[nodiscard]] double squaresAround(double mean) const
    {
        double squares = 0;
        forEach([&](double v) { squares += (v - mean) * (v - mean); });
        return squares;
    }
    template <typename Archive>
    void state(Archive& a)
    {
        a(oldest_, values_);
        if constexpr (Archive::isReading) { // a damaged state must not reach beyond the window
            if (values_.size() > size_ || oldest_ >= size_ || (oldest_ > 0 && values_.size() < size_)) {
                clear();
            }
        }
    }

private:
    std::size_t size_;
    std::size_t oldest_ = 0;
    std::vector<double> values_;
};

} // namespace qd::market
