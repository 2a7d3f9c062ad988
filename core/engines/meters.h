// Small figures that engines keep of themselves. One thread at a time; times are passed in, so tests need no clock.
#pragma once

#include "base/utc_time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace qd::engines {

/// Counts by second over the last minute.
class RateMeter {
public:
    void add(base::UtcMs now, std::uint64_t count)
    {
        advance(now);
        counts_[index(second_)] += static_cast<float>(count);
    }
    /// Per second, over the last five whole seconds.
    [[nodiscard]] double perSecond(base::UtcMs now)
    {
        advance(now);
        double sum = 0;
        for (std::int64_t back = 1; back <= 5; ++back) {
            sum += counts_[index(second_ - back)];
        }
        return sum / 5;
    }
    /// Whole seconds, oldest first.
    [[nodiscard]] std::vector<float> history(base::UtcMs now)
    {
        advance(now);
        std::vector<float> out;
        out.reserve(seconds - 1);
        for (std::int64_t back = seconds - 1; back >= 1; --back) {
            out.push_back(counts_[index(second_ - back)]);
        }
        return out;
    }

private:
    static constexpr std::int64_t seconds = 61;

    static std::size_t index(std::int64_t second)
    {
        return static_cast<std::size_t>(((second % seconds) + seconds) % seconds);
    }
    void advance(base::UtcMs now)
    {
        const auto second = now.value / 1000;
        if (second <= second_) { // the clock may have been set back: go on counting in the newest second
            return;
        }
        for (auto s = std::max(second_ + 1, second - seconds + 1); s <= second; ++s) {
            counts_[index(s)] = 0;
        }
        second_ = second;
    }

    std::array<float, seconds> counts_{};
    std::int64_t second_ = 0;
};

/// Quantiles of a delay over the last five minutes, in buckets 10% wide from 0.1 ms to two minutes.
class LagMeter {
public:
    void add(base::UtcMs now, double ms)
    {
        auto& slot = slotOf(now);
        ++slot.buckets[bucketOf(ms)];
        ++slot.count;
    }
    /// Empty if nothing was measured in the last five minutes. q in 0…1.
    [[nodiscard]] std::optional<double> quantile(base::UtcMs now, double q) const
    {
        std::array<std::uint64_t, bucketCount> sum{};
        std::uint64_t total = 0;
        for (const auto& slot : slots_) {
            if (slot.count > 0 && now.value - slot.start < slotMs * static_cast<std::int64_t>(slots)) {
                total += slot.count;
                for (std::size_t i = 0; i < bucketCount; ++i) {
                    sum[i] += slot.buckets[i];
                }
            }
        }
        if (total == 0) {
            return std::nullopt;
        }
        const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < bucketCount; ++i) {
            seen += sum[i];
            if (seen >= wanted && sum[i] > 0) {
                return leastMs * std::pow(step, static_cast<double>(i));
            }
        }
        return leastMs * std::pow(step, static_cast<double>(bucketCount - 1));
    }

private:
    static constexpr std::size_t bucketCount = 148;
    static constexpr std::size_t slots = 30;
    static constexpr std::int64_t slotMs = 10'000;
    static constexpr double leastMs = 0.1;
    static constexpr double step = 1.1;

    struct Slot {
        std::int64_t start = 0;
        std::uint64_t count = 0;
        std::array<std::uint32_t, bucketCount> buckets{};
    };

    static std::size_t bucketOf(double ms)
    {
        if (!(ms > leastMs)) {
            return 0;
        }
        return std::min(bucketCount - 1, static_cast<std::size_t>(std::ceil(std::log(ms / leastMs) / std::log(step))));
    }
    Slot& slotOf(base::UtcMs now)
    {
        const auto start = now.value / slotMs * slotMs;
        auto& slot = slots_[static_cast<std::size_t>(start / slotMs) % slots];
        if (slot.start != start) {
            slot = {};
            slot.start = start;
        }
        return slot;
    }

    std::array<Slot, slots> slots_{};
};

} // namespace qd::engines
