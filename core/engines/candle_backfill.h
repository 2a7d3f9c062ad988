// Fetches the candles of the last days that the store lacks, from REST: minutes, a UTC day at a time, the newest day of
// all instruments first, one question at a time and only where gap filling leaves room. It decides what to ask; the
// host asks, stores and shows. A day counts as done when the store has committed it, so a restart asks for no more than
// the rest. Only minutes before the first tick of this run are taken: later ones are made by ticks. Ingest thread;
// owned by IngestEngine. Fails: never; what fails for a time is asked again, what cannot be read is left out and told.
#pragma once

#include "console/snapshots.h"
#include "engines/engine_messages.h"
#include "exchange/blofin_rest_messages.h"

#include <deque>
#include <functional>
#include <future>
#include <list>

namespace qd::engines {

struct BackfillOptions {
    int days = 0; // 0: none
    base::Millis firstRetry{2'000};
    base::Millis longestRetry{60'000};
};

class CandleBackfill {
public:
    using Answer = std::function<void(base::Result<std::vector<exchange::RestCandle>>)>;
    class Host {
    public:
        virtual ~Host() = default;
        /// True, and one question spent, if gap filling leaves room for one.
        [[nodiscard]] virtual bool mayAsk() = 0;
        /// The newest minutes that start before `before` (the newest of all without it), answered later.
        virtual void askMinutes(const market::Instrument& instrument, std::optional<base::UtcMs> before, int limit,
                                Answer answer) = 0;
        /// False: the store has ended.
        [[nodiscard]] virtual bool toStore(StoreItem item) = 0;
        /// Committed candles, for the charts.
        virtual void show(base::InstrumentId instrument, storage::CandlesByTimeframe candles) = 0;
        /// From this minute on our own ticks make the candles; the far future where none came for long. Empty: not
        /// known yet, so nothing is asked.
        [[nodiscard]] virtual std::optional<base::UtcMs> ticksFrom(base::InstrumentId instrument) const = 0;
        virtual void tell(console::Severity severity, const std::string& what) = 0;
    };

    CandleBackfill(Host& host, const base::Clock& clock, BackfillOptions options);

    /// Known already: planned anew, for it was away.
    void add(const market::Instrument& instrument);
    void remove(base::InstrumentId instrument);
    void setCancelled(bool isCancelled);
    /// A few times a second.
    void tick();
    /// Null where there is nothing to fill.
    [[nodiscard]] std::shared_ptr<const console::HistoryProgress> progress();

private:
    enum class Stage : std::uint8_t { First, Planning, Days, Done };
    struct Fill {
        std::future<base::Result<storage::CandlesByTimeframe>> answer;
        base::UtcMs day;
    };
    struct Task {
        market::Instrument instrument;
        Stage stage = Stage::First;
        std::deque<base::UtcMs> missing; // days, newest first; the front is in work
        std::uint32_t done = 0;          // days, today among them
        base::UtcMs until;               // from here on ticks make the candles
        std::future<base::Result<std::vector<base::UtcMs>>> plan;
        std::vector<market::Candle> minutes; // of the day in work, oldest first
        std::optional<base::UtcMs> before;   // of the next question; empty: the newest
        int empties = 0;                     // answers without rows in a row
        int unreadable = 0;                  // answers in a row
        std::uint32_t leftOut = 0;           // days that could not be read
    };

    void collect();
    [[nodiscard]] bool collectPlan(Task& task);
    [[nodiscard]] Task* next();
    void ask(Task& task);
    void take(Task& task, std::vector<exchange::RestCandle> page);
    void fail(Task& task, const base::Error& error);
    void finishDay(Task& task, base::UtcMs day);
    void nextDay(Task& task);
    void end(Task& task);
    void restart(Task& task);
    [[nodiscard]] Task* find(base::InstrumentId id);

    Host& host_;
    const base::Clock& clock_;
    const BackfillOptions options_;
    std::list<Task> tasks_;                                // stable: an answer finds its own by id
    std::list<std::pair<base::InstrumentId, Fill>> fills_; // not committed yet
    bool isCancelled_ = false;
    bool isAsking_ = false;
    std::uint64_t question_ = 0; // answers to earlier ones are dropped
    std::int64_t retryAt_ = 0;
    std::int64_t backOff_ = 0;
    std::string waitsFor_;
    std::deque<std::int64_t> doneAt_; // our clock, ms, of the newest days
    std::shared_ptr<const console::HistoryProgress> shown_;
    bool isToldDone_ = true;
};

} // namespace qd::engines
