// Asks REST on behalf of every stream: the newest trades by turns, at once after a gap, a jump of ids or a silence, and
// the closed one-minute candles. What the answers mean is decided by exchange/gap_filler.h; what is to be done is told
// to the host. Ingest thread; owned by IngestEngine, which outlives it. Fails: never; an answer that does not come is
// asked for again.
#pragma once

#include "engines/live_stream.h"
#include "exchange/blofin_rest.h"

#include <map>
#include <string>

namespace qd::engines {

struct GapWatchOptions {
    base::Millis compareEvery{30'000}; // each instrument's trades, while the socket is well
    base::Millis outageEvery{5'000};   // and while it is not: REST forgets all but the newest 100
    base::Millis urgentEvery{1'000};   // the least time between two urgent questions of an instrument
    base::Millis candlesEvery{60'000};
    base::Millis candlesAgain{10'000}; // while a gap waits for its minutes
    base::Millis checkEvery{60'000};   // the run that tells of it (gap_check.h)
    base::Millis settle{5'000};        // after a minute's end everything of it has come
    double questionsPerSecond = 4;     // in the long run, of 5 that the exchange bears
    double burst = 60;
};

class GapWatch {
public:
    class Host {
    public:
        virtual ~Host() = default;
        /// A tick that REST gave back: numbered and archived, never traded on.
        virtual void takeFill(LiveStream& stream, const market::Tick& tick) = 0;
        virtual void keepGap(LiveStream& stream, const market::Gap& gap) = 0;
        /// The feed is on and does not tell what it should: mark every stream and connect anew.
        virtual void interrupt(market::GapCause cause, const std::string& why) = 0;
        [[nodiscard]] virtual bool isSubscribed() const = 0;
        /// Exchange time now; empty where that is not known, or the data is recorded.
        [[nodiscard]] virtual std::optional<base::UtcMs> exchangeNow() const = 0;
    };
    using Streams = std::map<base::InstrumentId, LiveStream>;

    GapWatch(exchange::BlofinRest& rest, Streams& streams, Host& host, const base::Clock& clock,
             base::Millis silenceFloor, GapWatchOptions options);

    struct Counts { // since the start
        std::uint64_t asked = 0;
        std::uint64_t answered = 0;
        std::uint64_t refused = 0; // no answer, or one that cannot be read
        std::string lastRefusal{};
        std::uint64_t fills = 0; // trades that came back
        std::uint64_t gaps = 0;  // found, or measured anew
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }
    /// Instruments that trade and are known well enough to be asked for.
    [[nodiscard]] std::size_t askableStreams() const;
    /// Trades of every instrument, as soon as the limits allow.
    void askAllSoon();
    /// Every instrument that can be asked was, since `time` (our clock, ms), and no answer is owed.
    [[nodiscard]] bool isAnsweredSince(std::int64_t time) const;

    void setSilence(base::Millis floor) { silenceFloor_ = floor; }
    /// A few times a second.
    void tick();
    /// One question for somebody else, if it leaves half of what may be asked at once to gaps.
    [[nodiscard]] bool spendSpare();
    /// Ask for this stream's trades as soon as the limits allow.
    void askSoon(LiveStream& stream);
    void apply(LiveStream& stream, const exchange::GapBook::Outcome& outcome);

private:
    void askNextTrades(std::int64_t now);
    [[nodiscard]] LiveStream* longestUnasked(std::int64_t now, std::int64_t every, bool urgentOnly);
    void askTrades(LiveStream& stream, std::int64_t now);
    void askDueCandles(std::int64_t now);
    void askCandles(LiveStream& stream, base::UtcMs before);
    void onCandles(LiveStream& stream, std::vector<exchange::RestCandle> page);
    void judgeSilences(std::int64_t now);
    void alarm(LiveStream& stream, exchange::Silence verdict, const market::Tick& newer);
    [[nodiscard]] base::UtcMs completeUntil(const LiveStream& stream) const;
    [[nodiscard]] exchange::GapBook::NewNumber numbers(LiveStream& stream);
    [[nodiscard]] std::int64_t leastRound() const;
    void refill(std::int64_t now);
    [[nodiscard]] bool spend(std::int64_t now);
    /// False: no answer.
    bool count(const std::optional<base::Error>& refusal);

    exchange::BlofinRest& rest_;
    Streams& streams_;
    Host& host_;
    const base::Clock& clock_;
    base::Millis silenceFloor_;
    const GapWatchOptions options_;
    Counts counts_;
    double budget_;
    std::int64_t refilledAt_ = 0;
    std::int64_t lookedAt_ = 0;
};

} // namespace qd::engines
