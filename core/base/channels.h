// The two ways from thread to thread. BoundedQueue carries ticks and money: lossless, pushes back. Mailbox carries
// what the screen shows: the newest value wins. Both are their own mutex; any thread. (atomic<shared_ptr> reports a
// race under the thread sanitizer on GCC 12, so a mutex it is.)
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace qd::base {

/// Lossless FIFO. push() waits while full; pop…() wait while empty. After close() pushes are refused and pops drain.
template <typename T>
class BoundedQueue {
public:
    using Weigh = std::size_t (*)(const T&);

    /// `capacity` is in items, or in what `weigh` says of them: then many light ones fit, and one heavy one always
    /// does.
    explicit BoundedQueue(std::size_t capacity, Weigh weigh = nullptr) : capacity_(capacity), weigh_(weigh) {}

    /// False, and `value` dropped, only if the queue is closed: the consumer has ended.
    [[nodiscard]] bool push(T value)
    {
        const auto weight = weigh_ != nullptr ? weigh_(value) : 1;
        std::unique_lock lock(mutex_);
        notFull_.wait(lock, [&] { return isClosed_ || weight_ < capacity_; });
        if (isClosed_) {
            return false;
        }
        items_.push_back(std::move(value));
        weight_ += weight;
        lock.unlock();
        notEmpty_.notify_one();
        return true;
    }

    /// For those that must not wait: false, and `value` left as it is, where the queue is full or closed.
    [[nodiscard]] bool tryPush(T& value)
    {
        const auto weight = weigh_ != nullptr ? weigh_(value) : 1;
        {
            const std::scoped_lock lock(mutex_);
            if (isClosed_ || weight_ >= capacity_) {
                return false;
            }
            items_.push_back(std::move(value));
            weight_ += weight;
        }
        notEmpty_.notify_one();
        return true;
    }

    /// Everything that waits, in order; empty after `timeout`, or when closed and drained.
    [[nodiscard]] std::vector<T> popAll(std::chrono::milliseconds timeout)
    {
        std::vector<T> out;
        std::unique_lock lock(mutex_);
        notEmpty_.wait_for(lock, timeout, [&] { return isClosed_ || !items_.empty(); });
        out.reserve(items_.size());
        for (auto& item : items_) {
            out.push_back(std::move(item));
        }
        items_.clear();
        weight_ = 0;
        lock.unlock();
        notFull_.notify_all();
        return out;
    }

    void close()
    {
        {
            const std::scoped_lock lock(mutex_);
            isClosed_ = true;
        }
        notFull_.notify_all();
        notEmpty_.notify_all();
    }

    [[nodiscard]] bool isClosed() const
    {
        const std::scoped_lock lock(mutex_);
        return isClosed_;
    }
    /// Closed and nothing left to pop.
    [[nodiscard]] bool isDone() const
    {
        const std::scoped_lock lock(mutex_);
        return isClosed_ && items_.empty();
    }
    [[nodiscard]] std::size_t size() const
    {
        const std::scoped_lock lock(mutex_);
        return items_.size();
    }

private:
    const std::size_t capacity_;
    const Weigh weigh_;
    std::size_t weight_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable notFull_;
    std::condition_variable notEmpty_;
    std::deque<T> items_;
    bool isClosed_ = false;
};

/// The newest immutable value, or null before the first. version() is cheap enough to poll at frame rate.
template <typename T>
class Mailbox {
public:
    void put(std::shared_ptr<const T> value)
    {
        {
            const std::scoped_lock lock(mutex_);
            value_ = std::move(value);
        }
        version_.fetch_add(1, std::memory_order_release);
    }
    void put(T value) { put(std::make_shared<const T>(std::move(value))); }

    [[nodiscard]] std::shared_ptr<const T> get() const
    {
        const std::scoped_lock lock(mutex_);
        return value_;
    }
    /// Grows with every put; 0 before the first.
    [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> value_;
    std::atomic<std::uint64_t> version_{0};
};

} // namespace qd::base
