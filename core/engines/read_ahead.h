// Rows read on a thread of its own, up to four spans ahead of the work that is done on them: decoding and trading
// then cost the longer of both, not their sum. Order stays; memory is the four spans. `read` may use a database that
// the caller leaves alone meanwhile. What either side throws leaves run(), once the thread has ended.
#pragma once

#include "base/error.h"

#include <array>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace qd::engines {

template <typename Row>
class ReadAhead {
public:
    /// Takes a span of rows and leaves another vector in its place; false: enough.
    using Take = std::function<bool(std::vector<Row>&)>;
    using Read = std::function<base::Result<void>(const Take&)>;
    using Work = std::function<bool(std::span<const Row>)>;

    /// Calls `work` with each span on this thread until it answers false. The result is that of `read`.
    [[nodiscard]] static base::Result<void> run(const Read& read, const Work& work)
    {
        ReadAhead ahead;
        base::Result<void> result;
        {
            const std::jthread reader([&] { ahead.readAll(read, result); });
            const StopAtExit stop{ahead};
            ahead.workOff(work);
        }
        if (ahead.thrown_) {
            std::rethrow_exception(ahead.thrown_);
        }
        return result;
    }

private:
    struct StopAtExit { // before the thread is joined, however work ends
        ReadAhead& ahead;
        explicit StopAtExit(ReadAhead& a) : ahead(a) {}
        StopAtExit(const StopAtExit&) = delete;
        StopAtExit& operator=(const StopAtExit&) = delete;
        ~StopAtExit() { ahead.set(ahead.isStopped_); }
    };

    void set(bool& flag)
    {
        {
            const std::scoped_lock lock(mutex_);
            flag = true;
        }
        changed_.notify_all();
    }
    void readAll(const Read& read, base::Result<void>& result)
    {
        try {
            result = read([this](std::vector<Row>& rows) { return put(rows); });
        } catch (...) {
            thrown_ = std::current_exception();
        }
        set(isDone_);
    }
    bool put(std::vector<Row>& rows)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return isStopped_ || read_ - worked_ < spans_.size(); });
        if (isStopped_) {
            return false;
        }
        rows.swap(spans_[read_++ % spans_.size()]);
        lock.unlock();
        changed_.notify_all();
        return true;
    }
    void workOff(const Work& work)
    {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return isDone_ || worked_ < read_; });
            if (worked_ == read_) {
                return;
            }
            lock.unlock();
            const bool goesOn = work(spans_[worked_ % spans_.size()]);
            lock.lock();
            if (!goesOn) {
                return;
            }
            ++worked_;
            changed_.notify_all();
        }
    }

    std::mutex mutex_; // of the rest; spans in work or being read belong to their thread
    std::condition_variable changed_;
    std::array<std::vector<Row>, 4> spans_;
    std::size_t read_ = 0;
    std::size_t worked_ = 0;
    bool isStopped_ = false;
    bool isDone_ = false;
    std::exception_ptr thrown_;
};

} // namespace qd::engines
