// How whoever hands something to the store's thread waits until it is kept. Any thread but the store's.
#pragma once

#include "engines/engine_messages.h"

#include <atomic>
#include <chrono>
#include <future>
#include <stop_token>
#include <string>
#include <utility>

namespace qd::engines {

/// The way to the store's thread, and whether that cannot write now.
struct StoreLinks {
    StoreQueue& queue;
    const std::atomic<bool>& isFailing;
};

/// Hands it over and waits until it is committed, or `stop` (Cancelled), or the store cannot write (Io: it may be kept
/// all the same, as after Cancelled) or has ended (Io). `subject` names it in the error.
template <class Item>
[[nodiscard]] base::Result<void> keepAndWait(const StoreLinks& store, Item item, const std::stop_token& stop,
                                             const std::string& subject)
{
    auto answer = item.answer.get_future();
    const auto ended = [&] { return base::fail(base::ErrorCode::Io, subject, "the store has ended"); };
    if (!store.queue.push(std::move(item))) {
        return ended();
    }
    while (answer.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, subject, "it was cancelled");
        }
        if (store.isFailing) { // it tries again for as long as it takes: who waits hears so now
            return base::fail(base::ErrorCode::Io, subject,
                              "the store does not write; it is kept only if that writes again before the console "
                              "ends");
        }
    }
    try {
        const auto kept = answer.get();
        return kept ? base::Result<void>() : std::unexpected(kept.error());
    } catch (const std::future_error&) { // dropped unwritten
        return ended();
    }
}

} // namespace qd::engines
