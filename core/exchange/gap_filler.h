// What is asked of REST about an instrument's stream, and what the answers mean: losses found and filled, gaps
// measured, silence told from a stall, a clock that is off, a machine that slept. Pure: no I/O, no clock of its own.
// One object an instrument (ClockWatch, FutureGate, SleepWatch: one a feed), used by the ingest thread. Sizes in lots,
// exchange time. Source: PRODUCT.md, Data that tells the truth about itself.
#pragma once

#include "exchange/blofin_rest_messages.h"
#include "market/gap.h"
#include "market/sequence_guard.h"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace qd::exchange {

inline constexpr base::Millis oneMinute{60'000};

/// The contracts that we hold of each minute of exchange time; remembers the newest `kept` minutes with trades.
class MinuteLots {
public:
    static constexpr std::size_t kept = 3'000;
    void add(base::UtcMs time, std::int64_t lots)
    {
        const auto into = time.value - start_;
        if (into >= 0 && into < oneMinute.count()) [[likely]] {
            current_ += lots;
            return;
        }
        addElsewhere(time, lots);
    }
    [[nodiscard]] std::int64_t of(base::UtcMs minute) const;
    /// Older minutes are forgotten.
    [[nodiscard]] base::UtcMs knownFrom() const { return {knownFrom_}; }

private:
    void addElsewhere(base::UtcMs time, std::int64_t lots);

    std::int64_t start_ = INT64_MIN / 2; // of the minute in work
    std::int64_t current_ = 0;
    std::int64_t knownFrom_ = INT64_MIN;
    std::map<std::int64_t, std::int64_t> others_;
};

/// How long an instrument may be quiet: the larger of `floor` and ten times its median time between ticks in the last
/// hour (in whole minutes of exchange time).
class ArrivalGaps {
public:
    explicit ArrivalGaps(base::Millis floor = base::Millis{30'000}) : floor_(floor.count()) {}
    void add(base::UtcMs time)
    {
        const auto gap = time.value - last_;
        if (hasLast_ && gap * 10 <= floor_ && time.value < minuteEnd_) [[likely]] {
            ++shortNow_; // too short to matter: only counted
            last_ = gap > 0 ? time.value : last_;
            return;
        }
        addUncommon(time);
    }
    [[nodiscard]] base::Millis silence() const;

private:
    void addUncommon(base::UtcMs time);

    std::int64_t floor_;
    std::int64_t last_ = 0;
    std::int64_t minuteEnd_ = 0; // of the minute in work
    std::int64_t shortNow_ = 0;  // of the minute in work
    bool hasLast_ = false;
    std::deque<std::pair<std::int64_t, std::int64_t>> short_; // minute's start, count
    std::deque<std::pair<std::int64_t, std::int64_t>> long_;  // time, gap
};

/// What a quiet instrument is, after REST was asked.
enum class Silence : std::uint8_t {
    Quiet,   // REST knows no newer trade either
    Stalled, // REST does: this subscription is dead
    Frozen,  // the same, no instrument ticks, and the price has moved meanwhile
};
struct QuietStream {
    std::int64_t newestId = 0;
    market::Price last;
    bool othersTick = false;
};
[[nodiscard]] Silence judgeSilence(const QuietStream& ours, std::span<const market::Tick> rest);

/// The gaps of one instrument and what REST told about them.
class GapBook {
public:
    /// A REST trade that the socket did not bring may still come late by this much before it counts as lost.
    static constexpr base::Millis grace{2'000};
    static constexpr std::size_t mostStashed = 5'000;

    /// What the caller has to do: hand these over as late ticks, and write these rows.
    struct Outcome {
        std::vector<market::Tick> fills;
        std::vector<market::Gap> rows;
    };
    using NewNumber = std::function<base::StreamNumber()>;

    /// Where the stream begins for us: nothing before `id` is missed, and minutes are compared from the one of `time`
    /// on
    /// (`isWhole`: what we hold of that minute is known from its beginning) or from the next.
    void begin(std::int64_t id, base::UtcMs time, bool isWhole);
    [[nodiscard]] bool hasBegun() const { return hasBegun_; }
    /// A gap between two ticks that we hold.
    void open(const market::Gap& gap, std::int64_t idBefore, std::int64_t idAfter);
    /// A gap of an earlier run: one that was not measured is, by its minutes (its ids are forgotten); what one lacks
    /// that was measured is not charged again. After begin().
    void resume(const market::Gap& gap);
    /// A late tick came over the socket: what its minute lacked by volume shrinks at once.
    [[nodiscard]] Outcome noteLate(const market::Tick& tick);

    /// REST's newest trades, oldest first. `now`: our clock, for the grace only.
    [[nodiscard]] Outcome takeTrades(std::span<const market::Tick> rest, market::SequenceGuard& guard, base::UtcMs now,
                                     const NewNumber& number);
    /// The newest trade beyond `newestId` that REST told of so long ago that the socket should have brought it.
    [[nodiscard]] std::optional<market::Tick> overdue(std::int64_t newestId, base::UtcMs now) const;
    /// Looks again at what REST told before.
    [[nodiscard]] Outcome sweep(market::SequenceGuard& guard, base::UtcMs now, const NewNumber& number);

    /// The oldest minute that has to be compared; up to where our own stream is complete comes with takeCandles().
    [[nodiscard]] base::UtcMs wantedFrom() const;
    /// Some gap waits for its minutes.
    [[nodiscard]] bool waitsForMinutes() const;
    /// REST's one-minute candles, oldest first. `completeUntil`: we hold all before that there will be. `isAll`: REST
    /// has none older than the first of these.
    [[nodiscard]] Outcome takeCandles(std::span<const RestCandle> candles, bool isAll, const MinuteLots& ours,
                                      base::UtcMs completeUntil, const NewNumber& number);

private:
    struct Tracked {
        market::Gap gap;
        std::int64_t idBefore = 0;
        std::int64_t idAfter = 0;
        std::int64_t cameLate = 0;                 // over the socket
        std::map<std::int64_t, std::int64_t> lots; // missing, by compared minute
        [[nodiscard]] bool holdsId(std::int64_t id) const { return idBefore < id && id < idAfter; }
        [[nodiscard]] bool meets(base::UtcMs minute) const { return gap.from < minute + oneMinute && minute <= gap.to; }
    };
    struct Stashed {
        market::Tick tick;
        base::UtcMs since;
    };

    [[nodiscard]] Tracked* withId(std::int64_t id);
    static void settleById(Tracked& tracked);
    void fillOpen(const market::Tick& tick, market::SequenceGuard& guard, Tracked& tracked, Outcome& out);
    void addLoss(std::span<const market::Tick> lost, market::SequenceGuard& guard, Outcome& out,
                 const NewNumber& number);
    void chargeEarlier(const market::Gap& gap);
    void credit(const market::Tick& tick, Outcome& out);
    [[nodiscard]] std::int64_t lacking(base::UtcMs minute, std::int64_t theirs, std::int64_t ours) const;
    [[nodiscard]] bool compare(base::UtcMs minute, std::int64_t deficit, const NewNumber& number);
    void forgetOld();

    bool hasBegun_ = false;
    std::int64_t firstId_ = 0;
    base::UtcMs compareFrom_;
    base::UtcMs comparedUntil_; // every minute before was compared
    base::UtcMs ownFrom_;       // minutes before are compared for resumed gaps only
    std::deque<Tracked> tracked_;
    std::map<std::int64_t, std::optional<std::int64_t>> chargedEarlier_; // by minute; empty: not known how much
    std::map<std::int64_t, Stashed> stash_;
};

/// Our clock against the exchange's newest times, taken from quotes: known once three windows of ten seconds agree
/// within 1.5 s, so that a feed that catches up or runs at another pace says nothing.
class ClockWatch {
public:
    void see(base::UtcMs exchange, base::UtcMs ours);
    /// Exchange less ours; empty while unknown, and for recorded data.
    [[nodiscard]] std::optional<base::Millis> offset() const;
    /// The feed's times are more than a day away from ours: nobody's clock is that wrong.
    [[nodiscard]] bool isRecorded() const;

private:
    [[nodiscard]] std::optional<std::int64_t> agreed() const;

    std::int64_t windowStart_ = 0;
    std::int64_t newest_ = 0; // largest difference of the window in work
    bool hasWindow_ = false;
    std::deque<std::int64_t> windows_; // largest difference of each of the newest three
};

/// Keeps single ticks of the far future out, so that candles cannot run away. Three in a row that agree within a minute
/// are believed: then it is a clock that is off, or recorded data.
class FutureGate {
public:
    static constexpr base::Millis tolerance{60'000};
    [[nodiscard]] static base::UtcMs limit(base::UtcMs ours, base::Millis offset, base::UtcMs newest)
    {
        return std::max(ours + std::max(offset, base::Millis{0}), newest) + tolerance;
    }
    /// For a time beyond the limit. True: believe it.
    [[nodiscard]] bool admits(base::UtcMs time);

private:
    base::UtcMs suspect_;
    int agreeing_ = 0;
};

/// Tells a machine that slept, and a clock that was set, from the three clocks of the system.
class SleepWatch {
public:
    static constexpr base::Millis leastSleep{5'000};
    static constexpr base::Millis leastStep{2'000};
    struct Jump {
        base::Millis slept{0};    // 0: no
        base::Millis clockSet{0}; // wall clock moved by itself; 0: no
    };
    /// wall: UTC; steady: stands still while the machine sleeps; boot: does not.
    [[nodiscard]] Jump see(base::UtcMs wall, base::Millis steady, base::Millis boot);

private:
    bool hasSeen_ = false;
    base::UtcMs wall_;
    base::Millis steady_{0};
    base::Millis boot_{0};
};

} // namespace qd::exchange
